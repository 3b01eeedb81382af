"""`flask directory import`: a table from the server's own console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conference.models import Organization
from tests.factories import make_conference

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from flask import Flask
    from sqlalchemy.orm import Session

HEAD = "key,name,kind,side,status\n"


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def table(tmp_path: Path, session: Session) -> Path:
    make_conference(session, slug="muestra")
    session.commit()
    path = tmp_path / "clubs.csv"
    path.write_text(f"{HEAD}club,Club Yalálag,hta,us,active\n")
    return path


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["directory", "import", *map(str, arguments)])


def names(session: Session) -> list[str]:
    session.rollback()
    return [row.name for row in session.query(Organization)]


COUNTS = [
    "New organizations: 1",
    "Changed entries: 0",
    "Left as their organizations wrote them: 0",
    "Without any change: 0",
    "Things that need correcting: 0",
]


def test_a_table_is_brought_in_and_counted(app: Flask, session: Session, table: Path) -> None:
    result = run(app, table, "--conference", "muestra")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == COUNTS
    assert names(session) == ["Club Yalálag"]


def test_a_dry_run_says_what_would_come_of_it_and_writes_nothing(
    app: Flask, session: Session, table: Path
) -> None:
    result = run(app, table, "--conference", "muestra", "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[1:], names(session)) == (0, COUNTS, [])


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_each_fault_is_a_line_with_file_line_and_remedy(
    app: Flask, session: Session, table: Path, options: tuple[str, ...]
) -> None:
    table.write_text(f"{HEAD}club,Club,hta,us,active\nclub dos,Dos,hta,us,alive\n")
    result = run(app, table, "--conference", "muestra", *options)
    assert (result.exit_code, result.stdout, names(session)) == (1, "", [])
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == ["clubs.csv:3", "clubs.csv:3"]
    assert "alive" in result.stderr


def test_an_old_encoding_is_named(app: Flask, session: Session, table: Path) -> None:
    table.write_bytes(f"{HEAD}club,Club Yalálag,hta,us,active\n".encode("cp1252"))
    result = run(app, table, "--conference", "muestra")
    assert (result.exit_code, "Windows-1252" in result.stderr, names(session)) == (1, True, [])


def test_an_unknown_conference_or_file_is_named(app: Flask, table: Path) -> None:
    assert "nowhere" in run(app, table, "--conference", "nowhere").stderr
    result = run(app, table.with_name("none.csv"), "--conference", "muestra")
    assert (result.exit_code, "none.csv" in result.stderr) == (1, True)
