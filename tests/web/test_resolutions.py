"""Resolutions are public, permanent, and carry the record of their vote: organizations, never people."""

from __future__ import annotations

import pytest

from agreements import Choice, Rule
from conference import models
from tests.factories import make_conference, sign_in
from tests.halls import CLAUSE, make_hall

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN
PRIVATE = ("Nombre Reservado", "secreta-", "Salón Secreto", "Calle Reservada")


@pytest.fixture
def hall(session):
    hall = make_hall(session)
    hall.decide(us=[YES, YES, NO], mx=[YES, YES], rule=Rule.TWO_THIRDS)
    return hall


def page_of(client, hall, path="", language="en", **headers):
    return client.get(f"/{language}/{hall.slug}/resolutions{path}", headers=headers)


def test_strangers_read_text_status_record_and_address(client, session, hall):
    answer = page_of(client, hall, "/1")
    row = session.query(models.Resolution).one()
    for words in (
        "Resolution 1",
        "Se forma una coalición.",
        "A coalition is formed.",
        "Recommendation",
        "The texts in all languages are equally authentic.",
        "2 of 3 votes cast; two-thirds needs 2.",
        "2 of 2 votes cast; two-thirds needs 2.",
        "3 of 3 seats at opening, 3 at closing; quorum is 2.",
        "Did not vote",
        row.text_hash,
        f"<code>http://localhost/en/{hall.slug}/resolutions/1</code>",
        f'href="/en/{hall.slug}/votes/1"',
    ):
        assert words in answer.text
    assert answer.status_code == 200


def test_the_roll_call_names_organizations_and_no_person(client, session, hall):
    text = page_of(client, hall, "/1").text
    names = [row.organization_name for row in session.query(models.Elector)]
    assert [name for name in names if name not in text] == []
    assert [words for words in PRIVATE if words in text] == []


def test_a_resolution_stays_as_it_was_adopted(client, session, hall):
    before = page_of(client, hall, "/1").text
    for delegate in hall.us:
        session.get_one(models.Organization, delegate.seat.organization_id).name = "Nombre nuevo"
        delegate.seat.votes = 7
    session.query(models.ProvisionText).update({"body": "Otro texto"})
    session.flush()
    assert page_of(client, hall, "/1").text == before


def test_who_has_it_already_is_not_sent_it_again(client, new_client, session, hall, count_queries):
    first = page_of(client, hall, "/1")
    etag = first.headers["ETag"]
    with count_queries() as statements:
        again = page_of(client, hall, "/1", **{"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert len(statements) == 2
    assert page_of(client, hall, "/1", "es").headers["ETag"] != etag
    member = new_client()
    sign_in(member, hall.chair)
    signed_in = page_of(member, hall, "/1", **{"If-None-Match": etag})
    assert (signed_in.status_code, "ETag" in signed_in.headers) == (200, False)


def test_the_list_is_in_the_order_of_the_numbers(client, session, hall):
    hall.decide("preamble", us=[YES] * 3, mx=[YES] * 3)
    make_hall(session).decide(us=[YES] * 3, mx=[YES] * 3)
    text = page_of(client, hall).text
    assert 0 < text.index("Resolution 1") < text.index("Resolution 2")
    assert text.count("/resolutions/1") == text.count("/resolutions/2") == 1


def test_before_the_first_one_the_list_is_friendly(client, session):
    conference = make_conference(session)
    text = client.get(f"/en/{conference.slug}/resolutions").text
    assert "Nothing has been adopted yet" in text


def test_an_unknown_number_is_a_friendly_404(client, session, hall):
    other = make_hall(session)
    for of in (page_of(client, hall, "/2"), page_of(client, other, "/1")):
        assert (of.status_code, "There is no resolution with this number." in of.text) == (404, True)


def test_what_was_not_adopted_is_no_resolution(client, session, hall):
    hall.decide("preamble", us=[YES] * 3, mx=[NO] * 3)
    assert page_of(client, hall, "/2").status_code == 404


@pytest.mark.parametrize("seats", [3, 30])
def test_the_same_statements_whatever_the_number_of_seats(client, session, count_queries, seats):
    hall = make_hall(session, us=[2] * seats, mx=[1] * seats)
    hall.decide(CLAUSE, us=[YES] * seats, mx=[YES] * seats)
    for path, expected in (("", 2), ("/1", 4)):
        with count_queries() as statements:
            page_of(client, hall, path)
        assert len(statements) == expected
