"""The second factor of staff besides passkeys: an app's one-time codes, and codes on paper in its stead."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, exists, or_
from sqlalchemy.orm import Mapped, mapped_column

from conference.extensions import Model
from conference.models.columns import Moment
from conference.models.passkeys import Passkey

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from conference.models.accounts import AccountId


class Authenticator(Model):
    """The secret that an account shares with an app that shows one-time codes (RFC 6238)."""

    __tablename__ = "authenticator"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # Sealed with a key of the server's: a copy of the database does not make codes.
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    # The secret of another app that is to take its place: the one above counts until that has shown a code.
    sealed_successor: Mapped[bytes | None] = mapped_column(LargeBinary)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    # Empty until a first code has shown that the app holds the secret; only then does it count.
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    # The time step of the last code used: no code works twice.
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    # Wrong codes since the last right one or lock, and until when no code is looked at: a moment that has
    # passed tells that there was a lock since the last right code.
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Model):
    """A code on paper that stands in once for a lost app or passkey."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


def has_app(account_id: AccountId) -> ColumnElement[bool]:
    """Tell of an account whether it has an app in force: one that has shown its first code."""
    return exists().where(Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None))


def has_passkey(account_id: AccountId) -> ColumnElement[bool]:
    """Tell of an account whether it has a passkey that asks for its lock: no other is a second factor."""
    return exists().where(Passkey.account_id == account_id, Passkey.verifies)


def has_second_factor(account_id: AccountId) -> ColumnElement[bool]:
    """Tell of an account whether it can show a second factor; codes on paper only stand in for one."""
    return or_(has_app(account_id), has_passkey(account_id))
