"""Signing in by mail, as people do it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import delete, func, select

from conference import create_app
from conference.domain.accounts import Role
from conference.domain.sign_ins import SignInWay
from conference.extensions import db, limiter
from conference.models import Account, Message, Passkey, RoleGrant, SignInCode
from config import Testing
from tests.databases import sqlite_url
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    sign_in,
)
from tests.forms import HTMX, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

ANA = "ana@example.org"
ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
]


def ask(client: CheckedClient, email: str = ANA, **values: str) -> TestResponse:
    return submit(client, "/es/sign-in", to="/es/sign-in", email=email, **values)


def last_mail(session: Session) -> str:
    session.commit()
    return session.scalars(select(Message.body).order_by(Message.id.desc())).first() or ""


def link_in(mail: str) -> str:
    found = re.search(r"http://localhost(/\S+)", mail)
    assert found is not None
    return found.group(1)


def code_in(mail: str) -> str:
    found = re.search(r"\b[0-9]{4} [0-9]{4}\b", mail)
    assert found is not None
    return found.group()


def signed_in_as(client: CheckedClient) -> int | None:
    with client.session_transaction() as cookie:
        return cookie.get("account")


# -- signing in ------------------------------------------------------------------------------------


def test_by_link_from_the_mail_to_the_page_that_was_wanted(client: CheckedClient, session: Session) -> None:
    conference = make_conference(session)
    account = make_account(session, email=ANA)
    wanted = f"/es/{conference.slug}/now"
    turned_away = client.get(wanted)
    assert (turned_away.status_code, turned_away.location) == (303, f"/es/sign-in?next={wanted}")
    asked = send(client, form_of(client.get(turned_away.location), "/es/sign-in"), email=ANA)
    assert (asked.status_code, asked.location) == (303, f"/es/sign-in/code?next={wanted}")
    link = link_in(last_mail(session))
    for _ in range(2):
        # Mail programs open links before people do.
        assert client.get(link).status_code == 200
        assert signed_in_as(client) is None
    entered = submit(client, link, to="/link/")
    assert (entered.status_code, entered.location) == (303, wanted)
    assert client.get(wanted).status_code == 200
    assert signed_in_as(client) == account.id


def test_a_link_works_once(
    client: CheckedClient, session: Session, new_client: Callable[[], CheckedClient]
) -> None:
    make_account(session, email=ANA)
    ask(client)
    link = link_in(last_mail(session))
    assert submit(client, link, to="/link/").location == "/es/now"
    thief = new_client()
    again = submit(thief, link.replace("/es/", "/en/"), to="/link/")
    assert again.status_code == 404
    assert "This link is no longer valid" in again.text
    assert signed_in_as(thief) is None


@pytest.mark.parametrize("separator", ["", " ", "-", " - ", "  "])
def test_by_code_typed_on_another_device(
    client: CheckedClient, session: Session, new_client: Callable[[], CheckedClient], separator: str
) -> None:
    account = make_account(session, email=ANA)
    ask(client)
    computer = new_client()
    code = code_in(last_mail(session)).replace(" ", separator)
    entered = submit(computer, "/en/sign-in/code", to="/code", email=" Ana@Example.org ", code=code)
    assert (entered.status_code, entered.location) == (303, "/en/now")
    assert (signed_in_as(computer), signed_in_as(client)) == (account.id, None)


def test_the_code_page_remembers_the_address_and_the_sixth_try_is_in_vain(
    client: CheckedClient, session: Session
) -> None:
    make_account(session, email=ANA)
    opened = client.get(ask(client).location)
    code = code_in(last_mail(session))
    for headers in (None, None, None, HTMX, HTMX):
        wrong = send(client, form_of(opened, "/code"), code="9999 9999", headers=headers)
        assert wrong.status_code == 422
        assert BeautifulSoup(wrong.text, "html5lib").select("#code-error")
    right_too_late = send(client, form_of(opened, "/code"), code=code)
    assert right_too_late.status_code == 422
    assert signed_in_as(client) is None


def test_the_address_typed_on_a_borrowed_phone_is_forgotten_when_its_code_is_over(
    client: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_account(session, email=ANA)
    code_page = ask(client).location

    def remembered() -> str:
        return BeautifulSoup(client.get(code_page).text, "html5lib").select_one("#email").get("value", "")

    assert remembered() == ANA
    later = datetime.now(UTC) + timedelta(minutes=20)
    monkeypatch.setattr("conference.web.mailed_codes.now", lambda: later)
    assert remembered() == ""
    monkeypatch.undo()
    # Not only hidden: it is gone from the cookie.
    assert remembered() == ""


def test_with_htmx_the_browser_is_sent_on(client: CheckedClient, session: Session) -> None:
    make_account(session, email=ANA)
    opened = form_of(client.get("/es/sign-in?next=/es/ni%C3%B1ez/%E4%BC%9A%3Fa=%C3%B1"), "/es/sign-in")
    asked = send(client, opened, email=ANA, headers=HTMX)
    assert (asked.status_code, asked.data) == (200, b"")
    code_page = asked.headers["HX-Redirect"]
    entered = send(
        client, form_of(client.get(code_page), "/code"), code=code_in(last_mail(session)), headers=HTMX
    )
    assert entered.headers["HX-Redirect"] == "/es/ni%C3%B1ez/%E4%BC%9A?a=%C3%B1"


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "ana@example.org, beto@example.org", "a" * 300 + "@x.org"]
)
def test_what_is_no_address_is_asked_for_again(client: CheckedClient, session: Session, email: str) -> None:
    answer = ask(client, email)
    assert answer.status_code == 422
    assert session.scalar(select(func.count(Message.id))) == 0


def test_an_answer_does_not_tell_whether_an_address_is_known(
    session: Session,
    new_client: Callable[[], CheckedClient],
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    make_account(session, email=ANA)
    make_registration(session, make_conference(session), contact_email="beto@example.org")
    submit(new_client(), "/es/sign-in", to="/es/sign-in", email="beto@example.org")
    seen = []
    for email in (ANA, "nadie@example.org", "beto@example.org"):
        client = new_client()
        opened = form_of(client.get("/es/sign-in"), "/es/sign-in")
        with count_queries() as queries:
            asked = send(client, opened, email=email)
        code_page = client.get(asked.location)
        wrong = send(client, form_of(code_page, "/code"), code="99999999")
        headers = {name: value for name, value in asked.headers if name not in {"Set-Cookie", "Date"}}
        pages = [without_what_varies(page.text, email) for page in (asked, code_page, wrong)]
        seen.append((asked.status_code, headers, len(queries), pages, wrong.status_code))
    assert seen[0] == seen[1] == seen[2]


def without_what_varies(page: str, email: str) -> str:
    return re.sub(r'name="csrf_token"[^>]*', "", page).replace(email, "")


def test_a_mail_an_hour_too_many_is_answered_the_same_and_not_sent(
    client: CheckedClient, session: Session
) -> None:
    make_account(session, email=ANA)
    assert {ask(client).status_code for _ in range(14)} == {303}
    assert session.scalar(select(func.count(Message.id))) == 12


@pytest.mark.parametrize("address", ELSEWHERE)
def test_next_leads_nowhere_else(client: CheckedClient, session: Session, address: str) -> None:
    account = make_account(session, email=ANA)
    opened = client.get("/es/sign-in", query_string={"next": address})
    assert "evil" not in opened.text.partition("<main")[2].partition("</main>")[0]
    asked = send(client, form_of(opened, "/es/sign-in"), email=ANA, next=address)
    assert asked.location == "/es/sign-in/code"
    mail = last_mail(session)
    assert "evil" not in mail
    by_code = send(client, form_of(client.get(asked.location), "/code"), code=code_in(mail), next=address)
    assert by_code.location == "/es/now"
    assert client.get("/es/sign-in", query_string={"next": address}).location == "/es/now"
    submit_sign_out(client)
    ask(client)
    by_link = send(client, form_of(client.get(link_in(last_mail(session))), "/link/"), next=address)
    assert by_link.location == "/es/now"
    assert signed_in_as(client) == account.id


def submit_sign_out(client: CheckedClient) -> TestResponse:
    page = BeautifulSoup(client.get("/es/").text, "html5lib")
    form = page.select_one('form[action="/es/sign-out"]')
    assert form is not None
    return send(client, form)


def test_signing_in_begins_a_new_cookie(client: CheckedClient, session: Session) -> None:
    make_account(session, email=ANA)
    ask(client)
    before = form_of(client.get("/es/sign-in"), "/es/sign-in")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        token = cookie["csrf_token"]
    submit(client, link_in(last_mail(session)), to="/link/")
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"sign_in", "generation", "used", "account", "_permanent", "csrf_token"}
        assert cookie.get("csrf_token") != token
    assert send(client, before, email=ANA).status_code == 403


def test_signing_out_forgets_who_it_was(client: CheckedClient, session: Session) -> None:
    conference = make_conference(session)
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    assert client.get(f"/es/{conference.slug}/roles").status_code == 200
    assert submit_sign_out(client).status_code == 303
    assert signed_in_as(client) is None
    assert client.get(f"/es/{conference.slug}/roles").status_code == 303


def test_signing_out_takes_a_token(client: CheckedClient, session: Session) -> None:
    account = make_account(session)
    sign_in(client, account)
    answer = client.post("/en/sign-out")
    assert answer.status_code == 403
    assert "Open it again, and repeat." in answer.text
    assert signed_in_as(client) == account.id


def test_who_came_back_only_by_another_card_is_asked_before_signing_out(
    client: CheckedClient, session: Session
) -> None:
    account = make_account(session, email=None)
    sign_in(client, account, way=SignInWay.CARD)
    asked = submit_sign_out(client)
    assert (asked.status_code, asked.location) == (303, "/es/account?leaving=1")
    assert signed_in_as(client) == account.id
    page = BeautifulSoup(client.get(asked.location).text, "html5lib")
    assert send(client, page.select_one("main .notice form[action$='/end']")).status_code == 303
    assert signed_in_as(client) is None


def test_who_has_a_passkey_beside_the_card_signs_out_at_once(client: CheckedClient, session: Session) -> None:
    account = make_account(session, email=None)
    key = Passkey(account_id=account.id, credential=b"key", public_key=b"p", verifies=True, added_at=NOW)
    session.add(key)
    sign_in(client, account, way=SignInWay.CARD)
    assert submit_sign_out(client).location == "/es/"
    assert signed_in_as(client) is None


def test_a_page_for_codes_promises_a_mail_only_where_one_was_asked_for(
    client: CheckedClient, session: Session
) -> None:
    make_account(session, email=ANA)
    assert headings(client.get("/en/sign-in/code")) == ["Type your code"]
    link = BeautifulSoup(client.get("/es/sign-in?next=/es/now").text, "html5lib").select("main a.lone-link")
    assert [a["href"] for a in link] == ["/es/sign-in/code?next=/es/now"]
    ask(client)
    assert headings(client.get("/en/sign-in/code")) == ["Look at your mail"]
    assert "http://localhost/es/sign-in/code\n" in last_mail(session)


def headings(answer: TestResponse) -> list[str]:
    return [heading.get_text() for heading in BeautifulSoup(answer.text, "html5lib").select("h1")]


@pytest.mark.parametrize("email", [ANA, "nadie@example.org"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_another_mail_is_one_tap_away_from_a_refused_code(
    client: CheckedClient, session: Session, email: str, headers: dict[str, str]
) -> None:
    make_account(session, email=ANA)
    form = form_of(client.get("/en/sign-in/code?next=/en/now"), "/en/sign-in/code")
    refused = send(client, form, headers=headers, email=email, code="0000 0000")
    page = BeautifulSoup(refused.text, "html5lib")
    assert [button["form"] for button in page.select("[role=alert] button")] == ["ask-again"]
    again = send(client, page.select_one("form#ask-again"))
    assert (again.status_code, again.location) == (303, "/en/sign-in/code?next=/en/now")
    assert session.scalars(select(Message.recipient)).all() == [email]


def test_a_page_of_refusal_leads_on(
    build_app: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    client = new_client(build_app(RATELIMIT_ENABLED=True, LIMIT_SIGN_IN="1 per hour"))
    asked, refused = (ask(client, next="/es/now") for _ in range(2))
    assert (asked.status_code, refused.status_code) == (303, 429)
    assert ways_on(refused) == ["/es/sign-in/code?next=/es/now", "/es/card?next=/es/now", "/es/"]
    bookmark = client.get("/es/account/second-factor/enable")
    assert (bookmark.status_code, ways_on(bookmark)) == (405, ["/es/account", "/es/"])


def ways_on(answer: TestResponse) -> list[str]:
    return [str(a["href"]) for a in BeautifulSoup(answer.text, "html5lib").select("main a")]


def test_whose_account_is_gone_is_a_stranger(client: CheckedClient, session: Session) -> None:
    conference = make_conference(session)
    account = grant(session, conference, Role.ORGANIZER)
    sign_in(client, account)
    assert client.get(f"/es/{conference.slug}/roles").status_code == 200
    session.execute(delete(RoleGrant))
    session.execute(delete(Account))
    for address in (f"/es/{conference.slug}/roles", "/es/now", f"/es/{conference.slug}/now"):
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (303, f"/es/sign-in?next={address}")
    assert client.get("/es/sign-in").status_code == 200


def test_a_cookie_that_was_tampered_with_is_nobodys(client: CheckedClient, session: Session) -> None:
    make_account(session)
    client.set_cookie("asamblea", "eyJhY2NvdW50IjoxfQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert client.get("/es/now").status_code == 303


# -- limits ----------------------------------------------------------------------------------------


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Flask]:
    """The application with its rate limits on."""
    app = create_app(
        Testing(
            RATELIMIT_ENABLED=True,
            LIMIT_SIGN_IN="3 per minute",
            LIMIT_CODE="3 per minute",
            SQLALCHEMY_DATABASE_URI=sqlite_url(tmp_path / "limited.sqlite"),
        )
    )
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        db.create_all()
    yield app
    # One limiter serves every application of a process.
    limiter.enabled = False
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(("language", "words"), [("es", "Demasiados intentos"), ("en", "Too many tries")])
def test_too_many_tries_are_told_when_to_come_back(limited: Flask, language: str, words: str) -> None:
    client = limited.test_client()
    for address in ("sign-in", "sign-in/code"):
        answers = [
            client.post(f"/{language}/{address}", data={"email": ANA, "code": "99999999"}) for _ in range(4)
        ]
        assert 429 not in {answer.status_code for answer in answers[:3]}
        refused = answers[3]
        assert refused.status_code == 429
        assert words in refused.text
        assert refused.headers.get_all("Retry-After") == [refused.headers["Retry-After"]]
        assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert client.get(f"/{language}/sign-in").status_code == 200


# -- the command -----------------------------------------------------------------------------------


def command(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["accounts", "grant", *arguments])
    return result.exit_code, result.output


def test_the_first_organizer_is_named_on_the_server(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "es_MX.UTF-8")
    conference = make_conference(session, slug="muestra")
    session.commit()
    assert command(app, "Ana@Example.org", "organizer", "--conference", "muestra")[0] == 0
    held = session.execute(
        select(Account.email, Account.language, RoleGrant.role).where(Account.id == RoleGrant.account_id)
    ).one()
    assert held == (ANA, "es", Role.ORGANIZER)
    assert session.scalars(select(RoleGrant.conference_id)).one() == conference.id
    assert session.scalars(select(RoleGrant.granted_by_id)).one() is None


def test_a_lead_is_named_with_the_key_of_the_organization(app: Flask, session: Session) -> None:
    conference = make_conference(session, slug="muestra")
    club = make_organization(session, conference, key="club")
    session.commit()
    arguments = (ANA, "organization_lead", "--conference", "muestra")
    assert command(app, *arguments)[0] == 1
    assert command(app, *arguments, "--organization", "otro")[0] == 1
    assert command(app, *arguments, "--organization", "club")[0] == 0
    assert session.scalars(select(RoleGrant.organization_id)).all() == [club.id]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("ana", "organizer", "--conference", "muestra"), 2),
        ((ANA, "delegate", "--conference", "muestra"), 2),
        ((ANA, "organizer"), 2),
        ((ANA, "organizer", "--conference", "ninguna"), 1),
    ],
)
def test_the_command_refuses_what_makes_no_sense(
    app: Flask, session: Session, arguments: tuple[str, ...], status: int
) -> None:
    make_conference(session, slug="muestra")
    session.commit()
    assert command(app, *arguments)[0] == status
    assert session.scalar(select(func.count(Account.id))) == 0
    assert session.scalar(select(func.count(SignInCode.id))) == 0
