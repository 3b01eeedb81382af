from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from conference.domain.errors import Conflict, Invalid
from conference.domain.program import SessionKind
from conference.domain.schedule_digest import counts
from conference.domain.schedule_xml import Schedule, ScheduleEvent, parse_schedule
from conference.models import Conference, ProgramSession, Room, SessionSpeaker, Speaker, TextFormat
from conference.queries.timetable import timetable_events
from conference.services.program import import_schedule
from tests.factories import NOW, make_conference, make_session

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

EVENT = ScheduleEvent(
    position=1,
    external_id="7",
    guid="g-7",
    day=date(2026, 7, 11),
    starts_at=datetime(2026, 7, 11, 16, 0, tzinfo=UTC),
    minutes=45,
    room="Salón Ñuu",
    track="Acuerdo",
    kind="workshop",
    language="es",
    slug="",
    url="https://example.org/7",
    title="Agua y bosque",
    subtitle="",
    abstract_html="<p>Hola</p>",
    description_html="",
    persons=(("1", "Ana"), ("", "Beto")),
    links=(("https://example.org/a", "A"),),
    attachments=(),
)


def schedule(*events: ScheduleEvent, **values: object) -> Schedule:
    numbered = tuple(replace(event, position=place) for place, event in enumerate(events, start=1))
    given = {
        "title": "Oaxaca",
        "acronym": "oaxaca",
        "venue": "Salón Secreto",
        "city": "Salem",
        "zone": "America/Los_Angeles",
        "first_day": date(2026, 7, 11),
        "days": (date(2026, 7, 11), date(2026, 7, 12)),
        "rooms": tuple(dict.fromkeys(event.room for event in events if event.room)),
        "tracks": tuple(dict.fromkeys(event.track for event in events if event.track)),
        "events": numbered,
        **values,
    }
    return Schedule(**given)


def bring_in(session: Session, found: Schedule, slug: str = "oaxaca") -> int:
    return import_schedule(
        session, schedule=found, slug=slug, languages=("es", "en"), text_language="en", now=NOW
    )


def stored(session: Session) -> list[ProgramSession]:
    return list(session.scalars(select(ProgramSession).order_by(ProgramSession.position)))


def test_a_session_keeps_everything_its_event_says(session: Session):
    bring_in(session, schedule(EVENT))
    (row,) = stored(session)
    assert (row.key, row.kind, row.starts_local, row.minutes, row.spoken) == (
        "agua-y-bosque",
        SessionKind.WORKSHOP,
        datetime(2026, 7, 11, 9, 0),  # noqa: DTZ001 - the venue's wall clock
        45,
        ["spa"],
    )
    assert (row.title, row.abstract, row.text_format) == (
        {"es": "Agua y bosque"},
        {"es": "<p>Hola</p>"},
        TextFormat.HTML,
    )
    assert row.links == [{"href": "https://example.org/a", "label": "A"}]
    assert row.external == {
        "id": "7",
        "guid": "g-7",
        "day": "2026-07-11",
        "kind": "workshop",
        "language": "es",
        "slug": "",
        "url": "https://example.org/7",
    }


def test_a_conference_is_made_with_the_days_the_city_and_the_zone_of_the_schedule(session: Session):
    conference = session.get_one(Conference, bring_in(session, schedule(EVENT)))
    assert (conference.name, conference.city, conference.days, conference.languages) == (
        {"es": "Oaxaca", "en": "Oaxaca"},
        {"es": "Salem", "en": "Salem"},
        2,
        ["es", "en"],
    )
    assert (conference.time_zone, conference.venue_name, conference.program_changed_at) == (
        "America/Los_Angeles",
        "Salón Secreto",
        NOW,
    )


def test_a_room_is_called_the_same_in_every_language(session: Session):
    bring_in(session, schedule(EVENT))
    rooms = session.execute(select(Room.key, Room.name)).all()
    assert rooms == [("salon-nuu", {"es": "Salón Ñuu", "en": "Salón Ñuu"})]


def test_sessions_of_one_name_or_of_none_get_keys_of_their_own(session: Session):
    nameless = replace(EVENT, title="日本")
    bring_in(session, schedule(EVENT, EVENT, nameless, replace(EVENT, title="Agua y bosque 2"), EVENT))
    assert [row.key for row in stored(session)] == [
        "agua-y-bosque",
        "agua-y-bosque-2",
        "3",
        "agua-y-bosque-2-4",
        "agua-y-bosque-5",
    ]


def test_a_very_long_title_makes_a_key_that_fits(session: Session):
    long = replace(EVENT, title="agua " * 50)
    bring_in(session, schedule(long, long))
    assert [len(row.key) for row in stored(session)] == [79, 80]
    assert stored(session)[1].key.endswith("-2")


