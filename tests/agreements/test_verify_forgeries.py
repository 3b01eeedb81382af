"""Forgeries that the honest key has signed: only whoever counts again can notice them."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.verify_audit import PROBLEMS
from tests.agreements.audits import (
    FIRST_ENTRY_LINE,
    Event,
    annulled,
    bundled,
    cast,
    checked,
    closed,
    opened,
    present,
    row,
    seat,
    showcase,
    voted,
)

if TYPE_CHECKING:
    from collections.abc import Callable


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


def electorate_of(chamber: str, seats: list[dict[str, Any]]) -> Callable[[Event], None]:
    """Other seats, all of them present."""

    def alter(event: Event) -> None:
        event["chambers"][chamber] = {"present": present(seats), "seats": seats}

    return alter


def exchange_openings(events: list[Event]) -> int:
    one = place_of(events, "question_opened", "pillars-simple")
    other = place_of(events, "question_opened", "pillars-absolute")
    events[one], events[other] = events[other], events[one]
    return one + 1


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
        closing("pillars-simple", lambda event: event["chambers"]["us"].update(votes_against=2)),
        "arithmetic",
        {"chamber": "us", "number": "votes_against", "found": 2, "expected": 5},
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
        {"chamber": "mx", "number": "tied", "found": False, "expected": True},
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
        opening("open", electorate_of("us", [])),
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
        opening("open", electorate_of("us", [seat("us-2"), seat("us-1")])),
        "seats_not_sorted",
        {"seat": "us-1"},
    ),
    Forgery(
        "a seat twice",
        opening("open", electorate_of("us", [seat("us-1"), seat("us-1")])),
        "seats_not_sorted",
        {"seat": "us-1"},
    ),
    Forgery(
        "a seat in both chambers",
        opening("open", electorate_of("us", [seat("mx-1")])),
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
        opening("sealed", electorate_of("mx", [each | {"pillar": "p"} for each in row("mx", 5)])),
        "pillars_in_secret",
        {"chamber": "mx"},
    ),
    Forgery(
        "a secret ballot of four seats",
        opening("sealed", electorate_of("mx", row("mx", 4, votes=2))),
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
        exchange_openings,
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


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_forgery_is_noticed_although_it_is_signed(forgery: Forgery) -> None:
    events = showcase()
    place = forgery.forge(events)
    report = checked(bundled(events, 3, 10))
    assert report.problem is not None
    assert (report.problem.code, report.problem.facts) == (forgery.code, forgery.facts)
    assert (report.problem.line, report.stages_passed) == (FIRST_ENTRY_LINE + place, 3)


def test_every_rule_that_is_checked_was_broken() -> None:
    codes = list(PROBLEMS)
    of_questions = codes[codes.index("event") : codes.index("file")]
    assert {forgery.code for forgery in FORGERIES} | {"event"} == set(of_questions)


# -- the form of events ---------------------------------------------------------------------------------


def without(member: str) -> Callable[[Event], object]:
    return lambda event: event.pop(member)


SHAPES: list[tuple[str, str, Callable[[Any], object], str]] = [
    *(
        (kind, question, alter, "event")
        for kind, question, members in (
            ("question_opened", "tie", "subject ballot rule quorum replaces chambers"),
            ("ballot_cast", "tie", "seat yes no abstain"),
            ("seat_voted", "refused", "seat"),
            ("question_closed", "tie", "present ballots counts outcome chambers"),
            ("question_annulled", "sealed", "reason"),
        )
        for alter in (*map(without, members.split()), lambda event: event.update(note="surplus"))
    ),
    ("ballot_cast", "tie", lambda event: event.update(at="2026-11-22T18:30:00Z"), "event"),
    ("seat_voted", "refused", lambda event: event.update(at="2026-11-22T18:30:00Z"), "event"),
    ("question_opened", "tie", lambda event: event.update(at="today"), "at"),
    ("question_closed", "tie", lambda event: event.update(at="today"), "at"),
    ("question_annulled", "sealed", lambda event: event.update(at="today"), "at"),
    ("question_opened", "tie", lambda event: event.update(rule="plurality"), "rule"),
    ("question_opened", "tie", lambda event: event.update(rule=None), "rule"),
    ("question_opened", "tie", lambda event: event.update(ballot="show of hands"), "ballot"),
    ("question_opened", "tie", lambda event: event.update(replaces=0), "replaces"),
    ("question_opened", "tie", lambda event: event.update(subject="clause"), "subject"),
    ("question_opened", "tie", lambda event: event["subject"].pop("draft"), "subject"),
    ("question_opened", "tie", lambda event: event["subject"].update(provision=1), "provision"),
    ("question_opened", "tie", lambda event: event["subject"].update(draft=None), "draft"),
    ("question_opened", "tie", lambda event: event["subject"].update(text=[]), "text"),
    ("question_opened", "tie", lambda event: event.update(quorum=None), "quorum"),
    ("question_opened", "tie", lambda event: event["quorum"].update(numerator=2), "quorum"),
    ("question_opened", "tie", lambda event: event["quorum"].update(numerator=-1), "numerator"),
    ("question_opened", "tie", lambda event: event["quorum"].update(denominator="2"), "denominator"),
    ("question_opened", "tie", lambda event: event["quorum"].update(denominator=0), "quorum"),
    ("question_opened", "tie", lambda event: event.update(chambers=[]), "chambers"),
    ("question_opened", "tie", lambda event: event["chambers"].update(ca={}), "chambers"),
    ("question_opened", "tie", lambda event: event["chambers"].update(us=None), "us"),
    ("question_opened", "tie", lambda event: event["chambers"]["mx"].pop("present"), "mx"),
    ("question_opened", "tie", lambda event: event["chambers"]["mx"].update(seats={}), "seats"),
    ("question_opened", "tie", lambda event: event["chambers"]["mx"]["seats"].append("mx-9"), "seats"),
    ("question_opened", "tie", lambda event: us(event).pop("pillar"), "seats"),
    ("question_opened", "tie", lambda event: us(event).update(seat=1), "seat"),
    ("question_opened", "tie", lambda event: us(event).update(votes=True), "votes"),
    ("question_opened", "tie", lambda event: us(event).update(holder=None), "holder"),
    ("question_opened", "tie", lambda event: us(event).update(pillar=1), "pillar"),
    ("question_opened", "tie", lambda event: event["chambers"]["us"].update(present=3), "present"),
    ("question_opened", "tie", lambda event: event["chambers"]["us"]["present"].pop("votes"), "present"),
    ("question_opened", "tie", lambda event: event["chambers"]["us"]["present"].update(seats=None), "seats"),
    ("question_opened", "tie", lambda event: event["chambers"]["us"]["present"].update(votes=-1), "votes"),
    ("ballot_cast", "tie", lambda event: event.update(seat=None), "seat"),
    ("ballot_cast", "tie", lambda event: event.update(yes=-1, no=2), "yes"),
    ("ballot_cast", "tie", lambda event: event.update(no=False), "no"),
    ("ballot_cast", "tie", lambda event: event.update(abstain=None), "abstain"),
    ("seat_voted", "refused", lambda event: event.update(seat=4), "seat"),
    ("question_closed", "tie", lambda event: event.update(present=None), "present"),
    ("question_closed", "tie", lambda event: event["present"].pop("us"), "present"),
    ("question_closed", "tie", lambda event: event["present"].update(us={}), "present"),
    ("question_closed", "tie", lambda event: event["counts"].update(ca={}), "counts"),
    ("question_closed", "tie", lambda event: event["counts"].update(us=[]), "us"),
    ("question_closed", "tie", lambda event: event["counts"]["mx"].pop("yes"), "mx"),
    ("question_closed", "tie", lambda event: event.update(chambers={}), "chambers"),
    ("question_closed", "tie", lambda event: event["chambers"]["us"].pop("tied"), "us"),
    ("question_closed", "tie", lambda event: event["chambers"].update(mx=None), "mx"),
    ("question_closed", "tie", lambda event: event.update(outcome=None), "outcome"),
    ("question_closed", "tie", lambda event: event.update(ballots={"us": [], "mx": []}), "ballots"),
    ("question_closed", "refused", lambda event: event.update(ballots=None), "ballots"),
    ("question_closed", "refused", lambda event: event["ballots"].pop("us"), "ballots"),
    ("question_closed", "refused", lambda event: event["ballots"].update(us="no"), "ballots"),
    ("question_closed", "refused", lambda event: event["ballots"]["us"].__setitem__(0, "maybe"), "ballots"),
    ("question_closed", "refused", lambda event: event["ballots"]["us"].__setitem__(0, ["no"]), "ballots"),
    ("question_annulled", "sealed", lambda event: event.update(reason=None), "reason"),
]


@pytest.mark.parametrize(("kind", "question", "alter", "member"), SHAPES)
def test_an_event_has_exactly_its_form(
    kind: str, question: str, alter: Callable[[Any], object], member: str
) -> None:
    events = showcase()
    place = change(kind, question, alter)(events)
    report = checked(bundled(events))
    assert report.problem is not None
    assert (report.problem.code, report.problem.facts) == ("event", {"member": member})
    assert report.problem.line == FIRST_ENTRY_LINE + place


@pytest.mark.parametrize(
    ("alter", "member"),
    [(without("question"), "event"), (lambda event: event.update(question=None), "question")],
)
def test_an_event_says_of_which_question_it_is(alter: Callable[[Any], object], member: str) -> None:
    for kind, question in (
        ("question_opened", "tie"),
        ("ballot_cast", "tie"),
        ("seat_voted", "refused"),
        ("question_closed", "tie"),
        ("question_annulled", "sealed"),
    ):
        events = showcase()
        place = change(kind, question, alter)(events)
        report = checked(bundled(events))
        assert report.problem is not None
        assert (report.problem.facts, report.problem.line) == ({"member": member}, FIRST_ENTRY_LINE + place)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 7)
    | st.text(max_size=3)
    | st.sampled_from(["us-1", "yes", "us"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=120)
def test_nothing_that_an_event_may_hold_confuses_the_check(data: st.DataObject) -> None:
    events = showcase()
    part: Any = events
    while isinstance(part, dict | list) and part:
        place = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        holder, part = part, part[place]
        if data.draw(st.booleans()):
            break
    holder[place] = data.draw(JUNK)
    if all(isinstance(event, dict) and isinstance(event.get("kind"), str) for event in events):
        report = checked(bundled(events))
        assert report.right or report.stages_passed == 3


# -- putting again --------------------------------------------------------------------------------------


def lives(*steps: tuple[str, str, str | None]) -> list[Event]:
    """Questions by name, each with what becomes of it and what it replaces."""
    events = []
    for name, standing, replaces in steps:
        opening = opened(name, row("us", 1), row("mx", 1), replaces=replaces)
        votes = {
            "adopted": [cast(name, "us-1", yes=1), cast(name, "mx-1", yes=1)],
            "disagree": [cast(name, "us-1", yes=1), cast(name, "mx-1", no=1)],
        }.get(standing, [])
        there = () if standing == "inquorate" else None
        ending = annulled(name) if standing == "annulled" else closed(opening, votes, there=there)
        events += [opening, *votes, ending]
    return events


@pytest.mark.parametrize(
    ("standings", "may_be_put_again"),
    [
        (["tied"], True),
        (["tied", "tied"], False),
        (["tied", "annulled"], True),
        (["tied", "annulled", "tied"], False),
        (["tied", "inquorate", "tied"], False),
        (["tied", "annulled", "inquorate", "tied"], False),
        (["tied", "inquorate", "inquorate"], True),
        (["tied", "disagree"], True),
        (["tied", "disagree", "tied"], True),
        (["tied", "disagree", "tied", "tied"], False),
        (["annulled", "tied"], True),
        (["annulled", "tied", "tied"], False),
        (["inquorate", "tied"], True),
        (["disagree", "disagree"], True),
        (["tied", "adopted"], False),
    ],
)
def test_a_tie_has_one_revote(standings: list[str], may_be_put_again: bool) -> None:
    steps = [
        (f"q{number}", standing, f"q{number - 1}" if number else None)
        for number, standing in enumerate(standings)
    ]
    events = lives(*steps)
    assert checked(bundled(events)).right
    again = opened("again", row("us", 1), row("mx", 1), replaces=steps[-1][0])
    assert checked(bundled([*events, again])).right is may_be_put_again


def test_a_tie_that_was_annulled_was_no_tie() -> None:
    events = [
        *lives(("first", "tied", None)),
        annulled("first"),
        *lives(("second", "tied", "first")),
        opened("third", row("us", 1), row("mx", 1), replaces="second"),
    ]
    assert checked(bundled(events)).right
