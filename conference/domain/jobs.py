"""Long work: what kinds there are, and how far one has come. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# Whoever works renews the lease with each step; a worker that died leaves one that runs out.
LEASE = timedelta(minutes=2)
# A job that has killed its worker this often is not given to another.
ATTEMPTS = 3
# What a job made can be fetched for so long.
KEPT = timedelta(hours=24)


class JobKind(StrEnum):
    """What runs in the queue, with progress shown on the page that started it."""

    EXPORT_PEOPLE = "export_people"
    IMPORT_PROGRAM = "import_program"
    PURGE = "purge"


class JobState(StrEnum):
    """Where a job stands; the last two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
