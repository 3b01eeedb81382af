"""The first page: its address stands on the console, it works once, and nobody guesses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.domain.sign_ins import SignInWay
from conference.extensions import db
from conference.models import Account, Conference, RoleGrant, SetUp, SignIn
from conference.web.set_up import announce, set_up_token
from tests.databases import build, sqlite_url
from tests.factories import grant, make_conference
from tests.forms import HTMX, filled_in, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bs4 import Tag
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

ANA = "ana@example.org"
TODAY = datetime.now(UTC).date()
SOON = str(TODAY + timedelta(days=100))
TYPED = {
    "name_es": "Encuentro Ñuu",
    "city": "Oaxaca",
    "first_day": SOON,
    "email": ANA,
    "time_zone": "America/Chicago",
}


@pytest.fixture
def address(app: Flask) -> str:
    with app.app_context():
        return f"/es/set-up/{set_up_token()}"


def html_of(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html5lib")


def fields(response: TestResponse) -> Tag:
    return form_of(response, "/set-up/")


def test_it_makes_a_conference_and_lets_its_organizer_in(
    client: CheckedClient, session: Session, address: str
) -> None:
    answer = submit(client, address, to="/set-up/", **TYPED)
    assert (answer.status_code, answer.location) == (
        303,
        "/es/account/second-factor?next=/es/encuentro-nuu/now",
    )
    account = session.scalars(select(Account)).one()
    signed = session.scalars(select(SignIn)).one()
    assert (account.email, account.language) == (ANA, "es")
    assert (signed.account_id, signed.way, signed.assured_at is None) == (
        account.id,
        SignInWay.CONSOLE,
        False,
    )
    # An organizer's page, at once.
    assert client.get("/es/encuentro-nuu/roles").status_code == 200
    conference = session.scalars(select(Conference)).one()
    assert (conference.name, conference.city) == (
        {"es": "Encuentro Ñuu"},
        {"es": "Oaxaca", "en": "Oaxaca"},
    )


def test_it_works_once(
    client: CheckedClient, session: Session, address: str, new_client: Callable[[], CheckedClient]
) -> None:
    late = new_client()
    opened = fields(late.get(address))
    submit(client, address, to="/set-up/", **TYPED)
    # Who comes late is led to sign in, whatever token it was.
    for token in (address, "/es/set-up/x"):
        told = late.get(token)
        assert told.status_code == 404
        assert html_of(told).select_one('main a[href="/es/sign-in"]') is not None
    assert send(late, opened, **TYPED).status_code == 404
    assert session.scalar(select(func.count()).select_from(RoleGrant)) == 1


@pytest.mark.parametrize("token", ["x", "0" * 32, "ñ" * 32])
def test_a_wrong_token_finds_nothing(
    client: CheckedClient, session: Session, address: str, token: str
) -> None:
    nothing = client.get("/es/conferencia-que-no-hay/x")
    wrong = client.get(f"/es/set-up/{token}")
    assert (wrong.status_code, nothing.status_code) == (404, 404)
    assert html_of(wrong).select_one("main h1").text == html_of(nothing).select_one("main h1").text
    assert html_of(wrong).select_one('main a[href="/es/sign-in"]') is None
    form = fields(client.get(address))
    form["action"] = f"/es/set-up/{token}"
    assert send(client, form, **TYPED).status_code == 404
    assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_where_somebody_organizes_there_is_no_such_page(
    client: CheckedClient, session: Session, address: str
) -> None:
    opened = fields(client.get(address))
    grant(session, make_conference(session), Role.ORGANIZER)
    assert client.get(address).status_code == 404
    assert send(client, opened, **TYPED).status_code == 404
    assert session.scalar(select(func.count()).select_from(SetUp)) == 0


def test_a_conference_that_is_here_may_be_chosen(
    client: CheckedClient, session: Session, address: str
) -> None:
    conference = make_conference(session, slug="nuestra")
    unchosen = submit(client, address, to="/set-up/", email=ANA)
    assert unchosen.status_code == 422
    answer = send(client, fields(unchosen), conference=str(conference.id))
    assert answer.status_code == 303
    assert client.get("/es/nuestra/roles").status_code == 200
    assert session.scalar(select(func.count()).select_from(Conference)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name_es": ""}, "name_es"),
        ({"name_es": "N" * 201}, "name_es"),
        ({"city": ""}, "city"),
        ({"first_day": ""}, "first_day"),
        ({"first_day": "6 de marzo"}, "first_day"),
        ({"first_day": "0027-03-06"}, "first_day"),
        ({"first_day": str(TODAY - timedelta(days=2))}, "first_day"),
        ({"days": ""}, "days"),
        ({"days": "0"}, "days"),
        ({"days": "muchos"}, "days"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"email": "ana"}, "email"),
        ({"email": ""}, "email"),
    ],
)
def test_what_is_wrong_comes_back_marked_and_filled_in(
    client: CheckedClient, session: Session, address: str, values: dict[str, Any], field: str
) -> None:
    for headers in (None, HTMX):
        answer = submit(client, address, to="/set-up/", headers=headers, **TYPED | values)
        assert answer.status_code == 422
        form = fields(answer)
        assert [error["id"] for error in form.select("[id$=-error]")] == [f"{field}-error"]
        # What is marked is shown as it was typed, where a field of its kind can show it.
        kept = {name: value for name, value in TYPED.items() if name not in values}
        assert {name: filled_in(form)[name] for name in kept} == kept
    assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_the_empty_home_page_says_where_the_address_stands(client: CheckedClient, session: Session) -> None:
    assert "on the server's console" in unescape(client.get("/en/").text)
    grant(session, make_conference(session), Role.ORGANIZER)
    assert "console" not in client.get("/en/").text


# -- the console -----------------------------------------------------------------------------------


def test_the_address_is_announced_in_both_languages_until_somebody_organizes(
    app: Flask, session: Session, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    announce(app)
    said = capsys.readouterr().err
    assert f"  http://localhost{address}\n" in said
    assert f"  http://localhost{address.replace('/es/', '/en/')}\n" in said
    grant(session, make_conference(session), Role.ORGANIZER)
    session.commit()
    announce(app)
    assert capsys.readouterr().err == ""


def test_a_database_without_tables_announces_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = build(sqlite_url(tmp_path / "empty.sqlite"))
    announce(empty)
    assert capsys.readouterr().err == ""
    with empty.app_context():
        db.engine.dispose()


def test_every_process_knows_the_same_address_and_another_secret_another(
    build_app: Callable[..., Flask], address: str
) -> None:
    tokens = []
    for values in ({}, {}, {"SECRET_KEY": "another secret"}):
        with build_app(**values).app_context():
            tokens.append(set_up_token())
    assert (address.endswith(tokens[0]), tokens[0] == tokens[1], tokens[1] == tokens[2]) == (
        True,
        True,
        False,
    )
    assert len(tokens[0]) == 32
