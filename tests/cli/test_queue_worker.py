"""Real workers in real processes: killed, stopped, doubled; what was asked for is done once all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from conference.domain.jobs import ATTEMPTS, JobKind, JobState
from conference.extensions import Base
from conference.models import Account, Conference, Job, ProgramSession, RoleGrant
from conference.services.jobs import ask_for
from tests import servers
from tests.conftest import ROOT
from tests.factories import FIRST_DAY, make_account
from tests.queues import queue_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Long enough to be killed in the middle of it: a few seconds of reading.
EVENTS = 9_600
HALF_HOURS = 48
EVENT = (
    '<event id="{number}"><start>{hour:02}:{minute:02}</start><duration>00:30</duration>'
    "<title>Mesa {number}</title></event>"
)
KINDS = [("sqlite", "sqlite"), ("sqlite", "redis"), ("postgresql", "postgresql")]


class Site:
    """A database and a queue, the workers of both, and what stands in the rows."""

    def __init__(self, folder: Path, database: str, queue: str) -> None:
        self.folder = folder
        self.engine = create_engine(database)
        self.surroundings = os.environ | {
            "ASAMBLEA_INSTANCE": str(folder),
            "ASAMBLEA_DATABASE": database,
            "ASAMBLEA_QUEUE": queue,
            "ASAMBLEA_LANGUAGE": "en",
        }
        Base.metadata.create_all(self.engine)
        # The purge of today would be one more.
        with Session(self.engine) as session:
            session.add(_purge_of_today())
            session.commit()

    @contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run a worker, and kill it at the end if it still runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "conference", "worker", *options],
            cwd=ROOT,
            env=self.surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate(timeout=30)

    def ask(self, kind: JobKind, number: int, **values: object) -> int:
        """Ask for a job, whose number nobody puts on the queue: a worker finds it by sweeping."""
        with Session(self.engine) as session:
            account = session.scalars(select(Account)).first() or make_account(session)
            job = ask_for(
                session,
                kind=kind,
                conference_id=None,
                asked_by=account.id,
                key=f"trabajo-{number}",
                now=datetime.now(UTC),
                **{"parameters": {"dry_run": True}} | values,
            )
            session.commit()
            return job

    def job(self, job_id: int) -> Job:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Job, job_id)

    def until(self, holds: Callable[[], bool], *, seconds: float = 300) -> None:
        limit = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < limit, "waited in vain"
            time.sleep(0.05)

    def let_lease_run_out(self, job_id: int) -> None:
        with Session(self.engine) as session:
            session.get_one(Job, job_id).due_at = datetime.now(UTC) - timedelta(seconds=1)
            session.commit()


def _purge_of_today() -> Job:
    moment = datetime.now(UTC)
    return Job(
        key="de-hoy",
        cause=f"purge-{moment.astimezone().date()}",
        kind=JobKind.PURGE,
        state=JobState.DONE,
        parameters={},
        asked_at=moment,
        due_at=moment,
        ended_at=moment,
        report={},
    )


@pytest.fixture(params=KINDS, ids="-".join)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site on one kind of database and of queue."""
    kind, carrier = request.param
    own = os.environ.get("PYTEST_XDIST_WORKER", "main")
    database = (
        servers.postgresql_url(f"asamblea_site_{own}")
        if kind == "postgresql"
        else f"sqlite:///{tmp_path / 'site.sqlite'}"
    )
    with queue_address(carrier, tmp_path) as queue:
        made = Site(tmp_path, database, queue)
        yield made
        made.engine.dispose()


