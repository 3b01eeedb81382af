"""Challenges: random bytes that one passkey ceremony must sign, answered once.

A ceremony has two halves. The first writes down a challenge, drawn at random by the caller, and returns what
the browser asks the passkey, ready for JSON. The second takes what the passkey answered. Whatever comes of
it the challenge is used up: commit after a refusal, too. Nothing else has been written then.

Source: W3C, Web Authentication Level 3, sections 7.1 and 7.2; the bytes are checked by `webauthn`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography.exceptions import InvalidSignature
from sqlalchemy import delete
from webauthn.helpers import parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException

from conference.domain.errors import Conflict, Invalid
from conference.domain.passkeys import CHALLENGE_LIFETIME
from conference.models import Challenge

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.passkeys import Ceremony

Json = dict[str, Any]
Read = TypeVar("Read")

# What is sent can be anything: `webauthn` refuses by its own errors, and trips over the rest.
NOT_AN_ANSWER = (
    WebAuthnException,
    InvalidSignature,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
# Milliseconds for which the browser waits.
TIMEOUT = int(CHALLENGE_LIFETIME.total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class Answered:
    """Whose passkey answered; `assured` where the phone has asked for its lock (user verification)."""

    account_id: int
    assured: bool


def issue_challenge(
    session: Session, *, ceremony: Ceremony, account_id: int | None, challenge: bytes, now: datetime
) -> None:
    """Write down a challenge for one ceremony and, where it is known, for one account."""
    # Those that nobody answered go with the next one, so that the table stays small by itself.
    session.execute(delete(Challenge).where(Challenge.expires_at <= now))
    issued = Challenge(
        digest=_digest(challenge),
        ceremony=ceremony,
        account_id=account_id,
        expires_at=now + CHALLENGE_LIFETIME,
    )
    session.add(issued)
    session.flush()


def _digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def use_up_challenge(
    session: Session, *, ceremony: Ceremony, account_id: int | None, challenge: bytes, now: datetime
) -> None:
    """Take a challenge out of the world; Conflict where it was answered before, too old, or another's."""
    taken = session.execute(
        delete(Challenge)
        .where(Challenge.digest == _digest(challenge))
        .returning(Challenge.ceremony, Challenge.account_id, Challenge.expires_at)
    ).one_or_none()
    if taken is None or taken.expires_at <= now:
        raise Conflict("challenge_over")
    if (taken.ceremony, taken.account_id) != (ceremony, account_id):
        raise Conflict("challenge_over")


def read(parse: Callable[[Json], Read], answer: Json) -> Read:
    """Return a browser's answer as `parse` reads it; Invalid for what is none."""
    try:
        return parse(answer)
    except NOT_AN_ANSWER as error:
        raise Invalid("passkey_unreadable") from error


def challenge_of(client_data: bytes) -> bytes:
    """Return the challenge that an answer speaks of; Invalid where it speaks of none."""
    try:
        return parse_client_data_json(client_data).challenge
    except NOT_AN_ANSWER as error:
        raise Invalid("passkey_unreadable") from error
