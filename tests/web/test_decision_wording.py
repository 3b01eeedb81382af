"""The sums that decide, in words: every rule, every outcome, one and many, in English and Spanish."""

from __future__ import annotations

import pytest
from flask_babel import force_locale

from agreements import Chamber, ChamberCount, Kind, Outcome, Rule, Tally, arithmetic, decide
from conference.domain.voting import BindingStatus, record_of
from conference.web import agreement_wording, decision_wording
from conference.web.decision_wording import arithmetic_text, choices_text, quorum_text, verdict


@pytest.fixture(autouse=True)
def english(app):
    with app.test_request_context("/en/"), force_locale("en"):
        yield


def count(yes, no, abstain=0, *, present=50, entitled=50, opening=41, closing=40):
    return ChamberCount(
        yes=yes,
        no=no,
        abstain=abstain,
        present_votes=present,
        entitled_votes=entitled,
        entitled_seats=entitled,
        present_seats_at_opening=min(opening, entitled),
        present_seats_at_closing=min(closing, entitled),
    )


NINE_TO_ONE = "9 in favor and 1 against; consensus needs one in favor and none against."
ALONE = count(1, 0, present=1, entitled=1)


@pytest.mark.parametrize(
    ("rule", "counted", "words"),
    [
        (Rule.SIMPLE, count(27, 14), "27 in favor and 14 against; a simple majority needs 15."),
        (Rule.TWO_THIRDS, count(27, 14), "27 of 41 votes cast; two-thirds needs 28."),
        (Rule.TWO_THIRDS, count(1, 0, 4), "1 of 1 vote cast; two-thirds needs 1."),
        (Rule.TWO_THIRDS, count(0, 0, 4), "Nobody voted in favor or against."),
        (Rule.SIMPLE, count(0, 0), "Nobody voted in favor or against."),
        (Rule.THREE_QUARTERS, count(30, 10), "30 of 40 votes cast; three-quarters needs 30."),
        (Rule.PRESENT, count(27, 3), "27 of 50 votes present; more than half is 26."),
        (Rule.ABSOLUTE, count(27, 3), "27 of the chamber’s 50 votes; more than half is 26."),
        (Rule.ABSOLUTE, ALONE, "1 of the chamber’s only vote; more than half is 1."),
        (Rule.CONSENSUS, count(9, 1), NINE_TO_ONE),
    ],
)  # fmt: skip
def test_the_sum_of_a_chamber_is_said_in_one_sentence(rule, counted, words):
    assert arithmetic_text(arithmetic(rule, counted)) == words


def decided(us, mx, rule=Rule.SIMPLE):
    counts = {Chamber.US: us, Chamber.MX: mx}
    return record_of(counts, decide(rule, counts))


def test_a_chamber_passes_does_not_pass_ties_or_lacks_its_quorum():
    said = [
        verdict(decided(counted, count(1, 0))[Chamber.US].decision)
        for counted in (count(2, 1), count(1, 2), count(1, 1), count(2, 1, closing=20))
    ]
    assert said == [
        ("Passes", "good"),
        ("Does not pass", "bad"),
        ("Tied", "neutral"),
        ("No quorum", "warn"),
    ]


def test_quorum_is_told_at_opening_and_at_closing():
    record = decided(count(2, 1), count(1, 0))
    assert quorum_text(record[Chamber.US]) == "41 of 50 seats at opening, 40 at closing; quorum is 26."


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(1, 0, 0), "Yes"),
        (Tally(0, 1, 0), "No"),
        (Tally(0, 0, 1), "Abstain"),
        (Tally(3, 0, 0), "3 yes"),
        (Tally(1, 1, 0), "1 yes, 1 no"),
        (Tally(2, 1, 3), "2 yes, 1 no, 3 abstaining"),
        (Tally(0, 0, 0), "Did not vote"),
    ],
)
def test_a_seats_ballots_are_told_in_words(tally, words):
    assert choices_text(tally) == words


def test_every_rule_outcome_and_status_has_a_sentence_of_its_own():
    for vocabulary, tell in (
        (Rule, decision_wording.rule_text),
        (Outcome, decision_wording.outcome_text),
        (BindingStatus, decision_wording.binding_text),
    ):
        assert len({tell(value) for value in vocabulary}) == len(vocabulary)
    assert {decision_wording.outcome_tone(outcome) for outcome in Outcome} == {
        "good",
        "bad",
        "warn",
        "neutral",
    }


@pytest.mark.parametrize(
    ("kind", "number", "name"),
    [
        (Kind.PREAMBLE, "", "Preamble"),
        (Kind.CLAUSE, "", "Preamble"),
        (Kind.TITLE, "II", "Title II"),
        (Kind.ARTICLE, "3", "Article 3"),
        (Kind.ANNEX, "A", "Annex A"),
        (Kind.CLAUSE, "3.1", "Clause 3.1"),
    ],
)
def test_a_provision_is_called_by_kind_and_number(kind, number, name):
    assert agreement_wording.provision_name(kind, number) == name
    assert agreement_wording.provision_name(kind, number, "en") == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Short.", "Short."),
        ("The aims are:\n\na) one;\nb) two.", "The aims are…"),
        ("word " * 30, ("word " * 14).strip() + "…"),
        ("x" * 90, "x" * 70 + "…"),
    ],
)
def test_a_long_text_is_named_by_its_first_words(text, words):
    assert agreement_wording.shortened(text) == words
