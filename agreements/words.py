"""The words of a text, and what becomes of them from one version to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from agreements.sequence import equal_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Not part of a word: space, punctuation and symbols. Everything else is, combining marks, the saltillo U+02BC
# and the joiners U+200C and U+200D among them, in any script.
_APART = (
    r"\s\x00-/:-@\[-`{-©«-´¶-¹»-¿×÷"
    r"\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b\u061f\u066a-\u066d\u06d4"
    r"\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u303f\ufe30-\ufe6f\uff00-\uff0f\uff1a-\uff20"
)
_LETTER = f"[^{_APART}]"
_TOKEN = re.compile(
    rf"{_LETTER}(?:{_LETTER}"  # a word or a number,
    rf"|['’\u2010\u2011-](?={_LETTER})"  # with what joins its parts: d'un, acuerdo-marco, 2010-2014,
    r"|(?<=\d)[.,:/](?=\d))*"  # 1,500.00, 10:30, 27/41
    r"|\n+|[^\S\n]+"  # line ends apart from other space
    r"|(.)\1*",  # punctuation one by one, the same sign repeated whole: ..., --
    re.DOTALL,
)


LONGEST_REMEMBERED = 50_000
"""Characters: longer texts are compared anew each time, so that what is remembered stays small."""


class Mark(StrEnum):
    """What became of some words."""

    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True)
class Span:
    """Words that share a fate, with the spaces between them."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """The old tokens from `start` up to `stop` become `words`; where start = stop, they are put in there."""

    start: int
    stop: int
    words: tuple[str, ...]

    def touches(self, other: Edit) -> bool:
        """Both change the same tokens, or meet with nothing kept between them."""
        return self.start <= other.stop and other.start <= self.stop


def tokens(text: str) -> tuple[str, ...]:
    """Words, numbers, punctuation and spaces, none broken; joined they are the text again."""
    return _remembered_tokens(text) if len(text) <= LONGEST_REMEMBERED else _tokens(text)


def edits(before: str, after: str) -> tuple[Edit, ...]:
    """How the tokens of one text become those of the other: as few passages as a reader can follow.

    No two edits touch. Words put in or taken out where several places would do stand in the last of them, so
    that two people who wrote the same made the same edit. A kept passage is not told apart if it says less
    than the change on either side of it: a single space, or one "de" in a sentence written anew.
    """
    short = len(before) + len(after) <= LONGEST_REMEMBERED
    return _remembered_edits(before, after) if short else _edits(before, after)


def spans(before: str, after: str) -> tuple[Span, ...]:
    """One text marked as the change of another: kept and deleted are the old, kept and inserted the new."""
    old = tokens(before)
    marked: list[Span] = []
    place = 0
    for edit in edits(before, after):
        marked += [
            Span(Mark.KEPT, "".join(old[place : edit.start])),
            Span(Mark.DELETED, "".join(old[edit.start : edit.stop])),
            Span(Mark.INSERTED, "".join(edit.words)),
        ]
        place = edit.stop
    marked.append(Span(Mark.KEPT, "".join(old[place:])))
    return tuple(span for span in marked if span.text)


def edited(before: str, changes: Iterable[Edit]) -> str:
    """The text after these edits of it, no two of which touch; the same edit given twice is made once."""
    old = tokens(before)
    parts: list[str] = []
    place = 0
    for change in sorted(set(changes), key=lambda one: (one.start, one.stop)):
        parts += [*old[place : change.start], *change.words]
        place = change.stop
    return "".join([*parts, *old[place:]])


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(match[0] for match in _TOKEN.finditer(text))


def _edits(before: str, after: str) -> tuple[Edit, ...]:
    old, new = tokens(before), tokens(after)
    weights, weights_after = _weights(old), _weights(new)
    passages: list[_Passage] = []
    for passage in _settled(list(_changed_passages(old, new)), old, new):
        passages.append(passage)
        while len(passages) > 1 and _says_less(passages[-2], passages[-1], weights, weights_after):
            last, first = passages.pop(), passages.pop()
            passages.append(_Passage(first.start, last.stop, first.start_after, last.stop_after))
    return tuple(Edit(one.start, one.stop, new[one.start_after : one.stop_after]) for one in passages)


# The same pairs are compared again and again while amendments meet; a text is found by its hash.
_remembered_tokens = lru_cache(maxsize=4096)(_tokens)
_remembered_edits = lru_cache(maxsize=4096)(_edits)


@dataclass(frozen=True, slots=True)
class _Passage:
    """A stretch of tokens before, and what stands for it after."""

    start: int
    stop: int
    start_after: int
    stop_after: int

    def slides(self, old: tuple[str, ...], new: tuple[str, ...]) -> bool:
        """The token behind it could as well stand before it."""
        if self.start == self.stop:
            return old[self.stop] == new[self.start_after]
        return self.start_after == self.stop_after and old[self.stop] == old[self.start]

    @property
    def next(self) -> _Passage:
        """The same one token on."""
        return _Passage(self.start + 1, self.stop + 1, self.start_after + 1, self.stop_after + 1)


def _changed_passages(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[_Passage]:
    place, place_after = 0, 0
    for start, start_after, length in [
        *equal_runs(old, new, anchor=_says_something),
        (len(old), len(new), 0),
    ]:
        if (place, place_after) != (start, start_after):
            yield _Passage(place, start, place_after, start_after)
        place, place_after = start + length, start_after + length


def _settled(passages: list[_Passage], old: tuple[str, ...], new: tuple[str, ...]) -> list[_Passage]:
    """Each insertion and deletion as far on as it reads the same, with something kept before the next."""
    room = len(old)
    for place in reversed(range(len(passages))):
        passage = passages[place]
        while passage.stop < room and passage.slides(old, new):
            passage = passage.next
        passages[place] = passage
        room = passage.start - 1
    return passages


def _says_less(first: _Passage, second: _Passage, old: list[int], new: list[int]) -> bool:
    kept = old[second.start] - old[first.stop]
    return all(
        kept < max(old[one.stop] - old[one.start], new[one.stop_after] - new[one.start_after])
        for one in (first, second)
    )


def _weights(some: Iterable[str]) -> list[int]:
    """How much the tokens before each place say: words, punctuation and line ends, but no spaces."""
    return list(accumulate((not token.isspace() or "\n" in token for token in some), initial=0))


def _says_something(token: str) -> bool:
    return re.match(_LETTER, token) is not None
