"""A table of organizations that organizers bring into the directory: what it says, and what would come of it.

The columns are those of a pack's `organizations.csv` and a few more. Nobody's consent is in a table: what an
organization said of itself is not overwritten, memberships wait for both sides, and nobody is shown, takes
part or has a seat before somebody of the organization has answered. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from conference.domain.directory import LegalForm, OrganizationSource, OrganizationStatus, folded
from conference.domain.entries import CITY_LENGTH, DESCRIPTION_LENGTH, DISCLOSURE_LENGTH
from conference.domain.federations import FEDERATED
from conference.domain.organization_columns import column_named, heading, headings_in, language_of
from conference.domain.pack_organizations import (
    MUNICIPALITY,
    Reader,
    Row,
    check_circles,
    columns,
    organization,
)
from conference.domain.pack_reading import ISO_639_3, Report
from conference.domain.pack_values import PackErrors, PackOrganization, PackProblem
from conference.domain.places_of_origin import known_municipality, us_states
from conference.domain.places_of_origin import languages as known_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agreements import Chamber
    from conference.domain.directory import OrganizationKind

    # By column: what its codes are called, folded, and the code.
    Words = Mapping[str, Mapping[str, str]]

MAXIMUM_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5000
MORE_COLUMNS = ("us_state", "us_city", "legal_form", "source", "funders", "affiliations")
# Who is in a table did not enter itself.
SOURCES = (OrganizationSource.FOUND, OrganizationSource.INVITED)
NO_WORDS: Words = MappingProxyType({})
# Our own tables put it before what a spreadsheet would run; read back, it is not part of the text.
_GUARDED = tuple(f"'{sign}" for sign in "=+-@")


class OrganizationFileErrors(PackErrors):
    """The table cannot be brought in; `problems` has everything that is wrong with it, by line."""

    code = "organization_file_invalid"


@dataclass(frozen=True, slots=True)
class FileOrganization:
    """One row: what a pack knows of an organization, and what the directory does besides."""

    entry: PackOrganization
    us_state: str | None = None
    us_city: str = ""
    legal_form: LegalForm = LegalForm.UNINCORPORATED
    source: OrganizationSource = OrganizationSource.FOUND
    funders: str = ""
    affiliations: str = ""

    @property
    def values(self) -> dict[str, object]:
        """What is written into the entry, by the names of its columns; who is invited is proposed first."""
        invited = self.source is OrganizationSource.INVITED
        return {
            "kind": self.entry.kind,
            "status": OrganizationStatus.PROPOSED if invited else self.entry.status,
            "source": self.source,
            "municipality": self.entry.municipality,
            "place": self.entry.place,
            "languages": list(self.entry.languages),
            "description": dict(self.entry.description),
            "website": self.entry.website,
            "us_state": self.us_state,
            "us_city": self.us_city,
            "legal_form": self.legal_form,
            "funders": self.funders,
            "affiliations": self.affiliations,
        }


# -- reading -----------------------------------------------------------------------------------------


def file_columns(languages: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the table for a conference in these languages, in their order."""
    return (*columns(languages), *MORE_COLUMNS)


def read_organization_file(
    content: bytes, languages: Sequence[str], *, name: str, words: Words = NO_WORDS
) -> tuple[tuple[FileOrganization, ...], tuple[PackProblem, ...]]:
    """Return the rows in their order, and everything that is wrong, by line; `name` is the file's.

    UTF-8, with or without a byte order mark; cells separated by commas or, as some spreadsheets write them,
    by semicolons. A cell that begins as a formula is text, as every other. Columns are called by their codes
    or in Spanish, and what is wrong names them as the table does; `words` may stand in place of a code.
    """
    report = Report()
    text = _decoded(content, name, report)
    if text is None:
        return (), tuple(report.problems)
    known = file_columns(languages)
    delimiter = ";" if _has_semicolons(text) else ","
    reader = Reader(
        known,
        report,
        lambda row: _made(_coded(row, words), languages),
        file=name,
        delimiter=delimiter,
        column_of=lambda text: column_named(text, known),
    )
    rows = reader.read(text)
    if len(rows) > MOST_ROWS:
        report.problem(name, 0, "too_many_rows", found=len(rows), maximum=MOST_ROWS)
    elif not rows and not report.problems:
        report.problem(name, 0, "no_rows")
    told = (_as_written(problem, reader.written, known) for problem in report.problems)
    return tuple(rows), tuple(sorted(told, key=lambda problem: problem.line))


def _as_written(problem: PackProblem, written: Mapping[str, str], known: Sequence[str]) -> PackProblem:
    """Return a problem in a table's own terms: columns as it names them, those it lacks in its language."""
    language = language_of(written)
    data = dict(problem.data)
    for name in ("column", "key", "state", "city"):
        if name in data:
            column = str(data[name])
            data[name] = written.get(column, heading(column, language))
    if problem.code == "unknown_column":
        data["known"] = headings_in(language, known)
    # A table gives no seats: that there is one an organization is no reason here.
    repeated = problem.code == "duplicate_organization"
    return replace(problem, code="organization_repeated" if repeated else problem.code, data=data)


def _decoded(content: bytes, name: str, report: Report) -> str | None:
    if len(content) > MAXIMUM_BYTES:
        size, most = len(content) / 1024 / 1024, MAXIMUM_BYTES // 1024 // 1024
        report.problem(name, 0, "table_too_large", megabytes=f"{size:.1f}", maximum=most)
        return None
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        report.problem(name, content.count(b"\n", 0, error.start) + 1, _encoding_of(content))
        return None


