"""Mails leave by a real server, once, to one recipient; what cannot be sent holds up nothing else."""

from __future__ import annotations

import smtplib
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from conference.domain.mail import BACK_OFF, LEASE, MessageKind, MessageState, Outcome
from conference.exports.letter import as_email
from conference.models import Message
from conference.services.mail import forget_message, queue_message
from conference.web.clock import now
from conference.web.postman import deliver, deliver_due
from conference.web.smtp import MAILS_A_CONNECTION, LeaseLost, NotSent, Patience, courier, mail_server
from tests.factories import NOW
from tests.letters import a_letter, made_reference
from tests.mail_servers import (
    ENCODED,
    USER,
    Post,
    SilentPost,
    encrypting,
    make_certificate,
    right_password,
    serving,
)
from tests.timing import PATIENCE

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

HASTY = Patience(each=5.0, last=0.3)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.2, which stands for a server elsewhere, and its key."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server shows whose certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    return encrypting(certificate)


def reference(session: Session, key: str) -> str:
    """Return what the message of a cause is known by outside."""
    return session.scalars(select(Message.reference).where(Message.key == key)).one()


def named(session: Session, key: str) -> str:
    """Return the Message-ID of the message of a cause, which tells nobody what it was."""
    return f"<{reference(session, key)}@example.org>"


def send(server: str, *, patience: Patience = HASTY, given: list[str] | None = None, **values: Any) -> None:
    """Bring one letter to a server; `given` is told when its words are about to be given."""
    letter = a_letter(**values)
    mail = as_email(letter, sender=f"Asamblea <{USER}>", site="https://localhost", moment=NOW)
    with courier(server, patience) as by:
        by.carry(
            mail,
            sender=USER,
            recipient=letter.recipient,
            hand_over=lambda: (given if given is not None else []).append(letter.reference),
        )


def what_became_of(server: str, **values: Any) -> tuple[Outcome, str, bool]:
    """Bring a letter to a server that does not take it: what is known, why, and whether words were given."""
    given: list[str] = []
    with pytest.raises(NotSent) as failure:
        send(server, given=given, **values)
    return failure.value.outcome, failure.value.trouble, bool(given)


# -- what a server says ----------------------------------------------------------------------------


def test_a_mail_goes_to_its_one_recipient(post: Post) -> None:
    with serving(post) as address:
        send(f"smtp://{address}")
    (envelope,), (received,) = post.envelopes, post.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == (USER, ["ana@example.org"])
    assert (received["Subject"], received["To"]) == ("Su código", "ana@example.org")
    assert received["Message-ID"] == f"<{made_reference('sign-in-1')}@example.org>"
    assert {name.lower() for name in received} & {"cc", "bcc", "reply-to"} == set()


def test_words_that_begin_with_a_dot_arrive_as_they_are(post: Post) -> None:
    body = ".\n..\n.uno\n" + "x" * 74 + "..\n\nfin\n.\n"
    with serving(post) as address:
        send(f"smtp://{address}", body=body)
    part = post.mails[0].get_body(("plain",))
    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == body


def test_an_address_with_accents_is_written_to_where_the_server_can(post: Post) -> None:
    with serving(post, enable_SMTPUTF8=True) as address:
        send(f"smtp://{address}", recipient="josé@example.org")
    assert post.envelopes[0].rcpt_tos == ["josé@example.org"]
    with serving(post, enable_SMTPUTF8=False) as address:
        found = what_became_of(f"smtp://{address}", recipient="josé@example.org")
    assert found == (Outcome.UNREACHED, "SMTPNotSupportedError", False)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 no such user", Outcome.UNKNOWN_RECIPIENT),
        ("550 5.1.1 no such user", Outcome.UNKNOWN_RECIPIENT),
        ("552 5.2.2 mailbox full", Outcome.UNKNOWN_RECIPIENT),
        # About us, not about the recipient: once that is put right, the mail can be sent.
        ("554 5.7.1 relay access denied", Outcome.UNREACHED),
        ("550 5.7.26 not authenticated", Outcome.UNREACHED),
        ("554 no", Outcome.UNREACHED),
        ("451 4.7.1 greylisted", Outcome.UNREACHED),
        ("450 5.1.1 contradicts itself", Outcome.UNREACHED),
    ],
)
def test_a_server_that_refuses_a_recipient_is_given_no_words(answer: str, outcome: Outcome) -> None:
    with serving(Post(at_recipient=answer)) as address:
        assert what_became_of(f"smtp://{address}") == (outcome, answer[:3], False)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user", Outcome.UNKNOWN_RECIPIENT),
        ("554 5.7.1 looks like spam", Outcome.REFUSED),
        ("451 secreta@example.org is not at home", Outcome.REFUSED),
    ],
)
def test_a_server_that_refuses_words_has_not_taken_them(answer: str, outcome: Outcome) -> None:
    with serving(Post(at_words=answer)) as address:
        assert what_became_of(f"smtp://{address}") == (outcome, answer[:3], True)


