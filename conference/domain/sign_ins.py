"""How long somebody stays signed in, and which copy of a cookie still speaks for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SignInWay(StrEnum):
    """How somebody proved who they are when they signed in."""

    EMAIL = "email"
    PASSKEY = "passkey"
    CARD = "card"
    # A link that the operator read on the server's own console.
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a sign-in lasts unused, and at all."""

    idle: timedelta
    absolute: timedelta


class Standing(StrEnum):
    """What a cookie of one generation is worth to a sign-in that may have moved on."""

    CURRENT = "current"
    # The newer cookie may never have arrived (a lost answer, a double tap): this one gets it again.
    CATCHING_UP = "catching_up"
    REFUSED = "refused"


# Two requests sent at once carry the same cookie; the slower one still counts.
OVERLAP = timedelta(minutes=1)


def standing(*, presented: int, generation: int, confirmed_at: datetime | None, now: datetime) -> Standing:
    """A cookie is renewed by rotation; the one before it lives until the new one has been used, and a minute.

    `confirmed_at` is when a cookie of the current generation was first used for an act, None before that.
    """
    if presented == generation:
        return Standing.CURRENT
    # Generations count from one: before the first there is none to catch up from.
    if presented != generation - 1 or presented < 1:
        return Standing.REFUSED
    if confirmed_at is None or now < confirmed_at + OVERLAP:
        return Standing.CATCHING_UP
    return Standing.REFUSED


def lasts(*, signed_in_at: datetime, used_at: datetime, limits: Limits, now: datetime) -> bool:
    """A sign-in ends when it was unused for too long, and at its absolute limit whatever happens."""
    return now < used_at + limits.idle and now < signed_in_at + limits.absolute


def proved_lately(proved_at: datetime | None, *, now: datetime, within: timedelta) -> bool:
    """A dangerous act needs a proof of who acts that is not older than `within`."""
    return proved_at is not None and now < proved_at + within
