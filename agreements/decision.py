"""How two chambers decide: integers only, and every outcome carries its arithmetic.

The rules stand in the table of README.md. Y is the yes votes, N the no votes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from agreements.frozen import FrozenMapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Chamber(StrEnum):
    """All seats of one side. A bilateral decision needs both chambers."""

    US = "us"
    MX = "mx"


class Choice(StrEnum):
    """One unit ballot's answer. Abstainers count as not voting."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Rule(StrEnum):
    """When a chamber passes a question; see `passes`."""

    SIMPLE = "simple"
    TWO_THIRDS = "two_thirds"
    THREE_QUARTERS = "three_quarters"
    PRESENT = "present"
    ABSOLUTE = "absolute"
    CONSENSUS = "consensus"


class Outcome(StrEnum):
    """What the rules say of a question put to both chambers; see `decide`."""

    ADOPTED = "adopted"
    REJECTED = "rejected"
    CHAMBERS_DISAGREE = "chambers_disagree"
    INQUORATE = "inquorate"
    TIED = "tied"


class Base(StrEnum):
    """What the yes votes are measured against."""

    CAST = "cast"  # yes and no; abstentions are not votes cast
    PRESENT = "present"
    ENTITLED = "entitled"


class CountProblem(StrEnum):
    """Why numbers cannot be a chamber's count."""

    NOT_A_WHOLE_NUMBER = "not_a_whole_number"
    NEGATIVE = "negative"
    MORE_THAN_ENTITLED = "more_than_entitled"
    FEWER_VOTES_THAN_SEATS = "fewer_votes_than_seats"
    IMPOSSIBLE_QUORUM = "impossible_quorum"
    NOT_BOTH_CHAMBERS = "not_both_chambers"
    NO_VOTES = "no_votes"
    PILLARS_DO_NOT_ADD_UP = "pillars_do_not_add_up"
    REPEATED_PILLAR = "repeated_pillar"
    PRESENT_WITH_PILLARS = "present_with_pillars"


class InvalidCount(ValueError):
    """Numbers that contradict each other: `code`, `subject` (a field's name), its `value` and `limit`."""

    def __init__(self, code: CountProblem, subject: str, value: object, limit: int | None = None) -> None:
        self.code, self.subject, self.value, self.limit = code, subject, value, limit
        super().__init__(code, subject, value, limit)


HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Tally:
    """Unit ballots counted by choice."""

    yes: int
    no: int
    abstain: int


@dataclass(frozen=True, slots=True)
class SeatBallot:
    """One seat's answer in unit ballots: one for each of its votes, split as it likes.

    Whether they are as many as the seat has votes is for the question to say, which knows the seat. Raises
    InvalidCount.
    """

    yes: int = 0
    no: int = 0
    abstain: int = 0

    def __post_init__(self) -> None:
        require_whole(yes=self.yes, no=self.no, abstain=self.abstain)
        if not self.votes:
            raise InvalidCount(CountProblem.NO_VOTES, "votes", 0, 1)

    @classmethod
    def unanimous(cls, choice: Choice, votes: int = 1) -> SeatBallot:
        """All votes of the seat for one choice."""
        return cls(**{Choice(choice).value: votes})

    @property
    def votes(self) -> int:
        """How many unit ballots it is."""
        return self.yes + self.no + self.abstain


