"""Voting lists of the European Parliament (its open data, XML): what was put to the vote, in which order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from agreements import ChamberCount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

# European Council decisions (EU) 2018/937, after the United Kingdom had left, and (EU) 2023/2061.
TENTH_TERM = date(2024, 7, 16)
MEMBERS_OF_NINTH_TERM, MEMBERS_OF_TENTH_TERM = 705, 720

JANUARY = "vot-list_pv-9-2024-01-15-vot-en.xml"
APRIL = "vot-list_pv-9-2024-04-24-vot-en.xml"
NOVEMBER = "vot-list_pv-10-2024-11-27-vot-en.xml"
MAY = "vot-list_pv-10-2025-05-22-vot-fr.xml"
FILES = (JANUARY, APRIL, NOVEMBER, MAY)

ORIGINAL_TEXT = "§"

_AMENDMENTS = re.compile(r"(\d+)(?:-(\d+))?(?:CP(\d+))?([SD])?(/rev)?")
_COLLECTIVE = ("Amendments by the committee responsible", "Amendements de la commission compétente")


class Result(StrEnum):
    ADOPTED = "ADOPTED"
    REJECTED = "REJECTED"
    LAPSED = "LAPSED"


PUT = frozenset({Result.ADOPTED, Result.REJECTED})
"""The results of what was voted on."""


class Method(StrEnum):
    ROLL_CALL = "ROLL_CALL"
    ELECTRONIC = "ELECTRONICAL"
    SHOW_OF_HANDS = "RAISE_HAND"
    SECRET = "SECRET"


class Majority(StrEnum):
    """What the heading of a vote asks for."""

    CAST = "cast"  # more votes for than against
    COMPONENT = "component"  # more than half of all Members for
    COMPONENT_TO_REJECT = "component_to_reject"  # more than half of all Members against, or it stands


@dataclass(frozen=True, slots=True)
class Count:
    """Votes as the list has them; `voters` is printed and not added up."""

    yes: int
    no: int
    abstain: int
    voters: int

    def of(self, members: int) -> ChamberCount:
        """The count of a chamber of one seat and one vote a Member, where whoever voted was present."""
        return ChamberCount(
            yes=self.yes,
            no=self.no,
            abstain=self.abstain,
            present_votes=self.voters,
            entitled_votes=members,
            entitled_seats=members,
            present_seats_at_opening=self.voters,
            present_seats_at_closing=self.voters,
        )


@dataclass(frozen=True, slots=True)
class Tabled:
    """A tabled amendment: its number, the part of it that corresponds to this place (2 for "CP2")."""

    number: int
    corresponding_part: int | None = None
    deletes: bool = False
    revised: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list.

    `block` is the heading above it ("Provisional agreement"). `proposals` are the amendments put together: a
    group of them is one proposal, and where there are several groups, these are identical. `part` is the
    number of a part where the question was divided; the line above the parts has `divided`, and no result.
    Without a count the vote was by show of hands, or the line lapsed.
    """

    voting_id: str
    block: str
    title: str
    label: str
    subject: str
    number: str
    proposals: tuple[tuple[Tabled, ...], ...]
    authors: tuple[str, ...]
    part: int | None
    divided: bool
    separate: bool
    method: Method
    result: Result | None
    count: Count | None

    @property
    def identical(self) -> bool:
        return len(self.proposals) > 1

    @property
    def original_text(self) -> bool:
        """Put is the text itself and no amendment."""
        return self.number == ORIGINAL_TEXT

    @property
    def names_a_place(self) -> bool:
        """Whether the subject is a place in the text, so that two lines of it may be rivals."""
        return bool(self.subject) and not self.subject.startswith(_COLLECTIVE)

    @property
    def name(self) -> str:
        """As a reader of the list would call it: "7S= 11S=", "6/2", or what is printed without a number."""
        number = self.number or self.title or self.subject
        return f"{number}/{self.part}" if self.part else number


