from __future__ import annotations

from collections import Counter
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Base, Chamber, Choice, InvalidCount, Outcome, Rule, Tally
from agreements.canonical import GREATEST_INTEGER, canonical
from agreements.decision import SeatBallot, WeightedArithmetic
from agreements.electorate import Electorate, ElectorateCode, InvalidElectorate, Proxy, Seat, electorate_of
from agreements.question import (
    Question,
    QuestionState,
    Step,
    Turnout,
    annul,
    cast,
    close,
    open_question,
    put_again,
)
from agreements.terms import FEWEST_FOR_SECRECY, InvalidStep, StepProblem, Subject, Terms, VotingMethod

if TYPE_CHECKING:
    from collections.abc import Callable

YES, NO, ABSTAIN = (SeatBallot.unanimous(choice) for choice in (Choice.YES, Choice.NO, Choice.ABSTAIN))
SUBJECT = Subject(provision="purpose", draft="d" * 64, text="e" * 64)
US, MX = tuple("abcde"), tuple("vwxyz")
ROLL_CALL, SECRET = VotingMethod.ROLL_CALL, VotingMethod.SECRET


def hall(*proxies: tuple[str, str], **votes: int) -> Electorate:
    """Five seats a chamber: a to e of the United States, v to z of Mexico."""
    seats = [
        Seat(key, chamber, votes.get(key, 1))
        for chamber, keys in ((Chamber.US, US), (Chamber.MX, MX))
        for key in keys
    ]
    return electorate_of(seats, [Proxy(*pair) for pair in proxies], proxy_cap=5)


def make_terms(**changes: Any) -> Terms:
    terms = {
        "key": "q1",
        "subject": SUBJECT,
        "method": ROLL_CALL,
        "rule": Rule.SIMPLE,
        "electorate": hall(),
        "present": (*US, *MX),
    }
    return Terms(**{**terms, **changes})


def opened(**changes: Any) -> Question:
    return open_question(make_terms(**changes)).question


def first(below: int) -> int:
    """As secrets.randbelow, if chance always fell on the first."""
    assert below > 1
    return 0


def voted(question: Question, **ballots: SeatBallot) -> Question:
    """The question after these seats' ballots, each cast by its holder."""
    for seat, ballot in ballots.items():
        holder = question.terms.electorate.holder_of(seat)
        question = cast(question, seat=seat, by=holder, ballot=ballot).question
    return question


def closed(question: Question, present: Any = (*US, *MX)) -> Question:
    return close(question, present=present, randbelow=first).question


def annulled(question: Question) -> Question:
    return annul(question, reason="The wrong text was shown.").question


def refusal(step: Callable[[], Any]) -> tuple[StepProblem, dict[str, Any]]:
    with pytest.raises(InvalidStep) as refused:
        step()
    assert refused.value.args == (refused.value.code, refused.value.data)
    return refused.value.code, refused.value.data


# -- opening ---------------------------------------------------------------------------------------


def test_an_opening_freezes_its_terms_and_writes_them_down() -> None:
    electorate = electorate_of(
        [
            Seat("b", Chamber.US, 2, "youth"),
            Seat("a", Chamber.US, 1, "towns"),
            Seat("c", Chamber.US, 4, "towns"),
            Seat("m", Chamber.MX, 3),
        ],
        [Proxy("a", "b")],
        proxy_cap=1,
    )
    terms = make_terms(
        electorate=electorate,
        present=["m", "b", "c", "b"],
        rule="two_thirds",
        method="roll_call",
        quorum=Fraction(2, 6),
    )
    question, events = open_question(terms)
    assert question == Question(terms=terms)
    assert (question.state, question.standing) == (QuestionState.OPEN, QuestionState.OPEN)
    assert (terms.rule, terms.method, terms.present) == (Rule.TWO_THIRDS, ROLL_CALL, {"m", "b", "c"})
    assert events == (
        {
            "kind": "question_opened",
            "question": "q1",
            "subject": {"provision": "purpose", "draft": "d" * 64, "text": "e" * 64},
            "ballot": "roll_call",
            "rule": "two_thirds",
            "quorum": {"numerator": 1, "denominator": 3},
            "replaces": None,
            "chambers": {
                "us": {
                    "present": {"seats": 2, "votes": 7},
                    "seats": [
                        {"seat": "a", "votes": 1, "holder": "b", "pillar": "towns"},
                        {"seat": "b", "votes": 2, "holder": "b", "pillar": "youth"},
                        {"seat": "c", "votes": 4, "holder": "c", "pillar": "towns"},
                    ],
                },
                "mx": {
                    "present": {"seats": 1, "votes": 3},
                    "seats": [{"seat": "m", "votes": 3, "holder": "m", "pillar": None}],
                },
            },
        },
    )


