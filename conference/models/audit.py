"""The audit log: a chain of canonical entries for each conference; actors are pseudonyms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from conference.extensions import Model
from conference.models.columns import Json, Moment


class AuditHead(Model):
    """What the next entry of a conference's log is chained to; whoever appends locks this row."""

    __tablename__ = "audit_head"

    conference_id: Mapped[int] = mapped_column(
        ForeignKey("conference.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    size: Mapped[int] = mapped_column(default=0)
    # The frontier of the log's Merkle tree, in hexadecimal (`agreements.ledger.Head`).
    frontier: Mapped[list[str]] = mapped_column(Json)
    last_leaf: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditEntry(Model):
    """One entry, byte for byte as it was hashed; it holds no personal data, and is never deleted."""

    __tablename__ = "audit_entry"

    conference_id: Mapped[int] = mapped_column(
        ForeignKey("conference.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment)
