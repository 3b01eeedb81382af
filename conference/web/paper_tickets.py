"""A ticket in words, for paper: what its page says, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from conference.domain.tickets import shown_ticket_code, ticket_code, ticket_text
from conference.exports.ticket_pdf import PaperTicket
from conference.web.content import long_date, shown
from conference.web.keys import key_for
from conference.web.locale import current_language
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conference.queries.conference import ConferenceView
    from conference.queries.registration import TicketView


def ticket_on_paper(token: str, ticket: TicketView, conference: ConferenceView) -> PaperTicket:
    """Return what stands on the paper of a ticket, in the language of the page that it is asked from."""
    return PaperTicket(
        language=current_language(),
        title=_("Ticket"),
        conference=shown(conference.name).text,
        name=ticket.badge_name or "",
        category=ticket.category,
        category_word=word(ticket.category),
        photo_preference=ticket.photo_preference,
        photo_word=word(ticket.photo_preference),
        facts=tuple(_facts(ticket, conference)),
        ticket=ticket_text(token, conference=conference.slug, key=key_for("tickets")),
        qr_label=_("QR code of the ticket"),
        code_label=_("If the camera fails, say this code:"),
        code=shown_ticket_code(ticket_code(token)),
        advice=tuple(_advice(ticket)),
    )


def _facts(ticket: TicketView, conference: ConferenceView) -> Iterator[tuple[str, str]]:
    days = [long_date(conference.first_day)]
    if conference.days > 1:
        days.append(long_date(conference.last_day))
    yield _("Days"), " – ".join(days)
    if city := shown(conference.city).text:
        yield _("Place"), city
    if ticket.venue is None:
        return
    if ticket.venue.name:
        yield _("Venue"), ticket.venue.name
    if ticket.venue.address:
        yield _("Address"), ticket.venue.address


def _advice(ticket: TicketView) -> Iterator[str]:
    yield _("Show this code at the door. Nothing else is needed.")
    yield _("Whoever has this paper has your ticket: keep it, and do not post a picture of it.")
    if ticket.venue is not None:
        yield _("Only registered people are told the exact venue. Please do not publish it.")
