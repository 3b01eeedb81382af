"""Brings mails to where MAIL_SERVER says: to a mail server, or into a folder in the demonstration.

What a courier learned is what the outbox goes by, so each step is told apart: what fails before the words
are given was certainly not sent; what the server answers to them is certain, too; only silence is not.
"""

from __future__ import annotations

import re
import secrets
import smtplib
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.policy import SMTP as ON_THE_WIRE
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from conference.domain.mail import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

# Nobody listens in between, and such servers rarely have a certificate that anybody knows.
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
# Servers limit how much one connection may bring; most allow a hundred.
MAILS_A_CONNECTION = 50
_MAIL_WANTED = 354
_TAKEN = range(200, 300)
_PERMANENT = range(500, 600)
# RFC 3463: 5.1 is about the address, 5.2 about the mailbox; the rest, 5.7 above all, is about us.
_ENHANCED = re.compile(rb"5\.(\d{1,3})\.\d{1,3}\b")
# What a server without such codes says of a recipient; 550 is what nearly all say.
_ABOUT_RECIPIENTS = frozenset({550, 551, 553})
_LINE_OF_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a server's word: for each, and for the one that tells whether it took the mail.

    Together less than a lease, else a slow server's mails would be sent twice.
    """

    each: float = 30.0
    last: float = 100.0


PATIENCE = Patience()


class NotSent(Exception):
    """An attempt that did not end with the mail taken; `trouble` never quotes the server."""

    def __init__(self, outcome: Outcome, trouble: str) -> None:
        self.outcome = outcome
        self.trouble = trouble
        super().__init__(outcome, trouble)


class LeaseLost(Exception):
    """Somebody else has the message by now, or it was withdrawn: it must not be sent from here."""


class Courier(Protocol):
    """Takes mails, one after the other."""

    def carry(
        self, mail: EmailMessage, *, sender: str, recipient: str, hand_over: Callable[[], None]
    ) -> None:
        """Bring one mail; `hand_over` is called just before its words are given, and may raise LeaseLost.

        Raises NotSent.
        """


class Folder:
    """Keeps mails as files, each readable by the owner only: they hold links that sign people in."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def carry(
        self,
        mail: EmailMessage,
        *,
        sender: str,  # noqa: ARG002 - a folder has no envelope
        recipient: str,
        hand_over: Callable[[], None],
    ) -> None:
        """Write one mail, whole or not at all."""
        # Two processes may write in the same microsecond.
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        # Written under another name first: whoever lists the folder never sees half a mail.
        partial = self._path / f".{name}.part"
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.write_bytes(_as_sent(mail, recipient))
        except OSError as error:
            raise NotSent(Outcome.UNREACHED, type(error).__name__) from error
        try:
            hand_over()
            partial.rename(self._path / f"{name}.eml")
        except OSError as error:
            raise NotSent(Outcome.REFUSED, type(error).__name__) from error
        finally:
            partial.unlink(missing_ok=True)


