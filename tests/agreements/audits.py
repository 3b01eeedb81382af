"""Audits for tests: events built by hand, honest ones made up at random, and the bundles they are in."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agreements.bundle import Bundle, write
from agreements.checkpoint import Checkpoint, PublicKey, SignedCheckpoint, sign_checkpoint
from agreements.decision import Chamber, ChamberCount, Rule, decide
from agreements.ledger import EMPTY, append, resume
from agreements.pillars import PillarCount, by_pillars
from agreements.verify_audit import Report, describe, find_signature_check, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from random import Random

Event = dict[str, Any]
Seats = list[dict[str, Any]]

CHAMBERS = ("us", "mx")
CHOICES = ("yes", "no", "abstain")
NAME = "oaxaca.example/2026"
FIRST_ENTRY_LINE = 4


class Signer(NamedTuple):
    """A log's key, both halves."""

    public: PublicKey
    private: Ed25519PrivateKey


def signer(seed: str, name: str = NAME) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()).digest())
    return Signer(PublicKey(name, private.public_key().public_bytes_raw()), private)


CONFERENCE = signer("the conference")
STRANGER = signer("a stranger")

# -- bundles ------------------------------------------------------------------------------------------


def signed(entries: Sequence[bytes], size: int, by: Signer = CONFERENCE) -> SignedCheckpoint:
    """A checkpoint of the first entries."""
    checkpoint = Checkpoint(by.public.name, size, resume(entries[:size]).root)
    return sign_checkpoint(checkpoint, by.public, by.private.sign)


def entries_of(events: Iterable[Mapping[str, object]]) -> tuple[bytes, ...]:
    return tuple(receipt.entry for receipt in append(EMPTY, events)[1])


def bundled(events: Iterable[Mapping[str, object]], *earlier: int, by: Signer = CONFERENCE) -> bytes:
    """The file of these events, with checkpoints at earlier sizes and at the end."""
    entries = entries_of(events)
    sizes = (*(size for size in earlier if size < len(entries)), len(entries))
    return write(Bundle(by.public, entries, tuple(signed(entries, size, by) for size in sizes)))


def with_hash(lines: Sequence[str]) -> bytes:
    """These lines but the last as a file, and their hash again."""
    body = "".join(line + "\n" for line in lines[:-1]).encode()
    return body + f"sha256 {sha256(body).hexdigest()}\n".encode()


ED25519 = find_signature_check()


def checked(data: bytes, **how: Any) -> Report:
    """What the stranger's program finds; whatever it has to say can be said in both languages."""
    report = verify(data, **{"check": ED25519} | how)
    for language in ("es", "en"):
        assert describe(report, language).endswith("\n")
    return report


# -- events -------------------------------------------------------------------------------------------


def seat(
    name: str, votes: int = 1, *, holder: str | None = None, pillar: str | None = None
) -> dict[str, Any]:
    return {"seat": name, "votes": votes, "holder": holder or name, "pillar": pillar}


def row(chamber: str, count: int, votes: int = 1) -> Seats:
    """Seats us-1, us-2, …"""
    return [seat(f"{chamber}-{number}", votes) for number in range(1, count + 1)]


def present(seats: Seats, names: Iterable[str] | None = None) -> dict[str, int]:
    """The presence of these seats, or of all; a proxy's votes come with its holder."""
    there = {each["seat"] for each in seats} if names is None else set(names)
    return {
        "seats": sum(each["seat"] in there for each in seats),
        "votes": sum(each["votes"] for each in seats if there & {each["seat"], each["holder"]}),
    }


def opened(question: str, us: Seats, mx: Seats, **others: Any) -> Event:
    """Everybody is there, a roll call by simple majority, unless `others` say otherwise."""
    seats = {"us": us, "mx": mx}
    hashed = sha256(question.encode()).hexdigest()
    event = {
        "kind": "question_opened",
        "question": question,
        "subject": {"provision": f"clause-{question}", "draft": hashed, "text": hashed[::-1]},
        "ballot": "roll_call",
        "rule": "simple",
        "quorum": {"numerator": 1, "denominator": 2},
        "replaces": None,
        "chambers": {
            chamber: {"present": present(seats[chamber]), "seats": seats[chamber]} for chamber in CHAMBERS
        },
    }
    return deepcopy(event | others)


