"""The program: sessions, who speaks in them, and which organizations chair them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.program import SessionKind
from conference.extensions import Model
from conference.models.columns import Json, Translations, one_of


class TextFormat(StrEnum):
    """How an abstract is written: ours in Markdown, imported ones in (sanitised) HTML."""

    MARKDOWN = "markdown"
    HTML = "html"


class ProgramSession(Model):
    """One item of the program: its wall-clock time at the venue is the truth."""

    __tablename__ = "program_session"
    __table_args__ = (
        UniqueConstraint("conference_id", "key"),
        Index("ix_program_session_conference_id_starts_local", "conference_id", "starts_local"),
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        CheckConstraint("NOT sitting OR kind = 'plenary'", name="sitting_is_plenary"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    kind: Mapped[SessionKind] = mapped_column(one_of(SessionKind))
    sitting: Mapped[bool] = mapped_column(default=False)
    starts_local: Mapped[datetime]
    minutes: Mapped[int]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    spoken: Mapped[list[str]] = mapped_column(Json)
    title: Mapped[Translations] = mapped_column(Json)
    subtitle: Mapped[Translations] = mapped_column(Json)
    abstract: Mapped[Translations] = mapped_column(Json)
    description: Mapped[Translations] = mapped_column(Json)
    text_format: Mapped[TextFormat] = mapped_column(one_of(TextFormat), default=TextFormat.MARKDOWN)
    background: Mapped[Translations] = mapped_column(Json)
    background_language: Mapped[str | None] = mapped_column(String(8))
    guiding_questions: Mapped[list[Translations]] = mapped_column(Json)
    proposed_outcomes: Mapped[list[Translations]] = mapped_column(Json)
    # Of imported schedules: [{"href": …, "label": …}], and what the other system called it.
    links: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    external: Mapped[dict[str, Any]] = mapped_column(Json)
    cancelled: Mapped[bool] = mapped_column(default=False)


class CoChair(Model):
    """An organization that co-chairs a roundtable; one of each side."""

    __tablename__ = "co_chair"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("program_session.id", ondelete="CASCADE"), primary_key=True
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True, index=True)
    position: Mapped[int]


class Speaker(Model):
    """A person announced in a published schedule; known by id and name as that schedule knows them."""

    __tablename__ = "speaker"
    __table_args__ = (UniqueConstraint("conference_id", "external_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))


class SessionSpeaker(Model):
    """A speaker's place in a session, in the order of the schedule."""

    __tablename__ = "session_speaker"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("program_session.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id", ondelete="CASCADE"), index=True)
