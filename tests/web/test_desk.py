"""The desk's pages: one person at a time, and nobody for whoever has no business there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.domain.directory import OrganizationKind
from conference.domain.registration import Category, Purpose, RegistrationStatus
from conference.domain.tickets import shown_ticket_code, ticket_code
from conference.models import Consent, Party, Places, Registration
from conference.services.registration import register, renew_ticket
from conference.web.keys import key_for
from tests.factories import (
    FAR_AHEAD,
    NOW,
    grant,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    sign_in,
)
from tests.forms import HTMX, filled_in, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Conference
    from tests.clients import CheckedClient

DESK = "/en/muestra/desk"
NAME = "Nombre Reservado Único"


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra", first_day=FAR_AHEAD)


@pytest.fixture
def token(app: Flask, session: Session, conference: Conference) -> str:
    """The ticket's token of somebody who is registered under the name."""
    with app.app_context():
        key = key_for("tickets")
    issued = register(
        session,
        conference_id=conference.id,
        badge_name=NAME,
        category=Category.ATTENDEE,
        language="es",
        consents={Purpose.ATTEND},
        nonce=f"{7:032x}",
        key=key,
        now=NOW,
    )
    return issued.token


@pytest.fixture
def committee(client: CheckedClient, session: Session, conference: Conference) -> CheckedClient:
    sign_in(client, grant(session, conference, Role.CREDENTIALS_COMMITTEE))
    return client


@pytest.fixture
def organizer(
    new_client: Callable[[], CheckedClient], session: Session, conference: Conference
) -> CheckedClient:
    client = new_client()
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return client


def find(client: CheckedClient, text: str, **filters: str) -> TestResponse:
    return submit(client, DESK, to="/desk/find", text=text, **filters)


def opened(client: CheckedClient, text: str) -> TestResponse:
    return send(client, form_of(find(client, text), "/desk/person"))


def headings(response: TestResponse) -> list[str]:
    return [each.get_text(strip=True) for each in BeautifulSoup(response.text, "html5lib").select("h1, h3")]


def test_the_desk_lists_nobody_before_somebody_is_looked_for(committee: CheckedClient, token: str) -> None:
    answer = committee.get(DESK)
    assert NAME not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_name_is_found_without_being_in_any_address(
    committee: CheckedClient, token: str, headers: dict[str, str] | None
) -> None:
    answer = submit(committee, DESK, to="/desk/find", text="unico reser", headers=headers)
    assert (answer.status_code, answer.request.query_string) == (200, b"")
    assert NAME in answer.text
    person = send(committee, form_of(answer, "/desk/person"))
    assert (person.status_code, NAME in person.text) == (200, True)
    assert NAME not in person.request.url


def test_a_code_finds_its_holder(committee: CheckedClient, token: str) -> None:
    assert NAME in find(committee, shown_ticket_code(ticket_code(token)).lower()).text


@pytest.mark.parametrize(("text", "status"), [("", 422), ("ú", 422), ("un re", 422), ("zzz", 200)])
def test_too_little_and_nobody_are_answered_with_what_to_do(
    committee: CheckedClient, token: str, text: str, status: int
) -> None:
    answer = find(committee, text)
    field = BeautifulSoup(answer.text, "html5lib").select_one("#text")
    assert (answer.status_code, NAME in answer.text) == (status, False)
    assert field is not None
    assert field["value"] == text


def test_so_many_are_looked_for_by_one_account_and_then_it_waits(
    build_app: Callable[..., Flask],
    new_client: Callable[..., CheckedClient],
    session: Session,
    conference: Conference,
    token: str,
) -> None:
    app = build_app(RATELIMIT_ENABLED=True, LIMIT_DESK_SEARCH="2 per 10 minutes")
    ana, beto = new_client(app), new_client(app)
    for client in (ana, beto):
        sign_in(client, grant(session, conference, Role.CREDENTIALS_COMMITTEE))
    assert [find(ana, text).status_code for text in ("zzz", "único", "único")] == [200, 200, 429]
    refused = find(ana, "único")
    assert ("looked for many people" in refused.text, NAME in refused.text) == (True, False)
    assert int(refused.headers["Retry-After"]) <= 600
    assert NAME in find(beto, "único").text


