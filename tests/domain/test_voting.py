"""Who may vote, what a ballot holds, what is kept of a decision: values in, values out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Chamber, Choice, Rule, Tally, decide
from conference.domain.errors import Conflict, Forbidden, Invalid
from conference.domain.voting import (
    Entitlement,
    QuestionState,
    Receipt,
    Refusal,
    SeatVote,
    chamber_counts,
    error_of,
    record_from_json,
    record_of,
    record_to_json,
    refusal,
    require_quorum,
    unit_ballots,
)

OPEN, CLOSED, ANNULLED = QuestionState
YES, NO, ABSTAIN = Choice
HERE = Entitlement(accepted=True, present=True)


@pytest.mark.parametrize(
    ("state", "entitlement", "reason"),
    [
        (OPEN, HERE, None),
        (CLOSED, HERE, Refusal.QUESTION_CLOSED),
        (ANNULLED, HERE, Refusal.QUESTION_CLOSED),
        (CLOSED, None, Refusal.QUESTION_CLOSED),
        (OPEN, None, Refusal.NOT_AN_ELECTOR),
        (OPEN, Entitlement(accepted=False, present=True), Refusal.CREDENTIAL_NOT_ACCEPTED),
        (OPEN, Entitlement(accepted=False, present=False), Refusal.CREDENTIAL_NOT_ACCEPTED),
        (OPEN, Entitlement(accepted=True, present=False), Refusal.NOT_PRESENT),
    ],
)
def test_a_ballot_is_refused_for_the_first_reason_that_holds(state, entitlement, reason):
    assert refusal(state, entitlement) is reason


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Refusal.QUESTION_CLOSED, Conflict),
        (Refusal.NOT_AN_ELECTOR, Forbidden),
        (Refusal.CREDENTIAL_NOT_ACCEPTED, Forbidden),
        (Refusal.NOT_PRESENT, Forbidden),
    ],
)
def test_a_refusal_is_an_error_of_its_kind(reason, kind):
    error = error_of(reason)
    assert (type(error), error.code) == (kind, reason.value)


@given(st.sampled_from(Choice), st.integers(1, 40))
def test_a_single_choice_is_meant_for_every_vote(choice, votes):
    assert unit_ballots([choice], votes=votes) == (choice,) * votes


@given(st.lists(st.sampled_from(Choice), min_size=1, max_size=40))
def test_as_many_choices_as_votes_are_taken_as_they_are(choices):
    assert unit_ballots(choices, votes=len(choices)) == tuple(choices)


@given(st.lists(st.sampled_from(Choice), max_size=6), st.integers(1, 6))
def test_any_other_number_of_choices_is_no_ballot(choices, votes):
    if len(choices) in {1, votes}:
        return
    with pytest.raises(Invalid) as raised:
        unit_ballots(choices, votes=votes)
    assert raised.value.data == {"votes": votes, "given": len(choices)}


def test_a_receipt_counts_what_a_seat_cast():
    receipt = Receipt("Club Mixtepec", Chamber.US, (YES, NO, YES), datetime(2026, 7, 11, 17, 0, tzinfo=UTC))
    assert receipt.tally == Tally(yes=2, no=1, abstain=0)


presences = st.lists(st.tuples(st.sampled_from(Chamber), st.booleans()), max_size=40)


@given(presences)
def test_a_question_opens_only_where_more_than_half_of_each_chamber_sits(seats):
    there = {c: sum(present for of, present in seats if of is c) for c in Chamber}
    entitled = {c: sum(of is c for of, _ in seats) for c in Chamber}
    if all(Fraction(there[c]) > Fraction(entitled[c], 2) for c in Chamber):
        require_quorum(seats)
        return
    with pytest.raises(Conflict) as raised:
        require_quorum(seats)
    data = raised.value.data
    assert raised.value.code == "not_quorate"
    assert {c: (data[f"{c}_present"], data[f"{c}_entitled"]) for c in Chamber} == {
        c: (there[c], entitled[c]) for c in Chamber
    }
    assert all(data[f"{c}_needed"] == entitled[c] // 2 + 1 for c in Chamber)


@st.composite
def seat_votes(draw: st.DrawFn) -> SeatVote:
    votes = draw(st.integers(1, 5))
    cast = st.lists(st.sampled_from(Choice), min_size=votes, max_size=votes)
    return SeatVote(
        chamber=draw(st.sampled_from(Chamber)),
        votes=votes,
        present_at_opening=draw(st.booleans()),
        present_at_closing=draw(st.booleans()),
        ballots=tuple(draw(st.just([]) | cast)),
    )


@given(st.lists(seat_votes(), max_size=30))
def test_no_ballot_is_lost_or_counted_twice(seats):
    counts = chamber_counts(seats)
    for chamber in Chamber:
        own = [seat for seat in seats if seat.chamber is chamber]
        count = counts[chamber]
        cast = [choice for seat in own for choice in seat.ballots]
        assert (count.yes, count.no, count.abstain) == tuple(cast.count(choice) for choice in Choice)
        assert (count.entitled_seats, count.entitled_votes) == (len(own), sum(seat.votes for seat in own))


def test_who_voted_and_left_was_present_for_the_vote_and_who_only_left_was_not():
    voted = SeatVote(
        chamber=Chamber.US, votes=3, present_at_opening=True, present_at_closing=False, ballots=(YES,) * 3
    )
    left = SeatVote(chamber=Chamber.US, votes=5, present_at_opening=True, present_at_closing=False)
    stayed = SeatVote(chamber=Chamber.US, votes=1, present_at_opening=False, present_at_closing=True)
    count = chamber_counts([voted, left, stayed])[Chamber.US]
    assert (count.present_votes, count.entitled_votes) == (4, 9)
    assert (count.present_seats_at_opening, count.present_seats_at_closing) == (2, 1)


@given(st.lists(seat_votes(), max_size=30), st.sampled_from(Rule))
def test_a_record_is_read_as_it_was_written(seats, rule):
    counts = chamber_counts(seats)
    record = record_of(counts, decide(rule, counts))
    assert record_from_json(json.loads(json.dumps(record_to_json(record)))) == record
