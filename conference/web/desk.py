"""Whom a page of the desk is about: signed for whoever searched. Nobody leafs through numbers."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any

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


def reference(registration_id: int) -> str:
    """Return what leads the person at this desk, and nobody else, back to a registration."""
    return _signed("person", registration_id)


def referred(text: str) -> int:
    """Return the registration of a reference; NotFound("person_gone") for one of others, or too old."""
    (registration_id,) = _said("person", text, SECONDS)
    return int(registration_id)


def sheet_reference(registration_id: int, *, ticket: str) -> str:
    """Return what leads the same person to the sheet of one ticket, and not to what another says instead."""
    return _signed("sheet", registration_id, ticket)


def referred_sheet(text: str) -> tuple[int, str]:
    """Return the registration and the ticket of a sheet; raises as `referred`, a quarter of an hour later."""
    registration_id, ticket = _said("sheet", text, SHEET_SECONDS)
    return int(registration_id), str(ticket)


def _signed(use: str, *said: object) -> str:
    return str(_signer(use).dumps([required_conference().id, required_account(), *said]))


def _said(use: str, text: str, seconds: int) -> list[Any]:
    try:
        conference_id, account_id, *said = _signer(use).loads(text, max_age=seconds)
    except BadData as bad:
        raise NotFound("person_gone") from bad
    if (conference_id, account_id) != (required_conference().id, required_account()):
        raise NotFound("person_gone")
    return list(said)


def new_paper() -> str:
    """Draw the name of one form in somebody's hand, for `nonce_of`."""
    return secrets.token_hex(16)


def nonce_of(paper: str, *said: str) -> str:
    """Return the nonce of the ticket that a form issues: the same for a second tap, guessed by nobody.

    What is `said` on it counts: the same paper filled in for the next person issues another ticket.
    """
    written = json.dumps([paper, *said])
    return hmac.new(key_for("desk"), f"walk-in:{written}".encode(), hashlib.sha256).hexdigest()[:32]
