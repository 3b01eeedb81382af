from __future__ import annotations

import ast
import io
import os
import re
import runpy
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements import verify_audit
from agreements.verify_audit import (
    Unreadable,
    describe,
    find_signature_check,
    main,
    verify,
)
from tests.agreements.audits import (
    CHAMBERS,
    CONFERENCE,
    ED25519,
    FIRST_ENTRY_LINE,
    NAME,
    STRANGER,
    Event,
    annulled,
    bundled,
    cast,
    checked,
    closed,
    entries_of,
    opened,
    present,
    random_audit,
    row,
    showcase,
    signed,
    signer,
    tied_twice,
    unfinished,
    voted,
    with_hash,
)

if TYPE_CHECKING:
    from random import Random

SCRIPT = Path(verify_audit.__file__)


def complaint(data: bytes, **how: Any) -> tuple[str, int, int]:
    """The code of the problem, its line, and how many stages were passed before it."""
    report = checked(data, **how)
    assert report.problem is not None
    assert not report.right
    return report.problem.code, report.problem.line, report.stages_passed


# -- honest audits -------------------------------------------------------------------------------------


def test_an_honest_audit_is_right() -> None:
    report = checked(bundled(showcase(), 3, 10))
    assert report.problem is None
    assert report.right
    assert (report.stages_passed, report.entries, report.checkpoints) == (4, 59, [3, 10, 59])
    assert (report.origin, report.key_text) == (NAME, CONFERENCE.public.text)
    assert (report.signatures_checked, report.saved_size, report.key_was_given) == (True, None, False)
    questions = report.conference.questions
    assert {name: question.standing for name, question in questions.items()} == {
        "adopted": "annulled",
        "refused": "rejected",
        "tie": "tied",
        "tie-void": "annulled",
        "tie-again": "tied",
        "sealed": "annulled",
        "present": "chambers_disagree",
        "reading": "adopted",
        "pillars-simple": "chambers_disagree",
        "pillars-absolute": "chambers_disagree",
        "left": "inquorate",
        "open": "open",
    }
    assert [name for name, question in questions.items() if question.revote] == ["tie-void", "tie-again"]
    tallies = report.conference.tallies
    assert (tallies.roll_call_ballots, tallies.changed_votes, tallies.most_proxies) == (35, 1, 1)
    assert (tallies.secret_ballots, tallies.secret_participations) == (8, 6)
    assert tallies.other_kinds == Counter({"sitting_opened": 1})


@given(st.randoms(use_true_random=False), st.integers(1, 5))
@settings(max_examples=60)
def test_every_honest_audit_is_right(random: Random, questions: int) -> None:
    events = random_audit(random, questions)
    sizes = random.sample(range(len(events)), min(3, len(events)))
    report = checked(bundled(events, *sorted(sizes)))
    assert report.problem is None
    assert len(report.conference.questions) == questions


def test_an_audit_in_which_nothing_happened_is_right() -> None:
    report = checked(bundled([]))
    assert (report.right, report.entries, report.checkpoints) == (True, 0, [0])
    assert report.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("quorum", "seats", "fewest"),
    [((1, 2), 4, 3), ((1, 2), 5, 3), ((2, 3), 3, 3), ((0, 1), 4, 1), ((3, 4), 4, 4), ((3, 4), 5, 4)],
)
def test_quorum_is_more_than_its_share(quorum: tuple[int, int], seats: int, fewest: int) -> None:
    share = dict(zip(("numerator", "denominator"), quorum, strict=True))
    for count in range(1, seats + 1):
        electorate, names = row("us", seats), [f"us-{number}" for number in range(1, count + 1)]
        opening = opened("q", electorate, row("mx", 1), quorum=share)
        opening["chambers"]["us"]["present"] = present(electorate, names)
        report = checked(bundled([opening]))
        assert report.right is (count >= fewest)


@pytest.mark.parametrize("moment", ["2026-11-22T18:30:00Z", "2026-11-22T18:30:00.123456+00:00"])
def test_a_moment_may_stand_with_an_event(moment: str) -> None:
    life = [opened("q", row("us", 1), row("mx", 1)), annulled("q")]
    assert checked(bundled([event | {"at": moment} for event in life])).right


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-22T18:30:00",
        "2026-11-22 18:30:00Z",
        "2026-11-22T18:30:00-07:00",
        "2026-13-22T18:30:00Z",
        "2026-11-22T24:30:00Z",
        "2026-11-22T18:30:00.Z",
        "2026-11-22T18:30:00.1234567Z",
        "٢٠٢٦-11-22T18:30:00Z",
        " 2026-11-22T18:30:00Z",
        "",
        None,
        20261122,
    ],
)
def test_another_moment_may_not(moment: Any) -> None:
    event = opened("q", row("us", 1), row("mx", 1)) | {"at": moment}
    report = checked(bundled([event]))
    assert report.problem is not None
    assert (report.problem.code, report.problem.facts) == ("event", {"member": "at"})


