"""Mails leave by a real server, once, to one recipient; what cannot be sent holds up nothing else."""

from __future__ import annotations

import hashlib
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from conference import create_app
from conference.domain.mail import MessageKind, MessageState
from conference.models import Message
from conference.services.mail import BACK_OFF, Letter, queue_message
from conference.web import postman
from conference.web.clock import now
from conference.web.postman import as_email, deliver_due, mail_server, send
from config import Testing
from tests.factories import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.databases import Prepared

USER, PASSWORD = "asamblea@example.org", "canto/#1@:?%"
ENCODED = "asamblea%40example.org:canto%2F%231%40%3A%3F%25"


class Post:
    """Keeps what a mail server was handed, and whether that came encrypted."""

    def __init__(self, refused: str = "") -> None:
        self.envelopes: list[Any] = []
        self.encrypted: list[bool] = []
        self.refused = refused

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refused and self.refused in envelope.rcpt_tos:
            return "451 secreta@example.org is not at home"
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(envelope.content, policy=policy.default) for envelope in self.envelopes]


@contextmanager
def serving(post: Post, host: str = "127.0.0.1", **settings: Any) -> Iterator[str]:
    """Run a mail server on a free port; gives `host:port`."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname=host, port=port, **settings)
    controller.start()
    try:
        yield f"{host}:{port}"
    finally:
        controller.stop()


@pytest.fixture
def post() -> Post:
    return Post()


def right_password(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.2, which stands for a server elsewhere, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail"
    command += " -addext subjectAltName=IP:127.0.0.2 -keyout key.pem -out certificate.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def encrypting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def letter(**values: Any) -> Letter:
    words = {
        "id": 1,
        "key": "sign-in-1",
        "recipient": "ana@example.org",
        "language": "es",
        "subject": "Su código",
        "body": "¡Hola!\n\nhttps://localhost/es/sign-in/link/abc\n",
    }
    return Letter(**words | values)


def named(key: str) -> str:
    """Return the Message-ID of a cause: the same for the same cause, telling nobody what it was."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@example.org>"


def mail(**values: Any) -> EmailMessage:
    return as_email(letter(**values), sender="Asamblea <asamblea@example.org>", moment=NOW)


# -- one mail --------------------------------------------------------------------------------------


def test_a_mail_says_what_it_is_and_nothing_of_others(post: Post) -> None:
    with serving(post) as address:
        send(mail(), f"smtp://{address}")
    (envelope,), (received,) = post.envelopes, post.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("asamblea@example.org", ["ana@example.org"])
    assert received["Subject"] == "Su código"
    assert received["To"] == "ana@example.org"
    assert received["Message-ID"] == named("sign-in-1")
    assert "sign-in" not in received["Message-ID"]
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Content-Language"] == "es"
    assert received.get_content().replace("\r\n", "\n") == letter().body
    assert {name.lower() for name in received} & {"cc", "bcc", "reply-to"} == set()


@pytest.mark.parametrize(
    "subject",
    [
        "Hola\r\nBcc: otra@example.org",
        "Hola\nBcc: otra@example.org",
        "Hola\x0bBcc:\x85otra@example.org\u2028",
    ],
)
def test_a_subject_cannot_begin_another_header(post: Post, subject: str) -> None:
    with serving(post) as address:
        send(mail(subject=subject), f"smtp://{address}")
    assert post.envelopes[0].rcpt_tos == ["ana@example.org"]
    assert post.mails[0]["Bcc"] is None
    assert post.mails[0]["Subject"] == "Hola Bcc: otra@example.org"


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "ana",
        "ana@example.org\nBcc: otra@example.org",
        "ana@example.org, otra@example.org",
        "ana@example.org;otra@example.org",
        "Ana <ana@example.org>",
        "ana@example.org otra@example.org",
        "ana@example.org@example.net",
        "ana@example.org\x00",
    ],
)
def test_what_is_not_one_address_is_written_to_nobody(recipient: str) -> None:
    with pytest.raises(ValueError, match="not one address"):
        mail(recipient=recipient)


# -- servers ---------------------------------------------------------------------------------------


