"""From the form to the place, on a phone: a group that waits, a person without email, the next in line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.registration import Category, RegistrationStatus, ServiceKind
from conference.models import (
    Conference,
    OfferedService,
    Organization,
    Places,
    Registration,
    RegistrationQuestion,
)
from tests.browsers import Pages, accessibility_faults, sideways_scroll
from tests.factories import grant, make_conference, make_organization, make_registration, signed_cookie

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Locator, Page
    from sqlalchemy.orm import Session

LANGUAGES = ["es", "en"]


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference to come with six places, a question and a service."""
    conference = make_conference(
        session, slug="muestra", first_day=datetime.now(UTC).date() + timedelta(days=30)
    )
    session.add_all(
        [
            Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=6),
            Places(conference_id=conference.id, category=Category.SPEAKER, open=False),
            RegistrationQuestion(
                conference_id=conference.id,
                key="taller",
                position=1,
                label={"es": "¿Qué taller?", "en": "Which workshop?"},
                choices=[{"key": "agua", "label": {"es": "Agua", "en": "Water"}}],
            ),
            OfferedService(
                conference_id=conference.id,
                key="ninos",
                position=1,
                kind=ServiceKind.CHILDCARE,
                label={"es": "Cuidado de niñas y niños", "en": "Childcare"},
                capacity=3,
            ),
        ]
    )
    session.commit()
    return conference


@pytest.fixture
def club(session: Session, conference: Conference) -> Organization:
    """An organization with a long name."""
    club = make_organization(
        session, conference, name="Club de Oriundos de Heroica Ciudad de Ñuu Savi del Río"
    )
    session.commit()
    return club


