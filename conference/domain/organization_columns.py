"""What the columns of a table of organizations may be called: by code, or in Spanish. Pure.

The headings are a format, which tables that somebody has saved keep: they are no words of a page.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from conference.domain.directory import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SPANISH = "es"
DESCRIPTION = "description_"
SPANISH_HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "key": "clave",
        "name": "nombre",
        "kind": "tipo",
        "side": "parte",
        "status": "situación",
        "municipality": "municipio",
        "place": "lugar",
        "parents": "federaciones",
        "votes": "votos",
        "languages": "lenguas",
        # What the columns of descriptions hold together.
        "description": "descripción",
        "website": "sitio web",
        "us_state": "estado en Estados Unidos",
        "us_city": "ciudad en Estados Unidos",
        "legal_form": "forma legal",
        "source": "fuente",
        "funders": "la financian",
        "affiliations": "también pertenece a",
    }
)


def heading(column: str, language: str) -> str:
    """Return what a column is called in a table for readers of a language; its code in all but Spanish."""
    if language != SPANISH:
        return column
    if column.startswith(DESCRIPTION):
        return f"descripción_{column.removeprefix(DESCRIPTION)}"
    return SPANISH_HEADINGS.get(column, column)


def column_named(text: str, known: Iterable[str]) -> str:
    """Return the column that a heading means, however it is spelled; one that means none stays as it is."""
    spelled = _spelling(text)
    for column in known:
        if spelled in {_spelling(column), _spelling(heading(column, SPANISH))}:
            return column
    return text.strip()


def language_of(headings: Mapping[str, str]) -> str:
    """Return the language of a table by its headings as they are written, by column: Spanish where one is."""
    spanish = any(
        _spelling(written) != _spelling(column) and _spelling(written) == _spelling(heading(column, SPANISH))
        for column, written in headings.items()
    )
    return SPANISH if spanish else ""


def headings_in(language: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the first row of a table for readers of a language."""
    return tuple(heading(column, language) for column in columns)


def _spelling(text: str) -> str:
    return folded(text.replace("_", " "))
