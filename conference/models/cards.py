"""Access cards: a way in for people without email, printed at the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from conference.extensions import Model
from conference.models.columns import Moment


class AccessCard(Model):
    """A QR and a short code on paper that sign one phone in, once; a new card revokes the one before."""

    __tablename__ = "access_card"
    __table_args__ = (
        UniqueConstraint("conference_id", "number"),
        CheckConstraint("used_at IS NULL OR used_at >= issued_at", name="used_after_issued"),
        Index(
            "uq_access_card_in_force",
            "account_id",
            "conference_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    # What the card is called on lists, where names have no place: "Tarjeta 12".
    number: Mapped[int] = mapped_column()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    code_digest: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