# -- the rules, at both sides of every boundary ---------------------------------------------------------


def ballots_of(question: str, chamber: str, yes: int, no: int, abstain: int) -> list[Event]:
    answers = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
    return [
        cast(question, f"{chamber}-{number}", **{answer: 1}) for number, answer in enumerate(answers, start=1)
    ]


@pytest.mark.parametrize(
    ("rule", "answers", "there", "expected"),
    [
        ("simple", (3, 2, 0), 6, (True, False, 5, "cast", 3)),
        ("simple", (2, 2, 1), 6, (False, True, 4, "cast", 3)),
        ("simple", (0, 0, 2), 6, (False, True, 0, "cast", 1)),
        ("simple", (1, 2, 0), 6, (False, False, 3, "cast", 3)),
        ("two_thirds", (4, 2, 0), 6, (True, False, 6, "cast", 4)),
        ("two_thirds", (3, 2, 1), 6, (False, False, 5, "cast", 4)),
        ("two_thirds", (1, 1, 0), 6, (False, True, 2, "cast", 2)),
        ("two_thirds", (2, 2, 0), 6, (False, False, 4, "cast", 3)),
        ("two_thirds", (0, 0, 0), 6, (False, True, 0, "cast", 1)),
        ("three_quarters", (3, 1, 2), 6, (True, False, 4, "cast", 3)),
        ("three_quarters", (4, 2, 0), 6, (False, False, 6, "cast", 5)),
        ("three_quarters", (1, 1, 0), 6, (False, False, 2, "cast", 2)),
        ("three_quarters", (0, 0, 1), 6, (False, True, 0, "cast", 1)),
        ("present", (4, 1, 1), 6, (True, False, 6, "present", 4)),
        ("present", (3, 3, 0), 6, (False, True, 6, "present", 4)),
        ("present", (3, 1, 0), 5, (True, False, 5, "present", 3)),
        ("present", (3, 3, 0), 4, (False, True, 6, "present", 4)),
        ("present", (2, 2, 0), 6, (False, False, 6, "present", 4)),
        ("absolute", (4, 0, 0), 6, (True, False, 6, "entitled", 4)),
        ("absolute", (3, 3, 0), 4, (False, True, 6, "entitled", 4)),
        ("absolute", (3, 0, 0), 6, (False, False, 6, "entitled", 4)),
        ("consensus", (1, 0, 5), 6, (True, False, 1, "cast", 1)),
        ("consensus", (5, 1, 0), 6, (False, False, 6, "cast", 6)),
        ("consensus", (0, 0, 3), 6, (False, True, 0, "cast", 1)),
        ("consensus", (1, 1, 0), 6, (False, False, 2, "cast", 2)),
    ],
)
def test_a_rule_says_what_its_sums_say(
    rule: str, answers: tuple[int, int, int], there: int, expected: tuple[Any, ...]
) -> None:
    opening = opened("q", row("us", 6), row("mx", 6), rule=rule)
    ballots = ballots_of("q", "us", *answers)
    names = [f"{chamber}-{number}" for chamber in CHAMBERS for number in range(1, there + 1)]
    closing = closed(opening, ballots, there=names)
    recorded = closing["chambers"]["us"]
    found = (
        recorded["passed"],
        recorded["tied"],
        recorded["base"],
        recorded["measured_by"],
        recorded["needed"],
    )
    assert found == expected
    assert checked(bundled([opening, *ballots, closing])).right


