"""People as a table for badges: what stands on them, and whether they may be photographed. Nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.exports.cells import csv_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from enum import StrEnum

    from conference.queries.approvals import Person


def people_csv(people: Iterable[Person], *, headings: Sequence[str], word: Callable[[StrEnum], str]) -> bytes:
    """Return the table as CSV (see `csv_table`).

    `headings` names the six columns: badge name, category, organization, language, spoken languages, photos;
    `word` gives the reader's word for a category and for a preference.
    """
    return csv_table([headings, *(_row(person, word) for person in people)])


def _row(person: Person, word: Callable[[StrEnum], str]) -> tuple[str, ...]:
    return (
        person.badge_name,
        word(person.category),
        person.organization_name or "",
        person.language,
        " ".join(person.spoken),
        word(person.photo_preference),
    )
