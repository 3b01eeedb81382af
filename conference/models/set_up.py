"""That the house was set up: one row, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conference.extensions import Model
from conference.models.columns import Moment


class SetUp(Model):
    """Exists from the moment the first organizer was named; its key decides between two who try at once."""

    __tablename__ = "set_up"
    __table_args__ = (CheckConstraint("id = 1", name="once"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    done_at: Mapped[datetime] = mapped_column(Moment)
