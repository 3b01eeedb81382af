"""Cards for those who work here and have no address: with their role, and anew when they lost theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.errors import Conflict, Forbidden, NotFound
from conference.models import Account, RoleGrant
from conference.services.cards import issue_card
from conference.services.roles import ROLES_THAT_SEE_NAMES, grant_role_to

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from conference.domain.accounts import Role
    from conference.services.cards import CardSecrets


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A card that was issued: what it is called, and the language of whoever gets it."""

    number: int
    language: str


def invite_cardholder(
    session: Session,
    *,
    conference_id: int,
    role: Role,
    organization_id: int | None,
    language: str,
    secrets: CardSecrets,
    key: bytes,
    lifetime: timedelta,
    by: int,
    now: datetime,
) -> IssuedCard | None:
    """Give a role to somebody without address, who gets in by card alone, and issue the card.

    None, and no card, for a role that sees names: whoever gives it could keep the card, and has another
    organizer print it, with `reissue_for_staff`.

    `key` is the one of card codes. Raises as `grant_role_to` does.
    """
    account = Account(email=None, language=language, created_at=now)
    session.add(account)
    session.flush()
    grant_role_to(
        session,
        conference_id=conference_id,
        account_id=account.id,
        role=role,
        organization_id=organization_id,
        by=by,
        now=now,
    )
    if role in ROLES_THAT_SEE_NAMES:
        return None
    number = issue_card(
        session,
        conference_id=conference_id,
        account_id=account.id,
        secrets=secrets,
        key=key,
        lifetime=lifetime,
        by=by,
        now=now,
    )
    return IssuedCard(number, language)


def reissue_for_staff(
    session: Session,
    *,
    conference_id: int,
    grant_id: int,
    secrets: CardSecrets,
    key: bytes,
    lifetime: timedelta,
    by: int,
    now: datetime,
) -> IssuedCard:
    """Issue another card to the holder of a role who has no address; the one before opens nothing any more.

    Raises NotFound("grant_not_found"), Conflict("card_for_address") for whoever gets in by mail, and
    Forbidden("card_by_granter") for whoever gave the holder a role that sees names.
    """
    holder = _holder(session, conference_id, grant_id)
    if holder.email is not None:
        raise Conflict("card_for_address")
    if _gave_role_that_sees_names(session, by=by, holder_id=holder.id):
        raise Forbidden("card_by_granter")
    number = issue_card(
        session,
        conference_id=conference_id,
        account_id=holder.id,
        secrets=secrets,
        key=key,
        lifetime=lifetime,
        by=by,
        now=now,
    )
    return IssuedCard(number, holder.language)


def _holder(session: Session, conference_id: int, grant_id: int) -> Account:
    holder = session.scalars(
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.id == grant_id,
            RoleGrant.conference_id == conference_id,
            RoleGrant.revoked_at.is_(None),
        )
    ).one_or_none()
    if holder is None:
        raise NotFound("grant_not_found")
    return holder


def _gave_role_that_sees_names(session: Session, *, by: int, holder_id: int) -> bool:
    # Any of theirs: a card opens everything that its holder may do.
    given = select(RoleGrant.id).where(
        RoleGrant.account_id == holder_id,
        RoleGrant.role.in_(ROLES_THAT_SEE_NAMES),
        RoleGrant.granted_by_id == by,
        RoleGrant.revoked_at.is_(None),
    )
    return session.scalars(given).first() is not None
