"""Senders and the mail server as processes that are killed: nothing is lost, every repeat is counted."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update

from conference.domain.accounts import shown_code, sign_in_code
from conference.domain.mail import MessageKind, MessageState
from conference.models import Message
from conference.services.mail import retry
from conference.web.clock import now
from tests.letters import made_reference
from tests.mail_senders import POINTS, Sender
from tests.mail_servers import MailServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from tests.databases import Prepared

MEGABYTE = 1024 * 1024
# `make bench-mails` sends ten thousand, which takes a minute or two.
MAILS = int(os.environ.get("ASAMBLEA_MAILS", "1000"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    """A mail server in a process of its own, not started yet."""
    server = MailServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def new_sender(prepared: Prepared, server: MailServer) -> Iterator[Callable[[], Sender]]:
    """Start processes that send."""
    senders: list[Sender] = []

    def new(mail_server: str = server.address) -> Sender:
        address = prepared.engine.url.render_as_string(hide_password=False)
        senders.append(Sender(address, mail_server))
        return senders[-1]

    yield new
    for sender in senders:
        sender.close()


def queue(session: Session, count: int, *, name: str = "aviso") -> list[str]:
    """Write so many messages; return their keys."""
    keys = [f"{name}-{number:05}" for number in range(count)]
    moment = now() - timedelta(minutes=1)
    common = {
        "kind": MessageKind.SIGN_IN,
        "language": "es",
        "subject": "Su código",
        "body": f"Hola:\n\neste es su código: {shown_code(sign_in_code(48210937))}\n",
        "state": MessageState.QUEUED,
        "queued_at": moment,
        "due_at": moment,
    }
    rows = [
        common | {"key": key, "reference": made_reference(key), "recipient": f"{key}@example.org"}
        for key in keys
    ]
    session.execute(insert(Message), rows)
    session.commit()
    return keys


def time_passes(session: Session) -> None:
    """Let leases and pauses be over: nobody who had one is alive."""
    session.execute(
        update(Message)
        .where(Message.state == MessageState.QUEUED)
        .values(due_at=now() - timedelta(seconds=1))
    )
    session.commit()


def messages(session: Session) -> list[Message]:
    session.expire_all()
    found = list(session.scalars(select(Message).order_by(Message.id)))
    session.rollback()
    return found


def arrivals(server: MailServer) -> Counter[str]:
    """How often the mail of each message arrived, by its reference; each came to its own recipient alone."""
    taken = server.taken
    for mail in taken:
        (recipient,) = mail["to"]
        assert mail["id"] == f"<{made_reference(recipient.partition('@')[0])}@example.org>"
    return Counter(mail["id"].strip("<>").partition("@")[0] for mail in taken)


# What is certain to have happened once somebody else has done it again: mails that arrived, repeats counted.
KILLED = {
    "leased": (1, 0),
    "addressed": (1, 0),
    "handed": (1, 1),
    "amid the words": (1, 1),
    "all words": (2, 1),
    "answered": (2, 1),
    "recorded": (2, 1),
}


def test_whoever_is_killed_at_a_point_is_followed_by_one_who_finishes(
    session: Session, server: MailServer, new_sender: Callable[[], Sender]
) -> None:
    server.start()
    sender = new_sender()
    found = {}
    for point in POINTS:
        (key,) = queue(session, 1, name=point.replace(" ", "-"))
        sender.go(point)
        assert sender.end() == "killed", point
        time_passes(session)
        sender.go()
        assert json.loads(sender.end())["sent"] == 1, point
        (message,) = (each for each in messages(session) if each.key == key)
        assert message.state is MessageState.SENT, point
        found[point] = (arrivals(server)[message.reference], message.repeats)
    assert found == KILLED


def test_whoever_is_killed_twice_after_giving_words_leaves_the_rest_to_people(
    session: Session, server: MailServer, new_sender: Callable[[], Sender]
) -> None:
    server.start()
    sender = new_sender()
    found = {}
    for point in ("handed", "all words"):
        (key,) = queue(session, 1, name=point.replace(" ", "-"))
        for _death in range(2):
            sender.go(point)
            assert sender.end() == "killed", point
            time_passes(session)
        sender.go()
        assert json.loads(sender.end())["sent"] == 0, point
        (message,) = (each for each in messages(session) if each.key == key)
        found[point] = (message.state, message.repeats, arrivals(server)[message.reference])
    assert found == {
        "handed": (MessageState.UNCERTAIN, 1, 0),
        "all words": (MessageState.UNCERTAIN, 1, 2),
    }


def test_senders_and_servers_killed_at_random_lose_nothing(
    session: Session, tmp_path: Path, prepared: Prepared
) -> None:
    chance = random.Random(20260711)
    keys = queue(session, 120)
    server = MailServer(tmp_path, mood=0.15)
    server.start()
    sender = Sender(prepared.engine.url.render_as_string(hide_password=False), server.address)
    try:
        for round_number in range(24):
            child = sender.go()
            time.sleep(chance.random() * 0.25)
            if round_number % 4 == 3:
                server.kill()
                time.sleep(0.02)
            # It may have ended by itself in the same moment; its number is not given to another so soon.
            os.kill(child, signal.SIGKILL)
            sender.end()
            if round_number % 4 == 3:
                server.start()
            time_passes(session)
        counted = finish(session, server, sender)
        by_hand = {MessageState.FAILED, MessageState.UNCERTAIN}
        for message in counted:
            arrived = arrivals(server)[message.reference]
            assert arrived <= 1 + message.repeats <= 2
            assert message.state in {MessageState.SENT} | by_hand
            assert arrived >= 1 or message.state in by_hand
            assert arrived == 0 or message.state is not MessageState.FAILED
        retry(session, conference_id=0, now=now())
        session.commit()
        assert {message.state for message in finish(session, server, sender)} == {MessageState.SENT}
        assert sorted(arrivals(server)) == sorted(map(made_reference, keys))
    finally:
        sender.close()
        server.kill()


def finish(session: Session, server: MailServer, sender: Sender) -> list[Message]:
    """Let everything be sent by a server that behaves."""
    server.behave()
    for _round in range(8):
        time_passes(session)
        sender.go()
        sender.end()
    return messages(session)


def test_two_senders_on_one_outbox_send_each_mail_once(
    session: Session, server: MailServer, new_sender: Callable[[], Sender]
) -> None:
    keys = queue(session, 200)
    server.start()
    senders = [new_sender(), new_sender()]
    for sender in senders:
        sender.go()
    sent = [json.loads(sender.end())["sent"] for sender in senders]
    assert sum(sent) == 200
    assert arrivals(server) == Counter(map(made_reference, keys))
    assert {(message.state, message.repeats) for message in messages(session)} == {(MessageState.SENT, 0)}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_many_mails_leave_and_neither_memory_nor_work_grows(
    session: Session, tmp_path: Path, new_sender: Callable[[str], Sender]
) -> None:
    queue(session, MAILS)
    sender = new_sender(f"file://{tmp_path}/mails")
    sender.go()
    said = json.loads(sender.end())
    assert said["sent"] == len(list((tmp_path / "mails").glob("*.eml"))) == MAILS
    # What each mail leaves behind; the first allocations after warming up are none of it.
    assert said["grown"] < 2 * MEGABYTE + 2_000 * MAILS, said
    # Measured as a ratio: how long it takes says more of what else the machine is doing.
    assert said["slowed"] < 3, said
    print(said)
