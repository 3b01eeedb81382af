"""Confirming who acts: an app's codes, recovery codes, a mailed code."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("second_factors", __name__)
