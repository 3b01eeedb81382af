"""Reminders that are due by themselves: each asked for once, and written as notices are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.jobs import JobKind
from conference.domain.reminders import DAYS_BEFORE, reminder_due
from conference.models import Conference, Job
from conference.services.jobs import ask_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session


def ask_for_reminders(session: Session, *, new_key: Callable[[], str], now: datetime) -> tuple[int, ...]:
    """Ask for the reminders that are due and that nobody has asked for; return the jobs' ids.

    People of the sample conference are invented, and nobody writes to them.
    """
    # A day more on either side: the database knows no time zones.
    first, last = now.date() - timedelta(days=1), now.date() + timedelta(days=max(DAYS_BEFORE) + 1)
    near = session.execute(
        select(Conference.id, Conference.first_day, Conference.time_zone).where(
            Conference.first_day.between(first, last), Conference.sample.is_(False)
        )
    ).all()
    asked = []
    for conference_id, first_day, time_zone in near:
        due = reminder_due(first_day, time_zone=time_zone, now=now)
        if due is None:
            continue
        cause = f"reminder-{conference_id}-{first_day}-{due.days}"
        if session.scalar(select(Job.id).where(Job.cause == cause)) is not None:
            continue
        asked.append(
            ask_for(
                session,
                kind=JobKind.WRITE_TO_PEOPLE,
                conference_id=conference_id,
                asked_by=None,
                key=new_key(),
                parameters={"reminder": due.days},
                cause=cause,
                now=now,
            )
        )
    return tuple(asked)