@dataclass(frozen=True, slots=True)
class Sums:
    """The numbers that a rule is applied to; `weighted` if pillars were made to weigh alike."""

    yes: int
    no: int
    base: int
    measured_by: Base
    weighted: bool = False

    def with_another_yes(self) -> Sums:
        """The same with one more yes, which is one more vote cast."""
        base = self.base + 1 if self.measured_by is Base.CAST else self.base
        return replace(self, yes=self.yes + 1, base=base)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChamberCount:
    """What one chamber did: ballots and votes in units, presence and quorum in seats.

    `present_votes` are the votes that can be cast in the sitting: of the seats present and of the proxies
    they hold. `entitled_votes` is the electorate frozen when the question opened. Raises InvalidCount.
    """

    yes: int
    no: int
    abstain: int
    present_votes: int
    entitled_votes: int
    entitled_seats: int
    present_seats_at_opening: int
    present_seats_at_closing: int

    def __post_init__(self) -> None:
        require_whole(**{field.name: getattr(self, field.name) for field in fields(ChamberCount)})
        _require_within("ballots", self.ballots, self.entitled_votes)
        _require_within("present_votes", self.present_votes, self.entitled_votes)
        _require_within("present_seats_at_opening", self.present_seats_at_opening, self.entitled_seats)
        _require_within("present_seats_at_closing", self.present_seats_at_closing, self.entitled_seats)
        if self.entitled_votes < self.entitled_seats:  # a seat has at least one vote
            code = CountProblem.FEWER_VOTES_THAN_SEATS
            raise InvalidCount(code, "entitled_votes", self.entitled_votes, self.entitled_seats)

    @property
    def ballots(self) -> int:
        """Unit ballots of any choice."""
        return self.yes + self.no + self.abstain

    @property
    def votes_cast(self) -> int:
        """Present and voting: yes and no."""
        return self.yes + self.no

    @property
    def votes_present(self) -> int:
        """Present votes, and never fewer than the ballots: who has voted and then left was present for it."""
        return max(self.present_votes, self.ballots)

    def sums(self, rule: Rule) -> Sums:
        """What the rule is applied to: the votes as they were cast."""
        if rule == Rule.PRESENT:
            return Sums(self.yes, self.no, self.votes_present, Base.PRESENT)
        if rule == Rule.ABSOLUTE:
            return Sums(self.yes, self.no, self.entitled_votes, Base.ENTITLED)
        return Sums(self.yes, self.no, self.votes_cast, Base.CAST)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Why a chamber passed a question or not: it passed if and only if `votes_for` ≥ `needed`.

    "27 of 41 votes cast; two-thirds needs 28" is votes_for 27, base 41, measured_by CAST, needed 28. `needed`
    is the smallest number of yes votes that passes: on that base for all rules but the simple majority, where
    it is one more than the no votes. It is at least 1: nothing passes without a yes.
    """

    weighted: ClassVar[bool] = False

    rule: Rule
    votes_for: int
    votes_against: int
    base: int
    measured_by: Base
    needed: int


@dataclass(frozen=True, slots=True)
class WeightedArithmetic(Arithmetic):
    """The same in weighted votes: each pillar weighs alike, and nobody cast as many votes as stand here."""

    weighted: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ChamberDecision:
    """What the rules say of one chamber. `passed` and `tied` tell of the ballots alone, quorate or not."""

    passed: bool
    quorate: bool
    tied: bool
    arithmetic: Arithmetic


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome and, chamber by chamber, why."""

    rule: Rule
    outcome: Outcome
    chambers: Mapping[Chamber, ChamberDecision]

    def __post_init__(self) -> None:
        object.__setattr__(self, "chambers", FrozenMapping(self.chambers))


def tally(ballots: Iterable[Choice]) -> Tally:
    """Count unit ballots, in whatever order they come; a seat of n votes has cast n of them."""
    counted = Counter(Choice(ballot) for ballot in ballots)
    return Tally(yes=counted[Choice.YES], no=counted[Choice.NO], abstain=counted[Choice.ABSTAIN])


def tally_seats(ballots: Iterable[SeatBallot | Tally]) -> Tally:
    """Add up the unit ballots of seats, or tallies of them, in whatever order they come."""
    listed = tuple(ballots)
    return Tally(
        yes=sum(ballot.yes for ballot in listed),
        no=sum(ballot.no for ballot in listed),
        abstain=sum(ballot.abstain for ballot in listed),
    )


def passes(rule: Rule, count: ChamberCount) -> bool:
    """A chamber passes a question, quorum aside, by the sums of its rule.

    simple: Y > N · two_thirds: Y + N > 0 and 3Y ≥ 2(Y + N) · three_quarters: Y + N > 0 and 4Y ≥ 3(Y + N) ·
    present: 2Y > votes present · absolute: 2Y > entitled votes · consensus: Y > 0 and N = 0.
    """
    return _passes(rule, count.sums(rule))


def tied(rule: Rule, count: ChamberCount) -> bool:
    """Y = N, and that alone stands in the way: one more yes would pass the question in this chamber.

    So 20:20 under two-thirds is no tie but a defeat, as is 5:5 where seven of twelve entitled votes are
    needed. 0:0 is a tie where a single yes would do.
    """
    sums = count.sums(rule)
    return sums.yes == sums.no and _passes(rule, sums.with_another_yes())


def quorate(*, present: int, entitled: int, quorum: Fraction = HALF) -> bool:
    """A chamber has quorum when strictly more than this share of its entitled seats is present."""
    return present >= seats_for_quorum(entitled, quorum=quorum)


