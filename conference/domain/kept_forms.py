"""What was typed into a form that was refused, and the key that only its browser holds. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass

KEY_BYTES = 32


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


def packed(form: KeptForm) -> bytes:
    """Return a form as the bytes that are sealed."""
    return json.dumps(asdict(form)).encode()


def unpacked(content: bytes) -> KeptForm:
    """Return the form of which these are the bytes."""
    values = json.loads(content)
    return KeptForm(values["page"], tuple((name, value) for name, value in values["fields"]))


def from_text(text: object) -> bytes | None:
    """Return the key that a cookie holds as text; None for anything else."""
    try:
        key = base64.urlsafe_b64decode(str(text).encode())
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
