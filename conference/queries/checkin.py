"""What a door shows: numbers for everybody at it, and the one person who has just been scanned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from agreements import Chamber
from conference.domain.checkin import ENTRANCE, TAKEN_BACK_WITHIN, ScanOutcome, Sitting, default_door
from conference.domain.errors import NotFound
from conference.domain.program import SessionKind
from conference.models import Credential, Organization, Presence, ProgramSession, Registration, Scan, Seat
from conference.models.checkin import in_the_room
from conference.models.directory import is_here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category, PhotoPreference
    from conference.queries.conference import ConferenceView

# A scan is shown to whoever made it while they look at it, so that its address is no list of people.
SHOWN_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DoorLine:
    """A door to choose: `title` and `starts_local` are empty for the entrance."""

    key: str
    title: Mapping[str, str]
    starts_local: datetime | None
    sitting: bool


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors of today, the entrance first, and the one that was chosen."""

    choices: tuple[DoorLine, ...]
    chosen: DoorLine


@dataclass(frozen=True, slots=True)
class ChamberPresence:
    """How many of a chamber's seats are present in a sitting."""

    chamber: Chamber
    present: int
    seats: int


@dataclass(frozen=True, slots=True)
class DoorCounts:
    """How many people were let in at a door; the chambers only at the door of a sitting."""

    inside: int
    chambers: tuple[ChamberPresence, ...]


@dataclass(frozen=True, slots=True)
class ShownScan:
    """What came of a scan, for the volunteer who made it. A refusal names nobody.

    `seat_of` is the organization whose seat the person made present in this sitting; `first_at` is when a
    ticket that is already inside was admitted.
    """

    outcome: ScanOutcome
    badge_name: str | None = None
    category: Category | None = None
    photo_preference: PhotoPreference | None = None
    seat_of: str | None = None
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PresentSeat:
    """A seat whose delegate is in the sitting, by its organization: never by the person's name."""

    seat_id: int
    organization: str
    chamber: Chamber


def doors(session: Session, *, conference: ConferenceView, door: str | None, now: datetime) -> Doors:
    """Return the doors of today and the chosen one: by default that of the sitting that is near.

    A session of another day is a door too, if it is asked for. Raises NotFound("door_not_found").
    """
    moment = now.astimezone(ZoneInfo(conference.time_zone)).replace(tzinfo=None)
    today = datetime.combine(moment.date(), time())
    of_today: ColumnElement[bool] = and_(
        ProgramSession.starts_local >= today,
        ProgramSession.starts_local < today + timedelta(days=1),
        ProgramSession.kind != SessionKind.BREAK,
    )
    rows = session.scalars(
        select(ProgramSession)
        .where(
            ProgramSession.conference_id == conference.id,
            ProgramSession.cancelled.is_(False),
            of_today if door is None else or_(of_today, ProgramSession.key == door),
        )
        .order_by(ProgramSession.starts_local, ProgramSession.position)
    ).all()
    sittings = [Sitting(row.key, row.starts_local, row.minutes) for row in rows if row.sitting]
    wanted = default_door(sittings, moment=moment) if door is None else door
    choices = (
        DoorLine(ENTRANCE, {}, None, sitting=False),
        *(DoorLine(row.key, row.title, row.starts_local, row.sitting) for row in rows),
    )
    for choice in choices:
        if choice.key == wanted:
            return Doors(choices, choice)
    raise NotFound("door_not_found")


def door_counts(session: Session, *, conference_id: int, door: DoorLine) -> DoorCounts:
    """Return how many are inside, and the delegates present per chamber at a sitting. Two statements."""
    admitted = select(func.count()).where(
        Scan.conference_id == conference_id, Scan.door == door.key, Scan.outcome == ScanOutcome.ADMITTED
    )
    inside = session.scalar(admitted) or 0
    return DoorCounts(inside, _chambers(session, conference_id, door.key) if door.sitting else ())


