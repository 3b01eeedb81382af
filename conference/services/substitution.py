"""The alternate in the delegate's place, and the delegate back in it: recorded at the desk, for a sitting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference.domain.audit import AuditKind
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import RegistrationStatus
from conference.models import Credential, Presence, ProgramSession, Registration
from conference.services.audit import actor_of, record
from conference.services.electorate import seat_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.credentials import Capacity


def substitute(
    session: Session,
    *,
    conference_id: int,
    sitting_id: int,
    organization_id: int,
    capacity: Capacity,
    by: int | None,
    now: datetime,
) -> None:
    """Seat an organization's delegate or alternate in a sitting; whoever sat there for it has left.

    A question that is open keeps who sat there when it opened, so whoever takes the place votes from the
    next one on. Only a person whom the committee accepted takes a place.

    Raises NotFound("sitting_not_found", "seat_not_found"), and Conflict: "nobody_accepted" (of that
    capacity), "sits_already", and "conflict" where somebody was seated at this very moment.
    """
    _require_sitting(session, conference_id, sitting_id)
    seat_id = seat_of(session, conference_id=conference_id, organization_id=organization_id)
    credential_id = _accepted(session, seat_id, capacity)
    if credential_id is None:
        raise Conflict("nobody_accepted")
    seated = _seated(session, sitting_id, seat_id)
    if seated is not None and seated.credential_id == credential_id:
        raise Conflict("sits_already")
    if seated is not None:
        seated.left_at = now
        session.flush()
    _seat_person(session, sitting_id, seat_id, credential_id, now)
    log_substitution(session, conference_id=conference_id, seat_id=seat_id, capacity=capacity, by=by, now=now)


def log_substitution(
    session: Session, *, conference_id: int, seat_id: int, capacity: Capacity, by: int | None, now: datetime
) -> None:
    """Write into the log which of a seat's two people sits from now on: by seat, never by name."""
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    event = {
        "kind": AuditKind.SUBSTITUTED.value,
        "seat": f"seat-{seat_id}",
        "sits": f"{capacity.value}-{seat_id}",
    }
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)


def _require_sitting(session: Session, conference_id: int, sitting_id: int) -> None:
    found = session.scalar(
        select(ProgramSession.id).where(
            ProgramSession.id == sitting_id,
            ProgramSession.conference_id == conference_id,
            ProgramSession.sitting,
            ProgramSession.cancelled.is_(False),
        )
    )
    if found is None:
        raise NotFound("sitting_not_found")


def _accepted(session: Session, seat_id: int, capacity: Capacity) -> int | None:
    return session.scalar(
        select(Credential.id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(
            Credential.seat_id == seat_id,
            Credential.capacity == capacity,
            Credential.status == CredentialStatus.ACCEPTED,
            Registration.status == RegistrationStatus.CONFIRMED,
        )
        # Whoever ends it at this moment waits, and finds who sits there; or is seen.
        .with_for_update(read=True, of=Credential)
    )


def _seated(session: Session, sitting_id: int, seat_id: int) -> Presence | None:
    return session.scalars(
        select(Presence)
        .where(Presence.session_id == sitting_id, Presence.seat_id == seat_id, Presence.left_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _seat_person(session: Session, sitting_id: int, seat_id: int, credential_id: int, now: datetime) -> None:
    arriving = Presence(session_id=sitting_id, seat_id=seat_id, credential_id=credential_id, arrived_at=now)
    try:
        with session.begin_nested():
            session.add(arriving)
    except IntegrityError:
        raise Conflict("conflict") from None
