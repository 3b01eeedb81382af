"""Registrations and consents: the least that lets a person in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    exists,
)
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.registration import (
    AccessNeed,
    Category,
    ConsentGiver,
    PhotoPreference,
    Purpose,
    RefusalReason,
    RegistrationStatus,
    ServiceKind,
)
from conference.extensions import Model
from conference.models.columns import Json, Moment, Translations, one_of


class Places(Model):
    """What a conference has decided about one category; without a row it is open to as many as come."""

    __tablename__ = "places"
    __table_args__ = (CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_not_negative"),)

    conference_id: Mapped[int] = mapped_column(
        ForeignKey("conference.id", ondelete="CASCADE"), primary_key=True
    )
    category: Mapped[Category] = mapped_column(one_of(Category), primary_key=True)
    open: Mapped[bool] = mapped_column(default=True)
    approval: Mapped[bool] = mapped_column(default=False)
    # None: as many as come.
    capacity: Mapped[int | None]


class Party(Model):
    """Who registers together, and waits together: a group of an organization, or one person in line.

    Its registrations share category, organization and, but for those cancelled one by one, their status.
    """

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint("size >= 1", name="size_positive"),
        Index("ix_party_conference_id_category", "conference_id", "category"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    category: Mapped[Category] = mapped_column(one_of(Category))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    # Registered as a group, by whoever leads its organization; else it is one person, whoever that becomes.
    grouped: Mapped[bool] = mapped_column(default=False)
    # How many places it asked for; its registrations that are not over are how many it needs.
    size: Mapped[int]
    # The higher is served first; among equals, who has waited longer.
    priority: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime | None] = mapped_column(Moment)
    offered_until: Mapped[datetime | None] = mapped_column(Moment)
    # Offers that ran out; after some the party is taken out of the line.
    lapsed: Mapped[int] = mapped_column(default=0)


class Registration(Model):
    """One person's place at a conference. The ticket's token is known by digest only."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("conference_id", "code_digest"),
        Index("ix_registration_contact_email", "contact_email"),
        CheckConstraint(
            "(status IN ('cancelled', 'rejected')) = (cancelled_at IS NOT NULL)", name="cancelled_at_a_time"
        ),
        CheckConstraint("(status = 'rejected') = (refusal IS NOT NULL)", name="rejected_with_a_reason"),
        CheckConstraint(
            "status NOT IN ('waiting', 'offered') OR party_id IS NOT NULL", name="in_line_as_party"
        ),
        Index("ix_registration_places", "conference_id", "category", "status"),
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
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    refusal: Mapped[RefusalReason | None] = mapped_column(one_of(RefusalReason))
    # Any name; it need not be the legal name. Empty: a guest of the organization, not named (yet).
    badge_name: Mapped[str] = mapped_column(String(80))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    # Digits with "+" and country. The desk finds a lost ticket by the whole of it; nobody is called.
    contact_phone: Mapped[str | None] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    spoken: Mapped[list[str]] = mapped_column(Json)
    photo_preference: Mapped[PhotoPreference] = mapped_column(one_of(PhotoPreference))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    # Drawn at random for each ticket; the token is derived from it with the server's key.
    ticket_nonce: Mapped[str] = mapped_column(String(32))
    # Of what the badge said when it was last printed, the ticket's secret in it: whose badge is out of date.
    printed_digest: Mapped[str | None] = mapped_column(String(64))
    # A service that was booked in line was full when the place was offered; said until the holder books anew.
    service_lost: Mapped[bool] = mapped_column(default=False)
    registered_at: Mapped[datetime] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)


class Consent(Model):
    """A consent to one purpose in the words of one version, until it is withdrawn."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("registration_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose))
    given_by: Mapped[ConsentGiver] = mapped_column(one_of(ConsentGiver), default=ConsentGiver.PERSON)
    # Of the words that whoever gave it read.
    text_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    given_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class RegistrationQuestion(Model):
    """Something the organizers ask of everybody: choices only, never free text."""

    __tablename__ = "registration_question"
    __table_args__ = (UniqueConstraint("conference_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    label: Mapped[Translations] = mapped_column(Json)
    several: Mapped[bool] = mapped_column(default=False)
    # [{"key": …, "label": {"es": …, "en": …}}, …], in their order.
    choices: Mapped[list[dict[str, Any]]] = mapped_column(Json)


class RegistrationAnswer(Model):
    """The keys of the choices that somebody made at one question."""

    __tablename__ = "registration_answer"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[int] = mapped_column(
        ForeignKey("registration_question.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    chosen: Mapped[list[str]] = mapped_column(Json)


class RegistrationNeed(Model):
    """A coded access need; in a table of its own, since it is forgotten sooner than the rest."""

    __tablename__ = "registration_need"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    need: Mapped[AccessNeed] = mapped_column(one_of(AccessNeed), primary_key=True)


class OfferedService(Model):
    """What the conference offers beside the program, for as many as there is room."""

    __tablename__ = "offered_service"
    __table_args__ = (
        UniqueConstraint("conference_id", "key"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_not_negative"),
        CheckConstraint(
            "(kind = 'interpretation') = (language IS NOT NULL)", name="interpretation_of_a_language"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    kind: Mapped[ServiceKind] = mapped_column(one_of(ServiceKind))
    # ISO 639-3, of interpretation only.
    language: Mapped[str | None] = mapped_column(String(3))
    label: Mapped[Translations] = mapped_column(Json)
    capacity: Mapped[int | None]


class ServiceBooking(Model):
    """A registration's places at a service: one, or one a child, whose names nobody asks."""

    __tablename__ = "service_booking"
    __table_args__ = (CheckConstraint("places >= 1", name="places_positive"),)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    service_id: Mapped[int] = mapped_column(
        ForeignKey("offered_service.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    places: Mapped[int] = mapped_column(default=1)


def is_answered_for() -> ColumnElement[bool]:
    """Tell of a registration that its lead wrote the name and answered for a person who has said nothing."""
    return exists().where(Consent.registration_id == Registration.id, Consent.given_by == ConsentGiver.LEAD)


def may_be_written_to(conference_id: int) -> ColumnElement[bool]:
    """Tell of a registration that its person comes, has an address, and agrees to be written to."""
    agrees = exists().where(
        Consent.registration_id == Registration.id,
        Consent.purpose == Purpose.REMINDERS,
        Consent.withdrawn_at.is_(None),
    )
    return and_(
        Registration.conference_id == conference_id,
        Registration.status == RegistrationStatus.CONFIRMED,
        Registration.contact_email.is_not(None),
        agrees,
    )
