"""How settings are read from the environment: a wrong one stops the start, by its name and what is expected.

An empty variable is as good as none: the setting keeps its default.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import NoReturn

from limits import parse_many

# More than anybody means; as days it still leads to a date.
MOST = 100_000
# Lengths of time that the environment may set, and in what it counts them: ASAMBLEA_PROOF_LASTS_MINUTES.
UNITS = {
    "ATTENDEE_SIGN_IN_IDLE": "days",
    "ATTENDEE_SIGN_IN_LIFETIME": "days",
    "STAFF_SIGN_IN_IDLE": "hours",
    "STAFF_SIGN_IN_LIFETIME": "hours",
    "PROOF_LASTS": "minutes",
    "KEPT_FORM_LIFETIME": "minutes",
    "CARD_LIFETIME": "days",
    "INVITATION_LIFETIME": "days",
    "CONSOLE_LINK_LIFETIME": "minutes",
    "SIGN_IN_LIFETIME": "minutes",
    "KEEP_PEOPLE": "days",
    "KEEP_NEEDS": "days",
    "KEEP_SCANS": "days",
    "KEEP_PRESENCES": "days",
    "KEEP_SIGN_IN_CODES": "days",
    "KEEP_APPROVALS": "days",
    "KEEP_GIVEN_UP": "days",
    "KEEP_MESSAGES": "days",
    "KEEP_JOB_FILES": "hours",
    "KEEP_JOBS": "days",
}


def text(variable: str, default: str) -> str:
    """Read words, as they are."""
    return os.environ.get(variable) or default


def required(variable: str) -> str:
    """Read words that a public site cannot do without."""
    value = text(variable, "")
    if not value:
        raise RuntimeError(f"{variable} must be set in production; see docs/production.md")
    return value


def number(variable: str, default: int, *, least: int = 1, of: str = "") -> int:
    """Read a whole number, `least` or more; `of` says of what, "days"."""
    typed = text(variable, str(default))
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST))):
        _refuse_number(variable, typed, least, of)
    if not least <= int(typed) <= MOST:
        _refuse_number(variable, typed, least, of)
    return int(typed)


def length(variable: str, default: timedelta, *, unit: str) -> timedelta:
    """Read a length of time, counted in the unit that the variable's name ends with: "days"."""
    each = timedelta(**{unit: 1})
    return number(variable, default // each, of=unit) * each


def limit(variable: str, default: str) -> str:
    """Read how often something may be done, "60 per minute; 900 per hour"; never would be no limit."""
    typed = text(variable, default)
    try:
        amounts = [each.amount for each in parse_many(typed)]
    except ValueError:
        amounts = []
    if not all(amounts) or not amounts:
        _refuse(variable, typed, "how often in how long, as “60 per minute; 900 per hour”")
    return typed


def switch(variable: str, *, default: bool) -> bool:
    """Read whether something is on."""
    typed = text(variable, "1" if default else "0")
    if typed not in {"0", "1"}:
        _refuse(variable, typed, "1 (yes) or 0 (no)")
    return typed == "1"


def _refuse_number(variable: str, typed: str, least: int, of: str) -> NoReturn:
    _refuse(variable, typed, f"a whole number{of and f' of {of}'} from {least} to {MOST}")


def _refuse(variable: str, typed: str, expected: str) -> NoReturn:
    raise RuntimeError(f"{variable}={typed}: expected is {expected}; see docs/operating.md#settings")
