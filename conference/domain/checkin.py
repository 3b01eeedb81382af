"""What happens when a ticket is shown at a door."""

from __future__ import annotations

from enum import StrEnum

# The door of the building, as opposed to the door of one session.
ENTRANCE = "entrance"


class ScanOutcome(StrEnum):
    """Every scan is stored with its outcome, refusals too."""

    ADMITTED = "admitted"
    ALREADY_ADMITTED = "already_admitted"
    UNKNOWN = "unknown"
    OTHER_CONFERENCE = "other_conference"
    CANCELLED = "cancelled"
