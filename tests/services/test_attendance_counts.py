"""Counts of those who come: none of a few, whoever asks; and who needs what, for one role."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from conference.domain.checkin import ENTRANCE, ScanOutcome
from conference.domain.registration import AccessNeed, Category, RegistrationStatus, ServiceKind
from conference.models import (
    DoorTotal,
    OfferedService,
    Party,
    RegistrationNeed,
    Scan,
    ServiceBooking,
)
from conference.queries.attendance import (
    admitted_by_day,
    admitted_in_all,
    lines,
    needs_counted,
    people_in_need,
    registered,
    services_booked,
    session_totals,
)
from conference.queries.conference import conference_by_slug
from tests.factories import NOW, make_conference, make_organization, make_registration, make_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from conference.models import Conference, Registration
    from conference.queries.conference import ConferenceView

SATURDAY, SUNDAY = date(2026, 7, 11), date(2026, 7, 12)


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


def view(session: Session) -> ConferenceView:
    found = conference_by_slug(session, "muestra")
    assert found is not None
    return found


def people(session: Session, conference: Conference, number: int, **values: object) -> list[Registration]:
    return [make_registration(session, conference, **values) for _each in range(number)]


def admit(session: Session, rows: list[Registration], at: datetime, door: str = ENTRANCE) -> None:
    for row in rows:
        scan = {"outcome": ScanOutcome.ADMITTED, "scanned_at": at, "door": door}
        session.add(Scan(conference_id=row.conference_id, registration_id=row.id, **scan))
    session.flush()


def test_a_few_cannot_be_worked_out_from_what_is_shown(session: Session, conference: Conference) -> None:
    people(session, conference, 20)
    people(session, conference, 7, category=Category.DELEGATE)
    people(session, conference, 2, category=Category.PRESS)
    people(session, conference, 3, status=RegistrationStatus.CANCELLED, cancelled_at=NOW)
    people(session, make_conference(session), 9)
    counted = registered(session, conference_id=conference.id)
    table = counted.table
    assert counted.total == 29
    assert table.rows[Category.ATTENDEE] == 20
    # Two of the press: with the seven delegates beside them they are not told apart.
    assert (table.rows[Category.PRESS], table.rows[Category.DELEGATE]) == (None, None)
    assert {table.cells[Category.PRESS, status] for status in RegistrationStatus if status in STATUSES} == {
        None
    }


STATUSES = {
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.PENDING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.WAITING,
}


def test_few_in_all_are_no_number_either(session: Session, conference: Conference) -> None:
    assert registered(session, conference_id=conference.id).total == 0
    people(session, conference, 4)
    assert registered(session, conference_id=conference.id).total is None


def test_days_are_the_venues(session: Session, conference: Conference) -> None:
    rows = people(session, conference, 22)
    # Eleven in the evening in Salem is tomorrow in UTC.
    admit(session, rows[:12], datetime(2026, 7, 12, 6, 0, tzinfo=UTC))
    admit(session, rows[12:], datetime(2026, 7, 12, 8, 0, tzinfo=UTC))
    assert admitted_by_day(session, conference=view(session)) == {SATURDAY: 12, SUNDAY: 10}
    assert admitted_in_all(session, conference_id=conference.id) == 22


def test_a_day_of_a_few_hides_the_other(session: Session, conference: Conference) -> None:
    rows = people(session, conference, 16)
    admit(session, rows[:12], datetime(2026, 7, 11, 17, tzinfo=UTC))
    admit(session, rows[12:], datetime(2026, 7, 12, 17, tzinfo=UTC))
    assert admitted_by_day(session, conference=view(session)) == {SATURDAY: None, SUNDAY: None}


def test_refusals_and_other_doors_are_nobody_let_in(session: Session, conference: Conference) -> None:
    rows = people(session, conference, 6)
    admit(session, rows, NOW, door="taller")
    session.add(Scan(conference_id=conference.id, door=ENTRANCE, outcome=ScanOutcome.UNKNOWN, scanned_at=NOW))
    session.flush()
    assert admitted_in_all(session, conference_id=conference.id) == 0
    assert admitted_by_day(session, conference=view(session)) == {SATURDAY: 0, SUNDAY: 0}


def test_sessions_show_their_totals_also_when_the_scans_are_forgotten(
    session: Session, conference: Conference
) -> None:
    for key in ("lleno", "pocos", "vacio"):
        make_session(session, conference, key=key, title={"es": key})
    rows = people(session, conference, 7)
    admit(session, rows[:2], NOW, door="lleno")
    admit(session, rows[:4], NOW, door="pocos")
    session.add(DoorTotal(conference_id=conference.id, door="lleno", admitted=28))
    session.flush()
    found = session_totals(session, conference_id=conference.id)
    assert {total.title["es"]: total.admitted for total in found} == {"lleno": 30, "pocos": None}


def wait(session: Session, conference: Conference, size: int, **values: object) -> Party:
    category = values.pop("category", Category.ATTENDEE)
    defaults: dict[str, object] = {"size": size, "waiting_since": NOW, "category": category}
    party = Party(conference_id=conference.id, **defaults | values)
    session.add(party)
    session.flush()
    waiting = {"status": RegistrationStatus.WAITING, "party_id": party.id, "category": category}
    people(session, conference, size, **waiting)
    return party


def test_the_line_is_in_its_order_and_names_nobody(session: Session, conference: Conference) -> None:
    first = wait(session, conference, 6)
    second = wait(session, conference, 1, waiting_since=NOW + timedelta(minutes=1))
    urgent = wait(session, conference, 2, waiting_since=NOW + timedelta(minutes=2), priority=1)
    wait(session, conference, 3, category=Category.PRESS)
    wait(session, make_conference(session), 4)
    attendees, press = lines(session, conference_id=conference.id)
    assert [(party.party_id, party.size) for party in attendees.parties] == [
        (urgent.id, 2),
        (first.id, 6),
        (second.id, 1),
    ]
    assert (attendees.category, attendees.places, press.category, press.places) == (
        Category.ATTENDEE,
        9,
        Category.PRESS,
        3,
    )
    assert "Nombre Reservado" not in repr((attendees, press))


def need(session: Session, row: Registration, *needs: AccessNeed) -> None:
    for each in needs:
        session.add(RegistrationNeed(registration_id=row.id, need=each))
    session.flush()


def test_needs_of_those_who_come_are_named_to_whoever_prepares_them(
    session: Session, conference: Conference
) -> None:
    club = make_organization(session, conference, name="Club San Miguel")
    named, guest = (
        make_registration(session, conference, badge_name="Ana"),
        make_registration(session, conference, badge_name="", organization_id=club.id),
    )
    need(session, named, AccessNeed.CAPTIONS, AccessNeed.STEP_FREE)
    need(session, guest, AccessNeed.STEP_FREE)
    waiting = make_registration(session, conference, status=RegistrationStatus.PENDING)
    need(session, waiting, AccessNeed.QUIET_ROOM)
    need(session, make_registration(session, make_conference(session)), AccessNeed.COMPANION)
    found = people_in_need(session, conference_id=conference.id)
    assert [(each.badge_name, each.organization, each.needs) for each in found] == [
        ("", "Club San Miguel", (AccessNeed.STEP_FREE,)),
        ("Ana", None, (AccessNeed.STEP_FREE, AccessNeed.CAPTIONS)),
    ]


def test_everybody_else_gets_counts_of_needs_and_none_of_a_few(
    session: Session, conference: Conference
) -> None:
    for number, row in enumerate(people(session, conference, 6)):
        need(session, row, AccessNeed.STEP_FREE, *([AccessNeed.CAPTIONS] if number < 4 else []))
    counted = needs_counted(session, conference_id=conference.id)
    assert counted == {AccessNeed.STEP_FREE: 6, AccessNeed.CAPTIONS: None}


def test_booked_places_are_exact_for_whoever_prepares_them_only(
    session: Session, conference: Conference
) -> None:
    label = {"es": "Guardería", "en": "Childcare"}
    service = OfferedService(
        conference_id=conference.id,
        key="nino",
        position=1,
        kind=ServiceKind.CHILDCARE,
        label=label,
        capacity=9,
    )
    session.add(service)
    session.flush()
    comes = make_registration(session, conference)
    waits = make_registration(session, conference, status=RegistrationStatus.PENDING)
    for row in (comes, waits):
        session.add(ServiceBooking(registration_id=row.id, service_id=service.id, places=3))
    session.flush()
    (hidden,) = services_booked(session, conference_id=conference.id)
    (exact,) = services_booked(session, conference_id=conference.id, exact=True)
    assert (hidden.places, exact.places, exact.capacity) == (None, 3, 9)


def test_that_nobody_has_booked_is_said_of_nobody_either(session: Session, conference: Conference) -> None:
    label = {"es": "Guardería", "en": "Childcare"}
    common = {"conference_id": conference.id, "kind": ServiceKind.CHILDCARE, "label": label}
    first, second = (OfferedService(key=key, position=1, capacity=9, **common) for key in ("uno", "dos"))
    session.add_all([first, second])
    session.flush()
    for _ in range(5):
        comes = make_registration(session, conference)
        session.add(ServiceBooking(registration_id=comes.id, service_id=second.id, places=1))
    session.flush()
    assert [one.places for one in services_booked(session, conference_id=conference.id)] == [None, 5]


def test_the_pages_ask_the_database_as_often_for_many(
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counted, conference_id, shown = [], conference.id, view(session)
    for number in (1, 2, 97):
        for _each in range(number):
            row = make_registration(session, conference)
            need(session, row, AccessNeed.STEP_FREE)
            wait(session, conference, 1)
            key = make_session(session, conference).key
            admit(session, [row], NOW, door=key)
        with count_queries() as queries:
            registered(session, conference_id=conference_id)
            admitted_by_day(session, conference=shown)
            session_totals(session, conference_id=conference_id)
            lines(session, conference_id=conference_id)
            needs_counted(session, conference_id=conference_id)
            people_in_need(session, conference_id=conference_id)
            services_booked(session, conference_id=conference_id)
        counted.append(len(queries))
    assert counted == [9, 9, 9]
