"""What two organizers must agree on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("approvals", __name__)
