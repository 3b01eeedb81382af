"""A badge takes any name that can be read; languages are choices."""

from __future__ import annotations

from datetime import date

import pytest

from conference.domain.errors import Invalid
from conference.domain.registration import checked_badge_name, checked_languages, kept_until


@pytest.mark.parametrize(
    ("typed", "badge"),
    [
        ("  Ñuu   Savi ", "Ñuu Savi"),
        ("Jose\u0301", "José"),
        ("Cha̱ ta̱", "Cha̱ ta̱"),
        ("Xhon\u202e\nbënne", "Xhon bënne"),
        ("x" * 80, "x" * 80),
        ("李", "李"),
    ],
)
def test_any_name_that_can_be_read_is_a_badge_name(typed: str, badge: str) -> None:
    assert checked_badge_name(typed) == badge


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200b", "…", "\x00"])
def test_a_badge_has_something_to_read(typed: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_badge_name(typed)
    assert error.value.code == "badge_name_needed"


def test_a_badge_name_fits_the_badge() -> None:
    with pytest.raises(Invalid) as error:
        checked_badge_name("x" * 81)
    assert (error.value.code, error.value.data) == ("badge_name_too_long", {"length": 80})


def test_languages_come_in_the_order_of_the_form_and_once() -> None:
    assert checked_languages(("mix", "eng", "mix", "spa")) == ("spa", "eng", "mix")


def test_a_language_that_was_not_offered_is_refused() -> None:
    with pytest.raises(Invalid) as error:
        checked_languages(("spa", "nací en Oaxaca"))
    assert error.value.code == "language_unknown"


def test_a_person_is_forgotten_thirty_days_after_the_last_day() -> None:
    assert kept_until(date(2026, 7, 12)) == date(2026, 8, 11)
