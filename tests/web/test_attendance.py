"""Counts, the line, and who needs what: numbers for organizers, names for one role, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from conference.domain.accounts import Role
from conference.domain.registration import AccessNeed, Category, RegistrationStatus
from conference.models import (
    Party,
    Places,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
)
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    sign_in,
)
from tests.forms import form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient

COUNTS, LINE, NEEDS = ("/en/muestra/" + page for page in ("attendance", "attendance/line", "needs"))


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference that begins today."""
    return make_conference(session, slug="muestra", first_day=datetime.now(UTC).date())


@pytest.fixture
def enter(
    new_client: Callable[[], CheckedClient], session: Session, conference: Conference
) -> Callable[..., CheckedClient]:
    def client_of(role: Role, **values: object) -> CheckedClient:
        client = new_client()
        sign_in(client, grant(session, conference, role), **values)
        return client

    return client_of


def wait(session: Session, conference: Conference, size: int, minutes: int = 0) -> Party:
    party = Party(
        conference_id=conference.id,
        category=Category.ATTENDEE,
        size=size,
        waiting_since=NOW + timedelta(minutes=minutes),
    )
    session.add(party)
    session.flush()
    for _each in range(size):
        make_registration(session, conference, status=RegistrationStatus.WAITING, party_id=party.id)
    return party


def in_need(session: Session, conference: Conference, name: str) -> None:
    row = make_registration(session, conference, badge_name=name)
    session.add(RegistrationNeed(registration_id=row.id, need=AccessNeed.STEP_FREE))


def cells(client: CheckedClient, category: str) -> list[str]:
    page = BeautifulSoup(client.get(COUNTS).text, "html5lib")
    row = next(each for each in page.select("tbody tr") if each.th.get_text() == category)  # type: ignore[union-attr]
    return [cell.get_text(strip=True) for cell in row.select("td")]


def test_organizers_and_secretariat_get_numbers_and_no_name(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference
) -> None:
    for _each in range(6):
        make_registration(session, conference)
    in_need(session, conference, "Nombre Reservado Necesita")
    for role in (Role.ORGANIZER, Role.SECRETARIAT):
        client = enter(role)
        page = client.get(COUNTS)
        assert ("Nombre Reservado" in page.text, page.headers["Cache-Control"]) == (False, "no-store")
        assert cells(client, "All together")[-2:] == ["7", "as many as come"]
        assert cells(client, "Press")[0] == "–"


def test_before_anybody_registers_the_page_says_so(enter: Callable[..., CheckedClient]) -> None:
    assert "Nobody yet" in enter(Role.ORGANIZER).get(COUNTS).text


def test_the_line_says_group_of_six_and_no_name(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference
) -> None:
    wait(session, conference, 6)
    wait(session, conference, 1, minutes=5)
    page = enter(Role.ORGANIZER).get(LINE)
    titles = [each.get_text(strip=True) for each in BeautifulSoup(page.text, "html5lib").select("h3")]
    assert titles == ["1. in line · group of 6", "2. in line · one person"]
    assert "Nombre Reservado" not in page.text
    assert "2 parties, for 7 places" in page.text


def test_a_party_that_can_never_fit_is_told_so_and_what_to_do(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference
) -> None:
    wait(session, conference, 6)
    wait(session, conference, 5, minutes=5)
    client = enter(Role.ORGANIZER)
    assert "never be served" not in client.get(LINE).text
    session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=5))
    conference.capacity = 80
    session.commit()
    first, second = BeautifulSoup(client.get(LINE).text, "html5lib").select("li.card")
    assert "It needs more places than there are in all: 6 of 5." in " ".join(first.get_text().split())
    assert "make the group smaller" in first.get_text()
    assert "never be served" not in second.get_text()


def test_answers_are_counted_and_the_small_ones_are_not_shown(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference
) -> None:
    client = enter(Role.SECRETARIAT)
    assert "Nothing is asked yet" in client.get(COUNTS).text
    question = RegistrationQuestion(
        conference_id=conference.id,
        key="comida",
        position=1,
        label={"en": "What do you eat?"},
        several=False,
        choices=[{"key": key, "label": {"en": key}} for key in ("corn", "beans", "fish")],
    )
    session.add(question)
    session.flush()
    for chosen in ["corn"] * 9 + ["beans"] * 7 + ["fish"] * 2 + [""] * 8:
        row = make_registration(session, conference, badge_name="Nombre Reservado")
        if chosen:
            session.add(RegistrationAnswer(registration_id=row.id, question_id=question.id, chosen=[chosen]))
    session.commit()
    page = BeautifulSoup(client.get(COUNTS).text, "html5lib").select_one("[aria-labelledby=answers]")
    assert page is not None
    assert [" ".join(row.get_text().split()) for row in page.select("li")] == [
        "corn 9",
        "beans –",
        "fish –",
        "No answer 8",
    ]
    assert "Nombre" not in page.get_text()


