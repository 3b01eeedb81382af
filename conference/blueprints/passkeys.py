"""Passkeys: to add, to sign in with, to confirm with."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("passkeys", __name__)
