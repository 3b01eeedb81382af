"""Readable keys for addresses: lower-case letters a–z, digits, and single hyphens between them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAXIMUM = 80
# First words of addresses below the language that are pages of their own: no conference may be called so.
RESERVED = frozenset(
    {
        "account",
        "card",
        "confirm",
        "jobs",
        "mail",
        "now",
        "rights",
        "set-up",
        "sign-in",
        "sign-out",
        "tickets",
    }
)
_OTHERS = re.compile(r"[^a-z0-9]+")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def valid_slug(text: str, *, maximum: int = MAXIMUM) -> bool:
    """Lower-case letters a–z, digits, and single hyphens between them."""
    return len(text) <= maximum and _SLUG.fullmatch(text) is not None


def valid_conference_slug(text: str) -> bool:
    """Whether a conference may be called so in addresses: a slug, and no page of ours is called that."""
    return valid_slug(text) and text not in RESERVED


def slug_of(text: str, *, maximum: int = MAXIMUM) -> str:
    """Return the text as a slug: "Salón Ñuu" → "salon-nuu"; empty where no letter of it can be kept."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _OTHERS.sub("-", letters).strip("-")[:maximum].rstrip("-")


def unique_slugs(texts: Iterable[str], *, maximum: int = MAXIMUM) -> Iterator[str]:
    """Yield a slug for each text, in their order; one that is taken or empty gets the text's position."""
    taken = {""}
    for position, text in enumerate(texts, start=1):
        slug = _free(slug_of(text, maximum=maximum), position, taken, maximum)
        taken.add(slug)
        yield slug


def _free(slug: str, position: int, taken: set[str], maximum: int) -> str:
    base, number = slug, str(position)
    while slug in taken:
        slug = f"{base[: maximum - len(number) - 1].rstrip('-')}-{number}".lstrip("-")
        number += "0"  # only where another text has this very slug of its own
    return slug
