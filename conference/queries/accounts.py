"""Who somebody is, and who holds which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.credentials import CredentialStatus
from conference.domain.registration import RegistrationStatus
from conference.models import Account, Credential, Organization, Participation, Registration, RoleGrant
from conference.policies import Identity

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in force, as the organizers' page lists it."""

    id: int
    email: str
    role: Role
    organization_name: str | None
    granted_at: datetime


def identity(session: Session, *, account_id: int, conference_id: int | None) -> Identity:
    """Return who the account is in the conference: granted roles, and those earned by seat and ticket.

    Without a conference nobody has any role. Two statements, whatever the roles.
    """
    if conference_id is None:
        known = session.scalar(select(Account.id).where(Account.id == account_id))
        return Identity() if known is None else Identity(account_id=account_id)
    grants = session.execute(
        select(Account.id, RoleGrant.role, RoleGrant.organization_id)
        .outerjoin(
            RoleGrant,
            (RoleGrant.account_id == Account.id)
            & (RoleGrant.conference_id == conference_id)
            & RoleGrant.revoked_at.is_(None),
        )
        .where(Account.id == account_id)
    ).all()
    if not grants:
        return Identity()
    places = session.execute(
        select(Registration.id, Credential.seat_id)
        .outerjoin(
            Credential,
            (Credential.registration_id == Registration.id)
            & (Credential.status == CredentialStatus.ACCEPTED),
        )
        .where(
            Registration.account_id == account_id,
            Registration.conference_id == conference_id,
            Registration.status == RegistrationStatus.CONFIRMED,
        )
    ).all()
    seat_ids = frozenset(seat_id for _, seat_id in places if seat_id is not None)
    roles = {role for _, role, _ in grants if role is not None}
    roles |= {Role.ATTENDEE} if places else set()
    roles |= {Role.DELEGATE} if seat_ids else set()
    return Identity(
        account_id=account_id,
        conference_id=conference_id,
        roles=frozenset(roles),
        leads=frozenset(organization for _, _, organization in grants if organization is not None),
        seat_ids=seat_ids,
    )


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
