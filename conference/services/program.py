"""Bringing a timetable into the house: a whole schedule at once, or nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from agreements import Rule
from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Invalid
from conference.domain.program import SessionKind, zone_named
from conference.domain.schedule_digest import has_markup
from conference.domain.slugs import unique_slugs, valid_conference_slug
from conference.models import (
    Conference,
    ProgramSession,
    Room,
    SessionSpeaker,
    Speaker,
    TextFormat,
    Track,
)
from conference.services.roles import grant_role_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.schedule_xml import Schedule, ScheduleEvent

# What other systems call a session, and which of our kinds comes nearest; all others are panels.
KINDS = {
    "keynote": SessionKind.PLENARY,
    "plenary": SessionKind.PLENARY,
    "ceremony": SessionKind.CEREMONY,
    "workshop": SessionKind.WORKSHOP,
    "hands-on": SessionKind.WORKSHOP,
    "junior": SessionKind.WORKSHOP,
    "training": SessionKind.TRAINING,
    "tutorial": SessionKind.TRAINING,
    "meeting": SessionKind.ROUNDTABLE,
    "discussion": SessionKind.ROUNDTABLE,
    "bof": SessionKind.ROUNDTABLE,
    "roundtable": SessionKind.ROUNDTABLE,
    "caucus": SessionKind.CAUCUS,
    "concert": SessionKind.CULTURAL,
    "performance": SessionKind.CULTURAL,
    "cultural": SessionKind.CULTURAL,
    "djset": SessionKind.CULTURAL,
    "break": SessionKind.BREAK,
}
# Schedules write ISO 639-1; languages are known here by ISO 639-3.
LANGUAGES = {
    "ca": "cat",
    "cs": "ces",
    "de": "deu",
    "en": "eng",
    "es": "spa",
    "eu": "eus",
    "fr": "fra",
    "it": "ita",
    "nl": "nld",
    "pl": "pol",
    "pt": "por",
    "ru": "rus",
}


def import_schedule(
    session: Session,
    *,
    schedule: Schedule,
    slug: str,
    languages: Sequence[str],
    text_language: str,
    now: datetime,
    organizer: int | None = None,
) -> int:
    """Make a conference of a schedule, with every event of it; return its id.

    `organizer`: the account that brings it in, and organizes it from then on; None on the server itself,
    where a command names one.

    `languages` are those of the pages: proper names (rooms, tracks) are the same in each. A text is in its
    event's language, or in `text_language` where the event names none.
    Raises Invalid("slug_invalid", "schedule_text_too_long") and Conflict("slug_taken").
    """
    _check(session, schedule, slug)
    conference = _conference(schedule, slug, languages, text_language, now)
    session.add(conference)
    session.flush()
    names = _Names(tuple(languages), conference.id)
    rooms = _labels(session, Room, schedule.rooms, names)
    tracks = _labels(session, Track, schedule.tracks, names)
    keys = unique_slugs(event.slug or event.title for event in schedule.events)
    sessions = [
        _session_row(event, key, schedule.zone, text_language)
        | {
            "conference_id": conference.id,
            "room_id": rooms.get(event.room),
            "track_id": tracks.get(event.track),
        }
        for key, event in zip(keys, schedule.events, strict=True)
    ]
    _insert(session, ProgramSession, sessions)
    _insert_speakers(session, schedule.events, conference.id)
    if organizer is not None:
        _organize(session, conference.id, organizer, now)
    return conference.id


def _organize(session: Session, conference_id: int, account_id: int, now: datetime) -> None:
    grant_role_to(
        session,
        conference_id=conference_id,
        account_id=account_id,
        role=Role.ORGANIZER,
        organization_id=None,
        by=account_id,
        now=now,
    )


def _check(session: Session, schedule: Schedule, slug: str) -> None:
    if not valid_conference_slug(slug):
        raise Invalid("slug_invalid", slug=slug)
    if session.scalar(select(Conference.id).where(Conference.slug == slug)) is not None:
        raise Conflict("slug_taken", slug=slug)
    for field, text, limit in _limited_texts(schedule):
        if len(text) > limit:
            raise Invalid("schedule_text_too_long", field=field, start=text[:40], limit=limit)


def _limited_texts(schedule: Schedule) -> Iterator[tuple[str, str, int]]:
    # One database refuses what does not fit its column, the other keeps it: here both are told the same.
    yield "venue", schedule.venue, 200
    for event in schedule.events:
        for external_id, name in event.persons:
            yield "person id", external_id, 80
            yield "person", name, 200


def _conference(
    schedule: Schedule, slug: str, languages: Sequence[str], text_language: str, now: datetime
) -> Conference:
    last_day = max(schedule.days, default=schedule.first_day)
    spoken = {event.language for event in schedule.events} | {text_language}
    return Conference(
        slug=slug,
        name=dict.fromkeys(languages, schedule.title or slug),
        tagline={},
        about={},
        city=dict.fromkeys(languages, schedule.city) if schedule.city else {},
        venue_name=schedule.venue,
        languages=[language for language in languages if language in spoken] or [languages[0]],
        time_zone=schedule.zone,
        first_day=schedule.first_day,
        days=(last_day - schedule.first_day).days + 1,
        default_rule=Rule.SIMPLE,
        # A schedule of others is there to be read; whoever organizes it takes the registrations.
        registration_open=False,
        program_changed_at=now,
    )


@dataclass(frozen=True, slots=True)
class _Names:
    languages: tuple[str, ...]
    conference_id: int


def _labels(
    session: Session, model: type[Room | Track], texts: Sequence[str], names: _Names
) -> dict[str, int]:
    """Insert rooms or tracks; return the id of each by its name."""
    rows = [
        {
            "conference_id": names.conference_id,
            "key": key,
            "position": position,
            "name": dict.fromkeys(names.languages, text),
        }
        for position, (key, text) in enumerate(zip(unique_slugs(texts), texts, strict=True), start=1)
    ]
    _insert(session, model, rows)
    ids = session.scalars(
        select(model.id).where(model.conference_id == names.conference_id).order_by(model.position)
    )
    return dict(zip(texts, ids, strict=True))


def _session_row(event: ScheduleEvent, key: str, zone: str, text_language: str) -> dict[str, Any]:
    language = _text_language(event, text_language)
    local = event.starts_at.astimezone(zone_named(zone)).replace(tzinfo=None)
    return {
        "key": key,
        "position": event.position,
        "kind": KINDS.get(event.kind.lower(), SessionKind.PANEL),
        "sitting": False,
        "starts_local": local,
        "minutes": event.minutes,
        "spoken": [LANGUAGES[event.language]] if event.language in LANGUAGES else [],
        "title": {language: event.title},
        "subtitle": {language: event.subtitle} if event.subtitle else {},
        "abstract": {language: event.abstract_html} if event.abstract_html else {},
        "description": {language: event.description_html} if event.description_html else {},
        # Some systems write HTML, others plain text or Markdown, all under the same name.
        "text_format": _text_format(event),
        "background": {},
        "guiding_questions": [],
        "proposed_outcomes": [],
        "links": [{"href": href, "label": label} for href, label in event.links],
        "attachments": [{"href": href, "label": label} for href, label in event.attachments],
        "external": {
            "id": event.external_id,
            "guid": event.guid,
            "day": event.day.isoformat(),
            "kind": event.kind,
            "language": event.language,
            "slug": event.slug,
            "url": event.url,
        },
        "cancelled": False,
    }


def _text_language(event: ScheduleEvent, default: str) -> str:
    """Return "es" for "es" and "es-MX"; the default for what is no code at all."""
    code = event.language.partition("-")[0].lower()
    return code if code.isascii() and code.isalpha() and len(code) in {2, 3} else default


def _text_format(event: ScheduleEvent) -> TextFormat:
    marked = has_markup(event.abstract_html, event.description_html)
    return TextFormat.HTML if marked else TextFormat.MARKDOWN


def _insert_speakers(session: Session, events: Sequence[ScheduleEvent], conference_id: int) -> None:
    people = tuple(dict.fromkeys(person for event in events for person in event.persons))
    rows = [{"conference_id": conference_id, "external_id": key, "name": name} for key, name in people]
    _insert(session, Speaker, rows)
    found = session.execute(
        select(Speaker.external_id, Speaker.name, Speaker.id).where(Speaker.conference_id == conference_id)
    )
    speakers = {(key, name): speaker_id for key, name, speaker_id in found}
    sessions = session.scalars(
        select(ProgramSession.id)
        .where(ProgramSession.conference_id == conference_id)
        .order_by(ProgramSession.position)
    )
    places = [
        {"session_id": session_id, "position": position, "speaker_id": speakers[person]}
        for session_id, event in zip(sessions, events, strict=True)
        for position, person in enumerate(event.persons, start=1)
    ]
    _insert(session, SessionSpeaker, places)


def _insert(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    # Of no rows SQLAlchemy would make one of defaults.
    if rows:
        session.execute(insert(model), rows)
