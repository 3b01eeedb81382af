"""Registering, and the page behind a ticket's secret link: QR code, calendar, cancelling."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, make_response, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from conference.domain.accounts import Role, address_digest
from conference.domain.errors import Conflict, Invalid, NotFound, TooMany
from conference.domain.registration import (
    COMMON_LANGUAGES,
    SPOKEN_LANGUAGES,
    Category,
    PhotoPreference,
    Purpose,
    kept_until,
)
from conference.domain.tickets import (
    canonical_token,
    shown_ticket_code,
    ticket_code,
    ticket_text,
    ticket_token,
)
from conference.exports.icalendar import CONTENT_TYPE, calendar_bytes
from conference.exports.qr import qr_svg
from conference.extensions import db, limiter
from conference.forms.registration import RegistrationForm
from conference.policies import Permission
from conference.queries.directory import organization_choices
from conference.queries.registration import TicketView, own_tickets
from conference.queries.registration import ticket as find_ticket
from conference.queries.timetable import calendar_sessions
from conference.services.registration import cancel_registration, withdraw_consent
from conference.services.registration import register as register_person
from conference.web import letters
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.content import shown
from conference.web.keys import key_for, keys_for
from conference.web.languages import language_name
from conference.web.limits import allow
from conference.web.locale import current_language, enter_conference, required_conference
from conference.web.pages import go, page, see
from conference.web.program import calendar_feed
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.services.accounts import Words

blueprint = Blueprint("registration", __name__)

# The field at which an error of the service is shown.
FIELDS = {
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "consent_needed": "attend",
    "delegate_without_organization": "organization",
    "organization_not_taking_part": "organization",
    "language_unknown": "spoken",
    "reminders_need_an_address": "reminders",
}


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """What a ticket or a form said of a person stays in no browser's cache and in no index."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# -- registering -----------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/register")
@requires(Permission.REGISTER)
def register() -> Response:
    """Ask for what the weekend needs."""
    if not required_conference().registration_open:
        return page("registration/closed.html")
    return _register_page(_form())


@blueprint.post("/<lang>/<slug>/register")
@limiter.limit(lambda: current_app.config["LIMIT_REGISTER"])
@requires(Permission.REGISTER)
def send() -> BaseResponse:
    """Register whoever sent the form, and show the ticket."""
    form = _form()
    if not form.validate_on_submit():
        return _register_page(form, 422)
    if "email" in form and form.email.data:
        # Anybody's address can be typed here, and is written to: not so often that its inbox fills.
        try:
            allow("register_address", address_digest(form.email.data, key=key_for("tickets")))
        except TooMany as refusal:
            return _too_often(form, refusal)
    try:
        token = _register(form)
    except Invalid as error:
        db.session.rollback()
        form[FIELDS[error.code]].errors = [error_text(error.code, **error.data)]
        return _register_page(form, 422)
    except Conflict:
        db.session.rollback()
        return page("registration/closed.html", status=409)
    db.session.commit()
    return go(url_for("registration.ticket", token=token))


def _too_often(form: RegistrationForm, refusal: TooMany) -> Response:
    form.email.errors = [error_text(refusal.code, **refusal.data)]
    answer = _register_page(form, 429)
    answer.headers["Retry-After"] = str(refusal.data["retry_after"])
    return answer


def _form() -> RegistrationForm:
    form = RegistrationForm()
    form.category.choices = [(category.value, word(category)) for category in Category]
    form.photo_preference.choices = [(choice.value, word(choice)) for choice in PhotoPreference]
    form.spoken.choices = [(code, language_name(code)) for code in SPOKEN_LANGUAGES]
    organizations = organization_choices(db.session(), conference_id=required_conference().id)
    form.organization.choices = [("", _("None, or not in the list"))]
    form.organization.choices += [(str(number), name) for number, name in organizations]
    if current_identity().signed_in:
        # The account's address is known, and proved.
        del form.email
    return form


def _register_page(form: RegistrationForm, status: int = 200) -> Response:
    return page(
        "registration/register.html",
        "form",
        status=status,
        form=form,
        registered=Role.ATTENDEE in current_identity().roles,
        common_languages=COMMON_LANGUAGES,
        kept_until=kept_until(required_conference().last_day),
    )


