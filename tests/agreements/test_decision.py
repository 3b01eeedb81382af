from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import (
    HALF,
    Arithmetic,
    Base,
    Chamber,
    ChamberCount,
    ChamberDecision,
    Choice,
    CountProblem,
    Decision,
    InvalidCount,
    Outcome,
    Rule,
    Tally,
    arithmetic,
    decide,
    passes,
    quorate,
    seats_for_quorum,
    tally,
    tied,
)
from agreements.decision import SeatBallot, Sums, WeightedArithmetic, tally_seats
from tests.agreements.strategies import chamber_counts, seat_ballots


def counted(yes: int, no: int, abstain: int = 0, *, present: int = 60, entitled: int = 60) -> ChamberCount:
    """A quorate chamber of single-vote seats."""
    return ChamberCount(
        yes=yes,
        no=no,
        abstain=abstain,
        present_votes=present,
        entitled_votes=entitled,
        entitled_seats=entitled,
        present_seats_at_opening=entitled,
        present_seats_at_closing=entitled,
    )


def seats(entitled: int, opening: int, closing: int, *, yes: int = 1, no: int = 0) -> ChamberCount:
    return ChamberCount(
        yes=yes,
        no=no,
        abstain=0,
        present_votes=entitled,
        entitled_votes=entitled,
        entitled_seats=entitled,
        present_seats_at_opening=opening,
        present_seats_at_closing=closing,
    )


class Edge(NamedTuple):
    rule: Rule
    yes: int
    no: int
    abstain: int
    present: int
    entitled: int
    passed: bool
    tied: bool
    base: int
    needed: int


