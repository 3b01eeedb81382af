"""Huey, bound to a queue in SQLite, Redis or PostgreSQL. Numbers of rows travel, never objects."""

from __future__ import annotations

import json
import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from huey import PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from huey import Huey

NAME = "asamblea"
# Seconds; a queue that does not answer must not hold up a page for longer.
PATIENCE = 2
LARGEST_NUMBER = 2**63 - 1


class Numbers:
    """Writes a task as `{"row": 7, "task": "job"}`, and reads nothing else.

    Huey's own serializer is pickle, with which whoever can write to the queue runs what they like here.
    With this one they can name rows, each of which is done only if it is due.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._names = kinds

    def serialize(self, message: Message) -> bytes:
        """Return the bytes of a task. Raises ValueError for anything but the number of a row."""
        kind = message.name.rpartition(".")[2]
        (row,) = message.args
        return json.dumps({"task": kind, "row": _number(row)}, sort_keys=True).encode()

    def deserialize(self, data: bytes) -> Message:
        """Return the task of these bytes. Raises ValueError for whatever `serialize` did not write."""
        read = json.loads(bytes(data))
        if not isinstance(read, dict) or read.keys() != {"task", "row"} or read["task"] not in self._names:
            raise ValueError("no task of ours")
        return Message(
            str(uuid.uuid4()), self._names[read["task"]], retries=0, args=(_number(read["row"]),), kwargs={}
        )


def _number(value: object) -> int:
    if type(value) is not int or not 0 < value <= LARGEST_NUMBER:
        raise ValueError("no number of a row")
    return value


@dataclass(frozen=True, slots=True)
class Carrier:
    """A queue that is connected; `huey` is what a worker consumes."""

    huey: Huey
    tasks: Mapping[str, Callable[[int], object]]

    def put(self, kind: str, row: int) -> None:
        """Put the number of a row on the queue. Raises whatever the driver does where that does not work."""
        self.tasks[kind](row)

    def length(self) -> int:
        """Return how many rows are on the queue."""
        return int(self.huey.storage.queue_size())


def connect(address: str, do: Callable[[str, int], None], kinds: Iterable[str]) -> Carrier:
    """Return a carrier for `sqlite:///file`, `redis://…` or `postgresql://…`; ValueError for anything else.

    `do` is called by a worker with the kind and the number of each row.
    """
    names: dict[str, str] = {}
    huey = _huey(address, Numbers(names))

    def task(kind: str) -> Any:
        wrapped = huey.task(name=kind)(lambda row: do(kind, row))
        names[kind] = f"{wrapped.task_class.__module__}.{kind}"
        return wrapped

    return Carrier(huey, {kind: task(kind) for kind in kinds})


def _huey(address: str, serializer: Numbers) -> Huey:
    settings: dict[str, Any] = {"results": False, "serializer": serializer}
    scheme = urlsplit(address).scheme.partition("+")[0]
    if scheme == "sqlite":
        file = Path(address.partition(":///")[2])
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _in_file(file, settings)
    if scheme in {"redis", "rediss"}:
        return RedisHuey(NAME, connection_pool=_redis_pool(address), **settings)
    if scheme in {"postgresql", "postgres"}:
        dsn = "postgresql://" + address.partition("://")[2]
        return PostgresHuey(NAME, dsn=dsn, connect_timeout=PATIENCE, **settings)
    # Without repeating it: it may hold a password.
    raise ValueError("QUEUE: use sqlite:///file, redis://host:6379/0 or postgresql://…")


def _in_file(file: Path, settings: Mapping[str, Any]) -> Huey:
    try:
        return SqliteHuey(NAME, filename=str(file), timeout=PATIENCE, **settings)
    except sqlite3.OperationalError:
        # Locked, or a full disk: nothing is wrong with what is in it.
        raise
    except sqlite3.DatabaseError:
        # It was spoiled, and held numbers only: a sweep puts them into a new one.
        for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
            file.with_name(name).unlink(missing_ok=True)
        return SqliteHuey(NAME, filename=str(file), timeout=PATIENCE, **settings)


def _redis_pool(address: str) -> Any:
    from redis import ConnectionPool  # noqa: PLC0415 - installed only where Redis is used

    # Longer than a worker waits for the next task.
    return ConnectionPool.from_url(address, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE + 3)
