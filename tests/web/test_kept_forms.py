"""What was typed is not lost when somebody has to sign in first, and nobody else ever sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.domain.sign_ins import SignInWay
from conference.extensions import db
from conference.models import KeptForm, RecoveryCode, Registration, SignIn, SummaryItem
from conference.web.set_up import set_up_token
from conference.web.sign_ins import begin_session
from tests.factories import (
    FAR_AHEAD,
    grant,
    make_account,
    make_conference,
    make_session,
    sign_in,
)
from tests.forms import HTMX, filled_in, form_of, send
from tests.halls import make_hall
from tests.moments import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from bs4 import Tag
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Account, Conference
    from tests.clients import CheckedClient

COOKIE = "asamblea"
NAME = "Nombre Reservado"
AGAIN = "What you had typed is here again."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def conference(session: Session) -> Conference:
    conference = make_conference(session, slug="muestra", first_day=FAR_AHEAD)
    make_session(session, conference, key="taller")
    return conference


REGISTER = "/en/muestra/register"
EDIT = "/en/muestra/summaries/taller/edit?in=es"


def from_page(address: str) -> dict[str, str]:
    """The header by which a browser tells, to our own site, the page that a form was on."""
    return {"Referer": f"http://localhost{address}"}


def ended(session: Session) -> None:
    """Sign everybody out, from elsewhere."""
    session.execute(db.delete(SignIn))


def comes_back(app: Flask, client: CheckedClient, account: Account) -> None:
    """Sign the account in with this browser, as the real ways in do: what was typed is carried over."""
    assert client.prepared is not None
    client.prepared.commit()
    cookie = client.get_cookie(COOKIE)
    headers = {} if cookie is None else {"Cookie": f"{COOKIE}={cookie.value}"}
    with app.test_request_context(method="POST", headers=headers) as context:
        begin_session(account.id, way=SignInWay.EMAIL, assured=True)
        db.session.commit()
        signer = app.session_interface.get_signing_serializer(app)
        assert signer is not None
        client.set_cookie(COOKIE, str(signer.dumps(dict(context.session))))


def register_form(client: CheckedClient) -> Tag:
    return form_of(client.get(REGISTER), REGISTER)


def typed(client: CheckedClient, form: Tag, address: str = REGISTER, **values: Any) -> TestResponse:
    return send(client, form, headers=from_page(address), **values)


ANSWERS: dict[str, Any] = {
    "badge_name": NAME,
    "category": "press",
    "photo_preference": "ask",
    "spoken": ["mix", "spa"],
    "attend": "y",
}


def shown(response: TestResponse) -> dict[str, str]:
    held = filled_in(form_of(response, REGISTER))
    return {name: value for name, value in held.items() if name != "csrf_token"}


# -- a session that ended --------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_half_filled_registration_survives_an_ended_session(
    app: Flask, client: CheckedClient, session: Session, conference: Conference, headers: dict[str, str]
) -> None:
    account = make_account(session)
    sign_in(client, account)
    form = register_form(client)
    ended(session)
    answer = send(client, form, headers=headers | from_page(REGISTER), **ANSWERS)
    to = answer.headers.get("HX-Redirect") or answer.location
    assert (to, session.scalar(select(func.count(Registration.id)))) == (f"/en/sign-in?next={REGISTER}", 0)
    assert "You are no longer signed in here." in client.get(to).text
    comes_back(app, client, account)
    page = client.get(REGISTER)
    assert AGAIN in page.text
    # Its key as well: what was sent before the session ended, after all, makes no second place.
    same = {"organization": "", "form_key": form.select_one("[name=form_key]")["value"]}
    assert shown(page) | {"spoken": ["mix", "spa"]} == ANSWERS | same
    ticked = form_of(page, REGISTER).select('[name="spoken"][checked]')
    assert sorted(box["value"] for box in ticked) == ["mix", "spa"]
    # No fault is shown of what nobody has sent again yet.
    assert "error-text" not in page.text
    done = typed(client, form_of(page, REGISTER), **ANSWERS)
    assert done.status_code == 303
    assert session.scalars(select(Registration.account_id)).one() == account.id
    afterwards = client.get(REGISTER)
    assert AGAIN not in afterwards.text
    assert NAME not in afterwards.text


def test_a_half_written_summary_survives_in_its_language(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    rapporteur = grant(session, conference, Role.RAPPORTEUR)
    sign_in(client, rapporteur)
    form = form_of(client.get(EDIT), "/edit")
    ended(session)
    words = "La primera línea\nLa segunda, con <b>signos</b> & más"
    answer = typed(client, form, EDIT, observation=words)
    assert answer.location.startswith("/en/sign-in?next=")
    comes_back(app, client, rapporteur)
    other = client.get(EDIT.replace("in=es", "in=en"))
    assert (AGAIN in other.text, "primera" in other.text) == (False, False)
    page = client.get(EDIT)
    assert AGAIN in page.text
    again = form_of(page, "/edit")
    assert again.select_one('[name="observation"]').text.strip().splitlines() == words.splitlines()
    saved = typed(client, again, EDIT)
    assert saved.status_code == 303
    assert session.scalar(select(func.count(SummaryItem.id))) == 2


def test_staff_who_lack_the_second_factor_lose_nothing(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    rapporteur = grant(session, conference, Role.RAPPORTEUR)
    sign_in(client, rapporteur)
    form = form_of(client.get(EDIT), "/edit")
    sign_in(client, rapporteur, assured_at=None)
    with client.session_transaction() as cookie:
        token = cookie["csrf_token"]
    assert token
    answer = typed(client, form, EDIT, observation="Una línea")
    assert answer.location.startswith("/en/confirm?next=")
    sign_in(client, rapporteur)
    assert "Una línea" in client.get(EDIT).text


def test_a_dangerous_act_asks_for_a_proof_and_comes_back_with_what_was_typed(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    organizer = grant(session, conference, Role.ORGANIZER)
    earlier = datetime.now(UTC) - timedelta(hours=1)
    sign_in(client, organizer, assured_at=earlier, proved_at=earlier)
    roles = "/en/muestra/roles"
    form = form_of(client.get(roles), roles)
    answer = typed(client, form, roles, email="nueva@example.org", role="chair")
    assert answer.location == f"/en/confirm?next={roles}"
    sign_in(client, organizer)
    assert "nueva@example.org" in client.get(roles).text


# -- a page that was open for too long -------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_token_of_another_session_loses_nothing_and_the_page_says_what_to_do(
    client: CheckedClient, session: Session, conference: Conference, headers: dict[str, str]
) -> None:
    form = register_form(client)
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = "of another session"
    answer = send(client, form, headers=headers | from_page(REGISTER), **ANSWERS)
    assert answer.status_code == 403
    links = BeautifulSoup(answer.text, "html5lib").select(f'a[href="{REGISTER}"]')
    assert [link.text.strip() for link in links] == ["Open the page again"]
    assert "What you typed is kept" in answer.text
    page = client.get(REGISTER)
    assert (AGAIN in page.text, shown(page)["badge_name"]) == (True, NAME)


@pytest.mark.parametrize(
    "referrer", [None, "https://evil.example/en/muestra/register", "http://localhost:1/"]
)
def test_what_another_site_sends_is_neither_kept_nor_touches_the_cookie(
    client: CheckedClient, session: Session, conference: Conference, referrer: str | None
) -> None:
    sign_in(client, make_account(session))
    headers = {} if referrer is None else {"Referer": referrer}
    # A browser sends no SameSite=Lax cookie with it: an answer that sets one would sign the person out.
    foreign = client.application.test_client()
    answer = foreign.post(REGISTER, data=ANSWERS, headers=headers)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    assert client.post(REGISTER, data=ANSWERS, headers=headers).status_code == 403
    with client.session_transaction() as cookie:
        assert "kept_form" not in cookie
    assert session.scalar(select(func.count(KeptForm.id))) == 0
    assert NAME not in client.get(REGISTER).text


# -- whose it is -----------------------------------------------------------------------------------


def kept_of(client: CheckedClient, session: Session, account: Account) -> None:
    """Have the browser keep a form that the account had half filled in when its session ended."""
    sign_in(client, account)
    form = register_form(client)
    ended(session)
    assert typed(client, form, **ANSWERS).status_code == 303


def test_who_signs_in_after_somebody_else_on_the_same_phone_sees_nothing_of_theirs(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    ana, beto = make_account(session), make_account(session)
    kept_of(client, session, ana)
    # Not while nobody is signed in either: the phone may have been put down.
    assert NAME not in client.get(REGISTER).text
    comes_back(app, client, beto)
    assert NAME not in client.get(REGISTER).text
    comes_back(app, client, ana)
    assert NAME not in client.get(REGISTER).text


def test_signing_out_drops_it(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    ana = make_account(session)
    kept_of(client, session, ana)
    comes_back(app, client, ana)
    page = BeautifulSoup(client.get("/en/").text, "html5lib")
    send(client, page.select_one('form[action="/en/sign-out"]'))
    comes_back(app, client, ana)
    assert NAME not in client.get(REGISTER).text


def test_another_browser_of_the_same_person_has_none_of_it(
    client: CheckedClient, session: Session, conference: Conference, new_client: Callable[..., CheckedClient]
) -> None:
    ana = make_account(session)
    kept_of(client, session, ana)
    other = new_client()
    sign_in(other, ana)
    assert NAME not in other.get(REGISTER).text


def test_the_database_does_not_tell_what_was_typed(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    kept_of(client, session, make_account(session))
    row = session.scalars(select(KeptForm)).one()
    with client.session_transaction() as cookie:
        key = cookie["kept_form"]["key"]
    assert NAME.encode() not in row.sealed
    assert key not in row.key_digest
    assert len(row.key_digest) == 64


# -- for how long, and where -----------------------------------------------------------------------


def test_it_waits_for_a_while_and_then_is_gone(
    app: Flask, client: CheckedClient, session: Session, conference: Conference, clock: Clock
) -> None:
    ana = make_account(session)
    kept_of(client, session, ana)
    comes_back(app, client, ana)
    clock.goes_on(minutes=44)
    assert NAME in client.get(REGISTER).text
    clock.goes_on(minutes=2)
    assert NAME not in client.get(REGISTER).text
    with client.session_transaction() as cookie:
        assert "kept_form" not in cookie
    kept_of(client, session, make_account(session))
    # The one whose time is over went as the next was kept.
    assert session.scalar(select(func.count(KeptForm.id))) == 1


def test_it_comes_back_on_its_own_page_and_in_its_own_form_only(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    organizer = grant(session, conference, Role.ORGANIZER)
    kept_of(client, session, organizer)
    comes_back(app, client, organizer)
    for other in ("/es/muestra/register", "/en/muestra/roles", "/en/", "/en/sign-in", f"{REGISTER}?in=es"):
        assert NAME not in client.get(other).text
    assert NAME in client.get(REGISTER).text


def test_a_refusal_keeps_it_and_only_sending_it_lets_go(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    ana = make_account(session)
    kept_of(client, session, ana)
    comes_back(app, client, ana)
    form = form_of(client.get(REGISTER), REGISTER)
    assert typed(client, form, badge_name="").status_code == 422
    assert client.post("/en/account/sign-ins/1/end", data=filled_in(form)).status_code == 303
    assert NAME in client.get(REGISTER).text
    again = form_of(client.get(REGISTER), REGISTER)
    ended(session)
    assert typed(client, again).location.startswith("/en/sign-in")
    comes_back(app, client, ana)
    assert NAME in client.get(REGISTER).text


def test_without_the_browser_saying_where_from_it_comes_back_to_the_address_itself(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    ana = make_account(session)
    sign_in(client, ana)
    form = register_form(client)
    ended(session)
    assert send(client, form, **ANSWERS).location == f"/en/sign-in?next={REGISTER}"
    comes_back(app, client, ana)
    assert NAME in client.get(REGISTER).text


def test_a_button_without_anything_typed_keeps_nothing(client: CheckedClient, session: Session) -> None:
    sign_in(client, make_account(session))
    form = form_of(client.get("/es/account"), "/end-all")
    ended(session)
    answer = send(client, form, headers=from_page("/es/account"))
    assert answer.location == "/es/sign-in?next=/es/account"
    assert session.scalar(select(func.count(KeptForm.id))) == 0


# -- what is never kept ----------------------------------------------------------------------------


def kept(session: Session) -> int:
    return session.scalar(select(func.count(KeptForm.id))) or 0


def test_of_a_vote_no_copy_is_kept(client: CheckedClient, session: Session) -> None:
    hall = make_hall(session, us=(1,), mx=(1,))
    votes = f"/en/{hall.slug}/votes"
    question = f"{votes}/{hall.open()}"
    # The chair's form on the same pages is kept: it is not the page that makes the difference.
    for account, address, to, values, copies in (
        (hall.us[0].account, question, "/ballot", {"choice": "no"}, 0),
        (hall.chair, votes, votes, {"rule": "simple"}, 1),
    ):
        sign_in(client, account)
        form = form_of(client.get(address), to)
        ended(session)
        answer = typed(client, form, address, **values)
        assert (answer.status_code, answer.location) == (303, f"/en/sign-in?next={address}")
        assert kept(session) == copies


SIGN_IN = "/en/sign-in"
CODE = "/en/sign-in/code"
CARD = "/en/card"
CONFIRM = "/en/confirm?mailed=1"
APP = "/en/account/second-factor/app"


@pytest.mark.parametrize(
    ("page", "to", "field", "value", "copies"),
    [
        # The control: a form that is kept.
        (REGISTER, REGISTER, "badge_name", NAME, 1),
        (SIGN_IN, SIGN_IN, "email", "secreta@example.org", 0),
        (CODE, CODE, "code", "7305 1182", 0),
        (CARD, CARD, "code", "K7QM2-XWDPT", 0),
        (CONFIRM, "/en/confirm", "mailed_code", "4821 0937", 0),
        (CONFIRM, "/en/confirm", "recovery_code", "K7QM2-XWDPT", 0),
        (APP, "/enable", "app_code", "123456", 0),
        ("set-up", "/set-up/", "email", "secreta@example.org", 0),
    ],
)
def test_of_a_code_that_proves_somebody_no_copy_is_kept(
    app: Flask,
    client: CheckedClient,
    session: Session,
    *,
    page: str,
    to: str,
    field: str,
    value: str,
    copies: int,
) -> None:
    if page == "set-up":
        with app.app_context():
            page = f"/en/set-up/{set_up_token()}"
    else:
        make_conference(session, slug="muestra", first_day=FAR_AHEAD)
    if page == CONFIRM:
        account = make_account(session)
        if field == "recovery_code":
            session.add(RecoveryCode(account_id=account.id, digest="of paper"))
        sign_in(client, account, assured_at=None, proved_at=datetime.now(UTC) - timedelta(hours=1))
    if page == APP:
        sign_in(client, make_account(session))
        send(client, form_of(client.get("/en/account/second-factor"), "/begin"))
    form = asks_for(client.get(page), field)
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = "of another session"
    answer = send(client, form, headers=from_page(page), **{field: value})
    assert (to in form["action"], answer.status_code, kept(session)) == (True, 403, copies)
    assert (value in client.get(page).text) == bool(copies)


def asks_for(answer: TestResponse, field: str) -> Tag:
    """The form of a page that asks for a field."""
    found = BeautifulSoup(answer.text, "html5lib").select(f"form:has([name={field}])")
    assert len(found) == 1
    return found[0]


def test_a_part_of_a_page_comes_back_to_the_whole_of_it(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    headers = HTMX | from_page("/es/muestra/program?day=1")
    answer = client.get("/es/muestra/now", headers=headers)
    assert answer.headers["HX-Redirect"] == "/es/sign-in?next=/es/muestra/program?day%3D1"


def test_of_a_stranger_no_large_form_is_kept_and_of_who_was_signed_in_it_is(
    client: CheckedClient,
    new_client: Callable[..., CheckedClient],
    session: Session,
    conference: Conference,
) -> None:
    large, small = (ANSWERS | {"badge_name": "n" * size} for size in (64 * 1024, 60 * 1024))
    kept = []
    for answers in (large, small):
        new_client().post(REGISTER, data=answers, headers=from_page(REGISTER))
        kept.append(session.scalar(select(func.count(KeptForm.id))))
    sign_in(client, make_account(session))
    ended(session)
    session.commit()
    client.post(REGISTER, data=large, headers=from_page(REGISTER))
    kept.append(session.scalar(select(func.count(KeptForm.id))))
    assert kept == [0, 1, 2]


def test_nobody_fills_the_disk_with_forms_that_are_refused(
    build_app: Callable[..., Flask],
    new_client: Callable[..., CheckedClient],
    session: Session,
    conference: Conference,
) -> None:
    app = build_app(RATELIMIT_ENABLED=True, LIMIT_KEPT_FORM="2 per minute")
    answers = [new_client(app).post(REGISTER, data=ANSWERS, headers=from_page(REGISTER)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403] * 4
    said = ["What you typed is kept" in answer.text for answer in answers]
    assert said == [True, True, False, False]
    assert session.scalar(select(func.count(KeptForm.id))) == 2
