"""A question's life: when it may open, who may vote on it, how its ballots become a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any

from agreements import (
    Arithmetic,
    Base,
    Chamber,
    ChamberCount,
    ChamberDecision,
    Choice,
    Decision,
    Rule,
    Tally,
    quorate,
    seats_for_quorum,
    tally,
)
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid

if TYPE_CHECKING:
    from datetime import datetime


class VotingMethod(StrEnum):
    """In a roll call each organization's vote is published, never the person's name."""

    ROLL_CALL = "roll_call"


class QuestionState(StrEnum):
    """Nothing is deleted: a mistaken vote is annulled with a reason, and a new question put."""

    OPEN = "open"
    CLOSED = "closed"
    ANNULLED = "annulled"


class BindingStatus(StrEnum):
    """Every published document says which of the three it is."""

    INFORMATIVE = "informative"
    RECOMMENDATION = "recommendation"
    BINDING = "binding"


class Refusal(StrEnum):
    """Why a ballot is not taken, the first reason that holds."""

    QUESTION_CLOSED = "question_closed"
    NOT_AN_ELECTOR = "not_an_elector"
    CREDENTIAL_NOT_ACCEPTED = "credential_not_accepted"
    NOT_PRESENT = "not_present"


class AlreadyVoted(Conflict):
    """The seat has cast its ballots on this question; the first ones stand."""

    code = "already_voted"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What stands behind an elector at this moment: its credential is accepted, its holder in the sitting."""

    accepted: bool
    present: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was recorded of one seat: the organization votes, so no person is in it."""

    organization_name: str
    chamber: Chamber
    choices: tuple[Choice, ...]
    cast_at: datetime

    @property
    def tally(self) -> Tally:
        return tally(self.choices)


@dataclass(frozen=True, slots=True)
class Quorum:
    """A chamber's seats in the sitting against those entitled: more than half must be there."""

    present: int
    entitled: int

    @property
    def needed(self) -> int:
        return seats_for_quorum(self.entitled)

    @property
    def reached(self) -> bool:
        return quorate(present=self.present, entitled=self.entitled)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatVote:
    """One seat of the electorate and what it did; a seat of n votes casts n unit ballots or none.

    `by_proxy`: another seat's delegate casts for it. `castable_at_closing`: whoever casts for it is there,
    while `present_at_closing` tells of the seat itself: a proxy does not make its principal present.
    """

    chamber: Chamber
    votes: int
    present_at_opening: bool
    present_at_closing: bool
    castable_at_closing: bool = False
    by_proxy: bool = False
    ballots: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ChamberRecord:
    """What one chamber did and why that decided; `quorum` is the number of seats it needed.

    `by_proxy` counts its votes that were cast by proxy.
    """

    count: ChamberCount
    decision: ChamberDecision
    quorum: int
    by_proxy: int = 0


Record = Mapping[Chamber, ChamberRecord]


def refusal(state: QuestionState, entitlement: Entitlement | None) -> Refusal | None:
    """Only a delegate present in the sitting, by an accepted credential, votes while the question is open.

    No entitlement: whoever asks held no seat when the question opened.
    """
    if state is not QuestionState.OPEN:
        return Refusal.QUESTION_CLOSED
    if entitlement is None:
        return Refusal.NOT_AN_ELECTOR
    if not entitlement.accepted:
        return Refusal.CREDENTIAL_NOT_ACCEPTED
    return None if entitlement.present else Refusal.NOT_PRESENT


def error_of(reason: Refusal) -> DomainError:
    """Return the error that says it: a closed question is a conflict, everything else is forbidden."""
    kind = Conflict if reason is Refusal.QUESTION_CLOSED else Forbidden
    return kind(reason.value)


def unit_ballots(choices: Sequence[Choice], *, votes: int) -> tuple[Choice, ...]:
    """Return one choice a vote: a seat may split its votes, and a single choice is meant for all of them.

    Raises Invalid("votes_do_not_add_up") with `votes` and `given`.
    """
    if len(choices) not in {1, votes}:
        raise Invalid("votes_do_not_add_up", votes=votes, given=len(choices))
    return tuple(choices) if len(choices) == votes else tuple(choices) * votes


