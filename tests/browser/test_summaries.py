"""A rapporteur writes a summary on a phone, with scripts and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from conference.domain.accounts import Role
from conference.domain.summaries import Section
from conference.services.summaries import save_summary
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import NOW, grant, make_conference, make_session, signed_cookie

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.browsers import Pages


def rapporteur_on(page: Page, app: Flask, session: Session) -> int:
    """Make a conference with one workshop, and the page's reader its rapporteur."""
    conference = make_conference(session, slug="muestra")
    make_session(session, conference, key="taller")
    account = grant(session, conference, Role.RAPPORTEUR)
    session.commit()
    cookie = signed_cookie(app, session, account)
    page.context.add_cookies([{"name": "asamblea", "value": cookie, "url": app.config["PUBLIC_URL"]}])
    return conference.id


@pytest.mark.parametrize("javascript", [True, False])
def test_a_summary_is_written_and_published(
    open_page: Pages, app: Flask, session: Session, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript, width=320)
    rapporteur_on(page, app, session)
    page.goto("/es/muestra/summaries/taller/edit?in=es")
    page.locator("[name=observation]").fill("· Los programas sirven\n· Falta gente")
    page.locator("form[action*=edit] button").first.click()
    expect(page.locator(".notice-good")).to_be_visible()
    if javascript:
        assert (accessibility_faults(page), sideways_scroll(page)) == ([], 0)
    page.locator("[name=measure]").fill("· Hacer ferias")
    page.locator("[name=publish]").click()
    expect(page.locator("main section li")).to_have_text(
        ["Los programas sirven", "Falta gente", "Hacer ferias"]
    )
    assert page.url.endswith("/es/muestra/summaries/taller")
    if javascript:
        assert (accessibility_faults(page), sideways_scroll(page)) == ([], 0)


@pytest.mark.parametrize("javascript", [True, False])
def test_who_was_overtaken_sees_both_texts_and_saves_them_together(
    open_page: Pages, app: Flask, session: Session, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    conference_id = rapporteur_on(page, app, session)
    page.goto("/es/muestra/summaries/taller/edit?in=es")
    page.locator("[name=measure]").fill("Lo mío")
    save_summary(
        session,
        conference_id=conference_id,
        session_key="taller",
        language="es",
        sections={Section.MEASURE: ["Lo de otra persona"]},
        revision=0,
        by=None,
        now=NOW,
    )
    session.commit()
    page.locator("form[action*=edit] button").first.click()
    expect(page.locator(".notice-warn")).to_be_visible()
    expect(page.locator("[name=measure]")).to_have_value("Lo mío")
    expect(page.locator("#editor ol")).to_have_text(["Lo de otra persona"])
    page.locator("[name=measure]").fill("Lo de otra persona\nLo mío")
    page.locator("form[action*=edit] button").first.click()
    expect(page.locator(".notice-good")).to_be_visible()
    expect(page.locator(".notice-warn")).to_have_count(0)
