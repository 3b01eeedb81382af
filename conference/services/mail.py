"""The outbox: what is to be sent is written with its cause, and handed out to be sent after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from conference.domain.mail import MessageKind, MessageState, reference
from conference.models import Message

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LEASE = timedelta(minutes=2)
# Waits after the first, second, … failure; after the last the message has failed for good.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its sender needs it."""

    id: int
    key: str
    recipient: str
    language: str
    subject: str
    body: str


def queue_message(
    session: Session,
    *,
    kind: MessageKind,
    key: str,
    recipient: str,
    language: str,
    subject: str,
    body: str,
    now: datetime,
    conference_id: int | None = None,
    useless_after: datetime | None = None,
    unsubscribe: str | None = None,
) -> None:
    """Write a message into the transaction that causes it; it is sent only if that commits.

    `useless_after`: it is not sent later than that. `unsubscribe`: the path by which its recipient ends
    mails of this sort without signing in.
    """
    session.add(
        Message(
            key=key,
            reference=reference(key),
            kind=kind,
            conference_id=conference_id,
            recipient=recipient,
            language=language,
            subject=subject,
            body=body,
            state=MessageState.QUEUED,
            queued_at=now,
            due_at=now,
            useless_after=useless_after,
            unsubscribe=unsubscribe,
        )
    )


def lease_message(session: Session, *, now: datetime) -> Letter | None:
    """Take the next message that is due, so that for the length of a lease nobody else does.

    Commit before sending: whoever dies while sending leaves a lease that runs out.
    """
    due = (
        select(Message.id)
        .where(Message.state == MessageState.QUEUED, Message.due_at <= now)
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message_id = session.scalar(due)
    if message_id is None:
        return None
    message = session.get_one(Message, message_id)
    message.due_at = now + LEASE
    message.attempts += 1
    session.flush()
    return Letter(message.id, message.key, message.recipient, message.language, message.subject, message.body)


def record_sent(session: Session, *, message_id: int, now: datetime) -> None:
    """Note that a message went out, and forget to whom and what: it may hold a link that opens a ticket."""
    session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(state=MessageState.SENT, sent_at=now, recipient="", subject="", body="")
    )


def record_failure(session: Session, *, message_id: int, now: datetime) -> None:
    """Note that a message did not go out: it is tried again after a growing pause, six times at most."""
    message = session.get_one(Message, message_id)
    if message.state is not MessageState.QUEUED:
        # The lease had run out, and somebody else has sent it since.
        return
    if message.attempts > len(BACK_OFF):
        message.state = MessageState.FAILED
        message.recipient = message.subject = message.body = ""
        return
    message.due_at = now + BACK_OFF[message.attempts - 1]


def forget_message(session: Session, *, key: str) -> None:
    """Withdraw a message that has not gone out, and forget to whom and what it was; else change nothing."""
    session.execute(
        update(Message)
        .where(Message.key == key, Message.state == MessageState.QUEUED)
        .values(state=MessageState.WITHDRAWN, recipient="", subject="", body="")
    )
