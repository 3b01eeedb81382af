"""How full the outbox is; never to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.mail import MessageState
from conference.models import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


def outbox(session: Session) -> Mapping[MessageState, int]:
    """Return how many messages are in each state."""
    rows = session.execute(select(Message.state, func.count(Message.id)).group_by(Message.state))
    return dict.fromkeys(MessageState, 0) | dict(rows.all())
