"""A vote on the phones in the hall, with and without script; a half-filled ballot is never lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from agreements import Choice, Rule
from conference import models
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import signed_cookie
from tests.halls import make_hall

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN


def enter(page, app, session, account_id):
    """Sign in without the mails of a real sign-in."""
    account = session.get_one(models.Account, account_id)
    name, value = app.config["SESSION_COOKIE_NAME"], signed_cookie(app, session, account)
    page.context.add_cookies([{"name": name, "value": value, "url": app.config["PUBLIC_URL"]}])


def in_order(page):
    """A page that anybody can use: axe (a script) finds nothing, and nothing scrolls sideways."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    return (accessibility_faults(page), sideways_scroll(page)) == ([], 0)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_seat_of_three_votes_is_split_corrected_and_received(open_page, app, session, javascript):
    hall = make_hall(session, us=(3, 1))
    number, voter = hall.open(), hall.us[0].account.id
    session.commit()
    page = open_page(javascript=javascript, width=320)
    enter(page, app, session, voter)
    page.goto(f"/en/{hall.slug}/votes/{number}")
    page.get_by_role("link", name="Go to my ballot").click()
    page.get_by_label("Split the votes of this seat").check()
    page.get_by_label("Votes in favor").fill("2")
    page.get_by_role("button", name="Cast my vote").click()
    expect(page.get_by_text("Your seat has 3 votes, and you gave 2.").first).to_be_visible()
    expect(page.get_by_label("Votes in favor")).to_have_value("2")
    assert not javascript or in_order(page)

    page.get_by_label("Abstentions").fill("1")
    page.get_by_role("button", name="Cast my vote").click()

    expect(page.get_by_text("Your vote was recorded")).to_be_visible()
    expect(page.get_by_text("2 yes, 1 abstaining")).to_be_visible()
    expect(page.get_by_text("3 of 4", exact=True)).to_be_visible()
    assert not javascript or in_order(page)
    assert sorted(row.choice for row in session.query(models.Ballot)) == [ABSTAIN, YES, YES]


def test_what_refreshes_by_itself_never_touches_a_half_filled_ballot(open_page, app, session):
    hall = make_hall(session, us=(3, 1, 1))
    number, voter = hall.open(), hall.us[0].account.id
    session.commit()
    page = open_page()
    enter(page, app, session, voter)
    page.goto(f"/en/{hall.slug}/votes/{number}")
    page.get_by_label("Split the votes of this seat").check()
    page.get_by_label("Votes in favor").fill("1")
    expect(page.get_by_text("0 of 5", exact=True)).to_be_visible()
    expect(page.locator("[hx-trigger^='every 5s']")).to_have_count(1)

    hall.cast(number, hall.us[1], NO)
    session.commit()

    expect(page.get_by_text("1 of 5", exact=True)).to_be_visible()
    expect(page.get_by_label("Votes in favor")).to_have_value("1")
    expect(page.get_by_label("Votes in favor")).to_be_focused()
    expect(page.get_by_label("Split the votes of this seat")).to_be_checked()


def test_the_result_appears_by_itself_when_the_chair_closes(open_page, app, session):
    hall = make_hall(session)
    number, chair, voter = hall.open(rule=Rule.TWO_THIRDS), hall.chair.id, hall.us[0].account.id
    hall.vote(number, us=[], mx=[YES, YES, NO])
    session.commit()
    delegate = open_page()
    enter(delegate, app, session, voter)
    delegate.goto(f"/en/{hall.slug}/votes/{number}")
    delegate.get_by_label("Yes").check()
    delegate.get_by_role("button", name="Cast my vote").click()
    expect(delegate.get_by_text("Your vote was recorded")).to_be_visible()
    expect(delegate.locator("[hx-trigger^='every 5s']")).to_have_count(1)

    desk = open_page()
    enter(desk, app, session, chair)
    desk.goto(f"/en/{hall.slug}/votes/{number}")
    desk.get_by_text("Close the vote…").click()
    assert in_order(desk)
    desk.get_by_role("button", name="Close the vote and count").click()

    expect(delegate.get_by_text("Both chambers passed it, so it is adopted.")).to_be_visible()
    assert in_order(delegate)
    delegate.get_by_role("link", name="Read resolution 1").click()
    expect(delegate.get_by_role("heading", name="Resolution 1")).to_be_visible()
    assert in_order(delegate)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_the_agreement_and_its_votes_are_for_everybody(open_page, app, session, width, scheme):
    hall = make_hall(session)
    hall.decide(us=[YES] * 3, mx=[NO] * 3)
    number, chair = hall.open("preamble"), hall.chair.id
    session.commit()
    page = open_page(width=width, color_scheme=scheme)
    enter(page, app, session, chair)
    paths = ("agreement", "agreement?languages=both", "agreement/only-spanish", "votes", "votes/1")
    for path in (*paths, f"votes/{number}", "resolutions"):
        page.goto(f"/es/{hall.slug}/{path}")
        assert in_order(page), path


def test_on_a_phone_the_other_language_is_one_tap_away_and_on_a_desk_beside(open_page, session):
    hall = make_hall(session)
    session.commit()
    phone, desk = open_page(width=375), open_page(width=1280)
    for page in (phone, desk):
        page.goto(f"/es/{hall.slug}/agreement")
    expect(phone.get_by_text("A coalition is formed.")).to_be_hidden()
    expect(desk.get_by_text("A coalition is formed.")).to_be_visible()
    phone.locator("a[href$='languages=both']").click()
    expect(phone.get_by_text("A coalition is formed.")).to_be_visible()
