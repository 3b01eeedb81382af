"""What becomes of the other amendments when some are decided: rivals lapse, dependents fall."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements.amendments import AmendmentProblem, InvalidAmendment
from agreements.collision import Colliding, collisions, identical
from agreements.decision import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agreements.amendments import Amendment
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
    """What became of an amendment, and through which other one, if it was another."""

    status: Status
    because: str | None = None


_STATUS = {Outcome.ADOPTED: Status.ADOPTED, Outcome.REJECTED: Status.REJECTED}


def fates(draft: Draft, amendments: Sequence[Amendment], results: Mapping[str, Outcome]) -> dict[str, Fate]:
    """What became of every amendment, by name, once some were voted on.

    Identical amendments share their result. Once one is adopted its rivals lapse: where its adoption implies
    their rejection they are not put to the vote (United Nations General Assembly, rules of procedure, rule
    90). An amendment to an amendment falls with it, and falls where that is adopted before it was decided.
    Raises Colliding if two rivals were both adopted, and InvalidAmendment for results that identical
    amendments do not share, and for what does not stand on the draft.
    """
    return _Count(draft, amendments, results).fates()


class _Count:
    """Who was adopted, and who cannot stand beside whom."""

    def __init__(self, draft: Draft, amendments: Sequence[Amendment], results: Mapping[str, Outcome]) -> None:
        self.amends = {one.name: one.amends for one in amendments}
        self.status = _shared(amendments, results)
        self.adopted = {name for name in self.amends if self.status[name] is Status.ADOPTED}
        self.rivals: dict[str, list[str]] = defaultdict(list)
        found = collisions(draft, amendments)
        alike = {name: names for names in identical(amendments) for name in names}
        for collision in found:
            one, other = (alike.get(name, (name,)) for name in (collision.first, collision.second))
            self.rivals.update({name: [*self.rivals[name], *other] for name in one})
            self.rivals.update({name: [*self.rivals[name], *one] for name in other})
        if clashes := [one for one in found if self._clash(one.first, one.second)]:
            raise Colliding(clashes)

    def fates(self) -> dict[str, Fate]:
        """Amendments of the draft first: what amends them depends on their fate."""
        found: dict[str, Fate] = {}
        for name in sorted(self.amends, key=lambda one: self.amends[one] is not None):
            head = self.amends[name]
            found[name] = self._fate(name, head, found[head].status if head else None)
        return {name: found[name] for name in self.amends}

    def _fate(self, name: str, head: str | None, head_status: Status | None) -> Fate:
        status = self.status[name]
        if head_status in (Status.REJECTED, Status.LAPSED) and status is not Status.REJECTED:
            return Fate(Status.FALLEN, head)
        if status in (Status.ADOPTED, Status.REJECTED):
            return Fate(status)
        for rival in self._rivals_as_amended(name):
            if rival in self.adopted and self._excludes(rival, name):
                return Fate(Status.LAPSED, rival)
        if head_status is Status.ADOPTED:
            return Fate(Status.FALLEN, head)
        return Fate(status)

    def _rivals_as_amended(self, name: str) -> Iterator[str]:
        """Its rivals, and those of what was adopted to amend it."""
        yield from self.rivals[name]
        for member in sorted(self.adopted):
            if self.amends[member] == name:
                yield from (rival for rival in self.rivals[member] if self.amends[rival] != name)

    def _clash(self, one: str, other: str) -> bool:
        return {one, other} <= self.adopted and self._excludes(one, other) and self._excludes(other, one)

    def _excludes(self, adopted: str, rival: str) -> bool:
        """Adopted, it stands in the draft, or in the amendment that both amend."""
        head = self.amends[adopted]
        return head is None or head in self.adopted or head == self.amends[rival]


def _shared(amendments: Sequence[Amendment], results: Mapping[str, Outcome]) -> dict[str, Status]:
    """Each amendment's own result, or that of one identical to it."""
    own = {name: _STATUS.get(outcome, Status.UNDECIDED) for name, outcome in results.items()}
    status = {one.name: own.get(one.name, Status.PENDING) for one in amendments}
    for names in identical(amendments):
        found = {own[name] for name in names if name in own}
        if len(found) > 1:
            raise InvalidAmendment(AmendmentProblem.CONTRADICTORY_RESULTS, names[0])
        status |= dict.fromkeys(names, *found) if found else {}
    return status
