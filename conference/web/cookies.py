"""The cookie of a browser: Flask's own, signed; read with every page, so what reads it is made once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

if TYPE_CHECKING:
    from flask import Flask


class _Short(URLSafeTimedSerializer):
    """Compact JSON, never compressed: what a cookie holds is too short to become shorter."""

    def dump_payload(self, obj: Any) -> bytes:
        written: str = self.serializer.dumps(obj)
        return base64_encode(written)


class SignedCookies(SecureCookieSessionInterface):
    """Words, numbers and lists of them, signed with the application's key; former keys are read still."""

    def __init__(self, app: Flask) -> None:
        keys = [*app.config["SECRET_KEY_FALLBACKS"], app.config["SECRET_KEY"]]
        # The hash is the library's own function: its keyed hash is computed without Python between.
        signer = {"key_derivation": self.key_derivation, "digest_method": hashlib.sha256}
        self._serializer = _Short(keys, salt=self.salt, signer_kwargs=signer)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:  # noqa: ARG002 - Flask's own shape
        return self._serializer


def init_app(app: Flask) -> None:
    """Read and write every browser's cookie in this way."""
    app.session_interface = SignedCookies(app)
