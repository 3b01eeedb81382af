#!/usr/bin/env python3
"""Check the audit of a conference by yourself: every vote, every rule, every signature.

    python verify_audit.py BUNDLE [--key KEY] [--checkpoint NOTE] [--language es|en]

Comprueba usted la auditoría de una conferencia: cada voto, cada regla, cada firma. BUNDLE es el archivo de
auditoría que publica la conferencia; KEY, su llave pública; NOTE, un punto de control que usted guardó antes.

This is one file on purpose, however long, and it needs nothing but Python 3.9 or newer: download it, read it
from top to bottom (the words that it speaks stand at the end), run it. It shares no line with the program
that counted the votes, but knows the same rules a second time. If the package `cryptography` is installed, it
checks signatures too.

What it does, in this order; the first thing that is wrong ends it:

1. The file has its form: header, key, entries, checkpoints, hash.
2. Every entry names the hash of the one before it, and together they give the root of every checkpoint.
3. Every checkpoint is signed by the key.
4. Every question is replayed from its opening: who may vote, who has voted, quorum, count, rule, outcome.

Exit status: 0 everything is right, 1 something is wrong, 2 it could not be checked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

SignatureCheck = Callable[[bytes, bytes, bytes], bool]  # public key, signature, message

CHAMBERS = ("us", "mx")
CHOICES = ("yes", "no", "abstain")
RULES = ("simple", "two_thirds", "three_quarters", "present", "absolute", "consensus")
OUTCOMES = ("adopted", "rejected", "chambers_disagree", "tied", "inquorate")
MAY_BE_PUT_AGAIN = ("annulled", "inquorate", "tied", "chambers_disagree")
FEWEST_FOR_SECRECY = 5  # delegates of a chamber who answer independently of each other
GREATEST_INTEGER = 2**53 - 1
FIRST_ENTRY_LINE = 4
NOTE_LINES = 5
LONGEST_FACT = 500
HASH_BYTES = KEY_BYTES = 32
KEY_ID_BYTES = 4
STAGES = 4


class Wrong(Exception):
    """Something is wrong: what (a code of PROBLEMS), in which line of the file, and the facts of it."""

    def __init__(self, code: str, line: int = 0, **facts: object) -> None:
        super().__init__(code)
        self.code, self.line, self.facts = code, line, facts


class Unreadable(Exception):
    """The check could not be made at all: a code of PROBLEMS and the facts of it."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def require(condition: bool, code: str, line: int = 0, **facts: object) -> None:  # noqa: FBT001
    """Stop with this problem unless the condition holds."""
    if not condition:
        raise Wrong(code, line, **facts)


# == 1. The file =======================================================================================


@dataclass(frozen=True)
class Key:
    """The public key of the conference: `name+key id+base64(0x01 and 32 bytes)`. See c2sp.org/signed-note."""

    text: str
    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the hash of name and key; every signature begins with them."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public_key).digest()[:KEY_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """What two people read to each other to know that they have the same key."""
        digits = hashlib.sha256(self.public_key).hexdigest()
        return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


@dataclass(frozen=True)
class Note:
    """A signed checkpoint: what the ledger was when it had `size` entries. See c2sp.org/tlog-checkpoint."""

    line: int
    origin: str
    size: int
    root: bytes
    message: bytes  # what is signed
    signatures: tuple[tuple[str, bytes, bytes], ...]  # name, key id, signature


@dataclass(frozen=True)
class Bundle:
    """The file, taken apart; nothing of it is believed yet."""

    key: Key
    entries: list[str]
    notes: list[Note]
    hash_line: int
    hash_matches: bool


def read_bundle(data: bytes) -> Bundle:
    """Take the file apart. Every line must be exactly as it would be written."""
    require(data.startswith(b"asamblea-audit 1\n"), "not_a_bundle", 1)
    lines = split_lines(data)
    key = read_key(after("key ", lines, 2), 2)
    count = read_number(after("entries ", lines, 3), 3)
    entries = lines[3 : 3 + count]
    notes_line = FIRST_ENTRY_LINE + count
    note_count = read_number(after("checkpoints ", lines, notes_line), notes_line)
    require(note_count > 0, "no_checkpoint", notes_line)
    hash_line = notes_line + NOTE_LINES * note_count + 1
    digest = after("sha256 ", lines, hash_line)
    require(len(lines) == hash_line, "surplus_line", hash_line + 1)
    notes = [
        read_note(lines[line - 1 : line - 1 + NOTE_LINES], line)
        for line in range(notes_line + 1, hash_line, NOTE_LINES)
    ]
    body = "".join(line + "\n" for line in lines[:-1])
    return Bundle(key, entries, notes, hash_line, digest == hashlib.sha256(body.encode()).hexdigest())


def split_lines(data: bytes) -> list[str]:
    """The lines of the file; the last one, too, ends in a line feed."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Wrong("not_utf8", data.count(b"\n", 0, error.start) + 1) from None
    *lines, rest = text.split("\n")
    require(not rest, "last_line", len(lines) + 1)
    return lines


def after(beginning: str, lines: list[str], line: int) -> str:
    """The rest of a line that begins like this. Lines are counted from 1."""
    text = lines[line - 1] if line <= len(lines) else ""
    require(text.startswith(beginning), "form", line, expected=beginning.strip())
    return text[len(beginning) :]


def read_number(text: str, line: int) -> int:
    """A number as it is written: only digits, and no zero before others."""
    require(re.fullmatch("0|[1-9][0-9]{0,15}", text) is not None, "number", line)
    return int(text)


def read_base64(text: str, line: int) -> bytes:
    """Bytes in base64, written in the one right way."""
    try:
        data = base64.b64decode(text)
    except ValueError:
        data = b""
    require(bool(data) and base64.b64encode(data).decode() == text, "base64", line)
    return data


