"""Two drafts side by side: what was added, deleted, changed and moved, down to the words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from agreements.frozen import FrozenMapping
from agreements.sequence import out_of_order
from agreements.words import Mark, Span, spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agreements.text import Draft, Place, Provision


class Change(StrEnum):
    """What became of a provision. Its own words and kind count, not what stands inside it nor its number."""

    UNCHANGED = "unchanged"
    ADDED = "added"
    DELETED = "deleted"
    CHANGED = "changed"
    MOVED = "moved"
    MOVED_AND_CHANGED = "moved_and_changed"


@dataclass(frozen=True, slots=True)
class WordsComparison:
    """Heading and body of a provision in one language, marked word by word."""

    heading: tuple[Span, ...]
    body: tuple[Span, ...]

    @property
    def changed(self) -> bool:
        """A word, a sign or a space differs."""
        return any(span.mark is not Mark.KEPT for span in (*self.heading, *self.body))


@dataclass(frozen=True, slots=True)
class ProvisionComparison:
    """One provision before and after; `words` by language, in the languages of either."""

    key: str
    change: Change
    before: Place | None
    after: Place | None
    words: Mapping[str, WordsComparison]

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", FrozenMapping(self.words))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The agreement's titles by language, and every provision of either draft in reading order.

    That is the order of the later draft; what was deleted stands where it stood, behind what it followed.
    """

    titles: Mapping[str, tuple[Span, ...]]
    provisions: tuple[ProvisionComparison, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "titles", FrozenMapping(self.titles))

    @property
    def changes(self) -> tuple[ProvisionComparison, ...]:
        """The provisions of which anything differs."""
        return tuple(one for one in self.provisions if one.change is not Change.UNCHANGED)

    def find(self, key: str) -> ProvisionComparison | None:
        """The provision with this key."""
        return next((one for one in self.provisions if one.key == key), None)


def compare(before: Draft, after: Draft) -> Comparison:
    """Two drafts compared provision by provision, by key, and word by word in each language.

    The words of a pair of texts are compared once and remembered. A provision has moved if its parent is
    another, or if it is one of the fewest that must move for the rest to keep their order.
    """
    languages = dict.fromkeys([*before.languages, *after.languages])
    titles = {one: spans(before.titles.get(one, ""), after.titles.get(one, "")) for one in languages}
    gone_elsewhere = moved(before, after)
    provisions = (
        _compare_provision(key, before.place(key), after.place(key), moved_away=key in gone_elsewhere)
        for key in _reading_order(before, after)
    )
    return Comparison(titles, tuple(provisions))


def moved(before: Draft, after: Draft) -> frozenset[str]:
    """The provisions in both drafts that stand elsewhere: in another parent, or out of order in the same."""
    elsewhere: set[str] = set()
    siblings: dict[str | None, list[str]] = defaultdict(list)
    siblings_after: dict[str | None, list[str]] = defaultdict(list)
    for place in before.walk():
        key, now = place.provision.key, after.place(place.provision.key)
        if now and now.parent_key == place.parent_key:
            siblings[place.parent_key].append(key)
        elif now:
            elsewhere.add(key)
    for place in after.walk():
        then = before.place(place.provision.key)
        if then and then.parent_key == place.parent_key:
            siblings_after[place.parent_key].append(place.provision.key)
    for parent, expected in siblings.items():
        elsewhere.update(out_of_order(expected, siblings_after[parent]))
    return frozenset(elsewhere)


def _compare_provision(
    key: str, before: Place | None, after: Place | None, *, moved_away: bool
) -> ProvisionComparison:
    then, now = (place.provision if place else None for place in (before, after))
    languages = sorted((then.languages if then else frozenset()) | (now.languages if now else frozenset()))
    words = {language: _compare_words(then, now, language) for language in languages}
    return ProvisionComparison(key, _change(then, now, moved_away=moved_away), before, after, words)


def _compare_words(then: Provision | None, now: Provision | None, language: str) -> WordsComparison:
    return _marked(
        then.heading(language) if then else "",
        then.body(language) if then else "",
        now.heading(language) if now else "",
        now.body(language) if now else "",
    )


@lru_cache(maxsize=4096)
def _marked(heading: str, body: str, heading_after: str, body_after: str) -> WordsComparison:
    return WordsComparison(spans(heading, heading_after), spans(body, body_after))


def _change(then: Provision | None, now: Provision | None, *, moved_away: bool) -> Change:
    if then is None:
        return Change.ADDED
    if now is None:
        return Change.DELETED
    same = (then.kind, then.headings, then.bodies) == (now.kind, now.headings, now.bodies)
    if moved_away:
        return Change.MOVED if same else Change.MOVED_AND_CHANGED
    return Change.UNCHANGED if same else Change.CHANGED


def _reading_order(before: Draft, after: Draft, parent: str | None = None) -> Iterator[str]:
    """The later draft's order; what was deleted, behind the last sibling before it that is still there."""
    gone: dict[str | None, list[str]] = defaultdict(list)
    anchor = None
    still_here = {provision.key for provision in after.children(parent)}
    for provision in before.children(parent):
        if provision.key in still_here:
            anchor = provision.key
        elif after.find(provision.key) is None:
            gone[anchor].append(provision.key)
    for key in [*gone[None], *(key for one in after.children(parent) for key in (one.key, *gone[one.key]))]:
        yield key
        yield from _reading_order(before, after, key)
