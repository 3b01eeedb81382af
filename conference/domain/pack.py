"""A conference is a folder: reads the files of a pack and says everything that is wrong with them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.domain.pack_agreement import read_agreement
from conference.domain.pack_conference import read_conference
from conference.domain.pack_organizations import columns, read_organizations
from conference.domain.pack_program import Surroundings, read_program
from conference.domain.pack_reading import LANGUAGE, Report, read_toml
from conference.domain.pack_registration import read_registration
from conference.domain.pack_values import (
    CONFERENCE,
    FORMAT,
    MAXIMUM_BYTES,
    ORGANIZATIONS,
    PROGRAM,
    REGISTRATION,
    Pack,
    PackConference,
    PackErrors,
    PackLabel,
    PackOrganization,
    PackProblem,
    PackQuestion,
    PackRegistration,
    PackService,
    PackSession,
    Text,
    agreement_file,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agreements import Chamber, Draft

__all__ = [
    "CONFERENCE",
    "FORMAT",
    "MAXIMUM_BYTES",
    "ORGANIZATIONS",
    "PROGRAM",
    "REGISTRATION",
    "Pack",
    "PackConference",
    "PackErrors",
    "PackLabel",
    "PackOrganization",
    "PackProblem",
    "PackQuestion",
    "PackRegistration",
    "PackService",
    "PackSession",
    "Text",
    "agreement_file",
    "columns",
    "read_pack",
    "too_large",
]


def too_large(file: str, size: int, maximum: int) -> PackProblem:
    """Return the problem of a file that is not even read."""
    return PackProblem(file, 0, "too_large", {"megabytes": -(-size // 2**20), "maximum": maximum // 2**20})


def read_pack(files: Mapping[str, bytes], *, maximum: int = MAXIMUM_BYTES) -> Pack:
    """Return the pack whose files these are, by path inside it.

    Files that belong to no pack (a README, the demonstration's people) are left alone. Raises PackErrors with
    every problem; a pack that can be imported carries its warnings.
    """
    report = Report()
    readable = {file: content for file, content in files.items() if len(content) <= maximum}
    for file, content in files.items():
        if file not in readable:
            report.problems.append(too_large(file, len(content), maximum))
    pack = _read(readable, frozenset(files), report)
    if report.problems or pack is None:
        raise PackErrors(_in_order(report.problems))
    return pack


def _read(files: Mapping[str, bytes], present: frozenset[str], report: Report) -> Pack | None:
    for file in (CONFERENCE, ORGANIZATIONS, PROGRAM):
        if file not in present:
            report.problem(file, 0, "missing_file")
    table = read_toml(CONFERENCE, files[CONFERENCE], report) if CONFERENCE in files else None
    if table is None:
        return None
    conference, rooms, tracks = read_conference(table)
    if not conference.languages or not all(map(LANGUAGE.fullmatch, conference.languages)):
        return None  # every other file is read in these languages
    organizations, sides = _organizations(files.get(ORGANIZATIONS), conference, report)
    room_keys, track_keys = (frozenset(label.key for label in labels) for labels in (rooms, tracks))
    program = read_toml(PROGRAM, files[PROGRAM], report) if PROGRAM in files else None
    around = Surroundings(conference, room_keys, track_keys, sides)
    sessions = () if program is None else read_program(program, around, report)
    registration = _registration(files.get(REGISTRATION), conference, report)
    agreement = _agreement(files, present, conference.languages, report)
    if agreement is None:
        return None
    warnings = _in_order(report.warnings)
    return Pack(conference, rooms, tracks, organizations, sessions, agreement, registration, warnings)


def _registration(content: bytes | None, conference: PackConference, report: Report) -> PackRegistration:
    table = None if content is None else read_toml(REGISTRATION, content, report)
    return PackRegistration() if table is None else read_registration(table, conference.languages)


def _organizations(
    content: bytes | None, conference: PackConference, report: Report
) -> tuple[tuple[PackOrganization, ...], Mapping[str, Chamber] | None]:
    """Return the organizations, and their sides if all of them could be read."""
    if content is None:
        return (), None
    before = len(report.problems)
    found = read_organizations(content, conference.languages, report)
    whole = len(report.problems) == before
    return found, {one.key: one.side for one in found} if whole else None


def _agreement(
    files: Mapping[str, bytes], present: frozenset[str], languages: tuple[str, ...], report: Report
) -> Draft | None:
    wanted = {agreement_file(language): language for language in languages}
    for file in wanted:
        if file not in present:
            report.problem(file, 0, "missing_file")
    for file in sorted(present - set(wanted)):
        if file.startswith("agreement/"):
            report.problem(file, 0, "unexpected_file", known=tuple(languages))
    contents = {language: files[file] for file, language in wanted.items() if file in files}
    if len(contents) < len(wanted):
        read_agreement(contents, Report(problems=report.problems))
        return None
    return read_agreement(contents, report)


def _in_order(problems: list[PackProblem]) -> tuple[PackProblem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
