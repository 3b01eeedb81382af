"""Organizations as open data: a table and a JSON document with the same names of columns, which stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conference.exports.cells import csv_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conference.queries.open_data import OpenOrganization

# Names that other people's programs use: a new one is added at the end, none is renamed.
COLUMNS = (
    *("key", "name", "kind", "side", "status", "votes", "federations"),
    *("municipality", "municipality_name", "origin_state", "place", "us_state", "us_city"),
    *("languages", "website", "legal_form", "funders", "affiliations"),
)


def table_columns(languages: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the table's columns for a conference in these languages, in their order."""
    return (*COLUMNS, *(f"description_{language}" for language in languages))


def organizations_csv(organizations: Iterable[OpenOrganization], languages: Sequence[str]) -> bytes:
    """Return the table as CSV (see `csv_table`); several keys in a cell are separated by blanks."""
    rows = (_cells(one, languages) for one in organizations)
    return csv_table([table_columns(languages), *rows])


def organizations_json(organizations: Iterable[OpenOrganization], about: Mapping[str, object]) -> bytes:
    """Return the document: what it is `about` (notes, licence), and the organizations. UTF-8, no escapes."""
    document = {**about, "organizations": [_record(one) for one in organizations]}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _record(one: OpenOrganization) -> dict[str, object]:
    values = {column: getattr(one, column) or None for column in COLUMNS}
    return values | {
        "federations": list(one.federations),
        "languages": list(one.languages),
        "description": dict(one.description),
    }


def _cells(one: OpenOrganization, languages: Sequence[str]) -> list[str]:
    cells = [_cell(getattr(one, column)) for column in COLUMNS]
    return cells + [one.description.get(language, "") for language in languages]


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
