from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from conference.domain.schedule_xml import Schedule, parse_schedule
from conference.exports.icalendar import CalendarEvent, CalendarFeed, calendar_bytes, event_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from icalendar import Event

wall_clock = datetime.fromisoformat
RECORDED = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def event(**values: object) -> CalendarEvent:
    given_values = {
        "uid": "bienvenida@oaxaca-northwest.example",
        "starts_local": wall_clock("2026-07-11T09:00"),
        "minutes": 60,
        "zone": "America/Los_Angeles",
        "summary": "Bienvenida",
        "last_modified": RECORDED,
        **values,
    }
    return CalendarEvent(**given_values)


def feed(*events: CalendarEvent, zone: str = "America/Los_Angeles") -> CalendarFeed:
    return CalendarFeed(name="Oaxaca y el Noroeste", zone=zone, language="es", events=events)


def read_back(*events: CalendarEvent) -> Event:
    return Calendar.from_ical(calendar_bytes(feed(*events))).events[0]


def test_a_calendar_is_written_line_by_line_like_this():
    session = event(
        description="Con música; traigan agua,\ny sillas",
        location="Auditorio",
        url="https://asamblea.example/es/oaxaca-northwest/sessions/bienvenida",
        sequence=3,
        categories=("Acuerdo, texto", "Plenaria"),
    )
    assert calendar_bytes(feed(session)).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Asamblea//Program//ES",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME;LANGUAGE=es:Oaxaca y el Noroeste",
        "X-WR-CALNAME:Oaxaca y el Noroeste",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-WR-TIMEZONE:America/Los_Angeles",
        "BEGIN:VTIMEZONE",
        "TZID:America/Los_Angeles",
        "BEGIN:STANDARD",
        "DTSTART:20250101T000000",
        "TZNAME:PST",
        "TZOFFSETFROM:-0800",
        "TZOFFSETTO:-0800",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:20250309T020000",
        "RDATE:20260308T020000,20270314T020000",
        "TZNAME:PDT",
        "TZOFFSETFROM:-0800",
        "TZOFFSETTO:-0700",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20251102T020000",
        "RDATE:20261101T020000,20271107T020000",
        "TZNAME:PST",
        "TZOFFSETFROM:-0700",
        "TZOFFSETTO:-0800",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:Bienvenida",
        "DTSTART;TZID=America/Los_Angeles:20260711T090000",
        "DTEND;TZID=America/Los_Angeles:20260711T100000",
        "DTSTAMP:20260701T120000Z",
        "UID:bienvenida@oaxaca-northwest.example",
        "SEQUENCE:3",
        "CATEGORIES:Acuerdo\\, texto,Plenaria",
        "DESCRIPTION:Con música\\; traigan agua\\,\\ny sillas",
        "LAST-MODIFIED:20260701T120000Z",
        "LOCATION:Auditorio",
        "STATUS:CONFIRMED",
        "URL:https://asamblea.example/es/oaxaca-northwest/sessions/bienvenida",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_equal_input_gives_equal_bytes_also_when_nothing_is_remembered():
    def write() -> bytes:
        return calendar_bytes(feed(event(), event(uid="b", zone="America/Mexico_City")))

    first = write()
    event_bytes.cache_clear()
    assert write() == first


def test_values_that_differ_in_anything_are_not_taken_for_each_other():
    changes: list[dict[str, object]] = [
        {},
        {"starts_local": wall_clock("2026-07-11T09:05")},
        {"minutes": 61},
        {"zone": "America/Mexico_City"},
        {"summary": "Despedida"},
        {"last_modified": RECORDED + timedelta(seconds=1)},
        {"sequence": 1},
        {"description": "Con música"},
        {"location": "Patio"},
        {"url": "https://asamblea.example/"},
        {"categories": ("Plenaria",)},
        {"cancelled": True},
    ]
    assert len({event_bytes(event(**change)) for change in changes}) == len(changes)


def test_a_cancelled_session_stays_and_says_so():
    assert read_back(event(cancelled=True))["STATUS"] == "CANCELLED"


def test_no_person_is_ever_written():
    written = calendar_bytes(feed(event(description="ORGANIZER:mailto:a@example.org\nATTENDEE:b")))
    assert re.findall(rb"(?m)^(ATTENDEE|ORGANIZER|CONTACT)", written) == []


def test_a_text_cannot_add_lines_of_its_own():
    written = calendar_bytes(
        feed(
            event(
                uid="a\r\nATTENDEE:mailto:a@example.org",
                url="https://asamblea.example/\r\nATTENDEE:mailto:a@example.org",
                summary="a\r\nATTENDEE:mailto:a@example.org",
                location="a\rATTENDEE:mailto:a@example.org",
                categories=("a\u2028ATTENDEE:mailto:a@example.org",),
            )
        )
    )
    assert [line for line in written.decode().splitlines() if line.startswith("ATTENDEE")] == []
    assert len(Calendar.from_ical(written).events) == 1


def test_a_session_of_no_length_has_no_end():
    assert "DTEND" not in read_back(event(minutes=0))


def test_a_session_that_ends_in_the_hour_shown_twice_ends_in_utc():
    night = read_back(event(starts_local=wall_clock("2026-11-01T00:30"), minutes=90))
    assert night.end == datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    assert b"DTEND:20261101T090000Z" in night.to_ical()


def test_a_feed_without_events_is_a_calendar_still():
    written = Calendar.from_ical(calendar_bytes(feed()))
    assert (written.events, [zone.tz_name for zone in written.timezones]) == ([], ["America/Los_Angeles"])


