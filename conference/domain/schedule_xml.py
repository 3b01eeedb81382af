"""Reads a schedule in the XML that pentabarf, frab, pretalx and the CCC's tools write, whole or not at all.

Real files differ: some give each event's moment, some a day and an hour; some repeat ids; some name no zone.
All of it is kept as it stands. Texts are not cleaned: HTML and link targets are somebody else's words, and
whoever shows them sanitizes them.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn, cast
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from conference.domain.errors import Invalid
from conference.domain.program import zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

_HOURS_OF_A_DAY = 24
_LAST_MINUTE = 59
SIZE_LIMIT = 32 * 1024 * 1024
# Of what a file may hold besides texts: in memory an element takes fifty times what it takes in the file.
DEPTH_LIMIT = 20
PARTS_LIMIT = 300_000
TAG_LIMIT = 256 * 1024


class ScheduleProblem(StrEnum):
    """Why a file is not read; the data that go with each are named beside it."""

    TOO_LARGE = "schedule_too_large"  # size, limit (bytes)
    DOCTYPE = "schedule_doctype"
    NOT_UTF8 = "schedule_not_utf8"
    NOT_XML = "schedule_not_xml"
    MALFORMED = "schedule_malformed"  # reason (expat's)
    TOO_DEEP = "schedule_too_deep"  # limit
    TOO_MANY = "schedule_too_many"  # limit
    TOO_LONG = "schedule_tag_too_long"  # limit (bytes)
    NOT_A_SCHEDULE = "schedule_not_a_schedule"  # found
    MISSING = "schedule_missing"  # field, parent
    BAD_DATE = "schedule_bad_date"  # value
    BAD_TIME = "schedule_bad_time"  # value
    BAD_DURATION = "schedule_bad_duration"  # value
    UNKNOWN_ZONE = "schedule_unknown_zone"  # zone
    ZONE_NEEDED = "schedule_zone_needed"


class ScheduleError(Invalid):
    """The file cannot be read as a schedule; `line` counts from 1."""

    def __init__(self, code: ScheduleProblem, line: int, **data: object) -> None:
        super().__init__(code, line=line, **data)
        self.line = line


@dataclass(frozen=True, slots=True)
class ScheduleEvent:
    """One event as the file has it. Only `position` (from 1, in file order) is sure to be unique."""

    position: int
    external_id: str
    guid: str
    day: date  # the program's day; an event after midnight belongs to the day before
    starts_at: datetime  # aware, UTC
    minutes: int
    room: str
    track: str
    kind: str
    language: str
    slug: str
    url: str
    title: str
    subtitle: str
    abstract_html: str
    description_html: str
    persons: tuple[tuple[str, str], ...]  # (id, name)
    links: tuple[tuple[str, str], ...]  # (href, label)
    attachments: tuple[tuple[str, str], ...]  # (href, label)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A whole file. `rooms` and `tracks` are those that events use, in order of first use."""

    title: str
    acronym: str
    venue: str
    city: str
    zone: str
    first_day: date
    days: tuple[date, ...]
    rooms: tuple[str, ...]
    tracks: tuple[str, ...]
    events: tuple[ScheduleEvent, ...]


def parse_schedule(
    data: bytes,
    *,
    zone: str | None = None,
    size_limit: int = SIZE_LIMIT,
    heard: Callable[[int, int], None] | None = None,
) -> Schedule:
    """Read the file whole, or refuse it with the line at fault: `ScheduleError`.

    `zone` (IANA) prevails over the file's own `time_zone_name`; one of them is needed. `heard` is told after
    each event how many of how many have been read.
    """
    if len(data) > size_limit:
        raise ScheduleError(ScheduleProblem.TOO_LARGE, 1, size=len(data), limit=size_limit)
    root = _tree(data)
    if root.tag != "schedule":
        raise ScheduleError(ScheduleProblem.NOT_A_SCHEDULE, _line(root), found=root.tag)
    conference = _required(root, "conference")
    clock = _clock(conference, zone)
    days = tuple(_day(element) for element in root.findall("day"))
    events = tuple(_counted(_events(root, clock), len(root.findall("day/room/event")), heard))
    return Schedule(
        title=_text(conference, "title"),
        acronym=_text(conference, "acronym"),
        venue=_text(conference, "venue"),
        city=_text(conference, "city"),
        zone=clock.zone.key,
        first_day=_first_day(conference, days),
        days=days,
        rooms=tuple(dict.fromkeys(event.room for event in events if event.room)),
        tracks=tuple(dict.fromkeys(event.track for event in events if event.track)),
        events=events,
    )