def cast(question: str, name: str, yes: int = 0, no: int = 0, abstain: int = 0) -> Event:
    return {
        "kind": "ballot_cast",
        "question": question,
        "seat": name,
        "yes": yes,
        "no": no,
        "abstain": abstain,
    }


def voted(question: str, name: str) -> Event:
    return {"kind": "seat_voted", "question": question, "seat": name}


def annulled(question: str, reason: str = "the wrong text was shown") -> Event:
    return {"kind": "question_annulled", "question": question, "reason": reason}


def closed(
    opening: Event,
    ballots: Iterable[Event] = (),
    *,
    secret: Mapping[str, Sequence[str]] | None = None,
    there: Iterable[str] | None = None,
) -> Event:
    """The closing of a question: what `agreements.decision` says of these ballots and this presence."""
    last = {ballot["seat"]: ballot for ballot in ballots}
    seats = {chamber: opening["chambers"][chamber]["seats"] for chamber in CHAMBERS}
    at_closing = {chamber: present(seats[chamber], there) for chamber in CHAMBERS}
    counts = {
        chamber: add_up(last, seats[chamber])
        if secret is None
        else {choice: list(secret[chamber]).count(choice) for choice in CHOICES}
        for chamber in CHAMBERS
    }
    chamber_counts = {
        Chamber(chamber): count_of(opening, chamber, counts[chamber], at_closing[chamber], last)
        for chamber in CHAMBERS
    }
    decision = decide(Rule(opening["rule"]), chamber_counts, quorum=Fraction(**opening["quorum"]))
    return {
        "kind": "question_closed",
        "question": opening["question"],
        "present": at_closing,
        "ballots": None if secret is None else {chamber: list(secret[chamber]) for chamber in CHAMBERS},
        "counts": counts,
        "outcome": decision.outcome.value,
        "chambers": {
            chamber.value: {
                "passed": made.passed,
                "quorate": made.quorate,
                "tied": made.tied,
                "votes_for": made.arithmetic.votes_for,
                "votes_against": made.arithmetic.votes_against,
                "base": made.arithmetic.base,
                "measured_by": made.arithmetic.measured_by.value,
                "needed": made.arithmetic.needed,
            }
            for chamber, made in decision.chambers.items()
        },
    }


def add_up(ballots: Mapping[str, Event], seats: Seats) -> dict[str, int]:
    own = [ballots[each["seat"]] for each in seats if each["seat"] in ballots]
    return {choice: sum(ballot[choice] for ballot in own) for choice in CHOICES}


def count_of(
    opening: Event,
    chamber: str,
    count: dict[str, int],
    at_closing: dict[str, int],
    ballots: Mapping[str, Event],
) -> ChamberCount:
    at_opening, seats = opening["chambers"][chamber]["present"], opening["chambers"][chamber]["seats"]
    whole = ChamberCount(
        **count,
        present_votes=at_closing["votes"],
        entitled_votes=sum(each["votes"] for each in seats),
        entitled_seats=len(seats),
        present_seats_at_opening=at_opening["seats"],
        present_seats_at_closing=at_closing["seats"],
    )
    pillars: dict[str, Seats] = {}
    for each in seats:
        pillars.setdefault(each["pillar"], []).append(each)
    if None in pillars:
        return whole
    return by_pillars(
        whole,
        [
            PillarCount(
                pillar=pillar,
                **add_up(ballots, own),
                entitled_votes=sum(each["votes"] for each in own),
            )
            for pillar, own in pillars.items()
        ],
    )


# -- one honest audit, with something of everything ----------------------------------------------------

US = [seat("us-a", 3), seat("us-b"), seat("us-c", 2, holder="us-a"), seat("us-d"), seat("us-e"), seat("us-f")]
MX = row("mx", 6)
PILLARS_US = [
    seat("us-1", 3, pillar="north"),
    seat("us-2", 2, pillar="north"),
    seat("us-3", pillar="south"),
    seat("us-4", pillar="south"),
]


def showcase() -> list[Event]:
    """Questions by name: what each of them shows stands beside it."""
    events: list[Event] = [
        {"kind": "sitting_opened", "at": "2026-11-22T17:00:00Z", "room": "Auditorio\u2028\x85"}
    ]
    for life in (adopted(), refused(), tied_twice(), disagreeing(), pillars(), inquorate(), unfinished()):
        events += life
    return events


