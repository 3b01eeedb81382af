from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Chamber
from agreements.electorate import (
    Electorate,
    ElectorateCode,
    ElectorateProblem,
    InvalidElectorate,
    Proxy,
    Seat,
    electorate_of,
    give,
    revoke,
)
from tests.agreements.strategies import electorates

ANA, BETO, CARO = (Seat(key, Chamber.US) for key in ("ana", "beto", "caro"))
DINO = Seat("dino", Chamber.US, votes=3)
ELSA, FITO = Seat("elsa", Chamber.MX), Seat("fito", Chamber.MX, votes=2)
SEATS = (FITO, DINO, CARO, ANA, ELSA, BETO)


def make(*pairs: tuple[str, str], seats: tuple[Seat, ...] = SEATS, proxy_cap: int = 2) -> Electorate:
    return electorate_of(seats, [Proxy(*pair) for pair in pairs], proxy_cap=proxy_cap)


def problem(code: ElectorateCode, **data: str | int) -> ElectorateProblem:
    return ElectorateProblem(code, data)


def refused(*pairs: tuple[str, str], **how: Any) -> tuple[ElectorateProblem, ...]:
    with pytest.raises(InvalidElectorate) as refusal:
        make(*pairs, **how)
    assert refusal.value.args == (refusal.value.problems,)
    return refusal.value.problems


def test_an_electorate_is_the_same_in_whatever_order_it_was_told() -> None:
    proxies = (Proxy("beto", "ana"), Proxy("fito", "elsa"), Proxy("caro", "ana"))
    made = {
        electorate_of(seats, given_in, proxy_cap=2)
        for seats in permutations(SEATS)
        for given_in in permutations(proxies)
    }
    assert len(made) == 1
    (electorate,) = made
    assert list(electorate.seats.items()) == [
        ("ana", ANA),
        ("beto", BETO),
        ("caro", CARO),
        ("dino", DINO),
        ("elsa", ELSA),
        ("fito", FITO),
    ]
    assert list(electorate.proxies.items()) == [("beto", "ana"), ("caro", "ana"), ("fito", "elsa")]
    assert electorate.proxy_cap == 2


def test_a_seat_has_one_vote_and_no_pillar_unless_told() -> None:
    assert (ANA.votes, ANA.pillar) == (1, None)
    assert Seat("gil", "mx").chamber is Chamber.MX  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="eu"):
        Seat("gil", "eu")  # type: ignore[arg-type]


def test_nobody_at_all_is_an_electorate_too() -> None:
    electorate = electorate_of([], proxy_cap=0)
    assert (electorate.seats, electorate.proxies) == ({}, {})
    assert [electorate.entitled_votes(chamber) for chamber in Chamber] == [0, 0]
    assert [electorate.voting_units(chamber) for chamber in Chamber] == [0, 0]


def test_a_seat_stands_once() -> None:
    assert refused(seats=(ANA, BETO, Seat("ana", Chamber.MX, 2), ANA)) == (
        problem(ElectorateCode.REPEATED_SEAT, seat="ana"),
        problem(ElectorateCode.REPEATED_SEAT, seat="ana"),
    )


@pytest.mark.parametrize("votes", [0, -1, 1.0, True, "1", None])
def test_a_seat_has_a_whole_number_of_votes_and_one_at_least(votes: Any) -> None:
    seats = (ANA, Seat("gil", Chamber.MX, votes))
    assert refused(seats=seats) == (problem(ElectorateCode.NO_VOTES, seat="gil", votes=votes),)


def test_in_a_chamber_all_seats_carry_a_pillar_or_none_does() -> None:
    north, south = Seat("north", Chamber.US, 2, "towns"), Seat("south", Chamber.US, 3, "youth")
    east = Seat("east", Chamber.US, 5, "towns")
    electorate = make(seats=(south, north, ELSA, east))
    assert electorate.entitled_by_pillar(Chamber.US) == {"towns": 7, "youth": 3}
    assert list(electorate.entitled_by_pillar(Chamber.US)) == ["towns", "youth"]
    assert electorate.entitled_by_pillar(Chamber.MX) == {}
    assert refused(seats=(ANA, south, ELSA, BETO)) == (
        problem(ElectorateCode.PILLAR_MISSING, seat="ana", chamber="us"),
        problem(ElectorateCode.PILLAR_MISSING, seat="beto", chamber="us"),
    )


