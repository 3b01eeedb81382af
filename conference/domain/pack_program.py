"""Reads `program.toml`: the sessions, and what of the rest of the pack they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from agreements import Chamber
from conference.domain.pack_reading import ISO_639_3, LANGUAGE, Report, Table
from conference.domain.pack_values import PROGRAM, PackConference, PackSession, Text
from conference.domain.program import SessionKind, Slot, room_overlaps

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

MOST_MINUTES = 7 * 24 * 60
MOST_OVERLAPS = 100
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_TEXT_FORMATS = ("markdown", "html")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sessions refer to; sides by the key of the organization, None where those could not be read."""

    conference: PackConference
    rooms: frozenset[str]
    tracks: frozenset[str]
    sides: Mapping[str, Chamber] | None


def read_program(table: Table, around: Surroundings, report: Report) -> tuple[PackSession, ...]:
    """Return the sessions in the order of the file; those that share a room at a time are warned of."""
    sessions: list[PackSession] = []
    lines: dict[str, int] = {}
    for one in table.tables("sessions"):
        session = _session(one, around)
        if session.key and session.key in lines:
            one.problem("repeated_key", "key", key=session.key)
        lines.setdefault(session.key, session.line)
        sessions.append(session)
    table.finish()
    _warn_of_overlaps(sessions, around.conference, report)
    return tuple(sessions)


def _session(table: Table, around: Surroundings) -> PackSession:
    languages = around.conference.languages
    kind = table.word("kind", SessionKind, "unknown_kind", SessionKind.PLENARY)
    session = PackSession(
        key=table.slug("key", maximum=120),
        kind=kind,
        sitting=_sitting(table, kind),
        day=_day(table, around.conference.days),
        start=_start(table),
        minutes=table.number("minutes", least=0, most=MOST_MINUTES),
        room=_known(table, "room", around.rooms, "unknown_room"),
        track=_known(table, "track", around.tracks, "unknown_track"),
        spoken=table.codes("spoken", ISO_639_3),
        title=table.translated("title", languages, required=True),
        subtitle=table.translated("subtitle", languages),
        abstract=table.translated("abstract", languages, markdown=True),
        description=table.translated("description", languages, markdown=True),
        text_format=_text_format(table),
        cancelled=table.flag("cancelled"),
        co_chairs=_co_chairs(table, kind, around.sides),
        background=table.translated("background", languages, markdown=True),
        background_language=_background_language(table),
        guiding_questions=_texts(table, "guiding_questions", languages),
        proposed_outcomes=_texts(table, "proposed_outcomes", languages),
        line=table.line(),
    )
    table.finish()
    return session


def _sitting(table: Table, kind: SessionKind) -> bool:
    sitting = table.flag("sitting")
    if sitting and kind is not SessionKind.PLENARY:
        table.problem("sitting_not_plenary", "sitting", kind=kind)
    return sitting


def _day(table: Table, days: int) -> int:
    day = table.number("day", least=1, most=10_000)
    if day > days:
        table.problem("outside_days", "day", day=day, days=days)
        return days
    return day


def _start(table: Table) -> time:
    text = table.text("start", required=True)
    if _CLOCK.fullmatch(text):
        return time.fromisoformat(text)
    if text:
        table.problem("bad_clock", "start", value=text)
    return time()


def _known(table: Table, key: str, known: frozenset[str], code: str) -> str | None:
    value = table.text(key)
    if value and value not in known:
        table.problem(code, key, value=value, known=tuple(sorted(known)))
    return value or None


def _text_format(table: Table) -> str:
    value = table.text("text_format") or _TEXT_FORMATS[0]
    if value not in _TEXT_FORMATS:
        table.problem("unknown_text_format", "text_format", value=value, known=_TEXT_FORMATS)
    return value


def _background_language(table: Table) -> str | None:
    value = table.text("background_language")
    if value and not LANGUAGE.fullmatch(value):
        table.problem("bad_language_code", "background_language", value=value)
    return value or None


def _co_chairs(table: Table, kind: SessionKind, sides: Mapping[str, Chamber] | None) -> tuple[str, ...]:
    """A roundtable has one co-chair of each side; other sessions have none."""
    keys = table.strings("co_chairs")
    if keys and kind is not SessionKind.ROUNDTABLE:
        table.problem("co_chairs_elsewhere", "co_chairs", kind=kind)
    if sides is not None:
        _check_co_chairs(table, kind, keys, sides)
    return keys


def _check_co_chairs(
    table: Table, kind: SessionKind, keys: tuple[str, ...], sides: Mapping[str, Chamber]
) -> None:
    unknown = [(place, key) for place, key in enumerate(keys) if key not in sides]
    for place, key in unknown:
        table.problem("unknown_co_chair", "co_chairs", place, organization=key)
    if kind is SessionKind.ROUNDTABLE and not unknown:
        found = sorted(sides[key] for key in keys)
        if found != sorted(Chamber):
            table.problem("co_chairs_one_a_side", "co_chairs", count=len(keys))


def _texts(table: Table, key: str, languages: tuple[str, ...]) -> tuple[Text, ...]:
    found = (one.words(languages, markdown=False) for one in table.tables(key))
    return tuple(text for text in found if text)


@dataclass(frozen=True, slots=True)
class _Stay:
    """A session as the sweep for overlaps wants it."""

    session: PackSession
    slot: Slot

    @property
    def starts_at(self) -> datetime:
        return self.slot.starts_at

    @property
    def minutes(self) -> int:
        return self.slot.minutes

    @property
    def room(self) -> str:
        return self.session.room or ""

    @property
    def persons(self) -> tuple[Hashable, ...]:
        return ()


def _warn_of_overlaps(sessions: list[PackSession], conference: PackConference, report: Report) -> None:
    stays = [
        _Stay(session, Slot(_starts(conference, session), session.minutes, conference.time_zone))
        for session in sessions
        if not session.cancelled
    ]
    for overlap in islice(room_overlaps(stays), MOST_OVERLAPS):
        first, second = overlap.first.session, overlap.second.session
        report.warning(
            PROGRAM, second.line, "room_overlap", first=first.key, second=second.key, room=second.room or ""
        )


def _starts(conference: PackConference, session: PackSession) -> datetime:
    return datetime.combine(conference.first_day + timedelta(days=session.day - 1), session.start)
