"""A clock that tests set: what is decided and stored reads the time there, wherever it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import conference.web.clock

if TYPE_CHECKING:
    from datetime import date, tzinfo

    import pytest


def today() -> date:
    """Return this day in UTC, asked while a test runs: a run may go on past midnight."""
    return conference.web.clock.now().date()


class Clock:
    """Stands in for `datetime` where the clock is read; goes on as the real one does, but from elsewhere."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta(0)
        monkeypatch.setattr(conference.web.clock, "datetime", self)

    def now(self, zone: tzinfo = UTC) -> datetime:
        """Return this moment, as far ahead as it was set."""
        return datetime.now(zone) + self.ahead

    def goes_on(self, **time: float) -> None:
        """Let time pass: `clock.goes_on(hours=3)`."""
        self.ahead += timedelta(**time)