def sign(app: Flask, page: Page, session: Session, conference: Conference, club: Organization) -> None:
    """Sign the page in as the lead of the organization."""
    account = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    value = signed_cookie(app, session, account)
    cookie = {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": app.config["PUBLIC_URL"]}
    page.context.add_cookies([cookie])


def is_for_everybody(page: Page, javascript: bool = True) -> None:
    """No rule of axe, which is a script, is broken, and nothing has to be scrolled sideways."""
    faults = accessibility_faults(page) if javascript else []
    assert (faults, sideways_scroll(page)) == ([], 0), page.url


def button(page: Page, action: str) -> Locator:
    return page.locator(f"main form[action$='{action}'] button[type=submit]")


def statuses(session: Session) -> list[str]:
    session.rollback()
    return sorted(row.value for row in session.scalars(select(Registration.status)))


def fill_in(page: Page, name: str, language: str) -> None:
    """Register somebody who gives no address."""
    page.goto(f"/{language}/muestra/register")
    page.locator("[name=badge_name]").fill(name)
    page.locator("[name=attend]").check()
    button(page, "/register").click()
    page.wait_for_url("**/tickets/*")


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lead_registers_a_group_that_waits_and_then_gets_its_places(
    *,
    app: Flask,
    open_page: Pages,
    session: Session,
    conference: Conference,
    club: Organization,
    language: str,
    javascript: bool,
) -> None:
    make_registration(session, conference)
    page = open_page(javascript=javascript)
    sign(app, page, session, conference, club)
    page.goto(f"/{language}/muestra/groups")
    is_for_everybody(page, javascript)
    page.locator("main a[href$='/groups/new']").first.click()
    page.locator("[name=size]").fill("6")
    page.locator("[name=category][value=attendee]").check()
    is_for_everybody(page, javascript)
    button(page, "/groups/new").click()
    expect(page.locator("#standing")).to_contain_text("1")
    assert statuses(session) == ["confirmed", *["waiting"] * 6]
    is_for_everybody(page, javascript)
    page.locator("[name=size]").fill("5")
    button(page, "/smaller").click()
    is_for_everybody(page, javascript)
    button(page, "/smaller").click()
    is_for_everybody(page, javascript)
    button(page, "/accept").click()
    expect(page.locator(".notice-good").first).to_be_visible()
    assert statuses(session) == ["cancelled", *["confirmed"] * 6]
    page.locator("#place-1 summary").click()
    expect(page.locator("#place-1 textarea")).to_have_value(re.compile(rf"/{language}/tickets/"))
    share = page.locator("#place-1 [data-share]")
    expect(share).to_be_visible() if javascript else expect(share).to_be_hidden()
    is_for_everybody(page, javascript)
    page.locator("#place-1 a[href$='/name']").click()
    page.locator("[name=badge_name]").fill("Doña Chayo")
    page.locator("[name=attend]").check()
    is_for_everybody(page, javascript)
    button(page, "/name").click()
    expect(page.locator("#place-1 summary")).to_contain_text("Doña Chayo")
    page.locator("main a[href$='/print']").click()
    expect(page.locator(".ticket .qr")).to_have_count(5)
    is_for_everybody(page, javascript)


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_without_email_cancels_and_the_next_accepts_the_place(
    *, open_page: Pages, session: Session, conference: Conference, language: str, javascript: bool
) -> None:
    for _each in range(5):
        make_registration(session, conference)
    session.commit()
    first, second = (open_page(javascript=javascript) for _ in range(2))
    fill_in(first, "Doña Chayo", language)
    expect(first.locator(".ticket .qr")).to_be_visible()
    is_for_everybody(first, javascript)
    fill_in(second, "Don Chuy", language)
    expect(second.locator("#standing")).to_contain_text("1")
    expect(second.locator(".qr")).to_have_count(0)
    is_for_everybody(second, javascript)
    first.locator("main a[href$='/cancel']").first.click()
    is_for_everybody(first, javascript)
    button(first, "/cancel").click()
    expect(first.locator(".notice-warn")).to_be_visible()
    second.reload()
    is_for_everybody(second, javascript)
    button(second, "/accept").click()
    expect(second.locator(".ticket .qr")).to_be_visible()
    assert statuses(session) == ["cancelled", *["confirmed"] * 6]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_ticket_is_changed_and_handed_over_without_an_account(
    *, open_page: Pages, session: Session, conference: Conference, club: Organization, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    page.goto("/es/muestra/register")
    page.locator("[name=badge_name]").fill("Doña Chayo")
    page.locator("[name=organization]").select_option(club.key)
    page.locator("#access summary").click()
    page.locator("[name=needs]").first.check()
    page.locator("[name^=service_]").select_option("2")
    is_for_everybody(page, javascript)
    page.locator("[name=attend]").check()
    button(page, "/register").click()
    # What somebody needs is a box of its own: without it the form comes back with all that was said.
    expect(page.locator("[name=needs_agreed][aria-invalid=true]")).to_be_visible()
    expect(page.locator("[name=needs]").first).to_be_checked()
    is_for_everybody(page, javascript)
    page.locator("[name=needs_agreed]").check()
    button(page, "/register").click()
    page.locator("main a[href$='/change']").click()
    expect(page.locator("[name^=service_]")).to_have_value("2")
    is_for_everybody(page, javascript)
    page.locator("[name=photo_preference][value=yes]").check()
    button(page, "/change").click()
    expect(page.locator(".ticket .badge-good")).to_be_visible()
    old = page.url
    page.locator("main a[href$='/hand-over']").click()
    is_for_everybody(page, javascript)
    button(page, "/hand-over").click()
    expect(page.locator("#invitation")).to_be_visible()
    is_for_everybody(page, javascript)
    other = open_page(javascript=javascript)
    assert other.goto(old).status == 404
    other.goto(page.url.removesuffix("/pass-on"))
    is_for_everybody(other, javascript)
    other.locator("main a[href$='/name']").click()
    is_for_everybody(other, javascript)
    other.locator("[name=badge_name]").fill("Don Chuy")
    other.locator("[name=attend]").check()
    button(other, "/name").click()
    expect(other.locator(".ticket .qr")).to_be_visible()
    session.rollback()
    assert session.scalars(select(Registration.badge_name)).all() == ["Don Chuy"]


def test_without_javascript_a_rejected_form_begins_at_its_errors(
    open_page: Pages, conference: Conference
) -> None:
    page = open_page(javascript=False)
    page.goto("/es/muestra/register")
    page.locator("[name=badge_name]").fill("Doña Chayo")
    button(page, "/register").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#errors")).to_be_in_viewport()
    expect(page.locator("[name=badge_name]")).to_have_value("Doña Chayo")
    is_for_everybody(page, javascript=False)


def test_a_turn_in_the_line_is_told_without_touching_the_page(
    open_page: Pages, session: Session, conference: Conference
) -> None:
    gone = [make_registration(session, conference) for _ in range(6)]
    session.commit()
    page = open_page()
    fill_in(page, "Don Chuy", "es")
    expect(page.locator("#line [hx-trigger='every 30s']")).to_be_visible()
    (waiting,) = session.scalars(
        select(Registration).where(Registration.status == RegistrationStatus.WAITING)
    )
    waiting.status = RegistrationStatus.CONFIRMED
    gone[0].status, gone[0].cancelled_at = RegistrationStatus.CANCELLED, datetime.now(UTC)
    session.commit()
    # As the half minute does it, only sooner.
    page.evaluate(
        "htmx.ajax('GET', document.querySelector('#line [hx-get]').getAttribute('hx-get'), '#line')"
    )
    expect(page.locator(".ticket .qr")).to_be_visible()
