"""Where two amendments of one draft touch: the same words, the same place, the same structure."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements.adoption import adopt
from agreements.amendments import (
    Add,
    Amendment,
    Delete,
    InvalidAmendment,
    Move,
    Replace,
    Words,
    within,
    words_of,
)
from agreements.words import Edit, edits, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agreements.amendments import Position
    from agreements.text import Draft, Kind, Provision


class Touch(StrEnum):
    """What two amendments cannot both have."""

    WORDS = "words"
    PLACE = "place"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Contact:
    """One thing that two amendments touch, in the provision `key`.

    For words: the language, the words as they are, and what the first and the second would make of them.
    """

    touch: Touch
    key: str
    language: str = ""
    words: str = ""
    first: str = ""
    second: str = ""

    def mirrored(self) -> Contact:
        """The same, seen from the second."""
        return Contact(self.touch, self.key, self.language, self.words, self.second, self.first)


def contacts(draft: Draft, first: Amendment, second: Amendment) -> tuple[Contact, ...]:
    """Everything that two amendments of a draft both touch without doing the same to it.

    Words: they edit the same words of a language, or with nothing kept between their edits. Place: they put a
    provision in two places, two provisions in one, or one behind another that the other moves. Structure: one
    takes out what the other needs, they give a provision two kinds or a key two provisions, or each would
    move into what the other moves. Symmetric but for the order of first and second in the contacts.
    """
    one, other = _Reach(draft, first), _Reach(draft, second)
    found = [*_words(one, other), *_places(one, other), *_structure(one, other)]
    if not found and one.placed and other.placed and (one.moved or other.moved):
        found += _joint_structure(draft, first, second)
    return tuple(sorted(set(found), key=astuple))


class _Reach:
    """All that an amendment touches in a draft."""

    def __init__(self, draft: Draft, amendment: Amendment) -> None:
        operations = amendment.operations
        self.draft = draft
        self.replaced = {one.key: one for one in operations if isinstance(one, Replace)}
        self.moved = {one.key: one.position for one in operations if isinstance(one, Move)}
        self.added = {one.key: one for one in operations if isinstance(one, Add)}
        self.deleted = {one.key for one in operations if isinstance(one, Delete)}

    @property
    def placed(self) -> Mapping[str, Position]:
        """Whatever it puts somewhere, and where."""
        return self.moved | {key: one.position for key, one in self.added.items()}

    @property
    def new(self) -> Mapping[str, tuple[Provision, str | None]]:
        """Every provision it adds, by key, and in which other one that it adds."""
        tops = [added.provision for added in self.added.values()]
        inside = {
            child.key: (child, one.key) for top in tops for one in within(top) for child in one.children
        }
        return {top.key: (top, None) for top in tops} | inside

    @property
    def needed(self) -> set[str]:
        """The provisions it cannot do without: those it writes or moves, and those it puts things into."""
        parents = {position.parent_key for position in self.placed.values()}
        return {*self.replaced, *self.moved, *(key for key in parents if key)}

    def kept_in(self, key: str) -> Iterator[str]:
        """The provision and whatever goes out with it: what this amendment moves away stays."""
        provision = self.draft.find(key)
        waiting = [provision] if provision else []
        while waiting:
            taken = waiting.pop()
            yield taken.key
            waiting.extend(child for child in taken.children if child.key not in self.moved)

    @property
    def doomed(self) -> set[str]:
        """Whatever goes out with what it deletes."""
        return {key for top in self.deleted for key in self.kept_in(top)}


def _words(one: _Reach, other: _Reach) -> Iterator[Contact]:
    for key in one.replaced.keys() & other.replaced.keys():
        texts, others = one.replaced[key].texts, other.replaced[key].texts
        for language in set(texts) & set(others):
            old = words_of(one.draft, key, language)
            yield from _words_of_language(key, language, old, (texts[language], others[language]))


def _words_of_language(
    key: str, language: str, old: Words | None, new: tuple[Words | None, Words | None]
) -> Iterator[Contact]:
    first, second = new
    before = old or Words()
    if first is None or second is None:
        if first != second:
            texts = (one.body if one else "" for one in (before, first, second))
            yield Contact(Touch.WORDS, key, language, *texts)
        return
    yield from _edited_by_both(key, language, before.heading, (first.heading, second.heading))
    yield from _edited_by_both(key, language, before.body, (first.body, second.body))


def _edited_by_both(key: str, language: str, old: str, new: tuple[str, str]) -> Iterator[Contact]:
    words = tokens(old)
    for mine in edits(old, new[0]):
        for theirs in edits(old, new[1]):
            if mine != theirs and mine.touches(theirs):
                start, stop = min(mine.start, theirs.start), max(mine.stop, theirs.stop)
                versions = (_version(words, edit, start, stop) for edit in (mine, theirs))
                yield Contact(Touch.WORDS, key, language, "".join(words[start:stop]), *versions)


def _version(words: tuple[str, ...], edit: Edit, start: int, stop: int) -> str:
    return "".join((*words[start : edit.start], *edit.words, *words[edit.stop : stop]))


def _places(one: _Reach, other: _Reach) -> Iterator[Contact]:
    for mine, theirs in ((one, other), (other, one)):
        others = theirs.placed
        taken = {position: key for key, position in others.items()}
        for key, position in mine.placed.items():
            elsewhere = others.get(key, position) != position
            crowded = taken.get(position, key) != key
            unhinged = position.after_key in theirs.moved.keys() - mine.moved.keys()
            if elsewhere or crowded or unhinged:
                yield Contact(Touch.PLACE, key)


def _structure(one: _Reach, other: _Reach) -> Iterator[Contact]:
    for mine, theirs in ((one, other), (other, one)):
        touched = mine.doomed & (theirs.needed | (theirs.deleted - mine.deleted))
        yield from (Contact(Touch.STRUCTURE, key) for key in touched)
    new, others = one.new, other.new
    for key in new.keys() & others.keys():
        if new[key] != others[key]:
            yield Contact(Touch.STRUCTURE, key)
    for key in one.replaced.keys() & other.replaced.keys():
        kinds: set[Kind | None] = {one.replaced[key].kind, other.replaced[key].kind}
        if len(kinds - {None}) > 1:
            yield Contact(Touch.STRUCTURE, key)


def _joint_structure(draft: Draft, first: Amendment, second: Amendment) -> Iterator[Contact]:
    """What only shows when both are made: a ring of provisions, or one too deep."""
    try:
        adopt(draft, (*first.operations, *second.operations))
    except InvalidAmendment as found:
        yield Contact(Touch.STRUCTURE, found.key)
