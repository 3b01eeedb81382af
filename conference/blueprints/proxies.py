"""Proxies: one seat's authority for another delegate of its chamber; and substitution at the desk."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("proxies", __name__)
