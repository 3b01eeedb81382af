"""Agreements and counts as hypothesis makes them up."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st

from agreements import MAXIMUM_DEPTH, Chamber, ChamberCount, Draft, Kind, Provision
from agreements.decision import SeatBallot
from agreements.electorate import Electorate, Proxy, Seat, electorate_of
from agreements.pillars import PillarCount

# Letters of many scripts, combining marks, the saltillo U+02BC, and what Markdown and parsers trip over.
AWKWARD = "aZñÑ\u0301\u0331\u02bcאבعسू漢😀 \t\n\r#\\{}.-)(b1\u00a0\u200f\u2028\x00\x0c\ufeff'\"<&\ud800"
LINES = ["", "# x", "  ## y {#k .clause}", "\\# z", "\\\\###", "a) uno", "b) dos", "{#k .clause}", "Ñuu Savi"]

texts = st.text(alphabet=st.one_of(st.sampled_from(AWKWARD), st.characters()), max_size=40)
words = st.lists(st.sampled_from([*AWKWARD, *LINES]), max_size=8).map("".join)
bodies = st.lists(st.sampled_from([*AWKWARD, *LINES, "\n"]), max_size=8).map("\n".join) | words


@st.composite
def drafts(draw: st.DrawFn, languages: tuple[str, ...] = ("es",)) -> Draft:
    """A draft whose provisions are all written in all languages."""
    keys = (f"k{number}" for number in count(1))

    def provisions(depth: int) -> tuple[Provision, ...]:
        most = 2 if depth < MAXIMUM_DEPTH else 0
        return tuple(provision(depth) for _ in range(draw(st.integers(0, most))))

    def provision(depth: int) -> Provision:
        headings = {language: draw(words) for language in languages}
        written = {language: draw(bodies) for language in languages}
        return Provision(next(keys), draw(st.sampled_from(Kind)), headings, written, provisions(depth + 1))

    titles = {language: draw(words) for language in languages}
    return Draft(titles, provisions(0), languages)


@st.composite
def chamber_counts(draw: st.DrawFn, *, most: int = 60) -> ChamberCount:
    """Any count that a chamber can have."""
    entitled_votes = draw(st.integers(0, most))
    entitled_seats = draw(st.integers(0, entitled_votes))
    yes = draw(st.integers(0, entitled_votes))
    no = draw(st.integers(0, entitled_votes - yes))
    return ChamberCount(
        yes=yes,
        no=no,
        abstain=draw(st.integers(0, entitled_votes - yes - no)),
        present_votes=draw(st.integers(0, entitled_votes)),
        entitled_votes=entitled_votes,
        entitled_seats=entitled_seats,
        present_seats_at_opening=draw(st.integers(0, entitled_seats)),
        present_seats_at_closing=draw(st.integers(0, entitled_seats)),
    )


@st.composite
def seat_ballots(draw: st.DrawFn, votes: int | None = None) -> SeatBallot:
    """The ballot of a seat with so many votes, or with any number of them."""
    number = draw(st.integers(1, 5)) if votes is None else votes
    yes = draw(st.integers(0, number))
    no = draw(st.integers(0, number - yes))
    return SeatBallot(yes=yes, no=no, abstain=number - yes - no)


@st.composite
def pillar_counts(draw: st.DrawFn, pillar: str = "pillar") -> PillarCount:
    """What a pillar can have done."""
    yes, no, abstain, silent = (draw(st.integers(0, 8)) for _ in range(4))
    return PillarCount(
        pillar=pillar, yes=yes, no=no, abstain=abstain, entitled_votes=yes + no + abstain + silent
    )


@st.composite
def electorates(
    draw: st.DrawFn, *, fewest: int = 1, most: int = 5, most_proxies: int = 4, pillars: bool = False
) -> Electorate:
    """Both chambers, some seats of several votes, and proxies as far as they are allowed."""
    seats, proxies = [], []
    for chamber in Chamber:
        keys = [f"{chamber}-{number}" for number in range(draw(st.integers(fewest, most)))]
        seats += [
            Seat(key, chamber, draw(st.integers(1, 3)), draw(st.sampled_from("AB")) if pillars else None)
            for key in keys
        ]
        givers = draw(st.integers(0, min(most_proxies, len(keys) - 1)))
        proxies += [Proxy(giver, draw(st.sampled_from(keys[givers:]))) for giver in keys[:givers]]
    return electorate_of(draw(st.permutations(seats)), draw(st.permutations(proxies)), proxy_cap=most)
