"""A conference, its rooms and its tracks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agreements import Rule
from conference.extensions import Model
from conference.models.columns import Json, Moment, Translations, one_of


class Conference(Model):
    """One conference; everything else belongs to one."""

    __tablename__ = "conference"
    __table_args__ = (
        CheckConstraint("days >= 1", name="days_positive"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("offer_hours >= 1", name="offer_hours_positive"),
        CheckConstraint("proxy_cap >= 0", name="proxy_cap_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    sample: Mapped[bool] = mapped_column(default=False)
    name: Mapped[Translations] = mapped_column(Json)
    tagline: Mapped[Translations] = mapped_column(Json)
    about: Mapped[Translations] = mapped_column(Json)
    city: Mapped[Translations] = mapped_column(Json)
    # The exact venue is shown to registered people only.
    venue_name: Mapped[str] = mapped_column(String(200), default="")
    venue_address: Mapped[str] = mapped_column(String(300), default="")
    languages: Mapped[list[str]] = mapped_column(Json)
    time_zone: Mapped[str] = mapped_column(String(64))
    other_time_zone: Mapped[str | None] = mapped_column(String(64))
    first_day: Mapped[date]
    days: Mapped[int]
    default_rule: Mapped[Rule] = mapped_column(one_of(Rule))
    registration_open: Mapped[bool] = mapped_column(default=True)
    # Places for everybody together; each category may have its own besides.
    capacity: Mapped[int | None]
    # How long a place that was freed is held for whom it is offered to.
    offer_hours: Mapped[int] = mapped_column(default=48)
    # How many other seats one delegate may vote for by proxy.
    proxy_cap: Mapped[int] = mapped_column(default=1)
    # Raised by every change of the timetable: ETag of the program, SEQUENCE of its calendar.
    program_version: Mapped[int] = mapped_column(default=1)
    program_changed_at: Mapped[datetime] = mapped_column(Moment)


class Room(Model):
    """A place inside the venue where sessions are held."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("conference_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    name: Mapped[Translations] = mapped_column(Json)


class Track(Model):
    """A thread of sessions on one subject."""

    __tablename__ = "track"
    __table_args__ = (UniqueConstraint("conference_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    name: Mapped[Translations] = mapped_column(Json)