def read_key(text: str, line: int) -> Key:
    """A key as it is published; the key id in the middle must fit the rest."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    data = read_base64(encoded, line)
    require(is_name(name) and data[0] == 1 and len(data) == 1 + KEY_BYTES, "key", line)
    key = Key(text, name, data[1:])
    require(key.key_id.hex() == key_id, "key", line)
    return key


def read_note(lines: list[str], line: int) -> Note:
    """A checkpoint: name, size, root, a blank line, and one line or more of signatures."""
    require(len(lines) >= NOTE_LINES, "note", line)
    origin, size, root, blank, *signatures = lines
    require(is_name(origin), "note", line)
    number, data = read_number(size, line + 1), read_base64(root, line + 2)
    require(len(data) == HASH_BYTES, "base64", line + 2)
    require(not blank, "note", line + 3)
    return Note(
        line,
        origin,
        number,
        data,
        "".join(text + "\n" for text in lines[:3]).encode(),
        tuple(read_signature(text, line + 4 + place) for place, text in enumerate(signatures)),
    )


def read_signature(text: str, line: int) -> tuple[str, bytes, bytes]:
    """A signature line: an em dash, the name of the key, and key id and signature in base64."""
    match = re.fullmatch(r"— ([^ ]+) ([^ ]+)", text)
    if match is None or not is_name(match[1]):
        raise Wrong("signature_line", line)
    data = read_base64(match[2], line)
    require(len(data) > KEY_ID_BYTES, "signature_line", line)
    return match[1], data[:KEY_ID_BYTES], data[KEY_ID_BYTES:]


def is_name(text: str) -> bool:
    """Names of keys have no blanks, no plus and no control characters."""
    return text.isprintable() and text != "" and not set(" +") & set(text)


# == 2. The chain of entries, and the tree of their hashes =============================================


class Tree:
    """The hash tree of RFC 6962, grown leaf by leaf; it keeps the roots of its full subtrees only."""

    def __init__(self) -> None:
        self.size = 0
        self.subtrees: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """One more leaf: two full subtrees of the same size become one."""
        self.subtrees.append(leaf)
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right, left = self.subtrees.pop(), self.subtrees.pop()
            self.subtrees.append(hashlib.sha256(b"\x01" + left + right).digest())
            size //= 2

    def root(self) -> bytes:
        """The one hash that stands for all leaves."""
        if not self.subtrees:
            return hashlib.sha256(b"").digest()
        *others, root = self.subtrees
        for left in reversed(others):
            root = hashlib.sha256(b"\x01" + left + root).digest()
        return root


@dataclass
class Chain:
    """What the entries turned out to be: events with their lines, and the root at every size asked for."""

    events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    root: bytes = b""


def follow_chain(entries: list[str], sizes: set[int]) -> Chain:
    """Read every entry: it says which one it is, and the hash of the one before it."""
    chain, tree, previous = Chain(), Tree(), "0" * 64
    for index, text in enumerate(entries):
        chain.roots.update({tree.size: tree.root()} if tree.size in sizes else {})
        line = FIRST_ENTRY_LINE + index
        entry = read_json(text, line)
        require(has_members(entry, ("event", "index", "previous")), "entry", line)
        require(is_whole(entry["index"]) and entry["index"] == index, "index", line, expected=index)
        require(entry["previous"] == previous, "chain", line)
        event = entry["event"]
        require(isinstance(event, dict) and isinstance(event.get("kind"), str), "entry", line)
        chain.events.append((line, event))
        leaf = hashlib.sha256(b"\x00" + text.encode()).digest()
        tree.add(leaf)
        previous = leaf.hex()
    chain.root = chain.roots[tree.size] = tree.root()
    return chain


def read_json(text: str, line: int) -> Any:
    """Read JSON that is written in its one canonical way (RFC 8785), so that one text means one thing."""
    try:
        value = json.loads(text)
        canonical = json.dumps(in_order(value), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise Wrong("json", line) from None
    require(canonical == text, "json", line)
    return value


def in_order(value: Any) -> Any:
    """The value with the keys of every object in their order: by UTF-16 code units, as RFC 8785 asks.

    Only whole numbers are used, and none that some programs would round.
    """
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: in_order(value[key]) for key in keys}
    if isinstance(value, list):
        return [in_order(item) for item in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > GREATEST_INTEGER):
        raise ValueError(value)
    return value


def check_checkpoints(bundle: Bundle, chain: Chain) -> None:
    """Checkpoints are the key's, of rising sizes, the last one of all entries, and have the right roots."""
    size = -1
    for note in bundle.notes:
        require(note.origin == bundle.key.name, "other_log", note.line)
        (name, key_id, _), *_ = note.signatures
        require((name, key_id) == (bundle.key.name, bundle.key.key_id), "other_signer", note.line + 4)
        require(size < note.size <= len(bundle.entries), "size", note.line + 1)
        require(note.root == chain.roots[note.size], "root", note.line + 2, size=note.size)
        size = note.size
    require(size == len(bundle.entries), "last_size", bundle.notes[-1].line + 1)


def check_saved(saved: Note, bundle: Bundle, chain: Chain) -> None:
    """A checkpoint that was saved earlier is of this ledger, and its entries are still there, unchanged."""
    require(saved.origin == bundle.key.name, "saved_other_log")
    require(saved.size <= len(bundle.entries), "saved_larger", size=saved.size, entries=len(bundle.entries))
    require(saved.root == chain.roots[saved.size], "saved_root", size=saved.size)


# == 3. Signatures =====================================================================================


def find_signature_check() -> SignatureCheck | None:
    """How to check an Ed25519 signature (RFC 8032), if the package `cryptography` is installed."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  may be missing
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    except ImportError:
        return None

    def check(public_key: bytes, signature: bytes, message: bytes) -> bool:
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return check


def is_signed(note: Note, key: Key, check: SignatureCheck) -> bool:
    """The key has signed it, and whatever else claims to be of this key is so, too."""
    mine = (key.name, key.key_id)
    claims = [signature for *signer, signature in note.signatures if tuple(signer) == mine]
    return bool(claims) and all(check(key.public_key, signature, note.message) for signature in claims)


# == 4. The questions, replayed ========================================================================


@dataclass(frozen=True)
class Seat:
    """One organization's entitlement, as it was frozen when the question opened."""

    name: str
    chamber: str
    votes: int
    holder: str  # the seat whose delegate casts: itself or, by proxy, another of the same chamber
    pillar: str | None


@dataclass
class Question:
    """A question and what has become of it so far."""

    name: str
    subject: str
    rule: str
    secret: bool
    quorum: tuple[int, int]
    seats: dict[str, Seat]
    present_at_opening: dict[str, int]
    revote: bool = False  # whether it is the one re-vote of a tie
    standing: str = "open"  # then an outcome, then perhaps "annulled"
    ballots: dict[str, dict[str, int]] = field(default_factory=dict)
    voted: set[str] = field(default_factory=set)
    counts: dict[str, dict[str, int]] | None = None
    put_again: bool = False

    def seats_of(self, chamber: str) -> list[Seat]:
        """The seats of one chamber."""
        return [seat for seat in self.seats.values() if seat.chamber == chamber]


@dataclass
class Tallies:
    """What was counted on the way."""

    roll_call_ballots: int = 0  # unit ballots that counted
    changed_votes: int = 0
    secret_participations: int = 0
    secret_ballots: int = 0
    most_proxies: int = 0  # the most that one delegate has held
    other_kinds: Counter[str] = field(default_factory=Counter)


@dataclass
class Replay:
    """All questions by name, in the order of their opening."""

    questions: dict[str, Question] = field(default_factory=dict)
    tallies: Tallies = field(default_factory=Tallies)

    def question(self, event: dict[str, Any]) -> Question:
        """The question that an event speaks of; it must have opened."""
        question = self.questions.get(read_text(event, "question"))
        if question is None:
            raise Wrong("unknown_question", question=event["question"])
        return question

    def open_question(self, event: dict[str, Any]) -> Question:
        """The question that an event speaks of; voting on it must be going on."""
        question = self.question(event)
        require(question.standing == "open", "not_open", question=question.name, standing=question.standing)
        return question