def test_a_turn_is_changed_after_a_question_and_is_in_the_log(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference
) -> None:
    conference.capacity = 0
    wait(session, conference, 6)
    late = wait(session, conference, 2, minutes=5)
    client = enter(Role.ORGANIZER)
    asked = client.get(f"{LINE}/{late.id}?turn=earlier")
    assert "Others have waited too" in asked.text
    assert send(client, form_of(asked, f"/line/{late.id}")).status_code == 303
    titles = BeautifulSoup(client.get(LINE).text, "html5lib").select("h3")
    assert titles[0].get_text(strip=True) == "1. in line · group of 2"
    assert "changed a turn" in client.get("/en/muestra/audit").text
    assert submit(client, f"{LINE}/{late.id}?turn=later", to="/line").status_code == 303
    session.refresh(late)
    assert late.priority == 0
    assert client.get(f"{LINE}/{late.id}?turn=first").status_code == 404
    assert client.get(f"{LINE}/999").status_code == 404


def test_offers_that_wait_for_an_answer_are_shown_until_when(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference
) -> None:
    conference.capacity = 0
    held, first = wait(session, conference, 3), wait(session, conference, 2, minutes=5)
    held.offered_until = NOW + timedelta(hours=2)
    session.execute(
        update(Registration)
        .where(Registration.party_id == held.id)
        .values(status=RegistrationStatus.OFFERED, badge_name="Nombre Reservado")
    )
    page = BeautifulSoup(enter(Role.ORGANIZER).get(LINE).text, "html5lib").select_one("main")
    assert page is not None
    (offer,) = page.select("[aria-labelledby=offers] li")
    assert offer.get_text(strip=True).startswith("Attendee, group of 3: until ")
    assert [each.get_text(strip=True) for each in page.select("h3")] == ["1. in line · group of 2"]
    # Nobody comes before the first.
    assert page.select(f"a[href*='/line/{first.id}']") == []
    assert "Nombre" not in page.get_text()


def test_the_service_lead_sees_who_needs_what(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference
) -> None:
    in_need(session, conference, "Nombre Reservado Necesita")
    make_registration(session, conference, badge_name="Nombre Reservado Otro")
    page = enter(Role.SERVICE_LEAD).get(NEEDS)
    assert ("Necesita" in page.text, "Otro" in page.text) == (True, False)
    assert "A way without steps" in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("days", "known"), [(7, True), (8, False)])
def test_a_week_after_the_last_day_nobody_sees_it_any_more(
    enter: Callable[..., CheckedClient], session: Session, conference: Conference, days: int, known: bool
) -> None:
    in_need(session, conference, "Nombre Reservado Necesita")
    conference.time_zone = "UTC"
    # Its last day is the day after its first.
    conference.first_day = datetime.now(UTC).date() - timedelta(days=days + 1)
    assert ("Necesita" in enter(Role.SERVICE_LEAD).get(NEEDS).text) is known
    organizers = enter(Role.ORGANIZER).get(COUNTS).text
    assert ("Access needs" in organizers) is known


def test_nobody_else_gets_anything(
    new_client: Callable[[], CheckedClient],
    enter: Callable[..., CheckedClient],
    session: Session,
    conference: Conference,
) -> None:
    in_need(session, conference, "Nombre Reservado Necesita")
    wait(session, conference, 6)
    attendee = make_account(session)
    make_registration(session, conference, account_id=attendee.id)
    attends, leads = new_client(), new_client()
    sign_in(attends, attendee)
    club = make_organization(session, conference)
    sign_in(leads, grant(session, conference, Role.ORGANIZATION_LEAD, organization=club))
    unproved = enter(Role.ORGANIZER, assured_at=None)
    clients = [new_client(), attends, leads, unproved, enter(Role.OFFICIAL), enter(Role.DOOR_VOLUNTEER)]
    for client in clients:
        for address in (COUNTS, LINE, NEEDS):
            answer = client.get(address)
            assert answer.status_code in {303, 403}
            assert not any(word in answer.text for word in ("Necesita", "group of", "not shown"))
    # Organizers prepare nothing: needs by name are not theirs. Nor are counts the service lead's.
    assert enter(Role.ORGANIZER).get(NEEDS).status_code == 403
    assert enter(Role.SERVICE_LEAD).get(COUNTS).status_code == 403
