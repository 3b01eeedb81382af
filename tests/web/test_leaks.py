"""Data that could leak, and nobody who finds it: every page as those who are to know nothing of others."""

from __future__ import annotations

import io
import logging
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from conference import models
from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind
from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import OrganizationKind
from conference.domain.jobs import JobKind, JobState
from conference.domain.mail import MessageKind
from conference.domain.registration import AccessNeed, Category, Purpose, RegistrationStatus, ServiceKind
from conference.domain.tickets import ticket_token
from conference.policies import Permission
from conference.services.approvals import ask_for_approval
from conference.services.mail import queue_message
from conference.services.registration import register
from conference.web.keys import key_for
from tests.factories import NOW, grant, make_account, make_organization, make_registration, make_seat, sign_in
from tests.web.test_matrix import STRANGER, World, routes, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.routing import Rule as Route
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

__all__ = ["world"]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# In each name, address, number, reason, word, answer, booking and secret of the people of another club, and
# in nothing else.
MARKS = ("Zqxjkw", "zqxjkw", "+5299887766", "998877665")
# They answer for the office's entry, which others chose in the form as the organization that they come for.
OFFICE_LEAD = "lead of an office"
READERS = (STRANGER, Role.OFFICIAL, OFFICE_LEAD, Role.ATTENDEE, Role.ORGANIZATION_LEAD, Role.DELEGATE)
# Pages about people, or with acts on them: an official is told no, whichever it is.
ABOUT_PEOPLE = {
    *(Permission.SCAN_TICKETS, Permission.RUN_DESK, Permission.SEE_COUNTS, Permission.SEE_NEEDS),
    *(Permission.SEE_CREDENTIALS, Permission.NAME_DELEGATES, Permission.ACCEPT_CREDENTIALS),
    *(Permission.GIVE_PROXIES, Permission.RECORD_PROXIES, Permission.SEE_QUORUM, Permission.CAST_BALLOTS),
    *(Permission.REGISTER_GROUPS, Permission.MANAGE_PLACES, Permission.MANAGE_ORGANIZATION),
    *(Permission.PRINT_BADGES, Permission.WRITE_TO_PEOPLE, Permission.SEE_MAIL, Permission.ISSUE_CARDS),
    *(Permission.PRINT_CARDS, Permission.FORGET_NOW),
    *(Permission.ASK_FOR_PEOPLE, Permission.EXPORT_PEOPLE, Permission.GRANT_ROLES, Permission.RUN_JOBS),
}
# What everybody reads, and what is one's own.
OF_OTHER_THINGS = {
    *(Permission.READ_PUBLIC, Permission.SIGN_IN, Permission.SIGN_OUT, Permission.USE_DEMO),
    *(Permission.SET_UP, Permission.SEE_ACCOUNT, Permission.PROVE_ONESELF, Permission.MANAGE_KEYS),
    *(Permission.SEE_NOW, Permission.REGISTER, Permission.HOLD_TICKET, Permission.STOP_MAILS),
    *(Permission.SEE_JOBS, Permission.OPEN_QUESTIONS, Permission.WRITE_SUMMARIES, Permission.HOLD_RECORDS),
    *(Permission.ENTER_ORGANIZATIONS, Permission.MANAGE_DIRECTORY),
}
# Whoever holds a ticket's secret link holds the ticket: what it shows is tested with the tickets.
BY_SECRET_LINK = {Permission.HOLD_TICKET, Permission.STOP_MAILS}


