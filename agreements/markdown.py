"""The Markdown of a conference pack: one file a language, lossless both ways."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agreements.text import (
    AGREEMENT_KEY,
    Draft,
    InvalidText,
    Kind,
    Problem,
    ProblemCode,
    Provision,
    valid_key,
)
from agreements.wording import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
_ATTRIBUTES = re.compile(r"[ \t]*#([^\s.}]+)(?:[ \t]+\.([^\s}]+))?[ \t]*\}")
_HEADING_IN_BODY = re.compile(r"^( {0,3})(\\*#{1,6}(?:[ \t]|$))", re.MULTILINE)
_ESCAPED_HEADING = re.compile(r"( {0,3})\\(\\*#{1,6}(?:[ \t].*)?)")


def parse_markdown(text: str, language: str) -> Draft:
    """Read one language's file as a draft in that language alone.

    Each heading ends in `{#key .kind}`, the first in `{#agreement}`; its level gives the nesting. Raises
    InvalidText with every problem, its line (from 1), code and data.
    """
    reader = _Reader(language)
    for number, line in enumerate(clean(text.removeprefix("\ufeff")).split("\n"), start=1):
        reader.read(number, line.rstrip())
    return reader.finish()


def render_markdown(draft: Draft, language: str) -> str:
    """Write one language of a draft in the canonical layout: one blank line between blocks, none at the end.

    Provisions that the language lacks are left out, unless something inside them is written in it.
    """
    headings = [f"{_heading_start(1, draft.titles.get(language, ''))}{{#{AGREEMENT_KEY}}}\n"]
    for provision in draft.provisions:
        headings.extend(_render(provision, language, level=2))
    return "\n".join(headings)


def _render(provision: Provision, language: str, level: int) -> Iterator[str]:
    if not _written_in(provision, language):
        return
    yield f"{_heading_start(level, provision.heading(language))}{{#{provision.key} .{provision.kind}}}\n"
    if body := provision.body(language):
        # A line of the body that looks like a heading is escaped as Markdown does it.
        yield _HEADING_IN_BODY.sub(r"\1\\\2", body) + "\n"
    for child in provision.children:
        yield from _render(child, language, level + 1)


def _heading_start(level: int, words: str) -> str:
    return " ".join(["#" * level, words, ""]) if words else "#" * level + " "


def _written_in(provision: Provision, language: str) -> bool:
    return language in provision.languages or any(
        _written_in(child, language) for child in provision.children
    )


@dataclass(slots=True)
class _Node:
    """A provision while its lines come in."""

    key: str
    kind: str
    words: str
    lines: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)

    def provision(self, language: str) -> Provision:
        return Provision(
            self.key,
            Kind(self.kind),
            {language: self.words},
            {language: "\n".join(self.lines)},
            tuple(child.provision(language) for child in self.children),
        )


class _Reader:
    """Reads line after line, keeps the open provision of each level, and collects every problem."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.title = ""
        self.title_line = 0
        self.top: list[_Node] = []
        self.open: list[_Node] = []  # one a level, from level 2
        self.lines_of_keys: dict[str, int] = {}
        self.body: list[str] | None = None  # None: no provision is open, no text may stand here
        self.problems: list[Problem] = []

    def read(self, number: int, line: str) -> None:
        if heading := _HEADING.fullmatch(line):
            self._read_heading(number, len(heading[1]), heading[2] or "")
        elif self.body is not None:
            escaped = _ESCAPED_HEADING.fullmatch(line)
            self.body.append(escaped[1] + escaped[2] if escaped else line)
        elif line:
            self._report(ProblemCode.TEXT_OUTSIDE_PROVISIONS, number, text=line)
            self.body = []  # one report for the whole passage

    def finish(self) -> Draft:
        if not self.title_line:
            self._report(ProblemCode.MISSING_AGREEMENT_HEADING, 1)
        if self.problems:
            raise InvalidText(sorted(self.problems, key=lambda problem: problem.line))
        provisions = tuple(node.provision(self.language) for node in self.top)
        return Draft({self.language: self.title}, provisions, (self.language,))

    def _read_heading(self, number: int, level: int, heading: str) -> None:
        words, _, attributes = heading.rpartition("{")
        read = _ATTRIBUTES.fullmatch(attributes)
        if not read:
            self._report(ProblemCode.MALFORMED_HEADING, number, heading=heading)
        key, kind = (read[1], read[2] or "") if read else ("", "")
        if level == 1:
            self._read_title(number, words, key + kind, known=bool(read))
            return
        if read:
            self._check_key(number, key)
            self._check_kind(number, key, kind)
        self._open_provision(number, level, _Node(key, kind, words))

    def _read_title(self, number: int, words: str, attributes: str, *, known: bool) -> None:
        if self.title_line:
            self._report(ProblemCode.REPEATED_AGREEMENT_HEADING, number, first_line=self.title_line)
        elif known and attributes != AGREEMENT_KEY:
            self._report(ProblemCode.MISSING_AGREEMENT_HEADING, number)
        self.title, self.title_line = words, self.title_line or number
        self.open, self.body = [], None

    def _check_key(self, number: int, key: str) -> None:
        if not valid_key(key):
            self._report(ProblemCode.BAD_KEY, number, key=key)
        elif key in self.lines_of_keys:
            self._report(ProblemCode.DUPLICATE_KEY, number, key=key, first_line=self.lines_of_keys[key])
        else:
            self.lines_of_keys[key] = number

    def _check_kind(self, number: int, key: str, kind: str) -> None:
        if kind not in set(Kind):
            self._report(ProblemCode.UNKNOWN_KIND, number, key=key, kind=kind)

    def _open_provision(self, number: int, level: int, node: _Node) -> None:
        if not self.title_line:
            self._report(ProblemCode.MISSING_AGREEMENT_HEADING, number)
            self.title_line = number
        deepest = len(self.open) + 2
        if level > deepest:
            self._report(ProblemCode.SKIPPED_LEVEL, number, key=node.key, level=level, deepest=deepest)
        del self.open[level - 2 :]
        siblings = self.open[-1].children if self.open else self.top
        siblings.append(node)
        # It also stands in for the levels it skipped, so that its siblings are not reported as well.
        self.open.extend([node] * (level - 1 - len(self.open)))
        self.body = node.lines

    def _report(self, code: ProblemCode, line: int, **data: str | int) -> None:
        self.problems.append(Problem(code, line, data))
