"""Organizations, the graph of their federations, and which of them take part in a conference."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, and_, exists, or_
from sqlalchemy.orm import Mapped, mapped_column

from agreements import Chamber
from conference.domain.directory import (
    LegalForm,
    MembershipSide,
    MembershipState,
    OrganizationKind,
    OrganizationSource,
    OrganizationStatus,
    RecordSource,
)
from conference.extensions import Model
from conference.models.columns import Json, Moment, Translations, one_of


class Organization(Model):
    """An association, federation, office or institution: never a person."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint("(us_state IS NULL) = (us_city = '')", name="us_state_and_city"),
        CheckConstraint("source = 'found' OR claimed_at IS NULL", name="claimed_if_found"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[OrganizationKind] = mapped_column(one_of(OrganizationKind))
    side: Mapped[Chamber] = mapped_column(one_of(Chamber))
    status: Mapped[OrganizationStatus] = mapped_column(one_of(OrganizationStatus))
    # Five-digit INEGI key: two San Juan Mixtepec in Oaxaca are two places.
    municipality: Mapped[str | None] = mapped_column(String(5))
    place: Mapped[str] = mapped_column(String(200), default="")
    languages: Mapped[list[str]] = mapped_column(Json)
    description: Mapped[Translations] = mapped_column(Json)
    website: Mapped[str] = mapped_column(String(200), default="")
    # Where its people live: two letters of a state of the United States, and a city.
    us_state: Mapped[str | None] = mapped_column(String(2))
    us_city: Mapped[str] = mapped_column(String(80), default="")
    legal_form: Mapped[LegalForm] = mapped_column(one_of(LegalForm), default=LegalForm.UNINCORPORATED)
    # Disclosed by itself: who pays for its work, and what it belongs to besides its federations.
    funders: Mapped[str] = mapped_column(String(500), default="")
    affiliations: Mapped[str] = mapped_column(String(500), default="")
    # Field → who may read it, where the organization has decided otherwise than `DEFAULT_VISIBILITY`.
    visibility: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    source: Mapped[OrganizationSource] = mapped_column(
        one_of(OrganizationSource),
        default=OrganizationSource.ENTERED,
    )
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    # Listed nowhere from then on; votes that it cast stay where they were published.
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


def is_here() -> ColumnElement[bool]:
    """Tell of a row whether it has not withdrawn: the seat of one that has is entitled to nothing."""
    return Organization.withdrawn_at.is_(None)


def is_shown() -> ColumnElement[bool]:
    """Tell of a row whether anybody may know of it: it was not just found by others, and has not withdrawn.

    Public lists ask for a Participation besides. Organizers and its own lead see it in any case.
    """
    return and_(
        or_(Organization.source != OrganizationSource.FOUND, Organization.claimed_at.is_not(None)),
        is_here(),
    )


def awaits_its_lead() -> ColumnElement[bool]:
    """Tell of a row whether others put it here, and nobody of the organization has answered for it yet."""
    found = and_(Organization.source == OrganizationSource.FOUND, Organization.claimed_at.is_(None))
    invited = and_(
        Organization.source == OrganizationSource.INVITED,
        Organization.status == OrganizationStatus.PROPOSED,
    )
    return and_(or_(found, invited), Organization.withdrawn_at.is_(None))


def is_named_here(conference_id: int) -> ColumnElement[bool]:
    """Tell of a row whether organizers of a conference name it: it takes part there, or has no lead yet.

    Of an entry that waits for them its own lead says it, and one that has withdrawn is let be.
    """
    takes_part = exists().where(
        Participation.conference_id == conference_id, Participation.organization_id == Organization.id
    )
    return or_(and_(is_shown(), takes_part), awaits_its_lead())


def comes_again(conference_id: int) -> ColumnElement[bool]:
    """Tell of a row whether it is listed in another conference and does not take part in this one.

    It was accepted, or answered for, where it takes part: here it needs no new entry, only a word.
    """
    takes_part = exists().where(
        Participation.conference_id == conference_id, Participation.organization_id == Organization.id
    )
    return and_(is_listed(), ~takes_part, Organization.status != OrganizationStatus.PROPOSED)


class FederationMembership(Model):
    """One organization's membership in another; several parents are allowed, cycles are not."""

    __tablename__ = "federation_membership"
    __table_args__ = (
        CheckConstraint("parent_id <> member_id", name="not_its_own_parent"),
        CheckConstraint("(state = 'active') = (asked_by IS NULL)", name="asked_unless_active"),
        CheckConstraint("(mandate IS NULL) = (mandated_at IS NULL)", name="mandated_at_a_time"),
    )

    parent_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True, index=True)
    state: Mapped[MembershipState] = mapped_column(one_of(MembershipState), default=MembershipState.ACTIVE)
    # Who waits for the other's consent, to joining or to leaving.
    asked_by: Mapped[MembershipSide | None] = mapped_column(one_of(MembershipSide))
    # The member's word that the federation may name who sits in its seat; without it nobody else may.
    mandate: Mapped[RecordSource | None] = mapped_column(one_of(RecordSource))
    mandated_at: Mapped[datetime | None] = mapped_column(Moment)


def is_drawn() -> ColumnElement[bool]:
    """Tell of a row of the graph whether both sides agreed to it; one that waits is not shown."""
    return FederationMembership.state != MembershipState.JOINING


class Participation(Model):
    """An organization takes part in a conference, with a seat or with voice only."""

    __tablename__ = "participation"

    conference_id: Mapped[int] = mapped_column(
        ForeignKey("conference.id", ondelete="CASCADE"), primary_key=True
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True, index=True)
    position: Mapped[int]


def is_listed() -> ColumnElement[bool]:
    """Tell of an organization's row whether it has answered and takes part, wherever that is."""
    return and_(is_shown(), exists().where(Participation.organization_id == Organization.id))