def large_schedule() -> bytes:
    days = []
    for day in range(EVENTS // HALF_HOURS):
        events = "\n".join(
            EVENT.format(number=day * HALF_HOURS + slot, hour=slot // 2, minute=30 * (slot % 2))
            for slot in range(HALF_HOURS)
        )
        date = (FIRST_DAY + timedelta(days=day)).isoformat()
        days.append(f'<day date="{date}"><room name="Salón">{events}</room></day>')
    return (
        "<schedule><conference><title>Grande</title><acronym>grande</acronym>"
        f"<time_zone_name>America/Mexico_City</time_zone_name></conference>{''.join(days)}</schedule>"
    ).encode()


def ask_for_import(site: Site) -> int:
    parameters = {"language": "es", "slug": "", "zone": ""}
    return site.ask(JobKind.IMPORT_PROGRAM, 1, upload=large_schedule(), parameters=parameters)


def in_the_middle(site: Site, job_id: int, attempt: int = 1) -> Callable[[], bool]:
    def holds() -> bool:
        job = site.job(job_id)
        return job.state is JobState.RUNNING and job.attempts == attempt and 0 < job.done < EVENTS

    return holds


def brought_in(site: Site) -> tuple[int, int, int]:
    """Count conferences, sessions and grants: all of an import, or nothing."""
    with Session(site.engine) as session:
        tables = (Conference, ProgramSession, RoleGrant)
        conferences, sessions, grants = (
            session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        )
        return conferences, sessions, grants


def test_a_worker_that_is_killed_leaves_its_job_to_another_and_there_is_one_result(site: Site) -> None:
    job = ask_for_import(site)
    with site.worker() as first:
        site.until(in_the_middle(site, job))
        first.send_signal(signal.SIGKILL)
    assert brought_in(site) == (0, 0, 0)
    assert site.job(job).state is JobState.RUNNING
    site.let_lease_run_out(job)
    with site.worker():
        site.until(lambda: site.job(job).state is JobState.DONE)
    assert (site.job(job).attempts, site.job(job).report["sessions"]) == (2, EVENTS)
    assert brought_in(site) == (1, EVENTS, 1)


def test_a_worker_that_is_told_to_stop_gives_back_what_it_was_doing(site: Site) -> None:
    job = ask_for_import(site)
    with site.worker() as worker:
        site.until(in_the_middle(site, job))
        told = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        output, _ = worker.communicate(timeout=10)
        assert time.monotonic() - told < 10
    assert (worker.returncode, output) == (0, "Working on what is queued. Stop with Ctrl+C.\n")
    assert (site.job(job).state, site.job(job).attempts) == (JobState.QUEUED, 0)
    assert brought_in(site) == (0, 0, 0)
    with site.worker():
        site.until(lambda: site.job(job).state is JobState.DONE)
    assert brought_in(site) == (1, EVENTS, 1)


@pytest.mark.parametrize("site", [("sqlite", "sqlite")], indirect=True, ids="-".join)
def test_a_job_that_was_killed_three_times_has_failed(site: Site) -> None:
    job = ask_for_import(site)
    for attempt in range(1, ATTEMPTS + 1):
        with site.worker() as worker:
            site.until(in_the_middle(site, job, attempt))
            worker.send_signal(signal.SIGKILL)
        site.let_lease_run_out(job)
    with site.worker():
        site.until(lambda: site.job(job).state is JobState.FAILED)
    assert (site.job(job).failure, site.job(job).attempts, brought_in(site)) == (
        "job_given_up",
        ATTEMPTS,
        (0, 0, 0),
    )


def test_two_workers_on_one_queue_do_each_of_two_hundred_jobs_once(site: Site) -> None:
    for number in range(200):
        site.ask(JobKind.PURGE, number)

    def left() -> int:
        with Session(site.engine) as session:
            return session.scalar(select(func.count()).where(Job.state != JobState.DONE)) or 0

    with site.worker("--threads", "2") as first, site.worker("--threads", "2") as second:
        site.until(lambda: left() == 0, seconds=120)
        assert (first.poll(), second.poll()) == (None, None)
    with Session(site.engine) as session:
        done = session.scalars(select(Job).where(Job.key != "de-hoy")).all()
        assert [job.attempts for job in done] == [1] * 200
        assert {len(job.report) > 5 for job in done} == {True}


@pytest.mark.parametrize("site", [("sqlite", "sqlite")], indirect=True, ids="-".join)
def test_a_queue_file_that_was_lost_or_spoiled_loses_no_work(site: Site, tmp_path: Path) -> None:
    with site.worker():
        first = site.ask(JobKind.PURGE, 1)
        site.until(lambda: site.job(first).state is JobState.DONE)
    for path in tmp_path.glob("queue.sqlite*"):
        path.unlink()
    (tmp_path / "queue.sqlite").write_bytes(b"this was a queue once" * 500)
    second = site.ask(JobKind.PURGE, 2)
    with site.worker():
        site.until(lambda: site.job(second).state is JobState.DONE)
    (tmp_path / "queue.sqlite").unlink()
    third = site.ask(JobKind.PURGE, 3)
    with site.worker():
        site.until(lambda: site.job(third).state is JobState.DONE)


@pytest.mark.parametrize("site", [("sqlite", "sqlite")], indirect=True, ids="-".join)
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_an_idle_worker_stops_at_once_whatever_the_signal(site: Site, name: str) -> None:
    with site.worker() as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Working on what is queued. Stop with Ctrl+C.\n"
        job = site.ask(JobKind.PURGE, 1)
        time.sleep(1)
        told = time.monotonic()
        worker.send_signal(getattr(signal, name))
        worker.wait(timeout=10)
        assert (worker.returncode, time.monotonic() - told < 3) == (0, True)
    assert site.job(job).attempts <= 1
