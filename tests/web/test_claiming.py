"""Making a place one's own: whoever led the guest here reads nothing of them, and the guest gets in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.registration import Category, PhotoPreference, Purpose, ServiceKind
from conference.models import (
    Conference,
    Consent,
    Message,
    OfferedService,
    Organization,
    Registration,
    RegistrationAnswer,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.services.groups import register_group
from conference.services.tickets import name_guest
from conference.web.keys import key_for
from tests.factories import make_conference, make_organization
from tests.forms import HTMX, form_of, send

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

MOMENT = datetime(2026, 7, 1, tzinfo=UTC)
NAME, EMAIL = "Nombre Reservado", "secreta@example.org"


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference that asks one question and offers childcare."""
    conference = make_conference(
        session, slug="muestra", first_day=datetime.now(UTC).date() + timedelta(days=30)
    )
    session.add_all(
        [
            RegistrationQuestion(
                conference_id=conference.id,
                key="taller",
                position=1,
                label={"en": "Which workshop?"},
                choices=[
                    {"key": "agua", "label": {"en": "Water"}},
                    {"key": "maiz", "label": {"en": "Maize"}},
                ],
            ),
            OfferedService(
                conference_id=conference.id,
                key="childcare",
                position=1,
                kind=ServiceKind.CHILDCARE,
                label={"en": "Childcare"},
            ),
        ]
    )
    session.flush()
    return conference


@pytest.fixture
def token(app: Flask, session: Session, conference: Conference) -> str:
    """The ticket of a guest, which the lead has as well."""
    club: Organization = make_organization(session, conference, name="Club Ñuu Savi")
    with app.app_context():
        key = key_for("tickets")
    group = register_group(
        session,
        conference_id=conference.id,
        organization_id=club.id,
        category=Category.ATTENDEE,
        size=1,
        nonces=["9" * 32],
        key=key,
        language="es",
        by=None,
        now=MOMENT,
    )
    return group.tickets[0].token


@pytest.fixture
def named(session: Session, token: str) -> str:
    """The same ticket with the name that the lead wrote, and what its person said before anybody thought."""
    name_guest(
        session,
        token=token,
        badge_name=NAME,
        photo_preference=PhotoPreference.YES,
        consents={Purpose.ATTEND},
        contact_email=None,
        language="es",
        now=MOMENT,
    )
    number = only(session).id
    question, service = (
        session.scalars(select(model.id)).one() for model in (RegistrationQuestion, OfferedService)
    )
    session.add(RegistrationAnswer(registration_id=number, question_id=question, chosen=["maiz"]))
    session.add(ServiceBooking(registration_id=number, service_id=service, places=2))
    session.flush()
    return token


def only(session: Session) -> Registration:
    return session.scalars(select(Registration)).one()


def words(response: TestResponse) -> str:
    return " ".join(BeautifulSoup(response.text, "html.parser").get_text(" ").split())


def chosen(response: TestResponse) -> set[str]:
    """Return what stands chosen in a form."""
    soup = BeautifulSoup(response.text, "html.parser")
    return {str(option["value"]) for option in soup.select("main [checked], main [selected]")}


def claim(client: CheckedClient, token: str, **values: Any) -> TestResponse:
    least = {"badge_name": "Doña Chayo", "attend": "y"}
    return send(client, form_of(client.get(f"/en/tickets/{token}/name")), **least | values)


def test_a_lead_reads_no_answer_and_no_booking_of_whom_they_named(
    client: CheckedClient, session: Session, named: str
) -> None:
    page = f"/en/tickets/{named}"
    shown = client.get(page)
    assert ("/change" in shown.text, "Your organization wrote the name on this ticket" in words(shown)) == (
        False,
        True,
    )
    asked = client.get(f"{page}/change")
    assert (asked.status_code, asked.headers["Location"]) == (303, f"{page}/name")
    form = client.get(f"{page}/name")
    assert (chosen(form), NAME in form.text, "Maize" in form.text) == ({"yes"}, False, False)
    token = BeautifulSoup(form.text, "html.parser").select_one("main [name=csrf_token]")["value"]
    written = client.post(f"{page}/change", data={"csrf_token": token, "photo_preference": "no"})
    assert written.status_code == 409
    assert "Make the ticket yours first" in words(written)
    assert only(session).photo_preference is PhotoPreference.YES


