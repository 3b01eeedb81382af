"""Requests that a second organizer answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.approvals import REASON_LENGTH, ApprovalKind
from conference.extensions import Model
from conference.models.columns import Moment, one_of


class Approval(Model):
    """One organizer's request for something dangerous, another's answer, and whether it was used."""

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_organizers"),
        CheckConstraint("(decided_at IS NULL) = (approved IS NULL)", name="decided_one_way"),
        CheckConstraint("used_at IS NULL OR approved", name="used_if_approved"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ApprovalKind] = mapped_column(one_of(ApprovalKind))
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    approved: Mapped[bool | None] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column(Moment)
