"""Places: taking them, giving what was freed to the line, and how many there are. Counted under a lock.

Order of locks, for everything that takes places or gives them back: the conference's row, its rows of places
by category, the registrations by id, the services that they booked by id, and only then whatever else
(accounts, the audit log last).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select, update

from conference.domain.errors import Conflict, NotFound
from conference.domain.places import Room, Setting, Taken, conference_over, free, outcome
from conference.domain.registration import HOLDING, Category, RegistrationStatus
from conference.domain.waiting import Waiting, next_offers, offered_until
from conference.models import Conference, Party, Places, Registration
from conference.services.answers import book_or_drop, hold_booked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class House:
    """What a conference has decided about its places, as it stands while this transaction holds them."""

    conference_id: int
    registration_open: bool
    capacity: int | None
    offer_hours: int
    first_day: date
    last_day: date
    time_zone: str
    settings: Mapping[Category, Setting]

    def setting(self, category: Category) -> Setting:
        """Return what is decided about a category."""
        return self.settings.get(category, Setting())

    def offered_until(self, now: datetime) -> datetime:
        """Return until when a place that is offered now is held: never for long after it has begun."""
        begins = datetime.combine(self.first_day, time.min, ZoneInfo(self.time_zone))
        return offered_until(now, hours=self.offer_hours, begins=begins.astimezone(UTC))

    def is_over(self, now: datetime) -> bool:
        """Tell whether the last day has passed where the conference is held."""
        return conference_over(self.last_day, time_zone=self.time_zone, now=now)


def hold_places(session: Session, conference_id: int) -> House:
    """Have nobody else take or give back places of a conference until the end of the transaction.

    What has no number has nothing to be counted, and is not held: such conferences register side by side.
    Raises NotFound("conference_not_found").
    """
    # FOR NO KEY UPDATE: whoever writes a row that refers to the conference does not wait.
    session.execute(
        select(Conference.id)
        .where(Conference.id == conference_id, Conference.capacity.is_not(None))
        .with_for_update(key_share=True)
    )
    session.execute(
        select(Places.category)
        .where(Places.conference_id == conference_id, Places.capacity.is_not(None))
        .order_by(Places.category)
        .with_for_update(key_share=True)
    )
    return read_house(session, conference_id)


def read_house(session: Session, conference_id: int) -> House:
    """Return what is decided about a conference's places. Raises NotFound("conference_not_found")."""
    rows = session.execute(
        select(
            Conference.registration_open,
            Conference.capacity.label("total"),
            Conference.offer_hours,
            Conference.first_day,
            Conference.days,
            Conference.time_zone,
            Places.category,
            Places.open,
            Places.approval,
            Places.capacity,
        )
        .outerjoin(Places, Places.conference_id == Conference.id)
        .where(Conference.id == conference_id)
    ).all()
    if not rows:
        raise NotFound("conference_not_found")
    first = rows[0]
    return House(
        conference_id=conference_id,
        registration_open=first.registration_open,
        capacity=first.total,
        offer_hours=first.offer_hours,
        first_day=first.first_day,
        last_day=first.first_day + timedelta(days=first.days - 1),
        time_zone=first.time_zone,
        settings={
            row.category: Setting(row.open, row.approval, row.capacity)
            for row in rows
            if row.category is not None
        },
    )


def count_taken(session: Session, conference_id: int) -> dict[Category, Taken]:
    """Count the places held, and the people in line, by category. One statement."""
    holds = Registration.status.in_(HOLDING)
    rows = session.execute(
        select(
            Registration.category,
            func.sum(case((holds, 1), else_=0)).label("held"),
            func.sum(case((holds, 0), else_=1)).label("in_line"),
        )
        .where(
            Registration.conference_id == conference_id,
            Registration.status.in_((*HOLDING, RegistrationStatus.WAITING)),
        )
        .group_by(Registration.category)
    )
    return {row.category: Taken(int(row.held), int(row.in_line)) for row in rows}


