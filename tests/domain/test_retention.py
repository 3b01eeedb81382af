"""The days on which a conference forgets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from conference.domain.registration import kept_until
from conference.domain.retention import FROM_THE_LAST_DAY, PERIODS, Periods, forgotten_on, is_over

LAST_DAY = date(2026, 7, 12)


@pytest.mark.parametrize(
    ("days", "over"),
    [
        (-1, set()),
        (7, set()),
        (8, {"needs", "scans"}),
        (30, {"needs", "scans"}),
        (31, set(FROM_THE_LAST_DAY)),
    ],
)
def test_a_period_includes_its_last_day(days: int, over: set[str]) -> None:
    today = LAST_DAY + timedelta(days=days)
    found = {name for name in FROM_THE_LAST_DAY if is_over(LAST_DAY, period=PERIODS.kept(name), today=today)}
    assert found == over


def test_people_are_forgotten_the_day_after_the_one_that_registering_promises() -> None:
    promised = kept_until(LAST_DAY)
    assert not is_over(LAST_DAY, period=PERIODS.people, today=promised)
    assert forgotten_on(LAST_DAY, period=PERIODS.people) == promised + timedelta(days=1)


def test_the_day_that_is_announced_is_the_first_on_which_it_is_over() -> None:
    announced = forgotten_on(LAST_DAY, period=PERIODS.scans)
    before = announced - timedelta(days=1)
    assert [is_over(LAST_DAY, period=PERIODS.scans, today=day) for day in (before, announced)] == [
        False,
        True,
    ]


def test_only_the_presence_of_seats_may_outlast_the_people() -> None:
    shorter = Periods(people=timedelta(days=2))
    assert {name: shorter.kept(name).days for name in FROM_THE_LAST_DAY} == {
        "needs": 2,
        "scans": 2,
        "presences": 30,
        "people": 2,
    }
    assert PERIODS.kept("needs") == timedelta(days=7)


@pytest.mark.parametrize("wrong", [{"people": timedelta()}, {"messages": timedelta(days=-1)}])
def test_nothing_is_kept_for_no_time(wrong: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match="no time"):
        Periods(**wrong)


def test_what_goes_by_the_calendar_goes_by_whole_days() -> None:
    with pytest.raises(ValueError, match="whole days"):
        Periods(scans=timedelta(hours=36))
