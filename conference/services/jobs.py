"""Long work: asked for in one transaction, taken under a lease by a worker, and ended once.

Whoever works holds the job by the number of its attempt. A worker that slept through its lease finds that
number changed, and what it did is not kept: there is one result, however many worked on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from conference.domain.accounts import Role
from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Forbidden, NotFound
from conference.domain.jobs import (
    ATTEMPTS,
    BACK_OFF,
    KEPT,
    LEASE,
    REMEMBERED,
    UNFINISHED,
    JobState,
    daily_purge,
)
from conference.domain.jobs import JobKind as Kind
from conference.models import Job, RoleGrant
from conference.models.jobs import has_files, may_be_taken
from conference.models.retention import is_held
from conference.services.audit import actor_of, record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session


class LeaseLost(Exception):
    """Somebody else works on the job by now, or nobody is to; what was done for it is not kept."""


@dataclass(frozen=True, slots=True)
class Work:
    """A job as whoever does it needs it; `attempt` is by what they hold it."""

    id: int
    kind: Kind
    conference_id: int | None
    asked_by_id: int | None
    parameters: Mapping[str, Any]
    upload: bytes | None
    attempt: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job did, as counts and short facts; and the file that it made, if it made one."""

    report: Mapping[str, Any]
    result: bytes | None = None
    result_name: str | None = None


# -- asking ----------------------------------------------------------------------------------------


