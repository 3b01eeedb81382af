"""What a conference needs to begin to exist: a name, days, a city, a time zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conference.domain.errors import Invalid
from conference.domain.pack_conference import MOST_DAYS
from conference.domain.program import zone_named
from conference.domain.slugs import MAXIMUM, slug_of, valid_conference_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

LONGEST_NAME = 200
# A year outside of these was mistyped.
YEARS = range(2000, 2200)
# Where hometown associations meet; a conference pack may name any other zone.
TIME_ZONES = (
    "America/Mexico_City",
    "America/Cancun",
    "America/Chihuahua",
    "America/Mazatlan",
    "America/Hermosillo",
    "America/Tijuana",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Anchorage",
    "Pacific/Honolulu",
)


@dataclass(frozen=True, slots=True)
class NewConference:
    """A conference as somebody types it into the first page: `names` and `city` by language, local days.

    Raises Invalid where it has no name in any language, no city, or days or a zone that cannot be.
    """

    names: Mapping[str, str]
    city: Mapping[str, str]
    first_day: date
    days: int
    time_zone: str

    def __post_init__(self) -> None:
        """Nothing that could not be held as a conference comes to exist."""
        if not any(self.names.values()):
            raise Invalid("conference_name_needed")
        if not any(self.city.values()):
            raise Invalid("conference_city_needed")
        if any(len(text) > LONGEST_NAME for text in (*self.names.values(), *self.city.values())):
            raise Invalid("conference_name_too_long", limit=LONGEST_NAME)
        if self.first_day.year not in YEARS:
            raise Invalid("conference_first_day")
        if not 1 <= self.days <= MOST_DAYS:
            raise Invalid("conference_days", most=MOST_DAYS)
        zone_named(self.time_zone)

    @property
    def name(self) -> str:
        """The name in the first language that has one."""
        return next(filter(None, self.names.values()))


def free_slug(name: str, year: int, *, taken: Callable[[str], bool]) -> str:
    """Return how a conference is called in addresses: its name, then also the year, then a number."""
    stem = slug_of(name, maximum=MAXIMUM - 12) or f"conference-{year}"
    candidates = [stem, f"{stem}-{year}", *(f"{stem}-{year}-{number}" for number in range(2, 1000))]
    for slug in candidates:
        if valid_conference_slug(slug) and not taken(slug):
            return slug
    raise Invalid("slug_taken", slug=stem)
