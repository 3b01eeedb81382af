"""Badges, on sheets and one by one, and a ticket on paper."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, send_file, url_for
from flask_babel import gettext as _

from conference.domain.approvals import NEW_ORGANIZER, ApprovalKind
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable
from conference.domain.jobs import JobKind
from conference.domain.registration import Category
from conference.domain.tickets import canonical_token
from conference.exports.badges import LABELS, SHEETS, Paper
from conference.exports.ticket_pdf import ticket_pdf as paper_ticket
from conference.exports.typesetting import can_typeset
from conference.extensions import db, limiter
from conference.forms.approvals import AnswerForm
from conference.forms.badges import AskBadgesForm, PrintForm, PrintOneForm
from conference.forms.base import SelectChoice
from conference.policies import Permission
from conference.queries.approvals import requests_for
from conference.queries.badges import badges_to_make
from conference.queries.registration import ticket as find_ticket
from conference.services.approvals import ask_for_approval, decide_approval, use_approval
from conference.services.jobs import ask_for
from conference.web.access import current_identity, required_account, requires
from conference.web.badges import EVERYBODY, OUT_OF_DATE, badges_of, make_badges
from conference.web.clock import now
from conference.web.desk import referred
from conference.web.locale import current_language, enter_conference, required_conference
from conference.web.pages import go, page
from conference.web.paper_tickets import ticket_on_paper
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("badges", __name__)

_KIND = ApprovalKind.PRINT_BADGES


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """Names and tickets stay in no browser's cache and in no index."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# -- all badges: two organizers agree ----------------------------------------------------------------


def _print_form(*, formdata: object = None) -> PrintForm:
    form = PrintForm() if formdata is None else PrintForm(formdata=None)
    form.which.choices = [
        SelectChoice(EVERYBODY, _("Everybody with a place")),
        SelectChoice(OUT_OF_DATE, _("Only those whose badge is new or has changed")),
        *(
            SelectChoice(category.value, _("Only: %(category)s", category=word(category)))
            for category in Category
        ),
    ]
    form.paper.choices = [SelectChoice(paper.value, word(paper)) for paper in (*SHEETS, *LABELS)]
    return form


def _listing(form: AskBadgesForm, *, status: int = 200, refusal: DomainError | None = None) -> Response:
    conference_id = required_conference().id
    return page(
        "badges/listing.html",
        "badges",
        status=status,
        form=form,
        print_form=_print_form(formdata=()),
        requests=requests_for(db.session(), conference_id=conference_id, kind=_KIND, now=now()),
        people=badges_to_make(db.session(), conference_id=conference_id),
        switched_on=current_app.config["PRINT_BADGES"],
        can_typeset=can_typeset(),
        account_id=required_account(),
        new_hours=NEW_ORGANIZER // timedelta(hours=1),
        problem=None if refusal is None else error_text(refusal.code, **refusal.data),
    )


def _require_printing() -> None:
    if not current_app.config["PRINT_BADGES"]:
        raise Conflict("badges_off")
    if not can_typeset():
        raise Unavailable("typst_missing")


def _refused(refusal: DomainError, form: AskBadgesForm | None = None) -> Response:
    """Answer with the page as it is now, and say above it what was refused."""
    db.session.rollback()
    status = 403 if isinstance(refusal, Forbidden) else 409
    return _listing(form or AskBadgesForm(formdata=None), status=status, refusal=refusal)


@blueprint.get("/<lang>/<slug>/badges")
@requires(Permission.PRINT_BADGES)
def listing() -> Response:
    """Say how many badges there are to print, and who asked; another organizer answers here."""
    return _listing(AskBadgesForm())


@blueprint.post("/<lang>/<slug>/badges")
@requires(Permission.PRINT_BADGES)
def ask() -> BaseResponse:
    """Ask another organizer, with a reason: all names on paper are an export of people."""
    _require_printing()
    form = AskBadgesForm()
    if not form.validate_on_submit():
        return _listing(form, status=422)
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
    return go(url_for("badges.listing"))