def test_an_empty_name_is_a_pillar_as_well() -> None:
    seats = (Seat("north", Chamber.US, pillar=""), Seat("south", Chamber.US, pillar=""))
    assert make(seats=seats).entitled_by_pillar(Chamber.US) == {"": 2}


REFUSED: list[tuple[tuple[tuple[str, str], ...], tuple[ElectorateProblem, ...]]] = [
    ((("gil", "ana"),), (problem(ElectorateCode.UNKNOWN_SEAT, seat="gil"),)),
    ((("ana", "gil"),), (problem(ElectorateCode.UNKNOWN_SEAT, seat="gil"),)),
    ((("gil", "gil"),), (problem(ElectorateCode.UNKNOWN_SEAT, seat="gil"),)),
    (
        (("zoe", "gil"),),
        (
            problem(ElectorateCode.UNKNOWN_SEAT, seat="gil"),
            problem(ElectorateCode.UNKNOWN_SEAT, seat="zoe"),
        ),
    ),
    ((("ana", "ana"),), (problem(ElectorateCode.OWN_PROXY, principal="ana", holder="ana"),)),
    ((("ana", "elsa"),), (problem(ElectorateCode.OTHER_CHAMBER, principal="ana", holder="elsa"),)),
    (
        (("ana", "beto"), ("ana", "caro")),
        (
            problem(
                ElectorateCode.ALREADY_GIVEN,
                principal="ana",
                holder="caro",
                first_holder="beto",
            ),
        ),
    ),
    (
        (("ana", "beto"), ("ana", "beto"), ("ana", "caro")),
        (
            problem(
                ElectorateCode.ALREADY_GIVEN,
                principal="ana",
                holder="beto",
                first_holder="beto",
            ),
            problem(
                ElectorateCode.ALREADY_GIVEN,
                principal="ana",
                holder="caro",
                first_holder="beto",
            ),
        ),
    ),
    # A holder that gave its own vote away, and a principal that holds for others: one thing from two ends.
    (
        (("ana", "beto"), ("beto", "caro")),
        (problem(ElectorateCode.SECOND_LEVEL, principal="ana", holder="beto"),),
    ),
    (
        (("beto", "caro"), ("ana", "beto")),
        (problem(ElectorateCode.SECOND_LEVEL, principal="ana", holder="beto"),),
    ),
    (
        (("ana", "beto"), ("beto", "ana")),
        (
            problem(ElectorateCode.SECOND_LEVEL, principal="ana", holder="beto"),
            problem(ElectorateCode.SECOND_LEVEL, principal="beto", holder="ana"),
        ),
    ),
    (
        (("ana", "dino"), ("beto", "dino"), ("caro", "dino")),
        (problem(ElectorateCode.TOO_MANY_PROXIES, holder="dino", held=3, cap=2),),
    ),
    (
        (("fito", "ana"), ("ana", "elsa"), ("elsa", "elsa"), ("gil", "ana"), ("caro", "ana")),
        (
            problem(ElectorateCode.SECOND_LEVEL, principal="fito", holder="ana"),
            problem(ElectorateCode.OTHER_CHAMBER, principal="fito", holder="ana"),
            problem(ElectorateCode.SECOND_LEVEL, principal="ana", holder="elsa"),
            problem(ElectorateCode.OTHER_CHAMBER, principal="ana", holder="elsa"),
            problem(ElectorateCode.OWN_PROXY, principal="elsa", holder="elsa"),
            problem(ElectorateCode.UNKNOWN_SEAT, seat="gil"),
            problem(ElectorateCode.SECOND_LEVEL, principal="caro", holder="ana"),
            problem(ElectorateCode.TOO_MANY_PROXIES, holder="ana", held=3, cap=2),
        ),
    ),
]


