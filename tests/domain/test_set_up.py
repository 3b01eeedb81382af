"""What a conference needs to begin to exist, and how it is called in addresses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conference.domain.errors import Invalid
from conference.domain.program import zone_named
from conference.domain.set_up import TIME_ZONES, NewConference, free_slug

LEAST: dict[str, Any] = {
    "names": {"es": "Encuentro Ñuu"},
    "city": {"es": "Oaxaca", "en": "Oaxaca"},
    "first_day": date(2027, 3, 6),
    "days": 2,
    "time_zone": "America/Mexico_City",
}


def test_one_name_is_enough() -> None:
    assert NewConference(**LEAST).name == "Encuentro Ñuu"
    assert NewConference(**LEAST | {"names": {"es": "", "en": "Gathering"}}).name == "Gathering"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"names": {}}, "conference_name_needed"),
        ({"names": {"es": "", "en": ""}}, "conference_name_needed"),
        ({"names": {"en": "G" * 201}}, "conference_name_too_long"),
        ({"city": {"es": ""}}, "conference_city_needed"),
        ({"city": {"es": "O" * 201}}, "conference_name_too_long"),
        ({"first_day": date(27, 3, 6)}, "conference_first_day"),
        ({"days": 0}, "conference_days"),
        ({"days": 32}, "conference_days"),
        ({"time_zone": "America/Oaxaca"}, "unknown_zone"),
    ],
)
def test_what_cannot_be_held_does_not_come_to_exist(values: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        NewConference(**LEAST | values)
    assert refusal.value.code == code


@pytest.mark.parametrize("values", [{"names": {"es": "N" * 200}}, {"days": 1}, {"days": 31}])
def test_the_limits_themselves_are_allowed(values: dict[str, Any]) -> None:
    assert NewConference(**LEAST | values).days in {1, 2, 31}


def test_every_zone_of_the_list_exists() -> None:
    assert [zone_named(name).key for name in TIME_ZONES] == list(TIME_ZONES)


@pytest.mark.parametrize(
    ("name", "taken", "slug"),
    [
        ("Encuentro Ñuu", set(), "encuentro-nuu"),
        ("Encuentro Ñuu", {"encuentro-nuu"}, "encuentro-nuu-2027"),
        ("Encuentro Ñuu", {"encuentro-nuu", "encuentro-nuu-2027"}, "encuentro-nuu-2027-2"),
        # An address that is a page of ours.
        ("Rights", set(), "rights-2027"),
        ("¡¿?!", set(), "conference-2027"),
        ("a" * 200, set(), "a" * 68),
        ("a" * 200, {"a" * 68}, "a" * 68 + "-2027"),
    ],
)
def test_a_conference_is_called_by_its_name_then_its_year_then_a_number(
    name: str, taken: set[str], slug: str
) -> None:
    assert free_slug(name, 2027, taken=taken.__contains__) == slug


def test_names_run_out() -> None:
    with pytest.raises(Invalid) as refusal:
        free_slug("Encuentro", 2027, taken=lambda _slug: True)
    assert (refusal.value.code, refusal.value.data) == ("slug_taken", {"slug": "encuentro"})