@pytest.fixture
def people(session: Session, world: World, app: Flask) -> World:
    """The same world, with people of another club of whom everything there is to know is known."""
    conference = session.query(models.Conference).filter_by(slug="muestra").one()
    # It begins today: what people need is forgotten soon after, and would be found by nobody.
    conference.first_day = datetime.now(UTC).date()
    club = make_organization(session, conference, key="club-ajeno", name="Club Ajeno")
    lead = grant(
        session,
        conference,
        Role.ORGANIZATION_LEAD,
        account=make_account(session, email="zqxjkw.dirigente@example.org"),
        organization=club,
    )
    seat = make_seat(session, conference, organization=club)
    delegate = _register(session, app, conference, 1, category=Category.DELEGATE, organization_id=club.id)
    alternate = _register(session, app, conference, 2, category=Category.ALTERNATE, organization_id=club.id)
    _register(session, app, conference, 3, category=Category.ATTENDEE)
    consulate = _consulate(session, app, conference)
    accepted = _credential(session, seat, delegate, Capacity.DELEGATE, CredentialStatus.ACCEPTED)
    proposed = _credential(session, seat, alternate, Capacity.ALTERNATE, CredentialStatus.PROPOSED)
    sitting = session.query(models.ProgramSession).filter_by(key="plenaria").one()
    session.add(
        models.Presence(session_id=sitting.id, seat_id=seat.id, credential_id=accepted, arrived_at=NOW)
    )
    session.add(
        models.Scan(
            conference_id=conference.id,
            door="entrance",
            registration_id=delegate,
            outcome=ScanOutcome.ADMITTED,
            scanned_at=NOW,
        )
    )
    party = _group(session, conference, club)
    _choices(session, conference, delegate, alternate)
    _papers(session, conference, world.people[Role.ORGANIZER], lead)
    session.flush()
    elsewhere = {column: key for column, key in world.keys.items() if key != "club-muestra"}
    theirs = {"credential_id": proposed, "seat_id": seat.id, "party_id": party, "organization_id": club.id}
    return replace(
        world,
        people={**world.people, OFFICE_LEAD: consulate},
        # What a route of tomorrow asks for leads somewhere too, if only to an error page.
        values=defaultdict(lambda: "1", {**world.values, "other": "club-muestra", **theirs}),
        keys=defaultdict(lambda: "club-ajeno", {**elsewhere, "jobs": "clave-de-otra"}),
    )


def _consulate(session: Session, app: Flask, conference: models.Conference) -> models.Account:
    """Return who leads a government's office, for which somebody registered, and a group is held."""
    office = make_organization(
        session, conference, key="consulado", name="Consulado", kind=OrganizationKind.GOVERNMENT_FEDERAL
    )
    visitor = _register(session, app, conference, 4, category=Category.ATTENDEE, organization_id=office.id)
    # It was given a seat before that was refused.
    seat = make_seat(session, conference, organization=office)
    _credential(session, seat, visitor, Capacity.DELEGATE, CredentialStatus.PROPOSED)
    _group(session, conference, office)
    return grant(session, conference, Role.ORGANIZATION_LEAD, organization=office)


def _register(session: Session, app: Flask, conference: models.Conference, number: int, **values: Any) -> int:
    with app.app_context():
        key = key_for("tickets")
    issued = register(
        session,
        conference_id=conference.id,
        badge_name=f"Zqxjkw Nombre {number}",
        language="es",
        consents={Purpose.ATTEND, Purpose.NEEDS},
        nonce=f"{number:032x}",
        key=key,
        now=NOW,
        contact_email=f"zqxjkw{number}@example.org",
        contact_phone=f"+529988776655{number}"[:16],
        spoken=("zap",),
        needs=(AccessNeed.QUIET_ROOM,),
        **values,
    )
    account = make_account(session, email=f"zqxjkw{number}@example.org")
    session.get_one(models.Registration, issued.registration_id).account_id = account.id
    return issued.registration_id


def _credential(
    session: Session, seat: models.Seat, registration_id: int, capacity: Capacity, status: CredentialStatus
) -> int:
    row = models.Credential(
        seat_id=seat.id,
        registration_id=registration_id,
        capacity=capacity,
        status=status,
        attested_at=NOW,
        decided_at=None if status is CredentialStatus.PROPOSED else NOW,
    )
    session.add(row)
    session.flush()
    return row.id


def _group(session: Session, conference: models.Conference, club: models.Organization) -> int:
    party = models.Party(
        conference_id=conference.id,
        category=Category.ATTENDEE,
        organization_id=club.id,
        grouped=True,
        size=2,
        waiting_since=NOW,
    )
    session.add(party)
    session.flush()
    for number in (8, 9):
        make_registration(
            session,
            conference,
            badge_name=f"Zqxjkw Nombre {number}",
            organization_id=club.id,
            status=RegistrationStatus.WAITING,
            party_id=party.id,
            ticket_nonce=f"zqxjkw{number}",
        )
    return party.id


