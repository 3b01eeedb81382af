"""When a reminder is due, by the venue's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from conference.domain.reminders import Reminder, reminder_due

FIRST_DAY = date(2026, 7, 11)
# Nine o'clock in the morning in Salem, in summer.
THREE_DAYS = datetime(2026, 7, 8, 16, tzinfo=UTC)
ONE_DAY = datetime(2026, 7, 10, 16, tzinfo=UTC)
MIDNIGHT = datetime(2026, 7, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 7, 8, 15, 59, 59, tzinfo=UTC), None),
        (THREE_DAYS, Reminder(3, THREE_DAYS, ONE_DAY)),
        # The server was off on that day.
        (datetime(2026, 7, 9, 20, tzinfo=UTC), Reminder(3, THREE_DAYS, ONE_DAY)),
        (datetime(2026, 7, 10, 15, 59, 59, tzinfo=UTC), Reminder(3, THREE_DAYS, ONE_DAY)),
        (ONE_DAY, Reminder(1, ONE_DAY, MIDNIGHT)),
        (datetime(2026, 7, 11, 6, 59, 59, tzinfo=UTC), Reminder(1, ONE_DAY, MIDNIGHT)),
        (MIDNIGHT, None),
        (datetime(2026, 7, 12, tzinfo=UTC), None),
    ],
)
def test_a_reminder_is_due_from_its_hour_until_the_next_one_or_the_first_day(
    now: datetime, expected: Reminder | None
) -> None:
    assert reminder_due(FIRST_DAY, time_zone="America/Los_Angeles", now=now) == expected


def test_the_hour_is_the_venues_on_both_sides_of_a_change_of_the_clock() -> None:
    # Clocks go back on 1 November: three days before the hour differs from what it is on the day before.
    due = reminder_due(
        date(2026, 11, 3), time_zone="America/Los_Angeles", now=datetime(2026, 10, 31, 16, tzinfo=UTC)
    )
    assert due == Reminder(3, datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 2, 17, tzinfo=UTC))
