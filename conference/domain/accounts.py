"""Who a person is to a conference: roles, and the shape of what proves an address."""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum

from agreements import nfc

# Digits alone: every phone has a keypad for them, and they are read aloud in any language.
CODE_LENGTH = 8
SIGN_IN_CODES = 10**CODE_LENGTH


class Role(StrEnum):
    """What a person may be in one conference; granted by organizers."""

    ORGANIZER = "organizer"
    SECRETARIAT = "secretariat"
    CREDENTIALS_COMMITTEE = "credentials_committee"
    CHAIR = "chair"
    RAPPORTEUR = "rapporteur"
    DOOR_VOLUNTEER = "door_volunteer"
    SERVICE_LEAD = "service_lead"
    ORGANIZATION_LEAD = "organization_lead"
    DELEGATE = "delegate"
    OFFICIAL = "official"
    ATTENDEE = "attendee"


STAFF_ROLES = frozenset(
    {
        Role.ORGANIZER,
        Role.SECRETARIAT,
        Role.CREDENTIALS_COMMITTEE,
        Role.CHAIR,
        Role.RAPPORTEUR,
        Role.DOOR_VOLUNTEER,
        Role.SERVICE_LEAD,
    }
)


def canonical_email(text: str) -> str:
    """Return the form in which an address is stored and compared: NFC, trimmed, lower case."""
    return nfc(text).strip().lower()


def sign_in_code(number: int) -> str:
    """Return the code of a number below SIGN_IN_CODES, drawn at random: eight digits, leading zeros too."""
    return f"{number:0{CODE_LENGTH}}"


def canonical_code(text: str) -> str:
    """Return a typed code as it was issued: upper case, without spaces and hyphens."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def shown_code(code: str) -> str:
    """Return a code in groups of four, as it is read aloud and typed: `4821 0937`."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def link_digest(token: str) -> str:
    """Return what is stored of a link's token (256 random bits: a plain hash tells nothing)."""
    return hashlib.sha256(token.encode()).hexdigest()


def _keyed(label: str, text: str, key: bytes) -> str:
    return hmac.new(key, f"{label}:{text}".encode(), hashlib.sha256).hexdigest()


def address_digest(email: str, *, key: bytes) -> str:
    """Return what stands for an address where the address itself must not stand."""
    return _keyed("address", canonical_email(email), key)


def code_digest(code: str, *, email: str, key: bytes) -> str:
    """Return what is stored of a short code: keyed, since 10⁸ codes could be tried offline."""
    return _keyed("sign-in code", f"{canonical_email(email)}:{canonical_code(code)}", key)
