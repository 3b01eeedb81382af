"""What people are asked when they register: questions with choices, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Invalid
from conference.models import RegistrationAnswer, RegistrationQuestion
from conference.services.ordered_rows import (
    free_key,
    free_key_of,
    held_conference,
    last_position,
    own_row,
    raise_row,
    remove_row,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a question; without a key it is a new one."""

    key: str
    label: Mapping[str, str]


def add_question(
    session: Session,
    *,
    conference_id: int,
    label: Mapping[str, str],
    choices: Sequence[Mapping[str, str]],
    several: bool,
) -> int:
    """Ask something more of everybody, at the end; return the question's id. At least two choices.

    Raises Invalid("question_needs_choices").
    """
    held_conference(session, conference_id)
    _check_choices(len(choices))
    question = RegistrationQuestion(
        conference_id=conference_id,
        key=free_key(session, RegistrationQuestion, conference_id, label),
        position=last_position(session, RegistrationQuestion, conference_id) + 1,
        label=dict(label),
        several=several,
        choices=_kept([], [Choice("", words) for words in choices]),
    )
    session.add(question)
    session.flush()
    return question.id


def change_question(
    session: Session,
    *,
    conference_id: int,
    question_id: int,
    label: Mapping[str, str],
    choices: Sequence[Choice],
    several: bool,
) -> None:
    """Word a question or its choices anew, add choices, or drop those that nobody made.

    What people answered keeps its meaning: a choice that was made stays, and of several answers none is lost.
    Raises NotFound("question_gone"), Invalid("question_needs_choices"), Conflict: "choice_made",
    "several_answered".
    """
    question = own_row(session, RegistrationQuestion, conference_id, question_id, "question_gone")
    _check_choices(len(choices))
    answers = session.scalars(
        select(RegistrationAnswer.chosen).where(RegistrationAnswer.question_id == question_id)
    ).all()
    kept = _kept(question.choices, choices)
    if not {key for chosen in answers for key in chosen} <= {choice["key"] for choice in kept}:
        raise Conflict("choice_made")
    if not several and any(len(chosen) > 1 for chosen in answers):
        raise Conflict("several_answered")
    question.label, question.choices, question.several = dict(label), kept, several
    session.flush()


def _check_choices(number: int) -> None:
    if number < 2:  # noqa: PLR2004 - one choice asks nothing
        raise Invalid("question_needs_choices")


def _kept(before: Sequence[Mapping[str, object]], choices: Sequence[Choice]) -> list[dict[str, object]]:
    """Return the choices as they are stored; one that is new, or of another question, gets a new key."""
    known = {str(choice["key"]) for choice in before}
    taken = set(known)
    kept: list[dict[str, object]] = []
    for choice in choices:
        key = choice.key if choice.key in known else free_key_of(choice.label, taken)
        known.discard(key)
        taken.add(key)
        kept.append({"key": key, "label": dict(choice.label)})
    return kept


def remove_question(
    session: Session,
    *,
    conference_id: int,
    question_id: int,
    by: int,
    now: datetime,
    forget_answers: bool = False,
) -> None:
    """Ask a question no more. Where people have answered, only with `forget_answers`: they are then gone.

    That what people told was taken away is an entry in the log, without what it was.
    Raises NotFound("question_gone") and Conflict("question_answered").
    """
    question = own_row(session, RegistrationQuestion, conference_id, question_id, "question_gone")
    remove_row(
        session,
        question,
        told=RegistrationAnswer.question_id,
        forget=forget_answers,
        refusal="question_answered",
        noted=AuditKind.ANSWERS_FORGOTTEN,
        by=by,
        now=now,
    )


def raise_question(session: Session, *, conference_id: int, question_id: int) -> None:
    """Ask a question before the one above it. Raises NotFound("question_gone")."""
    raise_row(session, RegistrationQuestion, conference_id, question_id, "question_gone")
