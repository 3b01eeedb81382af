"""What organizers see of the mail, and how a recipient ends reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.mail import MessageKind, MessageState
from conference.domain.registration import Purpose
from conference.extensions import db
from conference.models import Conference, Consent, Message, Registration
from conference.services.mail import queue_message
from conference.web import notices
from conference.web.clock import now
from conference.web.postman import deliver_due
from conference.web.queue import Queue
from tests.factories import NOW, grant, make_conference, make_registration, sign_in
from tests.mail_servers import Post, serving

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

SECRETS = ("secreta", "enlace-secreto", "Asunto reservado")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


@pytest.fixture
def organizer(client: CheckedClient, session: Session, conference: Conference) -> CheckedClient:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return client


def queue(session: Session, key: str, conference: Conference | None, **changes: Any) -> Message:
    queue_message(
        session,
        kind=MessageKind.SIGN_IN if conference is None else MessageKind.TICKET,
        key=key,
        conference_id=None if conference is None else conference.id,
        recipient="secreta@example.org",
        language="es",
        subject="Asunto reservado",
        body="https://localhost/enlace-secreto\n",
        unsubscribe="/es/mail/stop/enlace-secreto",
        now=now() - timedelta(minutes=5),
    )
    session.flush()
    message = session.scalars(select(Message).where(Message.key == key)).one()
    for name, value in changes.items():
        setattr(message, name, value)
    session.commit()
    return message


def page_of(answer: TestResponse) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html5lib")


def numbers(page: BeautifulSoup, card: int = 0) -> list[int]:
    """The figures of one kind of mail, in the order of the page."""
    return [int(value.text.strip()) for value in page.select("section.card")[card].select("dd")]


# -- the page of the organizers --------------------------------------------------------------------


def test_where_nothing_was_written_the_page_says_what_will_be_here(organizer: CheckedClient) -> None:
    page = page_of(organizer.get("/es/muestra/mail"))
    assert len(page.select(".empty")) == 1
    assert page.select("section.card, main form") == []


def test_organizers_see_counts_and_never_to_whom_or_what(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    other = make_conference(session)
    queue(session, "1", conference)
    queue(session, "2", conference, attempts=3, trouble="451", due_at=now() + timedelta(hours=1))
    queue(session, "3", conference, state=MessageState.FAILED, attempts=7, trouble="451")
    queue(session, "4", conference, state=MessageState.UNCERTAIN, repeats=1)
    queue(session, "5", conference, state=MessageState.SENT, sent_at=now())
    queue(session, "6", conference, state=MessageState.BOUNCED)
    queue(session, "7", None, state=MessageState.SENT, sent_at=NOW)
    queue(session, "8", other, state=MessageState.FAILED)
    answer = organizer.get("/es/muestra/mail")
    page = page_of(answer)
    assert [secret for secret in SECRETS if secret in answer.text] == []
    # Sent today and in all, waiting, due now.
    assert numbers(page, 0) == [0, 1, 0, 0]
    # … and given up, come back, uncertain, repeated.
    assert numbers(page, 1) == [1, 1, 2, 1, 1, 1, 1, 1]
    assert "3" in page.select("section.card")[1].get_text()
    assert [form["action"] for form in page.select("#outbox form")] == ["/es/muestra/mail/retry"]


def test_a_reader_who_is_up_to_date_is_sent_nothing(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    queue(session, "1", conference)
    address = page_of(organizer.get("/es/muestra/mail")).select_one("[hx-get]")["hx-get"]
    assert organizer.get(address, headers=HTMX).status_code == 204
    queue(session, "2", conference)
    fragment = page_of(organizer.get(address, headers=HTMX))
    assert fragment.select("header, h1") == []
    assert numbers(fragment) == [0, 0, 2, 2]
    # Without JavaScript the same address is the page.
    assert page_of(organizer.get(address)).select_one("h1") is not None


def test_what_was_given_up_is_tried_again_by_one_button(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    queue(session, "1", conference, state=MessageState.FAILED, attempts=7, trouble="451")
    page = page_of(organizer.get("/es/muestra/mail"))
    token = page.select_one("#outbox form [name=csrf_token]")["value"]
    answer = organizer.post("/es/muestra/mail/retry", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/es/muestra/mail")
    post = Post()
    with serving(post) as address, app.app_context():
        app.config["MAIL_SERVER"] = f"smtp://{address}"
        assert deliver_due() == 1
    assert [envelope.rcpt_tos for envelope in post.envelopes] == [["secreta@example.org"]]
    assert page_of(organizer.get("/es/muestra/mail")).select("#outbox form") == []


def test_what_is_tried_again_is_put_on_the_queue_at_once(
    app: Flask,
    organizer: CheckedClient,
    session: Session,
    conference: Conference,
    *,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = [queue(session, key, conference, state=MessageState.FAILED).id for key in ("1", "2")]
    queue(session, "3", conference, state=MessageState.SENT)
    monkeypatch.setitem(app.config, "QUEUE", f"sqlite:///{tmp_path / 'queue.sqlite'}")
    monkeypatch.setitem(app.extensions, "queue", Queue(app))
    token = page_of(organizer.get("/es/muestra/mail")).select_one("#outbox form [name=csrf_token]")["value"]
    assert organizer.post("/es/muestra/mail/retry", data={"csrf_token": token}).status_code == 303
    huey = app.extensions["queue"].carrier.huey
    assert sorted(huey.dequeue().args[0] for _each in range(len(huey))) == failed
    huey.storage.close()


def test_nobody_but_our_own_page_has_mail_tried_again(
    organizer: CheckedClient, conference: Conference
) -> None:
    assert organizer.post(f"/es/{conference.slug}/mail/retry").status_code == 403


def test_organizers_are_told_on_their_first_page_that_mail_failed(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    queue(session, "1", conference, state=MessageState.FAILED)
    queue(session, "2", None, state=MessageState.FAILED)
    page = page_of(organizer.get("/en/muestra/now"))
    card = page.select_one('a[href="/en/muestra/mail"]')
    assert "2 mails could not be sent" in card.find_parent("li").get_text()


# -- ending reminders ------------------------------------------------------------------------------


@pytest.fixture
def reminded(session: Session, conference: Conference) -> Consent:
    """Somebody who agreed to reminders, beside somebody else who did."""
    consents: list[Consent] = []
    for number in (1, 2):
        registration = make_registration(session, conference, contact_email=f"secreta-{number}@example.org")
        given = {"registration_id": registration.id, "text_version": 1, "language": "es", "given_at": NOW}
        consents += [Consent(purpose=purpose, **given) for purpose in (Purpose.ATTEND, Purpose.REMINDERS)]
    session.add_all(consents)
    session.commit()
    return consents[1]


def way_out(app: Flask, consent: Consent) -> str:
    number = consent.registration_id
    with app.app_context():
        email = db.session.get_one(Registration, number).contact_email
        return notices.way_out(number, email=email, language="es")


def ended(session: Session) -> list[tuple[int, Purpose]]:
    session.expire_all()
    gone = select(Consent.registration_id, Consent.purpose).where(Consent.withdrawn_at.is_not(None))
    return [tuple(found) for found in session.execute(gone)]


def test_a_reminder_is_ended_by_the_mail_program_in_one_click(
    app: Flask, client: CheckedClient, session: Session, reminded: Consent
) -> None:
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key="recordatorio-1",
        recipient="secreta-1@example.org",
        language="es",
        subject="Mañana",
        body="Hola\n",
        unsubscribe=way_out(app, reminded),
        now=now(),
    )
    session.commit()
    post = Post()
    with serving(post) as address, app.app_context():
        app.config["MAIL_SERVER"] = f"smtp://{address}"
        deliver_due()
    (mail,) = post.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://localhost/es/mail/stop/")
    # RFC 8058: no cookie, no token of ours, nothing but this, and no redirect.
    answer = client.post(
        link.removeprefix("http://localhost"), data={"List-Unsubscribe": "One-Click"}, headers={"Cookie": ""}
    )
    assert answer.status_code == 200
    assert ended(session) == [(reminded.registration_id, Purpose.REMINDERS)]


def test_opening_the_link_ends_nothing_and_pressing_the_button_does(
    app: Flask, client: CheckedClient, session: Session, reminded: Consent
) -> None:
    address = way_out(app, reminded)
    page = page_of(client.get(address))
    assert ended(session) == []
    form = page.select_one("main form")
    assert form["action"] == address
    done = page_of(client.post(form["action"]))
    assert done.select("main form") == []
    assert ended(session) == [(reminded.registration_id, Purpose.REMINDERS)]
    # Once more changes nothing, and is no error.
    assert client.post(address).status_code == 200


def test_the_page_shows_nothing_of_whose_reminders_they_are(
    app: Flask, client: CheckedClient, reminded: Consent
) -> None:
    for answer in (client.get(way_out(app, reminded)), client.post(way_out(app, reminded))):
        assert "Reservado" not in answer.text
        assert "secreta" not in answer.text
        assert "muestra" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_was_made_up_ends_nothing(
    app: Flask, client: CheckedClient, session: Session, reminded: Consent, method: str
) -> None:
    genuine = way_out(app, reminded)
    number = str(reminded.registration_id)
    forged = genuine.replace(f"/{number}.", f"/{int(number) + 1}.")
    for address in (forged, genuine + "0", genuine[:-1], "/es/mail/stop/x", "/es/mail/stop/1."):
        assert client.open(address, method=method).status_code == 404
    assert ended(session) == []


def test_a_link_does_not_end_the_reminders_of_whoever_has_the_place_now(
    app: Flask, client: CheckedClient, session: Session, reminded: Consent
) -> None:
    address = way_out(app, reminded)
    session.get_one(Registration, reminded.registration_id).contact_email = "secreta-3@example.org"
    session.commit()
    answer = client.post(address)
    # As if it did: who has the place now, and whether anybody does, is nothing to tell.
    assert answer.status_code == 200
    assert page_of(answer).select("main .notice-good")
    assert ended(session) == []


def test_a_link_still_answers_when_the_registration_is_gone(app: Flask, client: CheckedClient) -> None:
    with app.app_context():
        address = notices.way_out(99, email="nadie@example.org", language="en")
    assert client.post(address).status_code == 200


def test_no_other_view_takes_a_post_without_a_token(app: Flask) -> None:
    exempt = app.extensions["csrf"]._exempt_views
    assert exempt == {"conference.blueprints.mail.stop"}
