"""Organizations, the graph of their federations, and which of them take part in a conference."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from agreements import Chamber
from conference.domain.directory import OrganizationKind, OrganizationStatus
from conference.extensions import Model
from conference.models.columns import Json, Translations, one_of


class Organization(Model):
    """An association, federation, office or institution: never a person."""

    __tablename__ = "organization"

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


class FederationMembership(Model):
    """One organization's membership in another; several parents are allowed, cycles are not."""

    __tablename__ = "federation_membership"
    __table_args__ = (CheckConstraint("parent_id <> member_id", name="not_its_own_parent"),)

    parent_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True, index=True)


class Participation(Model):
    """An organization takes part in a conference, with a seat or with voice only."""

    __tablename__ = "participation"

    conference_id: Mapped[int] = mapped_column(
        ForeignKey("conference.id", ondelete="CASCADE"), primary_key=True
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True, index=True)
    position: Mapped[int]
