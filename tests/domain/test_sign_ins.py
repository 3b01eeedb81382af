"""Which copy of a cookie still speaks for somebody, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.sign_ins import OVERLAP, Limits, Standing, lasts, proved_lately, standing

NOW = datetime(2026, 7, 11, 17, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)
LIMITS = Limits(idle=timedelta(hours=3), absolute=timedelta(hours=14))


@pytest.mark.parametrize(
    ("presented", "confirmed_at", "expected"),
    [
        (5, None, Standing.CURRENT),
        (5, NOW - timedelta(days=9), Standing.CURRENT),
        (4, None, Standing.CATCHING_UP),
        (4, NOW, Standing.CATCHING_UP),
        (4, NOW - OVERLAP + MOMENT, Standing.CATCHING_UP),
        (4, NOW - OVERLAP, Standing.REFUSED),
        (3, None, Standing.REFUSED),
        (3, NOW, Standing.REFUSED),
        (6, None, Standing.REFUSED),
        (0, None, Standing.REFUSED),
    ],
)
def test_the_cookie_of_before_lives_until_the_new_one_was_used_and_a_minute(
    presented: int, confirmed_at: datetime | None, expected: Standing
) -> None:
    assert standing(presented=presented, generation=5, confirmed_at=confirmed_at, now=NOW) is expected


@given(st.integers(), st.integers(1, 1000), st.none() | st.timedeltas(timedelta(0), timedelta(days=9)))
def test_no_cookie_but_the_last_two_is_ever_worth_anything(
    presented: int, generation: int, since: timedelta | None
) -> None:
    confirmed_at = None if since is None else NOW - since
    found = standing(presented=presented, generation=generation, confirmed_at=confirmed_at, now=NOW)
    assert (found is Standing.CURRENT) is (presented == generation)
    if presented not in {generation, generation - 1} or presented < 1:
        assert found is Standing.REFUSED


@pytest.mark.parametrize(
    ("signed_in", "used", "expected"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(hours=5), LIMITS.idle - MOMENT, True),
        (timedelta(hours=5), LIMITS.idle, False),
        (LIMITS.absolute - MOMENT, timedelta(0), True),
        (LIMITS.absolute, timedelta(0), False),
    ],
)
def test_a_sign_in_ends_unused_and_at_its_limit_whatever_happens(
    signed_in: timedelta, used: timedelta, expected: bool
) -> None:
    assert lasts(signed_in_at=NOW - signed_in, used_at=NOW - used, limits=LIMITS, now=NOW) is expected


def test_a_proof_is_fresh_for_as_long_as_it_is_said() -> None:
    within = timedelta(minutes=15)
    fresh = [
        proved_lately(at, now=NOW, within=within) for at in (NOW, NOW - within + MOMENT, NOW - within, None)
    ]
    assert fresh == [True, True, False, False]
