"""Limits counted in memory hold for one web process: a second one is noticed, and the operator warned."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import threading
import time
from typing import TYPE_CHECKING

from config import INSTANCE

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

logger = logging.getLogger("asamblea.limits")

WARNING = (
    "Varios procesos web cuentan los límites cada uno por su cuenta: se permite ese tanto de veces más. "
    "Ponga ASAMBLEA_REDIS, o sirva con un solo proceso (docs/operating.md). · "
    "Several web processes count the limits each for itself: that many times more is let through. "
    "Set ASAMBLEA_REDIS, or serve with one process (docs/operating.md)."
)
# Seconds between two tries to be the one that counts.
PAUSE = 1.0


class LoneCounter:
    """Holds a lock of the operating system as long as this process lives; whoever finds it taken warns.

    A web server that reloads runs old and new processes side by side for a while: it is tried again for
    `patience` seconds, in the background, before anything is said.
    """

    def __init__(self, path: Path, *, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._process = 0

    def notice(self) -> None:
        """Take the lock with the first request that this process serves."""
        if self._process == os.getpid():
            return
        self._process = os.getpid()
        if not self._taken():
            threading.Thread(target=self._wait, name="lone counter", daemon=True).start()

    def _taken(self) -> bool:
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            # Nowhere to leave a mark: nothing can be known of other processes.
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        # Never closed: it is held until the process ends, however it ends.
        return True

    def _wait(self) -> None:
        until = time.monotonic() + self._patience
        while time.monotonic() < until:
            time.sleep(min(PAUSE, self._patience))
            if self._taken():
                return
        logger.warning(WARNING)


def init_app(app: Flask) -> None:
    """Watch, where limits are counted in memory."""
    if app.testing or not app.config["RATELIMIT_ENABLED"]:
        return
    if not app.config["RATELIMIT_STORAGE_URI"].startswith("memory"):
        return
    # Of one site: the demonstration beside it counts for itself.
    site = hashlib.sha256(app.config["SQLALCHEMY_DATABASE_URI"].encode()).hexdigest()[:12]
    counter = LoneCounter(
        INSTANCE / f"counting-{site}.lock", patience=app.config["COUNTING_PATIENCE"].total_seconds()
    )
    app.before_request(counter.notice)
