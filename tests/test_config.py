"""What the operator says in the environment, and what a start says that cannot go on."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from conference.cli import terminal
from config import INSTANCE, Configuration, Demo, Embedded, Production
from tests.conftest import ROOT
from tests.timing import PATIENCE

SHOWN = "from conference import create_app; app = create_app(); print(app.instance_path)"
# Root may read and write everything, so it is nobody who starts.
AS_ANOTHER_USER = "import os, config; os.getuid() or os.setuid(65534); config.Embedded()"

WARNED = """
from conference import create_app
from conference.cli.serve import _warn_of_lone_counters
with create_app().app_context():
    _warn_of_lone_counters(2)
"""
VARIABLE = re.compile("ASAMBLEA_[A-Z]+(?:_[A-Z]+)*(?![A-Z_])")
OFTEN = "how often in how long, as “60 per minute; 900 per hour”"
NEEDED = {
    "ASAMBLEA_SECRET_KEY": "k" * 64,
    "ASAMBLEA_DATABASE": "sqlite://",
    "ASAMBLEA_MAIL": "smtp://localhost:25",
    "ASAMBLEA_MAIL_SENDER": "Asamblea <asamblea@example.org>",
    "ASAMBLEA_URL": "https://asamblea.example.org",
}


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that says what every site needs, and nothing else of ours."""
    for name in [name for name in os.environ if name.startswith("ASAMBLEA_")]:
        monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def own_queue(name: str) -> str:
    return f"sqlite:///{INSTANCE / name}.sqlite"


def started(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's commands are run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASAMBLEA_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_all_is_written_in_the_folder_that_the_environment_names(tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "here"
    answer = started(SHOWN, ASAMBLEA_INSTANCE=str(folder))
    assert (answer.stdout.strip(), answer.returncode) == (str(folder), 0)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("secret", ["", "k" * 64])
def test_a_folder_that_cannot_be_made_stops_the_start_by_its_name(tmp_path: Path, secret: str) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "kept")
    answer = started(SHOWN, ASAMBLEA_INSTANCE=folder, ASAMBLEA_SECRET_KEY=secret)
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1] == (
        f"RuntimeError: ASAMBLEA_INSTANCE={folder}: it cannot be made (Not a directory); "
        "see docs/operating.md#the-folder"
    )


@pytest.mark.parametrize(("folder_mode", "secret_mode"), [(0o000, 0o600), (0o777, 0o000)])
def test_what_another_user_has_made_stops_the_start_by_its_name(folder_mode: int, secret_mode: int) -> None:
    # Not the tests' own folder: another user may not even look there.
    with TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        folder = Path(outer).resolve() / "kept"
        folder.mkdir()
        (folder / "secret_key").write_text("k" * 64)
        (folder / "secret_key").chmod(secret_mode)
        folder.chmod(folder_mode)
        answer = started(AS_ANOTHER_USER, ASAMBLEA_INSTANCE=str(folder))
        folder.chmod(0o700)
    closed = f"ASAMBLEA_INSTANCE={folder}" if folder_mode == 0 else str(folder / "secret_key")
    assert answer.stderr.splitlines()[-1] == (
        f"RuntimeError: {closed}: it belongs to another user; see docs/operating.md#the-folder"
    )


@pytest.mark.parametrize("situation", [Embedded, Production])
def test_limits_and_lengths_of_time_come_from_the_environment(
    surroundings: pytest.MonkeyPatch, situation: type[Configuration]
) -> None:
    assert situation().LIMIT_SIGN_IN == Configuration.LIMIT_SIGN_IN
    typed = {
        "LIMIT_SIGN_IN": "600 per minute; 9000 per hour",
        "LIMIT_DESK_SEARCH": "5/minute",
        "SIGN_IN_TRIES": "3",
        "PROOF_LASTS_MINUTES": "30",
        "STAFF_SIGN_IN_IDLE_HOURS": "1",
        "ATTENDEE_SIGN_IN_LIFETIME_DAYS": "60",
        "KEEP_PEOPLE_DAYS": "14",
        "KEEP_JOB_FILES_HOURS": "2",
    }
    for name, value in typed.items():
        surroundings.setenv(f"ASAMBLEA_{name}", value)
    read = situation()
    assert (read.LIMIT_SIGN_IN, read.LIMIT_DESK_SEARCH) == ("600 per minute; 9000 per hour", "5/minute")
    assert (read.LIMIT_CODE, read.SIGN_IN_TRIES) == (Configuration.LIMIT_CODE, 3)
    assert (timedelta(minutes=30), timedelta(hours=1)) == (read.PROOF_LASTS, read.STAFF_SIGN_IN_IDLE)
    assert (timedelta(days=14), timedelta(hours=2)) == (read.KEEP_PEOPLE, read.KEEP_JOB_FILES)
    assert read.ATTENDEE_SIGN_IN_LIFETIME == timedelta(days=60) < read.PERMANENT_SESSION_LIFETIME


def test_every_default_is_one_that_could_be_read(surroundings: pytest.MonkeyPatch) -> None:
    read = Embedded(SQLALCHEMY_DATABASE_URI="", MAIL_SERVER="", PUBLIC_URL="")
    unlike = {
        name: value
        for name, value in vars(read).items()
        if name.startswith(("LIMIT_", "KEEP_", "SIGN_IN_")) and value != getattr(Configuration, name)
    }
    assert unlike == {}


