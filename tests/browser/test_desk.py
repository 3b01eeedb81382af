"""At the desk: somebody is found by keyboard, a lost ticket is replaced, and who walks in gets one."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.registration import Category, Purpose, RegistrationStatus
from conference.domain.tickets import token_digest
from conference.models import Consent, Party, Places, Registration
from tests.browsers import Pages, accessibility_faults, sideways_scroll
from tests.factories import NOW, grant, make_conference, make_organization, make_registration, signed_cookie

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from conference.models import Conference

LANGUAGES = ["es", "en"]


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference of today, with people in every state of a place."""
    today = datetime.now(UTC).date()
    conference = make_conference(session, slug="muestra", first_day=today, time_zone="UTC")
    club = make_organization(session, conference, name="Federación de Clubes Unidos de San Juan Mixtepec")
    for number in range(6):
        row = make_registration(session, conference, badge_name=f"Donají Ñuu {number}")
        row.contact_email = f"secreta-{number}@example.org"
        consent = {"purpose": Purpose.REMINDERS, "text_version": 1, "language": "es", "given_at": NOW}
        session.add(Consent(registration_id=row.id, **consent))
    pending = {"status": RegistrationStatus.PENDING, "organization_id": club.id}
    make_registration(session, conference, badge_name="Xóchitl Espera", **pending)
    common = {"conference_id": conference.id, "category": Category.PRESS, "waiting_since": datetime.now(UTC)}
    first = Party(size=1, **common | {"waiting_since": datetime.now(UTC) - timedelta(hours=1)})
    party = Party(size=6, **common)
    session.add_all([first, party, Places(conference_id=conference.id, category=Category.PRESS, capacity=0)])
    session.flush()
    waiting = {"status": RegistrationStatus.WAITING, "party_id": party.id, "category": Category.PRESS}
    make_registration(session, conference, badge_name="Primera Espera", **waiting | {"party_id": first.id})
    for _each in range(6):
        make_registration(session, conference, badge_name="", organization_id=club.id, **waiting)
    session.commit()
    return conference


@pytest.fixture
def staff(app: Flask, session: Session, conference: Conference) -> Callable[..., Page]:
    """Sign a page in as somebody who works here."""

    def signed_in(page: Page, role: Role = Role.ORGANIZER) -> Page:
        value = signed_cookie(app, session, grant(session, conference, role))
        cookie = {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": app.config["PUBLIC_URL"]}
        page.context.add_cookies([cookie])
        return page

    return signed_in


def check(page: Page) -> None:
    """Axe reads the page, and nothing of it is wider than the phone."""
    assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0


def read_qr(page: Page) -> str:
    """Read the ticket off the page with a camera's eyes, and return what the server stores of it."""
    picture = page.locator(".ticket .qr").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    _version, conference, token, _signature = found.text.split(":")
    assert conference == "MUESTRA"
    return token_digest(token)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("javascript", [True, False])
def test_a_lost_ticket_is_replaced_by_keyboard_alone(
    session: Session,
    open_page: Pages,
    staff: Callable[..., Page],
    language: str,
    javascript: bool,
) -> None:
    page = staff(open_page(javascript=javascript), Role.CREDENTIALS_COMMITTEE)
    page.goto(f"/{language}/muestra/desk")
    if javascript:
        check(page)
    page.locator("#text").focus()
    page.keyboard.type("donaji 3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Donají Ñuu 3")).to_be_visible()
    assert "donaji" not in page.url
    page.locator("#results form button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Donají Ñuu 3")
    if javascript:
        check(page)
    page.locator("form[action$='/reissue'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ticket-code")).to_be_visible()
    if javascript:
        check(page)
    row = session.scalars(select(Registration).where(Registration.badge_name == "Donají Ñuu 3")).one()
    assert read_qr(page) == row.token_digest


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("javascript", [True, False])
def test_who_walks_in_past_the_line_is_let_in_by_an_organizer_only(
    session: Session,
    open_page: Pages,
    staff: Callable[..., Page],
    language: str,
    javascript: bool,
) -> None:
    page = staff(open_page(javascript=javascript))
    page.goto(f"/{language}/muestra/desk/walk-in")
    if javascript:
        check(page)
    page.locator("#badge_name").fill("Ñuu Savi")
    page.locator("[name=category][value=press]").check()
    page.locator("#agreed").check()
    page.locator("form[action$='/walk-in'] button[type=submit]").click()
    box = page.locator("#over_capacity")
    expect(box).to_be_visible()
    # What was typed is still there.
    expect(page.locator("#badge_name")).to_have_value("Ñuu Savi")
    if javascript:
        check(page)
    box.check()
    page.locator("#agreed").check()
    page.locator("form[action$='/walk-in'] button[type=submit]").first.click()
    expect(page.locator(".ticket-code")).to_be_visible()
    session.rollback()
    row = session.scalars(select(Registration).where(Registration.badge_name == "Ñuu Savi")).one()
    assert row.status is RegistrationStatus.CONFIRMED
    assert read_qr(page) == row.token_digest


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_organizers_pages_fit_a_phone_and_a_desk_and_pass_axe(
    open_page: Pages, staff: Callable[..., Page], language: str
) -> None:
    addresses = ("desk/pending", "attendance", "attendance/line", "notices")
    places = ("places", "places/questions/new", "places/services/new")
    for width in (375, 1280):
        page = staff(open_page(width=width))
        for address in addresses + places:
            page.goto(f"/{language}/muestra/{address}")
            check(page)
        lead = staff(open_page(width=width), Role.SERVICE_LEAD)
        lead.goto(f"/{language}/muestra/needs")
        check(lead)


@pytest.mark.parametrize("width", [320, 375])
def test_the_table_of_counts_is_read_on_a_phone_without_pushing_it_aside(
    open_page: Pages, staff: Callable[..., Page], width: int
) -> None:
    page = staff(open_page(width=width))
    page.goto("/en/muestra/attendance")
    table = page.locator(".scroll")
    assert table.evaluate("each => each.scrollWidth - each.clientWidth") == 0
    cells = table.locator("tbody tr").last.locator("td")
    named = "cells => cells.map(each => getComputedStyle(each, '::before').content)"
    assert cells.evaluate_all(named)[-2:] == ['"Together"', '"Places"']


@pytest.mark.parametrize("javascript", [True, False])
def test_an_answer_a_turn_and_a_notice_take_a_few_taps(
    session: Session, open_page: Pages, staff: Callable[..., Page], javascript: bool
) -> None:
    page = staff(open_page(javascript=javascript))
    page.goto("/en/muestra/desk/pending")
    page.locator("form[action$='/approve'] button").click()
    expect(page.locator("#flashes")).to_contain_text("1 place is confirmed.")
    page.goto("/en/muestra/attendance/line")
    page.get_by_role("link", name="Serve earlier").click()
    page.get_by_role("button", name="Yes, change the line").click()
    expect(page.locator("h3").first).to_contain_text("group of 6")
    page.goto("/en/muestra/notices")
    page.locator("#text_es").fill("Traiga su taza.")
    page.locator("#text_en").fill("Bring your cup.")
    page.get_by_role("button", name="Look at the letters").click()
    expect(page.locator("article")).to_have_count(2)
    page.get_by_role("button", name="Send them").click()
    page.wait_for_url("**/en/jobs/*")
    session.rollback()
    statuses = session.scalars(select(Registration.status).where(Registration.badge_name == "Xóchitl Espera"))
    assert statuses.all() == [RegistrationStatus.CONFIRMED]
