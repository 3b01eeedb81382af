"""Tickets at the desk: another one for one that was lost, and the sheet that is printed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from markupsafe import Markup

from conference.blueprints.desk.room import blueprint, person_of, person_page, to_ticket, turn_of
from conference.domain.errors import Conflict, NotFound
from conference.domain.tickets import shown_ticket_code, ticket_code, ticket_text
from conference.exports.badges import LABELS
from conference.exports.qr import qr_svg
from conference.extensions import db
from conference.forms.desk import PersonForm, ReissueForm
from conference.policies import Permission
from conference.queries import desk as queries
from conference.services.desk import accept_at_desk, reissue_ticket
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.desk import reference, referred_sheet
from conference.web.keys import key_for, keys_for
from conference.web.locale import required_conference
from conference.web.pages import page

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse


@blueprint.post("/<lang>/<slug>/desk/reissue")
@requires(Permission.RUN_DESK)
def reissue() -> BaseResponse:
    """Issue another ticket for one that was lost; the old one opens nothing from now on."""
    form = ReissueForm()
    found = person_of(form.person.data)
    try:
        reissue_ticket(
            db.session(),
            conference_id=required_conference().id,
            registration_id=found.registration_id,
            replaces=form.replaces.data or "",
            nonce=secrets.token_hex(16),
            key=key_for("tickets"),
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return person_page(found, refusal=refusal)
    db.session.commit()
    return to_ticket(found.registration_id)


@blueprint.post("/<lang>/<slug>/desk/accepted")
@requires(Permission.RUN_DESK)
def accept() -> BaseResponse:
    """Take the place that is offered to whoever stands at the desk and says yes: not all have a telephone."""
    found = person_of(PersonForm().person.data)
    sheet = queries.ticket_sheet(
        db.session(),
        conference_id=required_conference().id,
        registration_id=found.registration_id,
        keys=keys_for("tickets"),
    )
    try:
        accept_at_desk(
            db.session(),
            conference_id=required_conference().id,
            token=sheet.token,
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return person_page(found, refusal=refusal)
    db.session.commit()
    return to_ticket(found.registration_id)


@blueprint.get("/<lang>/<slug>/desk/ticket/<issued>")
@requires(Permission.RUN_DESK)
def ticket(issued: str) -> Response:
    """Show a ticket that was just issued, large and to be printed; for a quarter of an hour.

    Whose place has another ticket by then, since its person made it theirs or handed it on, has it alone.
    """
    conference = required_conference()
    registration_id, seen = referred_sheet(issued)
    sheet = queries.ticket_sheet(
        db.session(),
        conference_id=conference.id,
        registration_id=registration_id,
        keys=keys_for("tickets"),
    )
    if sheet.person.ticket != seen:
        raise NotFound("person_gone")
    text = ticket_text(sheet.token, conference=conference.slug, key=key_for("tickets"))
    return page(
        "desk/ticket.html",
        person=sheet.person,
        turn=turn_of(sheet.person),
        reference=reference(sheet.person.registration_id),
        label_paper=LABELS[0].value,
        qr=Markup(qr_svg(text, label=_("QR code of the ticket"))),  # noqa: S704 - our own drawing
        code=shown_ticket_code(ticket_code(sheet.token)),
        token=sheet.token,
    )
