"""What organizers asked each other for, and the people that an export is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from conference.domain.accounts import Role
from conference.domain.approvals import NEW_ORGANIZER, ApprovalState, taken_back
from conference.domain.registration import RegistrationStatus
from conference.models import AccessCard, Account, Approval, Organization, Registration, RoleGrant

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.approvals import ApprovalKind
    from conference.domain.registration import Category, PhotoPreference


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the organizers' page lists it; who asked is called by address, or by card number."""

    id: int
    reason: str
    asked_at: datetime
    expires_at: datetime
    state: ApprovalState
    asked_by_id: int
    email: str | None
    card_number: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody registered, as an export has them: no address, no other contact, no access needs."""

    badge_name: str
    category: Category
    organization_name: str | None
    language: str
    spoken: tuple[str, ...]
    photo_preference: PhotoPreference


def requests_for(
    session: Session, *, conference_id: int, kind: ApprovalKind, now: datetime, length: int = 30
) -> tuple[Request, ...]:
    """Return the latest requests of a kind, the newest first. One statement."""
    asker = aliased(Account)
    rows = session.execute(
        select(Approval, asker.email, AccessCard.number)
        .join(asker, asker.id == Approval.asked_by_id)
        .outerjoin(
            AccessCard,
            (AccessCard.account_id == asker.id)
            & (AccessCard.conference_id == Approval.conference_id)
            & AccessCard.revoked_at.is_(None),
        )
        .where(Approval.conference_id == conference_id, Approval.kind == kind)
        .order_by(Approval.id.desc())
        .limit(length)
    )
    return tuple(
        Request(
            id=row.id,
            reason=row.reason,
            asked_at=row.asked_at,
            expires_at=row.expires_at,
            state=_state(row, now),
            asked_by_id=row.asked_by_id,
            email=email,
            card_number=number,
        )
        for row, email, number in rows
    )


def approvable_from(session: Session, *, conference_id: int, asked_by: int, now: datetime) -> datetime | None:
    """Return from when on somebody can approve what an organizer asks for; None where nobody else organizes.

    That is `now`, unless one of the two was named by another organizer, or issued a card, less than
    `NEW_ORGANIZER` ago. One statement.
    """
    named_at = case((RoleGrant.granted_by_id.is_not(None), RoleGrant.granted_at))
    carded_at = (
        select(func.max(AccessCard.issued_at))
        .where(AccessCard.account_id == RoleGrant.account_id)
        .correlate(RoleGrant)
        .scalar_subquery()
    )
    rows = session.execute(
        select(RoleGrant.account_id, func.max(named_at), carded_at)
        .where(
            RoleGrant.conference_id == conference_id,
            RoleGrant.role == Role.ORGANIZER,
            RoleGrant.revoked_at.is_(None),
        )
        .group_by(RoleGrant.account_id)
    )
    able_from = {
        account_id: max([now, *(moment + NEW_ORGANIZER for moment in (named, carded) if moment is not None)])
        for account_id, named, carded in rows
    }
    own = able_from.pop(asked_by, now)
    return max(own, min(able_from.values())) if able_from else None


def _state(row: Approval, now: datetime) -> ApprovalState:
    if row.used_at is not None:
        return ApprovalState.USED
    if row.approved is False:
        return ApprovalState.REFUSED
    if row.expires_at <= now:
        early = taken_back(asked_at=row.asked_at, decided_at=row.decided_at, expires_at=row.expires_at)
        return ApprovalState.WITHDRAWN if early else ApprovalState.EXPIRED
    return ApprovalState.APPROVED if row.approved else ApprovalState.ASKED


def people_to_export(session: Session, conference_id: int) -> tuple[Person, ...]:
    """Return everybody who holds a place in the conference, by name. One statement."""
    rows = session.execute(
        select(
            Registration.badge_name,
            Registration.category,
            Organization.name,
            Registration.language,
            Registration.spoken,
            Registration.photo_preference,
        )
        .outerjoin(Organization, Organization.id == Registration.organization_id)
        .where(
            Registration.conference_id == conference_id,
            Registration.status == RegistrationStatus.CONFIRMED,
        )
        .order_by(Registration.badge_name, Registration.id)
    )
    return tuple(
        Person(name, category, organization, language, tuple(spoken), photos)
        for name, category, organization, language, spoken, photos in rows
    )
