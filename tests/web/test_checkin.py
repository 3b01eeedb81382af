"""The door: volunteers scan, everybody else is refused, and no page of it lists people."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain import tickets
from conference.domain.accounts import Role
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.registration import Category, PhotoPreference, Purpose
from conference.models import Conference, Credential, Organization, Presence, Registration, Scan, Seat
from conference.services.registration import cancel_registration, register
from conference.web.keys import key_for
from tests.factories import (
    grant,
    make_conference,
    make_delegate,
    make_registration,
    make_seat,
    make_sitting,
    sign_in,
)
from tests.forms import HTMX
from tests.moments import today

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

DOOR = "/en/muestra/door"
NAME = "Nombre Reservado"


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference of today."""
    return make_conference(session, slug="muestra", first_day=today(), time_zone="UTC")


@pytest.fixture
def volunteer(client: CheckedClient, session: Session, conference: Conference) -> CheckedClient:
    """A door volunteer, signed in."""
    sign_in(client, grant(session, conference, Role.DOOR_VOLUNTEER))
    return client


@pytest.fixture
def key(app: Flask) -> bytes:
    """The application's key for tickets."""
    with app.app_context():
        return key_for("tickets")


def enrol(session: Session, conference: Conference, key: bytes, number: int = 1) -> str:
    return register(
        session,
        conference_id=conference.id,
        badge_name=NAME,
        category=Category.PRESS,
        photo_preference=PhotoPreference.ASK,
        language="es",
        consents={Purpose.ATTEND},
        nonce=f"{number:032x}",
        key=key,
        now=datetime.now(UTC),
    ).token


def seated(session: Session, conference: Conference, key: bytes, seat: Seat) -> str:
    token = enrol(session, conference, key)
    digest = tickets.token_digest(token)
    row = session.scalars(select(Registration).where(Registration.token_digest == digest)).one()
    session.add(
        Credential(
            seat_id=seat.id,
            registration_id=row.id,
            capacity=Capacity.DELEGATE,
            status=CredentialStatus.ACCEPTED,
            attested_at=datetime.now(UTC),
            decided_at=datetime.now(UTC),
        )
    )
    session.flush()
    return token


def code(token: str) -> str:
    return tickets.shown_ticket_code(tickets.ticket_code(token))


def send(client: CheckedClient, page: str, **values: Any) -> TestResponse:
    """Open a page of the door and send its form of method post; `headers` are sent along."""
    headers = values.pop("headers", None)
    form = BeautifulSoup(client.get(page).text, "html.parser").select_one("main form[method=post]")
    held = {field["name"]: field["value"] for field in form.select("[type=hidden]")}
    return client.post(form["action"], data=held | values, headers=headers)


def words(response: TestResponse) -> str:
    return " ".join(BeautifulSoup(response.text, "html.parser").get_text(" ").split())


def outcome(response: TestResponse) -> str:
    return " ".join(BeautifulSoup(response.text, "html.parser").select_one("#outcome").get_text(" ").split())


def test_without_script_the_next_page_shows_what_came_of_it(
    volunteer: CheckedClient, session: Session, conference: Conference, key: bytes
) -> None:
    token = enrol(session, conference, key)
    text = tickets.ticket_text(token, conference="muestra", key=key)
    response = send(volunteer, DOOR, text=text)
    scan = session.scalars(select(Scan)).one()
    assert (response.status_code, response.headers["Location"]) == (
        303,
        f"{DOOR}?door=entrance&scan={scan.id}",
    )
    shown = volunteer.get(response.headers["Location"])
    assert outcome(shown) == "Come in Nombre Reservado Press Ask me first Let in at this door: 1"
    assert shown.headers["Cache-Control"] == "no-store"
    again = volunteer.get(send(volunteer, DOOR, text=code(token)).headers["Location"])
    assert outcome(again).startswith("Already inside Let in here at ")
    assert outcome(again).endswith("Let in at this door: 1")
    badge = tickets.badge_text(tickets.ticket_code(token), conference="muestra", key=key)
    assert outcome(volunteer.get(send(volunteer, DOOR, text=badge).headers["Location"])) == outcome(again)


def test_htmx_gets_the_same_and_nothing_more(
    volunteer: CheckedClient, session: Session, conference: Conference, key: bytes
) -> None:
    response = send(volunteer, DOOR, text=code(enrol(session, conference, key)), headers=HTMX)
    assert response.status_code == 200
    assert words(response) == "Come in Nombre Reservado Press Ask me first Let in at this door: 1"
    assert "<form" not in response.text