def test_a_session_in_utc_needs_no_time_zone():
    written = calendar_bytes(feed(event(zone="UTC"), zone="UTC"))
    assert b"VTIMEZONE" not in written
    assert b"DTSTART:20260711T090000Z" in written


def test_no_line_is_longer_than_75_octets_and_no_letter_is_cut():
    name = "Ñuu Dzahui — Yucu Ñuu Savi, Ndutya̱ Ñuꞌu, Guelaguetza ladxidoꞌo " * 8
    written = calendar_bytes(feed(event(summary=name)))
    assert max(len(line) for line in written.split(b"\r\n")) <= 75
    assert [line for line in written.split(b"\r\n") if line.decode() is None] == []
    assert str(read_back(event(summary=name))["SUMMARY"]) == name


printable = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from("\n,;:\\\"'nN")
)


@settings(deadline=None)
@given(printable, printable, st.lists(printable.filter(bool), max_size=3))
def test_every_text_comes_back_as_it_went(summary: str, description: str, categories: list[str]):
    found = read_back(event(summary=summary, description=description, categories=tuple(categories)))
    assert (str(found["SUMMARY"]), str(found.get("DESCRIPTION", ""))) == (summary, description)
    assert [str(category) for category in found.categories] == categories


@settings(deadline=None)
@given(st.text())
def test_control_characters_are_left_out_and_the_file_stays_whole(text: str):
    found = Calendar.from_ical(
        calendar_bytes(feed(event(summary=text), event(uid="b", location=text)))
    ).events
    assert len(found) == 2
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", str(found[0]["SUMMARY"])) == []


@pytest.mark.parametrize(
    "zone", ["America/Los_Angeles", "America/Mexico_City", "Europe/Brussels", "America/Tijuana"]
)
@pytest.mark.parametrize("year", [2010, 2022, 2026])
def test_a_reader_that_knows_only_the_file_finds_every_day_at_its_moment(zone: str, year: int):
    days = [
        datetime.combine(date(year, 1, 1), datetime.min.time()) + timedelta(days=n, hours=9)
        for n in range(365)
    ]
    events = [event(uid=str(n), starts_local=day, zone=zone) for n, day in enumerate(days)]
    # Under a name of its own: a reader must not put what it knows in place of what the file says.
    renamed = calendar_bytes(feed(*events, zone=zone)).replace(
        zone.encode(), f"Local-{zone[-4:]}-{year}".encode()
    )
    found = [read.start.astimezone(UTC) for read in Calendar.from_ical(renamed).events]
    assert found == [day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for day in days]


@pytest.mark.real_data
def test_the_time_zones_written_change_when_the_time_zone_database_says(real_data: Path):
    zones = json.loads((real_data / "places/tz/expected.json").read_text())["zones"]
    written = {zone: _onsets(zone) for zone in zones}
    assert written == {zone: expected["transitions_2022_2027"] for zone, expected in zones.items()}


def _onsets(zone: str) -> list[list[object]]:
    """The changes of the clock in a file for 2023 to 2026, by RFC 5545: DTSTART less TZOFFSETFROM."""
    ends = [event(uid=str(year), starts_local=wall_clock(f"{year}-07-01T09:00")) for year in (2023, 2026)]
    calendar = Calendar.from_ical(calendar_bytes(feed(*ends, zone=zone)))
    (described,) = [found for found in calendar.timezones if found.tz_name == zone]
    changes = [
        (onset - observance.TZOFFSETFROM, observance.TZOFFSETFROM, observance.TZOFFSETTO)
        for observance in described.subcomponents
        for onset in (observance.DTSTART, *(later for later, *_ in observance.rdates))
        if observance.TZOFFSETFROM != observance.TZOFFSETTO
    ]
    hour = timedelta(hours=1)
    return [
        [at.strftime("%Y-%m-%dT%H:%MZ"), before / hour, after / hour] for at, before, after in sorted(changes)
    ]


def _feed_of(schedule: Schedule) -> CalendarFeed:
    zone = ZoneInfo(schedule.zone)
    return CalendarFeed(
        name=schedule.title,
        zone=schedule.zone,
        language="en",
        events=tuple(
            CalendarEvent(
                uid=f"{talk.guid}@asamblea.example",
                starts_local=talk.starts_at.astimezone(zone).replace(tzinfo=None),
                minutes=talk.minutes,
                zone=schedule.zone,
                summary=talk.title,
                last_modified=RECORDED,
                description=talk.abstract_html,
                location=talk.room,
                url=talk.url,
                categories=(talk.track,),
            )
            for talk in schedule.events
        ),
    )


@pytest.mark.real_data
def test_943_events_of_a_real_program_are_read_back_by_two_readers(real_data: Path):
    schedule = parse_schedule((real_data / "schedules/fosdem-2025.xml").read_bytes())
    written = calendar_bytes(_feed_of(schedule))
    expected = [
        (
            f"{talk.guid}@asamblea.example",
            talk.title,
            talk.starts_at,
            talk.starts_at + timedelta(minutes=talk.minutes),
        )
        for talk in schedule.events
    ]
    assert len(expected) == 943
    assert [
        (str(read["UID"]), str(read["SUMMARY"]), read.start, read.end)
        for read in Calendar.from_ical(written).events
    ] == expected
    assert [
        (read.uid.value, read.summary.value, read.dtstart.value, read.dtend.value)
        for read in vobject.readOne(written.decode()).vevent_list
    ] == expected
