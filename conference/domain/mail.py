"""The life of one message in the outbox, as a table of what follows from what. Pure.

A mail server that was given the words and never answered may have sent them. Nobody can know; so such a
message is given once more at most, that is counted, and after a second such time a person decides.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.parser import HeaderParser
from enum import StrEnum
from typing import TYPE_CHECKING

from conference.domain.accounts import canonical_email

if TYPE_CHECKING:
    from email.message import Message

# How long one sender has a message for itself; renewed just before the words are given to the server.
LEASE = timedelta(minutes=3)
# Waits after the first, second, … failure; after the last the message has failed for good.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
# Waits are longer by a random part of this, so that what failed together does not come back together.
SPREAD = 0.2
# More hand-overs than this without an answer are not made.
MOST_REPEATS = 1


class MessageKind(StrEnum):
    """What a message is for; organizers see counts by kind, never to whom."""

    SIGN_IN = "sign_in"
    INVITATION = "invitation"
    TICKET = "ticket"
    NOTICE = "notice"
    REMINDER = "reminder"


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
    # What it says had ceased to be true before anybody knew it to be sent (a code that was too old).
    EXPIRED = "expired"
    # Its recipient was forgotten, or its cause was taken back.
    WITHDRAWN = "withdrawn"


# Given up, and a person may have it tried once more: its recipient and words are kept for a few days.
RETRIABLE = frozenset({MessageState.FAILED, MessageState.UNCERTAIN})
# Everywhere else nobody may send it again, and to whom and what is forgotten at once.
STILL_KNOWN = frozenset({MessageState.QUEUED}) | RETRIABLE


class Outcome(StrEnum):
    """What a sender learned of one attempt."""

    SENT = "sent"
    # The words were not given this time: the server was away, or turned the sender down before.
    UNREACHED = "unreached"
    # The words were given, and the server said that it did not take them; another time it may.
    REFUSED = "refused"
    # Not taken, and never will be: there is no such recipient.
    UNKNOWN_RECIPIENT = "unknown_recipient"
    # The words were given, and no answer came.
    UNANSWERED = "unanswered"


# The trouble of a message whose words have just been given: it stands if nobody lives to tell of another.
NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message has come; `attempts` and `due_at` together tell one lease from every other.

    `due_at`: not before this moment; while it is being sent, the end of the lease; once final, since when.
    `handed_at`: when words were given of which is unknown whether they were taken; None: there are none.
    `repeats`: how often the words were given again, not knowing about the time before.
    `trouble`: why the last attempt failed; None where there was none yet, and while a new one is under way.
    """

    state: MessageState
    attempts: int
    due_at: datetime
    handed_at: datetime | None = None
    repeats: int = 0
    useless_after: datetime | None = None
    trouble: str | None = None


def leased(delivery: Delivery, *, now: datetime) -> Delivery:
    """Take a queued message that is due: to send it, or, where it must not be sent, to end it here.

    What is no longer true is not sent. Where a sender died after giving the words for the second time, they
    are not given a third time.
    """
    if delivery.useless_after is not None and delivery.useless_after < now:
        return _ended(delivery, MessageState.EXPIRED, now)
    if delivery.trouble == NO_ANSWER and delivery.repeats >= MOST_REPEATS:
        return _ended(delivery, MessageState.UNCERTAIN, now)
    return replace(delivery, attempts=delivery.attempts + 1, due_at=now + LEASE, trouble=None)


def handed_over(delivery: Delivery, *, now: datetime) -> Delivery:
    """Note, before the words are given to a server, that from now on it may have sent them."""
    again = delivery.handed_at is not None
    return replace(
        delivery,
        handed_at=now,
        due_at=now + LEASE,
        repeats=delivery.repeats + again,
        trouble=NO_ANSWER,
    )


