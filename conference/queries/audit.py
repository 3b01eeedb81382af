"""The audit log as it is read and taken home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from agreements.ledger import EMPTY, Head, read_entry
from conference.models import AuditEntry, AuditHead

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

_PART = 500


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: its place in the log, when it was written, and the event with its `kind` and `actor`."""

    index: int
    at: datetime
    event: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some entries, the newest first, and the log they are from; `older` is where the next page begins."""

    entries: tuple[LogEntry, ...]
    size: int
    root: str
    older: int | None


def log_page(session: Session, *, conference_id: int, before: int | None, length: int) -> LogPage:
    """Return `length` entries before a place in the log (None: its end), and what stands for all of them."""
    head = _head(session, conference_id)
    wanted = select(AuditEntry).where(AuditEntry.conference_id == conference_id)
    if before is not None:
        wanted = wanted.where(AuditEntry.index < before)
    rows = session.scalars(wanted.order_by(AuditEntry.index.desc()).limit(length)).all()
    entries = tuple(LogEntry(row.index, row.at, read_entry(bytes(row.entry)).event) for row in rows)
    older = entries[-1].index if entries and entries[-1].index > 0 else None
    return LogPage(entries, head.size, head.root.hex(), older)


def log_part(session: Session, *, conference_id: int, after: int) -> tuple[bytes, int] | None:
    """Return entries as they were hashed, a line each, and the index of the last; None after the end.

    `after` is the index of the last entry of the part before, -1 at first; a part has five hundred at most.
    `agreements.ledger.resume` checks the lines of all parts.
    """
    rows = session.execute(
        select(AuditEntry.index, AuditEntry.entry)
        .where(AuditEntry.conference_id == conference_id, AuditEntry.index > after)
        .order_by(AuditEntry.index)
        .limit(_PART)
    ).all()
    if not rows:
        return None
    last, _entry = rows[-1]
    return b"".join(bytes(entry) + b"\n" for _index, entry in rows), last


def _head(session: Session, conference_id: int) -> Head:
    row = session.get(AuditHead, conference_id)
    if row is None:
        return EMPTY
    return Head(row.size, tuple(bytes.fromhex(each) for each in row.frontier), bytes(row.last_leaf))