def replay(events: list[tuple[int, dict[str, Any]]], into: Replay) -> None:
    """Live through the conference again, event by event."""
    steps: dict[str, Callable[[Replay, dict[str, Any]], None]] = {
        "question_opened": replay_opening,
        "ballot_cast": replay_ballot,
        "seat_voted": replay_participation,
        "question_closed": replay_closing,
        "question_annulled": replay_annulment,
    }
    for line, event in events:
        if event["kind"] not in steps:
            into.tallies.other_kinds[event["kind"]] += 1
            continue
        try:
            steps[event["kind"]](into, event)
        except Wrong as wrong:
            wrong.line = line
            raise


# -- opening -------------------------------------------------------------------------------------------


def replay_opening(conference: Replay, event: dict[str, Any]) -> None:
    """A question opens: its name is new, its electorate is sound, and each chamber has its quorum."""
    require_members(event, "kind question subject ballot rule quorum replaces chambers", at=True)
    name = read_text(event, "question")
    require(name not in conference.questions, "question_twice", question=name)
    question = Question(
        name,
        read_subject(event["subject"]),
        read_choice(event, "rule", RULES),
        read_choice(event, "ballot", ("roll_call", "secret")) == "secret",
        read_quorum(event["quorum"]),
        read_electorate(event["chambers"]),
        {},
    )
    for chamber in CHAMBERS:
        present, _ = read_presence(event["chambers"][chamber]["present"], question.seats_of(chamber))
        question.present_at_opening[chamber] = present
        require(has_quorum(question, chamber, present), "opened_without_quorum", chamber=chamber)
        require_secrecy_and_pillars(question, chamber)
    if event["replaces"] is not None:
        put_again(conference, read_text(event, "replaces"), question)
    conference.questions[name] = question
    held = Counter(seat.holder for seat in question.seats.values() if seat.holder != seat.name)
    conference.tallies.most_proxies = max(conference.tallies.most_proxies, *held.values(), 0)


def read_subject(subject: Any) -> str:
    """What is put to the vote: the key of a provision, the hash of its draft, and the hash of its text."""
    require_members(subject, "provision draft text", where="subject")
    for member in subject:
        read_text(subject, member)
    return str(subject["provision"])


def read_quorum(quorum: Any) -> tuple[int, int]:
    """The share of the seats of which more must be present: 0 or more, and less than all."""
    require_members(quorum, "numerator denominator", where="quorum")
    numerator, denominator = read_whole(quorum, "numerator"), read_whole(quorum, "denominator")
    require(numerator < denominator, "event", member="quorum")
    return numerator, denominator


def read_electorate(chambers: Any) -> dict[str, Seat]:
    """All seats of both chambers, by name."""
    require_members(chambers, " ".join(CHAMBERS), where="chambers")
    seats: dict[str, Seat] = {}
    for chamber in CHAMBERS:
        require_members(chambers[chamber], "present seats", where=chamber)
        listed = chambers[chamber]["seats"]
        require(isinstance(listed, list), "event", member="seats")
        own = [read_seat(seat, chamber) for seat in listed]
        require_sorted([seat.name for seat in own])
        require_sound_proxies({seat.name: seat for seat in own})
        with_pillar = [seat for seat in own if seat.pillar is not None]
        require(len(with_pillar) in (0, len(own)), "some_pillars", chamber=chamber)
        for seat in own:
            require(seat.name not in seats, "seat_in_both_chambers", seat=seat.name)
            seats[seat.name] = seat
    return seats


def read_seat(seat: Any, chamber: str) -> Seat:
    """A seat has a name, one vote or more, a holder, and perhaps a pillar."""
    require_members(seat, "seat votes holder pillar", where="seats")
    pillar = None if seat["pillar"] is None else read_text(seat, "pillar")
    name, votes = read_text(seat, "seat"), read_whole(seat, "votes")
    require(votes > 0, "seat_without_votes", seat=name)
    return Seat(name, chamber, votes, read_text(seat, "holder"), pillar)


def require_sorted(names: list[str]) -> None:
    """Seats are listed in the order of their names, each of them once."""
    for place in range(1, len(names)):
        require(names[place - 1] < names[place], "seats_not_sorted", seat=names[place])


def require_sound_proxies(seats: dict[str, Seat]) -> None:
    """A proxy is given within a chamber, to somebody who has not given away the own vote."""
    for seat in seats.values():
        require(seat.holder in seats, "proxy_elsewhere", seat=seat.name, holder=seat.holder)
        require(
            seats[seat.holder].holder == seat.holder, "proxy_of_a_proxy", seat=seat.name, holder=seat.holder
        )


def require_secrecy_and_pillars(question: Question, chamber: str) -> None:
    """A secret ballot needs enough delegates, and no pillars; presence is not known by pillar."""
    seats = question.seats_of(chamber)
    delegates = len({seat.holder for seat in seats})
    if question.secret:
        require(delegates >= FEWEST_FOR_SECRECY, "too_few_for_secrecy", chamber=chamber, delegates=delegates)
    if seats[0].pillar is not None:
        require(not question.secret, "pillars_in_secret", chamber=chamber)
        require(question.rule != "present", "pillars_and_presence", chamber=chamber)


def put_again(conference: Replay, earlier_name: str, question: Question) -> None:
    """A question is put again once, and only if the earlier one was not decided; a tie has one re-vote."""
    earlier = conference.questions.get(earlier_name)
    if earlier is None:
        raise Wrong("unknown_question", question=earlier_name)
    name, standing = earlier.name, earlier.standing
    require(not earlier.put_again, "put_again_twice", question=name)
    require(standing in MAY_BE_PUT_AGAIN, "not_to_be_put_again", question=name, standing=standing)
    require(not (standing == "tied" and earlier.revote), "second_revote", question=name)
    earlier.put_again = True
    # A re-vote that was annulled or inquorate was not held: what replaces it is the re-vote. Where the
    # chambers disagree, the text goes to conciliation, and its second reading is not a re-vote.
    question.revote = earlier.standing == "tied" or (
        earlier.revote and earlier.standing != "chambers_disagree"
    )


# -- voting --------------------------------------------------------------------------------------------


def replay_ballot(conference: Replay, event: dict[str, Any]) -> None:
    """In a roll call a seat casts all its votes and may split them; the last time it does so counts."""
    require_members(event, "kind question seat yes no abstain")
    question = conference.open_question(event)
    require(not question.secret, "ballot_in_secret", question=question.name)
    seat = entitled_seat(question, event)
    ballot = {choice: read_whole(event, choice) for choice in CHOICES}
    cast = sum(ballot.values())
    require(cast == seat.votes, "ballot_votes", seat=seat.name, found=cast, expected=seat.votes)
    conference.tallies.changed_votes += seat.name in question.ballots
    question.ballots[seat.name] = ballot


