"""What organizers decide about registering: places, questions, services."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("places", __name__)
