"""Open data as files: columns that stay, no formulas, and what was written comes back."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Chamber
from conference.domain.directory import LegalForm, OrganizationKind, OrganizationStatus
from conference.exports.cells import csv_table, safe_cell
from conference.exports.open_data import organizations_csv, organizations_json
from conference.queries.open_data import OpenOrganization

LANGUAGES = ("es", "en")


def organization(**values: object) -> OpenOrganization:
    defaults = {
        "key": "club",
        "name": "Club Ñuu Tiyoʼo",
        "kind": OrganizationKind.HTA,
        "side": Chamber.US,
        "status": OrganizationStatus.ACTIVE,
        "votes": 2,
        "federations": ("mixteca", "norte"),
        "municipality": "20067",
        "municipality_name": "Oaxaca de Juárez",
        "origin_state": "Oaxaca",
        "place": "",
        "us_state": "OR",
        "us_city": "",
        "languages": ("spa", "mix"),
        "description": {"es": "Somos"},
        "website": "https://example.org",
        "legal_form": LegalForm.UNINCORPORATED,
        "funders": "",
        "affiliations": "",
    }
    return OpenOrganization(**defaults | values)


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_columns_are_these_and_stay() -> None:
    head, row = cells(organizations_csv([organization()], LANGUAGES))
    assert dict(zip(head, row, strict=True)) == {
        "key": "club",
        "name": "Club Ñuu Tiyoʼo",
        "kind": "hta",
        "side": "us",
        "status": "active",
        "votes": "2",
        "federations": "mixteca norte",
        "municipality": "20067",
        "municipality_name": "Oaxaca de Juárez",
        "origin_state": "Oaxaca",
        "place": "",
        "us_state": "OR",
        "us_city": "",
        "languages": "spa mix",
        "website": "https://example.org",
        "legal_form": "unincorporated",
        "funders": "",
        "affiliations": "",
        "description_es": "Somos",
        "description_en": "",
    }


def test_the_document_has_the_same_and_what_is_not_said_is_null() -> None:
    document = json.loads(organizations_json([organization(votes=None, legal_form=None)], {"coverage": "x"}))
    (one,) = document["organizations"]
    assert (document["coverage"], one["votes"], one["legal_form"], one["funders"]) == ("x", None, None, None)
    assert (one["federations"], one["languages"], one["description"]) == (
        ["mixteca", "norte"],
        ["spa", "mix"],
        {"es": "Somos"},
    )
    assert (one["kind"], one["side"]) == ("hta", "us")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_a_formula(start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    table = cells(
        organizations_csv([organization(name=evil, funders=evil, description={"en": evil})], LANGUAGES)
    )
    assert [cell for cell in table[1] if cell.endswith("!A0")] == [f"'{evil}"] * 3


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4))
def test_every_text_comes_back_behind_its_apostrophe(texts: list[str]) -> None:
    assert cells(csv_table([texts])) == [[safe_cell(text) for text in texts]] or texts == [""]
