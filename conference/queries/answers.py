"""How people answered what the organizers ask of everybody. Counts never show fewer than five people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.suppression import suppressed
from conference.models import Registration, RegistrationAnswer, RegistrationQuestion
from conference.queries.attendance import COUNTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many made a choice; `label` None: they answered nothing. `number` None: not shown."""

    label: Mapping[str, str] | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, and how many made each of its choices; `several`: somebody may be counted at many."""

    label: Mapping[str, str]
    several: bool
    choices: tuple[Chosen, ...]


def answers_counted(session: Session, *, conference_id: int) -> tuple[Answered, ...]:
    """Return how everybody who is registered answered, by question, in their order. Three statements.

    Counted are the same people as in the total of the registered, which is shown: of others, as of those who
    have a place, the parts would give away a sum that may be hidden.
    """
    counted = Registration.conference_id == conference_id, Registration.status.in_(COUNTED)
    everybody = session.scalar(select(func.count(Registration.id)).where(*counted)) or 0
    given: dict[int, Counter[str]] = {}
    rows = session.execute(
        select(RegistrationAnswer.question_id, RegistrationAnswer.chosen)
        .join(Registration, Registration.id == RegistrationAnswer.registration_id)
        .where(*counted)
    )
    for question_id, chosen in rows:
        given.setdefault(question_id, Counter()).update(chosen)
    questions = session.scalars(
        select(RegistrationQuestion)
        .where(RegistrationQuestion.conference_id == conference_id)
        .order_by(RegistrationQuestion.position, RegistrationQuestion.id)
    ).all()
    return tuple(
        Answered(each.label, each.several, _breakdown(each, given.get(each.id, Counter()), everybody))
        for each in questions
    )


def _breakdown(
    question: RegistrationQuestion, given: Mapping[str, int], everybody: int
) -> tuple[Chosen, ...]:
    labels: dict[str, Mapping[str, str]] = {one["key"]: one["label"] for one in question.choices}
    if question.several:
        return tuple(
            Chosen(label, _one_of_several(given.get(key, 0), everybody)) for key, label in labels.items()
        )
    return _parts(labels, given, everybody)


def _one_of_several(number: int, everybody: int) -> int | None:
    """Return a count with its complement: whoever did not choose it is known by the total."""
    return suppressed({True: number, False: everybody - number})[True]


def _parts(
    labels: Mapping[str, Mapping[str, str]], given: Mapping[str, int], everybody: int
) -> tuple[Chosen, ...]:
    """Return the parts of everybody, one of them those who answered nothing: one hides another."""
    keys: Sequence[str | None] = [*labels, None]
    counts = {key: given.get(key, 0) for key in labels}
    shown = suppressed({**counts, None: everybody - sum(counts.values())})
    return tuple(Chosen(None if key is None else labels[key], shown[key]) for key in keys)