def test_refusals_name_nobody(
    volunteer: CheckedClient, session: Session, conference: Conference, key: bytes
) -> None:
    cancelled = enrol(session, conference, key, 1)
    cancel_registration(session, token=cancelled, now=datetime.now(UTC))
    elsewhere = enrol(session, make_conference(session, first_day=today()), key, 2)
    said = [
        words(send(volunteer, DOOR, text=text, headers=HTMX))
        for text in (
            "nobody",
            code(elsewhere),
            tickets.ticket_text(cancelled, conference=conference.slug, key=key),
        )
    ]
    desk = "Please send the person to the registration desk. Let in at this door: 0"
    assert said == [
        f"We do not know this code {desk}",
        f"This ticket is for another conference {desk}",
        f"This ticket was cancelled {desk}",
    ]


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_an_empty_field_is_no_scan(
    volunteer: CheckedClient, session: Session, conference: Conference, headers: dict[str, str] | None
) -> None:
    response = send(volunteer, DOOR, text=" ", headers=headers)
    assert (response.status_code, "Scan a ticket, or type its code." in words(response)) == (422, True)
    assert session.scalars(select(Scan)).all() == []


def test_the_field_is_ready_for_a_scanner(volunteer: CheckedClient, conference: Conference) -> None:
    field = BeautifulSoup(volunteer.get(DOOR).text, "html.parser").select_one("#text")
    assert field.has_attr("autofocus")
    assert (field["autocapitalize"], field["autocomplete"], field["value"]) == ("off", "off", "")


def test_what_was_typed_is_not_shown_again(volunteer: CheckedClient, conference: Conference) -> None:
    response = send(volunteer, DOOR, text='"><script>alert(1)</script>')
    assert "alert(1)" not in volunteer.get(response.headers["Location"]).text


def test_a_scan_is_shown_to_whoever_made_it_only(
    volunteer: CheckedClient,
    new_client: Callable[[], CheckedClient],
    session: Session,
    conference: Conference,
    key: bytes,
) -> None:
    address = send(volunteer, DOOR, text=code(enrol(session, conference, key))).headers["Location"]
    other = new_client()
    sign_in(other, grant(session, conference, Role.ORGANIZER))
    assert (NAME in volunteer.get(address).text, NAME in other.get(address).text) == (True, False)


@pytest.mark.parametrize(
    "role", [None, Role.OFFICIAL, Role.CHAIR, Role.RAPPORTEUR, Role.SECRETARIAT, "delegate"]
)
def test_only_the_door_sees_the_door(
    client: CheckedClient, session: Session, conference: Conference, key: bytes, role: Role | str | None
) -> None:
    make_registration(session, conference, badge_name=NAME)
    if role is not None:
        sitting = make_sitting(session, conference)
        account = (
            make_delegate(session, conference, present_in=sitting)[0]
            if role == "delegate"
            else grant(session, conference, Role(role))
        )
        sign_in(client, account)
    for page in (DOOR, f"{DOOR}?door=entrance&scan=1", f"{DOOR}/leaving"):
        response = client.get(page)
        assert response.status_code == (303 if role is None else 403)
        assert NAME not in response.text


@pytest.mark.parametrize("role", [Role.DOOR_VOLUNTEER, Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER])
def test_no_page_of_the_door_lists_people(
    client: CheckedClient, session: Session, conference: Conference, role: Role
) -> None:
    sitting = make_sitting(
        session, conference, key="plenaria", starts_local=datetime.combine(today(), time(9))
    )
    make_delegate(session, conference, present_in=sitting)
    make_registration(session, conference, badge_name=NAME, contact_email="secreta@example.org")
    sign_in(client, grant(session, conference, role))
    for page in (DOOR, f"{DOOR}?door=plenaria", f"{DOOR}/leaving?door=plenaria"):
        text = client.get(page).text
        assert ("Reservado" in text, "secreta" in text) == (False, False)


