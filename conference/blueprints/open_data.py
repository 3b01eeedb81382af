"""Open data: what organizations made public, for everybody's own programs."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("open_data", __name__)
