"""`flask demo`: one command, the sample conference, and a link for each of its cast."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, select, update

from conference import models
from tests.conftest import ROOT
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINK = re.compile(r"http://localhost:(\d+)/es/sign-in/link/([\w-]{43})")
Command = list[str]


def command(*arguments: object) -> Command:
    return [sys.executable, "-m", "flask", "--app", "conference", "demo", *map(str, arguments)]


def surroundings(instance: Path) -> dict[str, str]:
    return os.environ | {"ASAMBLEA_INSTANCE": str(instance), "PYTHONWARNINGS": "default"}


def run(instance: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=surroundings(instance),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def free_port() -> int:
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def listening() -> Iterator[int]:
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        yield door.getsockname()[1]


@contextmanager
def serving(instance: Path, port: int) -> Iterator[str]:
    """Run the command until its server answers, and stop it afterwards."""
    process = subprocess.Popen(
        command("--port", port),
        cwd=ROOT,
        env=surroundings(instance),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(f"http://localhost:{port}/es/", process)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def wait_for(address: str, process: subprocess.Popen[str]) -> None:
    for _try in range(10 * PATIENCE):
        assert process.poll() is None, process.communicate()[0]
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE):
                return
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{address} answered {error.code}") from error
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="module")
def first(instance: Path) -> subprocess.CompletedProcess[str]:
    """The first run, which loads everything."""
    return run(instance, "--no-serve", "--port", 8765)


def test_the_first_run_loads_the_conference_and_prints_a_link_for_each_of_the_cast(
    first: subprocess.CompletedProcess[str],
) -> None:
    assert (first.returncode, first.stderr) == (0, "")
    links = LINK.findall(first.stdout)
    assert len({token for _, token in links}) == 12
    assert {port for port, _ in links} == {"8765"}
    for page in ("/dev/cast", "/dev/mail", "/dev/style"):
        assert f"http://localhost:8765{page}" in first.stdout
    assert [
        word for word in ("Entre como", "Sign in as", "make demo-reset") if word not in first.stdout
    ] == []


def test_a_second_run_keeps_what_was_done_and_says_when_the_days_are_over(
    first: subprocess.CompletedProcess[str], instance: Path
) -> None:
    engine = create_engine(f"sqlite:///{instance}/demo.sqlite")
    with engine.begin() as connection:
        began = connection.scalar(select(models.Conference.first_day))
        connection.execute(update(models.Conference).values(first_day=date(2020, 1, 1), venue_name="Mío"))

    second = run(instance, "--no-serve")
    with engine.connect() as connection:
        kept = connection.execute(select(models.Conference.first_day, models.Conference.venue_name)).one()
    # An open connection would go on reading the deleted file.
    engine.dispose()
    reset = run(instance, "--no-serve", "--reset", "--port", free_port())
    with engine.connect() as connection:
        moved = connection.execute(select(models.Conference.first_day, models.Conference.venue_name)).one()
    engine.dispose()

    assert began is not None
    assert abs(date.today() - began) <= timedelta(days=1)  # noqa: DTZ011 - the venue's day may be another
    assert (second.returncode, kept) == (0, (date(2020, 1, 1), "Mío"))
    assert "terminó el 2020-01-02" in second.stdout
    assert "ended on 2020-01-02; make demo-reset moves it to today" in second.stdout
    assert "terminó" not in first.stdout
    assert (reset.returncode, moved.first_day >= began, moved.venue_name != "Mío") == (0, True, True)
    assert set(LINK.findall(second.stdout)).isdisjoint(LINK.findall(first.stdout))


def test_it_serves_and_its_link_signs_in(first: subprocess.CompletedProcess[str], instance: Path) -> None:
    assert first.returncode == 0
    _port, token = LINK.findall(run(instance, "--no-serve").stdout)[0]

    with serving(instance, port := free_port()) as address:
        busy = run(instance, "--port", port)
        reset = run(instance, "--reset", "--port", port)
        with urllib.request.urlopen(f"{address}/es/oaxaca-northwest/program", timeout=PATIENCE) as answer:
            program = answer.read().decode()
        with urllib.request.urlopen(f"{address}/dev/mail", timeout=PATIENCE) as answer:
            assert answer.status == 200

    assert "Primera sesión plenaria de votación" in program
    assert busy.returncode == 1
    assert busy.stderr.splitlines()[0].startswith(f"El puerto {port} no está libre")
    assert busy.stderr.splitlines()[1].endswith(f"Use another one: make demo PORT={port + 1}")
    assert (reset.returncode, (instance / "demo.sqlite").exists()) == (1, True)
    assert token not in program


def test_a_busy_port_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    with listening() as port:
        refused = run(tmp_path, "--port", port)
        reset = run(tmp_path, "--port", port, "--reset")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 2
    assert reset.stderr == (
        f"Hay un servidor en el puerto {port}: deténgalo primero (Ctrl+C) y repita.\n"
        f"A server is running on port {port}: stop it first (Ctrl+C), and repeat.\n"
    )
    assert list(tmp_path.glob("demo*")) == []
