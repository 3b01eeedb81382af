"""Senders as processes of their own, to be killed: `Senders` starts them, `main` is what they are.

One process prepares the application and then makes a child for each "go" that it is told; only children send,
so that killing one costs little and starting the next takes no time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
# How far a sender gets before it dies, in the order of what it does.
POINTS = ("leased", "addressed", "handed", "amid the words", "all words", "answered", "recorded")


class Sender:
    """Makes children that send what is due."""

    def __init__(self, database: str, mail_server: str) -> None:
        command = [sys.executable, "-m", "tests.mail_senders", database, mail_server]
        self._process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._hear() == "ready"

    def go(self, point: str = "") -> int:
        """Let a child send what is due until it has, or until it has come to `point`; return its number."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{point}\n")
        self._process.stdin.flush()
        return int(self._hear())

    def end(self) -> str:
        """Wait for the child to end; return what it said of itself."""
        return self._hear()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End it; no child is left."""
        self._process.kill()
        self._process.communicate()


def die() -> None:
    """Be killed, here and now: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def die_at(point: str) -> None:
    """Have this process die as soon as it comes to a point of a delivery."""
    from conference.extensions import db  # noqa: PLC0415
    from conference.web import postman, smtp  # noqa: PLC0415

    def dying(*_arguments: Any, **_named: Any) -> Any:
        die()

    def dying_after(done: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:
            done(*arguments, **named)
            die()

        return do

    def dying_amid_the_words(self: Any, connection: Any, words: bytes) -> None:
        connection.send(words[: len(words) // 2])
        die()

    def dying_after_the_words(self: Any, connection: Any, words: bytes) -> None:
        connection.send(words + b".\r\n")
        # They are on their way; the server has its time to take them.
        time.sleep(0.2)
        die()

    def flush_and_die(self: Any) -> None:
        record(self)
        db.session.flush()
        die()

    record = postman.Delivery.record
    patches: dict[str, tuple[Any, str, Any]] = {
        "leased": (postman, "as_email", dying),
        "addressed": (postman.Delivery, "_hand_over", dying),
        "handed": (postman.Delivery, "_hand_over", dying_after(postman.Delivery._hand_over)),
        "amid the words": (smtp.Server, "_give", dying_amid_the_words),
        "all words": (smtp.Server, "_give", dying_after_the_words),
        "answered": (postman.Delivery, "record", dying),
        "recorded": (postman.Delivery, "record", flush_and_die),
    }
    owner, name, patch = patches[point]
    setattr(owner, name, patch)


def resident() -> int:
    """Return the memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def send_everything(app: Any, point: str) -> None:
    """Send what is due, and say how many that were; of many, how much memory and work grew on the way."""
    from conference.web import postman  # noqa: PLC0415

    memory: list[int] = []
    work: list[float] = []
    record = postman.Delivery.record
    done = 0

    def measured(self: Any) -> int:
        nonlocal done
        if done % 50 == 0:
            memory.append(resident())
            work.append(time.process_time())
        done += 1
        return record(self)

    if point:
        die_at(point)
    else:
        postman.Delivery.record = measured  # type: ignore[method-assign]
    with app.app_context():
        sent = postman.deliver_due()
    said = {"sent": sent, "seconds": time.process_time()}
    if len(work) > 12:
        # The first two hundred warm up; then the quickest fifty of two hundred are held against those of the
        # last two hundred: a moment in which others have the processor is in none of them.
        fifties = [after - before for before, after in pairwise(work)]
        said |= {"grown": max(memory[4:]) - memory[4]}
        said |= {"slowed": min(fifties[-4:]) / min(fifties[4:8])}
    print(json.dumps(said), flush=True)


def main() -> None:
    """Make a child for each line that is read."""
    from conference import create_app  # noqa: PLC0415
    from config import Testing  # noqa: PLC0415

    database, mail_server = sys.argv[1:]
    app = create_app(Testing(SQLALCHEMY_DATABASE_URI=database, MAIL_SERVER=mail_server))
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            send_everything(app, line.strip())
            os._exit(0)
        print(child, flush=True)
        _pid, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print("killed", flush=True)


if __name__ == "__main__":
    main()