def test_a_secret_ballot_is_opened_as_one_and_the_quorum_is_half_unless_told() -> None:
    ((event,), question) = reversed(open_question(make_terms(method=SECRET)))
    assert (event["ballot"], event["quorum"]) == ("secret", {"numerator": 1, "denominator": 2})
    assert question.secret
    assert not opened().secret


@pytest.mark.parametrize(
    ("present", "us", "mx"),
    [("abc" + "vw", 3, 2), ("ab" + "vwx", 2, 3), ("", 0, 0)],
)
def test_a_question_opens_only_before_a_quorum_of_each_chamber(present: str, us: int, mx: int) -> None:
    terms = make_terms(present=present)
    figures = {
        "us_present": us,
        "us_entitled": 5,
        "us_needed": 3,
        "mx_present": mx,
        "mx_entitled": 5,
        "mx_needed": 3,
    }
    assert refusal(lambda: open_question(terms)) == (StepProblem.NOT_QUORATE, figures)
    assert opened(present="abcvwx").state is QuestionState.OPEN


def test_a_proxy_makes_no_quorum_and_the_share_is_by_argument() -> None:
    electorate = hall(("b", "a"), ("c", "a"))
    terms = make_terms(electorate=electorate, present="advwx")
    assert refusal(lambda: open_question(terms))[0] is StepProblem.NOT_QUORATE
    assert opened(electorate=electorate, present="advwx", quorum=Fraction(1, 3)).revote is False
    with pytest.raises(InvalidCount):
        opened(quorum=Fraction(1))


@pytest.mark.parametrize("method", VotingMethod)
def test_only_seats_are_present(method: VotingMethod) -> None:
    with pytest.raises(InvalidElectorate) as refused:
        make_terms(present="abcxyz1", method=method)
    assert [(problem.code, problem.data) for problem in refused.value.problems] == [
        (ElectorateCode.UNKNOWN_SEAT, {"seat": "1"})
    ]


def test_a_secret_ballot_needs_five_voting_units_in_each_chamber() -> None:
    assert FEWEST_FOR_SECRECY == 5
    assert opened(method=SECRET).state is QuestionState.OPEN
    united, mexico = hall(("a", "b"), c=9), hall(("v", "w"), z=9)
    for electorate, chamber in ((united, Chamber.US), (mexico, Chamber.MX)):
        terms = make_terms(method=SECRET, electorate=electorate)
        assert refusal(lambda terms=terms: open_question(terms)) == (
            StepProblem.TOO_FEW_FOR_SECRECY,
            {"chamber": chamber, "units": 4, "needed": 5},
        )
        assert opened(electorate=electorate).state is QuestionState.OPEN


def pillared(*pillars: tuple[Chamber, str, int]) -> Electorate:
    """Six seats a chamber, all alike but for the pillars and votes given for the first of them."""
    told = {chamber for chamber, _pillar, _votes in pillars}
    seats = [
        Seat(f"{chamber}{number}", chamber, 1, "rest" if chamber in told else None)
        for chamber, number in product(Chamber, range(6))
    ]
    seats += [
        Seat(f"{chamber}+{number}", chamber, votes, pillar)
        for number, (chamber, pillar, votes) in enumerate(pillars)
    ]
    return electorate_of(seats, proxy_cap=0)


