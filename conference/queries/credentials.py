"""Who is named for which seat, for those who may know it; and which seats are present, for the hall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from agreements import Chamber, quorate, seats_for_quorum
from conference.domain.credentials import STANDING, Capacity, CredentialStatus
from conference.domain.directory import folded
from conference.domain.registration import RegistrationStatus
from conference.domain.voting import QuestionState
from conference.models import (
    Credential,
    Organization,
    Participation,
    Presence,
    ProgramSession,
    Question,
    Registration,
    Seat,
)
from conference.models.checkin import in_the_room

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.credentials import RejectionReason
    from conference.domain.registration import Category


# -- for the lead of an organization -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the organization named, and what the committee said. The name is for its lead only."""

    id: int
    capacity: Capacity
    status: CredentialStatus
    reason: RejectionReason | None
    badge_name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody registered with the organization who holds no seat. The name is for its lead only."""

    registration_id: int
    badge_name: str
    category: Category


@dataclass(frozen=True, slots=True)
class Delegation:
    """What the lead of one organization sees; `votes` is None where it takes part with voice only."""

    organization_id: int
    key: str
    name: str
    votes: int | None
    named: tuple[Named, ...]
    candidates: tuple[Candidate, ...]


def delegations(
    session: Session, *, conference_id: int, organization_ids: Collection[int]
) -> tuple[Delegation, ...]:
    """Return these organizations' delegates and whom they could name: for their leads, and nobody else.

    Three statements, whatever the number of organizations and people.
    """
    rows = session.execute(
        select(Organization.id, Organization.key, Organization.name, Seat.votes)
        .join(Participation, Participation.organization_id == Organization.id)
        .outerjoin(
            Seat,
            (Seat.organization_id == Organization.id) & (Seat.conference_id == Participation.conference_id),
        )
        .where(Participation.conference_id == conference_id, Organization.id.in_(organization_ids))
    ).all()
    named = _named(session, conference_id, organization_ids)
    candidates = _candidates(session, conference_id, organization_ids)
    found = (
        Delegation(id_, key, name, votes, tuple(named.get(id_, ())), tuple(candidates.get(id_, ())))
        for id_, key, name, votes in rows
    )
    return tuple(sorted(found, key=lambda delegation: folded(delegation.name)))


def _named(session: Session, conference_id: int, organization_ids: Collection[int]) -> dict[int, list[Named]]:
    """Return the latest of each capacity that was not withdrawn: the one that stands, or was rejected."""
    rows = session.execute(
        select(
            Seat.organization_id,
            Credential.id,
            Credential.capacity,
            Credential.status,
            Credential.reason,
            Registration.badge_name,
        )
        .join(Credential, Credential.seat_id == Seat.id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(
            Seat.conference_id == conference_id,
            Seat.organization_id.in_(organization_ids),
            Credential.status != CredentialStatus.WITHDRAWN,
        )
        .order_by(Credential.id)
    )
    latest: dict[int, dict[Capacity, Named]] = {}
    for organization_id, id_, capacity, status, reason, badge_name in rows:
        named = Named(id_, capacity, status, reason, badge_name)
        latest.setdefault(organization_id, {})[capacity] = named
    return {
        organization_id: sorted(by_capacity.values(), key=lambda named: list(Capacity).index(named.capacity))
        for organization_id, by_capacity in latest.items()
    }


def _candidates(
    session: Session, conference_id: int, organization_ids: Collection[int]
) -> dict[int | None, list[Candidate]]:
    holds_seat = exists().where(
        Credential.registration_id == Registration.id, Credential.status.in_(STANDING)
    )
    rows = session.execute(
        select(
            Registration.organization_id, Registration.id, Registration.badge_name, Registration.category
        ).where(
            Registration.conference_id == conference_id,
            Registration.organization_id.in_(organization_ids),
            Registration.status == RegistrationStatus.CONFIRMED,
            ~holds_seat,
        )
    )
    found: dict[int | None, list[Candidate]] = {}
    for organization_id, id_, badge_name, category in sorted(rows, key=lambda row: (folded(row[2]), row[1])):
        found.setdefault(organization_id, []).append(Candidate(id_, badge_name, category))
    return found


# -- for the credentials committee -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """A credential that waits for an answer. The name is there to be compared with the letter."""

    id: int
    organization_name: str
    chamber: Chamber
    votes: int
    capacity: Capacity
    badge_name: str
    attested_at: datetime


def proposals(session: Session, *, conference_id: int) -> tuple[Proposal, ...]:
    """Return what waits for the committee, the longest waiting first: for the committee, and nobody else."""
    rows = session.execute(
        select(
            Credential.id,
            Organization.name,
            Seat.chamber,
            Seat.votes,
            Credential.capacity,
            Registration.badge_name,
            Credential.attested_at,
        )
        .join(Seat, Seat.id == Credential.seat_id)
        .join(Organization, Organization.id == Seat.organization_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(Seat.conference_id == conference_id, Credential.status == CredentialStatus.PROPOSED)
        .order_by(Credential.attested_at, Credential.id)
    )
    return tuple(Proposal(*row) for row in rows)


# -- for the hall ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeatAttendance:
    """One organization's seat: accepted by the committee or not, in the sitting or not."""

    organization_name: str
    votes: int
    credentialed: bool
    present: bool


