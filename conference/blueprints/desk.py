"""The desk: finding a registration, approving it, registering whoever walks in, replacing a lost ticket."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("desk", __name__)
