"""Granting roles and withdrawing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.models import Participation, RoleGrant
from conference.services.accounts import account_for

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

# These come with a seat or a ticket; granting them by hand would say what is not so.
EARNED_ROLES = frozenset({Role.DELEGATE, Role.ATTENDEE})


def grant_role(
    session: Session,
    *,
    conference_id: int,
    email: str,
    role: Role,
    organization_id: int | None,
    language: str,
    by: int | None,
    now: datetime,
) -> int:
    """Give an address a role in a conference; only leads have an organization, and they must.

    Raises Invalid for an earned role or a lead without organization, Conflict where it is held already.
    """
    if role in EARNED_ROLES:
        raise Invalid("role_not_granted")
    if role is Role.ORGANIZATION_LEAD:
        _check_participation(session, conference_id=conference_id, organization_id=organization_id)
    else:
        organization_id = None
    account = account_for(session, email=email, language=language, now=now)
    held = select(RoleGrant.id).where(
        RoleGrant.account_id == account.id,
        RoleGrant.conference_id == conference_id,
        RoleGrant.role == role,
        RoleGrant.organization_id.is_not_distinct_from(organization_id),
        RoleGrant.revoked_at.is_(None),
    )
    if session.scalar(held) is not None:
        raise Conflict("grant_exists")
    grant = RoleGrant(
        account_id=account.id,
        conference_id=conference_id,
        role=role,
        organization_id=organization_id,
        granted_at=now,
        granted_by_id=by,
    )
    session.add(grant)
    try:
        session.flush()
    except IntegrityError as error:
        # Granted by somebody else at the same moment.
        raise Conflict("grant_exists") from error
    return grant.id


def _check_participation(session: Session, *, conference_id: int, organization_id: int | None) -> None:
    taking_part = select(Participation.organization_id).where(
        Participation.conference_id == conference_id, Participation.organization_id == organization_id
    )
    if organization_id is None or session.scalar(taking_part) is None:
        raise Invalid("organization_needed")


def revoke_role(session: Session, *, conference_id: int, grant_id: int, by: int, now: datetime) -> None:
    """Withdraw a role; the last organizer's stays, so that the conference is never locked."""
    grant = session.scalars(
        select(RoleGrant).where(
            RoleGrant.id == grant_id,
            RoleGrant.conference_id == conference_id,
            RoleGrant.revoked_at.is_(None),
        )
    ).one_or_none()
    if grant is None:
        raise NotFound("grant_not_found")
    if grant.role is Role.ORGANIZER and _organizer_grants(session, conference_id) == {grant.id}:
        raise Conflict("last_organizer")
    grant.revoked_at = now
    grant.revoked_by_id = by
    session.flush()


def _organizer_grants(session: Session, conference_id: int) -> set[int]:
    # Locked in order: two organizers who withdraw each other's role at once do so one after the other.
    in_force = (
        select(RoleGrant.id)
        .where(
            RoleGrant.conference_id == conference_id,
            RoleGrant.role == Role.ORGANIZER,
            RoleGrant.revoked_at.is_(None),
        )
        .order_by(RoleGrant.id)
        .with_for_update()
    )
    return set(session.scalars(in_force))
