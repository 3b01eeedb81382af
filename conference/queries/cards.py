"""Whom a desk has before it, by the ticket they show, and whether they have a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from conference.domain.cards import CardState, card_state, why_not_at_the_desk
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import RegistrationStatus
from conference.domain.tickets import (
    TicketRefused,
    canonical_ticket_code,
    parse_ticket,
    ticket_code_digest,
    token_digest,
)
from conference.models import AccessCard, Account, Registration
from conference.models.accounts import holds_role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import Session

    from conference.domain.registration import Category


@dataclass(frozen=True, slots=True)
class CardInForce:
    """A person's card: its number and what came of it; its secrets nobody knows any more."""

    number: int
    state: CardState
    issued_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonAtDesk:
    """Whoever shows a ticket at the desk; `refusal` is the code of why no card can be printed for them.

    `may_lose_it` tells whether the desk may take a card back that they have.
    """

    registration_id: int
    badge_name: str
    category: Category
    language: str
    card: CardInForce | None
    refusal: str | None
    may_lose_it: bool


def person_at_desk(
    session: Session, *, conference_id: int, slug: str, text: str, keys: Sequence[bytes], now: datetime
) -> PersonAtDesk:
    """Return whose ticket was shown, by its code as typed or by what a scanner read. One statement.

    Raises NotFound("ticket_unknown") and Conflict("ticket_cancelled").
    """
    in_force = and_(
        AccessCard.account_id == Registration.account_id,
        AccessCard.conference_id == conference_id,
        AccessCard.revoked_at.is_(None),
    )
    row = session.execute(
        select(Registration, Account.email, holds_role(Registration.account_id).label("has_role"), AccessCard)
        .outerjoin(Account, Account.id == Registration.account_id)
        .outerjoin(AccessCard, in_force)
        .where(Registration.conference_id == conference_id, _shown(text, slug=slug, keys=keys))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("ticket_unknown")
    return _person(row, now)


def _shown(text: str, *, slug: str, keys: Sequence[bytes]) -> ColumnElement[bool]:
    code = canonical_ticket_code(text)
    if code is not None:
        return Registration.code_digest.in_([ticket_code_digest(code, key=key) for key in keys])
    try:
        token = parse_ticket(text, conference=slug, keys=keys)
    except TicketRefused as refused:
        raise NotFound("ticket_unknown") from refused
    return Registration.token_digest == token_digest(token)


def _person(row: Row[Registration, str | None, bool, AccessCard], now: datetime) -> PersonAtDesk:
    registration = row.Registration
    card: AccessCard | None = row.AccessCard
    if registration.status is RegistrationStatus.CANCELLED:
        raise Conflict("ticket_cancelled")
    refusal = why_not_at_the_desk(
        has_address=registration.contact_email is not None or row.email is not None, has_role=row.has_role
    )
    return PersonAtDesk(
        registration_id=registration.id,
        badge_name=registration.badge_name,
        category=registration.category,
        language=registration.language,
        card=None if card is None else _in_force(card, now),
        refusal=refusal,
        may_lose_it=row.email is not None or not row.has_role,
    )


def _in_force(card: AccessCard, now: datetime) -> CardInForce:
    state = card_state(used_at=card.used_at, revoked_at=card.revoked_at, expires_at=card.expires_at, now=now)
    return CardInForce(card.number, state, card.issued_at, card.used_at)
