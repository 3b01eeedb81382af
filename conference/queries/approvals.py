"""What organizers asked each other for, and the people that an export is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from conference.domain.approvals import ApprovalState
from conference.domain.registration import RegistrationStatus
from conference.models import AccessCard, Account, Approval, Organization, Registration

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


def _state(row: Approval, now: datetime) -> ApprovalState:
    if row.used_at is not None:
        return ApprovalState.USED
    if row.approved is False:
        return ApprovalState.REFUSED
    if row.expires_at <= now:
        return ApprovalState.EXPIRED
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
