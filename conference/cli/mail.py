"""`flask mail …`: send what waits, where no worker does it; read mails that came back."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.domain.errors import Invalid
from conference.domain.mail import RETURNED_LIMIT, MessageState, returned_reference
from conference.extensions import db
from conference.queries.mail import outbox
from conference.services.mail import record_bounce
from conference.web.clock import now
from conference.web.postman import deliver_due

mail = AppGroup("mail", help="Send what waits in the outbox; read what came back.")


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


@mail.command("bounce")
def bounce() -> None:
    """Read one returned mail from standard input, and note that the message in it did not arrive.

    For the mailbox that MAIL_BOUNCE_ADDRESS names: `|flask mail bounce` in its .forward or alias. Never
    fails because of what a mail holds: the mail server would return that mail in turn.
    """
    speak()
    text = sys.stdin.buffer.read(RETURNED_LIMIT).decode("ascii", "replace")
    with refusing():
        reference = returned_reference(text)
        count = 0 if reference is None else record_bounce(db.session(), reference=reference, now=now())
        db.session.commit()
    click.echo(_("Came back: %(count)s.", count=count))
