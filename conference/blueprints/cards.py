"""Access cards: printed at the desk, used on a phone."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cards", __name__)
