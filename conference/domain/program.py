"""The timetable's values: what a session is, when it takes place, and where two of them clash."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conference.domain.errors import Invalid


class SessionKind(StrEnum):
    """What one item of the program is; see the vocabulary of the domain."""

    PLENARY = "plenary"
    PANEL = "panel"
    WORKSHOP = "workshop"
    ROUNDTABLE = "roundtable"
    TRAINING = "training"
    CAUCUS = "caucus"
    CEREMONY = "ceremony"
    CULTURAL = "cultural"
    BREAK = "break"


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name; raise `Invalid("unknown_zone")` where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: "America" is a folder
        raise Invalid("unknown_zone", zone=name) from error


@dataclass(frozen=True, slots=True)
class Slot:
    """A session takes place at a wall-clock time in a zone; moments follow from the zone's rules of the day.

    `starts_local` is naive. An hour which the clock skips counts with the offset before the change, an hour
    which it repeats is the first of the two.
    """

    starts_local: datetime
    minutes: int
    zone: str

    def __post_init__(self) -> None:
        if self.starts_local.tzinfo is not None:
            raise Invalid("slot_not_naive", starts=self.starts_local.isoformat())
        if self.minutes < 0:
            raise Invalid("slot_negative", minutes=self.minutes)
        zone_named(self.zone)

    @property
    def starts_at(self) -> datetime:
        """The moment of the start, in UTC."""
        return self.starts_local.replace(tzinfo=zone_named(self.zone), fold=0).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The moment of the end, in UTC: `minutes` really elapsed, also over a change of the clock."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def ends_local(self) -> datetime:
        """What the clock of the zone shows at the end; naive, like `starts_local`."""
        return self.ends_at.astimezone(zone_named(self.zone)).replace(tzinfo=None)


class Occupying(Protocol):
    """What the sweep needs to know of an event: when it is, and what it keeps busy."""

    @property
    def starts_at(self) -> datetime:
        """Aware moment of the start."""

    @property
    def minutes(self) -> int:
        """Length; an event of zero minutes keeps nothing busy."""

    @property
    def room(self) -> str:
        """Name or key of the room; empty where it has none."""

    @property
    def persons(self) -> Collection[Hashable]:
        """Whoever cannot be elsewhere meanwhile."""


EventT = TypeVar("EventT", bound=Occupying)


class OverlapKind(StrEnum):
    """What two events want at the same time."""

    ROOM = "room"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Overlap(Generic[EventT]):
    """Two events keep the same room or person busy at once; `first` starts no later than `second`."""

    kind: OverlapKind
    holder: Hashable
    first: EventT
    second: EventT


def overlaps(events: Iterable[EventT]) -> Iterator[Overlap[EventT]]:
    """Yield every pair of events which share a room or a person for a minute or more, rooms first.

    A sweep: n log n for n events, and one step a pair. Holders come in the order in which the events name
    them, pairs in the order of their starts. An event that ends when the other starts does not overlap it.
    """
    events = tuple(events)
    return chain(room_overlaps(events), person_overlaps(events))


def room_overlaps(events: Iterable[EventT]) -> Iterator[Overlap[EventT]]:
    """Yield the pairs of events which are in one room at once."""
    return _pairs(OverlapKind.ROOM, _stays(events, _rooms))


def person_overlaps(events: Iterable[EventT]) -> Iterator[Overlap[EventT]]:
    """Yield the pairs of events which want one person at once."""
    return _pairs(OverlapKind.PERSON, _stays(events, _people))


def overlap_counts(events: Iterable[EventT]) -> tuple[int, int]:
    """Return how many pairs share a room and how many a person, without visiting the pairs: n log n."""
    events = tuple(events)
    return _count(_stays(events, _rooms)), _count(_stays(events, _people))


# A stay is (start, end, event), in seconds since 1970.
_Stay = tuple[float, float, EventT]
_Holders = Callable[[EventT], Iterable[Hashable]]


def _rooms(event: Occupying) -> tuple[str, ...]:
    return (event.room,) if event.room else ()


def _people(event: Occupying) -> Iterable[Hashable]:
    persons = event.persons
    return dict.fromkeys(persons) if len(persons) > 1 else persons  # named twice, she is busy once


def _stays(events: Iterable[EventT], holders: _Holders[EventT]) -> dict[Hashable, list[_Stay[EventT]]]:
    """Return the stays of whatever is kept busy twice or more, each list sorted by start."""
    by_holder: dict[Hashable, list[_Stay[EventT]]] = defaultdict(list)
    for event in events:
        if not event.minutes:
            continue
        start = event.starts_at.timestamp()
        stay = (start, start + event.minutes * 60, event)
        for holder in holders(event):
            by_holder[holder].append(stay)
    shared = {holder: stays for holder, stays in by_holder.items() if len(stays) > 1}
    for stays in shared.values():
        stays.sort(key=itemgetter(0))
    return shared


def _pairs(kind: OverlapKind, by_holder: dict[Hashable, list[_Stay[EventT]]]) -> Iterator[Overlap[EventT]]:
    for holder, stays in by_holder.items():
        for following, (_, end, first) in enumerate(stays, start=1):
            place = following
            while place < len(stays) and stays[place][0] < end:
                yield Overlap(kind, holder, first, stays[place][2])
                place += 1


def _count(by_holder: dict[Hashable, list[_Stay[EventT]]]) -> int:
    total = 0
    for stays in by_holder.values():
        starts = [start for start, _, _ in stays]
        total += sum(bisect_left(starts, end) - place for place, (_, end, _) in enumerate(stays, start=1))
    return total
