from __future__ import annotations

import json
import tracemalloc
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.domain.schedule_digest import TimetableEvent, counts, digest, digest_line
from conference.domain.schedule_xml import (
    Schedule,
    ScheduleError,
    ScheduleEvent,
    duration_minutes,
    parse_schedule,
)
from tests.timing import within

if TYPE_CHECKING:
    from pathlib import Path

EVENT = """<event id="7" guid="g-7">
<date>2026-07-11T09:00:00-07:00</date><start>09:00</start><duration>00:45</duration>
<room>Auditorio</room><slug>bienvenida</slug><url>https://example.org/7</url>
<title> Bienvenida a Ñuu Savi </title><subtitle>Con música</subtitle>
<track>Acuerdo</track><type>plenary</type><language>es</language>
<abstract>&lt;p&gt;Hola, &lt;em&gt;todas&lt;/em&gt;&lt;/p&gt;</abstract><description/>
<persons><person id="1">Ana </person><person>Beto</person></persons>
<links><link href="https://example.org/a">A</link><link>https://example.org/b</link><link>nota</link></links>
<attachments><attachment type="slides" href="/s.pdf"/></attachments>
</event>"""


def schedule(
    event: str = EVENT,
    conference: str = "<time_zone_name>America/Los_Angeles</time_zone_name>",
    day: str = '<day index="1" date="2026-07-11">',
) -> bytes:
    """A file of one event; its conference starts in line 2, its day in line 3, its event in line 5."""
    return (
        f"<schedule>\n<conference><title>Oaxaca</title><city>Salem</city>{conference}</conference>\n"
        f'{day}\n<room name="Patio">\n{event}\n</room></day></schedule>'
    ).encode()


def only_event(event: str = EVENT, conference: str = "", zone: str = "America/Los_Angeles") -> ScheduleEvent:
    (found,) = parse_schedule(schedule(event, conference), zone=zone).events
    return found


def test_everything_that_a_file_says_of_an_event_is_kept():
    assert parse_schedule(schedule()) == Schedule(
        title="Oaxaca",
        acronym="",
        venue="",
        city="Salem",
        zone="America/Los_Angeles",
        first_day=date(2026, 7, 11),
        days=(date(2026, 7, 11),),
        rooms=("Auditorio",),
        tracks=("Acuerdo",),
        events=(
            ScheduleEvent(
                position=1,
                external_id="7",
                guid="g-7",
                day=date(2026, 7, 11),
                starts_at=datetime(2026, 7, 11, 16, 0, tzinfo=UTC),
                minutes=45,
                room="Auditorio",
                track="Acuerdo",
                kind="plenary",
                language="es",
                slug="bienvenida",
                url="https://example.org/7",
                title="Bienvenida a Ñuu Savi",
                subtitle="Con música",
                abstract_html="<p>Hola, <em>todas</em></p>",
                description_html="",
                persons=(("1", "Ana"), ("", "Beto")),
                links=(
                    ("https://example.org/a", "A"),
                    ("https://example.org/b", "https://example.org/b"),
                    ("", "nota"),
                ),
                attachments=(("/s.pdf", "slides"),),
            ),
        ),
    )


def test_events_that_repeat_an_id_are_all_kept_in_the_order_of_the_file():
    events = parse_schedule(schedule(EVENT + EVENT.replace("Bienvenida", "Despedida"))).events
    assert [(event.position, event.external_id, event.title) for event in events] == [
        (1, "7", "Bienvenida a Ñuu Savi"),
        (2, "7", "Despedida a Ñuu Savi"),
    ]


def test_an_event_without_its_own_room_is_in_the_one_that_holds_it():
    assert only_event(EVENT.replace("<room>Auditorio</room>", "")).room == "Patio"


def test_text_within_elements_inside_a_text_is_kept():
    assert only_event(
        EVENT.replace("<description/>", "<description>a <b>b</b> c</description>")
    ).description_html == ("a b c")


