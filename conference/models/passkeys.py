"""Passkeys of an account, and the challenges they answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.passkeys import Ceremony
from conference.extensions import Model
from conference.models.columns import Moment, one_of


class Passkey(Model):
    """A public key whose private half lives in a phone or a security key."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    # Whether it has ever asked for its lock (user verification): else holding it is all that it proves, and
    # it is no second factor.
    verifies: Mapped[bool]
    # As the authenticator counts; zero where it does not. One that goes backwards was copied.
    uses: Mapped[int] = mapped_column(BigInteger, default=0)
    added_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Challenge(Model):
    """Random bytes that one passkey ceremony must sign; answered once, and soon."""

    __tablename__ = "challenge"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    ceremony: Mapped[Ceremony] = mapped_column(one_of(Ceremony))
    # Whose passkey is added or confirms; empty where anybody may sign in.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
