"""Gunicorn in this very process: what is imported already need not be imported once more."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

THREADS = 8


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, build: Callable[[], Flask], bind: str) -> None:
        self._build = build
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        settings = {"bind": self._bind, "worker_class": "gthread", "workers": 1, "threads": THREADS}
        # A browser that keeps its connection open does not hold up whoever stops the server.
        settings |= {"graceful_timeout": 2, "keepalive": 2}
        for name, value in {**settings, "loglevel": "warning"}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in the worker: no connection and no thread is shared with its parent."""
        return self._build()


def serve(build: Callable[[], Flask], *, host: str, port: int) -> None:
    """Serve until somebody stops it: one process, eight threads."""
    sys.stdout.flush()
    _Server(build, f"{host}:{port}").run()