EDGES = [
    # rule, yes, no, abstain, present votes, entitled votes, passed, tied, base, needed
    # 0:0 and all abstain
    Edge(Rule.SIMPLE, 0, 0, 0, 10, 12, False, True, 0, 1),
    Edge(Rule.SIMPLE, 0, 0, 10, 10, 12, False, True, 0, 1),
    Edge(Rule.TWO_THIRDS, 0, 0, 10, 10, 12, False, True, 0, 1),
    Edge(Rule.THREE_QUARTERS, 0, 0, 10, 10, 12, False, True, 0, 1),
    Edge(Rule.PRESENT, 0, 0, 10, 10, 12, False, False, 10, 6),
    Edge(Rule.ABSOLUTE, 0, 0, 10, 10, 12, False, False, 12, 7),
    Edge(Rule.CONSENSUS, 0, 0, 10, 10, 12, False, True, 0, 1),
    # one voter
    Edge(Rule.SIMPLE, 1, 0, 9, 10, 12, True, False, 1, 1),
    Edge(Rule.TWO_THIRDS, 1, 0, 9, 10, 12, True, False, 1, 1),
    Edge(Rule.THREE_QUARTERS, 1, 0, 9, 10, 12, True, False, 1, 1),
    Edge(Rule.PRESENT, 1, 0, 9, 10, 12, False, False, 10, 6),
    Edge(Rule.PRESENT, 1, 0, 0, 1, 1, True, False, 1, 1),
    Edge(Rule.ABSOLUTE, 1, 0, 0, 1, 1, True, False, 1, 1),
    Edge(Rule.ABSOLUTE, 1, 0, 0, 1, 2, False, False, 2, 2),
    Edge(Rule.CONSENSUS, 1, 0, 9, 10, 12, True, False, 1, 1),
    Edge(Rule.SIMPLE, 0, 1, 9, 10, 12, False, False, 1, 2),
    # ties and one vote on each side of the line
    Edge(Rule.SIMPLE, 5, 5, 2, 12, 12, False, True, 10, 6),
    Edge(Rule.SIMPLE, 6, 5, 1, 12, 12, True, False, 11, 6),
    Edge(Rule.SIMPLE, 5, 6, 1, 12, 12, False, False, 11, 7),
    Edge(Rule.TWO_THIRDS, 27, 14, 0, 41, 60, False, False, 41, 28),
    Edge(Rule.TWO_THIRDS, 28, 13, 0, 41, 60, True, False, 41, 28),
    Edge(Rule.TWO_THIRDS, 28, 14, 0, 42, 60, True, False, 42, 28),
    Edge(Rule.TWO_THIRDS, 20, 20, 0, 40, 60, False, False, 40, 27),
    Edge(Rule.TWO_THIRDS, 1, 1, 0, 2, 2, False, True, 2, 2),
    Edge(Rule.THREE_QUARTERS, 30, 10, 0, 40, 60, True, False, 40, 30),
    Edge(Rule.THREE_QUARTERS, 30, 11, 0, 41, 60, False, False, 41, 31),
    Edge(Rule.THREE_QUARTERS, 1, 1, 0, 2, 2, False, False, 2, 2),
    Edge(Rule.PRESENT, 5, 5, 0, 10, 12, False, True, 10, 6),
    Edge(Rule.PRESENT, 5, 5, 1, 11, 12, False, True, 11, 6),
    Edge(Rule.PRESENT, 5, 5, 2, 12, 12, False, False, 12, 7),
    Edge(Rule.PRESENT, 6, 5, 0, 11, 12, True, False, 11, 6),
    Edge(Rule.PRESENT, 6, 0, 6, 12, 12, False, False, 12, 7),
    Edge(Rule.PRESENT, 7, 0, 5, 12, 12, True, False, 12, 7),
    Edge(Rule.PRESENT, 3, 2, 1, 2, 12, False, False, 6, 4),  # four of the six who voted have left
    Edge(Rule.ABSOLUTE, 5, 5, 0, 10, 10, False, True, 10, 6),
    Edge(Rule.ABSOLUTE, 5, 5, 0, 10, 11, False, True, 11, 6),
    Edge(Rule.ABSOLUTE, 5, 5, 0, 10, 12, False, False, 12, 7),
    Edge(Rule.ABSOLUTE, 6, 0, 0, 10, 12, False, False, 12, 7),
    Edge(Rule.ABSOLUTE, 7, 5, 0, 12, 12, True, False, 12, 7),
    Edge(Rule.CONSENSUS, 11, 1, 0, 12, 12, False, False, 12, 12),
    Edge(Rule.CONSENSUS, 11, 0, 1, 12, 12, True, False, 11, 11),
    Edge(Rule.CONSENSUS, 1, 1, 0, 2, 2, False, False, 2, 2),
    # an empty chamber
    Edge(Rule.SIMPLE, 0, 0, 0, 0, 0, False, True, 0, 1),
    Edge(Rule.ABSOLUTE, 0, 0, 0, 0, 0, False, True, 0, 1),
]


@pytest.mark.parametrize("edge", EDGES)
def test_a_chamber_at_the_edge_of_a_rule(edge: Edge) -> None:
    count = counted(edge.yes, edge.no, edge.abstain, present=edge.present, entitled=edge.entitled)
    measured_by = {Rule.PRESENT: Base.PRESENT, Rule.ABSOLUTE: Base.ENTITLED}.get(edge.rule, Base.CAST)
    assert passes(edge.rule, count) is edge.passed
    assert tied(edge.rule, count) is edge.tied
    assert arithmetic(edge.rule, count) == Arithmetic(
        edge.rule, edge.yes, edge.no, edge.base, measured_by, edge.needed
    )


@given(st.sampled_from(Rule), chamber_counts())
def test_a_chamber_passes_exactly_if_it_has_the_votes_needed(rule: Rule, count: ChamberCount) -> None:
    sums = arithmetic(rule, count)
    assert (sums.votes_for >= sums.needed) == passes(rule, count)
    assert sums.needed >= 1


