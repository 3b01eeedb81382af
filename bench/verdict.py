"""What a run says of a goal: arithmetic only, so that it can be tested without measuring anything."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.goals import Goal

# Above this share of one core taken by other programs, a figure says more of them than of us.
FOREIGN_LIMIT = 0.25
# How sure the printed interval is of holding the true median, where there are rounds enough for it.
CONFIDENCE = 0.90
# "Try again later" of sysexits.h: neither a success nor a failure of the code.
DISTURBED_EXIT = 75


class Verdict(StrEnum):
    """Whether a goal is met; a run that others disturbed cannot tell."""

    PASS = "PASS"  # noqa: S105 - a verdict, no password
    FAIL = "FAIL"
    DISTURBED = "DISTURBED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measurement of one program: answers a second, milliseconds, bytes of one answer.

    `cpu` is the server's own processor time for one answer (without the database's, if that is a server too):
    the figure that others disturb least. `foreign` is what other programs took of the machine meanwhile, in
    cores. `failures` are answers that were not the expected one, and connections lost.
    """

    rate: float
    p50: float
    p99: float
    size: int = 0
    seconds: float = 1.0
    answers: int = 0
    failures: int = 0
    foreign: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """The two programs measured one right after the other."""

    work: Measured
    bare: Measured


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one goal."""

    goal: Goal
    verdict: Verdict
    value: float
    low: float
    high: float
    foreign: float
    failures: int
    # Processor time of one answer, the bare program's ÷ ours: the ratio without waiting.
    cpu: float

    @property
    def misses_what_is_due(self) -> bool:
        due = self.goal.due
        return due is not None and not reaches(self.value, due, at_most=self.goal.at_most)


def ratio(measure: str, pair: Round) -> float:
    """Return one round's figure: ours ÷ the bare one's; sizes and failures as they are.

    "added-cpu" is no ratio: the milliseconds of processor time that our answer takes more than the bare one.
    """
    if measure == "failures":
        return float(pair.work.failures)
    if measure == "kilobytes":
        return pair.work.size / 1024
    if measure == "added-cpu":
        return pair.work.cpu - pair.bare.cpu
    ours, bare = float(getattr(pair.work, measure)), float(getattr(pair.bare, measure))
    return ours / bare if bare else math.inf


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the order statistics between which the true median lies with at least this confidence.

    It assumes nothing of how the values are spread. Fewer than five rounds cannot give 90 %: then it is all
    of them.
    """
    ordered = sorted(values)
    left_out = 0
    while _coverage(len(ordered), left_out + 1) >= confidence:
        left_out += 1
    return ordered[left_out], ordered[-1 - left_out]


def _coverage(count: int, left_out: int) -> float:
    if 2 * left_out >= count:
        return 0.0
    beyond = sum(math.comb(count, index) for index in range(left_out + 1))
    return 1 - 2 * beyond / math.pow(2, count)


def reaches(value: float, bound: float, *, at_most: bool) -> bool:
    """Tell whether a value is on the right side of its bound."""
    return value <= bound if at_most else value >= bound


def foreign_share(rounds: Sequence[Round]) -> float:
    """Return the cores that other programs took over all measurements, each by its length."""
    every = [measured for pair in rounds for measured in (pair.work, pair.bare)]
    return sum(one.foreign * one.seconds for one in every) / sum(one.seconds for one in every)


def judge(goal: Goal, rounds: Sequence[Round]) -> Finding:
    """Return the median of the rounds against the goal's floor or ceiling.

    A wrong answer of our program is a failure however fast it was, and however disturbed the run; and a bare
    program that answers wrongly is no measure. Otherwise a disturbed run decides nothing.
    """
    values = [ratio(goal.measure, pair) for pair in rounds]
    # Failures are counted, not averaged: one lost ballot in five rounds is one lost ballot.
    value = sum(values) if goal.measure == "failures" else median(values)
    low, high = interval(values)
    foreign = foreign_share(rounds)
    failures = sum(pair.work.failures + pair.bare.failures for pair in rounds)
    cpu = median(pair.bare.cpu / pair.work.cpu if pair.work.cpu else 0.0 for pair in rounds)
    verdict = Verdict.PASS if reaches(value, goal.bound, at_most=goal.at_most) else Verdict.FAIL
    if failures:
        verdict = Verdict.FAIL
    elif foreign > FOREIGN_LIMIT and goal.measure in {"rate", "p50", "p99"}:
        verdict = Verdict.DISTURBED
    return Finding(goal, verdict, value, low, high, foreign, failures, cpu)


def line(found: Finding) -> str:
    """Return what is printed: `PASS ballot/bare-insert c=32 0.98 (floor 0.70) [0.91–1.04] foreign 0.02 …`."""
    goal = found.goal
    bounds = [f"{'ceiling' if goal.at_most else 'floor'} {figure(goal.bound)}"]
    bounds += [f"due {figure(goal.due)}"] if goal.due is not None else []
    bounds += [f"aim {figure(goal.aim)}"] if goal.aim is not None else []
    text = (
        f"{found.verdict} {goal.title} c={goal.connections} {figure(found.value)} ({', '.join(bounds)}) "
        f"[{figure(found.low)}–{figure(found.high)}] foreign {found.foreign:.2f}"
    )
    text += f" cpu {figure(found.cpu)}" if goal.measure == "rate" and found.cpu else ""
    return f"{text} failures {found.failures}" if found.failures else text


def figure(value: float) -> str:
    """Return a value with the digits that matter: 0.98, 0.0042, 45.00."""
    return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{value:.2g}"  # noqa: PLR2004


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 1 if a goal failed, 75 if none failed but some could not be judged, else 0."""
    verdicts = {found.verdict for found in findings}
    if Verdict.FAIL in verdicts:
        return 1
    return DISTURBED_EXIT if Verdict.DISTURBED in verdicts else 0


def as_json(found: Finding) -> dict[str, Any]:
    """Return a finding as it is kept beside the printed line."""
    goal = found.goal
    kept = {
        "goal": goal.title,
        "connections": goal.connections,
        "measure": goal.measure,
        "verdict": found.verdict.value,
        "value": found.value,
        "interval": [found.low, found.high],
        "bound": goal.bound,
        "due": goal.due,
        "aim": goal.aim,
        "foreign": found.foreign,
        "failures": found.failures,
        "cpu": found.cpu,
    }
    loaded: dict[str, Any] = json.loads(json.dumps(kept))
    return loaded
