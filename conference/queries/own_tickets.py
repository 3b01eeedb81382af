"""The tickets of an account in a conference, as their owner lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.registration import OVER
from conference.domain.tickets import ticket_token, token_digest
from conference.models import Registration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category, RegistrationStatus


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """A ticket in its owner's list, with the token that opens it."""

    token: str
    badge_name: str
    category: Category
    status: RegistrationStatus


def has_ticket(session: Session, *, conference_id: int, account_id: int) -> bool:
    """Tell whether the account has a place in a conference, or waits for one. One statement."""
    own = exists().where(
        Registration.conference_id == conference_id,
        Registration.account_id == account_id,
        Registration.status.not_in(OVER),
    )
    return bool(session.scalar(select(own)))


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
            Registration.status,
        )
        .where(
            Registration.conference_id == conference_id,
            Registration.account_id == account_id,
            Registration.status.not_in(OVER),
        )
        .order_by(Registration.id)
    )
    return tuple(
        OwnTicket(token, row.badge_name, row.category, row.status)
        for row in rows
        for token in (ticket_token(row.ticket_nonce, key=key) for key in keys)
        if token_digest(token) == row.token_digest
    )
