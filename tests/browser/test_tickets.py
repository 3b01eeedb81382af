"""From the form to the door: the code on a phone's screen is read, and a scanner that types lets it in."""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.checkin import ScanOutcome
from conference.models import Conference, Scan
from tests.browsers import Pages, accessibility_faults, sideways_scroll
from tests.factories import grant, make_conference, make_organization, make_sitting, signed_cookie
from tests.moments import today

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference of today, with a sitting."""
    conference = make_conference(session, slug="muestra", first_day=today(), time_zone="UTC")
    make_organization(session, conference)
    make_sitting(session, conference, key="plenaria", starts_local=datetime.combine(today(), time(12)))
    session.commit()
    return conference


def registered(page: Page) -> str:
    """Register on the page, and return what a camera reads off the ticket."""
    page.goto("/en/muestra/register")
    page.get_by_label("Name on the badge").fill("Ñuu Savi")
    page.get_by_label("Press").check()
    page.get_by_text("Languages of Oaxaca and others").click()
    page.get_by_label("Mixtec of San Juan Mixtepec").check()
    page.get_by_label("I agree that the conference keeps what I write here").check()
    page.locator("main").get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="Your ticket")).to_be_visible()
    picture = page.get_by_role("img", name="QR code of the ticket").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return found.text


def volunteer(app: Flask, page: Page, session: Session, conference: Conference) -> None:
    """Sign the page in as a door volunteer."""
    account = grant(session, conference, Role.DOOR_VOLUNTEER)
    session.commit()
    value = signed_cookie(app, session, account)
    cookie = {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": app.config["PUBLIC_URL"]}
    page.context.add_cookies([cookie])


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_a_ticket_that_the_door_reads(
    *,
    app: Flask,
    open_page: Pages,
    session: Session,
    conference: Conference,
    javascript: bool,
    scheme: str,
) -> None:
    phone = open_page(javascript=javascript, color_scheme=scheme)
    text = registered(phone)
    door = open_page(javascript=javascript)
    volunteer(app, door, session, conference)
    door.goto("/en/muestra/door?door=plenaria")
    field = door.get_by_label("QR code or typed code")
    for said in ("Come in", "Already inside"):
        expect(field).to_be_focused()
        # As a scanner does it: the keys of a keyboard, then Enter, without touching the page.
        door.keyboard.type(text)
        door.keyboard.press("Enter")
        expect(door.get_by_role("status").get_by_text(said)).to_be_visible()
        expect(field).to_have_value("")
    expect(door.get_by_role("status").get_by_text("Let in at this door: 1")).to_be_visible()
    session.commit()
    outcomes = session.scalars(select(Scan.outcome).order_by(Scan.id)).all()
    assert outcomes == [ScanOutcome.ADMITTED, ScanOutcome.ALREADY_ADMITTED]


def test_a_form_with_mistakes_comes_back_without_leaving_the_page(
    open_page: Pages, conference: Conference
) -> None:
    page = open_page()
    page.goto("/en/muestra/register")
    page.get_by_label("Name on the badge").fill("Ñuu Savi")
    page.locator("main").get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert").first).to_be_focused()
    expect(page.get_by_label("Name on the badge")).to_have_value("Ñuu Savi")


def test_pages_of_registration_and_door_are_for_everybody(
    app: Flask, open_page: Pages, session: Session, conference: Conference
) -> None:
    page = open_page(width=320)
    faults: dict[str, list[str]] = {}

    def look(name: str) -> None:
        wide = [f"scrolls sideways by {sideways_scroll(page)}"] if sideways_scroll(page) else []
        if found := accessibility_faults(page) + wide:
            faults[name] = found

    text = registered(page)
    look("ticket")
    page.get_by_role("link", name="Cancel my ticket").click()
    look("cancel")
    page.goto("/en/muestra/register")
    page.get_by_text("Languages of Oaxaca and others").click()
    look("register")
    volunteer(app, page, session, conference)
    page.goto("/en/muestra/door?door=plenaria")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("Come in")).to_be_visible()
    look("door")
    page.goto("/en/muestra/door/leaving?door=plenaria")
    look("leaving")
    page.goto("/en/muestra/my-tickets")
    look("mine")
    assert faults == {}


def test_a_printed_ticket_is_read_too(open_page: Pages, conference: Conference) -> None:
    page = open_page(width=800)
    text = registered(page)
    page.emulate_media(media="print")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    assert found.text == text
    expect(page.get_by_role("link", name="Cancel my ticket")).to_be_hidden()