@given(st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_no_number_of_a_closing_can_be_another(random: Random) -> None:
    """Whatever the audit, each recorded number is computed again."""
    events = random_audit(random, 3)
    closings = [place for place, event in enumerate(events) if event["kind"] == "question_closed"]
    if not closings:
        return
    place = random.choice(closings)
    forged = deepcopy(events)
    part = random.choice(
        [forged[place][name][chamber] for name in ("counts", "chambers") for chamber in CHAMBERS]
    )
    member = random.choice(sorted(part))
    part[member] = {bool: lambda old: not old, int: lambda old: old + random.choice((-1, 1)), str: str.upper}[
        type(part[member])
    ](part[member])
    code = "count" if len(part) == 3 else "arithmetic"
    assert complaint(bundled(forged)) == (code, FIRST_ENTRY_LINE + place, 3)


# -- altered bytes --------------------------------------------------------------------------------------


def spoiled(data: bytes, position: int) -> list[bytes]:
    """One byte altered in two ways, removed, doubled, and a blank and a line feed put in."""
    before, byte, following = data[:position], data[position : position + 1], data[position + 1 :]
    return [
        before + bytes([byte[0] ^ 1]) + following,
        before + bytes([byte[0] ^ 0x20]) + following,
        before + following,
        before + byte + byte + following,
        before + b" " + byte + following,
        before + b"\n" + byte + following,
    ]


def rehashed(data: bytes) -> bytes:
    """The same with its hash made right again: what somebody does who wants to deceive."""
    return with_hash(data.decode(errors="replace").split("\n")[:-1])


SMALL = bundled([{"kind": "note", "words": "Ñuu"}, *unfinished()], 1)


TINY = bundled([{"kind": "a"}, {"kind": "ñ"}], 1)


@pytest.mark.parametrize("part", range(4))
def test_no_byte_of_a_file_can_be_another(part: int) -> None:
    for position in range(part, len(TINY), 4):
        for data in spoiled(TINY, position):
            assert not verify(data, check=None).right
            made_right = rehashed(data)
            assert made_right == TINY or not verify(made_right, check=ED25519).right


WHOLE = bundled(showcase(), 3, 10)


@given(st.data())
@settings(max_examples=100)
def test_no_byte_of_a_longer_file_can_be_another(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(WHOLE) - 1))
    altered = data.draw(st.sampled_from([*spoiled(WHOLE, position), WHOLE[:position]]))
    assert not verify(altered, check=None).right
    made_right = rehashed(altered)
    assert made_right == WHOLE or not verify(made_right, check=ED25519).right