@pytest.mark.parametrize("chamber", Chamber)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"method": SECRET}, StepProblem.PILLARS_IN_SECRET),
        ({"rule": Rule.PRESENT}, StepProblem.PRESENT_WITH_PILLARS),
    ],
)
def test_pillars_go_with_neither_secrecy_nor_presence(
    chamber: Chamber, changes: dict[str, Any], code: StepProblem
) -> None:
    electorate = pillared((chamber, "youth", 2))
    terms = make_terms(electorate=electorate, present=electorate.seats, **changes)
    assert refusal(lambda: open_question(terms)) == (code, {"chamber": chamber})
    assert opened(electorate=electorate, present=electorate.seats).state is QuestionState.OPEN


@pytest.mark.parametrize("chamber", Chamber)
def test_pillars_whose_weighted_votes_no_ledger_can_write_are_refused(chamber: Chamber) -> None:
    # Two pillars, of six votes and of these: no weighted number is beyond twelve times these.
    most = (GREATEST_INTEGER - 1) // 12
    fitting, beyond = pillared((chamber, "youth", most)), pillared((chamber, "youth", most + 1))
    assert opened(electorate=fitting, present=fitting.seats).state is QuestionState.OPEN
    terms = make_terms(electorate=beyond, present=beyond.seats)
    assert refusal(lambda: open_question(terms)) == (StepProblem.PILLARS_TOO_LARGE, {"chamber": chamber})


def test_what_a_pillar_of_the_greatest_size_needs_can_still_be_written() -> None:
    seats = [Seat("a", Chamber.US, GREATEST_INTEGER, "towns"), Seat("v", Chamber.MX)]
    terms = make_terms(electorate=electorate_of(seats, proxy_cap=0), present="av")
    assert refusal(lambda: open_question(terms)) == (StepProblem.PILLARS_TOO_LARGE, {"chamber": Chamber.US})
    smaller = [replace(seats[0], votes=GREATEST_INTEGER - 1), seats[1]]
    question = opened(electorate=electorate_of(smaller, proxy_cap=0), present="av")
    against = SeatBallot(no=GREATEST_INTEGER - 1)
    (event,) = close(voted(question, a=against, v=YES), present="av", randbelow=first).events
    assert event["chambers"]["us"]["needed"] == GREATEST_INTEGER
    assert canonical(event)


# -- casting ---------------------------------------------------------------------------------------


def test_a_seat_votes_and_may_change_its_vote_in_a_roll_call() -> None:
    question = opened(electorate=hall(b=3))
    split = SeatBallot(yes=1, no=1, abstain=1)
    steps = [cast(question, seat="b", by="b", ballot=split)]
    steps.append(cast(steps[0].question, seat="v", by="v", ballot=NO))
    steps.append(cast(steps[1].question, seat="b", by="b", ballot=SeatBallot(abstain=3)))
    assert [step.events for step in steps] == [
        ({"kind": "ballot_cast", "question": "q1", "seat": "b", "yes": 1, "no": 1, "abstain": 1},),
        ({"kind": "ballot_cast", "question": "q1", "seat": "v", "yes": 0, "no": 1, "abstain": 0},),
        ({"kind": "ballot_cast", "question": "q1", "seat": "b", "yes": 0, "no": 0, "abstain": 3},),
    ]
    assert [(step.question.ballots, step.question.voted) for step in steps] == [
        ({"b": split}, {"b"}),
        ({"b": split, "v": NO}, {"b", "v"}),
        ({"b": SeatBallot(abstain=3), "v": NO}, {"b", "v"}),
    ]
    last = steps[-1].question
    assert last.turnout(Chamber.US) == Turnout(seats=1, votes=3)
    assert last.turnout(Chamber.MX) == Turnout(seats=1, votes=1)
    assert last.tally(Chamber.US) == Tally(0, 0, 3)
    assert last.tally(Chamber.MX) == Tally(0, 1, 0)
    assert (question.ballots, question.voted) == ({}, frozenset())


