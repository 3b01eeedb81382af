"""Scans at a door, and the presence of delegates in a sitting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, exists, text
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import CredentialStatus
from conference.extensions import Model
from conference.models.columns import Moment, one_of
from conference.models.credentials import Credential


class Scan(Model):
    """A ticket shown at a door, whatever came of it. `door` is `entrance` or a session's key."""

    __tablename__ = "scan"
    __table_args__ = (
        Index(
            "uq_scan_admitted_once",
            "conference_id",
            "door",
            "registration_id",
            unique=True,
            sqlite_where=text("outcome = 'admitted'"),
            postgresql_where=text("outcome = 'admitted'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    door: Mapped[str] = mapped_column(String(120))
    registration_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), index=True
    )
    outcome: Mapped[ScanOutcome] = mapped_column(one_of(ScanOutcome))
    scanned_at: Mapped[datetime] = mapped_column(Moment)
    scanned_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class DoorTotal(Model):
    """How many were admitted at one door: all that stays of its scans once they are forgotten."""

    __tablename__ = "door_total"

    conference_id: Mapped[int] = mapped_column(
        ForeignKey("conference.id", ondelete="CASCADE"), primary_key=True
    )
    door: Mapped[str] = mapped_column(String(120), primary_key=True)
    admitted: Mapped[int]


class Presence(Model):
    """A seat's delegate is in the sitting, from arriving until leaving; a seat is there once."""

    __tablename__ = "presence"
    __table_args__ = (
        Index(
            "uq_presence_seat_now",
            "session_id",
            "seat_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("program_session.id", ondelete="CASCADE"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("credential.id", ondelete="CASCADE"), index=True)
    arrived_at: Mapped[datetime] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)


def in_the_room() -> ColumnElement[bool]:
    """Whether a presence makes its seat present: not left since, by a credential that is still accepted.

    A condition on `Presence`, in whatever sitting; the statement names the sitting.
    """
    accepted = exists().where(
        Credential.id == Presence.credential_id, Credential.status == CredentialStatus.ACCEPTED
    )
    # The statement around it may hold a credential too: this one is the presence's own.
    return Presence.left_at.is_(None) & accepted.correlate(Presence)