@pytest.mark.parametrize("step", ["greeting", "recipient"])
def test_a_server_that_hangs_up_before_the_words_has_not_taken_them(post: Post, step: str) -> None:
    with serving(post, step=step) as address:
        outcome, _trouble, given = what_became_of(f"smtp://{address}")
    assert (outcome, given) == (Outcome.UNREACHED, False)


def test_nobody_knows_of_a_server_that_hangs_up_amid_the_words(post: Post) -> None:
    with serving(post, step="words") as address:
        outcome, _trouble, given = what_became_of(f"smtp://{address}", body="x" * 100_000)
    assert (outcome, given) == (Outcome.UNANSWERED, True)
    assert post.envelopes == []


@pytest.mark.parametrize("silence", [0.0, 1.0], ids=["hangs up", "keeps silent"])
def test_nobody_knows_of_a_server_that_does_not_say_whether_it_took_a_mail(silence: float) -> None:
    post = SilentPost(silence=silence)
    with serving(post) as address:
        outcome, _trouble, given = what_became_of(f"smtp://{address}")
        assert (outcome, given) == (Outcome.UNANSWERED, True)
    assert len(post.envelopes) == 1


def test_a_server_that_is_away_has_not_taken_anything(post: Post) -> None:
    with serving(post) as address:
        pass
    assert what_became_of(f"smtp://{address}") == (Outcome.UNREACHED, "ConnectionRefusedError", False)


def test_a_mail_that_somebody_else_has_is_dropped_before_its_words(post: Post) -> None:
    def lost() -> None:
        raise LeaseLost

    letter = a_letter()
    mail = as_email(letter, sender=USER, site="https://localhost", moment=NOW)
    with serving(post) as address, courier(f"smtp://{address}") as by:
        with pytest.raises(LeaseLost):
            by.carry(mail, sender=USER, recipient=letter.recipient, hand_over=lost)
        by.carry(mail, sender=USER, recipient="otra@example.org", hand_over=lambda: None)
    assert [envelope.rcpt_tos for envelope in post.envelopes] == [["otra@example.org"]]


# -- who a server is -------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_goes_over_an_encrypted_line_only(
    post: Post, trusted: ssl.SSLContext, scheme: str
) -> None:
    settings: dict[str, Any] = {"tls_context": trusted}
    if scheme == "smtps":
        settings = {"ssl_context": trusted, "auth_require_tls": False}
    with serving(post, "127.0.0.2", authenticator=right_password, **settings) as address:
        send(f"{scheme}://{ENCODED}@{address}")
    assert (post.encrypted, post.authenticated) == ([True], [True])


def test_a_wrong_password_gives_no_mail_away(post: Post, trusted: ssl.SSLContext) -> None:
    settings = {"tls_context": trusted, "authenticator": right_password, "auth_required": True}
    with serving(post, "127.0.0.2", **settings) as address:
        found = what_became_of(f"smtp://{USER.replace('@', '%40')}:otra@{address}")
    assert found == (Outcome.UNREACHED, "535", False)


def test_a_server_that_wants_a_password_and_gets_none_takes_no_mail(
    post: Post, trusted: ssl.SSLContext
) -> None:
    settings = {"tls_context": trusted, "authenticator": right_password, "auth_required": True}
    with serving(post, "127.0.0.2", **settings) as address:
        assert what_became_of(f"smtp://{address}") == (Outcome.UNREACHED, "530", False)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_elsewhere_that_cannot_prove_its_name_gets_no_mail(
    post: Post, certificate: tuple[Path, Path], scheme: str
) -> None:
    shown = {"smtps": "ssl_context", "smtp": "tls_context"}[scheme]
    with serving(post, "127.0.0.2", **{shown: encrypting(certificate)}) as address:
        found = what_became_of(f"{scheme}://{address}")
    assert found == (Outcome.UNREACHED, "SSLCertVerificationError", False)


