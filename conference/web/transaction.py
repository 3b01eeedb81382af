"""One request, one transaction: reads begin lightly, writes take the lock at once."""

from __future__ import annotations

from flask import Flask, request

from conference.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def _say_that_it_reads() -> None:
    if request.method in SAFE_METHODS:
        # Options of the engine's connection are read by the BEGIN listener of `conference.extensions`.
        db.session.connection(execution_options={"reads_only": True})


def begin_reads_lightly() -> None:
    """Start the request's transaction as a reader; call it before the first query of a GET."""
    if db.engine.dialect.name == "sqlite":
        _say_that_it_reads()


def init_app(app: Flask) -> None:
    """Have every safe request read without taking SQLite's write lock."""

    @app.before_request
    def reader() -> None:
        if request.endpoint != "static" and request.endpoint is not None:
            begin_reads_lightly()
