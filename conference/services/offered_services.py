"""What is offered beside the program: childcare, interpretation, transport, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.domain.audit import AuditKind
from conference.domain.errors import Invalid
from conference.domain.places import checked_capacity
from conference.domain.registration import ServiceKind
from conference.models import OfferedService, ServiceBooking
from conference.services.ordered_rows import (
    free_key,
    held_conference,
    last_position,
    own_row,
    raise_row,
    remove_row,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session


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
    held_conference(session, conference_id)
    if (kind is ServiceKind.INTERPRETATION) != (language is not None):
        raise Invalid("language_of_interpretation")
    checked_capacity(capacity)
    service = OfferedService(
        conference_id=conference_id,
        key=free_key(session, OfferedService, conference_id, label),
        position=last_position(session, OfferedService, conference_id) + 1,
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
    service = own_row(session, OfferedService, conference_id, service_id, "service_gone")
    checked_capacity(capacity)
    service.label, service.capacity = dict(label), capacity
    session.flush()


def remove_service(
    session: Session,
    *,
    conference_id: int,
    service_id: int,
    by: int,
    now: datetime,
    forget_bookings: bool = False,
) -> None:
    """Offer a service no more. Where people have booked it, only with `forget_bookings`; it is in the log.

    Raises NotFound("service_gone") and Conflict("service_booked").
    """
    service = own_row(session, OfferedService, conference_id, service_id, "service_gone")
    remove_row(
        session,
        service,
        told=ServiceBooking.service_id,
        forget=forget_bookings,
        refusal="service_booked",
        noted=AuditKind.BOOKINGS_FORGOTTEN,
        by=by,
        now=now,
    )


def raise_service(session: Session, *, conference_id: int, service_id: int) -> None:
    """Name a service before the one above it. Raises NotFound("service_gone")."""
    raise_row(session, OfferedService, conference_id, service_id, "service_gone")
