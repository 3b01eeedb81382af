"""Registering whoever walks in: asked aloud, typed by the desk, and a ticket on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from conference.blueprints.desk.room import blueprint, to_ticket
from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import (
    Category,
    PhotoPreference,
)
from conference.domain.tickets import ticket_token
from conference.extensions import db
from conference.forms.desk import WalkInForm
from conference.forms.registration import CONSENT_TO_ATTEND
from conference.policies import Permission, may
from conference.queries import desk as queries
from conference.queries.directory import chosen_organization, organization_choices
from conference.services.desk import register_at_desk
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.desk import new_paper, nonce_of
from conference.web.keys import key_for
from conference.web.locale import NATIVE_NAMES, current_language, required_conference
from conference.web.pages import page
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse


# The field at which an error of the service is shown.
FIELDS = {
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "conference_over": "category",
    "consent_needed": "agreed",
    "delegate_of_voice_only": "category",
    "delegate_without_organization": "organization",
    "organization_not_taking_part": "organization",
}


def _walk_in_form() -> WalkInForm:
    form = WalkInForm()
    form.category.choices = [(category.value, word(category)) for category in Category]
    form.photo_preference.choices = [(choice.value, word(choice)) for choice in PhotoPreference]
    form.language.choices = list(NATIVE_NAMES.items())
    organizations = organization_choices(db.session(), conference_id=required_conference().id)
    form.organization.choices = [("", _("None, or not in the list"))]
    form.organization.choices += organizations
    return form


def _walk_in(form: WalkInForm, status: int = 200, *, full: bool = False) -> Response:
    return page(
        "desk/walk_in.html",
        "form",
        status=status,
        form=form,
        consents=[(language, _consent(language)) for language in NATIVE_NAMES],
        full=full,
        may_exceed=may(current_identity(), Permission.MANAGE_PLACES),
    )


def _consent(language: str) -> str:
    with force_locale(language):
        return str(CONSENT_TO_ATTEND)


@blueprint.get("/<lang>/<slug>/desk/walk-in")
@requires(Permission.RUN_DESK)
def walk_in() -> Response:
    """Ask for what the badge says, and say what is to be read aloud."""
    form = _walk_in_form()
    form.once.data, form.language.data = new_paper(), current_language()
    return _walk_in(form)


@blueprint.post("/<lang>/<slug>/desk/walk-in")
@requires(Permission.RUN_DESK)
def register() -> BaseResponse:
    """Register whoever stands at the desk, and show the ticket; a second tap shows the same one."""
    form = _walk_in_form()
    if not form.validate_on_submit():
        return _walk_in(form, 422)
    try:
        registration_id = _registered_before(form) or _register(form)
    except (Conflict, Invalid) as refusal:
        db.session.rollback()
        if refusal.code == "category_full":
            return _walk_in(form, 409, full=True)
        if refusal.code not in FIELDS:
            raise
        form[FIELDS[refusal.code]].errors = [error_text(refusal.code, **refusal.data)]
        return _walk_in(form, 422)
    except IntegrityError:
        # The two taps came at once.
        db.session.rollback()
        before = _registered_before(form)
        if before is None:
            raise
        registration_id = before
    return to_ticket(registration_id)


def _nonce(form: WalkInForm) -> str:
    said = (form.badge_name, form.category, form.organization, form.photo_preference, form.language)
    return nonce_of(form.once.data or "", *(field.data or "" for field in said))


def _registered_before(form: WalkInForm) -> int | None:
    token = ticket_token(_nonce(form), key=key_for("tickets"))
    return queries.issued_with(db.session(), conference_id=required_conference().id, token=token)


def _register(form: WalkInForm) -> int:
    issued = register_at_desk(
        db.session(),
        conference_id=required_conference().id,
        badge_name=form.badge_name.data or "",
        category=Category(form.category.data),
        organization_id=chosen_organization(
            db.session(), conference_id=required_conference().id, key=form.organization.data
        ),
        photo_preference=PhotoPreference(form.photo_preference.data),
        language=form.language.data or current_language(),
        agreed=form.agreed.data,
        over_capacity=form.over_capacity.data and may(current_identity(), Permission.MANAGE_PLACES),
        in_line=form.in_line.data,
        nonce=_nonce(form),
        key=key_for("tickets"),
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    return issued.registration_id
