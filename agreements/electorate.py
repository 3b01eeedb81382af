"""Who may vote: seats, the votes they have, and the proxies they have given to each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

from agreements.decision import Chamber
from agreements.frozen import FrozenMapping

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping


class ElectorateCode(StrEnum):
    """Why seats and proxies are not an electorate. The keys of `ElectorateProblem.data` stand behind."""

    REPEATED_SEAT = "repeated_seat"  # seat
    NO_VOTES = "no_votes"  # seat, votes: a seat has one vote at least, and a whole number of them
    PILLAR_MISSING = "pillar_missing"  # seat, chamber: other seats of the chamber have one
    UNKNOWN_SEAT = "unknown_seat"  # seat
    OWN_PROXY = "own_proxy"  # principal, holder: the same seat
    OTHER_CHAMBER = "other_chamber"  # principal, holder
    ALREADY_GIVEN = "already_given"  # principal, holder, first_holder
    SECOND_LEVEL = "second_level"  # principal, holder: the holder has given its own vote away
    TOO_MANY_PROXIES = "too_many_proxies"  # holder, held, cap
    NOT_GIVEN = "not_given"  # seat: it has given no proxy that could be revoked


@dataclass(frozen=True, slots=True)
class ElectorateProblem:
    """One thing that is wrong: a code and data to explain it."""

    code: ElectorateCode
    data: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", FrozenMapping(self.data))


class InvalidElectorate(ValueError):
    """These cannot vote together; `problems` has everything that is wrong: of seats, then of proxies."""

    def __init__(self, problems: Iterable[ElectorateProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)


@dataclass(frozen=True, slots=True)
class Seat:
    """An organization's entitlement: a chamber, a whole number of votes, a pillar where these are used."""

    key: str
    chamber: Chamber
    votes: int = 1
    pillar: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "chamber", Chamber(self.chamber))


@dataclass(frozen=True, slots=True)
class Proxy:
    """One seat's written authority, as the principal, for the delegate of another, the holder."""

    principal: str
    holder: str


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who may vote, as it stands now or as it was frozen when a question opened. See `electorate_of`.

    `seats` by their keys, sorted; `proxies` the holder of each principal, sorted by principal; `proxy_cap`
    how many proxies a holder may have.
    """

    seats: Mapping[str, Seat]
    proxies: Mapping[str, str]
    proxy_cap: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "seats", FrozenMapping(self.seats))
        object.__setattr__(self, "proxies", FrozenMapping(self.proxies))

    def seats_of(self, chamber: Chamber) -> tuple[Seat, ...]:
        """The seats of a chamber, sorted by key."""
        return tuple(seat for seat in self.seats.values() if seat.chamber is chamber)

    def holder_of(self, seat: str) -> str:
        """Whose delegate casts for a seat: the holder of its proxy, and no longer its own; else its own.

        Raises InvalidElectorate for an unknown seat.
        """
        self.require_known([seat])
        return self._holder(self.seats[seat])

    def cast_by(self, holder: str) -> tuple[Seat, ...]:
        """The seats that the delegate of this one casts for, sorted by key."""
        return tuple(seat for seat in self.seats.values() if self._holder(seat) == holder)

    def entitled_seats(self, chamber: Chamber) -> int:
        """How many seats a chamber has."""
        return len(self.seats_of(chamber))

    def entitled_votes(self, chamber: Chamber) -> int:
        """How many votes a chamber has."""
        return sum(seat.votes for seat in self.seats_of(chamber))

    def entitled_by_pillar(self, chamber: Chamber) -> Mapping[str, int]:
        """How many votes each pillar of a chamber has; empty where seats carry none."""
        votes: Counter[str] = Counter()
        for seat in self.seats_of(chamber):
            if seat.pillar is not None:
                votes[seat.pillar] += seat.votes
        return votes

    def voting_units(self, chamber: Chamber) -> int:
        """How many delegates of a chamber answer independently of each other.

        A holder with all its proxies is one, and so is a seat of several votes: who knows one of these
        ballots may know the others. A secret ballot needs five in each chamber (DOMAIN: secret ballots).
        """
        return len({self._holder(seat) for seat in self.seats_of(chamber)})

    def present_seats(self, chamber: Chamber, present: Collection[str]) -> int:
        """How many seats of a chamber count for its quorum: a proxy does not make its principal present."""
        return sum(seat.key in present for seat in self.seats_of(chamber))

    def present_votes(self, chamber: Chamber, present: Collection[str]) -> int:
        """The votes of a chamber's seats present, and of the proxies that they hold; each vote once."""
        return sum(
            seat.votes
            for seat in self.seats_of(chamber)
            if seat.key in present or self._holder(seat) in present
        )

    def _holder(self, seat: Seat) -> str:
        return self.proxies.get(seat.key, seat.key)

    def require_known(self, seats: Iterable[str]) -> None:
        """Raise InvalidElectorate for those that are no seats of this electorate."""
        problems = [
            ElectorateProblem(ElectorateCode.UNKNOWN_SEAT, {"seat": seat})
            for seat in sorted(seats)
            if seat not in self.seats
        ]
        if problems:
            raise InvalidElectorate(problems)


