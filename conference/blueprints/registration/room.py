"""What the pages of registering have in common: nothing of them stays behind, and how a ticket is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for

from conference.domain.accounts import address_digest
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import SPOKEN_LANGUAGES, AccessNeed, PhotoPreference, RegistrationStatus
from conference.domain.tickets import canonical_token
from conference.extensions import db
from conference.queries.registration import ticket as find_ticket
from conference.web import letters
from conference.web.access import current_identity
from conference.web.keys import key_for
from conference.web.languages import language_name
from conference.web.limits import allow, from_here
from conference.web.locale import current_language, enter_conference
from conference.web.registration import code_of
from conference.web.wording import word

if TYPE_CHECKING:
    from conference.forms.registration import RegistrationForm, TicketForm
    from conference.queries.registration import TicketView
    from conference.services.accounts import Words

blueprint = Blueprint("registration", __name__)


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """What a ticket or a form said of a person stays in no browser's cache and in no index."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def found_ticket(token: str) -> tuple[str, TicketView]:
    """Return the ticket of the address, and make its conference the page's."""
    canonical = canonical_token(token)
    if canonical is None:
        raise NotFound("ticket_not_found")
    found = find_ticket(db.session(), token=canonical, reader=current_identity().account_id)
    enter_conference(found.slug)
    return canonical, found


def valid_ticket(token: str) -> tuple[str, TicketView]:
    """Return the ticket of the address; Conflict("ticket_cancelled") for one that is over."""
    canonical, found = found_ticket(token)
    if found.over:
        raise Conflict("ticket_cancelled")
    return canonical, found


def count_address(address: str | None) -> None:
    """Count one more letter to an address that somebody typed; TooMany where these are too many."""
    if address:
        # Anybody's address can be typed here, and is written to: not so often that its inbox fills.
        digest = address_digest(address, key=key_for("tickets"))
        allow("register_address", from_here(digest))
        allow("register_address_anywhere", digest)


def letters_of_place(token: str) -> dict[RegistrationStatus, Words]:
    """Return the letter with a ticket's link by where the place stands; an offer has a letter of its own."""
    path, language = url_for("registration.ticket", token=token), current_language()
    return {
        RegistrationStatus.CONFIRMED: letters.ticket(path=path, code=code_of(token), language=language),
        RegistrationStatus.PENDING: letters.registration_pending(path=path, language=language),
        RegistrationStatus.WAITING: letters.registration_waiting(path=path, language=language),
    }


def with_choices(form: RegistrationForm | TicketForm) -> None:
    """Put the words of photos, languages and needs into a form."""
    form.photo_preference.choices = [(choice.value, word(choice)) for choice in PhotoPreference]
    form.spoken.choices = [(code, language_name(code)) for code in SPOKEN_LANGUAGES]
    form.needs.choices = [(need.value, word(need)) for need in AccessNeed]
