"""Legal holds: while one stands nothing of its conference is forgotten on schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, NotFound
from conference.models import Conference, LegalHold
from conference.services.audit import actor_of, record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.retention import HoldReason


def begin_hold(
    session: Session, *, conference_id: int, reason: HoldReason, by: int | None, now: datetime
) -> None:
    """Have nothing of a conference forgotten on schedule from now on, and say so in its log.

    A purge that is at work ends first: what it has forgotten is forgotten. `by` is an organizer, or None for
    whoever acts on the server. Raises NotFound("conference_not_found") and Conflict("hold_stands").
    """
    held = select(Conference.id).where(Conference.id == conference_id).with_for_update()
    if session.scalar(held) is None:
        raise NotFound("conference_not_found")
    try:
        with session.begin_nested():
            session.add(LegalHold(conference_id=conference_id, reason=reason, begun_at=now, begun_by_id=by))
    except IntegrityError as error:
        raise Conflict("hold_stands") from error
    event: dict[str, object] = {"kind": AuditKind.HOLD_BEGUN.value, "reason": reason.value}
    _note(session, conference_id, by, now, event)


def lift_hold(session: Session, *, conference_id: int, by: int | None, now: datetime) -> None:
    """Let things be forgotten in time again: the next purge forgets what is due by then, and the log says so.

    Raises Conflict("no_hold_stands").
    """
    hold = session.scalars(
        select(LegalHold)
        .where(LegalHold.conference_id == conference_id, LegalHold.lifted_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if hold is None:
        raise Conflict("no_hold_stands")
    # A clock that was put back since must not keep a hold standing.
    hold.lifted_at, hold.lifted_by_id = max(now, hold.begun_at), by
    session.flush()
    event: dict[str, object] = {"kind": AuditKind.HOLD_LIFTED.value, "reason": hold.reason.value}
    _note(session, conference_id, by, now, event)


def _note(
    session: Session, conference_id: int, by: int | None, now: datetime, event: dict[str, object]
) -> None:
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
