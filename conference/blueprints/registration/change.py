"""What whoever holds a ticket changes about it: answers, the name, and whose place it is."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, cast

from flask import Response, current_app, flash, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from conference.blueprints.registration.room import blueprint, valid_ticket, with_choices
from conference.domain.errors import Conflict, DomainError, Invalid
from conference.domain.registration import COMMON_LANGUAGES, AccessNeed, PhotoPreference, Purpose
from conference.exports.qr import link_qr_svg
from conference.extensions import db, limiter
from conference.forms.registration import GuestForm, TicketForm
from conference.policies import Permission
from conference.queries.registration import details
from conference.services.hand_over import hand_over as hand_over_place
from conference.services.tickets import change_ticket, claim_place
from conference.web.access import current_identity, requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.letters import absolute
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page, see
from conference.web.registration import asked, invitation_text
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.forms.registration import Asked
    from conference.queries.registration import Details, TicketView

# The field at which an error of the service is shown; others answer with a page of their own.
FIELDS = {
    "answer_unknown": "badge_name",
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "consent_needed": "attend",
    "language_unknown": "spoken",
    "name_of_a_delegate": "badge_name",
    "need_unknown": "needs",
    "reminders_need_an_address": "reminders",
}


def _show_at_field(form: TicketForm | GuestForm, error: DomainError) -> None:
    """Put an error of the service at its field; one that is about no field of the form is raised again."""
    name = f"service_{error.data['service_id']}" if "service_id" in error.data else FIELDS.get(error.code)
    if name is None or name not in form:
        raise error
    form[name].errors = [error_text(error.code, **error.data)]


# -- what was said ---------------------------------------------------------------------------------


@blueprint.get("/<lang>/tickets/<token>/change")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def change(token: str) -> BaseResponse:
    """Show what was said, but for the name, to be changed; who has no name yet says it first."""
    canonical, found = valid_ticket(token)
    if found.guest:
        return see(url_for("registration.name", token=canonical))
    said = details(db.session(), token=canonical, reader=current_identity().account_id)
    wanted = asked(found.conference_id)
    form = _change_form(wanted, said)
    return _change_page(canonical, found, form, wanted)


@blueprint.post("/<lang>/tickets/<token>/change")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def save_change(token: str) -> BaseResponse:
    """Keep what is said anew."""
    canonical, found = valid_ticket(token)
    wanted = asked(found.conference_id)
    form = _change_form(wanted, None)
    if not form.validate_on_submit():
        return _change_page(canonical, found, form, wanted, 422)
    try:
        _change(canonical, form, wanted)
    except (Invalid, Conflict) as error:
        db.session.rollback()
        _show_at_field(form, error)
        return _change_page(canonical, found, form, wanted, 422)
    db.session.commit()
    flash(_("Changed. Your code stays the same."), "success")
    return go(url_for("registration.ticket", token=canonical))


def _change(token: str, form: TicketForm, wanted: Asked) -> None:
    anew = form.needs_anew.data or form.needs.data
    change_ticket(
        db.session(),
        token=token,
        badge_name=form.badge_name.data or None,
        photo_preference=PhotoPreference(form.photo_preference.data),
        spoken=tuple(form.spoken.data or ()),
        needs=tuple(map(AccessNeed, form.needs.data or ())) if anew else None,
        answers=wanted.answers(form),
        bookings=wanted.bookings(form),
    )


def _change_form(wanted: Asked, said: Details | None) -> TicketForm:
    form_class = wanted.on(TicketForm)
    if said is None:
        form = cast("TicketForm", form_class())
    else:
        data = wanted.held(said.answers, said.bookings)
        data |= {"photo_preference": said.photo_preference.value, "spoken": list(said.spoken)}
        if said.needs is not None:
            data |= {"needs": [need.value for need in said.needs], "needs_anew": True}
        form = cast("TicketForm", form_class(data=data))
    with_choices(form)
    return form


def _change_page(
    token: str, found: TicketView, form: TicketForm, wanted: Asked, status: int = 200
) -> Response:
    return page(
        "registration/change.html",
        "form",
        status=status,
        token=token,
        ticket=found,
        form=form,
        asked=wanted,
        common_languages=COMMON_LANGUAGES,
    )


# -- a guest's name --------------------------------------------------------------------------------


@blueprint.get("/<lang>/tickets/<token>/name")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def name(token: str) -> BaseResponse:
    """Ask whoever was given a guest's place for the name on their badge, and for their consent."""
    canonical, found = valid_ticket(token)
    if not found.guest:
        return see(url_for("registration.ticket", token=canonical))
    return _name_page(canonical, found, _name_form())


@blueprint.post("/<lang>/tickets/<token>/name")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def keep_name(token: str) -> BaseResponse:
    """Make a guest's place somebody's own."""
    canonical, found = valid_ticket(token)
    form = _name_form()
    if not form.validate_on_submit():
        return _name_page(canonical, found, form, 422)
    boxes = {Purpose.ATTEND: form.attend.data, Purpose.REMINDERS: form.reminders.data}
    try:
        issued = claim_place(
            db.session(),
            token=canonical,
            badge_name=form.badge_name.data or "",
            photo_preference=PhotoPreference(form.photo_preference.data),
            consents=frozenset(purpose for purpose, ticked in boxes.items() if ticked),
            contact_email=form.email.data,
            language=current_language(),
            nonce=secrets.token_hex(16),
            key=key_for("tickets"),
            now=now(),
        )
    except Invalid as error:
        db.session.rollback()
        _show_at_field(form, error)
        return _name_page(canonical, found, form, 422)
    db.session.commit()
    flash(
        _("The place is yours. Keep this page's link: it is new, and the one that you were sent is void."),
        "success",
    )
    return go(url_for("registration.ticket", token=issued.token))


def _name_form() -> GuestForm:
    form = GuestForm()
    form.photo_preference.choices = [(choice.value, word(choice)) for choice in PhotoPreference]
    return form


def _name_page(token: str, found: TicketView, form: GuestForm, status: int = 200) -> Response:
    return page("registration/name.html", "form", status=status, token=token, ticket=found, form=form)


# -- to somebody else ------------------------------------------------------------------------------


@blueprint.get("/<lang>/tickets/<token>/hand-over")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def ask_to_hand_over(token: str) -> Response:
    """Ask once more before a place gets another person, and this one is forgotten."""
    canonical, found = valid_ticket(token)
    return page("registration/hand_over.html", token=canonical, ticket=found)


@blueprint.post("/<lang>/tickets/<token>/hand-over")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def hand_over(token: str) -> BaseResponse:
    """Forget whose place it was, and show the new link to pass on."""
    canonical, _found = valid_ticket(token)
    issued = hand_over_place(
        db.session(), token=canonical, nonce=secrets.token_hex(16), key=key_for("tickets"), now=now()
    )
    db.session.commit()
    return see(url_for("registration.pass_on", token=issued.token))


@blueprint.get("/<lang>/tickets/<token>/pass-on")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def pass_on(token: str) -> BaseResponse:
    """Show the link of a guest's place, to be sent or scanned by whoever comes; of a named one nothing."""
    canonical, found = valid_ticket(token)
    address = url_for("registration.ticket", token=canonical)
    if not found.guest:
        return see(address)
    drawn = link_qr_svg(absolute(address), label=_("QR code of the link"))
    return page(
        "registration/pass_on.html",
        token=canonical,
        ticket=found,
        link=absolute(address),
        plain=invitation_text(required_conference(), link=absolute(address)),
        qr=Markup(drawn),  # noqa: S704 - drawn by us, its label escaped
    )
