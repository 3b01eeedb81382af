"""What is forgotten when, and legal holds."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("retention", __name__)
