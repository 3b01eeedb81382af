"""What somebody chose beside their place: needs, answers to the organizers' questions, places at services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from conference.domain.answers import checked_choices, checked_needs, checked_service_places
from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import OVER
from conference.models import (
    OfferedService,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    ServiceBooking,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

    from conference.domain.registration import AccessNeed


def keep_needs(session: Session, registration_id: int, needs: Collection[AccessNeed]) -> None:
    """Have a registration's needs be these. Raises Invalid("need_unknown")."""
    checked = checked_needs(needs)
    session.execute(delete(RegistrationNeed).where(RegistrationNeed.registration_id == registration_id))
    session.add_all(RegistrationNeed(registration_id=registration_id, need=need) for need in checked)
    session.flush()


def keep_answers(
    session: Session, registration: Registration, answers: Mapping[int, Collection[str]]
) -> None:
    """Have a registration's answers be these, by the question's id; nobody has to answer anything.

    Raises Invalid("answer_unknown"), also for a question that the conference does not ask.
    """
    session.execute(delete(RegistrationAnswer).where(RegistrationAnswer.registration_id == registration.id))
    if not answers:
        return
    # Held, so that no choice that is made here is taken away before the answer is kept.
    asked = session.scalars(
        select(RegistrationQuestion)
        .where(
            RegistrationQuestion.conference_id == registration.conference_id,
            RegistrationQuestion.id.in_(answers),
        )
        .order_by(RegistrationQuestion.id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(asked) != len(answers):
        raise Invalid("answer_unknown")
    for question in asked:
        offered = [choice["key"] for choice in question.choices]
        chosen = checked_choices(answers[question.id], offered=offered, several=question.several)
        if chosen:
            session.add(
                RegistrationAnswer(registration_id=registration.id, question_id=question.id, chosen=chosen)
            )
    session.flush()


def book_services(session: Session, registration: Registration, bookings: Mapping[int, int]) -> None:
    """Have a registration's places at services be these, by the service's id; never more than there are.

    The services are held, and what others have booked is counted: whoever is in line counts as well, since
    nobody should find the childcare full on the day their place is freed. Zero places are none.

    Raises Invalid("service_unknown"), Invalid("service_places_wrong") and Conflict("service_full").
    """
    session.execute(delete(ServiceBooking).where(ServiceBooking.registration_id == registration.id))
    wanted = {service_id: places for service_id, places in bookings.items() if places}
    if not wanted:
        return
    services = session.scalars(
        select(OfferedService)
        .where(OfferedService.conference_id == registration.conference_id, OfferedService.id.in_(wanted))
        .order_by(OfferedService.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(services) != len(wanted):
        raise Invalid("service_unknown")
    booked = _booked(session, wanted)
    for service in services:
        places = checked_service_places(service.kind, wanted[service.id])
        if service.capacity is not None and booked.get(service.id, 0) + places > service.capacity:
            raise Conflict("service_full", service_id=service.id)
        session.add(ServiceBooking(registration_id=registration.id, service_id=service.id, places=places))
    session.flush()


def _booked(session: Session, service_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(ServiceBooking.service_id, func.sum(ServiceBooking.places))
        .join(Registration, Registration.id == ServiceBooking.registration_id)
        .where(ServiceBooking.service_id.in_(service_ids), Registration.status.not_in(OVER))
        .group_by(ServiceBooking.service_id)
    )
    return {service_id: int(places) for service_id, places in rows}