def _choices(session: Session, conference: models.Conference, *registration_ids: int) -> None:
    """What everybody is asked and offered, in words of no mark; and what these people answered and booked."""
    question = models.RegistrationQuestion(
        conference_id=conference.id,
        key="maiz-ajeno",
        position=1,
        label={"es": "Comida", "en": "Food"},
        several=False,
        # The form shows what can be chosen to anybody: only who chose this knows of the mark.
        choices=[{"key": "maiz", "label": {"es": "Maíz", "en": "Corn"}}],
    )
    service = models.OfferedService(
        conference_id=conference.id,
        key="guarderia-ajena",
        position=1,
        kind=ServiceKind.CHILDCARE,
        label={"es": "Guardería", "en": "Childcare"},
    )
    session.add_all([question, service])
    session.flush()
    for registration_id in registration_ids:
        session.add(
            models.RegistrationAnswer(
                registration_id=registration_id, question_id=question.id, chosen=["zqxjkw-eleccion"]
            )
        )
    session.add(
        models.ServiceBooking(registration_id=registration_ids[0], service_id=service.id, places=998877665)
    )


def _papers(
    session: Session, conference: models.Conference, organizer: models.Account, lead: models.Account
) -> None:
    """A mail that waits, a request with its reason, a file that a task made, a card."""
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key="notice-zqxjkw",
        conference_id=conference.id,
        recipient="zqxjkw1@example.org",
        language="es",
        subject="Zqxjkw Asunto",
        body="Zqxjkw Carta",
        now=NOW,
    )
    ask_for_approval(
        session,
        conference_id=conference.id,
        kind=ApprovalKind.EXPORT_PEOPLE,
        reason="Zqxjkw Motivo",
        by=organizer.id,
        now=NOW,
    )
    session.add(
        models.Job(
            key="clave-de-otra",
            kind=JobKind.EXPORT_PEOPLE,
            conference_id=conference.id,
            asked_by_id=organizer.id,
            state=JobState.DONE,
            parameters={},
            report={"people": 5},
            asked_at=NOW,
            due_at=NOW,
            ended_at=NOW,
            result=b"Zqxjkw Nombre 1",
            result_name="zqxjkw.csv",
        )
    )
    session.add(
        models.AccessCard(
            conference_id=conference.id,
            number=1,
            account_id=lead.id,
            token_digest="zqxjkw-token",
            code_digest="zqxjkw-code",
            issued_at=NOW,
            expires_at=NOW.replace(year=NOW.year + 1),
        )
    )


def read_all(
    app: Flask, people: World, client: CheckedClient, *, permissions: set[Permission]
) -> Iterator[tuple[Route, TestResponse]]:
    """Read every address that is read, as a page in Spanish and as a fragment in English."""
    for route in routes(app):
        if "GET" not in route.methods or app.view_functions[route.endpoint].permission not in permissions:
            continue
        address = people.address(app, route)
        yield route, client.get(address)
        yield route, client.get(address.replace("/es/", "/en/", 1), headers={"HX-Request": "true"})


def body_of(answer: TestResponse) -> str:
    """Return what can be read of an answer; of a PDF its words, and what it says of itself."""
    if answer.mimetype != "application/pdf":
        return answer.data.decode(errors="replace")
    document = PdfReader(io.BytesIO(answer.data))
    return "".join([str(document.metadata), *(page.extract_text() for page in document.pages)])


def marks_in(answer: TestResponse) -> set[str]:
    """Return what an answer tells of the people that are marked, in its body or in a header."""
    said = body_of(answer) + str(answer.headers)
    return {mark for mark in MARKS if mark in said}


def client_of(people: World, client: CheckedClient, reader: str) -> CheckedClient:
    client.reads_markup = False
    if reader != STRANGER:
        sign_in(client, people.people[reader])
    return client