@pytest.mark.parametrize("entitled", range(8))
def test_what_is_needed_is_the_smallest_number_that_passes_on_the_same_base(entitled: int) -> None:
    for rule, base in product((Rule.TWO_THIRDS, Rule.THREE_QUARTERS, Rule.CONSENSUS), range(1, entitled + 1)):
        passing = [
            yes
            for yes in range(base + 1)
            if passes(rule, counted(yes, base - yes, entitled=entitled, present=0))
        ]
        sums = arithmetic(rule, counted(0, base, entitled=entitled, present=0))
        assert sums.needed == min(passing)
    for rule, present in product((Rule.PRESENT, Rule.ABSOLUTE), range(1, entitled + 1)):
        room = present if rule is Rule.PRESENT else entitled
        passing = [
            yes
            for yes in range(room + 1)
            if passes(rule, counted(yes, 0, entitled=entitled, present=present))
        ]
        assert arithmetic(rule, counted(0, 0, entitled=entitled, present=present)).needed == min(passing)


@given(st.sampled_from(Rule), chamber_counts())
def test_a_tie_is_equal_votes_and_never_passes(rule: Rule, count: ChamberCount) -> None:
    if tied(rule, count):
        assert count.yes == count.no
        assert not passes(rule, count)
    if rule is Rule.SIMPLE:
        assert tied(rule, count) == (count.yes == count.no)


@given(st.sampled_from(Rule), chamber_counts())
def test_a_no_that_becomes_a_yes_never_makes_a_question_fail(rule: Rule, count: ChamberCount) -> None:
    if count.no and passes(rule, count):
        assert passes(rule, replace(count, yes=count.yes + 1, no=count.no - 1))


@pytest.mark.parametrize(
    ("entitled", "quorum", "needed"),
    [
        (0, HALF, 1),
        (1, HALF, 1),
        (2, HALF, 2),
        (11, HALF, 6),
        (12, HALF, 7),
        (12, Fraction(1, 3), 5),
        (12, Fraction(2, 3), 9),
        (13, Fraction(2, 3), 9),
        (12, Fraction(0), 1),
    ],
)
def test_quorum_is_strictly_more_than_a_share_of_the_seats(
    entitled: int, quorum: Fraction, needed: int
) -> None:
    assert seats_for_quorum(entitled, quorum=quorum) == needed
    assert quorate(present=needed, entitled=entitled, quorum=quorum)
    assert not quorate(present=needed - 1, entitled=entitled, quorum=quorum)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_default_quorum_is_more_than_half(present: int, entitled: int) -> None:
    assert quorate(present=present, entitled=entitled) == (2 * present > entitled)
    assert seats_for_quorum(entitled) == entitled // 2 + 1


@pytest.mark.parametrize("quorum", [Fraction(1), Fraction(3, 2), Fraction(-1, 2)])
def test_a_quorum_that_can_never_be_met_is_refused(quorum: Fraction) -> None:
    with pytest.raises(InvalidCount) as refusal:
        quorate(present=1, entitled=1, quorum=quorum)
    assert (refusal.value.code, refusal.value.value) == (CountProblem.IMPOSSIBLE_QUORUM, quorum)


PASS, TIE, FAIL = counted(6, 5), counted(5, 5), counted(5, 6)
NO_QUORUM_AT_OPENING, NO_QUORUM_AT_CLOSING = seats(12, 6, 12), seats(12, 12, 6)
TRUTH = [
    (PASS, PASS, Outcome.ADOPTED),
    (PASS, TIE, Outcome.TIED),
    (PASS, FAIL, Outcome.CHAMBERS_DISAGREE),
    (TIE, TIE, Outcome.TIED),
    (TIE, FAIL, Outcome.REJECTED),
    (FAIL, FAIL, Outcome.REJECTED),
    *(
        (absent, other, Outcome.INQUORATE)
        for absent in (NO_QUORUM_AT_OPENING, NO_QUORUM_AT_CLOSING)
        for other in (PASS, TIE, FAIL, NO_QUORUM_AT_CLOSING)
    ),
]


