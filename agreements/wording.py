"""Words before they are law: one spelling for the same text, and the blocks a body is made of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import count

from agreements.numbering import letters

_LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# No word is written with these, and databases, XML or UTF-8 refuse them: controls, surrogates, noncharacters.
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Where more marks than that may stand: no letters, no spaces, nothing of ASCII.
_MOST_MARKS = 30
_MANY_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")
_JOINER = "\u034f"
_ITEM = re.compile(r" {0,3}([a-zñ]{1,2})\)[ \t]+(\S.*)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text between blank lines or lists; its line breaks are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a lettered list: the letter is computed from its place, whatever was typed."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class LetteredList:
    """Items a) b) c) that follow each other."""

    items: tuple[Item, ...]


Block = Paragraph | LetteredList


def clean(text: str) -> str:
    """NFC text whose only control characters are tab and newline."""
    return nfc(_NOT_TEXT.sub("", _LINE_BREAK.sub("\n", text)))


def nfc(text: str) -> str:
    """The text in Normalization Form C, in time that grows as its length does.

    Marks are sorted within a run of them, which takes the square of its length; so more than 30 on one letter
    are parted by U+034F, as in Unicode's Stream-Safe Text Format (UAX #15, §13). No language needs so many.
    """
    return unicodedata.normalize("NFC", _MANY_MARKS.sub(_parted, text))


def _parted(run: re.Match[str]) -> str:
    parted, marks = [], 0
    for letter in run[0]:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks > _MOST_MARKS:
            parted.append(_JOINER)
            marks = 1
        parted.append(letter)
    return "".join(parted)


def normalise_heading(text: str) -> str:
    """A heading is one line: clean, nothing around it. Spaces inside it stay as they are."""
    return " ".join(line.strip() for line in clean(text).strip().split("\n"))


def normalise_body(text: str) -> str:
    """A body is clean and has no trailing spaces; blank lines stay inside it, none at its ends."""
    return "\n".join(line.rstrip() for line in clean(text).split("\n")).strip("\n")


def blocks(body: str) -> tuple[Block, ...]:
    """The paragraphs and lettered lists of a body, in order.

    A list begins with a line `a) …`. Each line after it that begins with a letter and `)` is the next item,
    whatever letter was typed; blank lines may stand between items. Any other line continues the item above
    it, or, after a blank line, ends the list.
    """
    reader = _BlockReader()
    for line in normalise_body(body).split("\n"):
        reader.read(line)
    return reader.finish()


def count_items(body: str) -> int:
    """How many lettered items a body holds, in all its lists."""
    return sum(len(block.items) for block in blocks(body) if isinstance(block, LetteredList))


class _BlockReader:
    """Holds what is open while lines come in: a paragraph's lines, or a list of items' lines."""

    def __init__(self) -> None:
        self.done: list[Block] = []
        self.paragraph: list[str] = []
        self.items: list[list[str]] = []
        self.after_blank = False

    def read(self, line: str) -> None:
        if not line:
            self.after_blank = True
            self._close_paragraph()
            return
        self._read_words(line)
        self.after_blank = False

    def _read_words(self, line: str) -> None:
        item = _ITEM.fullmatch(line)
        if item and (self.items or item[1] == "a"):
            self._close_paragraph()
            self.items.append([item[2]])
        elif self.items and not self.after_blank:
            self.items[-1].append(line)
        else:
            self._close_list()
            self.paragraph.append(line)

    def _close_paragraph(self) -> None:
        if self.paragraph:
            self.done.append(Paragraph("\n".join(self.paragraph)))
            self.paragraph = []

    def _close_list(self) -> None:
        if self.items:
            numbered = zip(count(1), self.items, strict=False)
            self.done.append(
                LetteredList(tuple(Item(letters(number), "\n".join(item)) for number, item in numbered))
            )
            self.items = []

    def finish(self) -> tuple[Block, ...]:
        self._close_paragraph()
        self._close_list()
        return tuple(self.done)