@pytest.mark.parametrize("moment", ["", "<date/>", "<date>2026-07-11</date>"])
def test_without_a_moment_the_hour_of_the_day_counts_in_the_zone(moment: str):
    event = only_event(
        EVENT.replace("<date>2026-07-11T09:00:00-07:00</date>", moment), zone="America/Mexico_City"
    )
    assert event.starts_at == datetime(2026, 7, 11, 15, 0, tzinfo=UTC)


def test_a_moment_without_an_offset_counts_in_the_zone():
    event = only_event(EVENT.replace("09:00:00-07:00", "09:00:00"), zone="America/Mexico_City")
    assert event.starts_at == datetime(2026, 7, 11, 15, 0, tzinfo=UTC)


def test_an_hour_before_the_change_of_day_belongs_to_the_following_night():
    night = EVENT.replace("<date>2026-07-11T09:00:00-07:00</date><start>09:00", "<start>00:30")
    event = only_event(night, conference="<day_change>04:00:00</day_change>")
    assert (event.day, event.starts_at) == (date(2026, 7, 11), datetime(2026, 7, 12, 7, 30, tzinfo=UTC))
    assert only_event(night).starts_at == datetime(2026, 7, 11, 7, 30, tzinfo=UTC)


def test_the_zone_asked_for_prevails_over_the_one_in_the_file():
    assert parse_schedule(schedule(), zone="America/Mexico_City").zone == "America/Mexico_City"


def test_a_schedule_without_days_starts_when_its_conference_does():
    data = b"<schedule><conference><start>2026-07-11</start></conference></schedule>"
    read = parse_schedule(data, zone="America/Los_Angeles")
    assert (read.first_day, read.days, read.events) == (date(2026, 7, 11), (), ())


REFUSALS = [
    (b"", "schedule_not_xml", 1, {}),
    (b"%PDF-1.7\n<schedule>", "schedule_not_xml", 1, {}),
    (b"<schedule>\n<conference>\n</schedule>", "schedule_malformed", 3, {"reason": "mismatched tag"}),
    (b"<schedule>\n&nbsp;</schedule>", "schedule_malformed", 2, {"reason": "undefined entity"}),
    ("<schedule>\n\n<a>Ñ</a></schedule>".encode("latin-1"), "schedule_not_utf8", 3, {}),
    (
        b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\xd1</a>',
        "schedule_not_utf8",
        2,
        {},
    ),
    (
        b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><schedule>&c;</schedule>',
        "schedule_doctype",
        2,
        {},
    ),
    (
        b'<!DOCTYPE schedule SYSTEM "file:///etc/passwd"><schedule/>',
        "schedule_doctype",
        1,
        {},
    ),
    (b"<!-- a page -->\n<html/>", "schedule_not_a_schedule", 2, {"found": "html"}),
    (b"<schedule/>", "schedule_missing", 1, {"field": "conference", "parent": "schedule"}),
    (schedule(conference=""), "schedule_zone_needed", 2, {}),
    (
        schedule(conference="<time_zone_name>Oaxaca</time_zone_name>"),
        "schedule_unknown_zone",
        2,
        {"zone": "Oaxaca"},
    ),
    (schedule(day="<day>"), "schedule_missing", 3, {"field": "date", "parent": "day"}),
    (schedule(day='<day date="11/07/2026">'), "schedule_bad_date", 3, {"value": "11/07/2026"}),
    (
        schedule(EVENT.replace("2026-07-11T09:00:00-07:00", "2026-07-11T25:00")),
        "schedule_bad_date",
        6,
        {"value": "2026-07-11T25:00"},
    ),
    (
        schedule(EVENT.replace("2026-07-11T09:00:00-07:00", "0001-01-01T00:00:00+14:00")),
        "schedule_bad_date",
        6,
        {"value": "0001-01-01T00:00:00+14:00"},
    ),
    (
        schedule(EVENT.replace("<date>2026-07-11T09:00:00-07:00</date><start>09:00", "<start>9.00")),
        "schedule_bad_time",
        6,
        {"value": "9.00"},
    ),
    (
        schedule(EVENT.replace("<date>2026-07-11T09:00:00-07:00</date><start>09:00</start>", "")),
        "schedule_missing",
        5,
        {"field": "start", "parent": "event"},
    ),
    (schedule(EVENT.replace("00:45", "45 min")), "schedule_bad_duration", 6, {"value": "45 min"}),
    (
        schedule(EVENT.replace("<duration>00:45</duration>", "")),
        "schedule_missing",
        5,
        {"field": "duration", "parent": "event"},
    ),
    (
        schedule(EVENT.replace(" Bienvenida a Ñuu Savi ", " ")),
        "schedule_missing",
        5,
        {"field": "title", "parent": "event"},
    ),
]


