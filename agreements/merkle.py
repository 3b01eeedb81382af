"""A tree of hashes: one root stands for all entries, and short proofs show what it holds.

The tree of Certificate Transparency (RFC 6962, RFC 9162), given by the leaf hashes of its entries, in order.
It is split after the largest power of two that is smaller than their number; its root is the hash of the two
halves' roots.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_SIZE = 32
"""Bytes of a SHA-256 hash."""

EMPTY_ROOT = sha256().digest()
"""The root of the tree without entries."""


class OutsideTree(ValueError):
    """There is no such entry, or no such earlier tree: `position` against the `size` of the tree."""

    def __init__(self, position: int, size: int) -> None:
        self.position, self.size = position, size
        super().__init__(position, size)


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry: never the hash of two nodes. RFC 9162 §2.1.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and the two halves. RFC 9162 §2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree with these leaf hashes. RFC 9162 §2.1.1."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(root(leaves[:split]), root(leaves[split:]))


# -- one entry is in the tree -------------------------------------------------------------------------


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from one entry to the root, from the leaf upwards. RFC 9162 §2.1.3.1.

    Raises OutsideTree.
    """
    if not 0 <= index < len(leaves):
        raise OutsideTree(index, len(leaves))
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*inclusion_proof(leaves[:split], index), root(leaves[split:]))
    return (*inclusion_proof(leaves[split:], index - split), root(leaves[:split]))


def verify_inclusion(
    proof: Sequence[bytes], *, leaf: bytes, index: int, size: int, expected_root: bytes
) -> bool:
    """The entry with this leaf hash stands at this index of the tree with this root. RFC 9162 §2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node % 2 or node == last:
            computed = node_hash(sibling, computed)
            node, last = _climb_to_a_right_child(node, last)
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == expected_root


# -- a tree continues an earlier one ------------------------------------------------------------------


def consistency_proof(leaves: Sequence[bytes], earlier_size: int) -> tuple[bytes, ...]:
    """The hashes that show that the tree only added entries since it had that size. RFC 9162 §2.1.4.1.

    Empty where nothing needs proof: the sizes are the same, or the earlier tree was empty. Raises
    OutsideTree.
    """
    if not 0 <= earlier_size <= len(leaves):
        raise OutsideTree(earlier_size, len(leaves))
    return _consistency(leaves, earlier_size, known=True) if earlier_size else ()


def _consistency(leaves: Sequence[bytes], earlier_size: int, *, known: bool) -> tuple[bytes, ...]:
    """`known`: the earlier tree is the whole of this part, and its verifier has that root already."""
    if earlier_size == len(leaves):
        return () if known else (root(leaves),)
    split = _split(len(leaves))
    if earlier_size <= split:
        return (*_consistency(leaves[:split], earlier_size, known=known), root(leaves[split:]))
    return (*_consistency(leaves[split:], earlier_size - split, known=False), root(leaves[:split]))


def verify_consistency(
    proof: Sequence[bytes], *, earlier_size: int, size: int, earlier_root: bytes, expected_root: bytes
) -> bool:
    """The tree of this size continues the earlier one: nothing was changed or removed. RFC 9162 §2.1.4.2."""
    if not 0 <= earlier_size <= size:
        return False
    if earlier_size == size:
        return not proof and earlier_root == expected_root
    if earlier_size == 0:
        return not proof and earlier_root == EMPTY_ROOT
    if not proof:
        return False
    path = proof if earlier_size & (earlier_size - 1) else (earlier_root, *proof)
    return _rebuild_both(path, earlier_size - 1, size - 1) == (earlier_root, expected_root)


def _rebuild_both(path: Sequence[bytes], node: int, last: int) -> tuple[bytes, bytes] | None:
    """The roots of the earlier and of the later tree, or None where the path is too short or too long."""
    while node % 2:
        node, last = node >> 1, last >> 1
    earlier = later = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node % 2 or node == last:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
            node, last = _climb_to_a_right_child(node, last)
        else:
            later = node_hash(later, sibling)
        node, last = node >> 1, last >> 1
    return (earlier, later) if last == 0 else None


# -- growing ------------------------------------------------------------------------------------------


def extend(frontier: tuple[bytes, ...], size: int, leaf: bytes) -> tuple[bytes, ...]:
    """The frontier after one more leaf.

    The frontier of n entries are the roots of its full subtrees, from left to right: one for every 1 in the
    binary form of n. It is all that a tree needs in order to grow, and never more than log2(n) + 1 hashes.
    """
    grown, merged = list(frontier), leaf
    while size % 2:
        merged = node_hash(grown.pop(), merged)
        size //= 2
    return (*grown, merged)


def fold(frontier: tuple[bytes, ...]) -> bytes:
    """The root of the tree with this frontier."""
    if not frontier:
        return EMPTY_ROOT
    *rest, computed = frontier
    for subtree in reversed(rest):
        computed = node_hash(subtree, computed)
    return computed


def _split(size: int) -> int:
    """The largest power of two smaller than this size (of at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def _climb_to_a_right_child(node: int, last: int) -> tuple[int, int]:
    """A node that is alone at the right edge rises unhashed until it is a right child. It is not the root."""
    while not node % 2:
        node, last = node >> 1, last >> 1
    return node, last
