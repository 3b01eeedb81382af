"""The passkeys of an account, as its own page lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.models import Passkey

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class HeldPasskey:
    """One passkey; `number` counts from the first that is still there."""

    id: int
    number: int
    added_at: datetime
    used_at: datetime | None


def passkeys_of(session: Session, *, account_id: int) -> tuple[HeldPasskey, ...]:
    """Return an account's passkeys, the oldest first."""
    rows = session.execute(
        select(Passkey.id, Passkey.added_at, Passkey.used_at)
        .where(Passkey.account_id == account_id)
        .order_by(Passkey.added_at, Passkey.id)
    )
    return tuple(
        HeldPasskey(row.id, number, row.added_at, row.used_at) for number, row in enumerate(rows, start=1)
    )