def room_in(house: House, taken: Mapping[Category, Taken]) -> Room:
    """Return the free places of the house, and of each category that has a number."""
    by_category = {
        category: free(setting.capacity, taken.get(category, Taken()).held) or 0
        for category, setting in house.settings.items()
        if setting.capacity is not None
    }
    return Room(free(house.capacity, sum(each.held for each in taken.values())), by_category)


def read_line(session: Session, conference_id: int) -> tuple[Waiting, ...]:
    """Return who is in line for places of a conference, in no order. One statement."""
    rows = session.execute(
        select(Party.id, Party.category, func.count(Registration.id), Party.priority, Party.waiting_since)
        .join(Registration, Registration.party_id == Party.id)
        .where(Party.conference_id == conference_id, Registration.status == RegistrationStatus.WAITING)
        .group_by(Party.id)
    )
    return tuple(
        Waiting(party_id, category, size, priority, since)
        for party_id, category, size, priority, since in rows
        if since is not None
    )


def take_places(
    session: Session,
    *,
    conference_id: int,
    category: Category,
    size: int,
    now: datetime,
    walk_in: bool = False,
) -> RegistrationStatus:
    """Return what `size` people become who register together now; the caller writes them in this transaction.

    All are given places, or all join the line. For a `walk_in`, whom the desk has before it, nothing is
    closed and nobody is asked; there are no more places for that. After the last day nobody comes any more,
    and nobody is registered.

    Raises NotFound("conference_not_found"), Conflict: "conference_over", "registration_closed",
    "category_closed".
    """
    house = hold_places(session, conference_id)
    if house.is_over(now):
        raise Conflict("conference_over")
    if not house.registration_open and not walk_in:
        raise Conflict("registration_closed")
    setting = house.setting(category)
    if walk_in:
        setting = replace(setting, open=True, approval=False)
    taken = count_taken(session, conference_id)
    own = taken.get(category, Taken())
    became = outcome(setting, taken=own.held, in_line=own.in_line, size=size)
    if became is RegistrationStatus.WAITING or house.capacity is None:
        return became
    # The house's places are gathered for whoever waits longest in any line.
    waiting = read_line(session, conference_id) if any(each.in_line for each in taken.values()) else ()
    fits = _fits_behind(waiting, category, size, room_in(house, taken), now)
    return became if fits else RegistrationStatus.WAITING


def _fits_behind(
    waiting: Sequence[Waiting], category: Category, size: int, room: Room, now: datetime
) -> bool:
    """Tell whether whoever comes last, behind all who wait in whichever line, is given places at once."""
    last = max((party.party_id for party in waiting), default=0) + 1
    since = max((now, *(party.since for party in waiting)))
    return last in next_offers((*waiting, Waiting(last, category, size, priority=0, since=since)), room)


def hold_line(session: Session, conference_id: int, also: Collection[int] = ()) -> None:
    """Hold whoever is in line or was offered a place, and the registrations `also`, in order of their ids.

    With them the services that they have booked. Whatever changes the line takes them all at once, so that
    two who change it never wait in a circle.
    """
    in_line = Registration.status.in_((RegistrationStatus.WAITING, RegistrationStatus.OFFERED))
    touched = (Registration.conference_id == conference_id) & in_line | Registration.id.in_(also)
    session.execute(select(Registration.id).where(touched).order_by(Registration.id).with_for_update())
    hold_booked(session, touched)


def offer_places(session: Session, house: House, *, now: datetime) -> tuple[int, ...]:
    """Offer what is free to the line, and return the parties that were; once it is over, to nobody.

    What they wished for besides is booked with the place, or dropped where it is full by now. The caller
    holds the places and the line.
    """
    waiting = () if house.is_over(now) else read_line(session, house.conference_id)
    if not waiting:
        return ()
    room = room_in(house, count_taken(session, house.conference_id))
    chosen = next_offers(waiting, room)
    if chosen:
        until = house.offered_until(now)
        session.execute(update(Party).where(Party.id.in_(chosen)).values(offered_until=until))
        session.execute(
            update(Registration)
            .where(Registration.party_id.in_(chosen), Registration.status == RegistrationStatus.WAITING)
            .values(status=RegistrationStatus.OFFERED)
        )
        book_or_drop(session, chosen)
    return chosen
