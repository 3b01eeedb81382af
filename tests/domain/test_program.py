from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.domain.errors import Invalid
from conference.domain.program import (
    OverlapKind,
    SessionKind,
    Slot,
    overlap_counts,
    overlaps,
    person_overlaps,
    room_overlaps,
    zone_named,
)
from tests.timing import measured

if TYPE_CHECKING:
    from pathlib import Path

wall_clock = datetime.fromisoformat
DAY = datetime(2026, 7, 11, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """A session reduced to when it is and what it keeps busy."""

    key: str
    start: int
    minutes: int
    room: str = ""
    persons: tuple[str, ...] = ()

    @property
    def starts_at(self) -> datetime:
        return DAY + timedelta(minutes=self.start)


def pairs(events: list[Event]) -> list[tuple[str, str, str, str]]:
    return [(found.kind, found.holder, found.first.key, found.second.key) for found in overlaps(events)]


def test_the_kinds_are_those_of_the_vocabulary():
    assert " ".join(SessionKind) == (
        "plenary panel workshop roundtable training caucus ceremony cultural break"
    )


def test_a_slot_in_seattle_and_one_in_mexico_city_are_two_hours_apart_in_july_2010():
    seattle = Slot(wall_clock("2010-07-17T09:00"), 60, "America/Los_Angeles")
    mexico = Slot(wall_clock("2010-07-17T09:00"), 60, "America/Mexico_City")
    assert seattle.starts_at == datetime(2010, 7, 17, 16, 0, tzinfo=UTC)
    assert mexico.starts_at == datetime(2010, 7, 17, 14, 0, tzinfo=UTC)
    assert seattle.ends_at == datetime(2010, 7, 17, 17, 0, tzinfo=UTC)


def test_mexico_city_keeps_standard_time_since_2022():
    assert Slot(wall_clock("2026-07-11T09:00"), 0, "America/Mexico_City").starts_at == datetime(
        2026, 7, 11, 15, 0, tzinfo=UTC
    )


def test_a_session_over_the_end_of_summer_time_lasts_as_long_as_it_says():
    slot = Slot(wall_clock("2026-11-01T00:30"), 90, "America/Los_Angeles")
    assert slot.ends_at - slot.starts_at == timedelta(minutes=90)
    assert slot.ends_local == wall_clock("2026-11-01T01:00")  # shown for the second time


def test_an_hour_shown_twice_is_the_first_of_the_two_whatever_fold_says():
    slot = Slot(wall_clock("2026-11-01T01:30").replace(fold=1), 30, "America/Los_Angeles")
    assert slot.starts_at == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


def test_an_hour_the_clock_skips_counts_with_the_offset_before():
    slot = Slot(wall_clock("2026-03-08T02:30"), 30, "America/Los_Angeles")
    assert slot.starts_at == datetime(2026, 3, 8, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "minutes", "zone", "code"),
    [
        (datetime(2026, 7, 11, 9, tzinfo=UTC), 60, "America/Los_Angeles", "slot_not_naive"),
        (wall_clock("2026-07-11T09:00"), -1, "America/Los_Angeles", "slot_negative"),
        (wall_clock("2026-07-11T09:00"), 60, "America/Oaxaca", "unknown_zone"),
        (wall_clock("2026-07-11T09:00"), 60, "America", "unknown_zone"),
        (wall_clock("2026-07-11T09:00"), 60, "../../etc/passwd", "unknown_zone"),
        (wall_clock("2026-07-11T09:00"), 60, "", "unknown_zone"),
    ],
)
def test_a_slot_refuses_what_names_no_time(starts: datetime, minutes: int, zone: str, code: str):
    with pytest.raises(Invalid) as refused:
        Slot(starts, minutes, zone)
    assert refused.value.code == code


def test_two_sessions_in_one_room_at_once_overlap_and_rooms_come_before_persons():
    events = [
        Event("later", 30, 60, "auditorio", ("Ana",)),
        Event("earlier", 0, 60, "auditorio", ("Ana",)),
        Event("elsewhere", 0, 60, "salón", ("Beto",)),
    ]
    assert pairs(events) == [
        (OverlapKind.ROOM, "auditorio", "earlier", "later"),
        (OverlapKind.PERSON, "Ana", "earlier", "later"),
    ]


def test_a_session_that_starts_when_another_ends_does_not_overlap_it():
    assert pairs([Event("a", 0, 60, "auditorio"), Event("b", 60, 60, "auditorio")]) == []


def test_a_session_of_no_length_keeps_nothing_busy():
    assert (
        pairs([Event("long", 0, 60, "auditorio", ("Ana",)), Event("mark", 30, 0, "auditorio", ("Ana",))])
        == []
    )


def test_sessions_without_a_room_do_not_share_one():
    assert pairs([Event("a", 0, 60), Event("b", 0, 60)]) == []


