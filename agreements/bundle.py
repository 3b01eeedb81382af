"""The audit bundle: one text file with which a stranger checks every vote of the conference.

    asamblea-audit 1
    key <name>+<key id>+<public key>
    entries <how many>
    <one entry of the ledger a line, from index 0>
    checkpoints <how many>
    <one signed checkpoint after the other, each of five lines>
    sha256 <hash, in hexadecimal, of everything above this line>

UTF-8; every line ends in a line feed, the last one too. Sizes of checkpoints rise, and the last one covers
all entries. The hash tells of accidents only: whoever alters the file can alter it as well, but no signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from agreements.checkpoint import PublicKey, SignedCheckpoint, parse_checkpoint, parse_key
from agreements.ledger import EMPTY, Head, resume

HEADER = "asamblea-audit 1"
"""The first line: what the file is, and the version of its form."""

CHECKPOINT_LINES = 5
"""Name, size, root, a blank line, and the signature of the bundle's key alone."""

_COUNT = re.compile(r"0|[1-9][0-9]{0,15}")


class BundleProblem(StrEnum):
    """Why a bundle cannot be written, or bytes are not one."""

    NOT_A_BUNDLE = "not_a_bundle"  # some line is not as it would be written
    NO_CHECKPOINT = "no_checkpoint"
    WRONG_SIGNER = "wrong_signer"  # another log's name, or not exactly one signature, by the bundle's key
    WRONG_SIZE = "wrong_size"  # sizes of checkpoints do not rise to the number of entries
    WRONG_ROOT = "wrong_root"  # the entries are not those of the checkpoint


class InvalidBundle(ValueError):
    """`code`, and the `position` of the checkpoint among the checkpoints, from 0."""

    def __init__(self, code: BundleProblem, position: int = 0) -> None:
        self.code, self.position = code, position
        super().__init__(code, position)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The log's key, all entries of its ledger, and its checkpoints from the earliest to the last.

    Raises InvalidLedger for entries that are no ledger, and InvalidBundle for checkpoints that are not of
    this key or of these entries. Signatures are not checked here; see `checkpoint.signed_by`.
    """

    key: PublicKey
    entries: tuple[bytes, ...]
    checkpoints: tuple[SignedCheckpoint, ...]

    def __post_init__(self) -> None:
        if not self.checkpoints:
            raise InvalidBundle(BundleProblem.NO_CHECKPOINT)
        head = EMPTY
        for position, signed in enumerate(self.checkpoints):
            self._require_signer(position, signed)
            head = self._continue(head, position, signed)
        if head.size != len(self.entries):
            raise InvalidBundle(BundleProblem.WRONG_SIZE, len(self.checkpoints) - 1)

    def _require_signer(self, position: int, signed: SignedCheckpoint) -> None:
        of_the_key = [signature.by(self.key) for signature in signed.signatures]
        if signed.checkpoint.origin != self.key.name or of_the_key != [True]:
            raise InvalidBundle(BundleProblem.WRONG_SIGNER, position)

    def _continue(self, head: Head, position: int, signed: SignedCheckpoint) -> Head:
        size = signed.checkpoint.size
        if not (head.size < size or position == 0) or size > len(self.entries):
            raise InvalidBundle(BundleProblem.WRONG_SIZE, position)
        grown = resume(self.entries[head.size : size], head)
        if grown.root != signed.checkpoint.root:
            raise InvalidBundle(BundleProblem.WRONG_ROOT, position)
        return grown


def write(bundle: Bundle) -> bytes:
    """The one file that this bundle is."""
    lines = [
        HEADER,
        f"key {bundle.key.text}",
        f"entries {len(bundle.entries)}",
        *(entry.decode() for entry in bundle.entries),
        f"checkpoints {len(bundle.checkpoints)}",
        "".join(signed.text for signed in bundle.checkpoints),
    ]
    text = "\n".join(lines).encode()
    return text + f"sha256 {sha256(text).hexdigest()}\n".encode()


def read(data: bytes) -> Bundle:
    """The bundle of which these bytes are the file.

    Raises InvalidBundle, InvalidLedger or InvalidCheckpoint for any other bytes: nothing is repaired.
    """
    key, lines = _split(data)
    entries, lines = _section("entries ", lines)
    notes, _ = _section("checkpoints ", lines, CHECKPOINT_LINES)
    bundle = Bundle(
        parse_key(key.removeprefix("key ")),
        tuple(entry.encode() for entry in entries),
        tuple(
            parse_checkpoint("\n".join([*notes[start : start + CHECKPOINT_LINES], ""]))
            for start in range(0, len(notes), CHECKPOINT_LINES)
        ),
    )
    if write(bundle) != data:
        raise InvalidBundle(BundleProblem.NOT_A_BUNDLE)
    return bundle


def _split(data: bytes) -> tuple[str, list[str]]:
    """The line of the key, and those after it. What the header says is seen when all is written again."""
    try:
        _, key, *lines = data.decode().split("\n")
    except ValueError as error:  # no UTF-8, or one line alone
        raise InvalidBundle(BundleProblem.NOT_A_BUNDLE) from error
    return key, lines


def _section(name: str, lines: list[str], height: int = 1) -> tuple[list[str], list[str]]:
    """The lines that the first line counts, each thing of so many lines; and those after them."""
    if not lines or not _COUNT.fullmatch(number := lines[0].removeprefix(name)):
        raise InvalidBundle(BundleProblem.NOT_A_BUNDLE)
    end = 1 + int(number) * height
    return lines[1:end], lines[end:]
