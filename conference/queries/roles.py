"""Who holds which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.errors import NotFound
from conference.models import (
    AccessCard,
    Account,
    Organization,
    Participation,
    RoleGrant,
)
from conference.models.second_factors import has_second_factor

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from conference.domain.accounts import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in force, as the organizers' page lists it.

    Whoever has no address is called by the number of their card (None: it was taken back).
    `second_factor`: they can show one, and so can use a role of staff. `granted_by_id` is None where the
    operator granted it on the server; `language` is the one in which its holder is written to.
    """

    id: int
    email: str | None
    card_number: int | None
    role: Role
    organization_name: str | None
    granted_at: datetime
    second_factor: bool
    account_id: int
    granted_by_id: int | None
    language: str


def grants(session: Session, *, conference_id: int) -> tuple[Grant, ...]:
    """Return the roles in force, by role and address. One statement."""
    rows = session.execute(
        _grants(conference_id).order_by(
            RoleGrant.role, Account.email, AccessCard.number, Organization.name, RoleGrant.id
        )
    )
    return tuple(Grant(*row) for row in rows)


def grant_in_force(session: Session, *, conference_id: int, grant_id: int) -> Grant:
    """Return one role in force; NotFound("grant_not_found") for one that was withdrawn, or is elsewhere."""
    row = session.execute(_grants(conference_id).where(RoleGrant.id == grant_id)).one_or_none()
    if row is None:
        raise NotFound("grant_not_found")
    return Grant(*row)


def _grants(
    conference_id: int,
) -> Select[int, str | None, int, Role, str, datetime, bool, int, int | None, str]:
    return (
        select(
            RoleGrant.id,
            Account.email,
            AccessCard.number,
            RoleGrant.role,
            Organization.name,
            RoleGrant.granted_at,
            has_second_factor(Account.id),
            RoleGrant.account_id,
            RoleGrant.granted_by_id,
            Account.language,
        )
        .join(Account, Account.id == RoleGrant.account_id)
        .outerjoin(Organization, Organization.id == RoleGrant.organization_id)
        .outerjoin(
            AccessCard,
            (AccessCard.account_id == Account.id)
            & (AccessCard.conference_id == RoleGrant.conference_id)
            & AccessCard.revoked_at.is_(None),
        )
        .where(RoleGrant.conference_id == conference_id, RoleGrant.revoked_at.is_(None))
    )


def organization_id(session: Session, *, conference_id: int, key: str) -> int | None:
    """Return the organization with the key, if it takes part in the conference."""
    return session.scalar(
        select(Organization.id)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id, Organization.key == key)
    )