def test_a_secret_ballot_is_final_and_only_its_turnout_is_told() -> None:
    question, events = cast(
        opened(method=SECRET, electorate=hall(b=3)),
        seat="b",
        by="b",
        ballot=SeatBallot(yes=2, abstain=1),
    )
    assert events == ({"kind": "seat_voted", "question": "q1", "seat": "b"},)
    assert refusal(lambda: cast(question, seat="b", by="b", ballot=SeatBallot(yes=3))) == (
        StepProblem.ALREADY_VOTED,
        {"seat": "b"},
    )
    assert question.voted == {"b"}
    assert question.turnout(Chamber.US) == Turnout(seats=1, votes=3)
    assert question.turnout(Chamber.MX) == Turnout(seats=0, votes=0)
    for chamber in Chamber:
        assert refusal(lambda chamber=chamber: question.tally(chamber)) == (StepProblem.BOX_IS_SEALED, {})


def test_the_box_of_a_secret_ballot_is_the_same_whoever_filled_it_in_whatever_order() -> None:
    question = opened(method=SECRET)
    one = voted(question, a=YES, v=NO, b=NO, c=YES)
    other = voted(question, v=NO, c=NO, b=YES, a=YES)
    assert one == other
    assert list(one.box.items()) == list(other.box.items())
    assert one.box == {Chamber.US: Tally(2, 1, 0), Chamber.MX: Tally(0, 1, 0)}
    assert list(voted(question, v=NO).box) == [Chamber.US, Chamber.MX]
    assert one.ballots == {}
    assert "Tally" not in repr(one)
    assert "Tally" not in repr(question)


def test_only_the_holder_casts() -> None:
    question = opened(electorate=hall(("b", "a")))
    for seat, holder, by in (("b", "a", "b"), ("b", "a", "c"), ("a", "a", "b"), ("v", "v", "a")):
        assert refusal(lambda seat=seat, by=by: cast(question, seat=seat, by=by, ballot=YES)) == (
            StepProblem.NOT_THE_HOLDER,
            {"seat": seat, "holder": holder, "by": by},
        )
    assert cast(question, seat="b", by="a", ballot=YES).question.voted == {"b"}
    with pytest.raises(InvalidElectorate) as refused:
        cast(question, seat="nobody", by="a", ballot=YES)
    assert refused.value.problems[0].code is ElectorateCode.UNKNOWN_SEAT


@pytest.mark.parametrize("method", VotingMethod)
@pytest.mark.parametrize("ballot", [SeatBallot(yes=2), SeatBallot(yes=1, no=2, abstain=1), YES])
def test_one_ballot_for_each_vote(method: VotingMethod, ballot: SeatBallot) -> None:
    question = opened(method=method, electorate=hall(b=3))
    assert refusal(lambda: cast(question, seat="b", by="b", ballot=ballot)) == (
        StepProblem.VOTES_DO_NOT_ADD_UP,
        {"seat": "b", "votes": 3, "given": ballot.votes},
    )


def test_a_proxy_revoked_after_the_opening_is_still_cast_by_its_holder() -> None:
    question = opened(electorate=hall(("b", "a")))
    hall()  # revoked: the electorate as it would be now
    assert cast(question, seat="b", by="a", ballot=NO).question.ballots == {"b": NO}


@pytest.mark.parametrize("method", VotingMethod)
@pytest.mark.parametrize("end", [closed, annulled])
def test_nothing_is_cast_or_closed_after_the_end(
    method: VotingMethod, end: Callable[[Question], Question]
) -> None:
    ended = end(opened(method=method))
    expected = (StepProblem.NOT_OPEN, {"state": ended.state})
    assert refusal(lambda: cast(ended, seat="a", by="a", ballot=YES)) == expected
    assert refusal(lambda: closed(ended)) == expected


# -- closing ---------------------------------------------------------------------------------------


