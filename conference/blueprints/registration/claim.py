"""Making a place one's own: a guest's, or one whose name the organization's lead has written."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Response, current_app, flash, url_for
from flask_babel import gettext as _

from conference.blueprints.registration.room import blueprint, count_address, letters_of_place, valid_ticket
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound, TooMany
from conference.domain.registration import PhotoPreference, Purpose
from conference.domain.tickets import canonical_token, ticket_token
from conference.extensions import db, limiter
from conference.forms.registration import GuestForm, NamedGuestForm
from conference.policies import Permission
from conference.queries.registration import ticket_exists
from conference.services.tickets import claim_place
from conference.web.access import requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.locale import current_language
from conference.web.pages import go, page, see
from conference.web.registration import nonce_of_form
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.registration import TicketView
    from conference.services.registration import IssuedTicket

# The field at which an error of the service is shown; others answer with a page of their own.
FIELDS = {
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "consent_needed": "attend",
    "name_of_a_delegate": "badge_name",
    "reminders_need_an_address": "reminders",
}


@blueprint.get("/<lang>/tickets/<token>/name")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def name(token: str) -> BaseResponse:
    """Ask whoever was given a place for the name on their badge, and for their own consent."""
    canonical, found = valid_ticket(token)
    if not found.unclaimed:
        return see(url_for("registration.ticket", token=canonical))
    form = _form(found)
    form.form_key.data = secrets.token_hex(16)
    form.photo_preference.data = found.photo_preference.value
    return _page(canonical, found, form)


@blueprint.post("/<lang>/tickets/<token>/name")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.HOLD_TICKET)
def keep_name(token: str) -> BaseResponse:
    """Make a place somebody's own. The link is void then: the same form sent again leads to the new one."""
    nonce = nonce_of_form(GuestForm().form_key.data, f"claim {canonical_token(token)}")
    if nonce is not None and _is_issued(nonce):
        return _to_own(ticket_token(nonce, key=key_for("tickets")), again=True)
    canonical, found = valid_ticket(token)
    form = _form(found)
    if not form.validate_on_submit():
        return _page(canonical, found, form, 422)
    try:
        issued = _claim(canonical, form, nonce or secrets.token_hex(16))
        db.session.commit()
    except NotFound:
        # The other tap of two was faster: its ticket is this one.
        db.session.rollback()
        if nonce is None or not _is_issued(nonce):
            raise
        return _to_own(ticket_token(nonce, key=key_for("tickets")), again=True)
    except (Conflict, Invalid, TooMany) as error:
        db.session.rollback()
        return _refused(canonical, found, form, error)
    return _to_own(issued.token)


def _is_issued(nonce: str) -> bool:
    return ticket_exists(db.session(), token=ticket_token(nonce, key=key_for("tickets")))


def _to_own(token: str, *, again: bool = False) -> BaseResponse:
    flash(
        _("The place is yours. Keep this page's link: it is new, and the one that you were sent is void."),
        "success",
    )
    if again:
        flash(_("This form had come already: what you sent first is kept. You can change it here."), "info")
    return go(url_for("registration.ticket", token=token))


def _claim(token: str, form: GuestForm, nonce: str) -> IssuedTicket:
    count_address(form.email.data)
    boxes = {Purpose.ATTEND: form.attend.data, Purpose.REMINDERS: form.reminders.data}
    return claim_place(
        db.session(),
        token=token,
        badge_name=form.badge_name.data or None,
        photo_preference=PhotoPreference(form.photo_preference.data),
        consents=frozenset(purpose for purpose, ticked in boxes.items() if ticked),
        contact_email=form.email.data,
        language=current_language(),
        nonce=nonce,
        key=key_for("tickets"),
        now=now(),
        letters=letters_of_place(ticket_token(nonce, key=key_for("tickets"))),
    )


def _refused(token: str, found: TicketView, form: GuestForm, error: DomainError) -> Response:
    field = "email" if isinstance(error, TooMany) else FIELDS.get(error.code)
    if field is None:
        raise error
    form[field].errors = [error_text(error.code, **error.data)]
    if not isinstance(error, TooMany):
        return _page(token, found, form, 422)
    answer = _page(token, found, form, 429)
    answer.headers["Retry-After"] = str(error.data["retry_after"])
    return answer


def _form(found: TicketView) -> GuestForm:
    form = NamedGuestForm() if found.answered_for else GuestForm()
    form.photo_preference.choices = [(choice.value, word(choice)) for choice in PhotoPreference]
    return form


def _page(token: str, found: TicketView, form: GuestForm, status: int = 200) -> Response:
    return page("registration/name.html", "form", status=status, token=token, ticket=found, form=form)
