"""Voting lists of the European Parliament: identical, rival, divided and lapsed amendments, and their order.

The lists have no texts. So that `fates` and `voting_order` can be run over them, a text is made up for each
document, in which two amendments touch the same words exactly if they are rivals.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from agreements import Draft, Kind, Outcome, Provision
from agreements.amendments import Amendment, Replace, Words, words_hashes
from agreements.collision import identical
from agreements.fates import Status, fates
from agreements.voting_order import Vote as Put
from agreements.voting_order import VoteOn, voting_order
from tests.agreements.european_parliament import (
    APRIL,
    JANUARY,
    MAY,
    NOVEMBER,
    PUT,
    Result,
    Row,
    Vote,
    VotingList,
    read_lists,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real_data

AGREEMENT, ACT = "Provisional agreement", "Draft legislative act"


@pytest.fixture(scope="module")
def lists(real_data: Path) -> dict[str, VotingList]:
    return read_lists(real_data / "votes" / "ep")


# -- what lapses -----------------------------------------------------------------------------------


def adopted_rivals(place: list[Row], row: Row) -> list[str]:
    """Other proposals for a place that had been adopted when the chair came to this one."""
    earlier = place[: place.index(row)] if row in place else place
    return [one.name for one in earlier if one.result is Result.ADOPTED and one.number != row.number]


def places(vote: Vote) -> Iterator[list[Row]]:
    """The lines that are on one place of the text, in voting order.

    A line that is put although another had been adopted under its subject begins another place: two
    insertions that stand side by side, or other words of the same paragraph.
    """
    for rows in vote.subjects().values():
        place: list[Row] = []
        for row in rows:
            if row.result in PUT and adopted_rivals(place, row):
                yield place
                place = []
            place.append(row)
        yield place


def whole_adopted(vote: Vote, row: Row) -> bool:
    """Once the provisional agreement is adopted, nothing of the draft act is left to vote on."""
    return row.block == ACT and any(
        one.block == AGREEMENT and one.result is Result.ADOPTED for one in vote.rows
    )


def test_the_lines_that_begin_another_place_under_the_same_subject_are_these(
    lists: dict[str, VotingList],
) -> None:
    begins = {
        file: [
            (place[0].subject, place[0].name)
            for vote in voting_list.votes
            for place in places(vote)
            if place[0] not in [rows[0] for rows in vote.subjects().values()]
        ]
        for file, voting_list in lists.items()
    }
    assert begins == {
        JANUARY: [],
        APRIL: [
            ("Article 2, § 4, after point e", "37"),
            ("Article 3, § 1, after point 35", "65"),
            ("Article 5, § 1, point d, after point iii", "122"),
            ("§ 8", "4"),
        ],
        NOVEMBER: [],
        MAY: [("Après le § 2", "20"), ("Après le § 2", "21"), ("§ 20", "37")],
    }


def explanation(vote: Vote, row: Row) -> str:
    if any(row in place and adopted_rivals(place, row) for place in places(vote)):
        return "rival"
    return "whole" if whole_adopted(vote, row) else "nothing"


def explained_lapses(voting_list: VotingList) -> dict[str, list[str]]:
    explained: dict[str, list[str]] = {"rival": [], "whole": [], "nothing": []}
    for vote, row in voting_list.rows():
        if row.result is Result.LAPSED:
            explained[explanation(vote, row)].append(row.name)
    return explained


def test_a_line_lapses_because_a_rival_or_the_whole_was_adopted_before(lists: dict[str, VotingList]) -> None:
    assert explained_lapses(lists[APRIL]) == {
        "rival": [
            "8", "5/1", "5/2", "11", "7= 13=", "2= 8=", "36", "337", "345", "346", "347", "348", "338", "339",
            "340", "341", "349", "350", "351", "343", "352", "344", "336", "1CP2", "1-55",
        ],
        "whole": [
            "532CP1", "532CP2", "532CP3", "Commission proposal",
            "298", "299", "Commission proposal",
            "2", "3", "Commission proposal",
        ],
        # The third part, "which shall include …", hangs on the words of the second, which were rejected.
        "nothing": ["6/3"],
    }  # fmt: skip
    # "§" is the text itself, of which a separate vote had been asked for.
    assert explained_lapses(lists[MAY]) == {
        "rival": ["11", "§/1", "§/2", "§/3", "§"],
        "whole": [],
        "nothing": [],
    }


def test_nothing_is_put_once_a_rival_or_the_whole_is_adopted(lists: dict[str, VotingList]) -> None:
    for voting_list in lists.values():
        for vote, row in voting_list.rows():
            assert row.result not in PUT or explanation(vote, row) == "nothing"


# -- the same, by our own rules --------------------------------------------------------------------


def amending(vote: Vote) -> list[Row]:
    """The lines that put amendments: neither the text itself, nor the whole, nor a request."""
    return [row for row in vote.rows if row.proposals and not row.divided]


def names(row: Row) -> tuple[str, ...]:
    """One name for each of the identical amendments of a line."""
    return tuple(f"{row.voting_id}{'=' * number}" for number in range(len(row.proposals)))


class MadeUp:
    """A draft and the amendments of a vote: a provision a subject, with a word for every two rivals."""

    def __init__(self, vote: Vote) -> None:
        self.rows = amending(vote)
        subjects = {row: key for key, rows in enumerate(vote.subjects().values()) for row in rows}
        self.keys = {row: f"p{subjects.get(row, row.voting_id)}" for row in vote.rows}
        self.places = {row: number for number, place in enumerate(places(vote)) for row in place}
        # Who writes each word of a provision: one line alone, or either of two rivals.
        self.writers: dict[str, list[tuple[Row, ...]]] = defaultdict(list)
        for row in vote.rows:
            self.writers[self.keys[row]].append((row,))
        for one, other in combinations(self.rows, 2):
            if self._are_rivals(one, other):
                self.writers[self.keys[one]].append((one, other))
        provisions = (Provision(key, Kind.CLAUSE, {}, {"en": self._words(key)}) for key in self.writers)
        self.draft = Draft({}, tuple(provisions), ("en",))
        self.amendments = [amendment for row in self.rows for amendment in self._amendments(row)]

    def _are_rivals(self, one: Row, other: Row) -> bool:
        if {one.block, other.block} == {AGREEMENT, ACT}:
            return True
        here, there = self.places.get(one), self.places.get(other)
        return here is not None and here == there and one.number != other.number

    def _words(self, key: str, writer: Row | None = None) -> str:
        """Every word between two that nobody touches, so that those who are no rivals keep apart."""
        return " ".join(
            f"{place} {writer.voting_id if writer and writer in writers else 'old'}"
            for place, writers in enumerate(self.writers[key])
        )

    def _amendments(self, row: Row) -> Iterator[Amendment]:
        keys = [key for key, words in self.writers.items() if any(row in writers for writers in words)]
        operations = tuple(
            Replace(key, words_hashes(self.draft, key, ["en"]), {"en": Words("", self._words(key, row))})
            for key in keys
        )
        return (Amendment(name, operations) for name in names(row))


def documents(lists: dict[str, VotingList]) -> Iterator[tuple[Vote, MadeUp]]:
    return (
        (vote, MadeUp(vote)) for voting_list in lists.values() for vote in voting_list.votes if amending(vote)
    )


def test_identical_amendments_are_recognised_and_no_others(lists: dict[str, VotingList]) -> None:
    for _, made_up in documents(lists):
        assert identical(made_up.draft, made_up.amendments) == tuple(
            names(row) for row in made_up.rows if len(row.proposals) > 1
        )


def results(made_up: MadeUp) -> dict[str, Outcome]:
    return {row.voting_id: Outcome(row.result.lower()) for row in made_up.rows if row.result in PUT}


def test_rivals_of_what_was_adopted_lapse_as_they_did(lists: dict[str, VotingList]) -> None:
    different = []
    for _, made_up in documents(lists):
        found = fates(made_up.draft, made_up.amendments, results(made_up))
        official = {name: row for row in made_up.rows for name in names(row)}
        different += [
            (row.name, found[name].status, row.result)
            for name, row in official.items()
            if found[name].status != row.result.lower()
        ]
    assert different == [("6/3", Status.PENDING, Result.LAPSED)]


def test_what_made_a_rival_lapse_had_been_adopted_before(lists: dict[str, VotingList]) -> None:
    because = []
    for _, made_up in documents(lists):
        order = [name for row in made_up.rows for name in names(row)]
        found = fates(made_up.draft, made_up.amendments, results(made_up))
        lapsed = {name: fate.because for name, fate in found.items() if fate.status is Status.LAPSED}
        assert all(order.index(rival) < order.index(name) for name, rival in lapsed.items())
        because += [results(made_up)[rival] for rival in lapsed.values()]
    # 41 lines lapsed: 33 of them amendments that are explained, two of these identical pairs.
    assert because == [Outcome.ADOPTED] * 35


def test_the_order_of_voting_is_that_of_the_lists(lists: dict[str, VotingList]) -> None:
    """The chair ranks rivals as the list does, and asks for a vote on the text itself where the list does."""
    for vote, made_up in documents(lists):
        steps = voting_order(
            made_up.draft,
            made_up.amendments,
            ranking=[amendment.name for amendment in made_up.amendments],
            provisions={made_up.keys[row] for row in vote.rows if row.original_text},
        )
        put = [row for row in vote.rows if row.original_text or row in made_up.rows]
        # The parts of a text that is divided are one step of ours.
        official = dict.fromkeys(
            Put(VoteOn.PROVISION, (made_up.keys[row],))
            if row.original_text
            else Put(VoteOn.AMENDMENT, names(row))
            for row in put
        )
        assert steps == (*official, Put(VoteOn.WHOLE))
