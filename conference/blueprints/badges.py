"""Badges, on sheets and one by one, and a ticket on paper."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from conference.domain.approvals import ApprovalKind
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from conference.domain.jobs import JobKind
from conference.domain.registration import Category
from conference.domain.suppression import suppressed
from conference.domain.tickets import canonical_token
from conference.exports.badges import LABELS, SHEETS, Paper
from conference.exports.ticket_pdf import ticket_pdf as paper_ticket
from conference.exports.typesetting import can_typeset
from conference.extensions import db, limiter
from conference.forms.badges import AskBadgesForm, PrintForm, PrintOneForm
from conference.forms.base import SelectChoice
from conference.policies import Permission
from conference.queries.badges import badges_to_make
from conference.queries.registration import ticket as find_ticket
from conference.web import approvals
from conference.web.access import current_identity, required_account, requires
from conference.web.badges import EVERYBODY, OUT_OF_DATE, badges_of, make_badges
from conference.web.clock import now
from conference.web.desk import referred
from conference.web.locale import enter_conference, required_conference
from conference.web.pages import page
from conference.web.paper_tickets import ticket_on_paper
from conference.web.wording import word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.forms.approvals import AskForm

blueprint = Blueprint("badges", __name__)


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


def _listing(form: AskForm, status: int = 200, refusal: DomainError | None = None) -> Response:
    people = badges_to_make(db.session(), conference_id=required_conference().id)
    return page(
        "badges/listing.html",
        "badges",
        status=status,
        form=form,
        print_form=_print_form(formdata=()),
        people=people,
        people_shown=suppressed({"": people})[""],
        switched_on=current_app.config["PRINT_BADGES"],
        can_typeset=can_typeset(),
        **approvals.shown(ApprovalKind.PRINT_BADGES, refusal),
    )


SHEETS_OF_BADGES = approvals.Room(
    kind=ApprovalKind.PRINT_BADGES,
    form=AskBadgesForm,
    show=_listing,
    listing="badges.listing",
    approved=lazy_gettext("Approved. Whoever asked can print the badges, once, within a day."),
    job=JobKind.PRINT_BADGES,
    cause="print-badges",
)


def _require_printing() -> None:
    if not current_app.config["PRINT_BADGES"]:
        raise Conflict("badges_off")
    if not can_typeset():
        raise Unavailable("typst_missing")


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
    return approvals.ask(SHEETS_OF_BADGES)


@blueprint.post("/<lang>/<slug>/badges/<int:approval_id>/withdraw")
@requires(Permission.PRINT_BADGES)
def withdraw(approval_id: int) -> BaseResponse:
    """Take back one's own request that nobody has answered."""
    return approvals.withdraw(SHEETS_OF_BADGES, approval_id)


@blueprint.post("/<lang>/<slug>/badges/<int:approval_id>/answer")
@requires(Permission.PRINT_BADGES)
def answer(approval_id: int) -> BaseResponse:
    """Approve or refuse what another organizer asked for."""
    _require_printing()
    return approvals.answer(SHEETS_OF_BADGES, approval_id)


@blueprint.post("/<lang>/<slug>/badges/<int:approval_id>/start")
@requires(Permission.PRINT_BADGES)
def start(approval_id: int) -> BaseResponse:
    """Start making what was approved: whose badges, and on which paper."""
    _require_printing()
    form = _print_form()
    if not form.validate_on_submit():
        raise Invalid
    which, paper = form.which.data, form.paper.data

    def some_badges() -> None:
        if not badges_of(required_conference().id, which=which):
            raise Conflict("no_badges")

    parameters: dict[str, object] = {"which": which, "paper": paper}
    return approvals.start(SHEETS_OF_BADGES, approval_id, parameters=parameters, check=some_badges)


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
