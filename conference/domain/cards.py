"""Access cards: what stands on them, what is stored of it, and whom the desk may print one for. Pure."""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# No vowels, no look-alikes: nothing to misread aloud, and no words by accident.
CODE_ALPHABET = "23456789CDFGHJKMNPQRTVWXZ"
# 25¹⁰ codes: more than forty-six bits, since nobody says beforehand whose card it is.
CODE_LENGTH = 10
_CODE_GROUP = 5
# Letters of no code, by the digit or letter that they are mistaken for.
_LOOK_ALIKES = str.maketrans("SBU", "58V")


class CardState(StrEnum):
    """What a card is good for."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


def card_state(
    *, used_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, now: datetime
) -> CardState:
    """A card opens one phone, once, until it expires; a revoked one is no card, used or not."""
    if revoked_at is not None:
        return CardState.REVOKED
    if used_at is not None:
        return CardState.USED
    return CardState.WAITING if now < expires_at else CardState.EXPIRED


def why_not_at_the_desk(*, has_address: bool, has_role: bool) -> str | None:
    """Return why a desk may not print a card for somebody, as an error's code; None where it may.

    A card signs its holder in as the person. A desk that printed one for somebody with an address, or with
    a role in whichever conference, could become them. The former get in by mail; cards of the latter are
    printed where roles are given.
    """
    if has_address:
        return "card_for_address"
    return "card_for_role" if has_role else None


def canonical_card_code(text: str) -> str | None:
    """Return a typed code as it was issued, or None where it can be none.

    Case, hyphens and blanks do not matter, nor does S for 5, B for 8, U for V.
    """
    letters = "".join(letter for letter in text.upper() if letter.isalnum()).translate(_LOOK_ALIKES)
    fits = len(letters) == CODE_LENGTH and all(letter in CODE_ALPHABET for letter in letters)
    return letters if fits else None


def shown_card_code(code: str) -> str:
    """Return a code in two groups, as it is printed and typed: `7KQ2M-XWD94`."""
    return f"{code[:_CODE_GROUP]}-{code[_CODE_GROUP:]}"


def card_code_digest(code: str, *, key: bytes) -> str:
    """Return what is stored of a code: keyed, since 25¹⁰ codes could be tried offline."""
    return hmac.new(key, f"card code:{code}".encode(), hashlib.sha256).hexdigest()