def require_quorum(seats: Iterable[tuple[Chamber, bool]]) -> None:
    """A question opens only before a quorum of each chamber; `seats` are (chamber, present).

    Raises Conflict("not_quorate") with the figures of both chambers: `us_present`, `us_entitled`, `us_needed`
    and the same of `mx`.
    """
    listed = tuple(seats)
    chambers = {chamber: _quorum(present for of, present in listed if of is chamber) for chamber in Chamber}
    if all(quorum.reached for quorum in chambers.values()):
        return
    figures = {
        f"{chamber}_{name}": getattr(quorum, name)
        for chamber, quorum in chambers.items()
        for name in ("present", "entitled", "needed")
    }
    raise Conflict("not_quorate", **figures)


def _quorum(present: Iterable[bool]) -> Quorum:
    seats = tuple(present)
    return Quorum(present=sum(seats), entitled=len(seats))


def chamber_counts(seats: Iterable[SeatVote]) -> dict[Chamber, ChamberCount]:
    """Count each chamber by itself."""
    listed = tuple(seats)
    return {chamber: _count([seat for seat in listed if seat.chamber is chamber]) for chamber in Chamber}


def _count(seats: Sequence[SeatVote]) -> ChamberCount:
    counted = tally(chain.from_iterable(seat.ballots for seat in seats))
    return ChamberCount(
        yes=counted.yes,
        no=counted.no,
        abstain=counted.abstain,
        # Whoever voted and then left the room was present for this vote; whoever only left was not. Votes
        # that a proxy's holder could cast are there as the holder is.
        present_votes=sum(
            seat.votes
            for seat in seats
            if seat.present_at_closing or seat.castable_at_closing or seat.ballots
        ),
        entitled_votes=sum(seat.votes for seat in seats),
        entitled_seats=len(seats),
        present_seats_at_opening=sum(seat.present_at_opening for seat in seats),
        present_seats_at_closing=sum(seat.present_at_closing for seat in seats),
    )


def record_of(
    counts: Mapping[Chamber, ChamberCount], decision: Decision, proxies: Mapping[Chamber, int] | None = None
) -> Record:
    """Return what is kept for good of a decision; `proxies` are the votes that were cast by proxy."""
    return {
        chamber: ChamberRecord(
            counts[chamber],
            decision.chambers[chamber],
            seats_for_quorum(counts[chamber].entitled_seats),
            (proxies or {}).get(chamber, 0),
        )
        for chamber in Chamber
    }


def votes_by_proxy(seats: Iterable[SeatVote]) -> dict[Chamber, int]:
    """Count each chamber's unit ballots that another seat's delegate has cast."""
    cast = Counter[Chamber]()
    for seat in seats:
        if seat.by_proxy:
            cast[seat.chamber] += len(seat.ballots)
    return {chamber: cast[chamber] for chamber in Chamber}


def record_to_json(record: Record) -> dict[str, Any]:
    """Return the record as it is stored."""
    return {chamber.value: asdict(record[chamber]) for chamber in Chamber}


def record_from_json(stored: Mapping[str, Any]) -> Record:
    """Return the record as it was frozen; the rules are not asked again."""
    return {chamber: _chamber_record(stored[chamber.value]) for chamber in Chamber}


def _chamber_record(stored: Mapping[str, Any]) -> ChamberRecord:
    decision = dict(stored["decision"])
    arithmetic = dict(decision.pop("arithmetic"))
    rule, measured_by = Rule(arithmetic.pop("rule")), Base(arithmetic.pop("measured_by"))
    return ChamberRecord(
        count=ChamberCount(**stored["count"]),
        decision=ChamberDecision(
            **decision, arithmetic=Arithmetic(rule=rule, measured_by=measured_by, **arithmetic)
        ),
        quorum=stored["quorum"],
        # Votes of before there were proxies say nothing of them.
        by_proxy=stored.get("by_proxy", 0),
    )
