"""Rules for `tests.timing`: a bound is kept by one good try, stretched on a slow machine, and can fail."""

from __future__ import annotations

import sys
import time

import pytest

from tests import timing


def busy(seconds: float) -> float:
    """Use the processor so long."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return seconds


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is as fast as the one of the bounds."""
    monkeypatch.setattr(timing, "slowness", lambda: 1.0)


@pytest.mark.usefixtures("quiet")
def test_what_takes_longer_each_time_fails_and_says_how_long():
    with pytest.raises(AssertionError, match=r"longer than 0\.01 s: (0\.\d+ s of 0\.010(, )?){4}$"):
        timing.within(0.01, busy, lambda _attempt: (0.02,))


@pytest.mark.usefixtures("quiet")
def test_one_try_within_the_bound_is_enough_and_gives_its_result():
    tries = (0.1, 0.001, 0.001, 0.001)
    assert timing.within(0.05, busy, lambda attempt: (tries[attempt],)) == 0.001


def test_on_a_slow_machine_the_bound_is_stretched_as_far_as_before_and_after(monkeypatch):
    for slow, passes in (((3.0, 3.0), True), ((3.0, 1.0), False), ((1.0, 3.0), False)):
        said = list(slow * timing.TRIES)
        monkeypatch.setattr(timing, "slowness", lambda said=said: said.pop(0))
        if passes:
            assert timing.within(0.1, busy, lambda _attempt: (0.15,)) == 0.15
            continue
        with pytest.raises(AssertionError, match="took longer"):
            timing.within(0.1, busy, lambda _attempt: (0.15,))


@pytest.mark.parametrize(("known", "slow"), [(0.001, 1.0), (0.03, 2.0), (0.045, 3.0), (5.0, 4.0)])
def test_no_machine_is_faster_than_that_of_the_bounds_nor_slower_than_the_limit(monkeypatch, known, slow):
    monkeypatch.setattr(timing, "measured", lambda _work: (known, ""))
    assert timing.slowness() == pytest.approx(slow)


def test_a_moment_without_the_processor_makes_no_machine_a_slow_one(monkeypatch):
    taken = iter([5.0, 0.015, 0.015, 5.0, 0.015])
    monkeypatch.setattr(timing, "measured", lambda _work: (next(taken), ""))
    assert timing.slowness() == pytest.approx(1.0)


def test_what_is_measured_is_not_traced_and_what_follows_is():
    seen = []

    def trace(*_told):
        seen.append("a line")
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        timing.measured(busy, 0.001)
        in_work = len(seen)
        busy(0.001)
    finally:
        sys.settrace(former)
    assert in_work < len(seen)
    assert in_work <= 4  # entering and leaving `measured` itself
