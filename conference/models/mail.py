"""The outbox: a message is written in the transaction that causes it and sent after."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from conference.domain.mail import RETRIABLE, MessageKind, MessageState
from conference.extensions import Model
from conference.models.columns import Moment, one_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Message(Model):
    """One mail to one recipient; recipient and words are forgotten once nobody may send it again."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # Writing the same message twice is refused: at most one mail per cause.
    key: Mapped[str] = mapped_column(String(80), unique=True)
    # What the Message-ID and mails that come back know it by. Drawn once with the row, so that a mail that is
    # sent twice is shown once; guessed by nobody, so that no mail is forged as having come back, and telling
    # nothing of the key, which counts registrations.
    reference: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: secrets.token_hex(16))
    kind: Mapped[MessageKind] = mapped_column(one_of(MessageKind))
    conference_id: Mapped[int | None] = mapped_column(
        ForeignKey("conference.id", ondelete="CASCADE"), index=True
    )
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[MessageState] = mapped_column(one_of(MessageState))
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(Moment)
    # Not before this moment; while it is being sent, the end of the sender's lease; once final, since when.
    due_at: Mapped[datetime] = mapped_column(Moment)
    # Set just before the words are given to the server: whoever dies after it may have sent the mail.
    # None again once it is known that they were, or were not, taken.
    handed_at: Mapped[datetime | None] = mapped_column(Moment)
    # How often it was handed over once more without knowing about the time before; one is the most.
    repeats: Mapped[int] = mapped_column(default=0)
    # Not worth sending after this: a code that no longer opens anything.
    useless_after: Mapped[datetime | None] = mapped_column(Moment)
    # Path by which the recipient ends mails of this sort without signing in.
    unsubscribe: Mapped[str | None] = mapped_column(String(300))
    # The last trouble: the server's three digits, or the name of the fault. Never its words.
    trouble: Mapped[str | None] = mapped_column(String(60))
    sent_at: Mapped[datetime | None] = mapped_column(Moment)


def in_sight(conference_id: int) -> ColumnElement[bool]:
    """Tell of a message whether organizers see it counted: their conference's, and those of no conference.

    What is written to accounts (codes, notices that a key was added) belongs to no conference, so that each
    one's organizers look after it.
    """
    return or_(Message.conference_id == conference_id, Message.conference_id.is_(None))


def may_be_retried() -> ColumnElement[bool]:
    """Tell of a message whether it was given up, and its recipient is still known."""
    return and_(Message.state.in_(RETRIABLE), Message.recipient != "")
