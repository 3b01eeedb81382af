"""The first view of a page costs an attendee at most 100 KB over the wire, scripts and styles included."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference.cli.demo import PACK, SLUG, load
from conference.domain.pack_people import PEOPLE, read_sample
from conference.domain.registration import Category
from conference.extensions import db
from conference.models import Account, Participation, Registration
from conference.queries.own_tickets import own_tickets
from conference.services.groups import register_group
from conference.web.keys import key_for
from conference.web.notices import way_out
from tests.factories import signed_cookie

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from playwright.sync_api import Browser

BUDGET = 100_000
DELEGATE = "delegada.noroeste@example.org"
# What comes after the page has loaded (an icon, a request of a script) is weighed too.
SETTLED = 150

# Pages of those who make the conference happen, who may wait a little.
STAFF = {
    "admissions.add",
    "admissions.ask_to_erase",
    "admissions.ask_to_refuse",
    "admissions.earlier",
    "admissions.invite",
    "admissions.listing",
    "approvals.listing",
    "attendance.counts",
    "attendance.line",
    "attendance.needs",
    "attendance.turn",
    "badges.listing",
    "cards.desk",
    "cards.find_again",
    "checkin.door",
    "checkin.leaving",
    "credentials.ending",
    "credentials.overview",
    "desk.desk",
    "desk.pending",
    "desk.ticket",
    "desk.walk_in",
    "entries.ask_to_withdraw",
    "entries.entry",
    "entries.mine",
    "federations.confirm",
    "federations.look",
    "federations.overview",
    "federations.paper",
    "jobs.detail",
    "jobs.listing",
    "mail.overview",
    "notices.again",
    "notices.write",
    "organization_import.preview",
    "organization_import.table",
    "organization_names.ask",
    "parties.ask",
    "parties.ask_to_leave",
    "parties.ask_to_shrink",
    "parties.detail",
    "parties.listing",
    "parties.name",
    "parties.tickets",
    "places.new_question",
    "places.new_service",
    "places.overview",
    "places.question",
    "places.removing_question",
    "places.removing_service",
    "places.service",
    "proxies.ask_who_sits",
    "proxies.overview",
    "proxies.substitutions",
    "retention.ask_to_lift",
    "roles.ask_to_revoke",
    "roles.cardholder",
    "roles.listing",
    "seats.cards",
    "seats.listing",
    "second_factors.app",
    "second_factors.confirm",
    "set_up.page",
    "summaries.edit",
}
NO_PAGES = {
    "badges.ticket_pdf",
    "open_data.document",
    "open_data.table",
    "organization_import.empty_table",
    "audit.download",
    "conference.health",
    "conference.root",
    "jobs.progress",
    # Not offered at the address of the tests, 127.0.0.1; weighed with its own tests.
    "passkeys.listing",
    "now.start",
    "program.calendar",
    "program.session_calendar",
    "parties.line",
    "registration.calendar",
    "registration.line",
    "registration.text",
    "static",
    "voting.live",
}


@dataclass(frozen=True, slots=True)
class View:
    """A page as somebody sees it first; `shows` selects what an empty page would lack."""

    endpoint: str
    shows: str = "h1"
    values: dict[str, object] = field(default_factory=dict)
    signed_in: bool = True


VIEWS = [
    View("conference.home", ".card", signed_in=False),
    View("conference.front", "a[href*='/resolutions/1']"),
    View("now.page", ".notice-warn a[href$='/votes/2']"),
    View("program.days", "a[href*='/sessions/']"),
    View("program.detail", ".prose", {"key": "mesa-tres-niveles"}),
    View("roles.rights", "main table"),
    View("audit.log", "main ol.rows li"),
    View("directory.listing", "a[href*='/organizations/club-tlaxiaco']"),
    View("directory.detail", "h1", {"key": "club-tlaxiaco"}),
    View("directory.places", "main form", signed_in=False),
    View("entries.enter", "form [name=name]"),
    View("federations.tree", "details"),
    View("open_data.about", "a[href$='.csv']", signed_in=False),
    View("credentials.roster", "#attendance, main .rows", signed_in=False),
    View("retention.forgetting", "main .card", signed_in=False),
    View("agreement.text", ".parallel", {"languages": "both"}),
    View("agreement.provision", "a[href$='/resolutions/1']", {"key": "purpose-coalition"}),
    View("voting.questions", "a[href$='/votes/1']"),
    View("voting.detail", "a[href$='/resolutions/1']", {"number": 1}),
    View("voting.detail", "#ballot form[action]", {"number": 2}),
    View("voting.detail", "#ballot a[href*='/sign-in']", {"number": 2}, signed_in=False),
    View("resolutions.listing", "a[href$='/resolutions/1']"),
    View("resolutions.detail", ".adopted", {"number": 1}),
    View("summaries.listing", "a[href$='/summaries/taller-inversion-social']"),
    View("summaries.detail", "main li", {"key": "taller-inversion-social"}),
    View("credentials.quorum", "#attendance .badge-good", {"sitting": "votacion-dia-uno"}),
    View("registration.register", "form [name=badge_name]", signed_in=False),
    View("registration.register", "form [name=badge_name]"),
    View("registration.mine", "a[href*='/tickets/']"),
    View("registration.ticket", ".qr svg", {"token": "ticket"}),
    View("registration.change", "[name=photo_preference]", {"token": "ticket"}),
    View("registration.ask_to_hand_over", "form[action$='/hand-over']", {"token": "ticket"}),
    View("registration.ask_to_leave", "form[action$='/leave']", {"token": "ticket"}),
    View("registration.name", "[name=badge_name]", {"token": "guest"}, signed_in=False),
    View("registration.pass_on", "textarea", {"token": "guest"}, signed_in=False),
    View("registration.ask_to_cancel", "form[action$='/cancel']", {"token": "ticket"}),
    View("sign_ins.account", "form[action*='/end']"),
    View("mail.stopping", "form[action*='/mail/stop/']", {"token": "stop"}, signed_in=False),
    View("second_factors.overview", "form[action*='/second-factor/begin']"),
    View("accounts.sign_in", "[name=email]", signed_in=False),
    View("accounts.code", "[name=code]", signed_in=False),
    View("cards.scan", "[name=code]", signed_in=False),
    View("cards.card", "form[action*='/card/']", {"token": "0" * 43}, signed_in=False),
    View("accounts.link", "form[action*='/sign-in/link']", {"token": "0" * 43}, signed_in=False),
]


@dataclass(frozen=True, slots=True)
class Reader:
    """A delegate of the demonstration, who has a ticket and has not voted yet."""

    cookie: str
    ticket: str
    stop: str
    guest: str


@pytest.fixture
def reader(app: Flask) -> Reader:
    """Load the demonstration as `make demo` does, and sign a delegate of it in."""
    sample = read_sample((PACK / PEOPLE).read_bytes(), languages=("es", "en"))
    with app.app_context():
        conference = load(sample)
        account = db.session.scalars(select(Account.id).where(Account.email == DELEGATE)).one()
        tickets = own_tickets(
            db.session(), conference_id=conference.id, account_id=account, keys=(key_for("tickets"),)
        )
        delegate = db.session.get_one(Account, account)
        cookie = signed_cookie(app, db.session(), delegate)
        registration = db.session.scalars(select(Registration.id).where(Registration.account_id == account))
        registration_id = registration.one()
        guest = _guest(conference.id)
        stop = way_out(registration_id, email=DELEGATE, language="es").rsplit("/", 1)[1]
    return Reader(cookie, tickets[0].token, stop, guest)


def _guest(conference_id: int) -> str:
    """Return the token of a guest's place of an organization that takes part."""
    club = db.session.scalars(
        select(Participation.organization_id).where(Participation.conference_id == conference_id)
    ).first()
    group = register_group(
        db.session(),
        conference_id=conference_id,
        organization_id=club,
        category=Category.ATTENDEE,
        size=1,
        nonces=["f" * 32],
        key=key_for("tickets"),
        language="es",
        by=None,
        now=datetime.now(UTC),
    )
    db.session.commit()
    return group.tickets[0].token


