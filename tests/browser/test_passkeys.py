"""A passkey from its making to signing in and confirming, with the phone that Chromium plays by itself."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from conference.domain.accounts import Role
from conference.models import Passkey, SignIn
from tests.browsers import Pages, accessibility_faults, sideways_scroll
from tests.factories import grant, make_account, make_conference, signed_cookie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from playwright.sync_api import Browser, CDPSession, Page
    from sqlalchemy.orm import Session

    from conference.models import Account

LISTING = "/en/account/passkeys"
CONFIRM = re.compile(r"/confirm\?next=")


@pytest.fixture
def open_named(app: Flask, browser: Browser, live_server: str) -> Iterator[Pages]:
    """Open pages by the name of this machine, to which passkeys can belong; its numbers are no name."""
    address = live_server.replace("127.0.0.1", "localhost")
    app.config["PUBLIC_URL"] = address
    pages = Pages(browser, address)
    yield pages
    assert pages.close() == []


class Phone:
    """Chromium's virtual authenticator in one page; `asks` for a finger, which fits if `fits`."""

    def __init__(self, page: Page, *, asks: bool = True) -> None:
        self.devtools: CDPSession = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable")
        options: dict[str, Any] = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": asks,
            "isUserVerified": asks,
            "automaticPresenceSimulation": True,
        }
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id: str = made["authenticatorId"]

    def passkeys(self) -> list[dict[str, Any]]:
        held = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(held["credentials"])

    def carry(self, passkey: dict[str, Any]) -> None:
        """Have a passkey that was made elsewhere, as a cloud brings it along."""
        self.devtools.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": passkey})

    def forget(self) -> None:
        self.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})

    @contextmanager
    def wrong_finger(self) -> Iterator[None]:
        """Have the finger not fit, for a while."""
        self._set("WebAuthn.setUserVerified", isUserVerified=False)
        yield
        self._set("WebAuthn.setUserVerified", isUserVerified=True)

    def _set(self, method: str, **values: Any) -> None:
        self.devtools.send(method, {"authenticatorId": self.id, **values})


def signed_in(app: Flask, page: Page, session: Session, account: Account) -> None:
    """Sign the page in, as if by a mail just now."""
    cookie = {"name": app.config["SESSION_COOKIE_NAME"], "value": signed_cookie(app, session, account)}
    page.context.add_cookies([cookie | {"url": app.config["PUBLIC_URL"]}])
    session.execute(update(SignIn).values(assured_at=None))
    session.commit()


def button(page: Page, kind: str) -> Any:
    return page.locator(f"form[data-passkey={kind}] button")


def add(page: Page) -> None:
    page.goto(LISTING)
    button(page, "add").click()
    expect(page.get_by_role("heading", name="Passkey 1")).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
def test_from_adding_a_passkey_to_signing_in_and_confirming_with_it(
    app: Flask, open_named: Pages, session: Session, language: str
) -> None:
    account = make_account(session)
    page = open_named()
    phone = Phone(page)
    signed_in(app, page, session, account)
    listing = f"/{language}/account/passkeys"

    page.goto(listing)
    assert (accessibility_faults(page), sideways_scroll(page)) == ([], 0)
    button(page, "add").click()
    expect(page.locator("main li.card")).to_have_count(1)
    assert (accessibility_faults(page), sideways_scroll(page)) == ([], 0)
    (made,) = phone.passkeys()
    assert (made["rpId"], made["isResidentCredential"]) == ("localhost", True)
    assert made["userName"] in page.locator("main").inner_text()
    assert account.email not in str(made)

    page.context.clear_cookies()
    page.goto(f"/{language}/sign-in?next={listing}")
    assert button(page, "sign-in").bounding_box()["height"] >= 44
    assert (accessibility_faults(page), sideways_scroll(page)) == ([], 0)
    button(page, "sign-in").click()
    page.wait_for_url(f"**{listing}")
    expect(page.locator("main li.card")).to_have_count(1)

    # An hour later: removing it needs the passkey once more.
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    session.rollback()
    session.execute(update(SignIn).values(proved_at=long_ago, assured_at=long_ago))
    session.commit()
    page.locator("main summary").click()
    assert (accessibility_faults(page), sideways_scroll(page)) == ([], 0)
    page.locator("main details button").click()
    expect(page).to_have_url(CONFIRM)
    assert (accessibility_faults(page), sideways_scroll(page)) == ([], 0)
    button(page, "confirm").click()
    page.wait_for_url(f"**{listing}")
    page.locator("main summary").click()
    page.locator("main details button").click()
    expect(page.locator("main li.card")).to_have_count(0)
    assert session.scalars(select(Passkey.id)).all() == []


