"""An application on an empty database, quickly: the schema is made once a worker, then only emptied."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conference import create_app
from conference.extensions import db
from config import Testing
from tests import observation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Prepared:
    """An application, the engine of its database, and how to empty that database."""

    app: Flask
    engine: Engine
    empty: Callable[[], None]


def prepare(url: str) -> Prepared:
    """Build the application on the database at `url` and create the schema in it."""
    app = create_app(Testing(SQLALCHEMY_DATABASE_URI=url))
    observation.watch(app)
    with app.app_context():
        db.create_all()
        engine = db.engine
    emptier = sqlite_emptier if engine.dialect.name == "sqlite" else postgresql_emptier
    return Prepared(app, engine, emptier(engine))


def sqlite_url(path: Path) -> str:
    """Return the SQLAlchemy address of an SQLite file."""
    return f"sqlite:///{path}"


def sqlite_emptier(engine: Engine) -> Callable[[], None]:
    """Return what puts an SQLite file back to the state it has now: some 2 ms, whatever was in it."""
    path = engine.url.database or ""
    copy_sqlite(path, f"{path}.empty")

    def empty() -> None:
        with closing(sqlite3.connect(path, timeout=2, isolation_level=None)) as connection:
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
        ("SET LOCAL session_replication_role = replica", "SET LOCAL lock_timeout = '2s'", *tables)
    )

    def empty() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(statements)

    return empty
