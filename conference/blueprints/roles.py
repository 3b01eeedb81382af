"""Who may do what: granting and withdrawing, and the map of rights."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("roles", __name__)
