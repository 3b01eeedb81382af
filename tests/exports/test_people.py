"""The table for badges: read back as it was written, harmless to a spreadsheet, and without any contact."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.registration import Category, PhotoPreference
from conference.exports.people import people_csv
from conference.queries.approvals import Person

HEADINGS = ("Nombre", "Categoría", "Organización", "Idioma", "Habla", "Fotos")


def person(**values: object) -> Person:
    settings = {
        "badge_name": "Zenaida",
        "category": Category.DELEGATE,
        "organization_name": "Club Yalálag",
        "language": "es",
        "spoken": ("spa", "zpu"),
        "photo_preference": PhotoPreference.ASK,
    }
    return Person(**settings | values)


def written(*people: Person) -> bytes:
    return people_csv(people, headings=HEADINGS, word=lambda value: f"«{value.value}»")


def cells(table: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))


def test_a_spreadsheet_reads_accents_and_columns() -> None:
    assert written(person(), person(badge_name="Ana", organization_name=None)) == (
        b"\xef\xbb\xbf"
        + (
            "Nombre,Categoría,Organización,Idioma,Habla,Fotos\r\n"
            "Zenaida,«delegate»,Club Yalálag,es,spa zpu,«ask»\r\n"
            "Ana,«delegate»,,es,spa zpu,«ask»\r\n"
        ).encode()
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_begins_a_formula(start: str) -> None:
    name = f'{start}HYPERLINK("https://evil.example","x")'
    table = cells(written(person(badge_name=name, organization_name=name)))
    assert table[1][0] == table[1][2] == f"'{name}"


@given(st.lists(st.text(st.characters(codec="utf-8")), max_size=5))
def test_every_name_comes_back_and_no_cell_is_a_formula(names: list[str]) -> None:
    table = cells(written(*(person(badge_name=name) for name in names)))
    assert [len(row) for row in table] == [6] * (len(names) + 1)
    assert [row[0].removeprefix("'") for row in table[1:]] == [name.removeprefix("'") for name in names]
    assert [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
