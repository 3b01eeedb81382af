"""How many come, how the line stands, and what is to be prepared: counts, and names for one role only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import AccessNeed
from conference.domain.waiting import HIGHEST_PRIORITY, never_fits
from conference.extensions import db
from conference.forms.attendance import TurnForm
from conference.policies import Permission, may
from conference.queries import attendance as queries
from conference.queries.answers import answers_counted
from conference.queries.registration_settings import places_decided
from conference.services.decisions import set_priority
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.locale import required_conference
from conference.web.pages import go, page
from conference.web.registration import needs_are_known
from conference.web.wording import error_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.domain.waiting import Waiting

blueprint = Blueprint("attendance", __name__)

TURNS = {"earlier": 1, "later": -1}


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """Who needs what stays in no browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<lang>/<slug>/attendance")
@requires(Permission.SEE_COUNTS)
def counts() -> Response:
    """Show how many come: numbers, and none of fewer than five people."""
    conference, session = required_conference(), db.session()
    known = needs_are_known()
    return page(
        "attendance/counts.html",
        registered=queries.registered(session, conference_id=conference.id),
        statuses=queries.COUNTED,
        places=places_decided(session, conference_id=conference.id),
        by_day=queries.admitted_by_day(session, conference=conference),
        admitted=queries.admitted_in_all(session, conference_id=conference.id),
        sessions=queries.session_totals(session, conference_id=conference.id),
        needs=queries.needs_counted(session, conference_id=conference.id) if known else {},
        booked=queries.services_booked(session, conference_id=conference.id),
        answered=answers_counted(session, conference_id=conference.id),
        may_set_places=may(current_identity(), Permission.MANAGE_PLACES),
    )


# -- the line --------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/attendance/line")
@requires(Permission.MANAGE_PLACES)
def line() -> Response:
    """Show who waits for a place, as “group of 6”: whose turn it is, and not who it is."""
    return _line()


def _line(refusal: Conflict | None = None) -> Response:
    conference_id = required_conference().id
    places = places_decided(db.session(), conference_id=conference_id)
    return page(
        "attendance/line.html",
        status=200 if refusal is None else 409,
        lines=queries.lines(db.session(), conference_id=conference_id),
        offers=queries.held_offers(db.session(), conference_id=conference_id),
        capacities={
            category: [number for number in (places.capacity, setting.capacity) if number is not None]
            for category, setting in places.categories.items()
        },
        never_fits=never_fits,
        problem=None if refusal is None else error_text(refusal.code, **refusal.data),
        highest=HIGHEST_PRIORITY,
    )


def _in_line(party_id: int) -> tuple[int, Waiting]:
    for each in queries.lines(db.session(), conference_id=required_conference().id):
        for position, party in enumerate(each.parties, start=1):
            if party.party_id == party_id:
                return position, party
    raise NotFound("party_not_found")


@blueprint.get("/<lang>/<slug>/attendance/line/<int:party_id>")
@requires(Permission.MANAGE_PLACES)
def turn(party_id: int) -> Response:
    """Ask once more before somebody is served earlier or later than they came."""
    position, party = _in_line(party_id)
    chosen = request.args.get("turn", "earlier")
    if chosen not in TURNS:
        raise NotFound("page_not_found")
    return page("attendance/turn.html", position=position, party=party, turn=chosen)


@blueprint.post("/<lang>/<slug>/attendance/line/<int:party_id>")
@requires(Permission.MANAGE_PLACES)
def change_turn(party_id: int) -> BaseResponse:
    """Serve a party earlier or later than those who came with it."""
    form = TurnForm()
    if not form.validate_on_submit():
        raise NotFound("page_not_found")
    _position, party = _in_line(party_id)
    try:
        set_priority(
            db.session(),
            conference_id=required_conference().id,
            party_id=party_id,
            priority=min(HIGHEST_PRIORITY, max(0, party.priority + TURNS[form.turn.data or ""])),
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return _line(refusal)
    db.session.commit()
    flash(_("The line has changed. It is in the log that everybody can read."), "success")
    return go(url_for("attendance.line"))


# -- what is prepared ------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/needs")
@requires(Permission.SEE_NEEDS)
def needs() -> Response:
    """Show who needs what to whoever prepares it, until a week after the last day."""
    if not needs_are_known():
        return page("attendance/needs.html", known=False)
    conference_id = required_conference().id
    people = queries.people_in_need(db.session(), conference_id=conference_id)
    had = Counter(need for person in people for need in person.needs)
    return page(
        "attendance/needs.html",
        known=True,
        people=people,
        counts={need: had[need] for need in AccessNeed if need in had},
        booked=queries.services_booked(db.session(), conference_id=conference_id, exact=True),
    )
