"""Which amendments cannot be adopted together, and adopting those that can."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from agreements.adoption import adopt
from agreements.amendments import Add, AmendmentProblem, InvalidAmendment, Move
from agreements.contact import Contact, Touch, contacts
from agreements.tabled import Family, Tabled

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


def identical(draft: Draft, amendments: Sequence[Amendment]) -> tuple[tuple[str, ...], ...]:
    """The names of amendments that make the same draft, in the order given: voted on and adopted as one."""
    return tuple(names for names in dict.fromkeys(Tabled(draft, amendments).alike.values()) if len(names) > 1)


def collisions(draft: Draft, amendments: Sequence[Amendment]) -> tuple[Collision, ...]:
    """Every two that cannot be adopted together, whatever the order in which they are given.

    Identical amendments count as one, under the first of their names in the alphabet. An amendment to an
    amendment is compared by what it adds to that: it never collides with what it amends, and what it amends
    answers for its own collisions. Three and more may exclude each other where no two do, as in a ring of
    moves: that shows in `apply`. Raises InvalidAmendment for what does not stand on the draft.
    """
    return tabled_collisions(Tabled(draft, amendments))


def tabled_collisions(tabled: Tabled) -> tuple[Collision, ...]:
    """The collisions of amendments that are grouped already."""
    found = [one for pair in combinations(tabled.families, 2) for one in _between(*pair)]
    found += [one for family in tabled.families for one in _within(family)]
    return tuple(sorted(found, key=lambda one: (one.first, one.second)))


def apply(draft: Draft, amendments: Sequence[Amendment]) -> Draft:
    """The draft after adopting all of them at once, which is the same in whatever order they are given.

    Raises Colliding if they cannot all be adopted, and InvalidAmendment for what does not stand on the draft.
    """
    tabled = Tabled(draft, amendments)
    if found := tabled_collisions(tabled):
        raise Colliding(found)
    return adopt_together(draft, effects(tabled))


def effects(tabled: Tabled) -> tuple[Amendment, ...]:
    """What each amendment of the draft does to it together with all amendments to it."""
    found = (family.effect([one.name for one in family.members]) for family in tabled.families)
    return tuple(effect for effect in found if effect)


def adopt_together(draft: Draft, changes: Sequence[Amendment]) -> Draft:
    """The draft after several effects. Raises Colliding with the pairs that touch, or that make a ring."""
    pairs = combinations(changes, 2)
    if touching := [one for pair in pairs for one in _collision(*pair, contacts(draft, *pair))]:
        raise Colliding(touching)
    try:
        return _adopted(draft, changes)
    except InvalidAmendment as ring:
        raise Colliding(_ring(draft, changes, ring)) from ring


def _adopted(draft: Draft, changes: Iterable[Amendment]) -> Draft:
    return adopt(draft, [operation for change in changes for operation in change.operations])


def _ring(draft: Draft, changes: Sequence[Amendment], found: InvalidAmendment) -> Iterator[Collision]:
    """Each two of those that move provisions into each other: without any of them the others stand."""
    placing = [one for one in changes if any(isinstance(each, Add | Move) for each in one.operations)]
    needed = [one for one in placing if _stand(draft, [other for other in changes if other is not one])]
    for one, other in combinations(needed if len(needed) > 1 else placing, 2):
        yield from _collision(one, other, (Contact(Touch.STRUCTURE, found.key),))


def _stand(draft: Draft, changes: Sequence[Amendment]) -> bool:
    try:
        _adopted(draft, changes)
    except InvalidAmendment:
        return False
    return True


def _between(one: Family, other: Family) -> Iterator[Collision]:
    """Collisions between the heads, between each head and the other's members, and between the members."""
    heads = one.touching((), other)
    yield from _collision(one.head, other.head, heads)
    found: dict[str, tuple[Contact, ...]] = {}
    for member in one.members:
        found[member.name] = one.touching((member.name,), other)
        yield from _collision(member, other.head, _beyond(found[member.name], heads))
    for member in other.members:
        found[member.name] = one.touching((), other, (member.name,))
        yield from _collision(one.head, member, _beyond(found[member.name], heads))
    for member, rival in product(one.members, other.members):
        together = one.touching((member.name,), other, (rival.name,))
        yield from _collision(member, rival, _beyond(together, (*found[member.name], *found[rival.name])))


def _within(family: Family) -> Iterator[Collision]:
    """Collisions between the amendments to one amendment, on the text that it makes."""
    for pair in combinations(family.members, 2):
        yield from _collision(*pair, contacts(family.text, *pair))


def _beyond(found: Iterable[Contact], explained: Iterable[Contact]) -> tuple[Contact, ...]:
    """What is touched beyond what is explained already."""
    known = {(one.touch, one.key, one.language) for one in explained}
    return tuple(one for one in found if (one.touch, one.key, one.language) not in known)


def _collision(one: Amendment, other: Amendment, found: tuple[Contact, ...]) -> Iterator[Collision]:
    if found and one.name < other.name:
        yield Collision(one.name, other.name, found)
    elif found:
        yield Collision(other.name, one.name, tuple(contact.mirrored() for contact in found))
