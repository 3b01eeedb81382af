"""The terms a question is put on: all that is frozen at its opening, and whether it may open on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements.canonical import GREATEST_INTEGER
from agreements.decision import HALF, Chamber, Rule, seats_for_quorum
from agreements.pillars import greatest_sum

if TYPE_CHECKING:
    from fractions import Fraction

    from agreements.electorate import Electorate

FEWEST_FOR_SECRECY = 5
"""Voting units that a chamber needs for a secret ballot (DOMAIN: secret ballots)."""


class VotingMethod(StrEnum):
    """Roll call: each seat's vote is published. Secret: who took part is, and no one can tell how."""

    ROLL_CALL = "roll_call"
    SECRET = "secret"  # noqa: S105  a way of voting


class StepProblem(StrEnum):
    """Why a step is refused. The keys of `InvalidStep.data` stand behind each code."""

    NOT_QUORATE = "not_quorate"  # us_present, us_entitled, us_needed, and the same of mx
    TOO_FEW_FOR_SECRECY = "too_few_for_secrecy"  # chamber, units, needed
    PILLARS_IN_SECRET = "pillars_in_secret"  # noqa: S105  chamber: its ballots would tell their pillar
    PRESENT_WITH_PILLARS = "present_with_pillars"  # chamber
    PILLARS_TOO_LARGE = "pillars_too_large"  # chamber: weighted, they outgrow what a ledger can write
    NOT_OPEN = "not_open"  # state
    NOT_THE_HOLDER = "not_the_holder"  # seat, holder, by
    VOTES_DO_NOT_ADD_UP = "votes_do_not_add_up"  # seat, votes, given
    ALREADY_VOTED = "already_voted"  # seat
    BOX_IS_SEALED = "box_is_sealed"
    ALREADY_ANNULLED = "already_annulled"
    NO_REASON = "no_reason"
    SAME_KEY = "same_key"  # key
    NOT_TO_BE_PUT_AGAIN = "not_to_be_put_again"  # standing: its outcome, or that it is open
    ALREADY_PUT_AGAIN = "already_put_again"  # replaced_by
    ONE_REVOTE_ONLY = "one_revote_only"


class InvalidStep(ValueError):
    """A step that the rules of procedure refuse: `code`, and `data` to explain it."""

    def __init__(self, code: StepProblem, **data: str | int) -> None:
        self.code, self.data = code, data
        super().__init__(code, data)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is put to the vote: a provision's key, the content hash of its draft, the hash of its text."""

    provision: str
    draft: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that is frozen when a question opens; `present` are the seats in the sitting at that moment."""

    key: str
    subject: Subject
    method: VotingMethod
    rule: Rule
    electorate: Electorate
    present: frozenset[str]
    quorum: Fraction = HALF

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", VotingMethod(self.method))
        object.__setattr__(self, "rule", Rule(self.rule))
        object.__setattr__(self, "present", frozenset(self.present))
        self.electorate.require_known(self.present)


def require_openable(terms: Terms) -> None:
    """A question opens only before a quorum of each chamber, and secretly only where secrecy can hold.

    Secrecy needs five voting units in each chamber, and no pillars. The majority of those present is not
    measured by pillars. Raises InvalidStep (DOMAIN: quorum, secret ballots).
    """
    _require_quorum(terms)
    for chamber in Chamber:
        _require_fitting_pillars(terms, chamber)
        _require_secrecy(terms, chamber)


def _require_quorum(terms: Terms) -> None:
    figures: dict[str, int] = {}
    lacking = False
    for chamber in Chamber:
        present = terms.electorate.present_seats(chamber, terms.present)
        entitled = terms.electorate.entitled_seats(chamber)
        needed = seats_for_quorum(entitled, quorum=terms.quorum)
        lacking |= present < needed
        figures |= {
            f"{chamber}_present": present,
            f"{chamber}_entitled": entitled,
            f"{chamber}_needed": needed,
        }
    if lacking:
        raise InvalidStep(StepProblem.NOT_QUORATE, **figures)


def _require_fitting_pillars(terms: Terms, chamber: Chamber) -> None:
    pillars = terms.electorate.entitled_by_pillar(chamber)
    if not pillars:
        return
    if terms.method is VotingMethod.SECRET:
        raise InvalidStep(StepProblem.PILLARS_IN_SECRET, chamber=chamber)
    if terms.rule is Rule.PRESENT:
        raise InvalidStep(StepProblem.PRESENT_WITH_PILLARS, chamber=chamber)
    if greatest_sum(pillars.values()) >= GREATEST_INTEGER:  # what is needed may be one more
        raise InvalidStep(StepProblem.PILLARS_TOO_LARGE, chamber=chamber)


def _require_secrecy(terms: Terms, chamber: Chamber) -> None:
    units = terms.electorate.voting_units(chamber)
    if terms.method is VotingMethod.SECRET and units < FEWEST_FOR_SECRECY:
        code = StepProblem.TOO_FEW_FOR_SECRECY
        raise InvalidStep(code, chamber=chamber, units=units, needed=FEWEST_FOR_SECRECY)
