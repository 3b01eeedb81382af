"""How full the outbox is; never to whom, and never what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, select

from conference.domain.mail import MessageKind, MessageState
from conference.models import Message
from conference.models.mail import in_sight, may_be_retried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

# A message counts as delayed, and is said to be, only when it has failed before.
_FAILING = and_(Message.state == MessageState.QUEUED, Message.attempts > 0, Message.trouble.is_not(None))
# A server answers with three digits; any other trouble is the name of a fault.
_REPLY_CODE = 3


@dataclass(frozen=True, slots=True)
class MailCounts:
    """Messages of one kind. `failing` of those queued have failed `attempts` times at most so far."""

    kind: MessageKind
    queued: int
    due: int
    failing: int
    attempts: int
    sent: int
    sent_today: int
    failed: int
    bounced: int
    uncertain: int
    expired: int
    withdrawn: int
    repeated: int
    retriable: int
    oldest: datetime | None
    # Of those that have failed: how many did so without a word of the server's, and when one is tried next.
    unreached: int
    next_try: datetime | None


def mail_counts(
    session: Session, *, conference_id: int, time_zone: str, now: datetime
) -> tuple[MailCounts, ...]:
    """Return the counts of a conference's mails, and of those to sign in, by kind. One statement."""
    midnight = datetime.combine(now.astimezone(ZoneInfo(time_zone)).date(), time(), ZoneInfo(time_zone))
    queued = Message.state == MessageState.QUEUED
    # What is due at this moment is on its way, however often it has failed before.
    late = and_(_FAILING, Message.due_at > now)
    rows = session.execute(
        select(
            Message.kind,
            _number(queued),
            _number(and_(queued, Message.due_at <= now)),
            _number(late),
            func.coalesce(func.max(case((late, Message.attempts), else_=0)), 0),
            _number(Message.state == MessageState.SENT),
            _number(and_(Message.state == MessageState.SENT, Message.sent_at >= midnight)),
            _number(Message.state == MessageState.FAILED),
            _number(Message.state == MessageState.BOUNCED),
            _number(Message.state == MessageState.UNCERTAIN),
            _number(Message.state == MessageState.EXPIRED),
            _number(Message.state == MessageState.WITHDRAWN),
            func.coalesce(func.sum(Message.repeats), 0),
            _number(may_be_retried()),
            func.min(case((queued, Message.queued_at))),
            _number(and_(late, func.length(Message.trouble) > _REPLY_CODE)),
            func.min(case((late, Message.due_at))),
        )
        .where(in_sight(conference_id))
        .group_by(Message.kind)
    )
    found = {row[0]: MailCounts(*row) for row in rows}
    return tuple(found[kind] for kind in MessageKind if kind in found)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def outbox(session: Session) -> Mapping[MessageState, int]:
    """Return how many messages are in each state."""
    rows = session.execute(select(Message.state, func.count(Message.id)).group_by(Message.state))
    return dict.fromkeys(MessageState, 0) | dict(rows.all())
