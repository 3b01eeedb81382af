"""Organizations of other conferences that could come to this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.directory import folded
from conference.models import Organization, RoleGrant
from conference.models.directory import comes_again
from conference.models.leads import led_in, may_be_invited_again

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.domain.directory import OrganizationKind


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An organization that takes part in another conference and not, so far, in this one."""

    id: int
    key: str
    name: str
    kind: OrganizationKind
    side: Chamber


def entries_elsewhere(session: Session, *, conference_id: int, account_id: int) -> tuple[Elsewhere, ...]:
    """Return what somebody leads elsewhere and could come with to this conference, by name. One statement."""
    led = exists().where(
        RoleGrant.organization_id == Organization.id,
        RoleGrant.account_id == account_id,
        RoleGrant.revoked_at.is_(None),
    )
    mine = exists().where(
        RoleGrant.organization_id == Organization.id,
        RoleGrant.account_id == account_id,
        led_in(conference_id),
    )
    return _elsewhere(session, comes_again(conference_id), led, ~mine)


def earlier_organizations(session: Session, *, conference_id: int) -> tuple[Elsewhere, ...]:
    """Return those of elsewhere that nobody answers for, there any more or here, by name. One statement."""
    led_here = exists().where(RoleGrant.organization_id == Organization.id, led_in(conference_id))
    return _elsewhere(session, may_be_invited_again(conference_id), ~led_here)


def _elsewhere(session: Session, *conditions: ColumnElement[bool]) -> tuple[Elsewhere, ...]:
    rows = session.execute(
        select(Organization.id, Organization.key, Organization.name, Organization.kind, Organization.side)
        .where(*conditions)
        .order_by(Organization.id)
    )
    found = (Elsewhere(*row) for row in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.name), one.key)))
