"""Leading an organization in several conferences: what one is asked for by is worth what the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from conference.models import Organization, RoleGrant
from conference.models.leads import only_asks

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


def held_with_asking(session: Session, *, conference_id: int, grant_ids: Collection[int]) -> list[RoleGrant]:
    """Return grants of a conference that are in force, and those that end with them, by conference.

    Who leads an organization nowhere else only asks with their other grants that it come to other
    conferences. None of these ends while they lead it in any other by more than asking. All are held in order
    of their ids: of two who withdraw what one person leads, in one conference each, none waits in a circle.
    """
    meant = aliased(RoleGrant)
    same = (meant.account_id == RoleGrant.account_id) & (meant.organization_id == RoleGrant.organization_id)
    touched = exists().where(
        meant.id.in_(grant_ids), meant.conference_id == conference_id, (meant.id == RoleGrant.id) | same
    )
    found = session.execute(
        select(RoleGrant, only_asks())
        .outerjoin(Organization, Organization.id == RoleGrant.organization_id)
        .where(touched, RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.id)
        .with_for_update(of=RoleGrant)
        .execution_options(populate_existing=True)
    ).all()
    ending = [grant for grant, _asks in found if grant.id in grant_ids]
    for grant in tuple(ending):
        others = [row for row in found if row[0].account_id == grant.account_id and row[0] not in ending]
        ending += [each for each, _asks in others] if all(asks for _each, asks in others) else []
    return sorted(ending, key=lambda each: (each.conference_id, each.id))