@pytest.mark.parametrize(
    ("language", "kept", "spoken"),
    [("", "en", []), ("es-MX", "es", []), ("de", "de", ["deu"]), ("Deutsch!", "en", [])],
)
def test_a_text_is_kept_in_the_language_of_its_event(
    session: Session, language: str, kept: str, spoken: list[str]
):
    conference_id = bring_in(session, schedule(replace(EVENT, language=language)))
    (row,) = stored(session)
    assert (row.title, row.spoken) == ({kept: "Agua y bosque"}, spoken)
    assert timetable_events(session, conference_id=conference_id)[0].language == language


def test_text_without_tags_is_read_as_markdown(session: Session):
    bring_in(session, schedule(replace(EVENT, abstract_html="Uno\n\n* dos")))
    assert stored(session)[0].text_format is TextFormat.MARKDOWN


def test_a_person_in_several_sessions_is_one_speaker_and_one_named_twice_keeps_both_places(session: Session):
    bring_in(session, schedule(EVENT, replace(EVENT, persons=(("1", "Ana"), ("1", "Ana")))))
    assert session.scalar(select(func.count()).select_from(Speaker)) == 2
    assert session.scalar(select(func.count()).select_from(SessionSpeaker)) == 4


def test_a_conference_of_that_name_is_not_replaced(session: Session):
    make_session(session, make_conference(session, slug="oaxaca"))
    with pytest.raises(Conflict) as refused:
        bring_in(session, schedule(EVENT))
    assert (refused.value.code, refused.value.data) == ("slug_taken", {"slug": "oaxaca"})
    assert session.scalar(select(func.count()).select_from(Conference)) == 1


@pytest.mark.parametrize("slug", ["", "Con Espacio", "-a", "a--b", "ñ", "a" * 81])
def test_what_cannot_be_an_address_is_refused(session: Session, slug: str):
    with pytest.raises(Invalid, match="slug_invalid"):
        bring_in(session, schedule(EVENT), slug)


@pytest.mark.parametrize("persons", [(("1", "A" * 201),), (("1" * 81, "Ana"),)])
def test_a_name_that_does_not_fit_is_refused_on_every_database(
    session: Session, persons: tuple[tuple[str, str], ...]
):
    with pytest.raises(Invalid, match="schedule_text_too_long"):
        bring_in(session, schedule(replace(EVENT, persons=persons)))


def test_a_schedule_without_events_makes_an_empty_conference(session: Session):
    conference_id = bring_in(session, schedule(days=()))
    assert session.get_one(Conference, conference_id).days == 1
    assert timetable_events(session, conference_id=conference_id) == ()


def test_sessions_of_other_conferences_are_not_counted(session: Session):
    conference_id = bring_in(session, schedule(EVENT))
    bring_in(session, schedule(EVENT, EVENT), slug="otra")
    events = timetable_events(session, conference_id=conference_id)
    assert [event.persons for event in events] == [(("1", "Ana"), ("", "Beto"))]


def test_a_program_that_was_written_here_is_counted_by_its_keys_and_days(session: Session):
    conference = make_conference(session)
    make_session(session, conference, key="bienvenida", title={"es": "Bienvenida", "en": "Welcome"})
    (event,) = timetable_events(session, conference_id=conference.id)
    assert (event.external_id, event.title, event.day, event.starts_at) == (
        "bienvenida",
        "Bienvenida",
        date(2026, 7, 11),
        datetime(2026, 7, 11, 17, 0, tzinfo=UTC),
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "zone", "expected"),
    [
        ("fosdem-2019.xml", "Europe/Brussels", ("fosdem-expected.json", "fosdem-2019.xml")),
        ("fosdem-2023.xml", "Europe/Brussels", ("fosdem-expected.json", "fosdem-2023.xml")),
        ("fosdem-2025.xml", None, ("fosdem-expected.json", "fosdem-2025.xml")),
        ("36c3.xml", "Europe/Berlin", ("36c3-expected.json", "everything.schedule.xml")),
    ],
)
def test_what_comes_out_of_the_database_counts_as_what_the_real_file_has(
    session: Session, real_data: Path, file: str, zone: str | None, expected: tuple[str, str]
):
    folder = real_data / "schedules"
    conference_id = bring_in(session, parse_schedule((folder / file).read_bytes(), zone=zone))
    session.commit()
    session.expire_all()
    found = counts(timetable_events(session, conference_id=conference_id))
    name, key = expected
    assert json.loads(json.dumps(asdict(found))) == json.loads((folder / name).read_text())[key]


@pytest.mark.real_data
def test_an_import_takes_the_same_few_statements_however_long_the_schedule_is(
    session: Session, real_data: Path, count_queries
):
    def statements(found: Schedule, slug: str) -> int:
        with count_queries() as queries:
            bring_in(session, found, slug)
        return len(queries)

    real = parse_schedule((real_data / "schedules/fosdem-2025.xml").read_bytes())
    assert statements(real, "real") == statements(schedule(EVENT), "small") == 11