def test_a_password_goes_over_an_encrypted_line_only(
    post: Post,
    encrypting: ssl.SSLContext,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    settings = {"tls_context": encrypting, "authenticator": right_password, "auth_required": True}
    with serving(post, "127.0.0.2", **settings) as address:
        send(mail(), f"smtp://{ENCODED}@{address}")
    assert post.encrypted == [True]


def test_a_wrong_password_is_an_error_of_the_server(
    post: Post, encrypting: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    settings = {"tls_context": encrypting, "authenticator": right_password, "auth_required": True}
    with serving(post, "127.0.0.2", **settings) as address, pytest.raises(postman.smtplib.SMTPException):
        send(mail(), f"smtp://{USER.replace('@', '%40')}:otra@{address}")
    assert post.envelopes == []


def test_a_server_elsewhere_that_cannot_prove_its_name_gets_no_mail(
    post: Post, encrypting: ssl.SSLContext
) -> None:
    with serving(post, "127.0.0.2", tls_context=encrypting) as address, pytest.raises(ssl.SSLError):
        send(mail(), f"smtp://{address}")
    assert post.envelopes == []


def test_a_server_elsewhere_without_encryption_gets_no_password(post: Post) -> None:
    settings = {"authenticator": right_password, "auth_require_tls": False}
    with serving(post, "127.0.0.2", **settings) as address:
        with pytest.raises(postman.smtplib.SMTPNotSupportedError):
            send(mail(), f"smtp://{ENCODED}@{address}")
        assert post.envelopes == []
        send(mail(), f"smtp://{address}")
    assert post.encrypted == [False]


def test_a_server_on_this_machine_needs_no_certificate_that_anybody_knows(
    post: Post, encrypting: ssl.SSLContext
) -> None:
    with serving(post, tls_context=encrypting) as address:
        send(mail(), f"smtp://{address}")
    assert post.encrypted == [True]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mail.example.org",
        "smtp://",
        "http://mail.example.org",
        "file://mails",
        "file://",
        "smtp://u:geheim@mail.example.org:x",
    ],
)
def test_an_address_that_leads_nowhere_stops_the_start(address: str) -> None:
    with pytest.raises(ValueError) as refused:
        create_app(Testing(MAIL_SENDS_ITSELF=True, MAIL_SERVER=address))
    assert "geheim" not in str(refused.value)


def test_an_address_of_a_server_is_read_to_its_parts() -> None:
    parts = mail_server(f"smtp://{ENCODED}@mail.example.org:587")
    assert (parts.scheme, parts.hostname, parts.port) == ("smtp", "mail.example.org", 587)
    assert mail_server("file:///var/correo con espacios").path == "/var/correo con espacios"


def test_a_folder_keeps_every_mail_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "correo #1" / "nuevo"
    for number in range(50):
        send(mail(key=f"aviso-{number}"), f"file://{folder}")
    kept = sorted(folder.iterdir())
    assert len(kept) == 50
    assert {path.suffix for path in kept} == {".eml"}
    assert folder.stat().st_mode & 0o777 == 0o700
    first = message_from_bytes(kept[0].read_bytes(), policy=policy.default)
    assert first["Message-ID"] == named("aviso-0")


# -- the outbox ------------------------------------------------------------------------------------


def queue(session: Session, key: str, recipient: str = "ana@example.org") -> None:
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key=key,
        recipient=recipient,
        language="es",
        subject="Su código",
        body="Hola\n",
        now=now() - timedelta(minutes=1),
    )
    session.commit()


def deliver(app: Flask, server: str) -> int:
    app.config["MAIL_SERVER"] = server
    with app.app_context():
        return deliver_due()


def states(session: Session) -> dict[str, MessageState]:
    session.expire_all()
    return dict(session.execute(select(Message.key, Message.state).order_by(Message.key)).all())


def test_what_is_due_is_sent_once(app: Flask, session: Session, post: Post) -> None:
    for key in ("uno", "dos"):
        queue(session, key)
    with serving(post) as address:
        assert deliver(app, f"smtp://{address}") == 2
        assert deliver(app, f"smtp://{address}") == 0
    assert [received["Message-ID"] for received in post.mails] == [named("uno"), named("dos")]
    assert session.scalars(select(Message.recipient)).all() == ["", ""]


