"""What a passkey is asked for, where it belongs, and what it may be called. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

# Long enough to find the security key in a bag, too short for somebody else's use of the challenge.
CHALLENGE_LIFETIME = timedelta(minutes=5)
# Phone, tablet, computer, a key at home: whoever has more has forgotten some.
MOST_PASSKEYS = 10
# Longest identifier of a credential (Web Authentication, section 4, "Credential ID").
LONGEST_CREDENTIAL = 1023

_DEFAULT_PORTS = {"http": 80, "https": 443}
# No vowels, no look-alikes: nothing to misread aloud, and no words by accident.
_LETTERS = "23456789CDFGHJKMNPQRTVWXZ"
_LABEL_LENGTH = 4


class Ceremony(StrEnum):
    """What a challenge was issued for; an answer to one is no answer to another."""

    ADD = "add"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Where passkeys belong: the host that they are made for, and the one origin that may ask for them."""

    host: str
    origin: str


def relying_party(public_url: str) -> RelyingParty | None:
    """Return whose passkeys a site at this address asks for; None where browsers know none.

    An IP address is no name that a passkey could belong to, and browsers keep passkeys to https and to
    this very machine (Web Authentication, section 5.1.3; Secure Contexts, section 3.1).
    """
    parts = urlsplit(public_url)
    host = (parts.hostname or "").encode("idna").decode()
    secure = parts.scheme == "https" or (parts.scheme == "http" and host == "localhost")
    if not host or not secure or _is_ip_address(host):
        return None
    own = parts.port in {None, _DEFAULT_PORTS[parts.scheme]}
    return RelyingParty(host, f"{parts.scheme}://{host}" + ("" if own else f":{parts.port}"))


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def user_handle(account_id: int, *, key: bytes) -> bytes:
    """Return what a passkey calls its account: 32 bytes that tell nothing without the server's key."""
    return hmac.new(key, f"user handle:{account_id}".encode(), hashlib.sha256).digest()


def label(handle: bytes) -> str:
    """Return the name under which a phone lists an account's passkeys: "Asamblea K7QM".

    No address and no name: phones copy their passkeys into clouds, and show them to whoever unlocks them.
    Four letters are enough for a family that shares one phone, and the person's own page shows them too.
    """
    letters = (_LETTERS[byte % len(_LETTERS)] for byte in handle[:_LABEL_LENGTH])
    return "Asamblea " + "".join(letters)


def goes_backwards(*, known: int, presented: int) -> bool:
    """Tell whether a counter of uses did not grow: then two copies of the passkey exist.

    Zero, always, is a passkey that does not count (Web Authentication, section 6.1.1).
    """
    return (known > 0 or presented > 0) and presented <= known
