"""The demonstration's own pages: readable there, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from conference import create_app
from conference.domain.accounts import Role, link_digest, shown_code, sign_in_code
from conference.domain.sign_ins import SignInWay
from conference.exports.letter import as_email
from conference.extensions import db
from conference.models import SignIn
from conference.web.mailbox import SEALED
from conference.web.smtp import courier
from config import Testing
from tests.clients import faults
from tests.databases import sqlite_url
from tests.factories import grant, make_account, make_conference, make_registration
from tests.letters import a_letter, made_reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.clients import CheckedClient

PAGES = ("/dev/mail", "/dev/style", "/dev/cast")


@pytest.fixture
def mailbox(tmp_path: Path) -> str:
    return f"file://{tmp_path / 'correo'}"


@pytest.fixture
def demo(tmp_path: Path, mailbox: str) -> Iterator[Flask]:
    """The demonstration on an empty database."""
    app = create_app(
        Testing(DEMO=True, MAIL_SERVER=mailbox, SQLALCHEMY_DATABASE_URI=sqlite_url(tmp_path / "demo.sqlite"))
    )
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def cast(demo: Flask) -> Iterator[Session]:
    """A session in which the demonstration's people are made."""
    with demo.app_context():
        yield db.session()


def drop(mailbox: str, number: int = 0, **values: str) -> None:
    words = {
        "subject": f"Su código {number}",
        "body": "Abra http://localhost/es/sign-in/link/abc?next=/es/a%26b. Gracias\n",
    }
    letter = a_letter(reference=made_reference(f"aviso-{number}"), **words | values)
    mail = as_email(letter, sender="asamblea@example.org", site="http://localhost", moment=datetime.now(UTC))
    with courier(mailbox) as by:
        by.carry(mail, sender="", recipient=letter.recipient, hand_over=lambda: None)


@pytest.mark.parametrize("address", [*PAGES, "/dev/", "/es/dev/mail"])
def test_elsewhere_there_is_no_such_page(client: CheckedClient, address: str) -> None:
    # `/dev/mail` is read as a conference "mail" in a language "dev", and sent on to a page that there is not.
    assert client.get(address, follow_redirects=True).status_code == 404
    assert client.post("/dev/cast/1").status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_the_demonstration_has_its_pages(demo: Flask, address: str) -> None:
    answer = demo.test_client().get(address)
    assert answer.status_code == 200
    assert faults(answer) == []


def test_the_mailbox_shows_the_newest_first_with_links_to_follow(demo: Flask, mailbox: str) -> None:
    for number in (1, 2, 3):
        drop(mailbox, number)
    answer = demo.test_client().get("/dev/mail")
    soup = BeautifulSoup(answer.text, "html5lib")
    assert [title.text for title in soup.select("article h2")] == [
        "Su código 3",
        "Su código 2",
        "Su código 1",
    ]
    links = soup.select("article .letter a")
    assert {link["href"] for link in links} == {"http://localhost/es/sign-in/link/abc?next=/es/a%26b"}
    assert "ana@example.org" in soup.select("article")[0].text


def test_the_mailbox_shows_words_and_never_markup(demo: Flask, mailbox: str) -> None:
    attack = """<script>alert(1)</script> http://localhost/"onmouseover="alert(2)"><b> javascript:alert(3)"""
    drop(mailbox, subject="<img src=x>", body=f"{attack}\n")
    answer = demo.test_client().get("/dev/mail")
    soup = BeautifulSoup(answer.text, "html5lib")
    assert soup.select("article img, article script, article b, article [onmouseover]") == []
    assert [link["href"] for link in soup.select("article .letter a")] == ["http://localhost/"]
    assert soup.select_one("article .letter").text.strip() == attack


def test_the_html_form_is_shown_where_it_can_do_nothing(demo: Flask, mailbox: str, tmp_path: Path) -> None:
    code = shown_code(sign_in_code(48210937))
    drop(mailbox, body=f"Su código: {code} <script>alert(1)</script>\n")
    client = demo.test_client()
    page = BeautifulSoup(client.get("/dev/mail").text, "html5lib")
    answer = client.get(page.select_one("article a.button")["href"])
    assert answer.headers["Content-Security-Policy"] == SEALED
    soup = BeautifulSoup(answer.text, "html5lib")
    assert soup.select("script") == []
    assert soup.select_one("strong").text == code
    (tmp_path / "secret.eml").write_text("From: nobody\n\n")
    for name in ("..", "../secret", "..%2Fsecret", "%2e%2e%2fsecret", "nothing"):
        assert client.get(f"/dev/mail/{name}").status_code in {404, 308}


def test_a_mail_in_the_making_is_not_shown(demo: Flask, mailbox: str, tmp_path: Path) -> None:
    drop(mailbox)
    (tmp_path / "correo" / ".20260711.part").write_text("half a mail")
    soup = BeautifulSoup(demo.test_client().get("/dev/mail").text, "html5lib")
    assert len(soup.select("article")) == 1


def test_one_enters_as_one_of_the_cast(demo: Flask, cast: Session) -> None:
    conference = make_conference(cast)
    account = grant(cast, conference, Role.CHAIR, account=make_account(cast, email="silla@example.org"))
    make_registration(cast, conference, account_id=account.id, badge_name="Citlali")
    number = account.id
    cast.commit()
    client = demo.test_client()
    page = BeautifulSoup(client.get("/dev/cast").text, "html5lib")
    form = page.select_one(f'form[action="/dev/cast/{number}"]')
    assert form is not None
    assert "Citlali" in page.main.text
    token = form.select_one("[name=csrf_token]")["value"]
    assert client.post(f"/dev/cast/{number + 1}", data={"csrf_token": token}).status_code == 404
    entered = client.post(f"/dev/cast/{number}", data={"csrf_token": token})
    assert (entered.status_code, entered.location) == (303, "/es/now")
    with client.session_transaction() as cookie:
        key = cookie["sign_in"]
    row = cast.query(SignIn).filter_by(key_digest=link_digest(key)).one()
    assert (row.account_id, row.way, row.assured_at is not None) == (number, SignInWay.CONSOLE, True)


def test_nobody_is_made_one_of_the_cast_by_another_site(demo: Flask, cast: Session) -> None:
    account = make_account(cast)
    number = account.id
    cast.commit()
    assert demo.test_client().post(f"/dev/cast/{number}").status_code == 403