class _Element(Element):
    """An element that knows the line of its start tag."""

    line: int = 1


def _tree(data: bytes) -> Element:
    parser = expat.ParserCreate("UTF-8")  # whatever the file declares: one encoding, known in advance

    within = elements = attributes_seen = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal within, elements, attributes_seen
        within, elements, attributes_seen = within + 1, elements + 1, attributes_seen + len(attributes)
        if within > DEPTH_LIMIT:
            raise ScheduleError(ScheduleProblem.TOO_DEEP, parser.CurrentLineNumber, limit=DEPTH_LIMIT)
        if elements > PARTS_LIMIT or attributes_seen > PARTS_LIMIT:
            raise ScheduleError(ScheduleProblem.TOO_MANY, parser.CurrentLineNumber, limit=PARTS_LIMIT)
        cast("_Element", builder.start(tag, attributes)).line = parser.CurrentLineNumber

    def end(tag: str) -> None:
        nonlocal within
        within -= 1
        builder.end(tag)

    def refuse(*_declaration: object) -> NoReturn:
        raise ScheduleError(ScheduleProblem.DOCTYPE, parser.CurrentLineNumber)

    builder = TreeBuilder(element_factory=_Element)
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse  # no schedule needs one; entities that grow without end do
    try:
        _feed(parser, data)
    except expat.ExpatError as error:
        raise _malformed(data, error) from error
    return builder.close()


def _feed(parser: expat.XMLParserType, data: bytes) -> None:
    """Parse piece by piece: of a tag that has no end, expat would keep every attribute before telling us."""
    for begin in range(0, len(data), TAG_LIMIT):
        piece = data[begin : begin + TAG_LIMIT]
        parser.Parse(piece, False)  # noqa: FBT003 - expat takes no keywords
        if begin + len(piece) - parser.CurrentByteIndex > TAG_LIMIT:
            raise ScheduleError(ScheduleProblem.TOO_LONG, parser.CurrentLineNumber, limit=TAG_LIMIT)
    parser.Parse(b"", True)  # noqa: FBT003


def _malformed(data: bytes, error: expat.ExpatError) -> ScheduleError:
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        return ScheduleError(ScheduleProblem.NOT_UTF8, data.count(b"\n", 0, wrong.start) + 1)
    if not data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        return ScheduleError(ScheduleProblem.NOT_XML, 1)
    return ScheduleError(ScheduleProblem.MALFORMED, error.lineno, reason=expat.ErrorString(error.code))


def _line(element: Element) -> int:
    return cast("_Element", element).line


def _text(parent: Element, tag: str) -> str:
    """Return the trimmed text of a child, with that of elements in it; empty where there is none."""
    child = parent.find(tag)
    return "" if child is None else _own_text(child)


