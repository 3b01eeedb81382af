from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import (
    Arithmetic,
    Base,
    Chamber,
    ChamberCount,
    CountProblem,
    InvalidCount,
    Outcome,
    Rule,
    arithmetic,
    decide,
    passes,
    tied,
)
from agreements.decision import Sums, WeightedArithmetic
from agreements.pillars import PillarCount, PillaredCount, by_pillars, greatest_sum
from tests.agreements.strategies import pillar_counts

WEIGHABLE = [rule for rule in Rule if rule is not Rule.PRESENT]


def pillar(name: str, yes: int, no: int, abstain: int = 0, *, silent: int = 0) -> PillarCount:
    return PillarCount(
        pillar=name, yes=yes, no=no, abstain=abstain, entitled_votes=yes + no + abstain + silent
    )


def plain(*pillars: PillarCount) -> ChamberCount:
    """The same chamber without its pillars, in seats of one vote, all present."""
    entitled = sum(each.entitled_votes for each in pillars)
    return ChamberCount(
        yes=sum(each.yes for each in pillars),
        no=sum(each.no for each in pillars),
        abstain=sum(each.abstain for each in pillars),
        present_votes=entitled,
        entitled_votes=entitled,
        entitled_seats=entitled,
        present_seats_at_opening=entitled,
        present_seats_at_closing=entitled,
    )


def counted(*pillars: PillarCount) -> PillaredCount:
    return by_pillars(plain(*pillars), pillars)


# Two thirds of the towns' thirty votes are in favor, and none of the three of the youth.
TOWNS, YOUTH = pillar("towns", 20, 10, 6, silent=4), pillar("youth", 0, 3, 1, silent=2)
SILENT = pillar("elders", 0, 0, 2, silent=5)

WEIGHED = [
    # Cast: bases 30 and 3, L = 30; the towns weigh 1 a vote, the youth 10; the elders cast nothing.
    (Rule.SIMPLE, False, 20, 40, 60, Base.CAST, 41),
    (Rule.TWO_THIRDS, False, 20, 40, 60, Base.CAST, 40),
    (Rule.THREE_QUARTERS, False, 20, 40, 60, Base.CAST, 45),
    # Absolute: bases 40, 6 and 7, L = 840; weights 21, 140 and 120.
    (Rule.ABSOLUTE, False, 420, 630, 2520, Base.ENTITLED, 1261),
]


@pytest.mark.parametrize(("rule", "passed", "votes_for", "against", "base", "measured_by", "needed"), WEIGHED)
def test_every_pillar_weighs_alike(
    rule: Rule, *, passed: bool, votes_for: int, against: int, base: int, measured_by: Base, needed: int
) -> None:
    count = counted(TOWNS, YOUTH, SILENT)
    assert count.sums(rule) == Sums(votes_for, against, base, measured_by, weighted=True)
    assert passes(rule, count) is passed
    assert count.sums(rule.value) == count.sums(rule)  # type: ignore[arg-type]
    assert arithmetic(rule, count) == WeightedArithmetic(rule, votes_for, against, base, measured_by, needed)


def test_a_large_pillar_does_not_outvote_the_small_ones() -> None:
    large, small, smaller = pillar("towns", 60, 40), pillar("youth", 1, 3), pillar("elders", 0, 1)
    assert passes(Rule.SIMPLE, plain(large, small, smaller))
    assert not passes(Rule.SIMPLE, counted(large, small, smaller))
    # 0.6 + 0.25 + 0 against 0.4 + 0.75 + 1, in hundredths
    assert counted(large, small, smaller).sums(Rule.SIMPLE) == Sums(85, 215, 300, Base.CAST, weighted=True)


def test_consensus_is_not_weighted() -> None:
    assert arithmetic(Rule.CONSENSUS, counted(TOWNS, YOUTH)) == Arithmetic(
        Rule.CONSENSUS, 20, 13, 33, Base.CAST, 33
    )
    assert not counted(TOWNS, YOUTH).sums("consensus").weighted  # type: ignore[arg-type]
    assert passes(Rule.CONSENSUS, counted(pillar("towns", 3, 0), pillar("youth", 0, 0)))


def test_the_majority_of_those_present_cannot_be_weighted() -> None:
    with pytest.raises(InvalidCount):
        counted(TOWNS, YOUTH).sums("present")  # type: ignore[arg-type]
    for ask in (passes, tied, arithmetic):
        with pytest.raises(InvalidCount) as refusal:
            ask(Rule.PRESENT, counted(TOWNS, YOUTH))
        assert refusal.value.args == (CountProblem.PRESENT_WITH_PILLARS, "rule", Rule.PRESENT, None)