def test_a_closing_writes_down_counts_presence_and_arithmetic() -> None:
    question = opened(rule=Rule.TWO_THIRDS, electorate=hall(("b", "a"), c=3))
    question = voted(question, a=YES, b=NO, c=SeatBallot(yes=2, abstain=1), v=YES, w=NO, x=NO)
    decided, (event,) = close(question, present="acd" + "vwx", randbelow=first)
    assert event == {
        "kind": "question_closed",
        "question": "q1",
        "present": {"us": {"seats": 3, "votes": 6}, "mx": {"seats": 3, "votes": 3}},
        "ballots": None,
        "counts": {"us": {"yes": 3, "no": 1, "abstain": 1}, "mx": {"yes": 1, "no": 2, "abstain": 0}},
        "outcome": "chambers_disagree",
        "chambers": {
            "us": {
                "passed": True,
                "quorate": True,
                "tied": False,
                "votes_for": 3,
                "votes_against": 1,
                "base": 4,
                "measured_by": "cast",
                "needed": 3,
            },
            "mx": {
                "passed": False,
                "quorate": True,
                "tied": False,
                "votes_for": 1,
                "votes_against": 2,
                "base": 3,
                "measured_by": "cast",
                "needed": 2,
            },
        },
    }
    assert decided.state is QuestionState.CLOSED
    assert decided.standing is Outcome.CHAMBERS_DISAGREE
    assert (decided.ballots, decided.voted) == (question.ballots, question.voted)
    assert decided.decision is not None
    assert decided.decision.outcome is Outcome.CHAMBERS_DISAGREE


def test_the_ballots_of_a_secret_vote_leave_the_box_shuffled() -> None:
    question = voted(opened(method=SECRET, electorate=hall(e=2)), a=YES, b=NO, c=ABSTAIN, v=NO)
    question = voted(question, e=SeatBallot(yes=1, abstain=1))
    asked = []

    def middle(below: int) -> int:
        asked.append(below)
        return below // 2

    decided, (event,) = close(question, present=(*US, *MX), randbelow=middle)
    # yes yes no abstain abstain: places 5 and 3, 4 and 3, 3 and 2, 2 and 2 change
    assert event["ballots"] == {"us": ["yes", "abstain", "yes", "abstain", "no"], "mx": ["no"]}
    assert asked == [5, 4, 3, 2]
    assert event["counts"] == {
        "us": {"yes": 2, "no": 1, "abstain": 2},
        "mx": {"yes": 0, "no": 1, "abstain": 0},
    }
    assert decided.tally(Chamber.US) == Tally(2, 1, 2)
    assert (decided.voted, decided.box) == (question.voted, question.box)


def test_a_secret_vote_in_which_nobody_took_part_has_empty_boxes() -> None:
    _question, (event,) = close(opened(method=SECRET), present=(), randbelow=first)
    assert event["ballots"] == {"us": [], "mx": []}


@given(st.lists(st.sampled_from([YES, NO, ABSTAIN]), min_size=5, max_size=5), st.data())
def test_shuffling_keeps_every_ballot(ballots: list[SeatBallot], data: st.DataObject) -> None:
    question = voted(opened(method=SECRET), **dict(zip(US, ballots, strict=True)))
    draw = lambda below: data.draw(st.integers(0, below - 1))  # noqa: E731
    (event,) = close(question, present=US, randbelow=draw).events
    shuffled = Counter(event["ballots"]["us"])
    assert {name: shuffled[name] for name in Choice} == event["counts"]["us"]


def test_every_order_of_the_ballots_is_as_likely_as_any_other() -> None:
    question = voted(opened(method=SECRET), a=YES, b=NO, c=ABSTAIN)
    orders = Counter()
    for third, second in product(range(3), range(2)):
        drawn = iter((third, second))
        (event,) = close(question, present=US, randbelow=lambda _below, drawn=drawn: next(drawn)).events
        orders[tuple(event["ballots"]["us"])] += 1
    assert len(orders) == 6
    assert set(orders.values()) == {1}


@pytest.mark.parametrize(
    ("present", "outcome"),
    [("abc" + "vwx", Outcome.ADOPTED), ("ab" + "vwx", Outcome.INQUORATE), ("abc" + "vw", Outcome.INQUORATE)],
)
@pytest.mark.parametrize("method", VotingMethod)
def test_quorum_is_asked_for_again_at_closing(method: VotingMethod, present: str, outcome: Outcome) -> None:
    assert closed(voted(opened(method=method), a=YES, v=YES), present).standing is outcome


