"""Keeping what was typed into a form that was refused, for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from conference.models import KeptForm

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session


def keep_form(
    session: Session, *, sealed: bytes, key_digest: str, lifetime: timedelta, now: datetime
) -> None:
    """Keep a form, sealed with a key of which we have the digest alone, until `lifetime` is over.

    The forms whose time is over go with it: nobody needs to wait for the purge.
    """
    forget_kept_forms(session, now=now)
    session.add(KeptForm(key_digest=key_digest, sealed=sealed, expires_at=now + lifetime))
    session.flush()


def forget_kept_forms(session: Session, *, now: datetime) -> int:
    """Delete the forms whose time is over; return how many."""
    gone = delete(KeptForm).where(KeptForm.expires_at <= now).returning(KeptForm.id)
    return len(session.execute(gone).all())
