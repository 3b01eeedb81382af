"""Proxies: one seat's authority for another delegate of its chamber; and substitution at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.credentials import Capacity
from conference.domain.directory import RecordSource
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from conference.extensions import db
from conference.forms.proxies import GiveForm, PaperForm, SubstituteForm
from conference.policies import Permission, may
from conference.queries.credentials import Sitting, sitting_at, sittings
from conference.queries.proxies import open_questions, seat_lines, seats_with_alternates
from conference.services.proxies import give_proxy, revoke_proxy
from conference.services.substitution import substitute
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.errors import status_of
from conference.web.locale import required_conference
from conference.web.pages import page, see
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.proxies import SeatLine, SeatPeople

blueprint = Blueprint("proxies", __name__)


# -- proxies -----------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/proxies")
@requires(Permission.SEE_CREDENTIALS)
def overview() -> Response:
    """Show leads the proxy of their seats, the committee where to record letters, and both what stands."""
    return _overview(_seats())


def _seats() -> tuple[SeatLine, ...]:
    return seat_lines(db.session(), conference_id=required_conference().id)


def _led(seats: Iterable[SeatLine]) -> list[SeatLine]:
    return [seat for seat in seats if seat.organization_id in current_identity().people_of]


def _choices(seats: Iterable[SeatLine]) -> list[tuple[str, str]]:
    named = [
        (seat.key, _("%(organization)s (%(chamber)s)", organization=seat.name, chamber=word(seat.chamber)))
        for seat in seats
    ]
    return [("", _("Choose an organization")), *named]


def _give_form(giving: SeatLine, seats: Iterable[SeatLine], **values: object) -> GiveForm:
    form = GiveForm(prefix=giving.key, **values)
    form.holder.choices = _choices(
        seat for seat in seats if seat.may_hold and seat.chamber is giving.chamber and seat.key != giving.key
    )
    return form


def _paper_form(seats: Iterable[SeatLine], **values: object) -> PaperForm:
    listed = tuple(seats)
    form = PaperForm(prefix="paper", **values)
    form.principal.choices = _choices(seat for seat in listed if seat.may_give)
    form.holder.choices = _choices(seat for seat in listed if seat.may_hold)
    return form


def _overview(
    seats: tuple[SeatLine, ...],
    *,
    status: int = 200,
    problem: str | None = None,
    given: Mapping[str, GiveForm] | None = None,
    paper: PaperForm | None = None,
) -> Response:
    """`given` and `paper` are forms that somebody sent and has to correct."""
    led, records = _led(seats), may(current_identity(), Permission.RECORD_PROXIES)
    blank = {seat.key: _give_form(seat, seats, formdata=None) for seat in led if seat.may_give}
    return page(
        "proxies/overview.html",
        status=status,
        led=led,
        standing=[seat for seat in seats if seat.holder is not None],
        forms=blank | dict(given or {}),
        paper=(paper or _paper_form(seats, formdata=None)) if records else None,
        cap=seats[0].cap if seats else 0,
        open_questions=open_questions(db.session(), conference_id=required_conference().id),
        problem=problem,
    )


def _refused(refused: DomainError) -> Response:
    db.session.rollback()
    return _overview(_seats(), status=status_of(refused), problem=error_text(refused.code, **refused.data))


def _required(seats: Iterable[SeatLine], key: str) -> SeatLine:
    found = next((seat for seat in seats if seat.key == key), None)
    if found is None:
        raise NotFound("seat_not_found")
    return found


def _led_seat(seats: Iterable[SeatLine], key: str) -> SeatLine:
    """Return the seat of an organization that whoever asks leads; Forbidden for others."""
    try:
        return _required(_led(seats), key)
    except NotFound:
        raise Forbidden from None


@blueprint.post("/<lang>/<slug>/proxies/<key>/given")
@requires(Permission.GIVE_PROXIES)
def give(key: str) -> BaseResponse:
    """Give the proxy of a seat that one leads."""
    seats = _seats()
    giving = _led_seat(seats, key)
    form = _give_form(giving, seats)
    if not form.validate_on_submit():
        return _overview(seats, status=422, given={key: form})
    return _given(giving, _required(seats, form.holder.data), RecordSource.SYSTEM)


@blueprint.post("/<lang>/<slug>/proxies/recorded")
@requires(Permission.RECORD_PROXIES)
def record_on_paper() -> BaseResponse:
    """Record a letter that gives a proxy."""
    seats = _seats()
    form = _paper_form(seats)
    if not form.validate_on_submit():
        return _overview(seats, status=422, paper=form)
    giving, holding = (_required(seats, field.data) for field in (form.principal, form.holder))
    return _given(giving, holding, RecordSource.PAPER)


def _given(giving: SeatLine, holding: SeatLine, source: RecordSource) -> BaseResponse:
    try:
        give_proxy(
            db.session(),
            conference_id=required_conference().id,
            organization_id=giving.organization_id,
            holder_id=holding.organization_id,
            source=source,
            by=required_account(),
            now=now(),
        )
    except (Conflict, Invalid, NotFound) as refused:
        return _refused(refused)
    db.session.commit()
    flash(
        _(
            "%(principal)s gave its proxy to %(holder)s. It counts from the next question on.",
            principal=giving.name,
            holder=holding.name,
        ),
        "success",
    )
    return see(url_for("proxies.overview"))


@blueprint.post("/<lang>/<slug>/proxies/<key>/revoked")
@requires(Permission.GIVE_PROXIES)
def revoke(key: str) -> BaseResponse:
    """Take back the proxy of a seat that one leads."""
    return _revoked(_led_seat(_seats(), key))


@blueprint.post("/<lang>/<slug>/proxies/recorded/<key>/revoked")
@requires(Permission.RECORD_PROXIES)
def record_revocation(key: str) -> BaseResponse:
    """Record that an organization took its proxy back."""
    return _revoked(_required(_seats(), key))


def _revoked(giving: SeatLine) -> BaseResponse:
    try:
        revoke_proxy(
            db.session(),
            conference_id=required_conference().id,
            organization_id=giving.organization_id,
            by=required_account(),
            now=now(),
        )
    except Conflict as refused:
        return _refused(refused)
    db.session.commit()
    flash(
        _("%(principal)s votes for itself again, from the next question on.", principal=giving.name),
        "success",
    )
    return see(url_for("proxies.overview"))


# -- substitution ------------------------------------------------------------------------------


def _sitting(key: str | None) -> Sitting:
    conference = required_conference()
    held = sittings(db.session(), conference_id=conference.id)
    local = now().astimezone(ZoneInfo(conference.time_zone)).replace(tzinfo=None)
    found = sitting_at(held, local) if key is None else next((one for one in held if one.key == key), None)
    if found is None:
        raise NotFound("sitting_not_found")
    return found


def _people(sitting: Sitting) -> tuple[SeatPeople, ...]:
    return seats_with_alternates(db.session(), conference_id=required_conference().id, sitting_id=sitting.id)


@blueprint.get("/<lang>/<slug>/substitutions")
@requires(Permission.RECORD_PROXIES)
def substitutions() -> Response:
    """List the seats with an alternate, and which of the two sits in the sitting."""
    held = sittings(db.session(), conference_id=required_conference().id)
    sitting = _sitting(request.args.get("sitting")) if held else None
    return page(
        "proxies/substitutions.html",
        sittings=held,
        sitting=sitting,
        seats=() if sitting is None else _people(sitting),
    )


@blueprint.get("/<lang>/<slug>/substitutions/<key>")
@requires(Permission.RECORD_PROXIES)
def ask_who_sits(key: str) -> Response:
    """Ask who of a seat's two people sits from now on."""
    sitting = _sitting(request.args.get("sitting"))
    return _asked(sitting, _seat_of(sitting, key))


