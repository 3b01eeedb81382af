"""One decision about places, all others as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.domain.places import Setting
from conference.models import Conference
from conference.services.registration_settings import decide_places

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category


def set_places(
    session: Session,
    *,
    conference_id: int,
    category: Category,
    open: bool,  # noqa: A002 - what the column is called
    approval: bool,
    capacity: int | None,
    by: int | None,
    now: datetime,
) -> None:
    """Decide about one category."""
    standing = _standing(session, conference_id)
    categories = {category: Setting(open, approval, capacity)}
    _decide(session, standing, categories, capacity=standing.capacity, by=by, now=now)


def set_capacity(
    session: Session, *, conference_id: int, capacity: int | None, by: int | None, now: datetime
) -> None:
    """Decide how many places there are for everybody together."""
    _decide(session, _standing(session, conference_id), {}, capacity=capacity, by=by, now=now)


def _standing(session: Session, conference_id: int) -> Conference:
    return session.get_one(Conference, conference_id)


def _decide(
    session: Session,
    standing: Conference,
    categories: dict[Category, Setting],
    *,
    capacity: int | None,
    by: int | None,
    now: datetime,
) -> None:
    decide_places(
        session,
        conference_id=standing.id,
        categories=categories,
        capacity=capacity,
        offer_hours=standing.offer_hours,
        registration_open=standing.registration_open,
        proxy_cap=standing.proxy_cap,
        by=by,
        now=now,
    )
