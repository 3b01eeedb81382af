"""What the rapporteur makes of one session: typed items in three sections."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements import nfc
from conference.domain.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Far above any real summary (the longest of our model has ten items of 170 characters in a section).
MOST_ITEMS = 40
LONGEST_ITEM = 600

# What lists begin with when they are pasted; a minus before a figure is a minus.
_BULLETS = re.compile(r"^(?:(?:[·•*]|[-–—](?!\d))\s*)+")
# They join letters in some scripts; every other invisible character is left out.
_JOINERS = "\u200c\u200d"


class Section(StrEnum):
    """The three sections of a workshop summary, in their order."""

    OBSERVATION = "observation"
    AGREEMENT = "agreement"
    MEASURE = "measure"


class SummaryStatus(StrEnum):
    """A draft is seen by rapporteurs only; a published summary by everybody."""

    DRAFT = "draft"
    PUBLISHED = "published"


def _visible(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter) not in {"Cc", "Cf"}


def _tidy(line: str) -> str:
    # Tabs and line ends are control characters too: they become blanks before those are left out.
    visible = "".join(filter(_visible, " ".join(line.split()))).strip()
    return _BULLETS.sub("", nfc(visible))


def items_of(section: Section, lines: Iterable[str]) -> tuple[str, ...]:
    """Return typed lines as the items of a section: NFC, trimmed, without bullets, none empty.

    Raises Invalid for more than MOST_ITEMS, or one of more than LONGEST_ITEM characters.
    """
    items = tuple(filter(None, map(_tidy, lines)))
    if len(items) > MOST_ITEMS:
        raise Invalid("summary_too_many", section=section, count=len(items), limit=MOST_ITEMS)
    for number, item in enumerate(items, start=1):
        if len(item) > LONGEST_ITEM:
            raise Invalid("summary_item_too_long", section=section, number=number, limit=LONGEST_ITEM)
    return items


def rewritten(
    texts: Sequence[Mapping[str, str]], language: str, items: Sequence[str]
) -> list[dict[str, str]]:
    """Return the texts of a section with the items of one language replaced; the n-th belongs to the n-th.

    What is written in other languages stays, also where this one has become shorter.
    """
    kept = [{code: words for code, words in text.items() if code != language} for text in texts]
    kept += [{} for _ in range(len(items) - len(kept))]
    for text, item in zip(kept, items, strict=False):
        text[language] = item
    return [text for text in kept if text]
