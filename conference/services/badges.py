"""Printing badges leaves two traces: a count in the log, and on each person whose badge is up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from conference.domain.audit import AuditKind
from conference.models import Registration
from conference.services.audit import actor_of, record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session


def note_printed(
    session: Session, *, conference_id: int, digests: Mapping[int, str], by: int, now: datetime
) -> None:
    """Note of each registration what its badge said when it was printed, and in the log how many they were.

    `digests` are of what stands on the badges, by registration: a badge whose digest is another by now has
    to be printed anew.
    """
    rows = [{"id": number, "printed_digest": digests[number]} for number in sorted(digests)]
    if rows:
        session.execute(update(Registration), rows)
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    event = {"kind": AuditKind.BADGES_PRINTED.value, "count": len(digests)}
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