@given(st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_no_line_can_be_dropped_doubled_or_moved(random: Random) -> None:
    lines = WHOLE.decode().split("\n")[:-1]
    one, other = random.sample(range(len(lines) - 1), 2)
    dropped = lines[:one] + lines[one + 1 :]
    doubled = lines[:one] + lines[one : one + 1] + lines[one:]
    moved = lines[:]
    moved[one], moved[other] = moved[other], moved[one]
    for altered in (dropped, doubled, moved):
        assert altered == lines or not verify(with_hash(altered), check=ED25519).right


def test_every_altered_letter_of_a_signature_is_noticed_where_it_stands() -> None:
    for line in (12, 17):
        assert LINES[line - 1].startswith("— ")
        start = len(f"— {NAME} ") + 6  # after the key id
        for place in range(start, len(LINES[line - 1]) - 2):
            letter = "A" if LINES[line - 1][place] != "A" else "B"
            altered = LINES[line - 1][:place] + letter + LINES[line - 1][place + 1 :]
            assert complaint(line_altered(line, altered)) == ("not_signed", line, 2)


# -- whoever has not the key ----------------------------------------------------------------------------


def forged_events() -> list[Event]:
    """An honest-looking audit with another result."""
    events = [event for event in showcase() if event.get("question") != "refused"]
    opening = opened("refused", row("us", 5, votes=2), row("mx", 6), ballot="secret")
    box = {"us": ["yes", "yes"], "mx": ["yes"]}
    return [*events, opening, voted("refused", "us-4"), voted("refused", "mx-2"), closed(opening, secret=box)]


def test_a_rewritten_audit_with_an_old_signature_is_noticed() -> None:
    lines = bundled(forged_events()).decode().split("\n")[:-1]
    old = bundled(showcase()).decode().split("\n")[-3]
    assert old.startswith("— ")
    stale = with_hash([*lines[:-2], old, lines[-1]])
    assert complaint(stale) == ("not_signed", len(lines) - 1, 2)


def test_an_audit_signed_with_another_key_is_noticed_by_whoever_knows_the_key() -> None:
    """Whoever believes the key in the file believes the file: so a key, or a fingerprint, is compared."""
    forged = bundled(forged_events(), by=STRANGER)
    assert checked(forged).right
    assert checked(bundled(showcase()), key=CONFERENCE.public.text).key_was_given
    assert complaint(forged, key=CONFERENCE.public.text) == ("other_key", 2, 2)
    kept = signed(entries_of(showcase()), 30).text.encode()
    assert complaint(forged, saved=kept) == ("saved_root", 0, 1)


def test_a_rewritten_past_is_noticed_by_whoever_kept_a_checkpoint() -> None:
    kept = signed(entries_of(showcase()), 30).text.encode()
    assert checked(bundled(forged_events())).right
    assert complaint(bundled(forged_events()), saved=kept) == ("saved_root", 0, 1)
    assert complaint(bundled(showcase()[:29]), saved=kept) == ("saved_larger", 0, 1)
    report = checked(bundled(showcase(), 30), saved=kept)
    assert (report.right, report.saved_size) == (True, 30)


def test_a_kept_checkpoint_of_any_size_agrees() -> None:
    entries = entries_of(showcase())
    for size in (0, 1, 31, 32, 58, 59):
        kept = signed(entries, size).text.encode()
        assert checked(bundled(showcase()), saved=kept).saved_size == size


def test_a_kept_checkpoint_of_another_log_or_key_does_not_agree() -> None:
    entries = entries_of(showcase())
    other = signed(entries, 5, signer("the conference", "puebla.example")).text.encode()
    assert complaint(bundled(showcase()), saved=other) == ("saved_other_log", 0, 1)
    strange = signed(entries, 5, STRANGER).text.encode()
    assert complaint(bundled(showcase()), saved=strange) == ("saved_not_signed", 0, 2)
    assert checked(bundled(showcase()), saved=strange, check=None).right


def test_a_kept_checkpoint_may_carry_signatures_of_witnesses() -> None:
    note = signed(entries_of(showcase()), 5).text
    witness = "— witness.example d2l0MXNpZ25hdHVyZQ==\n"
    assert checked(bundled(showcase()), saved=(note + witness).encode()).right
    own = note.splitlines()[-1]
    same_name = f"{own[:-80]}{'A' if own[-80] != 'A' else 'B'}{own[-79:]}\n"
    assert complaint(bundled(showcase()), saved=(note + same_name).encode()) == ("saved_not_signed", 0, 2)


@pytest.mark.parametrize(
    "saved",
    [
        b"",
        b"\xff",
        b"a\n1\n",
        signed(entries_of(showcase()), 5).text.encode()[:-1],
        signed(entries_of(showcase()), 5).text.replace("\n\n", "\n").encode(),
    ],
)
def test_a_kept_checkpoint_that_is_none_cannot_be_checked(saved: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        verify(bundled(showcase()), check=ED25519, saved=saved)
    assert (refusal.value.code, refusal.value.facts) == ("saved_unreadable", {})


# -- the form of the file -------------------------------------------------------------------------------

# Lines: 1 header, 2 key, 3 entries, 4-6 entries, 7 checkpoints, 8-12 and 13-17 notes, 18 hash.
LINES = SMALL.decode().split("\n")[:-1]
KEY_TEXT = CONFERENCE.public.text
OTHER_KEY_TEXT = STRANGER.public.text


def line_altered(line: int, text: str) -> bytes:
    return with_hash([*LINES[: line - 1], text, *LINES[line:]])


def words(json: str) -> bytes:
    """The first entry with something else in place of its words."""
    return line_altered(4, LINES[3].replace('"Ñuu"', json))


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "not_a_bundle", 1),
        (b"%PDF-1.7\xff\n", "not_a_bundle", 1),
        (b"asamblea-audit 1", "not_a_bundle", 1),
        (SMALL.replace(b"\n", b"\r\n"), "not_a_bundle", 1),
        (b"\xef\xbb\xbf" + SMALL, "not_a_bundle", 1),
        (SMALL.replace(b"\xc3\x91", b"\xc3"), "not_utf8", 4),
        (SMALL[:-1], "last_line", 18),
        (SMALL + b"x", "last_line", 19),
        (SMALL + b"\n", "surplus_line", 19),
        (SMALL + b"sha256\n", "surplus_line", 19),
        (b"asamblea-audit 1\n", "form", 2),
        (SMALL[: SMALL.index(b"entries")], "form", 3),
        (line_altered(2, KEY_TEXT), "form", 2),
        (line_altered(2, f"key  {KEY_TEXT}"), "key", 2),
        (line_altered(2, "key "), "base64", 2),
        (line_altered(2, f"key {KEY_TEXT}="), "base64", 2),
        (line_altered(2, "key name+12345678+ñ"), "base64", 2),
        (line_altered(2, f"key x{KEY_TEXT}"), "key", 2),
        (line_altered(2, f"key {KEY_TEXT.replace('+Af', '+Ef')}"), "key", 2),
        (line_altered(2, "key name+00000000+AQ=="), "key", 2),
        (line_altered(2, f"key {OTHER_KEY_TEXT}"), "other_signer", 12),
        (line_altered(3, "entries"), "form", 3),
        (line_altered(3, "entries 03"), "number", 3),
        (line_altered(3, "entries -3"), "number", 3),
        (line_altered(3, "entries ٣"), "number", 3),
        (line_altered(3, "entries 99999999999999999"), "number", 3),
        (line_altered(3, "entries 9999999999999999"), "form", 10**16 + 3),
        (line_altered(3, "entries 2"), "form", 6),
        (line_altered(3, "entries 4"), "form", 8),
        (line_altered(7, "checkpoints 0"), "no_checkpoint", 7),
        (line_altered(7, "checkpoints 1"), "form", 13),
        (line_altered(7, "checkpoints 3"), "form", 23),
        (line_altered(8, "two words"), "note", 8),
        (line_altered(8, ""), "note", 8),
        (line_altered(8, "puebla.example"), "other_log", 8),
        (line_altered(9, "01"), "number", 9),
        (line_altered(9, "0"), "root", 10),
        (line_altered(9, "2"), "root", 10),
        (line_altered(9, "3"), "root", 10),
        (line_altered(9, "4"), "size", 9),
        (line_altered(14, "2"), "root", 15),
        (line_altered(14, "1"), "size", 14),
        (line_altered(10, "AAAA"), "base64", 10),
        (line_altered(10, LINES[9].replace("=", "")), "base64", 10),
        (line_altered(10, LINES[14]), "root", 10),
        (line_altered(15, LINES[9]), "root", 15),
        (line_altered(11, " "), "note", 11),
        (line_altered(12, LINES[11].replace("— ", "- ")), "signature_line", 12),
        (line_altered(12, LINES[11].replace("— ", "—  ")), "signature_line", 12),
        (line_altered(12, LINES[11] + " "), "signature_line", 12),
        (line_altered(12, "— a+b AAAAAAA="), "signature_line", 12),
        (line_altered(12, "— name AAAAAA=="), "signature_line", 12),
        (line_altered(12, "— name AAAAAAA"), "base64", 12),
        (line_altered(12, LINES[16]), "not_signed", 12),
        (line_altered(17, LINES[11]), "not_signed", 17),
        (line_altered(12, LINES[11].replace(NAME, "other.example")), "other_signer", 12),
        (line_altered(4, "{}"), "entry", 4),
        (line_altered(4, "[]"), "entry", 4),
        (line_altered(4, ""), "json", 4),
        (line_altered(4, LINES[3] + " "), "json", 4),
        (words(r'"\u00d1"'), "json", 4),
        (words("1.0"), "json", 4),
        (words("1e2"), "json", 4),
        (words("NaN"), "json", 4),
        (words("-0"), "json", 4),
        (words("9007199254740991"), "chain", 5),
        (words("-9007199254740991"), "chain", 5),
        (words("9007199254740992"), "json", 4),
        (words("-9007199254740992"), "json", 4),
        (words("9" * 5000), "json", 4),
        (words("[" * 90_000 + "]" * 90_000), "json", 4),
        (words('{"a":2,"b":1}'), "chain", 5),
        (words('{"b":1,"a":2}'), "json", 4),
        (words('{"a":1,"a":1}'), "json", 4),
        (words('{"\ud7ff":1,"😀":2,"\ue000":3}'), "chain", 5),
        (words('{"\ud7ff":1,"\ue000":3,"😀":2}'), "json", 4),
        (words(r'"\ud800"'), "json", 4),
        (words(r'{"\ud800":1}'), "json", 4),
        (words('[{"b":1,"a":2}]'), "json", 4),
        (words("[1.5]"), "json", 4),
        (line_altered(4, LINES[3].replace('"index":0', '"index":1')), "index", 4),
        (line_altered(4, LINES[3].replace('"index":0', '"index":false')), "index", 4),
        (line_altered(4, LINES[3].replace('"index":0', '"index":"0"')), "index", 4),
        (line_altered(4, LINES[3].replace('"kind":"note"', '"kind":1')), "entry", 4),
        (line_altered(4, LINES[3].replace('"kind":"note",', "")), "entry", 4),
        (line_altered(4, f'{{"event":[],"index":0,"previous":"{"0" * 64}"}}'), "entry", 4),
        (line_altered(4, LINES[3].replace('"previous":"00', '"previous":"01')), "chain", 4),
        (line_altered(5, LINES[3]), "index", 5),
        (line_altered(6, LINES[4]), "index", 6),
        (line_altered(5, LINES[4].replace("simple", "consensus")), "chain", 6),
        (line_altered(6, LINES[5].replace('"abstain":1', '"abstain":2')), "root", 15),
        (SMALL[:-2] + (b"0" if SMALL[-2:-1] != b"0" else b"1") + b"\n", "hash", 18),
        (SMALL.replace(b"sha256 ", b"sha256  "), "hash", 18),
    ],
)
def test_the_first_thing_that_is_wrong_is_told_with_its_line(data: bytes, code: str, line: int) -> None:
    assert complaint(data)[:2] == (code, line)
    stages = {"root": 1, "size": 1, "chain": 1, "index": 1, "json": 1, "entry": 1, "other_log": 1}
    stages |= {"other_signer": 1, "not_signed": 2, "hash": 2}
    assert complaint(data)[2] == stages.get(code, 0)


