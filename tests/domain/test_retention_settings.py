"""Settings that come from the environment, and say so when they are wrong."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from conference.domain.retention import PERIODS, Periods
from config import Testing, _days


def test_each_period_is_a_setting_and_as_long_as_promised() -> None:
    assert {field.name: getattr(Testing(), f"KEEP_{field.name.upper()}") for field in fields(Periods)} == {
        field.name: getattr(PERIODS, field.name) for field in fields(Periods)
    }


def test_days_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASAMBLEA_KEEP_PEOPLE_DAYS", "14")
    assert _days("KEEP_PEOPLE", 30) == timedelta(days=14)


@pytest.mark.parametrize("typed", ["0", "-1", "two weeks", "1.5", ""])
def test_what_is_no_number_of_days_stops_the_start(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setenv("ASAMBLEA_KEEP_PEOPLE_DAYS", typed)
    with pytest.raises(RuntimeError, match="ASAMBLEA_KEEP_PEOPLE_DAYS"):
        _days("KEEP_PEOPLE", 30)
