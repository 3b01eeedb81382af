"""What whoever holds a ticket changes about it: answers, the name, and whose place it is."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, cast

from flask import Response, current_app, flash, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from conference.blueprints.registration.room import (
    blueprint,
    count_address,
    letters_of_place,
    valid_ticket,
    with_choices,
)
from conference.domain.errors import Conflict, DomainError, Invalid, TooMany
from conference.domain.registration import (
    COMMON_LANGUAGES,
    AccessNeed,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
)
from conference.exports.qr import link_qr_svg
from conference.extensions import db, limiter
from conference.forms.registration import TicketForm
from conference.policies import Permission
from conference.queries.registration import details
from conference.services.contacts import ContactChange
from conference.services.hand_over import hand_over as hand_over_place
from conference.services.place_letters import PlaceNews
from conference.services.tickets import change_ticket
from conference.web import letters
from conference.web.access import current_identity, requires
from conference.web.clock import now
from conference.web.content import day_and_time
from conference.web.keys import key_for
from conference.web.letters import absolute
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page, see
from conference.web.registration import asked, invitation_text, needs_are_known, needs_until
from conference.web.wording import error_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.forms.registration import Asked
    from conference.queries.registration import Details, TicketView
    from conference.services.accounts import Words

# The field at which an error of the service is shown; others answer with a page of their own.
FIELDS = {
    "address_is_your_own": "email",
    "address_of_a_delegate": "email",
    "answer_unknown": "badge_name",
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "language_unknown": "spoken",
    "name_of_a_delegate": "badge_name",
    "need_unknown": "needs",
    "needs_consent_needed": "needs_agreed",
    "phone_wrong": "phone",
    "too_many_tickets": "email",
}


def _show_at_field(form: TicketForm, error: DomainError) -> None:
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
    """Show what was said, but for name and contact, to be changed; whose place it is says so first."""
    canonical, found = valid_ticket(token)
    if found.unclaimed:
        return see(url_for("registration.name", token=canonical))
    said = details(db.session(), token=canonical, reader=current_identity().account_id)
    wanted = asked(found.conference_id)
    form = _change_form(found, wanted, said)
    return _change_page(canonical, found, form, wanted)


@blueprint.post("/<lang>/tickets/<token>/change")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def save_change(token: str) -> BaseResponse:
    """Keep what is said anew."""
    canonical, found = valid_ticket(token)
    wanted = asked(found.conference_id)
    form = _change_form(found, wanted, None)
    if not form.validate_on_submit():
        return _change_page(canonical, found, form, wanted, 422)
    try:
        _change(canonical, found, form, wanted)
    except (Invalid, Conflict, TooMany) as error:
        db.session.rollback()
        return _refused(canonical, found, form, wanted, error)
    db.session.commit()
    flash(_("Changed. Your code stays the same."), "success")
    return go(url_for("registration.ticket", token=canonical))


def _refused(token: str, found: TicketView, form: TicketForm, wanted: Asked, error: DomainError) -> Response:
    _show_at_field(form, error)
    if not isinstance(error, TooMany):
        return _change_page(token, found, form, wanted, 422)
    answer = _change_page(token, found, form, wanted, 429)
    answer.headers["Retry-After"] = str(error.data["retry_after"])
    return answer


def _change(token: str, found: TicketView, form: TicketForm, wanted: Asked) -> None:
    known = "needs" in form
    change_ticket(
        db.session(),
        token=token,
        badge_name=form.badge_name.data or None,
        photo_preference=PhotoPreference(form.photo_preference.data),
        spoken=tuple(form.spoken.data or ()),
        needs=tuple(map(AccessNeed, form.needs.data or ())) if known else (),
        # The owner sees all of them, so that what is ticked is all; for others it comes to what was said.
        forget_needs=known and (found.own or bool(form.needs_anew.data)),
        consents={Purpose.NEEDS} if known and form.needs_agreed.data else (),
        language=current_language(),
        now=now(),
        answers=wanted.answers(form),
        bookings=wanted.bookings(form),
        contact=None if "email" not in form else _contact(token, found, form),
    )


def _contact(token: str, found: TicketView, form: TicketForm) -> ContactChange:
    count_address(form.email.data)
    return ContactChange(
        email=form.email.data or None,
        phone=form.phone.data or None,
        forget_email=bool(form.forget_email.data),
        forget_phone=bool(form.forget_phone.data),
        letters=_letters(token, found),
        by=current_identity().account_id,
        now=now(),
    )


def _letters(token: str, found: TicketView) -> dict[RegistrationStatus, Words]:
    """Return the letter that a new address gets, by where the place stands."""
    written = letters_of_place(token)
    if found.offered_until is not None:
        written[RegistrationStatus.OFFERED] = letters.place_news(
            news=PlaceNews.OFFERED,
            path=url_for("registration.ticket", token=token),
            until=day_and_time(found.offered_until, required_conference().time_zone),
            service_lost=found.service_lost,
            language=current_language(),
        )
    return written


def _change_form(found: TicketView, wanted: Asked, said: Details | None) -> TicketForm:
    form_class = wanted.on(TicketForm)
    if said is None:
        form = cast("TicketForm", form_class())
    else:
        data = wanted.held(said.answers, said.bookings)
        data |= {"photo_preference": said.photo_preference.value, "spoken": list(said.spoken)}
        if said.needs is not None:
            # They are kept by a consent that stands as long as they do: it is shown as it is.
            data |= {"needs": [need.value for need in said.needs], "needs_agreed": bool(said.needs)}
        form = cast("TicketForm", form_class(data=data))
    with_choices(form)
    parted_with = {"needs_anew"} if found.own else set()
    if not needs_are_known():
        parted_with |= {"needs", "needs_agreed", "needs_anew"}
    if found.of_account:
        # The account's address counts, which was proved.
        parted_with |= {"email", "forget_email", "phone", "forget_phone"}
    for name in parted_with:
        del form[name]
    return form


def _change_page(
    token: str, found: TicketView, form: TicketForm, wanted: Asked, status: int = 200
) -> Response:
    return page(
        "registration/change.html",
        "form",
        status=status,
        token=token,
        needs_until=needs_until(),
        ticket=found,
        form=form,
        asked=wanted,
        common_languages=COMMON_LANGUAGES,
    )


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
        plain=invitation_text(required_conference(), link=absolute(address), sure=found.confirmed),
        qr=Markup(drawn),  # noqa: S704 - drawn by us, its label escaped
    )
