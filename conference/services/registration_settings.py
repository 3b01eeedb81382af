"""What organizers decide about registering: places per category, questions, and services that are offered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import delete, exists, func, select

from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.places import Setting, checked_capacity
from conference.domain.proxies import MOST_PROXIES
from conference.domain.registration import ServiceKind
from conference.domain.slugs import slug_of
from conference.models import (
    Conference,
    OfferedService,
    Places,
    RegistrationAnswer,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.services.audit import actor_of, record
from conference.services.places import set_capacity, set_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category

Row = TypeVar("Row", RegistrationQuestion, OfferedService)
# Leaves room for a number after it.
MOST_OF_KEY = 70


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a question; without a key it is a new one."""

    key: str
    label: Mapping[str, str]


# -- places ----------------------------------------------------------------------------------------


def decide_places(
    session: Session,
    *,
    conference_id: int,
    categories: Mapping[Category, Setting],
    capacity: int | None,
    offer_hours: int,
    registration_open: bool,
    proxy_cap: int,
    by: int,
    now: datetime,
) -> bool:
    """Decide about everybody together and about each category; tell whether anything changed.

    Only what changed is decided anew, and is an entry in the log. Raises NotFound("conference_not_found")
    and Invalid: "capacity_wrong", "offer_hours_too_few", "proxy_cap_wrong".
    """
    conference = _conference(session, conference_id)
    if offer_hours < 1:
        raise Invalid("offer_hours_too_few")
    if not 0 <= proxy_cap <= MOST_PROXIES:
        raise Invalid("proxy_cap_wrong", most=MOST_PROXIES)
    before = conference.capacity, conference.offer_hours, conference.registration_open, conference.proxy_cap
    conference.offer_hours = offer_hours
    conference.registration_open, conference.proxy_cap = registration_open, proxy_cap
    session.flush()
    if capacity != conference.capacity:
        set_capacity(session, conference_id=conference_id, capacity=capacity, by=by, now=now)
    changed = _differing(session, conference_id, categories)
    for category, setting in changed.items():
        set_places(
            session,
            conference_id=conference_id,
            category=category,
            open=setting.open,
            approval=setting.approval,
            capacity=setting.capacity,
            by=by,
            now=now,
        )
    # The log is held until the end, and places and line are waited for: it comes after them.
    _note_switches(session, conference, before[2:], by=by, now=now)
    return bool(changed) or before != (capacity, offer_hours, registration_open, proxy_cap)


def _note_switches(
    session: Session, conference: Conference, before: tuple[bool, int], *, by: int, now: datetime
) -> None:
    events: list[dict[str, object]] = []
    if conference.registration_open is not before[0]:
        opened = (
            AuditKind.REGISTRATION_OPENED if conference.registration_open else AuditKind.REGISTRATION_CLOSED
        )
        events.append({"kind": opened.value})
    if conference.proxy_cap != before[1]:
        events.append({"kind": AuditKind.PROXY_CAP_SET.value, "count": conference.proxy_cap})
    for event in events:
        actor = actor_of(session, conference_id=conference.id, account_id=by)
        record(session, conference_id=conference.id, actor=actor, event=event, at=now)


