"""The cookie of a sign-in as an attacker would use it, its limits, and the page on which one signs out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, inspect, select

from conference.domain.accounts import Role
from conference.domain.sign_ins import SignInWay
from conference.extensions import db
from conference.models import Account, Message, SignIn
from conference.services.forgetting import forget_accounts
from conference.services.sign_ins import rights_changed
from conference.web.sign_ins import begin_session, prove_session
from tests.factories import (
    grant,
    make_account,
    make_conference,
    make_sign_in,
    sign_in,
)
from tests.forms import HTMX, form_of, send, submit
from tests.moments import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

COOKIE = "asamblea"
ACCOUNT = "/es/account"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def cookie_of(client: CheckedClient) -> str:
    found = client.get_cookie(COOKIE)
    assert found is not None
    return found.value


def copy_of(client: CheckedClient, new_client: Callable[..., CheckedClient]) -> CheckedClient:
    """Return a thief's browser that holds a copy of the cookie as it is now."""
    thief = new_client()
    thief.set_cookie(COOKIE, cookie_of(client))
    return thief


def content(client: CheckedClient) -> dict[str, Any]:
    with client.session_transaction() as cookie:
        return dict(cookie)


def is_in(client: CheckedClient) -> bool:
    answer = client.get(ACCOUNT)
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


def acts(client: CheckedClient) -> TestResponse:
    """Do something that writes, as whoever is signed in."""
    page = client.get("/es/")
    token = BeautifulSoup(page.text, "html5lib").select_one("[name=csrf_token]")
    assert token is not None
    return client.post("/es/account/sign-ins/987654321/end", data={"csrf_token": token["value"]})


def proves(app: Flask, client: CheckedClient, *, assured: bool = True) -> None:
    """Give the browser the cookie that it gets with a proof."""
    number = row_of(client).id
    with app.test_request_context(
        method="POST", headers={"Cookie": f"{COOKIE}={cookie_of(client)}"}
    ) as context:
        prove_session(number, assured=assured)
        db.session.commit()
        signer = app.session_interface.get_signing_serializer(app)
        assert signer is not None
        client.set_cookie(COOKIE, str(signer.dumps(dict(context.session))))


def row_of(client: CheckedClient) -> SignIn:
    assert client.prepared is not None
    client.prepared.commit()
    return client.prepared.scalars(select(SignIn).order_by(SignIn.id)).first()


# -- a stolen cookie -------------------------------------------------------------------------------


def test_over_https_the_cookie_is_the_hosts_alone_and_no_script_reads_it(
    session: Session, new_client: Callable[..., CheckedClient], build_app: Callable[..., Flask]
) -> None:
    app = build_app(HTTPS=True)
    account = make_account(session)
    session.commit()
    with app.test_request_context("https://localhost/", method="POST") as context:
        begin_session(account.id, way=SignInWay.EMAIL)
        db.session.commit()
        answer = app.response_class()
        app.session_interface.save_session(app, context.session, answer)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-asamblea=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain=" not in cookie


def test_a_copy_of_the_database_opens_nothing(
    app: Flask, session: Session, new_client: Callable[..., CheckedClient]
) -> None:
    owner = new_client()
    account = make_account(session)
    row = sign_in(owner, account)
    columns = [getattr(row, attribute.key) for attribute in inspect(SignIn).column_attrs]
    assert content(owner)["sign_in"] not in map(str, columns)
    for key in {str(value) for value in columns}:
        thief = new_client()
        with thief.session_transaction() as cookie:
            # Even whoever can sign cookies lacks the key.
            cookie["sign_in"], cookie["generation"], cookie["account"] = key, row.generation, account.id
            cookie["used"] = int(datetime.now(UTC).timestamp())
        assert not is_in(thief)


def test_every_sign_in_has_a_key_of_its_own_and_ends_the_one_before_in_this_browser(
    app: Flask, session: Session, client: CheckedClient, new_client: Callable[..., CheckedClient]
) -> None:
    account = make_account(session)
    sign_in(client, account)
    thief, before = copy_of(client, new_client), content(client)
    assert is_in(thief)
    with app.test_request_context(
        method="POST", headers={"Cookie": f"{COOKIE}={cookie_of(client)}"}
    ) as context:
        begin_session(account.id, way=SignInWay.EMAIL)
        db.session.commit()
        after = dict(context.session)
    assert after["sign_in"] != before["sign_in"]
    assert not is_in(thief)


