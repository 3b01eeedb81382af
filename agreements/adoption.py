"""Adopting operations: the draft as they leave it, every word of it accounted for."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from agreements.amendments import (
    Add,
    AmendmentProblem,
    Delete,
    InvalidAmendment,
    Move,
    Position,
    Replace,
    Words,
    contents_hashes,
    within,
    words_hashes,
    words_of,
)
from agreements.text import AGREEMENT_KEY, MAXIMUM_DEPTH, Draft, Provision, valid_key
from agreements.words import Edit, edited, edits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agreements.amendments import Amendment, Operation


def adopt(draft: Draft, operations: Iterable[Operation]) -> Draft:
    """The draft after operations that do not collide; in whatever order they come, the result is the same.

    Each is made against the draft as it is. Replacements of the same words are merged: every edit of either
    is made, the same edit once. A place is counted among the siblings that are deleted too, so that something
    may follow what goes out. Whether the words are those an operation was written against is not asked here:
    `check` and `collisions` come first. Raises InvalidAmendment for what has no result.
    """
    chosen = tuple(dict.fromkeys(operations))
    tree = _Tree(draft, chosen)
    titles = {language: words.heading for language, words in _title(draft, chosen).items()}
    return Draft(titles, tree.provisions(), draft.languages, parent=draft.content_hash)


def check(draft: Draft, amendment: Amendment) -> Draft:
    """An amendment stands on a draft if it can be adopted there by itself; returns the draft with it.

    Raises InvalidAmendment with the first thing that is wrong: an unknown provision, place or language, words
    that are no longer those it was written against, a new key that is taken, a provision moved into itself or
    too deep, something put or written into what it takes out, nothing changed.
    """
    try:
        for operation in amendment.operations:
            _check_operation(draft, operation)
        after = adopt(draft, amendment.operations)
        if after == draft:
            raise InvalidAmendment(AmendmentProblem.CHANGES_NOTHING)
    except InvalidAmendment as found:
        raise InvalidAmendment(found.code, amendment.name, found.key, found.language) from found
    return after


def _check_operation(draft: Draft, operation: Operation) -> None:
    if isinstance(operation, Add):
        _check_new(draft, operation)
    elif isinstance(operation, Delete):
        _check_against(operation, contents_hashes(draft, operation.key))
    elif isinstance(operation, Move):
        _check_against(operation, words_hashes(draft, operation.key, draft.languages))
    else:
        _check_languages(operation.key, operation.texts, draft)
        languages = operation.texts or draft.languages
        _check_against(operation, words_hashes(draft, operation.key, languages))


def _check_new(draft: Draft, operation: Add) -> None:
    for provision in within(operation.provision):
        _check_languages(provision.key, provision.languages, draft)
        if not valid_key(provision.key):
            raise InvalidAmendment(AmendmentProblem.BAD_KEY, key=provision.key)
        if draft.find(provision.key):
            raise InvalidAmendment(AmendmentProblem.KEY_TAKEN, key=provision.key)


def _check_languages(key: str, languages: Iterable[str], draft: Draft) -> None:
    for language in sorted(languages):
        if language not in draft.languages:
            raise InvalidAmendment(AmendmentProblem.UNKNOWN_LANGUAGE, key=key, language=language)


def _check_against(operation: Delete | Move | Replace, hashes: Mapping[str, str]) -> None:
    for language, found in hashes.items():
        if operation.against.get(language) != found:
            raise InvalidAmendment(AmendmentProblem.WORDS_CHANGED, key=operation.key, language=language)


def merged_words(draft: Draft, key: str, language: str, replacements: Iterable[Replace]) -> Words | None:
    """A provision's words in one language after replacements of them that do not collide."""
    old = words_of(draft, key, language)
    texts = [one.texts[language] for one in replacements if one.key == key and language in one.texts]
    if not texts or None in texts:
        return None if texts else old
    before = old or Words()
    new = [text for text in texts if text]
    headings = {edit for text in new for edit in edits(before.heading, text.heading)}
    bodies = {edit for text in new for edit in edits(before.body, text.body)}
    if _touching(headings) or _touching(bodies):
        raise InvalidAmendment(AmendmentProblem.COLLISION, key=key, language=language)
    return Words(edited(before.heading, headings), edited(before.body, bodies))


def _touching(changes: Iterable[Edit]) -> bool:
    in_order = sorted(changes, key=lambda one: (one.start, one.stop))
    return any(one.touches(other) for one, other in pairwise(in_order))


def _title(draft: Draft, operations: Iterable[Operation]) -> dict[str, Words]:
    replacements = [one for one in operations if isinstance(one, Replace)]
    return {
        language: merged_words(draft, AGREEMENT_KEY, language, replacements) or Words()
        for language in draft.languages
    }