def adopted() -> list[Event]:
    """A roll call with a proxy, split seats and a changed vote; two-thirds; adopted, then annulled."""
    opening = opened("adopted", US, MX, rule="two_thirds", at="2026-11-22T17:05:00.5Z")
    ballots = [
        cast("adopted", "us-a", yes=2, no=1),
        cast("adopted", "us-c", yes=2),
        cast("adopted", "mx-1", no=1),
        cast("adopted", "mx-2", yes=1),
        cast("adopted", "mx-1", yes=1),
        cast("adopted", "us-b", abstain=1),
    ]
    closing = closed(opening, ballots) | {"at": "2026-11-22T17:15:00+00:00"}
    return [opening, *ballots, closing, annulled("adopted") | {"at": "2026-11-22T17:20:00Z"}]


def refused() -> list[Event]:
    """A secret ballot; three-quarters; rejected."""
    opening = opened("refused", row("us", 5, votes=2), MX, rule="three_quarters", ballot="secret")
    box = {"us": ["no", "yes", "abstain", "no", "yes", "no"], "mx": ["yes", "no"]}
    names = ("us-4", "mx-2", "us-1", "us-3", "mx-5")
    return [opening, *(voted("refused", name) for name in names), closed(opening, secret=box)]


def tied_twice() -> list[Event]:
    """A tie, its re-vote that was annulled, and the re-vote that was held and tied again."""
    first = opened("tie", row("us", 3), row("mx", 3))
    ballots = [cast("tie", "us-1", yes=1), cast("tie", "us-2", no=1), cast("tie", "mx-1", yes=1)]
    void = opened("tie-void", row("us", 3), row("mx", 3), replaces="tie")
    again = opened("tie-again", row("us", 3), row("mx", 3), replaces="tie-void")
    return [first, *ballots, closed(first, ballots), void, annulled("tie-void"), again, closed(again)]


def disagreeing() -> list[Event]:
    """A secret ballot annulled while open, put again as a roll call of those present: they disagree."""
    sealed = opened("sealed", row("us", 5), row("mx", 5), ballot="secret")
    again = opened("present", row("us", 5), row("mx", 5), rule="present", replaces="sealed")
    ballots = [
        *(cast("present", f"us-{number}", yes=1) for number in (1, 2, 3)),
        *(cast("present", f"mx-{number}", no=1) for number in (1, 2)),
        cast("present", "mx-3", yes=1),
    ]
    there = ("us-1", "us-2", "us-4", "us-5", "mx-1", "mx-2", "mx-3")
    reading = opened("reading", row("us", 2), row("mx", 2), rule="consensus", replaces="present")
    agreed = [cast("reading", "us-1", yes=1), cast("reading", "mx-2", yes=1)]
    return [
        sealed,
        voted("sealed", "us-1"),
        annulled("sealed"),
        again,
        *ballots,
        closed(again, ballots, there=there),
        reading,
        *agreed,
        closed(reading, agreed),
    ]


def pillars() -> list[Event]:
    """One chamber whose pillars weigh alike; simple, then absolute majority."""
    events = []
    for rule in ("simple", "absolute"):
        opening = opened(f"pillars-{rule}", PILLARS_US, row("mx", 1), rule=rule)
        ballots = [
            cast(f"pillars-{rule}", "us-1", yes=3),
            cast(f"pillars-{rule}", "us-2", no=1, abstain=1),
            cast(f"pillars-{rule}", "us-3", no=1),
            cast(f"pillars-{rule}", "mx-1", yes=1),
        ]
        events += [opening, *ballots, closed(opening, ballots)]
    return events


def inquorate() -> list[Event]:
    """Quorum of two-thirds, lost at closing."""
    opening = opened("left", row("us", 4), row("mx", 4), quorum={"numerator": 2, "denominator": 3})
    ballots = [cast("left", "us-1", yes=1), cast("left", "mx-1", yes=1)]
    there = ("us-1", "us-2", "us-3", "mx-1", "mx-2")
    return [opening, *ballots, closed(opening, ballots, there=there)]


def unfinished() -> list[Event]:
    """Still open when the audit was published."""
    return [opened("open", row("us", 1), row("mx", 1)), cast("open", "mx-1", abstain=1)]


# -- honest audits at random ---------------------------------------------------------------------------

RULES = ("simple", "two_thirds", "three_quarters", "present", "absolute", "consensus")
UNSETTLED = ("inquorate", "tied", "chambers_disagree")


