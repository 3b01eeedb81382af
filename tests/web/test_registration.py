"""Registering and the page behind a ticket's link: plain for whoever holds it, silent for everybody else."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from flask_babel import force_locale
from icalendar import Calendar
from sqlalchemy import func, select

from conference import create_app
from conference.domain import tickets
from conference.domain.accounts import Role
from conference.domain.credentials import Capacity, CredentialStatus, RejectionReason
from conference.domain.directory import MembershipSide, MembershipState, OrganizationKind, RecordSource
from conference.domain.errors import Invalid
from conference.domain.registration import (
    CONSENT_VERSION,
    LEAD_CONSENT_VERSION,
    AccessNeed,
    Category,
    PhotoPreference,
    Purpose,
    RefusalReason,
    RegistrationStatus,
    ServiceKind,
    checked_badge_name,
)
from conference.extensions import db, limiter
from conference.forms import registration as forms
from conference.forms.base import clean_line
from conference.forms.parties import ASKED_TO_ATTEND
from conference.models import (
    Account,
    Conference,
    Consent,
    Credential,
    FederationMembership,
    Message,
    OfferedService,
    Places,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.services.decisions import reject
from conference.services.registration import register
from conference.web.keys import key_for
from config import Testing
from tests.databases import sqlite_url
from tests.factories import (
    FAR_AHEAD,
    grant,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    make_seat,
    make_session,
    sign_in,
)
from tests.forms import HTMX, filled_in, form_of, send, submit
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

REGISTER = "/en/muestra/register"
ANSWERS = {
    "badge_name": "Nombre Reservado",
    "category": "attendee",
    "organization": "",
    "photo_preference": "no",
    "attend": "y",
}
NAME, EMAIL = "Nombre Reservado", "secreta@example.org"


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference that is open for registration."""
    return make_conference(session, slug="muestra", first_day=FAR_AHEAD)


def post(client: CheckedClient, page: str, action: str | None = None, **values: Any) -> TestResponse:
    """Open a page and send a form from it, as a person does; `headers` are sent along."""
    headers = values.pop("headers", None)
    token = BeautifulSoup(client.get(page).text, "html.parser").select_one("main [name=csrf_token]")
    assert token is not None
    return client.post(action or page, data={"csrf_token": token["value"]} | values, headers=headers)


def words(response: TestResponse) -> str:
    return " ".join(BeautifulSoup(response.text, "html.parser").get_text(" ").split())


def only(session: Session) -> Registration:
    return session.scalars(select(Registration)).one()


def enrol(app: Flask, session: Session, conference: Conference, **values: Any) -> str:
    """Register somebody with the application's key; return the token."""
    with app.app_context():
        key = key_for("tickets")
    least = {
        "badge_name": NAME,
        "category": Category.ATTENDEE,
        "language": "es",
        "consents": {Purpose.ATTEND},
        "contact_email": EMAIL,
        "nonce": f"{id(values):032x}"[-32:],
        "key": key,
        "now": datetime(2026, 7, 1, tzinfo=UTC),
    }
    return register(session, conference_id=conference.id, **least | values).token


# -- the form --------------------------------------------------------------------------------------


