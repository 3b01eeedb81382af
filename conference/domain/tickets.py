"""A ticket: a random token, the signed text of its QR code, and a short code to type; never a name.

A token is derived from a random nonce with the server's key: see docs/adr/007-ticket-tokens.md. Key and nonce
are arguments; nothing here draws at random or keeps anything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "A1"
# What a badge says, which everybody may photograph: the code, which opens no page.
BADGE_VERSION = "B1"
# Crockford's base 32: no I, L, O or U, so that a code read aloud or off a screen has one spelling.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10
_CODE_GROUP = 5
_TOKEN_BYTES = 16

_LOOK_ALIKES = str.maketrans("OILU", "011V")
# A scanner "types" as on a US keyboard; on a Spanish one its colon and hyphen arrive as these.
_SPANISH_KEYBOARD = str.maketrans({"Ñ": ":", "'": "-"})
_TOKEN = re.compile(r"[A-Z2-7]{26}")
_SLUG, _SIGNATURE = r"[A-Z0-9]+(?:-[A-Z0-9]+)*", r"[A-Z2-7]{26}"
_TEXTS = (
    re.compile(rf"({VERSION}):({_SLUG}):([A-Z2-7]{{26}}):({_SIGNATURE})"),
    re.compile(rf"({BADGE_VERSION}):({_SLUG}):([{CODE_ALPHABET}]{{{CODE_LENGTH}}}):({_SIGNATURE})"),
)


class TicketFault(StrEnum):
    """Why a text is not a ticket of this conference."""

    WRONG_FORM = "wrong_form"
    WRONG_SIGNATURE = "wrong_signature"
    OTHER_CONFERENCE = "other_conference"


class TicketRefused(Exception):
    """A text that was shown as a ticket is none of this conference; `fault` says why."""

    def __init__(self, fault: TicketFault) -> None:
        self.fault = fault
        super().__init__(fault)


@dataclass(frozen=True, slots=True)
class ReadTicket:
    """What a scanned text says: of a ticket its token, of a badge the ticket's code alone."""

    token: str | None = None
    code: str | None = None


def _keyed(label: str, text: str, key: bytes) -> bytes:
    return hmac.new(key, f"ticket {label}:{text}".encode(), hashlib.sha256).digest()


def _base32(data: bytes) -> str:
    return base64.b32encode(data[:_TOKEN_BYTES]).decode().rstrip("=")


def ticket_token(nonce: str, *, key: bytes) -> str:
    """Return the token of a nonce: 128 bits as 26 letters of base 32. Whoever holds it holds the ticket."""
    return _base32(_keyed("token", nonce, key))


def token_digest(token: str) -> str:
    """Return what is stored of a token (128 random bits: a plain hash tells nothing)."""
    return hashlib.sha256(token.encode()).hexdigest()


def canonical_token(text: str) -> str | None:
    """Return a token from an address as it was issued, or None where it is none."""
    token = text.strip().upper()
    return token if _TOKEN.fullmatch(token) else None


def _signed(version: str, slug: str, what: str, key: bytes) -> str:
    return f"{version}:{slug}:{what}:{_signature(version, slug, what, key)}"


def _signature(version: str, slug: str, what: str, key: bytes) -> str:
    label = "badge signature" if version == BADGE_VERSION else "signature"
    return _base32(_keyed(label, f"{version}:{slug}:{what}", key))


def ticket_text(token: str, *, conference: str, key: bytes) -> str:
    """Return what the QR code says: version, conference, token, signature, in QR's alphanumeric alphabet.

    `conference` is the conference's slug. Whoever reads it holds the ticket: it is for its bearer's eyes.
    """
    return _signed(VERSION, conference.upper(), token, key)


def badge_text(code: str, *, conference: str, key: bytes) -> str:
    """Return what a badge's QR code says: the ticket's code, which opens no page, signed as tickets are.

    A badge is worn where everybody can photograph it. From the code nobody finds the token.
    """
    return _signed(BADGE_VERSION, conference.upper(), code, key)


def parse_ticket(text: str, *, conference: str, keys: Sequence[bytes]) -> ReadTicket:
    """Return what a scanned ticket or badge says; only what we signed for this very conference is one.

    `keys` are those that we sign with, and have signed with. Case, white space, and the keyboard layout of
    whoever scans do not matter. Raises TicketRefused; a text
    that we did not sign is never called another conference's.
    """
    plain = "".join(text.split()).upper().translate(_SPANISH_KEYBOARD)
    read = next(filter(None, (form.fullmatch(plain) for form in _TEXTS)), None)
    if read is None:
        raise TicketRefused(TicketFault.WRONG_FORM)
    version, slug, what, signature = read.groups()
    if not any(hmac.compare_digest(signature, _signature(version, slug, what, key)) for key in keys):
        raise TicketRefused(TicketFault.WRONG_SIGNATURE)
    if slug != conference.upper():
        raise TicketRefused(TicketFault.OTHER_CONFERENCE)
    return ReadTicket(code=what) if version == BADGE_VERSION else ReadTicket(token=what)


def ticket_code(token: str) -> str:
    """Return the ticket's short code: fifty bits, for the day on which a camera fails."""
    number = int.from_bytes(hashlib.sha256(f"ticket code:{token}".encode()).digest()[:8])
    letters = []
    for _place in range(CODE_LENGTH):
        number, rest = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[rest])
    return "".join(letters)


def shown_ticket_code(code: str) -> str:
    """Return a code in two groups, as it is read aloud: `7KQ2M-XWD04`."""
    return f"{code[:_CODE_GROUP]}-{code[_CODE_GROUP:]}"


def canonical_ticket_code(text: str) -> str | None:
    """Return a typed code as it was issued, or None where it can be none.

    Case, hyphens and blanks do not matter, nor does O for 0, I or L for 1, U for V.
    """
    letters = "".join(letter for letter in text.upper() if letter.isalnum()).translate(_LOOK_ALIKES)
    fits = len(letters) == CODE_LENGTH and all(letter in CODE_ALPHABET for letter in letters)
    return letters if fits else None


def ticket_code_digest(code: str, *, key: bytes) -> str:
    """Return what is stored of a code: keyed, since fifty bits could be tried offline."""
    return _keyed("code", code, key).hex()
