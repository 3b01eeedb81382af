"""A ticket on one sheet of paper, for whoever has no phone with them. Black on white tells everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conference.exports.qr import ticket_qr_picture
from conference.exports.typesetting import pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from conference.domain.registration import Category, PhotoPreference


@dataclass(frozen=True, slots=True)
class PaperTicket:
    """What stands on a ticket, in the reader's language. `name` is empty for everybody but its owner.

    `facts` are pairs of label and value (days, place, venue); `ticket` is the text of the QR code, and `code`
    what is said where a camera fails.
    """

    language: str
    title: str
    conference: str
    name: str
    category: Category
    category_word: str
    photo_preference: PhotoPreference
    photo_word: str
    facts: Sequence[tuple[str, str]]
    ticket: str
    qr_label: str
    code_label: str
    code: str
    advice: Sequence[str]


def ticket_pdf(ticket: PaperTicket, *, made_at: datetime) -> bytes:
    """Return the ticket as PDF, on US Letter with margins that A4 has too; its description names nobody.

    Raises Unavailable("typst_missing").
    """
    data = {
        "language": ticket.language,
        "title": ticket.title,
        "conference": ticket.conference,
        "name": ticket.name,
        "category": ticket.category.value,
        "category_word": ticket.category_word,
        "photo": ticket.photo_preference.value,
        "photo_word": ticket.photo_word,
        "facts": [list(fact) for fact in ticket.facts],
        "qr": ticket_qr_picture(ticket.ticket),
        "qr_alt": ticket.qr_label,
        "code_label": ticket.code_label,
        "code": ticket.code,
        "advice": list(ticket.advice),
    }
    return pdf("ticket", data, made_at=made_at)
