"""A question opens before a quorum, each seat votes once, and the rules decide: on both databases."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from agreements import Chamber, Choice, Draft, Kind, Outcome, Provision, Rule
from conference import models
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from conference.domain.registration import RegistrationStatus
from conference.domain.voting import AlreadyVoted, BindingStatus, QuestionState, record_from_json
from tests.factories import NOW, make_delegate, make_seat, make_session, make_sitting
from tests.halls import CLAUSE, Delegate, make_hall

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.halls import Hall

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN
LATER = NOW + timedelta(minutes=10)


def said(raised: pytest.ExceptionInfo[DomainError]) -> tuple[type, str, dict[str, object]]:
    """The kind of an error, its code and its data."""
    return type(raised.value), raised.value.code, raised.value.data


def ballots(session: Session, number: int) -> list[tuple[int, Choice]]:
    rows = session.execute(
        select(models.Ballot.unit, models.Ballot.choice)
        .join(models.Question, models.Question.id == models.Ballot.question_id)
        .where(models.Question.number == number)
        .order_by(models.Ballot.id)
    )
    return [tuple(row) for row in rows]


# -- opening -----------------------------------------------------------------------------------


def test_opening_freezes_rule_text_and_electorate(session):
    hall = make_hall(session, us=(1, 3), mx=(1, 1))
    hall.leave(hall.us[0])
    make_delegate(session, hall.conference, seat=make_seat(session, hall.conference), present_in=hall.sitting)

    number = hall.open(rule=Rule.TWO_THIRDS)

    question = hall.question(number)
    texts = {
        "en": {"heading": "", "body": "A coalition is formed."},
        "es": {"heading": "", "body": "Se forma una coalición."},
    }
    canonical = json.dumps(
        [["en", "", "A coalition is formed."], ["es", "", "Se forma una coalición."]],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    assert (question.number, question.state, question.rule) == (1, QuestionState.OPEN, Rule.TWO_THIRDS)
    assert (question.provision_key, question.provision_number) == (CLAUSE, "1.1")
    assert (question.texts, question.text_hash) == (texts, hashlib.sha256(canonical.encode()).hexdigest())
    assert (question.opened_at, question.opened_by_id) == (NOW, hall.chair.id)
    electors = session.scalars(select(models.Elector).order_by(models.Elector.seat_id)).all()
    frozen = [(one.chamber, one.votes, one.present_at_opening) for one in electors]
    assert frozen == [
        (Chamber.US, 1, False),
        (Chamber.US, 3, True),
        (Chamber.MX, 1, True),
        (Chamber.MX, 1, True),
        (Chamber.US, 1, True),
    ]
    assert all(one.credential_id for one in electors)


def test_numbers_count_within_the_conference(session):
    hall, other = make_hall(session), make_hall(session)
    other.open()
    assert (hall.open(), hall.open("preamble"), other.open("preamble")) == (1, 2, 2)


def test_the_alternate_votes_only_in_the_delegates_absence(session):
    hall = make_hall(session)
    absent, seated = hall.us[0], hall.us[1]
    alternates = {}
    for delegate in (absent, seated):
        account, _ = make_delegate(session, hall.conference, seat=make_seat(session, hall.conference))
        credential = session.scalars(
            select(models.Credential).order_by(models.Credential.id.desc()).limit(1)
        ).one()
        credential.seat_id, credential.capacity = delegate.seat.id, Capacity.ALTERNATE
        alternates[delegate.seat.id] = Delegate(account, delegate.seat)
    hall.presence(absent).credential_id = session.scalars(
        select(models.Credential.id).where(
            models.Credential.seat_id == absent.seat.id, models.Credential.capacity == Capacity.ALTERNATE
        )
    ).one()
    session.flush()

    number = hall.open()

    assert hall.cast(number, alternates[absent.seat.id], YES).choices == (YES,)
    assert hall.cast(number, seated, NO).choices == (NO,)
    for refused in (absent, alternates[seated.seat.id]):
        with pytest.raises(Forbidden) as raised:
            hall.cast(number, refused, YES)
        assert said(raised) == (Forbidden, "not_an_elector", {})


@pytest.mark.parametrize(
    ("key", "kind", "code", "data"),
    [
        ("nowhere", Invalid, "provision_unknown", {"key": "nowhere"}),
        ("purpose", Invalid, "provision_without_words", {"key": "purpose"}),
        ("only-spanish", Conflict, "translation_missing", {"language": "en"}),
    ],
)
def test_only_a_provision_with_words_in_every_language_is_put_to_the_vote(session, key, kind, code, data):
    hall = make_hall(session)
    with pytest.raises(DomainError) as raised:
        hall.open(key)
    assert said(raised) == (kind, code, data)
    assert session.scalars(select(models.Question)).all() == []


def test_a_stale_language_keeps_the_question_shut(session):
    hall = make_hall(session)
    text = session.scalars(
        select(models.ProvisionText)
        .join(models.Provision, models.Provision.id == models.ProvisionText.provision_id)
        .where(models.Provision.key == CLAUSE, models.ProvisionText.language == "en")
    ).one()
    text.stale = True
    session.flush()
    with pytest.raises(Conflict) as raised:
        hall.open()
    assert said(raised) == (Conflict, "translation_stale", {"language": "en"})


@pytest.mark.parametrize("kind", Kind)
def test_any_kind_of_provision_with_words_of_its_own_is_votable(session, kind):
    provision = Provision("words", kind, {"es": "Uno", "en": "One"}, {"es": "Texto.", "en": "Text."})
    draft = Draft({"es": "A", "en": "A"}, (provision,), ("es", "en"))
    assert make_hall(session, draft=draft).open("words") == 1


def test_the_latest_draft_is_the_one_put_to_the_vote(session):
    hall = make_hall(session)
    second = models.Draft(
        agreement_id=hall.draft.agreement_id,
        number=2,
        parent_id=hall.draft.id,
        title={"es": "Acuerdo"},
        languages=["es"],
        content_hash="0" * 64,
        tabled_at=NOW,
    )
    session.add(second)
    session.flush()
    with pytest.raises(Invalid) as raised:
        hall.open()
    assert said(raised) == (Invalid, "provision_unknown", {"key": CLAUSE})


def test_a_conference_without_an_agreement_has_nothing_to_vote_on(session):
    hall, other = make_hall(session), make_hall(session)
    session.query(models.Agreement).filter_by(conference_id=other.conference.id).delete()
    with pytest.raises(Invalid) as raised:
        other.open()
    assert said(raised) == (Invalid, "provision_unknown", {})
    assert hall.open() == 1


def test_questions_are_put_in_a_sitting_of_this_conference_only(session):
    hall = make_hall(session)
    others = [
        make_session(session, hall.conference),
        make_sitting(session, hall.conference, cancelled=True),
        make_hall(session).sitting,
    ]
    for other in others:
        with pytest.raises(Invalid) as raised:
            hall.open(sitting_id=other.id)
        assert said(raised) == (Invalid, "not_a_sitting", {})


def test_a_provision_is_voted_on_once_at_a_time(session):
    hall = make_hall(session)
    hall.open()
    with pytest.raises(Conflict) as raised:
        hall.open()
    assert said(raised) == (Conflict, "provision_being_voted_on", {"number": 1})


def test_an_adopted_text_is_not_voted_on_again_but_a_changed_one_is(session):
    hall = make_hall(session)
    hall.decide(us=[YES] * 3, mx=[YES] * 3)
    with pytest.raises(Conflict) as raised:
        hall.open()
    assert said(raised) == (Conflict, "provision_adopted", {"number": 1})
    text = session.scalars(
        select(models.ProvisionText).where(models.ProvisionText.body == "A coalition is formed.")
    ).one()
    text.body = "A wide coalition is formed."
    session.flush()
    assert hall.open() == 2


def test_a_rejected_text_may_be_put_again(session):
    hall = make_hall(session)
    hall.decide(us=[NO] * 3, mx=[NO] * 3)
    assert hall.open() == 2


@pytest.mark.parametrize(
    ("us_absent", "mx_absent", "opens"), [(1, 1, True), (2, 0, False), (0, 2, False), (2, 2, False)]
)
def test_more_than_half_of_the_seats_of_each_chamber_must_be_there(session, us_absent, mx_absent, opens):
    # Quorum counts seats: the votes of a large seat do not stand in for an absent one.
    hall = make_hall(session, us=(1, 1, 1, 9), mx=(1, 1, 1))
    make_hall(session)
    for delegate in [*hall.us[:us_absent], *hall.mx[:mx_absent]]:
        hall.leave(delegate)
    if opens:
        assert hall.open() == 1
        return
    with pytest.raises(Conflict) as raised:
        hall.open()
    figures = {"us_present": 4 - us_absent, "us_entitled": 4, "us_needed": 3}
    figures |= {"mx_present": 3 - mx_absent, "mx_entitled": 3, "mx_needed": 2}
    assert said(raised) == (Conflict, "not_quorate", figures)


def test_being_in_another_sitting_is_not_being_here(session):
    hall = make_hall(session)
    with pytest.raises(Conflict) as raised:
        hall.open(sitting_id=make_sitting(session, hall.conference).id)
    assert raised.value.code == "not_quorate"


def test_a_delegate_whose_credential_fell_makes_no_quorum(session):
    hall = make_hall(session, us=(1, 1))
    hall.credential(hall.us[0]).status = CredentialStatus.WITHDRAWN
    session.flush()
    with pytest.raises(Conflict) as raised:
        hall.open()
    assert (raised.value.code, raised.value.data["us_present"]) == ("not_quorate", 1)


# -- voting ------------------------------------------------------------------------------------


def test_a_receipt_says_what_was_recorded_and_names_no_person(session):
    hall = make_hall(session)
    number = hall.open()
    receipt = hall.cast(number, hall.mx[0], ABSTAIN, now=LATER)
    name = session.get_one(models.Organization, hall.mx[0].seat.organization_id).name
    assert (receipt.organization_name, receipt.chamber) == (name, Chamber.MX)
    assert (receipt.choices, receipt.cast_at) == ((ABSTAIN,), LATER)
    assert ballots(session, number) == [(1, ABSTAIN)]


@pytest.mark.parametrize(
    ("given", "recorded"),
    [([YES], [YES, YES, YES]), ([YES, NO, ABSTAIN], [YES, NO, ABSTAIN]), ([NO, NO, YES], [NO, NO, YES])],
)
def test_a_seat_of_three_votes_casts_three_ballots_and_may_split_them(session, given, recorded):
    hall = make_hall(session, us=(3, 1, 1))
    number = hall.open()
    hall.cast(number, hall.us[0], *given)
    assert ballots(session, number) == list(enumerate(recorded, start=1))


@pytest.mark.parametrize("given", [[], [YES, NO], [YES] * 4])
def test_votes_that_do_not_add_up_are_not_recorded(session, given):
    hall = make_hall(session, us=(3, 1, 1))
    number = hall.open()
    with pytest.raises(Invalid) as raised:
        hall.cast(number, hall.us[0], *given)
    assert said(raised) == (Invalid, "votes_do_not_add_up", {"votes": 3, "given": len(given)})
    assert ballots(session, number) == []


def test_the_second_ballot_of_a_seat_is_refused_and_the_first_stands(session):
    hall = make_hall(session, us=(2, 1, 1))
    number = hall.open()
    hall.cast(number, hall.us[0], YES, NO)
    session.commit()
    with pytest.raises(AlreadyVoted) as raised:
        hall.cast(number, hall.us[0], NO)
    session.rollback()
    assert said(raised) == (AlreadyVoted, "already_voted", {})
    assert ballots(session, number) == [(1, YES), (2, NO)]


def claim(hall: Hall, delegate: Delegate, *, by: Delegate) -> None:
    """Let a delegate's registration turn out to be another's: the address was proved by signing in."""
    credential = hall.credential(delegate)
    registration = hall.session.get_one(models.Registration, credential.registration_id)
    registration.account_id = by.account.id
    hall.session.flush()


def test_who_turns_out_to_hold_two_seats_votes_for_one_of_them(session):
    hall = make_hall(session)
    number = hall.open()
    one, two = hall.us[0], hall.mx[0]
    claim(hall, two, by=one)
    hall.cast(number, one, YES)
    # Still in the sitting for the second organization, no longer for the first.
    hall.leave(one)
    with pytest.raises(Forbidden) as raised:
        hall.cast(number, one, NO)
    assert said(raised) == (Forbidden, "voted_for_another_seat", {})
    assert ballots(session, number) == [(1, YES)]


def test_who_voted_before_the_second_seat_turned_out_to_be_theirs_does_not_vote_again(session):
    hall = make_hall(session)
    number = hall.open()
    earlier, later = hall.us[0], hall.mx[0]
    hall.cast(number, later, YES)
    claim(hall, earlier, by=later)
    with pytest.raises(Forbidden) as raised:
        hall.cast(number, later, NO)
    assert said(raised) == (Forbidden, "voted_for_another_seat", {})
    assert ballots(session, number) == [(1, YES)]


def test_a_vote_on_another_question_leaves_this_one_open_to_the_person(session):
    hall = make_hall(session)
    first = hall.open()
    second = hall.open("preamble")
    one, two = hall.us[0], hall.mx[0]
    claim(hall, two, by=one)
    hall.cast(first, one, YES)
    hall.leave(one)
    receipt = hall.cast(second, one, NO)
    assert (receipt.chamber, ballots(session, second)) == (Chamber.MX, [(1, NO)])


def test_no_ballot_for_a_question_that_does_not_exist_here(session):
    hall, other = make_hall(session), make_hall(session)
    number = other.open()
    with pytest.raises(NotFound) as raised:
        hall.cast(number, other.us[0], YES)
    assert said(raised) == (NotFound, "question_not_found", {})


def test_only_who_held_a_seat_at_the_opening_votes(session):
    hall, other = make_hall(session), make_hall(session)
    number = hall.open()
    late = Delegate(*make_delegate(session, hall.conference, present_in=hall.sitting))
    for stranger in (late, other.us[0], Delegate(hall.chair, hall.us[0].seat)):
        with pytest.raises(Forbidden) as raised:
            hall.cast(number, stranger, YES)
        assert said(raised) == (Forbidden, "not_an_elector", {})
    assert ballots(session, number) == []


def test_a_delegate_who_is_not_in_the_sitting_does_not_vote(session):
    hall = make_hall(session)
    number = hall.open()
    gone, back = hall.us[0], hall.us[1]
    for delegate in (gone, back):
        hall.leave(delegate)
    elsewhere = make_sitting(session, hall.conference)
    for delegate, sitting in ((gone, elsewhere), (back, hall.sitting)):
        session.add(
            models.Presence(
                session_id=sitting.id,
                seat_id=delegate.seat.id,
                credential_id=hall.credential(delegate).id,
                arrived_at=LATER,
            )
        )
    session.flush()
    with pytest.raises(Forbidden) as raised:
        hall.cast(number, gone, YES)
    assert said(raised) == (Forbidden, "not_present", {})
    assert hall.cast(number, back, YES).choices == (YES,)


def test_a_credential_that_fell_since_the_opening_no_longer_votes(session):
    hall = make_hall(session)
    number = hall.open()
    hall.credential(hall.us[0]).status = CredentialStatus.WITHDRAWN
    registration = session.get_one(models.Registration, hall.credential(hall.us[1]).registration_id)
    registration.status, registration.cancelled_at = RegistrationStatus.CANCELLED, NOW
    session.flush()
    for delegate in hall.us[:2]:
        with pytest.raises(Forbidden) as raised:
            hall.cast(number, delegate, YES)
        assert said(raised) == (Forbidden, "credential_not_accepted", {})


def test_a_closed_question_takes_no_ballot(session):
    hall = make_hall(session)
    number = hall.open()
    hall.close(number)
    with pytest.raises(Conflict) as raised:
        hall.cast(number, hall.us[0], YES)
    assert said(raised) == (Conflict, "question_closed", {})


# -- closing -----------------------------------------------------------------------------------

OUTCOMES = [
    # rule, votes of the U.S. chamber, votes of the Mexico chamber, outcome
    (Rule.SIMPLE, "yyn", "yyy", Outcome.ADOPTED),
    (Rule.SIMPLE, "yaa", "yna", Outcome.TIED),
    (Rule.SIMPLE, "ynn", "ynn", Outcome.REJECTED),
    (Rule.SIMPLE, "yyy", "ynn", Outcome.CHAMBERS_DISAGREE),
    (Rule.SIMPLE, "nnn", "yyy", Outcome.CHAMBERS_DISAGREE),
    (Rule.SIMPLE, "y--", "y--", Outcome.ADOPTED),
    (Rule.SIMPLE, "---", "---", Outcome.TIED),
    (Rule.SIMPLE, "yn-", "nny", Outcome.REJECTED),
    (Rule.TWO_THIRDS, "yyn", "yya", Outcome.ADOPTED),
    # One more yes would have made two thirds of three.
    (Rule.TWO_THIRDS, "yna", "yyy", Outcome.TIED),
    (Rule.TWO_THIRDS, "ynn", "yyy", Outcome.CHAMBERS_DISAGREE),
    (Rule.TWO_THIRDS, "aaa", "yyy", Outcome.TIED),
    (Rule.THREE_QUARTERS, "yyn", "yyy", Outcome.CHAMBERS_DISAGREE),
    (Rule.THREE_QUARTERS, "yy-", "yyy", Outcome.ADOPTED),
    (Rule.PRESENT, "yya", "yy-", Outcome.ADOPTED),
    (Rule.PRESENT, "yaa", "yyy", Outcome.CHAMBERS_DISAGREE),
    (Rule.ABSOLUTE, "yy-", "yyn", Outcome.ADOPTED),
    (Rule.ABSOLUTE, "y--", "y--", Outcome.REJECTED),
    (Rule.CONSENSUS, "yaa", "y--", Outcome.ADOPTED),
    (Rule.CONSENSUS, "yyn", "yyy", Outcome.CHAMBERS_DISAGREE),
]
CHOICES = {"y": YES, "n": NO, "a": ABSTAIN}


@pytest.mark.parametrize(("rule", "us", "mx", "outcome"), OUTCOMES)
def test_each_chamber_decides_by_the_rule_of_the_question(session, rule, us, mx, outcome):
    hall = make_hall(session)
    number = hall.open(rule=rule)
    for delegates, votes in ((hall.us, us), (hall.mx, mx)):
        for delegate, vote in zip(delegates, votes, strict=True):
            if vote != "-":
                hall.cast(number, delegate, CHOICES[vote])

    assert hall.close(number, now=LATER) is outcome

    question = hall.question(number)
    assert (question.state, question.outcome) == (QuestionState.CLOSED, outcome)
    assert (question.closed_at, question.closed_by_id) == (LATER, hall.chair.id)
    published = session.scalars(select(models.Resolution)).all()
    assert len(published) == (outcome is Outcome.ADOPTED)


def test_without_quorum_at_the_closing_nothing_is_decided(session):
    hall = make_hall(session)
    number = hall.open()
    hall.vote(number, us=[YES] * 3, mx=[YES] * 3)
    hall.leave(hall.mx[0])
    hall.leave(hall.mx[1])
    assert hall.close(number) is Outcome.INQUORATE
    count = record_from_json(hall.question(number).record)[Chamber.MX].count
    assert (count.yes, count.present_seats_at_opening, count.present_seats_at_closing) == (3, 3, 1)


def test_the_record_keeps_counts_presence_and_arithmetic(session):
    hall = make_hall(session, us=(2, 1, 1), mx=(1, 1, 1))
    number = hall.open(rule=Rule.TWO_THIRDS)
    hall.cast(number, hall.us[0], NO, NO)
    hall.cast(number, hall.us[1], ABSTAIN)
    hall.vote(number, us=[], mx=[YES, YES, NO])
    hall.leave(hall.us[1])
    hall.close(number)

    record = hall.question(number).record

    assert record["us"] == {
        "count": {
            "yes": 0,
            "no": 2,
            "abstain": 1,
            # Who abstained and left was present for the vote.
            "present_votes": 4,
            "entitled_votes": 4,
            "entitled_seats": 3,
            "present_seats_at_opening": 3,
            "present_seats_at_closing": 2,
        },
        "decision": {
            "passed": False,
            "quorate": True,
            "tied": False,
            "arithmetic": {
                "rule": "two_thirds",
                "votes_for": 0,
                "votes_against": 2,
                "base": 2,
                "measured_by": "cast",
                "needed": 2,
            },
        },
        "quorum": 2,
        "by_proxy": 0,
    }
    assert record["mx"]["decision"]["arithmetic"]["needed"] == 2
    assert record["mx"]["decision"]["passed"] is True


def test_a_seat_added_or_changed_after_the_opening_changes_nothing(session):
    hall = make_hall(session)
    number = hall.open(rule=Rule.ABSOLUTE)
    hall.us[0].seat.votes = 9
    session.get_one(models.Organization, hall.us[0].seat.organization_id).name = "Otro nombre"
    for _ in range(6):
        make_delegate(session, hall.conference, present_in=hall.sitting)
    session.flush()
    hall.vote(number, us=[YES, YES], mx=[YES, YES])
    assert hall.close(number) is Outcome.ADOPTED
    count = record_from_json(hall.question(number).record)[Chamber.US].count
    assert (count.yes, count.entitled_votes, count.entitled_seats) == (2, 3, 3)
    names = session.scalars(select(models.Elector.organization_name)).all()
    assert "Otro nombre" not in names


def test_the_text_that_was_put_is_the_text_that_is_adopted(session):
    hall = make_hall(session)
    number = hall.open()
    for text in session.scalars(select(models.ProvisionText)):
        text.body = "Another text altogether."
    session.flush()
    hall.vote(number, us=[YES] * 3, mx=[YES] * 3)
    hall.close(number, now=LATER)

    resolution = session.scalars(select(models.Resolution)).one()

    question = hall.question(number)
    assert (resolution.number, resolution.question_id) == (1, question.id)
    assert resolution.texts["es"] == {"heading": "", "body": "Se forma una coalición."}
    assert (resolution.texts, resolution.text_hash) == (question.texts, question.text_hash)
    assert (resolution.binding_status, resolution.adopted_at) == (BindingStatus.RECOMMENDATION, LATER)


def test_resolutions_are_numbered_in_the_order_of_adoption(session):
    hall, other = make_hall(session), make_hall(session)
    other.decide(us=[YES] * 3, mx=[YES] * 3)
    first = hall.open()
    second = hall.open("preamble")
    for number in (first, second):
        hall.vote(number, us=[YES] * 3, mx=[YES] * 3)
    hall.close(second)
    hall.close(first)
    rows = session.execute(
        select(models.Resolution.number, models.Question.number)
        .join(models.Question, models.Question.id == models.Resolution.question_id)
        .where(models.Resolution.conference_id == hall.conference.id)
        .order_by(models.Resolution.number)
    )
    assert [tuple(row) for row in rows] == [(1, second), (2, first)]


def test_a_question_is_closed_once(session):
    hall = make_hall(session)
    number = hall.decide(us=[YES] * 3, mx=[YES] * 3)
    with pytest.raises(Conflict) as raised:
        hall.close(number)
    assert said(raised) == (Conflict, "question_closed", {})
    with pytest.raises(NotFound) as raised:
        hall.close(99)
    assert said(raised) == (NotFound, "question_not_found", {})
    assert len(session.scalars(select(models.Resolution)).all()) == 1


# -- the database's work -----------------------------------------------------------------------


@pytest.mark.parametrize("seats", [3, 30])
def test_the_same_statements_whatever_the_number_of_seats(session, count_queries, seats):
    hall = make_hall(session, us=[2] * seats, mx=[1] * seats)
    with count_queries() as opening:
        number = hall.open()
    with count_queries() as casting:
        hall.cast(number, hall.us[0], YES, NO)
    hall.vote(number, us=[], mx=[YES])
    with count_queries() as closing:
        assert hall.close(number) is Outcome.TIED
    assert (len(opening), len(casting), len(closing)) == (14, 2, 8)