def _register(form: RegistrationForm) -> str:
    nonce, key = secrets.token_hex(16), key_for("tickets")
    issued = register_person(
        db.session(),
        conference_id=required_conference().id,
        account_id=current_identity().account_id,
        badge_name=form.badge_name.data or "",
        contact_email=form.email.data if "email" in form else None,
        category=Category(form.category.data),
        organization_id=int(form.organization.data) if form.organization.data else None,
        spoken=tuple(form.spoken.data or ()),
        photo_preference=PhotoPreference(form.photo_preference.data),
        consents=_consents(form),
        language=current_language(),
        nonce=nonce,
        key=key,
        letter=_letter(ticket_token(nonce, key=key)),
        now=now(),
    )
    return issued.token


def _consents(form: RegistrationForm) -> frozenset[Purpose]:
    boxes = {Purpose.ATTEND: form.attend.data, Purpose.REMINDERS: form.reminders.data}
    return frozenset(purpose for purpose, ticked in boxes.items() if ticked)


def _letter(token: str) -> Words:
    return letters.ticket(
        path=url_for("registration.ticket", token=token),
        code=shown_ticket_code(ticket_code(token)),
        language=current_language(),
    )


@blueprint.get("/<lang>/<slug>/my-tickets")
@requires(Permission.SEE_NOW)
def mine() -> Response:
    """List the tickets of whoever is signed in."""
    tickets = own_tickets(
        db.session(),
        conference_id=required_conference().id,
        account_id=required_account(),
        keys=keys_for("tickets"),
    )
    return page("registration/mine.html", tickets=tickets)


# -- the ticket ------------------------------------------------------------------------------------


def _found(token: str) -> tuple[str, TicketView]:
    """Return the ticket of the address, and make its conference the page's."""
    canonical = canonical_token(token)
    if canonical is None:
        raise NotFound("ticket_not_found")
    found = find_ticket(db.session(), token=canonical, reader=current_identity().account_id)
    enter_conference(found.slug)
    return canonical, found


def _valid(token: str) -> tuple[str, TicketView]:
    canonical, found = _found(token)
    if found.cancelled:
        raise Conflict("ticket_cancelled")
    return canonical, found


@blueprint.get("/<lang>/tickets/<token>")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def ticket(token: str) -> Response:
    """Show a ticket to whoever holds its link; a name only to the account that owns it."""
    canonical, found = _found(token)
    if found.cancelled:
        return page("registration/cancelled.html")
    return page(
        "registration/ticket.html",
        ticket=found,
        token=canonical,
        qr=Markup(_qr(canonical, found.slug)),  # noqa: S704 - drawn by us, its label escaped
        code=shown_ticket_code(ticket_code(canonical)),
    )


def _qr(token: str, slug: str) -> str:
    text = ticket_text(token, conference=slug, key=key_for("tickets"))
    return qr_svg(text, label=_("QR code of the ticket"))


@blueprint.get("/<lang>/tickets/<token>/calendar.ics")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def calendar(token: str) -> Response:
    """Give the sessions with the exact venue, which only registered people are told; no person is in it."""
    _canonical, found = _valid(token)
    conference = required_conference()
    lines = calendar_sessions(db.session(), conference_id=conference.id)
    if found.venue is not None:
        parts = (found.venue.name, found.venue.address, shown(conference.city).text)
        conference = replace(conference, city={current_language(): ", ".join(filter(None, parts))})
    response = make_response(calendar_bytes(calendar_feed(conference, lines)))
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Content-Disposition"] = f'inline; filename="{conference.slug}.ics"'
    return response


@blueprint.get("/<lang>/tickets/<token>/cancel")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def ask_to_cancel(token: str) -> Response:
    """Ask once more before a place is given back."""
    canonical, _view = _valid(token)
    return page("registration/cancel.html", token=canonical)


@blueprint.post("/<lang>/tickets/<token>/cancel")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def cancel(token: str) -> BaseResponse:
    """Give the place back and forget the person."""
    canonical, _view = _valid(token)
    cancel_registration(db.session(), token=canonical, now=now())
    db.session.commit()
    return see(url_for("registration.ticket", token=canonical))


@blueprint.post("/<lang>/tickets/<token>/no-reminders")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def no_reminders(token: str) -> BaseResponse:
    """Withdraw the consent to reminders."""
    canonical, _view = _valid(token)
    withdraw_consent(db.session(), token=canonical, purpose=Purpose.REMINDERS, now=now())
    db.session.commit()
    flash(_("We will write you no reminders."), "success")
    return see(url_for("registration.ticket", token=canonical))
