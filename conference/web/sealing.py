"""Small secrets that the server must read again are sealed: a copy of the database does not open them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from conference.domain.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

NONCE_BYTES = 12
# A key that seals one thing and no other needs no nonce that differs.
_ONLY_NONCE = bytes(NONCE_BYTES)


def seal_once(content: bytes, *, key: bytes) -> bytes:
    """Return the content sealed with a key that was drawn for it alone (32 bytes, AES-256-GCM)."""
    return AESGCM(key).encrypt(_ONLY_NONCE, content, None)


def open_once(sealed: bytes, *, key: bytes) -> bytes | None:
    """Return what was sealed with the key; None where the key does not fit."""
    try:
        return AESGCM(key).decrypt(_ONLY_NONCE, sealed, None)
    except (InvalidTag, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals with the newest of its keys and opens with any (AES-256-GCM; 32 bytes each, newest first).

    What was sealed for one purpose and account opens for no other: both are authenticated with it.
    """

    keys: Sequence[bytes]
    purpose: str
    account_id: int

    def close(self, secret: bytes) -> bytes:
        """Return the secret sealed: a nonce that is never used twice, then what it hides."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.keys[0]).encrypt(nonce, secret, self._associated)

    def open(self, sealed: bytes) -> bytes:
        """Return the secret; Conflict where none of the keys opens it, since the server's key was changed."""
        nonce, hidden = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for key in self.keys:
            try:
                return AESGCM(key).decrypt(nonce, hidden, self._associated)
            except (InvalidTag, ValueError):
                continue
        raise Conflict("seal_broken")

    @property
    def _associated(self) -> bytes:
        return f"{self.purpose}:{self.account_id}".encode()
