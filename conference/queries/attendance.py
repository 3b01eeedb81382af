"""How many come, how the line stands, and who needs what. Counts never show fewer than five people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, exists, func, select

from conference.domain.checkin import ENTRANCE, ScanOutcome
from conference.domain.registration import AccessNeed, Category, RegistrationStatus
from conference.domain.suppression import LEAST, suppressed, suppressed_table
from conference.domain.waiting import Waiting, in_order
from conference.models import (
    DoorTotal,
    OfferedService,
    Organization,
    Party,
    ProgramSession,
    Registration,
    RegistrationNeed,
    Scan,
    ServiceBooking,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.registration import ServiceKind
    from conference.domain.suppression import Table
    from conference.queries.conference import ConferenceView

# What is counted: those who are over are forgotten, and were no guests.
COUNTED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.PENDING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.WAITING,
)


@dataclass(frozen=True, slots=True)
class SessionTotal:
    """How many were let in at the door of a session; None: not shown."""

    title: Mapping[str, str]
    starts_local: datetime
    admitted: int | None


@dataclass(frozen=True, slots=True)
class LineOf:
    """The line of one category, the next first."""

    category: Category
    parties: tuple[Waiting, ...]

    @property
    def places(self) -> int:
        """How many places it needs together."""
        return sum(party.size for party in self.parties)


@dataclass(frozen=True, slots=True)
class HeldOffer:
    """Places that are held for a party until it answers."""

    category: Category
    size: int
    until: datetime


@dataclass(frozen=True, slots=True)
class PersonInNeed:
    """Somebody whom the conference prepares something for, and what that is."""

    badge_name: str
    organization: str | None
    needs: tuple[AccessNeed, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """A service, and how many places people have booked at it; `places` is None where it is not shown."""

    kind: ServiceKind
    language: str | None
    label: Mapping[str, str]
    capacity: int | None
    places: int | None


@dataclass(frozen=True, slots=True)
class Registered:
    """How many are registered: together, and by category and where their place stands; None: not shown."""

    total: int | None
    table: Table[Category, RegistrationStatus]


def registered(session: Session, *, conference_id: int) -> Registered:
    """Return how many are registered, by category and where their place stands. One statement."""
    rows = session.execute(
        select(Registration.category, Registration.status, func.count(Registration.id))
        .where(Registration.conference_id == conference_id, Registration.status.in_(COUNTED))
        .group_by(Registration.category, Registration.status)
    )
    counts = dict.fromkeys(((category, status) for category in Category for status in COUNTED), 0)
    table = suppressed_table(counts | {(category, status): number for category, status, number in rows})
    return Registered(_alone(table.total), table)


def admitted_by_day(session: Session, *, conference: ConferenceView) -> Mapping[date | None, int | None]:
    """Return how many were let in at the entrance, by the day of it; None: on another day.

    Nothing once scans are forgotten. One statement.
    """
    zone = ZoneInfo(conference.time_zone)
    days = [(day, _on(day, zone)) for day in conference.dates]
    row = session.execute(
        select(
            *(func.count(case((on, 1))) for _day, on in days),
            func.count(Scan.id).label("all_days"),
            exists().where(DoorTotal.conference_id == conference.id).label("forgotten"),
        ).where(
            Scan.conference_id == conference.id,
            Scan.door == ENTRANCE,
            Scan.outcome == ScanOutcome.ADMITTED,
        )
    ).one()
    if row.forgotten:
        # Of most people only the sum is left: what is left of the days would speak of the others.
        return {}
    counts: dict[date | None, int] = {day: row[number] for number, (day, _on_day) in enumerate(days)}
    if other := row.all_days - sum(counts.values()):
        counts[None] = other
    return suppressed(counts)


def _on(day: date, zone: ZoneInfo) -> ColumnElement[bool]:
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    return and_(Scan.scanned_at >= begins, Scan.scanned_at < ends)


def admitted_in_all(session: Session, *, conference_id: int) -> int | None:
    """Return how many were let in at the entrance; also when the scans are forgotten. Two statements."""
    return _alone(_admitted(session, conference_id).get(ENTRANCE, 0))


def session_totals(session: Session, *, conference_id: int) -> tuple[SessionTotal, ...]:
    """Return the sessions at whose doors somebody was let in, in their order. Three statements.

    Somebody goes to several: these counts are no parts of one whole, and each is hidden by itself.
    """
    admitted = _admitted(session, conference_id)
    rows = session.execute(
        select(ProgramSession.key, ProgramSession.title, ProgramSession.starts_local)
        .where(ProgramSession.conference_id == conference_id)
        .order_by(ProgramSession.starts_local, ProgramSession.position)
    )
    return tuple(
        SessionTotal(title, starts_local, _alone(admitted[key]))
        for key, title, starts_local in rows
        if admitted.get(key)
    )


def _admitted(session: Session, conference_id: int) -> dict[str, int]:
    kept = session.execute(
        select(DoorTotal.door, DoorTotal.admitted).where(DoorTotal.conference_id == conference_id)
    )
    counts: dict[str, int] = dict(kept.all())
    scans = session.execute(
        select(Scan.door, func.count(Scan.id))
        .where(Scan.conference_id == conference_id, Scan.outcome == ScanOutcome.ADMITTED)
        .group_by(Scan.door)
    )
    for door, number in scans:
        # The total is of the scans that are forgotten already; those of delegates stay for longer.
        counts[door] = counts.get(door, 0) + number
    return counts


def _alone(number: int) -> int | None:
    return suppressed({"": number})[""]


def lines(session: Session, *, conference_id: int) -> tuple[LineOf, ...]:
    """Return who waits for a place, by category: how many together, and since when. One statement."""
    rows = session.execute(
        select(Party.id, Party.category, func.count(Registration.id), Party.priority, Party.waiting_since)
        .join(Registration, Registration.party_id == Party.id)
        .where(Party.conference_id == conference_id, Registration.status == RegistrationStatus.WAITING)
        .group_by(Party.id)
    )
    waiting = in_order(
        Waiting(party_id, category, size, priority, since)
        for party_id, category, size, priority, since in rows
        if since is not None
    )
    own = {category: tuple(each for each in waiting if each.category is category) for category in Category}
    return tuple(LineOf(category, parties) for category, parties in own.items() if parties)


def held_offers(session: Session, *, conference_id: int) -> tuple[HeldOffer, ...]:
    """Return the offers that wait for an answer, by when they run out. One statement."""
    rows = session.execute(
        select(Party.category, func.count(Registration.id), Party.offered_until)
        .join(Registration, Registration.party_id == Party.id)
        .where(Party.conference_id == conference_id, Registration.status == RegistrationStatus.OFFERED)
        .group_by(Party.id)
        .order_by(Party.offered_until, Party.id)
    )
    return tuple(HeldOffer(category, size, until) for category, size, until in rows if until is not None)


# -- what is prepared ------------------------------------------------------------------------------


def needs_counted(session: Session, *, conference_id: int) -> Mapping[AccessNeed, int | None]:
    """Return how many have each need, of those who come. One statement.

    Somebody has several: each count is hidden by itself.
    """
    rows = session.execute(
        select(RegistrationNeed.need, func.count())
        .join(Registration, Registration.id == RegistrationNeed.registration_id)
        .where(_comes(conference_id))
        .group_by(RegistrationNeed.need)
    )
    counts = dict(rows.all())
    return {need: _alone(counts[need]) for need in AccessNeed if need in counts}


def people_in_need(session: Session, *, conference_id: int) -> tuple[PersonInNeed, ...]:
    """Return who needs what, by name: for whoever prepares it, and for nobody else. One statement."""
    rows = session.execute(
        select(Registration.id, Registration.badge_name, Organization.name, RegistrationNeed.need)
        .join(RegistrationNeed, RegistrationNeed.registration_id == Registration.id)
        .outerjoin(Organization, Organization.id == Registration.organization_id)
        .where(_comes(conference_id))
        .order_by(Registration.badge_name, Registration.id)
    )
    found: dict[int, tuple[str, str | None, set[AccessNeed]]] = {}
    for registration_id, name, organization, need in rows:
        found.setdefault(registration_id, (name, organization, set()))[2].add(need)
    return tuple(
        PersonInNeed(name, organization, tuple(need for need in AccessNeed if need in needs))
        for name, organization, needs in found.values()
    )


def _comes(conference_id: int) -> ColumnElement[bool]:
    confirmed = Registration.status == RegistrationStatus.CONFIRMED
    return and_(Registration.conference_id == conference_id, confirmed)


def services_booked(session: Session, *, conference_id: int, exact: bool = False) -> tuple[Booked, ...]:
    """Return what is offered, and how many places of it are booked. One statement.

    `exact` is for whoever prepares it; for everybody else fewer than five are not shown.
    """
    places = func.coalesce(func.sum(case((_comes(conference_id), ServiceBooking.places))), 0)
    rows = session.execute(
        select(OfferedService, places)
        .outerjoin(ServiceBooking, ServiceBooking.service_id == OfferedService.id)
        .outerjoin(Registration, Registration.id == ServiceBooking.registration_id)
        .where(OfferedService.conference_id == conference_id)
        .group_by(OfferedService.id)
        .order_by(OfferedService.position, OfferedService.id)
    )
    return tuple(
        # A zero too: of everybody who comes it would tell that they have not booked it.
        Booked(row.kind, row.language, row.label, row.capacity, booked if exact or booked >= LEAST else None)
        for row, booked in rows
    )
