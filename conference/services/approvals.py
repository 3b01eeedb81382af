"""What takes two organizers: one asks and says why, another answers, and the first does it, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select, update

from conference.domain.accounts import Role
from conference.domain.approvals import LIFETIME, NEW_ORGANIZER, ApprovalKind, taken_back
from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Forbidden, NotFound
from conference.models import AccessCard, Approval, Conference, RoleGrant
from conference.services.audit import actor_of, record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def ask_for_approval(
    session: Session, *, conference_id: int, kind: ApprovalKind, reason: str, by: int, now: datetime
) -> int:
    """Ask another organizer for something dangerous, and return the request's id.

    The reason is for the organizers, and never in the log: it could name somebody.
    Raises Conflict("approval_waiting") while another request of the same person can still be used.
    """
    # Held, so that of two taps the second finds the first.
    session.execute(
        select(Conference.id).where(Conference.id == conference_id).with_for_update(key_share=True)
    )
    waiting = select(Approval.id).where(
        Approval.conference_id == conference_id,
        Approval.kind == kind,
        Approval.asked_by_id == by,
        Approval.expires_at > now,
        Approval.used_at.is_(None),
        Approval.approved.is_not(False),
    )
    if session.scalars(waiting).first() is not None:
        raise Conflict("approval_waiting")
    asked = Approval(
        conference_id=conference_id,
        kind=kind,
        reason=reason,
        asked_by_id=by,
        asked_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(asked)
    session.flush()
    _record(session, AuditKind.EXPORT_ASKED, asked.id, conference_id=conference_id, by=by, now=now)
    return asked.id


def decide_approval(
    session: Session,
    *,
    conference_id: int,
    approval_id: int,
    kind: ApprovalKind,
    approve: bool,
    by: int,
    now: datetime,
) -> None:
    """Answer another organizer's request; what is approved can be used from now on for as long again.

    Whoever another organizer named, or issued a card to, less than `NEW_ORGANIZER` ago approves nothing, and
    nothing of theirs is approved: one person could name herself under a second address, or keep the card that
    she printed for another. They may refuse, and be refused.

    Raises NotFound("approval_not_found"), Forbidden: "approval_of_ones_own", "approval_by_new_organizer", and
    Conflict: "approval_expired", "approval_withdrawn", "approval_decided".
    """
    values: dict[str, Any] = {"approved": approve, "decided_at": now, "decided_by_id": by}
    conditions: list[ColumnElement[bool]] = []
    if approve:
        values["expires_at"] = now + LIFETIME
        conditions = [~_newly_in(conference_id, by, now)]
    answered = _changed(
        session,
        approval_id,
        Approval.conference_id == conference_id,
        Approval.kind == kind,
        Approval.decided_at.is_(None),
        Approval.asked_by_id != by,
        Approval.expires_at > now,
        *conditions,
        values=values,
    )
    if not answered:
        raise _why_not_decided(session, conference_id, approval_id, kind, by=by, now=now)
    event = AuditKind.EXPORT_APPROVED if approve else AuditKind.EXPORT_REFUSED
    _record(session, event, approval_id, conference_id=conference_id, by=by, now=now)


def withdraw_request(
    session: Session, *, conference_id: int, approval_id: int, kind: ApprovalKind, by: int, now: datetime
) -> None:
    """Take a request back: while nobody has answered it one's own, and any that is approved and unused.

    Who asked can then ask anew. Raises NotFound("approval_not_found") for a request of others that waits,
    Conflict: "approval_expired", "approval_withdrawn", "approval_decided", "approval_used".
    """
    withdrawn = _changed(
        session,
        approval_id,
        Approval.conference_id == conference_id,
        Approval.kind == kind,
        or_(
            and_(Approval.decided_at.is_(None), Approval.asked_by_id == by),
            and_(Approval.approved.is_(True), Approval.used_at.is_(None)),
        ),
        Approval.expires_at > now,
        # It ends before its time, and so is told from one that nobody answered or used; and as early as can
        # be: an answer, or a use, of the same moment that is written after this finds nothing.
        values={"expires_at": func.coalesce(Approval.decided_at, Approval.asked_at)},
    )
    if not withdrawn:
        raise _why_not_withdrawn(session, conference_id, approval_id, kind, by=by)
    _record(session, AuditKind.EXPORT_WITHDRAWN, approval_id, conference_id=conference_id, by=by, now=now)


def use_approval(
    session: Session, *, conference_id: int, approval_id: int, kind: ApprovalKind, by: int, now: datetime
) -> None:
    """Use what was approved: only who asked does so, once, while it is fresh, and not by a new card.

    Raises NotFound("approval_not_found") for a request of others, Conflict: "approval_used",
    "approval_expired", "approval_withdrawn", "approval_missing" for one that nobody has approved, and
    Forbidden("approval_of_new_organizer") for whom `decide_approval` would not have approved it now.
    """
    used = _changed(
        session,
        approval_id,
        Approval.conference_id == conference_id,
        Approval.kind == kind,
        Approval.asked_by_id == by,
        Approval.approved.is_(True),
        Approval.used_at.is_(None),
        Approval.expires_at > now,
        ~_newly_in(conference_id, by, now),
        values={"used_at": now},
    )
    if not used:
        raise _why_not_used(session, conference_id, approval_id, kind, by=by, now=now)
    _record(session, AuditKind.EXPORT_USED, approval_id, conference_id=conference_id, by=by, now=now)


def _changed(
    session: Session, approval_id: int, *conditions: ColumnElement[bool], values: dict[str, Any]
) -> bool:
    """Change a request if it meets the conditions at this moment, whatever was read of it before."""
    changed = session.execute(
        update(Approval)
        .where(Approval.id == approval_id, *conditions)
        .values(values)
        .returning(Approval.id)
        .execution_options(synchronize_session="fetch")
    )
    return changed.first() is not None


def _found(session: Session, conference_id: int, approval_id: int, kind: ApprovalKind) -> Approval:
    found = session.scalars(
        select(Approval)
        .where(Approval.id == approval_id, Approval.conference_id == conference_id, Approval.kind == kind)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("approval_not_found")
    return found


def _newly_in(conference_id: int, by: int, now: datetime) -> ColumnElement[bool]:
    """Tell of a request whether who asked, or who acts, was named or given a card by an organizer just now.

    Who named whom is not asked: one who names a second and, as her, a third, would be neither of the two.
    """
    named = exists().where(
        RoleGrant.conference_id == conference_id,
        RoleGrant.role == Role.ORGANIZER,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.granted_by_id.is_not(None),
        RoleGrant.granted_at > now - NEW_ORGANIZER,
        or_(RoleGrant.account_id == by, RoleGrant.account_id == Approval.asked_by_id),
    )
    # Of any conference: a card opens the account, wherever it was printed.
    carded = exists().where(
        AccessCard.issued_at > now - NEW_ORGANIZER,
        or_(AccessCard.account_id == by, AccessCard.account_id == Approval.asked_by_id),
    )
    return or_(named, carded)


def _why_not_decided(
    session: Session, conference_id: int, approval_id: int, kind: ApprovalKind, *, by: int, now: datetime
) -> Conflict | Forbidden:
    asked = _found(session, conference_id, approval_id, kind)
    if asked.decided_at is not None:
        return Conflict("approval_decided")
    if asked.expires_at <= now:
        return _ended(asked)
    return Forbidden("approval_of_ones_own" if asked.asked_by_id == by else "approval_by_new_organizer")


def _why_not_withdrawn(
    session: Session, conference_id: int, approval_id: int, kind: ApprovalKind, *, by: int
) -> Conflict | NotFound:
    asked = _found(session, conference_id, approval_id, kind)
    if asked.decided_at is None and asked.asked_by_id != by:
        return NotFound("approval_not_found")
    if asked.used_at is not None:
        return Conflict("approval_used")
    return Conflict("approval_decided") if asked.approved is False else _ended(asked)


def _why_not_used(
    session: Session, conference_id: int, approval_id: int, kind: ApprovalKind, *, by: int, now: datetime
) -> Conflict | Forbidden | NotFound:
    asked = _found(session, conference_id, approval_id, kind)
    if asked.asked_by_id != by:
        return NotFound("approval_not_found")
    if asked.used_at is not None:
        return Conflict("approval_used")
    if asked.approved is not True:
        return Conflict("approval_missing")
    return _ended(asked) if asked.expires_at <= now else Forbidden("approval_of_new_organizer")


def _ended(asked: Approval) -> Conflict:
    early = taken_back(asked_at=asked.asked_at, decided_at=asked.decided_at, expires_at=asked.expires_at)
    return Conflict("approval_withdrawn" if early else "approval_expired")


def _record(
    session: Session, kind: AuditKind, approval_id: int, *, conference_id: int, by: int, now: datetime
) -> None:
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    event = {"kind": kind.value, "request": approval_id}
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
