"""Mandates: a member lets its federation name who sits in its seat, and takes that back at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.domain.audit import AuditKind
from conference.domain.directory import MembershipSide
from conference.domain.federations import Act
from conference.services.audit import record_all
from conference.services.federations import change_link, end_named, locked_link, logged

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.directory import RecordSource


def give_mandate(
    session: Session,
    *,
    conference_id: int,
    federation_id: int,
    member_id: int,
    source: RecordSource,
    by: int | None,
    now: datetime,
) -> None:
    """Record the member's word that the federation may name who sits in its seat.

    By the member's lead in the system, or by the committee from a paper that the member signed: `source`
    says which. Raises NotFound("membership_not_found"), Conflict("membership_changed") where they are not
    joined or the mandate stands already.
    """
    row = locked_link(session, federation_id, member_id)
    change_link(session, row, MembershipSide.MEMBER, Act.GIVE_MANDATE)
    row.mandate, row.mandated_at = source, now
    session.flush()
    given = logged(AuditKind.MANDATE_GIVEN, row, conference_id=conference_id)
    record_all(session, [given], by=by, now=now)


def revoke_mandate(
    session: Session, *, conference_id: int, federation_id: int, member_id: int, by: int | None, now: datetime
) -> None:
    """Record that the member takes its mandate back, which it may at any time.

    Whom the federation named, accepted or not, sits for the member no more and casts no vote for it, in an
    open question neither; what was cast stands. Raises as `give_mandate` does.
    """
    row = locked_link(session, federation_id, member_id)
    change_link(session, row, MembershipSide.MEMBER, Act.REVOKE_MANDATE)
    ended = end_named(session, row, by=by, now=now)
    revoked = logged(AuditKind.MANDATE_REVOKED, row, conference_id=conference_id)
    record_all(session, [revoked, *ended], by=by, now=now)
