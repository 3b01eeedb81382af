"""What exists in another language only is shown in it, and says so, wherever a conference speaks."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from conference.domain.accounts import Role
from conference.domain.registration import Category, Purpose
from conference.services.registration import register
from conference.web.keys import key_for
from tests.factories import NOW, grant, make_conference, make_sitting, sign_in
from tests.moments import today

if TYPE_CHECKING:
    from bs4 import Tag
    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient

NAME = "Encuentro de los pueblos"


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference of today that speaks Spanish only."""
    return make_conference(
        session,
        slug="muestra",
        languages=["es"],
        first_day=today(),
        time_zone="UTC",
        name={"es": NAME},
        tagline={"es": "Dos orillas"},
        about={"es": "Quiénes *somos*."},
        city={"es": "Villa Reservada"},
    )


def main(client: CheckedClient, address: str) -> Tag:
    """What a page says in its main part."""
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser").main


def said(tag: Tag) -> tuple[str, str, str]:
    """The text of the other language, that language's code, and the visible mark beside it."""
    words, mark = tag.select_one("[lang]"), tag.select_one(".only-in")
    return words.get_text(strip=True), words["lang"], mark.get_text(strip=True)


@pytest.mark.usefixtures("conference")
def test_the_front_page_says_what_is_only_in_spanish(client: CheckedClient) -> None:
    page = main(client, "/en/muestra/")
    assert said(page.h1) == (NAME, "es", "only in Spanish")
    assert said(page.select_one(".lead")) == ("Dos orillas", "es", "only in Spanish")
    about = page.select_one(".prose")
    assert (about.get_text(strip=True), about["lang"]) == ("Quiénessomos.", "es")
    assert about.find_previous_sibling("p").get_text(strip=True) == "only in Spanish"
    # Name, tagline, city, and the text about it: nothing else is marked.
    assert len(page.select(".only-in")) == 4


@pytest.mark.usefixtures("conference")
def test_what_is_in_the_language_of_the_page_is_not_marked(client: CheckedClient) -> None:
    page = main(client, "/es/muestra/")
    assert page.select(".only-in") == []
    assert {tag["lang"] for tag in page.select("[lang]")} == {"es"}


def test_an_absent_tagline_and_text_leave_no_mark(client: CheckedClient, session: Session) -> None:
    make_conference(session, slug="muestra", tagline={}, about={})
    page = main(client, "/en/muestra/")
    assert (page.select(".lead"), page.select(".prose"), page.select(".only-in")) == ([], [], [])


@pytest.mark.usefixtures("conference")
def test_the_name_on_top_of_every_page_tells_its_language(client: CheckedClient) -> None:
    brand = BeautifulSoup(client.get("/en/muestra/program").text, "html.parser").select_one(".brand [lang]")
    assert (brand.get_text(strip=True), brand["lang"]) == (NAME, "es")


def test_a_ticket_says_that_name_and_place_are_only_in_spanish(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    with app.app_context():
        ticket = register(
            session,
            conference_id=conference.id,
            badge_name="Nombre Reservado",
            category=Category.ATTENDEE,
            language="en",
            consents=frozenset({Purpose.ATTEND}),
            nonce="0" * 32,
            key=key_for("tickets"),
            now=NOW,
        )
    page = main(client, f"/en/tickets/{ticket.token}")
    place = next(line for line in page.select(".facts > div") if line.dt.get_text() == "Place")
    assert said(page.h2) == (NAME, "es", "only in Spanish")
    assert said(place.dd) == ("Villa Reservada", "es", "only in Spanish")


def test_a_door_says_that_a_sitting_is_only_in_spanish(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    make_sitting(
        session,
        conference,
        key="plenaria",
        title={"es": "Plenaria"},
        starts_local=datetime.combine(today(), time(10)),
    )
    sign_in(client, grant(session, conference, Role.DOOR_VOLUNTEER))
    page = main(client, "/en/muestra/door?door=plenaria")
    choice = page.select_one("option[value=plenaria]")
    entrance = page.select("option")[0]
    assert said(page.h1) == ("Plenaria", "es", "only in Spanish")
    assert choice["lang"] == "es"
    assert choice.get_text(strip=True).endswith("· Plenaria · only in Spanish")
    assert (entrance.get_text(strip=True), entrance["lang"]) == ("Entrance", "en")
