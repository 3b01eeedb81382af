"""The program by day, one session of it, and both as calendar files."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, make_response, request, session
from flask_babel import gettext as _

from conference.domain.errors import NotFound
from conference.domain.program import zone_named
from conference.exports.icalendar import CONTENT_TYPE, calendar_bytes
from conference.extensions import db
from conference.forms.program import FilterForm
from conference.policies import Permission
from conference.queries.program import Choice, Outline, outline, session_detail, sessions_of_day
from conference.queries.timetable import calendar_session, calendar_sessions
from conference.web.access import requires
from conference.web.clock import now
from conference.web.content import shown
from conference.web.etag import etag_of, not_modified, release
from conference.web.locale import current_language, required_conference
from conference.web.pages import page, wants_fragment
from conference.web.program import calendar_feed, grouped, only_language, session_prefix, whens
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conference.queries.conference import ConferenceView
    from conference.queries.program import Label
    from conference.queries.timetable import CalendarLine

blueprint = Blueprint("program", __name__)

OTHER = "other"


@blueprint.get("/<lang>/<slug>/program")
@requires(Permission.READ_PUBLIC)
def days() -> Response:
    """Show one day; a stranger who has this version already is told so before a session is read."""
    conference = required_conference()
    today = now().astimezone(zone_named(conference.time_zone)).date()
    etag = _etag_for_strangers(today)
    if etag is not None and (answer := not_modified(etag)) is not None:
        answer.vary.add("HX-Request")
        return answer
    response = _day_page(conference, today)
    if etag is not None:
        response.set_etag(etag, weak=True)
    return response


def _etag_for_strangers(today: date) -> str | None:
    # Who has a session sees a page of their own: a sign-out form with their token, or a message.
    if session or current_app.debug:
        return None
    return _etag(request.full_path, today, wants_fragment())


def _etag(*parts: object) -> str:
    # All of the conference, not its version alone: its name, city and zones are on the page too.
    return etag_of(release(), required_conference(), current_language(), *parts)


def _day_page(conference: ConferenceView, today: date) -> Response:
    found = outline(db.session(), conference_id=conference.id)
    choosable = tuple(sorted({*conference.dates, *found.days}))
    day = _chosen_day(choosable, today)
    choice = _choice(found)
    zone = _zone(conference)
    lines = sessions_of_day(db.session(), conference_id=conference.id, day=day, choice=choice)
    groups = grouped(lines, day=day, venue=conference.time_zone, zone=zone)
    kept = {"room": choice.room, "track": choice.track, "kind": choice.kind}
    return page(
        "program/days.html",
        "timetable",
        form=_filter_form(found, day, choice, zone),
        day=day,
        days=choosable,
        zone=zone,
        venue_zone=conference.time_zone,
        other_zone=conference.other_time_zone,
        groups=groups,
        count=len(lines),
        only_language=only_language(groups),
        prefix=session_prefix(),
        kinds=found.kinds,
        filtered=any(kept.values()),
        kept=kept,
        zone_kept=OTHER if zone != conference.time_zone else None,
    )


def _chosen_day(choosable: tuple[date, ...], today: date) -> date:
    asked = request.args.get("day")
    if not asked:
        return today if today in choosable else choosable[0]
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = None
    if day not in choosable:
        raise NotFound("page_not_found")
    return day


def _choice(found: Outline) -> Choice:
    """Return what was asked for; what this program does not have is not asked for."""
    asked = request.args
    kinds = {kind.value: kind for kind in found.kinds}
    return Choice(
        room=_known(asked.get("room"), found.rooms),
        track=_known(asked.get("track"), found.tracks),
        kind=kinds.get(asked.get("kind", "")),
    )


def _known(key: str | None, labels: Iterable[Label]) -> str | None:
    return key if any(label.key == key for label in labels) else None


def _zone(conference: ConferenceView) -> str:
    wants_other = request.args.get("zone") == OTHER
    return (wants_other and conference.other_time_zone) or conference.time_zone


def _filter_form(found: Outline, day: date, choice: Choice, zone: str) -> FilterForm:
    form = FilterForm(
        formdata=None,
        day=day.isoformat(),
        zone="" if zone == required_conference().time_zone else OTHER,
        room=choice.room or "",
        track=choice.track or "",
        kind=choice.kind or "",
    )
    form.room.choices = [("", _("All rooms")), *_options(found.rooms)]
    form.track.choices = [("", _("All tracks")), *_options(found.tracks)]
    form.kind.choices = [("", _("All kinds")), *((kind.value, word(kind)) for kind in found.kinds)]
    return form


def _options(labels: Iterable[Label]) -> list[tuple[str, str]]:
    return [(label.key, shown(label.name).text) for label in labels]


@blueprint.get("/<lang>/<slug>/sessions/<key>")
@requires(Permission.READ_PUBLIC)
def detail(key: str) -> Response:
    """Show all that is public of one session."""
    conference = required_conference()
    found = session_detail(db.session(), conference_id=conference.id, key=key)
    return page("program/detail.html", program_session=found, whens=whens(found, conference))


@blueprint.get("/<lang>/<slug>/program.ics")
@requires(Permission.READ_PUBLIC)
def calendar() -> Response:
    """Give the whole program to subscribe to."""
    etag = _etag("program")
    conference = required_conference()
    return not_modified(etag) or _calendar(
        calendar_sessions(db.session(), conference_id=conference.id), etag, conference.slug
    )


@blueprint.get("/<lang>/<slug>/sessions/<key>/calendar.ics")
@requires(Permission.READ_PUBLIC)
def session_calendar(key: str) -> Response:
    """Give one session to put into a calendar."""
    etag = _etag("session", key)
    conference = required_conference()
    return not_modified(etag) or _calendar(
        [calendar_session(db.session(), conference_id=conference.id, key=key)], etag, key
    )


def _calendar(lines: Iterable[CalendarLine], etag: str, name: str) -> Response:
    response = make_response(calendar_bytes(calendar_feed(required_conference(), lines)))
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Content-Disposition"] = f'inline; filename="{name}.ics"'
    response.set_etag(etag, weak=True)
    return response
