"""`flask mail …`: send what waits, where no web process does it."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from conference.cli.terminal import speak
from conference.domain.mail import MessageState
from conference.extensions import db
from conference.queries.mail import outbox
from conference.web.postman import deliver_due

mail = AppGroup("mail", help="Send what waits in the outbox.")


@mail.command("send")
def send_due() -> None:
    """Send what is due, once; what fails is tried again by a later call."""
    speak()
    try:
        sent = deliver_due()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    found = outbox(db.session())
    click.echo(
        _(
            "Sent: %(sent)s. Waiting: %(waiting)s. Given up: %(failed)s.",
            sent=sent,
            waiting=found[MessageState.QUEUED],
            failed=found[MessageState.FAILED],
        )
    )
