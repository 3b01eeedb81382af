from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.bundle import Bundle, BundleProblem, InvalidBundle, read, write
from agreements.checkpoint import CheckpointProblem, InvalidCheckpoint, Signature, parse_checkpoint
from agreements.ledger import InvalidLedger, LedgerProblem
from tests.agreements.audits import CONFERENCE, STRANGER, bundled, entries_of, signed, signer, with_hash

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = [{"kind": "sitting_opened", "room": "Ñuu\u2028\x85"}, {"kind": "a"}, {"kind": "b"}]
ENTRIES = entries_of(EVENTS)
WHOLE = Bundle(CONFERENCE.public, ENTRIES, (signed(ENTRIES, 1), signed(ENTRIES, 3)))
LINES = write(WHOLE).decode().split("\n")[:-1]


def refusal_of(make: Callable[[], object]) -> tuple[BundleProblem, int]:
    with pytest.raises(InvalidBundle) as refusal:
        make()
    assert refusal.value.args == (refusal.value.code, refusal.value.position)
    return refusal.value.code, refusal.value.position


def altered(line: int, text: str) -> list[str]:
    """The lines with another one in this place, from 1."""
    return [*LINES[: line - 1], text, *LINES[line:]]


def test_a_bundle_is_one_text_file() -> None:
    body = (
        "asamblea-audit 1\n"
        f"key {CONFERENCE.public.text}\n"
        "entries 3\n"
        + "".join(entry.decode() + "\n" for entry in ENTRIES)
        + "checkpoints 2\n"
        + signed(ENTRIES, 1).text
        + signed(ENTRIES, 3).text
    )
    assert write(WHOLE).decode() == f"{body}sha256 {sha256(body.encode()).hexdigest()}\n"
    assert len(LINES) == 18


def test_a_bundle_never_changes() -> None:
    assert not hasattr(WHOLE, "__dict__")
    with pytest.raises(FrozenInstanceError):
        WHOLE.entries = ()  # type: ignore[misc]
    assert [problem.value for problem in BundleProblem] == [problem.name.lower() for problem in BundleProblem]


def test_what_is_written_is_read() -> None:
    assert read(write(WHOLE)) == WHOLE
    assert with_hash(LINES) == write(WHOLE)


def test_a_ledger_without_entries_has_a_bundle_too() -> None:
    empty = Bundle(CONFERENCE.public, (), (signed((), 0),))
    assert read(write(empty)) == empty
    started = Bundle(CONFERENCE.public, ENTRIES[:1], (signed(ENTRIES, 0), signed(ENTRIES, 1)))
    assert read(write(started)) == started


def test_checkpoints_rise_to_the_number_of_entries() -> None:
    first, second, last = (signed(ENTRIES, size) for size in (1, 2, 3))
    for checkpoints, position in (
        ((first, second), 1),
        ((first,), 0),
        ((second, first, last), 1),
        ((first, first, last), 1),
        ((first, last, last), 2),
    ):
        assert refusal_of(lambda given=checkpoints: replace(WHOLE, checkpoints=given)) == (  # type: ignore[misc]
            BundleProblem.WRONG_SIZE,
            position,
        )
    assert refusal_of(lambda: replace(WHOLE, entries=ENTRIES[:2])) == (BundleProblem.WRONG_SIZE, 1)
    assert replace(WHOLE, checkpoints=(first, second, last)).checkpoints[1] == second


def test_a_bundle_has_a_checkpoint() -> None:
    assert refusal_of(lambda: replace(WHOLE, checkpoints=())) == (BundleProblem.NO_CHECKPOINT, 0)


def test_checkpoints_are_of_these_entries() -> None:
    others = entries_of([{"kind": "other"}, *EVENTS[1:]])
    for number, checkpoints in enumerate(
        [(signed(others, 1), signed(ENTRIES, 3)), (signed(ENTRIES, 1), signed(others, 3))]
    ):
        assert refusal_of(lambda given=checkpoints: replace(WHOLE, checkpoints=given)) == (  # type: ignore[misc]
            BundleProblem.WRONG_ROOT,
            number,
        )


def test_entries_are_a_ledger() -> None:
    with pytest.raises(InvalidLedger) as refusal:
        replace(WHOLE, entries=(ENTRIES[0], ENTRIES[0], ENTRIES[2]))
    assert (refusal.value.code, refusal.value.position) == (LedgerProblem.WRONG_INDEX, 1)