@on_sqlite
@pytest.mark.parametrize("reader", READERS)
def test_nothing_about_others_is_found_anywhere(
    app: Flask, client: CheckedClient, people: World, reader: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reading = client_of(people, client, reader)
    everything = set(Permission) - BY_SECRET_LINK
    told = {
        (route.endpoint, mark)
        for route, answer in read_all(app, people, reading, permissions=everything)
        for mark in marks_in(answer)
    }
    assert told == set()
    assert [line for line in caplog.messages if any(mark in line for mark in MARKS)] == []


@on_sqlite
@pytest.mark.parametrize("reader", READERS)
def test_a_link_that_opens_no_ticket_tells_nothing(
    app: Flask, client: CheckedClient, people: World, reader: str
) -> None:
    reading = client_of(people, client, reader)
    told = {
        (route.endpoint, mark)
        for route, answer in read_all(app, people, reading, permissions=BY_SECRET_LINK)
        for mark in marks_in(answer)
    }
    assert told == set()


@on_sqlite
@pytest.mark.parametrize("reader", [STRANGER, Role.OFFICIAL, Role.ORGANIZATION_LEAD])
def test_who_finds_a_ticket_is_told_no_name_and_no_address(
    app: Flask, client: CheckedClient, people: World, reader: str
) -> None:
    with app.app_context():
        token = ticket_token(f"{1:032x}", key=key_for("tickets"))
    found = replace(people, values=defaultdict(lambda: "1", {**people.values, "token": token}))
    reading = client_of(found, client, reader)
    answers = list(read_all(app, found, reading, permissions={Permission.HOLD_TICKET}))
    assert {(route.endpoint, mark) for route, answer in answers for mark in marks_in(answer)} == set()
    assert [answer.status_code for route, answer in answers if route.endpoint == "registration.ticket"] == [
        200,
        200,
    ]


def test_each_permission_is_about_people_or_is_not() -> None:
    assert set(Permission) == ABOUT_PEOPLE | OF_OTHER_THINGS
    assert set() == ABOUT_PEOPLE & OF_OTHER_THINGS


@on_sqlite
def test_an_official_is_told_no_on_every_page_about_people(
    app: Flask, client: CheckedClient, people: World
) -> None:
    reading = client_of(people, client, Role.OFFICIAL)
    answers = {
        route.endpoint: answer.status_code
        for route, answer in read_all(app, people, reading, permissions=ABOUT_PEOPLE)
    }
    assert set(answers.values()) == {403}
    assert len(answers) > 10


@on_sqlite
def test_who_leads_a_governments_office_manages_its_entry_and_is_told_no_about_people(
    app: Flask, client: CheckedClient, people: World
) -> None:
    reading = client_of(people, client, OFFICE_LEAD)
    of_people = ABOUT_PEOPLE - {Permission.MANAGE_ORGANIZATION}
    answers = {
        route.endpoint: answer.status_code
        for route, answer in read_all(app, people, reading, permissions=of_people)
    }
    assert set(answers.values()) == {403}
    assert {"credentials.overview", "proxies.overview", "parties.listing", "parties.ask"} <= set(answers)
    assert "Consulado" in reading.get(f"/es/{people.values['slug']}/directory/mine").text
    # Nor do the pages of the office itself tell of those who come for it.
    own = replace(people, keys=defaultdict(lambda: "consulado"))
    everything = set(Permission) - BY_SECRET_LINK
    read = list(read_all(app, own, reading, permissions=everything))
    assert {(route.endpoint, mark) for route, answer in read for mark in marks_in(answer)} == set()
    assert ("entries.entry", 200) in {(route.endpoint, answer.status_code) for route, answer in read}


@on_sqlite
@pytest.mark.parametrize("reader", [Role.CREDENTIALS_COMMITTEE, Role.SERVICE_LEAD, Role.ORGANIZER])
def test_who_has_to_know_does_find_it(app: Flask, client: CheckedClient, people: World, reader: str) -> None:
    """The marks are there to be found: without this, nothing above would mean anything."""
    reading = client_of(people, client, reader)
    found = {
        route.endpoint
        for route, answer in read_all(app, people, reading, permissions=ABOUT_PEOPLE)
        if marks_in(answer)
    }
    expected = {
        Role.CREDENTIALS_COMMITTEE: {"credentials.overview"},
        Role.SERVICE_LEAD: {"attendance.needs"},
        Role.ORGANIZER: {"approvals.listing"},
    }
    assert expected[Role(reader)] <= found


@on_sqlite
def test_who_prepares_a_service_finds_how_many_places_are_booked(
    app: Flask, client: CheckedClient, people: World
) -> None:
    """The mark of the bookings is there to be found as well."""
    reading = client_of(people, client, Role.SERVICE_LEAD)
    answers = read_all(app, people, reading, permissions={Permission.SEE_NEEDS})
    assert "998877665" in set().union(*(marks_in(answer) for _route, answer in answers))