def after(
    outcome: Outcome, delivery: Delivery, *, now: datetime, jitter: float = 0.0, trouble: str | None = None
) -> Delivery:
    """Return what follows from an outcome; `jitter` is drawn at random from 0 to 1.

    A refusal is knowledge: the words given this time were not taken, so that this time does not count.
    """
    told = replace(delivery, trouble=trouble)
    match outcome:
        case Outcome.SENT:
            return _ended(replace(told, handed_at=None), MessageState.SENT, now)
        case Outcome.UNKNOWN_RECIPIENT:
            return _ended(replace(told, handed_at=None), MessageState.BOUNCED, now)
        case Outcome.UNANSWERED if delivery.repeats >= MOST_REPEATS:
            return _ended(told, MessageState.UNCERTAIN, now)
        case Outcome.REFUSED if delivery.repeats:
            return _again(replace(told, repeats=delivery.repeats - 1), now, jitter)
        case Outcome.REFUSED:
            return _again(replace(told, handed_at=None), now, jitter)
    return _again(told, now, jitter)


def _again(delivery: Delivery, now: datetime, jitter: float) -> Delivery:
    if delivery.attempts <= len(BACK_OFF):
        return replace(delivery, due_at=now + pause(delivery.attempts, jitter=jitter))
    known = delivery.handed_at is None
    return _ended(delivery, MessageState.FAILED if known else MessageState.UNCERTAIN, now)


def _ended(delivery: Delivery, state: MessageState, now: datetime) -> Delivery:
    return replace(delivery, state=state, due_at=now)


def pause(attempts: int, *, jitter: float) -> timedelta:
    """Return how long to wait after this many attempts, the last of which failed."""
    return BACK_OFF[attempts - 1] * (1 + SPREAD * jitter)


_MAC_LENGTH = 32


@dataclass(frozen=True, slots=True)
class StopLink:
    """Whose reminders a link ends: those to one registration, while they go to this reader.

    `reader` is a keyed digest of the address. A place can be handed over, and the next person's reminders
    are not for the one before to end.
    """

    registration_id: int
    reader: str

    def is_for(self, email: str | None, *, key: bytes) -> bool:
        """Tell whether reminders to this address are those that the link was sent with."""
        return email is not None and hmac.compare_digest(self.reader, _reader(email, key))


def stop_token(registration_id: int, *, email: str, key: bytes) -> str:
    """Return what ends the reminders to one reader, for the link in them: `57.91c0….3f2a…`, guessed by none.

    `key` is the server's for this purpose alone.
    """
    link = f"{registration_id}.{_reader(email, key)}"
    return f"{link}.{_mac('link', link, key)}"


def stop_link(token: str, *, key: bytes) -> StopLink | None:
    """Return what a token says, or None where it was not made by us with this key."""
    link, _point, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac("link", link, key).encode()):
        return None
    number, _point, reader = link.partition(".")
    return StopLink(int(number), reader)


def _reader(email: str, key: bytes) -> str:
    return _mac("reader", canonical_email(email), key)


def _mac(purpose: str, text: str, key: bytes) -> str:
    return hmac.new(key, f"reminders:{purpose}:{text}".encode(), hashlib.sha256).hexdigest()[:_MAC_LENGTH]


# A returned mail names the message at its beginning: what comes after so many letters is not looked at.
RETURNED_LIMIT = 256 * 1024
_TAG = re.compile(r"\+([0-9a-f]{32})@")
_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@")
_ACTION = re.compile(r"^action:[ \t]*(\w+)", re.IGNORECASE | re.MULTILINE)


def returned_reference(text: str) -> str | None:
    """Return which message a mail brings back, or None where it brings back none of ours.

    It names it in the address that it was sent to, or quotes its Message-ID. Reports that a mail is late or
    has arrived (RFC 3464, `Action`) bring nothing back, nor do answers, of people or of their programs.
    """
    text = text[:RETURNED_LIMIT].replace("\r\n", "\n")
    if not _brings_back(HeaderParser().parsestr(text), text):
        return None
    found = _TAG.search(text) or _MESSAGE_ID.search(text)
    return None if found is None else found[1]


def _brings_back(headers: Message, text: str) -> bool:
    if headers.get_content_type() == "multipart/report":
        return "failed" in {action.lower() for action in _ACTION.findall(text)}
    if "X-Failed-Recipients" in headers:
        return True
    return "In-Reply-To" not in headers and "References" not in headers
