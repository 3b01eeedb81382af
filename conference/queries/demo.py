"""The cast of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.models import Account, Registration, RoleGrant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.domain.accounts import Role


@dataclass(frozen=True, slots=True)
class CastMember:
    """Somebody of the sample people who can sign in."""

    account_id: int
    email: str
    badge_name: str | None
    roles: tuple[Role, ...]


def cast(session: Session) -> tuple[CastMember, ...]:
    """Return everybody who can sign in, in the order of the pack. For the demonstration only."""
    names = dict(
        session.execute(
            select(Registration.account_id, Registration.badge_name).where(
                Registration.account_id.is_not(None)
            )
        ).all()
    )
    roles: dict[int, list[Role]] = {}
    held = select(RoleGrant.account_id, RoleGrant.role).where(RoleGrant.revoked_at.is_(None))
    for account_id, role in session.execute(held.order_by(RoleGrant.id)):
        roles.setdefault(account_id, []).append(role)
    # Sample delegates who only fill a seat have no address, and nobody signs in as them.
    accounts = session.execute(
        select(Account.id, Account.email).where(Account.email.is_not(None)).order_by(Account.id)
    )
    return tuple(
        CastMember(account_id, email or "", names.get(account_id), tuple(roles.get(account_id, ())))
        for account_id, email in accounts
    )
