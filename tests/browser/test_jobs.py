"""An organizer brings a program in, sees how far it has come, and what to do where it did not work."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from conference.domain.accounts import Role
from conference.extensions import db
from conference.models import Conference, Job
from conference.services.jobs import step, take
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import grant, make_conference, make_registration, signed_cookie
from tests.queues import do_due
from tests.web.test_jobs import schedule

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import FilePayload, Page
    from sqlalchemy.orm import Session

    from tests.browsers import Pages


@pytest.fixture
def cookie(app: Flask, session: Session) -> str:
    conference = make_conference(session, slug="muestra", first_day=datetime.now(UTC).date())
    value = signed_cookie(app, session, grant(session, conference, Role.ORGANIZER))
    # What is read later is what stands there then.
    session.commit()
    return value


def enter(page: Page, app: Flask, cookie: str) -> None:
    name = app.config["SESSION_COOKIE_NAME"]
    page.context.add_cookies([{"name": name, "value": cookie, "url": app.config["PUBLIC_URL"]}])


def file_of(content: bytes) -> FilePayload:
    return {"name": "schedule.xml", "mimeType": "text/xml", "buffer": content}


def note_progress(session: Session, done: int, total: int) -> None:
    """Be a worker that has read so many; the lease that it holds is let run out, for the one that ends it."""
    session.commit()
    job = session.query(Job).one()
    work = take(session, job_id=job.id, now=datetime.now(UTC))
    assert work is not None
    step(session, work=work, done=done, total=total, now=datetime.now(UTC))
    session.commit()


def let_lease_run_out(session: Session) -> None:
    session.query(Job).update({"due_at": datetime(2026, 1, 1, tzinfo=UTC)})
    session.commit()


def work(app: Flask) -> None:
    with app.app_context():
        do_due()
        db.session.remove()


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_shows_how_far_it_has_come_by_itself(
    app: Flask, session: Session, page: Page, cookie: str, language: str
) -> None:
    enter(page, app, cookie)
    page.goto(f"/{language}/muestra/jobs")
    assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0
    page.locator("input[type=file]").set_input_files(file_of(schedule(5)))
    page.locator("form[enctype] button").click()
    page.wait_for_url(f"**/{language}/jobs/*")
    assert accessibility_faults(page) == []

    note_progress(session, 120, 943)
    expect(page.locator("#job [role=status]")).to_contain_text(re.compile("120 (de|of) 943"))
    assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0

    let_lease_run_out(session)
    work(app)
    done = page.locator(f"a[href='/{language}/encuentro-2027/program']")
    expect(done).to_be_visible()
    assert accessibility_faults(page) == []
    done.click()
    expect(page.locator("main")).to_contain_text("Mesa 1")


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_list_shows_how_far_each_is_by_itself(
    app: Flask, session: Session, page: Page, cookie: str, language: str
) -> None:
    enter(page, app, cookie)
    page.goto(f"/{language}/muestra/jobs")
    page.locator("form[action$='/jobs/purge'] button").click()
    page.wait_for_url(f"**/{language}/jobs/*")
    page.goto(f"/{language}/muestra/jobs")
    expect(page.locator("#lately .progress")).to_have_count(1)
    assert accessibility_faults(page) == []
    link = page.locator("#lately a")
    link.focus()

    note_progress(session, 120, 943)
    expect(page.locator("#lately .progress")).to_contain_text(re.compile("120 (de|of) 943"))
    # Whoever reads the list by the keyboard stays where they were.
    expect(link).to_be_focused()
    assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0

    let_lease_run_out(session)
    work(app)
    expect(page.locator("#lately .badge")).to_have_count(1)
    expect(page.locator("#lately .progress")).to_have_count(0)
    expect(page.locator("#lately [hx-get]")).to_have_count(0)
    assert accessibility_faults(page) == []


def test_without_javascript_a_link_looks_again(
    app: Flask, session: Session, open_page: Pages, cookie: str
) -> None:
    page = open_page(javascript=False, width=320)
    enter(page, app, cookie)
    page.goto("/es/muestra/jobs")
    page.locator("input[type=file]").set_input_files(file_of(schedule(5)))
    page.locator("form[enctype] button").click()
    page.wait_for_url("**/es/jobs/*")
    note_progress(session, 120, 943)
    page.locator("#job a.button").click()
    expect(page.locator("#job [role=status]")).to_contain_text("120")
    let_lease_run_out(session)
    work(app)
    page.locator("#job a.button").click()
    expect(page.locator("a[href='/es/encuentro-2027/program']")).to_be_visible()


def test_a_faulty_file_is_told_with_its_line_and_what_to_do(
    app: Flask, session: Session, page: Page, cookie: str
) -> None:
    enter(page, app, cookie)
    page.goto("/es/muestra/jobs")
    page.locator("form[enctype] button").click()
    expect(page.locator(".notice-bad")).to_be_visible()
    assert accessibility_faults(page) == []
    broken = schedule(2).replace(b"</schedule>", b"")
    page.locator("input[type=file]").set_input_files(file_of(broken))
    page.locator("form[enctype] button").click()
    page.wait_for_url("**/es/jobs/*")
    work(app)
    session.commit()
    failed = page.locator("#job .notice-bad")
    expect(failed).to_contain_text(str(session.query(Job).one().report["line"]))
    assert accessibility_faults(page) == []
    assert session.query(Conference).count() == 1


def test_people_are_counted_before_they_are_forgotten(
    app: Flask, session: Session, page: Page, cookie: str
) -> None:
    over = make_conference(session, first_day=datetime.now(UTC).date() - timedelta(days=90))
    make_registration(session, over)
    session.commit()
    enter(page, app, cookie)
    page.goto("/es/muestra/jobs")
    page.locator("form[action$='/jobs/purge'] button").click()
    page.wait_for_url("**/es/jobs/*")
    work(app)
    expect(page.locator("#job form[action$='/jobs/purge'] button")).to_be_visible()
    assert accessibility_faults(page) == []
    assert sideways_scroll(page) == 0
    page.goto("/es/muestra/jobs")
    assert accessibility_faults(page) == []
