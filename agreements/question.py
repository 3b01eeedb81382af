"""A question's life: opened on frozen terms, voted on, closed by its rule, annulled with a reason, put again.

Every step returns the question as it is then, and the audit events of the step, ready for the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from agreements.audit_events import (
    Event,
    ballot_cast,
    question_annulled,
    question_closed,
    question_opened,
    seat_voted,
)
from agreements.decision import (
    Chamber,
    ChamberCount,
    Choice,
    Decision,
    Outcome,
    SeatBallot,
    Tally,
    decide,
    tally_seats,
)
from agreements.frozen import FrozenMapping
from agreements.pillars import PillarCount, by_pillars
from agreements.terms import InvalidStep, StepProblem, Terms, VotingMethod, require_openable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from agreements.electorate import Electorate


class QuestionState(StrEnum):
    """Nothing is deleted: a mistaken vote is annulled with a reason, and a new question put."""

    OPEN = "open"
    CLOSED = "closed"
    ANNULLED = "annulled"


UNSETTLED: frozenset[QuestionState | Outcome] = frozenset(
    {QuestionState.ANNULLED, Outcome.INQUORATE, Outcome.TIED, Outcome.CHAMBERS_DISAGREE}
)
"""How a question stands that may be put again."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many seats of a chamber have voted, and how many votes these have."""

    seats: int
    votes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it is at one moment. Made by `open_question` and the steps after it, never by hand.

    `ballots` are the last ones of each seat in a roll call. The `box` of a secret ballot holds counts alone:
    no seat, time or order. It is left out of `repr`, and a caller keeps only the newest question: two that
    follow each other tell what was cast between them. `replaced_by` is the question that puts it again;
    `revote` says that it is the one re-vote of a tie.
    """

    terms: Terms
    replaces: str | None = None
    revote: bool = False
    state: QuestionState = QuestionState.OPEN
    voted: frozenset[str] = frozenset()
    ballots: Mapping[str, SeatBallot] = field(default_factory=dict)
    box: Mapping[Chamber, Tally] = field(default_factory=dict, repr=False)
    decision: Decision | None = None
    reason: str | None = None
    replaced_by: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "ballots", FrozenMapping(self.ballots))
        object.__setattr__(self, "box", FrozenMapping(self.box))

    @property
    def secret(self) -> bool:
        """Whether it is put to a secret ballot."""
        return self.terms.method is VotingMethod.SECRET

    @property
    def standing(self) -> QuestionState | Outcome:
        """How it stands: open, annulled (whatever was decided before), or its outcome."""
        if self.decision is None or self.state is QuestionState.ANNULLED:
            return self.state
        return self.decision.outcome

    def turnout(self, chamber: Chamber) -> Turnout:
        """How many have voted: public at any time, of a secret ballot too."""
        voted = [seat for seat in self.terms.electorate.seats_of(chamber) if seat.key in self.voted]
        return Turnout(len(voted), sum(seat.votes for seat in voted))

    def tally(self, chamber: Chamber) -> Tally:
        """The unit ballots of a chamber; of a secret ballot only after closing: else InvalidStep."""
        if self.secret and self.decision is None:
            raise InvalidStep(StepProblem.BOX_IS_SEALED)
        return _tally(self, chamber)


class Step(NamedTuple):
    """What a step has made: the question as it is now, and the events for the ledger."""

    question: Question
    events: tuple[Event, ...]


class Succession(NamedTuple):
    """A question put again: the new one, the events for the ledger, and the earlier one, now replaced."""

    question: Question
    events: tuple[Event, ...]
    earlier: Question


def open_question(terms: Terms) -> Step:
    """A question opens on its terms, which nothing changes any more. Raises InvalidStep: `require_openable`.

    (DOMAIN: freeze at opening.)
    """
    require_openable(terms)
    return Step(Question(terms=terms), (question_opened(terms, replaces=None),))


def cast(question: Question, *, seat: str, by: str, ballot: SeatBallot) -> Step:
    """One ballot for each vote of the seat, by the delegate of its holder, while the question is open.

    `by` is the seat whose delegate casts; whether that person is in the sitting is for the caller to know. In
    a roll call a seat may cast again, and the last time counts; a secret ballot is final. Raises InvalidStep,
    and InvalidElectorate for an unknown seat (DOMAIN: one ballot per vote).
    """
    _require_open(question)
    _require_entitled(question.terms.electorate, seat=seat, by=by, ballot=ballot)
    if question.secret:
        return _cast_secretly(question, seat, ballot)
    ballots = {**question.ballots, seat: ballot}
    changed = replace(question, voted=question.voted | {seat}, ballots=ballots)
    return Step(changed, (ballot_cast(question.terms.key, seat=seat, ballot=ballot),))


def _cast_secretly(question: Question, seat: str, ballot: SeatBallot) -> Step:
    if seat in question.voted:
        raise InvalidStep(StepProblem.ALREADY_VOTED, seat=seat)
    box = {chamber: _tally(question, chamber) for chamber in Chamber}  # in one order, whoever votes first
    chamber = question.terms.electorate.seats[seat].chamber
    box[chamber] = tally_seats([box[chamber], ballot])
    changed = replace(question, voted=question.voted | {seat}, box=box)
    return Step(changed, (seat_voted(question.terms.key, seat=seat),))


def close(question: Question, *, present: Iterable[str], randbelow: Callable[[int], int]) -> Step:
    """Voting ends, and the rule decides on what was cast and who is there; `present` are seats.

    `randbelow` gives a number from 0 to one less than it is asked for, as secrets.randbelow does; it shuffles
    secret ballots on their way into the event. Raises InvalidStep unless the question is open, and
    InvalidElectorate for an unknown seat (DOMAIN: quorum, bilateral decision).
    """
    _require_open(question)
    terms, in_sitting = question.terms, frozenset(present)
    terms.electorate.require_known(in_sitting)
    tallies = {chamber: _tally(question, chamber) for chamber in Chamber}
    counts = {chamber: _count(question, chamber, in_sitting) for chamber in Chamber}
    decision = decide(terms.rule, counts, quorum=terms.quorum)
    shuffled = {chamber: _shuffled(tallies[chamber], randbelow) for chamber in Chamber if question.secret}
    event = question_closed(
        terms, present=in_sitting, ballots=shuffled or None, tallies=tallies, decision=decision
    )
    return Step(replace(question, state=QuestionState.CLOSED, decision=decision), (event,))


def annul(question: Question, *, reason: str) -> Step:
    """A mistaken vote is annulled with a reason, while open or after closing, and for good.

    What a secret ballot had in its box while open is dropped and never told. Raises InvalidStep without a
    reason, and the second time (DOMAIN: nothing is deleted).
    """
    if question.state is QuestionState.ANNULLED:
        raise InvalidStep(StepProblem.ALREADY_ANNULLED)
    reason = reason.strip()
    if not reason:
        raise InvalidStep(StepProblem.NO_REASON)
    box = question.box if question.decision else {}
    annulled = replace(question, state=QuestionState.ANNULLED, reason=reason, box=box)
    return Step(annulled, (question_annulled(question.terms.key, reason=reason),))


def put_again(earlier: Question, terms: Terms) -> Succession:
    """A question may be put again, once, if it was annulled, inquorate or tied, or the chambers disagreed.

    A tie has one re-vote: if that is tied too, it may not be put again. A re-vote that was annulled or
    inquorate has not been held, and what replaces it is the re-vote. Raises InvalidStep, also as
    `open_question` does (DOMAIN: bilateral decision).
    """
    _require_unsettled(earlier)
    if terms.key == earlier.terms.key:
        raise InvalidStep(StepProblem.SAME_KEY, key=terms.key)
    require_openable(terms)
    again = Question(terms=terms, replaces=earlier.terms.key, revote=_next_is_revote(earlier))
    event = question_opened(terms, replaces=again.replaces)
    return Succession(again, (event,), replace(earlier, replaced_by=terms.key))


def _require_open(question: Question) -> None:
    if question.state is not QuestionState.OPEN:
        raise InvalidStep(StepProblem.NOT_OPEN, state=question.state)


def _require_entitled(electorate: Electorate, *, seat: str, by: str, ballot: SeatBallot) -> None:
    holder, votes = electorate.holder_of(seat), electorate.seats[seat].votes
    if by != holder:
        raise InvalidStep(StepProblem.NOT_THE_HOLDER, seat=seat, holder=holder, by=by)
    if ballot.votes != votes:
        raise InvalidStep(StepProblem.VOTES_DO_NOT_ADD_UP, seat=seat, votes=votes, given=ballot.votes)


def _require_unsettled(earlier: Question) -> None:
    if earlier.replaced_by is not None:
        raise InvalidStep(StepProblem.ALREADY_PUT_AGAIN, replaced_by=earlier.replaced_by)
    if earlier.standing not in UNSETTLED:
        raise InvalidStep(StepProblem.NOT_TO_BE_PUT_AGAIN, standing=earlier.standing)
    if earlier.standing is Outcome.TIED and earlier.revote:
        raise InvalidStep(StepProblem.ONE_REVOTE_ONLY)


def _next_is_revote(earlier: Question) -> bool:
    """Whether what replaces it is the one re-vote of a tie: of its own, or of one that it did not settle."""
    if earlier.standing is Outcome.CHAMBERS_DISAGREE:
        return False
    return earlier.revote or earlier.standing is Outcome.TIED


def _tally(question: Question, chamber: Chamber) -> Tally:
    if question.secret:
        return question.box.get(chamber, Tally(0, 0, 0))
    seats = question.terms.electorate.seats
    return tally_seats(ballot for seat, ballot in question.ballots.items() if seats[seat].chamber is chamber)


def _count(question: Question, chamber: Chamber, present: frozenset[str]) -> ChamberCount:
    electorate, tally = question.terms.electorate, _tally(question, chamber)
    count = ChamberCount(
        yes=tally.yes,
        no=tally.no,
        abstain=tally.abstain,
        present_votes=electorate.present_votes(chamber, present),
        entitled_votes=electorate.entitled_votes(chamber),
        entitled_seats=electorate.entitled_seats(chamber),
        present_seats_at_opening=electorate.present_seats(chamber, question.terms.present),
        present_seats_at_closing=electorate.present_seats(chamber, present),
    )
    pillars = electorate.entitled_by_pillar(chamber)
    if not pillars:
        return count
    return by_pillars(count, [_pillar_count(question, chamber, *pillar) for pillar in pillars.items()])


def _pillar_count(question: Question, chamber: Chamber, pillar: str, entitled_votes: int) -> PillarCount:
    seats = [seat.key for seat in question.terms.electorate.seats_of(chamber) if seat.pillar == pillar]
    tally = tally_seats(question.ballots[seat] for seat in seats if seat in question.ballots)
    return PillarCount(
        pillar=pillar, yes=tally.yes, no=tally.no, abstain=tally.abstain, entitled_votes=entitled_votes
    )


def _shuffled(tally: Tally, randbelow: Callable[[int], int]) -> list[Choice]:
    """Unit ballots in an order that tells nothing, each order as likely as any other (Fisher and Yates)."""
    ballots = [choice for choice in Choice for _ in range(getattr(tally, choice.value))]
    for last in range(len(ballots) - 1, 0, -1):
        drawn = randbelow(last + 1)
        ballots[last], ballots[drawn] = ballots[drawn], ballots[last]
    return ballots
