"""People as a table for badges: what stands on them, and whether they may be photographed. Nothing else."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from enum import StrEnum

    from conference.queries.approvals import Person

# A cell that begins so is a formula to a spreadsheet, which would run what somebody wrote as their name.
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def people_csv(people: Iterable[Person], *, headings: Sequence[str], word: Callable[[StrEnum], str]) -> bytes:
    """Return the table as CSV: UTF-8 with a byte order mark, lines ended by CR LF (RFC 4180).

    `headings` names the six columns: badge name, category, organization, language, spoken languages, photos;
    `word` gives the reader's word for a category and for a preference. No cell begins a formula: one that
    would has an apostrophe before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(_cell, headings))
    writer.writerows(map(_cell, _row(person, word)) for person in people)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _row(person: Person, word: Callable[[StrEnum], str]) -> tuple[str, ...]:
    return (
        person.badge_name,
        word(person.category),
        person.organization_name or "",
        person.language,
        " ".join(person.spoken),
        word(person.photo_preference),
    )


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text
