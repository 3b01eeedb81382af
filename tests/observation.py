"""What a request does to the database, noted while it runs: rules that hold for every view.

A GET writes nothing. A request that is answered well leaves nothing uncommitted behind.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import g, has_app_context, has_request_context, request
from sqlalchemy import Engine, event

from conference.extensions import db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask, Response

SAFE = {"GET", "HEAD", "OPTIONS"}
WRITE = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|CREATE|ALTER|DROP)\b", re.IGNORECASE)
# Not queries of ours: transactions and settings of a connection.
FRAME = re.compile(r"\s*(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET)\b", re.IGNORECASE)

_counts: list[list[str]] = []
_breaches: list[str] = []


def breaches() -> list[str]:
    """Return what requests did against the rules since this was asked last."""
    noted = _breaches.copy()
    _breaches.clear()
    return noted


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the SQL statements executed in the block, on every connection of this process."""
    statements: list[str] = []
    _counts.append(statements)
    try:
        yield statements
    finally:
        # By identity: two empty lists are equal.
        _counts[:] = [other for other in _counts if other is not statements]


@event.listens_for(Engine, "before_cursor_execute")
def _note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if FRAME.match(statement):
        return
    for statements in _counts:
        statements.append(statement)
    if not WRITE.match(statement):
        return
    if has_request_context() and request.method in SAFE:
        _breaches.append(f"{request.method} {request.path} writes: {statement}")
    if has_app_context():
        g.uncommitted = statement


def _settled(*_: Any) -> None:
    if has_app_context():
        g.pop("uncommitted", None)


for _ending in ("commit", "rollback", "rollback_savepoint"):
    event.listen(Engine, _ending, _settled)


def watch(app: Flask) -> None:
    """Have every request of an application report to `breaches()`."""

    @app.after_request
    def remember_answer(response: Response) -> Response:
        g.answered_well = f"{request.method} {request.path}" if response.status_code < 400 else None
        return response

    # Runs before Flask-SQLAlchemy's own teardown removes the session: last come, first served.
    @app.teardown_appcontext
    def look_for_leftovers(_error: BaseException | None) -> None:
        if address := g.pop("answered_well", None):
            _breaches.extend(f"{address} leaves uncommitted: {what}" for what in _leftovers())


def _leftovers() -> list[str]:
    written = [g.uncommitted] if "uncommitted" in g else []
    if not db.session.registry.has():
        return written
    session = db.session()
    changed = [row for row in session.dirty if session.is_modified(row)]
    return written + [repr(row) for row in (*session.new, *changed, *session.deleted)]
