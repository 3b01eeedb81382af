"""How many may come, and what becomes of whoever registers now. Counts only; never a counter. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import Category, RegistrationStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

# A lead registers so many at once at most; who brings more does it twice.
MOST_IN_GROUP = 40
# One organization holds so many places for people whom nobody has named, or one of so many that there are.
FEW_UNNAMED = 10
SHARE_UNNAMED = 4
# No conference of ours is held in a stadium: a number above this is a slip of the finger.
MOST_PLACES = 100_000
# A freed place waits a month for an answer at most.
MOST_OFFER_HOURS = 24 * 30


@dataclass(frozen=True, slots=True)
class Setting:
    """What a conference has decided about one category; as it stands here where it decided nothing.

    `approval`: an organizer answers for each one; the place is held meanwhile. `capacity` None: as many as
    come.
    """

    open: bool = True
    approval: bool = False
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many places of a category are held, and how many people are in line for one."""

    held: int = 0
    in_line: int = 0


def conference_over(last_day: date, *, time_zone: str, now: datetime) -> bool:
    """Tell whether the last day has passed where the conference is held: nobody takes a place any more."""
    return now.astimezone(ZoneInfo(time_zone)).date() > last_day


def free(capacity: int | None, held: int) -> int | None:
    """Return how many places are free; None: as many as come. Lowered below what is taken, none is."""
    return None if capacity is None else max(0, capacity - held)


@dataclass(frozen=True, slots=True)
class Room:
    """The free places of a conference: of all categories together, and of each that has a number.

    A category that is not named has as many as come.
    """

    total: int | None = None
    by_category: Mapping[Category, int] = field(default_factory=dict)

    def of(self, category: Category) -> int | None:
        """Return the free places of the category alone; None: as many as come."""
        return self.by_category.get(category)

    def fits_category(self, category: Category, size: int) -> bool:
        """Tell whether the category has room for so many, whatever the house has."""
        room = self.of(category)
        return room is None or size <= room

    def fits(self, category: Category, size: int) -> bool:
        """Tell whether so many of the category can come."""
        return self.fits_category(category, size) and (self.total is None or size <= self.total)

    def without(self, category: Category, size: int) -> Room:
        """Return what is left once so many of the category have been let in."""
        total = None if self.total is None else self.total - size
        if category not in self.by_category:
            return Room(total, self.by_category)
        return Room(total, {**self.by_category, category: self.by_category[category] - size})


def granted(setting: Setting) -> RegistrationStatus:
    """Return what a place is that somebody is given: confirmed, or pending where it needs an answer."""
    return RegistrationStatus.PENDING if setting.approval else RegistrationStatus.CONFIRMED


def outcome(setting: Setting, *, taken: int, in_line: int, size: int) -> RegistrationStatus:
    """Return what becomes of `size` people who register together for one category now.

    All of them get a place, or all of them join the line: where there is not room for all, and also where
    anybody of the category waits already. Raises Conflict("category_closed").
    """
    if not setting.open:
        raise Conflict("category_closed")
    room = free(setting.capacity, taken)
    if in_line or (room is not None and size > room):
        return RegistrationStatus.WAITING
    return granted(setting)


def checked_capacity(capacity: int | None) -> int | None:
    """Return a number of places as it can be set; Invalid("capacity_wrong") for one that cannot."""
    if capacity is not None and not 0 <= capacity <= MOST_PLACES:
        raise Invalid("capacity_wrong", most=MOST_PLACES)
    return capacity


def checked_group_size(size: int, *capacities: int | None) -> int:
    """Return the size of a group that could come, were everybody else away.

    Raises Invalid("group_size_wrong") and Invalid("group_larger_than_places"): such a group would stand at
    the head of the line for ever, and nobody behind it would come in.
    """
    if not 1 <= size <= MOST_IN_GROUP:
        raise Invalid("group_size_wrong", most=MOST_IN_GROUP)
    least = min((capacity for capacity in capacities if capacity is not None), default=None)
    if least is not None and size > max(least, 1):
        raise Invalid("group_larger_than_places", places=least)
    return size


def most_unnamed(capacity: int | None) -> int | None:
    """Return how many places, named by nobody, one organization may hold; None where as many as come."""
    return None if capacity is None else max(FEW_UNNAMED, capacity // SHARE_UNNAMED)


def check_unnamed(size: int, *, unnamed: int, capacity: int | None) -> None:
    """Raise Conflict("too_many_unnamed") where an organization with `unnamed` places asks for `size` more.

    Without names one could hold the whole house, and nobody would know that nobody comes.
    """
    most = most_unnamed(capacity)
    if most is not None and unnamed + size > most:
        raise Conflict("too_many_unnamed", held=unnamed, most=most)
