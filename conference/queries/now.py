"""What somebody can do at this moment: the first page they see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, union

from conference.models import Conference, Registration, RoleGrant

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.policies import Identity
    from conference.queries.conference import ConferenceView


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to do, by its kind; the page knows the words and the address."""

    kind: str
    number: int = 0
    subject: str = ""


def conferences_of(session: Session, *, account_id: int) -> tuple[str, ...]:
    """Return the conferences in which the account has a role or a ticket; all of them if it has none."""
    granted = select(RoleGrant.conference_id).where(
        RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
    )
    registered = select(Registration.conference_id).where(Registration.account_id == account_id)
    own = select(Conference.slug).where(Conference.id.in_(union(granted, registered).scalar_subquery()))
    slugs = tuple(session.scalars(own))
    return slugs or tuple(session.scalars(select(Conference.slug)))


def things_to_do(
    session: Session, *, identity: Identity, conference: ConferenceView, now: datetime
) -> tuple[Thing, ...]:
    """Return what the person can do now, the most urgent first."""
    return ()