def test_a_passkey_that_a_cloud_brought_along_signs_in_on_another_device(
    app: Flask, open_named: Pages, session: Session
) -> None:
    account = make_account(session)
    first, second = open_named(), open_named()
    phone, tablet = Phone(first), Phone(second)
    signed_in(app, first, session, account)
    add(first)

    (made,) = phone.passkeys()
    tablet.carry(made)
    second.goto(f"/en/sign-in?next={LISTING}")
    button(second, "sign-in").click()
    second.wait_for_url(f"**{LISTING}")


def test_a_phone_that_has_one_already_is_told_that_nothing_is_left_to_do(
    app: Flask, open_named: Pages, session: Session
) -> None:
    page = open_named()
    Phone(page)
    signed_in(app, page, session, make_account(session))
    add(page)
    button(page, "add").click()
    alert = page.locator("form[data-passkey=add] [role=alert]")
    expect(alert).to_have_text(
        "This device has a passkey for your account already. There is nothing more to do."
    )
    assert accessibility_faults(page) == []


def test_whoever_cancels_or_has_no_passkey_is_told_and_can_try_again(
    app: Flask, open_named: Pages, session: Session
) -> None:
    page = open_named()
    phone = Phone(page)
    signed_in(app, page, session, make_account(session))
    add(page)
    (made,) = phone.passkeys()
    page.context.clear_cookies()
    phone.forget()

    page.goto(f"/en/sign-in?next={LISTING}")
    button(page, "sign-in").click()
    alert = page.locator("form[data-passkey=sign-in] [role=alert]")
    expect(alert).to_contain_text("The passkey was not used")
    assert accessibility_faults(page) == []
    phone.carry(made)
    with phone.wrong_finger():
        button(page, "sign-in").click()
        expect(alert).to_contain_text("The passkey was not used")
        expect(button(page, "sign-in")).not_to_have_attribute("aria-disabled", "true")
    button(page, "sign-in").click()
    page.wait_for_url(f"**{LISTING}")


def test_a_removed_passkey_and_a_lost_connection_are_told_in_the_readers_words(
    app: Flask, open_named: Pages, session: Session
) -> None:
    page = open_named()
    Phone(page)
    signed_in(app, page, session, make_account(session))
    add(page)
    session.query(Passkey).delete()
    session.commit()
    page.context.clear_cookies()

    page.goto("/en/sign-in")
    button(page, "sign-in").click()
    alert = page.locator("form[data-passkey=sign-in] [role=alert]")
    expect(alert).to_contain_text("This passkey does not open anything here")
    page.context.set_offline(True)
    button(page, "sign-in").click()
    expect(alert).to_contain_text("There is no connection right now")
    page.context.set_offline(False)
    open_named.problems[:] = [problem for problem in open_named.problems if "INTERNET" not in problem]


def test_a_phone_without_a_lock_is_no_second_factor_for_staff(
    app: Flask, open_named: Pages, session: Session
) -> None:
    conference = make_conference(session, slug="muestra")
    organizer = grant(session, conference, Role.ORGANIZER)
    page = open_named()
    Phone(page, asks=False)
    signed_in(app, page, session, organizer)
    add(page)

    page.goto("/en/muestra/roles")
    expect(page).to_have_url(CONFIRM)
    button(page, "confirm").click()
    alert = page.locator("form[data-passkey=confirm] [role=alert]")
    expect(alert).to_contain_text("Your device did not ask for fingerprint, face or PIN")
    assert accessibility_faults(page) == []
    page.goto("/en/muestra/roles")
    expect(page).to_have_url(CONFIRM)


def nothing_is_said(page: Page) -> None:
    for language in ("es", "en"):
        page.goto(f"/{language}/sign-in")
        expect(page.locator("main h1")).to_be_visible()
        expect(page.locator("form[data-passkey]:visible")).to_have_count(0)
        said = page.locator("main").inner_text().lower()
        assert [word for word in ("passkey", "llave") if word in said] == []


def test_nothing_is_said_of_passkeys_without_scripts(open_named: Pages) -> None:
    nothing_is_said(open_named(javascript=False))


def test_nothing_is_said_of_them_in_a_browser_that_knows_none(open_named: Pages) -> None:
    page = open_named()
    page.add_init_script("delete window.PublicKeyCredential")
    nothing_is_said(page)


def test_nothing_is_said_of_them_at_another_address_of_the_same_machine(
    app: Flask, open_page: Pages, live_server: str
) -> None:
    nothing_is_said(open_page())
    app.config["PUBLIC_URL"] = live_server.replace("127.0.0.1", "localhost")
    nothing_is_said(open_page())
