"""Whether the languages of an agreement say the same things in the same places."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from agreements.sequence import out_of_order
from agreements.text import MAXIMUM_DEPTH, Draft, Kind, Place, Provision
from agreements.wording import count_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agreements.history import StaleLanguage


class MisalignmentCode(StrEnum):
    """How a language differs. `expected` and `found` of the Misalignment stand behind each code."""

    MISSING = "missing"  # the language lacks the provision
    INCOMPLETE = (
        "incomplete"  # it lacks the heading or the body that another language has: "heading" or "body"
    )
    ITEMS = "items"  # another number of lettered items: the numbers
    KIND = "kind"  # another kind: the kinds
    NESTING = "nesting"  # another parent: the parents' keys, None at the top
    ORDER = "order"  # another place among its siblings: the keys before it, None if it is first
    STALE = "stale"  # another language has changed after it: expected is that language


@dataclass(frozen=True, slots=True)
class Misalignment:
    """One difference between a language and those before it."""

    code: MisalignmentCode
    key: str
    language: str
    expected: str | int | None = None
    found: str | int | None = None


@dataclass(frozen=True, slots=True)
class Combination:
    """Several languages as one draft, and what did not fit."""

    draft: Draft
    misalignments: tuple[Misalignment, ...]


def combine(documents: Mapping[str, Draft]) -> Combination:
    """Match the provisions of several languages by key; each document is a draft in that language alone.

    The first language decides kind, nesting and order. What only a later one has is kept, after the provision
    that it follows there. No words are lost, and every difference is reported. Raises InvalidText without a
    language, and where a document is in another.
    """
    merging = _Merging()
    for language, document in documents.items():
        merging.add(language, document)
    titles = {
        language: words for document in documents.values() for language, words in document.titles.items()
    }
    draft = Draft(titles, merging.provisions(), tuple(documents))
    return Combination(draft, (*merging.misalignments, *alignment(draft)))


def alignment(draft: Draft, stale: Iterable[StaleLanguage] = ()) -> tuple[Misalignment, ...]:
    """What a draft shows by itself: provisions or words missing in a language, other numbers of items.

    What only its history shows comes in as `stale`, from `stale_languages` of the drafts up to this one.
    """
    behind: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in stale:
        behind[one.key, one.language].append(one.changed)
    return tuple(
        misalignment
        for place in draft.walk()
        for language in draft.languages
        for misalignment in (
            *_compare_words(place.provision, draft.languages, language),
            *_compare_times(place.provision.key, language, behind),
        )
    )


def _compare_times(
    key: str, language: str, behind: Mapping[tuple[str, str], list[str]]
) -> Iterator[Misalignment]:
    for changed in behind.get((key, language), ()):
        yield Misalignment(MisalignmentCode.STALE, key, language, expected=changed)


def _compare_words(provision: Provision, languages: tuple[str, ...], language: str) -> Iterator[Misalignment]:
    key = provision.key
    if language not in provision.languages:
        yield Misalignment(MisalignmentCode.MISSING, key, language)
        return
    if any(provision.headings.values()) and not provision.heading(language):
        yield Misalignment(MisalignmentCode.INCOMPLETE, key, language, expected="heading")
    if not any(provision.bodies.values()):
        return
    if not provision.body(language):
        yield Misalignment(MisalignmentCode.INCOMPLETE, key, language, expected="body")
        return
    first = next(one for one in languages if provision.body(one))
    expected, found = count_items(provision.body(first)), count_items(provision.body(language))
    if expected != found:
        yield Misalignment(MisalignmentCode.ITEMS, key, language, expected, found)


class _Merging:
    """One tree that grows language by language: each provision's first place, and all words for it."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.parents: dict[str, str | None] = {}
        self.children: dict[str | None, list[str]] = defaultdict(list)
        self.headings: dict[str, dict[str, str]] = defaultdict(dict)
        self.bodies: dict[str, dict[str, str]] = defaultdict(dict)
        self.misalignments: list[Misalignment] = []

    def add(self, language: str, document: Draft) -> None:
        self._report_order(language, document)
        newcomers: dict[tuple[str | None, str | None], list[str]] = defaultdict(list)
        before: dict[str | None, str] = {}
        for place in document.walk():
            key = place.provision.key
            if key in self.kinds:
                self._report_place(language, place)
                before[self.parents[key]] = key
            else:
                parent = self._admit(place)
                newcomers[parent, before.get(parent)].append(key)
            self.headings[key].update(place.provision.headings)
            self.bodies[key].update(place.provision.bodies)
        self._seat(newcomers)

    def provisions(self, parent: str | None = None) -> tuple[Provision, ...]:
        return tuple(
            Provision(key, self.kinds[key], self.headings[key], self.bodies[key], self.provisions(key))
            for key in self.children.get(parent, ())
        )

    def _admit(self, place: Place) -> str | None:
        """The newcomer's parent: its own, or the nearest that leaves it within the deepest level."""
        key, parent = place.provision.key, place.parent_key
        while len(self._ancestors(parent)) >= MAXIMUM_DEPTH:
            parent = self.parents[parent] if parent else None
        self.kinds[key], self.parents[key] = place.provision.kind, parent
        return parent

    def _ancestors(self, key: str | None) -> list[str]:
        """The key itself and whatever it is in."""
        found = []
        while key is not None:
            found.append(key)
            key = self.parents[key]
        return found

    def _seat(self, newcomers: Mapping[tuple[str | None, str | None], list[str]]) -> None:
        """Newcomers sit behind the provision they followed in their own language, or first."""
        for parent in {parent: None for parent, _ in newcomers}:
            seated = list(newcomers.get((parent, None), ()))
            for key in self.children[parent]:
                seated += [key, *newcomers.get((parent, key), ())]
            self.children[parent] = seated

    def _report_place(self, language: str, place: Place) -> None:
        key, kind, parent = place.provision.key, place.provision.kind, self.parents[place.provision.key]
        if kind is not self.kinds[key]:
            self._report(MisalignmentCode.KIND, key, language, self.kinds[key].value, kind.value)
        if place.parent_key != parent:
            self._report(MisalignmentCode.NESTING, key, language, parent, place.parent_key)

    def _report_order(self, language: str, document: Draft) -> None:
        """Among siblings that both know, the fewest that would have to move are out of order."""
        siblings: dict[str | None, list[str]] = defaultdict(list)
        for place in document.walk():
            key = place.provision.key
            if key in self.kinds and self.parents[key] == place.parent_key:
                siblings[place.parent_key].append(key)
        for parent, found in siblings.items():
            known = set(found)
            expected = [key for key in self.children[parent] if key in known]
            before = dict(pairwise(reversed(expected)))
            found_before = dict(pairwise(reversed(found)))
            for key in out_of_order(expected, found):
                self._report(MisalignmentCode.ORDER, key, language, before.get(key), found_before.get(key))

    def _report(
        self, code: MisalignmentCode, key: str, language: str, expected: str | None, found: str | None
    ) -> None:
        self.misalignments.append(Misalignment(code, key, language, expected, found))
