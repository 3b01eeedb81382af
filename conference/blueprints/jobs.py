"""Long work, and how far it has come."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("jobs", __name__)
