"""Federations: joining and leaving with both sides' consent, and mandates."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("federations", __name__)
