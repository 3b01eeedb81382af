"""What the pages share on which two organizers agree: asking, answering, starting what was approved."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from conference.domain.approvals import LIFETIME, NEW_ORGANIZER
from conference.domain.errors import Conflict, DomainError, Forbidden
from conference.extensions import db
from conference.forms.approvals import AnswerForm
from conference.queries.approvals import approvable_from, requests_for
from conference.services.approvals import ask_for_approval, decide_approval, use_approval, withdraw_request
from conference.services.jobs import ask_for
from conference.web.access import required_account
from conference.web.clock import now
from conference.web.locale import current_language, required_conference
from conference.web.pages import go
from conference.web.wording import error_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_babel.speaklater import LazyString
    from werkzeug.wrappers import Response as BaseResponse

    from conference.domain.approvals import ApprovalKind
    from conference.domain.jobs import JobKind
    from conference.forms.approvals import AskForm


@dataclass(frozen=True, slots=True)
class Room:
    """A page on which one thing is agreed: what, the form that asks for it, and the work that comes of it.

    `show` makes the page of a form, a status, and a refusal that stands above it.
    """

    kind: ApprovalKind
    form: type[AskForm]
    show: Callable[[AskForm, int, DomainError | None], Response]
    listing: str
    approved: LazyString
    job: JobKind
    cause: str


def shown(room_kind: ApprovalKind, refusal: DomainError | None) -> dict[str, Any]:
    """Return what every such page shows; `approvable_at` is None where nobody else organizes."""
    session, conference_id, moment = db.session(), required_conference().id, now()
    account_id = required_account()
    approvable_at = approvable_from(session, conference_id=conference_id, asked_by=account_id, now=moment)
    return {
        "requests": requests_for(session, conference_id=conference_id, kind=room_kind, now=moment),
        "account_id": account_id,
        "approvable_at": approvable_at,
        "approvable_now": approvable_at == moment,
        "ends_at": moment + LIFETIME,
        "new_hours": NEW_ORGANIZER // timedelta(hours=1),
        "problem": None if refusal is None else error_text(refusal.code, **refusal.data),
    }


def _refused(room: Room, refusal: DomainError, form: AskForm | None = None) -> Response:
    """Answer with the page as it is now, and say above it what was refused."""
    db.session.rollback()
    status = 403 if isinstance(refusal, Forbidden) else 409
    return room.show(form or room.form(formdata=None), status, refusal)


def ask(room: Room) -> BaseResponse:
    """Ask another organizer, with a reason."""
    form = room.form()
    if not form.validate_on_submit():
        return room.show(form, 422, None)
    try:
        ask_for_approval(
            db.session(),
            conference_id=required_conference().id,
            kind=room.kind,
            reason=form.reason.data or "",
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        return _refused(room, refusal, form)
    db.session.commit()
    flash(_("You have asked. The request is listed below."), "success")
    return go(url_for(room.listing))


def withdraw(room: Room, approval_id: int) -> BaseResponse:
    """Take back what one asked for and nobody has answered, or what is approved and unused."""
    try:
        withdraw_request(
            db.session(),
            conference_id=required_conference().id,
            approval_id=approval_id,
            kind=room.kind,
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        return _refused(room, refusal)
    db.session.commit()
    flash(_("The request is taken back: nothing can be made of it any more."), "success")
    return go(url_for(room.listing))


def answer(room: Room, approval_id: int) -> BaseResponse:
    """Approve or refuse what another organizer asked for."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return room.show(room.form(formdata=None), 422, None)
    approve = form.answer.data == "approve"
    try:
        decide_approval(
            db.session(),
            conference_id=required_conference().id,
            approval_id=approval_id,
            kind=room.kind,
            approve=approve,
            by=required_account(),
            now=now(),
        )
    except (Conflict, Forbidden) as refusal:
        return _refused(room, refusal)
    db.session.commit()
    flash(str(room.approved) if approve else _("Refused."), "success")
    return go(url_for(room.listing))


def start(
    room: Room, approval_id: int, *, parameters: dict[str, object], check: Callable[[], None] | None = None
) -> BaseResponse:
    """Start what was approved, once; its page shows how far it is, and has the file when it is done.

    `check` raises Conflict where an approval would be used up for nothing.
    """
    key = secrets.token_urlsafe(32)
    try:
        if check is not None:
            check()
        _start(room, approval_id, key, parameters)
    except (Conflict, Forbidden) as refusal:
        return _refused(room, refusal)
    db.session.commit()
    return go(url_for("jobs.detail", key=key))


def _start(room: Room, approval_id: int, key: str, parameters: dict[str, object]) -> None:
    conference_id, account_id, moment = required_conference().id, required_account(), now()
    use_approval(
        db.session(),
        conference_id=conference_id,
        approval_id=approval_id,
        kind=room.kind,
        by=account_id,
        now=moment,
    )
    ask_for(
        db.session(),
        kind=room.job,
        conference_id=conference_id,
        asked_by=account_id,
        key=key,
        parameters={"language": current_language(), **parameters},
        cause=f"{room.cause}-{approval_id}",
        now=moment,
    )