def test_a_server_with_the_certificate_of_another_gets_no_mail(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificate(tmp_path, address="127.0.0.3", name="other")
    monkeypatch.setenv("SSL_CERT_FILE", str(other[0]))
    with serving(post, "127.0.0.2", tls_context=encrypting(other)) as address:
        found = what_became_of(f"smtp://{address}")
    assert found == (Outcome.UNREACHED, "SSLCertVerificationError", False)
    with serving(post, "127.0.0.3", tls_context=encrypting(other)) as address:
        send(f"smtp://{address}")
    assert post.encrypted == [True]


def test_a_server_elsewhere_without_encryption_gets_no_password(post: Post) -> None:
    settings = {"authenticator": right_password, "auth_require_tls": False}
    with serving(post, "127.0.0.2", **settings) as address:
        found = what_became_of(f"smtp://{ENCODED}@{address}")
        assert found == (Outcome.UNREACHED, smtplib.SMTPNotSupportedError.__name__, False)
        send(f"smtp://{address}")
    assert post.encrypted == [False]


def test_a_server_on_this_machine_needs_no_certificate_that_anybody_knows(
    post: Post, certificate: tuple[Path, Path]
) -> None:
    with serving(post, tls_context=encrypting(certificate)) as address:
        send(f"smtp://{address}")
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
def test_an_address_that_leads_nowhere_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValueError) as refused:
        mail_server(address)
    assert "geheim" not in str(refused.value)


def test_an_address_of_a_server_is_read_to_its_parts() -> None:
    parts = mail_server(f"smtp://{ENCODED}@mail.example.org:587")
    assert (parts.scheme, parts.hostname, parts.port) == ("smtp", "mail.example.org", 587)
    assert mail_server("file:///var/correo con espacios").path == "/var/correo con espacios"


def test_a_folder_keeps_every_mail_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "correo #1" / "nuevo"
    for number in range(50):
        send(f"file://{folder}", reference=made_reference(f"aviso-{number}"))
    kept = sorted(folder.iterdir())
    assert len(kept) == 50
    assert {path.suffix for path in kept} == {".eml"}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_written_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert what_became_of(f"file://{tmp_path}/file")[0] is Outcome.UNREACHED


# -- the outbox ------------------------------------------------------------------------------------


def queue(session: Session, key: str, recipient: str = "ana@example.org", **values: Any) -> None:
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key=key,
        recipient=recipient,
        language="es",
        subject="Su código",
        body="Hola\n",
        now=now() - timedelta(minutes=1),
        **values,
    )
    session.commit()


def send_due(app: Flask, server: str) -> int:
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
        assert send_due(app, f"smtp://{address}") == 2
        assert send_due(app, f"smtp://{address}") == 0
    assert [received["Message-ID"] for received in post.mails] == [
        named(session, "uno"),
        named(session, "dos"),
    ]
    assert session.scalars(select(Message.recipient)).all() == ["", ""]


def test_one_message_is_delivered_by_its_number_as_often_as_one_likes(
    app: Flask, session: Session, post: Post
) -> None:
    queue(session, "uno")
    queue(session, "dos")
    number = session.scalars(select(Message.id).where(Message.key == "dos")).one()
    session.rollback()
    with serving(post) as address, app.app_context():
        app.config["MAIL_SERVER"] = f"smtp://{address}"
        for message_id in (number, number, number + 1000):
            deliver(message_id)
    assert [received["Message-ID"] for received in post.mails] == [named(session, "dos")]
    assert states(session) == {"dos": MessageState.SENT, "uno": MessageState.QUEUED}


def test_one_connection_brings_many_mails_and_not_too_many(app: Flask, session: Session, post: Post) -> None:
    for number in range(MAILS_A_CONNECTION + 1):
        queue(session, f"aviso-{number}")
    connections = set()
    old = post.handle_DATA

    async def counting(server: Any, smtp_session: Any, envelope: Any) -> str:
        connections.add(smtp_session.peer)
        return await old(server, smtp_session, envelope)

    post.handle_DATA = counting  # type: ignore[method-assign]
    with serving(post) as address:
        assert send_due(app, f"smtp://{address}") == MAILS_A_CONNECTION + 1
    assert len(connections) == 2


def test_what_comes_back_names_its_message(app: Flask, session: Session, post: Post) -> None:
    queue(session, "uno")
    app.config["MAIL_BOUNCE_ADDRESS"] = "rebotes@example.org"
    with serving(post) as address:
        send_due(app, f"smtp://{address}")
    assert post.envelopes[0].mail_from == f"rebotes+{reference(session, 'uno')}@example.org"
    assert post.mails[0]["From"] == "asamblea@example.org"


