"""Confirming who acts, and setting up an app, as people do it with a browser."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.one_time_codes import hotp, step_of
from conference.domain.sign_ins import SignInWay
from conference.models import Account, Authenticator, Message, Passkey, RecoveryCode, SignIn, SignInCode
from tests.factories import grant, make_account, make_conference, sign_in
from tests.forms import form_of, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

OVERVIEW = "/es/account/second-factor"
CONFIRM = "/es/confirm"
LATELY = timedelta(minutes=14)
LONG_AGO = timedelta(minutes=16)


def moment(ago: timedelta = timedelta(0)) -> datetime:
    return datetime.now(UTC) - ago


def secret_in(answer: TestResponse) -> bytes:
    """The secret as it is typed from the page into an app."""
    shown = BeautifulSoup(answer.text, "html5lib").select_one(".typed-secret")
    assert shown is not None
    return base64.b32decode(shown.text.replace(" ", "").strip())


def code_of(secret: bytes, beside: int = 0) -> str:
    return hotp(secret, step_of(moment()) + beside)


def next_code(secret: bytes) -> str:
    """The code after the one that set the app up, as a phone that is a little fast shows it."""
    return code_of(secret, 1)


def codes_in(answer: TestResponse) -> list[str]:
    """The recovery codes as the page shows them."""
    return [item.text for item in BeautifulSoup(answer.text, "html5lib").select(".recovery-codes li")]


def begun(client: CheckedClient) -> TestResponse:
    """The page with the secret of an app that was just begun."""
    begin = send(client, form_of(client.get(OVERVIEW), "/begin"))
    assert begin.status_code == 303
    return client.get(begin.location)


def enrol(client: CheckedClient) -> tuple[bytes, list[str]]:
    """Set an app up; return its secret and the recovery codes. The next code is `next_code`."""
    shown = begun(client)
    secret = secret_in(shown)
    done = send(client, form_of(shown, "/enable"), app_code=code_of(secret))
    assert done.status_code == 200
    return secret, codes_in(done)


def confirm(client: CheckedClient, back: str = "", **codes: str) -> TestResponse:
    return client.post(CONFIRM + (f"?next={back}" if back else ""), data=codes | {"csrf_token": ""})


def waiting_letters(session: Session) -> list[str]:
    session.commit()
    return list(session.scalars(select(Message.body).order_by(Message.id)))


def sign_in_of(session: Session, row: SignIn) -> SignIn:
    session.commit()
    return session.get_one(SignIn, row.id)


@pytest.fixture
def rapporteur(session: Session) -> Account:
    """Somebody who writes summaries, in a conference called muestra."""
    return grant(session, make_conference(session, slug="muestra"), Role.RAPPORTEUR)


@pytest.fixture(autouse=True)
def without_tokens(app: Flask) -> None:
    """Forms are sent by hand here where a page would not offer them."""
    app.config["WTF_CSRF_ENABLED"] = False


# -- who is asked ----------------------------------------------------------------------------------


def test_staff_without_second_factor_are_led_from_their_page_to_setting_one_up_and_back(
    client: CheckedClient, session: Session
) -> None:
    account = grant(session, make_conference(session, slug="muestra"), Role.ORGANIZER)
    sign_in(client, account, assured_at=None)
    asked = client.get("/es/muestra/roles")
    assert (asked.status_code, asked.location) == (303, "/es/confirm?next=/es/muestra/roles")

    page = client.get(asked.location)
    link = BeautifulSoup(page.text, "html5lib").select_one("main a.button")
    assert link is not None
    assert link["href"] == "/es/account/second-factor?next=/es/muestra/roles"

    begin = send(client, form_of(client.get(link["href"]), "/begin"))
    shown = client.get(begin.location)
    done = send(client, form_of(shown, "/enable"), app_code=code_of(secret_in(shown)))
    on = BeautifulSoup(done.text, "html5lib").select_one("main a.button-primary")
    assert on is not None
    assert on["href"] == "/es/muestra/roles"
    assert client.get("/es/muestra/roles").status_code == 200


@pytest.mark.parametrize(("factor", "leads_to"), [("none", OVERVIEW), ("app", CONFIRM)])
def test_the_first_page_says_first_what_is_missing(
    client: CheckedClient, session: Session, rapporteur: Account, factor: str, leads_to: str
) -> None:
    give(session, rapporteur, factor)
    sign_in(client, rapporteur, assured_at=None)
    cards = BeautifulSoup(client.get("/es/muestra/now").text, "html5lib").select("main .card a")
    assert cards[0]["href"] == f"{leads_to}?next=/es/muestra/now"


def test_who_has_proved_it_is_not_asked_on_the_first_page(client: CheckedClient, rapporteur: Account) -> None:
    sign_in(client, rapporteur)
    assert "/es/confirm" not in client.get("/es/muestra/now").text


@pytest.mark.parametrize("ago", [LATELY, LONG_AGO])
@pytest.mark.parametrize("factor", ["none", "app", "passkey"])
@pytest.mark.parametrize("staff", [True, False], ids=["staff", "others"])
def test_keys_are_changed_with_a_fresh_proof_which_of_staff_is_the_second_factor_that_they_have(
    client: CheckedClient, session: Session, staff: bool, factor: str, ago: timedelta
) -> None:
    account = make_account(session)
    if staff:
        grant(session, make_conference(session), Role.CHAIR, account=account)
    give(session, account, factor)
    # What proves too little is fresh; what has to be proved is as old as said.
    fresh, old = moment(), moment(ago)
    strong = staff and factor != "none"
    proofs = {"proved_at": fresh, "assured_at": old} if strong else {"proved_at": old, "assured_at": None}
    sign_in(client, account, staff=staff, **proofs)
    answer = client.post(OVERVIEW + "/begin")
    allowed = "/es/account/second-factor/app" if ago is LATELY else "/es/confirm"
    assert (answer.status_code, answer.location.split("?")[0]) == (303, allowed)


def give(session: Session, account: Account, factor: str) -> None:
    """Give an account a second factor, however it came by it."""
    if factor == "app":
        session.add(
            Authenticator(
                account_id=account.id,
                sealed_secret=b"sealed",
                begun_at=moment(),
                confirmed_at=moment(),
                last_step=0,
                failed_tries=0,
            )
        )
    if factor == "passkey":
        session.add(
            Passkey(
                account_id=account.id,
                credential=b"its own",
                public_key=b"p",
                verifies=True,
                uses=0,
                added_at=moment(),
            )
        )
    session.flush()


def test_a_stolen_mail_sign_in_of_staff_with_a_passkey_adds_no_app(
    client: CheckedClient, session: Session, rapporteur: Account
) -> None:
    give(session, rapporteur, "passkey")
    sign_in(client, rapporteur, staff=True, assured_at=None)
    for act in ("begin", "enable", "remove", "recovery"):
        answer = client.post(f"{OVERVIEW}/{act}", data={"app_code": "123456"})
        assert (answer.status_code, answer.location.split("?")[0]) == (303, CONFIRM)
    assert client.get(f"{OVERVIEW}/app").location.split("?")[0] == CONFIRM
    assert session.scalars(select(Authenticator.account_id)).all() == []


def test_the_secret_is_not_shown_to_who_has_not_proved_it_lately(
    client: CheckedClient, session: Session
) -> None:
    row = sign_in(client, make_account(session))
    shown = begun(client)
    assert len(secret_in(shown)) == 20
    row = sign_in_of(session, row)
    row.proved_at = moment(LONG_AGO)
    hidden = client.get(f"{OVERVIEW}/app")
    assert (hidden.status_code, hidden.location) == (303, f"{CONFIRM}?next=/es/account/second-factor/app")


# -- setting up ------------------------------------------------------------------------------------


def test_setting_up_is_a_proof_and_shows_ten_codes_once(client: CheckedClient, session: Session) -> None:
    account = make_account(session)
    row = sign_in(client, account, assured_at=None)
    before = row.generation
    secret, codes = enrol(client)
    assert len(secret) == 20
    assert [bool(re.fullmatch(r"[2-9A-Z]{5}-[2-9A-Z]{5}", code)) for code in codes] == [True] * 10
    assert len(set(codes)) == 10

    after = sign_in_of(session, row)
    assert (after.assured_at is not None, after.generation) == (True, before + 1)
    again = client.get(OVERVIEW).text
    assert [code for code in codes if code in again] == []
    assert client.get(f"{OVERVIEW}/app").location == OVERVIEW
    stored = session.scalars(select(RecoveryCode.digest)).all()
    assert [code for code in codes if code in stored or code.replace("-", "") in stored] == []


def test_who_sends_the_last_step_twice_is_told_that_it_is_done(
    client: CheckedClient, session: Session
) -> None:
    sign_in(client, make_account(session), assured_at=None)
    enrol(client)
    again = client.post(f"{OVERVIEW}/enable", data={"app_code": "123456"})
    assert (again.status_code, again.location) == (303, OVERVIEW)
    assert session.scalars(select(Authenticator.failed_tries)).all() == [0]


def test_the_secret_on_the_page_is_the_one_in_the_picture_and_names_nobody(
    client: CheckedClient, session: Session
) -> None:
    account = make_account(session)
    sign_in(client, account)
    shown = begun(client)
    soup = BeautifulSoup(shown.text, "html5lib")
    address = soup.select_one('main a[href^="otpauth:"]')
    assert address is not None
    typed = soup.select_one(".typed-secret").text.replace(" ", "").strip()
    assert address["href"] == f"otpauth://totp/Asamblea?secret={typed}&issuer=Asamblea"
    assert account.email not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "000000"])
def test_a_wrong_first_code_comes_back_with_the_same_secret(
    client: CheckedClient, session: Session, typed: str
) -> None:
    sign_in(client, make_account(session))
    shown = begun(client)
    wrong = send(client, form_of(shown, "/enable"), app_code=typed)
    assert (wrong.status_code, secret_in(wrong)) == (422, secret_in(shown))
    assert session.scalars(select(Authenticator.confirmed_at)).all() == [None]


def test_leaving_half_way_leaves_the_old_app_in_force(client: CheckedClient, session: Session) -> None:
    account = make_account(session)
    row = sign_in(client, account)
    secret, _codes = enrol(client)
    other = secret_in(begun(client))
    assert other != secret

    stale(session, row)
    assert confirm(client, app_code=next_code(other)).status_code == 422
    assert confirm(client, app_code=next_code(secret)).status_code == 303


def stale(session: Session, row: SignIn) -> None:
    """Let time pass since the last proof."""
    row = sign_in_of(session, row)
    row.proved_at = row.assured_at = moment(LONG_AGO)
    session.commit()


def test_every_change_is_written_to_the_address_in_its_language(
    client: CheckedClient, session: Session
) -> None:
    account = make_account(session, language="en")
    row = sign_in(client, account, assured_at=None)
    secret, codes = enrol(client)
    send(client, form_of(client.get(OVERVIEW), "/recovery"))
    stale(session, row)
    confirm(client, app_code=next_code(secret))
    send(client, form_of(client.get(OVERVIEW), "/remove"))
    about = [body.split("\n\n")[1] for body in waiting_letters(session)]
    assert about == [
        "An app that shows codes was set up for your account.",
        "New recovery codes were made for your account. The old ones are void.",
        "The app that shows codes was removed from your account.",
    ]
    assert {body.splitlines()[-1] for body in waiting_letters(session)} == {
        "http://localhost/en/account/second-factor"
    }
    assert set(session.scalars(select(Message.subject))) == {"A change in your account"}
    assert [code for code in codes if code in "".join(waiting_letters(session))] == []


def test_staff_are_offered_no_button_that_would_take_their_last_second_factor(
    client: CheckedClient, session: Session, rapporteur: Account
) -> None:
    sign_in(client, rapporteur, assured_at=None)
    enrol(client)
    assert f"{OVERVIEW}/remove" not in client.get(OVERVIEW).text
    assert client.post(f"{OVERVIEW}/remove").status_code == 409
    give(session, rapporteur, "passkey")
    assert send(client, form_of(client.get(OVERVIEW), "/remove")).status_code == 303
    assert session.scalars(select(Authenticator.account_id)).all() == []


def test_recovery_codes_are_offered_with_a_second_factor_only(
    client: CheckedClient, session: Session
) -> None:
    sign_in(client, make_account(session))
    assert f"{OVERVIEW}/recovery" not in client.get(OVERVIEW).text
    assert client.post(f"{OVERVIEW}/recovery").status_code == 409


# -- confirming ------------------------------------------------------------------------------------


def test_a_code_of_the_app_confirms_renews_the_cookie_and_leads_back(
    client: CheckedClient, session: Session
) -> None:
    row = sign_in(client, make_account(session))
    secret, _codes = enrol(client)
    stale(session, row)
    generation = sign_in_of(session, row).generation
    done = confirm(client, back="/es/account/second-factor", app_code=next_code(secret))
    assert (done.status_code, done.location) == (303, OVERVIEW)
    after = sign_in_of(session, row)
    assert (after.generation, after.assured_at > moment(LATELY)) == (generation + 1, True)

    stale(session, row)
    assert confirm(client, app_code=next_code(secret)).status_code == 422


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_nobody_is_led_elsewhere(client: CheckedClient, session: Session, elsewhere: str) -> None:
    row = sign_in(client, make_account(session))
    secret, _codes = enrol(client)
    assert client.get(f"{CONFIRM}?next={elsewhere}").location == "/es/now"
    stale(session, row)
    assert confirm(client, back=elsewhere, app_code=next_code(secret)).location == "/es/now"


def test_a_recovery_code_confirms_once_and_the_address_is_told(
    client: CheckedClient, session: Session
) -> None:
    row = sign_in(client, make_account(session))
    _secret, codes = enrol(client)
    stale(session, row)
    assert confirm(client, recovery_code=codes[0].lower().replace("-", " ")).status_code == 303
    stale(session, row)
    assert confirm(client, recovery_code=codes[0]).status_code == 422
    assert len(waiting_letters(session)) == 2


@pytest.mark.parametrize(
    ("field", "typed"),
    [("app_code", "12345"), ("app_code", ""), ("recovery_code", "K7QM2"), ("recovery_code", "")],
)
def test_a_slip_is_no_try_and_comes_back(
    client: CheckedClient, session: Session, field: str, typed: str
) -> None:
    row = sign_in(client, make_account(session))
    secret, _codes = enrol(client)
    stale(session, row)
    for _time in range(6):
        wrong = confirm(client, **{field: typed})
        assert wrong.status_code == 422
        shown = BeautifulSoup(wrong.text, "html5lib").select_one(f"input[name={field}]")
        assert (shown["value"], shown["aria-invalid"]) == (typed, "true")
    assert confirm(client, app_code=next_code(secret)).status_code == 303


def test_five_wrong_codes_lock_the_app_and_say_for_how_long(client: CheckedClient, session: Session) -> None:
    row = sign_in(client, make_account(session))
    secret, codes = enrol(client)
    stale(session, row)
    answers = [confirm(client, app_code="000000") for _time in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    right = confirm(client, app_code=next_code(secret))
    assert right.status_code == 429
    assert 890 <= int(right.headers["Retry-After"]) <= 900
    assert "15 min" in right.text
    assert confirm(client, recovery_code=codes[4]).status_code == 303


def test_wrong_recovery_codes_are_refused_for_a_while(
    client: CheckedClient, app: Flask, session: Session
) -> None:
    row = sign_in(client, make_account(session))
    _secret, codes = enrol(client)
    stale(session, row)
    app.config.update(RATELIMIT_ENABLED=True, LIMIT_WRONG_CODE="3 per hour")
    app.extensions.pop("limits", None)
    tried = [confirm(client, recovery_code="K7QM2-XWDPZ") for _time in range(3)]
    assert [answer.status_code for answer in tried] == [422] * 3
    refused = confirm(client, recovery_code=codes[0])
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert session.scalars(select(RecoveryCode.used_at).where(RecoveryCode.used_at.is_not(None))).all() == []


def test_wrong_app_codes_are_refused_for_a_while(client: CheckedClient, app: Flask, session: Session) -> None:
    row = sign_in(client, make_account(session))
    secret, codes = enrol(client)
    stale(session, row)
    app.config.update(RATELIMIT_ENABLED=True, LIMIT_WRONG_CODE="3 per hour")
    app.extensions.pop("limits", None)
    tried = [confirm(client, app_code="000000").status_code for _time in range(3)]
    refused = confirm(client, app_code=next_code(secret))
    assert (tried, refused.status_code) == ([422] * 3, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    # Codes from paper are counted apart.
    assert confirm(client, recovery_code=codes[0]).status_code == 303


def test_the_account_is_told_when_its_app_is_locked(client: CheckedClient, session: Session) -> None:
    account = make_account(session, language="en")
    row = sign_in(client, account)
    enrol(client)
    stale(session, row)
    for _time in range(5):
        confirm(client, app_code="000000")
    session.commit()
    body = session.scalars(
        select(Message.body).where(Message.recipient == account.email).order_by(Message.id.desc())
    ).first()
    assert "wrote a wrong code five times" in (body or "")


def test_nobodys_codes_confirm_somebody_else(
    new_client: Callable[[], CheckedClient], session: Session
) -> None:
    ana, berta = new_client(), new_client()
    sign_in(ana, make_account(session))
    row = sign_in(berta, make_account(session))
    secret, codes = enrol(ana)
    enrol(berta)
    stale(session, row)
    assert confirm(berta, app_code=next_code(secret)).status_code == 422
    assert confirm(berta, recovery_code=codes[0]).status_code == 422
    assert sign_in_of(session, row).assured_at < moment(LATELY)


# -- a mailed code ---------------------------------------------------------------------------------


def mailed_code(session: Session) -> str:
    found = re.search(r"\b[0-9A-Z]{4}[- ][0-9A-Z]{4}\b", waiting_letters(session)[-1])
    assert found is not None
    return found.group()


def test_an_account_without_anything_confirms_with_a_code_from_its_mail(
    client: CheckedClient, session: Session
) -> None:
    row = sign_in(client, make_account(session), assured_at=None, proved_at=moment(LONG_AGO))
    sent = send(client, form_of(client.get(f"{CONFIRM}?next={OVERVIEW}"), "/mail"))
    assert sent.status_code == 303
    page = client.get(sent.location)
    wrong = send(client, form_of(page, "/confirm?"), mailed_code="0000-0000")
    assert wrong.status_code == 422
    done = send(client, form_of(wrong, "/confirm?"), mailed_code=mailed_code(session))
    assert (done.status_code, done.location) == (303, OVERVIEW)
    after = sign_in_of(session, row)
    assert (after.proved_at > moment(LATELY), after.assured_at) == (True, None)
    assert client.post(f"{OVERVIEW}/begin").location == f"{OVERVIEW}/app"


def test_a_mailed_code_is_no_second_factor_for_staff_but_lets_them_set_one_up(
    client: CheckedClient, session: Session, rapporteur: Account
) -> None:
    sign_in(client, rapporteur, assured_at=None, proved_at=moment(LONG_AGO))
    sent = send(client, form_of(client.get(f"{CONFIRM}?next=/es/muestra/now"), "/mail"))
    done = send(client, form_of(client.get(sent.location), "/confirm?"), mailed_code=mailed_code(session))
    assert done.location == f"{OVERVIEW}?next=/es/muestra/now"
    assert client.get("/es/muestra/summaries").status_code == 200
    assert "/es/account/second-factor" in client.get("/es/muestra/now").text


@pytest.mark.parametrize(("staff", "leads_to"), [(True, CONFIRM), (False, OVERVIEW)])
def test_with_a_mailed_code_staff_do_not_remove_their_app_and_others_do(
    client: CheckedClient, session: Session, staff: bool, leads_to: str
) -> None:
    account = make_account(session)
    if staff:
        grant(session, make_conference(session), Role.CHAIR, account=account)
    row = sign_in(client, account, staff=staff)
    enrol(client)
    stale(session, row)
    client.post(f"{CONFIRM}/mail")
    assert confirm(client, mailed_code=mailed_code(session)).status_code == 303
    assert client.post(f"{OVERVIEW}/remove").location.split("?")[0] == leads_to


def test_a_slip_in_a_mailed_code_is_no_try(client: CheckedClient, session: Session) -> None:
    sign_in(client, make_account(session), assured_at=None, proved_at=moment(LONG_AGO))
    client.post(f"{CONFIRM}/mail")
    for typed in ("1234567", "123456789", "1234 567o", "12345678 x", "", "1234567"):
        wrong = confirm(client, mailed_code=typed)
        assert wrong.status_code == 422
        shown = BeautifulSoup(wrong.text, "html5lib").select_one("input[name=mailed_code]")
        assert shown is not None
        assert (shown["value"], shown["aria-invalid"]) == (typed, "true")
    session.commit()
    assert session.scalars(select(SignInCode.failed_tries)).all() == [0]
    assert confirm(client, mailed_code=mailed_code(session)).status_code == 303


def test_who_has_just_proved_enough_is_led_back_at_once(client: CheckedClient, session: Session) -> None:
    account = make_account(session)
    give(session, account, "passkey")
    sign_in(client, account, assured_at=None)
    back = client.get(f"{CONFIRM}?next={OVERVIEW}")
    assert (back.status_code, back.location) == (303, OVERVIEW)


def test_who_is_staff_tell_the_grants_and_not_the_sign_in_and_nobody_is_led_in_a_circle(
    client: CheckedClient, session: Session, rapporteur: Account
) -> None:
    was = make_account(session)
    give(session, was, "app")
    give(session, rapporteur, "passkey")
    sign_in(client, was, staff=True, assured_at=None)
    assert client.post(f"{OVERVIEW}/begin").location.split("?")[0] == f"{OVERVIEW}/app"
    sign_in(client, rapporteur, staff=False, assured_at=None)
    asked = client.post(f"{OVERVIEW}/begin").location
    assert asked.split("?")[0] == CONFIRM
    assert client.get(asked).status_code == 200


def test_staff_who_showed_no_second_factor_are_asked_however_fresh_their_mail(
    client: CheckedClient, session: Session, rapporteur: Account
) -> None:
    sign_in(client, rapporteur, assured_at=None)
    assert client.get(f"{CONFIRM}?next={OVERVIEW}").status_code == 200


def test_a_code_mailed_to_another_address_proves_nothing(
    new_client: Callable[[], CheckedClient], session: Session
) -> None:
    ana, berta = new_client(), new_client()
    sign_in(ana, make_account(session), assured_at=None, proved_at=moment(LONG_AGO))
    row = sign_in(berta, make_account(session), assured_at=None, proved_at=moment(LONG_AGO))
    ana.post(f"{CONFIRM}/mail")
    assert confirm(berta, mailed_code=mailed_code(session)).status_code == 422
    assert sign_in_of(session, row).proved_at < moment(LATELY)


def test_an_account_with_a_card_only_is_sent_to_the_desk(client: CheckedClient, session: Session) -> None:
    account = make_account(session, email=None)
    sign_in(client, account, way=SignInWay.CARD, assured_at=None, proved_at=moment(LONG_AGO))
    page = client.get(CONFIRM)
    assert page.status_code == 200
    assert BeautifulSoup(page.text, "html5lib").select("main form") == []
    assert client.post(f"{CONFIRM}/mail").status_code == 422
    assert waiting_letters(session) == []


# -- what a reader sees ----------------------------------------------------------------------------


def test_new_codes_are_called_for_when_two_are_left(client: CheckedClient, session: Session) -> None:
    account = make_account(session)
    sign_in(client, account)
    enrol(client)
    assert "badge-warn" not in client.get(OVERVIEW).text
    for code in session.scalars(select(RecoveryCode).limit(8)):
        code.used_at = moment()
    assert "badge-warn" in client.get(OVERVIEW).text


def test_pages_with_secrets_are_kept_in_no_cache(client: CheckedClient, session: Session) -> None:
    sign_in(client, make_account(session))
    shown = begun(client)
    done = send(client, form_of(shown, "/enable"), app_code=code_of(secret_in(shown)))
    pages = [shown, done, client.get(OVERVIEW)]
    assert [page.headers["Cache-Control"] for page in pages] == ["no-store"] * 3
