"""The audit log of a conference: each entry chained to the one before, each actor a pseudonym."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from agreements.ledger import EMPTY, Head, append
from conference.domain.accounts import STAFF_ROLES, Role
from conference.domain.audit import OPERATOR, PERSON
from conference.domain.credentials import CredentialStatus
from conference.models import AuditEntry, AuditHead, Credential, Registration, RoleGrant, Seat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from conference.domain.audit import AuditKind

    # The conference in whose log an event is written, and the event.
    Logged = tuple[int, dict[str, object]]

# Somebody who holds several roles is called by the first of these.
STRENGTH = [role for role in Role if role in STAFF_ROLES]


def record(
    session: Session, *, conference_id: int, actor: str, event: Mapping[str, object], at: datetime
) -> None:
    """Append an event to the conference's log: its `kind` and plain values, none of them about a person.

    `actor` is a pseudonym (see `actor_of`); the entry has it and the moment in UTC besides the event. Entries
    that are written at once are chained one after the other: until the end of the transaction nobody else
    appends to this log, so let this be the last that a service does.

    Raises agreements.ledger.InvalidLedger for an event without kind or canonical form.
    """
    row = _locked_head(session, conference_id)
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head, (receipt,) = append(_head(row), [{**event, "actor": actor, "at": moment}])
    session.add(AuditEntry(conference_id=conference_id, index=receipt.index, entry=receipt.entry, at=at))
    row.size, row.last_leaf = head.size, head.last_leaf
    row.frontier = [each.hex() for each in head.frontier]
    session.flush()


def record_all(session: Session, events: Iterable[Logged], *, by: int | None, now: datetime) -> None:
    """Write what one account did into the logs of several conferences, which are taken in one order.

    All of it at once: of two who write into two logs each, none holds what the other waits for.
    """
    for conference_id, event in sorted(events, key=lambda each: each[0]):
        actor = actor_of(session, conference_id=conference_id, account_id=by)
        record(session, conference_id=conference_id, actor=actor, event=event, at=now)


def _locked_head(session: Session, conference_id: int) -> AuditHead:
    find = (
        select(AuditHead)
        .where(AuditHead.conference_id == conference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalars(find).one_or_none()
    if row is not None:
        return row
    row = AuditHead(conference_id=conference_id, size=EMPTY.size, frontier=[], last_leaf=EMPTY.last_leaf)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Somebody else wrote the first entry at this very moment.
        return session.scalars(find).one()
    return row


def _head(row: AuditHead) -> Head:
    return Head(row.size, tuple(bytes.fromhex(each) for each in row.frontier), bytes(row.last_leaf))


def actor_of(session: Session, *, conference_id: int, account_id: int | None) -> str:
    """Return what an account is called in the conference's log: "organizer-2", "seat-12", "person".

    Staff are called by the strongest role they hold and which grant of that role it is, counted from the
    conference's first; delegates by their seat. None is whoever acts on the server itself: "operator".
    """
    if account_id is None:
        return OPERATOR
    by_role = staff_name(session, conference_id=conference_id, account_id=account_id)
    if by_role is not None:
        return by_role
    seat_id = _seat_of(session, conference_id, account_id)
    return PERSON if seat_id is None else f"seat-{seat_id}"


def staff_name(session: Session, *, conference_id: int, account_id: int) -> str | None:
    """Return what the log calls an account by its strongest role of staff; None where it holds none."""
    held = session.execute(
        select(RoleGrant.role, RoleGrant.id).where(
            RoleGrant.conference_id == conference_id,
            RoleGrant.account_id == account_id,
            RoleGrant.role.in_(STAFF_ROLES),
            RoleGrant.revoked_at.is_(None),
        )
    ).all()
    if not held:
        return None
    role, grant_id = min(held, key=lambda grant: STRENGTH.index(grant.role))
    return grant_name(session, conference_id=conference_id, role=role, grant_id=grant_id)


def grant_name(session: Session, *, conference_id: int, role: Role, grant_id: int) -> str:
    """Return what a grant is called in the log: its role, and which one of that role it is ("chair-1").

    Grants are never deleted, so it stays the same after a grant was revoked.
    """
    ordinal = select(func.count(RoleGrant.id)).where(
        RoleGrant.conference_id == conference_id, RoleGrant.role == role, RoleGrant.id <= grant_id
    )
    return f"{role.value}-{session.scalar(ordinal)}"


def record_grant(session: Session, grant: RoleGrant, kind: AuditKind, *, actor: str, now: datetime) -> None:
    """Write into the log what became of a role, by a name that tells it from others and nobody."""
    named = grant_name(session, conference_id=grant.conference_id, role=grant.role, grant_id=grant.id)
    event = {"kind": kind.value, "role": grant.role.value, "grant": named}
    record(session, conference_id=grant.conference_id, actor=actor, event=event, at=now)


def _seat_of(session: Session, conference_id: int, account_id: int) -> int | None:
    return session.scalar(
        select(func.min(Seat.id))
        .join(Credential, Credential.seat_id == Seat.id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(
            Seat.conference_id == conference_id,
            Registration.account_id == account_id,
            Credential.status == CredentialStatus.ACCEPTED,
        )
    )