def test_a_cookie_without_or_of_no_generation_is_nobodys(client: CheckedClient, session: Session) -> None:
    account = make_account(session)
    for generation in (None, 0, -1, 2):
        sign_in(client, account)
        with client.session_transaction() as cookie:
            cookie.pop("generation")
            if generation is not None:
                cookie["generation"] = generation
        assert not is_in(client)


def test_a_copied_cookie_dies_a_minute_after_the_owner_used_the_renewed_one(
    app: Flask,
    client: CheckedClient,
    session: Session,
    new_client: Callable[..., CheckedClient],
    clock: Clock,
) -> None:
    sign_in(client, make_account(session))
    thief = copy_of(client, new_client)
    proves(app, client)
    assert content(client)["generation"] == 2
    # The owner has only read pages with it: an answer may be lost, and nobody is signed out for that.
    clock.goes_on(minutes=5)
    assert is_in(client)
    assert is_in(thief)
    acts(client)
    assert is_in(thief)
    clock.goes_on(seconds=61)
    assert not is_in(thief)
    assert is_in(client)


def test_a_cookie_of_before_a_proof_never_gets_the_proof(
    app: Flask, client: CheckedClient, session: Session, new_client: Callable[..., CheckedClient]
) -> None:
    conference = make_conference(session)
    roles = f"/es/{conference.slug}/roles"
    sign_in(client, grant(session, conference, Role.ORGANIZER), assured_at=None)
    thief = copy_of(client, new_client)
    proves(app, client)
    assert client.get(roles).status_code == 200
    for _ in range(3):
        # However often it asks, and whether it acts: it does not come along with the renewal.
        assert client.get(roles).status_code == 200
        assert thief.get(roles).status_code == 303
        assert acts(thief).status_code == 303
    assert content(thief)["generation"] == 1


def test_a_lost_answer_signs_nobody_out_and_a_proof_brings_it_up_to_date(
    app: Flask, client: CheckedClient, session: Session, clock: Clock
) -> None:
    sign_in(client, make_account(session))
    held = cookie_of(client)
    proves(app, client)
    client.set_cookie(COOKIE, held)
    for _ in range(3):
        clock.goes_on(hours=1)
        assert is_in(client)
        assert acts(client).status_code == 303
    proves(app, client)
    assert content(client)["generation"] == row_of(client).generation == 3
    assert is_in(client)


def test_rights_that_somebody_else_changed_renew_the_cookie_with_the_next_act(
    client: CheckedClient, session: Session, new_client: Callable[..., CheckedClient], clock: Clock
) -> None:
    account = make_account(session)
    sign_in(client, account)
    thief = copy_of(client, new_client)
    rights_changed(session, account_id=account.id, staff=False)
    assert is_in(client)
    assert content(client)["generation"] == 1
    acts(client)
    assert content(client)["generation"] == 2
    acts(client)
    clock.goes_on(seconds=61)
    assert not is_in(thief)
    assert is_in(client)


def test_two_taps_at_once_are_both_answered(
    client: CheckedClient, session: Session, new_client: Callable[..., CheckedClient]
) -> None:
    account = make_account(session)
    sign_in(client, account)
    second = copy_of(client, new_client)
    rights_changed(session, account_id=account.id, staff=False)
    assert [acts(client).status_code, acts(second).status_code] == [303, 303]


# -- limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("staff", "idle"), [(False, timedelta(days=10)), (True, timedelta(hours=3))], ids=["attendee", "staff"]
)
def test_who_does_nothing_for_long_is_signed_out(
    client: CheckedClient, session: Session, clock: Clock, staff: bool, idle: timedelta
) -> None:
    sign_in(client, make_account(session), staff=staff)
    clock.goes_on(seconds=idle.total_seconds() - 5)
    assert is_in(client)
    # Reading a page is use enough.
    clock.goes_on(seconds=idle.total_seconds() - 5)
    assert is_in(client)
    clock.goes_on(seconds=idle.total_seconds() + 5)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("staff", "limit"), [(False, timedelta(days=30)), (True, timedelta(hours=14))], ids=["attendee", "staff"]
)
def test_however_busy_one_is_one_signs_in_again_some_day(
    client: CheckedClient, session: Session, clock: Clock, staff: bool, limit: timedelta
) -> None:
    sign_in(client, make_account(session), staff=staff)
    for _ in range(14):
        assert is_in(client)
        clock.goes_on(seconds=limit.total_seconds() / 14 - 1)
    assert is_in(client)
    clock.goes_on(seconds=20)
    assert not is_in(client)


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["by itself", "by somebody"])
def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    client: CheckedClient, session: Session, clock: Clock, headers: dict[str, str]
) -> None:
    conference = make_conference(session, slug="muestra")
    sign_in(client, grant(session, conference, Role.ORGANIZER), staff=True)
    for _half_hour in range(5):
        clock.goes_on(seconds=1800)
        assert client.get("/es/muestra/mail?version=old", headers=headers).status_code == 200
    clock.goes_on(seconds=1900)
    assert is_in(client) is (headers == {})