def replay_participation(conference: Replay, event: dict[str, Any]) -> None:
    """In a secret ballot it is public who has voted; a seat votes once, with all its votes."""
    require_members(event, "kind question seat")
    question = conference.open_question(event)
    require(question.secret, "participation_in_roll_call", question=question.name)
    seat = entitled_seat(question, event)
    require(seat.name not in question.voted, "voted_twice", seat=seat.name)
    question.voted.add(seat.name)
    conference.tallies.secret_participations += 1


def entitled_seat(question: Question, event: dict[str, Any]) -> Seat:
    """The seat that an event speaks of; it must be in the electorate."""
    seat = question.seats.get(read_text(event, "seat"))
    if seat is None:
        raise Wrong("not_entitled", seat=event["seat"], question=question.name)
    return seat


# -- closing -------------------------------------------------------------------------------------------


def replay_closing(conference: Replay, event: dict[str, Any]) -> None:
    """Voting ends: the ballots are counted again, the rule is applied again, and all must be as recorded."""
    require_members(event, "kind question present ballots counts outcome chambers", at=True)
    question = conference.open_question(event)
    for member in ("present", "counts", "chambers"):
        require_members(event[member], " ".join(CHAMBERS), where=member)
    counts = count_ballots(question, event["ballots"])
    decided = {}
    for chamber in CHAMBERS:
        require_same(event["counts"][chamber], counts[chamber], "count", chamber)
        seats = question.seats_of(chamber)
        present, present_votes = read_presence(event["present"][chamber], seats)
        decided[chamber] = decide_chamber(question, chamber, counts[chamber], present, present_votes)
        require_same(event["chambers"][chamber], decided[chamber], "arithmetic", chamber)
    outcome = decide_outcome([decided[chamber] for chamber in CHAMBERS])
    recorded = read_choice(event, "outcome", OUTCOMES)
    require(recorded == outcome, "outcome", recorded=recorded, standing=outcome)
    question.standing, question.counts = outcome, counts
    units = sum(sum(count.values()) for count in counts.values())
    conference.tallies.secret_ballots += units if question.secret else 0
    conference.tallies.roll_call_ballots += 0 if question.secret else units


def count_ballots(question: Question, ballots: Any) -> dict[str, dict[str, int]]:
    """Yes, no and abstentions of each chamber, counted from the ballots."""
    if not question.secret:
        require(ballots is None, "event", member="ballots")
        return {chamber: add_up(question, question.seats_of(chamber)) for chamber in CHAMBERS}
    require_members(ballots, " ".join(CHAMBERS), where="ballots")
    for chamber in CHAMBERS:
        require(isinstance(ballots[chamber], list), "event", member="ballots")
        require(all(ballot in CHOICES for ballot in ballots[chamber]), "event", member="ballots")
        voted = sum(seat.votes for seat in question.seats_of(chamber) if seat.name in question.voted)
        found = len(ballots[chamber])
        require(found == voted, "ballots_and_participations", chamber=chamber, found=found, expected=voted)
    return {chamber: {choice: ballots[chamber].count(choice) for choice in CHOICES} for chamber in CHAMBERS}


def add_up(question: Question, seats: list[Seat]) -> dict[str, int]:
    """The last roll-call ballots of these seats, added up."""
    cast = [question.ballots[seat.name] for seat in seats if seat.name in question.ballots]
    return {choice: sum(ballot[choice] for ballot in cast) for choice in CHOICES}


def require_same(recorded: Any, expected: dict[str, Any], code: str, chamber: str) -> None:
    """What was recorded of a chamber is what was found here, number by number."""
    require_members(recorded, " ".join(expected), where=chamber)
    for member, value in expected.items():
        same = type(recorded[member]) is type(value) and recorded[member] == value
        require(same, code, chamber=chamber, number=member, found=recorded[member], expected=value)


def replay_annulment(conference: Replay, event: dict[str, Any]) -> None:
    """A mistaken vote is annulled, once and for good, with a reason; nothing is deleted."""
    require_members(event, "kind question reason", at=True)
    question = conference.question(event)
    require(question.standing != "annulled", "annulled_twice", question=question.name)
    require(read_text(event, "reason").strip() != "", "no_reason", question=question.name)
    question.standing = "annulled"


# -- the rules -----------------------------------------------------------------------------------------


def decide_chamber(
    question: Question, chamber: str, count: dict[str, int], present: int, present_votes: int
) -> dict[str, Any]:
    """What the rule says of one chamber, and the numbers that it says it by."""
    weighted = weigh_pillars(question, chamber)
    if weighted is None:
        yes, no, base = count["yes"], count["no"], base_of(question, chamber, count, present_votes)
    else:
        yes, no, base = weighted
    by_cast = question.rule not in ("present", "absolute")
    return {
        "passed": passes(question.rule, yes, no, base),
        "quorate": has_quorum(question, chamber, min(present, question.present_at_opening[chamber])),
        # Tied: as many yes as no, and one more yes would have passed the question in this chamber.
        "tied": yes == no and passes(question.rule, yes + 1, no, base + (1 if by_cast else 0)),
        "votes_for": yes,
        "votes_against": no,
        "base": base,
        "measured_by": "cast" if by_cast else {"present": "present", "absolute": "entitled"}[question.rule],
        "needed": needed(question.rule, no, base),
    }


def base_of(question: Question, chamber: str, count: dict[str, int], present_votes: int) -> int:
    """What the yes votes are measured against: votes cast, present, or entitled."""
    if question.rule == "present":  # who has voted and then left was present for it
        return max(present_votes, sum(count.values()))
    if question.rule == "absolute":
        return sum(seat.votes for seat in question.seats_of(chamber))
    return count["yes"] + count["no"]


