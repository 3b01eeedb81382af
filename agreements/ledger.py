"""The audit ledger: every event is chained to the one before it, and one hash stands for all of them.

An *entry* is the canonical JSON of `{"event": …, "index": n, "previous": …}`; *previous* is the leaf hash of
entry n − 1 in hexadecimal, or 64 zeros. The leaf hashes of the entries make the tree of merkle.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from agreements.canonical import InvalidValue, Path, canonical, from_canonical
from agreements.merkle import HASH_SIZE, extend, fold, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Event: TypeAlias = "Mapping[str, object]"
Item = TypeVar("Item")

NO_LEAF = bytes(HASH_SIZE)
"""What the first entry is chained to."""

_MEMBERS = {"event", "index", "previous"}
_HASH = re.compile(f"[0-9a-f]{{{2 * HASH_SIZE}}}")


class LedgerProblem(StrEnum):
    """Why something cannot be in a ledger, or is not the ledger it should be."""

    NOT_A_HEAD = "not_a_head"  # size, frontier and last leaf contradict each other
    NO_KIND = "no_kind"  # an event is an object with a text `kind`
    NO_CANONICAL_FORM = "no_canonical_form"  # `path` says where in the event
    NOT_AN_ENTRY = "not_an_entry"
    WRONG_INDEX = "wrong_index"
    WRONG_PREVIOUS = "wrong_previous"


class InvalidLedger(ValueError):
    """`code`, and `position`: of the event in its batch, of the entry in the ledger, or the head's size."""

    def __init__(self, code: LedgerProblem, position: int, path: Path = ()) -> None:
        self.code, self.position, self.path = code, position, path
        super().__init__(code, position, path)


@dataclass(frozen=True, slots=True)
class Head:
    """All that a ledger needs in order to grow: its size, the frontier of its tree, its last leaf hash.

    Raises InvalidLedger if they contradict each other.
    """

    size: int
    frontier: tuple[bytes, ...]
    last_leaf: bytes

    def __post_init__(self) -> None:
        if not (self.size >= 0 and self._hashes_fit()):
            raise InvalidLedger(LedgerProblem.NOT_A_HEAD, self.size)

    def _hashes_fit(self) -> bool:
        hashes = (*self.frontier, self.last_leaf)
        return (
            len(self.frontier) == self.size.bit_count()
            and all(len(each) == HASH_SIZE for each in hashes)
            and (self.size == 0) is (self.last_leaf == NO_LEAF)
            and (self.size % 2 == 0 or self.frontier[-1] == self.last_leaf)
        )

    @property
    def root(self) -> bytes:
        """The hash that stands for all entries; what a checkpoint signs."""
        return fold(self.frontier)


EMPTY = Head(0, (), NO_LEAF)
"""The head of a ledger without entries."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an event stands in the ledger, and the bytes to store."""

    index: int
    leaf: bytes
    entry: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was read."""

    index: int
    previous: bytes
    event: Event


def append(head: Head, events: Iterable[Event]) -> tuple[Head, tuple[Receipt, ...]]:
    """Events enter in their order, each chained to the one before: the new head, and a receipt for each.

    A batch is the same as its events one by one, and is refused whole: an event without a text `kind`, or
    without a canonical form, raises InvalidLedger, with its position in the batch, before any enters.
    """
    written = [_write_event(event, position) for position, event in enumerate(events)]
    size, frontier, last_leaf = head.size, head.frontier, head.last_leaf
    receipts = []
    for event in written:
        entry = _write_entry(event, size, last_leaf)
        last_leaf = leaf_hash(entry)
        frontier = extend(frontier, size, last_leaf)
        receipts.append(Receipt(size, last_leaf, entry))
        size += 1
    return Head(size, frontier, last_leaf), tuple(receipts)


def resume(entries: Iterable[bytes], head: Head = EMPTY) -> Head:
    """The head after stored entries, which continue the ledger of the given head.

    Each is checked: canonical, at its index, chained to the one before. Raises InvalidLedger.
    """
    for stored in entries:
        entry = read_entry(stored, position=head.size)
        if entry.index != head.size:
            raise InvalidLedger(LedgerProblem.WRONG_INDEX, head.size)
        if entry.previous != head.last_leaf:
            raise InvalidLedger(LedgerProblem.WRONG_PREVIOUS, head.size)
        leaf = leaf_hash(stored)
        head = Head(head.size + 1, extend(head.frontier, head.size, leaf), leaf)
    return head


def read_entry(stored: bytes, *, position: int = 0) -> Entry:
    """The entry that was stored as these bytes. Raises InvalidLedger, with the position, for any others."""
    try:
        entry = from_canonical(stored)
    except InvalidValue as error:
        raise InvalidLedger(LedgerProblem.NOT_AN_ENTRY, position, error.path) from error
    if not (isinstance(entry, dict) and set(entry) == _MEMBERS):
        raise InvalidLedger(LedgerProblem.NOT_AN_ENTRY, position)
    event, index, previous = entry["event"], entry["index"], entry["previous"]
    if not (isinstance(event, dict) and _has_kind(event)):
        raise InvalidLedger(LedgerProblem.NO_KIND, position)
    if type(index) is not int or not (isinstance(previous, str) and _HASH.fullmatch(previous)):
        raise InvalidLedger(LedgerProblem.NOT_AN_ENTRY, position)
    return Entry(index, bytes.fromhex(previous), event)


def shuffled(items: Iterable[Item], randbelow: Callable[[int], int]) -> tuple[Item, ...]:
    """The items in an order that tells nothing of the one they came in: every order is equally likely.

    `randbelow(n)` is one of 0 … n − 1, each equally likely: `secrets.randbelow`. So do secret ballots enter
    the ledger, at closing. Fisher-Yates; Knuth, The Art of Computer Programming, algorithm 3.4.2 P.
    """
    order = list(items)
    for last in range(len(order) - 1, 0, -1):
        chosen = randbelow(last + 1)
        order[last], order[chosen] = order[chosen], order[last]
    return tuple(order)


def _write_event(event: object, position: int) -> bytes:
    if not (isinstance(event, Mapping) and _has_kind(event)):
        raise InvalidLedger(LedgerProblem.NO_KIND, position)
    try:
        return canonical(event)
    except InvalidValue as error:
        raise InvalidLedger(LedgerProblem.NO_CANONICAL_FORM, position, error.path) from error


def _write_entry(event: bytes, index: int, previous: bytes) -> bytes:
    """The canonical JSON of the three members, of which the event is written already."""
    return b'{"event":%b,"index":%d,"previous":"%b"}' % (event, index, previous.hex().encode())


def _has_kind(event: Event) -> bool:
    return isinstance(event.get("kind"), str)
