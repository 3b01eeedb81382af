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
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

HALF_HOURS = 48
EVENTS = 2 * HALF_HOURS
EVENT = (
    '<event id="{number}"><start>{hour:02}:{minute:02}</start><duration>00:30</duration>'
    "<title>Mesa {number}</title></event>"
)
KINDS = [("sqlite", "sqlite"), ("sqlite", "redis"), ("postgresql", "postgresql")]
READY = "Working on what is queued. Stop with Ctrl+C.\n"


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
            # Nobody waits here for what the queue is meant to lose.
            "ASAMBLEA_QUEUE_SWEEP_SECONDS": "2",
        }
        Base.metadata.create_all(self.engine)
        # The purge of today would be one more.
        with Session(self.engine) as session:
            session.add(_purge_of_today())
            session.commit()

    def worker(self, *options: str) -> AbstractContextManager[subprocess.Popen[str]]:
        """Run a worker, and kill it at the end if it still runs."""
        return self._running("flask", "--app", "conference", "worker", *options)

    def halting_worker(self) -> AbstractContextManager[subprocess.Popen[str]]:
        """Run a worker that stays in the middle of an import."""
        return self._running("tests.halting_worker")

    @contextmanager
    def _running(self, *module: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
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
            process.communicate(timeout=PATIENCE)

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

    def until(self, holds: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
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


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site with its database and queue in files, or, as a test asks, on others."""
    kind, carrier = getattr(request, "param", ("sqlite", "sqlite"))
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
        return job.state is JobState.RUNNING and job.attempts == attempt and job.done == EVENTS // 2

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
    with site.halting_worker() as first:
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
    with site.halting_worker() as worker:
        site.until(in_the_middle(site, job))
        worker.send_signal(signal.SIGTERM)
        output, _ = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, output) == (0, READY)
    assert (site.job(job).state, site.job(job).attempts) == (JobState.QUEUED, 0)
    assert brought_in(site) == (0, 0, 0)
    with site.worker():
        site.until(lambda: site.job(job).state is JobState.DONE)
    assert brought_in(site) == (1, EVENTS, 1)


def test_a_job_that_was_killed_three_times_has_failed(site: Site) -> None:
    job = ask_for_import(site)
    for attempt in range(1, ATTEMPTS + 1):
        with site.halting_worker() as worker:
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


@pytest.mark.parametrize("site", KINDS, indirect=True, ids="-".join)
def test_two_workers_on_one_queue_do_each_of_sixty_jobs_once(site: Site) -> None:
    for number in range(60):
        site.ask(JobKind.PURGE, number)

    def left() -> int:
        with Session(site.engine) as session:
            return session.scalar(select(func.count()).where(Job.state != JobState.DONE)) or 0

    with site.worker("--threads", "2") as first, site.worker("--threads", "2") as second:
        site.until(lambda: left() == 0)
        assert (first.poll(), second.poll()) == (None, None)
    with Session(site.engine) as session:
        done = session.scalars(select(Job).where(Job.key != "de-hoy")).all()
        assert [job.attempts for job in done] == [1] * 60
        assert {len(job.report) > 5 for job in done} == {True}


def test_a_queue_file_that_was_lost_or_spoiled_loses_no_work(site: Site, tmp_path: Path) -> None:
    first = site.ask(JobKind.PURGE, 1)
    with site.worker():
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


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_an_idle_worker_stops_whatever_the_signal(site: Site, name: str) -> None:
    job = site.ask(JobKind.PURGE, 1)
    with site.worker() as worker:
        # Then it listens to signals, and is idle.
        site.until(lambda: site.job(job).state is JobState.DONE)
        worker.send_signal(getattr(signal, name))
        output, _ = worker.communicate(timeout=PATIENCE)
        assert (worker.returncode, output) == (0, READY)
