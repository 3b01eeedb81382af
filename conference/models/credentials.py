"""Seats, and who may sit in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agreements import Chamber
from conference.domain.credentials import Capacity, CredentialStatus, RejectionReason
from conference.domain.directory import RecordSource
from conference.extensions import Model
from conference.models.columns import Moment, one_of


class Seat(Model):
    """An organization's entitlement in one conference: a chamber and a whole number of votes."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("conference_id", "organization_id"),
        CheckConstraint("votes >= 1", name="votes_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    chamber: Mapped[Chamber] = mapped_column(one_of(Chamber))
    votes: Mapped[int] = mapped_column(default=1)


class Credential(Model):
    """An organization's attestation that this person holds its seat, and the committee's answer."""

    __tablename__ = "credential"
    __table_args__ = (
        Index(
            "uq_credential_standing_seat",
            "seat_id",
            "capacity",
            unique=True,
            sqlite_where=text("status IN ('proposed', 'accepted')"),
            postgresql_where=text("status IN ('proposed', 'accepted')"),
        ),
        Index(
            "uq_credential_standing_registration",
            "registration_id",
            unique=True,
            sqlite_where=text("status IN ('proposed', 'accepted')"),
            postgresql_where=text("status IN ('proposed', 'accepted')"),
        ),
        CheckConstraint("(status = 'rejected') = (reason IS NOT NULL)", name="rejected_with_a_reason"),
        CheckConstraint("status = 'proposed' OR decided_at IS NOT NULL", name="decided_at_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"))
    # Asked for with every page of somebody who is signed in.
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), index=True
    )
    capacity: Mapped[Capacity] = mapped_column(one_of(Capacity))
    status: Mapped[CredentialStatus] = mapped_column(one_of(CredentialStatus))
    reason: Mapped[RejectionReason | None] = mapped_column(one_of(RejectionReason))
    attested_at: Mapped[datetime] = mapped_column(Moment)
    # Empty where the attestation came on paper and the operator recorded it on the server.
    attested_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # The sentence that the lead ticked, by its version and language; empty for an attestation on paper.
    attestation_version: Mapped[int | None]
    attestation_language: Mapped[str | None] = mapped_column(String(8))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Proxy(Model):
    """One seat's written authority for the delegate of another seat of the same chamber, until revoked."""

    __tablename__ = "proxy"
    __table_args__ = (
        Index(
            "uq_proxy_standing_seat",
            "seat_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        CheckConstraint("seat_id <> holder_seat_id", name="held_by_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"))
    holder_seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"), index=True)
    # In the system by the organization's lead, or a letter on paper that the committee recorded.
    source: Mapped[RecordSource] = mapped_column(one_of(RecordSource))
    given_at: Mapped[datetime] = mapped_column(Moment)
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
