from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from conference.models import Conference, ProgramSession, Room, Speaker
from tests.factories import make_conference
from tests.timing import measured, slowness

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from flask import Flask
    from sqlalchemy.orm import Session

SCHEDULE = """<?xml version="1.0" encoding="utf-8"?>
<schedule>
<conference><acronym>Oaxaca 2026</acronym><title>Oaxaca</title>
<time_zone_name>America/Los_Angeles</time_zone_name></conference>
<day index="1" date="2026-07-11"><room name="Patio">
<event id="7"><start>09:00</start><duration>00:45</duration><title>Bienvenida</title></event>
</room></day>
</schedule>"""


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "schedule.xml"
    path.write_text(SCHEDULE)
    return path


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["program", "import-schedule", *map(str, arguments)])


def rows(session: Session) -> list[int]:
    session.rollback()
    tables = (Conference, Room, ProgramSession, Speaker)
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_a_schedule_becomes_a_conference_and_its_counts_are_printed(app: Flask, session: Session, file: Path):
    result = run(app, file)
    assert (result.exit_code, result.stderr) == (0, "")
    assert rows(session) == [1, 1, 1, 0]
    lines = result.stdout.splitlines()
    assert lines[0] == "events: 1"
    assert 'per_day: {"2026-07-11": 1}' in lines
    assert lines[-1] == "http://localhost/en/oaxaca-2026/program"


def test_the_name_of_the_conference_may_be_given(app: Flask, session: Session, file: Path):
    assert run(app, file, "--as", "otra").exit_code == 0
    assert run(app, file, "--slug", "tercera").exit_code == 0
    assert sorted(session.scalars(select(Conference.slug))) == ["otra", "tercera"]


def test_the_zone_and_the_language_may_be_given(app: Flask, session: Session, file: Path):
    run(app, file, "--zone", "America/Mexico_City", "--language", "es")
    (conference,) = session.scalars(select(Conference))
    assert (conference.time_zone, conference.languages) == ("America/Mexico_City", ["es"])
    assert session.scalars(select(ProgramSession.title)).all() == [{"es": "Bienvenida"}]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("</title>\n", "</titel>\n"), (3, "not well-formed XML: mismatched tag")),
        (("<duration>00:45", "<duration>45"), (6, "“45” is no duration. Write hours and minutes, as 01:30.")),
        (("<start>09:00", "<start>25:00"), (6, "“25:00” is no time of day")),
        (('date="2026-07-11"', 'date="11/7/2026"'), (5, "“11/7/2026” is no date")),
        (("America/Los_Angeles", "America/Salem"), (3, "There is no time zone “America/Salem”.")),
        (("<title>Bienvenida</title>", ""), (6, "<event> lacks title.")),
        (("<schedule>", "<!DOCTYPE schedule>\n<schedule>"), (2, "Remove that line")),
    ],
)
def test_a_fault_is_told_by_file_line_and_remedy_and_nothing_is_stored(
    app: Flask, session: Session, file: Path, change: tuple[str, str], told: tuple[int, str]
):
    line, words = told
    file.write_text(SCHEDULE.replace(*change, 1))
    result = run(app, file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{file}:{line}: ")
    assert words in result.stderr
    assert rows(session) == [0, 0, 0, 0]


def test_latin_1_is_told_by_its_line(app: Flask, session: Session, file: Path):
    file.write_bytes(SCHEDULE.replace("Bienvenida", "Música").encode("latin-1"))
    result = run(app, file)
    assert (result.exit_code, result.stderr) == (
        1,
        f"{file}:6: This line is not UTF-8. Save the file as UTF-8 and repeat.\n",
    )
    assert rows(session) == [0, 0, 0, 0]


def test_a_huge_file_is_refused(app: Flask, session: Session, file: Path):
    with file.open("wb") as opened:
        opened.truncate(50 * 1024 * 1024)
    result = run(app, file)
    assert (result.exit_code, "has more than 33554432 bytes" in result.stderr) == (1, True)
    assert rows(session) == [0, 0, 0, 0]


def test_a_file_that_is_not_there_is_told_by_its_name(app: Flask, tmp_path: Path):
    result = run(app, tmp_path / "nada.xml")
    assert result.exit_code == 1
    assert result.stderr == (
        f"{tmp_path / 'nada.xml'}: No such file or directory. Check its name, who may use it, and the disk.\n"
    )


def test_a_conference_that_exists_is_left_as_it_is(app: Flask, session: Session, file: Path):
    make_conference(session, slug="oaxaca-2026")
    session.commit()
    result = run(app, file)
    assert result.exit_code == 1
    assert result.stderr == (
        f"{file}: “oaxaca-2026” is here already. Name this one otherwise: --as OTHER-NAME\n"
    )
    assert rows(session) == [1, 0, 0, 0]


def test_a_name_that_cannot_be_an_address_is_refused(app: Flask, session: Session, file: Path):
    result = run(app, file, "--slug", "Dos Orillas")
    assert (result.exit_code, "“Dos Orillas” cannot be an address" in result.stderr) == (1, True)
    assert rows(session) == [0, 0, 0, 0]


def test_what_the_database_does_not_give_back_as_it_was_is_not_kept(app: Flask, session: Session, file: Path):
    # The clock shows 01:30 twice that night; a wall-clock time can only mean the first.
    second = "<date>2026-11-01T01:30:00-08:00</date><start>01:30</start>"
    file.write_text(SCHEDULE.replace("<start>09:00</start>", second).replace("2026-07-11", "2026-11-01"))
    result = run(app, file)
    assert (result.exit_code, "Stored and read differ" in result.stderr) == (1, True)
    assert rows(session) == [0, 0, 0, 0]


@pytest.mark.real_data
def test_943_events_are_imported_within_three_seconds_with_the_digest_expected(
    app: Flask, session: Session, real_data: Path
):
    folder = real_data / "schedules"
    # It can be done once only, so the bound is stretched by the slower of before and after.
    before = slowness()
    taken, result = measured(lambda: run(app, folder / "fosdem-2025.xml"))
    allowed = 3 * max(before, slowness())
    expected = json.loads((folder / "fosdem-expected.json").read_text())["fosdem-2025.xml"]
    *printed, address = result.stdout.splitlines()
    found = dict(line.split(": ", 1) for line in printed)
    texts = {"first_start_utc", "last_end_utc", "digest_sha256"}
    assert {name: text if name in texts else json.loads(text) for name, text in found.items()} == expected
    assert address == "http://localhost/en/fosdem-2025/program"
    assert rows(session) == [1, 29, 943, 992]
    assert taken <= allowed
