"""The secret address of the first page: written on the server's console, and nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from typing import TYPE_CHECKING

from flask import current_app, request
from sqlalchemy.exc import DatabaseError

from conference.extensions import db
from conference.queries.set_up import waits_for_set_up
from conference.web.keys import key_for
from conference.web.transaction import begin_reads_lightly

if TYPE_CHECKING:
    from flask import Flask


def set_up_token() -> str:
    """Return the token, the same for every process of a server: 128 bits that follow from its secret."""
    return hmac.new(key_for("set-up"), b"set-up", hashlib.sha256).hexdigest()[:32]


def opens_set_up(token: str) -> bool:
    """Tell whether a token is the one on the console, taking as long for a wrong one."""
    return hmac.compare_digest(token.encode(), set_up_token().encode())


def announce(app: Flask) -> None:
    """Write on the console where to set the house up, while nobody organizes anything yet."""
    with app.app_context():
        try:
            # With the first request of a process, which may hold the write lock already.
            begin_reads_lightly()
            waits = waits_for_set_up(db.session())
        except DatabaseError:
            # Not migrated yet: whoever serves is told so elsewhere.
            return
        finally:
            db.session.remove()
        if waits:
            _print_address()


def _print_address() -> None:
    address = current_app.config["PUBLIC_URL"].rstrip("/")
    sys.stderr.write(
        "\nTodavía nadie organiza aquí. Abra esta dirección, que sirve una sola vez:\n"
        f"  {address}/es/set-up/{set_up_token()}\n"
        "Nobody organizes here yet. Open this address, which works once:\n"
        f"  {address}/en/set-up/{set_up_token()}\n\n"
    )
    sys.stderr.flush()


def init_app(app: Flask) -> None:
    """Write it too with the first request of a process, whatever serves it."""
    if app.testing or app.config["DEMO"]:
        return
    written_by = 0

    @app.before_request
    def write_once() -> None:
        nonlocal written_by
        if written_by != os.getpid() and request.endpoint != "static":
            written_by = os.getpid()
            announce(app)