def seats_for_quorum(entitled: int, *, quorum: Fraction = HALF) -> int:
    """The smallest number of seats that is strictly more than this share of the entitled seats.

    Raises InvalidCount unless 0 ≤ quorum < 1: more than all can never be present.
    """
    if not 0 <= quorum < 1:
        raise InvalidCount(CountProblem.IMPOSSIBLE_QUORUM, "quorum", quorum)
    return quorum.numerator * entitled // quorum.denominator + 1


def arithmetic(rule: Rule, count: ChamberCount) -> Arithmetic:
    """The numbers behind `passes`, for both languages to write out."""
    sums = count.sums(rule)
    made = WeightedArithmetic if sums.weighted else Arithmetic
    return made(rule, sums.yes, sums.no, sums.base, sums.measured_by, _needed(rule, sums))


def decide(rule: Rule, counts: Mapping[Chamber, ChamberCount], *, quorum: Fraction = HALF) -> Decision:
    """A question is adopted only if each chamber is quorate and passes it by itself.

    There is no casting vote. In this order: `inquorate` if a chamber lacked quorum at opening or at closing
    (no decision, and no rejection); `adopted` if both pass; `tied` if every chamber that fails is tied (one
    re-vote may be held); `rejected` if both fail; `chambers_disagree` if one passes (conciliation and a
    second reading). Raises InvalidCount unless both chambers are given.
    """
    rule = Rule(rule)
    if set(counts) != set(Chamber):
        raise InvalidCount(CountProblem.NOT_BOTH_CHAMBERS, "counts", tuple(sorted(counts)))
    chambers = {chamber: _decide_chamber(rule, counts[chamber], quorum) for chamber in Chamber}
    return Decision(rule, _outcome(tuple(chambers.values())), chambers)


def _outcome(chambers: tuple[ChamberDecision, ...]) -> Outcome:
    if not all(chamber.quorate for chamber in chambers):
        return Outcome.INQUORATE
    if all(chamber.passed for chamber in chambers):
        return Outcome.ADOPTED
    if all(chamber.passed or chamber.tied for chamber in chambers):
        return Outcome.TIED
    if any(chamber.passed for chamber in chambers):
        return Outcome.CHAMBERS_DISAGREE
    return Outcome.REJECTED


def _decide_chamber(rule: Rule, count: ChamberCount, quorum: Fraction) -> ChamberDecision:
    least_present = min(count.present_seats_at_opening, count.present_seats_at_closing)
    return ChamberDecision(
        passed=passes(rule, count),
        quorate=quorate(present=least_present, entitled=count.entitled_seats, quorum=quorum),
        tied=tied(rule, count),
        arithmetic=arithmetic(rule, count),
    )


def _passes(rule: Rule, sums: Sums) -> bool:
    yes, no, base = sums.yes, sums.no, sums.base
    return {
        Rule.SIMPLE: yes > no,
        Rule.TWO_THIRDS: base > 0 and 3 * yes >= 2 * base,
        Rule.THREE_QUARTERS: base > 0 and 4 * yes >= 3 * base,
        Rule.PRESENT: 2 * yes > base,
        Rule.ABSOLUTE: 2 * yes > base,
        Rule.CONSENSUS: yes > 0 and no == 0,
    }[rule]


def _needed(rule: Rule, sums: Sums) -> int:
    """The smallest number of yes votes that passes; a fraction of the base is rounded up."""
    base = sums.base
    return {
        Rule.SIMPLE: sums.no + 1,
        Rule.TWO_THIRDS: max(1, -(-2 * base // 3)),
        Rule.THREE_QUARTERS: max(1, -(-3 * base // 4)),
        Rule.PRESENT: base // 2 + 1,
        Rule.ABSOLUTE: base // 2 + 1,
        Rule.CONSENSUS: max(1, base),
    }[rule]


def require_whole(**numbers: object) -> None:
    """Every number is whole and none is negative. Raises InvalidCount with its name."""
    for name, value in numbers.items():
        if type(value) is not int:
            raise InvalidCount(CountProblem.NOT_A_WHOLE_NUMBER, name, value)
        if value < 0:
            raise InvalidCount(CountProblem.NEGATIVE, name, value, 0)


def _require_within(name: str, value: int, limit: int) -> None:
    if value > limit:
        raise InvalidCount(CountProblem.MORE_THAN_ENTITLED, name, value, limit)
