"""Granting roles and withdrawing them: by address, with an invitation, or to somebody who has a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError

from conference.domain.accounts import STAFF_ROLES, Role
from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Forbidden, Invalid, NotFound
from conference.domain.mail import MessageKind
from conference.models import Account, Organization, Participation, RoleGrant, SignInCode
from conference.models.directory import awaits_its_lead
from conference.models.leads import by_oneself, led_in, may_be_invited_again
from conference.models.second_factors import has_second_factor
from conference.services.accounts import Words, account_for
from conference.services.audit import actor_of, record_grant
from conference.services.invitations import Invitation, had_it_before, invitation_key, invite
from conference.services.leading import held_with_asking
from conference.services.mail import forget_message, queue_message
from conference.services.notices import notify_leads
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.notices import Letter

# These come with a seat or a ticket; granting them by hand would say what is not so.
EARNED_ROLES = frozenset({Role.DELEGATE, Role.ATTENDEE})
# With these one reads names of people, or who needs what, as the policies say. Organizers, who read none but
# of whoever stands before them, do not give them to themselves.
ROLES_THAT_SEE_NAMES = frozenset(
    {Role.CREDENTIALS_COMMITTEE, Role.DOOR_VOLUNTEER, Role.ORGANIZATION_LEAD, Role.SERVICE_LEAD}
)


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
    invitation: Invitation | None = None,
    to_leads: Letter | None = None,
) -> int:
    """Give an address a role in a conference, and return the grant's id.

    The invitation is mailed to whoever is given the role for the first time here: naming somebody again after
    a withdrawal writes to nobody. `to_leads` is written and raised as by `grant_role_to`.
    """
    _check_role(session, conference_id=conference_id, role=role, organization_id=organization_id)
    account = account_for(session, email=email, language=language, now=now)
    grant_id = grant_role_to(
        session,
        conference_id=conference_id,
        account_id=account.id,
        role=role,
        organization_id=organization_id,
        by=by,
        now=now,
        to_leads=to_leads,
    )
    if invitation is not None and not had_it_before(session, grant_id):
        invite(session, invitation, account, grant_id, by=by, now=now)
    return grant_id


def grant_role_to(
    session: Session,
    *,
    conference_id: int,
    account_id: int,
    role: Role,
    organization_id: int | None,
    by: int | None,
    now: datetime,
    to_leads: Letter | None = None,
) -> int:
    """Give an account a role in a conference; only leads have an organization, and they must.

    `to_leads` is mailed to whoever leads it already: nobody answers for an organization behind their back.

    Raises Invalid for an earned role ("role_not_granted") or a lead without organization
    ("organization_needed"), Conflict("grant_exists") where it is held already, and Forbidden
    ("role_for_oneself") for a role that sees names and that an organizer would give to themselves.
    """
    _check_role(session, conference_id=conference_id, role=role, organization_id=organization_id)
    if account_id == by and role in ROLES_THAT_SEE_NAMES:
        raise Forbidden("role_for_oneself")
    if to_leads is not None and role is Role.ORGANIZATION_LEAD and organization_id is not None:
        notify_leads(
            session,
            conference_id=conference_id,
            organization_id=organization_id,
            letter=to_leads,
            cause=f"lead-named-{organization_id}",
            now=now,
        )
    return _grant(
        session,
        conference_id=conference_id,
        account_id=account_id,
        role=role,
        organization_id=organization_id if role is Role.ORGANIZATION_LEAD else None,
        by=by,
        now=now,
    )


def lead_own_entry(
    session: Session, *, conference_id: int, account_id: int, organization_id: int, now: datetime
) -> int:
    """Have whoever has just entered an organization answer for it, and return the grant's id.

    Nobody gives a role that sees names to themselves; this one sees those of its own organization only,
    which has nobody yet. Raises Conflict("grant_exists").
    """
    return _grant(
        session,
        conference_id=conference_id,
        account_id=account_id,
        role=Role.ORGANIZATION_LEAD,
        organization_id=organization_id,
        by=account_id,
        now=now,
    )


def _grant(
    session: Session,
    *,
    conference_id: int,
    account_id: int,
    role: Role,
    organization_id: int | None,
    by: int | None,
    now: datetime,
) -> int:
    if _holds(session, conference_id, account_id, role, organization_id):
        raise Conflict("grant_exists")
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    grant = RoleGrant(
        account_id=account_id,
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
    rights_changed(session, account_id=grant.account_id, staff=grant.role in STAFF_ROLES)
    record_grant(session, grant, AuditKind.ROLE_GRANTED, actor=actor, now=now)
    return grant.id


def revoke_role(
    session: Session,
    *,
    conference_id: int,
    grant_id: int,
    by: int,
    now: datetime,
    notice: Words | None = None,
) -> None:
    """Withdraw a role, an invitation that has not gone out yet, and the link of one that has.

    `notice` is mailed to whoever worked here with the role and has an address: nobody loses it unawares.
    Who leads an organization nowhere any more does not ask either that it come to another conference.
    The role of an organizer is withdrawn only while another organizer can get in by a second factor, so that
    the conference is never locked: Conflict("last_organizer"). Raises NotFound("grant_not_found").
    """
    role = select(RoleGrant.role).where(
        RoleGrant.id == grant_id, RoleGrant.conference_id == conference_id, RoleGrant.revoked_at.is_(None)
    )
    if session.scalar(role) is Role.ORGANIZER and not others_organize(
        session, conference_id=conference_id, grant_id=grant_id
    ):
        raise Conflict("last_organizer")
    ending = held_with_asking(session, conference_id=conference_id, grant_ids=[grant_id])
    if not ending:
        raise NotFound("grant_not_found")
    for grant in ending:
        if notice is not None and grant.id == grant_id and grant.role in STAFF_ROLES:
            _tell(session, notice, grant, now=now)
    _end(session, ending, by=by, now=now)


def end_asking(session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime) -> None:
    """Withdraw the roles by which somebody asks that an organization come to the conference."""
    asking = select(RoleGrant.id).where(
        RoleGrant.organization_id == organization_id, led_in(conference_id), by_oneself()
    )
    ids = session.scalars(asking).all()
    _end(session, held_with_asking(session, conference_id=conference_id, grant_ids=ids), by=by, now=now)


def end_leading(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Withdraw the roles of all who lead an organization in the conference, with what invited them."""
    leading = select(RoleGrant.id).where(RoleGrant.organization_id == organization_id, led_in(conference_id))
    ids = session.scalars(leading).all()
    _end(session, held_with_asking(session, conference_id=conference_id, grant_ids=ids), by=by, now=now)


