"""Fixtures of every test. A test that takes `app`, `session` or `client` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from conference.extensions import db, limiter
from scripts import browser as browser_finder
from tests import browsers, observation, servers
from tests.clients import CheckedClient
from tests.databases import DatabaseMissing, Databases, Prepared, build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from flask import Flask
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("sqlite", "postgresql")
LOOPBACK = ("127.", "localhost", "::1", "/", "\0")

starts_run = pytest.StashKey[bool]()

# Properties are about what is true, not about how busy the machine is: no deadline for one example, and none
# for drawing them.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


def lacking(what: str) -> None:
    """End a test that lacks something of this machine: it skips here, but fails in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


# -- the run ---------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run; its folder is shared by all workers."""
    config.stash[starts_run] = servers.begin_run()
    sys.addaudithook(stay_on_this_machine)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Half as many workers again as there are cores, with "auto": tests wait for processes and browsers."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2 if config.option.numprocesses == "auto" else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run where it was begun."""
    if config.stash.get(starts_run, False):
        servers.end_run()


def stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """Tests speak with nobody but this machine."""
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[-1]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, str) and not host.startswith(LOOPBACK):
        raise PermissionError(f"a test tried to reach {host}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a database on both; browser tests on SQLite, as a small conference does."""
    if "database_url" not in metafunc.fixturenames:
        return
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database_url" in chosen:
        return
    databases = DATABASES[:1] if "browser" in metafunc.fixturenames else DATABASES
    metafunc.parametrize("database_url", databases, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark browser tests; every worker has a browser of its own.

    Branches are counted where somebody wrote the example: not by luck, and in half the time.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if is_drawn(item) or "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.no_cover)


def is_drawn(item: pytest.Item) -> bool:
    """Tell whether Hypothesis draws what the test is about."""
    return is_hypothesis_test(getattr(item, "obj", None))


# -- data ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data (schedules, names, places, votes); named by REAL_DATA_DIR."""
    folder = Path(os.environ.get("REAL_DATA_DIR", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set REAL_DATA_DIR")
    return folder


# -- the application -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Give the application on a kind of database; prepared when it is asked for first."""
    with servers.quick_folder() as folder:
        databases = Databases(folder)
        yield databases
        databases.close()


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> str:
    """Kind of database, "sqlite" or "postgresql"; a test takes both unless it parametrizes this itself."""
    return request.param


@pytest.fixture
def prepared(database_url: str, databases: Databases) -> Prepared:
    """Return the application of this worker on an empty database."""
    try:
        prepared = databases.get(database_url)
    except DatabaseMissing as missing:
        lacking(str(missing))
    prepared.empty()
    observation.breaches()
    return prepared


@pytest.fixture
def app(prepared: Prepared) -> Iterator[Flask]:
    """The application on an empty database; settings changed by a test are put back."""
    settings = dict(prepared.app.config)
    yield prepared.app
    prepared.app.config.clear()
    prepared.app.config.update(settings)


@pytest.fixture
def build_app(app: Flask) -> Iterator[Callable[..., Flask]]:
    """Build the application with other settings on the same database: `build_app(HTTPS=True)`."""
    built: list[Flask] = []
    limited = limiter.enabled

    def new(**settings: object) -> Flask:
        built.append(build(app.config["SQLALCHEMY_DATABASE_URI"], **settings))
        return built[-1]

    yield new
    # The one limiter of the process belongs to whichever application was built last.
    limiter.enabled = limited
    for other in built:
        with other.app_context():
            db.engine.dispose()


@pytest.fixture
def session(app: Flask, prepared: Prepared) -> Iterator[Session]:
    """The test's own session. A client commits it before each request; a browser test does so itself."""
    # Takes the write lock when it writes, not when it reads: it must not hold up the application.
    engine = prepared.engine.execution_options(reads_only=True)
    with Session(engine) as session:
        yield session


@pytest.fixture
def new_client(app: Flask, session: Session) -> Callable[..., CheckedClient]:
    """Make further clients, one a person, each with cookies of its own: `new_client()`.

    `new_client(build_app(HTTPS=True))` visits an application with other settings.
    """

    def new(visited: Flask = app) -> CheckedClient:
        client = CheckedClient(visited, visited.response_class, use_cookies=True)
        client.prepared = session
        return client

    return new


@pytest.fixture
def client(new_client: Callable[..., CheckedClient]) -> CheckedClient:
    """A client whose answers are checked: valid HTML, no GET that writes, nothing left uncommitted."""
    return new_client()


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """Count SQL: `with count_queries() as queries: …`, then `len(queries)`."""
    return observation.counted


# -- the browser -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_executable() -> str:
    """Path of the Chromium that the tests drive."""
    found = browser_finder.find()
    if found is None:
        lacking("no Chromium; `make test` installs one")
    return found


@pytest.fixture(scope="session")
def browser(browser_executable: str) -> Iterator[Browser]:
    """One Chromium for all browser tests of a worker."""
    with browsers.chromium(browser_executable) as browser:
        yield browser


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """Address of the application behind a real server; its mails link there."""
    with servers.serving(app) as address:
        app.config["PUBLIC_URL"] = address
        yield address
    assert observation.breaches() == []


@pytest.fixture
def open_page(browser: Browser, live_server: str) -> Iterator[browsers.Pages]:
    """Open pages, each in a context of its own: `open_page(javascript=False, width=320)`."""
    pages = browsers.Pages(browser, live_server)
    yield pages
    assert pages.close() == []


@pytest.fixture
def page(open_page: browsers.Pages) -> Page:
    """A page on a phone, in Spanish, with JavaScript."""
    return open_page()
