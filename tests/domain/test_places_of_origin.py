"""Places are their keys: names repeat. Against the catalogue of INEGI and ISO 639-3, too."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from conference.domain.directory import folded
from conference.domain.places_of_origin import (
    find_municipalities,
    known_municipality,
    languages,
    meant,
    municipalities,
    same_place,
    states,
    us_states,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def expected(real_data: Path):
    return json.loads((real_data / "places" / "inegi" / "expected.json").read_text("utf-8"))


@pytest.mark.real_data
def test_there_are_as_many_municipalities_as_inegi_counts(expected):
    counted = Counter(one.state for one in municipalities().values())

    assert len(municipalities()) == expected["total"]
    assert dict(counted) == expected["per_state"]
    assert (len(states()), counted["20"], counted["32"]) == (
        expected["states"],
        expected["oaxaca"],
        expected["zacatecas"],
    )


@pytest.mark.real_data
def test_names_are_those_of_inegi(expected, real_data):
    written = (real_data / "places" / "inegi" / "municipios_completo.json").read_text("utf-8")
    names = {row["cve_completa"]: row["nom_municipio"] for row in json.loads(written)}

    assert {key: one.name for key, one in municipalities().items()} == names
    assert max(names.values(), key=len) == expected["longest_name"]
    assert {
        key: [one.name] for key, one in municipalities().items() if key in expected["sample"]
    } == expected["sample"]


@pytest.mark.real_data
def test_the_same_name_in_a_state_is_told_apart_by_its_district(expected):
    oaxaca = [one for one in municipalities().values() if one.state == "20"]
    names = Counter(folded(one.name) for one in oaxaca)
    repeated = sorted(name for name, count in names.items() if count > 1)
    shown = Counter((one.state, one.name, one.district) for one in municipalities().values())

    assert repeated == expected["oaxaca_same_folded_name"]
    assert set(shown.values()) == {1}


@pytest.mark.real_data
def test_languages_of_the_region_are_those_of_iso_639_3(real_data):
    written = (real_data / "places" / "iso639" / "expected.json").read_text("utf-8")
    by_name = json.loads(written)["by_name"]
    extinct, signed = {"xzp"}, {"msd"}

    for family in ("Zapotec", "Mixtec", "Otomi", "Totonac", "Purepecha", "Zoque", "Chontal", "Ixcatec"):
        codes = {code for code, _name in by_name[family]["codes"]} - extinct - signed
        assert codes - {"zap"} <= languages().keys(), family


def test_two_san_juan_mixtepec_are_two_places():
    found = find_municipalities("san juan mixtepec", state="20")

    assert [(one.key, one.name, one.district) for one in found] == [
        ("20208", "San Juan Mixtepec", "Juxtlahuaca"),
        ("20209", "San Juan Mixtepec", "Miahuatlán"),
    ]
    assert meant("San Juan Mixtepec", state="20") is None
    assert meant("san juan mixtepec juxtlahuaca") == known_municipality("20208")


def test_accents_capitals_former_names_and_keys_find_a_place():
    wanted = known_municipality("20549")

    assert [meant(text) for text in ("TEZOATLAN", "Tezoatlán de Segura y Luna", "20549")] == [wanted] * 3
    assert meant("yalalag") == known_municipality("20038")
    assert meant("  NUU savi ") == known_municipality("12083")


def test_the_very_name_comes_before_those_that_hold_it():
    found = find_municipalities("tula")

    assert (found[0].key, len(found) > 1) == ("28039", True)
    assert meant("Tula") == found[0]


@pytest.mark.parametrize("text", ["", "   ", "%", "nowhere at all", "<script>", "\u0301"])
def test_what_names_no_place_finds_none(text):
    assert (find_municipalities(text), meant(text)) == ((), None)


def test_a_state_narrows_a_search():
    everywhere, there = find_municipalities("benito juarez"), find_municipalities("benito juarez", state="23")

    assert len(everywhere) > 1
    assert [one.key for one in there] == ["23005"]


def test_a_typed_name_fits_the_place_that_was_chosen_or_not():
    assert (same_place("mixtepec", "20209"), same_place("tlaxiaco", "20209")) == (True, False)


def test_a_key_that_there_is_not_is_no_place():
    assert (known_municipality("99999"), known_municipality(None), known_municipality("")) == (None,) * 3


def test_states_of_the_united_states_have_names_in_both_languages():
    assert len(us_states()) == 52
    assert us_states()["OR"] == {"en": "Oregon", "es": "Oregón"}
    assert all(names["en"] and names["es"] for names in us_states().values())


def test_languages_have_names_in_both_languages():
    own = languages()["zai"]

    assert (own.english, own.spanish, own.own_name) == ("Isthmus Zapotec", "zapoteco del Istmo", "diidxazá")
    assert all(one.english and one.spanish for one in languages().values())
    assert not [one for one in languages().values() if "  " in one.spanish or one.spanish.endswith(" de")]
