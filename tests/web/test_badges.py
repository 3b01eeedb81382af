"""Badges: one organizer asks, another approves, and the sheets are made once; a ticket comes on paper too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind
from conference.domain.jobs import KEPT, JobKind, JobState
from conference.domain.registration import Category, PhotoPreference, RegistrationStatus
from conference.domain.tickets import (
    ReadTicket,
    badge_text,
    parse_ticket,
    shown_ticket_code,
    ticket_code,
    ticket_code_digest,
    ticket_token,
    token_digest,
)
from conference.exports import typesetting
from conference.models import Approval, AuditEntry, Job, Registration
from conference.queries.audit import log_page
from conference.services.jobs import forget_jobs
from conference.web.clock import now
from conference.web.keys import key_for, keys_for
from tests.exports.badges import pages_of, squeezed, text_of
from tests.exports.printing import PPI, codes_printed, printed
from tests.factories import (
    grant,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    sign_in,
)
from tests.forms import HTMX, filled_in, form_of, send, submit
from tests.queues import do_due

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient

ADDRESS = "/en/muestra/badges"
REASON = "The sheets for the desk on Friday"


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


@dataclass(frozen=True)
class Press:
    """A conference whose badges are printed, and what is read off them."""

    app: Flask
    session: Session
    conference: Conference
    folder: Path

    def ticketed(self, **values: Any) -> tuple[Registration, str]:
        """Make somebody with a place, and return them with the token of their ticket."""
        row = make_registration(self.session, values.pop("conference", self.conference), **values)
        with self.app.app_context():
            token = ticket_token(row.ticket_nonce, key=key_for("tickets"))
            row.code_digest = ticket_code_digest(ticket_code(token), key=key_for("tickets"))
        row.token_digest = token_digest(token)
        self.session.commit()
        return row, token

    def work(self) -> None:
        """Do what waits to be done, as a worker would."""
        with self.app.app_context():
            do_due()
        self.session.rollback()

    def fetched(self, client: CheckedClient, **choice: str) -> bytes:
        """Start what was approved, let a worker do it, and fetch what came of it."""
        started = send(client, form_of(client.get(ADDRESS), "/start"), **choice)
        assert started.status_code == 303, started.text
        self.work()
        answer = send(client, form_of(client.get(started.location), "/result"))
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        return answer.data

    def read_on(self, pdf: bytes) -> list[ReadTicket]:
        """Return what all codes of a PDF's pages say, as a door would read them."""
        found = codes_printed(pdf, self.folder)
        with self.app.app_context():
            keys = keys_for("tickets")
        return [parse_ticket(text, conference="muestra", keys=keys) for text in found]

    def codes_on(self, pdf: bytes) -> list[str | None]:
        """Return the codes of the tickets whose badges these are; no badge says a token."""
        read = self.read_on(pdf)
        assert [one.token for one in read] == [None] * len(read)
        return sorted((one.code for one in read), key=str)

    def log(self) -> list[Mapping[str, object]]:
        """Return what the log has, the newest first."""
        self.session.rollback()
        page = log_page(self.session, conference_id=self.conference.id, before=None, length=20)
        return [entry.event for entry in page.entries]


@pytest.fixture
def press(app: Flask, session: Session, conference: Conference, tmp_path: Path) -> Press:
    return Press(app, session, conference, tmp_path)


@pytest.fixture
def organizer(
    session: Session, conference: Conference, new_client: Callable[[], CheckedClient]
) -> Callable[..., CheckedClient]:
    def enter(role: Role = Role.ORGANIZER, where: Conference = conference, **values: Any) -> CheckedClient:
        client = new_client()
        sign_in(client, grant(session, where, role), **values)
        return client

    return enter


def approved(ana: CheckedClient, beto: CheckedClient) -> None:
    assert submit(ana, ADDRESS, to="/muestra/badges", reason=REASON).status_code == 303
    assert send(beto, buttons(beto, "/answer")[0]).status_code == 303


def buttons(client: CheckedClient, end: str) -> list[Any]:
    return BeautifulSoup(client.get(ADDRESS).text, "html5lib").select(f"form[action$='{end}']")


