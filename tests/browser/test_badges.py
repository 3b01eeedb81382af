"""One organizer asks for the badges, another approves, and the codes on the printed sheet are tickets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from conference.domain.accounts import Role
from conference.domain.registration import Category, PhotoPreference
from conference.domain.tickets import parse_ticket, ticket_token, token_digest
from conference.extensions import db
from conference.web.keys import key_for, keys_for
from tests.browsers import accessibility_faults, sideways_scroll
from tests.exports.badges import text_of
from tests.exports.printing import codes_printed
from tests.factories import (
    grant,
    make_conference,
    make_organization,
    make_registration,
    signed_cookie,
)
from tests.queues import do_due

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.browsers import Pages


@pytest.fixture
def cookies(app: Flask, session: Session) -> list[str]:
    """Two organizers of a conference to which eight people come."""
    conference = make_conference(session, slug="muestra", first_day=datetime.now(UTC).date())
    club = make_organization(session, conference, name="Club San Juan Muestra")
    categories, preferences = list(Category), list(PhotoPreference)
    for number in range(8):
        row = make_registration(
            session,
            conference,
            badge_name=f"Ñuʼu Persona {number}" if number else "",
            organization_id=club.id,
            category=categories[number % len(categories)],
            photo_preference=preferences[number % len(preferences)],
            spoken=["spa", "mix"],
        )
        row.token_digest = token_digest(token_of(app, row.ticket_nonce))
    people = [grant(session, conference, Role.ORGANIZER) for _one in range(2)]
    values = [signed_cookie(app, session, person) for person in people]
    session.commit()
    return values


def token_of(app: Flask, nonce: str) -> str:
    with app.app_context():
        return ticket_token(nonce, key=key_for("tickets"))


def enter(page: Page, app: Flask, cookie: str) -> None:
    name = app.config["SESSION_COOKIE_NAME"]
    page.context.add_cookies([{"name": name, "value": cookie, "url": app.config["PUBLIC_URL"]}])


def fault_free(page: Page, *, javascript: bool = True) -> None:
    # What looks for faults is a script itself.
    assert ((accessibility_faults(page) if javascript else []), sideways_scroll(page)) == ([], 0)


def work(app: Flask) -> None:
    with app.app_context():
        do_due()
        db.session.remove()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_sheet_of_badges_is_asked_for_approved_printed_and_read(
    app: Flask,
    open_page: Pages,
    cookies: list[str],
    language: str,
    javascript: bool,
) -> None:
    ana, beto = open_page(javascript=javascript), open_page(javascript=javascript, width=320)
    for page, cookie in zip((ana, beto), cookies, strict=True):
        enter(page, app, cookie)
    address = f"/{language}/muestra/badges"
    ana.goto(address)
    fault_free(ana, javascript=javascript)
    ana.locator("#reason").fill("La mesa del viernes")
    ana.locator("form[action$='/badges'] button").click()
    expect(ana.locator("li.card")).to_contain_text("La mesa del viernes")
    expect(ana.locator("form[action$='/answer']")).to_have_count(0)

    beto.goto(address)
    expect(beto.locator("li.card")).to_contain_text("La mesa del viernes")
    fault_free(beto, javascript=javascript)
    beto.locator("form[action$='/answer'] button").first.click()
    expect(beto.locator("form[action$='/answer']")).to_have_count(0)

    ana.goto(address)
    fault_free(ana, javascript=javascript)
    ana.locator("#paper").select_option("letter")
    ana.locator("form[action$='/start'] button").click()
    ana.wait_for_url(f"**/{language}/jobs/*")
    work(app)
    ana.reload()
    fault_free(ana, javascript=javascript)
    with ana.expect_download() as waiting:
        ana.locator("form[action$='/result'] button").click()
    pdf = Path(waiting.value.path()).read_bytes()
    check_sheet(app, pdf, Path(waiting.value.path()).parent)


def check_sheet(app: Flask, pdf: bytes, folder: Path) -> None:
    """Each code is a ticket of this very conference, each another, and each name stands there."""
    with app.app_context():
        keys = keys_for("tickets")
    found = codes_printed(pdf, folder)
    codes = {parse_ticket(text, conference="muestra", keys=keys).code for text in found} - {None}
    text = text_of(pdf)
    names = [f"ÑuʼuPersona{number}" for number in range(1, 8)]
    assert len(codes) == 8
    assert [name for name in names if name not in text] == []
    assert "tu’unsavi" in text


def test_the_page_reads_well_before_anybody_registered(
    app: Flask, session: Session, open_page: Pages
) -> None:
    conference = make_conference(session, slug="vacia")
    value = signed_cookie(app, session, grant(session, conference, Role.ORGANIZER))
    session.commit()
    page = open_page(color_scheme="dark")
    enter(page, app, value)
    page.goto("/es/vacia/badges")
    expect(page.locator(".empty")).to_be_visible()
    fault_free(page)
