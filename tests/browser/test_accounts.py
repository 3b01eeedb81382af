"""Getting in by email, from any device, and getting out of all of them; what was half typed stays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select, update

from conference.domain.accounts import Role
from conference.models import Message, Registration, SignIn, SignInCode
from conference.web.limits import EXTENSION
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import FAR_AHEAD, grant, make_account, make_conference, make_session, signed_cookie

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Locator, Page
    from sqlalchemy.orm import Session

    from conference.models import Account
    from tests.browsers import Pages

ANA = "ana@example.org"
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "plain"])
LANGUAGES = pytest.mark.parametrize("language", ["es", "en"])


@dataclass
class Mail:
    """What the last mail to an address holds."""

    link: str
    code: str


def last_mail(session: Session) -> Mail:
    session.commit()
    body = session.scalars(select(Message.body).order_by(Message.id.desc())).first() or ""
    link, code = re.search(r"http://\S+", body), re.search(r"\b\d{4} \d{4}\b", body)
    assert link is not None
    return Mail(link.group(), "" if code is None else code.group())


def looked_at(page: Page, *, javascript: bool = True) -> None:
    """A page that anybody can use, and that does not scroll sideways."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    if javascript:
        assert accessibility_faults(page) == [], page.url
    assert sideways_scroll(page) == 0, page.url


def form(page: Page, action: str) -> Locator:
    return page.locator(f'main form[action="{action}"]')


def asks(page: Page, language: str = "es", address: str = ANA) -> None:
    """Ask for a mail."""
    page.goto(f"/{language}/sign-in")
    page.locator("main #email").fill(address)
    form(page, f"/{language}/sign-in").get_by_role("button").click()
    page.wait_for_url("**/sign-in/code")


def types(page: Page, code: str, language: str = "es", address: str = ANA) -> None:
    """Type a code on the page for it."""
    page.locator("main #email").fill(address)
    page.locator("main [name=code]").fill(code)
    form(page, f"/{language}/sign-in/code").locator("button:not([form])").click()


def got_in(page: Page) -> None:
    expect(page).not_to_have_url(re.compile("sign-in"))


def is_in(page: Page, language: str = "es") -> bool:
    page.goto(f"/{language}/account")
    return urlsplit(page.url).path == f"/{language}/account"


def put_in(page: Page, app: Flask, session: Session, account: Account) -> None:
    """Sign the page in without a mail."""
    cookie = signed_cookie(app, session, account)
    page.context.add_cookies([{"name": "asamblea", "value": cookie, "url": app.config["PUBLIC_URL"]}])


@pytest.fixture
def account(session: Session) -> Account:
    account = make_account(session, email=ANA)
    session.commit()
    return account


# -- in --------------------------------------------------------------------------------------------


@SCRIPTS
@LANGUAGES
def test_a_code_asked_for_on_one_device_is_typed_on_another(
    open_page: Pages, session: Session, account: Account, language: str, *, javascript: bool
) -> None:
    phone, computer = open_page(javascript=javascript), open_page(javascript=javascript, width=1280)
    phone.goto(f"/{language}/sign-in")
    looked_at(phone, javascript=javascript)
    asks(phone, language)
    looked_at(phone, javascript=javascript)
    code = phone.locator("[name=code]")
    assert [code.get_attribute(name) for name in ("inputmode", "autocomplete")] == [
        "numeric",
        "one-time-code",
    ]
    computer.goto(f"/{language}/sign-in/code")
    types(computer, last_mail(session).code, language)
    got_in(computer)
    assert [is_in(computer, language), is_in(phone, language)] == [True, False]


@SCRIPTS
def test_the_link_opens_in_another_browser_than_the_one_that_asked(
    open_page: Pages, session: Session, account: Account, *, javascript: bool
) -> None:
    asked, opened = open_page(javascript=javascript), open_page(javascript=javascript)
    asks(asked)
    opened.goto(last_mail(session).link)
    looked_at(opened, javascript=javascript)
    opened.locator('main form[action*="/link/"]').get_by_role("button").click()
    got_in(opened)
    assert [is_in(opened), is_in(asked)] == [True, False]


