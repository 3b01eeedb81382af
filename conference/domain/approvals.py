"""What two organizers must agree on. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# A reason says why in a line or two; what it is about is no person.
REASON_LENGTH = 300
# After this the request is asked anew: whoever approved knew what it was for.
LIFETIME = timedelta(hours=24)
# So long whoever was named organizer by another one has no say: both could be one person with two addresses.
# Nor has whoever was given another card: whoever printed it may hold it. The log, which everybody can read,
# has had the naming, and the card, for two days before they count.
NEW_ORGANIZER = timedelta(hours=48)


class ApprovalKind(StrEnum):
    """What needs a second organizer."""

    EXPORT_PEOPLE = "export_people"
    PRINT_BADGES = "print_badges"


class ApprovalState(StrEnum):
    """Where a request stands; the last four are final."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


def taken_back(*, asked_at: datetime, decided_at: datetime | None, expires_at: datetime) -> bool:
    """A request that ends before its time was taken back: what nobody answers, or uses, lasts a day."""
    return expires_at < (asked_at if decided_at is None else decided_at) + LIFETIME
