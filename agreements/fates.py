"""What becomes of the other amendments when some are decided: rivals lapse, dependents fall."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements.amendments import AmendmentProblem, InvalidAmendment
from agreements.collision import adopt_together
from agreements.contact import contacts
from agreements.decision import Outcome
from agreements.tabled import Tabled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agreements.amendments import Amendment
    from agreements.tabled import Family
    from agreements.text import Draft


class Status(StrEnum):
    """What became of an amendment."""

    PENDING = "pending"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"  # voted on, but tied, inquorate, or the chambers disagree
    LAPSED = "lapsed"  # a rival was adopted, so it is not put to the vote
    FALLEN = "fallen"  # what it amends was decided without it, or is gone


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an amendment, and through which other one, if it was one other."""

    status: Status
    because: str | None = None


_STATUS = {Outcome.ADOPTED: Status.ADOPTED, Outcome.REJECTED: Status.REJECTED}


def fates(draft: Draft, amendments: Sequence[Amendment], results: Mapping[str, Outcome]) -> dict[str, Fate]:
    """What became of every amendment, by name, once some were voted on.

    Identical amendments share their result. What was adopted counts as it was amended; whatever cannot be
    adopted beside all of that lapses: where an adoption implies the rejection of another, that is not put to
    the vote (United Nations General Assembly, rules of procedure, rule 90). An amendment to an amendment
    falls with it, and falls where that is adopted before it was decided. Raises Colliding if some that cannot
    stand together were adopted, and InvalidAmendment for results that identical amendments do not share, and
    for what does not stand on the draft.
    """
    tabled = Tabled(draft, amendments)
    count = _Count(tabled, _shared(tabled, results))
    return {amendment.name: count.fate(tabled.name_of(amendment.name)) for amendment in amendments}


class _Count:
    """Who was adopted, and who cannot stand beside that."""

    def __init__(self, tabled: Tabled, status: Mapping[str, Status]) -> None:
        self.tabled, self.status = tabled, status
        self.adopted = [family for family in tabled.families if status[family.head.name] is Status.ADOPTED]
        for family in tabled.families:
            _require_together(family.text, self._chosen(family))
        self.changes = [change for one in self.adopted if (change := one.effect(self._names(one)))]
        adopt_together(tabled.draft, self.changes)

    def fate(self, name: str) -> Fate:
        """What became of one, by the name under which it goes."""
        family = self.tabled.family_of[name]
        head = self._fate_of_head(family)
        return head if name == family.head.name else self._fate_of_member(name, family, head)

    def _fate_of_head(self, family: Family) -> Fate:
        status = self.status[family.head.name]
        if status in (Status.ADOPTED, Status.REJECTED):
            return Fate(status)
        return self._lapsed(family, self._names(family)) or Fate(status)

    def _fate_of_member(self, name: str, family: Family, head: Fate) -> Fate:
        status = self.status[name]
        if status is Status.REJECTED:
            return Fate(status)
        if head.status in (Status.REJECTED, Status.LAPSED):
            return Fate(Status.FALLEN, family.head.name)
        if status is Status.ADOPTED:
            return Fate(status)
        if rival := self._sibling(name, family):
            return Fate(Status.LAPSED, rival)
        if head.status is Status.ADOPTED:
            return Fate(Status.FALLEN, family.head.name)
        return self._lapsed(family, [*self._names(family), name]) or Fate(status)

    def _lapsed(self, family: Family, names: Sequence[str]) -> Fate | None:
        """Lapsed through the first of those adopted that it touches, or through all of them together."""
        for rival in self.adopted:
            if family.touching(names, rival, self._names(rival)):
                alone = family.touching(names, rival)
                members = (one for one in self._names(rival) if family.touching(names, rival, (one,)))
                return Fate(Status.LAPSED, rival.head.name if alone else next(members, rival.head.name))
        change = family.effect(names)
        try:
            adopt_together(self.tabled.draft, [*self.changes, *([change] if change else [])])
        except InvalidAmendment:
            return Fate(Status.LAPSED)
        return None

    def _sibling(self, name: str, family: Family) -> str | None:
        """An adopted amendment to the same amendment that excludes this one."""
        own = next(one for one in family.members if one.name == name)
        touching = (one.name for one in self._chosen(family) if contacts(family.text, own, one))
        return next(touching, None)

    def _chosen(self, family: Family) -> list[Amendment]:
        return [one for one in family.members if self.status[one.name] is Status.ADOPTED]

    def _names(self, family: Family) -> list[str]:
        return [one.name for one in self._chosen(family)]


def _require_together(text: Draft, chosen: Sequence[Amendment]) -> None:
    if chosen:
        adopt_together(text, chosen)


def _shared(tabled: Tabled, results: Mapping[str, Outcome]) -> dict[str, Status]:
    """Each amendment's own result, or that of one identical to it."""
    own = {name: _STATUS.get(outcome, Status.UNDECIDED) for name, outcome in results.items()}
    status = dict.fromkeys(tabled.by_name, Status.PENDING)
    for names in tabled.alike.values():
        found = {own[name] for name in names if name in own}
        if len(found) > 1:
            raise InvalidAmendment(AmendmentProblem.CONTRADICTORY_RESULTS, names[0])
        status |= dict.fromkeys(names, *found) if found else {}
    return status
