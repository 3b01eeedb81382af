"""What happens when a ticket is shown at a door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from conference.domain.tickets import TicketFault

if TYPE_CHECKING:
    from collections.abc import Sequence

# The door of the building, as opposed to the door of one session.
ENTRANCE = "entrance"
# A sitting that begins or ended within this time is what people queue for.
NEAR = timedelta(hours=3)
# A seat noted as gone by mistake can be put back this long; later its delegate shows the ticket again.
TAKEN_BACK_WITHIN = timedelta(minutes=15)


class ScanOutcome(StrEnum):
    """Every scan is stored with its outcome, refusals too."""

    ADMITTED = "admitted"
    ALREADY_ADMITTED = "already_admitted"
    UNKNOWN = "unknown"
    OTHER_CONFERENCE = "other_conference"
    CANCELLED = "cancelled"
    # Somebody in line, or who waits for an answer: the desk can tell them more.
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class Sitting:
    """A sitting of the day, by the wall clock of the venue (naive)."""

    key: str
    starts_local: datetime
    minutes: int

    def distance(self, moment: datetime) -> timedelta:
        """Return how far the moment is from the sitting; nothing while it is held."""
        ends = self.starts_local + timedelta(minutes=self.minutes)
        return max(self.starts_local - moment, moment - ends, timedelta())


def default_door(sittings: Sequence[Sitting], *, moment: datetime) -> str:
    """Return the door that a volunteer most likely stands at: the sitting that is near, else the day's first.

    `sittings` are those of today in their order; a day without any has only its entrance.
    """
    if not sittings:
        return ENTRANCE
    nearest = min(sittings, key=lambda sitting: sitting.distance(moment))
    return nearest.key if nearest.distance(moment) <= NEAR else sittings[0].key


def refusal(fault: TicketFault) -> ScanOutcome:
    """Return what a door says of a text that is no ticket of its conference."""
    if fault is TicketFault.OTHER_CONFERENCE:
        return ScanOutcome.OTHER_CONFERENCE
    return ScanOutcome.UNKNOWN
