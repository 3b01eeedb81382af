"""Granting roles and withdrawing them: by address, with an invitation, or to somebody who has a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError

from conference.domain.accounts import STAFF_ROLES, Role, address_digest, code_digest, link_digest
from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Forbidden, Invalid, NotFound
from conference.domain.mail import MessageKind
from conference.models import Account, Organization, Participation, RoleGrant, SignInCode
from conference.models.directory import awaits_its_lead
from conference.models.second_factors import has_second_factor
from conference.services.accounts import SignInProof, Words, account_for
from conference.services.audit import actor_of, grant_name, record
from conference.services.mail import forget_message, queue_message
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

# These come with a seat or a ticket; granting them by hand would say what is not so.
EARNED_ROLES = frozenset({Role.DELEGATE, Role.ATTENDEE})
# With these one reads names of people, or who needs what, as the policies say. Organizers, who read none but
# of whoever stands before them, do not give them to themselves.
ROLES_THAT_SEE_NAMES = frozenset(
    {Role.CREDENTIALS_COMMITTEE, Role.DOOR_VOLUNTEER, Role.ORGANIZATION_LEAD, Role.SERVICE_LEAD}
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The mail that tells somebody of a role: its words, and the link in it, which signs in once.

    The proof's code is mailed to nobody; `key` is the one of sign-in codes.
    """

    words: Words
    proof: SignInProof
    key: bytes
    lifetime: timedelta


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
) -> int:
    """Give an address a role in a conference, and return the grant's id.

    The invitation is mailed to whoever is given the role for the first time here: naming somebody again after
    a withdrawal writes to nobody. Raises as `grant_role_to` does.
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
    )
    if invitation is not None and not _had_it_before(session, grant_id):
        _invite(session, invitation, account, grant_id, by=by, now=now)
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
) -> int:
    """Give an account a role in a conference; only leads have an organization, and they must.

    Raises Invalid for an earned role ("role_not_granted") or a lead without organization
    ("organization_needed"), Conflict("grant_exists") where it is held already, and Forbidden
    ("role_for_oneself") for a role that sees names and that an organizer would give to themselves.
    """
    _check_role(session, conference_id=conference_id, role=role, organization_id=organization_id)
    if account_id == by and role in ROLES_THAT_SEE_NAMES:
        raise Forbidden("role_for_oneself")
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
    _changed(session, grant, AuditKind.ROLE_GRANTED, actor=actor, now=now)
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
    The role of an organizer is withdrawn only while another organizer can get in by a second factor, so that
    the conference is never locked: Conflict("last_organizer"). Raises NotFound("grant_not_found").
    """
    in_force = (
        RoleGrant.id == grant_id,
        RoleGrant.conference_id == conference_id,
        RoleGrant.revoked_at.is_(None),
    )
    if session.scalar(select(RoleGrant.role).where(*in_force)) is Role.ORGANIZER:
        _check_others_organize(session, conference_id=conference_id, grant_id=grant_id)
    grant = session.scalars(select(RoleGrant).where(*in_force).with_for_update()).one_or_none()
    if grant is None:
        raise NotFound("grant_not_found")
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    grant.revoked_at = now
    grant.revoked_by_id = by
    session.flush()
    forget_message(session, key=_invitation_key(grant_id))
    session.execute(delete(SignInCode).where(SignInCode.grant_id == grant_id))
    if notice is not None and grant.role in STAFF_ROLES:
        _tell(session, notice, grant, now=now)
    _changed(session, grant, AuditKind.ROLE_REVOKED, actor=actor, now=now)


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
        # Nobody answers for it yet: its lead is invited to say whether it takes part.
        | awaits_its_lead(),
    )
    if organization_id is None or session.scalar(known) is None:
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


def _had_it_before(session: Session, grant_id: int) -> bool:
    new = session.get_one(RoleGrant, grant_id)
    earlier = select(func.count(RoleGrant.id)).where(
        RoleGrant.account_id == new.account_id,
        RoleGrant.conference_id == new.conference_id,
        RoleGrant.role == new.role,
        RoleGrant.id != grant_id,
    )
    return bool(session.scalar(earlier))


def _invitation_key(grant_id: int) -> str:
    return f"invitation-{grant_id}"


def _invite(
    session: Session,
    invitation: Invitation,
    account: Account,
    grant_id: int,
    *,
    by: int | None,
    now: datetime,
) -> None:
    grant = session.get_one(RoleGrant, grant_id)
    email, expires_at = account.email or "", now + invitation.lifetime
    session.add(
        SignInCode(
            account_id=account.id,
            grant_id=grant_id,
            address_digest=address_digest(email, key=invitation.key),
            link_digest=link_digest(invitation.proof.token),
            code_digest=code_digest(invitation.proof.code, email=email, key=invitation.key),
            issued_at=now,
            expires_at=expires_at,
        )
    )
    queue_message(
        session,
        kind=MessageKind.INVITATION,
        key=_invitation_key(grant_id),
        recipient=email,
        language=invitation.words.language,
        subject=invitation.words.subject,
        body=invitation.words.body,
        conference_id=grant.conference_id,
        useless_after=expires_at,
        now=now,
    )
    actor = actor_of(session, conference_id=grant.conference_id, account_id=by)
    _record(session, grant, AuditKind.INVITATION_SENT, actor=actor, now=now)


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


def _changed(session: Session, grant: RoleGrant, kind: AuditKind, *, actor: str, now: datetime) -> None:
    rights_changed(session, account_id=grant.account_id, staff=grant.role in STAFF_ROLES)
    _record(session, grant, kind, actor=actor, now=now)


def _record(session: Session, grant: RoleGrant, kind: AuditKind, *, actor: str, now: datetime) -> None:
    named = grant_name(session, conference_id=grant.conference_id, role=grant.role, grant_id=grant.id)
    event = {"kind": kind.value, "role": grant.role.value, "grant": named}
    record(session, conference_id=grant.conference_id, actor=actor, event=event, at=now)


def _check_others_organize(session: Session, *, conference_id: int, grant_id: int) -> None:
    others = [other for other in _organizers(session, conference_id) if other.id != grant_id]
    able = select(func.count(Account.id)).where(
        Account.id.in_([other.account_id for other in others]), has_second_factor(Account.id)
    )
    # An address that was mistyped organizes nothing: only who can show a second factor counts.
    if not session.scalar(able):
        raise Conflict("last_organizer")


def _organizers(session: Session, conference_id: int) -> Sequence[RoleGrant]:
    # Locked in order: two organizers who withdraw each other's role at once do so one after the other.
    return session.scalars(
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
