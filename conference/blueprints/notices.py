"""Writing to everybody who wanted to be written to, without seeing to whom."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("notices", __name__)
