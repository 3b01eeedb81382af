"""An organization enters the directory, is accepted, decides who reads what, and withdraws: on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource
from conference.models import Organization
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import grant, make_account, make_conference, make_organization, signed_cookie

NAME = "Club de la Sierra Sur"


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
    """Press the button of the form whose address ends so."""
    page.locator(f"main form[action$='{action}'] button[type=submit]").first.click()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_an_organization_enters_is_accepted_and_withdraws(open_page, app, session, javascript, language):
    conference = make_conference(session)
    organizer, account = grant(session, conference, Role.ORGANIZER), make_account(session)
    base = f"/{language}/{conference.slug}"
    lead, staff = open_page(javascript=javascript), open_page(javascript=javascript)
    enter(lead, app, session, account)
    enter(staff, app, session, organizer)

    lead.goto(f"{base}/organizations")
    lead.locator(f"a[href='{base}/directory/enter']").first.click()
    assert not javascript or in_order(lead)
    lead.locator("#name").fill(NAME)
    lead.locator("#kind").select_option("hta")
    lead.locator("input[name=side][value=us]").check()
    lead.locator("#origin_state").select_option("20")
    lead.locator("#origin").fill("san juan mixtepec")
    if not javascript:
        # Without script the form itself asks which of the two is meant.
        press(lead, "/directory/enter")
        expect(lead.locator(".error-text")).to_have_count(1)
    lead.locator("#places input[value='20209']").check()
    assert not javascript or in_order(lead)
    press(lead, "/directory/enter")
    lead.wait_for_url("**/entry")
    assert not javascript or in_order(lead)

    staff.goto(f"{base}/directory/waiting")
    expect(staff.locator("main")).to_contain_text(NAME)
    expect(staff.locator("main")).to_contain_text("Miahuatlán")
    assert not javascript or in_order(staff)
    press(staff, "/accept")
    expect(staff.locator("#flashes .notice")).to_have_count(1)

    lead.reload()
    lead.locator("#description_es").fill("Bailamos.")
    lead.locator("#origin_readers").select_option("private")
    press(lead, "/entry")
    stranger = open_page(javascript=javascript)
    stranger.goto(f"{base}/organizations")
    stranger.get_by_role("link", name=NAME).click()
    expect(stranger.locator("main")).to_contain_text("Bailamos.")
    expect(stranger.locator("main")).not_to_contain_text("Mixtepec")
    assert not javascript or in_order(stranger)

    lead.locator("a[href$='/withdraw']").click()
    assert not javascript or in_order(lead)
    press(lead, "/withdraw")
    lead.wait_for_url("**/entry")
    stranger.goto(f"{base}/organizations")
    expect(stranger.locator("main")).not_to_contain_text(NAME)
    press(lead, "/return")
    stranger.reload()
    expect(stranger.locator("main")).to_contain_text(NAME)


def test_a_list_is_narrowed_by_place_and_by_language(open_page, session):
    conference = make_conference(session)
    make_organization(session, conference, name="Club Mixteco", municipality="20208", languages=["mix"])
    make_organization(
        session, conference, name="Club Poblano", municipality="21114", us_state="WA", us_city="Kent"
    )
    session.commit()
    page = open_page(width=320)
    page.goto(f"/en/{conference.slug}/organizations")

    page.locator("summary", has_text="Places").click()
    page.locator("#origin_state").select_option("21")
    expect(page.locator("#organizations")).not_to_contain_text("Club Mixteco")
    expect(page.locator("#organizations")).to_contain_text("Club Poblano")
    assert in_order(page)
    page.goto(f"/en/{conference.slug}/organizations?language=mix")
    expect(page.locator("#organizations")).to_contain_text("Club Mixteco")
    expect(page.locator("#organizations")).not_to_contain_text("Club Poblano")
    expect(page.locator("#language")).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_other_language_keeps_what_was_chosen_since_the_page_was_loaded(open_page, session, language):
    other = {"es": "en", "en": "es"}[language]
    conference = make_conference(session, slug="año-27")
    for name, key in (("Club Mixteco", "20208"), ("Club Poblano Ñuu", "21114")):
        make_organization(session, conference, name=name, municipality=key)
    session.commit()
    page = open_page()
    page.goto(f"/{language}/año-27/organizations?kind=hta")
    switch = page.locator(f".site-tools a[hreflang={other}]")
    assert switch.get_attribute("href").endswith("/organizations?kind=hta")

    page.locator("#q").fill("poblano ñuu")
    expect(page.locator("#organizations")).not_to_contain_text("Club Mixteco")
    page.wait_for_url("**/organizations?q=poblano*")
    narrowed = page.url
    switch.click()

    page.wait_for_url(f"**/{other}/**")
    assert page.url == narrowed.replace(f"/{language}/", f"/{other}/")
    expect(page.locator("#q")).to_have_value("poblano ñuu")
    expect(page.locator("#organizations")).to_contain_text("Club Poblano Ñuu")
    expect(page.locator("#organizations")).not_to_contain_text("Club Mixteco")


def test_organizers_bring_in_what_they_found_and_name_somebody_of_it(open_page, app, session):
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    page = open_page()
    enter(page, app, session, organizer)
    page.goto(f"/es/{conference.slug}/directory/add")
    assert in_order(page)

    page.locator("input[name=source][value=found]").check()
    page.locator("#name").fill("Club Hallado")
    page.locator("#kind").select_option("hta")
    page.locator("input[name=side][value=us]").check()
    press(page, "/directory/add")
    page.locator("a[href$='/invite']").click()
    assert in_order(page)
    page.locator("#email").fill("nueva@example.org")
    press(page, "/invite")

    page.wait_for_url("**/directory/waiting")
    expect(page.locator("main")).to_contain_text("Club Hallado")
    session.rollback()
    assert session.scalars(select(Organization.source)).one() is OrganizationSource.FOUND


@pytest.mark.parametrize("javascript", [True, False])
def test_an_entry_that_nobody_has_answered_for_is_erased_on_a_phone(open_page, app, session, javascript):
    conference = make_conference(session)
    row = make_organization(session, name="Club Hallado", source=OrganizationSource.FOUND)
    staff = open_page(javascript=javascript)
    enter(staff, app, session, grant(session, conference, Role.ORGANIZER))

    staff.goto(f"/es/{conference.slug}/directory/waiting")
    assert not javascript or in_order(staff)
    staff.locator(f"main a[href$='/waiting/{row.id}/erase']").click()
    expect(staff.locator("main form")).to_have_count(1)
    assert not javascript or in_order(staff)
    press(staff, "/erase")

    staff.wait_for_url("**/directory/waiting")
    expect(staff.locator("#flashes .notice")).to_have_count(1)
    expect(staff.locator("main")).not_to_contain_text("Club Hallado")