def test_quorum_at_opening_and_closing_is_the_one_of_the_question() -> None:
    question = voted(opened(present="abcd" + "vwxy", quorum=Fraction(3, 5)), a=YES, v=YES)
    assert closed(question, "abcd" + "vwxy").standing is Outcome.ADOPTED
    assert closed(question, "abcd" + "vwx").standing is Outcome.INQUORATE


def test_only_seats_are_present_at_closing() -> None:
    with pytest.raises(InvalidElectorate):
        closed(opened(), "abcdef")


def test_whoever_voted_and_left_was_present_for_it() -> None:
    question = voted(opened(rule=Rule.PRESENT), a=YES, b=YES, c=NO, d=NO, v=YES, w=YES, x=NO)
    decided, (event,) = close(question, present="abe" + "vwxyz", randbelow=first)
    assert [event["chambers"][chamber]["base"] for chamber in ("us", "mx")] == [4, 5]
    assert event["present"]["us"] == {"seats": 3, "votes": 3}
    assert [event["chambers"][chamber]["measured_by"] for chamber in ("us", "mx")] == ["present", "present"]
    assert decided.standing is Outcome.REJECTED


def test_proxies_held_are_present_votes() -> None:
    question = opened(rule=Rule.PRESENT, electorate=hall(("d", "a"), ("e", "a")), present="abcvwxyz")
    (event,) = close(voted(question, a=YES, b=YES), present="abcvwxyz", randbelow=first).events
    assert event["present"]["us"] == {"seats": 3, "votes": 5}
    assert (event["chambers"]["us"]["base"], event["chambers"]["us"]["needed"]) == (5, 3)


def test_entitled_votes_are_those_of_the_whole_chamber() -> None:
    question = voted(opened(rule=Rule.ABSOLUTE, electorate=hall(e=3)), a=YES, b=YES, c=YES, v=YES)
    (event,) = close(question, present="abcvwx", randbelow=first).events
    assert [event["chambers"][chamber]["base"] for chamber in ("us", "mx")] == [7, 5]
    assert [event["chambers"][chamber]["needed"] for chamber in ("us", "mx")] == [4, 3]


def test_pillars_weigh_alike_in_the_chamber_that_has_them() -> None:
    electorate = pillared((Chamber.US, "youth", 2), (Chamber.US, "elders", 5))
    rest = {f"us{number}": YES for number in range(5)}
    question = opened(electorate=electorate, present=electorate.seats)
    question = voted(question, **rest, us5=NO, **{"us+0": SeatBallot(no=2)}, mx0=YES)
    decided, (event,) = close(question, present=electorate.seats, randbelow=first)
    assert event["counts"]["us"] == {"yes": 5, "no": 3, "abstain": 0}
    # Bases 6 and 2, L = 6: five sixths and nothing, against one sixth and a whole; the elders said nothing.
    us = decided.decision.chambers[Chamber.US]  # type: ignore[union-attr]
    assert us.arithmetic == WeightedArithmetic(Rule.SIMPLE, 5, 7, 12, Base.CAST, 8)
    assert event["chambers"]["us"] == {
        "passed": False,
        "quorate": True,
        "tied": False,
        "votes_for": 5,
        "votes_against": 7,
        "base": 12,
        "measured_by": "cast",
        "needed": 8,
    }
    assert event["chambers"]["mx"]["base"] == 1
    assert decided.standing is Outcome.CHAMBERS_DISAGREE


