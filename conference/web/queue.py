"""What is to be done after a commit. Rows are the truth; the queue carries their numbers, and may lose them.

Every message and every job that a transaction writes is put on the queue once it has committed. What the
queue has lost, or what a worker that died had taken, is found by the sweep and put on it again.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from typing import TYPE_CHECKING

from flask import Flask, current_app
from sqlalchemy import event

from conference.extensions import db
from conference.models import Job, Message
from conference.queries.jobs import due_jobs, due_messages
from conference.services.jobs import ask_for_daily_purge, forget_jobs
from conference.services.mail import catch_up_with_clock
from conference.services.reminders import ask_for_reminders
from conference.web import jobs, postman
from conference.web.clock import now
from conference.web.line import keep_lines_moving
from conference.web.logs import where
from conference.web.retention import periods
from conference.web.transaction import begin_reads_lightly

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session, UOWTransaction

    from conference.web.carriers import Carrier

LOGGER = logging.getLogger("asamblea.queue")
MESSAGE, JOB = "message", "job"
# What is done for each kind of row, given its number. Both take the row under a lease, or leave it alone.
DO: dict[str, Callable[[int], object]] = {MESSAGE: postman.deliver, JOB: jobs.run}
# As many rows as one sweep puts on the queue; where as many are on it, the sweep waits.
BATCH = 500
# A queue that does not answer is left alone for so many seconds: pages must not wait for it each time.
PAUSE = 15.0
# Ids written by a transaction, until it commits.
WRITTEN = "asamblea.written"


class Queue:
    """Carries the numbers of rows to whichever worker is free."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._address: str = app.config["QUEUE"]
        self._starting = threading.Lock()
        self._carrier: Carrier | None = None
        self._closed_until = 0.0
        # Set when the worker of this process is to stop; jobs look at it between their steps.
        self.stopping = threading.Event()

    @property
    def carrier(self) -> Carrier:
        """What carries; connected when it is needed first."""
        with self._starting:
            if self._carrier is None:
                from conference.web.carriers import connect  # noqa: PLC0415 - with its drivers: 0.3 seconds

                self._carrier = connect(self._address, self.do, DO)
            return self._carrier

    def put(self, kind: str, row: int) -> bool:
        """Put a row on the queue; False where that did not work: the sweep finds it all the same."""
        if not self._address or time.monotonic() < self._closed_until:
            return False
        try:
            self.carrier.put(kind, row)
        except Exception as error:  # noqa: BLE001 - of three drivers, and none of it is worth losing an answer
            LOGGER.error("the queue took nothing: %s", where(error))
            self._closed_until = time.monotonic() + PAUSE
            return False
        return True

    def do(self, kind: str, row: int) -> None:
        """Do what is to be done for one row. Never raises: its lease runs out, and a sweep finds it."""
        try:
            with self._app.app_context():
                DO[kind](row)
        except Exception as error:  # noqa: BLE001 - the worker goes on; the row's lease runs out
            LOGGER.error("%s %s: %s", kind, row, where(error))


def current_queue() -> Queue:
    """Return the queue of the application."""
    queue: Queue = current_app.extensions["queue"]
    return queue


# -- after the commit ------------------------------------------------------------------------------


def enqueue_after_commit(kind: str, row: int) -> None:
    """Put a row that was there before, such as a mail to be tried again, on the queue after this commit."""
    db.session().info.setdefault(WRITTEN, []).append((kind, row))


def _note(session: Session, _context: UOWTransaction) -> None:
    for row in session.new:
        if isinstance(row, (Message, Job)):
            kind = MESSAGE if isinstance(row, Message) else JOB
            session.info.setdefault(WRITTEN, []).append((kind, row.id))


def _put_written(session: Session) -> None:
    # Releasing a savepoint is no commit.
    if session.in_nested_transaction():
        return
    for kind, row in session.info.pop(WRITTEN, ()):
        current_queue().put(kind, row)


def _forget_written(session: Session) -> None:
    # What a savepoint took back is on the list all the same; whoever is given its number finds nothing.
    if not session.in_nested_transaction():
        session.info.pop(WRITTEN, None)


event.listen(db.session, "after_flush", _note)
event.listen(db.session, "after_commit", _put_written)
event.listen(db.session, "after_rollback", _forget_written)


# -- the sweep -------------------------------------------------------------------------------------


def sweep() -> int:
    """Put on the queue what should have been done by now; return how much that was.

    Where the queue does not work, it is done here and now: slower, but it is done.
    """
    queue = current_queue()
    _ask_for_what_is_due()
    keep_lines_moving()
    found = due_rows()
    if _is_full(queue):
        return 0
    for kind, row in found:
        if not queue.put(kind, row) and not queue.stopping.is_set():
            queue.do(kind, row)
    return len(found)


def _ask_for_what_is_due() -> None:
    ask_for_daily_purge(db.session(), key=secrets.token_urlsafe(32), local=now().astimezone())
    forget_jobs(db.session(), now=now(), files=periods().job_files, jobs=periods().jobs)
    ask_for_reminders(db.session(), new_key=lambda: secrets.token_urlsafe(32), now=now())
    catch_up_with_clock(db.session(), now=now())
    db.session.commit()


def due_rows() -> tuple[tuple[str, int], ...]:
    """Return kind and number of each row that should be done now; nothing stays held in the database."""
    session = db.session()
    begin_reads_lightly()
    found = (
        *((JOB, row) for row in due_jobs(session, now=now(), limit=BATCH)),
        *((MESSAGE, row) for row in due_messages(session, now=now(), limit=BATCH)),
    )
    db.session.remove()
    return found


def _is_full(queue: Queue) -> bool:
    """Tell whether what is due is probably on the queue already: otherwise it would grow with every sweep."""
    try:
        return queue.carrier.length() >= BATCH
    except Exception as error:  # noqa: BLE001 - as with `put`
        LOGGER.error("the queue does not answer: %s", where(error))
        return False


def init_app(app: Flask) -> None:
    """Give the application its queue; where QUEUE is empty nothing is carried, and nothing does itself."""
    app.extensions["queue"] = Queue(app)