def test_the_last_checkpoint_covers_all_entries() -> None:
    lines = bundled(showcase(), 3).decode().split("\n")[:-1]
    notes_line = lines.index("checkpoints 2") + 1
    only_first = [*lines[: notes_line - 1], "checkpoints 1", *lines[notes_line : notes_line + 5], lines[-1]]
    assert complaint(with_hash(only_first)) == ("last_size", notes_line + 2, 1)


def test_facts_stand_with_a_problem_of_the_file() -> None:
    def facts(data: bytes, **how: Any) -> dict[str, Any]:
        report = checked(data, **how)
        assert report.problem is not None
        return report.problem.facts

    assert facts(line_altered(2, KEY_TEXT)) == {"expected": "key"}
    assert facts(line_altered(3, "entries 2")) == {"expected": "checkpoints"}
    assert facts(line_altered(7, "checkpoints 1")) == {"expected": "sha256"}
    assert facts(line_altered(5, LINES[3])) == {"expected": 1}
    assert facts(line_altered(10, LINES[14])) == {"size": 1}
    kept = signed(entries_of(showcase()), 30).text.encode()
    assert facts(bundled(forged_events()), saved=kept) == {"size": 30}
    assert facts(bundled(showcase()[:29]), saved=kept) == {"size": 30, "entries": 29}


