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
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        process.communicate(timeout=PATIENCE)


def children(process: subprocess.Popen[str]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in listed.split()]


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def workers(process: subprocess.Popen[str]) -> list[int]:
    """Those children that keep the queue open; the others answer requests."""
    return [each for each in children(process) if holds_open(each, "queue.sqlite")]


def holds_open(process: int, name: str) -> bool:
    try:
        # Not Path.readlink: what is linked to may be no path at all ("socket:[…]").
        return any(name in os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir())  # noqa: PTH115
    except OSError:
        return False


def until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.05)


def ask_for_code(address: str, email: str) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{address}/es/sign-in", timeout=PATIENCE) as page:
        token = TOKEN.search(page.read().decode())
    assert token is not None
    fields = urllib.parse.urlencode({"csrf_token": token[1], "email": email, "next": ""})
    with browser.open(f"{address}/es/sign-in", fields.encode(), timeout=PATIENCE) as page:
        assert page.status == 200


def test_one_command_serves_and_sends_with_a_worker_that_is_replaced_and_all_stop_as_one(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as (process, address):
        until(lambda: workers(process))
        (worker,) = workers(process)
        os.kill(worker, signal.SIGKILL)
        until(lambda: workers(process) not in ([], [worker]))
        ask_for_code(address, "nadie@example.org")
        until(lambda: list((tmp_path / "mail").glob("*.eml")))
        both = children(process)
        assert len(both) == 2
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE)
        assert [each for each in both if runs(each)] == []
    assert process.returncode == 0
    assert "/es/set-up/" in output
    assert f"http://localhost:{address.rpartition(':')[2]}/" in output
    assert "Traceback" not in output


def test_whoever_kills_the_command_kills_all_and_processes_that_count_for_themselves_are_warned_of(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, "--workers", "2") as (process, _address):
        until(lambda: workers(process) and len(children(process)) == 3)
        all_of_them = children(process)
        process.kill()
        # It ends when nobody is left to write anything.
        output, _ = process.communicate(timeout=PATIENCE)
        until(lambda: not any(map(runs, all_of_them)))
    assert "¡CUIDADO! 2 procesos" in output
    assert "WARNING! 2 processes" in output