def test_a_stranger_registers_without_an_address_and_sees_the_ticket(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    organization = make_organization(session, conference)
    response = post(
        client,
        REGISTER,
        **ANSWERS | {"category": "delegate", "organization": organization.key, "spoken": ["spa", "mix"]},
    )
    row = only(session)
    assert (response.status_code, row.contact_email, row.account_id) == (303, None, None)
    assert (row.category, row.organization_id, row.spoken) == (
        Category.DELEGATE,
        organization.id,
        ["spa", "mix"],
    )
    assert (row.badge_name, row.photo_preference, row.language) == (NAME, PhotoPreference.NO, "en")
    address = response.headers["Location"]
    assert re.fullmatch(r"/en/tickets/[A-Z2-7]{26}", address)
    shown = client.get(address)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert shown.headers["Referrer-Policy"] == "same-origin"
    assert session.scalars(select(Message)).all() == []


def test_htmx_is_sent_to_the_ticket(client: CheckedClient, conference: Conference) -> None:
    response = post(client, REGISTER, headers=HTMX, **ANSWERS)
    assert response.status_code == 200
    assert re.fullmatch(r"/en/tickets/[A-Z2-7]{26}", response.headers["HX-Redirect"])


def test_an_address_gets_the_ticket_under_a_neutral_subject(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    response = post(client, REGISTER, **ANSWERS | {"email": EMAIL, "reminders": "y"})
    letter = session.scalars(select(Message)).one()
    assert (letter.recipient, letter.subject) == (EMAIL, "Your ticket")
    assert f"http://localhost{response.headers['Location']}\n" in letter.body
    assert conference.name["en"] not in letter.subject + letter.body
    assert NAME not in letter.subject + letter.body
    assert {one.purpose for one in session.scalars(select(Consent))} == {Purpose.ATTEND, Purpose.REMINDERS}


def test_an_address_that_somebody_else_proved_is_not_linked(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = make_account(session)
    response = post(client, REGISTER, **ANSWERS | {"email": account.email})
    assert (response.status_code, only(session).account_id) == (303, None)


def test_a_signed_in_person_is_asked_for_no_address(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = make_account(session)
    sign_in(client, account)
    assert 'name="email"' not in client.get(REGISTER).text
    response = post(client, REGISTER, **ANSWERS)
    row = only(session)
    assert (row.account_id, row.contact_email) == (account.id, account.email)
    assert NAME in words(client.get(response.headers["Location"]))


OTHER = {"badge_name": "Beto Reservado", "email": "beto@example.org", "phone": "+52 951 123 4567"}
THEIRS = (
    "What you fill in here is for somebody else: "
    "the ticket is theirs, with their own email or phone, or none."
)


@pytest.mark.parametrize("status", [RegistrationStatus.CONFIRMED, RegistrationStatus.PENDING])
def test_who_has_a_ticket_registers_somebody_else_whose_ticket_is_theirs(
    client: CheckedClient, session: Session, conference: Conference, status: RegistrationStatus
) -> None:
    account = make_account(session)
    own = make_registration(session, conference, account_id=account.id, status=status).id
    sign_in(client, account)
    opened = client.get(REGISTER)
    soup = BeautifulSoup(opened.text, "html.parser")
    assert f"You have a ticket already. {THEIRS}" in words(opened)
    assert soup.select_one("main .notice a")["href"] == "/en/muestra/my-tickets"
    assert soup.select_one("#email")["autocomplete"] == soup.select_one("#phone")["autocomplete"] == "off"
    assert account.email not in opened.text
    answer = send(client, form_of(opened, REGISTER), **ANSWERS | OTHER)
    row = session.scalars(select(Registration).where(Registration.id != own)).one()
    assert (row.account_id, row.badge_name) == (None, OTHER["badge_name"])
    assert (row.contact_email, row.contact_phone) == ("beto@example.org", "+529511234567")
    assert session.scalars(select(Message.recipient)).all() == ["beto@example.org"]
    # The ticket's page is opened by its link, as for a stranger: it tells no name.
    assert answer.status_code == 303
    ticket = client.get(answer.headers["Location"])
    assert (ticket.status_code, OTHER["badge_name"] in ticket.text) == (200, False)
    assert (
        BeautifulSoup(client.get("/en/muestra/my-tickets").text, "html.parser").find(
            href=answer.headers["Location"]
        )
        is None
    )


def test_somebody_else_needs_neither_email_nor_phone(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = make_account(session)
    own = make_registration(session, conference, account_id=account.id).id
    sign_in(client, account)
    assert send(client, form_of(client.get(REGISTER), REGISTER), **ANSWERS).status_code == 303
    row = session.scalars(select(Registration).where(Registration.id != own)).one()
    assert (row.account_id, row.contact_email, row.contact_phone) == (None, None, None)
    assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_ones_own_address_is_refused_for_somebody_else(
    client: CheckedClient, session: Session, conference: Conference, headers: dict[str, str] | None
) -> None:
    account = make_account(session)
    make_registration(session, conference, account_id=account.id)
    sign_in(client, account)
    form = form_of(client.get(REGISTER), REGISTER)
    answer = send(client, form, headers=headers, **ANSWERS | {"email": account.email})
    soup = BeautifulSoup(answer.text, "html.parser")
    assert (answer.status_code, session.scalar(select(func.count(Registration.id)))) == (422, 1)
    assert "This is your own address" in soup.select_one("#email-error").get_text()
    assert soup.select_one("#badge_name")["value"] == NAME
    # What comes back is still for somebody else.
    assert send(client, form_of(answer, REGISTER), email="").status_code == 303
    assert sorted(session.scalars(select(Registration.account_id)), key=str) == [account.id, None]


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_a_form_opened_before_the_ticket_was_there_asks_again_whose_it_is(
    client: CheckedClient, session: Session, conference: Conference, headers: dict[str, str] | None
) -> None:
    account = make_account(session)
    sign_in(client, account)
    first, second = (form_of(client.get(REGISTER), REGISTER) for _ in range(2))
    assert send(client, first, **ANSWERS).status_code == 303
    answer = send(client, second, headers=headers, **ANSWERS | {"badge_name": "Beto Reservado"})
    soup = BeautifulSoup(answer.text, "html.parser")
    assert (answer.status_code, only(session).account_id) == (422, account.id)
    assert "You have a ticket already, so this one is for somebody else." in words(answer)
    assert soup.select_one("#badge_name")["value"] == "Beto Reservado"
    assert send(client, form_of(answer, REGISTER)).status_code == 303
    kept = session.execute(select(Registration.account_id, Registration.badge_name))
    assert {tuple(row) for row in kept} == {(account.id, NAME), (None, "Beto Reservado")}


def test_nothing_is_ticked_beforehand_and_photos_are_red(
    client: CheckedClient, conference: Conference
) -> None:
    soup = BeautifulSoup(client.get(REGISTER).text, "html.parser")
    assert [box["name"] for box in soup.select("[type=checkbox][checked]")] == []
    chosen = {radio["name"]: radio["value"] for radio in soup.select("[type=radio][checked]")}
    assert chosen == {"photo_preference": "no", "category": "attendee"}
    shapes = [use["href"].split("#")[1] for use in soup.select("#photo_preference use")]
    assert shapes == ["no-photo", "ask", "photo"]
    assert [label.get_text(strip=True) for label in soup.select("#photo_preference label")] == [
        "No photos of me",
        "Ask me first",
        "Photos are fine",
    ]


def test_a_name_and_how_to_reach_somebody_are_the_only_texts_to_type(
    client: CheckedClient, conference: Conference
) -> None:
    soup = BeautifulSoup(client.get(REGISTER).text, "html.parser")
    typed = soup.select("main textarea, main input:not([type=hidden]):not([type=radio]):not([type=checkbox])")
    assert [field["name"] for field in typed] == ["badge_name", "email", "phone"]


def test_the_page_says_until_which_day_it_keeps_what(client: CheckedClient, conference: Conference) -> None:
    assert "is kept until Sunday, August 11, 2097. Then it is erased." in words(client.get(REGISTER))


@pytest.mark.parametrize(
    ("changed", "field", "error"),
    [
        ({"badge_name": "   "}, "badge_name", "Write a name for the badge."),
        ({"badge_name": "…"}, "badge_name", "Write a name for the badge."),
        ({"badge_name": "x" * 81}, "badge_name", "A badge holds 80 letters at most."),
        ({"attend": ""}, "attend", "We cannot register you without this. Nothing has been kept."),
        ({"category": "delegate"}, "organization", "Choose the organization for which you come."),
        (
            {"reminders": "y"},
            "reminders",
            "Write an email address for the reminders, or leave this box empty.",
        ),
        (
            {"email": "no es correo"},
            "email",
            "This does not look like an email address. Example: name@example.org",
        ),
    ],
)
@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_a_rejected_form_comes_back_filled_in(
    *,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    changed: dict[str, str],
    field: str,
    error: str,
    headers: dict[str, str] | None,
) -> None:
    answers = ANSWERS | {"photo_preference": "ask", "spoken": ["mix"]} | changed
    response = post(client, REGISTER, headers=headers, **{k: v for k, v in answers.items() if v})
    assert response.status_code == 422
    soup = BeautifulSoup(response.text, "html.parser")
    assert soup.select_one(f"#{field}-error").get_text(strip=True) == error
    assert soup.select_one("#badge_name")["value"] == " ".join(answers["badge_name"].split())
    assert soup.select_one("[name=photo_preference][checked]")["value"] == "ask"
    assert soup.select_one("[name=spoken][checked]")["value"] == "mix"
    assert soup.select_one("#spoken details").has_attr("open")
    assert session.scalars(select(Registration)).all() == []


@pytest.mark.parametrize(
    "changed",
    [{"category": "king"}, {"photo_preference": "maybe"}, {"spoken": "klingon"}, {"organization": "x"}],
)
def test_only_offered_choices_are_taken(
    client: CheckedClient, session: Session, conference: Conference, changed: dict[str, str]
) -> None:
    assert post(client, REGISTER, **ANSWERS | changed).status_code == 422
    assert session.scalars(select(Registration)).all() == []


@pytest.mark.parametrize("sent", [[1, 2, []], {"badge_name": 5}, ANSWERS], ids=["list", "number", "answers"])
def test_what_a_script_sends_as_json_fills_in_no_form(
    client: CheckedClient, session: Session, conference: Conference, sent: object
) -> None:
    proof = BeautifulSoup(client.get(REGISTER).text, "html.parser").select_one("[name=csrf_token]")["value"]
    answer = client.post(REGISTER, json=sent, headers={"X-CSRFToken": proof})
    assert (answer.status_code, session.scalars(select(Registration)).all()) == (422, [])


def test_organizations_of_other_conferences_are_not_offered(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    here = make_organization(session, conference)
    make_organization(session, make_conference(session))
    options = BeautifulSoup(client.get(REGISTER).text, "html.parser").select("#organization option")
    assert [option["value"] for option in options] == ["", here.key]


def test_a_closed_registration_says_so(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    opened = client.get(REGISTER)
    conference.registration_open = False
    response = client.get(REGISTER)
    assert (response.status_code, "Registration is closed" in words(response)) == (200, True)
    token = BeautifulSoup(opened.text, "html.parser").select_one("main [name=csrf_token]")["value"]
    late = client.post(REGISTER, data=ANSWERS | {"csrf_token": token})
    assert (late.status_code, "Registration is closed" in words(late)) == (409, True)
    assert session.scalars(select(Registration)).all() == []


def test_what_is_over_takes_nobody_and_no_page_leads_to_its_form(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    form = form_of(client.get(REGISTER))
    assert f'href="{REGISTER}"' in client.get("/en/muestra/").text
    conference.first_day = datetime.now(UTC).date() - timedelta(days=4)
    said = "The conference is over, so nobody can register any more."
    shown, late = client.get(REGISTER), client.post(REGISTER, data=filled_in(form) | ANSWERS)
    assert [(page.status_code, said in words(page)) for page in (shown, late)] == [(200, True), (409, True)]
    assert session.scalars(select(Registration)).all() == []
    sign_in(client, make_account(session))
    pages = [client.get(page) for page in ("/en/muestra/", "/en/muestra/my-tickets", "/en/muestra/now")]
    assert [(page.status_code, f'href="{REGISTER}"' in page.text) for page in pages] == [(200, False)] * 3


def test_whoever_changes_the_words_of_a_consent_raises_its_version(app: Flask) -> None:
    boxes = (forms.CONSENT_TO_ATTEND, forms.CONSENT_TO_REMINDERS, forms.CONSENT_TO_NEEDS)
    said = []
    for language in ("en", "es"):
        with app.test_request_context(f"/{language}/"), force_locale(language):
            said += [str(box) for box in boxes]
    # Of the first version there were the first two boxes only.
    digests = {2: "f199a5cfe7cf7d72"}
    assert len(set(said)) == 6
    assert hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] == digests[CONSENT_VERSION]
    answered_for = str(ASKED_TO_ATTEND)
    assert (
        hashlib.sha256(answered_for.encode()).hexdigest()[:16]
        == {1: "6edf3617c1db0272"}[LEAD_CONSENT_VERSION]
    )


# -- the ticket ------------------------------------------------------------------------------------


def test_a_stranger_with_the_link_sees_the_ticket_and_no_person(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    organization = make_organization(session, conference, name="Club Confidencial")
    token = enrol(
        app, session, conference, organization_id=organization.id, photo_preference=PhotoPreference.ASK
    )
    response = client.get(f"/en/tickets/{token}")
    said = words(response)
    for shown in ("Attendee", "Ask me first", "Salón Secreto", "Calle Reservada 7", "Conference"):
        assert shown in said
    assert tickets.shown_ticket_code(tickets.ticket_code(token)) in said
    for hidden in (NAME, EMAIL, "Confidencial"):
        assert hidden not in response.text
    assert BeautifulSoup(response.text, "html.parser").select_one(".qr svg")["aria-label"] == (
        "QR code of the ticket"
    )


def test_the_name_is_shown_to_the_account_that_owns_the_ticket_only(
    app: Flask,
    new_client: Callable[[], CheckedClient],
    session: Session,
    conference: Conference,
) -> None:
    owner = make_account(session)
    token = enrol(app, session, conference, account_id=owner.id)
    readers = {
        "owner": owner,
        "attendee": make_registration(session, conference, account_id=make_account(session).id),
        "official": grant(session, conference, Role.OFFICIAL),
        "organizer": grant(session, conference, Role.ORGANIZER),
    }
    seen = {}
    for who, reader in readers.items():
        client = new_client()
        account_id = reader.account_id if isinstance(reader, Registration) else reader.id
        sign_in(client, session.get_one(Account, account_id))
        seen[who] = NAME in client.get(f"/en/tickets/{token}").text
    assert seen == {"owner": True, "attendee": False, "official": False, "organizer": False}


def test_the_page_of_a_ticket_has_the_navigation_of_its_conference(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    make_conference(session)
    soup = BeautifulSoup(
        client.get(f"/es/tickets/{enrol(app, session, conference).lower()}").text, "html.parser"
    )
    assert soup.select_one(".brand")["href"] == "/es/muestra/"
    assert "/es/muestra/program" in {link["href"] for link in soup.select("nav a")}


@pytest.mark.parametrize("token", ["A" * 26, "corto", "1" * 26])
@pytest.mark.parametrize("page", ["", "/cancel", "/calendar.ics"])
def test_other_addresses_open_nothing(
    client: CheckedClient, session: Session, conference: Conference, token: str, page: str
) -> None:
    make_registration(session, conference)
    response = client.get(f"/en/tickets/{token}{page}")
    assert response.status_code == 404
    assert "This link opens no ticket" in words(response)


def test_the_calendar_holds_sessions_and_the_venue_and_nobody(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    make_session(session, conference, title={"en": "Water"})
    make_session(session, make_conference(session), title={"en": "Elsewhere"})
    token = enrol(app, session, conference)
    response = client.get(f"/en/tickets/{token}/calendar.ics")
    events = Calendar.from_ical(response.data).walk("VEVENT")
    assert [(str(event["SUMMARY"]), str(event["LOCATION"])) for event in events] == [
        ("Water", "Salón Secreto, Calle Reservada 7, Salem, Oregon")
    ]
    assert response.mimetype == "text/calendar"
    said = response.data.decode().replace("\r\n ", "")
    assert [word for word in ("ATTENDEE", "ORGANIZER", NAME, EMAIL, token) if word in said] == []


def test_the_venue_is_told_to_registered_people_only(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    make_session(session, conference)
    token = enrol(app, session, conference)
    public = [client.get(f"/en/muestra/{page}").text for page in ("", "program", "program.ics", "register")]
    assert [text for text in public if "Salón Secreto" in text or "Calle Reservada" in text] == []
    assert "Salón Secreto" in client.get(f"/en/tickets/{token}").text


def test_reminders_are_withdrawn_without_an_account(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    page = f"/en/tickets/{enrol(app, session, conference, consents=set(Purpose))}"
    response = post(client, page, f"{page}/no-reminders")
    assert (response.status_code, response.headers["Location"]) == (303, page)
    assert "No more reminders" not in client.get(page).text
    withdrawn = {one.purpose: one.withdrawn_at is not None for one in session.scalars(select(Consent))}
    assert withdrawn == {Purpose.ATTEND: False, Purpose.REMINDERS: True}
    # Whoever tapped it by mistake takes it back.
    assert send(client, form_of(client.get(page), f"{page}/reminders")).headers["Location"] == page
    session.expire_all()
    assert [one.withdrawn_at for one in session.scalars(select(Consent))] == [None, None]
    assert "No more reminders" in client.get(page).text


def test_cancelling_asks_first_and_then_forgets(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    page = f"/en/tickets/{enrol(app, session, conference)}"
    asked = client.get(f"{page}/cancel")
    assert (asked.status_code, only(session).status) == (200, RegistrationStatus.CONFIRMED)
    response = post(client, f"{page}/cancel")
    assert (response.status_code, response.headers["Location"]) == (303, page)
    row = only(session)
    assert (row.status, row.badge_name, row.contact_email) == (RegistrationStatus.CANCELLED, "", None)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "This ticket was cancelled" in words(shown)
    assert "Salón Secreto" not in shown.text
    assert "<svg role" not in shown.text
    for again in (f"{page}/cancel", f"{page}/calendar.ics"):
        assert client.get(again).status_code == 409


def test_my_tickets_are_mine(
    app: Flask,
    client: CheckedClient,
    session: Session,
    conference: Conference,
) -> None:
    account = make_account(session)
    own = enrol(app, session, conference, account_id=account.id, badge_name="Nombre Propio", nonce="a" * 32)
    enrol(app, session, conference, account_id=make_account(session).id, nonce="b" * 32)
    sign_in(client, account)
    response = client.get("/en/muestra/my-tickets")
    soup = BeautifulSoup(response.text, "html.parser")
    assert [link["href"] for link in soup.select("main a")] == [f"/en/tickets/{own}"]
    assert ("Nombre Propio" in response.text, NAME in response.text) == (True, False)
    assert response.headers["Cache-Control"] == "no-store"


def test_a_stranger_signs_in_before_seeing_tickets(client: CheckedClient, conference: Conference) -> None:
    response = client.get("/en/muestra/my-tickets")
    assert (response.status_code, response.headers["Location"]) == (
        303,
        "/en/sign-in?next=/en/muestra/my-tickets",
    )


def test_the_ticket_of_the_days_of_the_conference(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    assert FAR_AHEAD.isoformat() == "2097-07-11"
    said = words(client.get(f"/en/tickets/{enrol(app, session, conference)}"))
    assert "Thursday, July 11, 2097 – Friday, July 12, 2097" in said


# -- sent once -------------------------------------------------------------------------------------


def filled(client: CheckedClient, **values: Any) -> dict[str, Any]:
    """Return the form as a browser holds it once it is filled in."""
    return filled_in(form_of(client.get(REGISTER))) | ANSWERS | values


def test_a_form_tapped_twice_is_one_place_and_one_ticket(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    form = filled(client, email=EMAIL)
    answers = [client.post(REGISTER, data=form) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert "what you sent first is kept" in words(client.get(answers[1].headers["Location"]))
    assert only(session).contact_email == EMAIL
    assert len(session.scalars(select(Message)).all()) == 1


def test_a_form_sent_again_with_other_words_changes_nothing_and_says_so(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    form = filled(client)
    own = client.post(REGISTER, data=form).headers["Location"]
    assert "what you sent first is kept" not in words(client.get(own))
    again = client.post(REGISTER, data=form | {"photo_preference": "yes"}).headers["Location"]
    assert (again, only(session).photo_preference) == (own, PhotoPreference.NO)
    assert "what you sent first is kept" in words(client.get(again))


def test_two_taps_at_the_same_moment_are_one_place_and_one_ticket(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    form = filled(client)
    session.commit()
    ready, came = threading.Barrier(4, timeout=PATIENCE), []

    def tap() -> None:
        own = app.test_client()
        ready.wait()
        answer = own.post(REGISTER, data=form)
        came.append((answer.status_code, answer.headers.get("Location")))

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for each in taps:
        each.start()
    for each in taps:
        each.join(PATIENCE)
    assert [status for status, _address in came] == [303] * 4
    assert len({address for _status, address in came}) == 1
    assert only(session).badge_name == NAME


def test_the_same_page_filled_in_for_the_next_person_is_another_ticket(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    form = filled(client)
    answers = [client.post(REGISTER, data=form | {"badge_name": name}) for name in (NAME, "Doña Chayo")]
    assert len({answer.headers["Location"] for answer in answers}) == 2
    assert {row.badge_name for row in session.scalars(select(Registration))} == {NAME, "Doña Chayo"}


def test_a_form_key_that_is_none_of_ours_is_no_key(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    form = filled(client, form_key="x")
    answers = [client.post(REGISTER, data=form) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in answers}) == 2


def test_what_is_stored_of_a_form_does_not_open_its_ticket(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    own = client.post(REGISTER, data=filled(client)).headers["Location"]
    stolen = only(session).ticket_nonce
    found = client.post(REGISTER, data=filled(client, form_key=stolen)).headers["Location"]
    assert found != own


def test_a_rejected_form_keeps_its_key_and_begins_at_its_errors(
    client: CheckedClient, conference: Conference
) -> None:
    form = filled(client, badge_name="")
    soup = BeautifulSoup(client.post(REGISTER, data=form).text, "html.parser")
    assert soup.select_one("[name=form_key]")["value"] == form["form_key"]
    assert soup.select_one("#errors").has_attr("autofocus")


# -- places, questions, services -------------------------------------------------------------------


@pytest.fixture
def asking(session: Session, conference: Conference) -> Conference:
    """The conference asks something, offers something, and has decided about places."""
    session.add_all(
        [
            Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=2),
            Places(conference_id=conference.id, category=Category.PRESS, capacity=0),
            Places(conference_id=conference.id, category=Category.SPEAKER, open=False),
            Places(conference_id=conference.id, category=Category.VOLUNTEER, approval=True),
            RegistrationQuestion(
                conference_id=conference.id,
                key="taller",
                position=1,
                label={"en": "Which workshop?"},
                choices=[
                    {"key": "water", "label": {"en": "Water"}},
                    {"key": "maize", "label": {"en": "Maize"}},
                ],
            ),
            OfferedService(
                conference_id=conference.id,
                key="ninos",
                position=1,
                kind=ServiceKind.CHILDCARE,
                label={"en": "Childcare"},
                capacity=3,
            ),
            OfferedService(
                conference_id=conference.id,
                key="camion",
                position=2,
                kind=ServiceKind.TRANSPORT,
                label={"en": "Bus"},
                capacity=0,
            ),
        ]
    )
    session.flush()
    return conference


def test_categories_say_what_is_left_in_words_and_no_number(
    client: CheckedClient, asking: Conference
) -> None:
    soup = BeautifulSoup(client.get(REGISTER).text, "html.parser")
    said = {
        label.select_one("input")["value"]: label.select_one(".badge").get_text(strip=True)
        for label in soup.select("#category label")
        if label.select_one(".badge")
    }
    assert said == {
        "attendee": "Places left",
        "press": "Waiting list",
        "speaker": "Closed",
        "volunteer": "The organizers answer first",
    }
    assert soup.select_one("#category [value=speaker]").has_attr("disabled")


def error_at(response: TestResponse, name: str) -> bool:
    """Tell whether a form came back with an error at a field."""
    soup = BeautifulSoup(response.text, "html.parser")
    return soup.select_one(f"main [name={name}][aria-invalid=true]") is not None


def test_who_has_an_account_sees_what_they_need_and_their_consent_and_takes_both_back(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = make_account(session)
    agreed = {Purpose.ATTEND, Purpose.NEEDS}
    needs = (AccessNeed.QUIET_ROOM,)
    token = enrol(
        app, session, conference, account_id=account.id, contact_email=None, needs=needs, consents=agreed
    )
    sign_in(client, account)
    page = f"/en/tickets/{token}"
    form = form_of(client.get(f"{page}/change"))
    assert filled_in(form) | {"needs": "quiet_room", "needs_agreed": "y"} == filled_in(form)
    assert send(client, form, photo_preference="yes").status_code == 303
    assert session.scalars(select(RegistrationNeed.need)).all() == [AccessNeed.QUIET_ROOM]
    # All is shown, so that what is ticked is all: nothing has to be forgotten first.
    assert "needs_anew" not in filled_in(form)
    without = filled_in(form)
    del without["needs"], without["needs_agreed"]
    assert client.post(form["action"], data=without).status_code == 303
    assert session.scalars(select(RegistrationNeed.need)).all() == []
    assert send(client, form, needs="captions").status_code == 303
    assert session.scalars(select(RegistrationNeed.need)).all() == [AccessNeed.CAPTIONS]
    answer = post(client, page, f"{page}/no-needs")
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "We keep no needs of yours." in words(client.get(page))
    assert session.scalars(select(RegistrationNeed.need)).all() == []
    assert filled_in(form_of(client.get(f"{page}/change"))).keys() & {"needs", "needs_agreed"} == set()


def test_after_their_day_needs_are_neither_asked_for_nor_kept(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    token = enrol(app, session, conference)
    page = f"/en/tickets/{token}"
    asking, form = client.get(page), form_of(client.get(f"{page}/change"))
    assert asking.text.count(f"{page}/no-needs") == 1
    conference.first_day = datetime.now(UTC).date() - timedelta(days=14)
    session.flush()
    assert client.get(page).text.count(f"{page}/no-needs") == 0
    assert client.get(f"{page}/change").text.count("needs") == 0
    late = filled_in(form) | {"needs": "captions", "needs_agreed": "y"}
    assert client.post(form["action"], data=late).status_code == 303
    assert session.scalars(select(RegistrationNeed.need)).all() == []


def test_questions_needs_and_services_are_kept_as_they_were_chosen(
    client: CheckedClient, session: Session, asking: Conference
) -> None:
    soup = BeautifulSoup(client.get(REGISTER).text, "html.parser")
    question = session.scalars(select(RegistrationQuestion.id)).one()
    childcare, bus = session.scalars(select(OfferedService.id).order_by(OfferedService.id)).all()
    assert soup.select_one(f"[name=service_{bus}]") is None
    assert "Bus Full" in words(client.get(REGISTER))
    assert not soup.select_one("#access").has_attr("open")
    chosen = {
        f"question_{question}": "maize",
        f"service_{childcare}": "2",
        "needs": ["captions", "step_free"],
    }
    refused = post(client, REGISTER, **ANSWERS | chosen)
    assert (refused.status_code, error_at(refused, "needs_agreed")) == (422, True)
    assert session.scalars(select(Registration)).all() == []
    agreed = send(client, form_of(refused), needs=["captions", "step_free"], needs_agreed="y")
    assert agreed.status_code == 303
    assert session.scalars(select(RegistrationAnswer.chosen)).all() == [["maize"]]
    assert session.execute(select(ServiceBooking.service_id, ServiceBooking.places)).all() == [(childcare, 2)]
    assert set(session.scalars(select(RegistrationNeed.need))) == {AccessNeed.CAPTIONS, AccessNeed.STEP_FREE}


@pytest.mark.parametrize("sent", ["", " ", ["", "wheelchair"], ["", "nationality"]])
@pytest.mark.parametrize("name", ["needs", "spoken", "service"])
def test_a_blank_is_no_choice(
    client: CheckedClient, session: Session, asking: Conference, name: str, sent: str | list[str]
) -> None:
    childcare = session.scalars(select(OfferedService.id).order_by(OfferedService.id)).first()
    field = f"service_{childcare}" if name == "service" else name
    answer = post(client, REGISTER, **ANSWERS | {field: sent})
    assert (answer.status_code, session.scalars(select(Registration)).all()) == (422, [])


def test_a_service_that_has_no_room_for_so_many_says_so_at_its_field(
    client: CheckedClient, session: Session, asking: Conference
) -> None:
    childcare = session.scalars(select(OfferedService.id).order_by(OfferedService.id)).first()
    answer = post(client, REGISTER, **ANSWERS | {f"service_{childcare}": "4"})
    soup = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert "no room left for so many" in soup.select_one(f"#service_{childcare}-error").get_text()
    assert soup.select_one(f"#service_{childcare} [selected]")["value"] == "4"
    assert session.scalars(select(Registration)).all() == []


def test_a_phone_is_kept_as_digits_and_no_letter_goes_anywhere(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    wrong = post(client, REGISTER, **ANSWERS | {"phone": "951 123"})
    assert "Write the number with its country" in words(wrong)
    answer = post(client, REGISTER, **ANSWERS | {"phone": "+52 (951) 123-4567"})
    assert only(session).contact_phone == "+529511234567"
    assert session.scalars(select(Message)).all() == []
    assert "951" not in client.get(answer.headers["Location"]).text


# -- where a place stands --------------------------------------------------------------------------


def test_who_comes_when_all_is_full_stands_in_line_and_sees_their_turn(
    client: CheckedClient, session: Session, asking: Conference
) -> None:
    page = post(client, REGISTER, **ANSWERS | {"category": "press", "email": EMAIL}).headers["Location"]
    shown = client.get(page)
    soup = BeautifulSoup(shown.text, "html.parser")
    assert "You are number 1 in line" in words(shown)
    assert soup.select_one(".qr") is None
    assert "Salón Secreto" not in shown.text
    assert session.scalars(select(Message.subject)).all() == ["Your registration"]
    poll = soup.select_one("#line [hx-get]")["hx-get"]
    assert client.get(poll, headers=HTMX).status_code == 204
    assert client.get(poll).headers["Location"] == page
    stale = client.get(f"{page}/line?version=old", headers=HTMX)
    assert (stale.status_code, "You are number 1 in line" in words(stale)) == (200, True)
    for closed in (f"{page}.txt", f"{page}/calendar.ics"):
        assert "Salón Secreto" not in client.get(closed).text


def test_leaving_the_line_asks_first_and_forgets(
    client: CheckedClient, session: Session, asking: Conference
) -> None:
    page = post(client, REGISTER, **ANSWERS | {"category": "press"}).headers["Location"]
    asked = client.get(f"{page}/leave")
    assert ("Leave the line?" in words(asked), only(session).status) == (True, RegistrationStatus.WAITING)
    assert send(client, form_of(asked)).headers["Location"] == page
    assert (only(session).status, only(session).badge_name) == (RegistrationStatus.CANCELLED, "")
    assert "This ticket was cancelled" in words(client.get(page))


def test_a_place_given_back_is_offered_to_the_next_who_accepts(
    app: Flask, client: CheckedClient, session: Session, asking: Conference
) -> None:
    asking.first_day = datetime.now(UTC).date() + timedelta(days=30)
    names = ("Primera", "Segunda", "Tercera")
    pages = [post(client, REGISTER, **ANSWERS | {"badge_name": n}).headers["Location"] for n in names]
    third = pages[2]
    assert "You are number 1 in line" in words(client.get(third))
    assert send(client, form_of(client.get(f"{pages[0]}/cancel"))).status_code == 303
    poll = client.get(f"{third}/line?version=waiting-1-", headers=HTMX)
    assert "There is a place for you" in words(poll)
    assert "Pacific" in words(poll)
    accept = form_of(client.get(third), "/accept")
    assert send(client, accept).headers["Location"] == third
    shown = client.get(third)
    assert "Show this code at the door." in words(shown)
    assert "Salón Secreto" in shown.text
    # Tapped twice: it is theirs already.
    assert send(client, accept).headers["Location"] == third
    assert client.get(f"{third}/line?version=old", headers=HTMX).headers["HX-Redirect"] == third


def test_who_waits_for_an_answer_is_told_what_happens_next(
    client: CheckedClient, session: Session, asking: Conference
) -> None:
    page = post(client, REGISTER, **ANSWERS | {"category": "volunteer"}).headers["Location"]
    shown = client.get(page)
    assert "Your registration waits for an answer" in words(shown)
    assert BeautifulSoup(shown.text, "html.parser").select_one(".qr") is None
    reject(
        session,
        conference_id=asking.id,
        registration_id=only(session).id,
        reason=RefusalReason.TWICE,
        by=None,
        now=datetime.now(UTC),
    )
    answered = words(client.get(page))
    assert "The organizers gave this reason: Registered twice." in answered


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (None, "Your organization still has to name you"),
        (CredentialStatus.PROPOSED, "Your organization has named you"),
        (CredentialStatus.ACCEPTED, "Your credential is accepted"),
        (CredentialStatus.REJECTED, "Your credential was not accepted"),
        (CredentialStatus.WITHDRAWN, "Your organization still has to name you"),
    ],
)
def test_a_delegates_ticket_says_what_became_of_the_seat(
    *,
    app: Flask,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    status: CredentialStatus | None,
    title: str,
) -> None:
    seat = make_seat(session, conference)
    token = enrol(app, session, conference, category=Category.DELEGATE, organization_id=seat.organization_id)
    if status is not None:
        rejected = status is CredentialStatus.REJECTED
        session.add(
            Credential(
                seat_id=seat.id,
                registration_id=only(session).id,
                capacity=Capacity.DELEGATE,
                status=status,
                reason=RejectionReason.LETTER_MISSING if rejected else None,
                attested_at=datetime(2026, 7, 1, tzinfo=UTC),
                decided_at=datetime(2026, 7, 2, tzinfo=UTC),
            )
        )
    assert title in words(client.get(f"/en/tickets/{token}"))


@pytest.mark.parametrize(
    ("state", "mandate", "title"),
    [
        (None, None, "Your organization has no seat yet"),
        (MembershipState.ACTIVE, None, "Your organization has no seat yet"),
        (MembershipState.LEAVING, RecordSource.PAPER, "Your organization has no seat yet"),
        (MembershipState.ACTIVE, RecordSource.PAPER, "Your organization still has to name you"),
    ],
)
def test_a_delegates_ticket_says_where_there_is_no_seat_to_be_named_for(
    *,
    app: Flask,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    state: MembershipState | None,
    mandate: RecordSource | None,
    title: str,
) -> None:
    # The seats of others, and one's own in another conference, are none to be named for here.
    federation = make_organization(session, conference, kind=OrganizationKind.FEDERATION)
    make_seat(session, make_conference(session), organization=federation)
    member_id, parent_id = make_seat(session, conference).organization_id, federation.id
    if state is not None:
        asked_by = None if state is MembershipState.ACTIVE else MembershipSide.MEMBER
        joined = {"state": state, "asked_by": asked_by, "mandate": mandate}
        joined["mandated_at"] = None if mandate is None else datetime(2026, 7, 1, tzinfo=UTC)
        session.add(FederationMembership(parent_id=parent_id, member_id=member_id, **joined))
    token = enrol(app, session, conference, category=Category.DELEGATE, organization_id=parent_id)
    assert title in words(client.get(f"/en/tickets/{token}"))


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_a_delegate_of_an_office_is_told_at_the_category_that_it_has_no_vote(
    client: CheckedClient, session: Session, conference: Conference, headers: dict[str, str] | None
) -> None:
    office = make_organization(session, conference, kind=OrganizationKind.GOVERNMENT_FEDERAL)
    said = {"category": "delegate", "organization": office.key}
    answer = post(client, REGISTER, headers=headers, **ANSWERS | said)
    soup = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert "voice and no vote" in soup.select_one("#category-error").get_text()
    assert soup.select_one("#badge_name")["value"] == NAME
    assert session.scalars(select(Registration)).all() == []


# -- one's own, without an account -----------------------------------------------------------------


def test_a_ticket_as_plain_text_has_short_lines_and_no_name(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    token = enrol(app, session, conference)
    answer = client.get(f"/en/tickets/{token}.txt")
    lines = answer.text.splitlines()
    assert answer.mimetype == "text/plain"
    assert tickets.shown_ticket_code(tickets.ticket_code(token)) in lines
    assert f"http://localhost/en/tickets/{token}" in lines
    assert ("Salón Secreto" in lines, "Calle Reservada 7" in lines) == (True, True)
    assert "Clock: Pacific Daylight Time (Los Angeles)" in lines
    assert [line for line in lines if len(line) > 70 or NAME in line or EMAIL in line] == []
    area = BeautifulSoup(client.get(f"/en/tickets/{token}").text, "html.parser").select_one("#plain")
    assert (area.text.strip(), area.has_attr("readonly")) == (answer.text.strip(), True)


def test_what_was_said_is_changed_at_the_link_and_the_name_is_not_shown(
    app: Flask, client: CheckedClient, session: Session, asking: Conference
) -> None:
    question = session.scalars(select(RegistrationQuestion.id)).one()
    token = enrol(
        app,
        session,
        asking,
        spoken=("mix",),
        answers={question: ["water"]},
        needs=(AccessNeed.QUIET_ROOM,),
        consents={Purpose.ATTEND, Purpose.NEEDS},
        photo_preference=PhotoPreference.ASK,
    )
    page = f"/en/tickets/{token}"
    opened = client.get(f"{page}/change")
    soup = BeautifulSoup(opened.text, "html.parser")
    assert NAME not in opened.text
    assert {box["value"] for box in soup.select("[checked]")} == {"ask", "mix", "water"}
    answer = send(client, form_of(opened), badge_name="Doña Chayo", photo_preference="yes", spoken="zap")
    assert answer.headers["Location"] == page
    row = only(session)
    assert (row.badge_name, row.photo_preference, row.spoken) == ("Doña Chayo", PhotoPreference.YES, ["zap"])
    assert session.scalars(select(RegistrationNeed.need)).all() == [AccessNeed.QUIET_ROOM]
    # What is ticked comes to what stands in no page.
    refused = send(client, form_of(client.get(f"{page}/change")), needs="captions")
    assert (refused.status_code, error_at(refused, "needs_agreed")) == (422, True)
    assert send(client, form_of(refused), needs_agreed="y").status_code == 303
    needs = select(RegistrationNeed.need).order_by(RegistrationNeed.need)
    assert session.scalars(needs).all() == [AccessNeed.CAPTIONS, AccessNeed.QUIET_ROOM]
    assert send(client, form_of(client.get(f"{page}/change")), needs_anew="y").status_code == 303
    assert session.scalars(select(RegistrationNeed.need)).all() == []
    assert only(session).badge_name == "Doña Chayo"


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_a_change_that_cannot_be_comes_back_filled_in(
    app: Flask, client: CheckedClient, session: Session, asking: Conference, headers: dict[str, str] | None
) -> None:
    page = f"/en/tickets/{enrol(app, session, asking)}/change"
    childcare = session.scalars(select(OfferedService.id).order_by(OfferedService.id)).first()
    form = form_of(client.get(page))
    answer = send(client, form, headers=headers, **{f"service_{childcare}": "8", "badge_name": "Otra"})
    soup = BeautifulSoup(answer.text, "html.parser")
    assert (answer.status_code, only(session).badge_name) == (422, NAME)
    assert soup.select_one("#badge_name")["value"] == "Otra"
    assert "no room left" in soup.select_one(f"#service_{childcare}-error").get_text()


PHONE = "+529511234567"


def test_address_and_phone_are_changed_at_the_link_and_neither_is_shown(
    app: Flask, client: CheckedClient, session: Session, asking: Conference
) -> None:
    token = enrol(app, session, asking, contact_phone=PHONE, consents=set(Purpose))
    page = f"/en/tickets/{token}"
    opened = client.get(f"{page}/change")
    shown = BeautifulSoup(opened.text, "html.parser")
    assert [shown.select_one(f"#{field}").get("value") for field in ("email", "phone")] == ["", ""]
    assert [secret for secret in (EMAIL, PHONE, PHONE[3:]) if secret in opened.text] == []
    assert send(client, form_of(opened), photo_preference="yes").headers["Location"] == page
    assert (only(session).contact_email, only(session).contact_phone) == (EMAIL, PHONE)
    typed = {"email": "Nueva@example.org", "phone": "+1 503 555 0100"}
    assert send(client, form_of(client.get(f"{page}/change")), **typed).status_code == 303
    assert (only(session).contact_email, only(session).contact_phone) == ("nueva@example.org", "+15035550100")
    letter = session.scalars(select(Message)).one()
    assert (letter.recipient, letter.subject) == ("nueva@example.org", "Your ticket")
    assert f"http://localhost{page}\n" in letter.body
    forgotten = {"forget_email": "y", "forget_phone": "y"}
    assert send(client, form_of(client.get(f"{page}/change")), **forgotten).status_code == 303
    row = only(session)
    assert (row.contact_email, row.contact_phone) == (None, None)
    # Nothing is known, so nothing is there to be forgotten; and nobody is reminded.
    assert BeautifulSoup(client.get(f"{page}/change").text, "html.parser").select("[name^=forget]") == []
    assert "Do remind me" not in client.get(page).text


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("email", "no es correo", "This does not look like an email address."),
        ("phone", "951 123 4567", "Write the number with its country"),
    ],
)
def test_an_address_or_phone_that_cannot_be_comes_back_filled_in(
    *,
    app: Flask,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    headers: dict[str, str] | None,
    field: str,
    wrong: str,
    said: str,
) -> None:
    page = f"/en/tickets/{enrol(app, session, conference)}/change"
    answer = send(client, form_of(client.get(page)), headers=headers, **{field: wrong})
    soup = BeautifulSoup(answer.text, "html.parser")
    assert (answer.status_code, soup.select_one(f"#{field}")["value"]) == (422, wrong)
    assert said in soup.select_one(f"#{field}-error").get_text()
    assert (only(session).contact_email, only(session).contact_phone) == (EMAIL, None)


def test_in_line_an_address_gets_the_letter_of_those_who_wait_and_of_an_offer(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    places = {"contact_email": None, "badge_name": "Primera"}
    session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=1))
    session.flush()
    first = enrol(app, session, conference, **places)
    second = enrol(app, session, conference, contact_email=None)
    page = f"/en/tickets/{second}"
    send(client, form_of(client.get(f"{page}/change")), email="espera@example.org")
    letters = select(Message.recipient, Message.body).order_by(Message.id)
    (recipient, body), *others = session.execute(letters)
    assert (recipient, others) == ("espera@example.org", [])
    assert "you are on the waiting list" in body
    send(client, form_of(client.get(f"/en/tickets/{first}/cancel"), f"/en/tickets/{first}/cancel"))
    send(client, form_of(client.get(f"{page}/change")), email="otra@example.org")
    last = session.execute(letters).all()[-1]
    assert last.recipient == "otra@example.org"
    assert "a place is free, and held until" in last.body


def test_whose_ticket_belongs_to_an_account_is_asked_for_no_address(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = make_account(session)
    token = enrol(app, session, conference, account_id=account.id, contact_email=None)
    opened = client.get(f"/en/tickets/{token}/change")
    assert "This ticket belongs to an account" in words(opened)
    assert account.email not in opened.text
    assert BeautifulSoup(opened.text, "html.parser").select("#email, #phone, [name^=forget]") == []
    sneaked = {"photo_preference": "yes", "email": "ladrona@example.org", "phone": PHONE}
    assert post(client, f"/en/tickets/{token}/change", **sneaked).status_code == 303
    assert only(session).contact_phone is None
    assert only(session).contact_email == account.email


def test_a_place_is_handed_over_and_the_next_person_makes_it_theirs(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    club = make_organization(session, conference, name="Club Ñuu Savi")
    old = f"/en/tickets/{enrol(app, session, conference, organization_id=club.id)}"
    asked = client.get(f"{old}/hand-over")
    assert ("erase your name" in words(asked), only(session).badge_name) == (True, NAME)
    passed = send(client, form_of(asked)).headers["Location"]
    assert passed.endswith("/pass-on")
    new = passed.removesuffix("/pass-on")
    assert (client.get(old).status_code, only(session).badge_name) == (404, "")
    shown = client.get(passed)
    text = BeautifulSoup(shown.text, "html.parser").select_one("#invitation").text
    assert f"http://localhost{new}" in text.splitlines()
    assert BeautifulSoup(shown.text, "html.parser").select_one(".qr svg") is not None
    assert "“Guest of Club Ñuu Savi”" in words(client.get(new))
    assert client.get(f"{new}/change").headers["Location"] == f"{new}/name"
    refused = submit(client, f"{new}/name", badge_name="Doña Chayo")
    assert (refused.status_code, only(session).badge_name) == (422, "")
    own = submit(client, f"{new}/name", badge_name="Doña Chayo", attend="y").headers["Location"]
    assert only(session).badge_name == "Doña Chayo"
    told = client.get(own)
    assert ("Chayo" in told.text, "Keep this page's link" in words(told)) == (False, True)
    # Once it is somebody's, whoever passed it on has no key to it, and its own page shows no code to pass on.
    assert [client.get(page).status_code for page in (new, passed, f"{new}/change")] == [404] * 3
    pages = (f"{own}/pass-on", f"{own}/name")
    assert [client.get(page).headers["Location"] for page in pages] == [own, own]


def test_who_comes_for_no_organization_is_told_to_cancel_instead(
    app: Flask, client: CheckedClient, session: Session, conference: Conference
) -> None:
    page = f"/en/tickets/{enrol(app, session, conference)}"
    assert "hand-over" not in client.get(page).text
    assert "You come for no organization" in words(client.get(f"{page}/hand-over"))
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post(f"{page}/hand-over").status_code == 409


@pytest.mark.parametrize("place", ["change", "name", "hand-over", "pass-on", "leave", "line", "accept"])
def test_a_ticket_that_is_over_opens_none_of_its_pages(
    app: Flask, client: CheckedClient, session: Session, conference: Conference, place: str
) -> None:
    page = f"/en/tickets/{enrol(app, session, conference)}"
    assert send(client, form_of(client.get(f"{page}/cancel"))).status_code == 303
    app.config["WTF_CSRF_ENABLED"] = False
    read = client.get(f"{page}/{place}").status_code
    written = client.post(f"{page}/{place}", data={"badge_name": "Otra", "attend": "y"}).status_code
    assert (read, written) == {"line": (303, 405), "pass-on": (409, 405), "accept": (405, 409)}.get(
        place, (409, 409)
    )
    assert client.get(f"{page}.txt").status_code == 409
    assert only(session).badge_name == ""


# -- names of real life ----------------------------------------------------------------------------


def names(real_data: Path) -> list[str]:
    """Every name of the lists that is one, as it stands on a badge, and what tries to be something else."""
    mexican = json.loads((real_data / "names" / "faker-es-mx.json").read_text())
    naughty = json.loads((real_data / "names" / "blns.json").read_text())
    first = [" ".join(pair) for pair in zip(*list(mexican.values())[:2], strict=False)]
    return first[::40] + naughty[::4]


def kept(name: str) -> str | None:
    """Return the name as the badge has it; None for one that is none."""
    try:
        return checked_badge_name(clean_line(name) or "")
    except Invalid:
        return None


@pytest.mark.real_data
def test_names_of_all_kinds_go_through_form_ticket_and_hand_over(
    app: Flask, client: CheckedClient, session: Session, conference: Conference, real_data: Path
) -> None:
    club = make_organization(session, conference)
    app.config["WTF_CSRF_ENABLED"] = False
    owner = make_account(session)
    form = ANSWERS | {"organization": club.key}
    wrong = []
    for number, name in enumerate(names(real_data)):
        wanted = kept(name)
        answer = client.post(REGISTER, data=form | {"badge_name": name, "form_key": f"{number:032x}"})
        if wanted is None:
            if answer.status_code != 422:
                wrong.append((name, answer.status_code))
            continue
        row = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
        page = answer.headers.get("Location", "")
        # Short ones are words of every page.
        told = len(wanted) > 6 and wanted in client.get(page).text
        if (answer.status_code, row.badge_name, told) != (303, wanted, False):
            wrong.append((name, row.badge_name))
        if number % 10:
            continue
        row.account_id = owner.id
        sign_in(client, owner)
        opened = client.get(page).text
        shown = BeautifulSoup(opened, "html.parser").select_one(".ticket .lead").get_text()
        if "<" in wanted and wanted in opened:
            wrong.append((name, "not escaped"))
        passed = client.post(f"{page}/hand-over").headers["Location"].removesuffix("/pass-on")
        client.post(f"{passed}/name", data={"badge_name": name, "photo_preference": "no", "attend": "y"})
        session.expire_all()
        if (shown, row.badge_name) != (wanted, wanted):
            wrong.append((name, shown, row.badge_name))
        client.delete_cookie(app.config["SESSION_COOKIE_NAME"])
    assert wrong == []


# -- limits ----------------------------------------------------------------------------------------


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Flask]:
    """The application with its rate limits on, and a conference in it."""
    app = create_app(
        Testing(
            RATELIMIT_ENABLED=True,
            LIMIT_REGISTER="2 per minute",
            LIMIT_TICKET="2 per minute",
            SQLALCHEMY_DATABASE_URI=sqlite_url(tmp_path / "limited.sqlite"),
        )
    )
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        db.create_all()
        make_conference(db.session(), slug="muestra", first_day=FAR_AHEAD)
        db.session.commit()
    yield app
    # One limiter serves every application of a process.
    limiter.enabled = False
    with app.app_context():
        db.engine.dispose()


def test_one_address_is_mailed_so_many_tickets_and_the_form_stays_filled_in(limited: Flask) -> None:
    limited.config.update(LIMIT_REGISTER="90 per minute", LIMIT_REGISTER_ADDRESS="2 per hour")
    client = limited.test_client()
    typed = [EMAIL, EMAIL.upper(), f" {EMAIL}"]
    answers = [client.post(REGISTER, data=ANSWERS | {"email": email}) for email in typed]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert 3590 <= int(answers[2].headers["Retry-After"]) <= 3600
    shown = BeautifulSoup(answers[2].text, "html5lib")
    assert shown.select_one("[name=badge_name]")["value"] == NAME
    assert shown.select_one("[name=email]")["aria-invalid"] == "true"
    assert "leave the field empty" in " ".join(shown.get_text().split())
    with limited.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 2
    # Without an address nobody is written to, and nothing is counted.
    empty = [client.post(REGISTER, data=ANSWERS).status_code for _ in range(3)]
    other = client.post(REGISTER, data=ANSWERS | {"email": "otra@example.org"}).status_code
    assert (empty, other) == ([303] * 3, 303)


def test_one_address_is_put_into_so_many_tickets_and_the_form_stays_filled_in(limited: Flask) -> None:
    limited.config.update(LIMIT_TICKET="90 per minute", LIMIT_REGISTER_ADDRESS="2 per hour")
    client = limited.test_client()
    page = f"{client.post(REGISTER, data=ANSWERS).headers['Location']}/change"
    said = {"photo_preference": "no", "badge_name": "Otra"}
    typed = [EMAIL, "otra@example.org", EMAIL.upper(), "otra@example.org", EMAIL]
    answers = [client.post(page, data=said | {"email": email}) for email in typed]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 303, 429]
    assert 3590 <= int(answers[4].headers["Retry-After"]) <= 3600
    shown = BeautifulSoup(answers[4].text, "html5lib")
    assert shown.select_one("[name=badge_name]")["value"] == "Otra"
    assert shown.select_one("[name=email]")["aria-invalid"] == "true"
    assert client.post(page, data=said).status_code == 303


def test_a_stranger_does_not_use_up_the_tickets_of_an_address_but_its_inbox_does_not_fill(
    limited: Flask,
) -> None:
    limited.config.update(
        LIMIT_REGISTER="90 per minute",
        LIMIT_REGISTER_ADDRESS="2 per hour",
        LIMIT_REGISTER_ADDRESS_ANYWHERE="4 per hour",
    )
    client = limited.test_client()

    def from_network(network: int) -> int:
        here = {"REMOTE_ADDR": f"198.51.{network}.7"}
        return client.post(REGISTER, data=ANSWERS | {"email": EMAIL}, environ_base=here).status_code

    stranger = [from_network(100) for _each in range(3)]
    owner = [from_network(101) for _each in range(2)]
    assert (stranger, owner, from_network(102)) == ([303, 303, 429], [303, 303], 429)


def test_registering_and_guessing_tickets_are_limited(limited: Flask) -> None:
    client = limited.test_client()
    registered = [client.post(REGISTER, data=ANSWERS).status_code for _ in range(3)]
    guessed = [client.get(f"/en/tickets/{'A' * 26}").status_code for _ in range(3)]
    assert (registered, guessed) == ([303, 303, 429], [404, 404, 429])
    assert client.get(REGISTER).status_code == 200
