"""Reads `organizations.csv`: the organizations that take part, their federations, their seats.

The same rows, with further columns, are what organizers bring into the directory (`organization_file`).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Generic, TypeVar

from agreements import Chamber, normalise_heading
from agreements.frozen import FrozenMapping
from conference.domain.directory import OrganizationKind, OrganizationStatus
from conference.domain.entries import VOICE_ONLY
from conference.domain.pack_reading import ISO_639_3, Report, decode, split_words
from conference.domain.pack_values import ORGANIZATIONS, PackOrganization, Text
from conference.domain.slugs import valid_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Word = TypeVar("Word", bound=StrEnum)
Entry = TypeVar("Entry")

REQUIRED = ("key", "name", "kind", "side", "status")
MOST_VOTES = 9999
MOST_CYCLES = 20
# Nobody corrects more at a time; and what is wrong with a large file fills no memory.
MOST_PROBLEMS = 200
# With so many times the columns that are known, a file is no table of ours: its columns are not read.
MOST_TIMES_KNOWN = 2
MUNICIPALITY = re.compile(r"[0-9]{5}")
_WEBSITE = re.compile(r"https?://[^\s<>\"]+")
_WHOLE = re.compile(r"[0-9]{1,9}")


def columns(languages: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the file for a conference in these languages, in their order."""
    first = (*REQUIRED, "municipality", "place", "parents", "votes", "languages")
    return (*first, *(f"description_{language}" for language in languages), "website")


def read_organizations(
    content: bytes, languages: Sequence[str], report: Report
) -> tuple[PackOrganization, ...]:
    """Return the organizations in the order of the file."""
    text = decode(ORGANIZATIONS, content, report)
    if text is None:
        return ()
    reader = Reader(columns(languages), report, lambda row: organization(row, languages))
    found = reader.read(text)
    if not reader.skipped:
        _check_parents(found, report)
    return tuple(found)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line in which it begins; empty lines are passed over."""
    source = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for row in source:
        if row:
            yield line, row
        line = source.line_num + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row, whose cells are read one after the other; what is wrong is noted, and reading goes on."""

    line: int
    cells: Mapping[str, str]
    report: Report
    file: str = ORGANIZATIONS

    def problem(self, code: str, **data: object) -> None:
        self.report.problem(self.file, self.line, code, **data)

    def text(self, column: str, maximum: int) -> str:
        value = self.cells.get(column, "")
        if len(value) > maximum:
            self.problem("too_long", key=column, maximum=maximum)
        return value

    def word(self, column: str, words: type[Word], default: Word) -> Word:
        value = self.cells.get(column, "")
        if value in set(words):
            return words(value)
        if value:
            self.problem(f"unknown_{column}", value=value, known=tuple(words))
        return default

    def matching(self, column: str, pattern: re.Pattern[str], code: str, maximum: int = 200) -> str:
        value = self.text(column, maximum)
        if value and not pattern.fullmatch(value):
            self.problem(code, value=value)
        return value

    def votes(self, kind: OrganizationKind) -> int | None:
        value = self.cells.get("votes", "")
        if not value:
            return None
        if not _WHOLE.fullmatch(value) or not 1 <= int(value) <= MOST_VOTES:
            self.problem("bad_votes", value=value, most=MOST_VOTES)
            return None
        if kind in VOICE_ONLY:
            self.problem("votes_without_seat", organization=self.cells["key"], kind=kind)
        return int(value)

    def spoken(self) -> tuple[str, ...]:
        codes = split_words(self.cells.get("languages", ""))
        for code in codes:
            if not ISO_639_3.fullmatch(code):
                self.problem("bad_language_code", value=code)
        return tuple(dict.fromkeys(codes))


