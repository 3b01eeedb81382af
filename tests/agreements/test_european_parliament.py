"""Voting lists of the European Parliament: each outcome reproduced with the rule it was decided by."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from agreements import Arithmetic, Base, Rule, arithmetic, passes, quorate
from tests.agreements.european_parliament import (
    APRIL,
    FILES,
    JANUARY,
    MAY,
    NOVEMBER,
    PUT,
    Count,
    Majority,
    Method,
    Result,
    Row,
    Tabled,
    Vote,
    VotingList,
    read_lists,
    read_proposals,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def lists(real_data: Path) -> dict[str, VotingList]:
    return read_lists(real_data / "votes" / "ep")


@pytest.fixture(scope="module")
def expected(real_data: Path) -> dict[str, Any]:
    return json.loads((real_data / "votes" / "ep" / "expected.json").read_text("utf-8"))


def counted(voting_list: VotingList) -> Iterator[tuple[Vote, Row, Count]]:
    return ((vote, row, row.count) for vote, row in voting_list.rows() if row.count)


# -- what is in the lists --------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_every_line_with_a_count_is_read_as_expected(
    file: str, lists: dict[str, VotingList], expected: dict[str, Any]
) -> None:
    columns = {
        "votingId": lambda vote, row: row.voting_id,
        "resultType": lambda vote, row: row.method,
        "label": lambda vote, row: row.label,
        "yes": lambda vote, row: row.count.yes,
        "no": lambda vote, row: row.count.no,
        "abstain": lambda vote, row: row.count.abstain,
        "voters": lambda vote, row: row.count.voters,
        "official": lambda vote, row: row.result,
        "vote_label": lambda vote, row: vote.label,
    }
    read = [
        {name: column(vote, row) for name, column in columns.items()} for vote, row, _ in counted(lists[file])
    ]
    assert read == [
        {name: row[name].strip() if isinstance(row[name], str) else row[name] for name in columns}
        for row in expected[file]["rows"]
    ]


@pytest.mark.parametrize("file", FILES)
def test_the_lines_are_as_many_as_expected(
    file: str, lists: dict[str, VotingList], expected: dict[str, Any]
) -> None:
    rows = [row for _, row in lists[file].rows()]
    results = Counter(row.result for row in rows if row.count)
    methods = Counter(row.method for row in rows)
    summary = expected[file]
    assert lists[file].day == date.fromisoformat(summary["sitting"][:10])
    assert sum(results.values()) == summary["numeric_votings"]
    assert (results[Result.ADOPTED], results[Result.REJECTED]) == (summary["adopted"], summary["rejected"])
    assert sum(row.result is Result.LAPSED for row in rows) == summary["lapsed"]
    assert (methods[Method.SHOW_OF_HANDS], methods[Method.SECRET]) == (
        summary["show_of_hands"],
        summary["secret"],
    )


def test_votes_add_up_to_the_voters(lists: dict[str, VotingList]) -> None:
    for voting_list in lists.values():
        for _, _, count in counted(voting_list):
            assert count.of(voting_list.members).ballots == count.voters


# -- outcomes --------------------------------------------------------------------------------------


def passed(majority: Majority, count: Count, members: int) -> bool:
    if majority is Majority.COMPONENT_TO_REJECT:
        # Put is whether to reject: what was against the text is for that.
        to_reject = Count(count.no, count.yes, count.abstain, count.voters)
        return not passes(Rule.ABSOLUTE, to_reject.of(members))
    rule = Rule.ABSOLUTE if majority is Majority.COMPONENT else Rule.SIMPLE
    return passes(rule, count.of(members))


@pytest.mark.parametrize("file", FILES)
def test_the_majority_asked_for_gives_every_official_outcome(file: str, lists: dict[str, VotingList]) -> None:
    voting_list = lists[file]
    unexplained = [
        row.name
        for vote, row, count in counted(voting_list)
        if passed(vote.majority(row), count, voting_list.members) is not (row.result is Result.ADOPTED)
    ]
    assert unexplained == []


def test_most_lines_ask_for_a_majority_of_votes_cast(lists: dict[str, VotingList]) -> None:
    asked = {
        file: Counter(vote.majority(row) for vote, row, _ in counted(voting_list))
        for file, voting_list in lists.items()
    }
    assert asked == {
        JANUARY: {Majority.CAST: 7},
        APRIL: {Majority.CAST: 134, Majority.COMPONENT: 9},
        NOVEMBER: {Majority.CAST: 9, Majority.COMPONENT: 1, Majority.COMPONENT_TO_REJECT: 1},
        MAY: {Majority.CAST: 68},
    }


def test_the_lines_that_a_simple_majority_does_not_explain_are_these(
    lists: dict[str, VotingList], expected: dict[str, Any]
) -> None:
    found = [
        (row.voting_id, row.name, row.subject, count.yes, count.no, vote.majority(row), row.result)
        for voting_list in lists.values()
        for vote, row, count in counted(voting_list)
        if passed(Majority.CAST, count, voting_list.members) is not (row.result is Result.ADOPTED)
    ]
    # Each had more votes for than against, and fewer than 353, the majority of 705 Members.
    component, rejected = Majority.COMPONENT, Result.REJECTED
    assert found == [
        ("168838", "3", "Article 21, § 2", 341, 274, component, rejected),
        ("168839", "9", "Article 21, § 2", 274, 271, component, rejected),
        ("168843", "6/2", "Annex II, point 5", 340, 265, component, rejected),
    ]
    exceptions = [row["votingId"] for summary in expected.values() for row in summary["exceptions"]]
    assert [line[0] for line in found] == exceptions


def test_an_absolute_majority_carries_its_arithmetic(lists: dict[str, VotingList]) -> None:
    by_id = {row.voting_id: count for file in FILES for _, row, count in counted(lists[file])}
    assert arithmetic(Rule.ABSOLUTE, by_id["168838"].of(lists[APRIL].members)) == Arithmetic(
        Rule.ABSOLUTE, 341, 274, 705, Base.ENTITLED, 353
    )
    assert arithmetic(Rule.ABSOLUTE, by_id["170721"].of(lists[NOVEMBER].members)) == Arithmetic(
        Rule.ABSOLUTE, 123, 511, 720, Base.ENTITLED, 361
    )


@pytest.mark.parametrize(("yes", "against", "expected"), [(353, 0, True), (352, 0, False), (352, 352, False)])
def test_a_majority_of_component_members_is_more_than_half_of_them(
    yes: int, against: int, expected: bool
) -> None:
    assert passed(Majority.COMPONENT, Count(yes, against, 0, yes + against), 705) is expected


@pytest.mark.parametrize(("against", "stands"), [(360, True), (361, False)])
def test_a_joint_text_stands_unless_a_majority_of_component_members_is_against_it(
    against: int, stands: bool
) -> None:
    assert passed(Majority.COMPONENT_TO_REJECT, Count(0, against, 0, against), 720) is stands


def test_a_third_of_the_members_voted_each_time_and_half_of_them_not_always(
    lists: dict[str, VotingList],
) -> None:
    def quorate_lines(quorum: Fraction) -> dict[str, int]:
        return {
            file: sum(
                quorate(present=count.voters, entitled=voting_list.members, quorum=quorum)
                for _, _, count in counted(voting_list)
            )
            for file, voting_list in lists.items()
        }

    # Rules of Procedure of the European Parliament: a third of the component Members is a quorum.
    assert quorate_lines(Fraction(1, 3)) == {JANUARY: 7, APRIL: 143, NOVEMBER: 11, MAY: 68}
    assert quorate_lines(Fraction(1, 2)) == {JANUARY: 0, APRIL: 143, NOVEMBER: 11, MAY: 68}


# -- what is put together, and in parts ------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "proposals"),
    [
        ("", ()),
        ("24", ((Tabled(24),),)),
        ("34/rev", ((Tabled(34, revised=True),),)),
        ("10S", ((Tabled(10, deletes=True),),)),
        ("7S= 11S=", ((Tabled(7, deletes=True),), (Tabled(11, deletes=True),))),
        (
            "105D= 125D=",
            ((Tabled(105, deletes=True),), (Tabled(125, deletes=True),)),
        ),
        ("4 = 9 =", ((Tabled(4),), (Tabled(9),))),
        (
            "1-3 5",
            (
                (
                    Tabled(1),
                    Tabled(2),
                    Tabled(3),
                    Tabled(5),
                ),
            ),
        ),
        ("1-2, 44", ((Tabled(1), Tabled(2), Tabled(44)),)),
        ("532CP2", ((Tabled(532, corresponding_part=2),),)),
        (
            "14CP1= 15, 17-18=",
            (
                (Tabled(14, corresponding_part=1),),
                (Tabled(15), Tabled(17), Tabled(18)),
            ),
        ),
    ],
)
def test_numbers_are_read_as_proposals(number: str, proposals: tuple[tuple[Tabled, ...], ...]) -> None:
    assert read_proposals(number) == proposals


def test_identical_amendments_are_put_as_one(lists: dict[str, VotingList]) -> None:
    identical = {
        file: [row.name for _, row in voting_list.rows() if row.identical]
        for file, voting_list in lists.items()
    }
    assert identical == {
        JANUARY: [],
        APRIL: [
            "4= 10=", "3= 5=", "5= 6=", "4= 7=", "3= 9=", "4= 10=", "6= 12=", "5= 11=", "7= 13=", "2= 8=",
            "317= 325=", "319= 327=", "320= 328=", "322= 330=", "323= 334=", "324= 335=",
            "104= 119=", "105D= 125D=", "106= 126=", "107= 127=", "108= 128=", "109= 129=", "110= 131=",
            "111= 132=", "112= 137=", "113= 139=", "114= 140=", "102= 116=",
            "13= 23=", "14CP1= 15, 17-18=", "14CP2= 16=", "14CP3= 19=",
        ],
        NOVEMBER: [],
        MAY: ["7S= 11S=", "4 = 9 ="],
    }  # fmt: skip


def test_no_amendment_is_put_twice_under_one_document_unless_it_is_divided_or_lapsed(
    lists: dict[str, VotingList],
) -> None:
    for voting_list in lists.values():
        for vote in voting_list.votes:
            put = [
                amendment
                for row in vote.rows
                if row.result in PUT and row.part is None
                for proposal in row.proposals
                for amendment in proposal
            ]
            assert max(Counter(put).values(), default=1) == 1


def divided(row: Row) -> str:
    """What a request to divide calls the question: "§ 7", "amendment 28"."""
    return row.subject.removeprefix("§ ") if row.original_text else row.number


def test_a_divided_question_is_put_in_the_parts_that_were_asked_for(lists: dict[str, VotingList]) -> None:
    for voting_list in lists.values():
        for vote in voting_list.votes:
            asked = {division.question.split()[-1]: len(division.parts) for division in vote.divisions}
            assert Counter(divided(row) for row in vote.rows if row.part) == asked
            assert {divided(row) for row in vote.rows if row.divided} == asked.keys()
