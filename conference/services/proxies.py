"""Giving a seat's vote to another delegate of its chamber, and taking it back; the next question knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select, update

from conference.domain.audit import AuditKind
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict, NotFound
from conference.domain.proxies import require_may_give, standing_electorate
from conference.models import Conference, Credential, Proxy, Seat
from conference.services.audit import actor_of, record
from conference.services.electorate import seat_of
from conference.services.eligibility import check_not_withdrawn

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.domain.directory import RecordSource
    from conference.services.audit import Logged


def give_proxy(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    holder_id: int,
    source: RecordSource,
    by: int | None,
    now: datetime,
) -> int:
    """Let the delegate of another organization vote for this one's seat, and return the proxy's id.

    Both are organizations with a seat in the conference. It counts from the next question on: one that is
    open keeps the electorate that it opened with. Nobody gives a proxy to a seat that nobody could vote for.

    Raises as `require_may_give` does, and Conflict: "organization_withdrawn" where either of
    them has, "holder_without_delegate".
    """
    cap = _hold(session, conference_id)
    principal = seat_of(session, conference_id=conference_id, organization_id=organization_id)
    holder = seat_of(session, conference_id=conference_id, organization_id=holder_id)
    check_not_withdrawn(session, {organization_id, holder_id})
    electorate = standing_electorate(_chambers(session, conference_id), _standing(session, conference_id))
    require_may_give(electorate, principal=principal, holder=holder, cap=cap)
    if not session.scalar(select(_has_delegate(holder))):
        raise Conflict("holder_without_delegate")
    proxy = Proxy(seat_id=principal, holder_seat_id=holder, source=source, given_at=now, given_by_id=by)
    session.add(proxy)
    session.flush()
    _log(session, conference_id, AuditKind.PROXY_GIVEN, principal, holder, by=by, now=now)
    return proxy.id


def revoke_proxy(
    session: Session, *, conference_id: int, organization_id: int, by: int | None, now: datetime
) -> None:
    """Let an organization's own delegate vote for it again, from the next question on.

    Raises NotFound("seat_not_found") and Conflict("proxy_not_given").
    """
    _hold(session, conference_id)
    principal = seat_of(session, conference_id=conference_id, organization_id=organization_id)
    holder = session.execute(
        update(Proxy)
        .where(Proxy.seat_id == principal, Proxy.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by_id=by)
        .returning(Proxy.holder_seat_id)
    ).scalar()
    if holder is None:
        raise Conflict("proxy_not_given")
    _log(session, conference_id, AuditKind.PROXY_REVOKED, principal, holder, by=by, now=now)


def drop_proxies(
    session: Session,
    *,
    organization_id: int,
    by: int | None,
    now: datetime,
    conference_id: int | None = None,
) -> list[Logged]:
    """Revoke every proxy that an organization's seats gave or hold: it withdraws, or its seat is taken back.

    In one conference, or in all. Called with the organization's or the conference's row locked, so that
    nobody gives another one meanwhile. Returns what the log is told: it is written last, by whoever calls.
    """
    own = select(Seat.id).where(Seat.organization_id == organization_id)
    if conference_id is not None:
        own = own.where(Seat.conference_id == conference_id)
    rows = session.execute(
        update(Proxy)
        .where(Proxy.revoked_at.is_(None), Proxy.seat_id.in_(own) | Proxy.holder_seat_id.in_(own))
        .values(revoked_at=now, revoked_by_id=by)
        .returning(Proxy.seat_id, Proxy.holder_seat_id)
        .execution_options(synchronize_session=False)
    ).all()
    places = select(Seat.id, Seat.conference_id).where(Seat.id.in_([row.seat_id for row in rows]))
    conferences: dict[int, int] = dict(session.execute(places).all())
    return [
        (conferences[principal], _event(AuditKind.PROXY_REVOKED, principal, holder))
        for principal, holder in sorted((row.seat_id, row.holder_seat_id) for row in rows)
    ]


def _hold(session: Session, conference_id: int) -> int:
    """Let one person at a time give or revoke in a conference, and return its cap.

    Level and cap are rules over many rows, which no constraint sees.
    """
    cap = session.scalar(
        select(Conference.proxy_cap).where(Conference.id == conference_id).with_for_update(key_share=True)
    )
    if cap is None:
        raise NotFound("conference_not_found")
    return cap


def _chambers(session: Session, conference_id: int) -> dict[int, Chamber]:
    rows = session.execute(select(Seat.id, Seat.chamber).where(Seat.conference_id == conference_id))
    return dict(rows.all())


def _standing(session: Session, conference_id: int) -> list[tuple[int, int]]:
    rows = session.execute(
        select(Proxy.seat_id, Proxy.holder_seat_id)
        .join(Seat, Seat.id == Proxy.seat_id)
        .where(Seat.conference_id == conference_id, Proxy.revoked_at.is_(None))
    )
    return [(principal, holder) for principal, holder in rows]


def _has_delegate(seat_id: int) -> ColumnElement[bool]:
    return exists().where(Credential.seat_id == seat_id, Credential.status == CredentialStatus.ACCEPTED)


def _log(
    session: Session,
    conference_id: int,
    kind: AuditKind,
    principal: int,
    holder: int,
    *,
    by: int | None,
    now: datetime,
) -> None:
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    record(session, conference_id=conference_id, actor=actor, event=_event(kind, principal, holder), at=now)


def _event(kind: AuditKind, principal: int, holder: int) -> dict[str, object]:
    return {"kind": kind.value, "seat": f"seat-{principal}", "holder": f"seat-{holder}"}