class Server:
    """A mail server, and the connection to it, kept for the mails that follow."""

    def __init__(self, address: SplitResult, patience: Patience = PATIENCE) -> None:
        self._address = address
        self._patience = patience
        # Reading the certificates that this machine trusts takes longer than bringing twenty mails.
        self._context = _trusted(address.hostname or "")
        self._connection: smtplib.SMTP | None = None
        self._carried = 0

    def carry(
        self, mail: EmailMessage, *, sender: str, recipient: str, hand_over: Callable[[], None]
    ) -> None:
        """Give one mail to the server and hear what it says to it."""
        words = _LINE_OF_DOT.sub(b"..", _as_sent(mail, recipient))
        try:
            connection = self._addressed(sender, recipient)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotSent(Outcome.UNREACHED, _name(error)) from error
        try:
            hand_over()
        except BaseException:
            # The server waits for words that it will not get; without their end it sends nothing.
            self.close(politely=False)
            raise
        self._give(connection, words)

    def _addressed(self, sender: str, recipient: str) -> smtplib.SMTP:
        """Return a connection that waits for the words of a mail to the recipient."""
        connection = self._connected()
        options = () if recipient.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
        _expect(connection.mail(sender, options), _TAKEN, Outcome.UNREACHED)
        code, words = connection.rcpt(recipient)
        if code not in _TAKEN:
            unknown = _is_about_recipient(code, words)
            raise NotSent(Outcome.UNKNOWN_RECIPIENT if unknown else Outcome.UNREACHED, str(code))
        _expect(connection.docmd("DATA"), range(_MAIL_WANTED, _MAIL_WANTED + 1), Outcome.UNREACHED)
        return connection

    def _connected(self) -> smtplib.SMTP:
        if self._carried >= MAILS_A_CONNECTION:
            self.close()
        if self._connection is not None:
            # It may have been hung up since: then a new one is made, and nothing is lost.
            with suppress(OSError, smtplib.SMTPException):
                if self._connection.rset()[0] in _TAKEN:
                    return self._connection
            self.close(politely=False)
        self._connection = _connect(self._address, self._context, self._patience.each)
        return self._connection

    def _give(self, connection: smtplib.SMTP, words: bytes) -> None:
        try:
            connection.send(words + (b".\r\n" if words.endswith(b"\r\n") else b"\r\n.\r\n"))
            if connection.sock is not None:
                connection.sock.settimeout(self._patience.last)
            code, answer = connection.getreply()
            if connection.sock is not None:
                connection.sock.settimeout(self._patience.each)
        except (OSError, smtplib.SMTPException) as error:
            self.close(politely=False)
            raise NotSent(Outcome.UNANSWERED, _name(error)) from error
        self._carried += 1
        if code in _TAKEN:
            return
        unknown = _is_about_recipient(code, answer)
        raise NotSent(Outcome.UNKNOWN_RECIPIENT if unknown else Outcome.REFUSED, str(code))

    def close(self, *, politely: bool = True) -> None:
        """Hang up."""
        connection, self._connection, self._carried = self._connection, None, 0
        if connection is None:
            return
        with suppress(OSError, smtplib.SMTPException):
            if politely:
                connection.quit()
        connection.close()


def _as_sent(mail: EmailMessage, recipient: str) -> bytes:
    # RFC 6532 for the few addresses that need it; everything else is seven bits, whatever the server can.
    return mail.as_bytes(policy=ON_THE_WIRE.clone(utf8=not recipient.isascii()))


def _is_about_recipient(code: int, words: bytes) -> bool:
    """Tell whether a refusal means that there is no such recipient, and not that the server minds us."""
    if code not in _PERMANENT:
        return False
    enhanced = _ENHANCED.match(words)
    return code in _ABOUT_RECIPIENTS if enhanced is None else enhanced[1] in {b"1", b"2"}


def _expect(reply: tuple[int, bytes], codes: range, outcome: Outcome) -> None:
    if reply[0] not in codes:
        raise NotSent(outcome, str(reply[0]))


def _name(error: OSError | smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code)
    return type(error).__name__


def _connect(address: SplitResult, context: ssl.SSLContext, patience: float) -> smtplib.SMTP:
    host, port = address.hostname or "", address.port or 0
    connection = (
        smtplib.SMTP_SSL(host, port, timeout=patience, context=context)
        if address.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=patience)
    )
    try:
        connection.ehlo_or_helo_if_needed()
        if address.scheme == "smtp":
            _encrypt(connection, context, needed=bool(address.username) and host not in THIS_MACHINE)
        if address.username:
            connection.login(unquote(address.username), unquote(address.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection


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


@contextmanager
def courier(address: str, patience: Patience = PATIENCE) -> Iterator[Courier]:
    """Open the way to `address`, for one mail or many; ValueError where it leads nowhere."""
    parts = mail_server(address)
    if parts.scheme == "file":
        yield Folder(Path(address.removeprefix("file://")))
        return
    server = Server(parts, patience)
    try:
        yield server
    finally:
        server.close()
