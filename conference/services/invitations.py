"""Inviting somebody to a role by mail: the link in it lets them in, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.accounts import address_digest, code_digest, link_digest
from conference.domain.audit import AuditKind
from conference.domain.mail import MessageKind
from conference.models import RoleGrant, SignInCode
from conference.services.audit import actor_of, record_grant
from conference.services.mail import queue_message

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from conference.models import Account
    from conference.services.accounts import SignInProof, Words


@dataclass(frozen=True, slots=True)
class Invitation:
    """The mail that tells somebody of a role: its words, and the link in it, which signs in once.

    The proof's code is mailed to nobody; `key` is the one of sign-in codes.
    """

    words: Words
    proof: SignInProof
    key: bytes
    lifetime: timedelta


def had_it_before(session: Session, grant_id: int) -> bool:
    """Tell whether whoever is given a role has been given it here before, be it that it was withdrawn."""
    new = session.get_one(RoleGrant, grant_id)
    earlier = select(func.count(RoleGrant.id)).where(
        RoleGrant.account_id == new.account_id,
        RoleGrant.conference_id == new.conference_id,
        RoleGrant.role == new.role,
        RoleGrant.id != grant_id,
    )
    return bool(session.scalar(earlier))


def invitation_key(grant_id: int) -> str:
    """Return the name of the mail that invites to a role."""
    return f"invitation-{grant_id}"


def invite(
    session: Session,
    invitation: Invitation,
    account: Account,
    grant_id: int,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Mail an invitation to the account's address, with a link that signs in once; it is in the log."""
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
        key=invitation_key(grant_id),
        recipient=email,
        language=invitation.words.language,
        subject=invitation.words.subject,
        body=invitation.words.body,
        conference_id=grant.conference_id,
        useless_after=expires_at,
        now=now,
    )
    actor = actor_of(session, conference_id=grant.conference_id, account_id=by)
    record_grant(session, grant, AuditKind.INVITATION_SENT, actor=actor, now=now)
