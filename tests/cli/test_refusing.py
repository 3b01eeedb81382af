"""Whatever a command cannot do, it says in a line, keeps nothing, and ends with code 1."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from conference.cli.terminal import refusing, speak
from conference.domain.errors import Invalid
from conference.extensions import db
from conference.models import Conference
from tests import servers
from tests.cli.test_program import SCHEDULE
from tests.databases import build, sqlite_url
from tests.domain.small_pack import small_files
from tests.factories import make_conference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from flask import Flask
    from sqlalchemy.orm import Session

COMMANDS = [
    ["conference", "import", "pack"],
    ["conference", "export", "encuentro", "out"],
    ["conference", "list"],
    ["program", "import-schedule", "schedule.xml"],
    ["accounts", "grant", "ana@example.org", "organizer", "--conference", "encuentro"],
    ["mail", "send"],
    ["purge"],
]


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In English, in a folder where there is a pack and a schedule."""
    monkeypatch.setenv("ASAMBLEA_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schedule.xml").write_text(SCHEDULE)
    for name, content in small_files().items():
        (tmp_path / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pack" / name).write_bytes(content)


@pytest.fixture
def unmigrated(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without a table."""
    del app  # it has started the server
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    empty = sqlite_url(tmp_path / "empty.sqlite")
    url = empty if database_url == "sqlite" else servers.postgresql_url(f"asamblea_unmigrated_{worker}")
    unmigrated = build(url, MAIL_SERVER=f"file://{tmp_path / 'mail'}")
    yield unmigrated
    with unmigrated.app_context():
        db.engine.dispose()


def run(app: Flask, arguments: list[str]) -> Result:
    return app.test_cli_runner().invoke(args=arguments)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_on_a_database_without_tables_every_command_says_what_to_do(
    unmigrated: Flask, arguments: list[str]
) -> None:
    result = run(unmigrated, arguments)

    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(
        r"The database answered: (no such table: \w+|relation \"\w+\" does not exist)\. "
        r"Is it up to date\? See: flask db upgrade\n",
        result.stderr,
    )


def test_a_folder_that_cannot_be_written_is_named_as_it_was_given(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    run(app, ["conference", "import", "pack"])
    session.rollback()

    result = run(app, ["conference", "export", "encuentro", str(tmp_path / "schedule.xml" / "out")])

    assert (result.exit_code, result.stderr) == (
        1,
        f"{tmp_path}/schedule.xml/out cannot be written: File exists. Check the folder and the disk.\n",
    )


def test_a_schedule_that_is_a_folder_is_refused_by_its_name(app: Flask) -> None:
    result = run(app, ["program", "import-schedule", "pack"])

    assert (result.exit_code, result.stderr) == (
        1,
        "pack: Is a directory. Check its name, who may use it, and the disk.\n",
    )


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Invalid("slug_taken", slug="a"), "“a” is here already. Name this one otherwise: --as OTHER-NAME\n"),
        (
            OperationalError("SELECT", {}, Exception("it is locked.\nDETAIL: Key (email)=(ana@example.org)")),
            "The database answered: it is locked. Is it up to date? See: flask db upgrade\n",
        ),
        (
            OSError(28, "No space left on device"),
            "The system answered: No space left on device. Put that right, and repeat.\n",
        ),
    ],
)
def test_a_fault_is_one_line_takes_everything_back_and_quotes_no_row(
    app: Flask, session: Session, fault: Exception, said: str
) -> None:
    @app.cli.command("stumble")
    def stumble() -> None:
        speak()
        with refusing():
            make_conference(db.session())
            raise fault

    try:
        result = run(app, ["stumble"])
    finally:
        del app.cli.commands["stumble"]

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", said)
    assert session.scalar(select(func.count(Conference.id))) == 0


def test_a_fault_of_our_own_is_not_taken_for_the_operators(app: Flask) -> None:
    with app.app_context(), pytest.raises(KeyError), refusing():
        raise KeyError("ours")
