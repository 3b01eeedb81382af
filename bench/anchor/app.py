"""The bare program that Asamblea is measured against: Flask, the driver, one route for each kind of work.

It checks nothing and remembers nobody. What it does, any program that does the work must do.
"""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from typing import Any

from flask import Flask, render_template, request

from bench.anchor.databases import Bare, open_bare


def create() -> Flask:
    """Build the program on the database named by BENCH_DATABASE, an SQLAlchemy address."""
    app = Flask(__name__)
    kept = threading.local()
    address = os.environ["BENCH_DATABASE"]

    def bare() -> Bare:
        if not hasattr(kept, "bare"):
            kept.bare = open_bare(address)
        found: Bare = kept.bare
        return found

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.get("/program")
    def program() -> str:
        rows = bare().sessions(request.args["slug"], request.args["day"])
        return render_template("program.html", sessions=[_session(row) for row in rows])

    @app.post("/insert")
    def insert() -> str:
        bare().insert(int(request.form["question"]), request.form["choice"], datetime.now(UTC))
        return "counted"

    return app


def _session(row: tuple[Any, ...]) -> dict[str, Any]:
    key, kind, starts, minutes, room, spoken, title = row
    moment = starts if isinstance(starts, datetime) else datetime.fromisoformat(starts)
    return {
        "key": key,
        "kind": kind,
        "starts": moment,
        "minutes": minutes,
        "room": _first(room),
        "spoken": ", ".join(_parsed(spoken)),
        "title": _first(title),
    }


def _parsed(value: Any) -> Any:
    # One driver gives JSON as text, the other as what it says.
    return json.loads(value) if isinstance(value, str) else value


def _first(value: Any) -> str:
    return next(iter((_parsed(value) or {}).values()), "")
