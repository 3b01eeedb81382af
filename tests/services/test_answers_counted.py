"""Answers of everybody, as numbers: none of fewer than five people, and none from which one follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conference.domain.registration import RegistrationStatus
from conference.models import Conference, RegistrationAnswer, RegistrationQuestion
from conference.queries.answers import answers_counted
from tests.factories import NOW, make_conference, make_registration

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session


def ask(session: Session, conference: Conference, *keys: str, several: bool = False) -> RegistrationQuestion:
    question = RegistrationQuestion(
        conference_id=conference.id,
        key=f"pregunta-{'-'.join(keys)}",
        position=1,
        label={"es": "Pregunta"},
        several=several,
        choices=[{"key": key, "label": {"es": key}} for key in keys],
    )
    session.add(question)
    session.flush()
    return question


def answer(
    session: Session, question: RegistrationQuestion, times: int, *chosen: str, **values: object
) -> None:
    """So many people who choose that; without a choice they answer nothing."""
    conference = session.get_one(Conference, question.conference_id)
    for _each in range(times):
        row = make_registration(session, conference, **values)
        if chosen:
            session.add(
                RegistrationAnswer(registration_id=row.id, question_id=question.id, chosen=list(chosen))
            )
    session.flush()


def counted(session: Session, conference: Conference) -> list[dict[str | None, int | None]]:
    return [
        {None if one.label is None else one.label["es"]: one.number for one in each.choices}
        for each in answers_counted(session, conference_id=conference.id)
    ]


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((6, 7, 8), (6, 7, 8)),
        # The one of too few could be taken from the total: the smallest of the others is hidden with it.
        ((4, 7, 8), (None, None, 8)),
        ((8, 9, 0), (None, 9, None)),
        ((0, 9, 9), (None, None, None)),
        ((1, 1, 1), (None, None, None)),
    ],
)
def test_of_parts_none_is_shown_from_which_a_small_one_follows(
    session: Session, numbers: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    conference = make_conference(session)
    question = ask(session, conference, "maiz", "frijol")
    answer(session, question, numbers[0], "maiz")
    answer(session, question, numbers[1], "frijol")
    answer(session, question, numbers[2])
    assert counted(session, conference) == [dict(zip(("maiz", "frijol", None), shown, strict=True))]


def test_of_several_answers_each_is_hidden_with_its_complement(session: Session) -> None:
    conference = make_conference(session)
    question = ask(session, conference, "maiz", "frijol", "chile", "nada", several=True)
    answer(session, question, 7, "maiz", "frijol")
    answer(session, question, 5, "frijol")
    answer(session, question, 4, "frijol", "chile")
    answer(session, question, 2)
    # 16 of 18 chose beans: two did not. Four chose chile, and nobody nothing.
    assert counted(session, conference) == [{"maiz": 7, "frijol": None, "chile": None, "nada": None}]


def test_the_same_people_are_counted_as_in_the_total_and_nobody_of_elsewhere(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    question = ask(session, conference, "maiz", "frijol")
    for chosen in (["maiz"], ["frijol"], []):
        answer(session, question, 5, *chosen)
        answer(session, question, 1, *chosen, status=RegistrationStatus.PENDING)
        answer(session, question, 9, *chosen, status=RegistrationStatus.CANCELLED, cancelled_at=NOW)
    for _each in range(6):
        make_registration(session, other)
    assert counted(session, conference) == [{"maiz": 6, "frijol": 6, None: 6}]
    assert answers_counted(session, conference_id=other.id) == ()


def test_the_number_of_statements_does_not_grow(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    conference = make_conference(session)
    counts = []
    for number in (1, 2, 20):
        answer(session, ask(session, conference, f"maiz{number}", "frijol"), number, "frijol")
        with count_queries() as queries:
            answers_counted(session, conference_id=conference.id)
        counts.append(len(queries))
    assert counts == [3, 3, 3]
