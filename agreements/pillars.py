"""Equalised pillars: within a chamber each pillar weighs alike, whatever its number of votes.

An optional rule of procedure. It holds in a chamber whose seats carry pillars (all of them or none), and then
its `PillaredCount` takes the place of a `ChamberCount`: `passes`, `tied`, `arithmetic` and `decide` follow.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import lcm, prod
from typing import TYPE_CHECKING

from agreements.decision import ChamberCount, CountProblem, InvalidCount, Rule, Sums, require_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class PillarCount:
    """What the seats of one pillar did, in votes. Raises InvalidCount."""

    pillar: str
    yes: int
    no: int
    abstain: int
    entitled_votes: int

    def __post_init__(self) -> None:
        numbers = (field.name for field in fields(self) if field.name != "pillar")
        require_whole(**{name: getattr(self, name) for name in numbers})
        ballots = self.yes + self.no + self.abstain
        if ballots > self.entitled_votes:
            raise InvalidCount(CountProblem.MORE_THAN_ENTITLED, "ballots", ballots, self.entitled_votes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PillaredCount(ChamberCount):
    """What a chamber did, pillar by pillar; its own numbers stay the votes as they were cast.

    Quorum is not weighted: it counts seats. Raises InvalidCount where a pillar stands twice, and where the
    pillars do not add up to the chamber.
    """

    pillars: tuple[PillarCount, ...]

    def __post_init__(self) -> None:
        ChamberCount.__post_init__(self)
        _require_once(self.pillars)
        for name in ("yes", "no", "abstain", "entitled_votes"):
            total, limit = sum(getattr(pillar, name) for pillar in self.pillars), getattr(self, name)
            if total != limit:
                raise InvalidCount(CountProblem.PILLARS_DO_NOT_ADD_UP, name, total, limit)

    def sums(self, rule: Rule) -> Sums:
        """What the rule is applied to: the votes of each pillar, weighted so that all pillars weigh alike.

        The base of a pillar is its votes cast, or under the absolute majority its entitled votes. With L the
        least common multiple of all bases above 0, each of its votes weighs L divided by its base, so that
        every pillar's base weighs L; a pillar whose base is 0 is left out. Consensus asks for no weights.
        Raises InvalidCount for the majority of those present: presence is not told by pillar.
        """
        if rule == Rule.PRESENT:
            raise InvalidCount(CountProblem.PRESENT_WITH_PILLARS, "rule", rule)
        measured = ChamberCount.sums(self, rule)
        if rule == Rule.CONSENSUS:
            return measured
        based = [(pillar, _base(rule, pillar)) for pillar in self.pillars]
        counted = [(pillar, base) for pillar, base in based if base]
        whole = lcm(*(base for _pillar, base in counted))
        return Sums(
            yes=sum(pillar.yes * (whole // base) for pillar, base in counted),
            no=sum(pillar.no * (whole // base) for pillar, base in counted),
            base=whole * len(counted),
            measured_by=measured.measured_by,
            weighted=True,
        )


def by_pillars(count: ChamberCount, pillars: Iterable[PillarCount]) -> PillaredCount:
    """The same count, told pillar by pillar. Raises InvalidCount as PillaredCount does."""
    numbers = {field.name: getattr(count, field.name) for field in fields(ChamberCount)}
    return PillaredCount(**numbers, pillars=tuple(pillars))


def greatest_sum(entitled_votes: Collection[int]) -> int:
    """No weighted number of pillars with these entitled votes exceeds this, however they answer.

    A base that counts is at most the pillar's entitled votes, and the least common multiple of all bases at
    most their product.
    """
    return prod(entitled_votes) * len(entitled_votes)


def _base(rule: Rule, pillar: PillarCount) -> int:
    return pillar.entitled_votes if rule == Rule.ABSOLUTE else pillar.yes + pillar.no


def _require_once(pillars: tuple[PillarCount, ...]) -> None:
    names = [pillar.pillar for pillar in pillars]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InvalidCount(CountProblem.REPEATED_PILLAR, "pillars", name)
