"""The rooms that visitors see: one module a noun, none of which knows another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.blueprints import (
    accounts,
    agreement,
    checkin,
    conference,
    credentials,
    dev,
    directory,
    now,
    program,
    registration,
    resolutions,
    summaries,
    voting,
)

if TYPE_CHECKING:
    from flask import Flask

ROOMS = (
    accounts,
    conference,
    now,
    program,
    directory,
    registration,
    credentials,
    checkin,
    agreement,
    voting,
    resolutions,
    summaries,
)


def init_app(app: Flask) -> None:
    """Register every blueprint; the demonstration's pages exist in the demonstration only."""
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    if app.config["DEMO"]:
        app.register_blueprint(dev.blueprint)
