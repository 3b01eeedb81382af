"""Headers that every answer carries. No inline script or style, nothing from anywhere else."""

from __future__ import annotations

from flask import Flask, Response, request, session

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)

# What reads codes off a camera is WebAssembly, in a worker with a policy of its own. Pages keep theirs.
WORKER = "js/scan-worker.js"
WORKER_POLICY = CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin and not no-referrer: Flask-WTF checks the Referer over https.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), browsing-topics=()",
}


# Pages about who somebody is, signed in or not.
PERSONAL = frozenset({"accounts", "passkeys", "second_factors", "cards", "sign_ins", "set_up"})


def _keeping() -> str:
    # What somebody who is signed in has seen stays in no cache of a borrowed phone or a seized laptop.
    if session.get("sign_in") is not None or request.blueprint in PERSONAL:
        return "no-store"
    return "private, no-cache"


def init_app(app: Flask) -> None:
    """Set the headers on every answer, errors and files included."""

    @app.after_request
    def guard(response: Response) -> Response:
        if request.endpoint == "static" and (request.view_args or {}).get("filename") == WORKER:
            response.headers["Content-Security-Policy"] = WORKER_POLICY
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if app.config["HTTPS"]:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", _keeping())
        return response
