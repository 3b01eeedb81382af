"""`flask mail …`, as an operator and a mail server use it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from conference.domain.mail import MessageKind, MessageState
from conference.models import Message
from conference.services.mail import queue_message
from conference.web.clock import now
from tests.mail_servers import Post, serving

if TYPE_CHECKING:
    from click.testing import Result
    from flask import Flask
    from sqlalchemy.orm import Session


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def queue(session: Session, key: str, recipient: str = "ana@example.org", **changes: Any) -> None:
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
    session.flush()
    message = session.scalars(select(Message).where(Message.key == key)).one()
    for name, value in changes.items():
        setattr(message, name, value)
    session.commit()


def run(app: Flask, *arguments: str, given: bytes = b"") -> Result:
    return app.test_cli_runner().invoke(args=["mail", *arguments], input=given)


def reference(session: Session) -> str:
    """Return what the only message is known by outside."""
    found = session.scalars(select(Message.reference)).one()
    session.rollback()
    return found


def state(session: Session) -> MessageState:
    session.expire_all()
    return session.scalars(select(Message.state)).one()


def test_the_command_sends_and_counts(app: Flask, session: Session) -> None:
    queue(session, "1-buena")
    queue(session, "2-imposible", "nadie")
    queue(session, "3-rechazada", "rechazada@example.org")
    with serving(Post(at_words="451 no", only_for="rechazada@example.org")) as address:
        app.config["MAIL_SERVER"] = f"smtp://{address}"
        result = run(app, "send")
    assert (result.exit_code, result.output) == (0, "Sent: 1. Waiting: 1. Given up: 0.\n")


def test_the_command_says_what_is_missing(app: Flask, session: Session) -> None:
    queue(session, "uno")
    app.config["MAIL_SERVER"] = ""
    result = run(app, "send")
    assert result.exit_code == 1
    assert "MAIL_SERVER: use file:///folder" in result.output


def test_a_mail_that_came_back_is_counted_and_nothing_of_it_is_said(app: Flask, session: Session) -> None:
    queue(session, "uno", state=MessageState.SENT)
    back = (
        f"To: rebotes+{reference(session)}@example.org\r\n\r\nsecreta@example.net: no such user\r\n".encode()
    )
    result = run(app, "bounce", given=back)
    assert (result.exit_code, result.output) == (0, "Came back: 1.\n")
    assert state(session) is MessageState.BOUNCED
    assert run(app, "bounce", given=back).output == "Came back: 0.\n"


def test_a_forged_return_keeps_no_message_from_being_sent(app: Flask, session: Session) -> None:
    queue(session, "uno")
    back = f"To: rebotes+{reference(session)}@example.org\n\n".encode()
    assert run(app, "bounce", given=back).output == "Came back: 0.\n"
    assert state(session) is MessageState.QUEUED


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"Content-Type: multipart/report; boundary=\n\n" + b"--\n" * 100_000,
        b"Content-Type: multipart/report;" + b" a=b;" * 50_000 + b"\n\nAction: failed\n",
        b"x" * 5_000_000,
        b": \n\n",
        b"Subject: =?utf-8?b?////?=\nContent-Type: =?x?q?multipart/report?=\n\n",
    ],
    ids=["nothing", "bytes", "boundaries", "parameters", "large", "no name", "encodings"],
)
def test_junk_is_read_without_a_fault(app: Flask, session: Session, junk: bytes) -> None:
    queue(session, "uno", state=MessageState.SENT)
    result = run(app, "bounce", given=junk)
    assert (result.exit_code, result.output) == (0, "Came back: 0.\n")
    assert state(session) is MessageState.SENT
