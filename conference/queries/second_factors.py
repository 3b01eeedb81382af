"""What an account can prove itself with besides its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.one_time_codes import FEW_RECOVERY_CODES, secret_to_confirm
from conference.models import Account, Authenticator, Passkey, RecoveryCode, second_factors
from conference.models.accounts import holds_staff_role

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Means:
    """How an account can prove who it is; `staff` holds a staff role in any conference.

    Of the passkeys, `verifying` are those that ask for their lock: only they are second factors.
    """

    email: str | None
    staff: bool
    app_since: datetime | None
    passkeys: int
    verifying: int
    recovery_codes: int

    @property
    def has_second_factor(self) -> bool:
        return self.app_since is not None or self.verifying > 0

    @property
    def few_recovery_codes(self) -> bool:
        return self.has_second_factor and self.recovery_codes <= FEW_RECOVERY_CODES

    @property
    def app_is_needed(self) -> bool:
        """Staff keep a second factor: the app stays where it is the only one."""
        return self.staff and self.verifying == 0


def has_second_factor(session: Session, *, account_id: int) -> bool:
    """Tell whether the account has an app that has shown its first code, or a passkey with a lock."""
    return bool(session.scalar(select(second_factors.has_second_factor(account_id))))


def staff_and_second_factor(session: Session, *, account_id: int) -> tuple[bool, bool]:
    """Tell whether the account holds a staff role now, anywhere, and whether it has a second factor."""
    row = session.execute(
        select(
            holds_staff_role(account_id).label("staff"),
            second_factors.has_second_factor(account_id).label("second_factor"),
        )
    ).one()
    return bool(row.staff), bool(row.second_factor)


def means_of(session: Session, *, account_id: int) -> Means:
    """Return what the account can prove itself with. One statement."""
    passkeys = select(func.count(Passkey.id)).where(Passkey.account_id == account_id)
    verifying = passkeys.where(Passkey.verifies)
    codes = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    row = session.execute(
        select(
            Account.email,
            holds_staff_role(Account.id).label("staff"),
            Authenticator.confirmed_at,
            passkeys.scalar_subquery().label("passkeys"),
            verifying.scalar_subquery().label("verifying"),
            codes.scalar_subquery().label("codes"),
        )
        .outerjoin(Authenticator, Authenticator.account_id == Account.id)
        .where(Account.id == account_id)
    ).one()
    return Means(row.email, bool(row.staff), row.confirmed_at, row.passkeys, row.verifying, row.codes)


def begun_secret(session: Session, *, account_id: int, now: datetime) -> bytes | None:
    """Return the sealed secret of an app that has still to show its first code; None where none was begun."""
    row = session.execute(
        select(
            Authenticator.sealed_secret,
            Authenticator.sealed_successor,
            Authenticator.confirmed_at,
            Authenticator.begun_at,
        ).where(Authenticator.account_id == account_id)
    ).one_or_none()
    if row is None:
        return None
    return secret_to_confirm(
        row.sealed_secret if row.confirmed_at is None else row.sealed_successor, row.begun_at, now=now
    )
