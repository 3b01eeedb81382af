"""`flask worker`: does what is queued (mails, imports, forgetting), in a process of its own."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.domain.errors import Invalid


@click.command("worker")
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@with_appcontext
def worker_command(*, threads: int) -> None:
    """Do what is queued until told to stop; `flask serve` has a worker of its own already."""
    from conference.web.consumer import consume  # noqa: PLC0415 - huey would slow down every other command

    speak()
    with refusing():
        if not current_app.config["QUEUE"]:
            raise Invalid("queue_unusable")
        click.echo(_("Working on what is queued. Stop with Ctrl+C."))
        try:
            consume(current_app._get_current_object(), threads=threads)  # type: ignore[attr-defined]  # noqa: SLF001 - Flask documents it
        except ValueError as error:
            # Without its words: they may quote a password.
            raise Invalid("mail_server_unusable") from error
