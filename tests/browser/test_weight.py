"""The first view of a page costs an attendee at most 100 KB over the wire, scripts and styles included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from conference.cli.conference import read_folder
from conference.domain.pack import read_pack
from conference.domain.registration import Category, Purpose
from conference.services.conference import import_conference
from conference.services.registration import register
from conference.web.keys import key_for
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from playwright.sync_api import Browser
    from sqlalchemy.orm import Session

NOW = datetime(2026, 7, 11, 17, tzinfo=UTC)
BUDGET = 100_000
SLUG = "oaxaca-northwest"
PAGES = {
    "start": "/es/",
    "front": f"/es/{SLUG}/",
    "program": f"/es/{SLUG}/program",
    "session": f"/es/{SLUG}/sessions/mesa-tres-niveles",
    "organizations": f"/es/{SLUG}/organizations",
    "organization": f"/es/{SLUG}/organizations/club-tlaxiaco",
    "agreement": f"/es/{SLUG}/agreement?languages=both",
    "provision": f"/es/{SLUG}/agreement/purpose-coalition",
    "votes": f"/es/{SLUG}/votes",
    "resolutions": f"/es/{SLUG}/resolutions",
    "summaries": f"/es/{SLUG}/summaries",
    "register": f"/es/{SLUG}/register",
    "sign in": "/es/sign-in",
    "code": "/es/sign-in/code",
}


@pytest.fixture
def weigh(browser: Browser, live_server: str) -> Callable[[str], int]:
    """Return how many bytes a first view takes, headers included, as the browser's network counts them."""

    def weighed(path: str) -> int:
        context = browser.new_context(viewport={"width": 375, "height": 812}, locale="es-MX")
        page = context.new_page()
        network = context.new_cdp_session(page)
        received: list[float] = []
        network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        network.send("Network.enable")
        answer = page.goto(live_server + path, wait_until="networkidle")
        assert answer.status == 200, path
        # The page itself, the stylesheet, two scripts, the icons: fewer would mean that nothing was weighed.
        assert len(received) >= 5
        context.close()
        return int(sum(received))

    return weighed


@pytest.mark.usefixtures("live_server")
def test_the_first_view_of_every_attendee_page_is_light(
    app: Flask, session: Session, weigh: Callable[[str], int]
) -> None:
    pack = read_pack(read_folder(ROOT / "examples" / SLUG))
    imported = import_conference(session, pack=pack, now=NOW)
    with app.app_context():
        ticket = register(
            session,
            conference_id=imported.conference_id,
            badge_name="Nombre Reservado",
            category=Category.ATTENDEE,
            language="es",
            consents=frozenset({Purpose.ATTEND}),
            nonce="0" * 32,
            key=key_for("tickets"),
            now=NOW,
        )
    session.commit()
    pages = PAGES | {"ticket": f"/es/tickets/{ticket.token}"}
    weights = {name: weigh(path) for name, path in pages.items()}
    assert {name: weight for name, weight in weights.items() if weight > BUDGET} == {}
