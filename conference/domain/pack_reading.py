"""How the files of a pack are read: every problem is noted with its line, and reading goes on."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from agreements import normalise_body, normalise_heading
from agreements.frozen import FrozenMapping
from conference.domain.pack_values import NO_TEXT, PackProblem, Text
from conference.domain.slugs import valid_slug
from conference.domain.toml_lines import Path, toml_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

Word = TypeVar("Word", bound=StrEnum)

LANGUAGE = re.compile(r"[a-z]{2,3}")
ISO_639_3 = re.compile(r"[a-z]{3}")
KEY_LENGTH = 80
LONG_TEXT = 100_000
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(slots=True)
class Report:
    """Collects what is wrong and what is worth knowing."""

    problems: list[PackProblem] = field(default_factory=list)
    warnings: list[PackProblem] = field(default_factory=list)

    def problem(self, file: str, line: int, code: str, **data: object) -> None:
        self.problems.append(PackProblem(file, line, code, data))

    def warning(self, file: str, line: int, code: str, **data: object) -> None:
        self.warnings.append(PackProblem(file, line, code, data))


def decode(file: str, content: bytes, report: Report) -> str | None:
    """Return a file as text without its byte order mark; None if it is not UTF-8."""
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        report.problem(file, line, "not_utf8", byte=f"0x{content[error.start]:02X}")
        return None


def read_toml(file: str, content: bytes, report: Report) -> Table | None:
    """Return a TOML file as a table; None if it cannot be read at all."""
    text = decode(file, content, report)
    if text is None:
        return None
    try:
        data = tomllib.loads(text)
        lines = toml_lines(text)
    except (ValueError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        report.problem(file, line, "bad_toml", detail=_detail(error))
        return None
    return Table(file, data, lines, report)


def _detail(error: Exception) -> str:
    return "" if isinstance(error, RecursionError) else str(error).partition(" (at ")[0]


class Table:
    """One TOML table. Each key is asked for once; `finish` reports those that nobody asked for."""

    def __init__(
        self, file: str, data: Mapping[str, Any], lines: Mapping[Path, int], report: Report, path: Path = ()
    ) -> None:
        self.file = file
        self.path = path
        self._data = data
        self._lines = lines
        self._report = report
        self._asked: list[str] = []

    def line(self, *path: str | int) -> int:
        """The line of the key, or of the table where the key is missing."""
        return self._lines.get((*self.path, *path)) or self._lines.get(self.path, 1)

    def problem(self, code: str, *path: str | int, **data: object) -> None:
        self._report.problem(self.file, self.line(*path), code, **data)

    def has(self, key: str) -> bool:
        return key in self._data

    def finish(self) -> None:
        for key in self._data:
            if key not in self._asked:
                self.problem("unknown_key", key, key=key, known=tuple(self._asked))

    def _take(self, key: str, kind: type, *, required: bool) -> Any:
        self._asked.append(key)
        if key not in self._data:
            if required:
                self.problem("missing_key", key=key)
            return None
        value = self._data[key]
        # Exactly: a flag is no number, and a moment is no day.
        if type(value) is not kind:
            self.problem("wrong_type", key, key=key, wanted=kind.__name__, found=type(value).__name__)
            return None
        return value

    def text(self, key: str, *, required: bool = False, maximum: int = LONG_TEXT) -> str:
        """A single line of text."""
        value = normalise_heading(self._take(key, str, required=required) or "")
        if required and not value and isinstance(self._data.get(key), str):
            self.problem("empty_text", key, key=key)
        if len(value) > maximum:
            self.problem("too_long", key, key=key, maximum=maximum)
        return value

    def slug(self, key: str, *, required: bool = True, maximum: int = KEY_LENGTH) -> str:
        """A key: lower-case letters, digits, single hyphens."""
        value: str = self._take(key, str, required=required) or ""
        if key in self._data and isinstance(self._data[key], str) and not valid_slug(value, maximum=maximum):
            self.problem("bad_slug", key, key=key, value=value, maximum=maximum)
        return value

    def number(self, key: str, *, least: int, most: int, otherwise: int | None = None) -> int:
        """A whole number; `otherwise` (else the least) stands in for one that is wrong."""
        instead = least if otherwise is None else otherwise
        value = self._take(key, int, required=True)
        if value is None:
            return instead
        if not least <= value <= most:
            self.problem("out_of_range", key, key=key, value=value, least=least, most=most)
            return instead
        return int(value)

    def number_or_none(self, key: str, *, least: int, most: int) -> int | None:
        """A whole number, or None where nothing is said."""
        if key in self._data:
            return self.number(key, least=least, most=most)
        self._asked.append(key)
        return None

    def flag(self, key: str) -> bool:
        return bool(self._take(key, bool, required=False))

    def day(self, key: str) -> date | None:
        value: date | None = self._take(key, date, required=True)
        return value

    def word(self, key: str, words: type[Word], code: str, default: Word, *, required: bool = True) -> Word:
        """One word of a closed list."""
        value = self._take(key, str, required=required)
        if value is None:
            return default
        if value not in set(words):
            self.problem(code, key, value=value, known=tuple(words))
            return default
        return words(value)

    def strings(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        values = self._take(key, list, required=required) or []
        return tuple(
            self._element(key, place, value, str, "") for place, value in enumerate(values) if value != ""
        )

    def listed(self, key: str, words: type[Word]) -> tuple[Word, ...]:
        """Words of a closed list."""
        values = self.strings(key)
        for place, value in enumerate(values):
            if value not in set(words):
                self.problem("unknown_kind", key, place, value=value, known=tuple(words))
        return tuple(words(value) for value in values if value in set(words))

    def codes(self, key: str, pattern: re.Pattern[str], *, required: bool = False) -> tuple[str, ...]:
        """A list of language codes, each once."""
        values = self.strings(key, required=required)
        for place, value in enumerate(values):
            if not pattern.fullmatch(value):
                self.problem("bad_language_code", key, place, value=value)
            elif value in values[:place]:
                self.problem("repeated_value", key, place, value=value)
        return values

    def _element(self, key: str, place: int, value: Any, kind: type, instead: Any) -> Any:
        if type(value) is kind:
            return value
        self.problem("wrong_type", key, place, key=key, wanted=kind.__name__, found=type(value).__name__)
        return instead

    def tables(self, key: str) -> Sequence[Table]:
        """The tables of an array of tables."""
        values = self._take(key, list, required=False) or []
        return [
            self._child(self._element(key, place, value, dict, {}), key, place)
            for place, value in enumerate(values)
        ]

    def table(self, key: str, *, required: bool = False) -> Table:
        """The table under a key; an empty one where it is missing."""
        return self._child(self._take(key, dict, required=required) or {}, key)

    def _child(self, data: Mapping[str, Any], *path: str | int) -> Table:
        return Table(self.file, data, self._lines, self._report, (*self.path, *path))

    def translated(
        self,
        key: str,
        languages: Collection[str],
        *,
        required: bool = False,
        markdown: bool = False,
        maximum: int = LONG_TEXT,
    ) -> Text:
        """A text by language: `{ es = "…", en = "…" }`; languages without words are left out."""
        value = self._take(key, dict, required=required)
        if value is None:
            return NO_TEXT
        text = self._child(value, key).words(languages, markdown=markdown, maximum=maximum)
        if required and not text:
            self.problem("empty_text", key, key=key)
        return text

    def words(self, languages: Collection[str], *, markdown: bool, maximum: int = LONG_TEXT) -> Text:
        """The whole table as a text by language."""
        for language in self._data:
            if language not in languages:
                self.problem("other_language", language, language=language, known=tuple(languages))
        found = {language: self._said(language, maximum, markdown=markdown) for language in languages}
        return FrozenMapping({language: said for language, said in found.items() if said})

    def _said(self, language: str, maximum: int, *, markdown: bool) -> str:
        raw = self._take(language, str, required=False) or ""
        said = normalise_body(raw) if markdown else normalise_heading(raw)
        if len(said) > maximum:
            self.problem("too_long", language, key=language, maximum=maximum)
        return said


def split_words(text: str) -> tuple[str, ...]:
    """Return what spaces separate."""
    return tuple(text.split())
