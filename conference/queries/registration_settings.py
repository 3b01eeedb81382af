"""What organizers have decided about registering, as the pages show it that change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.places import Setting
from conference.domain.registration import Category
from conference.models import (
    Conference,
    OfferedService,
    Places,
    RegistrationAnswer,
    RegistrationQuestion,
    ServiceBooking,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from conference.domain.registration import ServiceKind


@dataclass(frozen=True, slots=True)
class PlacesView:
    """What holds for everybody, and for each category: also for those about which nothing was decided."""

    capacity: int | None
    offer_hours: int
    registration_open: bool
    proxy_cap: int
    categories: Mapping[Category, Setting]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question that is asked of everybody; `answered` tells whether anybody has answered, not how many."""

    id: int
    label: Mapping[str, str]
    several: bool
    choices: tuple[tuple[str, Mapping[str, str]], ...]
    answered: bool


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service that is offered; `booked` tells whether anybody has booked it."""

    id: int
    kind: ServiceKind
    language: str | None
    label: Mapping[str, str]
    capacity: int | None
    booked: bool


def places_decided(session: Session, *, conference_id: int) -> PlacesView:
    """Return what was decided about places. One statement."""
    rows = session.execute(
        select(
            Conference.capacity,
            Conference.offer_hours,
            Conference.registration_open,
            Conference.proxy_cap,
            Places,
        )
        .outerjoin(Places, Places.conference_id == Conference.id)
        .where(Conference.id == conference_id)
        .execution_options(populate_existing=True)
    ).all()
    decided = {row.Places.category: row.Places for row in rows if row.Places is not None}
    return PlacesView(
        capacity=rows[0].capacity,
        offer_hours=rows[0].offer_hours,
        registration_open=rows[0].registration_open,
        proxy_cap=rows[0].proxy_cap,
        categories={category: _places_of(decided.get(category)) for category in Category},
    )


def _places_of(row: Places | None) -> Setting:
    if row is None:
        return Setting()
    return Setting(row.open, row.approval, row.capacity)


def questions_asked(session: Session, *, conference_id: int) -> tuple[QuestionView, ...]:
    """Return the questions in their order. One statement."""
    answered = exists().where(RegistrationAnswer.question_id == RegistrationQuestion.id)
    rows = session.execute(
        select(RegistrationQuestion, answered)
        .where(RegistrationQuestion.conference_id == conference_id)
        .order_by(RegistrationQuestion.position, RegistrationQuestion.id)
    )
    return tuple(
        QuestionView(
            id=row.id,
            label=row.label,
            several=row.several,
            choices=tuple((choice["key"], choice["label"]) for choice in row.choices),
            answered=has_answers,
        )
        for row, has_answers in rows
    )


def services_offered(session: Session, *, conference_id: int) -> tuple[ServiceView, ...]:
    """Return what is offered beside the program, in its order. One statement."""
    booked = exists().where(ServiceBooking.service_id == OfferedService.id)
    rows = session.execute(
        select(OfferedService, booked)
        .where(OfferedService.conference_id == conference_id)
        .order_by(OfferedService.position, OfferedService.id)
    )
    return tuple(
        ServiceView(row.id, row.kind, row.language, row.label, row.capacity, has_bookings)
        for row, has_bookings in rows
    )