def random_audit(random: Random, questions: int) -> list[Event]:
    """Questions of any kind, one after the other, some of them put again."""
    events: list[Event] = [
        {"kind": "sitting_opened", "room": random.choice(("A", "Ñuu Savi", "😀", "\x1b[31m"))}
    ]
    again: tuple[str, bool] | None = None  # which question may be put again, and whether as a re-vote
    for number in range(questions):
        name = f"q{number}"
        replaced = again if random.random() < 0.7 else None
        life, standing = random_life(random, name, replaces=replaced[0] if replaced else None)
        events += life
        revote = bool(replaced and replaced[1])
        again = None
        if standing == "tied" and not revote:
            again = name, True
        elif standing == "chambers_disagree":
            again = name, False
        elif standing in ("inquorate", "annulled"):
            again = name, revote
    return events


def random_life(random: Random, name: str, *, replaces: str | None) -> tuple[list[Event], str]:
    opening = random_opening(random, name, replaces)
    seats = [each for chamber in CHAMBERS for each in opening["chambers"][chamber]["seats"]]
    voters = random.sample(seats, random.randint(0, len(seats)))
    secret = opening["ballot"] == "secret"
    if secret:
        ballots = [voted(name, each["seat"]) for each in voters]
    else:
        voters += random.choices(voters, k=random.randint(0, 2)) if voters else []
        ballots = [cast(name, each["seat"], *split(random, each["votes"])) for each in voters]
    ending = random.choice(("open", "annulled", "closed", "closed", "closed", "closed", "annulled later"))
    if ending == "open":
        return [opening, *ballots], "open"
    if ending == "annulled":
        return [opening, *ballots, annulled(name)], "annulled"
    names = [each["seat"] for each in seats]
    there = random.sample(names, random.choice((len(names), random.randint(len(names) // 2, len(names)))))
    closing = closed(opening, ballots, secret=box(random, voters) if secret else None, there=there)
    if ending == "annulled later":
        return [opening, *ballots, closing, annulled(name)], "annulled"
    return [opening, *ballots, closing], closing["outcome"]


def random_opening(random: Random, name: str, replaces: str | None) -> Event:
    secret = random.random() < 0.4
    quorum = random.choice((Fraction(1, 2), Fraction(0), Fraction(2, 3), Fraction(3, 4)))
    electorate = {chamber: random_seats(random, chamber, secret=secret) for chamber in CHAMBERS}
    with_pillars = any(each["pillar"] for seats in electorate.values() for each in seats)
    opening = opened(
        name,
        electorate["us"],
        electorate["mx"],
        ballot="secret" if secret else "roll_call",
        rule=random.choice([rule for rule in RULES if rule != "present" or not with_pillars]),
        quorum={"numerator": quorum.numerator, "denominator": quorum.denominator},
        replaces=replaces,
    )
    for chamber, seats in electorate.items():
        enough = random.randint(int(quorum * len(seats)) + 1, len(seats))
        there = random.sample([each["seat"] for each in seats], enough)
        opening["chambers"][chamber]["present"] = present(seats, there)
    return opening | random.choice(({}, {"at": "2026-11-22T18:00:00Z"}))


def random_seats(random: Random, chamber: str, *, secret: bool) -> Seats:
    """Seats with up to three votes, some with proxies; a secret ballot keeps five delegates, no pillars."""
    count = random.randint(5, 8) if secret else random.randint(1, 6)
    seats = [seat(f"{chamber}-{number}", random.randint(1, 3)) for number in range(1, count + 1)]
    for each in seats[:-1]:
        holders = {one["holder"] for one in seats}
        may_give = [one for one in seats if one is not each and one["holder"] == one["seat"]]
        held = any(one["holder"] == each["seat"] for one in seats if one is not each)
        if random.random() < 0.3 and may_give and not held and len(holders) > 5 * secret:
            each["holder"] = random.choice(may_give)["seat"]
    if not secret and random.random() < 0.3:
        for each in seats:
            each["pillar"] = random.choice(("north", "south", "coast"))
    return seats


def split(random: Random, votes: int) -> tuple[int, int, int]:
    yes = random.randint(0, votes)
    no = random.randint(0, votes - yes)
    return yes, no, votes - yes - no


def box(random: Random, voters: Seats) -> dict[str, list[str]]:
    return {
        chamber: random.choices(
            CHOICES, k=sum(each["votes"] for each in voters if each["seat"].startswith(chamber))
        )
        for chamber in CHAMBERS
    }
