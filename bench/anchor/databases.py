"""The bare program's statements, in the driver's own words: sqlite3 or psycopg, one connection a thread."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

import psycopg

if TYPE_CHECKING:
    from datetime import datetime

TABLE = """CREATE TABLE IF NOT EXISTS bare_ballot (
    id {serial} PRIMARY KEY, question INTEGER NOT NULL, choice TEXT NOT NULL, cast_at {moment} NOT NULL)"""
SESSIONS = """SELECT s.key, s.kind, s.starts_local, s.minutes, r.name, s.spoken, s.title
    FROM program_session s JOIN conference c ON c.id = s.conference_id LEFT JOIN room r ON r.id = s.room_id
    WHERE c.slug = ? AND s.starts_local >= ? AND s.starts_local < ?
    ORDER BY s.starts_local, coalesce(r.position, -1), s.position"""
INSERT = "INSERT INTO bare_ballot (question, choice, cast_at) VALUES (?, ?, ?)"


class Bare(Protocol):
    """What each kind of database does for the bare program."""

    def sessions(self, slug: str, day: str) -> list[tuple[Any, ...]]:
        """Return the sessions of a day (ISO), by time and room."""

    def insert(self, question: int, choice: str, moment: datetime) -> None:
        """Insert one row and return when it is on the disk."""


class BareSqlite:
    """As the application's own connections are set: WAL, every commit on the disk."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute(TABLE.format(serial="INTEGER", moment="TEXT"))

    def sessions(self, slug: str, day: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(SESSIONS, (slug, f"{day} 00:00", f"{day} 24:00")).fetchall()

    def insert(self, question: int, choice: str, moment: datetime) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute(INSERT, (question, choice, moment.isoformat()))
        self.connection.execute("COMMIT")


class BarePostgresql:
    """One statement is one transaction."""

    def __init__(self, address: str) -> None:
        self.connection = psycopg.connect(address, autocommit=True)
        with self.connection.transaction():
            # Two threads that begin at once must not both create it.
            self.connection.execute("SELECT pg_advisory_xact_lock(1)")
            self.connection.execute(TABLE.format(serial="SERIAL", moment="TIMESTAMPTZ"))

    def sessions(self, slug: str, day: str) -> list[tuple[Any, ...]]:
        asked = SESSIONS.replace("?", "%s")
        return self.connection.execute(asked, (slug, f"{day} 00:00", f"{day} 24:00")).fetchall()

    def insert(self, question: int, choice: str, moment: datetime) -> None:
        self.connection.execute(INSERT.replace("?", "%s"), (question, choice, moment))


def open_bare(address: str) -> Bare:
    """Open a connection to the database of an SQLAlchemy address."""
    if address.startswith("sqlite:///"):
        return BareSqlite(address.removeprefix("sqlite:///"))
    return BarePostgresql(address.replace("postgresql+psycopg://", "postgresql://", 1))


def count_rows(address: str, table: str) -> int:
    """Return the rows of a table, asked over a new connection."""
    asked = f"SELECT count(*) FROM {table}"  # noqa: S608 - the table is named by the harness
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            return int(connection.execute(asked).fetchone()[0])
    with psycopg.connect(address.replace("postgresql+psycopg://", "postgresql://", 1)) as session:
        row = session.execute(asked).fetchone()
        return int(row[0]) if row else 0
