"""Real mail servers: in a thread of the test, or as a process of its own that can misbehave and be killed.

As a process it keeps what it took in a file, one line a mail, written to the disk before it answers: what was
taken is known whoever was killed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

USER, PASSWORD = "asamblea@example.org", "canto/#1@:?%"
ENCODED = "asamblea%40example.org:canto%2F%231%40%3A%3F%25"
ROOT = Path(__file__).resolve().parent.parent


def right_password(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    """Let in who knows the one password."""
    right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


class Post:
    """Keeps what a mail server was given, and whether that came encrypted.

    `at_recipient` and `at_words` are what it answers instead of taking a mail: to RCPT and to its words.
    """

    def __init__(self, *, at_recipient: str = "", at_words: str = "", only_for: str = "") -> None:
        self.envelopes: list[Any] = []
        self.encrypted: list[bool] = []
        self.authenticated: list[bool] = []
        self.at_recipient = at_recipient
        self.at_words = at_words
        self.only_for = only_for

    def _minds(self, recipient: str) -> bool:
        return not self.only_for or recipient == self.only_for

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Answer to the name of a recipient."""
        if self.at_recipient and self._minds(address):
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Answer to the words of a mail."""
        if self.at_words and self._minds(envelope.rcpt_tos[0]):
            return self.at_words
        self.envelopes.append(envelope)
        # Where a connection is encrypted from its first byte on, the session does not say so.
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        self.authenticated.append(bool(session.authenticated))
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails it took, read."""
        return [message_from_bytes(envelope.content, policy=policy.default) for envelope in self.envelopes]


class Cutting(SMTP):
    """Hangs up at one step of every mail: "greeting", "recipient", or amid the "words"."""

    def __init__(self, *arguments: Any, step: str = "", **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.step = step

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        """Hang up instead of hearing the recipient's name."""
        if self.step == "recipient":
            self._cut()
            return
        await super().smtp_RCPT(arg)

    async def push(self, status: Any) -> None:
        """Answer, or hang up instead."""
        said = status if isinstance(status, bytes) else str(status).encode()
        if self.step == "greeting" and said.startswith(b"220"):
            self._cut()
            return
        await super().push(status)
        if self.step == "words" and said.startswith(b"354"):
            await self._reader.read(10)
            self._cut()

    def _cut(self) -> None:
        self.transport.abort()


class CuttingController(Controller):
    """Runs a server that hangs up."""

    def __init__(self, handler: Any, *, step: str, **settings: Any) -> None:
        self.step = step
        super().__init__(handler, **settings)

    def factory(self) -> SMTP:
        """Return what speaks on one connection."""
        return Cutting(self.handler, step=self.step, **self.SMTP_kwargs)


class SilentPost(Post):
    """Takes every mail, and hangs up, or keeps silent, instead of saying so."""

    def __init__(self, *, silence: float = 0.0) -> None:
        super().__init__()
        self.silence = silence

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the words and do not say so."""
        await super().handle_DATA(server, session, envelope)
        if self.silence:
            await asyncio.sleep(self.silence)
        else:
            server.transport.abort()
        return "250 OK"


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(post: Post, host: str = "127.0.0.1", *, step: str = "", **settings: Any) -> Iterator[str]:
    """Run a mail server in a thread, on a free port; gives `host:port`."""
    port = free_port(host)
    controller = CuttingController(post, step=step, hostname=host, port=port, **settings)
    controller.start()
    try:
        yield f"{host}:{port}"
    finally:
        controller.stop()


def make_certificate(folder: Path, *, address: str = "127.0.0.2", name: str = "mail") -> tuple[Path, Path]:
    """Write a certificate for an address, and its key, into a folder; return where each is."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    chain, secret = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, secret


def encrypting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """Return how a server shows its certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


# -- a process of its own --------------------------------------------------------------------------


class Moody(Post):
    """Takes mails into a file before it says so, and now and then does not behave."""

    def __init__(self, taken: Path, *, mood: float, seed: int) -> None:
        super().__init__()
        self._file = taken.open("a")
        self._mood = mood
        self._random = random.Random(seed)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Refuse, hang up before or after taking the mail, dawdle, or just take it."""
        bad = self._random.random() < self._mood
        how = self._random.choice(("refuse", "before", "after", "dawdle")) if bad else ""
        if how == "refuse":
            return "451 not now"
        if how == "before":
            server.transport.abort()
            return ""
        if how == "dawdle":
            await asyncio.sleep(0.05)
        self._keep(envelope)
        if how == "after":
            server.transport.abort()
            return ""
        return "250 OK"

    def _keep(self, envelope: Any) -> None:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        line = {"id": str(mail["Message-ID"]), "to": envelope.rcpt_tos, "from": envelope.mail_from}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


class MailServer:
    """A mail server in a process of its own; its port stays the same when it is killed and comes back."""

    def __init__(self, folder: Path, *, mood: float = 0.0) -> None:
        self.port = free_port()
        self.address = f"smtp://127.0.0.1:{self.port}"
        self._taken = folder / "taken.jsonl"
        self._mood = mood
        self._starts = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._starts += 1
        command = [sys.executable, "-m", "tests.mail_servers", str(self._taken), str(self.port)]
        command += [str(self._mood), str(self._starts)]
        self._process = subprocess.Popen(command, cwd=ROOT)
        for _try in range(20 * PATIENCE):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError("the mail server did not start")

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def behave(self) -> None:
        """Start anew, and from now on take every mail."""
        self.kill()
        self._mood = 0.0
        self.start()

    @property
    def taken(self) -> list[dict[str, Any]]:
        """What it took, whoever was killed since."""
        if not self._taken.exists():
            return []
        lines = self._taken.read_text().splitlines(keepends=True)
        # A line without its end was being written when the server was killed: it had not answered yet.
        return [json.loads(line) for line in lines if line.endswith("\n")]


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("taken", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("mood", type=float)
    parser.add_argument("seed", type=int)
    given = parser.parse_args()
    post = Moody(given.taken, mood=given.mood, seed=given.seed)
    loop = asyncio.new_event_loop()
    serve = loop.create_server(lambda: SMTP(post, loop=loop), "127.0.0.1", given.port)
    loop.run_until_complete(serve)
    loop.run_forever()


if __name__ == "__main__":
    main()