@pytest.mark.parametrize(("pairs", "problems"), REFUSED)
def test_a_proxy_is_of_one_chamber_one_level_and_given_once(
    pairs: tuple[tuple[str, str], ...], problems: tuple[ElectorateProblem, ...]
) -> None:
    assert refused(*pairs) == problems


def test_all_that_is_wrong_is_told_seats_first_and_holders_by_name() -> None:
    seats = (DINO, CARO, ANA, ANA, BETO, Seat("gil", Chamber.US, 0))
    pairs = (("caro", "dino"), ("beto", "ana"))
    assert refused(*pairs, seats=seats, proxy_cap=0) == (
        problem(ElectorateCode.REPEATED_SEAT, seat="ana"),
        problem(ElectorateCode.NO_VOTES, seat="gil", votes=0),
        problem(ElectorateCode.TOO_MANY_PROXIES, holder="ana", held=1, cap=0),
        problem(ElectorateCode.TOO_MANY_PROXIES, holder="dino", held=1, cap=0),
    )


@pytest.mark.parametrize(("cap", "fits"), [(1, False), (2, True), (3, True)])
def test_a_holder_has_as_many_proxies_as_the_cap_allows(cap: int, *, fits: bool) -> None:
    pairs = (("ana", "dino"), ("beto", "dino"), ("fito", "elsa"))
    if fits:
        assert make(*pairs, proxy_cap=cap).proxies == {"ana": "dino", "beto": "dino", "fito": "elsa"}
    else:
        assert refused(*pairs, proxy_cap=cap) == (
            problem(ElectorateCode.TOO_MANY_PROXIES, holder="dino", held=2, cap=1),
        )


def test_a_holder_casts_for_its_principals_and_they_no_longer_for_themselves() -> None:
    electorate = make(("beto", "dino"), ("ana", "dino"))
    holders = {seat: electorate.holder_of(seat) for seat in electorate.seats}
    assert holders == {
        "ana": "dino",
        "beto": "dino",
        "caro": "caro",
        "dino": "dino",
        "elsa": "elsa",
        "fito": "fito",
    }
    assert electorate.cast_by("dino") == (ANA, BETO, DINO)
    assert electorate.cast_by("caro") == (CARO,)
    assert electorate.cast_by("ana") == ()
    with pytest.raises(InvalidElectorate) as refusal:
        electorate.holder_of("gil")
    assert refusal.value.problems == (problem(ElectorateCode.UNKNOWN_SEAT, seat="gil"),)


def test_entitlement_is_counted_by_chamber() -> None:
    electorate = make(("beto", "dino"), ("fito", "elsa"))
    counted = {
        chamber: (
            electorate.seats_of(chamber),
            electorate.entitled_seats(chamber),
            electorate.entitled_votes(chamber),
            electorate.voting_units(chamber),
        )
        for chamber in Chamber
    }
    assert counted == {
        Chamber.US: ((ANA, BETO, CARO, DINO), 4, 6, 3),
        Chamber.MX: ((ELSA, FITO), 2, 3, 1),
    }


@pytest.mark.parametrize(
    ("present", "us", "mx"),
    [
        # seats and votes
        (set(), (0, 0), (0, 0)),
        ({"caro"}, (1, 1), (0, 0)),
        # a holder brings its principals' votes, and not their seats
        ({"dino"}, (1, 5), (0, 0)),
        ({"elsa"}, (0, 0), (1, 3)),
        # a principal who is there counts for quorum, and its vote once
        ({"ana", "dino"}, (2, 5), (0, 0)),
        ({"ana"}, (1, 1), (0, 0)),
        ({"ana", "beto", "caro", "dino", "elsa", "fito"}, (4, 6), (2, 3)),
    ],
)
def test_a_proxy_brings_its_votes_to_the_sitting_and_not_its_seat(
    present: set[str], us: tuple[int, int], mx: tuple[int, int]
) -> None:
    electorate = make(("ana", "dino"), ("beto", "dino"), ("fito", "elsa"))
    counted = [
        (electorate.present_seats(chamber, present), electorate.present_votes(chamber, present))
        for chamber in (Chamber.US, Chamber.MX)
    ]
    assert counted == [us, mx]