@pytest.mark.parametrize(
    ("rule", "us", "mx", "outcome"),
    [
        # nobody, everybody abstaining, a tie, one voter
        (Rule.SIMPLE, {}, {}, Outcome.TIED),
        (Rule.SIMPLE, dict.fromkeys(US, ABSTAIN), dict.fromkeys(MX, ABSTAIN), Outcome.TIED),
        (Rule.PRESENT, dict.fromkeys(US, ABSTAIN), dict.fromkeys(MX, ABSTAIN), Outcome.REJECTED),
        (Rule.TWO_THIRDS, {"a": YES, "b": YES, "c": NO, "d": NO}, {}, Outcome.REJECTED),
        (Rule.SIMPLE, {"a": YES, "b": NO}, {"v": YES}, Outcome.TIED),
        (Rule.SIMPLE, {"a": YES}, {"v": YES}, Outcome.ADOPTED),
        (Rule.ABSOLUTE, {"a": YES}, {"v": YES}, Outcome.REJECTED),
        (Rule.CONSENSUS, {"a": YES, "b": ABSTAIN}, {"v": YES}, Outcome.ADOPTED),
        (Rule.CONSENSUS, {"a": YES, "b": NO}, {"v": YES}, Outcome.CHAMBERS_DISAGREE),
    ],
)
@pytest.mark.parametrize("method", VotingMethod)
def test_a_question_is_decided_by_its_rule(
    method: VotingMethod,
    rule: Rule,
    us: dict[str, SeatBallot],
    mx: dict[str, SeatBallot],
    outcome: Outcome,
) -> None:
    assert closed(voted(opened(method=method, rule=rule), **us, **mx)).standing is outcome


# -- annulling -------------------------------------------------------------------------------------


def test_a_question_is_annulled_with_a_reason_while_open_or_after_closing() -> None:
    question = voted(opened(), a=YES, v=YES)
    for standing in (question, closed(question)):
        void, events = annul(standing, reason="  The wrong text was shown.\n")
        assert events == (
            {"kind": "question_annulled", "question": "q1", "reason": "The wrong text was shown."},
        )
        assert void == replace(standing, state=QuestionState.ANNULLED, reason="The wrong text was shown.")
        assert void.standing is QuestionState.ANNULLED
        assert refusal(lambda void=void: annulled(void)) == (StepProblem.ALREADY_ANNULLED, {})


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_nothing_is_annulled_without_a_reason(reason: str) -> None:
    assert refusal(lambda: annul(opened(), reason=reason)) == (StepProblem.NO_REASON, {})


def test_what_was_in_a_sealed_box_is_never_told() -> None:
    question = voted(opened(method=SECRET), a=YES, v=NO)
    void = annulled(question)
    assert (void.box, void.voted) == ({}, {"a", "v"})
    assert refusal(lambda: void.tally(Chamber.US))[0] is StepProblem.BOX_IS_SEALED
    assert annulled(closed(question)).tally(Chamber.US) == Tally(1, 0, 0)


# -- putting again ---------------------------------------------------------------------------------

ADOPTED, REJECTED = {"a": YES, "v": YES}, {"a": NO, "v": NO}
TIED, DISAGREEING = {"a": YES, "b": NO, "v": YES}, {"a": YES, "v": NO}


def ended(question: Question, how: str) -> Question:
    """The question annulled while open, inquorate, or closed with these votes."""
    if how == "annulled":
        return annulled(question)
    if how == "inquorate":
        return closed(voted(question, **TIED), "av")
    ways = {"adopted": ADOPTED, "rejected": REJECTED, "tied": TIED, "chambers_disagree": DISAGREEING}
    return closed(voted(question, **ways[how]))


def again(earlier: Question, key: str = "q2") -> Question:
    return put_again(earlier, make_terms(key=key)).question


@pytest.mark.parametrize("how", ["annulled", "inquorate", "tied", "chambers_disagree"])
def test_what_was_not_settled_is_put_again_once(how: str) -> None:
    earlier, terms = ended(opened(), how), make_terms(key="q2", rule=Rule.TWO_THIRDS)
    assert earlier.standing == how
    question, events, replaced = put_again(earlier, terms)
    assert question == Question(terms=terms, replaces="q1", revote=how == "tied")
    (opening,) = open_question(terms).events
    assert events == ({**opening, "replaces": "q1"},)
    assert replaced == replace(earlier, replaced_by="q2")
    assert refusal(lambda: again(replaced, "q3")) == (StepProblem.ALREADY_PUT_AGAIN, {"replaced_by": "q2"})


@pytest.mark.parametrize("how", ["adopted", "rejected"])
def test_what_was_settled_is_not_put_again_unless_it_was_annulled(how: str) -> None:
    earlier = ended(opened(), how)
    expected = (StepProblem.NOT_TO_BE_PUT_AGAIN, {"standing": how})
    assert refusal(lambda: again(earlier)) == expected
    assert again(annulled(earlier)).replaces == "q1"


