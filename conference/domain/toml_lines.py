"""In which line each value of a TOML document stands; `tomllib` reads values and tells no lines."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Keys and places in arrays: ("sessions", 3, "title", "es").
Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (
    r'"""(?:\\.|[^\\])*?"{3,5}',
    r"'''.*?'{3,5}",
    r'"(?:\\.|[^"\\\n])*"',
    r"'[^'\n]*'",
)
_STRING = re.compile("|".join(_STRINGS), re.DOTALL)
_PLAIN_VALUE = re.compile(r"[^,\]}#\n]+")


def toml_lines(text: str) -> Mapping[Path, int]:
    """Return the line (from 1) of every table, key and array element of a document that `tomllib` accepts."""
    return _Scanner(text).scan()


class _Scanner:
    """Walks through the structure and skips the values; it relies on the document being valid."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.breaks = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {(): 1}
        self.arrays: dict[Path, int] = {}

    def scan(self) -> Mapping[Path, int]:
        table: Path = ()
        while self._next():
            table = self._header() if self._next() == "[" else self._pair(table)
        return self.lines

    def _next(self) -> str:
        """Skip what says nothing; return the character there, or nothing at the end."""
        self._take(_BLANK)
        return self.text[self.at : self.at + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not the TOML that was checked, in line {self._line()}")
        self.at = match.end()
        return match.group()

    def _line(self) -> int:
        return bisect_right(self.breaks, self.at - 1) + 1

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._line())

    def _header(self) -> Path:
        opening = "[[" if self.text.startswith("[[", self.at) else "["
        line = self._line()
        self.at += len(opening)
        *outer, last = self._key()
        path: Path = ()
        for part in outer:
            path = self._entered((*path, part))
            self.lines.setdefault(path, line)
        path = (*path, last)
        self.lines.setdefault(path, line)
        if opening == "[[":
            self.arrays[path] = self.arrays.get(path, 0) + 1
        path = self._entered(path)
        self.lines.setdefault(path, line)
        self._next()
        self.at += len(opening)
        return path

    def _entered(self, path: Path) -> Path:
        """The path itself, or the newest table of an array of tables."""
        return (*path, self.arrays[path] - 1) if path in self.arrays else path

    def _key(self) -> list[str]:
        parts = [self._key_part()]
        while self._next() == ".":
            self.at += 1
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        if self._next() not in {'"', "'"}:
            return self._take(_BARE_KEY)
        quoted = self._take(_STRING)
        value: str = tomllib.loads(f"key = {quoted}")["key"]
        return value

    def _pair(self, table: Path) -> Path:
        """Read `key = value`; return the table, which stays open."""
        path = table
        for part in self._key():
            path = (*path, part)
            self._note(path)
        self._next()
        self.at += 1  # the equals sign
        self._value(path)
        return table

    def _value(self, path: Path) -> None:
        opening = self._next()
        if opening == "{":
            self._list(path, "}", in_array=False)
        elif opening == "[":
            self._list(path, "]", in_array=True)
        else:
            self._take(_STRING if opening in {'"', "'"} else _PLAIN_VALUE)

    def _list(self, path: Path, closing: str, *, in_array: bool) -> None:
        self.at += 1
        place = 0
        while self._next() != closing:
            if in_array:
                self._note((*path, place))
                self._value((*path, place))
            else:
                self._pair(path)
            place += 1
            if self._next() == ",":
                self.at += 1
        self.at += 1