def test_a_cookie_is_written_anew_now_and_then_and_no_page_writes_to_the_database(
    client: CheckedClient, session: Session, clock: Clock
) -> None:
    # That a GET writes nothing is what the client itself holds every answer against.
    sign_in(client, make_account(session))
    assert "Set-Cookie" not in client.get(ACCOUNT).headers or content(client)["used"]
    used = content(client)["used"]
    clock.goes_on(seconds=200)
    assert "Set-Cookie" not in client.get(ACCOUNT).headers
    clock.goes_on(seconds=200)
    assert "Set-Cookie" in client.get(ACCOUNT).headers
    assert content(client)["used"] - used in range(399, 410)


@pytest.mark.parametrize("way", ["idle", "elsewhere"])
def test_who_is_no_longer_signed_in_is_told_so_once_and_comes_back(
    client: CheckedClient, session: Session, clock: Clock, way: str
) -> None:
    conference = make_conference(session)
    row = sign_in(client, make_account(session))
    if way == "idle":
        clock.goes_on(days=11)
    else:
        session.delete(row)
    wanted = f"/en/{conference.slug}/now"
    asked = client.get(wanted)
    assert asked.location == f"/en/sign-in?next={wanted}"
    assert "You are no longer signed in here." in client.get(asked.location).text
    assert "You are no longer signed in here." not in client.get(asked.location).text
    # Whose it was is kept: what was typed then is shown to nobody else.
    assert set(content(client)) <= {"csrf_token", "_permanent", "account"}


def test_a_stranger_is_told_nothing_of_the_kind(client: CheckedClient) -> None:
    assert "You are no longer signed in here." not in client.get("/en/sign-in").text


def test_signing_in_over_an_ended_sign_in_holds(client: CheckedClient, session: Session) -> None:
    account = make_account(session, email="ana@example.org")
    submit(client, "/es/sign-in", to="/es/sign-in", email=account.email)
    mail = session.scalars(select(Message.body)).one()
    link = mail[mail.index("/es/sign-in/link/") :].split()[0]
    page = form_of(client.get(link), "/link/")
    # In another tab somebody had signed in, long ago.
    sign_in(client, account, signed_in_at=datetime.now(UTC) - timedelta(days=40))
    assert send(client, page).status_code == 303
    assert is_in(client)


# -- my account ------------------------------------------------------------------------------------


def test_the_page_shows_ones_own_sign_ins_and_nobody_elses(client: CheckedClient, session: Session) -> None:
    account, other = make_account(session), make_account(session)
    sign_in(client, account)
    make_sign_in(session, account, way=SignInWay.PASSKEY)
    make_sign_in(session, other, way=SignInWay.CARD)
    text = client.get("/en/account").text
    assert str(account.email) in text
    assert str(other.email) not in text
    assert ["By email" in text, "With a passkey" in text, "With a card" in text] == [True, True, False]
    assert text.count("Here, now") == 1


def test_who_came_with_a_card_has_no_address_to_show(client: CheckedClient, session: Session) -> None:
    sign_in(client, make_account(session, email=None), way=SignInWay.CARD)
    assert "we know no address of yours" in client.get("/en/account").text