def ask_for(
    session: Session,
    *,
    kind: Kind,
    conference_id: int | None,
    asked_by: int | None,
    key: str,
    parameters: Mapping[str, Any],
    now: datetime,
    upload: bytes | None = None,
    cause: str | None = None,
) -> int:
    """Write a job into the transaction that asks for it; return its id. Of one cause there is one job."""
    row = Job(
        key=key,
        cause=cause,
        kind=kind,
        conference_id=conference_id,
        asked_by_id=asked_by,
        state=JobState.QUEUED,
        parameters=dict(parameters),
        upload=upload,
        asked_at=now,
        due_at=now,
        report={},
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        standing = session.scalar(select(Job.id).where(Job.cause == cause)) if cause else None
        if standing is None:
            raise
        return standing
    return row.id


def ask_for_daily_purge(session: Session, *, key: str, local: datetime) -> int | None:
    """Ask for today's purge if its hour has come by the server's clock and nobody has; return its id."""
    cause = daily_purge(local)
    if cause is None or session.scalar(select(Job.id).where(Job.cause == cause)) is not None:
        return None
    return ask_for(
        session,
        kind=Kind.PURGE,
        conference_id=None,
        asked_by=None,
        key=key,
        parameters={},
        cause=cause,
        now=local,
    )


def ask_to_forget(
    session: Session, *, conference_id: int, key: str, dry_run: bool, by: int, now: datetime
) -> None:
    """Ask for a purge of the whole server at once, or for what it would forget to be counted.

    What is forgotten is gone, so that the log of the asker's conference says who had it done; counting says
    nothing there. `key` names the job.
    """
    parameters = {"dry_run": True} if dry_run else {}
    ask_for(
        session,
        kind=Kind.PURGE,
        conference_id=conference_id,
        asked_by=by,
        key=key,
        parameters=parameters,
        now=now,
    )
    if not dry_run:
        actor = actor_of(session, conference_id=conference_id, account_id=by)
        event = {"kind": AuditKind.FORGETTING_ASKED.value}
        record(session, conference_id=conference_id, actor=actor, event=event, at=now)


# -- working ---------------------------------------------------------------------------------------


def take(session: Session, *, job_id: int, now: datetime) -> Work | None:
    """Take a job that is due, so that for the length of a lease nobody else does; commit before working.

    None where there is nothing to do: it is ended, somebody works on it, or it has failed with this call,
    having been taken too often without ever coming to its end.
    """
    row = session.scalars(
        select(Job)
        .where(Job.id == job_id, may_be_taken(now))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    if row.attempts >= ATTEMPTS:
        row.state, row.failure, row.ended_at, row.upload = JobState.FAILED, "job_given_up", now, None
        session.flush()
        return None
    row.state, row.attempts, row.due_at = JobState.RUNNING, row.attempts + 1, now + LEASE
    row.done, row.total = 0, None
    session.flush()
    return Work(
        row.id, row.kind, row.conference_id, row.asked_by_id, row.parameters, row.upload, row.attempts
    )


def _change(session: Session, work: Work, values: Mapping[str, Any]) -> None:
    """Change a job that is still held; LeaseLost otherwise."""
    held = (Job.id == work.id) & (Job.state == JobState.RUNNING) & (Job.attempts == work.attempt)
    change = update(Job).where(held).values(**values).execution_options(synchronize_session=False)
    if cast("CursorResult[Any]", session.execute(change)).rowcount == 0:
        raise LeaseLost


def check_asker(session: Session, *, work: Work) -> None:
    """Hold that whoever asked for work in a conference organizes it now, until the end of the transaction.

    What is due by itself, or was asked for on the server, nobody has to organize. Raises
    Forbidden("asker_withdrawn").
    """
    if work.asked_by_id is None or work.conference_id is None:
        return
    # Held: whoever withdraws the role at this moment waits until the work is kept, or finds it not done.
    organizes = select(RoleGrant.id).where(
        RoleGrant.account_id == work.asked_by_id,
        RoleGrant.conference_id == work.conference_id,
        RoleGrant.role == Role.ORGANIZER,
        RoleGrant.revoked_at.is_(None),
    )
    if session.scalar(organizes.with_for_update(read=True)) is None:
        raise Forbidden("asker_withdrawn")


def step(session: Session, *, work: Work, done: int, total: int | None, now: datetime) -> None:
    """Note how far the work has come, and renew the lease."""
    _change(session, work, {"done": done, "total": total, "due_at": now + LEASE})


def finish(session: Session, *, work: Work, outcome: Outcome, now: datetime) -> None:
    """End a job in the transaction of what it did: both are kept, or neither (LeaseLost)."""
    _change(
        session,
        work,
        {
            "state": JobState.DONE,
            "done": func.coalesce(Job.total, Job.done),
            "report": dict(outcome.report),
            "result": outcome.result,
            "result_name": outcome.result_name,
            "upload": None,
            "ended_at": now,
        },
    )


def fail(session: Session, *, work: Work, code: str, data: Mapping[str, Any], now: datetime) -> None:
    """End a job that cannot be done as it was asked for: `code` and `data` are those of the rule's words."""
    _change(
        session,
        work,
        {
            "state": JobState.FAILED,
            "failure": code,
            "report": {name: _plain(value) for name, value in data.items()},
            "upload": None,
            "ended_at": now,
        },
    )


def _plain(value: object) -> object:
    return value if isinstance(value, int) else str(value)


def put_back(session: Session, *, work: Work, now: datetime) -> None:
    """Leave a job that met a fault of ours for another try, a little later; after the last it has failed."""
    if work.attempt >= ATTEMPTS:
        fail(session, work=work, code="job_broken", data={}, now=now)
    else:
        _change(session, work, {"state": JobState.QUEUED, "due_at": now + BACK_OFF})


def release(session: Session, *, work: Work, now: datetime) -> None:
    """Give back a job whose worker has to stop: it is due at once, as if nobody had touched it."""
    _change(session, work, {"state": JobState.QUEUED, "due_at": now, "attempts": work.attempt - 1})


# -- afterwards ------------------------------------------------------------------------------------


def cancel(session: Session, *, key: str, account_id: int, now: datetime) -> None:
    """End a job that is not ended, for whoever asked for it; what it did so far is not kept.

    But letters that were written by then are in the outbox, and are sent.
    Raises NotFound for the job of somebody else, Conflict for one that has ended.
    """
    row = _own(session, key, account_id)
    if row.state not in UNFINISHED:
        raise Conflict("job_ended")
    row.state, row.failure, row.ended_at, row.upload = JobState.FAILED, "job_cancelled", now, None
    session.flush()


def hand_out(session: Session, *, key: str, account_id: int) -> tuple[str, bytes]:
    """Return name and content of the file that a job made, to whoever asked for it, and forget the file.

    Raises NotFound for the job of somebody else, and where the file was handed out or forgotten.
    """
    row = _own(session, key, account_id)
    content, name = row.result, row.result_name
    if content is None or name is None:
        raise NotFound("result_gone")
    row.result = None
    session.flush()
    return name, content


def _own(session: Session, key: str, account_id: int) -> Job:
    row = session.scalars(
        select(Job).where(Job.key == key, Job.asked_by_id == account_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("job_not_found")
    return row


def forget_jobs(
    session: Session, *, now: datetime, files: timedelta = KEPT, jobs: timedelta = REMEMBERED
) -> tuple[int, int]:
    """Forget files that nobody fetched in time, and jobs of long ago; return how many of each.

    A conference that a legal hold keeps as it is keeps these too.
    """
    free = ~is_held(Job.conference_id)
    late = update(Job).where(Job.ended_at < now - files, has_files(), free)
    forgotten = cast("CursorResult[Any]", session.execute(late.values(result=None, upload=None)))
    old = cast("CursorResult[Any]", session.execute(delete(Job).where(Job.ended_at < now - jobs, free)))
    return forgotten.rowcount, old.rowcount
