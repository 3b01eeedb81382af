"""Chilean laws in Spanish, every consolidated version of each.

From fgreve/legalize-cl; the texts are in the public domain. A file is a front matter and then the
law: its name, a preamble, titles and articles. `write_law` gives back every character of the law.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agreements import Draft, Kind, Provision

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGE = "es"
PREAMBLE = "preamble"

_FRONT_MATTER = re.compile(r"---\n.*?\n---\n", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.*)$", re.MULTILINE)
_GAP = "\n\n\n"  # between a heading and its body, and before the next heading


@dataclass(slots=True)
class _Section:
    """A heading of a level, its body, and the sections that follow on deeper levels."""

    level: int
    key: str
    heading: str
    body: str
    sections: list[_Section] = field(default_factory=list)

    def provision(self) -> Provision:
        kind = Kind.ARTICLE if self.heading.startswith("Artículo") else Kind.TITLE
        children = tuple(section.provision() for section in self.sections)
        return Provision(self.key, kind, {LANGUAGE: self.heading}, {LANGUAGE: self.body}, children)


def law_of(path: Path) -> str:
    """The text of a file without its front matter."""
    return _FRONT_MATTER.sub("", gzip.decompress(path.read_bytes()).decode(), count=1)


def read_law(text: str, parent: str | None = None) -> Draft:
    """The draft of a law: a preamble, and whatever the levels of the headings nest.

    Keys are made of the words of the headings, so that they last through the versions. Where words are
    repeated the second is numbered: `articulo-6-2`.
    """
    _, _, title, preamble, *rest = _HEADING.split(text)
    law = _Section(1, "", title, "")
    open_sections = [law]
    seen: Counter[str] = Counter()
    for marks, heading, body in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        words = key_of(heading)
        seen[words] += 1
        key = f"{words}-{seen[words]}" if seen[words] > 1 else words
        section = _Section(len(marks), key, heading, body)
        while open_sections[-1].level >= section.level:
            open_sections.pop()
        open_sections[-1].sections.append(section)
        open_sections.append(section)
    provisions = (section.provision() for section in law.sections)
    first = Provision(PREAMBLE, Kind.PREAMBLE, {LANGUAGE: ""}, {LANGUAGE: preamble})
    return Draft({LANGUAGE: title}, (first, *provisions), (LANGUAGE,), parent)


def read_versions(folder: Path, law: str) -> list[Draft]:
    """All versions of a law, oldest first, each made from the one before."""
    drafts: list[Draft] = []
    for path in sorted(folder.glob(f"{law}/*.md.gz")):
        drafts.append(read_law(law_of(path), drafts[-1].content_hash if drafts else None))
    return drafts


def key_of(heading: str) -> str:
    """The words of a heading as a key: "Artículo 54 Ñ" is `articulo-54-ny`, for there is an Artículo 54 N."""
    letters = unicodedata.normalize("NFD", heading.lower().replace("ñ", "ny"))
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f]", "", letters)).strip("-")


def written_sections(draft: Draft) -> dict[str, str]:
    """Each provision as its file has it, by key, from one heading to the next."""
    sections = {}
    for place in draft.walk():
        one = place.provision
        body = one.body(LANGUAGE)
        if one.key == PREAMBLE:
            sections[one.key] = f"# {draft.titles[LANGUAGE]}\n\n{body}{_GAP}"
        else:
            heading = f"{'#' * (place.depth + 2)} {one.heading(LANGUAGE)}"
            sections[one.key] = f"{heading}{_GAP}{body}{_GAP if body else ''}"
    last = next(reversed(sections))
    return sections | {last: sections[last].rstrip("\n") + "\n"}


def write_law(draft: Draft) -> str:
    """The law as its file has it."""
    return "\n" + "".join(written_sections(draft).values())


def law_hash(draft: Draft) -> str:
    """SHA-256 (hex) of the law as its file has it."""
    return hashlib.sha256(write_law(draft).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Differences:
    """How many sections a version has that the one before had not, had, had otherwise, or had just so."""

    added: int
    removed: int
    changed: int
    unchanged: int


def differences(before: Draft, after: Draft) -> Differences:
    """The sections of two versions compared by key, as they are written."""
    old, new = written_sections(before), written_sections(after)
    kept = old.keys() & new.keys()
    unchanged = sum(old[key] == new[key] for key in kept)
    return Differences(
        len(new.keys() - old.keys()), len(old.keys() - new.keys()), len(kept) - unchanged, unchanged
    )
