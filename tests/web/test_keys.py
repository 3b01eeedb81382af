"""The server's secret is replaced without anybody noticing, as long as the old one is listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.checkin import ENTRANCE, ScanOutcome
from conference.domain.errors import Conflict
from conference.domain.tickets import ticket_code, ticket_text
from conference.models import Message, SignIn
from conference.queries.own_tickets import own_tickets
from conference.services.checkin import check_in
from conference.web.keys import key_for, keys_for
from conference.web.second_factors import seal_of
from config import Configuration, Embedded
from tests.factories import NOW, grant, make_account, make_conference, sign_in
from tests.forms import form_of, send, submit
from tests.services.test_checkin import enrol

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.clients import CheckedClient

OLD, NEW = "the secret of the first year" * 2, "the secret of the second year" * 2
LISTED = pytest.mark.parametrize("listed", [True, False], ids=["listed", "forgotten"])


@pytest.fixture
def before(build_app: Callable[..., Flask]) -> Flask:
    """The application with the old secret."""
    return build_app(SECRET_KEY=OLD)


@pytest.fixture
def after(build_app: Callable[..., Flask]) -> Callable[[bool], Flask]:
    """The application with the new secret; the old one is listed or not."""
    return lambda listed: build_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(OLD,) if listed else ())


def carry_over(client: CheckedClient, other: CheckedClient) -> None:
    """Take the cookie to the same site after its restart."""
    cookie = client.get_cookie("asamblea")
    assert cookie is not None
    other.set_cookie("asamblea", cookie.value)


@LISTED
def test_whoever_is_signed_in_stays_so(
    before: Flask,
    after: Callable[[bool], Flask],
    new_client: Callable[..., CheckedClient],
    session: Session,
    listed: bool,
) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    client, later = new_client(before), new_client(after(listed))
    sign_in(client, organizer)
    form = form_of(client.get(f"/es/{conference.slug}/roles"), "/roles")
    carry_over(client, later)
    assert later.get(f"/es/{conference.slug}/roles").status_code == (200 if listed else 303)
    # The form had been open all the while.
    assert send(later, form, email="ana@example.org").status_code == (422 if listed else 403)


def test_a_cookie_is_signed_anew_by_being_used(
    before: Flask, after: Callable[[bool], Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    client, later, last = new_client(before), new_client(after(True)), new_client(after(False))
    sign_in(client, make_account(session))
    with client.session_transaction() as cookie:
        cookie["used"] -= 400
    carry_over(client, later)
    assert later.get("/es/account").status_code == 200
    carry_over(later, last)
    assert last.get("/es/account").status_code == 200


@LISTED
def test_a_ticket_opens_its_door(
    before: Flask, after: Callable[[bool], Flask], session: Session, listed: bool
) -> None:
    conference, owner = make_conference(session), make_account(session)
    with before.app_context():
        key = key_for("tickets")
        token = enrol(session, conference, key=key, account_id=owner.id)
        shown = {
            "qr": ticket_text(token, conference=conference.slug, key=key),
            "code": ticket_code(token),
        }
    with after(listed).app_context():
        keys = keys_for("tickets")
    place = {"conference_id": conference.id, "door": ENTRANCE, "by": None, "keys": keys, "now": NOW}
    outcomes = [check_in(session, text=text, **place).outcome for text in shown.values()]
    expected = [ScanOutcome.ADMITTED, ScanOutcome.ALREADY_ADMITTED] if listed else [ScanOutcome.UNKNOWN] * 2
    assert outcomes == expected
    own = own_tickets(session, conference_id=conference.id, account_id=owner.id, keys=keys)
    assert [ticket.token for ticket in own] == ([token] if listed else [])


def test_a_ticket_s_link_needs_no_key_and_its_page_shows_a_new_qr_code(
    before: Flask, after: Callable[[bool], Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    conference = make_conference(session)
    with before.app_context():
        token = enrol(session, conference, key=key_for("tickets"))
    app = after(False)
    assert new_client(app).get(f"/es/tickets/{token}").status_code == 200
    with app.app_context():
        text = ticket_text(token, conference=conference.slug, key=key_for("tickets"))
        place = {"conference_id": conference.id, "door": ENTRANCE, "by": None}
        answer = check_in(session, text=text, keys=keys_for("tickets"), now=NOW, **place)
    assert answer.outcome is ScanOutcome.ADMITTED


@LISTED
def test_an_authenticator_is_still_known(before: Flask, after: Callable[[bool], Flask], listed: bool) -> None:
    with before.app_context():
        sealed = seal_of(7).close(b"what the app on the phone knows")
    with after(listed).app_context():
        if listed:
            assert seal_of(7).open(sealed) == b"what the app on the phone knows"
            return
        with pytest.raises(Conflict) as refusal:
            seal_of(7).open(sealed)
    assert refusal.value.code == "seal_broken"


@LISTED
def test_a_code_that_was_under_way_still_fits(
    before: Flask,
    after: Callable[[bool], Flask],
    new_client: Callable[..., CheckedClient],
    session: Session,
    listed: bool,
) -> None:
    make_account(session, email="ana@example.org")
    submit(new_client(before), "/es/sign-in", to="/es/sign-in", email="ana@example.org")
    mail = session.scalars(select(Message.body)).one()
    code = re.search(r"\b\d{4} \d{4}\b", mail)
    assert code is not None
    later = new_client(after(listed))
    answer = submit(later, "/es/sign-in/code", to="/code", email="ana@example.org", code=code.group())
    assert answer.status_code == (303 if listed else 422)
    assert len(session.scalars(select(SignIn)).all()) == int(listed)


def test_new_things_are_made_with_the_newest(app: Flask) -> None:
    app.config["SECRET_KEY"], app.config["SECRET_KEY_FALLBACKS"] = NEW, (OLD, "older")
    with app.app_context():
        newest, *earlier = keys_for("tickets")
        assert (key_for("tickets"), len({newest, *earlier})) == (newest, 3)
        assert key_for("tickets") != key_for("sign-in")


def test_old_secrets_come_from_the_environment_and_short_ones_stop_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASAMBLEA_SECRET_KEY", NEW)
    monkeypatch.setenv("ASAMBLEA_OLD_SECRET_KEYS", f" {OLD} , {OLD * 2},")
    read = Embedded()
    assert read.SECRET_KEY_FALLBACKS == (OLD, OLD * 2)
    assert read.WTF_CSRF_SECRET_KEY == [OLD * 2, OLD, NEW]
    assert not hasattr(Configuration(), "WTF_CSRF_SECRET_KEY")
    monkeypatch.setenv("ASAMBLEA_OLD_SECRET_KEYS", "short")
    with pytest.raises(RuntimeError, match="ASAMBLEA_OLD_SECRET_KEYS: a secret needs 32 characters"):
        Embedded()
