"""Organizers name and withdraw, two agree on an export, everybody reads what was done: on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.models import Message, Passkey, RoleGrant
from conference.services.audit import record
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import NOW, grant, make_conference, signed_cookie

EMAIL = "relatora@example.org"


def enter(page, app, session, account):
    """Sign in without the mails of a real sign-in."""
    page.context.add_cookies(
        [
            {
                "name": app.config["SESSION_COOKIE_NAME"],
                "value": signed_cookie(app, session, account),
                "url": app.config["PUBLIC_URL"],
            }
        ]
    )


def in_order(page):
    """A page that anybody can use: axe finds nothing, and nothing is cut off or scrolls sideways."""
    return (accessibility_faults(page), sideways_scroll(page)) == ([], 0)


def press(page, action):
    """Press the first button of the form whose address ends so."""
    page.locator(f"main form[action$='{action}'] button").first.click()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_a_rapporteur_is_invited_by_mail_enters_by_the_link_and_is_withdrawn(
    open_page, app, session, javascript, language
):
    conference = make_conference(session)
    organizes = grant(session, conference, Role.ORGANIZER)
    session.add(
        Passkey(account_id=organizes.id, credential=b"c", public_key=b"p", verifies=True, added_at=NOW)
    )
    page = open_page(javascript=javascript)
    enter(page, app, session, organizes)
    address = f"/{language}/{conference.slug}/roles"
    page.goto(address)
    assert not javascript or in_order(page)

    page.locator("#email").fill(EMAIL)
    press(page, "/roles")
    expect(page.locator("#role-error")).to_be_visible()
    expect(page.locator("#email")).to_have_value(EMAIL)
    page.locator("#role").select_option("rapporteur")
    page.locator("input[name=language][value=es]").check()
    press(page, "/roles")
    expect(page.locator("#flashes .notice-good")).to_be_visible()
    expect(page.locator("#roles li .badge-warn")).to_have_count(1)
    assert not javascript or in_order(page)

    session.rollback()
    mail = session.scalars(select(Message)).one()
    assert (mail.recipient, mail.language) == (EMAIL, "es")
    invited = open_page(javascript=javascript)
    invited.goto(re.search(r"http\S+/sign-in/link/\S+", mail.body).group())
    press(invited, mail.body.split("/sign-in/link/")[1].split("?")[0])
    expect(invited).to_have_url(re.compile(rf"/es/{conference.slug}/now"))

    page.locator("#roles li", has_text=EMAIL).locator("a.button-danger").click()
    assert not javascript or in_order(page)
    press(page, "/revoke")
    expect(page.locator("#flashes .notice-good")).to_be_visible()
    expect(page.locator("#roles li", has_text=EMAIL)).to_have_count(0)
    session.rollback()
    withdrawn = session.scalars(
        select(RoleGrant.revoked_by_id).where(RoleGrant.role == Role.RAPPORTEUR)
    ).one()
    assert withdrawn == organizes.id


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("width", [320, 375, 1280])
def test_everybody_reads_who_may_do_what_and_what_was_done(open_page, session, language, width):
    conference = make_conference(session)
    for number in range(60):
        event = {"kind": "role_granted", "grant": f"chair-{number}", "role": "chair"}
        record(session, conference_id=conference.id, actor="organizer-1", event=event, at=NOW)
    session.commit()
    page = open_page(width=width)
    page.goto(f"/{language}/rights")
    expect(page.locator("main table")).to_be_visible(visible=width == 1280)
    expect(page.locator("main .narrow-only")).to_be_visible(visible=width != 1280)
    assert in_order(page)
    page.goto(f"/{language}/{conference.slug}/audit")
    expect(page.locator("main ol.rows li")).to_have_count(50)
    page.locator("details.card summary").click()
    expect(page.locator(".seal")).to_have_text(re.compile(r"^\s*[0-9a-f]{64}\s*$"))
    assert in_order(page)
    page.locator("main a[href*='before=']").click()
    expect(page.locator("main ol.rows li")).to_have_count(10)
    assert in_order(page)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_two_organizers_agree_on_an_export(open_page, app, session, javascript, language):
    app.config["EXPORT_PEOPLE"] = True
    conference = make_conference(session)
    first, second = (grant(session, conference, Role.ORGANIZER) for _ in range(2))
    ana, beto = open_page(javascript=javascript), open_page(javascript=javascript)
    enter(ana, app, session, first)
    enter(beto, app, session, second)
    address = f"/{language}/{conference.slug}/exports"

    ana.goto(address)
    press(ana, "/exports")
    expect(ana.locator("#reason-error")).to_be_visible()
    ana.locator("#reason").fill("Gafetes del viernes")
    press(ana, "/exports")
    expect(ana.locator("#exports li.card")).to_have_count(1)
    assert not javascript or in_order(ana)

    beto.goto(address)
    expect(beto.get_by_text("Gafetes del viernes")).to_be_visible()
    assert not javascript or in_order(beto)
    press(beto, "/answer")
    expect(beto.locator("#exports .badge-good")).to_have_count(1)

    ana.goto(address)
    assert not javascript or in_order(ana)
    press(ana, "/start")
    expect(ana).to_have_url(re.compile(rf"/{language}/jobs/[\w-]+$"))
    ana.goto(address)
    expect(ana.locator("#exports form[action$='/start']")).to_have_count(0)


@pytest.mark.parametrize("language", ["es", "en"])
def test_somebody_without_email_gets_a_card(open_page, app, session, language):
    conference = make_conference(session)
    page = open_page()
    enter(page, app, session, grant(session, conference, Role.ORGANIZER))
    page.goto(f"/{language}/{conference.slug}/roles/card")
    assert in_order(page)
    page.locator("#role").select_option("chair")
    press(page, "/roles/card")
    expect(page.locator(".access-card .ticket-code")).to_be_visible()
    page.goto(f"/{language}/{conference.slug}/roles")
    expect(page.locator("#roles li form[action$='/card']")).to_have_count(1)
    assert in_order(page)
