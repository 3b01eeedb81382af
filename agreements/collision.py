"""Which amendments cannot be adopted together, and adopting those that can."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TYPE_CHECKING

from agreements.adoption import adopt
from agreements.amendments import Add, AmendmentProblem, InvalidAmendment, Move
from agreements.contact import Contact, Touch, contacts
from agreements.families import Family, families

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agreements.amendments import Amendment
    from agreements.text import Draft


@dataclass(frozen=True, slots=True)
class Collision:
    """Two amendments, by name in alphabetical order, and what both touch."""

    first: str
    second: str
    contacts: tuple[Contact, ...]


class Colliding(InvalidAmendment):
    """Amendments that cannot be adopted together; `collisions` has every pair."""

    def __init__(self, collisions: Iterable[Collision]) -> None:
        self.collisions = tuple(collisions)
        super().__init__(AmendmentProblem.COLLISION, self.collisions[0].first)


def identical(amendments: Iterable[Amendment]) -> tuple[tuple[str, ...], ...]:
    """The names of amendments that do the same, in the order given; they are voted on and adopted as one."""
    alike: dict[str, list[str]] = {}
    for amendment in amendments:
        alike.setdefault(amendment.content_hash, []).append(amendment.name)
    return tuple(tuple(names) for names in alike.values() if len(names) > 1)


def collisions(draft: Draft, amendments: Sequence[Amendment]) -> tuple[Collision, ...]:
    """Every pair that cannot be adopted together, whatever the order in which they are given.

    Identical amendments count as one, under the first of their names in the alphabet. An amendment to an
    amendment is compared by what it adds to that: it never collides with what it amends, and what it amends
    answers for its own collisions. Raises InvalidAmendment for what does not stand on the draft.
    """
    grouped = families(draft, amendments)
    found = [collision for pair in combinations(grouped, 2) for collision in _between(draft, *pair)]
    for family in grouped:
        heads = (Family(member) for member in family.members)
        text = family.text(draft) if family.members else draft
        found += [one for pair in combinations(heads, 2) for one in _between(text, *pair)]
    twins = {name for names in identical(amendments) for name in names if name != min(names)}
    found = [one for one in found if not {one.first, one.second} & twins]
    return tuple(sorted(found, key=lambda one: (one.first, one.second)))


def apply(draft: Draft, amendments: Sequence[Amendment]) -> Draft:
    """The draft after adopting all of them at once, which is the same in whatever order they are given.

    Raises Colliding if they cannot all be adopted, and InvalidAmendment for what does not stand on the draft.
    """
    if found := collisions(draft, amendments):
        raise Colliding(found)
    changes = effects(draft, amendments)
    if found := tuple(_joint_collisions(draft, changes)):
        raise Colliding(found)
    return adopt(draft, [operation for change in changes for operation in change.operations])


def effects(draft: Draft, amendments: Sequence[Amendment]) -> tuple[Amendment, ...]:
    """What each amendment of the draft does to it together with the amendments to it."""
    found = (family.effect(draft) for family in families(draft, amendments))
    return tuple(effect for effect in found if effect)


def _between(draft: Draft, one: Family, other: Family) -> Iterator[Collision]:
    """Collisions between the heads, between each head and the other's members, and between the members."""
    head, rival_head = Family(one.head), Family(other.head)
    heads = _touching(draft, head, rival_head)
    yield from _collision(one.head, other.head, heads)
    found: dict[str, tuple[Contact, ...]] = {}
    for member in one.members:
        found[member.name] = _touching(draft, _only(one, member), rival_head)
        yield from _collision(member, other.head, _beyond(found[member.name], heads))
    for member in other.members:
        found[member.name] = _touching(draft, head, _only(other, member))
        yield from _collision(one.head, member, _beyond(found[member.name], heads))
    for member, rival in product(one.members, other.members):
        together = _touching(draft, _only(one, member), _only(other, rival))
        yield from _collision(member, rival, _beyond(together, (*found[member.name], *found[rival.name])))


def _joint_collisions(draft: Draft, changes: Sequence[Amendment]) -> Iterator[Collision]:
    """What no pair of amendments shows alone: families as wholes that touch, a ring of moved provisions."""
    for one, other in combinations(changes, 2):
        yield from _collision(one, other, contacts(draft, one, other))
    try:
        adopt(draft, [operation for change in changes for operation in change.operations])
    except InvalidAmendment as ring:
        placing = [one for one in changes if any(isinstance(each, Add | Move) for each in one.operations)]
        for one, other in combinations(placing, 2):
            yield from _collision(one, other, (Contact(Touch.STRUCTURE, ring.key),))


def _only(family: Family, member: Amendment) -> Family:
    return replace(family, members=(member,))


def _touching(draft: Draft, one: Family, other: Family) -> tuple[Contact, ...]:
    first, second = one.effect(draft), other.effect(draft)
    return contacts(draft, first, second) if first and second else ()


def _beyond(found: Iterable[Contact], explained: Iterable[Contact]) -> tuple[Contact, ...]:
    """What is touched beyond what is explained already."""
    known = {(one.touch, one.key, one.language) for one in explained}
    return tuple(one for one in found if (one.touch, one.key, one.language) not in known)


def _collision(one: Amendment, other: Amendment, found: tuple[Contact, ...]) -> Iterator[Collision]:
    if found and one.name < other.name:
        yield Collision(one.name, other.name, found)
    elif found:
        yield Collision(other.name, one.name, tuple(contact.mirrored() for contact in found))
