"""The whole program at once, for calendar files and for counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, select

from conference.domain.errors import NotFound
from conference.domain.program import SessionKind, Slot
from conference.domain.schedule_digest import TimetableEvent
from conference.models import Conference, ProgramSession, Room, SessionSpeaker, Speaker, TextFormat, Track

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """A session as a calendar file has it: no person is in it."""

    key: str
    kind: SessionKind
    cancelled: bool
    starts_local: datetime
    minutes: int
    room: Texts
    track: Texts
    title: Texts
    abstract: Texts
    text_format: TextFormat


def _calendar_lines(conference_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            ProgramSession.key,
            ProgramSession.kind,
            ProgramSession.cancelled,
            ProgramSession.starts_local,
            ProgramSession.minutes,
            Room.name,
            Track.name,
            ProgramSession.title,
            ProgramSession.abstract,
            ProgramSession.text_format,
        )
        .outerjoin(Room, Room.id == ProgramSession.room_id)
        .outerjoin(Track, Track.id == ProgramSession.track_id)
        .where(ProgramSession.conference_id == conference_id)
        .order_by(ProgramSession.starts_local, ProgramSession.position)
    )


def _calendar_line(row: Row[*tuple[Any, ...]]) -> CalendarLine:
    key, kind, cancelled, starts_local, minutes, room, track, title, abstract, text_format = row
    return CalendarLine(
        key, kind, cancelled, starts_local, minutes, room or {}, track or {}, title, abstract, text_format
    )


def calendar_sessions(session: Session, *, conference_id: int) -> tuple[CalendarLine, ...]:
    """Return all sessions, cancelled ones too, in the order of their starts. One statement."""
    return tuple(_calendar_line(row) for row in session.execute(_calendar_lines(conference_id)))


def calendar_session(session: Session, *, conference_id: int, key: str) -> CalendarLine:
    """Return one session for a calendar; NotFound("session_not_found")."""
    row = session.execute(_calendar_lines(conference_id).where(ProgramSession.key == key)).one_or_none()
    if row is None:
        raise NotFound("session_not_found")
    return _calendar_line(row)


def timetable_events(session: Session, *, conference_id: int) -> tuple[TimetableEvent, ...]:
    """Return every session as it is counted, in its position; ids and day of an imported one as imported."""
    speakers = _speakers(session, conference_id)
    rows = session.execute(
        select(ProgramSession, Room.name, Track.name, Conference.time_zone)
        .join(Conference, Conference.id == ProgramSession.conference_id)
        .outerjoin(Room, Room.id == ProgramSession.room_id)
        .outerjoin(Track, Track.id == ProgramSession.track_id)
        .where(ProgramSession.conference_id == conference_id)
        .order_by(ProgramSession.position)
    )
    return tuple(
        _event(row, _any(room), _any(track), zone, tuple(speakers[row.id])) for row, room, track, zone in rows
    )


def _event(
    row: ProgramSession, room: str, track: str, zone: str, persons: tuple[tuple[str, str], ...]
) -> TimetableEvent:
    external = row.external
    return TimetableEvent(
        external_id=external.get("id", row.key),
        starts_at=Slot(row.starts_local, row.minutes, zone).starts_at,
        minutes=row.minutes,
        room=room,
        title=_any(row.title),
        track=track,
        language=external.get("language", ""),
        persons=persons,
        guid=external.get("guid", ""),
        day=date.fromisoformat(external["day"]) if "day" in external else row.starts_local.date(),
        abstract_html=_any(row.abstract),
        description_html=_any(row.description),
        links=tuple(link["href"] for link in row.links),
        attachments=tuple(link["href"] for link in row.attachments),
    )


def _any(texts: Texts | None) -> str:
    """Return the text in the language it was first written in."""
    return next(iter((texts or {}).values()), "")


def _speakers(session: Session, conference_id: int) -> Mapping[int, list[tuple[str, str]]]:
    rows = session.execute(
        select(SessionSpeaker.session_id, Speaker.external_id, Speaker.name)
        .join(Speaker, Speaker.id == SessionSpeaker.speaker_id)
        .where(Speaker.conference_id == conference_id)
        .order_by(SessionSpeaker.session_id, SessionSpeaker.position)
    )
    people: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for session_id, external_id, name in rows:
        people[session_id].append((external_id, name))
    return people
