"""The first organizer, once."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("set_up", __name__)
