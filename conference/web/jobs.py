"""What each kind of job does, in one table, and how one is run whoever dies meanwhile."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from conference.domain.errors import DomainError, Invalid, NotFound
from conference.domain.jobs import JobKind
from conference.domain.schedule_xml import parse_schedule
from conference.domain.slugs import slug_of
from conference.exports.people import people_csv
from conference.extensions import db
from conference.queries.approvals import people_to_export
from conference.services.jobs import (
    LeaseLost,
    Outcome,
    Work,
    check_asker,
    fail,
    finish,
    put_back,
    release,
    step,
    take,
)
from conference.web.badges import print_badges
from conference.web.clock import now
from conference.web.logs import where
from conference.web.notices import write_to_people
from conference.web.organization_import import bring_in_organizations
from conference.web.retention import purge_now, wipe_rest
from conference.web.schedules import store_schedule
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

LOGGER = logging.getLogger("asamblea.jobs")
# Seconds between two notes of how far a job has come: each is a transaction.
STEP_SECONDS = 0.5


class Stopped(Exception):
    """The worker is to stop, and the job goes back into the queue."""


class Progress:
    """Notes how far a job has come, renews its lease, and lets it stop between two steps.

    Each note commits: it is called before the transaction of what the job changes, never within.
    """

    def __init__(self, work: Work, stopping: Event) -> None:
        self._work = work
        self._stopping = stopping
        self._noted = 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        if self._stopping.is_set():
            raise Stopped
        if done != total and time.monotonic() - self._noted < STEP_SECONDS:
            return
        self._noted = time.monotonic()
        step(db.session(), work=self._work, done=done, total=total, now=now())
        db.session.commit()


def run(job_id: int) -> None:
    """Do a job if it is due and nobody works on it; what became of it is in its row.

    What it changes and that it is done are kept in one transaction: whoever kills this process at any moment
    leaves a job that is done, or one that will be done again from its beginning.
    """
    session = db.session()
    work = take(session, job_id=job_id, now=now())
    session.commit()
    if work is None:
        return
    try:
        _do(work)
        if work.kind is JobKind.PURGE and not work.parameters.get("dry_run"):
            wipe_rest()
    except LeaseLost:
        db.session.rollback()
        LOGGER.warning("job %s (%s): somebody else has it", work.id, work.kind)
    finally:
        db.session.remove()


def _do(work: Work) -> None:
    session = db.session()
    stopping: Event = current_app.extensions["queue"].stopping
    try:
        check_asker(session, work=work)
        outcome = DO[work.kind](work, Progress(work, stopping))
        # Long work was long: it is kept only if whoever asked for it may still ask for it.
        check_asker(session, work=work)
        finish(session, work=work, outcome=outcome, now=now())
    except LeaseLost:
        raise
    except Stopped:
        session.rollback()
        release(session, work=work, now=now())
    except DomainError as refusal:
        session.rollback()
        fail(session, work=work, code=refusal.code, data=refusal.data, now=now())
    except Exception as error:  # noqa: BLE001 - the worker goes on with the next; this one is tried again
        session.rollback()
        LOGGER.error("job %s (%s): %s", work.id, work.kind, where(error))
        put_back(session, work=work, now=now())
    session.commit()


# -- what each kind does ---------------------------------------------------------------------------


def _purge(work: Work, progress: Progress) -> Outcome:
    """Forget whose period is over; a dry run counts them and takes everything back."""
    progress(0)
    session = db.session()
    tried = session.begin_nested()
    report = purge_now(session)
    if work.parameters.get("dry_run"):
        tried.rollback()
    else:
        tried.commit()
    return Outcome(asdict(report))


def _import_program(work: Work, progress: Progress) -> Outcome:
    """Make a conference of a schedule in XML; whoever asked for it organizes the new conference."""
    if work.asked_by_id is None:
        raise Invalid("job_of_nobody")
    zone = str(work.parameters.get("zone") or "") or None
    schedule = parse_schedule(work.upload or b"", zone=zone, heard=progress)
    slug = str(work.parameters.get("slug") or "") or slug_of(schedule.acronym or schedule.title)
    language = str(work.parameters["language"])
    found = store_schedule(schedule, slug=slug, language=language, organizer=work.asked_by_id)
    return Outcome(
        {
            "slug": slug,
            "sessions": found.events,
            "rooms": len(schedule.rooms),
            "tracks": len(schedule.tracks),
            "speakers": len({person for event in schedule.events for person in event.persons}),
        }
    )


def _export_people(work: Work, progress: Progress) -> Outcome:
    """Write those who hold a place into a table; two organizers agreed on it before it was asked for."""
    progress(0)
    if work.conference_id is None:
        raise NotFound("conference_not_found")
    people = people_to_export(db.session(), work.conference_id)
    with force_locale(str(work.parameters["language"])):
        headings = (
            _("Name on the badge"),
            _("Category"),
            _("Organization"),
            _("Language"),
            _("Languages spoken"),
            _("Photos"),
        )
        table = people_csv(people, headings=headings, word=word)
        return Outcome({"people": len(people)}, table, _("people.csv"))


DO: dict[JobKind, Callable[[Work, Progress], Outcome]] = {
    JobKind.PURGE: _purge,
    JobKind.IMPORT_ORGANIZATIONS: bring_in_organizations,
    JobKind.IMPORT_PROGRAM: _import_program,
    JobKind.EXPORT_PEOPLE: _export_people,
    JobKind.PRINT_BADGES: print_badges,
    JobKind.WRITE_TO_PEOPLE: write_to_people,
}
