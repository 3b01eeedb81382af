"""Handing out a conference's audit log, however long it has become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from conference.extensions import db
from conference.queries.audit import log_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


def log_lines(conference_id: int) -> Iterator[bytes]:
    """Return the log as it was hashed, an entry a line, in parts that are read while they are sent.

    Each part is read by itself: whoever downloads slowly holds no connection meanwhile.
    """
    # Named here, in the request: the parts are read when it is over.
    return _parts(db.engine.execution_options(reads_only=True), conference_id)


def _parts(engine: Engine, conference_id: int) -> Iterator[bytes]:
    after = -1
    while True:
        with Session(engine) as session:
            part = log_part(session, conference_id=conference_id, after=after)
        if part is None:
            return
        lines, after = part
        yield lines
