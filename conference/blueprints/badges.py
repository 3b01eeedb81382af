"""Badges, on sheets and one by one, and a ticket on paper."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("badges", __name__)