@pytest.mark.parametrize(("one", "other", "outcome"), TRUTH)
def test_both_chambers_decide(one: ChamberCount, other: ChamberCount, outcome: Outcome) -> None:
    assert decide(Rule.SIMPLE, {Chamber.US: one, Chamber.MX: other}).outcome is outcome
    assert decide(Rule.SIMPLE, {Chamber.US: other, Chamber.MX: one}).outcome is outcome


def test_equal_votes_that_are_far_from_the_threshold_are_a_rejection() -> None:
    equal = counted(20, 20)
    assert decide(Rule.TWO_THIRDS, {Chamber.US: equal, Chamber.MX: equal}).outcome is Outcome.REJECTED
    assert (
        decide(Rule.TWO_THIRDS, {Chamber.US: equal, Chamber.MX: counted(40, 0)}).outcome
        is Outcome.CHAMBERS_DISAGREE
    )


def test_a_quorum_by_argument_decides_who_is_inquorate() -> None:
    counts = {Chamber.US: seats(12, 7, 7), Chamber.MX: seats(12, 9, 12)}
    assert decide(Rule.SIMPLE, counts).outcome is Outcome.ADOPTED
    decision = decide(Rule.SIMPLE, counts, quorum=Fraction(2, 3))
    assert decision.outcome is Outcome.INQUORATE
    assert {chamber: made.quorate for chamber, made in decision.chambers.items()} == {
        Chamber.US: False,
        Chamber.MX: True,
    }


def test_a_decision_carries_its_arithmetic_chamber_by_chamber() -> None:
    counts = {Chamber.MX: counted(27, 14, 3), Chamber.US: seats(12, 7, 6, yes=5, no=5)}
    decision = decide(Rule.TWO_THIRDS, counts)
    assert decision == Decision(
        Rule.TWO_THIRDS,
        Outcome.INQUORATE,
        {
            Chamber.US: ChamberDecision(
                passed=False,
                quorate=False,
                tied=False,
                arithmetic=Arithmetic(Rule.TWO_THIRDS, 5, 5, 10, Base.CAST, 7),
            ),
            Chamber.MX: ChamberDecision(
                passed=False,
                quorate=True,
                tied=False,
                arithmetic=Arithmetic(Rule.TWO_THIRDS, 27, 14, 41, Base.CAST, 28),
            ),
        },
    )
    assert list(decision.chambers) == [Chamber.US, Chamber.MX]
    assert hash(decision) == hash(decide(Rule.TWO_THIRDS, counts))


@given(st.sampled_from(Rule), chamber_counts(most=6), chamber_counts(most=6))
def test_every_outcome_is_what_its_definition_says(rule: Rule, us: ChamberCount, mx: ChamberCount) -> None:
    decision = decide(rule, {Chamber.US: us, Chamber.MX: mx})
    counts = (us, mx)
    quorum = [
        2 * present > count.entitled_seats
        for count in counts
        for present in (count.present_seats_at_opening, count.present_seats_at_closing)
    ]
    passed = [passes(rule, count) for count in counts]
    excused = [passes(rule, count) or tied(rule, count) for count in counts]
    expected = {
        Outcome.INQUORATE: not all(quorum),
        Outcome.ADOPTED: all(quorum) and all(passed),
        Outcome.TIED: all(quorum) and all(excused) and not all(passed),
        Outcome.CHAMBERS_DISAGREE: all(quorum) and sum(passed) == 1 and not all(excused),
        Outcome.REJECTED: all(quorum) and not any(passed) and not all(excused),
    }
    assert [outcome for outcome, holds in expected.items() if holds] == [decision.outcome]


def test_a_bilateral_decision_needs_both_chambers() -> None:
    with pytest.raises(InvalidCount) as refusal:
        decide(Rule.SIMPLE, {Chamber.US: PASS})
    assert (refusal.value.code, refusal.value.value) == (CountProblem.NOT_BOTH_CHAMBERS, ("us",))