def test_a_mail_that_fails_holds_up_no_other_and_is_logged_without_words(
    app: Flask, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    queue(session, "1-rechazada", "secreta@example.org")
    queue(session, "2-imposible", "a@example.org, secreta@example.org")
    queue(session, "3-buena")
    post = Post(refused="secreta@example.org")
    with serving(post) as address:
        assert deliver(app, f"smtp://{address}") == 1
    assert states(session) == {
        "1-rechazada": MessageState.QUEUED,
        "2-imposible": MessageState.QUEUED,
        "3-buena": MessageState.SENT,
    }
    due = session.scalars(select(Message.due_at).order_by(Message.key)).all()
    assert all(timedelta() < moment - now() <= BACK_OFF[0] for moment in due[:2])
    assert "SMTPDataError" in caplog.text
    assert "ValueError" in caplog.text
    assert "secreta" not in caplog.text


def test_a_server_that_is_away_leaves_the_mail_waiting(app: Flask, session: Session) -> None:
    queue(session, "uno")
    with serving(Post()) as address:
        pass
    assert deliver(app, f"smtp://{address}") == 0
    assert states(session) == {"uno": MessageState.QUEUED}


def test_a_server_that_is_not_named_touches_no_message(app: Flask, session: Session) -> None:
    queue(session, "uno")
    with pytest.raises(ValueError, match="MAIL_SERVER"):
        deliver(app, "")
    assert session.scalars(select(Message.attempts)).all() == [0]


def test_two_postmen_at_once_send_each_mail_once(app: Flask, session: Session, post: Post) -> None:
    keys = [f"aviso-{number:02}" for number in range(12)]
    for key in keys:
        queue(session, key)
    ready = threading.Barrier(2, timeout=10)
    counts: list[int] = []
    with serving(post) as address:
        app.config["MAIL_SERVER"] = f"smtp://{address}"

        def work() -> None:
            with app.app_context():
                ready.wait()
                counts.append(deliver_due())

        postmen = [threading.Thread(target=work) for _ in range(2)]
        for each in postmen:
            each.start()
        for each in postmen:
            each.join(60)
    assert sum(counts) == len(keys)
    assert sorted(str(received["Message-ID"]) for received in post.mails) == sorted(map(named, keys))


def test_the_web_process_sends_by_itself_after_the_answer(
    prepared: Prepared, session: Session, post: Post
) -> None:
    queue(session, "de-antes")
    with serving(post) as address:
        app = create_app(
            Testing(
                SQLALCHEMY_DATABASE_URI=prepared.engine.url.render_as_string(hide_password=False),
                MAIL_SENDS_ITSELF=True,
                MAIL_SERVER=f"smtp://{address}",
            )
        )
        assert app.test_client().get("/es/").status_code == 200
        waited = threading.Event()
        for _ in range(100):
            if states(session) == {"de-antes": MessageState.SENT}:
                break
            session.rollback()
            waited.wait(0.05)
    # It would sweep on, and count among the statements of other tests.
    app.extensions["postman"].stop()
    assert [received["Message-ID"] for received in post.mails] == [named("de-antes")]
    with app.app_context():
        postman.db.engine.dispose()


# -- the command -----------------------------------------------------------------------------------


def test_the_command_sends_and_counts(
    app: Flask, session: Session, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "es_MX.UTF-8")
    queue(session, "1-buena")
    queue(session, "2-imposible", "nadie")
    with serving(post) as address:
        app.config["MAIL_SERVER"] = f"smtp://{address}"
        result = app.test_cli_runner().invoke(args=["mail", "send"])
    assert result.exit_code == 0
    assert [word for word in result.output.replace(".", " ").split() if word.isdigit()] == ["1", "1", "0"]


def test_the_command_says_what_is_missing(app: Flask, session: Session) -> None:
    queue(session, "uno")
    app.config["MAIL_SERVER"] = ""
    result = app.test_cli_runner().invoke(args=["mail", "send"], env={"ASAMBLEA_LANGUAGE": "en"})
    assert result.exit_code == 1
    assert "MAIL_SERVER: use file:///folder" in result.output
