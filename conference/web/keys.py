"""Every use of the server's secret has a key of its own, so that none can stand in for another."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app


def keys_for(purpose: str) -> tuple[bytes, ...]:
    """Return the keys for one purpose ("sign-in", "tickets"), the newest first.

    What was made with any of them is recognised; new things are made with the first. The others come from
    secrets that were replaced, as long as the operator lists them (docs/operating.md).
    """
    config = current_app.config
    return tuple(
        _derived(secret, purpose) for secret in (config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"])
    )


def key_for(purpose: str) -> bytes:
    """Return the key with which new things are made for one purpose, derived from SECRET_KEY."""
    return _derived(current_app.config["SECRET_KEY"], purpose)


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
