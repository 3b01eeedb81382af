"""Outgoing mail as organizers see it, and ending reminders, on a phone; with JavaScript and without."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.mail import MessageKind, MessageState
from conference.domain.registration import Purpose
from conference.models import Conference, Consent, Message
from conference.services.mail import hasten, queue_message, retry
from conference.web import notices
from conference.web.clock import now
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import NOW, grant, make_conference, make_registration, signed_cookie

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session


def queue(session: Session, key: str, conference: Conference | None, **changes: Any) -> None:
    queue_message(
        session,
        kind=MessageKind.SIGN_IN if conference is None else MessageKind.TICKET,
        key=key,
        conference_id=None if conference is None else conference.id,
        recipient="secreta@example.org",
        language="es",
        subject="Asunto reservado",
        body="Hola\n",
        now=now() - timedelta(minutes=5),
    )
    session.flush()
    message = session.scalars(select(Message).where(Message.key == key)).one()
    for name, value in changes.items():
        setattr(message, name, value)
    session.commit()


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference whose mail server was away for a while."""
    conference = make_conference(session, slug="muestra")
    queue(session, "1", conference)
    queue(session, "2", conference, state=MessageState.FAILED, attempts=7, trouble="451")
    queue(session, "3", conference, attempts=3, trouble="451", due_at=now() + timedelta(hours=1))
    queue(session, "4", conference, state=MessageState.SENT, sent_at=now(), repeats=1)
    queue(session, "5", None, state=MessageState.SENT, sent_at=now())
    return conference


def enter(page: Page, app: Flask, session: Session, conference: Conference) -> None:
    """Let whoever looks at the page be an organizer."""
    cookie = signed_cookie(app, session, grant(session, conference, Role.ORGANIZER))
    name, address = app.config["SESSION_COOKIE_NAME"], app.config["PUBLIC_URL"]
    page.context.add_cookies([{"name": name, "value": cookie, "url": address}])


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_an_organizer_has_failed_mail_tried_again(
    app: Flask,
    open_page: Any,
    session: Session,
    conference: Conference,
    *,
    language: str,
    javascript: bool,
) -> None:
    page = open_page(javascript=javascript, width=375)
    enter(page, app, session, conference)
    page.goto(f"/{language}/muestra/mail")
    if javascript:
        assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0
    expect(page.locator("body")).not_to_contain_text("secreta")
    page.locator("#outbox form button").click()
    expect(page.locator("#outbox form")).to_have_count(0)
    assert page.url.endswith(f"/{language}/muestra/mail")
    if javascript:
        assert accessibility_faults(page) == []


def test_the_page_follows_what_happens(
    app: Flask, page: Page, session: Session, conference: Conference
) -> None:
    enter(page, app, session, conference)
    page.goto("/es/muestra/mail")
    expect(page.locator("#outbox form")).to_have_count(1)
    expect(page.locator("[hx-trigger^='every 5s']")).to_have_count(1)
    retry(session, conference_id=conference.id, now=now())
    hasten(session, conference_id=conference.id, now=now())
    session.commit()
    expect(page.locator("#outbox form")).to_have_count(0)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_reminders_are_ended_by_the_button_behind_the_link(
    app: Flask,
    open_page: Any,
    session: Session,
    conference: Conference,
    *,
    language: str,
    javascript: bool,
) -> None:
    registration = make_registration(session, conference, contact_email="secreta@example.org")
    session.add(
        Consent(
            registration_id=registration.id,
            purpose=Purpose.REMINDERS,
            text_version=1,
            language="es",
            given_at=NOW,
        )
    )
    session.commit()
    with app.app_context():
        address = notices.way_out(registration.id, email="secreta@example.org", language=language)
    page = open_page(javascript=javascript, width=320)
    page.goto(address)
    if javascript:
        assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0
    page.locator("main form button").click()
    expect(page.locator("main .notice-good")).to_have_count(1)
    if javascript:
        assert accessibility_faults(page) == []
    # Looks again, and not at what was there before the button.
    session.rollback()
    assert session.scalars(select(Consent.withdrawn_at)).one() is not None
