"""An application on an empty database, quickly: the schema is made once a worker, then only emptied."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from conference import create_app
from conference.extensions import db
from config import Testing
from tests import observation, servers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from flask import Flask
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Prepared:
    """An application, the engine of its database, and how to empty that database."""

    app: Flask
    engine: Engine
    empty: Callable[[], None]


def build(url: str, **settings: object) -> Flask:
    """Build the application for tests, watched, on the database at `url`."""
    app = create_app(Testing(SQLALCHEMY_DATABASE_URI=url, **settings))
    # Templates are compiled once a run, not once an application.
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(servers.run_folder()))
    observation.watch(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _turn_round)
    return app


def _turn_round(connection: Any, _record: object) -> None:
    # Rows come in no order unless a query names one. PostgreSQL shows it once in many runs; SQLite, told to
    # give them backwards, every time.
    connection.execute("PRAGMA reverse_unordered_selects = ON")


def prepare(url: str) -> Prepared:
    """Build the application on the database at `url` and create the schema in it."""
    app = build(url)
    with app.app_context():
        db.create_all()
        engine = db.engine
    emptier = sqlite_emptier if engine.dialect.name == "sqlite" else postgresql_emptier
    return Prepared(app, engine, emptier(engine))


class DatabaseMissing(Exception):
    """This machine cannot start that database."""


class Databases:
    """The databases of one worker, each prepared when a test asks for it first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, Prepared] = {}
        self.missing: dict[str, str] = {}

    def get(self, kind: str) -> Prepared:
        """Return the application on "sqlite" or "postgresql"."""
        if kind in self.missing:
            raise DatabaseMissing(self.missing[kind])
        if kind not in self.known:
            self.known[kind] = prepare(self.new_url(kind))
        return self.known[kind]

    def new_url(self, kind: str) -> str:
        """Return the address of a new database of this worker."""
        if kind == "sqlite":
            return sqlite_url(self.folder / "asamblea.sqlite")
        try:
            return servers.postgresql_url(f"asamblea_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
        except Exception as error:
            # Whatever it was, there is no server; every further test is told the same, at once.
            self.missing[kind] = f"no PostgreSQL: {error}"
            raise DatabaseMissing(self.missing[kind]) from error

    def close(self) -> None:
        """Let go of every connection."""
        for prepared in self.known.values():
            prepared.engine.dispose()


def sqlite_url(path: Path) -> str:
    """Return the SQLAlchemy address of an SQLite file."""
    return f"sqlite:///{path}"


def sqlite_emptier(engine: Engine) -> Callable[[], None]:
    """Return what puts an SQLite file back to the state it has now: some 2 ms, whatever was in it."""
    path = engine.url.database or ""
    copy_sqlite(path, f"{path}.empty")

    def empty() -> None:
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            # The copy below waits for ever; a transaction that a test left open is told here instead.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        copy_sqlite(f"{path}.empty", path)

    return empty


def copy_sqlite(source: str, target: str) -> None:
    """Copy a database over another one, which may be in use: SQLite's own backup, rows and schema."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = OFF")
        old.backup(new)


def postgresql_emptier(engine: Engine) -> Callable[[], None]:
    """Return what deletes every row of a PostgreSQL database, triggers and foreign keys aside."""
    tables = (f'DELETE FROM "{table.name}"' for table in db.metadata.sorted_tables)
    statements = "; ".join(
        ("SET LOCAL session_replication_role = replica", "SET LOCAL lock_timeout = '30s'", *tables)
    )

    def empty() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(statements)

    return empty
