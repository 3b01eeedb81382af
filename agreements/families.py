"""Amendments and the amendments to them: who stands or falls with whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreements.adoption import adopt, check
from agreements.amendments import Amendment, AmendmentProblem, InvalidAmendment
from agreements.difference import difference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agreements.text import Draft


@dataclass(frozen=True, slots=True)
class Family:
    """An amendment, and the amendments to it: each of those stands or falls with it."""

    head: Amendment
    members: tuple[Amendment, ...] = ()

    def text(self, draft: Draft) -> Draft:
        """The draft with the head alone, which its members are written against."""
        return adopt(draft, self.head.operations)

    def effect(self, draft: Draft) -> Amendment | None:
        """What all of it together does to the draft, as one amendment; None if that is nothing."""
        if not self.members:
            return self.head
        together = [operation for member in self.members for operation in member.operations]
        return difference(draft, adopt(self.text(draft), together), name=self.head.name)


def families(draft: Draft, amendments: Sequence[Amendment]) -> tuple[Family, ...]:
    """Each amendment of the draft with the amendments to it, in the order given.

    Raises InvalidAmendment for a name used twice, for an amendment to one that is not given or that itself
    amends another (amendments go to the second degree: Robert's Rules of Order, 12th edition, §12:12), and
    for whatever does not stand on the text it was written against; see `check`.
    """
    by_name: dict[str, Amendment] = {}
    for amendment in amendments:
        if by_name.setdefault(amendment.name, amendment) is not amendment:
            raise InvalidAmendment(AmendmentProblem.REPEATED_NAME, amendment.name)
    for amendment in amendments:
        _check_degree(amendment, by_name)
    grouped = [
        Family(head, tuple(one for one in amendments if one.amends == head.name))
        for head in amendments
        if head.amends is None
    ]
    for family in grouped:
        check(draft, family.head)
        for member in family.members:
            check(family.text(draft), member)
    return tuple(grouped)


def _check_degree(amendment: Amendment, by_name: Mapping[str, Amendment]) -> None:
    if amendment.amends is None:
        return
    amended = by_name.get(amendment.amends)
    if amended is None:
        raise InvalidAmendment(AmendmentProblem.UNKNOWN_AMENDMENT, amendment.name)
    if amended.amends is not None:
        raise InvalidAmendment(AmendmentProblem.THIRD_DEGREE, amendment.name)
