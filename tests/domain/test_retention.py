"""The days on which a conference forgets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from conference.domain.registration import kept_until
from conference.domain.retention import PERIODS, Due, Periods, due

LAST_DAY = date(2026, 7, 12)


@pytest.mark.parametrize(
    ("days", "what"),
    [
        (-1, Due.NOTHING),
        (7, Due.NOTHING),
        (8, Due.SCANS),
        (30, Due.SCANS),
        (31, Due.PEOPLE),
        (400, Due.PEOPLE),
    ],
)
def test_a_period_includes_its_last_day(days: int, what: Due) -> None:
    assert due(LAST_DAY, today=LAST_DAY + timedelta(days=days)) is what


def test_people_are_forgotten_the_day_after_the_one_that_registering_promises() -> None:
    promised = kept_until(LAST_DAY)
    following = promised + timedelta(days=1)
    assert (due(LAST_DAY, today=promised), due(LAST_DAY, today=following)) == (Due.SCANS, Due.PEOPLE)


def test_a_shorter_period_is_due_sooner() -> None:
    shorter = Periods(people=timedelta(days=2))
    assert due(LAST_DAY, today=LAST_DAY + timedelta(days=3), periods=shorter) is Due.PEOPLE
    assert PERIODS.people == timedelta(days=30)
