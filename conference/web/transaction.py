"""One request, one transaction: reads begin lightly, writes take the lock at once."""

from __future__ import annotations

from flask import Flask, request

from conference.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def begin_reads_lightly() -> None:
    """Begin a transaction that only reads: call it before the first query of it."""
    if db.engine.dialect.name == "sqlite":
        # Options of the engine's connection are read by the BEGIN listener of `conference.extensions`.
        db.session.connection(execution_options={"reads_only": True})


def init_app(app: Flask) -> None:
    """Have every safe request read without taking SQLite's write lock."""

    @app.before_request
    def reader() -> None:
        if request.method in SAFE_METHODS and request.endpoint not in {None, "static"}:
            begin_reads_lightly()
