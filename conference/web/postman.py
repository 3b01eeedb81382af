"""Takes messages out of the outbox and hands them to a mail server, or to a folder in the demonstration."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import smtplib
import ssl
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from flask import after_this_request, current_app

from conference.extensions import db
from conference.services.mail import Letter, lease_message, record_failure, record_sent
from conference.web.clock import now
from conference.web.logs import where

if TYPE_CHECKING:
    from flask import Flask, Response

LOGGER = logging.getLogger("asamblea.mail")
SWEEP_SECONDS = 30.0
# Seconds to wait for a mail server's word; a lease is longer.
PATIENCE = 30
# Nobody listens in between, and such servers rarely have a certificate that anybody knows.
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
# Nothing that could begin a second address, a name or another header.
ONE_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+@[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+")


def as_email(letter: Letter, *, sender: str, moment: datetime) -> EmailMessage:
    """Return the letter as a mail: one recipient, plain text, nothing that tracks.

    Raises ValueError for a recipient that is more or other than one address.
    """
    if not ONE_ADDRESS.fullmatch(letter.recipient):
        raise ValueError("not one address")
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = letter.recipient
    # No line end gets into a header, whoever wrote the subject.
    mail["Subject"] = " ".join(letter.subject.split())
    mail["Date"] = format_datetime(moment)
    domain = sender.rpartition("@")[2].strip(">") or "localhost"
    # The same cause gives the same id, so that a mail sent twice after a crash is shown once.
    mail["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:32]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body)
    # Setting the content removes what was said of it before.
    mail["Content-Language"] = letter.language
    return mail


def _to_folder(mail: EmailMessage, folder: Path) -> None:
    # Mails hold links that sign people in.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Two processes may write in the same microsecond.
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    # Written under another name first: whoever lists the folder never sees half a mail.
    partial = folder / f".{name}.part"
    partial.write_bytes(mail.as_bytes())
    partial.rename(folder / f"{name}.eml")


def _to_server(mail: EmailMessage, server: SplitResult) -> None:
    host, port = server.hostname or "", server.port or 0
    checked = _trusted(host)
    with (
        smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=checked)
        if server.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=PATIENCE)
    ) as connection:
        connection.ehlo()
        if server.scheme == "smtp":
            _encrypt(connection, checked, needed=bool(server.username) and host not in THIS_MACHINE)
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(mail)


def _trusted(host: str) -> ssl.SSLContext:
    """Return how a server proves its name; one on this machine need not, whatever its certificate."""
    context = ssl.create_default_context()
    if host in THIS_MACHINE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _encrypt(connection: smtplib.SMTP, context: ssl.SSLContext, *, needed: bool) -> None:
    """Go on encrypted wherever the server can; a password is never sent to another machine otherwise."""
    if connection.has_extn("starttls"):
        connection.starttls(context=context)
        connection.ehlo()
    elif needed:
        raise smtplib.SMTPNotSupportedError("no STARTTLS")


def mail_server(address: str) -> SplitResult:
    """Return where mails go: `file:///folder`, `smtp://user:password@host:587` or `smtps://…`.

    User and password are ASCII, percent-encoded where they hold one of `/?#@:%`. Raises ValueError for
    anything else, without repeating it: it may hold the password.
    """
    parts = urlsplit(address)
    folder = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    if not folder and not (parts.scheme in {"smtp", "smtps"} and parts.hostname):
        raise ValueError("MAIL_SERVER: use file:///folder, smtp://user:password@host:587 or smtps://…")
    _ = parts.port  # raises ValueError for what is no port
    return parts


def send(mail: EmailMessage, server: str) -> None:
    """Hand one mail over to `server`; OSError or SMTPException if that did not work."""
    parts = mail_server(server)
    if parts.scheme == "file":
        _to_folder(mail, Path(server.removeprefix("file://")))
    else:
        _to_server(mail, parts)


def deliver_due() -> int:
    """Send everything that is due, one message after the other; return how many went out.

    Raises ValueError, before any message is touched, where MAIL_SERVER does not say where to.
    """
    mail_server(current_app.config["MAIL_SERVER"])
    sent = 0
    while (letter := _lease()) is not None:
        sent += _deliver(letter)
    return sent


def _lease() -> Letter | None:
    letter = lease_message(db.session(), now=now())
    db.session.commit()
    return letter


def _deliver(letter: Letter) -> int:
    try:
        mail = as_email(letter, sender=current_app.config["MAIL_SENDER"], moment=now())
        send(mail, current_app.config["MAIL_SERVER"])
    except (OSError, ValueError, smtplib.SMTPException) as error:
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
        self._stopping = threading.Event()
        self.wake = threading.Event()

    def stop(self) -> None:
        """Finish what is being sent, and end."""
        self._stopping.set()
        self.wake.set()
        self.join()

    def run(self) -> None:
        while True:
            self.wake.wait(SWEEP_SECONDS)
            self.wake.clear()
            if self._stopping.is_set():
                return
            try:
                with self._app.app_context():
                    deliver_due()
            except Exception as error:  # noqa: BLE001 - the thread goes on; the next sweep tries again
                LOGGER.error("the outbox could not be read: %s", where(error))


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
    """Start the sweep with the first request of the process, for what an earlier process left.

    A process that sends mails and does not know where to does not start (ValueError).
    """
    if not app.config["MAIL_SENDS_ITSELF"]:
        return
    mail_server(app.config["MAIL_SERVER"])

    @app.before_request
    def sweep() -> None:
        if "postman" not in app.extensions:
            _postman(app).wake.set()
