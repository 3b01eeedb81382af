"""Asamblea as it is, but that one address may register as often as it likes: the load comes from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference import create_app
from config import Embedded

if TYPE_CHECKING:
    from flask import Flask


def create() -> Flask:
    """Build the application; the limit is still counted, since that is part of the work."""
    return create_app(Embedded(LIMIT_REGISTER="1000000 per minute"))