# -- sheets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [None, HTMX])
def test_one_asks_another_approves_and_the_sheets_are_fetched_once(
    session: Session,
    conference: Conference,
    press: Press,
    organizer: Callable[..., CheckedClient],
    headers: dict[str, str] | None,
) -> None:
    club = make_organization(session, conference, name="Club San Juan Muestra")
    people = [press.ticketed(badge_name=f"Persona {n}", organization_id=club.id) for n in range(7)]
    guest = press.ticketed(badge_name="", organization_id=club.id, language="en")
    ana, beto = organizer(), organizer()
    submit(ana, ADDRESS, to="/muestra/badges", headers=headers, reason=REASON)
    assert buttons(ana, "/answer") == []
    assert REASON in beto.get(ADDRESS).text
    send(beto, buttons(beto, "/answer")[0], headers=headers)
    assert buttons(beto, "/start") == []
    pdf = press.fetched(ana)
    assert press.codes_on(pdf) == sorted(ticket_code(token) for _row, token in [*people, guest])
    text = text_of(pdf)
    said = ["Persona 0", "Persona 6", "Guest of Club San Juan Muestra", "Asistente", "Attendee"]
    assert [each for each in said if squeezed(each) not in text] == []
    assert "Salón Secreto" not in text
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.state, job.result, job.report) == (
        JobKind.PRINT_BADGES,
        JobState.DONE,
        None,
        {"badges": 8},
    )
    assert "The file was fetched, or forgotten." in ana.get(f"/en/jobs/{job.key}").text
    event = press.log()[0]
    assert (event["kind"], event["count"], event["actor"]) == ("badges_printed", 8, "organizer-1")
    assert "Organizer 1 had badges printed: 8." in ana.get("/en/muestra/audit").text


def test_what_a_badge_shows_opens_no_page(client: CheckedClient, press: Press) -> None:
    _row, token = press.ticketed()
    with press.app.app_context():
        text = badge_text(ticket_code(token), conference="muestra", key=key_for("tickets"))
    assert client.get(f"/es/tickets/{token}").status_code == 200
    tried = [text, *text.split(":")]
    assert [client.get(f"/es/tickets/{each}").status_code for each in tried] == [404] * len(tried)


def test_only_those_with_a_place_are_printed(
    session: Session,
    press: Press,
    organizer: Callable[..., CheckedClient],
) -> None:
    _row, token = press.ticketed(badge_name="Con Lugar")
    press.ticketed(badge_name="En Espera", status=RegistrationStatus.PENDING)
    press.ticketed(badge_name="Cancelada", status=RegistrationStatus.CANCELLED, cancelled_at=now())
    press.ticketed(badge_name="De Otra Parte", conference=make_conference(session))
    ana, beto = organizer(), organizer()
    approved(ana, beto)
    pdf = press.fetched(ana, paper="label_4x6")
    assert (press.codes_on(pdf), len(pages_of(pdf).pages)) == ([ticket_code(token)], 1)


def test_a_category_is_printed_and_then_only_what_is_new_or_has_changed(
    session: Session,
    press: Press,
    organizer: Callable[..., CheckedClient],
) -> None:
    journalists = [press.ticketed(category=Category.PRESS) for _number in range(2)]
    attendee = press.ticketed()
    ana, beto = organizer(), organizer()
    approved(ana, beto)
    pdf = press.fetched(ana, which="press", paper="a4")
    assert press.codes_on(pdf) == sorted(ticket_code(token) for _row, token in journalists)
    session.get_one(Registration, journalists[0][0].id).badge_name = "Otro Nombre"
    session.commit()
    approved(ana, beto)
    pdf = press.fetched(ana, which="out_of_date")
    assert press.codes_on(pdf) == sorted(map(ticket_code, [journalists[0][1], attendee[1]]))
    approved(ana, beto)
    nothing = send(ana, form_of(ana.get(ADDRESS), "/start"), which="out_of_date")
    assert (nothing.status_code, "There is no badge to print" in nothing.text) == (409, True)
    # What was approved is still there.
    assert len(buttons(ana, "/start")) == 1


def test_sheets_that_nobody_fetched_are_forgotten_after_a_day(
    session: Session,
    press: Press,
    organizer: Callable[..., CheckedClient],
) -> None:
    press.ticketed()
    ana, beto = organizer(), organizer()
    approved(ana, beto)
    send(ana, form_of(ana.get(ADDRESS), "/start"))
    press.work()
    assert session.scalars(select(Job.result)).one() is not None
    forget_jobs(session, now=now() + KEPT + timedelta(minutes=1))
    session.commit()
    assert session.scalars(select(Job.result)).one() is None


def test_a_request_for_badges_is_taken_back_on_its_own_page_only(
    app: Flask, session: Session, press: Press, organizer: Callable[..., CheckedClient]
) -> None:
    app.config["EXPORT_PEOPLE"] = True
    press.ticketed()
    ana = organizer()
    assert "There is no other organizer." in ana.get(ADDRESS).text
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    number = session.scalars(select(Approval.id)).one()
    (back,) = buttons(ana, "/withdraw")
    data = {"csrf_token": back.select_one("[name=csrf_token]")["value"]}
    assert ana.post(f"/en/muestra/exports/{number}/withdraw", data=data).status_code == 404
    assert send(ana, back).status_code == 303
    assert (buttons(ana, "/withdraw"), "Taken back" in ana.get(ADDRESS).text) == ([], True)
    assert [event["kind"] for event in press.log()] == ["export_withdrawn", "export_asked"]


