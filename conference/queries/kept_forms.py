"""What was typed before, for the browser that holds its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.kept_forms import KeptForm, kept_digest, unseal
from conference.models import KeptForm as KeptFormRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def kept_form(session: Session, *, key: bytes, now: datetime) -> KeptForm | None:
    """Return the form that was kept with the key; None once its time is over."""
    sealed = session.scalar(
        select(KeptFormRow.sealed).where(
            KeptFormRow.key_digest == kept_digest(key), KeptFormRow.expires_at > now
        )
    )
    return None if sealed is None else unseal(sealed, key=key)
