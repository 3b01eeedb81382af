"""Which seats have a delegate, are in a sitting, vote by proxy: organizations and numbers, never people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from agreements import Chamber, quorate, seats_for_quorum
from conference.domain.credentials import CredentialStatus
from conference.domain.directory import folded
from conference.domain.suppression import suppressed
from conference.domain.voting import QuestionState
from conference.models import (
    Credential,
    Organization,
    Presence,
    ProgramSession,
    Proxy,
    Question,
    Seat,
)
from conference.models.checkin import in_the_room
from conference.models.directory import is_here, is_shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SeatAttendance:
    """One organization's seat: accepted by the committee or not, in the sitting or not.

    `proxy_of` is the organization whose delegate votes for it, by proxy, and `holder_present` tells whether
    that one is in the sitting. `listed`: anybody may know that the organization exists.
    """

    organization_name: str
    votes: int
    credentialed: bool
    present: bool
    proxy_of: str | None = None
    holder_present: bool = False
    listed: bool = True


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
    def proxies(self) -> int:
        return sum(seat.proxy_of is not None for seat in self.seats)

    @property
    def present_seats(self) -> int:
        """For the quorum: a proxy does not make its principal present."""
        return sum(seat.present for seat in self.seats)

    @property
    def present_votes(self) -> int:
        """The votes of seats that are there, and of proxies whose holder is; each vote once."""
        return sum(seat.votes for seat in self.seats if seat.present or seat.holder_present)

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
    """Return both chambers, entitled seats by name; without a sitting nobody is present. One statement."""
    accepted = exists().where(Credential.seat_id == Seat.id, Credential.status == CredentialStatus.ACCEPTED)
    present = exists().where(Presence.seat_id == Seat.id, Presence.session_id == sitting_id, in_the_room())
    rows = session.execute(
        select(
            Seat.id,
            Seat.chamber,
            Organization.name,
            Seat.votes,
            accepted,
            present,
            Proxy.holder_seat_id,
            is_shown(),
        )
        .join(Organization, Organization.id == Seat.organization_id)
        .outerjoin(Proxy, (Proxy.seat_id == Seat.id) & Proxy.revoked_at.is_(None))
        .where(Seat.conference_id == conference_id, is_here())
    ).all()
    names = {row[0]: row[2] for row in rows}
    there = {row[0] for row in rows if row[5]}
    seats: dict[Chamber, list[SeatAttendance]] = {chamber: [] for chamber in Chamber}
    ordered = sorted(rows, key=lambda row: folded(row[2]))
    for _seat_id, chamber, name, votes, credentialed, is_present, holder, listed in ordered:
        seat = SeatAttendance(
            organization_name=name,
            votes=votes,
            credentialed=bool(credentialed),
            present=bool(is_present),
            proxy_of=names.get(holder),
            holder_present=holder in there,
            listed=bool(listed),
        )
        seats[chamber].append(seat)
    return tuple(ChamberAttendance(chamber, tuple(lines)) for chamber, lines in seats.items())


@dataclass(frozen=True, slots=True)
class RosterSeat:
    """A seat as everybody may know it: whether its delegate was accepted, and whether it votes by proxy."""

    organization_name: str
    votes: int
    credentialed: bool
    by_proxy: bool


@dataclass(frozen=True, slots=True)
class RosterChamber:
    """A chamber as everybody may know it: whether it is quorate, and who is in the hall not even as a number.

    Not before the quorum either, where the number of those who are still missing would tell of fewer than
    five people, who have come or who have not: then, and once there is a quorum, `missing_seats` is None.
    `unlisted` counts the seats of organizations that are listed nowhere; all other numbers have them too.
    """

    chamber: Chamber
    seats: tuple[RosterSeat, ...]
    unlisted: int
    entitled_seats: int
    entitled_votes: int
    credentialed_seats: int
    proxies: int
    missing_seats: int | None
    needed_seats: int
    quorate: bool


def roster_of(chamber: ChamberAttendance) -> RosterChamber:
    """Return what of a chamber is published."""
    return RosterChamber(
        chamber=chamber.chamber,
        seats=tuple(
            RosterSeat(seat.organization_name, seat.votes, seat.credentialed, seat.proxy_of is not None)
            for seat in chamber.seats
            if seat.listed
        ),
        unlisted=sum(not seat.listed for seat in chamber.seats),
        entitled_seats=chamber.entitled_seats,
        entitled_votes=chamber.entitled_votes,
        credentialed_seats=chamber.credentialed_seats,
        proxies=chamber.proxies,
        missing_seats=_missing_as_told(chamber),
        needed_seats=chamber.needed_seats,
        quorate=chamber.quorate,
    )


def _missing_as_told(chamber: ChamberAttendance) -> int | None:
    here = chamber.present_seats
    told = suppressed({"here": here, "not here": chamber.entitled_seats - here})
    return None if chamber.quorate or None in told.values() else chamber.missing_seats


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
