"""Where signed-in people land: what they can do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for

from conference.extensions import db
from conference.policies import Permission
from conference.queries.now import conferences_of, what_matters_now
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.locale import required_conference
from conference.web.pages import page as render
from conference.web.pages import see
from conference.web.registration import registering
from conference.web.tasks import first_steps, tasks_for

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("now", __name__)


@blueprint.get("/<lang>/now")
@requires(Permission.SEE_NOW)
def start() -> BaseResponse:
    """Send people to their conference; those with several, or none, choose."""
    slugs = conferences_of(db.session(), account_id=required_account())
    if len(slugs) == 1:
        return see(url_for("now.page", slug=slugs[0]))
    return see(url_for("conference.home"))


@blueprint.get("/<lang>/<slug>/now")
@requires(Permission.SEE_NOW)
def page() -> Response:
    """Show what whoever is signed in can do at this moment."""
    identity, conference = current_identity(), required_conference()
    can_register = registering()
    matters = what_matters_now(db.session(), identity=identity, conference=conference, now=now())
    return render(
        "now/page.html",
        matters=matters,
        roles=sorted(identity.roles),
        steps=first_steps(identity, matters, registration_open=can_register),
        tasks=tasks_for(identity, matters, registration_open=can_register),
    )
