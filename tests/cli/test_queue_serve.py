"""`flask serve`: one command migrates, serves, sends mails, and takes its worker along when it goes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.test_demo import free_port, wait_for
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve from an empty folder, as somebody does for the first time."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "conference", "serve", "--port", str(port), *options],
        cwd=ROOT,
        env={**os.environ, "ASAMBLEA_INSTANCE": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/es/", process)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate(timeout=30)


def children(process: subprocess.Popen[str]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in listed.split()]


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(holds: object, *, seconds: float) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.05)
    return time.monotonic() - began


def ask_for_code(address: str, email: str) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{address}/es/sign-in", timeout=30) as page:
        token = TOKEN.search(page.read().decode())
    assert token is not None
    fields = urllib.parse.urlencode({"csrf_token": token[1], "email": email, "next": ""})
    with browser.open(f"{address}/es/sign-in", fields.encode(), timeout=30) as page:
        assert page.status == 200


def test_one_command_serves_sends_mails_and_stops_as_one(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, address):
        ask_for_code(address, "nadie@example.org")
        until(lambda: list((tmp_path / "mail").glob("*.eml")), seconds=15)
        # Now that the worker runs for sure, a mail does not wait for the sweep.
        ask_for_code(address, "nadie-mas@example.org")
        took = until(lambda: len(list((tmp_path / "mail").glob("*.eml"))) == 2, seconds=15)
        both = children(process)
        assert (len(both), took < 5) == (2, True)
        process.send_signal(signal.SIGTERM)
        stopping = time.monotonic()
        output, _ = process.communicate(timeout=15)
        assert time.monotonic() - stopping < 8
        assert [each for each in both if runs(each)] == []
    assert process.returncode == 0
    assert "/es/set-up/" in output
    assert f"http://localhost:{address.rpartition(':')[2]}/" in output
    assert "Traceback" not in output


def test_a_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _address):
        until(lambda: len(children(process)) == 2, seconds=15)
        # It is not started more often than once in a while.
        time.sleep(5)
        before = set(children(process))
        # The one that keeps the queue open; the other answers requests.
        worker = next(each for each in before if holds_open(each, "queue.sqlite"))
        os.kill(worker, signal.SIGKILL)
        until(lambda: any(holds_open(each, "queue.sqlite") for each in children(process)), seconds=20)
        assert len(set(children(process)) - before) == 1


def holds_open(process: int, name: str) -> bool:
    try:
        return any(name in os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir())  # noqa: PTH115
    except OSError:
        return False


def test_whoever_kills_the_command_kills_both(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _address):
        until(lambda: any(holds_open(each, "queue.sqlite") for each in children(process)), seconds=15)
        both = children(process)
        process.kill()
        process.wait(timeout=10)
        until(lambda: not any(map(runs, both)), seconds=15)


def test_several_processes_that_count_for_themselves_are_warned_of_in_both_languages(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as (process, _address):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=15)
    assert "¡CUIDADO! 2 procesos" in output
    assert "WARNING! 2 processes" in output
