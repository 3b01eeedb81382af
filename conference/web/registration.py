"""What the pages of registering share: words for places and questions, QR codes, plain tickets."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from conference.domain.registration import RegistrationStatus, ServiceKind, kept_until
from conference.domain.retention import is_over
from conference.domain.tickets import shown_ticket_code, ticket_code, ticket_text
from conference.exports.qr import qr_svg
from conference.extensions import db
from conference.forms.registration import Asked, Question, Service
from conference.queries import registration as queries
from conference.queries.places import free_places, house_places
from conference.web.clock import now
from conference.web.content import day_and_time, long_date, shown, zone_name
from conference.web.keys import key_for
from conference.web.languages import language_name
from conference.web.letters import absolute
from conference.web.locale import required_conference
from conference.web.retention import periods
from conference.web.wording import word

if TYPE_CHECKING:
    from datetime import date

    from conference.queries.conference import ConferenceView
    from conference.queries.places import Free
    from conference.queries.registration import TicketView

_FORM_KEY = re.compile(r"[0-9a-f]{32}")


def registering() -> bool:
    """Tell whether one can register at this moment for the conference of the page."""
    return required_conference().takes_registrations(now())


def needs_are_known() -> bool:
    """Tell whether it is still known, and asked, what somebody needs: until the day that they were told."""
    conference = required_conference()
    today = now().astimezone(ZoneInfo(conference.time_zone)).date()
    return not is_over(conference.last_day, period=periods().needs, today=today)


def needs_until() -> date:
    """Return the last day on which it is known what somebody needs."""
    return kept_until(required_conference().last_day, period=periods().needs)


@dataclass(frozen=True, slots=True)
class Left:
    """What a category has left, in words, by a shape and by a colour: numbers would tell who registered."""

    words: str = ""
    tone: str = "neutral"
    icon: str | None = None
    closed: bool = False


def left(conference_id: int) -> dict[str, Left]:
    """Return what is said beside each category of the form. Four statements."""
    house = house_places(db.session(), conference_id=conference_id)
    free = free_places(db.session(), conference_id=conference_id)
    counted = house.capacity is not None
    return {
        category.value: _left(one, full=house.left == 0, counted=counted) for category, one in free.items()
    }


def _left(free: Free, *, full: bool, counted: bool) -> Left:
    if not free.open:
        return Left(_("Closed"), "bad", "cross", closed=True)
    if free.has_line or full:
        return Left(_("Waiting list"), "warn", "clock")
    if free.approval:
        return Left(_("The organizers answer first"), "info", "ask")
    return Left(_("Places left"), "good", "check") if counted or free.capacity is not None else Left()


def asked(conference_id: int) -> Asked:
    """Return the questions and services of a conference, in the reader's words."""
    session = db.session()
    return Asked(
        [_question(one) for one in queries.questions(session, conference_id=conference_id)],
        [_service(one) for one in queries.services(session, conference_id=conference_id)],
    )


def _question(found: queries.Question) -> Question:
    choices = tuple((key, str(shown(label))) for key, label in found.choices)
    return Question(found.id, str(shown(found.label)), found.several, choices)


def _service(found: queries.Service) -> Service:
    label = str(shown(found.label)) or word(found.kind)
    if found.kind is ServiceKind.INTERPRETATION and found.language is not None:
        label = _("%(service)s: %(language)s", service=label, language=language_name(found.language))
    return Service(found.id, found.kind, label, found.full)


def nonce_of_form(form_key: str | None, badge_name: str) -> str | None:
    """Return the ticket's nonce for a form sent with this key and name; None for a key that we did not draw.

    The same form sent twice is the same ticket; the same page filled in for the next person is another one.
    What the database holds of it does not tell the key.
    """
    if form_key is None or not _FORM_KEY.fullmatch(form_key):
        return None
    return hashlib.sha256(f"form {form_key}:{badge_name}".encode()).hexdigest()[:32]


def nonces_of_form(form_key: str | None, size: int) -> list[str]:
    """Return a nonce for each place of a group; sent twice, the same form makes the same tickets."""
    key = form_key if form_key is not None and _FORM_KEY.fullmatch(form_key) else secrets.token_hex(16)
    return [hashlib.sha256(f"group {key}:{number}".encode()).hexdigest()[:32] for number in range(size)]


def code_of(token: str) -> str:
    """Return the code of a ticket as it is read aloud."""
    return shown_ticket_code(ticket_code(token))


def qr_of(token: str, slug: str) -> Markup:
    """Return the QR code of a ticket as a picture in the page."""
    text = ticket_text(token, conference=slug, key=key_for("tickets"))
    drawn = qr_svg(text, label=_("QR code of the ticket"))
    return Markup(drawn)  # noqa: S704 - drawn by us, its label escaped


def days_of(conference: ConferenceView) -> str:
    """Return the days of a conference as they are said."""
    if conference.days == 1:
        return long_date(conference.first_day)
    return f"{long_date(conference.first_day)} – {long_date(conference.last_day)}"


def _lines_of_days(conference: ConferenceView) -> list[str]:
    """Return the days in lines that fit a phone."""
    first, last = long_date(conference.first_day), long_date(conference.last_day)
    return [first] if conference.days == 1 else [f"{first} –", last]


def plain_ticket(ticket: TicketView, conference: ConferenceView, *, token: str) -> str:
    """Return a ticket in short lines that survive any messenger: no name, no markup; what matters first."""
    lines = [str(shown(conference.name)), word(ticket.category), word(ticket.status)]
    if ticket.status is RegistrationStatus.OFFERED and ticket.offered_until is not None:
        until = day_and_time(ticket.offered_until, conference.time_zone)
        lines.append(_("Answer by: %(moment)s", moment=until))
    if ticket.confirmed:
        lines += ["", _("Code for the door:"), code_of(token)]
    lines += ["", *_lines_of_days(conference), str(shown(conference.city))]
    if ticket.venue is not None:
        lines += [line for line in (ticket.venue.name, ticket.venue.address) if line]
    lines.append(_("Clock: %(zone)s", zone=zone_name(conference.time_zone, conference.first_day)))
    lines += [
        "",
        _("Your ticket, to keep to yourself:"),
        absolute(url_for("registration.ticket", token=token)),
    ]
    return "\n".join(lines) + "\n"


def invitation_text(conference: ConferenceView, *, link: str, sure: bool) -> str:
    """Return what a lead, or whoever hands a place over, sends to the person who comes; it names nobody.

    `sure`: the place is theirs. Otherwise it is asked for, and nobody should travel for it yet.
    """
    if sure:
        first = _("There is a place for you:")
        what = _("Open this link and write the name for your badge. Keep it: it is your ticket.")
    else:
        first = _("We have asked for a place for you. It is not certain yet:")
        what = _("Open this link and write the name for your badge. It says whether the place is yours.")
    lines = [
        first,
        str(shown(conference.name)),
        *_lines_of_days(conference),
        str(shown(conference.city)),
        "",
        what,
        link,
    ]
    return "\n".join(lines) + "\n"
