"""On a phone: a club asks, a federation agrees, a mandate is given; trees open; a table is brought in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from conference.domain.accounts import Role
from conference.domain.directory import MembershipState, OrganizationKind, RecordSource
from conference.extensions import db
from conference.models import FederationMembership, Organization
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import grant, make_conference, make_organization, signed_cookie
from tests.queues import do_due

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.browsers import Pages

LONG = "Organización Regional de Comunidades Indígenas de San Francisco Yalálag"
TABLE = "key,name,kind,side,status\nnuevo,Club Nuevo de Yalálag,hta,us,active\n"


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra", first_day=datetime.now(UTC).date())


@pytest.fixture
def cookies(app: Flask, session: Session, conference: Conference) -> dict[str, str]:
    """Four levels, and one person a role; nothing stands between the last two yet."""
    kinds = {"top": OrganizationKind.CONFEDERATION, "club": OrganizationKind.HTA}
    levels = [
        make_organization(
            session,
            conference,
            key=key,
            name=LONG if key == "club" else f"Federación {key}",
            kind=kinds.get(key, OrganizationKind.FEDERATION),
            municipality="20559",
        )
        for key in ("top", "middle", "low", "club")
    ]
    for upper, lower in ((0, 1), (1, 2)):
        session.add(FederationMembership(parent_id=levels[upper].id, member_id=levels[lower].id))
    people = {
        "club": grant(session, conference, Role.ORGANIZATION_LEAD, organization=levels[3]),
        "low": grant(session, conference, Role.ORGANIZATION_LEAD, organization=levels[2]),
        "organizer": grant(session, conference, Role.ORGANIZER),
    }
    made = {who: signed_cookie(app, session, account) for who, account in people.items()}
    session.commit()
    return made


@pytest.fixture
def phone_of(app: Flask, open_page: Pages, cookies: dict[str, str]) -> Callable[..., Page]:
    """Give the phone of somebody who is signed in: `phone_of("club", javascript=False)`."""

    def phone(who: str, *, javascript: bool) -> Page:
        page = open_page(javascript=javascript)
        name = app.config["SESSION_COOKIE_NAME"]
        page.context.add_cookies([{"name": name, "value": cookies[who], "url": app.config["PUBLIC_URL"]}])
        return page

    return phone


def fine(page: Page, *, javascript: bool = True) -> None:
    """Whoever reads it by ear, by key or on a small phone can use it; it is measured by a script."""
    if javascript:
        assert accessibility_faults(page) == []
        assert sideways_scroll(page) == 0


def standing(session: Session) -> list[tuple[object, object]]:
    session.rollback()
    club = session.query(Organization).filter_by(key="club").one()
    rows = session.query(FederationMembership).filter_by(member_id=club.id).all()
    return [(row.state, row.mandate) for row in rows]


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_club_joins_by_the_consent_of_both_and_gives_its_mandate(
    session: Session, phone_of: Callable[..., Page], language: str, javascript: bool
) -> None:
    of_club, of_low = (phone_of(who, javascript=javascript) for who in ("club", "low"))
    home = f"/{language}/muestra/organizations"

    of_club.goto(f"{home}/club")
    of_club.locator(f"a[href='{home}/club/federations']").click()
    fine(of_club, javascript=javascript)
    of_club.locator(f"a[href='{home}/club/federations/ask']").click()
    of_club.locator("#q").fill("federacion LOW")
    of_club.locator("form[role=search] button").click()
    expect(of_club.locator("#found li")).to_have_count(1)
    fine(of_club, javascript=javascript)
    of_club.locator("#found li button").click()
    of_club.wait_for_url(f"**{home}/club/federations")
    assert standing(session) == [(MembershipState.JOINING, None)]

    of_low.goto(f"{home}/low/federations")
    fine(of_low, javascript=javascript)
    of_low.locator("a[href$='/parent/club/agree-to-join']").click()
    fine(of_low, javascript=javascript)
    of_low.locator("main form button").click()
    of_low.wait_for_url(f"**{home}/low/federations")
    assert standing(session) == [(MembershipState.ACTIVE, None)]

    of_club.reload()
    of_club.locator("a[href$='/member/low/give-mandate']").click()
    of_club.locator("main form button").click()
    of_club.wait_for_url(f"**{home}/club/federations")
    assert standing(session) == [(MembershipState.ACTIVE, RecordSource.SYSTEM)]
    fine(of_club, javascript=javascript)


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_tree_of_four_levels_opens_step_by_step(
    session: Session, open_page: Pages, cookies: dict[str, str], language: str, javascript: bool
) -> None:
    keys = ("low", "club")
    low, club = (session.query(Organization).filter_by(key=key).one() for key in keys)
    session.add(FederationMembership(parent_id=low.id, member_id=club.id))
    session.commit()
    page = open_page(javascript=javascript, width=320)
    page.goto(f"/{language}/muestra/federations")
    leaf = page.get_by_text(LONG)
    assert page.locator("main details").count() == 3
    expect(leaf).to_be_hidden()
    for place in (1, 2):
        page.locator("main details > summary").nth(place).click()
    expect(leaf).to_be_visible()
    fine(page, javascript=javascript)
    page.locator("#state").select_option("20")
    if not javascript:
        page.locator("form[role=search] button").click()
    # With scripts the choice alone asks.
    page.wait_for_url("**state=20*")
    expect(page.locator("#trees h2")).to_have_count(1)
    expect(page.locator(".htmx-request")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_an_organizer_looks_at_what_would_come_of_a_table_and_brings_it_in(
    app: Flask, session: Session, phone_of: Callable[..., Page], language: str, javascript: bool
) -> None:
    page = phone_of("organizer", javascript=javascript)
    start = f"/{language}/muestra/import-organizations"

    def send(content: str) -> None:
        page.goto(start)
        fine(page, javascript=javascript)
        file = {"name": "tabla.csv", "mimeType": "text/csv", "buffer": content.encode()}
        page.locator("input[type=file]").set_input_files(file)
        page.locator("form[enctype] button").click()
        page.wait_for_url(f"**{start}/*")
        with app.app_context():
            do_due()
            db.session.remove()
        if not javascript:
            page.reload()
        # With a script the page asks by itself.
        page.wait_for_selector("#preview dl, #preview ol")
        fine(page, javascript=javascript)

    send(TABLE.replace("hta", "gremio"))
    expect(page.locator("#preview ol li")).to_have_count(1)
    expect(page.locator("#preview form")).to_have_count(0)
    send(TABLE)
    page.locator("#preview form button").click()
    page.wait_for_url(f"**/{language}/jobs/*")
    with app.app_context():
        do_due()
        db.session.remove()
    session.rollback()
    assert session.query(Organization).filter_by(key="nuevo").count() == 1


@pytest.mark.parametrize("language", ["es", "en"])
def test_open_data_are_explained_and_fetched(
    open_page: Pages, cookies: dict[str, str], language: str
) -> None:
    page = open_page()
    page.goto(f"/{language}/muestra/organizations")
    page.locator(f"a[href='/{language}/muestra/open-data']").click()
    fine(page)
    for kind in ("csv", "json"):
        address = page.locator(f"a[href$='organizations.{kind}']").get_attribute("href")
        answer = page.request.get(address)
        assert (answer.status, LONG in answer.text()) == (200, True)
