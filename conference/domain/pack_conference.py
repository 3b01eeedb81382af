"""Reads `conference.toml`."""

from __future__ import annotations

from datetime import date

from agreements import Rule
from conference.domain.errors import Invalid
from conference.domain.pack_reading import LANGUAGE, Table
from conference.domain.pack_values import EQUAL, FORMAT, PackConference, PackLabel
from conference.domain.program import zone_named
from conference.domain.slugs import RESERVED

MOST_DAYS = 31
_FALLBACK_DAY = date(2000, 1, 1)
_YEARS = range(1900, 2900)


def read_conference(table: Table) -> tuple[PackConference, tuple[PackLabel, ...], tuple[PackLabel, ...]]:
    """Return the conference, its rooms and its tracks."""
    if table.number("format", least=0, most=10_000) != FORMAT:
        table.problem("other_format", "format", wanted=FORMAT)
    languages = table.codes("languages", LANGUAGE, required=True)
    if not languages:
        table.problem("empty_text", "languages", key="languages")
    venue = table.table("venue")
    conference = PackConference(
        slug=_slug(table),
        sample=table.flag("sample"),
        languages=languages,
        time_zone=_zone(table, "time_zone", required=True) or "UTC",
        other_time_zone=_zone(table, "other_time_zone", required=False),
        first_day=_first_day(table),
        # A wrong number of days says nothing about the sessions.
        days=table.number("days", least=1, most=MOST_DAYS, otherwise=MOST_DAYS),
        authenticity=_authenticity(table, languages),
        default_rule=table.word("default_rule", Rule, "unknown_rule", Rule.SIMPLE, required=False),
        name=table.translated("name", languages, required=True, maximum=200),
        tagline=table.translated("tagline", languages, maximum=300),
        about=table.translated("about", languages, markdown=True),
        city=table.translated("city", languages, maximum=200),
        venue_name=venue.text("name", maximum=200),
        venue_address=venue.text("address", maximum=300),
    )
    rooms, tracks = _labels(table, "rooms", languages), _labels(table, "tracks", languages)
    venue.finish()
    table.finish()
    return conference, rooms, tracks


def _slug(table: Table) -> str:
    slug = table.slug("slug")
    if slug in RESERVED:
        table.problem("reserved_slug", "slug", value=slug)
    return slug


def _zone(table: Table, key: str, *, required: bool) -> str | None:
    name = table.text(key, required=required, maximum=64)
    if not name:
        return None
    try:
        return zone_named(name).key
    except Invalid:
        table.problem("unknown_zone", key, zone=name)
        return None


def _first_day(table: Table) -> date:
    day = table.day("first_day")
    if day is None:
        return _FALLBACK_DAY
    if day.year not in _YEARS:
        table.problem("bad_date", "first_day", value=day.isoformat())
        return _FALLBACK_DAY
    return day


def _authenticity(table: Table, languages: tuple[str, ...]) -> str:
    value = table.text("authenticity") or EQUAL
    if value not in {EQUAL, *languages}:
        table.problem("unknown_authenticity", "authenticity", value=value, known=(EQUAL, *languages))
    return value


def _labels(table: Table, key: str, languages: tuple[str, ...]) -> tuple[PackLabel, ...]:
    labels: list[PackLabel] = []
    for one in table.tables(key):
        label = PackLabel(one.slug("key", maximum=200), one.translated("name", languages, required=True))
        if label.key and any(label.key == other.key for other in labels):
            one.problem("repeated_key", "key", key=label.key)
        one.finish()
        labels.append(label)
    return tuple(labels)