def _chambers(session: Session, conference_id: int, door: str) -> tuple[ChamberPresence, ...]:
    rows = session.execute(
        select(Seat.chamber, func.count(Presence.id), func.count(Seat.id))
        .outerjoin(
            Presence,
            and_(
                Presence.seat_id == Seat.id,
                in_the_room(),
                Presence.session_id == _session_id(conference_id, door),
            ),
        )
        .join(Organization, Organization.id == Seat.organization_id)
        .where(Seat.conference_id == conference_id, is_here())
        .group_by(Seat.chamber)
    )
    counts = {chamber: ChamberPresence(chamber, present, seats) for chamber, present, seats in rows}
    return tuple(counts.get(chamber, ChamberPresence(chamber, 0, 0)) for chamber in Chamber)


def _session_id(conference_id: int, door: str) -> ColumnElement[int]:
    own = select(ProgramSession.id).where(
        ProgramSession.conference_id == conference_id, ProgramSession.key == door
    )
    return own.scalar_subquery()


def shown_scan(
    session: Session, *, conference_id: int, scan_id: int, by: int, now: datetime
) -> ShownScan | None:
    """Return what came of a scan, to the account that made it and only for a while; else None."""
    row = session.execute(
        select(Scan, Registration)
        .outerjoin(Registration, Registration.id == Scan.registration_id)
        .where(
            Scan.id == scan_id,
            Scan.conference_id == conference_id,
            Scan.scanned_by_id == by,
            Scan.scanned_at > now - SHOWN_FOR,
        )
    ).one_or_none()
    if row is None:
        return None
    scan, registration = row
    if scan.outcome not in {ScanOutcome.ADMITTED, ScanOutcome.ALREADY_ADMITTED}:
        return ShownScan(scan.outcome)
    return ShownScan(
        outcome=scan.outcome,
        badge_name=registration.badge_name,
        category=registration.category,
        photo_preference=registration.photo_preference,
        seat_of=_seat_of(session, scan),
        first_at=_first_at(session, scan) if scan.outcome is ScanOutcome.ALREADY_ADMITTED else None,
    )


def _seat_of(session: Session, scan: Scan) -> str | None:
    return session.scalar(
        select(Organization.name)
        .join(Seat, Seat.organization_id == Organization.id)
        .join(Presence, Presence.seat_id == Seat.id)
        .join(Credential, Credential.id == Presence.credential_id)
        .where(
            Credential.registration_id == scan.registration_id,
            Presence.session_id == _session_id(scan.conference_id, scan.door),
            in_the_room(),
        )
    )


def _first_at(session: Session, scan: Scan) -> datetime | None:
    return session.scalar(
        select(Scan.scanned_at).where(
            Scan.conference_id == scan.conference_id,
            Scan.door == scan.door,
            Scan.registration_id == scan.registration_id,
            Scan.outcome == ScanOutcome.ADMITTED,
        )
    )


def just_left(
    session: Session, *, conference_id: int, door: str, seat_id: int, now: datetime
) -> PresentSeat | None:
    """Return a seat that was noted as gone from a sitting a moment ago, and is empty; else None."""
    here = aliased(Presence)
    again = exists().where(
        here.session_id == Presence.session_id, here.seat_id == Presence.seat_id, here.left_at.is_(None)
    )
    row = session.execute(
        select(Seat.id, Organization.name, Seat.chamber)
        .join(Organization, Organization.id == Seat.organization_id)
        .join(Presence, Presence.seat_id == Seat.id)
        .where(
            Seat.id == seat_id,
            Seat.conference_id == conference_id,
            Presence.session_id == _session_id(conference_id, door),
            Presence.left_at > now - TAKEN_BACK_WITHIN,
            ~again,
        )
        .limit(1)
    ).one_or_none()
    return None if row is None else PresentSeat(*row)


def present_seats(session: Session, *, conference_id: int, door: str) -> tuple[PresentSeat, ...]:
    """Return the seats present in a sitting, by chamber and organization. One statement."""
    rows = session.execute(
        select(Seat.id, Organization.name, Seat.chamber)
        .join(Organization, Organization.id == Seat.organization_id)
        .join(Presence, Presence.seat_id == Seat.id)
        .where(
            Seat.conference_id == conference_id,
            Presence.session_id == _session_id(conference_id, door),
            in_the_room(),
        )
        .order_by(Seat.chamber.desc(), Organization.name, Seat.id)
    )
    return tuple(PresentSeat(seat_id, name, chamber) for seat_id, name, chamber in rows)
