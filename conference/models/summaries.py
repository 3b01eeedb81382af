"""Summaries of sessions and their typed items."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.summaries import Section, SummaryStatus
from conference.domain.voting import BindingStatus
from conference.extensions import Model
from conference.models.columns import Json, Moment, Translations, one_of


class Summary(Model):
    """What the rapporteur made of one session."""

    __tablename__ = "summary"
    __table_args__ = (
        CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name="published_at_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("program_session.id", ondelete="CASCADE"), unique=True)
    status: Mapped[SummaryStatus] = mapped_column(one_of(SummaryStatus))
    binding_status: Mapped[BindingStatus] = mapped_column(one_of(BindingStatus))
    # Raised by every save; a form carries the revision it was filled in against.
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)


class SummaryItem(Model):
    """One observation, point of agreement or proposed measure, in the languages it was written in."""

    __tablename__ = "summary_item"
    __table_args__ = (UniqueConstraint("summary_id", "section", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(ForeignKey("summary.id", ondelete="CASCADE"))
    section: Mapped[Section] = mapped_column(one_of(Section))
    position: Mapped[int]
    text: Mapped[Translations] = mapped_column(Json)