# -- what it says ---------------------------------------------------------------------------------------

BRIEF = [{"kind": "sitting_opened"}, *tied_twice()]
ROOT = "ROOT"
SPANISH = f"""\
Auditoría de «oaxaca.example/2026»
1. El archivo tiene su forma. Asientos: 10. Puntos de control: 2.
2. Cada asiento está encadenado al anterior, y todos dan los puntos de control (asientos: 4, 10).
   Raíz: {ROOT}
   El punto de control que usted guardó (6 asientos) también coincide.
3. Los puntos de control están firmados con la llave.
   Llave: {KEY_TEXT}
   Huella de la llave: 8eb8 7b88 1268 d9a8 18d0 9750 f6c2 4444 fdaf 8ce8 b37d 210d bd18 07d6 c39c f936
   Es la llave que usted indicó.
4. Las cuestiones se contaron y decidieron otra vez, con el mismo resultado. Cuestiones: 3.
   empate: 2
   anulada: 1
   - tie (clause-tie; mayoría simple): empate
       Cámara de Estados Unidos: a favor 1, en contra 1, abstenciones 0
       Cámara de México: a favor 1, en contra 0, abstenciones 0
   - tie-void (clause-tie-void; mayoría simple): anulada
   - tie-again (clause-tie-again; mayoría simple): empate
       Cámara de Estados Unidos: a favor 0, en contra 0, abstenciones 0
       Cámara de México: a favor 0, en contra 0, abstenciones 0
   Papeletas nominales contadas: 3. Veces que se cambió un voto: 0.
   Papeletas secretas contadas: 0. Participaciones en votación secreta: 0.
   Más poderes en una misma delegación: 0. Compare con el máximo que fija el reglamento.
   Otros asientos, que este programa no interpreta: sitting_opened 1.
TODO COINCIDE.
"""
ENGLISH = f"""\
Audit of “oaxaca.example/2026”
1. The file has its form. Entries: 9. Checkpoints: 1.
2. Each entry is chained to the one before it, and all give the checkpoints (entries: 9).
   Root: {ROOT}
3. SIGNATURES WERE NOT CHECKED: install the package “cryptography” (pip install cryptography).
   Key: {KEY_TEXT}
   Fingerprint of the key: 8eb8 7b88 1268 d9a8 18d0 9750 f6c2 4444 fdaf 8ce8 b37d 210d bd18 07d6 c39c f936
   The key comes in the same file: compare the fingerprint with what the conference published.
4. The questions were counted and decided again, with the same result. Questions: 3.
   tied: 2
   annulled: 1
   - tie (clause-tie; simple majority): tied
       United States chamber: in favor 1, against 1, abstentions 0
       Mexico chamber: in favor 1, against 0, abstentions 0
   - tie-void (clause-tie-void; simple majority): annulled
   - tie-again (clause-tie-again; simple majority): tied
       United States chamber: in favor 0, against 0, abstentions 0
       Mexico chamber: in favor 0, against 0, abstentions 0
   Roll-call ballots counted: 3. Times that a vote was changed: 0.
   Secret ballots counted: 0. Participations in secret ballots: 0.
   Most proxies held by one delegate: 0. Compare with the cap in the rules of procedure.
EVERYTHING AGREES, EXCEPT THE SIGNATURES, WHICH WERE NOT CHECKED.
"""


