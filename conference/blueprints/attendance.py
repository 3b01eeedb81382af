"""How many come, in numbers that point at nobody; and, for who prepares it, who needs what."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("attendance", __name__)