@given(st.lists(st.sampled_from(Choice)), st.randoms())
def test_a_tally_is_a_naive_count_in_any_order(ballots: list[Choice], random: Any) -> None:
    counted_once = tally(ballots)
    assert counted_once == Tally(
        yes=sum(ballot is Choice.YES for ballot in ballots),
        no=sum(ballot is Choice.NO for ballot in ballots),
        abstain=sum(ballot is Choice.ABSTAIN for ballot in ballots),
    )
    random.shuffle(ballots)
    assert tally(iter(ballots)) == counted_once


def test_a_tally_refuses_what_is_no_choice() -> None:
    assert tally([Choice("yes"), Choice("abstain"), Choice("yes")]) == Tally(yes=2, no=0, abstain=1)
    with pytest.raises(ValueError, match="maybe"):
        tally(["maybe"])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("change", "code", "subject", "value", "limit"),
    [
        ({"yes": -1}, CountProblem.NEGATIVE, "yes", -1, 0),
        ({"present_votes": -1}, CountProblem.NEGATIVE, "present_votes", -1, 0),
        ({"abstain": 1.0}, CountProblem.NOT_A_WHOLE_NUMBER, "abstain", 1.0, None),
        ({"no": True}, CountProblem.NOT_A_WHOLE_NUMBER, "no", True, None),
        ({"yes": 10, "no": 2, "abstain": 1}, CountProblem.MORE_THAN_ENTITLED, "ballots", 13, 12),
        ({"present_votes": 13}, CountProblem.MORE_THAN_ENTITLED, "present_votes", 13, 12),
        (
            {"present_seats_at_opening": 13},
            CountProblem.MORE_THAN_ENTITLED,
            "present_seats_at_opening",
            13,
            12,
        ),
        (
            {"present_seats_at_closing": 13},
            CountProblem.MORE_THAN_ENTITLED,
            "present_seats_at_closing",
            13,
            12,
        ),
        ({"entitled_seats": 13}, CountProblem.FEWER_VOTES_THAN_SEATS, "entitled_votes", 12, 13),
    ],
)
def test_a_count_that_contradicts_itself_is_refused(
    change: dict[str, Any], code: CountProblem, subject: str, value: object, limit: int | None
) -> None:
    count = counted(1, 0, entitled=12, present=12)
    with pytest.raises(InvalidCount) as refusal:
        replace(count, **change)
    error = refusal.value
    assert (error.code, error.subject, error.value, error.limit) == (code, subject, value, limit)


def test_ballots_up_to_the_entitlement_are_fine() -> None:
    assert counted(10, 1, 1, entitled=12, present=12).ballots == 12


@pytest.mark.parametrize("choice", Choice)
def test_a_unanimous_seat_casts_all_its_votes_for_one_choice(choice: Choice) -> None:
    ballot = SeatBallot.unanimous(choice, 3)
    assert {each.value: getattr(ballot, each.value) for each in Choice} == {
        **dict.fromkeys(("yes", "no", "abstain"), 0),
        choice.value: 3,
    }
    assert SeatBallot.unanimous(choice) == SeatBallot(**{choice.value: 1})


def test_a_seat_of_several_votes_may_split_them() -> None:
    ballot = SeatBallot(yes=1, no=2, abstain=4)
    assert (ballot.yes, ballot.no, ballot.abstain, ballot.votes) == (1, 2, 4, 7)


@pytest.mark.parametrize(
    ("votes", "code", "subject", "value", "limit"),
    [
        ({}, CountProblem.NO_VOTES, "votes", 0, 1),
        ({"yes": 2, "no": -1}, CountProblem.NEGATIVE, "no", -1, 0),
        ({"yes": -1}, CountProblem.NEGATIVE, "yes", -1, 0),
        ({"abstain": True}, CountProblem.NOT_A_WHOLE_NUMBER, "abstain", True, None),
        ({"abstain": 0.5}, CountProblem.NOT_A_WHOLE_NUMBER, "abstain", 0.5, None),
    ],
)
def test_a_ballot_that_is_none_is_refused(
    votes: dict[str, Any], code: CountProblem, subject: str, value: object, limit: int | None
) -> None:
    with pytest.raises(InvalidCount) as refusal:
        SeatBallot(**votes)
    error = refusal.value
    assert (error.code, error.subject, error.value, error.limit) == (code, subject, value, limit)
    assert error.args == (code, subject, value, limit)


