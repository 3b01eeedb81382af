from __future__ import annotations

import ast
import os
import runpy
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements import verify_audit
from agreements.canonical import canonical
from agreements.ledger import NO_LEAF
from agreements.merkle import leaf_hash
from agreements.verify_audit import (
    PROBLEMS,
    Report,
    Unreadable,
    describe,
    find_signature_check,
    main,
    verify,
)
from tests.agreements.audits import (
    CHAMBERS,
    CONFERENCE,
    FIRST_ENTRY_LINE,
    NAME,
    STRANGER,
    Event,
    annulled,
    bundled,
    cast,
    closed,
    entries_of,
    opened,
    present,
    random_audit,
    row,
    seat,
    showcase,
    signed,
    signer,
    tied_twice,
    unfinished,
    voted,
    with_hash,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ED25519 = find_signature_check()
SCRIPT = Path(verify_audit.__file__)


def check(data: bytes, **how: Any) -> Report:
    """Verify, and see that whatever it has to say can be said in both languages."""
    report = verify(data, **{"check": ED25519} | how)
    for language in ("es", "en"):
        assert describe(report, language).endswith("\n")
    return report


def complaint(data: bytes, **how: Any) -> tuple[str, int, int]:
    """The code of the problem, its line, and how many stages were passed before it."""
    report = check(data, **how)
    assert report.problem is not None
    assert not report.right
    return report.problem.code, report.problem.line, report.stages_passed


# -- honest audits -------------------------------------------------------------------------------------


def test_an_honest_audit_is_right() -> None:
    report = check(bundled(showcase(), 3, 10))
    assert report.problem is None
    assert report.right
    assert (report.stages_passed, report.entries, report.checkpoints) == (4, 59, [3, 10, 59])
    assert report.key is not None
    assert report.key.text == CONFERENCE.public.text
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


@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_every_honest_audit_is_right(random: Random, questions: int) -> None:
    events = random_audit(random, questions)
    sizes = random.sample(range(len(events)), min(3, len(events)))
    report = check(bundled(events, *sorted(sizes)))
    assert report.problem is None
    assert len(report.conference.questions) == questions


def test_an_audit_in_which_nothing_happened_is_right() -> None:
    report = check(bundled([]))
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
        report = check(bundled([opening]))
        assert report.right is (count >= fewest)


@pytest.mark.parametrize("moment", ["2026-11-22T18:30:00Z", "2026-11-22T18:30:00.123456+00:00"])
def test_a_moment_may_stand_with_an_event(moment: str) -> None:
    life = [opened("q", row("us", 1), row("mx", 1)), annulled("q")]
    assert check(bundled([event | {"at": moment} for event in life])).right


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
    report = check(bundled([event]))
    assert report.problem is not None
    assert (report.problem.code, report.problem.facts) == ("event", {"member": "at"})


# -- the rules, at both sides of every boundary ---------------------------------------------------------


def ballots_of(question: str, chamber: str, yes: int, no: int, abstain: int) -> list[Event]:
    answers = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
    return [
        cast(question, f"{chamber}-{number}", **{answer: 1}) for number, answer in enumerate(answers, start=1)
    ]


@pytest.mark.parametrize(
    ("rule", "yes", "no", "abstain", "there", "expected"),
    [
        ("simple", 3, 2, 0, 6, (True, False, 5, "cast", 3)),
        ("simple", 2, 2, 1, 6, (False, True, 4, "cast", 3)),
        ("simple", 0, 0, 2, 6, (False, True, 0, "cast", 1)),
        ("simple", 1, 2, 0, 6, (False, False, 3, "cast", 3)),
        ("two_thirds", 4, 2, 0, 6, (True, False, 6, "cast", 4)),
        ("two_thirds", 3, 2, 1, 6, (False, False, 5, "cast", 4)),
        ("two_thirds", 1, 1, 0, 6, (False, True, 2, "cast", 2)),
        ("two_thirds", 2, 2, 0, 6, (False, False, 4, "cast", 3)),
        ("two_thirds", 0, 0, 0, 6, (False, True, 0, "cast", 1)),
        ("three_quarters", 3, 1, 2, 6, (True, False, 4, "cast", 3)),
        ("three_quarters", 4, 2, 0, 6, (False, False, 6, "cast", 5)),
        ("three_quarters", 1, 1, 0, 6, (False, False, 2, "cast", 2)),
        ("three_quarters", 0, 0, 1, 6, (False, True, 0, "cast", 1)),
        ("present", 4, 1, 1, 6, (True, False, 6, "present", 4)),
        ("present", 3, 3, 0, 6, (False, True, 6, "present", 4)),
        ("present", 3, 1, 0, 5, (True, False, 5, "present", 3)),
        ("present", 3, 3, 0, 4, (False, True, 6, "present", 4)),
        ("present", 2, 2, 0, 6, (False, False, 6, "present", 4)),
        ("absolute", 4, 0, 0, 6, (True, False, 6, "entitled", 4)),
        ("absolute", 3, 3, 0, 4, (False, True, 6, "entitled", 4)),
        ("absolute", 3, 0, 0, 6, (False, False, 6, "entitled", 4)),
        ("consensus", 1, 0, 5, 6, (True, False, 1, "cast", 1)),
        ("consensus", 5, 1, 0, 6, (False, False, 6, "cast", 6)),
        ("consensus", 0, 0, 3, 6, (False, True, 0, "cast", 1)),
        ("consensus", 1, 1, 0, 6, (False, False, 2, "cast", 2)),
    ],
)
def test_a_rule_says_what_its_sums_say(
    rule: str, yes: int, no: int, abstain: int, there: int, expected: tuple[Any, ...]
) -> None:
    opening = opened("q", row("us", 6), row("mx", 6), rule=rule)
    ballots = ballots_of("q", "us", yes, no, abstain)
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
    assert check(bundled([opening, *ballots, closing])).right


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


# -- forgeries that the honest key has signed -----------------------------------------------------------

Forge = "Callable[[list[Event]], int]"


class Forgery(NamedTuple):
    """What is done to the showcase, where it is noticed, and what is said."""

    name: str
    forge: Callable[[list[Event]], int]
    code: str
    facts: dict[str, Any]


def place_of(events: list[Event], kind: str, question: str, nth: int = 0) -> int:
    places = [
        place
        for place, event in enumerate(events)
        if (event["kind"], event.get("question")) == (kind, question)
    ]
    return places[nth]


def change(kind: str, question: str, alter: Callable[[Any], object], nth: int = 0) -> Callable[[Any], int]:
    """Alter an event, which is noticed there."""

    def forge(events: list[Event]) -> int:
        place = place_of(events, kind, question, nth)
        alter(events[place])
        return place

    return forge


def drop(kind: str, question: str, nth: int = 0, *, noticed: tuple[str, str]) -> Callable[[Any], int]:
    """Leave an event out, which is noticed at another."""

    def forge(events: list[Event]) -> int:
        del events[place_of(events, kind, question, nth)]
        return place_of(events, *noticed)

    return forge


def add(event: Event, *, before: tuple[str, str] | None = None) -> Callable[[Any], int]:
    """Put an event in, at the end or before another, where it is noticed."""

    def forge(events: list[Event]) -> int:
        place = place_of(events, *before) if before else len(events)
        events.insert(place, event)
        return place

    return forge


def add_unnoticed(event: Event, *, before: tuple[str, str]) -> Callable[[Any], int]:
    """Put an event in before another, where it is noticed."""

    def forge(events: list[Event]) -> int:
        events.insert(place_of(events, *before), event)
        return place_of(events, *before)

    return forge


def opening(question: str, alter: Callable[[Any], object]) -> Callable[[Any], int]:
    return change("question_opened", question, alter)


def closing(question: str, alter: Callable[[Any], object]) -> Callable[[Any], int]:
    return change("question_closed", question, alter)


def us(event: Event, place: int = 0) -> Event:
    """A seat of the United States chamber in an opening."""
    return event["chambers"]["us"]["seats"][place]


def exchange(events: list[Event], first: tuple[str, str], second: tuple[str, str]) -> None:
    one, other = place_of(events, *first), place_of(events, *second)
    events[one], events[other] = events[other], events[one]


def reorder_closing(events: list[Event]) -> int:
    """The closing before the last ballot."""
    place = place_of(events, "question_closed", "tie")
    events[place - 1], events[place] = events[place], events[place - 1]
    return place - 1


def vote_before_opening(events: list[Event]) -> int:
    place = place_of(events, "question_opened", "tie")
    events[place], events[place + 1] = events[place + 1], events[place]
    return place


def swap_questions(events: list[Event]) -> int:
    """The ballots of one question are put into another."""
    for event in events:
        if event["kind"] == "ballot_cast" and event["question"].startswith("pillars"):
            wanted = {"pillars-simple": "pillars-absolute", "pillars-absolute": "pillars-simple"}
            event["question"] = wanted[event["question"]]
    return place_of(events, "ballot_cast", "pillars-absolute")


def reopen(events: list[Event]) -> int:
    events.append(deepcopy(events[place_of(events, "question_opened", "adopted")]))
    return len(events) - 1


def put_again(question: str, *, replaces: str) -> Callable[[Any], int]:
    return add(opened(question, row("us", 1), row("mx", 1), replaces=replaces))


def shrunk_electorate(events: list[Event]) -> int:
    """A seat that has voted is taken out of the electorate."""
    event = events[place_of(events, "question_opened", "adopted")]
    event["chambers"]["us"]["seats"] = [
        each for each in event["chambers"]["us"]["seats"] if each["seat"] != "us-b"
    ]
    event["chambers"]["us"]["present"] = {"seats": 5, "votes": 8}
    return place_of(events, "ballot_cast", "adopted", 5)


def other_electorate(events: list[Event]) -> int:
    """A seat that has voted gets another number of votes."""
    event = events[place_of(events, "question_opened", "adopted")]
    us(event)["votes"] = 4
    event["chambers"]["us"]["present"]["votes"] = 10
    return place_of(events, "ballot_cast", "adopted")


def four_delegates(events: list[Event]) -> int:
    """Five seats remain, and one of them has given its proxy."""
    place = place_of(events, "question_opened", "sealed")
    us(events[place], 4)["holder"] = "us-1"
    return place


def bare_quorum(chamber: str, seats: int) -> Callable[[Any], None]:
    def alter(event: Event) -> None:
        event["chambers"][chamber]["present"] = {"seats": seats, "votes": seats}

    return alter


FORGERIES = [
    # Dropped, added and duplicated ballots.
    Forgery(
        "a ballot dropped",
        drop("ballot_cast", "adopted", noticed=("question_closed", "adopted")),
        "count",
        {"chamber": "us", "number": "yes", "found": 4, "expected": 2},
    ),
    Forgery(
        "a changed vote dropped",
        drop("ballot_cast", "adopted", 4, noticed=("question_closed", "adopted")),
        "count",
        {"chamber": "mx", "number": "yes", "found": 2, "expected": 1},
    ),
    Forgery(
        "a ballot added",
        add_unnoticed(cast("tie", "mx-2", no=1), before=("question_closed", "tie")),
        "count",
        {"chamber": "mx", "number": "no", "found": 0, "expected": 1},
    ),
    Forgery(
        "a ballot altered",
        lambda events: (
            events[place_of(events, "ballot_cast", "tie", 1)].update(no=0, abstain=1)
            or place_of(events, "question_closed", "tie")
        ),
        "count",
        {"chamber": "us", "number": "no", "found": 1, "expected": 0},
    ),
    Forgery(
        "too many votes from a seat",
        change("ballot_cast", "tie", lambda event: event.update(yes=2)),
        "ballot_votes",
        {"seat": "us-1", "found": 2, "expected": 1},
    ),
    Forgery(
        "too few votes from a seat",
        change("ballot_cast", "adopted", lambda event: event.update(no=0)),
        "ballot_votes",
        {"seat": "us-a", "found": 2, "expected": 3},
    ),
    Forgery(
        "a ballot of a stranger",
        add(cast("open", "us-9", yes=1)),
        "not_entitled",
        {"seat": "us-9", "question": "open"},
    ),
    Forgery(
        "a participation dropped",
        drop("seat_voted", "refused", noticed=("question_closed", "refused")),
        "ballots_and_participations",
        {"chamber": "us", "found": 6, "expected": 4},
    ),
    Forgery(
        "a participation added",
        add_unnoticed(voted("refused", "mx-1"), before=("question_closed", "refused")),
        "ballots_and_participations",
        {"chamber": "mx", "found": 2, "expected": 3},
    ),
    Forgery(
        "a participation twice",
        add(voted("refused", "us-4"), before=("question_closed", "refused")),
        "voted_twice",
        {"seat": "us-4"},
    ),
    Forgery(
        "a participation of a stranger",
        add(voted("refused", "us-6"), before=("question_closed", "refused")),
        "not_entitled",
        {"seat": "us-6", "question": "refused"},
    ),
    Forgery(
        "a secret ballot dropped",
        closing("refused", lambda event: event["ballots"]["us"].pop()),
        "ballots_and_participations",
        {"chamber": "us", "found": 5, "expected": 6},
    ),
    Forgery(
        "a secret ballot added",
        closing("refused", lambda event: event["ballots"]["mx"].append("no")),
        "ballots_and_participations",
        {"chamber": "mx", "found": 3, "expected": 2},
    ),
    Forgery(
        "a secret ballot altered",
        closing("refused", lambda event: event["ballots"]["us"].__setitem__(0, "yes")),
        "count",
        {"chamber": "us", "number": "yes", "found": 2, "expected": 3},
    ),
    Forgery(
        "a secret vote with its seat",
        add(cast("refused", "us-2", yes=2), before=("question_closed", "refused")),
        "ballot_in_secret",
        {"question": "refused"},
    ),
    Forgery(
        "a roll call without the vote",
        add(voted("open", "us-1")),
        "participation_in_roll_call",
        {"question": "open"},
    ),
    # Counts and outcomes.
    Forgery(
        "another outcome",
        closing("left", lambda event: event.update(outcome="adopted")),
        "outcome",
        {"recorded": "adopted", "standing": "inquorate"},
    ),
    Forgery(
        "a defeat made a disagreement",
        closing("refused", lambda event: event.update(outcome="chambers_disagree")),
        "outcome",
        {"recorded": "chambers_disagree", "standing": "rejected"},
    ),
    Forgery(
        "no known outcome",
        closing("refused", lambda event: event.update(outcome="postponed")),
        "event",
        {"member": "outcome"},
    ),
    Forgery(
        "another count",
        closing("adopted", lambda event: event["counts"]["us"].update(abstain=2)),
        "count",
        {"chamber": "us", "number": "abstain", "found": 2, "expected": 1},
    ),
    Forgery(
        "true for one",
        closing("adopted", lambda event: event["counts"]["us"].update(abstain=True)),
        "count",
        {"chamber": "us", "number": "abstain", "found": True, "expected": 1},
    ),
    Forgery(
        "one for true",
        closing("reading", lambda event: event["chambers"]["mx"].update(passed=1)),
        "arithmetic",
        {"chamber": "mx", "number": "passed", "found": 1, "expected": True},
    ),
    Forgery(
        "another threshold",
        closing("refused", lambda event: event["chambers"]["us"].update(needed=3)),
        "arithmetic",
        {"chamber": "us", "number": "needed", "found": 3, "expected": 4},
    ),
    Forgery(
        "weights left out",
        closing("pillars-simple", lambda event: event["chambers"]["us"].update(votes_for=3)),
        "arithmetic",
        {"chamber": "us", "number": "votes_for", "found": 3, "expected": 3 * 1},
    ),
    Forgery(
        "another quorum at closing",
        closing("left", lambda event: event["chambers"]["us"].update(quorate=False)),
        "arithmetic",
        {"chamber": "us", "number": "quorate", "found": False, "expected": True},
    ),
    Forgery(
        "another presence at closing",
        closing("left", lambda event: event["present"]["mx"].update(seats=3, votes=3)),
        "arithmetic",
        {"chamber": "mx", "number": "quorate", "found": False, "expected": True},
    ),
    Forgery(
        "fewer present for the rule",
        closing("present", lambda event: event["present"]["us"].update(seats=3, votes=3)),
        "arithmetic",
        {"chamber": "us", "number": "base", "found": 4, "expected": 3},
    ),
    Forgery(
        "another rule",
        lambda events: (
            events[place_of(events, "question_opened", "refused")].update(rule="simple")
            or place_of(events, "question_closed", "refused")
        ),
        "arithmetic",
        {"chamber": "us", "number": "needed", "found": 4, "expected": 4},
    ),
    # Presence.
    Forgery(
        "more seats present than there are",
        closing("left", lambda event: event["present"]["us"].update(seats=5, votes=4)),
        "present_seats",
        {"found": 5, "expected": 4},
    ),
    Forgery(
        "fewer votes than the seats present have",
        closing("left", lambda event: event["present"]["us"].update(seats=3, votes=2)),
        "present_votes",
        {"found": 2, "fewest": 3, "most": 3},
    ),
    Forgery(
        "more votes than the seats present have",
        closing("left", lambda event: event["present"]["us"].update(seats=3, votes=4)),
        "present_votes",
        {"found": 4, "fewest": 3, "most": 3},
    ),
    Forgery(
        "votes of nobody",
        closing("left", lambda event: event["present"]["us"].update(seats=0, votes=1)),
        "present_votes",
        {"found": 1, "fewest": 0, "most": 0},
    ),
    Forgery(
        "more votes than seats and proxies have",
        closing("adopted", lambda event: event["present"]["us"].update(seats=1, votes=6)),
        "present_votes",
        {"found": 6, "fewest": 1, "most": 5},
    ),
    Forgery(
        "more votes than the whole chamber",
        opening("adopted", lambda event: event["chambers"]["us"]["present"].update(votes=10)),
        "present_votes",
        {"found": 10, "fewest": 9, "most": 9},
    ),
    Forgery(
        "opened without a quorum",
        opening("adopted", bare_quorum("mx", 3)),
        "opened_without_quorum",
        {"chamber": "mx"},
    ),
    Forgery(
        "opened without seats",
        opening(
            "open",
            lambda event: event["chambers"].update(us={"present": {"seats": 0, "votes": 0}, "seats": []}),
        ),
        "opened_without_quorum",
        {"chamber": "us"},
    ),
    # The electorate.
    Forgery(
        "a voter taken out of the electorate",
        shrunk_electorate,
        "not_entitled",
        {"seat": "us-b", "question": "adopted"},
    ),
    Forgery(
        "another number of votes",
        other_electorate,
        "ballot_votes",
        {"seat": "us-a", "found": 3, "expected": 4},
    ),
    Forgery(
        "seats out of order",
        opening("open", lambda event: event["chambers"]["us"].update(seats=[seat("us-2"), seat("us-1")])),
        "seats_not_sorted",
        {"seat": "us-1"},
    ),
    Forgery(
        "a seat twice",
        opening("open", lambda event: event["chambers"]["us"].update(seats=[seat("us-1"), seat("us-1")])),
        "seats_not_sorted",
        {"seat": "us-1"},
    ),
    Forgery(
        "a seat in both chambers",
        opening("open", lambda event: event["chambers"]["us"].update(seats=[seat("mx-1")])),
        "seat_in_both_chambers",
        {"seat": "mx-1"},
    ),
    Forgery(
        "a seat without votes",
        opening("adopted", lambda event: us(event, 1).update(votes=0)),
        "seat_without_votes",
        {"seat": "us-b"},
    ),
    Forgery(
        "a proxy for the other chamber",
        opening("adopted", lambda event: us(event, 2).update(holder="mx-1")),
        "proxy_elsewhere",
        {"seat": "us-c", "holder": "mx-1"},
    ),
    Forgery(
        "a proxy of a proxy",
        opening("adopted", lambda event: us(event, 1).update(holder="us-c")),
        "proxy_of_a_proxy",
        {"seat": "us-b", "holder": "us-c"},
    ),
    Forgery(
        "proxies for each other",
        opening("adopted", lambda event: us(event, 0).update(holder="us-c")),
        "proxy_of_a_proxy",
        {"seat": "us-a", "holder": "us-c"},
    ),
    Forgery(
        "a pillar missing",
        opening("pillars-simple", lambda event: us(event, 1).update(pillar=None)),
        "some_pillars",
        {"chamber": "us"},
    ),
    Forgery(
        "a pillar for one",
        opening("adopted", lambda event: us(event, 1).update(pillar="north")),
        "some_pillars",
        {"chamber": "us"},
    ),
    Forgery(
        "pillars and presence",
        opening("pillars-simple", lambda event: event.update(rule="present")),
        "pillars_and_presence",
        {"chamber": "us"},
    ),
    Forgery(
        "pillars in a secret ballot",
        opening(
            "sealed", lambda event: [each.update(pillar="one") for each in event["chambers"]["mx"]["seats"]]
        ),
        "pillars_in_secret",
        {"chamber": "mx"},
    ),
    Forgery(
        "a secret ballot of four seats",
        opening(
            "sealed",
            lambda event: event["chambers"].update(
                mx={"present": {"seats": 4, "votes": 8}, "seats": row("mx", 4, 2)}
            ),
        ),
        "too_few_for_secrecy",
        {"chamber": "mx", "delegates": 4},
    ),
    Forgery(
        "a secret ballot of four delegates",
        four_delegates,
        "too_few_for_secrecy",
        {"chamber": "us", "delegates": 4},
    ),
    # The order of a question's life.
    Forgery("a question opened twice", reopen, "question_twice", {"question": "adopted"}),
    Forgery("a vote before the opening", vote_before_opening, "unknown_question", {"question": "tie"}),
    Forgery(
        "a closing before the last vote",
        reorder_closing,
        "count",
        {"chamber": "mx", "number": "yes", "found": 1, "expected": 0},
    ),
    Forgery(
        "questions exchanged",
        lambda events: (
            exchange(events, ("question_opened", "pillars-simple"), ("question_opened", "pillars-absolute"))
            or place_of(events, "ballot_cast", "pillars-simple")
        ),
        "unknown_question",
        {"question": "pillars-simple"},
    ),
    Forgery(
        "ballots of another question", swap_questions, "unknown_question", {"question": "pillars-absolute"}
    ),
    Forgery(
        "a vote after closing",
        add(cast("tie", "us-3", no=1)),
        "not_open",
        {"question": "tie", "standing": "tied"},
    ),
    Forgery(
        "a participation after closing",
        add(voted("refused", "mx-1")),
        "not_open",
        {"question": "refused", "standing": "rejected"},
    ),
    Forgery(
        "a vote after annulment",
        add(voted("sealed", "us-2")),
        "not_open",
        {"question": "sealed", "standing": "annulled"},
    ),
    Forgery(
        "a question closed twice",
        lambda events: add(deepcopy(events[place_of(events, "question_closed", "left")]))(events),
        "not_open",
        {"question": "left", "standing": "inquorate"},
    ),
    Forgery("annulled twice", add(annulled("adopted")), "annulled_twice", {"question": "adopted"}),
    Forgery("annulled without a reason", add(annulled("left", " \n")), "no_reason", {"question": "left"}),
    Forgery("an unknown question annulled", add(annulled("lost")), "unknown_question", {"question": "lost"}),
    # Putting again.
    Forgery(
        "an unknown question put again",
        put_again("new", replaces="lost"),
        "unknown_question",
        {"question": "lost"},
    ),
    Forgery(
        "a question put again by itself",
        put_again("new", replaces="new"),
        "unknown_question",
        {"question": "new"},
    ),
    Forgery(
        "an open question put again",
        put_again("new", replaces="open"),
        "not_to_be_put_again",
        {"question": "open", "standing": "open"},
    ),
    Forgery(
        "a rejected question put again",
        put_again("new", replaces="refused"),
        "not_to_be_put_again",
        {"question": "refused", "standing": "rejected"},
    ),
    Forgery(
        "an adopted question put again",
        put_again("new", replaces="reading"),
        "not_to_be_put_again",
        {"question": "reading", "standing": "adopted"},
    ),
    Forgery(
        "a question put again twice",
        put_again("new", replaces="tie"),
        "put_again_twice",
        {"question": "tie"},
    ),
    Forgery(
        "a tie with two re-votes",
        put_again("new", replaces="tie-again"),
        "second_revote",
        {"question": "tie-again"},
    ),
]
