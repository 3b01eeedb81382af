"""`flask mail …`: send what waits, where no web process does it."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.domain.errors import Invalid
from conference.domain.mail import MessageState
from conference.extensions import db
from conference.queries.mail import outbox
from conference.web.postman import deliver_due

mail = AppGroup("mail", help="Send what waits in the outbox.")


@mail.command("send")
def send_due() -> None:
    """Send what is due, once; what fails is tried again by a later call."""
    speak()
    with refusing():
        sent = _sent()
        found = outbox(db.session())
    click.echo(
        _(
            "Sent: %(sent)s. Waiting: %(waiting)s. Given up: %(failed)s.",
            sent=sent,
            waiting=found[MessageState.QUEUED],
            failed=found[MessageState.FAILED],
        )
    )


def _sent() -> int:
    try:
        return deliver_due()
    except ValueError as error:
        # Without its words: they may quote the password.
        raise Invalid("mail_server_unusable") from error
