"""Groups of an organization, for whoever leads it: their places, their tickets, their turn in the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.errors import NotFound
from conference.domain.registration import OVER, RegistrationStatus
from conference.domain.tickets import ticket_token, token_digest
from conference.models import Organization, Party, Registration
from conference.models.registration import is_answered_for
from conference.queries.places import position

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.registration import Category


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group in the list of its organization's; `named` of its `size` places have a name."""

    party_id: int
    organization: str
    category: Category
    status: RegistrationStatus
    size: int
    named: int


@dataclass(frozen=True, slots=True)
class GroupTicket:
    """A ticket of a group. The name is for the organization's lead; without a token nothing can be shown.

    There is no token of a ticket whose person has written their own name: it is theirs alone.
    """

    registration_id: int
    number: int
    badge_name: str
    token: str | None


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with its tickets; `position` is 0 for one that is not in line."""

    party_id: int
    organization_id: int
    organization: str
    category: Category
    status: RegistrationStatus
    offered_until: datetime | None
    position: int
    tickets: tuple[GroupTicket, ...]

    @property
    def unnamed(self) -> int:
        """How many places could be given back without taking one from somebody who has a name."""
        return sum(not ticket.badge_name for ticket in self.tickets)


def groups(
    session: Session, *, conference_id: int, organization_ids: Collection[int]
) -> tuple[GroupLine, ...]:
    """Return the groups of these organizations, the newest first, for their leads. One statement."""
    named = func.count(func.nullif(Registration.badge_name, ""))
    rows = session.execute(
        select(
            Party.id,
            Organization.name,
            Party.category,
            func.min(Registration.status),
            func.count(Registration.id),
            named,
        )
        .join(Organization, Organization.id == Party.organization_id)
        .join(Registration, Registration.party_id == Party.id)
        .where(*_of_group(conference_id, organization_ids))
        .group_by(Party.id, Organization.name, Party.category)
        .order_by(Party.id.desc())
    )
    return tuple(
        GroupLine(party_id, organization, category, RegistrationStatus(status), size, count)
        for party_id, organization, category, status, size, count in rows
    )


def _of_group(conference_id: int, organization_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        # Who registered alone is nobody's guest, and stays so where the place in line is handed over.
        Party.grouped.is_(True),
        Party.conference_id == conference_id,
        Party.organization_id.in_(organization_ids),
        Registration.status.not_in(OVER),
    )


def group(
    session: Session,
    *,
    conference_id: int,
    party_id: int,
    organization_ids: Collection[int],
    keys: Sequence[bytes],
) -> GroupView:
    """Return a group of one of these organizations, with the tokens of its tickets. Two statements at most.

    A token is derived with whichever of `keys` it was issued with. Raises NotFound("party_not_found").
    """
    rows = session.execute(
        select(Party, Organization.id, Organization.name, is_answered_for(), Registration)
        .join(Organization, Organization.id == Party.organization_id)
        .join(Registration, Registration.party_id == Party.id)
        .where(Party.id == party_id, *_of_group(conference_id, organization_ids))
        .order_by(Registration.id)
    ).all()
    if not rows:
        raise NotFound("party_not_found")
    party, organization_id, organization, _answered, first = rows[0]
    waiting = first.status is RegistrationStatus.WAITING
    return GroupView(
        party_id=party.id,
        organization_id=organization_id,
        organization=organization,
        category=party.category,
        status=first.status,
        offered_until=party.offered_until,
        position=position(session, party_id=party.id) if waiting else 0,
        tickets=tuple(
            GroupTicket(row.id, number, row.badge_name, token)
            for number, (*_group, answered_for, row) in enumerate(rows, start=1)
            for token in (_tokens(row, keys) if answered_for or not row.badge_name else (None,))
        ),
    )


def _tokens(registration: Registration, keys: Sequence[bytes]) -> tuple[str, ...]:
    tokens = (ticket_token(registration.ticket_nonce, key=key) for key in keys)
    return tuple(token for token in tokens if token_digest(token) == registration.token_digest)


def group_of_ticket(session: Session, *, token: str) -> int | None:
    """Return the group that the token's ticket belongs to; None where there is none. One statement."""
    return session.scalar(
        select(Registration.party_id).where(Registration.token_digest == token_digest(token))
    )
