"""Legal holds: while one lasts nothing is forgotten, since deleting after a demand is itself a danger."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, exists, text
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.retention import HoldReason
from conference.extensions import Model
from conference.models.columns import Moment, one_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, SQLColumnExpression


class LegalHold(Model):
    """A conference's people are not forgotten on schedule, from its beginning until it is lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index(
            "uq_legal_hold_standing",
            "conference_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
        CheckConstraint("lifted_at IS NULL OR lifted_at >= begun_at", name="lifted_after_begun"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    reason: Mapped[HoldReason] = mapped_column(one_of(HoldReason))
    begun_at: Mapped[datetime] = mapped_column(Moment)
    # Empty where it was begun or lifted on the server.
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


def is_held(conference_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Tell of a conference, by a column that holds its number, whether a legal hold stands; never of none."""
    return exists().where(LegalHold.conference_id == conference_id, LegalHold.lifted_at.is_(None))
