"""A directory that is searched, a delegate who is named and accepted, a quorum that grows: on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from agreements import Chamber
from conference import models
from conference.domain.accounts import Role
from conference.domain.credentials import CredentialStatus
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import (
    grant,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
    make_sitting,
    signed_cookie,
)


def enter(page, app, session, account):
    """Sign in without the mails of a real sign-in."""
    name, value = app.config["SESSION_COOKIE_NAME"], signed_cookie(app, session, account)
    page.context.add_cookies([{"name": name, "value": value, "url": app.config["PUBLIC_URL"]}])


def in_order(page):
    """A page that anybody can use: axe finds nothing, and nothing is cut off or scrolls sideways."""
    return (accessibility_faults(page), sideways_scroll(page)) == ([], 0)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_directory_is_searched(open_page, session, javascript):
    conference = make_conference(session)
    club = make_organization(session, conference, name="Club Yalálag", languages=["spa", "zpu"])
    make_seat(session, conference, organization=club)
    make_organization(session, conference, name="Comité de Tlaxiaco", side=Chamber.MX)
    session.commit()
    page = open_page(javascript=javascript, width=320)
    page.goto(f"/en/{conference.slug}/organizations")

    page.get_by_label("Name or place").fill("yalalag")
    if not javascript:
        page.get_by_role("button", name="Search").click()

    expect(page.get_by_text("Comité de Tlaxiaco")).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"/en/{conference.slug}/organizations\?q=yalalag&side=&kind="))
    assert not javascript or in_order(page)
    page.get_by_role("link", name="Club Yalálag").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Club Yalálag")
    assert not javascript or in_order(page)


# What the two of them read, so that both languages are really shown.
SAID = {
    "en": {
        "named": "Named. The credentials committee will answer.",
        "choose": "Choose a reason.",
        "nothing": "Nothing is waiting",
        "reason": "Reason: The organization's letter is missing",
        "accepted": "Accepted. The seat has its holder.",
    },
    "es": {
        "named": "Nombramiento enviado. La comisión de acreditaciones responderá.",
        "choose": "Elija un motivo.",
        "nothing": "No hay nada en espera",
        "reason": "Motivo: Falta la carta de la organización",
        "accepted": "Acreditación aceptada. El escaño ya tiene quien lo ocupe.",
    },
}


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_a_delegate_is_named_refused_named_again_and_accepted(open_page, app, session, javascript, language):
    conference = make_conference(session)
    club = make_organization(session, conference, name="Club Yalálag")
    make_seat(session, conference, organization=club)
    person = make_registration(session, conference, organization_id=club.id, badge_name="Ndika")
    leads = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    sits = grant(session, conference, Role.CREDENTIALS_COMMITTEE)
    session.commit()
    lead, committee = open_page(javascript=javascript), open_page(javascript=javascript)
    person_id = str(person.id)
    enter(lead, app, session, leads)
    enter(committee, app, session, sits)
    address, said = f"/{language}/{conference.slug}/credentials", SAID[language]

    def press(page, action):
        page.locator(f"main form[action$='{action}'] button[type=submit]").click()

    def name():
        lead.goto(address)
        lead.locator("input[name$=capacity][value=delegate]").check()
        lead.locator("select[name$=registration]").select_option(person_id)
        lead.locator("input[name$=attested]").check()
        assert not javascript or in_order(lead)
        press(lead, "/named")
        expect(lead.get_by_text(said["named"])).to_be_visible()

    name()
    committee.goto(address)
    expect(committee.locator("html")).to_have_attribute("lang", language)
    committee.locator("article details summary").click()
    press(committee, "/reject")
    expect(committee.get_by_text(said["choose"]).first).to_be_visible()
    assert not javascript or in_order(committee)
    committee.locator("input[name$=reason][value=letter_missing]").check()
    press(committee, "/reject")
    expect(committee.get_by_text(said["nothing"])).to_be_visible()
    lead.goto(address)
    expect(lead.get_by_text(said["reason"])).to_be_visible()
    name()
    committee.goto(address)
    press(committee, "/accept")
    expect(committee.get_by_text(said["accepted"])).to_be_visible()

    session.rollback()
    assert [row.status for row in session.query(models.Credential).order_by(models.Credential.id)] == [
        CredentialStatus.REJECTED,
        CredentialStatus.ACCEPTED,
    ]


def test_the_quorum_grows_before_the_eyes_of_the_chair(open_page, app, session):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    make_delegate(session, conference, chamber=Chamber.MX, present_in=sitting)
    seat = make_seat(session, conference)
    chair = grant(session, conference, Role.CHAIR)
    session.commit()
    page = open_page()
    enter(page, app, session, chair)
    page.goto(f"/en/{conference.slug}/quorum")
    expect(page.get_by_text("1 more needed for quorum")).to_have_count(1)
    expect(page.locator("[hx-trigger^='every 5s']")).to_have_count(1)
    assert in_order(page)

    make_delegate(session, conference, seat=seat, present_in=sitting)
    session.commit()

    expect(page.get_by_text("Quorum reached")).to_have_count(2)
    expect(page.get_by_text("more needed")).to_have_count(0)
    assert in_order(page)


def test_the_quorum_is_counted_again_without_script(open_page, app, session):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    seat = make_seat(session, conference)
    chair = grant(session, conference, Role.CHAIR)
    session.commit()
    page = open_page(javascript=False)
    enter(page, app, session, chair)
    page.goto(f"/en/{conference.slug}/quorum")
    expect(page.get_by_text("Quorum reached")).to_have_count(0)

    make_delegate(session, conference, seat=seat, present_in=sitting)
    session.commit()
    page.get_by_role("link", name="Count again").click()

    expect(page.get_by_text("Quorum reached")).to_have_count(1)
