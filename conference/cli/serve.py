"""`flask serve`: everything that a site needs on one machine, by one command."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext

from conference.cli.terminal import refusing, speak
from conference.extensions import db
from conference.web.set_up import announce

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
        from conference.cli.server import Serving  # noqa: PLC0415 - gunicorn would slow down every command
        from conference.cli.server import serve as serve_until_stopped  # noqa: PLC0415 - as above

        _require_port(host, port)
        _name_this_machine(port)
        _prepare()
        _say_where_mails_go()
        _warn_of_lone_counters(workers)
        hands = 2 if current_app.config["QUEUE"] else 0
        serve_until_stopped(lambda: build(None), Serving(host, port, workers, threads, hands))

    return serve


def _require_port(host: str, port: int) -> None:
    """End with a clear word unless one can listen there: before anything else is done."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _name, address = found[0]
        with socket.socket(family, kind, protocol) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
    except OSError as error:
        click.echo(
            f"El puerto {port} no está libre ({error.strerror}). Detenga lo que lo usa, "
            "o indique otro: --port\n"
            f"Port {port} is not free ({error.strerror}). Stop what uses it, or name another one: --port",
            err=True,
        )
        raise click.exceptions.Exit(1) from error


def _say_where_mails_go() -> None:
    """Whoever has named no mail server finds the mails, and the links in them, in a folder."""
    server: str = current_app.config["MAIL_SERVER"]
    if server.startswith("file://"):
        folder = server.removeprefix("file://")
        click.echo(
            f"Los correos no salen: quedan en {folder} (ASAMBLEA_MAIL)\n"
            f"Mails are not sent: they are kept in {folder} (ASAMBLEA_MAIL)",
            err=True,
        )


def _name_this_machine(port: int) -> None:
    """Where nobody has said under which address the site is reached, mails link to this very machine."""
    if not os.environ.get("ASAMBLEA_URL"):
        # Also for the processes that serve, which read it anew.
        os.environ["ASAMBLEA_URL"] = current_app.config["PUBLIC_URL"] = f"http://localhost:{port}"


def _prepare() -> None:
    speak()
    with refusing():
        flask_migrate.upgrade()
        announce(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - a LocalProxy: Flask names this way to what it stands for
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
