"""The program as its pages read it: a fixed number of statements, however long it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, exists, func, select

from conference.domain.errors import NotFound
from conference.domain.program import SessionKind
from conference.domain.summaries import SummaryStatus
from conference.models import (
    CoChair,
    Organization,
    ProgramSession,
    Room,
    SessionSpeaker,
    Speaker,
    Summary,
    TextFormat,
    Track,
)
from conference.models.directory import is_shown

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from agreements import Chamber

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Label:
    """A room or a track: its key in addresses, and its name in each language."""

    key: str
    name: Texts


@dataclass(frozen=True, slots=True)
class Outline:
    """What a program can be leafed through by."""

    days: tuple[date, ...]
    kinds: tuple[SessionKind, ...]
    rooms: tuple[Label, ...]
    tracks: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader wants to see of a day: None is all. Rooms and tracks by key."""

    room: str | None = None
    track: str | None = None
    kind: SessionKind | None = None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as the list of a day shows it, at the venue's wall clock."""

    key: str
    kind: SessionKind
    sitting: bool
    cancelled: bool
    starts_local: datetime
    minutes: int
    room: Texts
    spoken: tuple[str, ...]
    title: Texts
    co_chairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoChairLine:
    """An organization that co-chairs a session, and its side."""

    key: str
    name: str
    side: Chamber


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """All that is public of one session. Speakers are those that a public schedule announces."""

    key: str
    kind: SessionKind
    sitting: bool
    cancelled: bool
    starts_local: datetime
    minutes: int
    room: Texts
    track: Texts
    spoken: tuple[str, ...]
    title: Texts
    subtitle: Texts
    abstract: Texts
    description: Texts
    text_format: TextFormat
    background: Texts
    background_language: str | None
    guiding_questions: tuple[Texts, ...]
    proposed_outcomes: tuple[Texts, ...]
    references: tuple[Mapping[str, str], ...]
    summary_published: bool
    co_chairs: tuple[CoChairLine, ...] = ()
    speakers: tuple[str, ...] = ()


def outline(session: Session, *, conference_id: int) -> Outline:
    """Return the days that have sessions, and the kinds, rooms and tracks there are. Three statements."""
    day = func.date(ProgramSession.starts_local)
    found = session.execute(
        select(func.min(ProgramSession.starts_local), ProgramSession.kind)
        .where(ProgramSession.conference_id == conference_id)
        .group_by(day, ProgramSession.kind)
    ).all()
    kinds = {kind for _, kind in found}
    return Outline(
        days=tuple(sorted({starts_local.date() for starts_local, _ in found})),
        kinds=tuple(kind for kind in SessionKind if kind in kinds),
        rooms=_labels(session, Room, conference_id),
        tracks=_labels(session, Track, conference_id),
    )


def _labels(session: Session, model: type[Room | Track], conference_id: int) -> tuple[Label, ...]:
    rows = session.execute(
        select(model.key, model.name).where(model.conference_id == conference_id).order_by(model.position)
    )
    return tuple(Label(key, name) for key, name in rows)


# What has no room is for everybody, and comes first on every database.
_ORDER = (ProgramSession.starts_local, func.coalesce(Room.position, -1), ProgramSession.position)


def sessions_of_day(
    session: Session, *, conference_id: int, day: date, choice: Choice
) -> tuple[SessionLine, ...]:
    """Return the sessions that start on the day, by time and room. Two statements."""
    chosen: list[ColumnElement[bool]] = [
        ProgramSession.conference_id == conference_id,
        ProgramSession.starts_local >= datetime.combine(day, time()),
        ProgramSession.starts_local < datetime.combine(day + timedelta(days=1), time()),
    ]
    chosen += [Room.key == choice.room] if choice.room else []
    chosen += [Track.key == choice.track] if choice.track else []
    chosen += [ProgramSession.kind == choice.kind] if choice.kind else []
    rows = session.execute(
        select(
            ProgramSession.id,
            ProgramSession.key,
            ProgramSession.kind,
            ProgramSession.sitting,
            ProgramSession.cancelled,
            ProgramSession.starts_local,
            ProgramSession.minutes,
            Room.name,
            ProgramSession.spoken,
            ProgramSession.title,
        )
        .outerjoin(Room, Room.id == ProgramSession.room_id)
        .outerjoin(Track, Track.id == ProgramSession.track_id)
        .where(*chosen)
        .order_by(*_ORDER)
    ).all()
    names = _co_chair_names(session, conference_id)
    return tuple(_line(row, names.get(row.id, ())) for row in rows)


def _line(row: Row[*tuple[Any, ...]], co_chairs: Sequence[str]) -> SessionLine:
    _, key, kind, sitting, cancelled, starts_local, minutes, room, spoken, title = row
    return SessionLine(
        key,
        kind,
        sitting,
        cancelled,
        starts_local,
        minutes,
        room or {},
        tuple(spoken),
        title,
        tuple(co_chairs),
    )


def _co_chair_names(session: Session, conference_id: int) -> Mapping[int, list[str]]:
    rows = session.execute(
        select(CoChair.session_id, Organization.name)
        .join(Organization, Organization.id == CoChair.organization_id)
        .join(ProgramSession, ProgramSession.id == CoChair.session_id)
        .where(ProgramSession.conference_id == conference_id, is_shown())
        .order_by(CoChair.position)
    )
    names: dict[int, list[str]] = defaultdict(list)
    for session_id, name in rows:
        names[session_id].append(name)
    return names


def session_detail(session: Session, *, conference_id: int, key: str) -> SessionDetail:
    """Return one session; NotFound("session_not_found"). Three statements."""
    published = exists().where(
        Summary.session_id == ProgramSession.id, Summary.status == SummaryStatus.PUBLISHED
    )
    found = session.execute(
        select(ProgramSession, Room.name, Track.name, published)
        .outerjoin(Room, Room.id == ProgramSession.room_id)
        .outerjoin(Track, Track.id == ProgramSession.track_id)
        .where(ProgramSession.conference_id == conference_id, ProgramSession.key == key)
    ).one_or_none()
    if found is None:
        raise NotFound("session_not_found")
    row, room, track, summary_published = found
    return SessionDetail(
        key=row.key,
        kind=row.kind,
        sitting=row.sitting,
        cancelled=row.cancelled,
        starts_local=row.starts_local,
        minutes=row.minutes,
        room=room or {},
        track=track or {},
        spoken=tuple(row.spoken),
        title=row.title,
        subtitle=row.subtitle,
        abstract=row.abstract,
        description=row.description,
        text_format=row.text_format,
        background=row.background,
        background_language=row.background_language,
        guiding_questions=tuple(row.guiding_questions),
        proposed_outcomes=tuple(row.proposed_outcomes),
        references=(*row.links, *row.attachments),
        summary_published=summary_published,
        co_chairs=_co_chairs(session, row.id),
        speakers=_speakers(session, row.id),
    )


def _co_chairs(session: Session, session_id: int) -> tuple[CoChairLine, ...]:
    rows = session.execute(
        select(Organization.key, Organization.name, Organization.side)
        .join(CoChair, CoChair.organization_id == Organization.id)
        .where(CoChair.session_id == session_id, is_shown())
        .order_by(CoChair.position)
    )
    return tuple(CoChairLine(key, name, side) for key, name, side in rows)


def _speakers(session: Session, session_id: int) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(Speaker.name)
            .join(SessionSpeaker, SessionSpeaker.speaker_id == Speaker.id)
            .where(SessionSpeaker.session_id == session_id)
            .order_by(SessionSpeaker.position)
        )
    )
