"""A conference lived through at random, beside a ledger of slips of paper that knows nothing of our code."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

import pytest
from hypothesis import event as note
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agreements import Chamber, Rule
from agreements.bundle import Bundle, write
from agreements.checkpoint import Checkpoint, PublicKey, sign_checkpoint
from agreements.decision import HALF, SeatBallot
from agreements.electorate import Electorate, InvalidElectorate, Proxy, give, revoke
from agreements.ledger import EMPTY, Head, append
from agreements.question import Question, annul, cast, close, open_question, put_again
from agreements.terms import InvalidStep, Subject, Terms, VotingMethod
from agreements.verify_audit import verify
from tests.agreements.strategies import electorates

KEY = PublicKey("asamblea.example", bytes(32))
SUBJECT = Subject("purpose", "d" * 64, "e" * 64)
QUORUMS = (Fraction(1, 2), Fraction(1, 2), Fraction(1, 3), Fraction(0))


@dataclass
class Vote:
    """A vote as a secretary with paper and pencil would keep it: slips, lists and a note of how it went."""

    secret: bool
    rule: str
    quorum: Fraction
    seats: dict[str, tuple[str, int, str | None]]  # chamber, votes, pillar
    given: dict[str, str]  # whose delegate casts
    there: set[str]
    slips: dict[str, str] = field(default_factory=dict)  # y, n and a, one for each vote
    ended: str = ""
    annulled: bool = False
    follows: Vote | None = None
    followed: bool = False
    standing_when_followed: str = ""

    @property
    def standing(self) -> str:
        return "annulled" if self.annulled else self.ended or "open"

    def of(self, chamber: str) -> list[str]:
        return [name for name, (where, _votes, _pillar) in self.seats.items() if where == chamber]

    def has_quorum(self, there: set[str]) -> bool:
        return all(
            len(there & set(self.of(chamber))) > self.quorum * len(self.of(chamber))
            for chamber in ("us", "mx")
        )

    def may_open(self) -> bool:
        with_pillars = any(pillar is not None for _chamber, _votes, pillar in self.seats.values())
        delegates = [len({self.given[name] for name in self.of(chamber)}) for chamber in ("us", "mx")]
        if with_pillars and (self.secret or self.rule == "present"):
            return False
        return self.has_quorum(self.there) and (not self.secret or min(delegates) >= 5)

    def may_be_followed(self) -> bool:
        if self.followed or self.standing not in {"annulled", "inquorate", "tied", "chambers_disagree"}:
            return False
        return self.standing != "tied" or not self.settles_a_tie()

    def settles_a_tie(self) -> bool:
        """Whether, going back over votes that were not held, it comes from one that was tied."""
        before = self.follows
        while before and before.standing_when_followed in {"annulled", "inquorate"}:
            before = before.follows
        return before is not None and before.standing_when_followed == "tied"

    def count(self, chamber: str, letter: str, pillar: str | None = None) -> int:
        return sum(
            slip.count(letter)
            for name, slip in self.slips.items()
            if name in self.of(chamber) and pillar in {None, self.seats[name][2]}
        )

    def passes(self, chamber: str, there: set[str], *, one_more: bool = False) -> bool:
        """By shares instead of sums; `one_more` asks whether it would with one more vote in favor."""
        if any(self.seats[name][2] is not None for name in self.of(chamber)) and self.rule != "consensus":
            yes, no, whole, vote = self.shares(chamber)
        else:
            yes, no, vote = Fraction(self.count(chamber, "y")), Fraction(self.count(chamber, "n")), 1
            whole = self.whole(chamber, there)
        if one_more:
            yes += vote
            whole += vote if self.rule not in {"present", "absolute"} else 0
        if self.rule == "consensus":
            return yes > 0 and not no
        if not whole:
            return yes > 0  # more than half of nothing
        least = {"two_thirds": Fraction(2, 3), "three_quarters": Fraction(3, 4)}.get(self.rule)
        return yes / whole >= least if least else yes / whole > Fraction(1, 2)

    def whole(self, chamber: str, there: set[str]) -> Fraction:
        votes = {name: self.seats[name][1] for name in self.of(chamber)}
        if self.rule == "absolute":
            return Fraction(sum(votes.values()))
        if self.rule == "present":
            can_be_cast = sum(votes[name] for name in votes if name in there or self.given[name] in there)
            return Fraction(max(can_be_cast, sum(self.count(chamber, letter) for letter in "yna")))
        return Fraction(self.count(chamber, "y") + self.count(chamber, "n"))

    def shares(self, chamber: str) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """In favor, against and all, each pillar being one; and the least that a vote weighs."""
        yes = no = whole = Fraction(0)
        bases = []
        for pillar in {str(self.seats[name][2]) for name in self.of(chamber)}:
            base = sum(self.seats[name][1] for name in self.of(chamber) if self.seats[name][2] == pillar)
            if self.rule != "absolute":
                base = self.count(chamber, "y", pillar) + self.count(chamber, "n", pillar)
            if base:
                bases.append(base)
                yes += Fraction(self.count(chamber, "y", pillar), base)
                no += Fraction(self.count(chamber, "n", pillar), base)
                whole += 1
        return yes, no, whole, Fraction(1, lcm(*bases))

    def is_tied(self, chamber: str, there: set[str]) -> bool:
        weighs = any(self.seats[name][2] is not None for name in self.of(chamber))
        if weighs and self.rule != "consensus":
            yes, no, _whole, _vote = self.shares(chamber)
        else:
            yes, no = Fraction(self.count(chamber, "y")), Fraction(self.count(chamber, "n"))
        return yes == no and self.passes(chamber, there, one_more=True)

    def outcome(self, there: set[str]) -> str:
        if not (self.has_quorum(self.there) and self.has_quorum(there)):
            return "inquorate"
        passing = [self.passes(chamber, there) for chamber in ("us", "mx")]
        excused = [self.is_tied(chamber, there) for chamber in ("us", "mx")]
        if all(passing):
            return "adopted"
        if all(one or other for one, other in zip(passing, excused, strict=True)):
            return "tied"
        return "chambers_disagree" if any(passing) else "rejected"


class QuestionLife(RuleBasedStateMachine):
    """Delegates give proxies, questions open, are voted on and end, in whatever order chance has it."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: dict[str, Question] = {}
        self.votes: dict[str, Vote] = {}
        self.events: list[dict[str, Any]] = []
        self.head: Head = EMPTY
        self.entries: list[bytes] = []

    @initialize(
        electorate=electorates(fewest=6, most=8, most_proxies=1)
        | electorates(fewest=6, most=8, most_proxies=2)
        | electorates(fewest=1, most=4)
        | electorates(fewest=2, most=5, pillars=True)
    )
    def meet(self, electorate: Electorate) -> None:
        self.electorate = electorate
        self.given = {name: electorate.proxies.get(name, name) for name in electorate.seats}
        for method in (VotingMethod.SECRET, VotingMethod.ROLL_CALL):  # the second always opens
            self.put_to_the_vote(*self.prepare(method, Rule.SIMPLE, HALF, set(electorate.seats)))

    def record(self, events: tuple[dict[str, Any], ...]) -> None:
        self.events += events
        self.head, receipts = append(self.head, events)
        self.entries += [receipt.entry for receipt in receipts]

    # -- proxies ------------------------------------------------------------------------------------

    @rule(data=st.data())
    def give_a_proxy(self, data: st.DataObject) -> None:
        principal, holder = (data.draw(st.sampled_from(sorted(self.given))) for _ in range(2))
        seats = self.electorate.seats
        allowed = (
            principal != holder
            and seats[principal].chamber == seats[holder].chamber
            and self.given[principal] == principal
            and self.given[holder] == holder
            and principal not in [other for name, other in self.given.items() if name != principal]
        )
        held = sum(other == holder != name for name, other in self.given.items())
        if not allowed or held == self.electorate.proxy_cap:
            with pytest.raises(InvalidElectorate):
                give(self.electorate, Proxy(principal, holder))
            return
        self.electorate = give(self.electorate, Proxy(principal, holder))
        self.given[principal] = holder

    @rule(data=st.data())
    def revoke_a_proxy(self, data: st.DataObject) -> None:
        principal = data.draw(st.sampled_from(sorted(self.given)))
        if self.given[principal] == principal:
            with pytest.raises(InvalidElectorate):
                revoke(self.electorate, principal)
            return
        self.electorate = revoke(self.electorate, principal)
        self.given[principal] = principal

    # -- a question's life --------------------------------------------------------------------------

    def draw_presence(self, data: st.DataObject) -> set[str]:
        everybody = set(self.given)
        return data.draw(
            st.just(everybody)
            | st.just(everybody)
            | st.sets(st.sampled_from(sorted(everybody))).map(lambda away: everybody - away)
        )

    def draw_vote(self, data: st.DataObject) -> tuple[Terms, Vote]:
        method = data.draw(st.sampled_from(VotingMethod))
        rule = data.draw(st.sampled_from([Rule.SIMPLE, *Rule]))
        return self.prepare(method, rule, data.draw(st.sampled_from(QUORUMS)), self.draw_presence(data))

    def prepare(
        self, method: VotingMethod, rule: Rule, quorum: Fraction, there: set[str]
    ) -> tuple[Terms, Vote]:
        terms = Terms(
            key=f"q{len(self.votes) + 1}",
            subject=SUBJECT,
            method=method,
            rule=rule,
            electorate=self.electorate,
            present=frozenset(there),
            quorum=quorum,
        )
        seats = {
            name: (seat.chamber.value, seat.votes, seat.pillar)
            for name, seat in self.electorate.seats.items()
        }
        vote = Vote(method == "secret", rule.value, quorum, seats, dict(self.given), there)
        return terms, vote

    def put_to_the_vote(self, terms: Terms, vote: Vote) -> None:
        if not vote.may_open():
            with pytest.raises(InvalidStep):
                open_question(terms)
            return
        self.questions[terms.key], events = open_question(terms)
        self.votes[terms.key] = vote
        self.record(events)
        note(f"opened by {vote.rule}, {terms.method}")

    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        self.put_to_the_vote(*self.draw_vote(data))

    @rule(data=st.data())
    def put_a_question_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.votes)))
        terms, vote = self.draw_vote(data)
        earlier = self.votes[key]
        if not (earlier.may_be_followed() and vote.may_open()):
            with pytest.raises(InvalidStep):
                put_again(self.questions[key], terms)
            return
        question, events, replaced = put_again(self.questions[key], terms)
        self.questions |= {terms.key: question, key: replaced}
        earlier.followed, earlier.standing_when_followed = True, earlier.standing
        vote.follows = earlier
        self.votes[terms.key] = vote
        self.record(events)
        assert question.revote == vote.settles_a_tie()
        note(f"put again after {earlier.standing}")

    def draw_question(self, data: st.DataObject) -> str:
        """One of those that are open, if there are any, most of the time."""
        going_on = [key for key, vote in self.votes.items() if vote.standing == "open"]
        if going_on and data.draw(st.integers(0, 9)):
            return data.draw(st.sampled_from(going_on))
        return data.draw(st.sampled_from(sorted(self.votes)))

    @rule(data=st.data(), times=st.integers(1, 12), mood=st.sampled_from(["y", "yyn", "yna"]))
    def cast_ballots(self, data: st.DataObject, times: int, mood: str) -> None:
        key = self.draw_question(data)
        for _ in range(times):
            self.cast_a_ballot(key, data, mood)

    @rule(data=st.data(), mood=st.sampled_from(["y", "yyyn", "yyn", "yn", "nna"]))
    def hold_a_whole_vote(self, data: st.DataObject, mood: str) -> None:
        key = self.draw_question(data)
        for _ in self.votes[key].seats:
            self.cast_a_ballot(key, data, mood)
        self.end(key, data)

    def cast_a_ballot(self, key: str, data: st.DataObject, mood: str) -> None:
        vote = self.votes[key]
        seat = data.draw(st.sampled_from(sorted(vote.seats)))
        slip = "".join(data.draw(st.sampled_from(mood)) for _ in range(vote.seats[seat][1]))
        slip += data.draw(st.sampled_from(["", "", "", "", "", "y"]))
        by = data.draw(st.sampled_from([*[vote.given[seat]] * len(vote.seats), *sorted(vote.seats)]))
        allowed = (
            vote.standing == "open"
            and by == vote.given[seat]
            and len(slip) == vote.seats[seat][1]
            and not (vote.secret and seat in vote.slips)
        )
        ballot = SeatBallot(yes=slip.count("y"), no=slip.count("n"), abstain=slip.count("a"))
        if not allowed:
            with pytest.raises(InvalidStep):
                cast(self.questions[key], seat=seat, by=by, ballot=ballot)
            return
        self.questions[key], events = cast(self.questions[key], seat=seat, by=by, ballot=ballot)
        note("changed" if seat in vote.slips else "cast")
        vote.slips[seat] = slip
        self.record(events)

    @rule(data=st.data())
    def close_a_question(self, data: st.DataObject) -> None:
        self.end(self.draw_question(data), data)

    def end(self, key: str, data: st.DataObject) -> None:
        vote, there = self.votes[key], self.draw_presence(data)

        def randbelow(below: int) -> int:
            return data.draw(st.integers(0, below - 1))

        if vote.standing != "open":
            with pytest.raises(InvalidStep):
                close(self.questions[key], present=there, randbelow=randbelow)
            return
        self.questions[key], events = close(self.questions[key], present=there, randbelow=randbelow)
        vote.ended = vote.outcome(there)
        self.record(events)
        self.check_decision(key, there)
        note(f"{vote.ended} by {vote.rule}{', secretly' * vote.secret}")

    def check_decision(self, key: str, there: set[str]) -> None:
        vote, decision = self.votes[key], self.questions[key].decision
        assert decision is not None
        assert decision.outcome == vote.ended
        for chamber, made in decision.chambers.items():
            assert made.passed == vote.passes(chamber, there)
            assert made.tied == (vote.is_tied(chamber, there))
            assert made.passed == (made.arithmetic.votes_for >= made.arithmetic.needed)
            told = self.questions[key].tally(chamber)
            counted = (vote.count(chamber, letter) for letter in "yna")
            assert (told.yes, told.no, told.abstain) == tuple(counted)

    @rule(data=st.data())
    def annul_a_question(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.votes)))
        if self.votes[key].annulled:
            with pytest.raises(InvalidStep):
                annul(self.questions[key], reason="Se mostró otro texto.")
            return
        self.questions[key], events = annul(self.questions[key], reason="Se mostró otro texto.")
        self.votes[key].annulled = True
        self.record(events)
        note("annulled")

    # -- what is true at every moment ---------------------------------------------------------------

    @invariant()
    def turnout_and_standing_are_those_of_the_slips(self) -> None:
        for key, vote in self.votes.items():
            question = self.questions[key]
            assert question.standing == vote.standing
            assert question.voted == set(vote.slips)
            for chamber in Chamber:
                slips = [slip for name, slip in vote.slips.items() if name in vote.of(chamber)]
                turnout = question.turnout(chamber)
                assert (turnout.seats, turnout.votes) == (len(slips), len("".join(slips)))

    @invariant()
    def a_secret_ballot_is_in_its_box_and_nowhere_else(self) -> None:
        for key, vote in self.votes.items():
            question = self.questions[key]
            if not vote.secret:
                assert not question.box
                continue
            assert not question.ballots
            if vote.standing == "annulled" and not vote.ended:
                assert not question.box
                continue
            for chamber, told in question.box.items():
                counted = (vote.count(chamber, letter) for letter in "yna")
                assert (told.yes, told.no, told.abstain) == tuple(counted)

    @invariant()
    def no_event_tells_how_a_seat_voted_secretly(self) -> None:
        secret = {key for key, vote in self.votes.items() if vote.secret}
        for event in self.events:
            if event["kind"] == "seat_voted":
                assert set(event) == {"kind", "question", "seat"}
                assert event["question"] in secret
            if event["kind"] == "ballot_cast":
                assert event["question"] not in secret

    def teardown(self) -> None:
        self.check_ballots_and_participations()
        self.check_audit()

    def check_ballots_and_participations(self) -> None:
        """From the events alone: one vote a unit, and a ballot for each vote of whoever took part."""
        for event in self.events:
            if event["kind"] != "question_closed":
                continue
            vote = self.votes[event["question"]]
            for chamber in ("us", "mx"):
                units = sum(vote.seats[name][1] for name in vote.slips if name in vote.of(chamber))
                assert sum(event["counts"][chamber].values()) == units
                if vote.secret:
                    assert len(event["ballots"][chamber]) == units
                    assert sorted(event["ballots"][chamber]) == sorted(
                        {"y": "yes", "n": "no", "a": "abstain"}[letter]
                        for name in vote.of(chamber)
                        for letter in vote.slips.get(name, "")
                    )

    def check_audit(self) -> None:
        """A stranger with the whole bundle finds nothing wrong, and the same outcomes."""
        checkpoint = Checkpoint(KEY.name, self.head.size, self.head.root)
        signed = sign_checkpoint(checkpoint, KEY, lambda message: bytes(64))
        report = verify(write(Bundle(KEY, tuple(self.entries), (signed,))), check=None)
        assert report.problem is None, (report.problem.code, report.problem.facts)
        assert {name: question.standing for name, question in report.conference.questions.items()} == {
            key: vote.standing for key, vote in self.votes.items()
        }


TestQuestionLife = QuestionLife.TestCase
TestQuestionLife.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
