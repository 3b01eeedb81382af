"""The program as people see it: in the zone they chose, by start, in their language, and as a calendar."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import nh3
from flask import current_app, url_for
from flask_babel import gettext as _

from conference.domain.program import SessionKind, Slot
from conference.exports.icalendar import CalendarEvent, CalendarFeed
from conference.models import TextFormat
from conference.web.content import Shown, format_clock, long_date, short_date, shown, zone_name
from conference.web.languages import language_name
from conference.web.letters import absolute
from conference.web.locale import current_language
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from conference.queries.conference import ConferenceView
    from conference.queries.program import SessionDetail, SessionLine
    from conference.queries.timetable import CalendarLine

_BLOCK_ENDS = re.compile(r"<br\s*/?>|</(?:p|li|h\d|blockquote|pre)>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session in the list of a day; `ends` is empty where it has no length."""

    key: str
    title: Shown
    kind: SessionKind
    sitting: bool
    cancelled: bool
    ends: str
    room: Shown
    spoken: tuple[str, ...]
    co_chairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What starts at the same time; `day` is said where it is not the day of the page."""

    starts: str
    day: str
    sessions: tuple[ListedSession, ...]


@dataclass(frozen=True, slots=True)
class When:
    """The time of a session in one zone."""

    zone: str
    day: str
    starts: str
    ends: str


def grouped(lines: Iterable[SessionLine], *, day: date, venue: str, zone: str) -> tuple[Group, ...]:
    """Return the sessions of a day by their start, at the clock of `zone`."""
    language = current_language()
    spoken: dict[str, str] = {}

    def listed(line: SessionLine) -> ListedSession:
        for code in line.spoken:
            if code not in spoken:
                spoken[code] = language_name(code)
        return ListedSession(
            key=line.key,
            title=shown(line.title, language),
            kind=line.kind,
            sitting=line.sitting,
            cancelled=line.cancelled,
            ends=_times(line.starts_local, line.minutes, venue, zone, language)[2],
            room=shown(line.room, language),
            spoken=tuple(spoken[code] for code in line.spoken),
            co_chairs=line.co_chairs,
        )

    def group(starts_local: datetime, together: Iterator[SessionLine]) -> Group:
        there, starts, _ends = _times(starts_local, 0, venue, zone, language)
        other_day = short_date(there) if there != day else ""
        return Group(starts, other_day, tuple(map(listed, together)))

    return tuple(group(*pair) for pair in groupby(lines, key=lambda line: line.starts_local))


@lru_cache(maxsize=8192)
def _times(
    starts_local: datetime, minutes: int, venue: str, zone: str, language: str
) -> tuple[date, str, str]:
    """Return day, start and end as the clock of `zone` shows them."""
    slot = Slot(starts_local, minutes, venue)
    starts = slot.starts_at.astimezone(ZoneInfo(zone))
    ends = slot.ends_at.astimezone(ZoneInfo(zone))
    return starts.date(), _clock(starts, language), _clock(ends, language) if minutes else ""


def _clock(moment: datetime, language: str) -> str:
    return format_clock(moment, language)


def only_language(groups: Sequence[Group]) -> str | None:
    """Return the one other language that all the titles are in, if so: it is said once, not at each."""
    languages = {
        item.title.lang if item.title.fallback else None for group in groups for item in group.sessions
    }
    return languages.pop() if len(languages) == 1 else None


def whens(session: SessionDetail, conference: ConferenceView) -> tuple[When, ...]:
    """Return when the session is, at the venue and on the other side."""
    zones = dict.fromkeys(filter(None, (conference.time_zone, conference.other_time_zone)))
    return tuple(_when(session, conference.time_zone, zone) for zone in zones)


def _when(session: SessionDetail, venue: str, zone: str) -> When:
    day, starts, ends = _times(session.starts_local, session.minutes, venue, zone, current_language())
    return When(zone_name(zone, day), long_date(day), starts, ends)


def session_prefix() -> str:
    """Return what every session's address of this conference begins with: asking for each takes long."""
    return url_for("program.detail", key="0")[:-1]


# -- calendars -------------------------------------------------------------------------------------


def calendar_feed(conference: ConferenceView, lines: Iterable[CalendarLine]) -> CalendarFeed:
    """Return the sessions as a calendar: room and city, never the venue; no person."""
    city = shown(conference.city).text
    prefix = absolute(session_prefix())
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname
    return CalendarFeed(
        name=shown(conference.name).text,
        zone=conference.time_zone,
        language=current_language(),
        events=tuple(
            CalendarEvent(
                uid=f"{line.key}.{conference.slug}@{host}",
                starts_local=line.starts_local,
                minutes=line.minutes,
                zone=conference.time_zone,
                summary=shown(line.title).text,
                last_modified=conference.program_changed_at,
                sequence=conference.program_version,
                description=_description(line),
                location=_location(shown(line.room).text, city),
                url=prefix + line.key,
                categories=_categories(line),
                cancelled=line.cancelled,
            )
            for line in lines
        ),
    )


def _location(room: str, city: str) -> str:
    return _("%(room)s, %(city)s", room=room, city=city) if room and city else room or city


def _categories(line: CalendarLine) -> tuple[str, ...]:
    return tuple(filter(None, (word(line.kind), shown(line.track).text)))


def _description(line: CalendarLine) -> str:
    title, abstract = shown(line.title), shown(line.abstract)
    text = plain_text(abstract.text) if line.text_format is TextFormat.HTML else abstract.text
    parts = (only_in(title.lang) if title.fallback else "", text)
    return "\n\n".join(filter(None, parts))


def only_in(language: str) -> str:
    """Say that a text exists in one language, not in the reader's."""
    words = {"es": _("only in Spanish"), "en": _("only in English")}
    return words.get(language, _("not translated yet"))


def plain_text(markup: str) -> str:
    """Return the words of an HTML text, its blocks parted by empty lines."""
    parted = _BLOCK_ENDS.sub("\n\n", markup)
    return _BLANK_LINES.sub("\n\n", html.unescape(nh3.clean(parted, tags=set()))).strip()