def _conference(session: Session, conference_id: int) -> Conference:
    """Return the conference, held: whoever decides about the same waits."""
    found = session.scalars(
        select(Conference)
        .where(Conference.id == conference_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("conference_not_found")
    return found


def _differing(
    session: Session, conference_id: int, categories: Mapping[Category, Setting]
) -> dict[Category, Setting]:
    rows = session.scalars(select(Places).where(Places.conference_id == conference_id))
    standing = {row.category: Setting(row.open, row.approval, row.capacity) for row in rows}
    return {
        category: setting
        for category, setting in categories.items()
        if setting != standing.get(category, Setting())
    }


# -- questions -------------------------------------------------------------------------------------


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
    _conference(session, conference_id)
    _check_choices(len(choices))
    question = RegistrationQuestion(
        conference_id=conference_id,
        key=_free_key(session, RegistrationQuestion, conference_id, label),
        position=_last(session, RegistrationQuestion, conference_id) + 1,
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
    question = _own(session, RegistrationQuestion, conference_id, question_id, "question_gone")
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
        key = choice.key if choice.key in known else _free(_first(choice.label), taken)
        known.discard(key)
        taken.add(key)
        kept.append({"key": key, "label": dict(choice.label)})
    return kept


def _first(label: Mapping[str, str]) -> str:
    return next((text for text in label.values() if text), "")


def _free(text: str, taken: set[str]) -> str:
    """Return the text as a slug that is not taken; a number comes after it where it is, or is empty."""
    base = slug_of(text, maximum=MOST_OF_KEY)
    tried = (f"{base}-{number}".strip("-") for number in count(2))
    return base if base and base not in taken else next(slug for slug in tried if slug not in taken)


def remove_question(
    session: Session, *, conference_id: int, question_id: int, forget_answers: bool = False
) -> None:
    """Ask a question no more. Where people have answered, only with `forget_answers`: they are then gone.

    Raises NotFound("question_gone") and Conflict("question_answered").
    """
    question = _own(session, RegistrationQuestion, conference_id, question_id, "question_gone")
    answered = exists().where(RegistrationAnswer.question_id == question_id)
    if not forget_answers and session.scalar(select(answered)):
        raise Conflict("question_answered")
    session.execute(delete(RegistrationAnswer).where(RegistrationAnswer.question_id == question_id))
    session.delete(question)
    session.flush()


def raise_question(session: Session, *, conference_id: int, question_id: int) -> None:
    """Ask a question before the one above it. Raises NotFound("question_gone")."""
    _raise(session, RegistrationQuestion, conference_id, question_id, "question_gone")


# -- services --------------------------------------------------------------------------------------


def add_service(
    session: Session,
    *,
    conference_id: int,
    kind: ServiceKind,
    language: str | None,
    label: Mapping[str, str],
    capacity: int | None,
) -> int:
    """Offer something beside the program; return its id. Interpretation, and nothing else, has a language.

    Raises Invalid: "language_of_interpretation", "capacity_wrong".
    """
    _conference(session, conference_id)
    if (kind is ServiceKind.INTERPRETATION) != (language is not None):
        raise Invalid("language_of_interpretation")
    checked_capacity(capacity)
    service = OfferedService(
        conference_id=conference_id,
        key=_free_key(session, OfferedService, conference_id, label),
        position=_last(session, OfferedService, conference_id) + 1,
        kind=kind,
        language=language,
        label=dict(label),
        capacity=capacity,
    )
    session.add(service)
    session.flush()
    return service.id


def change_service(
    session: Session, *, conference_id: int, service_id: int, label: Mapping[str, str], capacity: int | None
) -> None:
    """Word a service anew, or change for how many there is room. What kind it is stays as people booked it.

    Whoever has a place at it keeps it. Raises NotFound("service_gone") and Invalid("capacity_wrong").
    """
    service = _own(session, OfferedService, conference_id, service_id, "service_gone")
    checked_capacity(capacity)
    service.label, service.capacity = dict(label), capacity
    session.flush()


def remove_service(
    session: Session, *, conference_id: int, service_id: int, forget_bookings: bool = False
) -> None:
    """Offer a service no more. Where people have booked it, only with `forget_bookings`.

    Raises NotFound("service_gone") and Conflict("service_booked").
    """
    service = _own(session, OfferedService, conference_id, service_id, "service_gone")
    booked = exists().where(ServiceBooking.service_id == service_id)
    if not forget_bookings and session.scalar(select(booked)):
        raise Conflict("service_booked")
    session.execute(delete(ServiceBooking).where(ServiceBooking.service_id == service_id))
    session.delete(service)
    session.flush()


def raise_service(session: Session, *, conference_id: int, service_id: int) -> None:
    """Name a service before the one above it. Raises NotFound("service_gone")."""
    _raise(session, OfferedService, conference_id, service_id, "service_gone")


# -- both ------------------------------------------------------------------------------------------


def _own(session: Session, model: type[Row], conference_id: int, row_id: int, code: str) -> Row:
    """Return a row of this conference, held, so that nobody answers or books it meanwhile."""
    found = session.scalars(
        select(model)
        .where(model.id == row_id, model.conference_id == conference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound(code)
    return found


def _last(session: Session, model: type[RegistrationQuestion | OfferedService], conference_id: int) -> int:
    last = select(func.max(model.position)).where(model.conference_id == conference_id)
    return session.scalar(last) or 0


def _free_key(
    session: Session,
    model: type[RegistrationQuestion | OfferedService],
    conference_id: int,
    label: Mapping[str, str],
) -> str:
    taken = session.scalars(select(model.key).where(model.conference_id == conference_id))
    return _free(_first(label), set(taken))


def _raise(session: Session, model: type[Row], conference_id: int, row_id: int, code: str) -> None:
    _conference(session, conference_id)
    row = _own(session, model, conference_id, row_id, code)
    above = session.scalars(
        select(model)
        .where(model.conference_id == conference_id, model.position < row.position)
        .order_by(model.position.desc())
        .limit(1)
    ).one_or_none()
    if above is not None:
        row.position, above.position = above.position, row.position
        session.flush()
