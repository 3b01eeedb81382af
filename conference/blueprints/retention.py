"""What is forgotten when, and legal holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, flash, url_for
from flask_babel import gettext as _

from conference.domain.errors import Conflict
from conference.domain.retention import HoldReason
from conference.extensions import db
from conference.forms.retention import HoldForm
from conference.policies import Permission, may
from conference.queries.retention import last_purges, standing_hold
from conference.services.holds import begin_hold, lift_hold
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.job_wording import purge_report
from conference.web.locale import required_conference
from conference.web.pages import go, page, see
from conference.web.retention import periods
from conference.web.retention_wording import by_age, by_calendar
from conference.web.sign_ins import limits_of
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("retention", __name__)


def _form() -> HoldForm:
    form = HoldForm()
    form.reason.choices = [(reason.value, word(reason)) for reason in HoldReason]
    return form


def _page(form: HoldForm | None = None, *, status: int = 200, refusal: Conflict | None = None) -> Response:
    conference, session = required_conference(), db.session()
    holds = may(current_identity(), Permission.HOLD_RECORDS)
    return page(
        "retention/forgetting.html",
        "hold",
        status=status,
        hold=standing_hold(session, conference_id=conference.id),
        by_calendar=by_calendar(periods(), last_day=conference.last_day),
        by_age=by_age(
            periods(),
            sign_ins=limits_of(staff=False).absolute,
            kept_forms=current_app.config["KEPT_FORM_LIFETIME"],
        ),
        form=(form or _form()) if holds else None,
        purges=[(each.ended_at, purge_report(each.report)) for each in last_purges(session)] if holds else [],
        problem=None if refusal is None else error_text(refusal.code, **refusal.data),
    )


@blueprint.get("/<lang>/<slug>/forgetting")
@requires(Permission.READ_PUBLIC)
def forgetting() -> Response:
    """Tell everybody what is known how long; organizers begin and lift legal holds here."""
    return _page()


@blueprint.post("/<lang>/<slug>/forgetting/hold")
@requires(Permission.HOLD_RECORDS)
def begin() -> BaseResponse:
    """Have nothing of this conference forgotten from now on."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form, status=422)
    try:
        begin_hold(
            db.session(),
            conference_id=required_conference().id,
            reason=HoldReason(form.reason.data),
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return _page(status=409, refusal=refusal)
    db.session.commit()
    flash(
        _("The hold stands. Nothing of this conference is forgotten on schedule until it is lifted."),
        "success",
    )
    return go(url_for("retention.forgetting"))


@blueprint.get("/<lang>/<slug>/forgetting/lift")
@requires(Permission.HOLD_RECORDS)
def ask_to_lift() -> BaseResponse:
    """Say what is erased once the hold is lifted, and from when: nobody brings it back."""
    conference = required_conference()
    hold = standing_hold(db.session(), conference_id=conference.id)
    if hold is None:
        return see(url_for("retention.forgetting"))
    return page(
        "retention/lift.html",
        hold=hold,
        erased=by_calendar(periods(), last_day=conference.last_day),
        today=now().astimezone(ZoneInfo(conference.time_zone)).date(),
    )


@blueprint.post("/<lang>/<slug>/forgetting/lift")
@requires(Permission.HOLD_RECORDS)
def lift() -> BaseResponse:
    """Let this conference forget in time again."""
    try:
        lift_hold(db.session(), conference_id=required_conference().id, by=required_account(), now=now())
    except Conflict as refusal:
        db.session.rollback()
        return _page(status=409, refusal=refusal)
    db.session.commit()
    flash(_("The hold is lifted. What is due by now is forgotten within a day."), "success")
    return go(url_for("retention.forgetting"))
