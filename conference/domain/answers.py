"""What somebody chose when registering: a phone, needs, answers, services. Codes and digits only. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conference.domain.errors import Invalid
from conference.domain.registration import AccessNeed, ServiceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# E.164: a country and a number, fifteen digits at most.
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_BETWEEN_DIGITS = re.compile(r"[\s().\-/\u2010-\u2015]+")
# One booking is for one family.
MOST_CHILDREN = 9


def checked_phone(text: str) -> str:
    """Return a phone number as "+" and digits, however it was grouped; Invalid("phone_wrong") otherwise.

    The country is asked for, and not guessed: half of those who come live on the other side of the border.
    """
    number = _BETWEEN_DIGITS.sub("", text.strip())
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if not _PHONE.fullmatch(number):
        raise Invalid("phone_wrong")
    return number


def checked_needs(needs: Collection[AccessNeed]) -> tuple[AccessNeed, ...]:
    """Return the needs, each once, in the order of the form; Invalid("need_unknown") for any other word."""
    known = set(AccessNeed)
    if not set(needs) <= known:
        raise Invalid("need_unknown")
    return tuple(need for need in AccessNeed if need in needs)


def checked_choices(chosen: Collection[str], *, offered: Sequence[str], several: bool) -> list[str]:
    """Return the choices made at one question, in the question's order; an empty list is no answer.

    Raises Invalid("answer_unknown") for a choice that was not offered, and for two where one is asked for.
    """
    if not set(chosen) <= set(offered) or (len(set(chosen)) > 1 and not several):
        raise Invalid("answer_unknown")
    return [key for key in offered if key in chosen]


def checked_service_places(kind: ServiceKind, places: int) -> int:
    """Return how many places are booked of a service: one, or of childcare one a child.

    Raises Invalid("service_places_wrong").
    """
    most = MOST_CHILDREN if kind is ServiceKind.CHILDCARE else 1
    if not 1 <= places <= most:
        raise Invalid("service_places_wrong", most=most)
    return places