def weigh_pillars(question: Question, chamber: str) -> tuple[int, int, int] | None:
    """Yes, no and base where every pillar of a chamber weighs alike, however many votes it has.

    Each pillar's votes are multiplied so that the bases of all pillars become the same number: their least
    common multiple. A pillar without a base is left out. Consensus asks for no weights.
    """
    seats = question.seats_of(chamber)
    if question.rule == "consensus" or seats[0].pillar is None:
        return None
    pillars = []
    for pillar in sorted({str(seat.pillar) for seat in seats}):
        own = [seat for seat in seats if seat.pillar == pillar]
        count = add_up(question, own)
        votes = sum(seat.votes for seat in own)
        base = votes if question.rule == "absolute" else count["yes"] + count["no"]
        pillars.extend([(count, base)] if base else [])
    whole = math.lcm(*(base for _, base in pillars))
    yes = sum(count["yes"] * (whole // base) for count, base in pillars)
    no = sum(count["no"] * (whole // base) for count, base in pillars)
    return yes, no, whole * len(pillars)


def passes(rule: str, yes: int, no: int, base: int) -> bool:
    """The rules of decision. Abstentions are not votes cast; whole numbers only."""
    return {
        "simple": yes > no,
        "two_thirds": base > 0 and 3 * yes >= 2 * base,
        "three_quarters": base > 0 and 4 * yes >= 3 * base,
        "present": 2 * yes > base,
        "absolute": 2 * yes > base,
        "consensus": yes > 0 and no == 0,
    }[rule]


def needed(rule: str, no: int, base: int) -> int:
    """The smallest number of yes votes that passes; never less than one."""
    return {
        "simple": no + 1,
        "two_thirds": max(1, (2 * base + 2) // 3),
        "three_quarters": max(1, (3 * base + 3) // 4),
        "present": base // 2 + 1,
        "absolute": base // 2 + 1,
        "consensus": max(1, base),
    }[rule]


def has_quorum(question: Question, chamber: str, present: int) -> bool:
    """More than this share of the seats is present; proxies do not count."""
    numerator, denominator = question.quorum
    return present * denominator > numerator * len(question.seats_of(chamber))


def decide_outcome(chambers: list[dict[str, Any]]) -> str:
    """A question is adopted only if each chamber is quorate and passes it by itself."""
    if not all(chamber["quorate"] for chamber in chambers):
        return "inquorate"
    if all(chamber["passed"] for chamber in chambers):
        return "adopted"
    if all(chamber["passed"] or chamber["tied"] for chamber in chambers):
        return "tied"
    if any(chamber["passed"] for chamber in chambers):
        return "chambers_disagree"
    return "rejected"


# -- the parts of events -------------------------------------------------------------------------------


def has_members(value: Any, members: tuple[str, ...]) -> bool:
    """Whether this is an object with exactly these members."""
    return isinstance(value, dict) and set(value) == set(members)


def require_members(value: Any, members: str, *, at: bool = False, where: str = "event") -> None:
    """An object has exactly these members and, where a time is allowed, perhaps `at`."""
    expected = members.split()
    if at and isinstance(value, dict) and "at" in value:
        require(is_moment(value["at"]), "event", member="at")
        expected.append("at")
    require(has_members(value, tuple(expected)), "event", member=where)


def is_moment(value: Any) -> bool:
    """A moment in UTC, like 2026-11-22T18:30:00Z."""
    match = re.fullmatch(r"([0-9-]{10}T[0-9:]{8})(\.[0-9]{1,6})?(Z|\+00:00)", str(value), re.ASCII)
    try:
        return match is not None and datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S") is not None  # noqa: DTZ007
    except ValueError:
        return False


def is_whole(value: Any) -> bool:
    """Whether this is a whole number, and not true or false."""
    return isinstance(value, int) and not isinstance(value, bool)


def read_text(event: dict[str, Any], member: str) -> str:
    """The text of a member."""
    value = event[member]
    if not isinstance(value, str):
        raise Wrong("event", member=member)
    return value


def read_choice(event: dict[str, Any], member: str, choices: tuple[str, ...]) -> str:
    """The text of a member, one of these."""
    value = read_text(event, member)
    require(value in choices, "event", member=member)
    return value


def read_whole(event: dict[str, Any], member: str) -> int:
    """The number of a member: 0 or more."""
    value = event[member]
    if not is_whole(value) or value < 0:
        raise Wrong("event", member=member)
    return int(value)


def read_presence(presence: Any, seats: list[Seat]) -> tuple[int, int]:
    """How many seats are present, and how many votes these can cast with the proxies they hold."""
    require_members(presence, "seats votes", where="present")
    present, votes = read_whole(presence, "seats"), read_whole(presence, "votes")
    require(present <= len(seats), "present_seats", found=present, expected=len(seats))
    # Which seats they are is not told. The fewest votes they can have are those of the smallest seats; the
    # most, those of the largest, each with its proxies.
    in_hand = Counter(dict.fromkeys((seat.name for seat in seats), 0))
    for seat in seats:
        in_hand[seat.name] += seat.votes
        in_hand[seat.holder] += seat.votes if seat.holder != seat.name else 0
    fewest = sum(sorted(seat.votes for seat in seats)[:present])
    most = min(sum(sorted(in_hand.values(), reverse=True)[:present]), sum(seat.votes for seat in seats))
    require(fewest <= votes <= most, "present_votes", found=votes, fewest=fewest, most=most)
    return present, votes


# == The whole check ===================================================================================


@dataclass
class Report:
    """What was checked, and the first thing that is wrong, if anything is."""

    stages_passed: int = 0
    origin: str = ""
    key_text: str = ""
    key_was_given: bool = False
    fingerprint: str = ""
    entries: int = 0
    checkpoints: list[int] = field(default_factory=list)
    root: bytes = b""
    saved_size: int | None = None
    signatures_checked: bool = False
    conference: Replay = field(default_factory=Replay)
    problem: Wrong | None = None

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


def verify(
    data: bytes, *, check: SignatureCheck | None, key: str | None = None, saved: bytes | None = None
) -> Report:
    """Check a bundle, and all that is said in it, up to the first thing that is wrong.

    `check` checks signatures (see find_signature_check); None leaves them unchecked, and the report says so.
    `key` is the public key that is expected, `saved` a checkpoint that was kept. Raises Unreadable only where
    the saved checkpoint is none.
    """
    report = Report(key_was_given=key is not None)
    kept = None if saved is None else read_saved(saved)
    try:
        check_in_stages(report, data, check, key, kept)
    except Wrong as wrong:
        report.problem = wrong
    return report


def check_in_stages(
    report: Report, data: bytes, check: SignatureCheck | None, key: str | None, kept: Note | None
) -> None:
    """The four stages, one after the other; what each has found goes into the report."""
    bundle = read_bundle(data)
    report.origin, report.key_text = bundle.key.name, bundle.key.text
    report.fingerprint, report.entries = bundle.key.fingerprint, len(bundle.entries)
    report.checkpoints = [note.size for note in bundle.notes]
    report.stages_passed = 1

    chain = follow_chain(bundle.entries, {*report.checkpoints, *([kept.size] if kept else [])})
    check_checkpoints(bundle, chain)
    if kept:
        check_saved(kept, bundle, chain)
        report.saved_size = kept.size
    report.root = chain.root
    report.stages_passed = 2

    require(key in (None, bundle.key.text), "other_key", 2)
    if check:
        for note in bundle.notes:
            require(is_signed(note, bundle.key, check), "not_signed", note.line + 4)
        require(kept is None or is_signed(kept, bundle.key, check), "saved_not_signed")
        report.signatures_checked = True
    require(bundle.hash_matches, "hash", bundle.hash_line)
    report.stages_passed = 3

    replay(chain.events, report.conference)
    report.stages_passed = STAGES


def read_saved(data: bytes) -> Note:
    """A checkpoint that somebody has kept: a note, perhaps with signatures of witnesses."""
    try:
        return read_note(split_lines(data), 0)
    except Wrong:
        raise Unreadable("saved_unreadable") from None


# == What it says ======================================================================================

LANGUAGES = ("es", "en")
SAY_ENOUGH = (
    "not_a_bundle",
    "other_key",
    "saved_other_log",
    "saved_larger",
    "saved_root",
    "saved_not_signed",
)

WORDS = {  # in the order of LANGUAGES
    "us": ("Cámara de Estados Unidos", "United States chamber"),
    "mx": ("Cámara de México", "Mexico chamber"),
    "adopted": ("aprobada", "adopted"),
    "rejected": ("rechazada", "rejected"),
    "chambers_disagree": ("las cámaras no coinciden", "the chambers disagree"),
    "tied": ("empate", "tied"),
    "inquorate": ("sin quórum", "no quorum"),
    "annulled": ("anulada", "annulled"),
    "open": ("sin cerrar", "still open"),
    "simple": ("mayoría simple", "simple majority"),
    "two_thirds": ("dos tercios", "two-thirds"),
    "three_quarters": ("tres cuartas partes", "three-quarters"),
    "present": ("mayoría de los presentes", "majority of those present"),
    "absolute": ("mayoría absoluta", "absolute majority"),
    "consensus": ("consenso", "consensus"),
    "yes": ("votos a favor", "votes in favor"),
    "no": ("votos en contra", "votes against"),
    "abstain": ("abstenciones", "abstentions"),
    "passed": ("si aprobó", "whether it passed"),
    "quorate": ("si tuvo quórum", "whether it had its quorum"),
    "votes_for": ("votos a favor", "votes in favor"),
    "votes_against": ("votos en contra", "votes against"),
    "base": ("votos sobre los que se mide", "votes that it is measured against"),
    "measured_by": ("con qué votos se mide", "which votes it is measured against"),
    "needed": ("votos que hacían falta", "votes that were needed"),
}

SENTENCES = {
    "title": ("Auditoría de «{origin}»", "Audit of “{origin}”"),
    "file_read": (
        "1. El archivo tiene su forma. Asientos: {entries}. Puntos de control: {checkpoints}.",
        "1. The file has its form. Entries: {entries}. Checkpoints: {checkpoints}.",
    ),
    "chained": (
        "2. Cada asiento está encadenado al anterior, y todos dan los puntos de control (asientos: {sizes}).",
        "2. Each entry is chained to the one before it, and all give the checkpoints (entries: {sizes}).",
    ),
    "final_root": ("   Raíz: {root}", "   Root: {root}"),
    "saved_agrees": (
        "   El punto de control que usted guardó ({size} asientos) también coincide.",
        "   The checkpoint that you kept ({size} entries) agrees, too.",
    ),
    "signed": (
        "3. Los puntos de control están firmados con la llave.",
        "3. The checkpoints are signed by the key.",
    ),
    "unsigned": (
        "3. LAS FIRMAS NO SE COMPROBARON: instale el paquete «cryptography» (pip install cryptography).",
        "3. SIGNATURES WERE NOT CHECKED: install the package “cryptography” (pip install cryptography).",
    ),
    "shown_key": ("   Llave: {key}", "   Key: {key}"),
    "fingerprint": ("   Huella de la llave: {fingerprint}", "   Fingerprint of the key: {fingerprint}"),
    "key_given": ("   Es la llave que usted indicó.", "   It is the key that you gave."),
    "key_from_file": (
        "   La llave viene en el mismo archivo: compare la huella con la que publicó la conferencia.",
        "   The key comes in the same file: compare the fingerprint with what the conference published.",
    ),
    "questions": (
        "4. Las cuestiones se contaron y decidieron otra vez, con el mismo resultado. Cuestiones: {total}.",
        "4. The questions were counted and decided again, with the same result. Questions: {total}.",
    ),
    "standing": ("   {standing}: {total}", "   {standing}: {total}"),
    "question": (
        "   - {question} ({subject}; {rule}): {standing}",
        "   - {question} ({subject}; {rule}): {standing}",
    ),
    "chamber_count": (
        "       {chamber}: a favor {yes}, en contra {no}, abstenciones {abstain}",
        "       {chamber}: in favor {yes}, against {no}, abstentions {abstain}",
    ),
    "roll_call": (
        "   Papeletas nominales contadas: {total}. Veces que se cambió un voto: {changed}.",
        "   Roll-call ballots counted: {total}. Times that a vote was changed: {changed}.",
    ),
    "secret": (
        "   Papeletas secretas contadas: {total}. Participaciones en votación secreta: {participations}.",
        "   Secret ballots counted: {total}. Participations in secret ballots: {participations}.",
    ),
    "proxies": (
        "   Más poderes en una misma delegación: {most}. Compare con el máximo que fija el reglamento.",
        "   Most proxies held by one delegate: {most}. Compare with the cap in the rules of procedure.",
    ),
    "others": (
        "   Otros asientos, que este programa no interpreta: {kinds}.",
        "   Other entries, which this program does not interpret: {kinds}.",
    ),
    "right": ("TODO COINCIDE.", "EVERYTHING AGREES."),
    "right_unsigned": (
        "TODO COINCIDE, SALVO LAS FIRMAS, QUE NO SE COMPROBARON.",
        "EVERYTHING AGREES, EXCEPT THE SIGNATURES, WHICH WERE NOT CHECKED.",
    ),
    "wrong": ("ALGO ESTÁ MAL", "SOMETHING IS WRONG"),
    "line": ("línea {line}", "line {line}"),
    "damaged": (
        "El archivo se dañó en el camino, o alguien lo cambió después de firmado.",
        "The file was damaged on its way, or somebody changed it after it was signed.",
    ),
    "against_rules": (
        "El archivo llegó completo, pero lo que dice no cumple las reglas.",
        "The file arrived whole, but what it says breaks the rules.",
    ),
    "unreadable": ("NO SE PUDO COMPROBAR", "IT COULD NOT BE CHECKED"),
}

PROBLEMS = {
    # The file.
    "not_a_bundle": (
        "no es un archivo de auditoría: debe empezar con «asamblea-audit 1».",
        "this is no audit file: it must begin with “asamblea-audit 1”.",
    ),
    "not_utf8": ("hay bytes que no son texto (UTF-8).", "there are bytes that are not text (UTF-8)."),
    "last_line": ("el archivo se corta a media línea.", "the file breaks off in the middle of a line."),
    "form": ("esta línea debe empezar con «{expected}».", "this line must begin with “{expected}”."),
    "surplus_line": ("el archivo debía terminar antes.", "the file should have ended before."),
    "number": ("aquí debe haber un número entero.", "there must be a whole number here."),
    "base64": (
        "aquí debe haber datos en base64, en su única forma correcta.",
        "there must be data in base64 here, in their one right form.",
    ),
    "key": ("la llave pública no está bien escrita.", "the public key is not written correctly."),
    "no_checkpoint": ("no hay ningún punto de control.", "there is no checkpoint."),
    "note": ("el punto de control no tiene su forma.", "the checkpoint does not have its form."),
    "signature_line": ("la firma no tiene su forma.", "the signature does not have its form."),
    # The chain.
    "json": (
        "el asiento no está escrito en su única forma (JSON canónico, RFC 8785).",
        "the entry is not written in its one form (canonical JSON, RFC 8785).",
    ),
    "entry": (
        "el asiento debe tener «event», «index» y «previous», y el suceso, «kind».",
        "the entry must have “event”, “index” and “previous”, and the event, “kind”.",
    ),
    "index": (
        "este asiento debía ser el {expected}: alguno falta, sobra o cambió de lugar.",
        "this entry should be {expected}: one is missing, surplus, or in another place.",
    ),
    "chain": (
        "el asiento no concuerda con el anterior: algo antes de él se cambió, se quitó o se agregó.",
        "the entry does not fit the one before it: something before it was changed, removed or added.",
    ),
    "other_log": ("el punto de control es de otro libro.", "the checkpoint is of another ledger."),
    "other_signer": (
        "la firma no es de la llave de este archivo.",
        "the signature is not of this file’s key.",
    ),
    "size": (
        "los puntos de control deben crecer, y no pasar del número de asientos.",
        "checkpoints must grow, and not beyond the number of entries.",
    ),
    "last_size": (
        "el último punto de control debe abarcar todos los asientos.",
        "the last checkpoint must cover all entries.",
    ),
    "root": (
        "los primeros {size} asientos no son los del punto de control.",
        "the first {size} entries are not those of the checkpoint.",
    ),
    "saved_unreadable": (
        "el punto de control guardado no se entiende.",
        "the checkpoint that you kept makes no sense.",
    ),
    "saved_other_log": (
        "el punto de control que usted guardó es de otro libro.",
        "the checkpoint that you kept is of another ledger.",
    ),
    "saved_larger": (
        "el punto de control que usted guardó tenía {size} asientos; el archivo, {entries}: se quitaron.",
        "the checkpoint that you kept had {size} entries, the file only {entries}: some were removed.",
    ),
    "saved_root": (
        "los primeros {size} asientos no son los del punto de control que usted guardó: se reescribieron.",
        "the first {size} entries are not those of the checkpoint that you kept: they were rewritten.",
    ),
    # Signatures.
    "other_key": ("la llave no es la que usted indicó.", "the key is not the one that you gave."),
    "not_signed": (
        "la firma no corresponde al punto de control.",
        "the signature does not fit the checkpoint.",
    ),
    "saved_not_signed": (
        "el punto de control que usted guardó no está firmado con esta llave.",
        "the checkpoint that you kept is not signed by this key.",
    ),
    "hash": (
        "el archivo no es el que se escribió: su suma SHA-256 es otra.",
        "the file is not as it was written: its SHA-256 hash is another.",
    ),
    # The questions.
    "event": (
        "el suceso no tiene su forma, en «{member}».",
        "the event does not have its form, at “{member}”.",
    ),
    "question_twice": (
        "la cuestión «{question}» ya se había abierto.",
        "question “{question}” had been opened already.",
    ),
    "unknown_question": ("la cuestión «{question}» no se abrió.", "question “{question}” was not opened."),
    "not_open": (
        "la cuestión «{question}» ya no estaba abierta ({standing}).",
        "question “{question}” was not open any more ({standing}).",
    ),
    "seats_not_sorted": (
        "los escaños deben ir en orden y una sola vez: «{seat}».",
        "seats must be listed in order and once: “{seat}”.",
    ),
    "seat_without_votes": ("el escaño «{seat}» no tiene ningún voto.", "seat “{seat}” has no vote."),
    "seat_in_both_chambers": (
        "el escaño «{seat}» está en las dos cámaras.",
        "seat “{seat}” is in both chambers.",
    ),
    "proxy_elsewhere": (
        "el escaño «{seat}» dio su poder a «{holder}», que no es de su cámara.",
        "seat “{seat}” gave its proxy to “{holder}”, which is not of its chamber.",
    ),
    "proxy_of_a_proxy": (
        "el escaño «{seat}» dio su poder a «{holder}», que a su vez dio el suyo.",
        "seat “{seat}” gave its proxy to “{holder}”, which has given away its own.",
    ),
    "some_pillars": (
        "{chamber}: o todos los escaños tienen pilar, o ninguno.",
        "{chamber}: all seats have a pillar, or none.",
    ),
    "present_seats": (
        "hay {found} escaños presentes y la cámara solo tiene {expected}.",
        "{found} seats are present, and the chamber has only {expected}.",
    ),
    "present_votes": (
        "los escaños presentes no pueden tener {found} votos: tienen entre {fewest} y {most}.",
        "the seats present cannot have {found} votes: they have between {fewest} and {most}.",
    ),
    "opened_without_quorum": (
        "{chamber}: la cuestión se abrió sin quórum.",
        "{chamber}: the question was opened without a quorum.",
    ),
    "too_few_for_secrecy": (
        "{chamber}: con {delegates} delegaciones la votación no puede ser secreta; hacen falta cinco.",
        "{chamber}: with {delegates} delegates the ballot cannot be secret; five are needed.",
    ),
    "pillars_in_secret": (
        "{chamber}: una votación secreta no puede contarse por pilares.",
        "{chamber}: a secret ballot cannot be counted by pillars.",
    ),
    "pillars_and_presence": (
        "{chamber}: la mayoría de los presentes no puede medirse por pilares.",
        "{chamber}: the majority of those present cannot be measured by pillars.",
    ),
    "put_again_twice": (
        "la cuestión «{question}» ya se había vuelto a someter a votación.",
        "question “{question}” had been put again already.",
    ),
    "not_to_be_put_again": (
        "la cuestión «{question}» no puede volver a votarse ({standing}).",
        "question “{question}” may not be put again ({standing}).",
    ),
    "second_revote": (
        "el empate de «{question}» ya había tenido su única segunda votación.",
        "the tie of “{question}” had its one re-vote already.",
    ),
    "not_entitled": (
        "el escaño «{seat}» no tiene derecho a votar en «{question}».",
        "seat “{seat}” may not vote on “{question}”.",
    ),
    "ballot_in_secret": (
        "«{question}» es secreta: ningún voto puede llevar el nombre de su escaño.",
        "“{question}” is secret: no vote may carry the name of its seat.",
    ),
    "participation_in_roll_call": (
        "«{question}» es nominal: falta cómo votó el escaño.",
        "“{question}” is a roll call: how the seat voted is missing.",
    ),
    "ballot_votes": (
        "el escaño «{seat}» emitió {found} votos y tiene {expected}.",
        "seat “{seat}” cast {found} votes and has {expected}.",
    ),
    "voted_twice": ("el escaño «{seat}» votó dos veces.", "seat “{seat}” voted twice."),
    "ballots_and_participations": (
        "{chamber}: hay {found} papeletas, y votaron escaños con {expected} votos.",
        "{chamber}: there are {found} ballots, and seats with {expected} votes have voted.",
    ),
    "count": (
        "{chamber}, {number}: dice {found} y son {expected}.",
        "{chamber}, {number}: it says {found}, and it is {expected}.",
    ),
    "arithmetic": (
        "{chamber}, {number}: dice {found} y es {expected}.",
        "{chamber}, {number}: it says {found}, and it is {expected}.",
    ),
    "outcome": (
        "el resultado registrado es «{recorded}», y según las reglas es «{standing}».",
        "the recorded outcome is “{recorded}”, and by the rules it is “{standing}”.",
    ),
    "annulled_twice": (
        "la cuestión «{question}» ya estaba anulada.",
        "question “{question}” had been annulled already.",
    ),
    "no_reason": (
        "la cuestión «{question}» se anuló sin motivo.",
        "question “{question}” was annulled without a reason.",
    ),
    # The command.
    "file": ("el archivo «{path}» no se puede leer.", "the file “{path}” cannot be read."),
}


def describe(report: Report, language: str) -> str:
    """The report in plain words."""
    lines = [sentence("title", language, origin=report.origin)] if report.stages_passed else []
    stages = (describe_file, describe_chain, describe_signatures, describe_questions)
    for stage in stages[: report.stages_passed]:
        lines += stage(report, language)
    return "\n".join([*lines, *describe_verdict(report, language)]) + "\n"


def describe_file(report: Report, language: str) -> list[str]:
    """What the file holds."""
    return [sentence("file_read", language, entries=report.entries, checkpoints=len(report.checkpoints))]


def describe_chain(report: Report, language: str) -> list[str]:
    """Which checkpoints agree."""
    lines = [
        sentence("chained", language, sizes=", ".join(str(size) for size in report.checkpoints)),
        sentence("final_root", language, root=base64.b64encode(report.root).decode()),
    ]
    if report.saved_size is not None:
        lines.append(sentence("saved_agrees", language, size=report.saved_size))
    return lines


def describe_signatures(report: Report, language: str) -> list[str]:
    """Whether signatures were checked, and with which key."""
    return [
        sentence("signed" if report.signatures_checked else "unsigned", language),
        sentence("shown_key", language, key=report.key_text),
        sentence("fingerprint", language, fingerprint=report.fingerprint),
        sentence("key_given" if report.key_was_given else "key_from_file", language),
    ]


def describe_questions(report: Report, language: str) -> list[str]:
    """How many questions had which outcome, every question, and what else was counted."""
    questions, tallies = report.conference.questions.values(), report.conference.tallies
    standings = Counter(question.standing for question in questions)
    lines = [
        sentence("questions", language, total=len(questions)),
        *(
            sentence("standing", language, standing=standing, total=standings[standing])
            for standing in (*OUTCOMES, "annulled", "open")
            if standings[standing]
        ),
        *(line for question in questions for line in describe_question(question, language)),
        sentence("roll_call", language, total=tallies.roll_call_ballots, changed=tallies.changed_votes),
        sentence(
            "secret", language, total=tallies.secret_ballots, participations=tallies.secret_participations
        ),
        sentence("proxies", language, most=tallies.most_proxies),
    ]
    if tallies.other_kinds:
        kinds = ", ".join(f"{kind} {total}" for kind, total in sorted(tallies.other_kinds.items()))
        lines.append(sentence("others", language, kinds=kinds))
    return lines


def describe_question(question: Question, language: str) -> list[str]:
    """A question, its outcome, and what each chamber said."""
    name, subject, rule, standing = question.name, question.subject, question.rule, question.standing
    lines = [sentence("question", language, question=name, subject=subject, rule=rule, standing=standing)]
    for chamber, count in (question.counts or {}).items():
        yes, no, abstain = count["yes"], count["no"], count["abstain"]
        lines.append(sentence("chamber_count", language, chamber=chamber, yes=yes, no=no, abstain=abstain))
    return lines


def describe_verdict(report: Report, language: str) -> list[str]:
    """The last word: everything agrees, or what is wrong."""
    problem = report.problem
    if problem is None:
        return [sentence("right" if report.signatures_checked else "right_unsigned", language)]
    where = f", {sentence('line', language, line=problem.line)}" if problem.line else ""
    said = sentence(problem.code, language, **problem.facts)
    lines = [f"{sentence('wrong', language)}{where}: {said}"]
    if report.stages_passed == STAGES - 1:
        lines.append(sentence("against_rules", language))
    elif problem.code not in SAY_ENOUGH:
        lines.append(sentence("damaged", language))
    return lines


def sentence(code: str, language: str, **facts: object) -> str:
    """A sentence in a language, with its facts."""
    said = {name: say(name, fact, language) for name, fact in facts.items()}
    return (SENTENCES.get(code) or PROBLEMS[code])[LANGUAGES.index(language)].format(**said)


def say(name: str, fact: object, language: str) -> str:
    """A fact as it is shown. The file may hold anything, and nothing of it reaches a terminal raw."""
    if name in ("chamber", "rule", "standing", "recorded", "number"):
        return WORDS[str(fact)][LANGUAGES.index(language)]
    text = fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False)
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return shown if len(shown) <= LONGEST_FACT else shown[:LONGEST_FACT] + "…"


# == The command =======================================================================================


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle that is named on the command line; see the top of this file."""
    parser = argparse.ArgumentParser(
        prog="verify_audit.py",
        description="Comprueba la auditoría de una conferencia. Check the audit of a conference.",
    )
    parser.add_argument("bundle", metavar="BUNDLE", help="archivo de auditoría / audit file")
    parser.add_argument("--key", help="llave pública esperada / public key that is expected")
    parser.add_argument("--checkpoint", metavar="NOTE", help="punto de control guardado / checkpoint kept")
    parser.add_argument("--language", choices=LANGUAGES, default="es", help="idioma / language")
    chosen = parser.parse_args(arguments)
    try:
        report = verify(
            read_file(chosen.bundle),
            check=find_signature_check(),
            key=chosen.key,
            saved=None if chosen.checkpoint is None else read_file(chosen.checkpoint),
        )
    except Unreadable as unreadable:
        said = sentence(unreadable.code, chosen.language, **unreadable.facts)
        write(sys.stderr, f"{sentence('unreadable', chosen.language)}: {said}\n")
        return 2
    write(sys.stdout, describe(report, chosen.language))
    return 0 if report.right else 1


def read_file(path: str) -> bytes:
    """All bytes of a file."""
    try:
        return Path(path).read_bytes()
    except OSError:
        raise Unreadable("file", path=path) from None


def write(stream: TextIO, text: str) -> None:
    """Write to a terminal that may not know every letter."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))


if __name__ == "__main__":
    sys.exit(main())
