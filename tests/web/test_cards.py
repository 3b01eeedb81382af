"""The desk prints a card, its holder gets in with it, and no page of either says a name too many."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference import models
from conference.domain.accounts import Role, link_digest
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.registration import Category, Purpose
from conference.domain.sign_ins import SignInWay
from conference.domain.tickets import shown_ticket_code, ticket_code, ticket_text, token_digest
from conference.services.registration import cancel_registration, register
from conference.web.csp import CONTENT_SECURITY_POLICY, WORKER
from conference.web.keys import key_for
from tests.exports.test_qr import drawn
from tests.factories import FAR_AHEAD, NOW, grant, make_account, make_conference, make_seat, sign_in
from tests.forms import HTMX, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

DESK = "/en/muestra/cards"
CARD = "/en/card"
NAME = "Nombre Reservado"


@pytest.fixture
def conference(session: Session) -> models.Conference:
    """A conference with somebody else in it, who must not be found."""
    conference = make_conference(session, slug="muestra", first_day=FAR_AHEAD)
    grant(session, conference, Role.DOOR_VOLUNTEER, account=make_account(session))
    return conference


@pytest.fixture
def desk(client: CheckedClient, session: Session, conference: models.Conference) -> CheckedClient:
    """Somebody of the committee at the desk, signed in."""
    sign_in(client, grant(session, conference, Role.CREDENTIALS_COMMITTEE))
    return client


@pytest.fixture
def token(app: Flask, session: Session, conference: models.Conference) -> str:
    """The ticket of somebody without email."""
    with app.app_context():
        key = key_for("tickets")
    return register(
        session,
        conference_id=conference.id,
        badge_name=NAME,
        category=Category.ATTENDEE,
        language="es",
        consents={Purpose.ATTEND},
        nonce=f"{7:032x}",
        key=key,
        now=datetime.now(UTC),
    ).token


class Printed:
    """What stands on the sheet that the desk was answered with."""

    def __init__(self, answer: TestResponse) -> None:
        assert answer.status_code == 200, words(answer)
        self.page = BeautifulSoup(answer.text, "html5lib")
        self.code = self.page.select_one(".access-card .ticket-code").get_text().strip()
        self.number = int(re.search(r"\d+", self.page.select_one(".access-card strong").get_text())[0])


def find(desk: CheckedClient, token: str) -> TestResponse:
    return submit(desk, DESK, text=shown_ticket_code(ticket_code(token)), to="/find")


def issue(desk: CheckedClient, token: str) -> Printed:
    return Printed(send(desk, form_of(find(desk, token), "/issue")))


def enter(phone: CheckedClient, code: str, **values: Any) -> TestResponse:
    return submit(phone, CARD, code=code, **values)


def words(response: TestResponse) -> str:
    main = BeautifulSoup(response.text, "html5lib").select_one("main") or BeautifulSoup(
        response.text, "html5lib"
    )
    return " ".join(main.get_text(" ").split())


def signed_in_as(phone: CheckedClient, session: Session) -> int | None:
    """Return the account that a phone is signed in with, asked by a page that needs one."""
    session.rollback()
    answer = phone.get("/en/now")
    if "/sign-in" in (answer.headers.get("Location") or ""):
        return None
    with phone.session_transaction() as cookie:
        key = cookie["sign_in"]
    row = session.scalars(select(models.SignIn).where(models.SignIn.key_digest == link_digest(key))).one()
    return int(row.account_id)


def holder(session: Session, token: str) -> int | None:
    session.rollback()
    found = select(models.Registration.account_id).where(
        models.Registration.token_digest == token_digest(token)
    )
    return session.scalar(found)


# -- at the desk -----------------------------------------------------------------------------------


def test_the_desk_finds_a_person_and_prints_a_card(desk: CheckedClient, token: str) -> None:
    found = words(find(desk, token))
    assert (NAME in found, "This person has no card." in found) == (True, True)
    printed = issue(desk, token)
    assert printed.number == 1
    assert re.fullmatch(r"[2-9C-Z]{5}-[2-9C-Z]{5}", printed.code)
    assert [len(steps.select("li")) for steps in printed.page.select(".card-steps section")] == [3, 3]
    spanish, english = printed.page.select(".card-steps section")
    assert (spanish["lang"], english["lang"]) == ("es", "en")
    assert "Come to the desk." in english.text
    seen = words(find(desk, token))
    assert ("Card 1" in seen, "Not used yet" in seen, printed.code in seen) == (True, True, False)


@pytest.fixture
def scanned(app: Flask, token: str) -> str:
    """What a scanner reads off the ticket."""
    with app.app_context():
        return ticket_text(token, conference="muestra", key=key_for("tickets"))


def test_the_desk_finds_a_person_by_the_qr_code_of_the_ticket(desk: CheckedClient, scanned: str) -> None:
    assert NAME in words(submit(desk, DESK, text=scanned, to="/find"))


def test_without_the_ticket_the_desk_finds_a_person_by_the_code_of_a_card_and_not_by_its_number(
    desk: CheckedClient, token: str
) -> None:
    card = issue(desk, token)
    found = submit(desk, DESK, text=card.code.lower(), to="/find")
    assert NAME in words(found)
    assert Printed(send(desk, form_of(found, "/issue"))).number == 2
    # The card that was replaced still tells whose it was.
    assert NAME in words(submit(desk, DESK, text=card.code, to="/find"))
    for number in ("1", "Tarjeta 2"):
        refused = submit(desk, DESK, text=number, to="/find")
        assert (refused.status_code, NAME in words(refused)) == (422, False)


def test_the_field_is_ready_for_the_next_person(desk: CheckedClient, token: str) -> None:
    first = BeautifulSoup(desk.get(DESK).text, "html5lib").select_one("#text")
    after = BeautifulSoup(find(desk, token).text, "html5lib").select_one("#text")
    printed = issue(desk, token).page.select_one("[data-after-print] #text")
    assert [field.has_attr("autofocus") for field in (first, after, printed)] == [True, True, False]
    assert [field["value"] for field in (first, after, printed)] == [""] * 3


def test_neither_the_sheet_nor_the_card_page_names_anybody(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], token: str
) -> None:
    printed = issue(desk, token)
    phone = new_client()
    pages = [str(printed.page), phone.get(CARD).text, phone.get("/es/card/any-token").text]
    assert [NAME in page for page in pages] == [False] * 3


def test_the_sheet_is_shown_once_and_kept_nowhere(desk: CheckedClient, token: str) -> None:
    form = form_of(find(desk, token), "/issue")
    answer = send(desk, form)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    again = send(desk, form)
    assert (again.status_code, "Somebody has just issued or revoked a card" in words(again)) == (409, True)
    assert Printed(answer).code not in again.text
    assert "Card 1" in words(again)


@pytest.mark.parametrize("text", [" ", "nobody", "0000000000", "A1:MUESTRA:X", "x" * 500])
def test_what_is_no_ticket_is_said_so(desk: CheckedClient, token: str, text: str) -> None:
    answer = submit(desk, DESK, text=text, to="/find")
    assert (answer.status_code, NAME in answer.text) == (422, False)
    assert BeautifulSoup(answer.text, "html5lib").select_one("#text-error") is not None


def test_a_cancelled_ticket_gets_no_card(
    desk: CheckedClient, session: Session, token: str, scanned: str
) -> None:
    cancel_registration(session, token=token, now=datetime.now(UTC))
    answer = submit(desk, DESK, text=scanned, to="/find")
    assert (answer.status_code, "This ticket was cancelled." in words(answer)) == (422, True)
    assert NAME not in answer.text


def test_who_has_an_address_is_told_to_use_it(desk: CheckedClient, session: Session, token: str) -> None:
    row = session.scalars(select(models.Registration)).one()
    row.contact_email = "secreta@example.org"
    session.flush()
    answer = find(desk, token)
    assert "registered with an email address" in words(answer)
    assert "secreta@example.org" not in answer.text
    page = BeautifulSoup(answer.text, "html5lib")
    assert page.select("form[action$='/issue']") == []
    field = page.select_one("input[name=csrf_token]")["value"]
    code = ticket_code(token)
    forged = desk.post(f"{DESK}/issue", data={"csrf_token": field, "text": code, "card": ""})
    assert (forged.status_code, session.scalars(select(models.AccessCard)).all()) == (409, [])


def test_the_desk_cannot_print_a_card_of_an_organizer(
    desk: CheckedClient, session: Session, conference: models.Conference, token: str
) -> None:
    row = session.scalars(select(models.Registration)).one()
    organizer = grant(session, conference, Role.ORGANIZER, account=make_account(session, email=None))
    row.account_id = organizer.id
    answer = find(desk, token)
    assert "printed by an organizer" in words(answer)
    assert BeautifulSoup(answer.text, "html5lib").select("form[action$='/issue']") == []


@pytest.mark.parametrize("data", [{}, {"text": "0000000000"}, {"text": "0000000000", "card": "x"}])
@pytest.mark.parametrize("act", ["issue", "revoke"])
def test_a_form_of_somebody_elses_making_does_nothing(
    app: Flask, desk: CheckedClient, session: Session, data: dict[str, str], act: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = desk.post(f"{DESK}/{act}", data=data)
    assert answer.status_code in {404, 422}
    assert session.scalars(select(models.AccessCard)).all() == []


def test_the_card_of_somebody_who_votes_asks_the_desk_for_a_fresh_proof_and_the_ticket_is_there_again(
    desk: CheckedClient, session: Session, conference: models.Conference, token: str
) -> None:
    """Whoever only attends waits for no proof: a desk is busy."""
    person = session.scalars(select(models.Registration)).one()
    row = session.scalars(select(models.SignIn)).one()
    row.proved_at = row.assured_at = datetime.now(UTC) - timedelta(minutes=16)
    session.commit()
    assert issue(desk, token).number == 1
    seat = make_seat(session, conference)
    status = CredentialStatus.ACCEPTED
    moments = {"attested_at": NOW, "decided_at": NOW}
    session.add(
        models.Credential(
            seat_id=seat.id,
            registration_id=person.id,
            capacity=Capacity.DELEGATE,
            status=status,
            **moments,
        )
    )
    session.commit()
    form = form_of(find(desk, token), "/issue")
    asked = send(desk, form, headers={"Referer": f"http://localhost{DESK}/find"})
    assert (asked.status_code, asked.location) == (303, f"/en/confirm?next={DESK}/find")
    assert session.scalars(select(models.AccessCard.number)).all() == [1]
    row.proved_at = row.assured_at = datetime.now(UTC)
    session.commit()
    back = desk.get(f"{DESK}/find")
    assert "What you had typed is here again." in words(back)
    found = send(desk, form_of(back, "/find"))
    assert Printed(send(desk, form_of(found, "/issue"))).number == 2


# -- on the phone ----------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_a_typed_code_lets_the_phone_in(
    desk: CheckedClient,
    new_client: Callable[..., CheckedClient],
    session: Session,
    token: str,
    headers: dict[str, str] | None,
) -> None:
    printed = issue(desk, token)
    phone = new_client()
    answer = enter(phone, printed.code.replace("-", " ").lower(), headers=headers)
    landed = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert landed == "/en/now"
    assert signed_in_as(phone, session) == holder(session, token)
    row = session.scalars(select(models.SignIn).where(models.SignIn.card_id.is_not(None))).one()
    assert (row.way, row.staff, row.assured_at) == (SignInWay.CARD, False, None)


def test_looking_at_a_cards_link_opens_nothing_and_one_button_does(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], session: Session, token: str
) -> None:
    address = link_of(issue(desk, token))
    phone = new_client()
    page = phone.get(address)
    assert signed_in_as(phone, session) is None
    assert send(phone, form_of(page)).headers["Location"] == "/es/now"
    assert signed_in_as(phone, session) == holder(session, token)


def link_of(printed: Printed) -> str:
    """Return the path that the QR code on the sheet leads to, read off its drawing."""
    (read,) = zxingcpp.read_barcodes(drawn(str(printed.page.select_one(".access-card svg"))))
    assert read.text.startswith("http://localhost/es/card/")
    return str(read.text.removeprefix("http://localhost"))


def test_after_entering_one_is_where_one_wanted_to_go(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], token: str
) -> None:
    printed = issue(desk, token)
    phone = new_client()
    page = phone.get(f"{CARD}?next=/en/muestra/votes")
    assert send(phone, form_of(page), code=printed.code).headers["Location"] == "/en/muestra/votes"


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example"])
def test_nobody_is_sent_to_another_site(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], token: str, elsewhere: str
) -> None:
    address = link_of(issue(desk, token))
    phone = new_client()
    page = phone.get(address, query_string={"next": elsewhere})
    assert send(phone, form_of(page), next=elsewhere).headers["Location"] == "/es/now"


def test_unknown_expired_and_revoked_codes_are_answered_with_the_same_words(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], session: Session, token: str
) -> None:
    printed = issue(desk, token)
    phone = new_client()
    card = session.scalars(select(models.AccessCard)).one()
    card.issued_at -= timedelta(days=30)
    card.expires_at = datetime.now(UTC)
    expired = enter(phone, printed.code)
    assert "It was never used" in words(find(desk, token))
    send(desk, form_of(find(desk, token), "/revoke"))
    revoked = enter(phone, printed.code)
    unknown = enter(phone, "22222-22222")
    said = [words(answer).replace(printed.code, "") for answer in (expired, revoked, unknown)]
    assert [answer.status_code for answer in (expired, revoked, unknown)] == [422] * 3
    assert len(set(said)) == 1
    assert "We do not know this code, or it is no longer valid." in said[0]


def test_a_code_that_is_too_short_or_too_long_costs_no_try(
    build_app: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    phone = new_client(build_app(RATELIMIT_ENABLED=True, LIMIT_CARD="1 per hour"))
    said = [words(enter(phone, code)) for code in ("22222-2222", "22222", "22222-222222")]
    assert ["Letters are missing: the code has ten." in text for text in said] == [True, True, False]
    assert "Those are too many letters: the code has ten." in said[2]
    assert [enter(phone, "22222-22222").status_code for _ in range(2)] == [422, 429]


def test_a_used_card_says_so_and_opens_nothing(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], session: Session, token: str
) -> None:
    printed = issue(desk, token)
    address = link_of(printed).replace("/es/", "/en/")
    enter(new_client(), printed.code)
    thief = new_client()
    by_code, by_link = enter(thief, printed.code), send(thief, form_of(thief.get(address)))
    assert [by_code.status_code, by_link.status_code] == [409, 409]
    assert ["This card was used already, and" in words(answer) for answer in (by_code, by_link)] == [True] * 2
    assert BeautifulSoup(by_link.text, "html5lib").h1.get_text() == "This card was used already"
    assert signed_in_as(thief, session) is None
    seen = words(find(desk, token))
    assert ("Used" in seen, "It let a phone in on" in seen) == (True, True)


def test_a_lost_phone_is_signed_out_by_the_new_card(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], session: Session, token: str
) -> None:
    first = issue(desk, token)
    lost = new_client()
    enter(lost, first.code)
    second = issue(desk, token)
    assert (second.number, signed_in_as(lost, session)) == (2, None)
    assert enter(lost, first.code).status_code == 422
    new = new_client()
    enter(new, second.code)
    assert signed_in_as(new, session) == holder(session, token)


def test_a_card_is_taken_back_and_the_phone_signed_out(
    desk: CheckedClient, new_client: Callable[..., CheckedClient], session: Session, token: str
) -> None:
    printed = issue(desk, token)
    phone = new_client()
    enter(phone, printed.code)
    answer = send(desk, form_of(find(desk, token), "/revoke"))
    assert answer.headers["Location"] == DESK
    assert "Card 1 opens nothing any more" in words(desk.get(DESK))
    assert signed_in_as(phone, session) is None
    assert "This person has no card." in words(find(desk, token))


def test_wrong_codes_are_limited_by_network_and_right_ones_are_not(
    build_app: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    phone = new_client(build_app(RATELIMIT_ENABLED=True, LIMIT_CARD="3 per minute"))
    tried = [enter(phone, "22222-22222") for _try in range(4)]
    assert [answer.status_code for answer in tried] == [422, 422, 422, 429]
    assert 0 < int(tried[-1].headers["Retry-After"]) <= 60


# -- nothing is told ---------------------------------------------------------------------------------


def test_neither_log_nor_audit_knows_a_secret_or_a_name(
    desk: CheckedClient,
    new_client: Callable[..., CheckedClient],
    session: Session,
    token: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "asamblea.requests")
    printed = issue(desk, token)
    address = link_of(printed)
    phone = new_client()
    send(phone, form_of(phone.get(address)))
    enter(new_client(), printed.code)
    issue(desk, token)
    session.rollback()
    entries = [
        json.loads(entry)["event"]
        for entry in session.scalars(select(models.AuditEntry.entry).order_by(models.AuditEntry.index))
    ]
    assert [entry["kind"] for entry in entries] == ["card_issued", "card_reissued"]
    assert len(caplog.records) > 5
    link = address.rsplit("/", 1)[1]
    secrets = (NAME, printed.code, printed.code.replace("-", ""), link, ticket_code(token), token)
    assert [secret for secret in secrets if secret in f"{caplog.text} {entries}"] == []


# -- the camera --------------------------------------------------------------------------------------


def test_only_the_worker_may_compile_webassembly(desk: CheckedClient, token: str) -> None:
    worker = desk.get(f"/static/{WORKER}").headers["Content-Security-Policy"]
    assert worker == CONTENT_SECURITY_POLICY.replace(
        "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
    )
    others = [
        *(DESK, CARD, "/es/card/any-token", "/static/js/scanner.js", "/static/js/asamblea.js"),
        "/static/vendor/zxing-wasm-3.1.4/zxing_reader.js",
        f"/static/{WORKER}/../asamblea.js",
        "/nowhere",
    ]
    assert {desk.get(address).headers["Content-Security-Policy"] for address in others} == {
        CONTENT_SECURITY_POLICY
    }
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_the_decoder_goes_over_the_wire_compressed_and_is_kept(client: CheckedClient) -> None:
    page = BeautifulSoup(client.get(CARD).text, "html5lib").select_one("[data-scan]")
    answer = client.get(page["data-scan-wasm"], headers={"Accept-Encoding": "gzip"})
    assert (answer.mimetype, answer.content_encoding) == ("application/wasm", "gzip")
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 450_000


def test_pages_without_the_camera_do_not_load_it(desk: CheckedClient, conference: models.Conference) -> None:
    addresses = ["/en/sign-in/code", "/en/muestra/", "/es/card/any-token", CARD, DESK]
    assert ["scanner.js" in desk.get(address).text for address in addresses] == [
        *(False, False, False, True, True)
    ]


def test_the_camera_is_hidden_until_the_script_says_that_there_is_one(client: CheckedClient) -> None:
    page = BeautifulSoup(client.get(CARD).text, "html5lib")
    assert [part.has_attr("hidden") for part in page.select("[data-scan-start], [data-scan-view]")] == [
        True,
        True,
    ]


def test_the_sign_in_page_leads_to_the_cards(client: CheckedClient) -> None:
    page = BeautifulSoup(client.get("/en/sign-in?next=/en/now").text, "html5lib")
    assert [link["href"] for link in page.select("main a[href*='/card']")] == ["/en/card?next=/en/now"]
