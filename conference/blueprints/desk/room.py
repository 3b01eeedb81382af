"""What all pages of the desk share: nothing stays in a browser, and whom a page is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from conference.domain.registration import RefusalReason, RegistrationStatus
from conference.exports.badges import LABELS
from conference.extensions import db
from conference.forms.base import SelectChoice
from conference.forms.desk import RejectForm
from conference.queries import desk as queries
from conference.queries.places import position
from conference.web.desk import reference, referred, sheet_reference
from conference.web.locale import required_conference
from conference.web.pages import go, page
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.domain.errors import Conflict
    from conference.forms.base import Form
    from conference.queries.desk import AtDesk

blueprint = Blueprint("desk", __name__)


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """What the desk saw of somebody stays in no browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def turn_of(person: AtDesk) -> int | None:
    """Return the place in the line of somebody who waits in it."""
    if person.party_id is None or person.status is not RegistrationStatus.WAITING:
        return None
    return position(db.session(), party_id=person.party_id)


def person_of(text: str | None) -> AtDesk:
    """Return whom a form of the desk is about: a sealed number, good for some hours."""
    return queries.person(
        db.session(), conference_id=required_conference().id, registration_id=referred(text or "")
    )


def person_page(person: AtDesk, form: Form | None = None, refusal: Conflict | None = None) -> Response:
    """Show somebody, and what can be done for them; with a rejected form, or why an act was refused."""
    status = 200 if form is None else 422
    return page(
        "desk/person.html",
        turn=turn_of(person),
        status=409 if refusal else status,
        person=person,
        reference=reference(person.registration_id),
        reject_form=reject_form(form),
        problem=None if refusal is None else error_text(refusal.code, **refusal.data),
        label_paper=LABELS[0].value,
    )


def reject_form(sent: Form | None = None) -> RejectForm:
    """Return the form that asks for the reason, as it was sent or new."""
    form = sent if isinstance(sent, RejectForm) else RejectForm(formdata=None)
    form.reason.choices = [
        SelectChoice("", _("Choose a reason")),
        *(SelectChoice(reason.value, word(reason)) for reason in RefusalReason),
    ]
    return form


def to_ticket(registration_id: int) -> BaseResponse:
    """Go to the ticket that was just issued."""
    person = queries.person(
        db.session(), conference_id=required_conference().id, registration_id=registration_id
    )
    return go(url_for("desk.ticket", issued=sheet_reference(registration_id, ticket=person.ticket)))
