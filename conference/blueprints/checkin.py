"""The door: a scanned or typed code, and what came of it. No page here lists people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.errors import NotFound
from conference.extensions import db, limiter
from conference.forms.base import clean_line
from conference.forms.checkin import LeaveForm, ScanForm
from conference.policies import Permission
from conference.queries.checkin import (
    Doors,
    ShownScan,
    door_counts,
    doors,
    just_left,
    present_seats,
    shown_scan,
)
from conference.services.checkin import check_in
from conference.services.leaving import mark_left, take_leaving_back
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.keys import keys_for
from conference.web.locale import required_conference, row_number
from conference.web.pages import page, see, wants_fragment
from conference.web.wording import word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.checkin import PresentSeat

blueprint = Blueprint("checkin", __name__)


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """Whom a door has just let in stays in no browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<lang>/<slug>/door")
@requires(Permission.SCAN_TICKETS)
def door() -> Response:
    """Show a door, by default the one that is needed now, and what was done last without script."""
    place = _doors(request.args.get("door") or None)
    scan_id = request.args.get("scan", type=row_number)
    left_id = request.args.get("left", type=row_number)
    form = ScanForm(formdata=None, door=place.chosen.key)
    scan = None if scan_id is None else _scan(scan_id)
    return _door_page(place, form, scan, left=None if left_id is None else _just_left(place, left_id))


@blueprint.post("/<lang>/<slug>/door")
@limiter.limit(lambda: current_app.config["LIMIT_DOOR"])
@requires(Permission.SCAN_TICKETS)
def scan() -> BaseResponse:
    """Check a ticket in, and say what came of it."""
    form = ScanForm()
    if not form.validate_on_submit():
        return _door_page(_doors(form.door.data or None), form, None, status=422)
    answer = check_in(
        db.session(),
        conference_id=required_conference().id,
        door=form.door.data or "",
        text=form.text.data or "",
        by=required_account(),
        keys=keys_for("tickets"),
        now=now(),
    )
    db.session.commit()
    if not wants_fragment():
        return see(url_for("checkin.door", door=form.door.data, scan=answer.scan_id))
    return _door_page(_doors(form.door.data), form, _scan(answer.scan_id))


def _doors(key: str | None) -> Doors:
    return doors(db.session(), conference=required_conference(), door=key, now=now())


def _scan(scan_id: int) -> ShownScan | None:
    return shown_scan(
        db.session(),
        conference_id=required_conference().id,
        scan_id=scan_id,
        by=required_account(),
        now=now(),
    )


def _just_left(place: Doors, seat_id: int) -> PresentSeat | None:
    return just_left(
        db.session(),
        conference_id=required_conference().id,
        door=place.chosen.key,
        seat_id=seat_id,
        now=now(),
    )


def _door_page(
    place: Doors,
    form: ScanForm,
    scan: ShownScan | None,
    *,
    status: int = 200,
    left: PresentSeat | None = None,
) -> Response:
    return page(
        "checkin/door.html",
        "outcome",
        status=status,
        doors=place,
        form=form,
        scan=scan,
        left=left,
        counts=door_counts(db.session(), conference_id=required_conference().id, door=place.chosen),
    )


@blueprint.get("/<lang>/<slug>/door/leaving")
@requires(Permission.SCAN_TICKETS)
def leaving() -> Response:
    """Ask which organization's delegate leaves a sitting."""
    place = _doors(request.args.get("door") or None)
    seats = _seats(place.chosen.key)
    return _leaving_page(place, _leave_form(place.chosen.key, seats), seats)


@blueprint.post("/<lang>/<slug>/door/leaving")
@limiter.limit(lambda: current_app.config["LIMIT_DOOR"])
@requires(Permission.SCAN_TICKETS)
def leave() -> BaseResponse:
    """Note that the delegate of a seat has left."""
    place = _doors(clean_line(request.form.get("door")) or None)
    seats = _seats(place.chosen.key)
    form = _leave_form(place.chosen.key, seats)
    if not form.validate_on_submit():
        return _leaving_page(place, form, seats, 422)
    mark_left(
        db.session(),
        conference_id=required_conference().id,
        door=place.chosen.key,
        seat_id=int(form.seat.data),
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    return see(url_for("checkin.door", door=place.chosen.key, left=form.seat.data))


@blueprint.post("/<lang>/<slug>/door/leaving/back")
@limiter.limit(lambda: current_app.config["LIMIT_DOOR"])
@requires(Permission.SCAN_TICKETS)
def take_back() -> BaseResponse:
    """Put back a delegate who was noted as gone by mistake a moment ago."""
    seat_id = request.form.get("seat", type=row_number)
    if seat_id is None:
        raise NotFound("door_not_found")
    door = clean_line(request.form.get("door")) or ""
    take_leaving_back(
        db.session(),
        conference_id=required_conference().id,
        door=door,
        seat_id=seat_id,
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    flash(_("The seat is present, as before."), "success")
    return see(url_for("checkin.door", door=door))


def _seats(door_key: str) -> tuple[PresentSeat, ...]:
    return present_seats(db.session(), conference_id=required_conference().id, door=door_key)


def _leave_form(door_key: str, seats: tuple[PresentSeat, ...]) -> LeaveForm:
    form = LeaveForm(door=door_key)
    # Nobody is chosen beforehand: one tap would take the wrong seat out of the quorum.
    form.seat.choices = [
        ("", _("Choose an organization")),
        *(
            (
                str(seat.seat_id),
                _(
                    "%(organization)s (%(chamber)s)",
                    organization=seat.organization,
                    chamber=word(seat.chamber),
                ),
            )
            for seat in seats
        ),
    ]
    return form


def _leaving_page(
    place: Doors, form: LeaveForm, seats: tuple[PresentSeat, ...], status: int = 200
) -> Response:
    return page("checkin/leaving.html", status=status, doors=place, form=form, seats=seats)
