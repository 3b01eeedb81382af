"""Which reminder is due: three days and one day before a conference begins, by the venue's clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_BEFORE = (3, 1)
# Nobody's phone rings at night.
HOUR = time(9)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due: so many days before, since a moment, and of use until another."""

    days: int
    since: datetime
    useless_after: datetime


def reminder_due(first_day: date, *, time_zone: str, now: datetime) -> Reminder | None:
    """Return the last reminder whose hour has come, until the next one's comes or the conference begins.

    A server that was off at that hour catches up. Moments are in UTC.
    """
    zone = ZoneInfo(time_zone)
    begins = datetime.combine(first_day, time(), zone).astimezone(UTC)
    moments = [_moment(first_day, days, zone) for days in DAYS_BEFORE]
    for days, since, until in zip(DAYS_BEFORE, moments, (*moments[1:], begins), strict=True):
        if since <= now < until:
            return Reminder(days, since, until)
    return None


def _moment(first_day: date, days: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(first_day - timedelta(days=days), HOUR, zone).astimezone(UTC)