def test_the_sitting_of_today_is_the_first_door(
    volunteer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_sitting(session, conference, key="plenaria", starts_local=datetime.combine(today(), time(9)))
    make_sitting(
        session, conference, key="otra", starts_local=datetime.combine(today(), time(9)) + timedelta(1)
    )
    options = BeautifulSoup(volunteer.get(DOOR).text, "html.parser").select("#door option")
    assert [(option["value"], option.has_attr("selected")) for option in options] == [
        ("entrance", False),
        ("plenaria", True),
    ]


@pytest.mark.parametrize("page", [f"{DOOR}?door=none", f"{DOOR}/leaving?door=none"])
def test_there_is_no_such_door(volunteer: CheckedClient, conference: Conference, page: str) -> None:
    response = volunteer.get(page)
    assert (response.status_code, "There is no such door." in words(response)) == (404, True)


def test_a_delegate_makes_the_seat_present_and_leaves_by_seat(
    volunteer: CheckedClient, session: Session, conference: Conference, key: bytes
) -> None:
    sitting = make_sitting(
        session, conference, key="plenaria", starts_local=datetime.combine(today(), time(9))
    )
    make_delegate(session, make_conference(session), present_in=make_sitting(session, conference))
    seat = make_seat(session, conference)
    name = session.get_one(Organization, seat.organization_id).name
    token = seated(session, conference, key, seat)
    door = f"{DOOR}?door=plenaria"
    assert "No delegate is in this sitting" in words(volunteer.get(f"{DOOR}/leaving?door=plenaria"))
    said = words(send(volunteer, door, text=code(token), headers=HTMX))
    assert said == (
        f"Come in {NAME} Press Ask me first Present now: the seat of {name}. Let in at this door: 1 "
        "United States chamber: 1 of 1 seats present Mexico chamber: 0 of 0 seats present"
    )
    gone = send(volunteer, f"{DOOR}/leaving?door=plenaria", seat=str(seat.id))
    assert (gone.status_code, gone.headers["Location"]) == (303, f"{door}&left={seat.id}")
    shown = words(volunteer.get(gone.headers["Location"]))
    assert f"{name}: its delegate has left." in shown
    assert "United States chamber: 0 of 1 seats present" in shown
    presence = session.scalars(select(Presence).where(Presence.session_id == sitting.id)).one()
    assert presence.left_at is not None
    assert f"{name}: its delegate" not in words(volunteer.get(door))
    held = BeautifulSoup(volunteer.get(gone.headers["Location"]).text, "html.parser").select_one(
        "#outcome form"
    )
    back = volunteer.post(
        held["action"], data={field["name"]: field["value"] for field in held.select("[type=hidden]")}
    )
    assert (back.status_code, back.headers["Location"]) == (303, door)
    shown = words(volunteer.get(gone.headers["Location"]))
    assert "United States chamber: 1 of 1 seats present" in shown
    # The address of the answer says nothing any more, since the seat is present.
    assert "has left." not in shown


def test_nobody_is_chosen_beforehand_to_have_left(
    volunteer: CheckedClient, session: Session, conference: Conference
) -> None:
    sitting = make_sitting(
        session, conference, key="plenaria", starts_local=datetime.combine(today(), time(9))
    )
    for _each in range(2):
        make_delegate(session, conference, present_in=sitting)
    leaving = f"{DOOR}/leaving?door=plenaria"
    choices = BeautifulSoup(volunteer.get(leaving).text, "html.parser").select("#seat option")
    assert [choice["value"] for choice in choices if choice.has_attr("selected")] in ([], [""])
    assert (len(choices), choices[0]["value"]) == (3, "")
    refused = send(volunteer, leaving, seat="")
    assert (refused.status_code, "Choose an organization." in words(refused)) == (422, True)
    assert [row.left_at for row in session.scalars(select(Presence))] == [None, None]


@pytest.mark.parametrize("seat", ["", "none", "0", str(10**30)])
def test_what_names_no_seat_takes_no_leaving_back(
    volunteer: CheckedClient, conference: Conference, seat: str
) -> None:
    page = BeautifulSoup(volunteer.get(DOOR).text, "html.parser")
    token = page.select_one("main form[method=post] [name=csrf_token]")["value"]
    data = {"csrf_token": token, "door": "entrance", "seat": seat}
    assert volunteer.post(f"{DOOR}/leaving/back", data=data).status_code == 404


def test_a_seat_that_is_not_there_cannot_leave(
    volunteer: CheckedClient, session: Session, conference: Conference
) -> None:
    sitting = make_sitting(
        session, conference, key="plenaria", starts_local=datetime.combine(today(), time(9))
    )
    make_delegate(session, conference, present_in=sitting)
    absent = make_seat(session, conference)
    response = send(volunteer, f"{DOOR}/leaving?door=plenaria", seat=str(absent.id))
    assert response.status_code == 422
    assert [row.left_at for row in session.scalars(select(Presence))] == [None]
