"""Writes the program as iCalendar (RFC 5545): sessions only, never a person.

Equal input gives equal bytes: DTSTAMP comes from the record, not from the moment of asking, so that an ETag
holds until something changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from icalendar import Calendar, Event, Timezone
from icalendar.enums import STATUS

from conference.domain.program import Slot, zone_named

if TYPE_CHECKING:
    from icalendar.cal.timezone import TimezoneDaylight, TimezoneStandard

CONTENT_TYPE = "text/calendar; charset=utf-8"
# About 2 KB each; several conferences of a thousand sessions stay warm.
_EVENTS_KEPT = 8_192
_HEADS_KEPT = 64
_ZONES_KEPT = 64
_FOOT = b"END:VCALENDAR\r\n"
_QUIET_YEAR = 2026  # of a feed without events: any year gives a right VTIMEZONE
_ASK_AGAIN = timedelta(hours=1)
_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One session as a calendar shows it, at the wall-clock time of its zone.

    `uid` is world-wide unique and never changes; `sequence` grows with every change of time or place. A
    cancelled session stays in the feed and says so, else it would stay in people's calendars as it was.
    """

    uid: str
    starts_local: datetime  # naive
    minutes: int
    zone: str  # IANA
    summary: str
    last_modified: datetime  # aware, from the record
    sequence: int = 0
    description: str = ""
    location: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    cancelled: bool = False

    def __hash__(self) -> int:
        # Enough to find the bytes kept of it, at a fraction of the cost of all twelve fields.
        return hash((self.uid, self.sequence))


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """A calendar to subscribe to: its name as people see it, and its events in the order given."""

    name: str
    zone: str  # IANA, of the venue
    language: str
    events: tuple[CalendarEvent, ...]


def calendar_bytes(feed: CalendarFeed) -> bytes:
    """Return the whole feed as UTF-8 with CRLF: one VTIMEZONE a zone, then the events in their order."""
    years = [event.starts_local.year for event in feed.events]
    zones = sorted({feed.zone, *(event.zone for event in feed.events)} - {"UTC"})  # UTC is written with a Z
    first, last = min(years, default=_QUIET_YEAR), max(years, default=_QUIET_YEAR)
    return b"".join(
        (
            _head(feed.name, feed.zone, feed.language),
            *(_time_zone(zone, first - 1, last + 1) for zone in zones),
            *map(event_bytes, feed.events),
            _FOOT,
        )
    )


@lru_cache(maxsize=_EVENTS_KEPT)
def event_bytes(event: CalendarEvent) -> bytes:
    """Return one VEVENT (not a calendar by itself), made once for equal values.

    Making it takes a thousand times as long as joining it to the others.
    """
    slot = Slot(event.starts_local, event.minutes, event.zone)
    component = Event.new(
        uid=_one_line(event.uid),
        stamp=event.last_modified,
        last_modified=event.last_modified,
        sequence=event.sequence,
        start=event.starts_local.replace(tzinfo=zone_named(event.zone)),
        end=_end(slot),
        status=STATUS.CANCELLED if event.cancelled else STATUS.CONFIRMED,
        summary=_text(event.summary),
        description=_text(event.description) or None,
        location=_text(event.location) or None,
        url=_one_line(event.url) or None,
        categories=tuple(_text(category) for category in event.categories),
    )
    written: bytes = component.to_ical()
    return written


def _end(slot: Slot) -> datetime | None:
    """Return the end in the slot's zone, or in UTC where the clock shows that hour a second time.

    Without a length there is no end: RFC 5545 wants it later than the start.
    """
    if not slot.minutes:
        return None
    end = slot.ends_at.astimezone(zone_named(slot.zone))
    return slot.ends_at if end.fold else end


@lru_cache(maxsize=_HEADS_KEPT)
def _head(name: str, zone: str, language: str) -> bytes:
    calendar = Calendar()  # not Calendar.new: that gives a random UID, and other bytes each time
    calendar.prodid = f"-//Asamblea//Program//{language.upper()}"
    calendar.version = "2.0"
    calendar.calscale = "GREGORIAN"
    calendar.method = "PUBLISH"
    calendar.add("NAME", _text(name), parameters={"LANGUAGE": language})
    calendar.add("X-WR-CALNAME", _text(name))
    calendar.add("X-WR-TIMEZONE", zone)
    calendar.add("REFRESH-INTERVAL", _ASK_AGAIN, parameters={"VALUE": "DURATION"})
    written: bytes = calendar.to_ical()
    return written.removesuffix(_FOOT)


@lru_cache(maxsize=_ZONES_KEPT)
def _time_zone(zone: str, first_year: int, last_year: int) -> bytes:
    """Return the VTIMEZONE of the years given, both whole."""
    component = Timezone.from_tzinfo(
        zone_named(zone), zone, first_date=date(first_year, 1, 1), last_date=date(last_year + 1, 1, 1)
    )
    component.pop("COMMENT")
    for observance in component.subcomponents:
        _write_onsets_as_shown_before(observance)
    written: bytes = component.to_ical()
    return written


def _write_onsets_as_shown_before(observance: TimezoneStandard | TimezoneDaylight) -> None:
    """Move onsets to what the clock showed when they came, as RFC 5545, 3.6.5 asks.

    icalendar 7.3 writes the time shown after it: 03:00 where a clock goes from 02:00 to 03:00.
    """
    skipped = observance.TZOFFSETTO - observance.TZOFFSETFROM
    if skipped <= timedelta():
        return
    later = [onset - skipped for onset, *_ in observance.rdates]
    observance.DTSTART -= skipped
    observance.pop("RDATE", None)
    if later:
        observance.add("RDATE", later)


def _text(text: str) -> str:
    """Return text as calendars can carry it: line ends of one kind, no other control characters."""
    return _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text))


def _one_line(text: str) -> str:
    return "".join(_text(text).split())
