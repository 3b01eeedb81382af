"""What organizers decide about registering: places, questions, services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from agreements.ledger import read_entry
from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.places import Setting
from conference.domain.registration import Category, ServiceKind
from conference.models import (
    AuditEntry,
    OfferedService,
    Places,
    RegistrationAnswer,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.queries.registration_settings import places_decided, questions_asked, services_offered
from conference.services.offered_services import add_service, change_service, raise_service, remove_service
from conference.services.registration_questions import (
    Choice,
    add_question,
    change_question,
    raise_question,
    remove_question,
)
from conference.services.registration_settings import decide_places
from tests.factories import NOW, grant, make_conference, make_registration

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from conference.models import Conference

LUNCH = {"es": "¿Come el sábado?", "en": "Lunch on Saturday?"}
YES, NO = {"es": "Sí", "en": "Yes"}, {"es": "No", "en": "No"}


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session)


def decide(session: Session, conference: Conference, by: int, **changes: object) -> bool:
    values: dict[str, object] = {"categories": {}, "capacity": None, "offer_hours": 48}
    values |= {"registration_open": True, "proxy_cap": 1} | changes
    return decide_places(session, conference_id=conference.id, by=by, now=NOW, **values)  # type: ignore[arg-type]


def entries(session: Session) -> list[dict[str, object]]:
    found = session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))
    return [dict(read_entry(bytes(entry)).event) for entry in found]


def ask(session: Session, conference: Conference, **changes: object) -> int:
    values: dict[str, object] = {"label": LUNCH, "choices": [YES, NO], "several": False} | changes
    return add_question(session, conference_id=conference.id, **values)  # type: ignore[arg-type]


def answer(session: Session, conference: Conference, question_id: int, *chosen: str) -> None:
    registration = make_registration(session, conference)
    session.add(
        RegistrationAnswer(registration_id=registration.id, question_id=question_id, chosen=list(chosen))
    )
    session.flush()


def test_only_what_changed_is_decided_and_logged(session: Session, conference: Conference) -> None:
    by = grant(session, conference, Role.ORGANIZER).id
    everything = {category: Setting() for category in Category}
    assert decide(session, conference, by, categories=everything) is False
    press = everything | {Category.PRESS: Setting(open=True, approval=True, capacity=5)}
    assert decide(session, conference, by, categories=press, capacity=300, offer_hours=24) is True
    assert decide(session, conference, by, categories=press, capacity=300, offer_hours=24) is False
    decided = places_decided(session, conference_id=conference.id)
    assert (decided.capacity, decided.offer_hours, dict(decided.categories)) == (300, 24, press)
    assert session.scalar(select(func.count()).select_from(Places)) == 1
    logged = [(entry["kind"], entry["category"], entry["actor"]) for entry in entries(session)]
    assert logged == [("places_set", "everybody", "organizer-1"), ("places_set", "press", "organizer-1")]


def test_registration_is_closed_and_opened_again_and_the_log_says_so(
    session: Session, conference: Conference
) -> None:
    by = grant(session, conference, Role.ORGANIZER).id
    for opened in (True, False, False, True):
        decide(session, conference, by, registration_open=opened)
        assert places_decided(session, conference_id=conference.id).registration_open is opened
    decide(session, conference, by, proxy_cap=3)
    assert places_decided(session, conference_id=conference.id).proxy_cap == 3
    logged = [(entry["kind"], entry.get("count")) for entry in entries(session)]
    assert logged == [("registration_closed", None), ("registration_opened", None), ("proxy_cap_set", 3)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"capacity": -1}, "capacity_wrong"),
        ({"offer_hours": 0}, "offer_hours_too_few"),
        ({"proxy_cap": -1}, "proxy_cap_wrong"),
        ({"proxy_cap": 10}, "proxy_cap_wrong"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    session: Session, conference: Conference, changes: dict[str, object], code: str
) -> None:
    by = grant(session, conference, Role.ORGANIZER).id
    with pytest.raises(Invalid, match=code):
        decide(session, conference, by, **changes)


def test_places_of_one_conference_are_nobody_elses(session: Session, conference: Conference) -> None:
    other = make_conference(session)
    decide(session, conference, grant(session, conference, Role.ORGANIZER).id, capacity=7)
    assert places_decided(session, conference_id=other.id).capacity is None


def test_a_question_gets_keys_of_its_own(session: Session, conference: Conference) -> None:
    first, second = ask(session, conference), ask(session, conference)
    rows = session.scalars(select(RegistrationQuestion).order_by(RegistrationQuestion.id)).all()
    assert [(row.id, row.key, row.position) for row in rows] == [
        (first, "come-el-sabado", 1),
        (second, "come-el-sabado-2", 2),
    ]
    assert rows[0].choices == [{"key": "si", "label": YES}, {"key": "no", "label": NO}]


def test_words_that_leave_no_letter_get_a_number(session: Session, conference: Conference) -> None:
    ask(session, conference, label={"es": "ʼ?", "en": "ʼ?"}, choices=[{"es": "?", "en": "?"}] * 2)
    row = session.scalars(select(RegistrationQuestion)).one()
    assert (row.key, [choice["key"] for choice in row.choices]) == ("2", ["2", "3"])


def test_one_choice_asks_nothing(session: Session, conference: Conference) -> None:
    with pytest.raises(Invalid, match="question_needs_choices"):
        ask(session, conference, choices=[YES])
    question_id = ask(session, conference)
    with pytest.raises(Invalid, match="question_needs_choices"):
        change(session, conference, question_id, [Choice("si", YES)])


def change(session: Session, conference: Conference, question_id: int, choices: list[Choice]) -> None:
    change_question(
        session,
        conference_id=conference.id,
        question_id=question_id,
        label=LUNCH,
        choices=choices,
        several=False,
    )


def test_an_answer_keeps_its_meaning_when_choices_change(session: Session, conference: Conference) -> None:
    question_id = ask(session, conference)
    answer(session, conference, question_id, "no")
    rather_not = {"es": "Mejor no", "en": "Rather not"}
    change(
        session, conference, question_id, [Choice("", {"es": "Sí", "en": "Maybe"}), Choice("no", rather_not)]
    )
    row = session.get_one(RegistrationQuestion, question_id)
    # A new choice never gets the key of one that was there: nobody's answer says something else now.
    assert row.choices == [
        {"key": "si-2", "label": {"es": "Sí", "en": "Maybe"}},
        {"key": "no", "label": rather_not},
    ]
    with pytest.raises(Conflict, match="choice_made"):
        change(session, conference, question_id, [Choice("si-2", YES), Choice("", NO)])


def test_a_key_counts_once_and_only_for_its_own_question(session: Session, conference: Conference) -> None:
    question_id = ask(session, conference)
    change(session, conference, question_id, [Choice("si", YES), Choice("si", NO), Choice("forged", NO)])
    keys = [choice["key"] for choice in session.get_one(RegistrationQuestion, question_id).choices]
    assert keys == ["si", "no-2", "no-3"]


def test_several_answers_are_not_made_one(session: Session, conference: Conference) -> None:
    question_id = ask(session, conference, several=True)
    answer(session, conference, question_id, "si")
    answer(session, conference, question_id, "si", "no")
    with pytest.raises(Conflict, match="several_answered"):
        change(session, conference, question_id, [Choice("si", YES), Choice("no", NO)])


def test_a_question_is_removed_with_its_answers_only_where_that_was_said(
    session: Session, conference: Conference
) -> None:
    unanswered, answered, kept = (ask(session, conference) for _number in range(3))
    answer(session, conference, answered, "si")
    answer(session, conference, kept, "si")
    act = {"by": grant(session, conference, Role.ORGANIZER).id, "now": NOW}
    remove_question(session, conference_id=conference.id, question_id=unanswered, **act)
    with pytest.raises(Conflict, match="question_answered"):
        remove_question(session, conference_id=conference.id, question_id=answered, **act)
    # Nothing that anybody told was taken away yet.
    assert entries(session) == []
    assert [question.answered for question in questions_asked(session, conference_id=conference.id)] == [
        True,
        True,
    ]
    remove_question(session, conference_id=conference.id, question_id=answered, forget_answers=True, **act)
    assert [question.id for question in questions_asked(session, conference_id=conference.id)] == [kept]
    assert session.scalars(select(RegistrationAnswer.question_id)).all() == [kept]
    assert entries(session) == [
        {"actor": "organizer-1", "at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "kind": "answers_forgotten"}
    ]


def test_questions_and_services_change_their_order(session: Session, conference: Conference) -> None:
    questions = [ask(session, conference) for _number in range(3)]
    raise_question(session, conference_id=conference.id, question_id=questions[2])
    raise_question(session, conference_id=conference.id, question_id=questions[0])
    raise_question(session, conference_id=conference.id, question_id=questions[0])
    asked = [question.id for question in questions_asked(session, conference_id=conference.id)]
    assert asked == [questions[0], questions[2], questions[1]]
    services = [offer(session, conference) for _number in range(2)]
    raise_service(session, conference_id=conference.id, service_id=services[1])
    offered = [service.id for service in services_offered(session, conference_id=conference.id)]
    assert offered == [services[1], services[0]]


def offer(session: Session, conference: Conference, **changes: object) -> int:
    values: dict[str, object] = {
        "kind": ServiceKind.TRANSPORT,
        "language": None,
        "label": {"es": "Camión", "en": "Bus"},
        "capacity": 40,
    }
    return add_service(session, conference_id=conference.id, **values | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "language"), [(ServiceKind.INTERPRETATION, None), (ServiceKind.CHILDCARE, "zap")]
)
def test_interpretation_and_nothing_else_has_a_language(
    session: Session, conference: Conference, kind: ServiceKind, language: str | None
) -> None:
    with pytest.raises(Invalid, match="language_of_interpretation"):
        offer(session, conference, kind=kind, language=language)


def test_a_service_changes_its_words_and_its_room(session: Session, conference: Conference) -> None:
    service_id = offer(session, conference, kind=ServiceKind.INTERPRETATION, language="zap")
    label = {"es": "Zapoteco", "en": "Zapotec"}
    change_service(session, conference_id=conference.id, service_id=service_id, label=label, capacity=None)
    (service,) = services_offered(session, conference_id=conference.id)
    assert (service.kind, service.language, service.label) == (ServiceKind.INTERPRETATION, "zap", label)
    assert (service.capacity, service.booked) == (None, False)
    with pytest.raises(Invalid, match="capacity_wrong"):
        change_service(session, conference_id=conference.id, service_id=service_id, label=label, capacity=-1)


def test_a_service_is_removed_with_what_was_booked_only_where_that_was_said(
    session: Session, conference: Conference
) -> None:
    service_id = offer(session, conference)
    registration = make_registration(session, conference)
    session.add(ServiceBooking(registration_id=registration.id, service_id=service_id, places=2))
    session.flush()
    act = {"by": grant(session, conference, Role.ORGANIZER).id, "now": NOW}
    with pytest.raises(Conflict, match="service_booked"):
        remove_service(session, conference_id=conference.id, service_id=service_id, **act)
    remove_service(session, conference_id=conference.id, service_id=service_id, forget_bookings=True, **act)
    assert entries(session) == [
        {"actor": "organizer-1", "at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "kind": "bookings_forgotten"}
    ]
    assert session.scalar(select(func.count()).select_from(OfferedService)) == 0
    assert session.scalar(select(func.count()).select_from(ServiceBooking)) == 0


def test_what_belongs_to_another_conference_is_not_there(session: Session, conference: Conference) -> None:
    other = make_conference(session)
    question_id, service_id = ask(session, other), offer(session, other)
    with pytest.raises(NotFound, match="question_gone"):
        change(session, conference, question_id, [Choice("si", YES), Choice("no", NO)])
    with pytest.raises(NotFound, match="question_gone"):
        remove_question(session, conference_id=conference.id, question_id=question_id, by=0, now=NOW)
    with pytest.raises(NotFound, match="question_gone"):
        raise_question(session, conference_id=conference.id, question_id=question_id)
    with pytest.raises(NotFound, match="service_gone"):
        remove_service(session, conference_id=conference.id, service_id=service_id, by=0, now=NOW)
    with pytest.raises(NotFound, match="conference_not_found"):
        ask(session, conference=type("Gone", (), {"id": 0}))  # type: ignore[arg-type]


def test_the_pages_ask_the_database_as_often_for_many(
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counted, conference_id = [], conference.id
    for number in (1, 2, 27):
        for _each in range(number):
            offer(session, conference)
            answer(session, conference, ask(session, conference), "si")
        session.expire_all()
        with count_queries() as queries:
            places_decided(session, conference_id=conference_id)
            questions_asked(session, conference_id=conference_id)
            services_offered(session, conference_id=conference_id)
        counted.append(len(queries))
    assert counted == [3, 3, 3]
