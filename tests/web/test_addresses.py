"""Whatever is typed into an address, the answer is a page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from conference.domain.accounts import Role
from tests.factories import grant, make_conference, make_session, sign_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.clients import CheckedClient

TOO_LARGE = 2**31


@pytest.mark.parametrize(
    "address",
    [
        "/%00/%00/%00/%00",
        "/es/x%00/",
        "/es/muestra/summaries/%00",
        "/es/muestra/sessions/a%00b",
        "/es/muestra/organizations/%00",
        "/es/muestra/summaries/%ED%A0%80",
        "/es/tickets/%00",
        "/es/sign-in/link/%00",
        f"/es/muestra/resolutions/{TOO_LARGE}",
        f"/es/muestra/votes/{TOO_LARGE}",
        "/es/muestra/votes/99999999999999999999",
    ],
)
def test_what_names_nothing_is_not_found(client: CheckedClient, session: Session, address: str) -> None:
    make_conference(session, slug="muestra")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "query", ["next=/%00", "next=%00", "q=%00", "in=%00", "day=%00", "day=99999999999999999999"]
)
def test_a_query_that_makes_no_sense_is_no_fault_of_ours(
    client: CheckedClient, session: Session, query: str
) -> None:
    make_conference(session, slug="muestra")
    for page in ("sign-in", "muestra/organizations", "muestra/program", "muestra/summaries", "muestra/votes"):
        assert client.get(f"/es/{page}?{query}").status_code in {200, 404}


@pytest.mark.parametrize("query", ["x=%ff", "x=\xff", "q=\xff&x=\xc3", "next=/\xff"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_a_query_that_is_no_text_is_no_fault_of_ours(
    client: CheckedClient, session: Session, query: str, headers: dict[str, str]
) -> None:
    conference = make_conference(session, slug="muestra")
    # As servers hand over what came in: a letter for each byte.
    raw = {"QUERY_STRING": query}
    pages = [
        "",
        "sign-in",
        "card",
        "muestra",
        "muestra/organizations",
        "muestra/program",
        "muestra/summaries",
    ]
    found = [client.get(f"/es/{page}", environ_overrides=raw, headers=headers).status_code for page in pages]
    assert [code for code in found if code not in {200, 303, 308}] == []
    turned_away = client.get("/es/muestra/jobs", environ_overrides=raw, headers=headers)
    assert turned_away.status_code in {200, 303}
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    assert client.get("/es/muestra/jobs", environ_overrides=raw, headers=headers).status_code == 200


def test_the_language_switch_keeps_the_bytes_of_a_query(client: CheckedClient) -> None:
    page = client.get("/es/sign-in", environ_overrides={"QUERY_STRING": "next=%2Fes%3Fa%3Db&x=\xff+[1]"})
    assert 'href="/en/sign-in?next=%2Fes%3Fa%3Db&amp;x=%FF+[1]"' in page.text


def test_the_language_switch_keeps_an_address_as_it_was_written(
    client: CheckedClient, session: Session
) -> None:
    make_session(session, make_conference(session, slug="muestra"), key="niñez?")
    page = client.get("/es/muestra/sessions/ni%C3%B1ez%3F")
    assert page.status_code == 200
    assert 'href="/en/muestra/sessions/ni%C3%B1ez%3F"' in page.text


def test_after_signing_in_the_page_is_the_one_that_was_wanted(
    client: CheckedClient, session: Session
) -> None:
    make_conference(session, slug="muestra")
    turned_away = client.get("/es/muestra/summaries/ni%C3%B1ez%3F/edit?in=es")
    assert unquote(turned_away.location) == "/es/sign-in?next=/es/muestra/summaries/ni%C3%B1ez%3F/edit?in=es"