@given(st.lists(seat_ballots()), st.randoms())
def test_the_ballots_of_seats_add_up_to_their_unit_ballots_in_any_order(
    ballots: list[SeatBallot], random: Any
) -> None:
    units = [choice for ballot in ballots for choice in Choice for _ in range(getattr(ballot, choice.value))]
    assert tally_seats(ballots) == tally(units)
    random.shuffle(ballots)
    assert tally_seats(iter(ballots)) == tally(units)
    half = len(ballots) // 2
    assert tally_seats([tally_seats(ballots[:half]), tally_seats(ballots[half:])]) == tally(units)


@pytest.mark.parametrize(
    ("rule", "sums", "with_another_yes"),
    [
        (Rule.SIMPLE, Sums(5, 4, 9, Base.CAST), Sums(6, 4, 10, Base.CAST)),
        (Rule.TWO_THIRDS, Sums(5, 4, 9, Base.CAST), Sums(6, 4, 10, Base.CAST)),
        (Rule.THREE_QUARTERS, Sums(5, 4, 9, Base.CAST), Sums(6, 4, 10, Base.CAST)),
        (Rule.CONSENSUS, Sums(5, 4, 9, Base.CAST), Sums(6, 4, 10, Base.CAST)),
        (Rule.PRESENT, Sums(5, 4, 11, Base.PRESENT), Sums(6, 4, 11, Base.PRESENT)),
        (Rule.ABSOLUTE, Sums(5, 4, 12, Base.ENTITLED), Sums(6, 4, 12, Base.ENTITLED)),
    ],
)
def test_a_rule_is_applied_to_the_votes_as_they_were_cast(
    rule: Rule, sums: Sums, with_another_yes: Sums
) -> None:
    assert counted(5, 4, 1, present=11, entitled=12).sums(rule) == sums
    assert sums.with_another_yes() == with_another_yes


def test_arithmetic_says_that_its_numbers_are_weighted() -> None:
    plain = Arithmetic(Rule.SIMPLE, 2, 1, 3, Base.CAST, 2)
    weighted = WeightedArithmetic(Rule.SIMPLE, 2, 1, 3, Base.CAST, 2)
    assert (plain.weighted, weighted.weighted) == (False, True)
    assert plain != weighted
    assert arithmetic(Rule.SIMPLE, counted(2, 1)) == plain


def test_errors_carry_their_data() -> None:
    with pytest.raises(InvalidCount) as refusal:
        seats_for_quorum(1, quorum=Fraction(1))
    assert refusal.value.args == (CountProblem.IMPOSSIBLE_QUORUM, "quorum", Fraction(1), None)
    assert (refusal.value.subject, refusal.value.limit) == ("quorum", None)
    with pytest.raises(InvalidCount) as refusal:
        decide(Rule.SIMPLE, {Chamber.MX: PASS})
    assert (refusal.value.subject, refusal.value.value) == ("counts", ("mx",))


def test_a_decision_takes_rules_by_their_names_and_refuses_others() -> None:
    counts = {Chamber.US: PASS, Chamber.MX: PASS}
    assert decide("simple", counts) == decide(Rule.SIMPLE, counts)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unanimity"):
        decide("unanimity", counts)  # type: ignore[arg-type]


@pytest.mark.parametrize("edge", EDGES)
def test_a_rule_may_go_by_its_name(edge: Edge) -> None:
    count = counted(edge.yes, edge.no, edge.abstain, present=edge.present, entitled=edge.entitled)
    name: Any = edge.rule.value
    assert (passes(name, count), tied(name, count)) == (edge.passed, edge.tied)
    assert arithmetic(name, count) == arithmetic(edge.rule, count)