class Reader(Generic[Entry]):
    """Reads row after row; the first one names the columns. `make` reads the cells of one row.

    It stops at a first row with more than twice the known columns, and after 200 problems: the last says so.
    `delimiter` is what separates cells; a file whose first row has none of it but semicolons is told so.
    `column_of` tells which column a heading means; `written` has the headings by column as they stand there.
    """

    def __init__(
        self,
        known: Sequence[str],
        report: Report,
        make: Callable[[Row], Entry],
        *,
        file: str = ORGANIZATIONS,
        delimiter: str = ",",
        column_of: Callable[[str], str] = str.strip,
    ) -> None:
        self.known = known
        self.report = report
        self.make = make
        self.file = file
        self.delimiter = delimiter
        self.column_of = column_of
        self.written: dict[str, str] = {}
        self.header: list[str] = []
        self.found: list[Entry] = []
        self.line = 0
        self.lines: dict[str, int] = {}
        # Rows that could not be read: whoever names them is not at fault.
        self.skipped = 0

    def read(self, text: str) -> list[Entry]:
        """Return what was made of the rows; nothing where the file ends in the middle of a cell."""
        try:
            self._read(_rows(text, self.delimiter))
        except csv.Error as error:
            self._problem(self.line + 1, "bad_csv", detail=str(error))
            self.skipped += 1
            return []
        return self.found

    def _problem(self, line: int, code: str, **data: object) -> None:
        self.report.problem(self.file, line, code, **data)

    def _read(self, rows: Iterator[tuple[int, list[str]]]) -> None:
        self.line, header = next(rows, (1, []))
        if not self._read_header(header):
            return
        most = len(self.report.problems) + MOST_PROBLEMS
        for self.line, row in rows:
            self._read_cells(row)
            if len(self.report.problems) > most:
                del self.report.problems[most:]
                self._problem(self.line, "more_problems", most=MOST_PROBLEMS)
                self.skipped += 1
                return

    def _read_cells(self, row: list[str]) -> None:
        if len(row) != len(self.header):
            self._problem(self.line, "wrong_cell_count", wanted=len(self.header), found=len(row))
            self.skipped += 1
            return
        cells = {name: normalise_heading(cell) for name, cell in zip(self.header, row, strict=True)}
        self._read_row(Row(self.line, cells, self.report, self.file))

    def _read_header(self, header: list[str]) -> bool:
        most = MOST_TIMES_KNOWN * len(self.known)
        if len(header) > most:
            self._problem(self.line, "too_many_columns", found=len(header), maximum=most)
            return False
        self.header = [self.column_of(name) for name in header]
        self.written = {column: name.strip() for column, name in zip(self.header, header, strict=True)}
        if len(header) == 1 and ";" in header[0]:
            self._problem(self.line, "semicolons")
            return False
        for name in self.header:
            if name not in self.known:
                self._problem(self.line, "unknown_column", column=name, known=tuple(self.known))
        for name in sorted(name for name, times in Counter(self.header).items() if times > 1):
            spelled = (
                text.strip() for column, text in zip(self.header, header, strict=True) if column == name
            )
            self._problem(self.line, "repeated_column", column=" / ".join(dict.fromkeys(spelled)))
        missing = [name for name in REQUIRED if name not in self.header]
        for name in missing:
            self._problem(self.line, "missing_column", column=name)
        return not missing

    def _read_row(self, row: Row) -> None:
        for column in REQUIRED:
            if not row.cells[column]:
                row.problem("empty_cell", column=column)
        key = row.cells["key"]
        if key and not valid_slug(key):
            row.problem("bad_slug", key="key", value=key, maximum=80)
        # Also of a row that is there twice: what else is wrong with it is said at once.
        made = self.make(row)
        if key in self.lines:
            row.problem("duplicate_organization", organization=key, first_line=self.lines[key])
            self.skipped += 1
            return
        self.lines.setdefault(key, row.line)
        self.found.append(made)


def organization(row: Row, languages: Sequence[str]) -> PackOrganization:
    """Return what the columns of a pack say of one organization."""
    kind = row.word("kind", OrganizationKind, OrganizationKind.HTA)
    return PackOrganization(
        key=row.cells["key"],
        name=row.text("name", 200),
        kind=kind,
        side=row.word("side", Chamber, Chamber.US),
        status=row.word("status", OrganizationStatus, OrganizationStatus.ACTIVE),
        municipality=row.matching("municipality", MUNICIPALITY, "bad_municipality") or None,
        place=row.text("place", 200),
        parents=tuple(sorted(set(split_words(row.cells.get("parents", ""))))),
        votes=row.votes(kind),
        languages=row.spoken(),
        description=_description(row.cells.get, languages),
        website=row.matching("website", _WEBSITE, "bad_website"),
        line=row.line,
    )


def _description(cell: Callable[[str, str], str], languages: Sequence[str]) -> Text:
    texts = {language: cell(f"description_{language}", "") for language in languages}
    return FrozenMapping({language: text for language, text in texts.items() if text})


def _check_parents(organizations: Sequence[PackOrganization], report: Report) -> None:
    """Every parent is in the file, and nobody is, however far up, its own parent."""
    lines = {organization.key: organization.line for organization in organizations}
    graph: dict[str, set[str]] = {}
    for one in organizations:
        for parent in one.parents:
            if parent not in lines:
                report.problem(ORGANIZATIONS, one.line, "unknown_parent", organization=one.key, parent=parent)
        graph[one.key] = {parent for parent in one.parents if parent in lines}
    check_circles(graph, lines, report)


def check_circles(
    graph: dict[str, set[str]], lines: Mapping[str, int], report: Report, *, file: str = ORGANIZATIONS
) -> None:
    """Note each circle among rows that name each other as parents; `graph` is parents by key."""
    for _ in range(MOST_CYCLES):
        cycle = _cycle(graph)
        if not cycle:
            return
        line = min(lines[key] for key in cycle)
        report.problem(file, line, "federation_cycle", organizations=tuple(cycle))
        # The sorter names each one before the organization that it is the parent of.
        graph[cycle[1]].discard(cycle[0])


def _cycle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []
