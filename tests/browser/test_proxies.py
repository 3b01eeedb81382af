"""A proxy is given, its holder votes twice; a seat is set, an alternate takes a place: on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from agreements import Choice
from conference import models
from conference.domain.accounts import Role
from conference.domain.credentials import Capacity, CredentialStatus
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import NOW, grant, make_organization, make_registration, signed_cookie
from tests.halls import make_hall


def enter(page, app, session, account):
    """Sign in without the mails of a real sign-in."""
    name, value = app.config["SESSION_COOKIE_NAME"], signed_cookie(app, session, account)
    page.context.add_cookies([{"name": name, "value": value, "url": app.config["PUBLIC_URL"]}])


def in_order(page):
    """A page that anybody can use: axe (a script) finds nothing, and nothing scrolls sideways."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    return (accessibility_faults(page), sideways_scroll(page)) == ([], 0)


def organization_of(session, delegate, name):
    organization = session.get_one(models.Organization, delegate.seat.organization_id)
    organization.name = name
    return organization


@pytest.mark.parametrize("javascript", [True, False])
def test_a_proxy_is_given_and_its_holder_votes_twice(open_page, app, session, javascript):
    hall = make_hall(session)
    one, two, _three = hall.us
    giving = organization_of(session, one, "Club Yalálag")
    organization_of(session, two, "Club Tlaxiaco")
    leads = grant(session, hall.conference, Role.ORGANIZATION_LEAD, organization=giving)
    principal, voter = one.seat.id, two.account
    session.commit()
    lead, holder = open_page(javascript=javascript), open_page(javascript=javascript)
    enter(lead, app, session, leads)
    lead.goto(f"/en/{hall.slug}/proxies")
    lead.get_by_label("Who votes for you").select_option("Club Tlaxiaco (United States chamber)")
    assert not javascript or in_order(lead)
    lead.get_by_role("button", name="Give the proxy").click()
    expect(lead.get_by_text("Club Tlaxiaco votes for you by proxy", exact=False)).to_be_visible()
    assert not javascript or in_order(lead)
    session.rollback()
    number = hall.open()
    session.commit()

    enter(holder, app, session, voter)
    holder.goto(f"/en/{hall.slug}/votes/{number}")
    by_proxy = holder.locator(f"#ballot-{principal}")
    expect(by_proxy.get_by_role("heading", name="By proxy of Club Yalálag")).to_be_visible()
    holder.locator("#ballot").get_by_label("Yes").check()
    by_proxy.get_by_label("No", exact=True).check()
    assert not javascript or in_order(holder)
    by_proxy.get_by_role("button", name="Cast this vote by proxy").click()
    expect(by_proxy.get_by_text("Your vote was recorded")).to_be_visible()
    if javascript:
        # The own ballot, half filled in, is left as it was.
        expect(holder.locator("#ballot").get_by_label("Yes")).to_be_checked()
    holder.locator("#ballot").get_by_label("Yes").check()
    holder.get_by_role("button", name="Cast my vote").click()

    expect(holder.get_by_text("Your vote was recorded")).to_have_count(2)
    assert not javascript or in_order(holder)
    session.rollback()
    cast = {row.elector_id: row.choice for row in session.query(models.Ballot)}
    seats = {row.id: row.seat_id for row in session.query(models.Elector)}
    assert {seats[elector]: choice for elector, choice in cast.items()} == {
        principal: Choice.NO,
        two.seat.id: Choice.YES,
    }
    hall.close(number)
    session.commit()
    holder.goto(f"/en/{hall.slug}/votes/{number}")
    expect(holder.get_by_text("by proxy through Club Tlaxiaco")).to_be_visible()
    assert not javascript or in_order(holder)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_committee_records_a_letter_and_seats_an_alternate(open_page, app, session, javascript):
    hall = make_hall(session)
    one, two, _three = hall.us
    organization_of(session, one, "Club Yalálag")
    organization_of(session, two, "Club Tlaxiaco")
    registration = make_registration(session, hall.conference, organization_id=one.seat.organization_id)
    session.add(
        models.Credential(
            seat_id=one.seat.id,
            registration_id=registration.id,
            capacity=Capacity.ALTERNATE,
            status=CredentialStatus.ACCEPTED,
            attested_at=NOW,
            decided_at=NOW,
        )
    )
    sits = grant(session, hall.conference, Role.CREDENTIALS_COMMITTEE)
    session.commit()
    page = open_page(javascript=javascript)
    enter(page, app, session, sits)
    page.goto(f"/en/{hall.slug}/proxies")
    page.get_by_label("Who gives the proxy").select_option("Club Yalálag (United States chamber)")
    page.get_by_label("Who receives it").select_option("Club Tlaxiaco (United States chamber)")
    assert not javascript or in_order(page)
    page.get_by_role("button", name="Record the letter").click()
    expect(page.get_by_text("On paper", exact=True)).to_be_visible()
    assert not javascript or in_order(page)

    page.get_by_role("link", name="An alternate takes the place").click()
    expect(page.get_by_text("Delegate in the hall")).to_be_visible()
    assert not javascript or in_order(page)
    page.get_by_role("link", name="Change who sits").click()
    page.get_by_label("Alternate").check()
    assert not javascript or in_order(page)
    page.get_by_role("button", name="This person sits from now on").click()
    expect(page.get_by_text("Alternate in the hall")).to_be_visible()


