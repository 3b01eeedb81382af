"""Cards for those who work here and have no address: with their role, and anew when they lost theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Forbidden, NotFound
from conference.models import Account, RoleGrant
from conference.services.audit import grant_name, staff_name
from conference.services.cards import hold_numbers, issue_card
from conference.services.roles import ROLES_THAT_SEE_NAMES, grant_role_to, others_organize

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from conference.services.cards import CardSecrets
    from conference.services.notices import Letter


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
    to_leads: Letter | None = None,
) -> IssuedCard | None:
    """Give a role to somebody without address, who gets in by card alone, and issue the card.

    None, and no card, for a role that sees names: whoever gives it could keep the card, and has another
    organizer print it, with `reissue_for_staff`.

    `key` is the one of card codes. `to_leads` is written, and raised, as by `grant_role_to`.
    """
    # Before the role, which is in the log: the log is held until the end.
    hold_numbers(session, conference_id)
    account = Account(email=None, language=language, created_at=now)
    session.add(account)
    session.flush()
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
    if role in ROLES_THAT_SEE_NAMES:
        return None
    number = issue_card(
        session,
        conference_id=conference_id,
        account_id=account.id,
        role_name=grant_name(session, conference_id=conference_id, role=role, grant_id=grant_id),
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
    Forbidden("card_by_granter") for whoever gave the holder a role that sees names. It closes what the holder
    set up, so nobody is locked out by it: Forbidden("card_for_oneself"), Conflict("card_of_last_organizer").
    """
    # Before anybody is looked at: of two who print each other's card at once the second finds the first.
    hold_numbers(session, conference_id)
    held = _held(session, conference_id, grant_id)
    holder = session.get_one(Account, held.account_id)
    if holder.email is not None:
        raise Conflict("card_for_address")
    if _gave_role_that_sees_names(session, by=by, holder_id=holder.id):
        raise Forbidden("card_by_granter")
    _check_not_locked_out(session, held, by=by)
    number = issue_card(
        session,
        conference_id=conference_id,
        account_id=holder.id,
        role_name=_role_name(session, held),
        secrets=secrets,
        key=key,
        lifetime=lifetime,
        by=by,
        now=now,
    )
    return IssuedCard(number, holder.language)


def _held(session: Session, conference_id: int, grant_id: int) -> RoleGrant:
    held = session.scalars(
        select(RoleGrant).where(
            RoleGrant.id == grant_id,
            RoleGrant.conference_id == conference_id,
            RoleGrant.revoked_at.is_(None),
        )
    ).one_or_none()
    if held is None:
        raise NotFound("grant_not_found")
    return held


def _check_not_locked_out(session: Session, held: RoleGrant, *, by: int) -> None:
    if held.account_id == by:
        raise Forbidden("card_for_oneself")
    organizes = select(RoleGrant.id).where(
        RoleGrant.account_id == held.account_id,
        RoleGrant.conference_id == held.conference_id,
        RoleGrant.role == Role.ORGANIZER,
        RoleGrant.revoked_at.is_(None),
    )
    grant_id = session.scalar(organizes)
    if grant_id is not None and not others_organize(
        session, conference_id=held.conference_id, grant_id=grant_id
    ):
        raise Conflict("card_of_last_organizer")


def _role_name(session: Session, held: RoleGrant) -> str:
    # The strongest of theirs: a card opens everything that its holder may do.
    strongest = staff_name(session, conference_id=held.conference_id, account_id=held.account_id)
    return strongest or grant_name(
        session, conference_id=held.conference_id, role=held.role, grant_id=held.id
    )


def _gave_role_that_sees_names(session: Session, *, by: int, holder_id: int) -> bool:
    # Any of theirs: a card opens everything that its holder may do.
    given = select(RoleGrant.id).where(
        RoleGrant.account_id == holder_id,
        RoleGrant.role.in_(ROLES_THAT_SEE_NAMES),
        RoleGrant.granted_by_id == by,
        RoleGrant.revoked_at.is_(None),
    )
    return session.scalars(given).first() is not None
