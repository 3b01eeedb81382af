"""A question on its pages: the chair opens it, delegates vote once, everybody reads the result."""

from __future__ import annotations

import re

import pytest

from agreements import Choice, Outcome, Rule
from conference import models
from conference.domain.accounts import Role
from conference.domain.credentials import CredentialStatus
from tests.factories import grant, make_conference, sign_in
from tests.halls import CLAUSE, make_hall

HTMX = {"HX-Request": "true"}
PRIVATE = ("Nombre Reservado", "secreta-", "Salón Secreto", "Calle Reservada")
YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN


@pytest.fixture
def hall(session):
    return make_hall(session, us=(3, 1, 1), mx=(1, 1, 1))


def address(hall, number=None, part="", language="en"):
    tail = "" if number is None else f"/{number}"
    return f"/{language}/{hall.slug}/votes{tail}{part}"


def opening(hall, **values):
    return {"sitting": str(hall.sitting.id), "provision": CLAUSE, "rule": "simple"} | values


def token(client, where):
    """The token that the forms of a page carry; none for who is not signed in."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(where).text)
    return {"csrf_token": found[1]} if found else {}


def send(client, where, data=None, **options):
    """Post a form as its page would."""
    carried = token(client, where.split("/votes")[0] + "/votes")
    return client.post(where, data=carried | (data or {}), **options)


def ballots(session):
    rows = session.query(models.Ballot).order_by(models.Ballot.elector_id, models.Ballot.unit)
    return [row.choice for row in rows]


# -- opening -----------------------------------------------------------------------------------


def test_the_chair_puts_a_clause_to_the_vote(client, session, hall):
    sign_in(client, hall.chair)
    form = client.get(address(hall)).text
    assert '<option selected value="simple">Simple majority</option>' in form
    assert '<optgroup label="Article 1: Purpose">' in form
    disabled = form.split('<option disabled value="only-spanish">')[1]
    assert disabled.startswith("Clause 1.2: Falta la traducción. – The text in English is missing.")

    answer = send(client, address(hall), data=opening(hall, rule="two_thirds"))

    assert (answer.status_code, answer.location) == (303, address(hall, 1))
    question = session.query(models.Question).one()
    assert (question.provision_key, question.rule, question.opened_by_id) == (
        CLAUSE,
        Rule.TWO_THIRDS,
        hall.chair.id,
    )
    assert "Question 1 is open." in client.get(answer.location).text


def test_only_the_chair_is_offered_the_form_and_may_use_it(new_client, session, hall):
    people = [hall.us[0].account, grant(session, hall.conference, Role.ORGANIZER), None]
    for person in people:
        client = new_client()
        if person:
            sign_in(client, person)
        assert "Put a question to the vote" not in client.get(address(hall)).text
        assert send(client, address(hall), data=opening(hall)).status_code == 403
    assert session.query(models.Question).count() == 0


@pytest.mark.parametrize(
    ("values", "answered"),
    [
        ({"provision": ""}, (422, "Choose the text.")),
        ({"provision": "only-spanish"}, (409, "The text in English is missing. It can be put to the vote")),
        ({"provision": "elsewhere"}, (422, "Not a valid choice")),
        ({"rule": "dice"}, (422, "Not a valid choice")),
    ],
)
def test_what_cannot_be_opened_comes_back_with_the_reason(client, session, hall, values, answered):
    sign_in(client, hall.chair)
    status, words = answered
    for headers in ({}, HTMX):
        answer = send(client, address(hall), data=opening(hall, **values), headers=headers)
        assert (answer.status_code, words in answer.text) == (status, True)
        assert "Put a question to the vote" in answer.text
    assert session.query(models.Question).count() == 0


def test_without_quorum_the_chair_is_told_the_figures(client, session, hall):
    hall.leave(hall.mx[0])
    hall.leave(hall.mx[1])
    sign_in(client, hall.chair)
    answer = send(client, address(hall), data=opening(hall))
    assert answer.status_code == 409
    assert "Mexico chamber: 1 of 3 seats are here, 2 are needed." in answer.text


def test_the_form_waits_for_an_agreement_and_a_sitting(client, session):
    conference = make_conference(session)
    sign_in(client, grant(session, conference, Role.CHAIR))
    page = f"/en/{conference.slug}/votes"
    assert "Nothing to vote on yet" in client.get(page).text
    assert send(client, page, data={"provision": CLAUSE}).status_code == 422


# -- voting ------------------------------------------------------------------------------------


def test_a_delegate_votes_and_gets_a_receipt(client, session, hall):
    number = hall.open()
    sign_in(client, hall.us[1].account)
    page = client.get(address(hall, number)).text
    assert ("Your ballot" in page, 'value="split"' in page) == (True, False)

    answer = send(client, address(hall, number, "/ballot"), data={"choice": "no"})

    assert (answer.status_code, answer.location) == (303, address(hall, number) + "#ballot")
    assert ballots(session) == [NO]
    receipt = client.get(address(hall, number)).text
    assert "Your vote was recorded" in receipt
    assert "<strong>No</strong>" in receipt
    assert "Your ballot" not in receipt


def test_with_htmx_the_receipt_takes_the_place_of_the_ballot(client, session, hall):
    number = hall.open()
    sign_in(client, hall.us[1].account)
    answer = send(client, address(hall, number, "/ballot"), data={"choice": "yes"}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "tally-changed")
    assert "Your vote was recorded" in answer.text
    assert "<html" not in answer.text
    assert "United States chamber" not in answer.text


@pytest.mark.parametrize(
    ("data", "recorded"),
    [
        ({"choice": "abstain"}, [ABSTAIN] * 3),
        ({"choice": "split", "yes": "2", "no": "1"}, [YES, YES, NO]),
        ({"choice": "split", "no": "1", "abstain": "2"}, [NO, ABSTAIN, ABSTAIN]),
    ],
)
def test_a_seat_of_several_votes_gives_them_all_alike_or_splits_them(client, session, hall, data, recorded):
    number = hall.open()
    sign_in(client, hall.us[0].account)
    assert "3 votes" in client.get(address(hall, number)).text
    assert send(client, address(hall, number, "/ballot"), data=data).status_code == 303
    assert ballots(session) == recorded


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose one of the answers."),
        ({"choice": "perhaps"}, "Not a valid choice"),
        # It says two things at once; a ballot is final, so nobody guesses which was meant.
        ({"choice": "yes", "no": "3"}, "You wrote numbers of votes."),
        ({"choice": "split"}, "Your seat has 3 votes, and you gave 0."),
        ({"choice": "split", "yes": "2"}, "Your seat has 3 votes, and you gave 2."),
        ({"choice": "split", "yes": "4", "no": "-1"}, "Write a whole number, zero or more."),
        ({"choice": "split", "yes": "many"}, "Not a valid integer value"),
    ],
)
def test_a_ballot_that_does_not_add_up_comes_back_to_be_corrected(client, session, hall, data, words):
    number = hall.open()
    sign_in(client, hall.us[0].account)
    for headers in ({}, HTMX):
        answer = send(client, address(hall, number, "/ballot"), data=data, headers=headers)
        assert (answer.status_code, words in answer.text, "Your ballot" in answer.text) == (422, True, True)
    assert ballots(session) == []


def test_the_second_ballot_is_refused_and_shows_the_first(client, session, hall):
    number = hall.open()
    sign_in(client, hall.us[1].account)
    send(client, address(hall, number, "/ballot"), data={"choice": "yes"})
    for headers in ({}, HTMX):
        answer = send(client, address(hall, number, "/ballot"), data={"choice": "no"}, headers=headers)
        assert answer.status_code == 409
        assert "The vote of your organization was recorded already, and stands." in answer.text
        assert "<strong>Yes</strong>" in answer.text
    assert ballots(session) == [YES]


def test_who_cannot_vote_is_kindly_told_why(new_client, session, hall):
    number = hall.open()
    hall.leave(hall.us[0])
    hall.credential(hall.us[1]).status = CredentialStatus.WITHDRAWN
    session.flush()
    told = {
        hall.us[0].account: "You are not in the hall yet",
        hall.us[1].account: "Your accreditation is no longer in force",
        hall.chair: "You can follow this vote here",
        grant(session, hall.conference, Role.OFFICIAL): "You can follow this vote here",
    }
    for person, words in told.items():
        client = new_client()
        sign_in(client, person)
        page = client.get(address(hall, number)).text
        assert (words in page, "Your ballot" in page) == (True, False)
    assert "Sign in to vote." in new_client().get(address(hall, number)).text


def test_an_absent_delegate_is_refused_with_the_reason(client, session, hall):
    number = hall.open()
    hall.leave(hall.us[1])
    sign_in(client, hall.us[1].account)
    answer = send(client, address(hall, number, "/ballot"), data={"choice": "yes"})
    assert answer.status_code == 403
    assert "You are not checked in to this sitting." in answer.text
    assert ballots(session) == []


def test_a_ballot_that_comes_too_late_is_refused_with_the_reason(client, session, hall):
    number = hall.open()
    hall.close(number)
    sign_in(client, hall.us[1].account)
    answer = send(client, address(hall, number, "/ballot"), data={"choice": "yes"}, headers=HTMX)
    assert (answer.status_code, "This question is closed" in answer.text) == (409, True)
    assert send(client, address(hall, 99, "/ballot"), data={"choice": "yes"}).status_code == 404


def test_people_without_a_seat_cannot_post_a_ballot(new_client, session, hall):
    number = hall.open()
    other = make_hall(session)
    for person in (hall.chair, other.us[0].account):
        client = new_client()
        sign_in(client, person)
        assert send(client, address(hall, number, "/ballot"), data={"choice": "yes"}).status_code == 403
    assert ballots(session) == []


# -- following ---------------------------------------------------------------------------------


def test_while_it_is_open_the_page_shows_turnout_and_nobodys_vote(client, session, hall):
    number = hall.open()
    hall.cast(number, hall.us[0], YES, YES, NO)
    hall.cast(number, hall.mx[0], NO)
    names = [row.organization_name for row in session.query(models.Elector)]
    page = client.get(address(hall, number)).text
    assert "3 of 5" in page
    assert "1 of 3" in page
    assert [name for name in names if name in page] == []
    assert "Roll call</h3>" not in page
    assert [words for words in PRIVATE if words in page] == []


def test_the_poll_is_answered_204_until_something_is_new(client, session, hall):
    number = hall.open()
    first = client.get(address(hall, number, "/live"), headers=HTMX)
    version = first.text.split("version=")[1].split('"')[0]
    current = address(hall, number, f"/live?version={version}")
    assert client.get(current, headers=HTMX).status_code == 204

    hall.cast(number, hall.us[1], YES)

    changed = client.get(current, headers=HTMX)
    assert (changed.status_code, "1 of 5" in changed.text) == (200, True)
    assert ("<form" in changed.text, "<html" in changed.text) == (False, False)
    hall.close(number)
    assert client.get(current, headers=HTMX).headers["HX-Refresh"] == "true"
    assert client.get(current).location == address(hall, number)
    assert client.get(address(hall, 99, "/live"), headers=HTMX).status_code == 404


# -- closing -----------------------------------------------------------------------------------


def test_the_chair_closes_and_everybody_reads_the_result(client, new_client, session, hall):
    number = hall.open(rule=Rule.TWO_THIRDS)
    hall.cast(number, hall.us[0], YES, YES, NO)
    hall.vote(number, us=[], mx=[YES, YES, ABSTAIN])
    hall.cast(number, hall.us[1], YES)
    sign_in(client, hall.chair)
    assert "Close the vote and count" in client.get(address(hall, number)).text

    answer = send(client, address(hall, number, "/close"))

    assert (answer.status_code, answer.location) == (303, address(hall, number))
    assert hall.question(number).outcome is Outcome.ADOPTED
    page = new_client().get(address(hall, number)).text
    for words in (
        "Both chambers passed it, so it is adopted.",
        "3 of 4 votes cast; two-thirds needs 3.",
        "2 of 2 votes cast; two-thirds needs 2.",
        "3 of 3 seats at opening, 3 at closing; quorum is 2.",
        "2 yes, 1 no",
        "Did not vote",
        "Read resolution 1",
    ):
        assert words in page
    assert [words for words in PRIVATE if words in page] == []
    assert "Close the vote" not in page


def test_only_the_chair_closes(new_client, session, hall):
    number = hall.open()
    for person in (hall.us[0].account, grant(session, hall.conference, Role.SECRETARIAT)):
        client = new_client()
        sign_in(client, person)
        assert "Close the vote" not in client.get(address(hall, number)).text
        assert send(client, address(hall, number, "/close")).status_code == 403
    chair = new_client()
    sign_in(chair, hall.chair)
    assert send(chair, address(hall, number, "/close")).status_code == 303
    assert send(chair, address(hall, number, "/close")).status_code == 409


def test_the_list_has_open_questions_first_and_every_outcome(client, session, hall):
    hall.decide(us=[NO] * 3, mx=[NO] * 3)
    hall.open()
    hall.decide("preamble", us=[YES] * 3, mx=[YES] * 3)
    page = client.get(address(hall)).text
    order = [page.index(words) for words in ("Question 2", "Voting is open", "Question 3", "Question 1")]
    assert order == sorted(order)
    assert ("Adopted" in page, "Rejected" in page, "Resolution 1" in page) == (True, True, True)


def test_an_unknown_question_is_a_friendly_404(client, session, hall):
    answer = client.get(address(hall, 7))
    assert (answer.status_code, "There is no question with this number." in answer.text) == (404, True)


def test_questions_of_another_conference_are_not_listed(client, session, hall):
    make_hall(session).decide(us=[YES] * 3, mx=[YES] * 3)
    assert "Question 1" not in client.get(address(hall)).text
    assert client.get(address(hall, 1)).status_code == 404


@pytest.mark.parametrize("count", [1, 3, 30])
def test_pages_take_the_same_statements_however_much_there_is(client, session, count_queries, count):
    hall = make_hall(session, us=[1] * count, mx=[1] * count)
    closed = [hall.decide(us=[NO] * count, mx=[NO] * count) for _ in range(min(count, 5))]
    number = hall.open()
    sign_in(client, hall.us[0].account)
    client.get(address(hall))
    counted = {}
    for page in (address(hall), address(hall, number), address(hall, closed[0])):
        with count_queries() as statements:
            client.get(page)
        counted[page] = len(statements)
    with count_queries() as statements:
        client.get(address(hall, number, "/live"), headers=HTMX)
    # The conference and who asks are the first two.
    assert list(counted.values()) == [2 + 1, 2 + 3, 2 + 3]
    assert len(statements) == 2 + 2
    ballot = {"choice": "yes"} | token(client, address(hall))
    with count_queries() as casting:
        client.post(address(hall, number, "/ballot"), data=ballot, headers=HTMX)
    assert len(casting) == 2 + 2


def test_the_exact_text_stands_there_in_both_languages_the_readers_first(client, session, hall):
    number = hall.open()
    for language, first, second in (("es", "Se forma", "A coalition"), ("en", "A coalition", "Se forma")):
        text = client.get(address(hall, number, language=language)).text.split('id="words"')[1]
        assert 0 < text.index(first) < text.index(second)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_seat_of_one_vote_is_never_offered_to_split_it(client, session, hall, headers):
    number = hall.open()
    sign_in(client, hall.mx[0].account)
    answer = send(client, address(hall, number, "/ballot"), data={}, headers=headers)
    assert (answer.status_code, 'value="split"' in answer.text) == (422, False)
