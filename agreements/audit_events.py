"""The events of a question's life, as an audit reads them: plain values, ready for the ledger.

A caller may add `at` (ISO 8601, UTC) to an event, but never to `ballot_cast` and `seat_voted`: a time could
tell who voted how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from agreements.canonical import Json
from agreements.decision import Chamber

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from agreements.decision import ChamberDecision, Choice, Decision, SeatBallot, Tally
    from agreements.electorate import Electorate
    from agreements.terms import Terms

Event: TypeAlias = dict[str, Json]


def question_opened(terms: Terms, *, replaces: str | None) -> Event:
    """A question has opened on these terms; `replaces` is the earlier one that it puts again."""
    subject = terms.subject
    return {
        "kind": "question_opened",
        "question": terms.key,
        "subject": {"provision": subject.provision, "draft": subject.draft, "text": subject.text},
        "ballot": terms.method.value,
        "rule": terms.rule.value,
        "quorum": {"numerator": terms.quorum.numerator, "denominator": terms.quorum.denominator},
        "replaces": replaces,
        "chambers": {chamber.value: _electors(terms, chamber) for chamber in Chamber},
    }


def ballot_cast(question: str, *, seat: str, ballot: SeatBallot) -> Event:
    """A seat has voted, or changed its vote, in a roll call."""
    return {"kind": "ballot_cast", "question": question, "seat": seat, **_counts(ballot)}


def seat_voted(question: str, *, seat: str) -> Event:
    """A seat has taken part in a secret ballot; how it voted is in no event."""
    return {"kind": "seat_voted", "question": question, "seat": seat}


def question_closed(
    terms: Terms,
    *,
    present: Collection[str],
    ballots: Mapping[Chamber, Sequence[Choice]] | None,
    tallies: Mapping[Chamber, Tally],
    decision: Decision,
) -> Event:
    """A question was decided; `present` are the seats at closing, `ballots` the secret ones, shuffled."""
    return {
        "kind": "question_closed",
        "question": terms.key,
        "present": {chamber.value: _presence(terms.electorate, chamber, present) for chamber in Chamber},
        "ballots": None if ballots is None else _unit_ballots(ballots),
        "counts": {chamber.value: _counts(tallies[chamber]) for chamber in Chamber},
        "outcome": decision.outcome.value,
        "chambers": {chamber.value: _decided(decision.chambers[chamber]) for chamber in Chamber},
    }


def question_annulled(question: str, *, reason: str) -> Event:
    """A question does not count, for this reason."""
    return {"kind": "question_annulled", "question": question, "reason": reason}


def _electors(terms: Terms, chamber: Chamber) -> Event:
    electorate = terms.electorate
    return {
        "present": _presence(electorate, chamber, terms.present),
        "seats": [
            {
                "seat": seat.key,
                "votes": seat.votes,
                "holder": electorate.holder_of(seat.key),
                "pillar": seat.pillar,
            }
            for seat in electorate.seats_of(chamber)
        ],
    }


def _presence(electorate: Electorate, chamber: Chamber, present: Collection[str]) -> Event:
    return {
        "seats": electorate.present_seats(chamber, present),
        "votes": electorate.present_votes(chamber, present),
    }


def _unit_ballots(ballots: Mapping[Chamber, Sequence[Choice]]) -> Event:
    return {chamber.value: [choice.value for choice in ballots[chamber]] for chamber in Chamber}


def _counts(ballots: Tally | SeatBallot) -> Event:
    return {"yes": ballots.yes, "no": ballots.no, "abstain": ballots.abstain}


def _decided(made: ChamberDecision) -> Event:
    sums = made.arithmetic
    return {
        "passed": made.passed,
        "quorate": made.quorate,
        "tied": made.tied,
        "votes_for": sums.votes_for,
        "votes_against": sums.votes_against,
        "base": sums.base,
        "measured_by": sums.measured_by.value,
        "needed": sums.needed,
    }
