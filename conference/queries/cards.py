"""Whom a desk has before it, by the ticket they show, and whether they have a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select

from conference.domain.cards import (
    CardState,
    canonical_card_code,
    card_code_digest,
    card_state,
    why_not_at_the_desk,
)
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import RegistrationStatus
from conference.domain.tickets import (
    TicketRefused,
    canonical_ticket_code,
    parse_ticket,
    ticket_code_digest,
    token_digest,
)
from conference.models import AccessCard, Account, Credential, Registration
from conference.models.accounts import holds_role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, ScalarSelect
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

    `may_lose_it`: the desk may take a card back that they have. `votes`: a seat is theirs.
    """

    registration_id: int
    badge_name: str
    category: Category
    language: str
    card: CardInForce | None
    refusal: str | None
    may_lose_it: bool
    votes: bool


def person_at_desk(
    session: Session,
    *,
    conference_id: int,
    slug: str,
    text: str,
    keys: Sequence[bytes],
    card_keys: Sequence[bytes],
    now: datetime,
) -> PersonAtDesk:
    """Return whose ticket was shown, by its code as typed or by what a scanner read. One statement.

    Without a ticket the code on any card that the person had in this conference does as well: not its number,
    by which whoever sits at the desk could go through everybody. Raises NotFound("ticket_unknown") and
    Conflict("ticket_cancelled").
    """
    in_force = and_(
        AccessCard.account_id == Registration.account_id,
        AccessCard.conference_id == conference_id,
        AccessCard.revoked_at.is_(None),
    )
    votes = exists().where(
        Credential.registration_id == Registration.id, Credential.status == CredentialStatus.ACCEPTED
    )
    has_role = holds_role(Registration.account_id)
    row = session.execute(
        select(Registration, Account.email, has_role.label("has_role"), votes.label("votes"), AccessCard)
        .outerjoin(Account, Account.id == Registration.account_id)
        .outerjoin(AccessCard, in_force)
        .where(
            Registration.conference_id == conference_id,
            _shown(text, conference_id=conference_id, slug=slug, keys=keys, card_keys=card_keys),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("ticket_unknown")
    return _person(row, now)


def _shown(
    text: str, *, conference_id: int, slug: str, keys: Sequence[bytes], card_keys: Sequence[bytes]
) -> ColumnElement[bool]:
    # Tickets and cards have ten letters each; what is typed may be either.
    typed: list[ColumnElement[bool]] = []
    code, card = canonical_ticket_code(text), canonical_card_code(text)
    if code is not None:
        typed.append(_has_code(code, keys))
    if card is not None:
        digests = [card_code_digest(card, key=key) for key in card_keys]
        typed.append(Registration.id == _of_card(digests, conference_id))
    if typed:
        return or_(*typed)
    try:
        read = parse_ticket(text, conference=slug, keys=keys)
    except TicketRefused as refused:
        raise NotFound("ticket_unknown") from refused
    if read.code is not None:
        return _has_code(read.code, keys)
    return Registration.token_digest == token_digest(read.token or "")


def _has_code(code: str, keys: Sequence[bytes]) -> ColumnElement[bool]:
    return Registration.code_digest.in_([ticket_code_digest(code, key=key) for key in keys])


def _of_card(digests: Sequence[str], conference_id: int) -> ScalarSelect[int]:
    """Whoever was ever given the card; of several tickets the one that counts, and of those the latest."""
    return (
        select(Registration.id)
        .join(AccessCard, AccessCard.account_id == Registration.account_id)
        .where(
            AccessCard.conference_id == conference_id,
            AccessCard.code_digest.in_(digests),
            Registration.conference_id == conference_id,
        )
        .order_by(Registration.status == RegistrationStatus.CANCELLED, Registration.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _person(row: Row[Registration, str | None, bool, bool, AccessCard], now: datetime) -> PersonAtDesk:
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
        votes=row.votes,
    )


def _in_force(card: AccessCard, now: datetime) -> CardInForce:
    state = card_state(used_at=card.used_at, revoked_at=card.revoked_at, expires_at=card.expires_at, now=now)
    return CardInForce(card.number, state, card.issued_at, card.used_at)
