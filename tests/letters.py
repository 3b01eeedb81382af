"""Letters for tests."""

from __future__ import annotations

import hashlib
from typing import Any

from conference.domain.mail import LEASE
from conference.services.mail import Letter
from tests.factories import NOW


def made_reference(name: str) -> str:
    """A reference as a message has one, of which a test can tell whose it is."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def a_letter(**values: Any) -> Letter:
    """A letter with a link, as its sender has leased it."""
    words = {
        "id": 1,
        "reference": made_reference("sign-in-1"),
        "recipient": "ana@example.org",
        "language": "es",
        "subject": "Su código",
        "body": "¡Hola!\n\nhttps://localhost/es/sign-in/link/abc\n",
        "attempt": 1,
        "until": NOW + LEASE,
    }
    return Letter(**words | values)
