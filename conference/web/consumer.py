"""Takes rows off the queue and does them, in threads of this process, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
from typing import TYPE_CHECKING, Any

from huey.consumer import Consumer, ConsumerStopped, Scheduler, Worker

from conference.extensions import db
from conference.web.logs import where
from conference.web.queue import BATCH, Queue, sweep
from conference.web.smtp import mail_server

if TYPE_CHECKING:
    from flask import Flask

LOGGER = logging.getLogger("asamblea.worker")
# A worker that is told to stop is gone within ten seconds, whatever it was doing.
SECONDS_TO_STOP = 8
# Looks at a queue that cannot tell by itself that something came: so often where nothing does.
LOOK_SECONDS = 0.4
# Where the queue cannot be read.
PAUSE_SECONDS = 5


class _Hand(Worker):  # type: ignore[misc]
    """One thread that does one row after the other."""

    def loop(self, now: object = None) -> None:  # noqa: ARG002 - huey's own signature
        try:
            task = self.huey.dequeue()
        except ValueError:
            LOGGER.error("the queue held something that is not ours")
            return
        except Exception as error:  # noqa: BLE001 - of three drivers; the sweep does what is due meanwhile
            LOGGER.error("the queue cannot be read: %s", where(error))
            self.stop_flag.wait(PAUSE_SECONDS)
            return
        if task is not None:
            self.delay = self.default_delay
            # Not huey's execute(): nobody revokes or retries a task here, the rows say what is to be done.
            task.execute()
        elif not self.huey.storage.blocking:
            self.sleep()


class _Sweeper(Scheduler):  # type: ignore[misc]
    """Finds what the queue has lost; there is no other schedule."""

    app: Flask

    def loop(self, now: object = None) -> None:  # noqa: ARG002 - huey's own signature
        found = 0
        try:
            with self.app.app_context():
                found = sweep()
        except Exception as error:  # noqa: BLE001 - the next sweep tries again
            LOGGER.error("the sweep found nothing: %s", where(error))
        # Where more is due than one sweep takes, the next comes soon.
        self.stop_flag.wait(1 if found >= BATCH else self.app.config["QUEUE_SWEEP_SECONDS"])


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer, stopped the same way by every signal and by the end of whoever started it."""

    worker_class = _Hand
    scheduler_class = _Sweeper

    def __init__(self, app: Flask, queue: Queue, *, threads: int, parent: int | None) -> None:
        self._app = app
        self._parent = parent
        super().__init__(
            queue.carrier.huey,
            workers=threads,
            periodic=False,
            initial_delay=0.05,
            backoff=1.3,
            max_delay=LOOK_SECONDS,
            shutdown_timeout=SECONDS_TO_STOP,
        )
        self._signal_actions = dict.fromkeys((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), (False, True))
        queue.stopping = self.stop_flag

    def _create_scheduler(self) -> _Sweeper:
        sweeper: _Sweeper = super()._create_scheduler()
        sweeper.app = self._app
        return sweeper

    def _handle_signal(self, signum: int, frame: object) -> None:  # noqa: ARG002 - a signal handler's signature
        # Also a second time: it is stopping, and soon gone.
        self._signum = signum

    def loop(self, health_check_ts: float | None = None) -> Any:
        if self._parent is not None and os.getppid() != self._parent:
            self.stop(graceful=True)
            raise ConsumerStopped
        return super().loop(health_check_ts)


def consume(app: Flask, *, threads: int, parent: int | None = None) -> None:
    """Work until a signal comes, or until `parent` is this process's parent no longer.

    Raises ValueError where QUEUE or MAIL_SERVER do not say where to. Only in the main thread.
    """
    queue: Queue = app.extensions["queue"]
    mail_server(app.config["MAIL_SERVER"])
    # Its own words are for those who develop it; ours say what an operator can do something about.
    logging.getLogger("huey").setLevel(logging.ERROR)
    _Consumer(app, queue, threads=threads, parent=parent).run()
    with app.app_context():
        db.engine.dispose()
