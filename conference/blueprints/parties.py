"""Groups that an organization registers together, and the line in which parties wait for places."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("parties", __name__)