def _encoding_of(content: bytes) -> str:
    """Say what a file that is not UTF-8 most likely is: a workbook itself, UTF-16, or Windows-1252."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "is_workbook"
    return "is_utf16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "is_windows_1252"


def _has_semicolons(text: str) -> bool:
    header = text.lstrip("\r\n").partition("\n")[0]
    return header.count(";") > header.count(",")


def _coded(row: Row, words: Words) -> Row:
    """Return a row without what spreadsheets are guarded by, and with codes in place of words."""
    plain = {name: _unguarded(cell) for name, cell in row.cells.items()}
    coded = {name: words.get(name, {}).get(folded(cell), cell) for name, cell in plain.items()}
    return Row(row.line, coded, row.report, row.file)


def _made(row: Row, languages: Sequence[str]) -> FileOrganization:
    entry = organization(row, languages)
    _check_entry(entry, row)
    us_state, us_city = _destination(row)
    source = row.word("source", OrganizationSource, OrganizationSource.FOUND)
    if source not in SOURCES:
        row.problem("unknown_source", value=source, known=SOURCES)
    return FileOrganization(
        entry=entry,
        us_state=us_state,
        us_city=us_city,
        legal_form=row.word("legal_form", LegalForm, LegalForm.UNINCORPORATED),
        source=source,
        funders=row.text("funders", DISCLOSURE_LENGTH),
        affiliations=row.text("affiliations", DISCLOSURE_LENGTH),
    )


def _check_entry(entry: PackOrganization, row: Row) -> None:
    """Note what a pack may say and the directory may not."""
    if entry.votes is not None:
        row.problem("votes_before_answer", organization=entry.key)
    if (key := entry.municipality) and MUNICIPALITY.fullmatch(key) and known_municipality(key) is None:
        row.problem("unknown_municipality", value=key)
    for code in entry.languages:
        if ISO_639_3.fullmatch(code) and code not in known_languages():
            row.problem("unknown_language", value=code)
    for language in entry.description:
        row.text(f"description_{language}", DESCRIPTION_LENGTH)


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(_GUARDED) else cell


def _destination(row: Row) -> tuple[str | None, str]:
    state, city = row.cells.get("us_state", "").upper(), row.text("us_city", CITY_LENGTH)
    if state and state not in us_states():
        row.problem("unknown_us_state", value=state)
    elif bool(state) is not bool(city):
        row.problem("state_without_city", state="us_state", city="us_city")
    return state or None, city


# -- what would come of it ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """An organization that is here already; `own_word`: somebody of it answers for its entry."""

    name: str
    side: Chamber
    kind: OrganizationKind
    own_word: bool
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Change:
    """A row whose entry is here, and which of its columns would be written anew."""

    row: FileOrganization
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would come of a table. With problems nothing does: all of it, or nothing.

    `kept` are organizations whose entry is their own, and stays as they wrote it; `same` say nothing new.
    """

    added: tuple[FileOrganization, ...] = ()
    changed: tuple[Change, ...] = ()
    kept: tuple[FileOrganization, ...] = ()
    same: tuple[FileOrganization, ...] = ()
    problems: tuple[PackProblem, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        names = ("added", "changed", "kept", "same", "problems")
        return {name: len(getattr(self, name)) for name in names}


def plan(rows: Sequence[FileOrganization], known: Mapping[str, Known], *, name: str) -> Plan:
    """Return what would come of the rows where these organizations are here already."""
    report = Report()
    kinds = {key: one.kind for key, one in known.items()} | {row.entry.key: row.entry.kind for row in rows}
    for row in rows:
        _check_parents(row.entry, kinds, report, name)
        _check_taken(row.entry, known, report, name)
    lines = {row.entry.key: row.entry.line for row in rows}
    graph = {row.entry.key: {key for key in row.entry.parents if key in lines} for row in rows}
    check_circles(graph, lines, report, file=name)
    if report.problems:
        return Plan(problems=tuple(sorted(report.problems, key=lambda problem: problem.line)))
    return _sorted_out(rows, known)


def with_all_problems(read: Sequence[PackProblem], found: Plan) -> Plan:
    """Return everything that is wrong, by line: what could not be read, and what cannot be.

    Whoever names a row as a parent that could not be read is not at fault.
    """
    unread = any(problem.code in {"wrong_cell_count", "more_problems"} for problem in read)
    more = [one for one in found.problems if not (unread and one.code == "unknown_parent")]
    return Plan(problems=tuple(sorted((*read, *more), key=lambda problem: problem.line)))


def _check_parents(
    entry: PackOrganization, kinds: Mapping[str, OrganizationKind], report: Report, name: str
) -> None:
    for parent in entry.parents:
        data = {"organization": entry.key, "parent": parent}
        if parent not in kinds:
            report.problem(name, entry.line, "unknown_parent", **data)
        elif kinds[parent] not in FEDERATED:
            report.problem(name, entry.line, "parent_no_federation", **data)


def _check_taken(entry: PackOrganization, known: Mapping[str, Known], report: Report, name: str) -> None:
    standing = known.get(entry.key)
    if standing is not None and (standing.name, standing.side) != (entry.name, entry.side):
        report.problem(name, entry.line, "organization_taken", organization=entry.key, other=standing.name)


def _sorted_out(rows: Iterable[FileOrganization], known: Mapping[str, Known]) -> Plan:
    added, changed, kept, same = [], [], [], []
    for row in rows:
        standing = known.get(row.entry.key)
        if standing is None:
            added.append(row)
        elif standing.own_word:
            kept.append(row)
        elif different := _different(row, standing):
            changed.append(Change(row, different))
        else:
            same.append(row)
    return Plan(tuple(added), tuple(changed), tuple(kept), tuple(same))


def _different(row: FileOrganization, standing: Known) -> tuple[str, ...]:
    return tuple(column for column, value in row.values.items() if standing.values[column] != value)
