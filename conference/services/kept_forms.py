"""Keeping what was typed into a form that was refused, for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from conference.domain.kept_forms import kept_digest, seal
from conference.models import KeptForm as KeptFormRow

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from conference.domain.kept_forms import KeptForm


def keep_form(session: Session, *, form: KeptForm, key: bytes, lifetime: timedelta, now: datetime) -> None:
    """Keep a form sealed with `key`, 32 random bytes drawn for it, until `lifetime` is over.

    The forms whose time is over go with it: nobody needs to wait for the purge.
    """
    forget_kept_forms(session, now=now)
    session.add(
        KeptFormRow(key_digest=kept_digest(key), sealed=seal(form, key=key), expires_at=now + lifetime)
    )
    session.flush()


def forget_kept_forms(session: Session, *, now: datetime) -> int:
    """Delete the forms whose time is over; return how many."""
    gone = delete(KeptFormRow).where(KeptFormRow.expires_at <= now).returning(KeptFormRow.id)
    return len(session.execute(gone).all())