@SCRIPTS
def test_wrong_and_used_and_expired_codes_say_what_to_do_and_open_nothing(
    open_page: Pages, session: Session, account: Account, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    asks(page, "en")
    right = last_mail(session).code
    types(page, "1234", "en")
    expect(page.locator("#code-error")).to_contain_text("The code has eight digits.")
    types(page, "0000 0000" if right != "0000 0000" else "1111 1111", "en")
    expect(page.locator("#code-error")).to_contain_text("That code does not fit, was used already")
    # What was typed is still there, and so is the address.
    expect(page.locator("main #email")).to_have_value(ANA)
    looked_at(page, javascript=javascript)
    types(page, right.replace(" ", ""), "en")
    got_in(page)
    thief = open_page(javascript=javascript)
    thief.goto("/en/sign-in/code")
    types(thief, right, "en")
    expect(thief.locator("#code-error")).to_contain_text("That code does not fit, was used already")
    asks(thief, "en")
    late = last_mail(session)
    session.execute(update(SignInCode).values(expires_at=SignInCode.issued_at))
    session.commit()
    types(thief, late.code, "en")
    expect(thief.locator("#code-error")).to_contain_text("That code does not fit, was used already")
    thief.goto(late.link)
    thief.locator('main form[action*="/link/"]').get_by_role("button").click()
    expect(thief.locator("main")).to_contain_text("This link is no longer valid")
    looked_at(thief, javascript=javascript)
    assert not is_in(thief, "en")


def test_who_asks_for_somebody_elses_code_learns_nothing(
    open_page: Pages, session: Session, account: Account
) -> None:
    thief, owner = open_page(), open_page()
    seen = []
    for address in (ANA, "nadie@example.org"):
        asks(thief, address=address)
        seen.append(thief.locator("main").inner_text())
        types(thief, "1234 5678", address=address)
        expect(thief.locator("#code-error")).to_be_visible()
        seen.append(thief.locator("main").inner_text())
    assert seen[:2] == seen[2:]
    session.commit()
    known = session.scalars(select(Message.body).where(Message.recipient == ANA)).one()
    owner.goto(re.search(r"http://\S+", known).group())
    owner.locator('main form[action*="/link/"]').get_by_role("button").click()
    got_in(owner)
    assert [is_in(owner), is_in(thief)] == [True, False]


# -- out -------------------------------------------------------------------------------------------


@SCRIPTS
@LANGUAGES
def test_a_lost_phone_is_signed_out_from_a_second_browser(
    open_page: Pages, app: Flask, session: Session, account: Account, language: str, *, javascript: bool
) -> None:
    lost, hand = open_page(javascript=javascript), open_page(javascript=javascript, width=320)
    for page in (lost, hand):
        put_in(page, app, session, account)
        page.goto(f"/{language}/account")
    looked_at(hand, javascript=javascript)
    expect(hand.locator("main li")).to_have_count(2)
    expect(hand.locator("main li .badge")).to_have_count(1)
    form(hand, f"/{language}/account/sign-ins/end-others").get_by_role("button").click()
    expect(hand.locator("main li")).to_have_count(1)
    lost.reload()
    assert f"/{language}/sign-in?next=" in lost.url
    expect(lost.locator("main .notice-info")).to_be_visible()
    looked_at(lost, javascript=javascript)
    form(hand, f"/{language}/account/sign-ins/end-all").get_by_role("button").click()
    expect(hand.locator("#flashes .notice-good")).to_be_visible()
    assert not is_in(hand, language)


# -- what was typed --------------------------------------------------------------------------------


def signs_in_again(page: Page, session: Session) -> None:
    """Sign in by the mail's code, from the page that one was sent to."""
    page.wait_for_url(re.compile(r"/sign-in\?next="))
    page.locator("main #email").fill(ANA)
    form(page, "/es/sign-in").get_by_role("button").click()
    page.wait_for_url(re.compile(r"/sign-in/code\?next="))
    page.locator("main [name=code]").fill(last_mail(session).code)
    form(page, "/es/sign-in/code").get_by_role("button").click()


@SCRIPTS
def test_a_half_filled_registration_survives_an_ended_session(
    open_page: Pages, app: Flask, session: Session, account: Account, *, javascript: bool
) -> None:
    make_conference(session, slug="muestra", first_day=FAR_AHEAD)
    page = open_page(javascript=javascript)
    put_in(page, app, session, account)
    page.goto("/es/muestra/register")
    page.locator("[name=badge_name]").fill("Ñuu Savi")
    page.locator("[name=category][value=press]").check()
    page.locator("[name=spoken][value=spa]").check()
    page.locator("[name=attend]").check()
    session.execute(delete(SignIn))
    session.commit()
    form(page, "/es/muestra/register").get_by_role("button").click()
    signs_in_again(page, session)
    page.wait_for_url("**/es/muestra/register")
    expect(page.locator("#flashes .notice-info")).to_be_visible()
    expect(page.locator("[name=badge_name]")).to_have_value("Ñuu Savi")
    for choice in ("[name=category][value=press]", "[name=spoken][value=spa]", "[name=attend]"):
        expect(page.locator(choice)).to_be_checked()
    looked_at(page, javascript=javascript)
    form(page, "/es/muestra/register").get_by_role("button").click()
    page.wait_for_url("**/es/tickets/*")
    session.commit()
    assert session.scalars(select(Registration.account_id)).all() == [account.id]


@SCRIPTS
def test_a_half_written_summary_survives_a_page_that_was_open_in_another_session(
    open_page: Pages, app: Flask, session: Session, account: Account, *, javascript: bool
) -> None:
    conference = make_conference(session, slug="muestra")
    make_session(session, conference, key="taller")
    grant(session, conference, Role.RAPPORTEUR, account=account)
    page = open_page(javascript=javascript)
    put_in(page, app, session, account)
    page.goto("/es/muestra/summaries/taller/edit?in=es")
    page.locator("[name=observation]").fill("Una línea\nOtra línea")
    # Meanwhile somebody signed in anew in this browser.
    put_in(page, app, session, account)
    page.locator("form[action*=edit] button").first.click()
    page.locator(
        "main a[href='/es/muestra/summaries/taller/edit?in=es'].button, #saved a, #editor a"
    ).first.click()
    page.wait_for_url("**/edit?in=es")
    expect(page.locator("#flashes .notice-info")).to_be_visible()
    expect(page.locator("[name=observation]")).to_have_value("Una línea\nOtra línea")
    looked_at(page, javascript=javascript)
    page.locator("form[action*=edit] button").first.click()
    expect(page.locator(".notice-good")).to_be_visible()


@SCRIPTS
def test_who_asks_for_too_many_mails_is_told_how_long_to_wait_and_how_else_to_get_in(
    open_page: Pages,
    app: Flask,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    *,
    javascript: bool,
) -> None:
    for name, value in (("RATELIMIT_ENABLED", True), ("LIMIT_SIGN_IN_ADDRESS", "1 per hour")):
        monkeypatch.setitem(app.config, name, value)
    # Nobody has been counted yet.
    monkeypatch.delitem(app.extensions, EXTENSION, raising=False)
    page = open_page(javascript=javascript)
    asks(page)
    page.goto("/es/sign-in")
    page.locator("main #email").fill(account.email or "")
    for _ in range(2 if javascript else 1):
        form(page, "/es/sign-in").get_by_role("button").click()
        expect(page.locator("main")).to_contain_text("minutos")
    looked_at(page, javascript=javascript)
    ways = [page.locator("main a[href*='/sign-in/code']"), page.locator("main a[href*='/card']").first]
    assert [way.first.is_visible() for way in ways] == [True, True]
    if javascript:
        # Told once, above what was typed.
        assert page.locator("#wait").count() == 1
        expect(page.locator("main #email")).to_have_value(ANA)
        expect(page.locator("#toast")).to_be_hidden()
