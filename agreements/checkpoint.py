"""Signed checkpoints: what the ledger was at one size, so that nobody can quietly write its past anew.

A checkpoint is a note in the formats of c2sp.org/tlog-checkpoint and c2sp.org/signed-note: the log's name,
size and root (in base64), a blank line, and one line a signature. Signing and verifying are passed in.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from agreements.canonical import GREATEST_INTEGER
from agreements.merkle import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

Sign: TypeAlias = "Callable[[bytes], bytes]"
"""Signs a message with Ed25519 (RFC 8032); whoever makes it knows the private key."""

Verify: TypeAlias = "Callable[[bytes, bytes, bytes], bool]"
"""Whether (public key, signature, message) fit together, by Ed25519."""

ED25519 = b"\x01"
"""The signature type of c2sp.org/signed-note."""

KEY_SIZE = 32
KEY_ID_SIZE = 4
SIGNATURE_SIZE = 64
MOST_SIGNATURES = 16

_SIGNATURE_LINE = re.compile(r"— ([^ ]+) ([^ ]+)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


class CheckpointProblem(StrEnum):
    """Why something is not a checkpoint, a key or a signature."""

    BAD_NAME = "bad_name"  # empty, or with a space, a plus or a control character
    BAD_KEY = "bad_key"
    BAD_SIZE = "bad_size"
    BAD_ROOT = "bad_root"
    BAD_SIGNATURE = "bad_signature"
    NOT_A_NOTE = "not_a_note"


class InvalidCheckpoint(ValueError):
    """`code`, and the `value` that is wrong."""

    def __init__(self, code: CheckpointProblem, value: object) -> None:
        self.code, self.value = code, value
        super().__init__(code, value)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The name and the Ed25519 key by which a log's signatures are known. Raises InvalidCheckpoint."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.key) != KEY_SIZE:
            raise InvalidCheckpoint(CheckpointProblem.BAD_KEY, self.key)

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 of name, newline, 0x01 and key. c2sp.org/signed-note."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:KEY_ID_SIZE]

    @property
    def text(self) -> str:
        """How a key is published: name, key id in hexadecimal, and 0x01 and key in base64, joined by "+"."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(ED25519 + self.key)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and the root of the log of this name. Raises InvalidCheckpoint."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        _require_name(self.origin)
        if not 0 <= self.size <= GREATEST_INTEGER:
            raise InvalidCheckpoint(CheckpointProblem.BAD_SIZE, self.size)
        if len(self.root) != HASH_SIZE:
            raise InvalidCheckpoint(CheckpointProblem.BAD_ROOT, self.root)

    @property
    def text(self) -> str:
        """The three lines that are signed. c2sp.org/tlog-checkpoint."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: by which key, and what it signed with. Raises InvalidCheckpoint."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.key_id) != KEY_ID_SIZE or not self.signature:
            raise InvalidCheckpoint(CheckpointProblem.BAD_SIGNATURE, self.key_id + self.signature)

    @property
    def text(self) -> str:
        """An em dash, the key's name, and key id and signature in base64. c2sp.org/signed-note."""
        return f"— {self.name} {_base64(self.key_id + self.signature)}\n"

    def by(self, key: PublicKey) -> bool:
        """Whether it says that it was made by this key."""
        return (self.name, self.key_id) == (key.name, key.key_id)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and its signatures: of the log itself, and of any witnesses. Raises InvalidCheckpoint."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.signatures) <= MOST_SIGNATURES:
            raise InvalidCheckpoint(CheckpointProblem.BAD_SIGNATURE, self.signatures)

    @property
    def text(self) -> str:
        """The note as it is published."""
        return self.checkpoint.text + "\n" + "".join(signature.text for signature in self.signatures)


def sign_checkpoint(checkpoint: Checkpoint, key: PublicKey, sign: Sign) -> SignedCheckpoint:
    """A log signs its own checkpoints, under its own name. Raises InvalidCheckpoint.

    It must never sign two that do not continue each other: sign the head that was stored, not one in memory.
    """
    if key.name != checkpoint.origin:
        raise InvalidCheckpoint(CheckpointProblem.BAD_NAME, key.name)
    signature = sign(checkpoint.text.encode())
    if len(signature) != SIGNATURE_SIZE:
        raise InvalidCheckpoint(CheckpointProblem.BAD_SIGNATURE, signature)
    return SignedCheckpoint(checkpoint, (Signature(key.name, key.key_id, signature),))


def signed_by(signed: SignedCheckpoint, key: PublicKey, verify: Verify) -> bool:
    """A checkpoint counts only if this key signed it, and every signature that claims to be this key's is.

    Signatures of other keys are nobody's concern here. c2sp.org/signed-note.
    """
    message = signed.checkpoint.text.encode()
    claims = [signature.signature for signature in signed.signatures if signature.by(key)]
    return bool(claims) and all(verify(key.key, signature, message) for signature in claims)


def parse_key(text: str) -> PublicKey:
    """The key that was published as this text. Raises InvalidCheckpoint for any other text."""
    name, _, rest = text.partition("+")
    encoded = _from_base64(rest.partition("+")[2])
    if encoded[:1] != ED25519:
        raise InvalidCheckpoint(CheckpointProblem.BAD_KEY, text)
    key = PublicKey(name, encoded[1:])
    if key.text != text:
        raise InvalidCheckpoint(CheckpointProblem.BAD_KEY, text)
    return key


def parse_checkpoint(text: str) -> SignedCheckpoint:
    """The note that was published as this text, byte for byte. Raises InvalidCheckpoint for any other text.

    Extension lines, which c2sp.org/tlog-checkpoint allows and advises against, are refused.
    """
    signed_text, _, signature_lines = text.partition("\n\n")
    lines = signed_text.split("\n")
    if len(lines) != 3 or not signature_lines.endswith("\n"):  # noqa: PLR2004 - origin, size, root
        raise InvalidCheckpoint(CheckpointProblem.NOT_A_NOTE, text)
    origin, size, root = lines
    if not _SIZE.fullmatch(size):
        raise InvalidCheckpoint(CheckpointProblem.BAD_SIZE, size)
    checkpoint = Checkpoint(origin, int(size), _from_base64(root))
    signatures = signature_lines[:-1].split("\n")
    return SignedCheckpoint(checkpoint, tuple(_parse_signature(line) for line in signatures))


def _parse_signature(line: str) -> Signature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if not match:
        raise InvalidCheckpoint(CheckpointProblem.BAD_SIGNATURE, line)
    signature = _from_base64(match[2])
    return Signature(match[1], signature[:KEY_ID_SIZE], signature[KEY_ID_SIZE:])


def _require_name(name: str) -> None:
    if not name or not name.isprintable() or " " in name or "+" in name:
        raise InvalidCheckpoint(CheckpointProblem.BAD_NAME, name)


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _from_base64(text: str) -> bytes:
    """The bytes, if this is their one way to be written in base64 (RFC 4648 §4); none if it is not."""
    try:
        data = b64decode(text)
    except ValueError:
        return b""
    return data if _base64(data) == text else b""