class _Tree:
    """The draft's provisions by key and by parent while they are put in and taken out."""

    def __init__(self, draft: Draft, operations: tuple[Operation, ...]) -> None:
        self.draft = draft
        self.words: dict[str, Provision] = {}
        self.children: dict[str | None, list[str]] = defaultdict(list)
        self.replacements: dict[str, list[Replace]] = defaultdict(list)
        self.behind: dict[Position, str] = {}
        self.deleted = {one.key for one in operations if isinstance(one, Delete)}
        self.moved = {one.key for one in operations if isinstance(one, Move)}
        self.expected = {one.key for one in operations} - self.deleted - {AGREEMENT_KEY}
        for place in draft.walk():
            self._take_in(place.provision, place.parent_key)
        for operation in operations:
            self._take_up(operation)

    def provisions(self) -> tuple[Provision, ...]:
        """The finished tree, once nothing that was put in or written is lost."""
        finished = tuple(self._finished(None, depth=0))
        found = {one.key for top in finished for one in within(top)}
        for key in sorted(self.expected - found):
            raise InvalidAmendment(self._why_lost(key), key=key)
        return finished

    def _take_in(self, provision: Provision, parent: str | None) -> None:
        if provision.key in self.words:
            raise InvalidAmendment(AmendmentProblem.KEY_TAKEN, key=provision.key)
        self.words[provision.key] = provision
        if provision.key not in self.moved:
            self.children[parent].append(provision.key)

    def _take_up(self, operation: Operation) -> None:
        if isinstance(operation, Replace):
            self.replacements[operation.key].append(operation)
        if isinstance(operation, Add):
            self._take_in_new(operation.provision)
        if operation.key not in self.words and operation.key != AGREEMENT_KEY:
            raise InvalidAmendment(AmendmentProblem.UNKNOWN_PROVISION, key=operation.key)
        if isinstance(operation, Add | Move):
            self._put(operation.key, operation.position)

    def _take_in_new(self, top: Provision) -> None:
        for parent in within(top):
            for child in parent.children:
                self._take_in(child, parent.key)
        if top.key in self.words:
            raise InvalidAmendment(AmendmentProblem.KEY_TAKEN, key=top.key)
        self.words[top.key] = top

    def _put(self, key: str, position: Position) -> None:
        if self.behind.get(position) == key:
            return
        if key in self.behind.values():
            raise InvalidAmendment(AmendmentProblem.REPEATED_OPERATION, key=key)
        if position in self.behind:
            raise InvalidAmendment(AmendmentProblem.PLACE_TAKEN, key=key)
        self.behind[position] = key

    def _finished(self, parent: str | None, *, depth: int) -> Iterator[Provision]:
        for key in self._in_order(parent):
            if key in self.deleted:
                continue
            if depth >= MAXIMUM_DEPTH:
                raise InvalidAmendment(AmendmentProblem.TOO_DEEP, key=key)
            yield self._rewritten(key, tuple(self._finished(key, depth=depth + 1)))

    def _in_order(self, parent: str | None) -> Iterator[str]:
        yield from self._run_behind(parent, None)
        for key in self.children[parent]:
            yield key
            yield from self._run_behind(parent, key)

    def _run_behind(self, parent: str | None, key: str | None) -> Iterator[str]:
        """What was put behind a sibling, and behind that: each stands in one place, so the run ends."""
        while (key := self.behind.get(Position(parent, key))) is not None:
            yield key

    def _rewritten(self, key: str, children: tuple[Provision, ...]) -> Provision:
        provision, replacements = self.words[key], self.replacements[key]
        if not replacements and children == provision.children:
            return provision
        kind = next((one.kind for one in replacements if one.kind), provision.kind)
        if not replacements:
            return Provision(key, kind, provision.headings, provision.bodies, children)
        texts = {one: merged_words(self.draft, key, one, replacements) for one in self.draft.languages}
        headings = {language: text.heading for language, text in texts.items() if text}
        bodies = {language: text.body for language, text in texts.items() if text}
        return Provision(key, kind, headings, bodies, children)

    def _why_lost(self, key: str) -> AmendmentProblem:
        """Something was put in or written, and yet is not in the finished tree."""
        above = {child: parent for parent, children in self.children.items() for child in children}
        above |= {child: position.parent_key for position, child in self.behind.items()}
        seen: set[str] = set()
        parent: str | None = key
        while parent is not None and parent in above:
            if parent in self.deleted:
                return AmendmentProblem.IN_DELETED_PROVISION
            if parent in seen:
                return AmendmentProblem.INSIDE_ITSELF
            seen.add(parent)
            parent = above[parent]
        return AmendmentProblem.UNKNOWN_PLACE
