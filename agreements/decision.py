"""How two chambers decide: integers only, and every outcome carries its arithmetic.

The rules stand in the table of README.md. Y is the yes votes, N the no votes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from agreements.frozen import FrozenMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


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
        for field in fields(self):
            _require_whole(field.name, getattr(self, field.name))
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


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Why a chamber passed a question or not: it passed if and only if `votes_for` ≥ `needed`.

    "27 of 41 votes cast; two-thirds needs 28" is votes_for 27, base 41, measured_by CAST, needed 28. `needed`
    is the smallest number of yes votes that passes: on that base for all rules but the simple majority, where
    it is one more than the no votes. It is at least 1: nothing passes without a yes.
    """

    rule: Rule
    votes_for: int
    votes_against: int
    base: int
    measured_by: Base
    needed: int


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


def passes(rule: Rule, count: ChamberCount) -> bool:
    """A chamber passes a question, quorum aside, by the sums of its rule.

    simple: Y > N · two_thirds: Y + N > 0 and 3Y ≥ 2(Y + N) · three_quarters: Y + N > 0 and 4Y ≥ 3(Y + N) ·
    present: 2Y > votes present · absolute: 2Y > entitled votes · consensus: Y > 0 and N = 0.
    """
    return _PASSES[rule](count.yes, count)


def tied(rule: Rule, count: ChamberCount) -> bool:
    """Y = N, and that alone stands in the way: one more yes would pass the question in this chamber.

    So 20:20 under two-thirds is no tie but a defeat, as is 5:5 where seven of twelve entitled votes are
    needed. 0:0 is a tie where a single yes would do.
    """
    return count.yes == count.no and _PASSES[rule](count.yes + 1, count)


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
    measured_by, base = _base(rule, count)
    return Arithmetic(rule, count.yes, count.no, base, measured_by, _NEEDED[rule](base, count.no))


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


# By yes votes and the rest of the count, so that `tied` can ask about one more yes.
_PASSES: Mapping[Rule, Callable[[int, ChamberCount], bool]] = {
    Rule.SIMPLE: lambda yes, count: yes > count.no,
    Rule.TWO_THIRDS: lambda yes, count: yes + count.no > 0 and 3 * yes >= 2 * (yes + count.no),
    Rule.THREE_QUARTERS: lambda yes, count: yes + count.no > 0 and 4 * yes >= 3 * (yes + count.no),
    Rule.PRESENT: lambda yes, count: 2 * yes > count.votes_present,
    Rule.ABSOLUTE: lambda yes, count: 2 * yes > count.entitled_votes,
    Rule.CONSENSUS: lambda yes, count: yes > 0 and count.no == 0,
}

# By base and no votes; a fraction of the base is rounded up.
_NEEDED: Mapping[Rule, Callable[[int, int], int]] = {
    Rule.SIMPLE: lambda _, against: against + 1,
    Rule.TWO_THIRDS: lambda base, _: max(1, -(-2 * base // 3)),
    Rule.THREE_QUARTERS: lambda base, _: max(1, -(-3 * base // 4)),
    Rule.PRESENT: lambda base, _: base // 2 + 1,
    Rule.ABSOLUTE: lambda base, _: base // 2 + 1,
    Rule.CONSENSUS: lambda base, _: max(1, base),
}


def _base(rule: Rule, count: ChamberCount) -> tuple[Base, int]:
    if rule is Rule.PRESENT:
        return Base.PRESENT, count.votes_present
    if rule is Rule.ABSOLUTE:
        return Base.ENTITLED, count.entitled_votes
    return Base.CAST, count.votes_cast


def _require_whole(name: str, value: object) -> None:
    if type(value) is not int:
        raise InvalidCount(CountProblem.NOT_A_WHOLE_NUMBER, name, value)
    if value < 0:
        raise InvalidCount(CountProblem.NEGATIVE, name, value, 0)


def _require_within(name: str, value: int, limit: int) -> None:
    if value > limit:
        raise InvalidCount(CountProblem.MORE_THAN_ENTITLED, name, value, limit)