def test_seats_are_set_on_a_phone(open_page, app, session):
    hall = make_hall(session)
    make_organization(session, hall.conference, name="Club Yalálag", key="yalalag")
    organizer = grant(session, hall.conference, Role.ORGANIZER)
    session.commit()
    page = open_page()
    enter(page, app, session, organizer)
    page.goto(f"/en/{hall.slug}/seats")
    place = page.locator("#seat-of-yalalag")
    place.get_by_text("Give it a seat…").click()
    place.get_by_label("Votes of the seat").fill("2")
    assert in_order(page)
    place.get_by_role("button", name="Give it the seat").click()

    expect(place.get_by_text("Seat with 2 votes")).to_be_visible()
    place.get_by_text("Take the seat back…").click()
    assert in_order(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_seats_and_proxies_are_for_everybody(open_page, app, session, width, scheme):
    hall = make_hall(session)
    registration = session.get_one(models.Registration, hall.credential(hall.us[0]).registration_id)
    registration.account_id = None
    account = grant(session, hall.conference, Role.CREDENTIALS_COMMITTEE)
    grant(session, hall.conference, Role.ORGANIZER, account=account)
    session.commit()
    page = open_page(width=width, color_scheme=scheme)
    enter(page, app, session, account)
    for path in ("accreditations", "quorum", "proxies", "substitutions", "seats", "credentials/cards"):
        for language in ("es", "en"):
            page.goto(f"/{language}/{hall.slug}/{path}")
            assert in_order(page), path
    page.locator("main form button").click()
    expect(page.locator(".ticket-code")).to_have_count(1)
    assert in_order(page)


def test_the_roster_follows_the_hall(open_page, session):
    hall = make_hall(session, present=False)
    session.commit()
    page = open_page()
    page.goto(f"/en/{hall.slug}/accreditations")
    expect(page.get_by_text("No quorum")).to_have_count(2)
    expect(page.locator("[hx-trigger^='every 10s']")).to_have_count(1)

    for delegate in (*hall.us, *hall.mx):
        session.add(
            models.Presence(
                session_id=hall.sitting.id,
                seat_id=delegate.seat.id,
                credential_id=hall.credential(delegate).id,
                arrived_at=NOW,
            )
        )
    session.commit()

    expect(page.get_by_text("Quorum reached")).to_have_count(2)
    assert in_order(page)
