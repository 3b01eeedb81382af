"""Long work: the row is the truth; the queue carries its id only."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.jobs import LEASE, UNFINISHED, JobKind, JobState
from conference.extensions import Model
from conference.models.columns import Json, Moment, one_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Job(Model):
    """A piece of long work that somebody asked for, or that is due; its files are forgotten after a day."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_due_at", "state", "due_at"),
        CheckConstraint("total IS NULL OR done <= total", name="done_of_total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Names the job in its address: random, since what it made may be fetched there.
    key: Mapped[str] = mapped_column(String(43), unique=True)
    # At most one job of a cause, as with messages: "purge-2026-07-11".
    cause: Mapped[str | None] = mapped_column(String(80), unique=True)
    kind: Mapped[JobKind] = mapped_column(one_of(JobKind))
    conference_id: Mapped[int | None] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[JobState] = mapped_column(one_of(JobState))
    # Small values, none of them about a person.
    parameters: Mapped[dict[str, Any]] = mapped_column(Json)
    upload: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None] = mapped_column()
    attempts: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    # Not before this moment; while somebody works on it, the end of the lease.
    due_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    # Why it failed, as a code and the data of its words; or what it did, as counts.
    failure: Mapped[str | None] = mapped_column(String(60))
    report: Mapped[dict[str, Any]] = mapped_column(Json)
    result: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    result_name: Mapped[str | None] = mapped_column(String(120))


def may_be_taken(now: datetime) -> ColumnElement[bool]:
    """Tell of a job whether it is unfinished and due, so that nobody works on it.

    Nobody waits longer than a lease: a later moment was written by a clock that has been put back since.
    """
    due = or_(Job.due_at <= now, Job.due_at > now + LEASE)
    return and_(Job.state.in_(UNFINISHED), due)


def has_files() -> ColumnElement[bool]:
    """Tell of a job whether it still holds what was sent in for it, or what it made."""
    return or_(Job.result.is_not(None), Job.upload.is_not(None))
