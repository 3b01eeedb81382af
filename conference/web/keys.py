"""Every use of the server's secret has a key of its own, so that none can stand in for another."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app


def key_for(purpose: str) -> bytes:
    """Return the key for one purpose ("sign-in", "tickets"), derived from SECRET_KEY."""
    secret: str = current_app.config["SECRET_KEY"]
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
