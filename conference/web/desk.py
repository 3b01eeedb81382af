"""Whom a page of the desk is about: signed for whoever searched. Nobody leafs through numbers."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from itsdangerous import BadData, URLSafeTimedSerializer

from conference.domain.errors import NotFound
from conference.web.access import required_account
from conference.web.keys import key_for, keys_for
from conference.web.locale import required_conference

# The page of a search may stay open over a break.
SECONDS = 4 * 60 * 60
SHEET_SECONDS = 15 * 60


def _signer(use: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(keys_for("desk"))), salt=use)


def reference(registration_id: int, *, use: str = "person") -> str:
    """Return what leads the person at this desk, and nobody else, back to a registration."""
    return str(_signer(use).dumps([required_conference().id, required_account(), registration_id]))


def referred(text: str, *, use: str = "person", seconds: int = SECONDS) -> int:
    """Return the registration of a reference; NotFound("person_gone") for one of others, or too old."""
    try:
        conference_id, account_id, registration_id = _signer(use).loads(text, max_age=seconds)
    except BadData as bad:
        raise NotFound("person_gone") from bad
    if (conference_id, account_id) != (required_conference().id, required_account()):
        raise NotFound("person_gone")
    return int(registration_id)


def new_paper() -> str:
    """Draw the name of one form in somebody's hand, for `nonce_of`."""
    return secrets.token_hex(16)


def nonce_of(paper: str) -> str:
    """Return the nonce of the ticket that a form issues: the same for a second tap, guessed by nobody."""
    return hmac.new(key_for("desk"), f"walk-in:{paper}".encode(), hashlib.sha256).hexdigest()[:32]