def _own_text(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _required(parent: Element, tag: str) -> Element:
    child = parent.find(tag)
    if child is None:
        raise ScheduleError(ScheduleProblem.MISSING, _line(parent), field=tag, parent=parent.tag)
    return child


def _required_text(parent: Element, tag: str) -> str:
    text = _text(parent, tag)
    if not text:
        raise ScheduleError(ScheduleProblem.MISSING, _line(parent), field=tag, parent=parent.tag)
    return text


@dataclass(frozen=True, slots=True)
class _Clock:
    """How this file tells time. Hours before `day_change` are the night that follows the day."""

    zone: ZoneInfo
    day_change: time

    def moment(self, local: datetime) -> datetime:
        return (local if local.tzinfo else local.replace(tzinfo=self.zone)).astimezone(UTC)

    def on_day(self, day: date, hour: time) -> datetime:
        following = timedelta(days=1 if hour < self.day_change else 0)
        return self.moment(datetime.combine(day + following, hour))


def _clock(conference: Element, zone: str | None) -> _Clock:
    name = zone or _text(conference, "time_zone_name")
    line = _line(conference)
    if not name:
        raise ScheduleError(ScheduleProblem.ZONE_NEEDED, line)
    try:
        known = zone_named(name)
    except Invalid as error:
        raise ScheduleError(ScheduleProblem.UNKNOWN_ZONE, line, zone=name) from error
    day_change = _text(conference, "day_change")
    return _Clock(known, _hour(day_change, conference) if day_change else time())


def _date(value: str, where: Element) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ScheduleError(ScheduleProblem.BAD_DATE, _line(where), value=value) from error


def _hour(value: str, where: Element) -> time:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?", value, re.ASCII)
    if match is None:
        raise ScheduleError(ScheduleProblem.BAD_TIME, _line(where), value=value)
    return time(int(match[1]), int(match[2]))


def duration_minutes(text: str) -> int:
    """Return the minutes of `HH:MM`, `HH:MM:SS` or `D:HH:MM`; raise `ValueError` for anything else.

    Of three parts, days come first only where written as days are: one digit, then an hour of the day
    ("1:00:00" is a day, "01:00:00" an hour, "1:30:00" an hour and a half). Seconds fill up the minute.
    """
    match = re.fullmatch(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)", text, re.ASCII)
    if match is None:
        raise ValueError(text)
    first, middle, last = (int(part or 0) for part in match.groups())
    if match[1] is None or (len(match[1]) == 1 and middle < _HOURS_OF_A_DAY):
        return (first * 24 + middle) * 60 + last
    if middle > _LAST_MINUTE:
        raise ValueError(text)
    return first * 60 + middle + (last > 0)


def _duration(element: Element) -> int:
    value = _required_text(element, "duration")
    try:
        return duration_minutes(value)
    except ValueError as error:
        raise ScheduleError(
            ScheduleProblem.BAD_DURATION, _line(_required(element, "duration")), value=value
        ) from error


def _starts_at(element: Element, day: date, clock: _Clock) -> datetime:
    """Return the event's own moment where it has one (a bare date is none), else the hour of its day."""
    moment = _text(element, "date")
    if "T" not in moment:
        start = _required_text(element, "start")
        return clock.on_day(day, _hour(start, _required(element, "start")))
    try:
        return clock.moment(datetime.fromisoformat(moment))
    except (ValueError, OverflowError) as error:
        where = _required(element, "date")
        raise ScheduleError(ScheduleProblem.BAD_DATE, _line(where), value=moment) from error


def _day(element: Element) -> date:
    value = element.get("date")
    if not value:
        raise ScheduleError(ScheduleProblem.MISSING, _line(element), field="date", parent=element.tag)
    return _date(value, element)


def _first_day(conference: Element, days: tuple[date, ...]) -> date:
    if days:
        return min(days)
    return _date(_required_text(conference, "start"), _required(conference, "start"))


def _events(root: Element, clock: _Clock) -> Iterator[ScheduleEvent]:
    position = 0
    for day_element in root.findall("day"):
        day = _day(day_element)
        for room in day_element.findall("room"):
            for element in room.findall("event"):
                position += 1
                yield _event(element, position, day=day, room=room.get("name", ""), clock=clock)


def _counted(
    events: Iterator[ScheduleEvent], total: int, heard: Callable[[int, int], None] | None
) -> Iterator[ScheduleEvent]:
    for event in events:
        yield event
        if heard is not None:
            heard(event.position, total)


def _event(element: Element, position: int, *, day: date, room: str, clock: _Clock) -> ScheduleEvent:
    return ScheduleEvent(
        position=position,
        external_id=element.get("id", ""),
        guid=element.get("guid", ""),
        day=day,
        starts_at=_starts_at(element, day, clock),
        minutes=_duration(element),
        room=_text(element, "room") or room.strip(),
        track=_text(element, "track"),
        kind=_text(element, "type"),
        language=_text(element, "language"),
        slug=_text(element, "slug"),
        url=_text(element, "url"),
        title=_required_text(element, "title"),
        subtitle=_text(element, "subtitle"),
        abstract_html=_text(element, "abstract"),
        description_html=_text(element, "description"),
        persons=tuple(
            (person.get("id", ""), _own_text(person)) for person in element.iterfind("persons/person")
        ),
        links=tuple(_reference(link) for link in element.iterfind("links/link")),
        attachments=tuple(_reference(link) for link in element.iterfind("attachments/attachment")),
    )


def _reference(element: Element) -> tuple[str, str]:
    """Return where it leads and its words; some files write the address as the words and no `href`."""
    words = _own_text(element)
    href = element.get("href") or (words if words.startswith(("https://", "http://")) else "")
    return href, words or element.get("type", "")
