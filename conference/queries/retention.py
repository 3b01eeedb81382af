"""Legal holds, and what was forgotten of late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.jobs import JobKind, JobState
from conference.models import Conference, Job, LegalHold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.retention import HoldReason


@dataclass(frozen=True, slots=True)
class HoldView:
    """A legal hold; one that stands has not been lifted. Who began it is in the audit log."""

    slug: str
    reason: HoldReason
    begun_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PurgeView:
    """What one daily purge of the server counted."""

    ended_at: datetime
    report: Mapping[str, int]


_HOLDS = (
    select(Conference.slug, LegalHold.reason, LegalHold.begun_at, LegalHold.lifted_at)
    .join(LegalHold, LegalHold.conference_id == Conference.id)
    .order_by(LegalHold.begun_at.desc(), LegalHold.id.desc())
)


def standing_hold(session: Session, *, conference_id: int) -> HoldView | None:
    """Return the legal hold that keeps a conference as it is; None where things are forgotten in time."""
    stands = _HOLDS.where(LegalHold.conference_id == conference_id, LegalHold.lifted_at.is_(None))
    row = session.execute(stands).one_or_none()
    return None if row is None else HoldView(*row)


def every_hold(session: Session) -> tuple[HoldView, ...]:
    """Return all holds there ever were, of all conferences, the latest first."""
    return tuple(HoldView(*row) for row in session.execute(_HOLDS))


def is_any_held(session: Session) -> bool:
    """Tell whether a hold stands in any conference."""
    return bool(session.scalar(select(exists().where(LegalHold.lifted_at.is_(None)))))


def last_purges(session: Session, *, limit: int = 7) -> tuple[PurgeView, ...]:
    """Return what the latest daily purges counted, the last first; not those that somebody asked for."""
    rows = session.execute(
        select(Job.ended_at, Job.report)
        .where(Job.kind == JobKind.PURGE, Job.cause.is_not(None), Job.state == JobState.DONE)
        .order_by(Job.ended_at.desc(), Job.id.desc())
        .limit(limit)
    )
    return tuple(PurgeView(row.ended_at, row.report) for row in rows)
