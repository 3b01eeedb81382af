"""What is forgotten when, on a phone; and the hold that an organizer begins and lifts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from conference.domain.accounts import Role
from conference.domain.jobs import JobKind, JobState
from conference.domain.retention import HoldReason
from conference.models import Job
from conference.services.holds import begin_hold
from tests.browser.test_roles import enter, in_order, press
from tests.browsers import sideways_scroll
from tests.factories import NOW, grant, make_conference


def a_purge(session):
    session.add(
        Job(
            key="purge",
            cause="purge",
            kind=JobKind.PURGE,
            state=JobState.DONE,
            parameters={},
            report={"registrations": 41, "scans": 5, "attestations": 12, "held": 1},
            asked_at=NOW,
            due_at=NOW,
            ended_at=NOW,
        )
    )


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("javascript", [True, False])
def test_an_organizer_begins_a_hold_and_lifts_it(open_page, app, session, javascript, language):
    conference = make_conference(session)
    a_purge(session)
    page = open_page(javascript=javascript)
    enter(page, app, session, grant(session, conference, Role.ORGANIZER))
    page.goto(f"/{language}/{conference.slug}/forgetting")
    assert not javascript or in_order(page)

    press(page, "/hold")
    expect(page.locator("#reason-error")).to_be_visible()
    page.locator("input[value=disputed_result]").check()
    press(page, "/hold")
    expect(page.locator("#hold .notice-warn")).to_be_visible()
    assert not javascript or in_order(page)
    page.locator("#hold a[href$='/lift']").click()
    expect(page.locator("main form[action$='/lift']")).to_be_visible()
    assert not javascript or in_order(page)
    press(page, "/lift")
    expect(page.locator("#hold .notice-warn")).to_have_count(0)
    expect(page.locator("main form[action$='/hold']")).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("width", [320, 375, 1280])
def test_everybody_reads_it(open_page, session, language, width):
    conference = make_conference(session)
    begin_hold(session, conference_id=conference.id, reason=HoldReason.LEGAL_DEMAND, by=None, now=NOW)
    session.commit()
    page = open_page(width=width)
    page.goto(f"/{language}/{conference.slug}/forgetting")
    expect(page.locator("#hold .notice-warn")).to_be_visible()
    assert sideways_scroll(page) == 0
    assert in_order(page)
