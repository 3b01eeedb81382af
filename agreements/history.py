"""How an agreement came to be: drafts in a line, and the languages that fell behind on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from agreements.text import Draft, Provision


class HistoryProblem(StrEnum):
    """Why drafts are not the whole line of an agreement."""

    NO_DRAFT = "no_draft"
    FIRST_IS_MISSING = "first_is_missing"  # the first of them was made from another draft
    NOT_A_LINE = "not_a_line"  # one of them was not made from the draft before it


class InvalidHistory(ValueError):
    """Drafts that are no line: `code`, the `position` (from 0) of the first that does not fit in.

    `parent` is the content hash that this draft names, `expected` the one that it should name.
    """

    def __init__(
        self, code: HistoryProblem, position: int, parent: str | None = None, expected: str | None = None
    ) -> None:
        self.code, self.position, self.parent, self.expected = code, position, parent, expected
        super().__init__(code, position, parent, expected)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's word that a language says what the others say, although they changed after it.

    `text_hash` is that of the provision in all its languages, `Provision.text_hash()`, as the person read
    them: the confirmation holds for these words alone.
    """

    key: str
    language: str
    text_hash: str


@dataclass(frozen=True, slots=True)
class StaleLanguage:
    """A language of a provision that has not followed a change of another, `changed`."""

    key: str
    language: str
    changed: str


_Behind: TypeAlias = "Mapping[str, Set[str]]"
"""By stale language: the languages whose change it has not followed."""


def stale_languages(
    drafts: Sequence[Draft], confirmations: Iterable[Confirmation] = ()
) -> tuple[StaleLanguage, ...]:
    """A language is stale once another has changed after it, until it changes too or a person confirms it.

    The bilingual gate of the domain: no question opens while a language is stale. `drafts` is the whole line,
    oldest first; told is what is stale in the last, in document order. Changed is a language whose text_hash
    is another than in the draft before. A stale language that changes follows: it does not make the others
    stale in turn. Nor does one that was missing or incomplete and is now written. What is missing is not told
    as stale too. A provision that is taken out and put back begins anew. Raises InvalidHistory.
    """
    require_line(drafts)
    confirmed = frozenset(confirmations)
    behind: dict[str, _Behind] = {}
    for before, after in pairwise(drafts):
        behind = {
            place.provision.key: _follow(before, after, place.provision, behind, confirmed)
            for place in after.walk()
        }
    last = drafts[-1]
    return tuple(
        StaleLanguage(place.provision.key, language, changed)
        for place in last.walk()
        for language in last.languages
        for changed in last.languages
        if changed in behind.get(place.provision.key, {}).get(language, ())
        and language not in last.missing_languages(place.provision)
    )


def require_line(drafts: Sequence[Draft]) -> None:
    """Each draft of a history is made from the one before it, and the first from none.

    Raises InvalidHistory for the first draft that is not.
    """
    if not drafts:
        raise InvalidHistory(HistoryProblem.NO_DRAFT, 0)
    if drafts[0].parent is not None:
        raise InvalidHistory(HistoryProblem.FIRST_IS_MISSING, 0, drafts[0].parent)
    for position, (before, after) in enumerate(pairwise(drafts), start=1):
        if after.parent != before.content_hash:
            raise InvalidHistory(HistoryProblem.NOT_A_LINE, position, after.parent, before.content_hash)


def _follow(
    before: Draft,
    after: Draft,
    provision: Provision,
    behind: Mapping[str, _Behind],
    confirmed: Set[Confirmation],
) -> _Behind:
    """Who is behind in a provision after one more draft."""
    key, earlier = provision.key, before.find(provision.key)
    if earlier is None:
        return {}
    was_behind = behind.get(key, {})
    lacked, lacking = set(after.missing_languages(earlier)), set(after.missing_languages(provision))
    changed = {one for one in after.languages if earlier.text_hash(one) != provision.text_hash(one)}
    leading = changed - lacked - lacking - was_behind.keys()
    text_hash = provision.text_hash()
    read = {one for one in after.languages if Confirmation(key, one, text_hash) in confirmed}
    # Who lacked words is not behind what was said meanwhile: those words, once written, come after it.
    now_behind = {
        one: was_behind.get(one, set()) | (leading if one not in lacked else set())
        for one in after.languages
        if one not in changed | read
    }
    return {one: others for one, others in now_behind.items() if others}