@pytest.mark.parametrize(("data", "code", "line", "details"), REFUSALS)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    data: bytes, code: str, line: int, details: dict[str, object]
):
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(data)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert refused.value.data == {"line": line, **details}


def refused_cheaply(data: bytes) -> tuple[str, int]:
    """Refuse a file, using less memory for it than it has bytes; return code and line."""
    tracemalloc.start()
    try:
        with pytest.raises(ScheduleError) as refused:
            parse_schedule(data)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < len(data)
    return refused.value.code, refused.value.line


def test_a_file_of_elements_within_elements_is_refused_at_once_whatever_its_length():
    def refusal() -> ScheduleError:
        with pytest.raises(ScheduleError) as refused:
            parse_schedule(b"<schedule>\n" + b"<a>" * 3_000_000)
        return refused.value

    refused = within(1, refusal)
    assert (refused.code, refused.data) == ("schedule_too_deep", {"line": 2, "limit": 20})
    assert refused_cheaply(b"<schedule>\n" + b"<a>" * 3_000_000) == ("schedule_too_deep", 2)


def test_twenty_elements_may_stand_within_one_another_and_no_more():
    def nested(depth: int) -> bytes:
        return schedule(EVENT.replace("Hola", "<b>" * depth + "Hola" + "</b>" * depth))

    # An abstract stands in an event of a room of a day of the schedule.
    assert parse_schedule(nested(15)) == parse_schedule(schedule())
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(nested(16))
    assert (refused.value.code, refused.value.line) == ("schedule_too_deep", 10)


@pytest.mark.parametrize("many", [b"<a/>", b'<a b="" c="" d=""/>'], ids=["elements", "attributes"])
def test_a_file_of_elements_without_end_is_refused(many: bytes):
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(b"<schedule>\n" + many * 300_000)
    assert (refused.value.code, refused.value.data) == ("schedule_too_many", {"line": 2, "limit": 300_000})


def test_a_tag_without_end_is_refused_before_all_of_it_is_read():
    tag = b"<a " + b" ".join(b'b%d=""' % number for number in range(500_000))
    assert refused_cheaply(b"<schedule>\n" + tag + b"/></schedule>") == ("schedule_tag_too_long", 2)


def test_texts_may_be_long():
    long = "niñez " * 100_000
    assert only_event(EVENT.replace("Con música", long)).subtitle == long.strip()


def test_a_file_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(b"<" * 11, size_limit=10)
    assert (refused.value.code, refused.value.data) == (
        "schedule_too_large",
        {"line": 1, "size": 11, "limit": 10},
    )


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("00:25", 25),
        ("1:30", 90),
        ("13:00", 780),
        ("26:00", 1560),
        ("00:25:00", 25),
        ("10:00:00", 600),
        ("00:05:01", 6),
        ("1:00:00", 1440),
        ("2:03:04", 2 * 1440 + 3 * 60 + 4),
        ("1:30:00", 90),
    ],
)
def test_durations_are_read_in_each_form_they_come_in(text: str, minutes: int):
    assert duration_minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", "45", "1:5", "00:60", "00:00:60", "12:60:00", "-1:00", "1:00:00:00", "١:٣٠", "1:00\n", "99999:00"],
)
def test_what_is_no_duration_is_refused(text: str):
    with pytest.raises(ValueError, match=r".*"):
        duration_minutes(text)


