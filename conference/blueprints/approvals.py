"""What two organizers must agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app
from flask_babel import lazy_gettext as _

from conference.domain.approvals import ApprovalKind
from conference.domain.errors import Conflict, DomainError
from conference.domain.jobs import JobKind
from conference.forms.approvals import AskForm
from conference.policies import Permission
from conference.web import approvals
from conference.web.access import requires
from conference.web.pages import page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("approvals", __name__)


def _exports_page(form: AskForm, status: int = 200, refusal: DomainError | None = None) -> Response:
    return page(
        "approvals/listing.html",
        "exports",
        status=status,
        form=form,
        switched_on=current_app.config["EXPORT_PEOPLE"],
        **approvals.shown(ApprovalKind.EXPORT_PEOPLE, refusal),
    )


EXPORTS = approvals.Room(
    kind=ApprovalKind.EXPORT_PEOPLE,
    form=AskForm,
    show=_exports_page,
    listing="approvals.listing",
    approved=_("Approved. Whoever asked can start the export, once, within a day."),
    job=JobKind.EXPORT_PEOPLE,
    cause="export-people",
)


def _require_switched_on() -> None:
    if not current_app.config["EXPORT_PEOPLE"]:
        raise Conflict("exports_off")


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
    return approvals.ask(EXPORTS)


@blueprint.post("/<lang>/<slug>/exports/<int:approval_id>/withdraw")
@requires(Permission.ASK_FOR_PEOPLE)
def withdraw(approval_id: int) -> BaseResponse:
    """Take back one's own request that nobody has answered, or any that is approved and unused."""
    return approvals.withdraw(EXPORTS, approval_id)


@blueprint.post("/<lang>/<slug>/exports/<int:approval_id>/answer")
@requires(Permission.EXPORT_PEOPLE)
def answer(approval_id: int) -> BaseResponse:
    """Approve or refuse what another organizer asked for."""
    _require_switched_on()
    return approvals.answer(EXPORTS, approval_id)


@blueprint.post("/<lang>/<slug>/exports/<int:approval_id>/start")
@requires(Permission.EXPORT_PEOPLE)
def start(approval_id: int) -> BaseResponse:
    """Start the export that was approved."""
    _require_switched_on()
    return approvals.start(EXPORTS, approval_id, parameters={})