def test_checkpoints_are_signed_by_the_key_alone() -> None:
    last = signed(ENTRIES, 3)
    (own,) = last.signatures
    witness = Signature("witness.example", b"wit1", b"signature")
    namesake = signed(ENTRIES, 3, STRANGER)
    other_log = signed(ENTRIES, 3, signer("the conference", "puebla.example"))
    unsigned = replace(last, signatures=(witness,))
    borrowed = replace(other_log, signatures=(own,))
    for checkpoint in (namesake, other_log, unsigned, borrowed, replace(last, signatures=(own, witness))):
        checkpoints = (signed(ENTRIES, 1), checkpoint)
        assert refusal_of(lambda given=checkpoints: replace(WHOLE, checkpoints=given)) == (  # type: ignore[misc]
            BundleProblem.WRONG_SIGNER,
            1,
        )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" + write(WHOLE),
        write(WHOLE)[:-1],
        write(WHOLE) + b"\n",
        write(WHOLE).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + write(WHOLE),
        with_hash(altered(1, "asamblea-audit 2")),
        with_hash(altered(1, "asamblea-audit 1 ")),
        with_hash(altered(2, CONFERENCE.public.text)),
        with_hash(altered(3, "3")),
        with_hash(altered(3, "entries 03")),
        with_hash(altered(3, "entries -1")),
        with_hash(altered(3, "entries 9999999999999999")),
        with_hash(altered(3, "entries 2")),
        with_hash(altered(3, "entries 4")),
        with_hash(altered(7, "2")),
        with_hash(altered(7, "checkpoints 02")),
        write(WHOLE)[: -len(LINES[-1]) - 1],
        write(WHOLE).replace(b"sha256 ", b"sha256  "),
        b"asamblea-audit 1\n",
        b"asamblea-audit 1\nkey\nentries 0",
        b"asamblea-audit 1\nkey",
        b"asamblea-audit 1\nkey\n",
        with_hash([*LINES[:-1], "surplus", LINES[-1]]),
    ],
)
def test_any_other_bytes_are_no_bundle(data: bytes) -> None:
    with pytest.raises((InvalidBundle, InvalidCheckpoint)) as refusal:
        read(data)
    assert refusal.value.code in {BundleProblem.NOT_A_BUNDLE, CheckpointProblem.NOT_A_NOTE}


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        (2, "key " + CONFERENCE.public.text[:-4], CheckpointProblem.BAD_KEY),
        (3, "entries 0", BundleProblem.NOT_A_BUNDLE),
        (7, "checkpoints 0", BundleProblem.NO_CHECKPOINT),
        (7, "checkpoints 1", BundleProblem.WRONG_SIZE),
        (7, "checkpoints 3", CheckpointProblem.NOT_A_NOTE),
        (7, "checkpoints 9999999999999999", CheckpointProblem.NOT_A_NOTE),
        (9, "01", CheckpointProblem.BAD_SIZE),
        (11, " ", CheckpointProblem.NOT_A_NOTE),
        (5, "{}", LedgerProblem.NOT_AN_ENTRY),
    ],
)
def test_every_line_is_as_it_would_be_written(line: int, text: str, code: Any) -> None:
    with pytest.raises((InvalidBundle, InvalidCheckpoint, InvalidLedger)) as refusal:
        read(with_hash(altered(line, text)))
    assert refusal.value.code == code


@given(st.data())
def test_whatever_is_read_would_be_written_so(data: st.DataObject) -> None:
    text = write(WHOLE)
    start = data.draw(st.integers(0, len(text) - 1))
    inserted = data.draw(st.binary(max_size=2) | st.sampled_from([b"\n", b" ", b"0"]))
    spoiled = text[:start] + inserted + text[data.draw(st.integers(start, start + 2)) :]
    for given_bytes in (spoiled, with_hash(spoiled.decode(errors="replace").split("\n")[:-1] or [""])):
        try:
            assert write(read(given_bytes)) == given_bytes
        except (InvalidBundle, InvalidCheckpoint, InvalidLedger):
            continue
        # Only a signature can be another without contradicting the rest: that is what signatures are for.
        assert read(given_bytes).entries == ENTRIES


def test_a_checkpoint_is_cut_out_of_the_file_as_it_is() -> None:
    lines = bundled(EVENTS, 2).decode().split("\n")
    assert parse_checkpoint("\n".join(lines[7:12]) + "\n") == signed(ENTRIES, 2)