@dataclass(frozen=True, slots=True)
class ChamberAttendance:
    """One chamber in one sitting: organizations and numbers, never people."""

    chamber: Chamber
    seats: tuple[SeatAttendance, ...]

    @property
    def entitled_seats(self) -> int:
        return len(self.seats)

    @property
    def entitled_votes(self) -> int:
        return sum(seat.votes for seat in self.seats)

    @property
    def credentialed_seats(self) -> int:
        return sum(seat.credentialed for seat in self.seats)

    @property
    def present_seats(self) -> int:
        return sum(seat.present for seat in self.seats)

    @property
    def present_votes(self) -> int:
        return sum(seat.votes for seat in self.seats if seat.present)

    @property
    def needed_seats(self) -> int:
        """More than half of the entitled seats."""
        return seats_for_quorum(self.entitled_seats)

    @property
    def missing_seats(self) -> int:
        return max(self.needed_seats - self.present_seats, 0)

    @property
    def quorate(self) -> bool:
        return quorate(present=self.present_seats, entitled=self.entitled_seats)


def attendance(
    session: Session, *, conference_id: int, sitting_id: int | None
) -> tuple[ChamberAttendance, ...]:
    """Return both chambers, seats by name; without a sitting nobody is present. One statement."""
    accepted = exists().where(Credential.seat_id == Seat.id, Credential.status == CredentialStatus.ACCEPTED)
    present = exists().where(Presence.seat_id == Seat.id, Presence.session_id == sitting_id, in_the_room())
    rows = session.execute(
        select(Seat.chamber, Organization.name, Seat.votes, accepted, present)
        .join(Organization, Organization.id == Seat.organization_id)
        .where(Seat.conference_id == conference_id)
    )
    seats: dict[Chamber, list[SeatAttendance]] = {chamber: [] for chamber in Chamber}
    for chamber, name, votes, is_credentialed, is_present in sorted(rows, key=lambda row: folded(row[1])):
        seats[chamber].append(SeatAttendance(name, votes, bool(is_credentialed), bool(is_present)))
    return tuple(ChamberAttendance(chamber, tuple(lines)) for chamber, lines in seats.items())


@dataclass(frozen=True, slots=True)
class Sitting:
    """A plenary in which questions are put to the vote; its times are the venue's wall clock."""

    id: int
    key: str
    title: Mapping[str, str]
    starts_local: datetime
    ends_local: datetime
    voting: bool = False


def sittings(session: Session, *, conference_id: int) -> tuple[Sitting, ...]:
    """Return the sittings of a conference in the order in which they are held."""
    voting = exists().where(Question.sitting_id == ProgramSession.id, Question.state == QuestionState.OPEN)
    rows = session.execute(
        select(ProgramSession, voting)
        .where(
            ProgramSession.conference_id == conference_id,
            ProgramSession.sitting.is_(True),
            ProgramSession.cancelled.is_(False),
        )
        .order_by(ProgramSession.starts_local, ProgramSession.position)
    )
    return tuple(
        Sitting(row.id, row.key, row.title, row.starts_local, _end(row), bool(is_voting))
        for row, is_voting in rows
    )


def _end(row: ProgramSession) -> datetime:
    return row.starts_local + timedelta(minutes=row.minutes)


def sitting_at(held: Sequence[Sitting], local: datetime) -> Sitting | None:
    """Return the sitting that votes, however late; else the one going on or next, or the last of all."""
    last = None
    for last in [sitting for sitting in held if sitting.voting] or held:
        if last.ends_local > local:
            break
    return last