def root_of(events: list[Event]) -> str:
    return bundled(events).decode().split("\n")[-5]


def test_it_says_in_plain_words_what_it_checked() -> None:
    kept = signed(entries_of(BRIEF), 6).text.encode()
    report = checked(bundled(BRIEF, 4), key=KEY_TEXT, saved=kept)
    assert describe(report, "es") == SPANISH.replace(ROOT, root_of(BRIEF))
    report = checked(bundled(tied_twice()), check=None)
    assert describe(report, "en") == ENGLISH.replace(ROOT, root_of(tied_twice()))


def test_every_outcome_and_rule_has_its_words() -> None:
    report = checked(bundled(showcase(), 3, 10))
    said = {language: describe(report, language).split("\n") for language in ("es", "en")}
    assert said["es"][9:16] == [
        "   aprobada: 1",
        "   rechazada: 1",
        "   las cámaras no coinciden: 3",
        "   empate: 2",
        "   sin quórum: 1",
        "   anulada: 3",
        "   sin cerrar: 1",
    ]
    assert said["en"][9:16] == [
        "   adopted: 1",
        "   rejected: 1",
        "   the chambers disagree: 3",
        "   tied: 2",
        "   no quorum: 1",
        "   annulled: 3",
        "   still open: 1",
    ]
    for line in (
        "   - adopted (clause-adopted; dos tercios): anulada",
        "       Cámara de Estados Unidos: a favor 4, en contra 1, abstenciones 1",
        "   - refused (clause-refused; tres cuartas partes): rechazada",
        "   - present (clause-present; mayoría de los presentes): las cámaras no coinciden",
        "   - reading (clause-reading; consenso): aprobada",
        "   - pillars-absolute (clause-pillars-absolute; mayoría absoluta): las cámaras no coinciden",
        "   - open (clause-open; mayoría simple): sin cerrar",
        "   Papeletas nominales contadas: 35. Veces que se cambió un voto: 1.",
        "   Papeletas secretas contadas: 8. Participaciones en votación secreta: 6.",
        "   Más poderes en una misma delegación: 1. Compare con el máximo que fija el reglamento.",
    ):
        assert line in said["es"]
    for line in (
        "   - adopted (clause-adopted; two-thirds): annulled",
        "   - refused (clause-refused; three-quarters): rejected",
        "   - present (clause-present; majority of those present): the chambers disagree",
        "   - reading (clause-reading; consensus): adopted",
        "   - pillars-absolute (clause-pillars-absolute; absolute majority): the chambers disagree",
    ):
        assert line in said["en"]


def test_it_says_what_is_wrong_and_what_that_means() -> None:
    events = showcase()
    place = next(place for place, event in enumerate(events) if event["kind"] == "question_closed")
    events[place]["counts"]["us"]["yes"] = 5
    against_rules = describe(checked(bundled(events)), "en").split("\n")
    assert against_rules[-3:] == [
        (
            f"SOMETHING IS WRONG, line {FIRST_ENTRY_LINE + place}: "
            "United States chamber, votes in favor: it says 5, and it is 4."
        ),
        "The file arrived whole, but what it says breaks the rules.",
        "",
    ]
    assert against_rules[4] == "3. The checkpoints are signed by the key."
    damaged = describe(checked(line_altered(5, LINES[3])), "es")
    assert damaged == (
        "Auditoría de «oaxaca.example/2026»\n"
        "1. El archivo tiene su forma. Asientos: 3. Puntos de control: 2.\n"
        "ALGO ESTÁ MAL, línea 5: este asiento debía ser el 1: alguno falta, sobra o cambió de lugar.\n"
        "El archivo se dañó en el camino, o alguien lo cambió después de firmado.\n"
    )
    kept = signed(entries_of(showcase()), 30).text.encode()
    assert describe(checked(bundled(forged_events()), saved=kept), "en").split("\n")[-2:] == [
        (
            "SOMETHING IS WRONG: the first 30 entries are not those of the checkpoint that you kept: "
            "they were rewritten."
        ),
        "",
    ]
    assert describe(checked(b"something else\n"), "en") == (
        "SOMETHING IS WRONG, line 1: this is no audit file: it must begin with “asamblea-audit 1”.\n"
    )


def test_nothing_of_the_file_reaches_the_terminal_raw() -> None:
    name = "\x1b[2J\n\u202eTODO COINCIDE" + "x" * 600
    said = describe(checked(bundled([annulled(name)])), "es")
    assert "«\ufffd[2J\ufffd\ufffdTODO COINCIDE" + "x" * 481 + "…» no se abrió." in said


