"""Same chamber, one level, capped: the core's rules, with this house's codes."""

from __future__ import annotations

import pytest

from agreements import Chamber
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound
from conference.domain.proxies import require_may_give, standing_electorate

SEATS = {1: Chamber.US, 2: Chamber.US, 3: Chamber.US, 4: Chamber.US, 9: Chamber.MX}


def refusal(principal, holder, *, standing=(), cap=1):
    try:
        electorate = standing_electorate(SEATS, standing)
        require_may_give(electorate, principal=principal, holder=holder, cap=cap)
    except DomainError as refused:
        return type(refused), refused.code, refused.data
    return None


@pytest.mark.parametrize(
    ("principal", "holder", "standing", "cap"),
    [
        (1, 2, [], 1),
        # Two holders of one each; and two of one holder where the cap allows it.
        (1, 2, [(3, 4)], 1),
        (1, 2, [(3, 2)], 2),
    ],
)
def test_a_proxy_that_may_be_given(principal, holder, standing, cap):
    assert refusal(principal, holder, standing=standing, cap=cap) is None


@pytest.mark.parametrize(
    ("principal", "holder", "standing", "answer"),
    [
        (1, 1, [], (Invalid, "proxy_to_oneself", {})),
        (1, 9, [], (Invalid, "proxy_to_other_chamber", {})),
        (1, 77, [], (NotFound, "seat_not_found", {})),
        (77, 1, [], (NotFound, "seat_not_found", {})),
        (1, 3, [(1, 2)], (Conflict, "proxy_given_already", {})),
        # The holder gave its own away; and the principal holds another's.
        (1, 2, [(2, 3)], (Conflict, "proxy_of_a_proxy", {})),
        (1, 2, [(3, 1)], (Conflict, "proxy_of_a_proxy", {})),
        # To each other is two levels as well.
        (1, 2, [(2, 1)], (Conflict, "proxy_of_a_proxy", {})),
        (1, 2, [(3, 2)], (Conflict, "proxies_at_cap", {"cap": 1})),
    ],
)
def test_a_proxy_that_may_not_be_given(principal, holder, standing, answer):
    assert refusal(principal, holder, standing=standing) == answer


def test_without_a_cap_above_nought_nobody_votes_by_proxy():
    assert refusal(1, 2, cap=0) == (Conflict, "proxies_at_cap", {"cap": 0})


def test_a_cap_that_was_lowered_takes_nothing_back_and_lets_nothing_be_added():
    standing = [(1, 3), (2, 3)]
    assert standing_electorate(SEATS, standing).proxies == {"1": "3", "2": "3"}
    assert refusal(4, 3, standing=standing, cap=1) == (Conflict, "proxies_at_cap", {"cap": 1})
