"""How many may come: what becomes of whoever registers now, with whom, and behind whom."""

from __future__ import annotations

import pytest

from conference.domain.errors import Conflict, Invalid
from conference.domain.places import (
    MOST_IN_GROUP,
    MOST_PLACES,
    Room,
    Setting,
    check_unnamed,
    checked_capacity,
    checked_group_size,
    free,
    most_unnamed,
    outcome,
)
from conference.domain.registration import Category, RegistrationStatus

CONFIRMED, PENDING, WAITING = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.PENDING,
    RegistrationStatus.WAITING,
)


@pytest.mark.parametrize(
    ("setting", "taken", "in_line", "size", "becomes"),
    [
        (Setting(), 9_999, 0, 40, CONFIRMED),
        (Setting(approval=True), 0, 0, 1, PENDING),
        (Setting(capacity=50), 49, 0, 1, CONFIRMED),
        (Setting(capacity=50), 50, 0, 1, WAITING),
        (Setting(capacity=50), 44, 0, 6, CONFIRMED),
        (Setting(capacity=50), 45, 0, 6, WAITING),
        (Setting(capacity=50), 10, 1, 1, WAITING),
        (Setting(capacity=50, approval=True), 50, 0, 1, WAITING),
        (Setting(capacity=50, approval=True), 49, 0, 1, PENDING),
        (Setting(capacity=0), 0, 0, 1, WAITING),
        (Setting(capacity=10), 25, 0, 1, WAITING),
    ],
)
def test_all_of_a_party_get_a_place_or_all_of_them_join_the_line(
    setting: Setting, taken: int, in_line: int, size: int, becomes: RegistrationStatus
) -> None:
    assert outcome(setting, taken=taken, in_line=in_line, size=size) is becomes


def test_nobody_joins_a_category_that_is_closed_not_even_its_line() -> None:
    with pytest.raises(Conflict) as refusal:
        outcome(Setting(open=False, capacity=1), taken=1, in_line=3, size=1)
    assert refusal.value.code == "category_closed"


def test_a_capacity_below_what_is_taken_leaves_nothing_free_and_takes_nothing_away() -> None:
    assert [free(None, 9), free(10, 9), free(10, 10), free(10, 12)] == [None, 1, 0, 0]


def test_room_is_what_both_the_house_and_the_category_have() -> None:
    room = Room(5, {Category.PRESS: 2, Category.SPEAKER: 9})
    assert [room.fits(Category.PRESS, 2), room.fits(Category.PRESS, 3)] == [True, False]
    assert [room.fits(Category.SPEAKER, 5), room.fits(Category.SPEAKER, 6)] == [True, False]
    assert room.fits_category(Category.SPEAKER, 6) is True
    assert [room.fits(Category.DELEGATE, 5), room.fits(Category.DELEGATE, 6)] == [True, False]
    assert room.without(Category.PRESS, 2) == Room(3, {Category.PRESS: 0, Category.SPEAKER: 9})
    assert room.without(Category.DELEGATE, 4) == Room(1, {Category.PRESS: 2, Category.SPEAKER: 9})
    assert Room().fits(Category.PRESS, 1_000) is True


def test_a_group_is_no_larger_than_all_the_places_there_are() -> None:
    assert [checked_group_size(size) for size in (1, MOST_IN_GROUP)] == [1, MOST_IN_GROUP]
    assert checked_group_size(6, None, 6) == 6
    # Where there is no place at all one may wait for one.
    assert checked_group_size(1, 0) == 1
    for size, capacities, code in (
        (0, (), "group_size_wrong"),
        (-3, (), "group_size_wrong"),
        (MOST_IN_GROUP + 1, (), "group_size_wrong"),
        (7, (None, 6), "group_larger_than_places"),
        (7, (6, 80), "group_larger_than_places"),
        (2, (0,), "group_larger_than_places"),
    ):
        with pytest.raises(Invalid) as refusal:
            checked_group_size(size, *capacities)
        assert refusal.value.code == code


def test_an_organization_holds_a_quarter_of_the_places_without_names_and_ten_in_a_small_house() -> None:
    assert [most_unnamed(number) for number in (None, 0, 43, 44, 300)] == [None, 10, 10, 11, 75]
    check_unnamed(40, unnamed=9_000, capacity=None)
    check_unnamed(5, unnamed=70, capacity=300)
    with pytest.raises(Conflict) as refusal:
        check_unnamed(6, unnamed=70, capacity=300)
    assert (refusal.value.code, refusal.value.data) == ("too_many_unnamed", {"held": 70, "most": 75})


def test_a_number_of_places_is_none_or_not_negative() -> None:
    assert [checked_capacity(number) for number in (None, 0, MOST_PLACES)] == [None, 0, MOST_PLACES]
    for number in (-1, MOST_PLACES + 1):
        with pytest.raises(Invalid) as refusal:
            checked_capacity(number)
        assert refusal.value.code == "capacity_wrong"
