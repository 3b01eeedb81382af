"""Who goes out of a sitting, and who was only noted as gone: by seat, and in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference.domain.audit import AuditKind
from conference.domain.checkin import TAKEN_BACK_WITHIN
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict, NotFound
from conference.models import Credential, Presence, ProgramSession, Seat
from conference.services.audit import actor_of, record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def mark_left(
    session: Session, *, conference_id: int, door: str, seat_id: int, by: int | None, now: datetime
) -> None:
    """Note that the delegate of a seat has left a sitting: the seat no longer counts for its quorum.

    It is in the log, by seat: whoever is at a door takes nobody out of a quorum unseen.

    Raises NotFound("door_not_found") and Conflict("seat_not_present").
    """
    sitting_id = _sitting(session, conference_id, door, seat_id)
    present = session.scalars(
        select(Presence)
        .where(Presence.session_id == sitting_id, Presence.seat_id == seat_id, Presence.left_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if present is None:
        raise Conflict("seat_not_present")
    present.left_at = now
    session.flush()
    _log(session, AuditKind.LEFT_SITTING, conference_id, seat_id, by=by, now=now)


def take_leaving_back(
    session: Session, *, conference_id: int, door: str, seat_id: int, by: int | None, now: datetime
) -> None:
    """Put back who was noted as gone by mistake: only just now, and while nobody else sits in the seat.

    It is in the log, as the leaving is: nobody is put into a quorum unseen either.

    Raises NotFound("door_not_found") and Conflict("leaving_not_taken_back").
    """
    sitting_id = _sitting(session, conference_id, door, seat_id)
    last = session.scalars(
        select(Presence)
        .join(Credential, Credential.id == Presence.credential_id)
        .where(
            Presence.session_id == sitting_id,
            Presence.seat_id == seat_id,
            Presence.left_at > now - TAKEN_BACK_WITHIN,
            Credential.status == CredentialStatus.ACCEPTED,
        )
        .order_by(Presence.id.desc())
        .limit(1)
        # The credential, too: whoever ends it at this moment waits, and finds who is back; or is seen.
        .with_for_update(of=(Presence, Credential), key_share=True)
    ).one_or_none()
    if last is None:
        raise Conflict("leaving_not_taken_back")
    # The unique index decides: somebody of the seat may be coming in at this moment.
    try:
        with session.begin_nested():
            last.left_at = None
    except IntegrityError:
        raise Conflict("leaving_not_taken_back") from None
    _log(session, AuditKind.LEAVING_TAKEN_BACK, conference_id, seat_id, by=by, now=now)


def _sitting(session: Session, conference_id: int, door: str, seat_id: int) -> int:
    """Return the sitting behind a door at which a seat of the conference can be present."""
    found = session.scalar(
        select(ProgramSession.id)
        .join(Seat, Seat.conference_id == ProgramSession.conference_id)
        .where(
            ProgramSession.conference_id == conference_id,
            ProgramSession.key == door,
            ProgramSession.sitting.is_(True),
            ProgramSession.cancelled.is_(False),
            Seat.id == seat_id,
        )
    )
    if found is None:
        raise NotFound("door_not_found")
    return found


def _log(
    session: Session, kind: AuditKind, conference_id: int, seat_id: int, *, by: int | None, now: datetime
) -> None:
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    event = {"kind": kind.value, "seat": f"seat-{seat_id}"}
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
