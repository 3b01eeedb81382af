"""The form: whoever sends it has a ticket, with a place or a turn in the line."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from flask import Response, current_app, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from conference.blueprints.registration.room import blueprint, with_choices
from conference.domain.accounts import Role, address_digest
from conference.domain.errors import DomainError, TooMany
from conference.domain.registration import (
    COMMON_LANGUAGES,
    AccessNeed,
    Category,
    PhotoPreference,
    Purpose,
    kept_until,
)
from conference.domain.tickets import ticket_token
from conference.extensions import db, limiter
from conference.forms.registration import Asked, RegistrationForm
from conference.policies import Permission
from conference.queries.directory import organization_choices
from conference.queries.registration import ticket_exists
from conference.services.registration import register as register_person
from conference.web import letters
from conference.web.access import current_identity, requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.limits import allow, from_here
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page
from conference.web.registration import asked, code_of, left, nonce_of_form
from conference.web.retention import periods
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

# The field at which an error of the service is shown.
FIELDS = {
    "answer_unknown": "badge_name",
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "category_closed": "category",
    "consent_needed": "attend",
    "delegate_without_organization": "organization",
    "language_unknown": "spoken",
    "need_unknown": "needs",
    "organization_not_taking_part": "organization",
    "phone_wrong": "phone",
    "reminders_need_an_address": "reminders",
}


@blueprint.get("/<lang>/<slug>/register")
@requires(Permission.REGISTER)
def register() -> Response:
    """Ask for what the weekend needs."""
    if not required_conference().registration_open:
        return page("registration/closed.html")
    wanted = asked(required_conference().id)
    form = _form(wanted)
    form.form_key.data = form.form_key.data or secrets.token_hex(16)
    return _register_page(form, wanted)


@blueprint.post("/<lang>/<slug>/register")
@limiter.limit(lambda: current_app.config["LIMIT_REGISTER"])
@requires(Permission.REGISTER)
def send() -> BaseResponse:
    """Register whoever sent the form, once, and show the ticket."""
    wanted = asked(required_conference().id)
    form = _form(wanted)
    if not form.validate_on_submit():
        return _register_page(form, wanted, 422)
    nonce = nonce_of_form(form.form_key.data, form.badge_name.data or "") or secrets.token_hex(16)
    token = ticket_token(nonce, key=key_for("tickets"))
    if ticket_exists(db.session(), token=token):
        return go(url_for("registration.ticket", token=token))
    try:
        _check_address(form)
        _register(form, wanted, nonce)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _refused(form, wanted, error)
    except IntegrityError:
        # The other tap of two was faster: its ticket is this one.
        db.session.rollback()
        if not ticket_exists(db.session(), token=token):
            raise
    return go(url_for("registration.ticket", token=token))


def _check_address(form: RegistrationForm) -> None:
    if "email" in form and form.email.data:
        # Anybody's address can be typed here, and is written to: not so often that its inbox fills.
        digest = address_digest(form.email.data, key=key_for("tickets"))
        allow("register_address", from_here(digest))
        allow("register_address_anywhere", digest)


def _refused(form: RegistrationForm, wanted: Asked, error: DomainError) -> Response:
    if error.code == "registration_closed":
        return page("registration/closed.html", status=409)
    said = error_text(error.code, **error.data)
    if isinstance(error, TooMany):
        form.email.errors = [said]
        answer = _register_page(form, wanted, 429)
        answer.headers["Retry-After"] = str(error.data["retry_after"])
        return answer
    field = _field(error)
    if field is None or field not in form:
        # About no field of the form: it is answered as everywhere, and what was typed is kept.
        raise error
    form[field].errors = [said]
    return _register_page(form, wanted, 422)


def _field(error: DomainError) -> str | None:
    if "service_id" in error.data:
        return f"service_{error.data['service_id']}"
    return FIELDS.get(error.code)


def _form(wanted: Asked) -> RegistrationForm:
    form = cast("RegistrationForm", wanted.on(RegistrationForm)())
    with_choices(form)
    form.category.choices = [(category.value, word(category)) for category in Category]
    organizations = organization_choices(db.session(), conference_id=required_conference().id)
    form.organization.choices = [("", _("None, or not in the list"))]
    form.organization.choices += [(str(number), name) for number, name in organizations]
    if current_identity().signed_in:
        # The account's address is known, and proved.
        del form.email
        del form.phone
    return form


def _register_page(form: RegistrationForm, wanted: Asked, status: int = 200) -> Response:
    return page(
        "registration/register.html",
        "form",
        status=status,
        form=form,
        asked=wanted,
        free=left(required_conference().id),
        registered=Role.ATTENDEE in current_identity().roles,
        common_languages=COMMON_LANGUAGES,
        kept_until=kept_until(required_conference().last_day, period=periods().people),
    )


def _register(form: RegistrationForm, wanted: Asked, nonce: str) -> None:
    known = "email" not in form
    register_person(
        db.session(),
        conference_id=required_conference().id,
        account_id=current_identity().account_id,
        badge_name=form.badge_name.data or "",
        contact_email=None if known else form.email.data,
        contact_phone=None if known else form.phone.data,
        category=Category(form.category.data),
        organization_id=int(form.organization.data) if form.organization.data else None,
        spoken=tuple(form.spoken.data or ()),
        photo_preference=PhotoPreference(form.photo_preference.data),
        needs=tuple(map(AccessNeed, form.needs.data or ())),
        answers=wanted.answers(form),
        bookings=wanted.bookings(form),
        consents=_consents(form),
        language=current_language(),
        nonce=nonce,
        key=key_for("tickets"),
        now=now(),
        **_letters(ticket_token(nonce, key=key_for("tickets"))),
    )


def _consents(form: RegistrationForm) -> frozenset[Purpose]:
    boxes = {Purpose.ATTEND: form.attend.data, Purpose.REMINDERS: form.reminders.data}
    return frozenset(purpose for purpose, ticked in boxes.items() if ticked)


def _letters(token: str) -> dict[str, Any]:
    """Return the letter for each way in which it may end: with a place, waiting for an answer, in line."""
    path, language = url_for("registration.ticket", token=token), current_language()
    return {
        "letter": letters.ticket(path=path, code=code_of(token), language=language),
        "pending_letter": letters.registration_pending(path=path, language=language),
        "waiting_letter": letters.registration_waiting(path=path, language=language),
    }
