"""The life of one message in the outbox. Pure."""

from __future__ import annotations

import hashlib
from enum import StrEnum


class MessageKind(StrEnum):
    """What a message is for; organizers see counts by kind, never to whom."""

    SIGN_IN = "sign_in"
    INVITATION = "invitation"
    TICKET = "ticket"
    NOTICE = "notice"


class MessageState(StrEnum):
    """A message is queued by the transaction that causes it; every other state is final.

    Only a message that failed, or of which is uncertain whether it arrived, can be queued once more by hand.
    """

    QUEUED = "queued"
    SENT = "sent"
    # The server took none of its tries.
    FAILED = "failed"
    # The recipient's server does not know the recipient: said at once, or in a mail that came back.
    BOUNCED = "bounced"
    # Handed over twice, and both times nobody lived to tell whether it was taken.
    UNCERTAIN = "uncertain"
    # What it says had ceased to be true before it could be sent (a code that was too old).
    EXPIRED = "expired"
    # Its recipient was forgotten, or its cause was taken back.
    WITHDRAWN = "withdrawn"


def reference(key: str) -> str:
    """Return what a message is known by outside: 32 hexadecimal digits, the same for the same cause.

    It stands in the Message-ID, so that a mail sent twice is shown once, and in mails that come back.
    """
    return hashlib.sha256(key.encode()).hexdigest()[:32]
