"""How long is kept what is known of people: each period is a setting."""

from __future__ import annotations

from dataclasses import fields

from conference.domain.retention import PERIODS, Periods
from config import Testing


def test_each_period_is_a_setting_and_as_long_as_promised() -> None:
    assert {field.name: getattr(Testing(), f"KEEP_{field.name.upper()}") for field in fields(Periods)} == {
        field.name: getattr(PERIODS, field.name) for field in fields(Periods)
    }
