"""Rows that a conference keeps in an order of its own, each with a key made from its wording."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import delete, exists, func, select

from conference.domain.errors import Conflict, NotFound
from conference.domain.slugs import slug_of
from conference.models import Conference, OfferedService, RegistrationQuestion
from conference.services.audit import actor_of, record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import InstrumentedAttribute, Session

    from conference.domain.audit import AuditKind

Row = TypeVar("Row", RegistrationQuestion, OfferedService)
# Leaves room for a number after it.
MOST_OF_KEY = 70


def held_conference(session: Session, conference_id: int) -> Conference:
    """Return the conference, held: whoever decides about the same waits."""
    found = session.scalars(
        select(Conference)
        .where(Conference.id == conference_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("conference_not_found")
    return found


def own_row(session: Session, model: type[Row], conference_id: int, row_id: int, code: str) -> Row:
    """Return a row of this conference, held, so that nobody answers or books it meanwhile."""
    found = session.scalars(
        select(model)
        .where(model.id == row_id, model.conference_id == conference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound(code)
    return found


def last_position(
    session: Session, model: type[RegistrationQuestion | OfferedService], conference_id: int
) -> int:
    """Return the position of the last row; 0 where there is none."""
    last = select(func.max(model.position)).where(model.conference_id == conference_id)
    return session.scalar(last) or 0


def free_key_of(label: Mapping[str, str], taken: set[str]) -> str:
    """Return the first wording as a key; a number comes after it where it is taken or empty."""
    base = slug_of(next((text for text in label.values() if text), ""), maximum=MOST_OF_KEY)
    tried = (f"{base}-{number}".strip("-") for number in count(2))
    return base if base and base not in taken else next(slug for slug in tried if slug not in taken)


def free_key(
    session: Session,
    model: type[RegistrationQuestion | OfferedService],
    conference_id: int,
    label: Mapping[str, str],
) -> str:
    """Return a key for a new row, made from its wording in the first language that has one."""
    taken = session.scalars(select(model.key).where(model.conference_id == conference_id))
    return free_key_of(label, set(taken))


def raise_row(session: Session, model: type[Row], conference_id: int, row_id: int, code: str) -> None:
    """Put a row before the one above it; the first one stays. Raises NotFound(code)."""
    held_conference(session, conference_id)
    row = own_row(session, model, conference_id, row_id, code)
    above = session.scalars(
        select(model)
        .where(model.conference_id == conference_id, model.position < row.position)
        .order_by(model.position.desc())
        .limit(1)
    ).one_or_none()
    if above is not None:
        row.position, above.position = above.position, row.position
        session.flush()


def remove_row(
    session: Session,
    row: Row,
    *,
    told: InstrumentedAttribute[int],
    forget: bool,
    refusal: str,
    noted: AuditKind,
    by: int,
    now: datetime,
) -> None:
    """Remove a row that is held, and what people told about it: the rows whose column `told` names it.

    Where there are any, only with `forget`, and the log says that they were taken away. It says neither what
    was asked nor of how many: whoever knows one of few would know whom an entry is about.
    Raises Conflict(refusal).
    """
    lost = bool(session.scalar(select(exists().where(told == row.id))))
    if lost and not forget:
        raise Conflict(refusal)
    session.execute(delete(told.class_).where(told == row.id))
    session.delete(row)
    session.flush()
    if lost:
        actor = actor_of(session, conference_id=row.conference_id, account_id=by)
        record(session, conference_id=row.conference_id, actor=actor, event={"kind": noted.value}, at=now)