class Noted(dict[str, str]):
    """An environment that notes what is asked of it."""

    def __init__(self, known: dict[str, str]) -> None:
        super().__init__(known)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def test_what_is_documented_is_read_and_what_is_read_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = Noted(NEEDED)
    with monkeypatch.context() as patched:
        patched.setattr(os, "environ", noted)
        read = runpy.run_path(str(ROOT / "config.py"))
        for site in (read["Embedded"], read["Production"], read["from_environment"]):
            site()
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    documented = {name for page in pages for name in VARIABLE.findall(page.read_text())}
    asked = {name for name in (*noted.asked, *terminal.SETTINGS) if name.startswith("ASAMBLEA_")}
    assert sorted(documented ^ asked) == []


@pytest.mark.parametrize("situation", [Embedded, Production])
def test_every_site_reads_the_same_settings(
    surroundings: pytest.MonkeyPatch, situation: type[Configuration]
) -> None:
    for name, value in {"MAIL_BOUNCES": "b@example.org", "REDIS": "redis://here/1", "PROXIES": "2"}.items():
        surroundings.setenv(f"ASAMBLEA_{name}", value)
    read = situation()
    assert (read.MAIL_SERVER, read.MAIL_SENDER, read.MAIL_BOUNCE_ADDRESS, read.PUBLIC_URL) == (
        "smtp://localhost:25",
        "Asamblea <asamblea@example.org>",
        "b@example.org",
        "https://asamblea.example.org",
    )
    assert (read.RATELIMIT_STORAGE_URI, read.QUEUE) == ("redis://here/1", "redis://here/1")
    assert read.RATELIMIT_STORAGE_OPTIONS == {"socket_connect_timeout": 1, "socket_timeout": 1}
    assert read.TRUSTED_PROXIES == 2
    surroundings.setenv("ASAMBLEA_QUEUE", "postgresql://asamblea@/asamblea")
    assert situation().QUEUE == "postgresql://asamblea@/asamblea"


@pytest.mark.parametrize(("situation", "proxies"), [(Embedded, 0), (Production, 1)])
@pytest.mark.parametrize("empty", ["", None])
def test_what_is_not_said_is_its_default(
    surroundings: pytest.MonkeyPatch, situation: type[Configuration], proxies: int, empty: str | None
) -> None:
    if empty is not None:
        for name in ("MAIL_BOUNCES", "REDIS", "QUEUE", "PROXIES", "PRINT_BADGES", "EXPORT_PEOPLE"):
            surroundings.setenv(f"ASAMBLEA_{name}", empty)
    read = situation()
    assert (read.MAIL_BOUNCE_ADDRESS, read.RATELIMIT_STORAGE_URI) == ("", "memory://")
    assert (own_queue("queue"), proxies) == (read.QUEUE, read.TRUSTED_PROXIES)
    assert (read.PRINT_BADGES, read.EXPORT_PEOPLE) == (True, False)
    assert read.RATELIMIT_STORAGE_OPTIONS == {}


def test_the_demonstration_believes_no_proxy_and_shares_nothing(surroundings: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE", "MAIL", "URL"):
        surroundings.delenv(f"ASAMBLEA_{name}")
    surroundings.setenv("ASAMBLEA_PROXIES", "1")
    surroundings.setenv("ASAMBLEA_REDIS", "redis://here/1")
    demo = Demo()
    assert (demo.TRUSTED_PROXIES, demo.RATELIMIT_STORAGE_URI, demo.RATELIMIT_STORAGE_OPTIONS) == (
        0,
        "memory://",
        {},
    )
    assert own_queue("demo-queue") == demo.QUEUE


def test_several_processes_that_share_a_redis_are_not_warned_of(tmp_path: Path) -> None:
    alone = started(WARNED, ASAMBLEA_INSTANCE=str(tmp_path))
    shared = started(WARNED, ASAMBLEA_INSTANCE=str(tmp_path), ASAMBLEA_REDIS="redis://127.0.0.1:9/0")
    assert ("WARNING! 2 processes" in alone.stderr, alone.returncode) == (True, 0)
    assert (shared.stderr, shared.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("PROXIES", "one", "a whole number from 0 to 100000"),
        ("PROXIES", "-1", "a whole number from 0 to 100000"),
        ("QUEUE_SWEEP_SECONDS", "0", "a whole number from 1 to 100000"),
        ("EXPORT_PEOPLE", "yes", "1 (yes) or 0 (no)"),
        ("PRINT_BADGES", "no", "1 (yes) or 0 (no)"),
        ("HTTPS", "true", "1 (yes) or 0 (no)"),
        ("SIGN_IN_TRIES", "100001", "a whole number from 1 to 100000"),
        ("PROOF_LASTS_MINUTES", "1.5", "a whole number of minutes from 1 to 100000"),
        ("STAFF_SIGN_IN_IDLE_HOURS", "three", "a whole number of hours from 1 to 100000"),
        ("KEEP_PEOPLE_DAYS", "0", "a whole number of days from 1 to 100000"),
        ("KEEP_PEOPLE_DAYS", "-1", "a whole number of days from 1 to 100000"),
        ("KEEP_PEOPLE_DAYS", "9" * 5000, "a whole number of days from 1 to 100000"),
        ("KEEP_PEOPLE_DAYS", "１４", "a whole number of days from 1 to 100000"),
        ("LIMIT_REGISTER", "many", OFTEN),
        ("LIMIT_REGISTER", "5 per hour; many", OFTEN),
        ("LIMIT_REGISTER", "5 per hour; 0 per day", OFTEN),
        ("LIMIT_REGISTER", "60", OFTEN),
    ],
)
def test_what_cannot_be_read_stops_the_start_by_its_name(
    surroundings: pytest.MonkeyPatch, name: str, typed: str, expected: str
) -> None:
    surroundings.setenv(f"ASAMBLEA_{name}", typed)
    with pytest.raises(RuntimeError) as refused:
        Embedded()
    assert str(refused.value) == (
        f"ASAMBLEA_{name}={typed}: expected is {expected}; see docs/operating.md#settings"
    )
