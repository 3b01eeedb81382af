"""The rooms that visitors see: one module a noun, none of which knows another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.blueprints import (
    accounts,
    admissions,
    agreement,
    approvals,
    attendance,
    audit,
    badges,
    cards,
    checkin,
    conference,
    credentials,
    desk,
    dev,
    directory,
    entries,
    federations,
    jobs,
    mail,
    notices,
    now,
    open_data,
    organization_import,
    organization_names,
    parties,
    passkeys,
    places,
    program,
    proxies,
    registration,
    resolutions,
    retention,
    roles,
    seats,
    second_factors,
    set_up,
    sign_ins,
    summaries,
    voting,
)

if TYPE_CHECKING:
    from flask import Flask

ROOMS = (
    accounts,
    sign_ins,
    passkeys,
    second_factors,
    cards,
    set_up,
    roles,
    audit,
    approvals,
    mail,
    jobs,
    conference,
    now,
    program,
    directory,
    entries,
    admissions,
    federations,
    open_data,
    organization_import,
    organization_names,
    registration,
    parties,
    places,
    desk,
    attendance,
    badges,
    notices,
    credentials,
    seats,
    proxies,
    retention,
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
