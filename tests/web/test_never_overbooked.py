"""Two hundred people register at once for fifty places, at a real server with two workers."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from conference.domain.registration import Category, RegistrationStatus
from conference.extensions import db, steady_sqlite
from conference.models import Party, Places, Registration
from tests import servers
from tests.conftest import DATABASES, ROOT, lacking
from tests.databases import build, sqlite_url
from tests.factories import FAR_AHEAD, make_conference
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE, PLACES, AT_ONCE = 200, 50, 40
SITE = """
from conference import create_app
from config import Embedded

app = create_app(Embedded(
    SQLALCHEMY_DATABASE_URI={database!r},
    QUEUE="",
    LIMIT_REGISTER="100000 per minute",
))
# Whoever sends a form here has not been given one.
app.config["WTF_CSRF_ENABLED"] = False
"""


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database that other processes open as well."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "asamblea.sqlite")
    else:
        try:
            url = servers.postgresql_url(f"places_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
        except Exception as error:  # noqa: BLE001 - whatever it was, there is no server
            lacking(f"no PostgreSQL: {error}")
    app = build(url)
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    yield url


@contextmanager
def opened(database: str) -> Iterator[Session]:
    """Give a session on the database, for before and after."""
    engine = create_engine(database)
    steady_sqlite(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@contextmanager
def serving(folder: Path, database: str) -> Iterator[int]:
    """Serve with two workers; gives the port."""
    (folder / "site_of_places.py").write_text(SITE.format(database=database))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--workers",
        "2",
        "--threads",
        "8",
        "--timeout",
        str(PATIENCE),
    ]
    command += ["--bind", f"127.0.0.1:{port}", "site_of_places:app"]
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}:{folder}",
        "ASAMBLEA_INSTANCE": str(folder / "instance"),
    }
    with (folder / "said").open("w") as words:
        server = subprocess.Popen(command, cwd=folder, env=environment, stderr=words, stdout=words)
    try:
        until_ready(port)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def until_ready(port: int) -> None:
    """Wait until somebody listens; the first that each worker is asked is a form that writes."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
                return
        except ConnectionError:
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.1)


def send_form(port: int, slug: str, number: int) -> int:
    """Register one person, as a browser does, and return the answer's status."""
    form = {
        "form_key": secrets.token_hex(16),
        "badge_name": f"Nombre Reservado {number}",
        "category": Category.ATTENDEE.value,
        "photo_preference": "no",
        "attend": "y",
    }
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/es/{slug}/register", urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.mark.parametrize("in_all", [False, True], ids=["places of a category", "places of the house"])
def test_two_hundred_who_register_at_once_for_fifty_places_get_fifty(
    tmp_path: Path, database: str, in_all: bool
) -> None:
    with opened(database) as session:
        conference = make_conference(session, first_day=FAR_AHEAD, capacity=PLACES if in_all else None)
        if not in_all:
            session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=PLACES))
        slug = conference.slug
        session.commit()
    with serving(tmp_path, database) as port:
        begun = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as people:
            answers = Counter(people.map(lambda number: send_form(port, slug, number), range(PEOPLE)))
        seconds = time.monotonic() - begun
    print(f"{PEOPLE} registrations in {seconds:.1f} s")
    assert answers == {303: PEOPLE}
    with opened(database) as session:
        held = Counter(session.scalars(select(Registration.status)))
        line = session.scalars(select(Party.size).where(Party.waiting_since.is_not(None))).all()
    assert held == {RegistrationStatus.CONFIRMED: PLACES, RegistrationStatus.WAITING: PEOPLE - PLACES}
    assert line == [1] * (PEOPLE - PLACES)