@dataclass(frozen=True, slots=True)
class Division:
    """A request to divide a question: what ("§ 7", "Amendment 6") and the words of each part."""

    question: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """All lines on one document, in the order in which they were put to the vote."""

    title: str
    label: str
    rows: tuple[Row, ...]
    divisions: tuple[Division, ...]

    def subjects(self) -> dict[tuple[str, str], tuple[Row, ...]]:
        """The lines on each place of the text, (block, subject), in voting order."""
        found: dict[tuple[str, str], tuple[Row, ...]] = {}
        for row in self.rows:
            if row.names_a_place:
                place = row.block, row.subject
                found[place] = (*found.get(place, ()), row)
        return found

    def majority(self, row: Row) -> Majority:
        """What the heading asks for this line; it may ask for different majorities in different blocks."""
        if "component Members required to reject" in self.label:
            return Majority.COMPONENT_TO_REJECT
        if "component Members required for the amendments to the Rules of Procedure" in self.label:
            amends = row.block == "Amendments to the Rules of Procedure"
            return Majority.COMPONENT if amends else Majority.CAST
        return Majority.COMPONENT if "component Members required" in self.label else Majority.CAST


@dataclass(frozen=True, slots=True)
class VotingList:
    """All votes of one day."""

    day: date
    votes: tuple[Vote, ...]

    @property
    def members(self) -> int:
        """Parliament's component Members on that day."""
        return MEMBERS_OF_TENTH_TERM if self.day >= TENTH_TERM else MEMBERS_OF_NINTH_TERM

    def rows(self) -> Iterator[tuple[Vote, Row]]:
        return ((vote, row) for vote in self.votes for row in vote.rows)


def read_lists(folder: Path) -> dict[str, VotingList]:
    """Read the lists of four days by file name."""
    return {file: read_list(folder / file) for file in FILES}


def read_list(path: Path) -> VotingList:
    """Read one day's list; the language of the file does not matter."""
    sitting = ET.parse(path).getroot().find("sitting")
    assert sitting is not None
    day = date.fromisoformat(sitting.attrib["date"][:10])
    return VotingList(day, tuple(_read_vote(vote) for vote in sitting.iter("vote")))


def read_proposals(number: str) -> tuple[tuple[Tabled, ...], ...]:
    """The amendments of a number as printed.

    "1-3 5" are four amendments put as one proposal; "14CP1= 15, 17-18=" a part of one and three others that
    say the same; "7S=" (French) and "105D=" (English) delete; "34/rev" is a revised one.
    """
    groups = number.split("=") if "=" in number else [number, ""]
    assert groups.pop().strip() == "", number
    proposals = (tuple(_read_amendments(group)) for group in groups)
    return tuple(proposal for proposal in proposals if proposal)


def _read_amendments(group: str) -> Iterator[Tabled]:
    for token in group.replace(",", " ").split():
        read = _AMENDMENTS.fullmatch(token)
        assert read, token
        first, last, part, deletes, revised = read.groups()
        for number in range(int(first), int(last or first) + 1):
            yield Tabled(number, int(part) if part else None, bool(deletes), bool(revised))


def _read_vote(vote: Element) -> Vote:
    rows, block = [], ""
    for voting in vote.iter("voting"):
        if voting.attrib["type"] == "TITLE_BLOCK":
            block = _text(voting, "title")
        else:
            rows.append(_read_row(voting, block))
    divisions = (
        Division(_text(item, "title"), tuple(_text(part, "partValue") for part in item.iter("part")))
        for item in vote.iter("item")
    )
    return Vote(_text(vote, "title"), _text(vote, "label"), tuple(rows), tuple(divisions))


def _read_row(voting: Element, block: str) -> Row:
    number, marks = _text(voting, "amendmentNumber"), _text(voting, "rcv/value").split("/")
    result = voting.get("result")
    return Row(
        voting_id=voting.attrib["votingId"],
        block=block,
        title=_text(voting, "title"),
        label=_text(voting, "label"),
        subject=_text(voting, "amendmentSubject"),
        number=number,
        proposals=() if number == ORIGINAL_TEXT else read_proposals(number),
        authors=tuple(re.split(r"\n|, ", voting.findtext("amendmentAuthor") or "")),
        part=next((int(mark) for mark in marks if mark.isdigit()), None),
        divided=bool({"split", "div"}.intersection(marks)),
        separate=bool({"sep", "vs"}.intersection(marks)),
        method=Method(voting.attrib["resultType"]),
        result=Result(result) if result else None,
        count=_read_count(voting) if "numberFavor" in voting.attrib else None,
    )


def _read_count(voting: Element) -> Count:
    names = ("numberFavor", "numberAgainst", "numberAbstention", "votersCount")
    yes, no, abstain, voters = (int(voting.attrib[name]) for name in names)
    return Count(yes, no, abstain, voters)


def _text(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())
