"""The constitution of the Debian project, from its web pages in English and Spanish (Expat licence)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import groupby
from typing import TYPE_CHECKING

from agreements import Combination, Draft, Kind, Provision, combine, letters

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ("1.0", "1.1", "1.2", "1.3")
LANGUAGES = {"en": "english", "es": "spanish"}

_NUMBER = re.compile(r"(\d|[A-Z])(\.\d)?(?=\. )")
_SPACES = re.compile(r"\s+")


@dataclass(slots=True)
class Block:
    """A paragraph, or a list item of one or several paragraphs."""

    is_item: bool
    paragraphs: list[str] = field(default_factory=lambda: [""])

    @property
    def text(self) -> str:
        lines = (_SPACES.sub(" ", paragraph).strip() for paragraph in self.paragraphs)
        return "\n".join(line for line in lines if line)


@dataclass(slots=True)
class Section:
    """A heading with its number, "4.1. Powers", and what stands below it."""

    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    numbered_lists: int = 0

    @property
    def number(self) -> str:
        """The number as printed: "4.1", "A"."""
        found = _NUMBER.match(self.title)
        assert found, self.title
        return found[0]

    @property
    def items(self) -> int:
        return sum(block.is_item for block in self.blocks)

    @property
    def body(self) -> str:
        """Paragraphs and lettered lists. The items of a list inside an item follow it in the same list."""
        written = []
        for is_item, group in groupby(self.blocks, key=lambda block: block.is_item):
            texts = [block.text for block in group]
            if is_item:
                written.append("\n".join(f"{letters(n)}) {text}" for n, text in enumerate(texts, start=1)))
            else:
                written += [text for text in texts if text]
        return "\n\n".join(written)


class _Page(HTMLParser):
    """Collects sections. The note above the first is the web page's and no part of the constitution."""

    HEADINGS = frozenset({"h2", "h3", "toc-add-entry"})
    LISTS = frozenset({"ol", "ul"})

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.sections: list[Section] = []
        self.heading = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "h1":
            self.heading = tag
        elif tag in self.HEADINGS:
            self.heading = tag
            self.sections.append(Section())
        elif self.sections:
            self._open(tag, self.sections[-1])

    def _open(self, tag: str, section: Section) -> None:
        if tag in self.LISTS:
            self.depth += 1
            section.numbered_lists += tag == "ol"
        elif tag == "li":
            section.blocks.append(Block(is_item=True))
        elif tag == "p":
            self._begin_paragraph(section)

    def _begin_paragraph(self, section: Section) -> None:
        if self.depth:
            section.blocks[-1].paragraphs.append("")
        else:
            section.blocks.append(Block(is_item=False))

    def handle_endtag(self, tag: str) -> None:
        if tag == self.heading:
            self.heading = ""
        elif tag in self.LISTS:
            self.depth -= 1
            self._begin_paragraph(self.sections[-1])

    def handle_data(self, data: str) -> None:
        if self.heading == "h1":
            self.title += data
        elif self.heading:
            self.sections[-1].title += data
        elif self.sections and self.sections[-1].blocks:
            self.sections[-1].blocks[-1].paragraphs[-1] += data


def read_page(folder: Path, version: str, language: str) -> tuple[str, list[Section]]:
    """The title and the sections of one page; `folder` is the one of all pages."""
    page = _Page()
    page.feed((folder / f"{LANGUAGES[language]}-{version}.wml").read_text("utf-8"))
    return page.title, page.sections


def read_draft(folder: Path, version: str, language: str) -> Draft:
    """One version in one language: sections with their subsections, both known by the printed number.

    A number that is printed twice is numbered in turn: `a-1`, `a-1-2`.
    """
    title, sections = read_page(folder, version, language)
    printed: Counter[str] = Counter()
    tree: list[tuple[Section, str, list[Provision]]] = []
    for section in sections:
        printed[section.number] += 1
        key = section.number.lower().replace(".", "-")
        key += f"-{printed[section.number]}" if printed[section.number] > 1 else ""
        if "." in section.number:
            tree[-1][2].append(_provision(key, Kind.ARTICLE, language, section))
        else:
            tree.append((section, key, []))
    provisions = (
        _provision(key, Kind.TITLE if key.isdigit() else Kind.ANNEX, language, section, below)
        for section, key, below in tree
    )
    return Draft({language: title}, tuple(provisions), (language,))


def _provision(
    key: str, kind: Kind, language: str, section: Section, below: list[Provision] | None = None
) -> Provision:
    return Provision(key, kind, {language: section.title}, {language: section.body}, tuple(below or ()))


def read_version(folder: Path, version: str) -> Combination:
    """Both languages of one version put together; English is the original."""
    return combine({language: read_draft(folder, version, language) for language in LANGUAGES})


def read_history(folder: Path) -> list[Draft]:
    """All versions in both languages, each made from the one before."""
    drafts: list[Draft] = []
    for version in VERSIONS:
        draft = read_version(folder, version).draft
        parent = drafts[-1].content_hash if drafts else None
        drafts.append(Draft(draft.titles, draft.provisions, draft.languages, parent))
    return drafts
