"""What has to be done to one draft so that it becomes another: the difference as an amendment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreements.amendments import (
    Add,
    Amendment,
    AmendmentProblem,
    Delete,
    InvalidAmendment,
    Move,
    Position,
    Replace,
    contents_hashes,
    words_hashes,
    words_of,
)
from agreements.comparison import moved
from agreements.text import AGREEMENT_KEY, Provision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agreements.amendments import Operation
    from agreements.text import Draft


def difference(before: Draft, after: Draft, *, name: str, amends: str | None = None) -> Amendment | None:
    """The amendment of one draft that makes it the other; None if they are equal.

    Provisions are known by their keys; the fewest are moved. Raises InvalidAmendment for drafts in different
    languages: another language is another draft, not an amendment.
    """
    if before.languages != after.languages:
        raise InvalidAmendment(AmendmentProblem.DIFFERENT_LANGUAGES, name)
    structure = (*_additions(before, after), *_moves(before, after), *_deletions(before, after))
    operations = (*structure, *_rewritings(before, after))
    return Amendment(name, operations, amends) if operations else None


def position_in(draft: Draft, key: str) -> Position:
    """Where a provision stands in a draft: in what, and right behind what."""
    place = draft.place(key)
    if place is None:
        raise InvalidAmendment(AmendmentProblem.UNKNOWN_PROVISION, key=key)
    before = draft.children(place.parent_key)[: place.position]
    return Position(place.parent_key, before[-1].key if before else None)


def rewriting(before: Draft, after: Draft, key: str) -> Replace | None:
    """What has to be written anew in a provision that both drafts have, or in the title; None if nothing."""
    then, now = before.find(key), after.find(key)
    kind = now.kind if then and now and then.kind is not now.kind else None
    texts = {language: words_of(after, key, language) for language in before.languages}
    changed = {one: text for one, text in texts.items() if text != words_of(before, key, one)}
    if not changed and kind is None:
        return None
    return Replace(key, words_hashes(before, key, changed or before.languages), changed, kind)


def _deletions(before: Draft, after: Draft) -> Iterator[Operation]:
    for place in before.walk():
        key, parent = place.provision.key, place.parent_key
        if after.find(key) is None and (parent is None or after.find(parent)):
            yield Delete(key, contents_hashes(before, key))


def _rewritings(before: Draft, after: Draft) -> Iterator[Operation]:
    kept = (place.provision.key for place in before.walk() if after.find(place.provision.key))
    for key in (AGREEMENT_KEY, *kept):
        if replaced := rewriting(before, after, key):
            yield replaced


def _moves(before: Draft, after: Draft) -> Iterator[Operation]:
    elsewhere = moved(before, after)
    for place in after.walk():
        key = place.provision.key
        if key in elsewhere:
            yield Move(key, words_hashes(before, key, before.languages), position_in(after, key))


def _additions(before: Draft, after: Draft) -> Iterator[Operation]:
    for place in after.walk():
        key, parent = place.provision.key, place.parent_key
        if before.find(key) is None and (parent is None or before.find(parent)):
            yield Add(_only_new(place.provision, before), position_in(after, key))


def _only_new(provision: Provision, before: Draft) -> Provision:
    """The provision without what the earlier draft had: that comes to its place by being moved."""
    children = tuple(
        _only_new(child, before) for child in provision.children if before.find(child.key) is None
    )
    return Provision(provision.key, provision.kind, provision.headings, provision.bodies, children)
