"""The page behind a ticket's secret link: where the place stands, and what is needed at the door."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, flash, make_response, url_for
from flask_babel import gettext as _

from conference.blueprints.registration.room import blueprint, found_ticket, valid_ticket
from conference.domain.registration import Purpose, RegistrationStatus
from conference.exports.icalendar import CONTENT_TYPE, calendar_bytes
from conference.extensions import db, limiter
from conference.policies import Permission
from conference.queries.delegations import seat_awaits
from conference.queries.places import position
from conference.queries.registration import TicketView, seat_standing
from conference.queries.retention import standing_hold
from conference.queries.timetable import calendar_sessions
from conference.services.consents import agree_to_reminders, withdraw_consent
from conference.services.parties import accept_offer, leave_line
from conference.services.registration import cancel_registration
from conference.web import letters
from conference.web.access import requires
from conference.web.clock import now
from conference.web.content import shown
from conference.web.live import up_to_date
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page, see, wants_fragment
from conference.web.program import calendar_feed
from conference.web.registration import code_of, days_of, needs_are_known, plain_ticket, qr_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


@blueprint.get("/<lang>/tickets/<token>")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def ticket(token: str) -> Response:
    """Show a ticket to whoever holds its link; a name only to the account that owns it."""
    canonical, found = found_ticket(token)
    if found.over:
        return page("registration/over.html", ticket=found)
    conference = required_conference()
    standing = seat_standing(db.session(), registration_id=found.registration_id) if found.sits else None
    return page(
        "registration/ticket.html",
        ticket=found,
        token=canonical,
        standing=standing,
        needs_known=needs_are_known(),
        seated=found.sits and seat_awaits(db.session(), registration_id=found.registration_id),
        qr=qr_of(canonical, found.slug) if found.confirmed else None,
        code=code_of(canonical),
        days=days_of(conference),
        plain=plain_ticket(found, conference, token=canonical),
        paper=url_for("badges.ticket_pdf", token=canonical) if found.confirmed else None,
        **_line(found),
    )


def _line(found: TicketView) -> dict[str, Any]:
    """Return where a place stands that is not confirmed, and the version of that."""
    place = 0
    if found.status is RegistrationStatus.WAITING and found.party_id is not None:
        place = position(db.session(), party_id=found.party_id)
    until = "" if found.offered_until is None else f"{found.offered_until:%Y%m%d%H%M}"
    return {"position": place, "version": f"{found.status.value}-{place}-{until}"}


@blueprint.get("/<lang>/tickets/<token>/line")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def line(token: str) -> BaseResponse:
    """Answer the open page's poll: where the place stands, nothing new, or: load the ticket."""
    canonical, found = found_ticket(token)
    address = url_for("registration.ticket", token=canonical)
    if not wants_fragment():
        return see(address)
    if found.over or found.confirmed:
        return go(address)
    standing = _line(found)
    current = up_to_date(str(standing["version"]))
    if current is not None:
        return current
    return page("registration/ticket.html", "line", ticket=found, token=canonical, **standing)


@blueprint.get("/<lang>/tickets/<token>.txt")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def text(token: str) -> Response:
    """Give the ticket as short lines that survive any messenger; no name is in them."""
    canonical, found = valid_ticket(token)
    response = make_response(plain_ticket(found, required_conference(), token=canonical))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response


@blueprint.get("/<lang>/tickets/<token>/calendar.ics")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def calendar(token: str) -> Response:
    """Give the sessions with the exact venue, which only registered people are told; no person is in it."""
    _canonical, found = valid_ticket(token)
    conference = required_conference()
    lines = calendar_sessions(db.session(), conference_id=conference.id)
    if found.venue is not None:
        parts = (found.venue.name, found.venue.address, shown(conference.city).text)
        conference = replace(conference, city={current_language(): ", ".join(filter(None, parts))})
    response = make_response(calendar_bytes(calendar_feed(conference, lines)))
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Content-Disposition"] = f'inline; filename="{conference.slug}.ics"'
    return response


# -- in line ---------------------------------------------------------------------------------------


@blueprint.post("/<lang>/tickets/<token>/accept")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def accept(token: str) -> BaseResponse:
    """Take the place that is offered; a second tap finds it taken already, and shows it."""
    canonical, found = valid_ticket(token)
    address = url_for("registration.ticket", token=canonical)
    if found.status is RegistrationStatus.OFFERED:
        letter = letters.ticket(path=address, code=code_of(canonical), language=current_language())
        accept_offer(db.session(), token=canonical, letter=letter, now=now())
        db.session.commit()
        flash(_("The place is yours."), "success")
    return see(address)


@blueprint.get("/<lang>/tickets/<token>/leave")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def ask_to_leave(token: str) -> Response:
    """Ask once more before a turn in the line is given up."""
    canonical, found = valid_ticket(token)
    return page("registration/leave.html", token=canonical, ticket=found)


@blueprint.post("/<lang>/tickets/<token>/leave")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def leave(token: str) -> BaseResponse:
    """Leave the line, or decline what is offered, and be forgotten."""
    canonical, _view = valid_ticket(token)
    leave_line(db.session(), token=canonical, now=now())
    db.session.commit()
    return see(url_for("registration.ticket", token=canonical))


# -- giving it back --------------------------------------------------------------------------------


@blueprint.get("/<lang>/tickets/<token>/cancel")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def ask_to_cancel(token: str) -> Response:
    """Ask once more before a place is given back, and say what is forgotten with it."""
    canonical, view = valid_ticket(token)
    hold = standing_hold(db.session(), conference_id=view.conference_id)
    return page("registration/cancel.html", token=canonical, hold=hold)


@blueprint.post("/<lang>/tickets/<token>/cancel")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def cancel(token: str) -> BaseResponse:
    """Give the place back and forget the person."""
    canonical, _view = valid_ticket(token)
    cancel_registration(db.session(), token=canonical, now=now())
    db.session.commit()
    return see(url_for("registration.ticket", token=canonical))


@blueprint.post("/<lang>/tickets/<token>/no-reminders")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def no_reminders(token: str) -> BaseResponse:
    """Withdraw the consent to reminders."""
    return _withdraw(token, Purpose.REMINDERS, _("We will write you no reminders."))


@blueprint.post("/<lang>/tickets/<token>/no-needs")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def no_needs(token: str) -> BaseResponse:
    """Withdraw the consent to keep needs, and forget them; whether there were any is told nobody."""
    said = _("We keep no needs of yours. Your ticket and your services stay as they are.")
    return _withdraw(token, Purpose.NEEDS, said)


def _withdraw(token: str, purpose: Purpose, said: str) -> BaseResponse:
    canonical, _view = valid_ticket(token)
    withdraw_consent(db.session(), token=canonical, purpose=purpose, now=now())
    db.session.commit()
    flash(said, "success")
    return see(url_for("registration.ticket", token=canonical))


@blueprint.post("/<lang>/tickets/<token>/reminders")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def reminders(token: str) -> BaseResponse:
    """Agree to reminders once more."""
    canonical, _view = valid_ticket(token)
    agree_to_reminders(db.session(), token=canonical, language=current_language(), now=now())
    db.session.commit()
    flash(_("We will write you reminders."), "success")
    return see(url_for("registration.ticket", token=canonical))
