"""Letters for tests."""

from __future__ import annotations

from typing import Any

from conference.domain.mail import LEASE, reference
from conference.services.mail import Letter
from tests.factories import NOW


def a_letter(**values: Any) -> Letter:
    """A letter with a link, as its sender has leased it."""
    words = {
        "id": 1,
        "reference": reference("sign-in-1"),
        "recipient": "ana@example.org",
        "language": "es",
        "subject": "Su código",
        "body": "¡Hola!\n\nhttps://localhost/es/sign-in/link/abc\n",
        "attempt": 1,
        "until": NOW + LEASE,
    }
    return Letter(**words | values)
