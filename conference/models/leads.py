"""Who answers for an organization, and for which nobody does any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_

from conference.domain.accounts import Role
from conference.domain.directory import OrganizationStatus
from conference.models.accounts import Account, RoleGrant
from conference.models.cards import AccessCard
from conference.models.directory import Organization, Participation, comes_again
from conference.models.passkeys import Passkey

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def led_in(conference_id: int) -> ColumnElement[bool]:
    """Tell of a grant whether somebody answers by it for an organization in the conference now."""
    return and_(
        RoleGrant.conference_id == conference_id,
        RoleGrant.role == Role.ORGANIZATION_LEAD,
        RoleGrant.revoked_at.is_(None),
    )


def by_oneself() -> ColumnElement[bool]:
    """Tell of a grant whether its holder asked for it, as whoever enters their own organization does."""
    return RoleGrant.granted_by_id.is_not_distinct_from(RoleGrant.account_id)


def only_asks() -> ColumnElement[bool]:
    """Tell of a grant, joined with its organization, whether its holder only asks with it to come again."""
    takes_part = exists().where(
        Participation.conference_id == RoleGrant.conference_id,
        Participation.organization_id == RoleGrant.organization_id,
    )
    return and_(by_oneself(), ~takes_part, Organization.status != OrganizationStatus.PROPOSED)


def may_be_invited_again(conference_id: int) -> ColumnElement[bool]:
    """Tell of an organization's row whether it comes again, and nobody elsewhere can answer for it any more.

    While its lead of another conference can still sign in, it is they who ask: organizers of one conference
    put nobody into the place of those who lead it in another.
    """
    can_sign_in = or_(
        Account.email.is_not(None),
        exists().where(AccessCard.account_id == Account.id),
        exists().where(Passkey.account_id == Account.id),
    )
    led_elsewhere = exists().where(
        RoleGrant.organization_id == Organization.id,
        RoleGrant.conference_id != conference_id,
        RoleGrant.revoked_at.is_(None),
        Account.id == RoleGrant.account_id,
        can_sign_in,
    )
    return and_(comes_again(conference_id), ~led_elsewhere)