@pytest.fixture
def weigh(app: Flask, browser: Browser, live_server: str, reader: Reader) -> Callable[[View], int]:
    """Return how many bytes a first view takes, headers included, as the browser's network counts them."""
    addresses = app.url_map.bind("localhost")

    def address(view: View) -> str:
        values = {"lang": "es"} | view.values
        if values.get("token") in {"ticket", "stop", "guest"}:
            values["token"] = getattr(reader, str(values["token"]))
        if app.url_map.is_endpoint_expecting(view.endpoint, "slug"):
            values["slug"] = SLUG
        return live_server + addresses.build(view.endpoint, values)

    def weighed(view: View) -> int:
        # A context of its own has nothing in its cache.
        context = browser.new_context(viewport={"width": 375, "height": 812}, locale="es-MX")
        if view.signed_in:
            name = app.config["SESSION_COOKIE_NAME"]
            context.add_cookies([{"name": name, "value": reader.cookie, "url": live_server}])
        page = context.new_page()
        network = context.new_cdp_session(page)
        received: list[float] = []
        network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        network.send("Network.enable")
        answer = page.goto(address(view), wait_until="load")
        page.wait_for_timeout(SETTLED)
        assert (answer.status, page.url) == (200, address(view))
        assert page.locator(view.shows).count() > 0, view
        # The page itself, the stylesheet, two scripts, the icons: fewer would mean that nothing was weighed.
        assert len(received) >= 5, view
        context.close()
        return int(sum(received))

    return weighed


def test_every_page_an_attendee_can_open_is_weighed(app: Flask) -> None:
    routes = {route.endpoint for route in app.url_map.iter_rules() if "GET" in route.methods}
    assert routes - STAFF - NO_PAGES == {view.endpoint for view in VIEWS}
    assert routes >= STAFF | NO_PAGES


def test_the_first_view_of_every_attendee_page_is_light(weigh: Callable[[View], int]) -> None:
    weights = [(view, weigh(view)) for view in VIEWS]
    assert [(view, weight) for view, weight in weights if weight > BUDGET] == []
