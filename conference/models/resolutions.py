"""Adopted texts, numbered and published for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.voting import BindingStatus
from conference.extensions import Model
from conference.models.columns import Json, Moment, one_of


class Resolution(Model):
    """The text adopted by one question, under a number of its conference."""

    __tablename__ = "resolution"
    __table_args__ = (UniqueConstraint("conference_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    number: Mapped[int]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), unique=True)
    binding_status: Mapped[BindingStatus] = mapped_column(one_of(BindingStatus))
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(Json)
    text_hash: Mapped[str] = mapped_column(String(64))
    adopted_at: Mapped[datetime] = mapped_column(Moment)
