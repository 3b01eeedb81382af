"""What was typed before, for the browser that holds its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.models import KeptForm

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def kept_form(session: Session, *, key_digest: str, now: datetime) -> bytes | None:
    """Return the sealed form that was kept with the key of this digest; None once its time is over."""
    return session.scalar(
        select(KeptForm.sealed).where(KeptForm.key_digest == key_digest, KeptForm.expires_at > now)
    )
