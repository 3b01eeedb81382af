"""Counts a timetable, and boils it down to one digest: what was read, stored and exported must agree."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Protocol

from conference.domain.program import Overlap, overlap_counts, person_overlaps, room_overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MARKUP = re.compile(r"<[a-z/][^>]*>")
_EXAMPLES = 10
_MINUTE = "%Y-%m-%dT%H:%MZ"


class ListedEvent(Protocol):
    """An event of a timetable, wherever it comes from: a file, or rows of the database."""

    @property
    def external_id(self) -> str:
        """The event's id in its source; need not be unique."""

    @property
    def starts_at(self) -> datetime:
        """Aware moment of the start."""

    @property
    def minutes(self) -> int:
        """Length."""

    @property
    def room(self) -> str:
        """Name of the room."""

    @property
    def title(self) -> str:
        """Title."""

    @property
    def track(self) -> str:
        """Name of the track; may be empty."""

    @property
    def language(self) -> str:
        """Code of the language as the source writes it; may be empty."""

    @property
    def persons(self) -> Sequence[tuple[str, str]]:
        """Who speaks: id and name."""


class CountedEvent(ListedEvent, Protocol):
    """An event with all that can be counted of it."""

    @property
    def guid(self) -> str:
        """The source's world-wide id; may be empty."""

    @property
    def day(self) -> date:
        """Day of the program."""

    @property
    def abstract_html(self) -> str:
        """Short text."""

    @property
    def description_html(self) -> str:
        """Long text."""

    @property
    def links(self) -> Sequence[object]:
        """What the event points to."""

    @property
    def attachments(self) -> Sequence[object]:
        """Files of the event."""


@dataclass(frozen=True, slots=True)
class TimetableEvent:
    """A `CountedEvent` made from what was stored; what is not stored keeps its empty default."""

    external_id: str
    starts_at: datetime
    minutes: int
    room: str
    title: str
    track: str = ""
    language: str = ""
    persons: tuple[tuple[str, str], ...] = ()
    guid: str = ""
    day: date = date.min
    abstract_html: str = ""
    description_html: str = ""
    links: tuple[object, ...] = ()
    attachments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleCounts:
    """Every figure of a timetable; moments are `YYYY-MM-DDTHH:MMZ`, empty where there is no event."""

    events: int
    unique_ids: int
    unique_guids: int
    days: int
    rooms: int
    tracks: int
    persons: int
    person_names: int
    events_without_person: int
    max_persons_on_event: int
    total_minutes: int
    zero_minutes: int
    longest_minutes: int
    max_parallel: int
    languages: dict[str, int]
    longest_title: int
    non_ascii_titles: int
    non_ascii_names: int
    html_bodies: int
    links: int
    attachments: int
    duplicate_titles: int
    room_overlap_pairs: int
    person_overlap_pairs: int
    room_overlap_examples: tuple[tuple[str, str, str], ...]
    person_overlap_examples: tuple[tuple[str, str, str], ...]
    first_start_utc: str
    last_end_utc: str
    per_day: dict[str, int]
    digest_sha256: str


def counts(events: Iterable[CountedEvent]) -> ScheduleCounts:
    """Count everything that can be counted of the events; n log n."""
    listed = tuple(events)
    titles = [event.title.strip() for event in listed]
    lengths = [event.minutes for event in listed]
    persons = {person for event in listed for person in event.persons}
    names = {name for _, name in persons}
    room_pairs, person_pairs = overlap_counts(listed)
    return ScheduleCounts(
        events=len(listed),
        unique_ids=_distinct(event.external_id for event in listed),
        unique_guids=_distinct(event.guid for event in listed),
        days=len({event.day for event in listed}),
        rooms=_distinct(event.room for event in listed),
        tracks=_distinct(event.track for event in listed),
        persons=len(persons),
        person_names=len(names),
        events_without_person=sum(not event.persons for event in listed),
        max_persons_on_event=max((len(event.persons) for event in listed), default=0),
        total_minutes=sum(lengths),
        zero_minutes=lengths.count(0),
        longest_minutes=max(lengths, default=0),
        max_parallel=_max_parallel(listed),
        languages=dict(Counter(event.language for event in listed)),
        longest_title=max(map(len, titles), default=0),
        non_ascii_titles=sum(not title.isascii() for title in titles),
        non_ascii_names=sum(not name.isascii() for name in names),
        html_bodies=sum(has_markup(event.abstract_html, event.description_html) for event in listed),
        links=sum(len(event.links) for event in listed),
        attachments=sum(len(event.attachments) for event in listed),
        duplicate_titles=len(titles) - len(set(titles)),
        room_overlap_pairs=room_pairs,
        person_overlap_pairs=person_pairs,
        room_overlap_examples=_examples(room_overlaps(listed)),
        person_overlap_examples=_examples(person_overlaps(listed)),
        first_start_utc=min((_minute(event.starts_at) for event in listed), default=""),
        last_end_utc=max((_minute(_end(event)) for event in listed), default=""),
        per_day=dict(sorted(Counter(event.day.isoformat() for event in listed).items())),
        digest_sha256=digest(listed),
    )


def digest(events: Iterable[ListedEvent]) -> str:
    """Return the SHA-256 (hex) of a timetable, whatever the order of its events.

    A line an event: id, start, minutes, room, title, track, language, names, joined by U+001F; lines sorted.
    """
    return hashlib.sha256("\n".join(sorted(map(digest_line, events))).encode()).hexdigest()


def digest_line(event: ListedEvent) -> str:
    """Return the event's line of the digest, to show which events differ when two digests do."""
    return "\x1f".join(
        (
            event.external_id,
            _minute(event.starts_at),
            str(event.minutes),
            event.room,
            event.title.strip(),
            event.track,
            event.language,
            "|".join(sorted(name for _, name in event.persons)),
        )
    )


def has_markup(*texts: str) -> bool:
    """Tell whether any of the texts has an HTML tag in it."""
    return any(map(_MARKUP.search, texts))


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_MINUTE)


def _end(event: ListedEvent) -> datetime:
    return event.starts_at + timedelta(minutes=event.minutes)


def _distinct(texts: Iterable[str]) -> int:
    return len({text for text in texts if text})


def _max_parallel(events: Iterable[ListedEvent]) -> int:
    """Return how many events run at once at most; one that ends when another starts is over."""
    steps = sorted(step for event in events for step in ((event.starts_at, 1), (_end(event), -1)))
    return max(accumulate(step for _, step in steps), default=0)


def _examples(pairs: Iterator[Overlap[CountedEvent]]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (str(pair.holder), pair.first.external_id, pair.second.external_id)
        for pair in islice(pairs, _EXAMPLES)
    )
