"""The organizers' pages about places, questions and services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.places import Setting
from conference.domain.registration import Category, ServiceKind
from conference.models import (
    OfferedService,
    RegistrationAnswer,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.queries.registration_settings import places_decided
from tests.factories import grant, make_conference, make_registration, sign_in
from tests.forms import HTMX, form_of, send, submit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Conference
    from tests.clients import CheckedClient

PLACES = "/en/muestra/places"
QUESTION = {
    "label_es": "¿Come el sábado?",
    "label_en": "Lunch on Saturday?",
    "choice_es_1": "Sí",
    "choice_en_1": "Yes",
    "choice_es_3": "No",
    "choice_en_3": "No",
}
BUS = {"kind": "transport", "label_es": "Camión", "label_en": "Bus", "capacity": "40"}


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


@pytest.fixture
def organizer(client: CheckedClient, session: Session, conference: Conference) -> CheckedClient:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return client


@pytest.mark.parametrize("headers", [None, HTMX])
def test_what_is_decided_is_shown_when_the_page_is_opened_again(
    organizer: CheckedClient, session: Session, conference: Conference, headers: dict[str, str] | None
) -> None:
    values = {"capacity": "300", "offer_hours": "24", "press_approval": "y", "press_capacity": "5"}
    answer = submit(organizer, PLACES, to=PLACES, headers=headers, **values)
    assert (answer.headers.get("HX-Redirect") or answer.location) == PLACES
    session.rollback()
    decided = places_decided(session, conference_id=conference.id)
    assert (decided.capacity, decided.offer_hours) == (300, 24)
    assert decided.categories[Category.PRESS] == Setting(open=True, approval=True, capacity=5)
    assert decided.categories[Category.ATTENDEE] == Setting()
    page = BeautifulSoup(organizer.get(PLACES).text, "html5lib")
    assert page.select_one("#press_capacity")["value"] == "5"  # type: ignore[index]
    assert page.select_one("#press_approval").has_attr("checked")  # type: ignore[union-attr]
    log = organizer.get("/en/muestra/audit").text
    assert ("everybody together" in log, "how many may come: Press" in log) == (True, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("capacity", "-1"), ("press_capacity", "muchos"), ("offer_hours", ""), ("offer_hours", "0")],
)
def test_what_is_no_number_of_places_comes_back_as_it_was_typed(
    organizer: CheckedClient, session: Session, conference: Conference, field: str, value: str
) -> None:
    answer = submit(organizer, PLACES, to=PLACES, **{"capacity": "7"} | {field: value})
    typed = BeautifulSoup(answer.text, "html5lib").select_one(f"#{field}")
    assert (answer.status_code, typed["value"]) == (422, value)  # type: ignore[index]
    assert places_decided(session, conference_id=conference.id).capacity is None


def corrections(answer: TestResponse) -> list[str]:
    """Return what the links of the summary name, without what is wrong with it."""
    return [link.text for link in BeautifulSoup(answer.text, "html5lib").select("#errors a strong")]


def test_the_summary_says_of_which_category_and_of_which_choice(organizer: CheckedClient) -> None:
    wrong = {"capacity": "-1", "press_capacity": "muchos", "volunteer_capacity": "-2"}
    places = submit(organizer, PLACES, to=PLACES, **wrong)
    assert corrections(places) == ["Places for everybody together", "Press · Places", "Volunteer · Places"]
    question = add_question(organizer, choice_es_1="", label_en="")
    assert corrections(question) == ["Question in English", "Choice 1 · In Spanish"]


def add_question(organizer: CheckedClient, **changes: str) -> TestResponse:
    return submit(organizer, f"{PLACES}/questions/new", **QUESTION | changes)


def test_a_question_is_asked_changed_and_removed(organizer: CheckedClient, session: Session) -> None:
    assert add_question(organizer, several="y").status_code == 303
    row = session.scalars(select(RegistrationQuestion)).one()
    assert (row.several, [choice["key"] for choice in row.choices]) == (True, ["si", "no"])
    address = f"{PLACES}/questions/{row.id}"
    form = form_of(organizer.get(address), address)
    assert send(organizer, form, choice_en_2="Rather not").status_code == 303
    session.refresh(row)
    assert row.choices[1] == {"key": "no", "label": {"es": "No", "en": "Rather not"}}
    assert submit(organizer, f"{address}/remove", to="/remove").status_code == 303
    session.rollback()
    assert session.scalars(select(RegistrationQuestion)).all() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label_en": ""}, "Write it in Spanish and in English."),
        ({"choice_en_3": ""}, "Write it in Spanish and in English."),
        ({"choice_es_3": "", "choice_en_3": ""}, "Write at least two choices"),
    ],
)
def test_a_question_that_lacks_something_comes_back_filled_in(
    organizer: CheckedClient, session: Session, changes: dict[str, str], words: str
) -> None:
    answer = add_question(organizer, **changes)
    page = BeautifulSoup(answer.text, "html5lib")
    assert (answer.status_code, words in answer.text) == (422, True)
    assert page.select_one("#choice_es_1")["value"] == "Sí"  # type: ignore[index]
    assert session.scalars(select(RegistrationQuestion)).all() == []


def choices_drawn(answer: TestResponse) -> int:
    return len(BeautifulSoup(answer.text, "html5lib").select("[name^=choice_es_]"))


@pytest.mark.parametrize("headers", [None, HTMX])
def test_more_choices_are_drawn_and_nothing_that_was_typed_is_lost(
    organizer: CheckedClient, session: Session, headers: dict[str, str] | None
) -> None:
    new = f"{PLACES}/questions/new"
    assert choices_drawn(organizer.get(new)) == 4
    # Nothing is refused: what is missing is missing because somebody is still writing.
    answer = submit(
        organizer, new, headers=headers, label_es="¿Come?", choice_es_4="Quizás", several="y", more="1"
    )
    page = BeautifulSoup(answer.text, "html5lib")
    held = {field["name"]: field["value"] for field in page.select("main input[value], form input[value]")}
    assert (answer.status_code, choices_drawn(answer)) == (200, 6)
    assert (held["label_es"], held["choice_es_4"]) == ("¿Come?", "Quizás")
    assert page.select_one("[name=several][checked]") is not None
    assert [field["name"] for field in page.select("[autofocus]")] == ["choice_es_5"]
    assert page.select_one(".field-error") is None
    for drawn in (8, 10):
        answer = send(organizer, form_of(answer), headers=headers, more="1")
        assert choices_drawn(answer) == drawn
    assert 'name="more"' not in answer.text
    typed = {"label_en": "Lunch?", "choice_en_4": "Maybe", "choice_es_10": "No", "choice_en_10": "No"}
    send(organizer, form_of(answer), **typed)
    row = session.scalars(select(RegistrationQuestion)).one()
    assert (row.several, [choice["key"] for choice in row.choices]) == (True, ["quizas", "no"])


def test_what_is_refused_comes_back_with_as_many_choices_as_were_drawn(organizer: CheckedClient) -> None:
    more = submit(organizer, f"{PLACES}/questions/new", more="1")
    refused = send(organizer, form_of(more), label_es="")
    assert (refused.status_code, choices_drawn(refused)) == (422, 6)


def test_a_question_that_is_changed_has_room_for_two_more_choices(
    organizer: CheckedClient, session: Session
) -> None:
    three = {"choice_es_2": "Quizás", "choice_en_2": "Maybe"}
    assert add_question(organizer, **three).status_code == 303
    address = f"{PLACES}/questions/{session.scalars(select(RegistrationQuestion.id)).one()}"
    assert choices_drawn(organizer.get(address)) == 5
    more = submit(organizer, address, to=address, choice_en_1="Yes, please", more="1")
    assert (more.status_code, choices_drawn(more), "Yes, please" in more.text) == (200, 7, True)
    assert send(organizer, form_of(more, address)).status_code == 303
    keys = [choice["key"] for choice in session.scalars(select(RegistrationQuestion)).one().choices]
    assert keys == ["si", "quizas", "no"]


def test_what_people_have_answered_is_forgotten_only_where_the_page_said_so(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    add_question(organizer)
    question_id = session.scalars(select(RegistrationQuestion.id)).one()
    address = f"{PLACES}/questions/{question_id}/remove"
    asked_before = form_of(organizer.get(address), "/remove")
    registration = make_registration(session, conference)
    session.add(RegistrationAnswer(registration_id=registration.id, question_id=question_id, chosen=["si"]))
    assert send(organizer, asked_before).status_code == 409
    page = organizer.get(address)
    assert "What people have answered is forgotten with it" in page.text
    assert send(organizer, form_of(page, "/remove")).status_code == 303
    session.rollback()
    assert session.scalars(select(RegistrationAnswer)).all() == []


def test_a_choice_that_somebody_made_stays(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    add_question(organizer)
    question_id = session.scalars(select(RegistrationQuestion.id)).one()
    registration = make_registration(session, conference)
    session.add(RegistrationAnswer(registration_id=registration.id, question_id=question_id, chosen=["no"]))
    address = f"{PLACES}/questions/{question_id}"
    empty = {"choice_es_2": "", "choice_en_2": ""}
    changed = submit(organizer, address, to=address, **empty, choice_es_3="Quizás", choice_en_3="Maybe")
    assert (changed.status_code, "Somebody has made a choice" in changed.text) == (409, True)


def test_services_are_offered_changed_raised_and_removed(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    new = f"{PLACES}/services/new"
    assert submit(organizer, new, **BUS).status_code == 303
    wanted = BUS | {"kind": "interpretation", "language": "zai", "label_en": "Zapotec"}
    assert submit(organizer, new, **wanted).status_code == 303
    without = submit(organizer, new, **BUS | {"kind": "interpretation"})
    assert (without.status_code, "Interpretation has a language" in without.text) == (422, True)
    bus, zapotec = session.scalars(select(OfferedService).order_by(OfferedService.id)).all()
    assert (zapotec.kind, zapotec.language) == (ServiceKind.INTERPRETATION, "zai")
    assert submit(organizer, PLACES, to=f"/services/{zapotec.id}/up").status_code == 303
    address = f"{PLACES}/services/{bus.id}"
    assert submit(organizer, address, to=address, capacity="").status_code == 303
    registration = make_registration(session, conference)
    session.add(ServiceBooking(registration_id=registration.id, service_id=bus.id, places=1))
    session.refresh(bus)
    assert (bus.capacity, bus.position) == (None, 2)
    assert submit(organizer, f"{address}/remove", to="/remove").status_code == 303
    session.rollback()
    assert session.scalars(select(OfferedService.id)).all() == [zapotec.id]


def test_what_is_not_there_is_not_found(organizer: CheckedClient) -> None:
    for page in ("questions/9", "questions/9/remove", "services/9", "services/9/remove"):
        assert organizer.get(f"{PLACES}/{page}").status_code == 404
