"""Who holds which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.models import Account, Organization, Participation, RoleGrant

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.accounts import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in force, as the organizers' page lists it."""

    id: int
    email: str
    role: Role
    organization_name: str | None
    granted_at: datetime


def grants(session: Session, *, conference_id: int) -> tuple[Grant, ...]:
    """Return the roles in force, by role and address."""
    rows = session.execute(
        select(RoleGrant.id, Account.email, RoleGrant.role, Organization.name, RoleGrant.granted_at)
        .join(Account, Account.id == RoleGrant.account_id)
        .outerjoin(Organization, Organization.id == RoleGrant.organization_id)
        .where(RoleGrant.conference_id == conference_id, RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.role, Account.email, Organization.name)
    )
    return tuple(Grant(id, email or "", role, name, at) for id, email, role, name, at in rows)  # noqa: A001


def organization_id(session: Session, *, conference_id: int, key: str) -> int | None:
    """Return the organization with the key, if it takes part in the conference."""
    return session.scalar(
        select(Organization.id)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id, Organization.key == key)
    )
