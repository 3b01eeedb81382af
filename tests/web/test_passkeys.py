"""Passkeys over the web: pages that offer them, JSON that carries them, refusals that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.sign_ins import SignInWay
from conference.models import Challenge, Message, Passkey, SignIn
from tests.authenticators import Phone
from tests.factories import grant, make_account, make_conference, sign_in
from tests.forms import form_of, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bs4 import Tag
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Account
    from tests.clients import CheckedClient

LISTING = "/en/account/passkeys"
SIGN_IN = "/en/sign-in"


def ceremony(client: CheckedClient, address: str) -> Tag:
    """Return the form on a page that the script takes over."""
    (form,) = BeautifulSoup(client.get(address).text, "html5lib").select("form[data-passkey]")
    return form


def post(client: CheckedClient, address: str, token: str = "", **content: Any) -> TestResponse:
    """Send what the script sends."""
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    return client.post(address, json=content, headers=headers)


def answer_on(client: CheckedClient, address: str, phone: Phone, **content: Any) -> TestResponse:
    """Do on a page what its script does, with the phone."""
    form = ceremony(client, address)
    token = form.select_one("[name=csrf_token]")["value"]
    back = form.select_one("[name=next]")["value"]
    options = post(client, form["data-options"], token, next=back)
    assert options.status_code == 200, options.text
    answer = phone.make if form["data-passkey"] == "add" else phone.get
    return post(client, form["action"], token, answer=answer(options.json), next=back, **content)


def passkey_of(client: CheckedClient, account: Account, **values: Any) -> Phone:
    """Sign in with a mail, add a passkey of a new phone, and return the phone."""
    sign_in(client, account)
    phone = Phone(**values)
    assert answer_on(client, LISTING, phone).status_code == 200
    return phone


def go_of(answer: TestResponse) -> tuple[str, str | None]:
    """Return the page to which the script is sent, and from which one comes back where."""
    address = urlsplit(answer.json["go"])
    return address.path, parse_qs(address.query).get("next", [None])[0]


# -- where passkeys are offered ------------------------------------------------------------------------


def test_signing_in_offers_a_passkey_where_the_address_can_have_one(
    app: Flask, client: CheckedClient
) -> None:
    form = ceremony(client, "/es/sign-in?next=/es/muestra/votes")
    assert (form["data-origin"], form.has_attr("hidden")) == ("http://localhost", True)
    assert form.select_one("[name=next]")["value"] == "/es/muestra/votes"

    app.config["PUBLIC_URL"] = "http://127.0.0.1:8000"
    text = client.get("/es/sign-in").text
    assert [word for word in ("passkey", "simplewebauthn", "llave") if word in text] == []


def test_where_the_address_can_have_none_there_are_no_pages_for_them(
    app: Flask, client: CheckedClient, session: Session
) -> None:
    app.config["PUBLIC_URL"] = "https://192.0.2.7"
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(client, make_account(session))
    for kind in ("sign-in", "confirm"):
        assert post(client, f"/en/{kind}/passkey/options").status_code == 404
        assert post(client, f"/en/{kind}/passkey", answer={}).status_code == 404
    assert client.get(LISTING).status_code == 404
    assert post(client, f"{LISTING}/options").status_code == 404


def test_the_list_has_ones_own_passkeys_and_says_when_they_were_used(
    client: CheckedClient, new_client: Callable[[], CheckedClient], session: Session
) -> None:
    account = make_account(session)
    other = make_account(session)
    empty = new_client()
    sign_in(empty, make_account(session))
    for number in (1, 2):
        session.add(
            Passkey(
                account_id=account.id,
                credential=bytes([number]),
                public_key=b"",
                verifies=True,
                added_at=datetime(2026, 7, number, 12, tzinfo=UTC),
                used_at=datetime(2026, 7, 9, 12, tzinfo=UTC) if number == 2 else None,
            )
        )
    session.add(
        Passkey(
            account_id=other.id,
            credential=b"other",
            public_key=b"",
            verifies=True,
            added_at=datetime(2025, 1, 1, 12, tzinfo=UTC),
        )
    )
    sign_in(client, account)

    page = BeautifulSoup(client.get(LISTING).text, "html5lib")
    cards = [" ".join(card.get_text(" ").split()) for card in page.select("main li.card")]
    assert [card.split(" Remove ")[0] for card in cards] == [
        "Passkey 1 Added on Wednesday, July 1, 2026 Not used yet",
        "Passkey 2 Added on Thursday, July 2, 2026 Last used on Thursday, July 9, 2026",
    ]
    assert "2025" not in page.get_text()
    assert "You have no passkey yet" in empty.get(LISTING).text


def test_the_list_takes_the_same_statements_for_one_and_for_three(
    client: CheckedClient,
    session: Session,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    account = make_account(session)
    counts = []
    sign_in(client, account)
    for number in range(3):
        moment = datetime.now(UTC)
        session.add(
            Passkey(
                account_id=account.id,
                credential=bytes([number]),
                public_key=b"",
                verifies=True,
                added_at=moment,
            )
        )
        session.commit()
        with count_queries() as queries:
            client.get(LISTING)
        counts.append(len(queries))
    assert counts == [2, 2, 2]


# -- adding and removing -------------------------------------------------------------------------------


def test_adding_one_renews_the_cookie_proves_the_lock_and_writes_to_the_account(
    client: CheckedClient, session: Session
) -> None:
    account = make_account(session, language="es")
    row = sign_in(client, account, assured_at=None)
    answer = answer_on(client, LISTING, Phone())

    session.expire_all()
    assert (answer.status_code, answer.json) == (200, {"go": LISTING})
    assert (row.generation, row.assured_at is not None) == (2, True)
    assert session.scalars(select(Challenge)).all() == []
    message = session.scalars(select(Message)).one()
    assert (message.recipient, message.language) == (account.email, "es")
    assert "http://localhost/es/account/passkeys" in message.body
    listing = client.get(LISTING).text
    assert "Your passkey has been added." in listing
    assert "Passkey 1" in listing


def test_without_the_lock_adding_one_is_no_second_factor(client: CheckedClient, session: Session) -> None:
    row = sign_in(client, make_account(session), assured_at=None)
    assert answer_on(client, LISTING, Phone(locked=False)).status_code == 200
    session.expire_all()
    assert (row.generation, row.assured_at) == (2, None)


def test_adding_and_removing_need_a_fresh_proof(client: CheckedClient, session: Session) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    account = grant(session, make_conference(session), Role.CHAIR)
    sign_in(client, account, staff=True, proved_at=long_ago, assured_at=None)
    form = ceremony(client, LISTING)
    token = form.select_one("[name=csrf_token]")["value"]
    first = post(client, form["data-options"], token, next=LISTING)
    assert (first.status_code, go_of(first)) == (403, ("/en/confirm", LISTING))

    phone = passkey_of(client, account)
    # A mail proves the address; of staff with a passkey in the account it takes the passkey.
    sign_in(client, account, staff=True, assured_at=long_ago)
    form = ceremony(client, LISTING)
    token = form.select_one("[name=csrf_token]")["value"]
    second = post(client, form["data-options"], token, next=LISTING)
    removal = send(client, form_of(client.get(LISTING), to="/remove"))
    assert (second.status_code, go_of(second)) == (403, ("/en/confirm", LISTING))
    assert urlsplit(removal.headers["Location"]).path == "/en/confirm"
    assert len(session.scalars(select(Passkey.id)).all()) == 1

    assert answer_on(client, f"/en/confirm?next={LISTING}", phone).json == {"go": LISTING}
    assert answer_on(client, LISTING, Phone()).status_code == 200


def test_staff_without_any_second_factor_add_their_first_after_a_mailed_proof(
    client: CheckedClient, session: Session
) -> None:
    conference = make_conference(session, slug="muestra")
    organizer = grant(session, conference, Role.ORGANIZER)
    sign_in(client, organizer, assured_at=None, staff=True)
    assert client.get("/en/muestra/roles").status_code != 200
    assert answer_on(client, LISTING, Phone()).status_code == 200
    assert client.get("/en/muestra/roles").status_code == 200


def test_removing_is_for_ones_own_and_writes_to_the_account(
    client: CheckedClient, new_client: Callable[[], CheckedClient], session: Session
) -> None:
    account = make_account(session, language="en")
    passkey_of(client, account)
    removal = form_of(client.get(LISTING), to="/remove")
    stranger = new_client()
    passkey_of(stranger, make_account(session))
    foreign = form_of(stranger.get(LISTING), to="/remove")
    foreign["action"], own = removal["action"], foreign["action"]

    assert send(stranger, foreign).status_code == 404
    gone = send(client, removal)
    assert (gone.status_code, gone.headers["Location"]) == (303, LISTING)
    assert "The passkey has been removed." in client.get(LISTING).text
    assert send(client, removal).status_code == 404
    left = session.scalars(select(Passkey.id)).all()
    assert [str(number) for number in left] == [own.split("/")[-2]]
    bodies = session.scalars(
        select(Message.body).where(Message.recipient == account.email).order_by(Message.id)
    ).all()
    assert [body.split("\n")[2] for body in bodies] == [
        "a passkey was added to your account. It can be used to sign in without a mail.",
        "a passkey was removed from your account. It no longer opens anything.",
    ]


def test_the_last_second_factor_of_staff_stays_and_the_page_says_why(
    client: CheckedClient, session: Session
) -> None:
    conference = make_conference(session)
    passkey_of(client, grant(session, conference, Role.CHAIR))
    refused = send(client, form_of(client.get(LISTING), to="/remove"))
    assert refused.status_code == 409
    assert "Add another passkey or an app with codes first" in refused.text
    assert len(session.scalars(select(Passkey.id)).all()) == 1


# -- signing in ----------------------------------------------------------------------------------------


def test_a_passkey_signs_in_and_goes_where_one_wanted(
    client: CheckedClient, new_client: Callable[[], CheckedClient], session: Session
) -> None:
    account = make_account(session)
    phone = passkey_of(client, account)
    browser = new_client()
    answer = answer_on(browser, f"{SIGN_IN}?next={LISTING}", phone)

    row = session.scalars(select(SignIn).order_by(SignIn.id.desc())).first()
    assert (answer.status_code, answer.json) == (200, {"go": LISTING})
    assert (row.account_id, row.way, row.assured_at is not None) == (account.id, SignInWay.PASSKEY, True)
    assert browser.get(LISTING).status_code == 200
    assert answer_on(new_client(), SIGN_IN, phone).json == {"go": "/en/now"}
    elsewhere = answer_on(new_client(), f"{SIGN_IN}?next=//evil.example/", phone)
    assert elsewhere.json == {"go": "/en/now"}


def test_without_the_lock_staff_still_need_a_second_factor(
    client: CheckedClient, new_client: Callable[[], CheckedClient], session: Session
) -> None:
    conference = make_conference(session, slug="muestra")
    organizer = grant(session, conference, Role.ORGANIZER)
    phone = passkey_of(client, organizer, locked=False)
    browser = new_client()
    roles = "/en/muestra/roles"

    assert answer_on(browser, f"{SIGN_IN}?next={roles}", phone).json == {"go": roles}
    asked = browser.get(roles)
    assert (asked.status_code, urlsplit(asked.headers["Location"]).path) == (303, "/en/confirm")
    unlocked = answer_on(browser, asked.headers["Location"], phone)
    assert unlocked.status_code == 409
    assert unlocked.json["text"].startswith("Your device did not ask for fingerprint, face or PIN")
    assert browser.get(roles).status_code == 303

    phone.locked = True
    assert answer_on(browser, asked.headers["Location"], phone).json == {"go": roles}
    assert browser.get(roles).status_code == 200


def test_of_everybody_else_a_passkey_without_lock_is_proof_enough(
    client: CheckedClient, session: Session
) -> None:
    account = make_account(session)
    phone = passkey_of(client, account, locked=False)
    sign_in(client, account, proved_at=datetime.now(UTC) - timedelta(hours=2), assured_at=None)
    asked = send(client, form_of(client.get(LISTING), to="/remove"))
    assert urlsplit(asked.headers["Location"]).path == "/en/confirm"
    assert answer_on(client, asked.headers["Location"], phone).status_code == 200
    assert send(client, form_of(client.get(LISTING), to="/remove")).status_code == 303
    assert session.scalars(select(Passkey.id)).all() == []


def test_unknown_removed_and_foreign_passkeys_are_refused_in_the_same_words(
    client: CheckedClient, new_client: Callable[[], CheckedClient], session: Session
) -> None:
    removed = passkey_of(client, make_account(session))
    send(client, form_of(client.get(LISTING), to="/remove"))
    foreign = passkey_of(new_client(), make_account(session))
    other = new_client()
    account = make_account(session)
    passkey_of(other, account)
    sign_in(other, account, proved_at=datetime.now(UTC) - timedelta(hours=1), assured_at=None)

    refusals = [
        answer_on(new_client(), SIGN_IN, removed),
        answer_on(new_client(), SIGN_IN, Phone()),
        answer_on(other, f"/en/confirm?next={LISTING}", foreign),
        answer_on(other, f"/en/confirm?next={LISTING}", Phone()),
    ]
    assert {(refused.status_code, refused.text) for refused in refusals} == {
        (403, refusals[0].text),
    }
    assert refusals[0].json["text"].startswith("This passkey does not open anything here")


def test_a_challenge_is_used_up_by_a_wrong_answer(client: CheckedClient, session: Session) -> None:
    form = ceremony(client, SIGN_IN)
    token = form.select_one("[name=csrf_token]")["value"]
    options = post(client, form["data-options"], token).json
    assert len(session.scalars(select(Challenge.id)).all()) == 1
    session.commit()
    assert post(client, form["action"], token, answer=Phone().get(options)).status_code == 403
    assert session.scalars(select(Challenge.id)).all() == []
    session.commit()
    again = post(client, form["action"], token, answer=Phone().get(options))
    assert (again.status_code, "This took too long" in again.json["text"]) == (409, True)


# -- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [None, [], "text", {}, {"answer": 1}, {"answer": {}}, {"answer": {"response": []}, "next": 3}],
)
def test_what_is_no_answer_is_said_to_be_none(client: CheckedClient, content: object) -> None:
    token = ceremony(client, SIGN_IN).select_one("[name=csrf_token]")["value"]
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    refused = client.post("/es/sign-in/passkey", json=content, headers=headers)
    assert refused.status_code == 422
    assert list(refused.json) == ["text"]


def test_endless_nesting_is_no_answer_either(client: CheckedClient) -> None:
    token = ceremony(client, SIGN_IN).select_one("[name=csrf_token]")["value"]
    headers = {"Accept": "application/json", "X-CSRFToken": token, "Content-Type": "application/json"}
    assert client.post("/es/sign-in/passkey", data="[" * 100_000, headers=headers).status_code == 422


def test_a_stranger_is_sent_to_sign_in_and_back(client: CheckedClient) -> None:
    token = ceremony(client, SIGN_IN).select_one("[name=csrf_token]")["value"]
    for address in (LISTING, f"{LISTING}/options", "/en/confirm/passkey", "/en/confirm/passkey/options"):
        refused = post(client, address, token, next=LISTING)
        assert (refused.status_code, go_of(refused)) == (403, ("/en/sign-in", LISTING))


def test_a_page_of_another_session_is_told_to_load_again_as_script_and_as_form(
    client: CheckedClient,
) -> None:
    script = post(client, "/en/sign-in/passkey/options", "of another session")
    form = client.post("/en/sign-in/passkey/options")
    assert (script.status_code, form.status_code) == (403, 403)
    assert script.json["text"].endswith("Open it again, and repeat.")
    assert "Open it again, and repeat." in BeautifulSoup(form.text, "html5lib").get_text()


def test_too_many_tries_are_told_how_long_to_wait(
    build_app: Callable[..., Flask], new_client: Callable[..., CheckedClient]
) -> None:
    client = new_client(build_app(RATELIMIT_ENABLED=True, LIMIT_SIGN_IN="2 per minute"))
    token = ceremony(client, SIGN_IN).select_one("[name=csrf_token]")["value"]
    answers = [post(client, "/en/sign-in/passkey/options", token) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].json["text"].startswith("That was too often")
