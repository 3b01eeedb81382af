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
    from collections.abc import Iterator

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
    return Reach(draft, first).contacts(Reach(draft, second))


class Reach:
    """All that an amendment touches in a draft, worked out once to be held against many others."""

    def __init__(self, draft: Draft, amendment: Amendment) -> None:
        self.draft, self.operations = draft, amendment.operations
        self.replaced = {one.key: one for one in self.operations if isinstance(one, Replace)}
        self.moved = {one.key: one.position for one in self.operations if isinstance(one, Move)}
        self.deleted = {one.key for one in self.operations if isinstance(one, Delete)}
        added = [one for one in self.operations if isinstance(one, Add)]
        # Whatever it puts somewhere, and where; and what is put at each place.
        self.placed: dict[str, Position] = self.moved | {one.key: one.position for one in added}
        self.taken = {position: key for key, position in self.placed.items()}
        self.parents = {position.parent_key for position in self.placed.values() if position.parent_key}
        # Every provision it adds, by key, and in which other one that it adds.
        self.new: dict[str, tuple[Provision, str | None]] = {one.key: (one.provision, None) for one in added}
        for one in added:
            for parent in within(one.provision):
                self.new |= {child.key: (child, parent.key) for child in parent.children}
        # What it cannot do without, what goes out with what it deletes, and what moves with what it moves.
        self.needed = {*self.replaced, *self.moved, *self.parents}
        self.doomed = {key for top in self.deleted for key in self._taken_with(top)}
        self.shifted = {one.key for top in self.moved for one in self._inside(top)}

    def contacts(self, other: Reach) -> tuple[Contact, ...]:
        """What both touch: see the function `contacts`."""
        found = {*_words(self, other), *_places(self, other), *_structure(self, other)}
        if not found and (self.shifted & other.parents or other.shifted & self.parents):
            found.update(_joint_structure(self, other))
        return tuple(sorted(found, key=astuple))

    def _inside(self, key: str) -> Iterator[Provision]:
        provision = self.draft.find(key)
        return within(provision) if provision else iter(())

    def _taken_with(self, key: str) -> Iterator[str]:
        """The provision and whatever goes out with it: what this amendment moves away stays."""
        provision = self.draft.find(key)
        waiting = [provision] if provision else []
        while waiting:
            taken = waiting.pop()
            yield taken.key
            waiting.extend(child for child in taken.children if child.key not in self.moved)


def _words(one: Reach, other: Reach) -> Iterator[Contact]:
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
    waiting = list(reversed(edits(old, new[1])))
    for mine in edits(old, new[0]):
        while waiting and waiting[-1].stop < mine.start:
            waiting.pop()
        for theirs in reversed(waiting):
            if theirs.start > mine.stop:
                break
            if mine != theirs:
                start, stop = min(mine.start, theirs.start), max(mine.stop, theirs.stop)
                versions = (_version(words, edit, start, stop) for edit in (mine, theirs))
                yield Contact(Touch.WORDS, key, language, "".join(words[start:stop]), *versions)


def _version(words: tuple[str, ...], edit: Edit, start: int, stop: int) -> str:
    return "".join((*words[start : edit.start], *edit.words, *words[edit.stop : stop]))


def _places(one: Reach, other: Reach) -> Iterator[Contact]:
    for mine, theirs in ((one, other), (other, one)):
        for key, position in mine.placed.items():
            elsewhere = theirs.placed.get(key, position) != position
            crowded = theirs.taken.get(position, key) != key
            unhinged = position.after_key in theirs.moved and position.after_key not in mine.moved
            if elsewhere or crowded or unhinged:
                yield Contact(Touch.PLACE, key)


def _structure(one: Reach, other: Reach) -> Iterator[Contact]:
    for mine, theirs in ((one, other), (other, one)):
        touched = mine.doomed & (theirs.needed | (theirs.deleted - mine.deleted))
        yield from (Contact(Touch.STRUCTURE, key) for key in touched)
    for key in one.new.keys() & other.new.keys():
        if one.new[key] != other.new[key]:
            yield Contact(Touch.STRUCTURE, key)
    for key in one.replaced.keys() & other.replaced.keys():
        kinds: set[Kind | None] = {one.replaced[key].kind, other.replaced[key].kind}
        if len(kinds - {None}) > 1:
            yield Contact(Touch.STRUCTURE, key)


def _joint_structure(one: Reach, other: Reach) -> Iterator[Contact]:
    """What only shows when both are made: a ring of provisions, or one too deep."""
    try:
        adopt(one.draft, (*one.operations, *other.operations))
    except InvalidAmendment as found:
        yield Contact(Touch.STRUCTURE, found.key)
