"""Long work: what kinds there are, how far one has come, and when it is to be done. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

# Whoever works renews the lease with each step; a worker that died leaves one that runs out.
LEASE = timedelta(minutes=2)
# A job that has killed its worker this often, or met a fault of ours, is not tried once more.
ATTEMPTS = 3
# Waits after a fault of ours; never longer than a lease.
BACK_OFF = timedelta(minutes=1)
# What a job made can be fetched for so long.
KEPT = timedelta(hours=24)
# That there was a job, and what it counted, is known for so long.
REMEMBERED = timedelta(days=30)
# People are forgotten once a day, at night by the server's clock.
DAILY = time(4, 17)


class JobKind(StrEnum):
    """What runs in the queue, with progress shown on the page that started it."""

    EXPORT_PEOPLE = "export_people"
    IMPORT_ORGANIZATIONS = "import_organizations"
    IMPORT_PROGRAM = "import_program"
    PRINT_BADGES = "print_badges"
    PURGE = "purge"
    WRITE_TO_PEOPLE = "write_to_people"


class JobState(StrEnum):
    """Where a job stands; the last two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def daily_purge(local: datetime) -> str | None:
    """Return the cause of today's purge once its hour has come, by the server's own clock; else None.

    A server that was off at that hour catches up when it is on again, on the same day.
    """
    return f"purge-{local.date()}" if local.time() >= DAILY else None
