"""Places: who gets one, who joins the line, what organizers decide, and how many there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.places import Setting
from conference.domain.registration import (
    AccessNeed,
    Category,
    PhotoPreference,
    Purpose,
    RefusalReason,
    RegistrationStatus,
    ServiceKind,
)
from conference.models import (
    AuditEntry,
    Conference,
    Message,
    OfferedService,
    Party,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.queries.places import Free, House, free_places, house_places, position
from conference.queries.registration import services, ticket
from conference.services.accounts import Words
from conference.services.parties import offer_freed
from conference.services.registration import IssuedTicket, cancel_registration, register
from conference.services.registration_settings import decide_places
from conference.services.tickets import change_ticket
from tests.factories import FAR_AHEAD, NOW, make_conference, make_organization, make_registration
from tests.places import set_capacity, set_places

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from conference.services.place_letters import OfferLetter

KEY = b"tickets" * 5
GUEST, PRESS = Category.ATTENDEE, Category.PRESS
CONFIRMED, PENDING, WAITING, OFFERED, CANCELLED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.PENDING,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.CANCELLED,
)
_nonces = count(1)


def enrol(
    session: Session, conference: Conference, category: Category = GUEST, **values: Any
) -> IssuedTicket:
    """Register somebody with as little as possible."""
    least = {
        "badge_name": "Nombre Reservado",
        "category": category,
        "language": "es",
        "consents": {Purpose.ATTEND},
        "nonce": f"{next(_nonces):032x}",
        "key": KEY,
        "now": NOW,
    }
    return register(session, conference_id=conference.id, **least | values)


def limit(session: Session, conference: Conference, category: Category = GUEST, **values: Any) -> None:
    """Decide about a category."""
    least = {"open": True, "approval": False, "capacity": None, "by": None, "now": NOW}
    set_places(session, conference_id=conference.id, category=category, **least | values)


def statuses(session: Session) -> list[RegistrationStatus]:
    session.expire_all()
    return list(session.scalars(select(Registration.status).order_by(Registration.id)))


def test_who_comes_when_all_places_are_taken_joins_the_line_with_a_ticket(session: Session) -> None:
    conference = make_conference(session)
    limit(session, conference, capacity=1)
    first, second, third = (enrol(session, conference) for _each in range(3))
    assert [ticket.status for ticket in (first, second, third)] == [CONFIRMED, WAITING, WAITING]
    assert len({first.token, second.token, third.token}) == 3
    line = session.scalars(select(Party).order_by(Party.id)).all()
    assert [(party.size, party.waiting_since, party.offered_until) for party in line] == [(1, NOW, None)] * 2
    assert [position(session, party_id=party.id) for party in line] == [1, 2]
    assert session.get_one(Registration, first.registration_id).party_id is None


def test_a_number_for_everybody_counts_every_category(session: Session) -> None:
    conference = make_conference(session, capacity=2)
    came = [enrol(session, conference, category).status for category in (GUEST, PRESS, GUEST, PRESS)]
    assert came == [CONFIRMED, CONFIRMED, WAITING, WAITING]


def test_another_conference_is_counted_by_itself(session: Session) -> None:
    conference, other = make_conference(session, capacity=1), make_conference(session, capacity=1)
    assert [enrol(session, each).status for each in (other, conference)] == [CONFIRMED, CONFIRMED]


def test_who_has_cancelled_takes_up_no_place_and_who_is_pending_or_offered_one_does(session: Session) -> None:
    conference = make_conference(session)
    limit(session, conference, capacity=3)
    party = Party(conference_id=conference.id, category=GUEST, size=1, waiting_since=NOW, offered_until=NOW)
    session.add(party)
    session.flush()
    make_registration(session, conference, status=CANCELLED, cancelled_at=NOW)
    make_registration(
        session,
        conference,
        status=RegistrationStatus.REJECTED,
        refusal=RefusalReason.TWICE,
        cancelled_at=NOW,
    )
    make_registration(session, conference, status=PENDING)
    make_registration(session, conference, status=OFFERED, party_id=party.id)
    assert [enrol(session, conference).status for _each in range(2)] == [CONFIRMED, WAITING]


def test_while_somebody_is_in_line_a_newcomer_of_the_category_stands_behind_them(session: Session) -> None:
    conference = make_conference(session)
    for category in (GUEST, PRESS):
        limit(session, conference, category, capacity=5)
    party = Party(conference_id=conference.id, category=GUEST, size=1, waiting_since=NOW)
    session.add(party)
    session.flush()
    make_registration(session, conference, status=WAITING, party_id=party.id)
    assert [enrol(session, conference, category).status for category in (PRESS, GUEST)] == [
        CONFIRMED,
        WAITING,
    ]


def test_places_of_the_house_that_are_gathered_for_a_group_go_to_nobody_of_another_line(
    session: Session,
) -> None:
    conference = make_conference(session, capacity=3)
    party = Party(conference_id=conference.id, category=GUEST, size=2, waiting_since=NOW)
    session.add(party)
    enrol(session, conference)
    enrol(session, conference)
    for _each in range(2):
        make_registration(session, conference, status=WAITING, party_id=party.id)
    assert [enrol(session, conference, PRESS).status] == [WAITING]
    limit(session, conference, capacity=2)
    # Now it is its own category that keeps the group waiting, and the house's place is for whoever is next.
    assert statuses(session) == [CONFIRMED, CONFIRMED, WAITING, WAITING, OFFERED]


def test_a_category_that_is_closed_refuses_and_one_with_approval_keeps_the_place_until_it(
    session: Session,
) -> None:
    conference = make_conference(session)
    limit(session, conference, open=False)
    limit(session, conference, PRESS, approval=True, capacity=1)
    with pytest.raises(Conflict) as refusal:
        enrol(session, conference)
    assert refusal.value.code == "category_closed"
    assert [enrol(session, conference, PRESS).status for _each in range(2)] == [PENDING, WAITING]


def test_whoever_stands_before_the_desk_is_asked_nothing_and_takes_no_place_that_is_not_there(
    session: Session,
) -> None:
    conference = make_conference(session, registration_open=False)
    limit(session, conference, open=False, approval=True, capacity=1)
    with pytest.raises(Conflict) as refusal:
        enrol(session, conference)
    assert refusal.value.code == "registration_closed"
    assert [enrol(session, conference, walk_in=True).status for _each in range(2)] == [CONFIRMED, WAITING]


@pytest.mark.parametrize("walk_in", [False, True], ids=["from home", "at the desk"])
def test_on_the_last_day_people_still_register_and_once_it_is_over_nobody_does(
    session: Session, *, walk_in: bool
) -> None:
    conference = make_conference(session, registration_open=not walk_in)
    last_minute = datetime(2026, 7, 12, 23, 59, tzinfo=ZoneInfo(conference.time_zone)).astimezone(UTC)
    assert enrol(session, conference, walk_in=walk_in, now=last_minute).status is CONFIRMED
    with pytest.raises(Conflict) as refusal:
        enrol(session, conference, walk_in=walk_in, now=last_minute + timedelta(minutes=1))
    assert refusal.value.code == "conference_over"
    assert statuses(session) == [CONFIRMED]


@pytest.mark.parametrize(
    ("setting", "key"),
    [({}, "ticket"), ({"approval": True}, "pending"), ({"capacity": 0}, "waiting")],
)
def test_the_letter_is_the_one_about_where_the_place_stands(
    session: Session, setting: dict[str, Any], key: str
) -> None:
    conference = make_conference(session)
    limit(session, conference, **setting)
    letters = {
        "letter": Words("es", "Su boleto", "ticket"),
        "pending_letter": Words("es", "Su registro", "pending"),
        "waiting_letter": Words("es", "Su registro", "waiting"),
    }
    issued = enrol(session, conference, contact_email="secreta@example.org", **letters)
    (message,) = session.scalars(select(Message))
    assert (message.key, message.body) == (f"{key}-{issued.registration_id}", key)
    cancel_registration(session, token=issued.token, now=NOW)
    session.expire_all()
    assert (message.recipient, message.body) == ("", "")


# -- what organizers decide ------------------------------------------------------------------------


def test_lowering_a_number_cancels_nobody_and_raising_it_offers_the_rest_to_the_line(
    session: Session,
) -> None:
    conference = make_conference(session, first_day=FAR_AHEAD)
    limit(session, conference, capacity=2)
    for _each in range(4):
        enrol(session, conference)
    limit(session, conference, capacity=1)
    assert statuses(session) == [CONFIRMED, CONFIRMED, WAITING, WAITING]
    limit(session, conference, capacity=3)
    assert statuses(session) == [CONFIRMED, CONFIRMED, OFFERED, WAITING]
    limit(session, conference, capacity=None)
    assert statuses(session) == [CONFIRMED, CONFIRMED, OFFERED, OFFERED]
    untils = set(session.scalars(select(Party.offered_until)))
    assert untils == {NOW + timedelta(hours=conference.offer_hours)}


def test_a_larger_house_offers_to_the_line_and_keeps_the_number_in_the_log(session: Session) -> None:
    conference = make_conference(session, capacity=1)
    for _each in range(3):
        enrol(session, conference)
    set_capacity(session, conference_id=conference.id, capacity=2, by=None, now=NOW)
    assert statuses(session) == [CONFIRMED, OFFERED, WAITING]
    limit(session, conference, PRESS, open=False, capacity=7)
    entries = session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index)).all()
    logged = [bytes(entry).decode() for entry in entries]
    assert '"capacity":2' in logged[0]
    assert '"category":"everybody"' in logged[0]
    assert ['"kind":"places_set"' in entry for entry in logged] == [True, True]
    assert ['"category":"press"' in entry for entry in logged] == [False, True]


def test_numbers_that_cannot_be_are_refused(session: Session) -> None:
    conference = make_conference(session)
    for act in (
        lambda: limit(session, conference, capacity=-1),
        lambda: set_capacity(session, conference_id=conference.id, capacity=-1, by=None, now=NOW),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.code == "capacity_wrong"


def test_decided_together_a_larger_house_offers_no_more_than_the_smaller_category_has(
    session: Session,
) -> None:
    conference = make_conference(session, capacity=1)
    for _each in range(4):
        enrol(session, conference)
    decided = {"categories": {GUEST: Setting(capacity=2)}, "capacity": 9, "offer_hours": 48}
    everybody = {"registration_open": True, "proxy_cap": 1}

    decide_places(session, conference_id=conference.id, by=None, now=NOW, **decided, **everybody)

    assert statuses(session) == [CONFIRMED, OFFERED, WAITING, WAITING]


def test_once_the_last_day_is_over_nothing_is_offered_any_more(session: Session) -> None:
    conference = make_conference(session, capacity=1)
    first = enrol(session, conference)
    enrol(session, conference)
    over = NOW + timedelta(days=3)
    cancel_registration(session, token=first.token, now=over)
    assert statuses(session) == [CANCELLED, WAITING]


# -- what is counted -------------------------------------------------------------------------------


def test_free_places_are_counted_by_category_with_the_line_and_of_this_conference_only(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    conference, other = make_conference(session, capacity=9), make_conference(session)
    limit(session, conference, capacity=2, approval=True)
    limit(session, conference, PRESS, open=False)
    for _each in range(3):
        enrol(session, conference)
    enrol(session, conference, Category.VOLUNTEER)
    enrol(session, other)
    session.flush()
    with count_queries() as queries:
        found = free_places(session, conference_id=conference.id)
    assert len(queries) == 2
    assert tuple(found) == tuple(Category)
    assert found[GUEST] == Free(open=True, approval=True, capacity=2, held=2, in_line=1)
    assert found[PRESS] == Free(open=False, approval=False, capacity=None, held=0, in_line=0)
    assert found[Category.VOLUNTEER] == Free(open=True, approval=False, capacity=None, held=1, in_line=0)
    assert [found[each].left for each in (GUEST, PRESS)] == [0, None]
    assert [found[each].has_line for each in (GUEST, PRESS)] == [True, False]
    house = house_places(session, conference_id=conference.id)
    assert (house, house.left) == (House(capacity=9, held=3, in_line=1), 6)
    with pytest.raises(NotFound):
        house_places(session, conference_id=other.id + 1)


# -- what was chosen besides -----------------------------------------------------------------------


def test_phone_needs_and_answers_are_kept_as_codes(session: Session) -> None:
    conference = make_conference(session)
    question = RegistrationQuestion(
        conference_id=conference.id,
        key="comida",
        position=1,
        label={"es": "Comida"},
        choices=[{"key": "maiz", "label": {"es": "Maíz"}}, {"key": "frijol", "label": {"es": "Frijol"}}],
    )
    session.add(question)
    session.flush()
    issued = enrol(
        session,
        conference,
        contact_phone="+52 951 123 4567",
        needs=[AccessNeed.STEP_FREE],
        consents={Purpose.ATTEND, Purpose.NEEDS},
        answers={question.id: ["maiz"]},
    )
    row = session.get_one(Registration, issued.registration_id)
    assert (row.contact_phone, row.contact_email) == ("+529511234567", None)
    assert [each.need for each in session.scalars(select(RegistrationNeed))] == [AccessNeed.STEP_FREE]
    (answer,) = session.scalars(select(RegistrationAnswer))
    assert (answer.question_id, answer.chosen) == (question.id, ["maiz"])
    cancel_registration(session, token=issued.token, now=NOW)
    for forgotten in (RegistrationNeed, RegistrationAnswer):
        assert session.scalars(select(forgotten)).all() == []
    assert session.get_one(Registration, issued.registration_id, populate_existing=True).contact_phone is None


def test_a_question_or_service_of_another_conference_is_none_of_this_one(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    question = RegistrationQuestion(
        conference_id=other.id, key="x", position=1, label={}, choices=[{"key": "a", "label": {}}]
    )
    service = OfferedService(
        conference_id=other.id, key="t", position=1, kind=ServiceKind.TRANSPORT, label={}, capacity=9
    )
    session.add_all([question, service])
    session.flush()
    for values, code in (
        ({"answers": {question.id: ["a"]}}, "answer_unknown"),
        ({"bookings": {service.id: 1}}, "service_unknown"),
    ):
        with pytest.raises(Invalid) as refusal:
            enrol(session, conference, **values)
        assert refusal.value.code == code


def test_a_service_has_no_more_places_than_it_has(session: Session) -> None:
    conference = make_conference(session)
    service = OfferedService(
        conference_id=conference.id, key="c", position=1, kind=ServiceKind.CHILDCARE, label={}, capacity=3
    )
    session.add(service)
    session.flush()
    first = enrol(session, conference, bookings={service.id: 2})
    with pytest.raises(Conflict) as refusal:
        enrol(session, conference, bookings={service.id: 2})
    assert (refusal.value.code, refusal.value.data) == ("service_full", {"service_id": service.id})
    enrol(session, conference, bookings={service.id: 1})
    cancel_registration(session, token=first.token, now=NOW)
    enrol(session, conference, bookings={service.id: 2})
    enrol(session, conference, bookings={service.id: 0})
    assert sorted(session.scalars(select(ServiceBooking.places))) == [1, 2]


def childcare(session: Session, conference: Conference, capacity: int) -> OfferedService:
    service = OfferedService(
        conference_id=conference.id,
        key="c",
        position=1,
        kind=ServiceKind.CHILDCARE,
        label={},
        capacity=capacity,
    )
    session.add(service)
    session.flush()
    return service


def test_who_is_in_line_takes_no_service_from_those_who_come(session: Session) -> None:
    conference = make_conference(session)
    service = childcare(session, conference, 3)
    limit(session, conference, capacity=1)
    first = enrol(session, conference)
    waits = enrol(session, conference, bookings={service.id: 2})
    comes = enrol(session, conference, PRESS, bookings={service.id: 3})
    assert [one.full for one in services(session, conference_id=conference.id)] == [True]
    session.commit()
    with pytest.raises(Conflict) as refusal:
        enrol(session, conference, bookings={service.id: 1})
    assert refusal.value.code == "service_full"
    session.rollback()
    cancel_registration(session, token=first.token, now=NOW)
    assert statuses(session) == [CANCELLED, OFFERED, CONFIRMED]
    booked = session.execute(select(ServiceBooking.registration_id, ServiceBooking.places)).all()
    assert booked == [(comes.registration_id, 3)]
    told = [ticket(session, token=each.token, reader=None).service_lost for each in (waits, comes)]
    assert told == [True, False]
    cancel_registration(session, token=comes.token, now=NOW)
    change_ticket(
        session,
        token=waits.token,
        badge_name=None,
        photo_preference=PhotoPreference.NO,
        spoken=(),
        needs=(),
        forget_needs=False,
        consents=(),
        language="es",
        now=NOW,
        answers={},
        bookings={service.id: 2},
    )
    assert ticket(session, token=waits.token, reader=None).service_lost is False
    assert session.scalars(select(ServiceBooking.places)).all() == [2]


def test_of_two_who_are_offered_places_together_the_first_in_line_keeps_what_they_booked(
    session: Session,
) -> None:
    conference = make_conference(session)
    service = childcare(session, conference, 3)
    limit(session, conference, capacity=0)
    line = [enrol(session, conference, bookings={service.id: places}) for places in (2, 2, 1)]
    limit(session, conference, capacity=3)
    assert statuses(session) == [OFFERED] * 3
    booked = session.execute(select(ServiceBooking.registration_id, ServiceBooking.places)).all()
    assert sorted(booked) == [(line[0].registration_id, 2), (line[2].registration_id, 1)]
    asked: list[OfferLetter] = []
    offer_freed(session, conference_id=conference.id, letter=asked.append, now=NOW)
    assert asked == []
    session.execute(update(Registration).values(contact_email="secreta@example.org"))
    offer_freed(session, conference_id=conference.id, letter=asked.append, now=NOW)
    assert [one.service_lost for one in asked] == [False, True, False]


def test_an_organization_that_takes_no_part_is_refused_before_anything_is_kept(session: Session) -> None:
    conference = make_conference(session)
    elsewhere = make_organization(session, make_conference(session))
    with pytest.raises(Invalid) as refusal:
        enrol(session, conference, organization_id=elsewhere.id)
    assert refusal.value.code == "organization_not_taking_part"
    assert session.scalars(select(Registration)).all() == []
