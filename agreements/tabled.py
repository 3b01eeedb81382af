"""Amendments that are tabled on one draft: who is identical to whom, and who stands or falls with whom."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agreements.adoption import adopt, check
from agreements.amendments import Amendment, AmendmentProblem, InvalidAmendment
from agreements.contact import Reach
from agreements.difference import difference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from agreements.contact import Contact
    from agreements.text import Draft


class Family:
    """An amendment, and the amendments to it: each of those stands or falls with it.

    `text` is the draft with the head alone, which its members are written against. Effects are worked out
    once for each choice of members.
    """

    def __init__(self, draft: Draft, head: Amendment, members: Iterable[Amendment] = ()) -> None:
        self.draft, self.head = draft, head
        self.text = check(draft, head)
        self.members = tuple(members)
        for member in self.members:
            check(self.text, member)
        self._reaches: dict[frozenset[str], Reach | None] = {}

    def effect(self, names: Collection[str] = ()) -> Amendment | None:
        """What the head does to the draft together with these members, as one amendment; None if nothing."""
        reach = self._reach(frozenset(names))
        return Amendment(self.head.name, reach.operations) if reach else None

    def touching(
        self, names: Collection[str], other: Family, others: Collection[str] = ()
    ) -> tuple[Contact, ...]:
        """What the head with these members touches that the other's head with those members touches too."""
        one, against = self._reach(frozenset(names)), other._reach(frozenset(others))
        return one.contacts(against) if one and against else ()

    def _reach(self, names: frozenset[str]) -> Reach | None:
        if names not in self._reaches:
            effect = self._effect(names)
            self._reaches[names] = Reach(self.draft, effect) if effect else None
        return self._reaches[names]

    def _effect(self, names: frozenset[str]) -> Amendment | None:
        if not names:
            return self.head
        chosen = [operation for one in self.members if one.name in names for operation in one.operations]
        return difference(self.draft, adopt(self.text, chosen), name=self.head.name)


class Tabled:
    """Amendments of one draft, grouped.

    `families` has one for each amendment of the draft. Identical amendments, those that make the same draft,
    are one, under the first of their names in the alphabet; `alike` has the names of all of them for each, in
    the order given. Raises InvalidAmendment for a name used twice, for an amendment to one that is not given
    or that itself amends another (amendments go to the second degree: Robert's Rules of Order, 12th edition,
    §12:12), and for whatever does not stand on the text it was written against; see `check`.
    """

    def __init__(self, draft: Draft, amendments: Sequence[Amendment]) -> None:
        self.draft, self.amendments = draft, tuple(amendments)
        self.by_name = _by_name(self.amendments)
        self.alike: dict[str, tuple[str, ...]] = {}
        heads = self._distinct(draft, [one for one in self.amendments if one.amends is None])
        self.families = tuple(self._family(head) for head in heads)
        self.family_of = {
            name: family
            for family in self.families
            for one in (family.head, *family.members)
            for name in self.alike[one.name]
        }

    def name_of(self, name: str) -> str:
        """The name under which an amendment and those identical to it go."""
        return min(self.alike[name])

    def _family(self, head: Amendment) -> Family:
        text = adopt(self.draft, head.operations)
        members = [
            replace(one, amends=head.name) for one in self.amendments if one.amends in self.alike[head.name]
        ]
        return Family(self.draft, head, self._distinct(text, members))

    def _distinct(self, draft: Draft, amendments: Iterable[Amendment]) -> list[Amendment]:
        """One of each group of identical amendments, in the order given."""
        groups: dict[str, list[Amendment]] = {}
        for amendment in amendments:
            groups.setdefault(check(draft, amendment).content_hash, []).append(amendment)
        for group in groups.values():
            self.alike |= dict.fromkeys([one.name for one in group], tuple(one.name for one in group))
        return [min(group, key=lambda one: one.name) for group in groups.values()]


def _by_name(amendments: Iterable[Amendment]) -> Mapping[str, Amendment]:
    by_name: dict[str, Amendment] = {}
    for amendment in amendments:
        if by_name.setdefault(amendment.name, amendment) is not amendment:
            raise InvalidAmendment(AmendmentProblem.REPEATED_NAME, amendment.name)
    for amendment in by_name.values():
        amended = amendment.amends is not None and by_name.get(amendment.amends)
        if amended is None:
            raise InvalidAmendment(AmendmentProblem.UNKNOWN_AMENDMENT, amendment.name)
        if amended and amended.amends is not None:
            raise InvalidAmendment(AmendmentProblem.THIRD_DEGREE, amendment.name)
    return by_name
