"""`flask worker`, except that it halts in the middle of every import: there it is killed, or told to stop."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from flask.cli import main

from conference.web import jobs

if TYPE_CHECKING:
    from threading import Event

    from conference.services.jobs import Work


class HaltingProgress(jobs.Progress):
    """Notes that half is done, and goes on only when the worker is told to stop."""

    def __init__(self, work: Work, stopping: Event) -> None:
        super().__init__(work, stopping)
        self._told = stopping

    def __call__(self, done: int, total: int | None = None) -> None:
        """Note how far the work has come, and at half of it wait."""
        halfway = total is not None and done == total // 2
        if halfway:
            self._noted = time.monotonic() - jobs.STEP_SECONDS
        super().__call__(done, total)
        if halfway:
            self._told.wait()


if __name__ == "__main__":
    jobs.Progress = HaltingProgress  # type: ignore[misc]
    sys.argv = ["flask", "--app", "conference", "worker", *sys.argv[1:]]
    main()
