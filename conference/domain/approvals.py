"""What two organizers must agree on. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# A reason says why in a line or two; what it is about is no person.
REASON_LENGTH = 300
# After this the request is asked anew: whoever approved knew what it was for.
LIFETIME = timedelta(hours=24)
# So long whoever was named organizer by another one has no say: both could be one person with two addresses,
# and the log, which everybody can read, has had the naming for two days before it counts.
NEW_ORGANIZER = timedelta(hours=48)


class ApprovalKind(StrEnum):
    """What needs a second organizer."""

    EXPORT_PEOPLE = "export_people"
    PRINT_BADGES = "print_badges"


class ApprovalState(StrEnum):
    """Where a request stands; the last three are final."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"
    EXPIRED = "expired"
