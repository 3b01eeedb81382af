"""How long work takes and is waited for, such that a machine which others use too fails no test."""

from __future__ import annotations

import hashlib
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

# Seconds until what does not come is given up: only a test that fails waits so long.
PATIENCE = 120

TRIES = 4
# What `known_work` takes on one of two quiet cores of 2020, where the bounds of the tests were set.
KNOWN_SECONDS = 0.015
# However slow a machine says it is, a bound is stretched no further: what takes ten times as long is wrong.
SLOWEST = 4.0


def within(
    seconds: float,
    work: Callable[..., Result],
    prepare: Callable[[int], tuple[object, ...]] = lambda _attempt: (),
) -> Result:
    """Return what a piece of work gives; fail if it takes longer than `seconds` of the processor.

    A host that takes its processor away for a moment is met by several tries, one that gives less of it all
    the time by stretching the bound as long as known work, done before and after, is stretched. `prepare`
    makes the arguments of each try, so that nothing remembered from the try before shortens it.
    """
    tries = []
    for attempt in range(TRIES):
        arguments = prepare(attempt)
        before = slowness()
        taken, result = measured(work, *arguments)
        allowed = seconds * min(before, slowness())
        if taken <= allowed:
            return result
        tries.append(f"{taken:.3f} s of {allowed:.3f}")
    raise AssertionError(f"took longer than {seconds} s: {', '.join(tries)}")


def measured(work: Callable[..., Result], *arguments: object) -> tuple[float, Result]:
    """Return the seconds of the processor that a piece of work takes, and what it gives.

    Coverage, which looks at every line, does not look at this one.
    """
    trace = sys.gettrace()
    sys.settrace(None)
    began = time.process_time()
    try:
        result = work(*arguments)
        return time.process_time() - began, result
    finally:
        sys.settrace(trace)


def slowness() -> float:
    """Return how many times slower than where the bounds were set it is here now: 1 to `SLOWEST`."""
    # The middle one of five: a moment in which the processor was away makes no machine a slow one.
    taken = median(measured(known_work)[0] for _ in range(5))
    return min(max(1.0, taken / KNOWN_SECONDS), SLOWEST)


def known_work() -> str:
    """Count, sort, join and hash words, as what is measured here does."""
    words = [f"palabra{number % 5000}" for number in range(20_000)]
    counted: dict[str, int] = {}
    for word in words:
        counted[word] = counted.get(word, 0) + 1
    text = " ".join(sorted(words, key=counted.__getitem__))
    return hashlib.sha256(text.encode()).hexdigest()
