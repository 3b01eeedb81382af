"""What was typed into a form that was refused, sealed: only the browser it was typed in opens it. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
# A key seals one form and no other, so that its nonce need not differ.
_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class KeptForm:
    """The fields of a form as they were sent (name and value, in their order), and the page it was on."""

    page: str
    fields: tuple[tuple[str, str], ...]


def as_text(key: bytes) -> str:
    """Return a key as a cookie holds it."""
    return base64.urlsafe_b64encode(key).decode()


def kept_digest(key: bytes) -> str:
    """Return what is stored of a key (256 random bits: a plain hash tells nothing)."""
    return hashlib.sha256(b"kept form:" + key).hexdigest()


def seal(form: KeptForm, *, key: bytes) -> bytes:
    """Return a form sealed with a key that was drawn for it alone (AES-256-GCM)."""
    return AESGCM(key).encrypt(_NONCE, json.dumps(asdict(form)).encode(), None)


def unseal(sealed: bytes, *, key: bytes) -> KeptForm | None:
    """Return the form that was sealed with the key; None where the key does not fit."""
    try:
        content = json.loads(AESGCM(key).decrypt(_NONCE, sealed, None))
    except (InvalidTag, ValueError):
        return None
    return KeptForm(content["page"], tuple((name, value) for name, value in content["fields"]))


def from_text(text: object) -> bytes | None:
    """Return the key that a cookie holds as text; None for anything else."""
    try:
        key = base64.urlsafe_b64decode(str(text).encode())
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