@settings(deadline=None)
@given(st.integers(0, 999 * 60 + 59))
def test_every_length_in_hours_and_minutes_comes_back(minutes: int):
    assert duration_minutes(f"{minutes // 60:02d}:{minutes % 60:02d}") == minutes


@settings(deadline=None)
@given(st.integers(0, 99), st.integers(0, 59))
def test_every_length_in_padded_hours_minutes_and_seconds_comes_back(hours: int, minutes: int):
    assert duration_minutes(f"{hours:02d}:{minutes:02d}:00") == hours * 60 + minutes


@settings(deadline=None)
@given(st.integers(0, 9), st.integers(0, 23), st.integers(0, 59))
def test_every_length_in_days_comes_back(days: int, hours: int, minutes: int):
    assert duration_minutes(f"{days}:{hours:02d}:{minutes:02d}") == (days * 24 + hours) * 60 + minutes


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_they_are_read_or_refused_with_a_code(data: bytes):
    with pytest.raises(ScheduleError):
        parse_schedule(b"<schedule>" + data, zone="UTC")


def test_no_events_count_as_nothing():
    nothing = counts(())
    assert (nothing.events, nothing.max_parallel, nothing.first_start_utc, nothing.last_end_utc) == (
        0,
        0,
        "",
        "",
    )
    assert (nothing.per_day, nothing.languages) == ({}, {})


def test_the_digest_is_the_same_in_any_order_and_another_after_any_change():
    one = only_event()
    other = replace(one, external_id="8", title="Despedida")
    assert digest([one, other]) == digest([other, one])
    changes = [
        {"external_id": "9"},
        {"minutes": 46},
        {"room": "Patio"},
        {"title": "Bienvenida"},
        {"track": ""},
        {"language": "en"},
        {"persons": (("1", "Ana"),)},
        {"starts_at": datetime(2026, 7, 11, 16, 1, tzinfo=UTC)},
    ]
    assert len({digest([one]), *(digest([replace(one, **change)]) for change in changes)}) == len(changes) + 1


def test_an_event_made_from_what_was_stored_has_the_line_of_the_one_that_was_read():
    read = only_event()
    stored = TimetableEvent(
        external_id="7",
        starts_at=datetime(2026, 7, 11, 16, 0, tzinfo=UTC),
        minutes=45,
        room="Auditorio",
        title="Bienvenida a Ñuu Savi",
        track="Acuerdo",
        language="es",
        persons=(("", "Beto"), ("", "Ana")),
    )
    assert digest_line(stored) == digest_line(read)
    assert digest_line(read) == (
        "7\x1f2026-07-11T16:00Z\x1f45\x1fAuditorio\x1fBienvenida a Ñuu Savi\x1fAcuerdo\x1fes\x1fAna|Beto"
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "zone", "expected_file", "expected_key"),
    [
        ("fosdem-2019.xml", "Europe/Brussels", "fosdem-expected.json", "fosdem-2019.xml"),
        ("fosdem-2023.xml", "Europe/Brussels", "fosdem-expected.json", "fosdem-2023.xml"),
        ("fosdem-2025.xml", None, "fosdem-expected.json", "fosdem-2025.xml"),
        ("36c3.xml", "Europe/Berlin", "36c3-expected.json", "everything.schedule.xml"),
    ],
)
def test_real_schedules_are_read_without_losing_anything(
    real_data: Path, file: str, zone: str | None, expected_file: str, expected_key: str
):
    folder = real_data / "schedules"
    read = parse_schedule((folder / file).read_bytes(), zone=zone)
    expected = json.loads((folder / expected_file).read_text())[expected_key]
    assert json.loads(json.dumps(asdict(counts(read.events)))) == expected
    assert (len(read.days), len(read.rooms), len(read.tracks)) == (
        expected["days"],
        expected["rooms"],
        expected["tracks"],
    )
    assert [event.position for event in read.events] == list(range(1, expected["events"] + 1))