@blueprint.post("/<lang>/<slug>/substitutions/<key>")
@requires(Permission.RECORD_PROXIES)
def exchange(key: str) -> BaseResponse:
    """Seat the alternate in the delegate's place, or the delegate again."""
    sitting = _sitting(request.args.get("sitting"))
    seat = _seat_of(sitting, key)
    form = _substitute_form(seat)
    if not form.validate_on_submit():
        return _asked(sitting, seat, form=form, status=422)
    try:
        substitute(
            db.session(),
            conference_id=required_conference().id,
            sitting_id=sitting.id,
            organization_id=seat.organization_id,
            capacity=Capacity(form.sits.data),
            by=required_account(),
            now=now(),
        )
    except Conflict as refused:
        db.session.rollback()
        form.form_errors = [error_text(refused.code, **refused.data)]
        return _asked(sitting, _seat_of(sitting, key), form=form, status=409)
    db.session.commit()
    flash(
        _("%(organization)s: noted who sits. It counts from the next question on.", organization=seat.name),
        "success",
    )
    return see(url_for("proxies.substitutions", sitting=sitting.key))


def _seat_of(sitting: Sitting, key: str) -> SeatPeople:
    for seat in _people(sitting):
        if seat.key == key:
            return seat
    raise NotFound("seat_not_found")


def _substitute_form(seat: SeatPeople) -> SubstituteForm:
    form = SubstituteForm()
    people = [Capacity.ALTERNATE, *([Capacity.DELEGATE] if seat.has_delegate else [])]
    form.sits.choices = [(capacity.value, word(capacity)) for capacity in people if capacity is not seat.sits]
    return form


def _asked(
    sitting: Sitting, seat: SeatPeople, *, form: SubstituteForm | None = None, status: int = 200
) -> Response:
    return page(
        "proxies/substitution.html",
        status=status,
        sitting=sitting,
        seat=seat,
        form=form or _substitute_form(seat),
        open_questions=open_questions(db.session(), conference_id=required_conference().id),
    )
