from __future__ import annotations

from collections import Counter
from dataclasses import FrozenInstanceError, fields
from hashlib import sha256
from itertools import product
from math import factorial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.canonical import canonical
from agreements.ledger import (
    EMPTY,
    NO_LEAF,
    Entry,
    Head,
    InvalidLedger,
    LedgerProblem,
    Receipt,
    append,
    read_entry,
    resume,
    shuffled,
)
from agreements.merkle import EMPTY_ROOT, inclusion_proof, root, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = {"kind": "sitting_opened"}
SECOND = {"kind": "seat_voted", "question": "q1", "seat": "us-1"}
LEAF = sha256(b"a leaf").digest()
OTHER = sha256(b"another").digest()

events = st.fixed_dictionaries(
    {"kind": st.text(max_size=5)},
    optional={"seat": st.text(max_size=5), "votes": st.integers(-9, 9), "list": st.lists(st.none())},
)


def entry(event: object, index: object, previous: object) -> bytes:
    return canonical({"event": event, "index": index, "previous": previous})


def test_entries_are_chained_and_hashed_into_the_root() -> None:
    head, receipts = append(EMPTY, [FIRST, SECOND])
    first = b'{"event":{"kind":"sitting_opened"},"index":0,"previous":"' + b"0" * 64 + b'"}'
    first_leaf = sha256(b"\x00" + first).digest()
    second = (
        b'{"event":{"kind":"seat_voted","question":"q1","seat":"us-1"},"index":1,"previous":"'
        + first_leaf.hex().encode()
        + b'"}'
    )
    second_leaf = sha256(b"\x00" + second).digest()
    assert receipts == (Receipt(0, first_leaf, first), Receipt(1, second_leaf, second))
    expected_root = sha256(b"\x01" + first_leaf + second_leaf).digest()
    assert head == Head(2, (expected_root,), second_leaf)
    assert head.root == expected_root


def test_an_empty_batch_changes_nothing() -> None:
    assert append(EMPTY, []) == (EMPTY, ())
    assert Head(0, (), NO_LEAF) == EMPTY
    assert EMPTY.root == EMPTY_ROOT


def test_what_a_ledger_gives_never_changes() -> None:
    head, (receipt,) = append(EMPTY, [FIRST])
    for given_value in (head, receipt, read_entry(receipt.entry)):
        assert not hasattr(given_value, "__dict__")
        with pytest.raises(FrozenInstanceError):
            setattr(given_value, fields(given_value)[0].name, 2)
    append(head, [SECOND])
    assert head == append(EMPTY, [FIRST])[0]


def test_problems_go_by_their_names() -> None:
    assert [problem.value for problem in LedgerProblem] == [problem.name.lower() for problem in LedgerProblem]


@given(st.lists(events, max_size=40), st.data())
def test_a_batch_is_the_same_as_its_events_one_by_one(listed: list[Any], data: st.DataObject) -> None:
    whole, receipts = append(EMPTY, iter(listed))
    head, one_by_one = EMPTY, []
    for event in listed:
        head, (receipt,) = append(head, [event])
        one_by_one.append(receipt)
    assert (head, tuple(one_by_one)) == (whole, receipts)
    split = data.draw(st.integers(0, len(listed)))
    before, first = append(EMPTY, listed[:split])
    after, second = append(before, listed[split:])
    assert (after, first + second) == (whole, receipts)


@given(st.lists(events, max_size=40), st.data())
def test_every_receipt_is_proved_and_every_ledger_resumed(listed: list[Any], data: st.DataObject) -> None:
    head, receipts = append(EMPTY, listed)
    leaves = [receipt.leaf for receipt in receipts]
    assert head.root == root(leaves)
    for index, receipt in enumerate(receipts):
        assert receipt.index == index
        previous = leaves[index - 1] if index else NO_LEAF
        assert receipt.entry == entry(listed[index], index, previous.hex())
        assert read_entry(receipt.entry) == Entry(index, previous, listed[index])
        assert verify_inclusion(
            inclusion_proof(leaves, index),
            leaf=receipt.leaf,
            index=index,
            size=head.size,
            expected_root=head.root,
        )
    entries = [receipt.entry for receipt in receipts]
    split = data.draw(st.integers(0, len(entries)))
    assert resume(entries) == head
    assert resume(entries[split:], resume(entries[:split])) == head


