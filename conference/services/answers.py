"""What somebody chose beside their place: needs, answers to the organizers' questions, places at services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from conference.domain.answers import checked_choices, checked_needs, checked_service_places
from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import HOLDING
from conference.models import (
    OfferedService,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    ServiceBooking,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.registration import AccessNeed


def keep_needs(session: Session, registration_id: int, needs: Collection[AccessNeed]) -> None:
    """Have a registration's needs be these, to which it consents. Raises Invalid("need_unknown")."""
    checked = checked_needs(needs)
    session.execute(delete(RegistrationNeed).where(RegistrationNeed.registration_id == registration_id))
    session.add_all(RegistrationNeed(registration_id=registration_id, need=need) for need in checked)
    session.flush()


def needs_of(session: Session, registration_id: int) -> set[AccessNeed]:
    """Return the needs that a registration has said."""
    said = select(RegistrationNeed.need).where(RegistrationNeed.registration_id == registration_id)
    return set(session.scalars(said))


def keep_answers(
    session: Session, registration: Registration, answers: Mapping[int, Collection[str]]
) -> None:
    """Have a registration's answers be these, by the question's id; nobody has to answer anything.

    Raises Invalid("answer_unknown"), also for a question that the conference does not ask.
    """
    asked = _held_questions(session, registration.conference_id, answers)
    session.execute(delete(RegistrationAnswer).where(RegistrationAnswer.registration_id == registration.id))
    for question in asked:
        offered = [choice["key"] for choice in question.choices]
        chosen = checked_choices(answers[question.id], offered=offered, several=question.several)
        if chosen:
            session.add(
                RegistrationAnswer(registration_id=registration.id, question_id=question.id, chosen=chosen)
            )
    session.flush()


def _held_questions(
    session: Session, conference_id: int, answers: Mapping[int, Collection[str]]
) -> Sequence[RegistrationQuestion]:
    """Hold what is answered, so that no choice that is made is taken away before the answer is kept.

    Before an answer goes: whoever ends a question holds it, and then lets its answers go.
    """
    if not answers:
        return ()
    asked = session.scalars(
        select(RegistrationQuestion)
        .where(
            RegistrationQuestion.conference_id == conference_id,
            RegistrationQuestion.id.in_(answers),
        )
        .order_by(RegistrationQuestion.id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(asked) != len(answers):
        raise Invalid("answer_unknown")
    return asked


def book_services(session: Session, registration: Registration, bookings: Mapping[int, int]) -> None:
    """Have a registration's places at services be these, by the service's id; never more than there are.

    The services are held, and what is booked by those who hold a place is counted. Whoever is in line keeps
    nothing from them: what they wish for is booked once a place is theirs, see `book_or_drop`. Zero places
    are none.

    Raises Invalid("service_unknown"), Invalid("service_places_wrong") and Conflict("service_full").
    """
    wanted = {service_id: places for service_id, places in bookings.items() if places}
    services = _wanted_services(session, registration, wanted)
    session.execute(delete(ServiceBooking).where(ServiceBooking.registration_id == registration.id))
    registration.service_lost = False
    booked = _booked(session, wanted) if wanted else {}
    for service in services:
        places = checked_service_places(service.kind, wanted[service.id])
        if service.capacity is not None and booked.get(service.id, 0) + places > service.capacity:
            raise Conflict("service_full", service_id=service.id)
        session.add(ServiceBooking(registration_id=registration.id, service_id=service.id, places=places))
    session.flush()


def _wanted_services(
    session: Session, registration: Registration, wanted: Collection[int]
) -> Sequence[OfferedService]:
    """Return what is wanted, held together with what is booked so far."""
    if not wanted:
        return ()
    held = _held_services(
        session,
        OfferedService.conference_id == registration.conference_id,
        OfferedService.id.in_(wanted) | _booked_by(Registration.id == registration.id),
    )
    services = [service for service in held if service.id in wanted]
    if len(services) != len(wanted):
        raise Invalid("service_unknown")
    return services


def book_or_drop(session: Session, party_ids: Sequence[int]) -> None:
    """Book for parties that are just given places what they wished for in line, as far as there is room.

    In the order of the parties, and each booking whole: what does not fit is dropped, and its ticket says so.
    The places and the parties are held by the caller, and with them the services (`hold_booked`).
    """
    rows = session.execute(
        select(ServiceBooking, Registration, OfferedService.capacity)
        .join(Registration, Registration.id == ServiceBooking.registration_id)
        .join(OfferedService, OfferedService.id == ServiceBooking.service_id)
        .where(Registration.party_id.in_(party_ids), Registration.status.in_(HOLDING))
    ).all()
    if not rows:
        return
    booked = _booked(
        session, {row[0].service_id for row in rows}, besides=[registration.id for _, registration, _ in rows]
    )
    turns: dict[int | None, int] = {party_id: turn for turn, party_id in enumerate(party_ids)}
    for booking, registration, capacity in sorted(rows, key=lambda row: (turns[row[1].party_id], row[1].id)):
        together = booked.get(booking.service_id, 0) + booking.places
        if capacity is not None and together > capacity:
            session.delete(booking)
            registration.service_lost = True
        else:
            booked[booking.service_id] = together
    session.flush()


def hold_booked(session: Session, *registrations: ColumnElement[bool]) -> None:
    """Hold the services that the registrations have booked; the caller holds these."""
    _held_services(session, _booked_by(*registrations))


def _held_services(session: Session, *conditions: ColumnElement[bool]) -> Sequence[OfferedService]:
    """Hold services in order of their ids: all that somebody needs at once, and before any booking goes.

    Whoever ends a service holds it, and then lets its bookings go: the other way round each of two would wait
    for the other.
    """
    return session.scalars(
        select(OfferedService)
        .where(*conditions)
        .order_by(OfferedService.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _booked_by(*registrations: ColumnElement[bool]) -> ColumnElement[bool]:
    return OfferedService.id.in_(
        select(ServiceBooking.service_id)
        .join(Registration, Registration.id == ServiceBooking.registration_id)
        .where(*registrations)
    )


def _booked(
    session: Session, service_ids: Collection[int], *, besides: Collection[int] = ()
) -> dict[int, int]:
    """Count the places of services that are booked by those who hold a place, but for some of them."""
    rows = session.execute(
        select(ServiceBooking.service_id, func.sum(ServiceBooking.places))
        .join(Registration, Registration.id == ServiceBooking.registration_id)
        .where(
            ServiceBooking.service_id.in_(service_ids),
            Registration.status.in_(HOLDING),
            Registration.id.not_in(besides),
        )
        .group_by(ServiceBooking.service_id)
    )
    return {service_id: int(places) for service_id, places in rows}
