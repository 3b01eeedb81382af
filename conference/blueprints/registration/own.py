"""The tickets of whoever is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.blueprints.registration.room import blueprint
from conference.extensions import db
from conference.policies import Permission
from conference.queries.own_tickets import own_tickets
from conference.web.access import required_account, requires
from conference.web.keys import keys_for
from conference.web.locale import required_conference
from conference.web.pages import page

if TYPE_CHECKING:
    from flask import Response


@blueprint.get("/<lang>/<slug>/my-tickets")
@requires(Permission.SEE_NOW)
def mine() -> Response:
    """List the tickets of whoever is signed in."""
    tickets = own_tickets(
        db.session(),
        conference_id=required_conference().id,
        account_id=required_account(),
        keys=keys_for("tickets"),
    )
    return page("registration/mine.html", tickets=tickets)
