"""The directory's pages: organizations and nothing but organizations, for everybody."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup

from agreements import Chamber, Choice
from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import OrganizationKind, OrganizationStatus
from tests.factories import (
    grant,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
    make_session,
    make_sitting,
)
from tests.services.test_directory import join, put_question

HTMX = {"HX-Request": "true"}
# Everything that the factories give people and venues begins with one of these.
PRIVATE = ("Nombre Reservado", "secreta-", "Salón Secreto", "Calle Reservada")


def leaks(response):
    return [words for words in PRIVATE if words in response.text]


def test_the_list_tells_sides_seats_and_votes_apart(client, session):
    conference = make_conference(session)
    seated = make_organization(session, conference, name="Club Yalálag", place="Auburn, Washington")
    make_seat(session, conference, organization=seated, votes=2)
    make_organization(
        session, conference, name="Oficina", side=Chamber.MX, kind=OrganizationKind.GOVERNMENT_STATE
    )

    text = client.get(f"/en/{conference.slug}/organizations").text

    assert text.index("United States side</h2>") < text.index("Club Yalálag")
    assert text.index("Seat with 2 votes") < text.index("Mexico side</h2>") < text.index("Voice, no vote")
    assert "Hometown association · Auburn, Washington" in text
    assert "2 organizations" in text


def test_a_search_is_answered_whole_or_as_the_list_alone(client, session):
    conference = make_conference(session)
    make_organization(session, conference, name="Club Yalálag")
    make_organization(session, conference, name="Club Tlaxiaco")
    address = f"/en/{conference.slug}/organizations?q=yalalag&side=us&kind=hta"

    whole, part = client.get(address), client.get(address, headers=HTMX)

    for response in (whole, part):
        assert "Club Yalálag" in response.text
        assert "Club Tlaxiaco" not in response.text
    assert 'value="yalalag"' in whole.text
    assert ("<form" in part.text, "HX-Request" in part.headers["Vary"]) == (False, True)


@pytest.mark.parametrize("query", ["", "side=moon&kind=people", "kind=hta'--&q=++"])
def test_a_filter_that_does_not_exist_filters_nothing(client, session, query):
    conference = make_conference(session)
    make_organization(session, conference, name="Club Yalálag")

    response = client.get(f"/en/{conference.slug}/organizations?{query}")

    assert (response.status_code, "Club Yalálag" in response.text) == (200, True)
    assert "error" not in response.text.split("<main")[1].split("</main>")[0]


def test_an_empty_list_says_why(client, session):
    conference = make_conference(session)
    address = f"/en/{conference.slug}/organizations"

    assert "No organization is listed yet" in client.get(address).text
    assert "Nothing found" in client.get(f"{address}?q=nowhere").text


def test_a_page_shows_what_the_organization_says_of_itself(client, session):
    conference = make_conference(session)
    club = make_organization(
        session,
        conference,
        languages=["spa", "mix", "zab", "qqq"],
        description={"es": "Bailamos <b>la pluma</b>."},
        website="https://example.org/club",
        status=OrganizationStatus.DORMANT,
    )

    spanish = client.get(f"/es/{conference.slug}/organizations/{club.key}").text
    english = client.get(f"/en/{conference.slug}/organizations/{club.key}").text

    assert "Spanish · Mixtec of San Juan Mixtepec · Zapotec of the western Tlacolula Valley · qqq" in english
    assert "español · " in spanish
    assert '<span lang="es">Bailamos &lt;b&gt;la pluma&lt;/b&gt;.</span>' in english
    assert "only in Spanish" in english
    assert '<a href="https://example.org/club" rel="noopener nofollow external">' in english
    assert "Dormant" in english


@pytest.mark.parametrize("website", ["javascript:alert(1)", "data:text/html,x", "example.org", ""])
def test_a_website_that_is_none_is_not_shown(client, session, website):
    conference = make_conference(session)
    club = make_organization(session, conference, website=website)

    text = client.get(f"/en/{conference.slug}/organizations/{club.key}").text

    assert (f'href="{website}"' in text, "Website" in text) == (False, False)


def test_the_federations_are_nested_lists_that_link_on(client, session):
    conference = make_conference(session)
    club, federation, top = (make_organization(session, conference, name=n) for n in ("Club", "Fed", "Top"))
    join(session, federation, club)
    join(session, top, federation)
    join(session, club, top)

    text = client.get(f"/en/{conference.slug}/organizations/{top.key}").text

    members = text[text.index("Members</h2>") :]
    assert members.index(f"organizations/{federation.key}") < members.index(f"organizations/{club.key}")
    assert "continues on its own page" in members


def test_its_sessions_and_its_votes_stand_on_its_page(client, session):
    conference = make_conference(session)
    _, seat = make_delegate(session, conference, present_in=make_sitting(session, conference))
    club = session.get_one(models.Organization, seat.organization_id)
    chaired = make_session(session, conference, title={"es": "Mesa del agua", "en": "Water table"})
    session.add(models.CoChair(session_id=chaired.id, organization_id=club.id, position=1))
    put_question(session, conference, seat, number=7, choices=[Choice.YES, Choice.YES, Choice.NO])

    response = client.get(f"/en/{conference.slug}/organizations/{club.key}")

    assert "Water table" in response.text
    assert "Question 7" in response.text
    assert "Yes × 2" in response.text
    assert leaks(response) == []


def test_no_page_of_the_directory_names_a_person(client, session):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    _, seat = make_delegate(session, conference, present_in=sitting)
    club = session.get_one(models.Organization, seat.organization_id)
    grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    make_registration(
        session, conference, organization_id=club.id, contact_email="secreta-contacto@example.org"
    )
    base = f"/en/{conference.slug}/organizations"

    answers = [
        client.get(address, headers=headers)
        for address in (base, f"{base}?q=Reservado", f"{base}?q=secreta", f"{base}/{club.key}")
        for headers in ({}, HTMX)
    ]

    assert [leaks(answer) for answer in answers] == [[]] * 8
    assert ["Nothing found" in answer.text for answer in answers] == [False] * 2 + [True] * 4 + [False] * 2


def test_an_organization_that_does_not_take_part_has_no_page(client, session):
    conference = make_conference(session)
    elsewhere = make_organization(session, make_conference(session), name="Club de Otra Parte")

    response = client.get(f"/en/{conference.slug}/organizations/{elsewhere.key}")

    assert (response.status_code, "Club de Otra Parte" in response.text) == (404, False)


def test_no_page_for_everybody_tells_by_which_number_the_log_calls_an_organization(client, session):
    conference = make_conference(session, first_day=date(2099, 7, 11))
    row = make_organization(session, conference, id=987654, key="club-propio", name="Club Propio")
    member = make_organization(session, conference, id=987653, key="club-socio")
    session.add(models.FederationMembership(parent_id=row.id, member_id=member.id))
    seat = make_seat(session, conference, organization=row)
    pages = (
        *("register", "organizations", "organizations/club-propio", "federations", "accreditations"),
        *("open-data", "organizations.csv", "organizations.json"),
    )

    for place in pages:
        text = client.get(f"/en/{conference.slug}/{place}").text
        assert [number for number in (row.id, member.id) if str(number) in text] == [], place

    options = BeautifulSoup(client.get(f"/en/{conference.slug}/register").text, "html5lib")
    values = [option["value"] for option in options.select("#organization option")]
    assert (values, seat.organization_id) == (["", "club-propio", "club-socio"], row.id)
