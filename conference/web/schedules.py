"""A timetable made elsewhere becomes a conference here, from a command or from a page."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from flask import current_app

from conference.domain.errors import Invalid
from conference.domain.schedule_digest import ScheduleCounts, counts
from conference.extensions import db
from conference.queries.timetable import timetable_events
from conference.services.program import import_schedule
from conference.web.clock import now

if TYPE_CHECKING:
    from conference.domain.schedule_xml import Schedule


def store_schedule(
    schedule: Schedule, *, slug: str, language: str, organizer: int | None = None
) -> ScheduleCounts:
    """Store a schedule as a conference, count what comes back, and return those counts.

    `organizer` is the account that organizes it from then on, if one brought it in.
    Raises Invalid("schedule_not_kept") where they are not those of the file, besides what
    `import_schedule` raises. The caller commits.
    """
    conference_id = import_schedule(
        db.session(),
        schedule=schedule,
        slug=slug,
        languages=current_app.config["LANGUAGES"],
        text_language=language,
        organizer=organizer,
        now=now(),
    )
    wanted = asdict(counts(schedule.events))
    found = counts(timetable_events(db.session(), conference_id=conference_id))
    if lost := [name for name, value in asdict(found).items() if value != wanted[name]]:
        raise Invalid("schedule_not_kept", fields=", ".join(lost))
    return found
