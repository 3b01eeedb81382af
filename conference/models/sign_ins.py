"""Who is signed in where, and what a browser had typed when it had to sign in first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.sign_ins import SignInWay
from conference.extensions import Model
from conference.models.columns import Moment, one_of


class SignIn(Model):
    """One account in one browser, from signing in until signing out. Nothing is known of the browser."""

    __tablename__ = "sign_in"
    __table_args__ = (
        CheckConstraint("generation >= 1", name="generation_counts"),
        # The cookie names the row by its key; ids of rows that are gone are not given again all the same.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # SHA-256 of the 256 random bits in the cookie: a copy of the database opens nothing.
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    way: Mapped[SignInWay] = mapped_column(one_of(SignInWay))
    # The card that opened it: when the card is revoked, so is this.
    card_id: Mapped[int | None] = mapped_column(ForeignKey("access_card.id", ondelete="CASCADE"), index=True)
    signed_in_at: Mapped[datetime] = mapped_column(Moment)
    # Staff are signed out sooner, everywhere; set with the first staff role, for the life of the sign-in.
    staff: Mapped[bool] = mapped_column(default=False)
    # The cookie's; a cookie of an earlier generation soon speaks for nobody.
    generation: Mapped[int] = mapped_column(default=1)
    # First act with a cookie of this generation.
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    # Somebody else changed what this account may do: the next act gets a new cookie.
    rights_changed: Mapped[bool] = mapped_column(default=False)
    # The last proof of any kind, and the last second factor or passkey. Valid in the current generation only.
    proved_at: Mapped[datetime] = mapped_column(Moment)
    assured_at: Mapped[datetime | None] = mapped_column(Moment)


class KeptForm(Model):
    """What was typed into a form that needed a sign-in first: sealed with a key that only the cookie has."""

    __tablename__ = "kept_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
