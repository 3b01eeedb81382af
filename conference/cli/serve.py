"""`flask serve`: everything that a site needs on one machine, by one command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext

from conference.cli.terminal import refusing, speak
from conference.extensions import db

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from config import Configuration

IN_MEMORY = "memory://"


def serve_command(build: Callable[[Configuration | None], Flask]) -> click.Command:
    """Return the command; `build` makes the application in each process that serves."""

    @click.command("serve")
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
    @click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
    @click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Of each.")
    @with_appcontext
    def serve(host: str, port: int, workers: int, threads: int) -> None:
        """Bring the database up to date, serve, and do what is queued, until told to stop."""
        # Only here: gunicorn and huey would slow down every other command.
        from conference.cli.server import Serving  # noqa: PLC0415
        from conference.cli.server import serve as serve_until_stopped  # noqa: PLC0415

        _name_this_machine(port)
        _prepare()
        _warn_of_lone_counters(workers)
        hands = 2 if current_app.config["QUEUE"] else 0
        serve_until_stopped(lambda: build(None), Serving(host, port, workers, threads, hands))

    return serve


def _name_this_machine(port: int) -> None:
    """Where nobody has said under which address the site is reached, mails link to this very machine."""
    if "ASAMBLEA_URL" not in os.environ:
        # Also for the processes that serve, which read it anew.
        os.environ["ASAMBLEA_URL"] = current_app.config["PUBLIC_URL"] = f"http://localhost:{port}"


def _prepare() -> None:
    # Only here: it is needed by this command alone.
    from conference.web.set_up import announce  # noqa: PLC0415

    speak()
    with refusing():
        flask_migrate.upgrade()
        announce(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
        db.session.remove()
        # Those that serve are other processes, and connections cannot be shared.
        db.engine.dispose()


def _warn_of_lone_counters(workers: int) -> None:
    if workers == 1 or not current_app.config["RATELIMIT_STORAGE_URI"].startswith(IN_MEMORY):
        return
    click.echo(
        f"¡CUIDADO! {workers} procesos, y cada uno cuenta los límites por su cuenta: quien adivina códigos "
        f"tiene {workers} veces más intentos. Indique un Redis: ASAMBLEA_REDIS=redis://…\n"
        f"WARNING! {workers} processes, and each counts the limits for itself: whoever guesses codes has "
        f"{workers} times as many tries. Name a Redis: ASAMBLEA_REDIS=redis://…",
        err=True,
    )