def test_an_open_question_is_not_put_again() -> None:
    assert refusal(lambda: again(opened())) == (StepProblem.NOT_TO_BE_PUT_AGAIN, {"standing": "open"})


def test_a_question_put_again_takes_another_key_and_opens_as_any_other() -> None:
    earlier = ended(opened(), "tied")
    assert refusal(lambda: again(earlier, "q1")) == (StepProblem.SAME_KEY, {"key": "q1"})
    unattended = make_terms(key="q2", present="")
    assert refusal(lambda: put_again(earlier, unattended))[0] is StepProblem.NOT_QUORATE


@pytest.mark.parametrize(
    ("ways", "may_be_put_again"),
    [
        (["tied", "tied"], False),
        # a re-vote that was not held, or does not count, leaves it to the next
        (["tied", "inquorate", "tied"], False),
        (["tied", "annulled", "tied"], False),
        (["tied", "inquorate", "annulled", "tied"], False),
        (["annulled", "tied", "tied"], False),
        (["annulled", "tied"], True),
        (["inquorate", "tied"], True),
        (["tied", "inquorate"], True),
        (["tied", "annulled"], True),
        # a second reading of another text may tie, and has its own re-vote
        (["tied", "chambers_disagree", "tied"], True),
        (["tied", "chambers_disagree", "tied", "tied"], False),
        (["chambers_disagree", "chambers_disagree", "chambers_disagree"], True),
    ],
)
def test_a_tie_has_one_revote(ways: list[str], *, may_be_put_again: bool) -> None:
    question = ended(opened(key="q0"), ways[0])
    for number, how in enumerate(ways[1:], start=1):
        question = ended(again(question, f"q{number}"), how)
    if may_be_put_again:
        assert again(question, "next").replaces == question.terms.key
    else:
        assert refusal(lambda: again(question, "next")) == (StepProblem.ONE_REVOTE_ONLY, {})


def test_a_tie_that_was_annulled_was_none() -> None:
    question = again(annulled(ended(opened(), "tied")))
    assert not question.revote
    assert again(ended(question, "tied"), "q3").revote


# -- whatever happens ------------------------------------------------------------------------------


def test_a_question_never_changes() -> None:
    ballots = {"a": YES}
    question = replace(opened(), ballots=ballots, box={Chamber.US: Tally(1, 0, 0)})
    ballots.clear()
    assert question.ballots == {"a": YES}
    assert hash(question) == hash(replace(question, ballots={"a": YES}))
    with pytest.raises(FrozenInstanceError):
        question.state = QuestionState.CLOSED  # type: ignore[misc]


def test_every_event_has_a_canonical_form() -> None:
    question, events = open_question(make_terms(method=SECRET))
    steps = [Step(question, events), cast(question, seat="a", by="a", ballot=YES)]
    steps.append(close(steps[-1].question, present=US, randbelow=first))
    steps.append(annul(steps[-1].question, reason="Se mostró otro texto."))
    for event in (event for step in steps for event in step.events):
        assert canonical(event).startswith(b"{")


@given(st.sampled_from(Rule), st.lists(st.sampled_from([YES, NO, ABSTAIN, None]), min_size=10, max_size=10))
def test_a_decision_is_that_of_the_rules(rule: Rule, ballots: list[SeatBallot | None]) -> None:
    given_in = dict(zip((*US, *MX), ballots, strict=True))
    question = voted(opened(rule=rule), **{seat: ballot for seat, ballot in given_in.items() if ballot})
    decided = closed(question)
    assert decided.decision is not None
    for chamber, seats in ((Chamber.US, US), (Chamber.MX, MX)):
        made = decided.decision.chambers[chamber]
        favor = sum(given_in[seat] == YES for seat in seats)
        against = sum(given_in[seat] == NO for seat in seats)
        assert (made.arithmetic.votes_for, made.arithmetic.votes_against) == (favor, against)
        assert made.passed == (made.arithmetic.votes_for >= made.arithmetic.needed)