def test_whom_a_lead_named_makes_the_ticket_theirs_and_finds_what_they_said(
    client: CheckedClient, session: Session, named: str
) -> None:
    own = claim(client, named, badge_name="").headers["Location"]
    assert (only(session).badge_name, only(session).photo_preference) == (NAME, PhotoPreference.YES)
    changing = client.get(f"{own}/change")
    assert (changing.status_code, chosen(changing) >= {"yes", "maiz", "2"}) == (200, True)
    # The lead's link tells nothing any more, and says to whoever holds it where to ask.
    pages = [client.get(f"/en/tickets/{named}{rest}") for rest in ("", "/change", "/name", "/cancel", ".txt")]
    assert [page.status_code for page in pages] == [404] * 5
    assert [page for page in pages if "ask at the registration desk" not in words(page)] == []
    assert [page for page in pages if "Maize" in page.text or NAME in page.text] == []


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_a_second_tap_leads_to_the_same_new_ticket_when_the_first_answer_was_lost(
    client: CheckedClient, session: Session, token: str, headers: dict[str, str] | None
) -> None:
    form = form_of(client.get(f"/en/tickets/{token}/name"))
    first = send(client, form, headers=headers, badge_name="Doña Chayo", attend="y")
    digest = only(session).token_digest
    second = send(client, form, headers=headers, badge_name="Otra", attend="y")
    where = "HX-Redirect" if headers else "Location"
    assert (second.status_code, second.headers[where]) == (first.status_code, first.headers[where])
    assert (only(session).token_digest, only(session).badge_name) == (digest, "Doña Chayo")
    assert "what you sent first is kept" in words(client.get(second.headers[where]))
    assert len(session.scalars(select(Consent)).all()) == 1


def test_whoever_has_the_old_link_gets_no_new_one_by_a_form_of_their_own(
    client: CheckedClient, session: Session, token: str
) -> None:
    lead_form = form_of(client.get(f"/en/tickets/{token}/name"))
    own = claim(client, token).headers["Location"]
    for key in (None, "0" * 32, "no key"):
        taken = send(
            client, lead_form, attend="y", badge_name="Otra", **{} if key is None else {"form_key": key}
        )
        assert (taken.status_code, own.rsplit("/", 1)[1] in taken.text) == (404, False)
    assert only(session).badge_name == "Doña Chayo"


def test_the_new_link_is_written_to_the_address_that_is_given(
    client: CheckedClient, session: Session, token: str
) -> None:
    own = claim(client, token, email=EMAIL).headers["Location"]
    letter = session.scalars(select(Message)).one()
    assert (letter.recipient, f"http://localhost{own}" in letter.body.split()) == (EMAIL, True)
    assert "Chayo" not in letter.subject + letter.body


def test_one_address_is_written_to_so_often_and_the_form_stays_filled_in(
    app: Flask, client: CheckedClient, session: Session, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(app.config, "LIMIT_REGISTER_ADDRESS", "1 per hour")
    # Counted before anybody is written to: what else is wrong with the form does not matter.
    assert claim(client, token, email=EMAIL, badge_name="…").status_code == 422
    refused = claim(client, token, email=EMAIL)
    soup = BeautifulSoup(refused.text, "html.parser")
    assert (refused.status_code, soup.select_one("[name=badge_name]")["value"]) == (429, "Doña Chayo")
    assert soup.select_one("[name=email]")["aria-invalid"] == "true"
    assert (only(session).badge_name, session.scalars(select(Message)).all()) == ("", [])