@pytest.mark.parametrize(
    ("event", "code", "path"),
    [
        ({}, LedgerProblem.NO_KIND, ()),
        ({"kind": None}, LedgerProblem.NO_KIND, ()),
        ({"kind": 1}, LedgerProblem.NO_KIND, ()),
        ("kind", LedgerProblem.NO_KIND, ()),
        (["kind"], LedgerProblem.NO_KIND, ()),
        ({"kind": "k", "votes": [1, 0.5]}, LedgerProblem.NO_CANONICAL_FORM, ("votes", 1)),
        ({"kind": "\ud800"}, LedgerProblem.NO_CANONICAL_FORM, ("kind",)),
    ],
)
def test_one_bad_event_refuses_its_whole_batch(
    event: Any, code: LedgerProblem, path: tuple[Any, ...]
) -> None:
    with pytest.raises(InvalidLedger) as refusal:
        append(EMPTY, [FIRST, SECOND, event, FIRST])
    assert (refusal.value.code, refusal.value.position, refusal.value.path) == (code, 2, path)
    assert refusal.value.args == (code, 2, path)


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries[1:],
        lambda entries: [*entries[:1], *entries[2:]],
        lambda entries: [entries[0], *entries],
        lambda entries: [entries[0], entries[2], entries[1]],
    ],
    ids=["first dropped", "one dropped", "one twice", "two exchanged"],
)
def test_entries_out_of_their_place_are_refused(change: Callable[[list[bytes]], list[bytes]]) -> None:
    entries = [receipt.entry for receipt in append(EMPTY, [FIRST, SECOND, FIRST])[1]]
    with pytest.raises(InvalidLedger) as refusal:
        resume(change(entries))
    first_wrong = 0 if change(entries)[0] != entries[0] else 1
    assert (refusal.value.code, refusal.value.position) == (LedgerProblem.WRONG_INDEX, first_wrong)


def test_an_entry_of_another_ledger_is_refused() -> None:
    ours, _ = append(EMPTY, [FIRST])
    theirs, (_, foreign) = append(EMPTY, [SECOND, SECOND])
    with pytest.raises(InvalidLedger) as refusal:
        resume([foreign.entry], ours)
    assert (refusal.value.code, refusal.value.position) == (LedgerProblem.WRONG_PREVIOUS, 1)
    assert resume([foreign.entry], append(EMPTY, [SECOND])[0]) == theirs