def test_a_request_is_for_badges_alone(
    app: Flask,
    session: Session,
    press: Press,
    organizer: Callable[..., CheckedClient],
) -> None:
    app.config["EXPORT_PEOPLE"] = True
    press.ticketed()
    ana, beto = organizer(), organizer()
    submit(ana, ADDRESS, to="/muestra/badges", reason=REASON)
    number, kind = session.execute(select(Approval.id, Approval.kind)).one()
    assert kind is ApprovalKind.PRINT_BADGES
    assert REASON not in beto.get("/en/muestra/exports").text
    token = form_of(beto.get("/en/muestra/exports"), "/exports").select_one("[name=csrf_token]")
    assert token is not None
    data = {"csrf_token": token["value"], "answer": "approve"}
    assert beto.post(f"/en/muestra/exports/{number}/answer", data=data).status_code == 404
    send(beto, buttons(beto, "/answer")[0])
    assert ana.post(f"/en/muestra/exports/{number}/start", data=data).status_code in {403, 404}


@pytest.mark.parametrize("reason", ["", "x" * 301])
def test_a_reason_is_needed_and_what_was_typed_is_kept(
    press: Press,
    organizer: Callable[..., CheckedClient],
    reason: str,
) -> None:
    press.ticketed()
    answer = submit(organizer(), ADDRESS, to="/muestra/badges", reason=reason)
    field = BeautifulSoup(answer.text, "html5lib").select_one("#reason")
    assert field is not None
    assert (answer.status_code, field.text.strip()) == (422, reason)


@pytest.mark.parametrize(("people", "said"), [(4, False), (5, True)])
def test_the_page_tells_how_many_hold_a_place_unless_they_are_a_few(
    client: CheckedClient, press: Press, people: int, said: bool
) -> None:
    for _each in range(people):
        press.ticketed()
    sign_in(client, grant(press.session, press.conference, Role.ORGANIZER))
    shown = BeautifulSoup(client.get(ADDRESS).text, "html5lib").get_text()
    assert (f"{people} people hold a place." in shown, "Ask for the badges" in shown) == (said, True)


def test_the_page_says_what_is_the_matter_where_nothing_can_be_printed(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    press: Press,
    organizer: Callable[..., CheckedClient],
) -> None:
    ana = organizer()
    assert "There are no badges to print yet" in ana.get(ADDRESS).text
    press.ticketed()
    form = form_of(ana.get(ADDRESS), "/muestra/badges")
    monkeypatch.setattr(typesetting, "find_spec", lambda _name: None)
    page = ana.get(ADDRESS)
    assert (page.status_code, "pip install" in page.text) == (200, True)
    refused = send(ana, form, reason=REASON)
    assert (refused.status_code, "asamblea[pdf]" in refused.text) == (503, True)
    monkeypatch.undo()
    app.config["PRINT_BADGES"] = False
    assert "switched sheets of badges off" in ana.get(ADDRESS).text
    assert send(ana, form, reason=REASON).status_code == 409


# -- one badge ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.CREDENTIALS_COMMITTEE])
def test_the_desk_prints_the_badge_of_one_person(
    press: Press,
    organizer: Callable[..., CheckedClient],
    role: Role,
) -> None:
    _row, token = press.ticketed(badge_name="Lilia", photo_preference=PhotoPreference.YES)
    press.ticketed(badge_name="Otra Persona")
    desk = organizer(role)
    answer = printed_one(desk, found_at_desk(desk, token))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert press.codes_on(answer.data) == [ticket_code(token)]
    assert token not in "".join(codes_printed(answer.data, press.folder))
    assert "Lilia" in text_of(answer.data)
    assert "Otra" not in text_of(answer.data)
    assert [(event["kind"], event["count"]) for event in press.log()] == [("badges_printed", 1)]
    assert "Lilia" not in str(press.session.scalars(select(AuditEntry.entry)).one())


def found_at_desk(client: CheckedClient, token: str) -> str:
    """What the desk's page knows a person by, once their ticket was looked for."""
    found = submit(client, "/en/muestra/desk", to="/desk/find", text=ticket_code(token))
    return filled_in(form_of(found, "/desk/person"))["person"]


def printed_one(client: CheckedClient, person: object, **values: str) -> Any:
    token = BeautifulSoup(client.get("/en/").text, "html5lib").select_one("[name=csrf_token]")
    data = {"csrf_token": token["value"] if token else "", "person": str(person), **values}
    return client.post(f"{ADDRESS}/single", data=data)