def test_every_problem_has_a_sentence_in_both_languages() -> None:
    for sentences in (verify_audit.PROBLEMS, verify_audit.SENTENCES, verify_audit.WORDS):
        for spanish, english in sentences.values():
            assert spanish
            assert english
            fields = [set(re.findall(r"{(\w+)}", text)) for text in (spanish, english)]
            assert fields[0] == fields[1]
    assert not set(verify_audit.PROBLEMS) & set(verify_audit.SENTENCES)


def test_every_problem_of_the_file_was_provoked() -> None:
    codes = list(verify_audit.PROBLEMS)
    of_the_file = set(codes[: codes.index("event")]) | {"file"}
    form = test_the_first_thing_that_is_wrong_is_told_with_its_line.pytestmark[0]  # type: ignore[attr-defined]
    kept = {"saved_unreadable", "saved_other_log", "saved_larger", "saved_root", "saved_not_signed"}
    assert {code for _, code, _ in form.args[1]} | kept | {"last_size", "other_key", "file"} == of_the_file


# -- the command ----------------------------------------------------------------------------------------


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    path = tmp_path / "audit.txt"
    path.write_bytes(bundled(BRIEF, 4))
    return path


def test_the_command_says_that_all_is_right(audit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = audit.with_name("kept.txt")
    kept.write_bytes(signed(entries_of(BRIEF), 6).text.encode())
    assert main([str(audit), "--key", KEY_TEXT, "--checkpoint", str(kept)]) == 0
    assert capsys.readouterr() == (SPANISH.replace(ROOT, root_of(BRIEF)), "")
    assert main([str(audit), "--language", "en"]) == 0
    assert capsys.readouterr().out.endswith("\nEVERYTHING AGREES.\n")


def test_the_command_says_what_is_wrong(audit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(audit), "--key", OTHER_KEY_TEXT]) == 1
    assert capsys.readouterr().out.endswith("\nALGO ESTÁ MAL, línea 2: la llave no es la que usted indicó.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{missing}"], "NO SE PUDO COMPROBAR: el archivo «{missing}» no se puede leer.\n"),
        (
            ["{audit}", "--checkpoint", "{missing}", "--language", "en"],
            "IT COULD NOT BE CHECKED: the file “{missing}” cannot be read.\n",
        ),
        (
            ["{audit}", "--checkpoint", "{audit}"],
            "NO SE PUDO COMPROBAR: el punto de control guardado no se entiende.\n",
        ),
    ],
)
def test_the_command_says_what_it_cannot_check(
    arguments: list[str], said: str, audit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"audit": audit, "missing": audit.with_name("missing.txt")}
    assert main([argument.format(**places) for argument in arguments]) == 2
    assert capsys.readouterr() == ("", said.format(**places))


@pytest.mark.parametrize("arguments", [[], ["--language", "fr", "x"], ["x", "y"]])
def test_the_command_refuses_what_it_does_not_know(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: verify_audit.py [-h] [--key KEY] [--checkpoint NOTE]")
    assert "Comprueba la auditoría de una conferencia. Check the audit of a conference." in said


def test_without_the_package_signatures_are_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_signature_check() is not None
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    assert find_signature_check() is None


def test_a_stranger_needs_nothing_but_python_and_the_file(audit: Path) -> None:
    """Alone in a folder, with no packages at all, on a terminal that knows no Spanish letters."""
    script = audit.with_name("verify_audit.py")
    script.write_bytes(SCRIPT.read_bytes())
    ended = subprocess.run(
        [sys.executable, "-I", "-S", script, audit],
        capture_output=True,
        check=False,
        cwd=audit.parent,
        env={"PYTHONIOENCODING": "ascii"} | dict(os.environ),
    )
    said = ended.stdout.decode("utf-8")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "LAS FIRMAS NO SE COMPROBARON" in said
    assert said.endswith("TODO COINCIDE, SALVO LAS FIRMAS, QUE NO SE COMPROBARON.\n")


def test_words_that_a_terminal_cannot_show_do_not_stop_it() -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    verify_audit.write(terminal, "Auditoría de «x»\n")
    terminal.seek(0)
    assert terminal.read() == "Auditor?a de ?x?\n"
    plain = io.StringIO()
    verify_audit.write(plain, "Auditoría\n")
    assert plain.getvalue() == "Auditoría\n"


def test_the_file_runs_as_a_program(audit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["verify_audit.py", str(audit)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert end.value.code == 0


def test_it_shares_no_line_with_the_program_that_counted() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
    }
    assert imported - {"cryptography"} <= set(sys.stdlib_module_names)
    assert "agreements" not in imported