@pytest.mark.parametrize(("minutes", "said"), [(1, "within 1 minute."), (20, "within 20 minutes.")])
def test_who_came_with_a_card_is_told_how_long_the_next_one_proves_them(
    app: Flask, client: CheckedClient, session: Session, minutes: int, said: str
) -> None:
    app.config["PROOF_LASTS"] = timedelta(minutes=minutes)
    sign_in(
        client,
        make_account(session, email=None),
        way=SignInWay.CARD,
        proved_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert said in client.get("/en/confirm").text


def test_the_page_takes_the_same_statements_for_one_and_for_many(
    client: CheckedClient, session: Session, count_queries: Callable[..., Any]
) -> None:
    account = make_account(session)
    sign_in(client, account)
    counts = []
    for _ in range(2):
        with count_queries() as queries:
            client.get(ACCOUNT)
        counts.append(len(queries))
        make_sign_in(session, account)
        make_sign_in(session, account)
    assert counts == [5, 5]


def test_the_header_leads_there_for_who_is_signed_in(client: CheckedClient, session: Session) -> None:
    assert 'href="/es/account"' not in client.get("/es/").text
    sign_in(client, make_account(session))
    assert 'href="/es/account"' in client.get("/es/").text


def press(client: CheckedClient, to: str, **headers: str) -> TestResponse:
    return send(client, form_of(client.get(ACCOUNT), to), headers=headers or None)


def test_signing_out_kills_a_stolen_copy_at_once(
    client: CheckedClient, session: Session, new_client: Callable[..., CheckedClient]
) -> None:
    sign_in(client, make_account(session))
    thief = copy_of(client, new_client)
    page = BeautifulSoup(client.get("/es/").text, "html5lib")
    send(client, page.select_one('form[action="/es/sign-out"]'))
    assert [is_in(client), is_in(thief)] == [False, False]
    assert session.scalar(select(func.count(SignIn.id))) == 0


def test_signing_out_there_ends_that_one_alone(
    client: CheckedClient, session: Session, new_client: Callable[..., CheckedClient]
) -> None:
    account = make_account(session)
    phone, computer = new_client(), new_client()
    for browser in (client, phone, computer):
        row = sign_in(browser, account)
    other = new_client()
    sign_in(other, make_account(session))
    answer = press(client, f"/sign-ins/{row.id}/end")
    assert (answer.status_code, answer.location) == (303, ACCOUNT)
    assert [is_in(browser) for browser in (client, phone, computer, other)] == [True, True, False, True]


def test_signing_out_here_is_signing_out(client: CheckedClient, session: Session) -> None:
    row = sign_in(client, make_account(session))
    assert press(client, f"/sign-ins/{row.id}/end").location == "/es/"
    assert not is_in(client)


def test_nobody_signs_somebody_else_out(
    client: CheckedClient, session: Session, new_client: Callable[..., CheckedClient]
) -> None:
    other = new_client()
    theirs = sign_in(other, make_account(session))
    sign_in(client, make_account(session))
    token = BeautifulSoup(client.get("/es/").text, "html5lib").select_one("[name=csrf_token]")
    assert token is not None
    # The answer does not even tell that there is such a sign-in.
    answer = client.post(f"/es/account/sign-ins/{theirs.id}/end", data={"csrf_token": token["value"]})
    assert (answer.status_code, answer.location) == (303, ACCOUNT)
    assert is_in(other)


@pytest.mark.parametrize(("to", "stays"), [("/end-others", True), ("/end-all", False)])
def test_signing_out_everywhere_spares_where_one_is_only_if_asked_to(
    client: CheckedClient, session: Session, new_client: Callable[..., CheckedClient], to: str, stays: bool
) -> None:
    account = make_account(session)
    other, stranger = new_client(), new_client()
    sign_in(client, account)
    sign_in(other, account)
    thief = copy_of(other, new_client)
    sign_in(stranger, make_account(session))
    press(client, to)
    assert [is_in(browser) for browser in (client, other, thief, stranger)] == [stays, False, False, True]


def test_ending_sign_ins_is_easy_long_after_the_last_proof(client: CheckedClient, session: Session) -> None:
    conference = make_conference(session)
    earlier = datetime.now(UTC) - timedelta(hours=2)
    organizer = grant(session, conference, Role.ORGANIZER)
    sign_in(client, organizer, proved_at=earlier, assured_at=None)
    assert press(client, "/end-all").location == "/es/"
    assert session.scalar(select(func.count(SignIn.id))) == 0


def test_with_htmx_signing_out_leads_on_too(client: CheckedClient, session: Session) -> None:
    sign_in(client, make_account(session))
    answer = press(client, "/end-all", **HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/es/")


def test_whoever_was_forgotten_is_signed_in_nowhere(client: CheckedClient, session: Session) -> None:
    account, other = make_account(session), make_account(session)
    make_sign_in(session, other)
    sign_in(client, account)
    forget_accounts(session, Account.id == account.id)
    assert not is_in(client)
    assert session.scalars(select(SignIn.account_id)).all() == [other.id]