def test_nobody_without_a_place_here_has_a_badge(
    session: Session,
    press: Press,
    organizer: Callable[..., CheckedClient],
) -> None:
    waiting, pending = press.ticketed(status=RegistrationStatus.PENDING)
    row, token = press.ticketed()
    elsewhere, _other = press.ticketed(conference=make_conference(session))
    desk = organizer()
    people = [found_at_desk(desk, pending), waiting.id, row.id, elsewhere.id, 0, -1, 2**40, "x", ""]
    assert [printed_one(desk, person).status_code for person in people] == [404] * 9
    standing_here = found_at_desk(desk, token)
    assert printed_one(desk, standing_here, paper="papyrus").status_code == 404
    assert printed_one(organizer(), standing_here).status_code == 404
    assert printed_one(desk, standing_here).status_code == 200


def test_others_print_nothing(
    session: Session,
    press: Press,
    organizer: Callable[..., CheckedClient],
    new_client: Callable[[], CheckedClient],
) -> None:
    row, _token = press.ticketed(badge_name="Lilia Secreta")
    others = [
        organizer(Role.OFFICIAL),
        organizer(Role.DOOR_VOLUNTEER),
        organizer(where=make_conference(session)),
        new_client(),
    ]
    answers = [answer for other in others for answer in (other.get(ADDRESS), printed_one(other, row.id))]
    assert [answer.status_code for answer in answers if answer.status_code == 200] == []
    assert [answer for answer in answers if b"Lilia" in answer.data or b"%PDF" in answer.data] == []


# -- a ticket on paper -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_ticket_on_paper_says_what_its_page_says(
    client: CheckedClient,
    press: Press,
    language: str,
) -> None:
    _row, token = press.ticketed(badge_name="Nombre Reservado", photo_preference=PhotoPreference.ASK)
    answer = client.get(f"/{language}/tickets/{token}/ticket.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    text = text_of(answer.data)
    words = {
        "es": ["Asistente", "Pregúntenme antes", "Salem, Oregón", "sábado"],
        "en": ["Attendee", "Ask me first", "Salem, Oregon", "Saturday"],
    }[language]
    code = shown_ticket_code(ticket_code(token))
    said = [*words, code, "Salón Secreto", "Calle Reservada 7"]
    assert [each for each in said if squeezed(each) not in text] == []
    assert "Reservado" not in text
    assert press.read_on(answer.data) == [ReadTicket(token=token)]
    (picture,) = printed(answer.data, press.folder)
    (found,) = zxingcpp.read_barcodes(picture)
    width = found.position.top_right.x - found.position.top_left.x
    assert width / PPI * 25.4 >= 40


def test_only_its_owner_finds_the_name_on_the_paper(
    session: Session,
    new_client: Callable[[], CheckedClient],
    press: Press,
) -> None:
    account = make_account(session)
    _row, token = press.ticketed(badge_name="Nombre Reservado", account_id=account.id)
    owner, other = new_client(), new_client()
    sign_in(owner, account)
    sign_in(other, make_account(session))
    address = f"/es/tickets/{token}/ticket.pdf"
    texts = [text_of(client.get(address).data) for client in (owner, other)]
    assert ["NombreReservado" in text for text in texts] == [True, False]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"status": RegistrationStatus.CANCELLED, "cancelled_at": now}, 409),
        ({"status": RegistrationStatus.PENDING}, 409),
    ],
)
def test_only_a_confirmed_ticket_is_printed(
    client: CheckedClient,
    press: Press,
    values: dict[str, Any],
    status: int,
) -> None:
    made = {name: value() if callable(value) else value for name, value in values.items()}
    _row, token = press.ticketed(**made)
    answer = client.get(f"/es/tickets/{token}/ticket.pdf")
    assert (answer.status_code, "Salón Secreto" in answer.text) == (status, False)


def test_an_invented_ticket_is_none(client: CheckedClient) -> None:
    assert client.get("/es/tickets/" + "A" * 26 + "/ticket.pdf").status_code == 404
    assert client.get("/es/tickets/nada/ticket.pdf").status_code == 404


def test_without_typst_a_ticket_says_what_is_missing(
    client: CheckedClient,
    monkeypatch: pytest.MonkeyPatch,
    press: Press,
) -> None:
    _row, token = press.ticketed()
    monkeypatch.setattr(typesetting, "find_spec", lambda _name: None)
    answer = client.get(f"/en/tickets/{token}/ticket.pdf")
    assert (answer.status_code, "asamblea[pdf]" in answer.text) == (503, True)
