"""Takes messages out of the outbox and hands them to a mail server, or to a folder in the demonstration."""

from __future__ import annotations

import logging
import smtplib
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flask import after_this_request, current_app

from conference.extensions import db
from conference.services.mail import Letter, lease_message, record_failure, record_sent
from conference.web.clock import now

if TYPE_CHECKING:
    from flask import Flask, Response

LOGGER = logging.getLogger("asamblea.mail")
SWEEP_SECONDS = 30.0


def as_email(letter: Letter, *, sender: str, moment: datetime) -> EmailMessage:
    """Return the letter as a mail: one recipient, plain text, nothing that tracks."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = letter.recipient
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(moment)
    domain = sender.rpartition("@")[2].strip(">") or "localhost"
    # The same cause gives the same id, so that a mail sent twice after a crash is shown once.
    mail["Message-ID"] = f"<{letter.key}@{domain}>"
    mail["Content-Language"] = letter.language
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body)
    return mail


def _to_folder(mail: EmailMessage, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    # Written under another name first: whoever lists the folder never sees half a mail.
    partial = folder / f".{stamp}.part"
    partial.write_bytes(mail.as_bytes())
    partial.rename(folder / f"{stamp}.eml")


def _to_server(mail: EmailMessage, address: str) -> None:
    parts = urlsplit(address)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "localhost", parts.port or 0, timeout=30) as server:
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(mail)


def send(mail: EmailMessage, server: str) -> None:
    """Hand one mail over; `server` is `file:///folder`, `smtp://…` or `smtps://…`."""
    if server.startswith("file://"):
        _to_folder(mail, Path(server.removeprefix("file://")))
    else:
        _to_server(mail, server)


def deliver_due() -> int:
    """Send everything that is due, one message after the other; return how many went out."""
    sent = 0
    while (letter := _lease()) is not None:
        sent += _deliver(letter)
    return sent


def _lease() -> Letter | None:
    letter = lease_message(db.session(), now=now())
    db.session.commit()
    return letter


def _deliver(letter: Letter) -> int:
    mail = as_email(letter, sender=current_app.config["MAIL_SENDER"], moment=now())
    try:
        send(mail, current_app.config["MAIL_SERVER"])
    except (OSError, smtplib.SMTPException) as error:
        # The type only: the server's words may quote the recipient.
        LOGGER.warning("message %s was not sent: %s", letter.id, type(error).__name__)
        record_failure(db.session(), message_id=letter.id, now=now())
        db.session.commit()
        return 0
    record_sent(db.session(), message_id=letter.id, now=now())
    db.session.commit()
    return 1


class Postman(threading.Thread):
    """Sends in the background of one process; leases keep several processes apart."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="postman", daemon=True)
        self._app = app
        self.wake = threading.Event()

    def run(self) -> None:
        while True:
            self.wake.wait(SWEEP_SECONDS)
            self.wake.clear()
            try:
                with self._app.app_context():
                    deliver_due()
            except Exception:
                LOGGER.exception("the outbox could not be read")


_starting = threading.Lock()


def _postman(app: Flask) -> Postman:
    # Started late: a thread does not survive gunicorn's fork.
    with _starting:
        postman: Postman | None = app.extensions.get("postman")
        if postman is None or not postman.is_alive():
            postman = app.extensions["postman"] = Postman(app)
            postman.start()
        return postman


def mail_is_waiting() -> None:
    """Say, after the commit, that there is something to send."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if not app.config["MAIL_SENDS_ITSELF"]:
        return

    @after_this_request
    def ring(response: Response) -> Response:
        _postman(app).wake.set()
        return response


def init_app(app: Flask) -> None:
    """Start the sweep with the first request of the process, for what an earlier process left."""
    if not app.config["MAIL_SENDS_ITSELF"]:
        return

    @app.before_request
    def sweep() -> None:
        if "postman" not in app.extensions:
            _postman(app).wake.set()
