"""Proxies that stand, and who could be given one; and which seats have an alternate to take the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from agreements import Chamber
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import folded
from conference.domain.registration import RegistrationStatus
from conference.domain.voting import QuestionState
from conference.models import (
    Conference,
    Credential,
    Organization,
    Presence,
    Proxy,
    Question,
    Registration,
    Seat,
)
from conference.models.checkin import in_the_room

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.directory import RecordSource


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One organization's seat and its proxy: organizations, never people.

    `holder` has its proxy since `given_at`; `held` counts those that others gave to it, and `cap` is the
    most that anybody may hold.
    """

    organization_id: int
    key: str
    name: str
    chamber: Chamber
    votes: int
    has_delegate: bool
    withdrawn: bool
    holder: str | None
    source: RecordSource | None
    given_at: datetime | None
    held: int
    cap: int

    @property
    def may_give(self) -> bool:
        return self.holder is None and not self.held and not self.withdrawn and self.cap > 0

    @property
    def may_hold(self) -> bool:
        return self.has_delegate and self.holder is None and self.held < self.cap


def seat_lines(session: Session, *, conference_id: int) -> tuple[SeatLine, ...]:
    """Return all seats of a conference by chamber and name, with their proxies. One statement."""
    holder_seat, holder, given_to = aliased(Seat), aliased(Organization), aliased(Proxy)
    held = select(func.count(given_to.id)).where(
        given_to.holder_seat_id == Seat.id, given_to.revoked_at.is_(None)
    )
    rows = session.execute(
        select(
            Organization.id,
            Organization.key,
            Organization.name,
            Seat.chamber,
            Seat.votes,
            _accepted(),
            Organization.withdrawn_at.is_not(None),
            holder.name,
            Proxy.source,
            Proxy.given_at,
            held.scalar_subquery(),
            Conference.proxy_cap,
        )
        .select_from(Seat)
        .join(Conference, Conference.id == Seat.conference_id)
        .join(Organization, Organization.id == Seat.organization_id)
        .outerjoin(Proxy, (Proxy.seat_id == Seat.id) & Proxy.revoked_at.is_(None))
        .outerjoin(holder_seat, holder_seat.id == Proxy.holder_seat_id)
        .outerjoin(holder, holder.id == holder_seat.organization_id)
        .where(Seat.conference_id == conference_id)
    )
    lines = (SeatLine(*tuple[Any, ...](row)) for row in rows)
    return tuple(sorted(lines, key=lambda line: (line.chamber is Chamber.MX, folded(line.name))))


def _accepted(capacity: Capacity | None = None) -> ColumnElement[bool]:
    conditions = [] if capacity is None else [Credential.capacity == capacity]
    return (
        exists()
        .where(
            Credential.seat_id == Seat.id,
            Credential.status == CredentialStatus.ACCEPTED,
            Registration.id == Credential.registration_id,
            Registration.status == RegistrationStatus.CONFIRMED,
            *conditions,
        )
        .correlate(Seat)
    )


def open_questions(session: Session, *, conference_id: int) -> tuple[int, ...]:
    """Return the numbers of the questions that are being voted on."""
    return tuple(
        session.scalars(
            select(Question.number)
            .where(Question.conference_id == conference_id, Question.state == QuestionState.OPEN)
            .order_by(Question.number)
        )
    )


@dataclass(frozen=True, slots=True)
class SeatPeople:
    """A seat whose alternate may take the delegate's place; `sits` is who of the two is in the sitting."""

    organization_id: int
    key: str
    name: str
    chamber: Chamber
    has_delegate: bool
    sits: Capacity | None


def seats_with_alternates(session: Session, *, conference_id: int, sitting_id: int) -> tuple[SeatPeople, ...]:
    """Return the seats with an accepted alternate, by name, and who sits in each. One statement."""
    seated = aliased(Credential)
    rows = session.execute(
        select(
            Organization.id,
            Organization.key,
            Organization.name,
            Seat.chamber,
            _accepted(Capacity.DELEGATE),
            seated.capacity,
        )
        .join(Organization, Organization.id == Seat.organization_id)
        .outerjoin(
            Presence,
            (Presence.seat_id == Seat.id) & (Presence.session_id == sitting_id) & in_the_room(),
        )
        .outerjoin(seated, seated.id == Presence.credential_id)
        .where(Seat.conference_id == conference_id, _accepted(Capacity.ALTERNATE))
    )
    return tuple(sorted((SeatPeople(*row) for row in rows), key=lambda seat: folded(seat.name)))
