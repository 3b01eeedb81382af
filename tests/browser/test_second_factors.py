"""Staff get in with a second proof: an app is set up, and its codes and those on paper open their pages."""

from __future__ import annotations

import base64
import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.one_time_codes import hotp, step_of
from conference.models import Message, SignIn
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import grant, make_conference, make_session, signed_cookie

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from conference.models import Account
    from tests.browsers import Pages

# The page that each is after, which its role opens and nothing else.
STAFF = {Role.RAPPORTEUR: "summaries/taller/edit", Role.ORGANIZER: "roles"}
SPEAKS = {"es": Role.RAPPORTEUR, "en": Role.ORGANIZER}


def code_of(secret: str, beside: int = 0) -> str:
    """What the app shows now, or half a minute later."""
    return hotp(base64.b32decode(secret), step_of(datetime.now(UTC)) + beside)


def newest_letter(session: Session) -> str:
    session.rollback()
    return session.scalars(select(Message.body).order_by(Message.id.desc())).first() or ""


def looked_at(page: Page) -> None:
    """Nothing wider than the phone, and nothing that axe finds; axe runs where scripts do."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    assert sideways_scroll(page) == 0, page.url
    if page.evaluate("() => typeof htmx !== 'undefined'"):
        assert accessibility_faults(page) == [], page.url


class Person:
    """One member of the staff with a phone."""

    def __init__(self, page: Page, session: Session, account: Account, language: str, goal: str) -> None:
        self.page, self.session, self.language = page, session, language
        self.address = account.email
        self.goal = f"/{language}/muestra/{goal}"

    def sends(self, action: str, **values: str) -> None:
        """Fill in the form to `action` and send it."""
        form = self.page.locator(f"main form[action*='{action}']")
        for name, value in values.items():
            form = self.page.locator(f"main form[action*='{action}']:has([name={name}])")
            form.locator(f"[name={name}]").fill(value)
        form.locator("button[type=submit]").first.click()

    def signs_in_by_mail(self) -> None:
        self.page.goto(f"/{self.language}/sign-in")
        self.sends("/sign-in", email=self.address)
        self.page.wait_for_url("**/sign-in/code**")
        code = re.search(r": (\S{4}[ -]\S{4})\n", newest_letter(self.session)).group(1)
        self.sends("/sign-in/code", code=code)
        self.page.wait_for_url("**/muestra/now")
        looked_at(self.page)

    def is_asked_for_proof(self, first: str = "confirm") -> None:
        """From the first card of the first page, and from the page that needs it."""
        self.page.locator("main .card a").first.click()
        self.page.wait_for_url(f"**/{self.language}/{first}?**")
        self.page.goto(self.goal)
        self.page.wait_for_url(f"**/{self.language}/confirm?**")
        looked_at(self.page)

    def reaches_the_goal(self) -> None:
        self.page.wait_for_url(f"**{self.goal}")
        assert self.page.locator("main form").count() > 0

    def signs_out(self) -> None:
        self.page.locator("header form[action$='/sign-out'] button").click()
        self.page.wait_for_url(f"**/{self.language}/")

    def sets_the_app_up(self) -> tuple[str, list[str]]:
        """Follow the page to the end; return the secret and the recovery codes."""
        self.page.locator("main a.button-primary[href*='/account/second-factor']").click()
        looked_at(self.page)
        self.sends("/begin")
        self.page.wait_for_url("**/second-factor/app?**")
        looked_at(self.page)
        secret = self.page.locator(".typed-secret").inner_text().replace(" ", "")
        assert secret_in_picture(self.page) == secret
        self.sends("/enable", app_code="000000")
        expect(self.page.locator("[name=app_code]")).to_have_attribute("aria-invalid", "true")
        self.sends("/enable", app_code=code_of(secret))
        codes = self.page.locator(".recovery-codes li")
        expect(codes).to_have_count(10)
        looked_at(self.page)
        return secret, codes.all_inner_texts()


def secret_in_picture(page: Page) -> str:
    """What an app's camera reads off the page."""
    picture = page.locator(".qr").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    address = urlsplit(found.text)
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Asamblea")
    return parse_qs(address.query)["secret"][0]


