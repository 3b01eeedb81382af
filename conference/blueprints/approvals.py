"""What two organizers must agree on."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, url_for
from flask_babel import gettext as _

from conference.domain.approvals import NEW_ORGANIZER, ApprovalKind
from conference.domain.errors import Conflict, DomainError, Forbidden
from conference.domain.jobs import JobKind
from conference.extensions import db
from conference.forms.approvals import AnswerForm, AskForm
from conference.policies import Permission
from conference.queries.approvals import requests_for
from conference.services.approvals import ask_for_approval, decide_approval, use_approval
from conference.services.jobs import ask_for
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page
from conference.web.wording import error_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("approvals", __name__)

_KIND = ApprovalKind.EXPORT_PEOPLE


def _exports_page(form: AskForm, *, status: int = 200, refusal: DomainError | None = None) -> Response:
    return page(
        "approvals/listing.html",
        "exports",
        status=status,
        form=form,
        requests=requests_for(db.session(), conference_id=required_conference().id, kind=_KIND, now=now()),
        switched_on=current_app.config["EXPORT_PEOPLE"],
        account_id=required_account(),
        new_hours=NEW_ORGANIZER // timedelta(hours=1),
        problem=None if refusal is None else error_text(refusal.code, **refusal.data),
    )


def _require_switched_on() -> None:
    if not current_app.config["EXPORT_PEOPLE"]:
        raise Conflict("exports_off")


def _refused(refusal: DomainError, form: AskForm | None = None) -> Response:
    """Answer with the page as it is now, and say above it what was refused."""
    db.session.rollback()
    status = 403 if isinstance(refusal, Forbidden) else 409
    return _exports_page(form or AskForm(formdata=None), status=status, refusal=refusal)


@blueprint.get("/<lang>/<slug>/exports")
@requires(Permission.ASK_FOR_PEOPLE)
def listing() -> Response:
    """List who asked for exports and why; another organizer answers here."""
    return _exports_page(AskForm())


@blueprint.post("/<lang>/<slug>/exports")
@requires(Permission.ASK_FOR_PEOPLE)
def ask() -> BaseResponse:
    """Ask another organizer, with a reason."""
    _require_switched_on()
    form = AskForm()
    if not form.validate_on_submit():
        return _exports_page(form, status=422)
    try:
        ask_for_approval(
            db.session(),
            conference_id=required_conference().id,
            kind=_KIND,
            reason=form.reason.data or "",
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        return _refused(refusal, form)
    db.session.commit()
    flash(_("You have asked. Another organizer has a day to answer."), "success")
    return go(url_for("approvals.listing"))


@blueprint.post("/<lang>/<slug>/exports/<int:approval_id>/answer")
@requires(Permission.EXPORT_PEOPLE)
def answer(approval_id: int) -> BaseResponse:
    """Approve or refuse what another organizer asked for."""
    _require_switched_on()
    form = AnswerForm()
    if not form.validate_on_submit():
        return _exports_page(AskForm(formdata=None), status=422)
    approve = form.answer.data == "approve"
    try:
        decide_approval(
            db.session(),
            conference_id=required_conference().id,
            approval_id=approval_id,
            kind=_KIND,
            approve=approve,
            by=required_account(),
            now=now(),
        )
    except (Conflict, Forbidden) as refusal:
        return _refused(refusal)
    db.session.commit()
    said = _("Approved. Whoever asked can start the export, once, within a day.")
    flash(said if approve else _("Refused."), "success")
    return go(url_for("approvals.listing"))


@blueprint.post("/<lang>/<slug>/exports/<int:approval_id>/start")
@requires(Permission.EXPORT_PEOPLE)
def start(approval_id: int) -> BaseResponse:
    """Start the export that was approved; its page shows how far it is, and has the file when it is done."""
    _require_switched_on()
    key = secrets.token_urlsafe(32)
    try:
        _start(approval_id, key)
    except Conflict as refusal:
        return _refused(refusal)
    db.session.commit()
    return go(url_for("jobs.detail", key=key))


def _start(approval_id: int, key: str) -> None:
    conference_id, account_id, moment = required_conference().id, required_account(), now()
    use_approval(
        db.session(),
        conference_id=conference_id,
        approval_id=approval_id,
        kind=_KIND,
        by=account_id,
        now=moment,
    )
    ask_for(
        db.session(),
        kind=JobKind.EXPORT_PEOPLE,
        conference_id=conference_id,
        asked_by=account_id,
        key=key,
        parameters={"language": current_language()},
        cause=f"export-people-{approval_id}",
        now=moment,
    )
