"""The form: whoever sends it has a ticket, with a place or a turn in the line."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from flask import Response, current_app, flash, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from conference.blueprints.registration.room import blueprint, count_address, with_choices
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
from conference.queries.directory import chosen_organization, organization_choices
from conference.queries.own_tickets import has_ticket
from conference.queries.registration import ticket_exists
from conference.services.registration import register as register_person
from conference.web import letters
from conference.web.access import current_identity, requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page
from conference.web.registration import asked, code_of, left, needs_until, nonce_of_form, registering
from conference.web.retention import periods
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

# The field at which an error of the service is shown.
FIELDS = {
    "address_is_your_own": "email",
    "answer_unknown": "badge_name",
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "category_closed": "category",
    "consent_needed": "attend",
    "delegate_of_voice_only": "category",
    "delegate_without_organization": "organization",
    "language_unknown": "spoken",
    "need_unknown": "needs",
    "needs_consent_needed": "needs_agreed",
    "organization_not_taking_part": "organization",
    "phone_wrong": "phone",
    "registered_already": "email",
    "reminders_need_an_address": "reminders",
}
# These are answered with the page that stands where the form did.
CLOSED = frozenset({"conference_over", "registration_closed"})


@blueprint.get("/<lang>/<slug>/register")
@requires(Permission.REGISTER)
def register() -> Response:
    """Ask for what the weekend needs; whoever has a ticket already is asked for somebody else's."""
    if not registering():
        return page("registration/closed.html")
    wanted = asked(required_conference().id)
    form = _form(wanted, for_another=_has_ticket())
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
        return _to_first(token)
    try:
        count_address(form.email.data if "email" in form else None)
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
        return _to_first(token)
    return go(url_for("registration.ticket", token=token))


def _to_first(token: str) -> BaseResponse:
    """Lead whoever sent a form again to the ticket of the first time; what was written anew is not kept."""
    flash(_("This form had come already: what you sent first is kept. You can change it here."), "info")
    return go(url_for("registration.ticket", token=token))


def _refused(form: RegistrationForm, wanted: Asked, error: DomainError) -> Response:
    if error.code in CLOSED:
        return page("registration/closed.html", status=409)
    said = error_text(error.code, **error.data)
    if error.code == "registered_already":
        # The page did not know: it asked for no address, and did not say whose the ticket is.
        form = _form(wanted, for_another=True)
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


def _has_ticket() -> bool:
    account_id = current_identity().account_id
    return account_id is not None and has_ticket(
        db.session(), conference_id=required_conference().id, account_id=account_id
    )


def _form(wanted: Asked, *, for_another: bool = False) -> RegistrationForm:
    form = cast("RegistrationForm", wanted.on(RegistrationForm)())
    with_choices(form)
    form.category.choices = [(category.value, word(category)) for category in Category]
    organizations = organization_choices(db.session(), conference_id=required_conference().id)
    form.organization.choices = [("", _("None, or not in the list"))]
    form.organization.choices += organizations
    if not current_identity().signed_in:
        return form
    if for_another or form.for_another.data:
        form.for_another.data = "y"
        # What a browser knows is the address of whoever holds the phone.
        form.email.render_kw = {**form.email.render_kw, "autocomplete": "off"}
        form.phone.render_kw = {**form.phone.render_kw, "autocomplete": "off"}
        return form
    # The account's address is known, and proved.
    del form.email
    del form.phone
    return form


def _for_another(form: RegistrationForm) -> bool:
    """Tell whether an account registers somebody else with the form: it is asked for their address then."""
    return current_identity().signed_in and "email" in form


def _register_page(form: RegistrationForm, wanted: Asked, status: int = 200) -> Response:
    return page(
        "registration/register.html",
        "form",
        status=status,
        form=form,
        asked=wanted,
        free=left(required_conference().id),
        for_another=_for_another(form),
        common_languages=COMMON_LANGUAGES,
        kept_until=kept_until(required_conference().last_day, period=periods().people),
        needs_until=needs_until(),
    )


def _register(form: RegistrationForm, wanted: Asked, nonce: str) -> None:
    account_id, another = current_identity().account_id, _for_another(form)
    register_person(
        db.session(),
        conference_id=required_conference().id,
        account_id=None if another else account_id,
        registered_by=account_id if another else None,
        badge_name=form.badge_name.data or "",
        contact_email=form.email.data if "email" in form else None,
        contact_phone=form.phone.data if "phone" in form else None,
        category=Category(form.category.data),
        organization_id=chosen_organization(
            db.session(), conference_id=required_conference().id, key=form.organization.data
        ),
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
    boxes = {
        Purpose.ATTEND: form.attend.data,
        Purpose.REMINDERS: form.reminders.data,
        Purpose.NEEDS: form.needs_agreed.data,
    }
    return frozenset(purpose for purpose, ticked in boxes.items() if ticked)


def _letters(token: str) -> dict[str, Any]:
    """Return the letter for each way in which it may end: with a place, waiting for an answer, in line."""
    path, language = url_for("registration.ticket", token=token), current_language()
    return {
        "letter": letters.ticket(path=path, code=code_of(token), language=language),
        "pending_letter": letters.registration_pending(path=path, language=language),
        "waiting_letter": letters.registration_waiting(path=path, language=language),
    }
