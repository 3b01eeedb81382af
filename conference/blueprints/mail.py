"""The outbox as counts, and ending mails of a sort."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("mail", __name__)