@pytest.mark.parametrize(
    ("stored", "code", "path"),
    [
        (b"", LedgerProblem.NOT_AN_ENTRY, ()),
        (b"[]", LedgerProblem.NOT_AN_ENTRY, ()),
        (entry(FIRST, 0, "0" * 64) + b"\n", LedgerProblem.NOT_AN_ENTRY, ()),
        (b'{"event":9007199254740992}', LedgerProblem.NOT_AN_ENTRY, ("event",)),
        (canonical({"event": FIRST, "index": 0}), LedgerProblem.NOT_AN_ENTRY, ()),
        (
            canonical({"at": 1, "event": FIRST, "index": 0, "previous": "0" * 64}),
            LedgerProblem.NOT_AN_ENTRY,
            (),
        ),
        (entry([], 0, "0" * 64), LedgerProblem.NO_KIND, ()),
        (entry({"kind": True}, 0, "0" * 64), LedgerProblem.NO_KIND, ()),
        (entry(FIRST, False, "0" * 64), LedgerProblem.NOT_AN_ENTRY, ()),
        (entry(FIRST, "0", "0" * 64), LedgerProblem.NOT_AN_ENTRY, ()),
        (entry(FIRST, 0, None), LedgerProblem.NOT_AN_ENTRY, ()),
        (entry(FIRST, 0, "0" * 63), LedgerProblem.NOT_AN_ENTRY, ()),
        (entry(FIRST, 0, "0" * 66), LedgerProblem.NOT_AN_ENTRY, ()),
        (entry(FIRST, 0, "A" * 64), LedgerProblem.NOT_AN_ENTRY, ()),
        (canonical(["event", "index", "previous"]), LedgerProblem.NOT_AN_ENTRY, ()),
        (b"5", LedgerProblem.NOT_AN_ENTRY, ()),
        (entry(FIRST, 0, " " * 64), LedgerProblem.NOT_AN_ENTRY, ()),
    ],
)
def test_what_is_no_entry_is_refused(stored: bytes, code: LedgerProblem, path: tuple[Any, ...]) -> None:
    for read, position in ((read_entry, 0), (lambda one: read_entry(one, position=7), 7)):
        with pytest.raises(InvalidLedger) as refusal:
            read(stored)
        assert (refusal.value.code, refusal.value.position, refusal.value.path) == (code, position, path)
    with pytest.raises(InvalidLedger) as refusal:
        resume([stored], append(EMPTY, [FIRST, FIRST])[0])
    assert (refusal.value.code, refusal.value.position) == (code, 2)


@pytest.mark.parametrize(
    ("size", "frontier", "last_leaf"),
    [
        (-1, (LEAF,), LEAF),
        (0, (LEAF,), NO_LEAF),
        (0, (), LEAF),
        (1, (), LEAF),
        (1, (LEAF, LEAF), LEAF),
        (1, (LEAF,), OTHER),
        (1, (NO_LEAF,), NO_LEAF),
        (1, (LEAF[1:],), LEAF[1:]),
        (2, (OTHER,), NO_LEAF),
        (2, (OTHER[:31],), LEAF),
        (2, (OTHER,), LEAF + b"\x00"),
        (3, (OTHER,), LEAF),
        (3, (LEAF, OTHER), LEAF),
    ],
)
def test_a_head_that_contradicts_itself_is_refused(
    size: int, frontier: tuple[bytes, ...], last_leaf: bytes
) -> None:
    with pytest.raises(InvalidLedger) as refusal:
        Head(size, frontier, last_leaf)
    assert (refusal.value.code, refusal.value.position, refusal.value.path) == (
        LedgerProblem.NOT_A_HEAD,
        size,
        (),
    )


def test_a_head_that_was_stored_is_accepted() -> None:
    assert Head(1, (LEAF,), LEAF).root == LEAF
    assert Head(2, (OTHER,), LEAF).root == OTHER
    assert Head(3, (OTHER, LEAF), LEAF).size == 3


@pytest.mark.parametrize("size", range(5))
def test_every_order_is_equally_likely(size: int) -> None:
    """Every row of equally likely random numbers leads to an order of its own."""
    orders: Counter[tuple[int, ...]] = Counter()
    for numbers in product(*(range(below) for below in range(size, 1, -1))):
        drawn = iter(zip(range(size, 1, -1), numbers, strict=True))

        def randbelow(below: int, drawn: Any = drawn) -> int:
            expected, number = next(drawn)
            assert below == expected
            return number

        orders[shuffled(range(size), randbelow)] += 1
        assert next(drawn, None) is None
    assert orders == Counter(dict.fromkeys(orders, 1))
    assert len(orders) == factorial(size)


def test_shuffling_leaves_the_items_where_they_were() -> None:
    ballots = ["yes", "no", "abstain"]
    assert shuffled(ballots, lambda _: 0) == ("no", "abstain", "yes")
    assert ballots == ["yes", "no", "abstain"]
