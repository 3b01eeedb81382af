"""The life of one message in the outbox."""

from __future__ import annotations

from enum import StrEnum


class MessageState(StrEnum):
    """A message is queued by the transaction that causes it and ends sent or failed."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
