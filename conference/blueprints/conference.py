"""The doors of the house: all conferences, and one conference's front page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, url_for

from conference.extensions import db
from conference.policies import Permission
from conference.queries.conference import conferences
from conference.queries.resolutions import latest_resolutions
from conference.queries.set_up import waits_for_set_up
from conference.web.access import requires
from conference.web.locale import current_language, required_conference
from conference.web.pages import page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("conference", __name__)


@blueprint.get("/")
@requires(Permission.READ_PUBLIC)
def root() -> BaseResponse:
    """Send the reader to the house in the language their browser asks for."""
    response = redirect(url_for("conference.home", lang=current_language()), 302)
    response.vary.add("Accept-Language")
    return response


@blueprint.get("/<lang>/")
@requires(Permission.READ_PUBLIC)
def home() -> BaseResponse:
    """List the conferences."""
    found = conferences(db.session())
    return page(
        "conference/home.html",
        conferences=found,
        waits_for_set_up=not found and waits_for_set_up(db.session()),
    )


@blueprint.get("/<lang>/<slug>/")
@requires(Permission.READ_PUBLIC)
def front() -> Response:
    """Show what the conference is, when, and where to begin."""
    conference = required_conference()
    return page(
        "conference/front.html",
        resolutions=latest_resolutions(db.session(), conference_id=conference.id, limit=3),
    )


@blueprint.get("/healthz")
@requires(Permission.READ_PUBLIC)
def health() -> tuple[str, int, dict[str, str]]:
    """Tell a proxy that the process answers and the database is there."""
    db.session.connection().exec_driver_sql("SELECT 1")
    return "ok", 200, {"Content-Type": "text/plain"}
