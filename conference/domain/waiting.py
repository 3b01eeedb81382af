"""The line for a place: strictly one after the other, a group like a person. Pure.

Each category has a line of its own; the house's places are shared by all. See docs/adr/015-the-line.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from conference.domain.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conference.domain.places import Room
    from conference.domain.registration import Category

# An offer that nobody answered puts its party at the end of the line; the last of so many, out of it.
MOST_LAPSES = 2
# How long whoever is offered a place has to answer, even while the conference is held.
SHORTEST_OFFER = timedelta(hours=2)
HIGHEST_PRIORITY = 9


@dataclass(frozen=True, slots=True)
class Waiting:
    """A party in line: how many places it needs together, for which category, and since when it waits."""

    party_id: int
    category: Category
    size: int
    priority: int
    since: datetime


def _turn(party: Waiting) -> tuple[int, datetime, int]:
    return -party.priority, party.since, party.party_id


def in_order(parties: Iterable[Waiting]) -> tuple[Waiting, ...]:
    """Return who is served first: the higher priority, then who has waited longer, then who came first."""
    return tuple(sorted(parties, key=_turn))


def position(parties: Iterable[Waiting], party_id: int) -> int:
    """Return a party's place in the line of its category, 1 for its head; 0: it is not in line."""
    ordered = in_order(parties)
    own = next((party for party in ordered if party.party_id == party_id), None)
    if own is None:
        return 0
    return [party.party_id for party in ordered if party.category == own.category].index(party_id) + 1


def next_offers(parties: Iterable[Waiting], room: Room) -> tuple[int, ...]:
    """Return the parties that are offered places now, in their order.

    Each gets all the places that it needs, or none; together never more than are free. Whoever does not fit
    blocks whoever comes after: in its own category always, and in all of them where its category has room
    and only the house has not, since the house's places are then gathered for it.
    """
    offered: list[int] = []
    blocked: set[Category] = set()
    for party in in_order(parties):
        if party.category in blocked:
            continue
        if not room.fits_category(party.category, party.size):
            blocked.add(party.category)
            continue
        if not room.fits(party.category, party.size):
            break
        room = room.without(party.category, party.size)
        offered.append(party.party_id)
    return tuple(offered)


def never_fits(size: int, *capacities: int | None) -> bool:
    """Tell whether a party needs more places than there are, were everybody else away.

    So it is once places are lowered: it waits at the head of its line for ever, and the line behind it too.
    A capacity of None is as many as come.
    """
    return any(capacity is not None and size > capacity for capacity in capacities)


def offered_until(now: datetime, *, hours: int, begins: datetime) -> datetime:
    """Return until when a place that is offered now is held: for some hours, at the latest until it begins.

    Whoever is offered one shortly before, or when it has begun, still has SHORTEST_OFFER to answer: they look
    at their phone then, and others wait at the door.
    """
    return min(now + timedelta(hours=hours), max(begins, now + SHORTEST_OFFER))


def is_out(lapsed: int) -> bool:
    """Tell of a party that let so many offers run out whether it has left the line with that."""
    return lapsed >= MOST_LAPSES


def checked_priority(priority: int) -> int:
    """Return a priority as it can be set: 0 for everybody, 9 for whoever comes first."""
    if not 0 <= priority <= HIGHEST_PRIORITY:
        raise Invalid("priority_wrong", highest=HIGHEST_PRIORITY)
    return priority