def test_a_mail_that_fails_holds_up_no_other_and_is_logged_without_words(
    app: Flask, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    queue(session, "1-rechazada", "secreta@example.org")
    queue(session, "2-imposible", "a@example.org, secreta@example.org")
    queue(session, "3-buena")
    post = Post(at_words="451 secreta@example.org is not at home", only_for="secreta@example.org")
    with serving(post) as address:
        assert send_due(app, f"smtp://{address}") == 1
    assert states(session) == {
        "1-rechazada": MessageState.QUEUED,
        "2-imposible": MessageState.BOUNCED,
        "3-buena": MessageState.SENT,
    }
    refused = session.scalars(select(Message).where(Message.key == "1-rechazada")).one()
    assert timedelta() < refused.due_at - now() <= BACK_OFF[0] * 1.2
    assert (refused.trouble, refused.handed_at, refused.repeats) == ("451", None, 0)
    assert "(451)" in caplog.text
    assert "(address)" in caplog.text
    assert "secreta" not in caplog.text


def test_a_server_that_is_away_leaves_the_mail_waiting(app: Flask, session: Session) -> None:
    queue(session, "uno")
    with serving(Post()) as address:
        pass
    assert send_due(app, f"smtp://{address}") == 0
    assert states(session) == {"uno": MessageState.QUEUED}


def test_a_server_that_does_not_answer_is_asked_once_more_and_no_oftener(
    app: Flask, session: Session
) -> None:
    queue(session, "uno")
    post = SilentPost()
    with serving(post) as address:
        for _sender in range(4):
            send_due(app, f"smtp://{address}")
            message = session.scalars(select(Message)).one()
            message.due_at = min(message.due_at, now())
            session.commit()
    assert len(post.envelopes) == 2
    assert (states(session), message.repeats) == ({"uno": MessageState.UNCERTAIN}, 1)


def test_what_is_withdrawn_at_the_last_moment_is_not_sent(
    app: Flask, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    queue(session, "uno")
    queue(session, "dos")

    class Withdrawing(Post):
        async def handle_RCPT(self, *arguments: Any) -> str:  # noqa: N802
            forget_message(session, key="uno")
            session.commit()
            return await super().handle_RCPT(*arguments)

    post = Withdrawing()
    with serving(post) as address:
        assert send_due(app, f"smtp://{address}") == 1
    assert [received["Message-ID"] for received in post.mails] == [named(session, "dos")]
    assert states(session) == {"dos": MessageState.SENT, "uno": MessageState.WITHDRAWN}
    assert "left to another sender" in caplog.text


def test_a_server_that_is_not_named_touches_no_message(app: Flask, session: Session) -> None:
    queue(session, "uno")
    with pytest.raises(ValueError, match="MAIL_SERVER"):
        send_due(app, "")
    assert session.scalars(select(Message.attempts)).all() == [0]


def test_a_clock_that_was_set_back_does_not_keep_mail_waiting(
    app: Flask, session: Session, post: Post
) -> None:
    queue(session, "uno")
    session.scalars(select(Message)).one().due_at = now() + timedelta(days=1)
    session.commit()
    with serving(post) as address:
        assert send_due(app, f"smtp://{address}") == 1


def test_two_senders_at_once_send_each_mail_once(app: Flask, session: Session, post: Post) -> None:
    keys = [f"aviso-{number:02}" for number in range(12)]
    for key in keys:
        queue(session, key)
    ready = threading.Barrier(2, timeout=PATIENCE)
    counts: list[int] = []
    with serving(post) as address:
        app.config["MAIL_SERVER"] = f"smtp://{address}"

        def work() -> None:
            with app.app_context():
                ready.wait()
                counts.append(deliver_due())

        senders = [threading.Thread(target=work) for _ in range(2)]
        for each in senders:
            each.start()
        for each in senders:
            each.join(PATIENCE)
    assert sum(counts) == len(keys)
    assert sorted(str(received["Message-ID"]) for received in post.mails) == sorted(
        named(session, key) for key in keys
    )
    assert session.scalars(select(Message.repeats).distinct()).all() == [0]


def test_a_lease_outlasts_the_patience_with_a_server() -> None:
    assert LEASE.total_seconds() > Patience().each + Patience().last