@pytest.fixture
def staff(session: Session) -> dict[Role, Account]:
    """A rapporteur and an organizer, who have nothing but their mail yet."""
    conference = make_conference(session, slug="muestra", languages=["es", "en"])
    make_session(session, conference, key="taller")
    people = {role: grant(session, conference, role) for role in STAFF}
    session.commit()
    return people


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
@pytest.mark.parametrize("language", SPEAKS)
def test_staff_set_an_app_up_on_their_first_day_and_get_in_with_it_and_with_paper(
    open_page: Pages, session: Session, staff: dict[Role, Account], language: str, javascript: bool
) -> None:
    role = SPEAKS[language]
    page = open_page(javascript=javascript, locale=language)
    person = Person(page, session, staff[role], language, STAFF[role])
    person.signs_in_by_mail()
    person.is_asked_for_proof("account/second-factor")
    secret, codes = person.sets_the_app_up()
    page.locator("main a.button-primary").click()
    person.reaches_the_goal()
    person.signs_out()

    person.signs_in_by_mail()
    person.is_asked_for_proof()
    person.sends("/confirm?", app_code="000000")
    expect(page.locator("[name=app_code]")).to_have_attribute("aria-invalid", "true")
    looked_at(page)
    person.sends("/confirm?", app_code=code_of(secret, 1))
    person.reaches_the_goal()
    person.signs_out()

    person.signs_in_by_mail()
    person.is_asked_for_proof()
    page.locator("main details summary").click()
    looked_at(page)
    person.sends("/confirm?", recovery_code=codes[0])
    person.reaches_the_goal()
    page.goto(f"/{language}/account/second-factor")
    looked_at(page)


@pytest.mark.parametrize("role", STAFF)
def test_a_stolen_sign_in_without_second_factor_sees_no_page_of_staff(
    open_page: Pages, app: Flask, session: Session, staff: dict[Role, Account], role: Role
) -> None:
    page = open_page()
    cookie = cookie_without_proof(app, session, staff[role])
    page.context.add_cookies(
        [{"name": app.config["SESSION_COOKIE_NAME"], "value": cookie, "url": app.config["PUBLIC_URL"]}]
    )
    for goal in (STAFF[role], "roles", "credentials", "door", "summaries/taller/edit"):
        page.goto(f"/es/muestra/{goal}")
        assert urlsplit(page.url).path in {"/es/confirm", f"/es/muestra/{goal}"}
        expect(page.locator(f"main form[action^='/es/muestra/{goal}']")).to_have_count(0)
        assert "secreta-" not in page.content()
    page.goto("/es/muestra/now")
    assert page.locator("main .card a[href*='/account/second-factor']").count() == 1


def cookie_without_proof(app: Flask, session: Session, account: Account) -> str:
    """A cookie as it was copied off a phone that is signed in by mail alone."""
    cookie = signed_cookie(app, session, account)
    for row in session.scalars(select(SignIn).where(SignIn.account_id == account.id)):
        row.assured_at = None
    session.commit()
    return cookie


@pytest.mark.parametrize("language", SPEAKS)
def test_the_recovery_codes_are_printed_alone(
    open_page: Pages, app: Flask, session: Session, staff: dict[Role, Account], language: str
) -> None:
    page = open_page(locale=language)
    cookie = signed_cookie(app, session, staff[Role.RAPPORTEUR])
    page.context.add_cookies(
        [{"name": app.config["SESSION_COOKIE_NAME"], "value": cookie, "url": app.config["PUBLIC_URL"]}]
    )
    page.goto(f"/{language}/account/second-factor")
    page.locator("main form[action*='/begin'] button").click()
    secret = page.locator(".typed-secret").inner_text().replace(" ", "")
    page.locator("[name=app_code]").fill(code_of(secret))
    page.locator("main form[action*='/enable'] button").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    expect(page.locator("[data-print]")).to_be_visible()
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    expect(page.locator("[data-print]")).to_be_hidden()
    expect(page.locator("header.site-header")).to_be_hidden()
    assert [code for code in page.locator(".recovery-codes li").all_inner_texts() if code not in shown] == []
    assert secret not in page.content()
