"""The outbox: what is to be sent is written with its cause, and handed out to be sent after it.

Commit after each call, and before what follows it: a lease before connecting, a hand-over before the words
are given to the server. Whoever dies in between leaves a row that says how far it had come.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, bindparam, or_, select, update

from conference.domain.mail import (
    BACK_OFF,
    LEASE,
    NO_ANSWER,
    STILL_KNOWN,
    Delivery,
    MessageKind,
    MessageState,
    Outcome,
    after,
    handed_over,
    leased,
    pause,
)
from conference.models import Message
from conference.models.mail import in_sight, may_be_retried

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, CursorResult, Row, Table
    from sqlalchemy.orm import Session

# What stands in place of to whom and what. The path in `unsubscribe` is a secret, too.
FORGOTTEN: dict[str, Any] = {"recipient": "", "subject": "", "body": "", "unsubscribe": None}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its sender needs it; `attempt` and `until` are the sender's lease."""

    id: int
    reference: str
    recipient: str
    language: str
    subject: str
    body: str
    attempt: int
    until: datetime
    unsubscribe: str | None = None


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


# -- one delivery ----------------------------------------------------------------------------------

# Written out once, in columns and not in rows of the model: ten thousand mails go through each of these.
_TABLE = cast("Table", Message.__table__)
_STATE = tuple(field.name for field in fields(Delivery))
_WORDS = ("id", "reference", "recipient", "language", "subject", "body", "unsubscribe")
_NUMBERED = _TABLE.c.id == bindparam("number")
_QUEUED = _TABLE.c.state == MessageState.QUEUED
_NEXT = (
    select(*(_TABLE.c[name] for name in _STATE + _WORDS))
    .where(_QUEUED, _TABLE.c.due_at <= bindparam("now"))
    .order_by(_TABLE.c.due_at, _TABLE.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_THIS = _NEXT.where(_NUMBERED)
_KNOWN = select(*(_TABLE.c[name] for name in _STATE)).where(_NUMBERED).with_for_update()
_STILL_KNOWN = _KNOWN.where(_TABLE.c.state.in_(STILL_KNOWN))
_HELD = _KNOWN.where(
    _QUEUED, _TABLE.c.attempts == bindparam("attempt"), _TABLE.c.due_at == bindparam("until")
)
_CHANGE = update(_TABLE).where(_NUMBERED)


def lease_message(session: Session, *, now: datetime, message_id: int | None = None) -> Letter | None:
    """Take this message, or the next, if it is due: for the length of a lease nobody else does.

    Messages that must not be sent any more are ended on the way. None: nothing is due.
    """
    while (due := _due(session, now, message_id)) is not None:
        taken = leased(_delivery(due), now=now)
        _write(session, due.id, taken)
        if taken.state is MessageState.QUEUED:
            return _letter(due, taken)
    return None


def _due(session: Session, now: datetime, message_id: int | None) -> Row[Any] | None:
    if message_id is None:
        return session.execute(_NEXT, {"now": now}).one_or_none()
    return session.execute(_THIS, {"now": now, "number": message_id}).one_or_none()


def hand_over(session: Session, *, letter: Letter, now: datetime) -> Letter | None:
    """Note that the words are about to be given to the server, and renew the lease.

    None: the lease is no longer this sender's, or the message was withdrawn, and it must not be sent.
    """
    held = _held(session, letter)
    if held is None:
        return None
    given = handed_over(_delivery(held), now=now)
    _write(session, letter.id, given)
    return replace(letter, until=given.due_at)


def record_outcome(
    session: Session,
    *,
    letter: Letter,
    outcome: Outcome,
    now: datetime,
    jitter: float = 0.0,
    trouble: str | None = None,
) -> None:
    """Note what became of an attempt; `jitter` is drawn from 0 to 1, `trouble` never quotes the server.

    Of a message whose lease ran out meanwhile only that it was sent is believed.
    """
    found = _held(session, letter)
    if found is None and outcome is Outcome.SENT:
        found = session.execute(_STILL_KNOWN, {"number": letter.id}).one_or_none()
    if found is None:
        return
    told = after(outcome, _delivery(found), now=now, jitter=jitter, trouble=trouble)
    sent = {"sent_at": now} if outcome is Outcome.SENT else {}
    _write(session, letter.id, told, **sent)


def _held(session: Session, letter: Letter) -> Row[Any] | None:
    """Return the message if the letter's lease is the one in force, held until the end of the transaction."""
    lease = {"number": letter.id, "attempt": letter.attempt, "until": letter.until}
    return session.execute(_HELD, lease).one_or_none()


def _delivery(found: Row[Any]) -> Delivery:
    return Delivery(*found[: len(_STATE)])


def _letter(found: Row[Any], taken: Delivery) -> Letter:
    return Letter(
        id=found.id,
        reference=found.reference,
        recipient=found.recipient,
        language=found.language,
        subject=found.subject,
        body=found.body,
        attempt=taken.attempts,
        until=taken.due_at,
        unsubscribe=found.unsubscribe,
    )


def _write(session: Session, message_id: int, delivery: Delivery, **values: object) -> None:
    values |= {name: getattr(delivery, name) for name in _STATE}
    if delivery.state not in STILL_KNOWN:
        values |= FORGOTTEN
    session.execute(_CHANGE, {"number": message_id} | values)


# -- all of them -----------------------------------------------------------------------------------


def catch_up_with_clock(session: Session, *, now: datetime) -> int:
    """Make due what waits longer than any wait is: the clock was set back since. Return how many.

    A lease is at most its length away, a message that failed at most its pause.
    """
    in_hand = or_(Message.trouble.is_(None), Message.trouble == NO_ANSWER)
    astray = [and_(in_hand, Message.due_at > now + LEASE)]
    for attempts in range(1, len(BACK_OFF) + 1):
        longest = now + pause(attempts, jitter=1.0)
        astray.append(and_(~in_hand, Message.attempts == attempts, Message.due_at > longest))
    waiting = (Message.state == MessageState.QUEUED, Message.due_at > now)
    return _change(session, *waiting, or_(*astray), due_at=now)


def retry(session: Session, *, conference_id: int, now: datetime) -> tuple[int, ...]:
    """Queue once more what failed, or is uncertain, of a conference and of signing in; return the ids.

    Each is tried as if for the first time; what is unknown of times before stays so, and stays counted.
    """
    change = (
        update(Message)
        .where(in_sight(conference_id), may_be_retried())
        .values(state=MessageState.QUEUED, attempts=0, due_at=now, trouble=None)
        .returning(Message.id)
        .execution_options(synchronize_session="fetch")
    )
    return tuple(session.scalars(change))


def hasten(session: Session, *, conference_id: int, now: datetime) -> tuple[int, ...]:
    """Make due at once what has failed and waits to be tried again, of a conference and of signing in.

    What is in a sender's hands stays there. Return the ids.
    """
    change = (
        update(Message)
        .where(
            in_sight(conference_id),
            Message.state == MessageState.QUEUED,
            Message.attempts > 0,
            Message.trouble != NO_ANSWER,
            Message.due_at > now,
        )
        .values(due_at=now)
        .returning(Message.id)
        .execution_options(synchronize_session="fetch")
    )
    return tuple(session.scalars(change))


def record_bounce(session: Session, *, reference: str, now: datetime) -> int:
    """Note that a message came back, if it was given to a server at all; return 1 if so.

    Anybody can forge a returned mail: it keeps no message from being sent.
    """
    given = or_(
        Message.state.in_((MessageState.SENT, MessageState.UNCERTAIN)),
        and_(Message.state == MessageState.QUEUED, Message.handed_at.is_not(None)),
    )
    named = Message.reference == reference
    return _change(session, named, given, state=MessageState.BOUNCED, due_at=now, **FORGOTTEN)


def forget_message(session: Session, *, key: str) -> None:
    """Withdraw a message that has not gone out, and forget to whom and what it was; else change nothing."""
    withdraw(session, Message.key == key)


def withdraw(session: Session, *conditions: ColumnElement[bool]) -> None:
    """Withdraw those messages that have not gone out and meet the conditions."""
    _change(session, Message.state.in_(STILL_KNOWN), *conditions, state=MessageState.WITHDRAWN, **FORGOTTEN)


def forget_given_up(session: Session, *conditions: ColumnElement[bool], before: datetime) -> int:
    """Forget to whom and what of messages that were given up before a moment; return of how many."""
    return _change(session, may_be_retried(), Message.due_at < before, *conditions, **FORGOTTEN)


def _change(session: Session, *conditions: ColumnElement[bool], **values: object) -> int:
    change = update(Message).where(*conditions).values(**values)
    changed = session.execute(change.execution_options(synchronize_session="fetch"))
    return cast("CursorResult[Any]", changed).rowcount