@blueprint.post("/<lang>/<slug>/badges/<int:approval_id>/answer")
@requires(Permission.PRINT_BADGES)
def answer(approval_id: int) -> BaseResponse:
    """Approve or refuse what another organizer asked for."""
    _require_printing()
    form = AnswerForm()
    if not form.validate_on_submit():
        return _listing(AskBadgesForm(formdata=None), status=422)
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
    said = _("Approved. Whoever asked can print the badges, once, within a day.")
    flash(said if approve else _("Refused."), "success")
    return go(url_for("badges.listing"))


@blueprint.post("/<lang>/<slug>/badges/<int:approval_id>/start")
@requires(Permission.PRINT_BADGES)
def start(approval_id: int) -> BaseResponse:
    """Start making what was approved; its page shows how far it is, and has the sheets when they are done."""
    _require_printing()
    form = _print_form()
    if not form.validate_on_submit():
        raise Invalid
    key = secrets.token_urlsafe(32)
    try:
        _start(approval_id, key, which=form.which.data, paper=form.paper.data)
    except Conflict as refusal:
        return _refused(refusal)
    db.session.commit()
    return go(url_for("jobs.detail", key=key))


def _start(approval_id: int, key: str, *, which: str, paper: str) -> None:
    conference_id, account_id, moment = required_conference().id, required_account(), now()
    # Nobody uses an approval up for nothing.
    if not badges_of(conference_id, which=which):
        raise Conflict("no_badges")
    session = db.session()
    use_approval(
        session,
        conference_id=conference_id,
        approval_id=approval_id,
        kind=_KIND,
        by=account_id,
        now=moment,
    )
    ask_for(
        session,
        kind=JobKind.PRINT_BADGES,
        conference_id=conference_id,
        asked_by=account_id,
        key=key,
        parameters={"language": current_language(), "which": which, "paper": paper},
        cause=f"print-badges-{approval_id}",
        now=moment,
    )


# -- one badge: the desk, when somebody stands there -------------------------------------------------


@blueprint.post("/<lang>/<slug>/badges/single")
@requires(Permission.RUN_DESK)
def single() -> Response:
    """Print the badge of one person, who stands at the desk: a label, or the first place of a sheet.

    Of nobody else: whom it is about was signed for whoever looked for them.
    """
    form = PrintOneForm()
    form.paper.choices = [SelectChoice(paper.value, word(paper)) for paper in Paper]
    form.paper.data = form.paper.data or Paper.LABEL_62X100.value
    if not form.validate():
        raise NotFound("badge_not_found")
    conference_id = required_conference().id
    found = badges_of(conference_id, registration_id=referred(form.person.data or ""))
    if not found:
        raise NotFound("badge_not_found")
    made = make_badges(conference_id, found, paper=Paper(form.paper.data), by=required_account())
    db.session.commit()
    return _file(made, _("badge.pdf"))


def _file(content: bytes, name: str) -> Response:
    return send_file(
        io.BytesIO(content), as_attachment=True, download_name=name, mimetype="application/pdf", max_age=0
    )


# -- a ticket on paper -------------------------------------------------------------------------------


@blueprint.get("/<lang>/tickets/<token>/ticket.pdf")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def ticket_pdf(token: str) -> Response:
    """Give a ticket as PDF to whoever holds its link; a name stands on it only for its owner."""
    canonical = canonical_token(token)
    if canonical is None:
        raise NotFound("ticket_not_found")
    found = find_ticket(db.session(), token=canonical, reader=current_identity().account_id)
    enter_conference(found.slug)
    if found.over:
        raise Conflict("ticket_cancelled")
    if not found.confirmed:
        raise Conflict("ticket_not_confirmed")
    made = paper_ticket(ticket_on_paper(canonical, found, required_conference()), made_at=now())
    return _file(made, _("ticket.pdf"))