TIES = [
    # rule, pillars, tied, passes
    (Rule.SIMPLE, (pillar("towns", 20, 0), pillar("youth", 0, 1)), True, False),
    (Rule.SIMPLE, (pillar("towns", 20, 0), pillar("youth", 0, 0, 1)), False, True),
    (Rule.SIMPLE, (pillar("towns", 0, 0), pillar("youth", 0, 0, 1)), True, False),
    (Rule.SIMPLE, (), True, False),
    (Rule.TWO_THIRDS, (pillar("towns", 1, 0), pillar("youth", 0, 1)), True, False),
    (Rule.TWO_THIRDS, (pillar("towns", 2, 0), pillar("youth", 0, 1)), False, False),
    (Rule.TWO_THIRDS, (), True, False),
    (Rule.TWO_THIRDS, (pillar("towns", 2, 0), pillar("youth", 1, 2)), True, True),
    (Rule.THREE_QUARTERS, (pillar("towns", 9, 0), pillar("youth", 1, 1)), False, True),
    (Rule.THREE_QUARTERS, (pillar("towns", 8, 1), pillar("youth", 1, 1)), False, False),
    (Rule.ABSOLUTE, (pillar("towns", 2, 0), pillar("youth", 0, 1)), True, False),
    (Rule.ABSOLUTE, (pillar("towns", 2, 0), pillar("youth", 0, 0, silent=9)), False, False),
    (Rule.ABSOLUTE, (pillar("towns", 2, 0), pillar("youth", 1, 0, silent=9)), False, True),
    (Rule.CONSENSUS, (pillar("towns", 0, 0, 1),), True, False),
]


@pytest.mark.parametrize(("rule", "pillars", "ties", "passing"), TIES)
def test_weighted_votes_tie_and_pass_as_others_do(
    rule: Rule, pillars: tuple[PillarCount, ...], *, ties: bool, passing: bool
) -> None:
    count = counted(*pillars)
    assert passes(rule, count) is passing
    assert tied(rule, count) is (ties and not passing)


def test_quorum_is_not_weighted_and_a_chamber_may_do_without_pillars() -> None:
    us = replace(counted(TOWNS, YOUTH), present_seats_at_closing=23)
    decision = decide(Rule.SIMPLE, {Chamber.US: us, Chamber.MX: plain(TOWNS, YOUTH)})
    assert decision.outcome is Outcome.INQUORATE
    assert not decision.chambers[Chamber.US].quorate
    assert decide(
        Rule.SIMPLE,
        {Chamber.US: replace(us, present_seats_at_closing=24), Chamber.MX: plain(TOWNS, YOUTH)},
    ).outcome is (Outcome.CHAMBERS_DISAGREE)
    assert decision.chambers[Chamber.MX].arithmetic == Arithmetic(Rule.SIMPLE, 20, 13, 33, Base.CAST, 14)


@given(st.sampled_from(WEIGHABLE), pillar_counts())
def test_one_pillar_is_the_rule_without_pillars(rule: Rule, only: PillarCount) -> None:
    weighed, unweighed = counted(only), plain(only)
    assert (passes(rule, weighed), tied(rule, weighed)) == (passes(rule, unweighed), tied(rule, unweighed))
    sums = weighed.sums(rule)
    assert (sums.yes, sums.no, sums.base) == (
        unweighed.sums(rule).yes,
        unweighed.sums(rule).no,
        unweighed.sums(rule).base,
    )


def scaled(count: PillarCount, factor: int) -> PillarCount:
    return PillarCount(
        pillar=count.pillar,
        yes=count.yes * factor,
        no=count.no * factor,
        abstain=count.abstain * factor,
        entitled_votes=count.entitled_votes * factor,
    )


@given(
    st.sampled_from(WEIGHABLE), pillar_counts("A"), pillar_counts("B"), pillar_counts("C"), st.integers(1, 9)
)
def test_a_pillar_weighs_the_same_whatever_its_size(
    rule: Rule, one: PillarCount, other: PillarCount, third: PillarCount, factor: int
) -> None:
    before, after = counted(one, other, third), counted(scaled(one, factor), other, third)
    assert passes(rule, after) == passes(rule, before)
    if rule is Rule.SIMPLE:
        assert tied(rule, after) == tied(rule, before)
        outcomes = {
            decide(rule, {Chamber.US: count, Chamber.MX: mexico}).outcome
            for count in (before, after)
            for mexico in (counted(third, one), counted(third, scaled(one, factor)))
        }
        assert len(outcomes) == 1