def test_who_has_cancelled_is_not_found(committee: CheckedClient, session: Session, token: str) -> None:
    row = session.scalars(select(Registration)).one()
    row.status, row.cancelled_at = RegistrationStatus.CANCELLED, NOW
    for text in ("Único", ticket_code(token)):
        assert NAME not in find(committee, text).text


@pytest.mark.parametrize("name", ["status", "category"])
def test_a_filter_is_one_of_those_offered(committee: CheckedClient, token: str, name: str) -> None:
    form = form_of(committee.get(DESK), "/desk/find")
    assert send(committee, form, text="Reservado", **{name: " "}).status_code == 422


def test_filters_narrow_the_search(committee: CheckedClient, token: str) -> None:
    assert NAME in find(committee, "único", category="attendee", status="confirmed").text
    assert NAME not in find(committee, "único", category="press").text
    assert NAME not in find(committee, "único", status="pending").text


def test_whoever_is_in_line_is_told_their_turn_and_organizers_where_it_is_changed(
    committee: CheckedClient, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    for minutes, name in ((0, "Primera Reservada"), (5, "Segunda Reservada")):
        party = Party(
            conference_id=conference.id,
            category=Category.PRESS,
            size=1,
            waiting_since=NOW + timedelta(minutes=minutes),
        )
        session.add(party)
        session.flush()
        waiting = {"status": RegistrationStatus.WAITING, "category": Category.PRESS}
        make_registration(session, conference, badge_name=name, party_id=party.id, **waiting)
    session.commit()
    shown, changed = opened(committee, "Segunda").text, opened(organizer, "Segunda").text
    assert ["2. in line" in text for text in (shown, changed)] == [True, True]
    assert ["/attendance/line" in text for text in (shown, changed)] == [False, True]
    offered = session.scalars(
        select(Registration).where(Registration.badge_name == "Primera Reservada")
    ).one()
    offered.status = RegistrationStatus.OFFERED
    session.commit()
    assert "A place is held for this person" in opened(committee, "Primera").text


def test_what_one_search_has_signed_opens_nothing_for_somebody_else(
    committee: CheckedClient, organizer: CheckedClient, token: str
) -> None:
    theirs = form_of(find(committee, "único"), "/desk/person").select_one("[name=person]")
    assert theirs is not None
    form = form_of(find(organizer, "único"), "/desk/person")
    for text in (str(theirs["value"]), "1", "", str(theirs["value"])[:-1]):
        answer = send(organizer, form, person=text)
        assert (answer.status_code, NAME in answer.text) == (404, False)


def pending_one(session: Session, conference: Conference, **values: object) -> Registration:
    waiting = {"status": RegistrationStatus.PENDING, "contact_email": "secreta@example.org"}
    return make_registration(session, conference, badge_name=NAME, **waiting | values)


def test_who_waits_for_an_answer_is_approved_at_once(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    row = pending_one(session, conference)
    answer = submit(committee, f"{DESK}/pending", to="/desk/approve")
    assert (answer.status_code, answer.location) == (303, f"{DESK}/pending")
    session.refresh(row)
    assert row.status is RegistrationStatus.CONFIRMED
    assert NAME not in committee.get(f"{DESK}/pending").text
    assert "secreta@example.org" not in committee.get("/en/muestra/audit").text


def test_a_refusal_needs_a_reason_and_forgets(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    row = pending_one(session, conference)
    person = opened(committee, "único")
    without = send(committee, form_of(person, "/desk/reject"))
    assert (without.status_code, "Choose a reason." in without.text) == (422, True)
    refused = send(committee, form_of(without, "/desk/reject"), reason="twice")
    assert refused.status_code == 303
    session.refresh(row)
    assert (row.status, row.badge_name, row.contact_email) == (RegistrationStatus.REJECTED, "", None)
    # Somebody else answered meanwhile: the page that is still open finds nobody.
    assert send(committee, form_of(person, "/desk/approve")).status_code == 404


def test_what_is_answered_already_is_said(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    row = pending_one(session, conference)
    form = form_of(opened(committee, "único"), "/desk/approve")
    row.status = RegistrationStatus.CONFIRMED
    assert send(committee, form).status_code == 409


def sheet(client: CheckedClient, answer: TestResponse) -> BeautifulSoup:
    assert answer.status_code == 303
    shown = client.get(answer.location)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    return BeautifulSoup(shown.text, "html5lib")


def code_on(page: BeautifulSoup) -> str:
    code = page.select_one(".ticket-code")
    assert code is not None
    return code.get_text(strip=True)


def test_a_lost_ticket_is_replaced_and_the_old_one_opens_nothing(
    committee: CheckedClient, organizer: CheckedClient, client: CheckedClient, token: str
) -> None:
    form = form_of(opened(committee, "único"), "/desk/reissue")
    answer = send(committee, form)
    page = sheet(committee, answer)
    assert code_on(page) != shown_ticket_code(ticket_code(token))
    assert page.select_one(".qr svg") is not None
    assert client.get(f"/en/tickets/{token}").status_code == 404
    assert NAME in find(committee, code_on(page)).text
    # Its sheet is for whoever issued it, and a second tap issues nothing.
    assert organizer.get(answer.location).status_code == 404
    assert send(committee, form).status_code == 409
    assert "issued a new ticket for one that was lost" in client.get("/en/muestra/audit").text


def test_a_sheet_shows_no_ticket_but_its_own(
    app: Flask, committee: CheckedClient, session: Session, token: str
) -> None:
    answer = send(committee, form_of(opened(committee, "único"), "/desk/reissue"))
    assert committee.get(answer.location).status_code == 200
    with app.app_context():
        key = key_for("tickets")
    registration = session.scalars(select(Registration)).one()
    renew_ticket(session, registration, nonce=f"{77:032x}", key=key)
    session.commit()

    assert committee.get(answer.location).status_code == 404


def test_the_badge_of_whoever_stands_there_is_one_tap_away(committee: CheckedClient, token: str) -> None:
    person = opened(committee, ticket_code(token))
    answer = send(committee, form_of(person, "/badges/single"))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")


def walk_in(client: CheckedClient, form: object = None, **changes: str) -> TestResponse:
    values = {"badge_name": "Donají", "agreed": "y"} | changes
    opened_form = form or form_of(client.get(f"{DESK}/walk-in"), "/desk/walk-in")
    return send(client, opened_form, **values)  # type: ignore[arg-type]


def test_who_walks_in_gets_a_ticket_at_once(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    conference.registration_open = False
    club = make_organization(session, conference)
    session.commit()
    answer = walk_in(committee, category="delegate", organization=club.key, photo_preference="ask")
    page = sheet(committee, answer)
    row = session.scalars(select(Registration)).one()
    assert (row.badge_name, row.category, row.organization_id, row.status) == (
        "Donají",
        Category.DELEGATE,
        club.id,
        RegistrationStatus.CONFIRMED,
    )
    assert session.scalars(select(Consent.purpose)).all() == [Purpose.ATTEND]
    assert "Donají" in page.select_one(".ticket").text  # type: ignore[union-attr]


def test_nobody_walks_in_as_delegate_of_an_office(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    office = make_organization(session, conference, kind=OrganizationKind.GOVERNMENT_STATE)
    session.commit()
    answer = walk_in(committee, category="delegate", organization=office.key)
    error = BeautifulSoup(answer.text, "html.parser").select_one("#category-error")
    assert (answer.status_code, session.scalars(select(Registration)).all()) == (422, [])
    assert error is not None
    assert "voice and no vote" in error.text


def test_once_the_conference_is_over_nobody_walks_in_and_what_was_typed_stays(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    conference.first_day = datetime.now(UTC).date() - timedelta(days=4)
    session.commit()
    answer = walk_in(committee)
    page = BeautifulSoup(answer.text, "html.parser")
    said = "The conference is over, so nobody can register any more."
    category = page.select_one("#category")
    assert category is not None
    assert (answer.status_code, said in category.text) == (422, True)
    assert page.select_one("[name=badge_name]")["value"] == "Donají"  # type: ignore[index]
    assert session.scalars(select(Registration)).all() == []


def test_a_second_tap_shows_the_same_ticket(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    form = form_of(committee.get(f"{DESK}/walk-in"), "/desk/walk-in")
    first, second = (sheet(committee, walk_in(committee, form)) for _tap in range(2))
    assert code_on(first) == code_on(second)
    assert session.scalar(select(func.count(Registration.id))) == 1


def test_the_same_paper_filled_in_for_the_next_person_registers_the_next_person(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    form = form_of(committee.get(f"{DESK}/walk-in"), "/desk/walk-in")
    sheets = [
        sheet(committee, walk_in(committee, form, badge_name=name)) for name in ("Donají", "Doña Chayo")
    ]
    assert ["Donají" in str(sheets[0]), "Doña Chayo" in str(sheets[1])] == [True, True]
    names = session.scalars(select(Registration.badge_name).order_by(Registration.id)).all()
    assert names == ["Donají", "Doña Chayo"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"badge_name": ""}, "Write a name for the badge."),
        ({"agreed": ""}, "Nobody is registered without having said yes."),
        ({"category": "delegate"}, "Choose the organization"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    committee: CheckedClient, session: Session, changes: dict[str, str], words: str
) -> None:
    form = form_of(committee.get(f"{DESK}/walk-in"), "/desk/walk-in")
    values = {"badge_name": "Donají", "agreed": "y", "photo_preference": "yes"} | changes
    data = {name: value for name, value in values.items() if value or name != "agreed"}
    answer = send(committee, form, **data)
    page = BeautifulSoup(answer.text, "html5lib")
    assert (answer.status_code, words in answer.text) == (422, True)
    assert page.select_one("#badge_name")["value"] == values["badge_name"]  # type: ignore[index]
    assert page.select_one("[name=photo_preference][checked]")["value"] == "yes"  # type: ignore[index]
    assert session.scalar(select(func.count(Registration.id))) == 0


def test_only_an_organizer_lets_somebody_in_over_capacity(
    committee: CheckedClient, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=0))
    session.commit()
    refused = walk_in(committee)
    assert (refused.status_code, "over_capacity" in refused.text) == (409, False)
    forced = form_of(refused, "/desk/walk-in")
    # A committee that sends the box all the same is not an organizer by that.
    data = {"csrf_token": forced.select_one("[name=csrf_token]")["value"], "over_capacity": "y"}  # type: ignore[index]
    data |= {"once": "a" * 32, "badge_name": "Donají", "category": "attendee", "photo_preference": "no"}
    answer = committee.post(f"{DESK}/walk-in", data=data | {"language": "es", "agreed": "y"})
    assert answer.status_code == 409
    assert session.scalar(select(func.count(Registration.id))) == 0
    asked = walk_in(organizer)
    assert asked.status_code == 409
    let_in = send(organizer, form_of(asked, "/desk/walk-in"), over_capacity="y")
    assert "Donají" in str(sheet(organizer, let_in))
    assert "though all places were taken" in organizer.get("/en/muestra/audit").text


def test_somebody_without_a_telephone_waits_in_line_and_says_yes_at_the_desk(
    committee: CheckedClient, session: Session, conference: Conference
) -> None:
    session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=0))
    session.commit()
    full = form_of(walk_in(committee), "/desk/walk-in")
    assert [button.get("name") for button in full.select("button")] == [None, "in_line"]
    printed = sheet(committee, send(committee, full, in_line="y"))
    assert ("In line, without a place yet" in str(printed), "1. in line" in str(printed)) == (True, True)
    assert [printed.title.text.split(" · ")[0], printed.h1.text.strip()] == ["Turn in line"] * 2
    row = session.scalars(select(Registration)).one()
    assert row.status is RegistrationStatus.WAITING
    row.status = RegistrationStatus.OFFERED
    session.get_one(Party, row.party_id).offered_until = datetime.now(UTC) + timedelta(hours=1)
    session.commit()
    taken = sheet(committee, send(committee, form_of(opened(committee, "Donají"), "/desk/accepted")))
    session.refresh(row)
    assert (row.status, "without a place" in str(taken)) == (RegistrationStatus.CONFIRMED, False)
    # The desk has seen the ticket, and took a place for somebody: that stands where everybody can read it.
    assert "took an offered place at the desk" in committee.get("/en/muestra/audit").text


def test_both_languages_are_read_aloud(committee: CheckedClient) -> None:
    page = BeautifulSoup(committee.get(f"{DESK}/walk-in").text, "html5lib")
    read = {quote["lang"]: quote.get_text(strip=True) for quote in page.select("blockquote")}
    assert sorted(read) == ["en", "es"]
    assert read["en"].startswith("I agree")
    assert read["es"].startswith("Acepto")


# -- nobody else -----------------------------------------------------------------------------------


CAST = (
    "stranger",
    "official",
    "attendee",
    "lead of another organization",
    "door volunteer",
    "organizer of another conference",
    "organizer without a second factor",
)


@pytest.fixture
def enter(
    new_client: Callable[[], CheckedClient], session: Session, conference: Conference
) -> Callable[[str], CheckedClient]:
    """Let somebody in who has no business at the desk, some with rights elsewhere."""
    attendee = make_account(session)
    make_registration(session, conference, account_id=attendee.id)
    club = make_organization(session, conference)
    accounts = {
        "official": grant(session, conference, Role.OFFICIAL),
        "attendee": attendee,
        "lead of another organization": grant(session, conference, Role.ORGANIZATION_LEAD, organization=club),
        "door volunteer": grant(session, conference, Role.DOOR_VOLUNTEER),
        "organizer of another conference": grant(session, make_conference(session), Role.ORGANIZER),
        "organizer without a second factor": grant(session, conference, Role.ORGANIZER),
    }

    def client_of(who: str) -> CheckedClient:
        client = new_client()
        if who != "stranger":
            assured = {"assured_at": None} if "second factor" in who else {}
            sign_in(client, accounts[who], **assured)
        return client

    return client_of


@pytest.fixture
def at_hand(
    committee: CheckedClient, session: Session, conference: Conference, token: str
) -> tuple[str, dict[str, str]]:
    """What lies open at the desk: the address of a ticket just issued, and what its forms send."""
    pending_one(session, conference)
    person = form_of(find(committee, ticket_code(token)), "/desk/person")
    form = form_of(send(committee, person), "/desk/reissue")
    address = send(committee, form).location
    row = session.scalars(select(Registration).where(Registration.token_digest != "")).first()
    assert row is not None
    return address, filled_in(person) | {"replaces": row.code_digest, "reason": "twice", "text": NAME}


@pytest.mark.parametrize("who", CAST)
def test_everybody_else_gets_nothing_of_the_desk(
    app: Flask,
    session: Session,
    enter: Callable[[str], CheckedClient],
    at_hand: tuple[str, dict[str, str]],
    who: str,
) -> None:
    address, data = at_hand
    app.config["WTF_CSRF_ENABLED"] = False
    client = enter(who)
    before = people(session)
    answers = [client.get(f"{DESK}{page}") for page in ("", "/pending", "/walk-in")]
    answers.append(client.get(address))
    posts = ("find", "person", "approve", "reject", "reissue", "walk-in")
    answers += [client.post(f"{DESK}/{page}", data=data) for page in posts]
    assert {answer.status_code for answer in answers} <= {303, 403}
    for answer in answers:
        assert not re.search("Nombre Reservado|secreta", answer.text + str(answer.headers))
    session.rollback()
    assert people(session) == before


def people(session: Session) -> list[tuple[object, ...]]:
    found = select(Registration.id, Registration.status, Registration.token_digest)
    return [tuple(row) for row in session.execute(found.order_by(Registration.id))]
