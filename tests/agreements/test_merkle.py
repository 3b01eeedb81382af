from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    OutsideTree,
    consistency_proof,
    extend,
    fold,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The test vectors of Certificate Transparency: eight entries, the roots of the first 1, 2, … 8 of them.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [
    bytes.fromhex(expected)
    for expected in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
A_HASH = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")
SIZES = range(71)
TO_SPOIL = (*range(2, 18), 24, 31, 32, 33, 47, 64, 65)
MANY = [leaf_hash(bytes([number])) for number in SIZES]

# Index, size, proof.
INCLUSIONS = [
    (0, 1, ""),
    (
        0,
        8,
        """96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""",
    ),
    (
        5,
        8,
        """bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b
        ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    ),
    (2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (
        1,
        5,
        """6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
    ),
]
# Earlier size, size, proof.
CONSISTENCIES = [
    (1, 1, ""),
    (
        1,
        8,
        """96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""",
    ),
    (
        6,
        8,
        """0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a
        ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    ),
    (
        2,
        5,
        """5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
    ),
    (
        6,
        7,
        """0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a
        b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    ),
]


class Inclusion(NamedTuple):
    """Everything that a verifier of an inclusion is told."""

    proof: tuple[bytes, ...]
    leaf: bytes
    index: int
    size: int
    expected_root: bytes

    def holds(self) -> bool:
        answer = verify_inclusion(
            self.proof, leaf=self.leaf, index=self.index, size=self.size, expected_root=self.expected_root
        )
        assert answer in {True, False}
        return answer


class Consistency(NamedTuple):
    """Everything that a verifier of consistency is told."""

    proof: tuple[bytes, ...]
    earlier_size: int
    size: int
    earlier_root: bytes
    expected_root: bytes

    def holds(self) -> bool:
        answer = verify_consistency(
            self.proof,
            earlier_size=self.earlier_size,
            size=self.size,
            earlier_root=self.earlier_root,
            expected_root=self.expected_root,
        )
        assert answer in {True, False}
        return answer


def hashes(text: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(line) for line in text.split())


def inclusion(index: int, size: int) -> Inclusion:
    leaves = MANY[:size]
    return Inclusion(inclusion_proof(leaves, index), leaves[index], index, size, root(leaves))


def consistency(earlier: int, size: int) -> Consistency:
    leaves = MANY[:size]
    proof = consistency_proof(leaves, earlier)
    return Consistency(proof, earlier, size, root(leaves[:earlier]), root(leaves))


def spoiled(proof: tuple[bytes, ...], *further: bytes) -> list[tuple[bytes, ...]]:
    """A proof with garbage at either end, each hash altered, and each hash left out."""
    garbage = (b"", A_HASH, *further)
    longer = [(*proof, more) for more in garbage] + [(more, *proof) for more in garbage]
    altered = [
        (*proof[:at], bytes([proof[at][0] ^ 16]) + proof[at][1:], *proof[at + 1 :])
        for at in range(len(proof))
    ]
    shorter = [(*proof[:at], *proof[at + 1 :]) for at in range(len(proof))]
    return [one for one in (*longer, *altered, *shorter, proof[::-1]) if one != proof]


def false_inclusions(true: Inclusion) -> list[Inclusion]:
    return [
        *(true._replace(index=index) for index in (true.index - 1, true.index + 1, true.index ^ 2)),
        *(true._replace(size=size) for size in (true.size * 2, true.size // 2, 0)),
        *(true._replace(leaf=leaf) for leaf in (b"WrongLeaf", A_HASH)),
        *(true._replace(expected_root=other) for other in (b"", EMPTY_ROOT, A_HASH)),
        *(true._replace(proof=proof) for proof in spoiled(true.proof, true.expected_root, true.leaf)),
    ]


def false_consistencies(true: Consistency) -> list[Consistency]:
    sizes = (true.earlier_size - 1, true.earlier_size + 1, true.earlier_size ^ 2)
    return [
        *(true._replace(earlier_size=size) for size in sizes),
        *(true._replace(size=size) for size in (true.size * 2, true.size // 2, 0)),
        *(true._replace(earlier_root=other) for other in (b"WrongRoot", EMPTY_ROOT, A_HASH)),
        *(true._replace(expected_root=other) for other in (b"WrongRoot", EMPTY_ROOT, A_HASH)),
        true._replace(earlier_root=true.expected_root, expected_root=true.earlier_root),
        true._replace(proof=()),
        *(
            true._replace(proof=proof)
            for proof in spoiled(true.proof, true.earlier_root, true.expected_root, *true.proof[:1])
        ),
    ]


# -- hashes and roots ---------------------------------------------------------------------------------


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert leaf_hash(b"L123456") == bytes.fromhex(
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert node_hash(b"N123", b"N456") == bytes.fromhex(
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )
    assert leaf_hash(b"") == sha256(b"\x00").digest()
    assert len(leaf_hash(b"")) == HASH_SIZE


def test_the_root_of_no_entries_is_the_hash_of_nothing() -> None:
    assert root([]) == fold(()) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root(LEAVES[:size]) == ROOTS[size - 1]


def test_a_tree_of_seven_is_split_as_in_the_rfc() -> None:
    a, b, c, d, e, f, j = LEAVES[:7]  # RFC 9162 §2.1.5
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741  the letters of the RFC
    assert root(LEAVES[:7]) == node_hash(k, l)
    proofs = {0: (b, h, l), 3: (c, g, l), 4: (f, j, k), 6: (i, k)}
    assert {index: inclusion_proof(LEAVES[:7], index) for index in proofs} == proofs
    consistencies = {3: (c, d, g, l), 4: (l,), 6: (i, j, k)}
    assert {size: consistency_proof(LEAVES[:7], size) for size in consistencies} == consistencies


# -- inclusion ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("index", "size", "expected"), INCLUSIONS)
def test_inclusion_proofs_are_those_of_certificate_transparency(index: int, size: int, expected: str) -> None:
    proof = hashes(expected)
    assert inclusion_proof(LEAVES[:size], index) == proof
    assert Inclusion(proof, LEAVES[index], index, size, ROOTS[size - 1]).holds()


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_is_shown_to_be_in_its_tree_and_nowhere_else(size: int) -> None:
    for index in range(size):
        true = inclusion(index, size)
        assert true.holds()
        assert [index for index in range(-1, size + 2) if true._replace(index=index).holds()] == [index]


@pytest.mark.parametrize("size", (1, *TO_SPOIL))
def test_no_spoiled_inclusion_holds(size: int) -> None:
    for index in range(size):
        assert [false for false in false_inclusions(inclusion(index, size)) if false.holds()] == []


def test_a_proof_longer_than_the_tree_is_high_shows_nothing() -> None:
    leaf, sibling = LEAVES[:2]
    for expected_root in (node_hash(sibling, leaf), node_hash(leaf, sibling)):
        assert not Inclusion((sibling,), leaf, 0, 1, expected_root).holds()
    above = node_hash(LEAVES[2], node_hash(leaf, sibling))
    assert not Inclusion((sibling, LEAVES[2]), leaf, 0, 2, above).holds()


@given(st.lists(st.sampled_from([A_HASH, *ROOTS]), max_size=9), st.integers(-1, 9), st.integers(-1, 9))
def test_an_arbitrary_proof_shows_nothing(proof: list[bytes], index: int, size: int) -> None:
    assert not Inclusion(tuple(proof), b"not a leaf", index, size, root(MANY[:8])).holds()


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_there_is_no_proof_for_an_entry_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(OutsideTree) as refusal:
        inclusion_proof(LEAVES[:size], index)
    assert (refusal.value.position, refusal.value.size) == refusal.value.args == (index, size)
    assert not Inclusion((), LEAVES[0], index, size, LEAVES[0]).holds()


# -- consistency --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("earlier", "size", "expected"), CONSISTENCIES)
def test_consistency_proofs_are_those_of_certificate_transparency(
    earlier: int, size: int, expected: str
) -> None:
    proof = hashes(expected)
    assert consistency_proof(LEAVES[:size], earlier) == proof
    assert Consistency(proof, earlier, size, ROOTS[earlier - 1], ROOTS[size - 1]).holds()


@pytest.mark.parametrize("size", SIZES)
def test_every_tree_is_shown_to_continue_all_earlier_ones(size: int) -> None:
    assert all(consistency(earlier, size).holds() for earlier in range(size + 1))


@pytest.mark.parametrize("size", TO_SPOIL)
def test_no_spoiled_consistency_holds(size: int) -> None:
    for earlier in range(1, size):
        assert [false for false in false_consistencies(consistency(earlier, size)) if false.holds()] == []


@given(st.integers(2, 70), st.data())
def test_a_tree_that_changed_an_entry_does_not_continue_the_earlier_one(
    size: int, data: st.DataObject
) -> None:
    earlier = data.draw(st.integers(1, size - 1))
    changed = list(MANY[:size])
    changed[data.draw(st.integers(0, earlier - 1))] = A_HASH
    proof = consistency_proof(changed, earlier)
    false = Consistency(proof, earlier, size, root(MANY[:earlier]), root(changed))
    assert not false.holds()
    assert not false._replace(proof=consistency_proof(MANY[:size], earlier)).holds()


@pytest.mark.parametrize(
    ("told", "holds"),
    [
        (Consistency((), 0, 0, EMPTY_ROOT, EMPTY_ROOT), True),
        (Consistency((), 0, 0, EMPTY_ROOT, A_HASH), False),
        (Consistency((A_HASH,), 0, 0, EMPTY_ROOT, EMPTY_ROOT), False),
        (Consistency((), 0, 1, EMPTY_ROOT, A_HASH), True),
        (Consistency((), 0, 1, A_HASH, A_HASH), False),
        (Consistency((A_HASH,), 0, 1, EMPTY_ROOT, A_HASH), False),
        (Consistency((), 1, 1, A_HASH, A_HASH), True),
        (Consistency((A_HASH,), 1, 1, A_HASH, A_HASH), False),
        (Consistency((), 1, 1, A_HASH, EMPTY_ROOT), False),
        (Consistency((), 1, 2, A_HASH, A_HASH), False),
        (Consistency((), 2, 1, A_HASH, A_HASH), False),
        (Consistency((), 1, 0, A_HASH, EMPTY_ROOT), False),
        (Consistency((), -1, -1, A_HASH, A_HASH), False),
        (Consistency((), 0, -1, EMPTY_ROOT, A_HASH), False),
    ],
)
def test_consistency_at_its_ends(told: Consistency, holds: bool) -> None:
    assert told.holds() is holds


@pytest.mark.parametrize(("earlier", "size"), [(-1, 3), (4, 3), (1, 0)])
def test_there_is_no_proof_for_a_tree_that_was_not_earlier(earlier: int, size: int) -> None:
    with pytest.raises(OutsideTree) as refusal:
        consistency_proof(LEAVES[:size], earlier)
    assert (refusal.value.position, refusal.value.size) == (earlier, size)


# -- growing ------------------------------------------------------------------------------------------


def test_a_frontier_grows_leaf_by_leaf_and_folds_to_the_root() -> None:
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(MANY):
        assert len(frontier) == size.bit_count()
        assert fold(frontier) == root(MANY[:size])
        frontier = extend(frontier, size, leaf)


def test_a_frontier_holds_the_full_subtrees_from_left_to_right() -> None:
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(LEAVES[:7]):
        frontier = extend(frontier, size, leaf)
    assert frontier == (root(LEAVES[:4]), root(LEAVES[4:6]), LEAVES[6])
