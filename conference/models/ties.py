"""What is tied to an organization's entry, and keeps it from being erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, exists, or_

from conference.domain.directory import MembershipState
from conference.models.accounts import RoleGrant
from conference.models.credentials import Seat
from conference.models.directory import FederationMembership, Organization, Participation
from conference.models.program import CoChair
from conference.models.registration import Party, Registration
from conference.models.retention import LegalHold
from conference.models.voting import Elector

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def what_keeps_it(conference_id: int) -> ColumnElement[str | None]:
    """Tell of an organization's row why organizers of a conference cannot erase it: a code, or None.

    "entry_takes_part": a conference, seat, vote or registration is tied to it, and which it is nobody learns;
    "entry_federated": both sides agreed to a membership, or a mandate was given; "entry_led_elsewhere":
    organizers of another conference have named somebody who answers for it; "entry_under_hold": a legal hold
    stands on this server. An entry belongs to no conference alone: any of them may be asked for it.
    """
    records = (Participation, Seat, Elector, CoChair, Registration, Party)
    takes_part = or_(*(exists().where(record.organization_id == Organization.id) for record in records))
    federated = exists().where(
        or_(
            FederationMembership.parent_id == Organization.id,
            FederationMembership.member_id == Organization.id,
        ),
        or_(
            FederationMembership.state != MembershipState.JOINING,
            FederationMembership.mandate.is_not(None),
        ),
    )
    led_elsewhere = exists().where(
        RoleGrant.organization_id == Organization.id,
        RoleGrant.conference_id != conference_id,
        RoleGrant.revoked_at.is_(None),
    )
    return case(
        (takes_part, "entry_takes_part"),
        (federated, "entry_federated"),
        (led_elsewhere, "entry_led_elsewhere"),
        (exists().where(LegalHold.lifted_at.is_(None)), "entry_under_hold"),
        else_=None,
    )