def test_somebody_named_twice_on_one_session_does_not_clash_with_herself():
    assert pairs([Event("a", 0, 60, "", ("Ana", "Ana"))]) == []


def test_each_pair_is_told_once_even_where_one_long_session_covers_many():
    events = [Event("long", 0, 300, "r"), *(Event(str(n), n * 60, 60, "r") for n in range(5))]
    assert [pair[2:] for pair in pairs(events)] == [("long", str(n)) for n in range(5)]


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Event,
            key=st.uuids().map(str),
            start=st.integers(0, 60),
            minutes=st.integers(0, 20),
            room=st.sampled_from(["", "a", "b"]),
            persons=st.lists(st.sampled_from(["Ana", "Beto", "Citlali"])).map(tuple),
        ),
        max_size=12,
    )
)
def test_the_sweep_finds_what_comparing_everything_with_everything_finds(events: list[Event]):
    def meet(one: Event, other: Event) -> bool:
        both_last = one.minutes > 0 and other.minutes > 0
        return both_last and max(one.start, other.start) < min(
            one.start + one.minutes, other.start + other.minutes
        )

    every = [(one, other) for place, one in enumerate(events) for other in events[:place] if meet(one, other)]
    rooms = [frozenset({one.key, other.key}) for one, other in every if one.room and one.room == other.room]
    people = [
        frozenset({one.key, other.key}) for one, other in every for _ in set(one.persons) & set(other.persons)
    ]
    by_keys = [
        sorted(sorted({pair.first.key, pair.second.key}) for pair in found)
        for found in (room_overlaps(events), person_overlaps(events))
    ]
    assert by_keys == [sorted(sorted(pair) for pair in rooms), sorted(sorted(pair) for pair in people)]
    assert overlap_counts(events) == (len(rooms), len(people))


def test_counting_does_not_visit_each_of_many_pairs():
    many = [Event(str(n), 0, 60, "auditorio") for n in range(10_000)]
    assert overlap_counts(many) == (10_000 * 9_999 // 2, 0)


@dataclass(frozen=True, slots=True)
class Session:
    """As `Event`, with its moment made beforehand: the measured work is the sweep alone."""

    starts_at: datetime
    minutes: int
    room: str
    persons: tuple[str, ...]


# Ten thousand sessions in 50 ms, said so that a busy machine does not fail it: laying them out by room, which
# any sweep has to do first, takes 20 ms where the bound was set, so that 50 ms are two and a half times that.
# Both are measured in turn, at the same moments. A sweep that looks at each pair takes hundreds of them.
AS_LONG_AS_LAYING_OUT = 2.5


def laid_out(sessions: list[Session]) -> dict[str, list[tuple[datetime, datetime]]]:
    """Put sessions in the order of time, and their beginnings and ends by room."""
    rooms: dict[str, list[tuple[datetime, datetime]]] = {}
    for session in sorted(sessions, key=lambda each: (each.starts_at, each.room)):
        ends = session.starts_at + timedelta(minutes=session.minutes)
        rooms.setdefault(session.room, []).append((session.starts_at, ends))
    return rooms


def test_ten_thousand_sessions_are_swept_in_fifty_milliseconds():
    sessions = [
        Session(
            DAY + timedelta(minutes=(n // 40) * 30), 31 if n % 50 == 0 else 30, f"room {n % 40}", (f"p{n}",)
        )
        for n in range(10_000)
    ]
    assert len(list(overlaps(sessions))) == 200
    times = [
        (measured(lambda: list(overlaps(sessions)))[0], measured(lambda: laid_out(sessions))[0])
        for _ in range(7)
    ]
    swept, bare = (min(each) for each in zip(*times, strict=True))
    assert swept <= AS_LONG_AS_LAYING_OUT * bare, times


@pytest.mark.real_data
def test_the_zones_change_their_clocks_when_the_time_zone_database_says(real_data: Path):
    zones = json.loads((real_data / "places/tz/expected.json").read_text())["zones"]
    assert {zone: _transitions(zone) for zone in zones} == {
        zone: expected["transitions_2022_2027"] for zone, expected in zones.items()
    }


def _transitions(zone: str) -> list[list[object]]:
    """The moments from 2022 to 2027 at which the offset changes: by days, then by hours of the day."""

    def offset(moment: datetime) -> float:
        return moment.astimezone(zone_named(zone)).utcoffset() / timedelta(hours=1)

    first = datetime(2022, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in range(365 * 6 + 1)]
    hours = [
        day + timedelta(hours=n)
        for day in days
        if offset(day) != offset(day + timedelta(days=1))
        for n in range(1, 25)
    ]
    return [
        [hour.strftime("%Y-%m-%dT%H:%MZ"), offset(hour - timedelta(hours=1)), offset(hour)]
        for hour in hours
        if offset(hour - timedelta(hours=1)) != offset(hour)
    ]