def _end(session: Session, grants: Sequence[RoleGrant], *, by: int, now: datetime) -> None:
    """Withdraw roles; the logs, which are taken in one order of conferences, come after all else."""
    # Before: who withdraws their own role is called by it for the last time.
    logs = {grant.conference_id for grant in grants}
    actors = {log: actor_of(session, conference_id=log, account_id=by) for log in logs}
    for grant in grants:
        grant.revoked_at, grant.revoked_by_id = now, by
        session.flush()
        forget_message(session, key=invitation_key(grant.id))
        session.execute(delete(SignInCode).where(SignInCode.grant_id == grant.id))
        rights_changed(session, account_id=grant.account_id, staff=grant.role in STAFF_ROLES)
    for grant in grants:
        record_grant(session, grant, AuditKind.ROLE_REVOKED, actor=actors[grant.conference_id], now=now)


def _check_role(session: Session, *, conference_id: int, role: Role, organization_id: int | None) -> None:
    if role in EARNED_ROLES:
        raise Invalid("role_not_granted")
    if role is not Role.ORGANIZATION_LEAD:
        return
    known = select(Organization.id).where(
        Organization.id == organization_id,
        exists().where(
            Participation.conference_id == conference_id, Participation.organization_id == organization_id
        )
        # Nobody answers for it yet, or any more: its lead is invited to say whether it takes part.
        | awaits_its_lead()
        | may_be_invited_again(conference_id),
    )
    # Whoever erases its entry at this moment waits, or is seen.
    if organization_id is None or session.scalar(known.with_for_update(read=True)) is None:
        raise Invalid("organization_needed")


def _holds(
    session: Session, conference_id: int, account_id: int, role: Role, organization_id: int | None
) -> bool:
    held = select(RoleGrant.id).where(
        RoleGrant.account_id == account_id,
        RoleGrant.conference_id == conference_id,
        RoleGrant.role == role,
        RoleGrant.organization_id.is_not_distinct_from(organization_id),
        RoleGrant.revoked_at.is_(None),
    )
    return session.scalar(held) is not None


def _tell(session: Session, notice: Words, grant: RoleGrant, *, now: datetime) -> None:
    email = session.get_one(Account, grant.account_id).email
    if email is None:
        return
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key=f"withdrawn-{grant.id}",
        recipient=email,
        language=notice.language,
        subject=notice.subject,
        body=notice.body,
        conference_id=grant.conference_id,
        now=now,
    )


def others_organize(session: Session, *, conference_id: int, grant_id: int) -> bool:
    """Tell whether somebody else than the holder of a grant organizes, and can get in by a second factor."""
    # Locked in order: two organizers who withdraw each other's role at once do so one after the other.
    organizers = session.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.conference_id == conference_id,
            RoleGrant.role == Role.ORGANIZER,
            RoleGrant.revoked_at.is_(None),
        )
        .order_by(RoleGrant.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    others = [each.account_id for each in organizers if each.id != grant_id]
    # An address that was mistyped organizes nothing: only who can show a second factor counts.
    able = select(func.count(Account.id)).where(Account.id.in_(others), has_second_factor(Account.id))
    return bool(session.scalar(able))
