"""Registrations and consents: the least that lets a person in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.registration import Category, PhotoPreference, Purpose, RegistrationStatus
from conference.extensions import Model
from conference.models.columns import Json, Moment, one_of


class Registration(Model):
    """One person's place at a conference. The ticket's token is known by digest only."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("conference_id", "code_digest"),
        Index("ix_registration_contact_email", "contact_email"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at_a_time"),
        # The letter's key in the outbox holds the id, and is kept longer than the row.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"), index=True)
    # Set only once the person has proved the address (by signing in with it).
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    category: Mapped[Category] = mapped_column(one_of(Category))
    status: Mapped[RegistrationStatus] = mapped_column(one_of(RegistrationStatus))
    # Any name; it need not be the legal name.
    badge_name: Mapped[str] = mapped_column(String(80))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    spoken: Mapped[list[str]] = mapped_column(Json)
    photo_preference: Mapped[PhotoPreference] = mapped_column(one_of(PhotoPreference))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    # Drawn at random for each ticket; the token is derived from it with the server's key.
    ticket_nonce: Mapped[str] = mapped_column(String(32))
    registered_at: Mapped[datetime] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)


class Consent(Model):
    """A consent to one purpose in the words of one version, until it is withdrawn."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("registration_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose))
    text_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    given_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
