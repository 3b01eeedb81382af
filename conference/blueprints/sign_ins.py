"""Where one is signed in, and signing out there and everywhere."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("sign_ins", __name__)