def electorate_of(seats: Iterable[Seat], proxies: Iterable[Proxy] = (), *, proxy_cap: int) -> Electorate:
    """Seats that may vote together, and proxies within one chamber, of one level, capped for each holder.

    In a chamber all seats carry a pillar or none does. The order of seats and proxies means nothing. Raises
    InvalidElectorate with all problems (DOMAIN: proxy).
    """
    listed, given = tuple(seats), tuple(proxies)
    known = {seat.key: seat for seat in listed}
    problems = [*_seat_problems(listed), *_proxy_problems(known, given), *_cap_problems(given, proxy_cap)]
    if problems:
        raise InvalidElectorate(problems)
    return Electorate(
        seats={seat.key: seat for seat in sorted(listed, key=attrgetter("key"))},
        proxies={proxy.principal: proxy.holder for proxy in sorted(given, key=attrgetter("principal"))},
        proxy_cap=proxy_cap,
    )


def give(electorate: Electorate, proxy: Proxy) -> Electorate:
    """The electorate with one proxy more. Raises InvalidElectorate as `electorate_of` does."""
    return electorate_of(
        electorate.seats.values(), (*_proxies(electorate), proxy), proxy_cap=electorate.proxy_cap
    )


def revoke(electorate: Electorate, principal: str) -> Electorate:
    """The electorate in which a principal casts for itself again.

    What has opened keeps the electorate that it opened with: there a proxy is not revoked any more. Raises
    InvalidElectorate where the seat has given none.
    """
    if principal not in electorate.proxies:
        raise InvalidElectorate([ElectorateProblem(ElectorateCode.NOT_GIVEN, {"seat": principal})])
    kept = {giver: holder for giver, holder in electorate.proxies.items() if giver != principal}
    return replace(electorate, proxies=kept)


def _proxies(electorate: Electorate) -> Iterator[Proxy]:
    return (Proxy(principal, holder) for principal, holder in electorate.proxies.items())


def _seat_problems(seats: tuple[Seat, ...]) -> Iterator[ElectorateProblem]:
    with_pillars = {seat.chamber for seat in seats if seat.pillar is not None}
    seen: set[str] = set()
    for seat in seats:
        if seat.key in seen:
            yield ElectorateProblem(ElectorateCode.REPEATED_SEAT, {"seat": seat.key})
        if type(seat.votes) is not int or seat.votes < 1:
            yield ElectorateProblem(ElectorateCode.NO_VOTES, {"seat": seat.key, "votes": seat.votes})
        if seat.pillar is None and seat.chamber in with_pillars:
            data = {"seat": seat.key, "chamber": str(seat.chamber)}
            yield ElectorateProblem(ElectorateCode.PILLAR_MISSING, data)
        seen.add(seat.key)


def _proxy_problems(seats: Mapping[str, Seat], proxies: tuple[Proxy, ...]) -> Iterator[ElectorateProblem]:
    givers = {proxy.principal for proxy in proxies}
    first_holders: dict[str, str] = {}
    for proxy in proxies:
        unknown = sorted({proxy.principal, proxy.holder} - seats.keys())
        yield from (ElectorateProblem(ElectorateCode.UNKNOWN_SEAT, {"seat": seat}) for seat in unknown)
        pair = {"principal": proxy.principal, "holder": proxy.holder}
        if not unknown:
            yield from (ElectorateProblem(code, pair) for code in _pair_codes(proxy, seats, givers))
        if first_holder := first_holders.get(proxy.principal):
            yield ElectorateProblem(ElectorateCode.ALREADY_GIVEN, {**pair, "first_holder": first_holder})
        first_holders.setdefault(proxy.principal, proxy.holder)


def _pair_codes(proxy: Proxy, seats: Mapping[str, Seat], givers: set[str]) -> Iterator[ElectorateCode]:
    if proxy.principal == proxy.holder:
        yield ElectorateCode.OWN_PROXY
    elif proxy.holder in givers:
        yield ElectorateCode.SECOND_LEVEL
    if seats[proxy.principal].chamber != seats[proxy.holder].chamber:
        yield ElectorateCode.OTHER_CHAMBER


def _cap_problems(proxies: tuple[Proxy, ...], cap: int) -> Iterator[ElectorateProblem]:
    for holder, held in sorted(Counter(proxy.holder for proxy in set(proxies)).items()):
        if held > cap:
            data: dict[str, str | int] = {"holder": holder, "held": held, "cap": cap}
            yield ElectorateProblem(ElectorateCode.TOO_MANY_PROXIES, data)