@given(st.sampled_from(WEIGHABLE), st.lists(st.integers(0, 3), max_size=3), st.data())
def test_weighted_votes_are_shares_of_pillars(rule: Rule, sizes: list[int], data: st.DataObject) -> None:
    """In fractions: each pillar is one, and its votes are their share of it."""
    pillars = [data.draw(pillar_counts(str(name))) for name, _ in enumerate(sizes)]
    if rule is Rule.CONSENSUS:
        expected = not any(each.no for each in pillars) and any(each.yes for each in pillars)
        assert passes(rule, counted(*pillars)) == expected
        return
    bases = [each.entitled_votes if rule is Rule.ABSOLUTE else each.yes + each.no for each in pillars]
    yes = sum(
        (Fraction(each.yes, base) for each, base in zip(pillars, bases, strict=True) if base), Fraction()
    )
    no = sum((Fraction(each.no, base) for each, base in zip(pillars, bases, strict=True) if base), Fraction())
    whole = sum(1 for base in bases if base)
    expected = {
        Rule.SIMPLE: yes > no,
        Rule.TWO_THIRDS: whole > 0 and 3 * yes >= 2 * whole,
        Rule.THREE_QUARTERS: whole > 0 and 4 * yes >= 3 * whole,
        Rule.ABSOLUTE: 2 * yes > whole,
    }[rule]
    assert passes(rule, counted(*pillars)) == expected
    sums = counted(*pillars).sums(rule)
    assert (yes * sums.base, no * sums.base) == (sums.yes * whole, sums.no * whole)
    assert max(sums.base, sums.yes, sums.no) <= greatest_sum([each.entitled_votes or 1 for each in pillars])
    assert sums.weighted


@pytest.mark.parametrize(
    ("entitled_votes", "greatest"), [((), 0), ((7,), 7), ((40, 6, 7), 5040), ((2, 2), 8), ((5, 6), 60)]
)
def test_weighted_numbers_stay_below_a_bound(entitled_votes: tuple[int, ...], greatest: int) -> None:
    assert greatest_sum(entitled_votes) == greatest


@pytest.mark.parametrize(
    ("numbers", "code", "subject", "value", "limit"),
    [
        ({"yes": -1}, CountProblem.NEGATIVE, "yes", -1, 0),
        ({"no": 1.5}, CountProblem.NOT_A_WHOLE_NUMBER, "no", 1.5, None),
        ({"abstain": True}, CountProblem.NOT_A_WHOLE_NUMBER, "abstain", True, None),
        ({"entitled_votes": -1}, CountProblem.NEGATIVE, "entitled_votes", -1, 0),
        ({"yes": 3, "no": 2, "abstain": 2}, CountProblem.MORE_THAN_ENTITLED, "ballots", 7, 6),
    ],
)
def test_a_pillar_that_contradicts_itself_is_refused(
    numbers: dict[str, Any], code: CountProblem, subject: str, value: object, limit: int | None
) -> None:
    with pytest.raises(InvalidCount) as refusal:
        replace(pillar("towns", 1, 1, 0, silent=4), **numbers)
    assert refusal.value.args == (code, subject, value, limit)


def test_a_pillar_may_cast_all_its_votes() -> None:
    assert pillar("towns", 3, 2, 1).entitled_votes == 6


@pytest.mark.parametrize("name", ["yes", "no", "abstain", "entitled_votes"])
def test_the_pillars_add_up_to_their_chamber(name: str) -> None:
    one, other = pillar("towns", 3, 3, 3, silent=3), pillar("youth", 2, 2, 2, silent=4)
    count = plain(one, other)
    for change in (-1, 1):
        pillars = (one, replace(other, **{name: getattr(other, name) + change}))
        with pytest.raises(InvalidCount) as refusal:
            by_pillars(count, pillars)
        total = getattr(count, name)
        assert refusal.value.args == (CountProblem.PILLARS_DO_NOT_ADD_UP, name, total + change, total)


def test_a_pillar_stands_once() -> None:
    one, again = pillar("towns", 1, 0), pillar("towns", 0, 1)
    with pytest.raises(InvalidCount) as refusal:
        counted(pillar("youth", 1, 0), one, again)
    assert refusal.value.args == (CountProblem.REPEATED_PILLAR, "pillars", "towns", None)


def test_a_chamber_of_pillars_is_a_count_like_any_other() -> None:
    count = counted(TOWNS, YOUTH)
    assert (count.yes, count.no, count.abstain, count.entitled_votes) == (20, 13, 7, 46)
    assert count.pillars == (TOWNS, YOUTH)
    with pytest.raises(InvalidCount) as refusal:
        replace(count, present_votes=47)
    assert refusal.value.args == (CountProblem.MORE_THAN_ENTITLED, "present_votes", 47, 46)
