"""Carrying amendments over to the draft that others made of theirs, or saying what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements.adoption import adopt
from agreements.amendments import InvalidAmendment
from agreements.collision import apply, effects
from agreements.contact import Contact, Touch, contacts
from agreements.difference import difference
from agreements.tabled import Tabled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreements.amendments import Amendment
    from agreements.text import Draft


class Standing(StrEnum):
    """How an amendment stands on the draft that came after its own."""

    REBASED = "rebased"  # it can be put to the vote as it now is
    NEEDS_REBASE = "needs_rebase"  # its authors have to say what they want now
    SATISFIED = "satisfied"  # the draft already does what it asked


@dataclass(frozen=True, slots=True)
class Rebasing:
    """What became of an amendment: as it now is, if it was rebased; else in its old words, with what it met.

    One that amended an amendment whose words the draft now has amends the draft, rebased or not.
    """

    standing: Standing
    amendment: Amendment
    contacts: tuple[Contact, ...] = ()


def rebase(draft: Draft, adopted: Sequence[Amendment], others: Sequence[Amendment]) -> tuple[Rebasing, ...]:
    """Carry the others over to the draft that the adopted ones make of this one; in the order given.

    All are written against this draft; where the new draft came some other way, `difference` says what was
    adopted. Each that was rebased does to the new draft what it would have done here beside the adopted ones
    as amended, so no word of either is lost. What touches the same words, place or structure as those keeps
    its words and needs a rebase by its authors: first in each contact are theirs, second those adopted. An
    amendment to an amendment is carried over with that, and becomes one of the draft where the draft already
    does what that asked. Raises InvalidAmendment and Colliding as `apply` does.
    """
    new = apply(draft, adopted)
    changes = effects(Tabled(draft, adopted))
    tabled = Tabled(draft, others)
    carried: dict[str, Rebasing] = {}
    for head in others:
        if head.amends is None:
            carried[head.name] = _carry(draft, changes, new, head)
            members = [one for one in others if one.amends == head.name]
            text = tabled.family_of[head.name].text
            carried |= {one.name: _carry_member(text, new, carried[head.name], one) for one in members}
    return tuple(carried[amendment.name] for amendment in others)


def _carry(draft: Draft, changes: Sequence[Amendment], new: Draft, amendment: Amendment) -> Rebasing:
    met = tuple(contact for change in changes for contact in contacts(draft, amendment, change))
    if met:
        return Rebasing(Standing.NEEDS_REBASE, amendment, met)
    operations = [operation for one in (*changes, amendment) for operation in one.operations]
    try:
        together = adopt(draft, operations)
    except InvalidAmendment as ring:  # three and more that move provisions into each other
        met = (Contact(Touch.STRUCTURE, ring.key),)
        return Rebasing(Standing.NEEDS_REBASE, amendment, met)
    rest = difference(new, together, name=amendment.name, amends=amendment.amends)
    if rest is None:
        return Rebasing(Standing.SATISFIED, amendment)
    return Rebasing(Standing.REBASED, rest)


def _carry_member(text: Draft, new: Draft, head: Rebasing, member: Amendment) -> Rebasing:
    if head.standing is Standing.NEEDS_REBASE:
        return Rebasing(Standing.NEEDS_REBASE, member, head.contacts)
    if head.standing is Standing.SATISFIED:
        member = replace(member, amends=None)
    text_now = adopt(new, head.amendment.operations) if head.standing is Standing.REBASED else new
    change = difference(text, text_now, name=head.amendment.name)
    return _carry(text, (change,) if change else (), text_now, member)
