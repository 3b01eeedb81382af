"""Organizations as pages list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.models import Organization, Participation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def organization_choices(session: Session, *, conference_id: int) -> tuple[tuple[int, str], ...]:
    """Return (id, name) of the organizations taking part, by name."""
    rows = session.execute(
        select(Organization.id, Organization.name)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id)
        .order_by(Organization.name, Organization.id)
    )
    return tuple((organization_id, name) for organization_id, name in rows)
