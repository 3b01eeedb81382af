"""What a passkey is asked for. Pure."""

from __future__ import annotations

from enum import StrEnum


class Ceremony(StrEnum):
    """What a challenge was issued for; an answer to one is no answer to another."""

    ADD = "add"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
