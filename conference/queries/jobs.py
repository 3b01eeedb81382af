"""Long work as its pages show it, and what waits to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, or_, select

from conference.domain.jobs import UNFINISHED, JobKind, JobState
from conference.domain.mail import MessageState
from conference.domain.suppression import suppressed
from conference.models import Conference, Job, Message
from conference.models.jobs import may_be_taken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class JobView:
    """A job; `key` leads to its page, and is known only of one's own.

    Of letters to people neither `done` and `total` nor the report tell how many they were where that would be
    of a few: the first are parts of a hundred then, the number is None.
    """

    key: str | None
    kind: JobKind
    state: JobState
    done: int
    total: int | None
    attempts: int
    asked_at: datetime
    ended_at: datetime | None
    failure: str | None
    report: Mapping[str, Any]
    dry_run: bool
    has_result: bool
    conference_slug: str | None

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def version(self) -> str:
        """What changes whenever something of the job does that its page shows."""
        return f"{self.state}-{self.attempts}-{self.done}-{self.total}-{int(self.has_result)}"


_SHOWN = (
    Job.kind,
    Job.state,
    Job.done,
    Job.total,
    Job.attempts,
    Job.asked_at,
    Job.ended_at,
    Job.failure,
    Job.report,
    Job.parameters,
    Job.result.is_not(None).label("has_result"),
    Conference.slug,
)


def _view(row: Any) -> JobView:
    to_people = row.kind is JobKind.WRITE_TO_PEOPLE
    done, total = (_hundredths(row.done, row.total)) if to_people else (row.done, row.total)
    return JobView(
        key=row.key,
        kind=row.kind,
        state=row.state,
        done=done,
        total=total,
        attempts=row.attempts,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        failure=row.failure,
        report=_written(row.report, row.parameters) if to_people else row.report,
        dry_run=bool(row.parameters.get("dry_run")),
        has_result=row.has_result,
        conference_slug=row.slug,
    )


def _hundredths(done: int, total: int | None) -> tuple[int, int | None]:
    return (100 * done // total, 100) if total else (0, None)


def _written(report: Mapping[str, Any], parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the report of letters, without their number where it is of a few.

    That of one category or side is always kept back: with the number of everybody it tells of the others.
    """
    if "letters" not in report:
        return report
    of_some = "category" in parameters or "side" in parameters
    return {**report, "letters": None if of_some else suppressed({"": report["letters"]})[""]}


def own_job(session: Session, *, key: str, account_id: int) -> JobView | None:
    """Return a job to whoever asked for it; to everybody else there is none."""
    row = session.execute(
        select(Job.key, *_SHOWN)
        .outerjoin(Conference, Conference.id == Job.conference_id)
        .where(Job.key == key, Job.asked_by_id == account_id)
    ).one_or_none()
    return None if row is None else _view(row)


def recent_jobs(
    session: Session, *, conference_id: int, account_id: int, limit: int = 20
) -> tuple[JobView, ...]:
    """Return the latest jobs of a conference and of the whole server, the newest first."""
    own = case((Job.asked_by_id == account_id, Job.key)).label("key")
    rows = session.execute(
        select(own, *_SHOWN)
        .outerjoin(Conference, Conference.id == Job.conference_id)
        .where(or_(Job.conference_id == conference_id, Job.conference_id.is_(None)))
        .order_by(Job.asked_at.desc(), Job.id.desc())
        .limit(limit)
    )
    return tuple(map(_view, rows))


def due_jobs(session: Session, *, now: datetime, limit: int) -> tuple[int, ...]:
    """Return the ids of jobs that somebody should take now, the longest due first."""
    asked = select(Job.id).where(may_be_taken(now)).order_by(Job.due_at, Job.id).limit(limit)
    return tuple(session.scalars(asked))


def due_messages(session: Session, *, now: datetime, limit: int) -> tuple[int, ...]:
    """Return the ids of messages that somebody should send now, the longest due first."""
    due = select(Message.id).where(Message.state == MessageState.QUEUED, Message.due_at <= now)
    return tuple(session.scalars(due.order_by(Message.due_at, Message.id).limit(limit)))
