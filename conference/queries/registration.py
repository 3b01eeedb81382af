"""Tickets as their holders see them. A name is shown to its owner only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.errors import NotFound
from conference.domain.registration import Purpose, RegistrationStatus
from conference.domain.tickets import ticket_token, token_digest
from conference.models import Conference, Consent, Registration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category, PhotoPreference


@dataclass(frozen=True, slots=True)
class Venue:
    """Where exactly the conference is held: for registered people only."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as whoever holds its link sees it; `badge_name` is None for everybody but its owner."""

    slug: str
    cancelled: bool
    category: Category
    photo_preference: PhotoPreference
    reminders: bool
    venue: Venue | None
    badge_name: str | None


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """A ticket in its owner's list, with the token that opens it."""

    token: str
    badge_name: str
    category: Category


def ticket(session: Session, *, token: str, reader: int | None) -> TicketView:
    """Return the ticket that the token opens, for the account `reader`; a stranger learns no name from it.

    A cancelled ticket shows no venue. Raises NotFound("ticket_not_found"). One statement.
    """
    reminded = exists().where(
        Consent.registration_id == Registration.id,
        Consent.purpose == Purpose.REMINDERS,
        Consent.withdrawn_at.is_(None),
    )
    row = session.execute(
        select(Registration, Conference, reminded)
        .join(Conference, Conference.id == Registration.conference_id)
        .where(Registration.token_digest == token_digest(token))
    ).one_or_none()
    if row is None:
        raise NotFound("ticket_not_found")
    registration, conference, reminders = row
    cancelled = registration.status is RegistrationStatus.CANCELLED
    own = reader is not None and registration.account_id == reader
    return TicketView(
        slug=conference.slug,
        cancelled=cancelled,
        category=registration.category,
        photo_preference=registration.photo_preference,
        reminders=reminders,
        venue=None if cancelled else _venue(conference),
        badge_name=registration.badge_name if own else None,
    )


def _venue(conference: Conference) -> Venue | None:
    if not conference.venue_name and not conference.venue_address:
        return None
    return Venue(conference.venue_name, conference.venue_address)


def own_tickets(
    session: Session, *, conference_id: int, account_id: int, keys: Sequence[bytes]
) -> tuple[OwnTicket, ...]:
    """Return the account's tickets in a conference, the oldest first. One statement.

    A ticket's token is derived with whichever of `keys` it was issued with; one that none of them issued is
    left out, since nothing could be shown of it.
    """
    rows = session.execute(
        select(
            Registration.ticket_nonce,
            Registration.token_digest,
            Registration.badge_name,
            Registration.category,
        )
        .where(
            Registration.conference_id == conference_id,
            Registration.account_id == account_id,
            Registration.status == RegistrationStatus.CONFIRMED,
        )
        .order_by(Registration.id)
    )
    return tuple(
        OwnTicket(token, row.badge_name, row.category)
        for row in rows
        for token in (ticket_token(row.ticket_nonce, key=key) for key in keys)
        if token_digest(token) == row.token_digest
    )