def test_unknown_seats_are_told_by_name() -> None:
    make().require_known(["ana", "fito"])
    with pytest.raises(InvalidElectorate) as refusal:
        make().require_known(["zoe", "ana", "gil"])
    assert refusal.value.problems == (
        problem(ElectorateCode.UNKNOWN_SEAT, seat="gil"),
        problem(ElectorateCode.UNKNOWN_SEAT, seat="zoe"),
    )


def test_a_proxy_is_given_and_revoked() -> None:
    nobody = make()
    one = give(nobody, Proxy("ana", "dino"))
    two = give(one, Proxy("beto", "dino"))
    assert one == make(("ana", "dino"))
    assert two == make(("ana", "dino"), ("beto", "dino"))
    assert revoke(two, "ana") == make(("beto", "dino"))
    assert revoke(one, "ana") == nobody


@pytest.mark.parametrize(
    ("proxy", "code"),
    [
        (Proxy("ana", "caro"), ElectorateCode.ALREADY_GIVEN),
        (Proxy("dino", "caro"), ElectorateCode.SECOND_LEVEL),
        (Proxy("caro", "ana"), ElectorateCode.SECOND_LEVEL),
        (Proxy("caro", "dino"), ElectorateCode.TOO_MANY_PROXIES),
        (Proxy("caro", "elsa"), ElectorateCode.OTHER_CHAMBER),
    ],
)
def test_a_proxy_that_the_others_do_not_allow_is_not_given(proxy: Proxy, code: ElectorateCode) -> None:
    with pytest.raises(InvalidElectorate) as refusal:
        give(make(("ana", "dino"), proxy_cap=1), proxy)
    assert code in {problem.code for problem in refusal.value.problems}


@pytest.mark.parametrize("seat", ["dino", "caro", "gil"])
def test_only_a_proxy_that_was_given_is_revoked(seat: str) -> None:
    with pytest.raises(InvalidElectorate) as refusal:
        revoke(make(("ana", "dino")), seat)
    assert refusal.value.problems == (problem(ElectorateCode.NOT_GIVEN, seat=seat),)


def test_neither_an_electorate_nor_a_problem_ever_changes() -> None:
    seats = {"ana": ANA}
    electorate = Electorate(seats=seats, proxies={}, proxy_cap=1)
    data: dict[str, str | int] = {"seat": "ana"}
    told = ElectorateProblem(ElectorateCode.REPEATED_SEAT, data)
    seats.clear()
    data.clear()
    assert (electorate.seats, told.data) == ({"ana": ANA}, {"seat": "ana"})
    assert hash(electorate) == hash(make(seats=(ANA,), proxy_cap=1))
    assert ElectorateProblem(ElectorateCode.NO_VOTES).data == {}


@given(electorates(), st.data())
def test_whatever_is_present_every_vote_has_one_holder_and_counts_once(
    electorate: Electorate, data: st.DataObject
) -> None:
    present = data.draw(st.sets(st.sampled_from(sorted(electorate.seats))))
    casting = [seat for holder in electorate.seats for seat in electorate.cast_by(holder)]
    assert sorted(seat.key for seat in casting) == list(electorate.seats)
    for chamber in Chamber:
        mine = [seat for seat in electorate.seats.values() if seat.chamber is chamber]
        assert electorate.present_seats(chamber, present) == len({seat.key for seat in mine} & present)
        there = {seat for seat in mine if seat.key in present}
        there |= {
            seat for holder in present for seat in electorate.cast_by(holder) if seat.chamber is chamber
        }
        assert electorate.present_votes(chamber, present) == sum(seat.votes for seat in there)
        assert electorate.voting_units(chamber) == sum(bool(electorate.cast_by(seat.key)) for seat in mine)
