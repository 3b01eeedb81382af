"""Gunicorn in this very process, and the queue's worker beside it: one command, stopped together.

What is imported already need not be imported once more.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no types

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

THREADS = 8
# A worker that ends as soon as it begins is not begun again at once.
SECONDS_BETWEEN_STARTS = 5
# Longer than a worker takes to stop by itself.
SECONDS_TO_STOP = 10
SIGNALS = ("HUP", "QUIT", "INT", "TERM", "TTIN", "TTOU", "USR1", "USR2", "WINCH", "CHLD")


@dataclass(frozen=True, slots=True)
class Serving:
    """Where to listen, how many processes and threads answer, and how many threads do what is queued."""

    host: str
    port: int
    workers: int = 1
    threads: int = THREADS
    queue_threads: int = 2


class _Arbiter(Arbiter):  # type: ignore[misc]
    """Keeps the queue's worker alive beside those that answer, and takes it along when it goes."""

    _keeper = 0
    _not_before = 0.0

    def manage_workers(self) -> None:
        super().manage_workers()
        if self._keeper and not _alive(self._keeper):
            self.log.error("The queue's worker ended; it is started again.")
            self._keeper = 0
        if not self._keeper and self.app.serving.queue_threads and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + SECONDS_BETWEEN_STARTS
            self._keeper = self._start_keeper()

    def _start_keeper(self) -> int:
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            self._become_keeper()
            status = 0
        except ValueError as error:
            # Says which setting, and never what it holds.
            sys.stderr.write(f"{error}\n")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # Nothing of the parent's is to be run at the end of its child.
            os._exit(status)

    def _become_keeper(self) -> None:
        for name in SIGNALS:
            signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_DFL)
        for listener in self.LISTENERS:
            # The socket stays open in the parent.
            os.close(listener.fileno())
        server: _Server = self.app
        from conference.web.consumer import consume  # noqa: PLC0415 - brings the drivers of every kind of queue

        consume(server.load(), threads=server.serving.queue_threads, parent=self.pid)

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - gunicorn's own signature
        if self._keeper and _alive(self._keeper):
            os.kill(self._keeper, signal.SIGTERM)
        super().stop(graceful)
        self._await_keeper()

    def _await_keeper(self) -> None:
        limit = time.monotonic() + SECONDS_TO_STOP
        while self._keeper and _alive(self._keeper):
            if time.monotonic() > limit:
                os.kill(self._keeper, signal.SIGKILL)
            time.sleep(0.05)
        self._keeper = 0


def _alive(child: int) -> bool:
    """Tell whether a child of this process still runs; gunicorn may have buried it already."""
    try:
        return os.waitpid(child, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, build: Callable[[], Flask], serving: Serving) -> None:
        self._build = build
        self.serving = serving
        super().__init__()

    def load_config(self) -> None:
        serving = self.serving
        settings = {
            "bind": f"{serving.host}:{serving.port}",
            "worker_class": "gthread",
            "workers": serving.workers,
            "threads": serving.threads,
            # A browser that keeps its connection open does not hold up whoever stops the server.
            "graceful_timeout": 2,
            "keepalive": 2,
            "loglevel": "warning",
            # Nobody commands it by a file in somebody's home.
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in the worker: no connection and no thread is shared with its parent."""
        return self._build()

    def run(self) -> None:
        """Serve until a signal comes."""
        try:
            _Arbiter(self).run()
        except RuntimeError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(1)


def serve(build: Callable[[], Flask], serving: Serving) -> None:
    """Serve, and do what is queued, until somebody stops it."""
    sys.stdout.flush()
    _Server(build, serving).run()
