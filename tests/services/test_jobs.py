"""A job is asked for once, held by one worker at a time, and ended once, however clocks jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, NotFound
from conference.domain.jobs import ATTEMPTS, BACK_OFF, KEPT, LEASE, REMEMBERED, JobKind, JobState
from conference.models import Job
from conference.queries.jobs import due_jobs, own_job, recent_jobs
from conference.services.jobs import (
    LeaseLost,
    Outcome,
    Work,
    ask_for,
    ask_for_daily_purge,
    cancel,
    fail,
    finish,
    forget_jobs,
    hand_out,
    put_back,
    release,
    step,
    take,
)
from tests.factories import NOW, grant, make_account, make_conference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SECOND = timedelta(seconds=1)


def asked(session: Session, **values: Any) -> int:
    defaults: dict[str, Any] = {
        "kind": JobKind.PURGE,
        "conference_id": None,
        "asked_by": None,
        "key": f"key-{session.query(Job).count()}",
        "parameters": {},
        "now": NOW,
    }
    return ask_for(session, **defaults | values)


def taken(session: Session, job_id: int, now: datetime = NOW) -> Work:
    work = take(session, job_id=job_id, now=now)
    assert work is not None
    return work


def row(session: Session, job_id: int) -> Job:
    session.expire_all()
    return session.get_one(Job, job_id)


def test_of_one_cause_there_is_one_job(session: Session) -> None:
    first = asked(session, cause="purge-2026-07-11")
    assert asked(session, cause="purge-2026-07-11") == first
    assert asked(session, cause="purge-2026-07-12") != first
    assert session.query(Job).count() == 2


def test_people_are_forgotten_once_a_day_from_the_hour_on_by_the_clock_of_the_server(
    session: Session,
) -> None:
    oaxaca = timezone(timedelta(hours=-6))

    def at(day: int, hour: int, minute: int) -> int | None:
        local = datetime(2026, 7, day, hour, minute, tzinfo=oaxaca)
        return ask_for_daily_purge(session, key=f"key-{day}-{hour}-{minute}", local=local)

    assert at(11, 4, 16) is None
    night = at(11, 4, 17)
    assert night is not None
    assert at(11, 4, 37) is None
    assert at(11, 23, 59) is None
    # The clock is put back, and the hour comes once more.
    assert at(11, 4, 17) is None
    # A server that was off at night catches up.
    noon = at(12, 12, 0)
    assert noon not in {None, night}
    assert [job.cause for job in session.query(Job).order_by(Job.id)] == [
        "purge-2026-07-11",
        "purge-2026-07-12",
    ]
    assert row(session, night).due_at == datetime(2026, 7, 11, 10, 17, tzinfo=UTC)


def test_a_job_is_held_by_one_worker_for_the_length_of_a_lease(session: Session) -> None:
    job = asked(session)
    work = taken(session, job)
    assert (work.attempt, row(session, job).state) == (1, JobState.RUNNING)
    assert take(session, job_id=job, now=NOW + SECOND) is None
    assert due_jobs(session, now=NOW + SECOND, limit=9) == ()

    step(session, work=work, done=120, total=943, now=NOW + LEASE - SECOND)
    assert take(session, job_id=job, now=NOW + LEASE) is None
    later = NOW + LEASE + LEASE - SECOND
    assert due_jobs(session, now=later, limit=9) == (job,)
    assert taken(session, job, later).attempt == 2
    assert (row(session, job).done, row(session, job).total) == (0, None)


def test_what_a_worker_did_that_slept_through_its_lease_is_not_kept(session: Session) -> None:
    job = asked(session)
    sleeper = taken(session, job)
    work = taken(session, job, NOW + LEASE)
    moment = NOW + LEASE + SECOND
    with pytest.raises(LeaseLost):
        step(session, work=sleeper, done=1, total=2, now=moment)
    with pytest.raises(LeaseLost):
        finish(session, work=sleeper, outcome=Outcome({"sessions": 1}), now=moment)
    with pytest.raises(LeaseLost):
        fail(session, work=sleeper, code="slug_taken", data={}, now=moment)
    with pytest.raises(LeaseLost):
        put_back(session, work=sleeper, now=moment)
    with pytest.raises(LeaseLost):
        release(session, work=sleeper, now=moment)

    finish(session, work=work, outcome=Outcome({"sessions": 2}, b"a;b", "people.csv"), now=moment)
    with pytest.raises(LeaseLost):
        finish(session, work=work, outcome=Outcome({"sessions": 3}), now=moment)
    ended = row(session, job)
    assert (ended.state, ended.report, ended.result) == (JobState.DONE, {"sessions": 2}, b"a;b")
    assert take(session, job_id=job, now=moment + 9 * LEASE) is None


def test_a_job_that_kills_its_worker_each_time_is_given_up(session: Session) -> None:
    job = asked(session, kind=JobKind.IMPORT_PROGRAM, upload=b"<schedule/>")
    moments = [NOW + number * LEASE for number in range(ATTEMPTS)]
    assert [taken(session, job, moment).attempt for moment in moments] == [1, 2, 3]
    assert row(session, job).upload == b"<schedule/>"

    assert take(session, job_id=job, now=NOW + ATTEMPTS * LEASE) is None
    given_up = row(session, job)
    assert (given_up.state, given_up.failure, given_up.upload) == (JobState.FAILED, "job_given_up", None)
    assert given_up.ended_at == NOW + ATTEMPTS * LEASE


def test_a_fault_of_ours_is_tried_again_a_little_later_and_given_up_in_the_end(session: Session) -> None:
    job = asked(session)
    moment = NOW
    for _attempt in range(ATTEMPTS - 1):
        put_back(session, work=taken(session, job, moment), now=moment)
        assert take(session, job_id=job, now=moment + BACK_OFF - SECOND) is None
        moment += BACK_OFF
    put_back(session, work=taken(session, job, moment), now=moment)
    assert (row(session, job).state, row(session, job).failure) == (JobState.FAILED, "job_broken")


def test_a_worker_that_has_to_stop_gives_its_job_back_as_if_untouched(session: Session) -> None:
    job = asked(session)
    for _restart in range(ATTEMPTS + 2):
        work = taken(session, job)
        step(session, work=work, done=5, total=9, now=NOW)
        release(session, work=work, now=NOW)
    assert (row(session, job).state, row(session, job).attempts) == (JobState.QUEUED, 0)
    assert due_jobs(session, now=NOW, limit=9) == (job,)


def test_a_clock_that_is_put_back_leaves_no_job_waiting(session: Session) -> None:
    job = asked(session)
    sleeper = taken(session, job)
    yesterday = NOW - timedelta(days=1)
    assert due_jobs(session, now=yesterday, limit=9) == (job,)
    work = taken(session, job, yesterday)
    assert take(session, job_id=job, now=yesterday + SECOND) is None
    with pytest.raises(LeaseLost):
        finish(session, work=sleeper, outcome=Outcome({}), now=yesterday)
    finish(session, work=work, outcome=Outcome({}), now=yesterday + SECOND)
    assert row(session, job).state is JobState.DONE


def test_a_refusal_is_kept_with_the_data_of_its_words(session: Session) -> None:
    job = asked(session, kind=JobKind.IMPORT_PROGRAM, upload=b"<schedule")
    work = taken(session, job)
    fail(session, work=work, code="schedule_malformed", data={"line": 7, "reason": JobKind.PURGE}, now=NOW)
    failed = row(session, job)
    assert (failed.failure, failed.report) == ("schedule_malformed", {"line": 7, "reason": "purge"})
    assert (failed.state, failed.upload, failed.ended_at) == (JobState.FAILED, None, NOW)


def test_a_job_is_cancelled_by_whoever_asked_for_it_and_by_nobody_else(session: Session) -> None:
    ana, berta = make_account(session), make_account(session)
    job = asked(session, key="de-ana", asked_by=ana.id)
    other = asked(session, key="de-berta", asked_by=berta.id)
    work = taken(session, job)
    with pytest.raises(NotFound):
        cancel(session, key="de-ana", account_id=berta.id, now=NOW)
    cancel(session, key="de-ana", account_id=ana.id, now=NOW)
    assert (row(session, job).state, row(session, job).failure) == (JobState.FAILED, "job_cancelled")
    assert row(session, other).state is JobState.QUEUED
    with pytest.raises(LeaseLost):
        finish(session, work=work, outcome=Outcome({}), now=NOW)
    with pytest.raises(Conflict):
        cancel(session, key="de-ana", account_id=ana.id, now=NOW)


def test_a_file_is_handed_out_once_and_to_whoever_asked_for_it(session: Session) -> None:
    ana, berta = make_account(session), make_account(session)
    job = asked(session, key="de-ana", asked_by=ana.id, kind=JobKind.EXPORT_PEOPLE)
    with pytest.raises(NotFound, match="result_gone"):
        hand_out(session, key="de-ana", account_id=ana.id)
    outcome = Outcome({"people": 1}, b"Nombre Reservado", "people.csv")
    finish(session, work=taken(session, job), outcome=outcome, now=NOW)
    with pytest.raises(NotFound, match="job_not_found"):
        hand_out(session, key="de-ana", account_id=berta.id)
    assert hand_out(session, key="de-ana", account_id=ana.id) == ("people.csv", b"Nombre Reservado")
    with pytest.raises(NotFound, match="result_gone"):
        hand_out(session, key="de-ana", account_id=ana.id)
    assert row(session, job).result is None


def test_files_are_forgotten_after_a_day_and_jobs_after_a_month(session: Session) -> None:
    old, new = asked(session), asked(session)
    waiting = asked(session, upload=b"<schedule/>")
    finish(session, work=taken(session, old), outcome=Outcome({}, b"1", "a"), now=NOW)
    finish(session, work=taken(session, new), outcome=Outcome({}, b"2", "b"), now=NOW + 2 * SECOND)
    forget_jobs(session, now=NOW + KEPT + SECOND)
    assert [row(session, job).result for job in (old, new)] == [None, b"2"]
    forget_jobs(session, now=NOW + REMEMBERED + SECOND)
    assert {job.id for job in session.query(Job)} == {new, waiting}
    assert row(session, waiting).upload == b"<schedule/>"


def test_a_page_shows_ones_own_job_and_of_others_what_was_done_but_no_way_to_it(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    ana = grant(session, conference, Role.ORGANIZER)
    berta = grant(session, conference, Role.ORGANIZER)
    asked(session, key="de-ana", asked_by=ana.id, conference_id=conference.id, parameters={"dry_run": True})
    asked(session, key="de-berta", asked_by=berta.id, conference_id=conference.id, now=NOW + SECOND)
    asked(session, key="de-noche", now=NOW + 2 * SECOND)
    asked(session, key="ajena", conference_id=other.id)

    assert own_job(session, key="de-ana", account_id=berta.id) is None
    view = own_job(session, key="de-ana", account_id=ana.id)
    assert view is not None
    assert (view.key, view.dry_run, view.conference_slug) == ("de-ana", True, conference.slug)
    listed = recent_jobs(session, conference_id=conference.id, account_id=ana.id)
    assert [job.key for job in listed] == [None, None, "de-ana"]
    assert [job.conference_slug for job in listed] == [None, conference.slug, conference.slug]


def test_the_version_of_a_job_changes_with_each_step(session: Session) -> None:
    ana = make_account(session)
    job = asked(session, key="de-ana", asked_by=ana.id)
    versions = []

    def look() -> None:
        session.expire_all()
        view = own_job(session, key="de-ana", account_id=ana.id)
        assert view is not None
        versions.append(view.version)

    look()
    work = taken(session, job)
    look()
    step(session, work=work, done=120, total=943, now=NOW)
    look()
    step(session, work=work, done=240, total=943, now=NOW)
    look()
    finish(session, work=work, outcome=Outcome({}, b"x", "x.csv"), now=NOW)
    look()
    hand_out(session, key="de-ana", account_id=ana.id)
    look()
    assert len(set(versions)) == len(versions)
