"""A table of organizations that was sent and looked through, for whoever sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.jobs import JobKind
from conference.models import Job

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def sent_table(session: Session, *, key: str, account_id: int, conference_id: int) -> bytes | None:
    """Return the table of a preview to whoever asked for it in this conference; None once it is forgotten."""
    return session.scalar(
        select(Job.result).where(
            Job.key == key,
            Job.asked_by_id == account_id,
            Job.conference_id == conference_id,
            Job.kind == JobKind.IMPORT_ORGANIZATIONS,
        )
    )
