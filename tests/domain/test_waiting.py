"""The line: strictly one after the other, whoever is small and wherever there is room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.errors import Invalid
from conference.domain.places import Room
from conference.domain.registration import Category
from conference.domain.waiting import (
    HIGHEST_PRIORITY,
    MOST_LAPSES,
    SHORTEST_OFFER,
    Waiting,
    checked_priority,
    in_order,
    is_out,
    never_fits,
    next_offers,
    offered_until,
    position,
)

NOON = datetime(2026, 7, 11, 12, tzinfo=UTC)
PRESS, GUESTS = Category.PRESS, Category.ATTENDEE
CATEGORIES = (Category.DELEGATE, PRESS, GUESTS)


def party(
    number: int, *, size: int = 1, category: Category = GUESTS, priority: int = 0, minute: int = 0
) -> Waiting:
    return Waiting(number, category, size, priority, NOON + timedelta(minutes=minute))


parties = st.builds(
    party,
    st.integers(min_value=1, max_value=10_000),
    size=st.integers(min_value=1, max_value=8),
    category=st.sampled_from(CATEGORIES),
    priority=st.integers(min_value=0, max_value=2),
    minute=st.integers(min_value=0, max_value=5),
)
lines = st.lists(parties, max_size=12, unique_by=lambda each: each.party_id)
rooms = st.builds(
    Room,
    st.none() | st.integers(min_value=0, max_value=25),
    st.dictionaries(st.sampled_from(CATEGORIES), st.integers(min_value=0, max_value=10)),
)


def test_the_higher_priority_goes_first_then_who_waits_longer_then_who_came_first() -> None:
    line = (party(4, minute=1), party(3), party(2), party(9, priority=1, minute=5))
    assert [each.party_id for each in in_order(line)] == [9, 2, 3, 4]


def test_a_position_is_counted_in_the_line_of_the_own_category() -> None:
    line = (party(1, category=PRESS), party(2), party(3, minute=1))
    assert [position(line, number) for number in (1, 2, 3, 4)] == [1, 1, 2, 0]


@pytest.mark.parametrize(
    ("line", "room", "offered"),
    [
        ((), Room(5), ()),
        ((party(1), party(2)), Room(1), (1,)),
        ((party(1), party(2)), Room(), (1, 2)),
        # A group at the head is waited for; whoever is smaller does not pass it.
        ((party(1, size=6), party(2)), Room(None, {GUESTS: 5}), ()),
        ((party(1, size=6), party(2)), Room(None, {GUESTS: 7}), (1, 2)),
        # What one category lacks does not keep another one from its own.
        ((party(1, size=6), party(2, category=PRESS)), Room(3, {GUESTS: 5, PRESS: 1}), (2,)),
        # What the house lacks is gathered for whoever is first in any line.
        ((party(1, size=6), party(2, category=PRESS, minute=1)), Room(5, {PRESS: 1}), ()),
        # Who came before a group, in another line, is served before it.
        ((party(1, size=6, minute=1), party(2, category=PRESS)), Room(5, {PRESS: 1}), (2,)),
        ((party(1, size=6), party(2, priority=1, minute=9)), Room(1), (2,)),
    ],
)
def test_free_places_go_to_the_head_of_the_line_as_long_as_all_of_it_fits(
    line: tuple[Waiting, ...], room: Room, offered: tuple[int, ...]
) -> None:
    assert next_offers(line, room) == offered


@given(lines, rooms)
def test_no_more_is_offered_than_is_free_neither_in_the_house_nor_in_a_category(
    line: list[Waiting], room: Room
) -> None:
    chosen = [each for each in line if each.party_id in next_offers(line, room)]
    assert room.total is None or sum(each.size for each in chosen) <= room.total
    for category, places in room.by_category.items():
        assert sum(each.size for each in chosen if each.category is category) <= places


@given(lines, rooms)
def test_nobody_is_passed_by_anybody_behind_them_in_the_same_line(line: list[Waiting], room: Room) -> None:
    chosen = set(next_offers(line, room))
    for category in CATEGORIES:
        own = [each.party_id in chosen for each in in_order(line) if each.category is category]
        assert own == sorted(own, reverse=True)


@given(lines, rooms)
def test_whoever_is_passed_by_another_line_could_not_have_come_in_all_the_same(
    line: list[Waiting], room: Room
) -> None:
    chosen = set(next_offers(line, room))
    left = room
    for each in in_order(line):
        if each.party_id in chosen:
            left = left.without(each.category, each.size)
    for place, each in enumerate(in_order(line)):
        passed = any(later.party_id in chosen for later in in_order(line)[place + 1 :])
        if each.party_id not in chosen and passed:
            ahead = [one for one in in_order(line)[: place + 1] if one.category is each.category]
            blocking = next(one for one in ahead if one.party_id not in chosen)
            assert not left.fits_category(blocking.category, blocking.size)


@given(lines, rooms)
def test_no_place_is_left_that_the_head_of_any_line_could_take(line: list[Waiting], room: Room) -> None:
    chosen = next_offers(line, room)
    for number in chosen:
        each = next(one for one in line if one.party_id == number)
        room = room.without(each.category, each.size)
    rest = [each for each in line if each.party_id not in chosen]
    assert next_offers(rest, room) == ()


@given(lines, rooms, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_line_was_read(line: list[Waiting], room: Room, chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(line)
    chance.shuffle(shuffled)
    assert in_order(shuffled) == in_order(line)
    assert next_offers(shuffled, room) == next_offers(line, room)


@given(lines, rooms, parties)
def test_who_comes_last_changes_nothing_for_those_before(
    line: list[Waiting], room: Room, newcomer: Waiting
) -> None:
    last = party(20_000, size=newcomer.size, category=newcomer.category, minute=9)
    with_newcomer = next_offers([*line, last], room)
    assert tuple(number for number in with_newcomer if number != 20_000) == next_offers(line, room)


def test_an_offer_is_held_for_some_hours_and_the_second_one_that_runs_out_is_the_last() -> None:
    ahead, tomorrow, before = NOON + timedelta(days=9), NOON + timedelta(days=1), NOON - timedelta(days=1)
    assert offered_until(NOON, hours=48, begins=ahead) == NOON + timedelta(days=2)
    assert offered_until(NOON, hours=48, begins=tomorrow) == tomorrow
    assert offered_until(NOON, hours=1, begins=tomorrow) == NOON + timedelta(hours=1)
    # While it is held, and just before, two hours have to do; or fewer where the organizers say so.
    assert offered_until(NOON, hours=48, begins=before) == NOON + SHORTEST_OFFER
    assert offered_until(NOON, hours=48, begins=NOON + timedelta(minutes=5)) == NOON + SHORTEST_OFFER
    assert offered_until(NOON, hours=1, begins=before) == NOON + timedelta(hours=1)
    assert [is_out(lapsed) for lapsed in range(MOST_LAPSES + 1)] == [False, False, True]


def test_a_priority_is_one_digit() -> None:
    assert [checked_priority(number) for number in (0, HIGHEST_PRIORITY)] == [0, HIGHEST_PRIORITY]
    for number in (-1, HIGHEST_PRIORITY + 1):
        with pytest.raises(Invalid) as refusal:
            checked_priority(number)
        assert refusal.value.code == "priority_wrong"


@pytest.mark.parametrize(
    ("size", "capacities", "never"),
    [
        (6, (None, None), False),
        (6, (6, None), False),
        (6, (5, None), True),
        (6, (80, 5), True),
        (1, (0,), True),
    ],
)
def test_a_party_larger_than_the_house_or_its_category_never_fits(
    size: int, capacities: tuple[int | None, ...], never: bool
) -> None:
    assert never_fits(size, *capacities) is never
