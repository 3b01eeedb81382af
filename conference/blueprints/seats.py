"""Seats of organizations, and the cards of their delegates who have no email."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, url_for
from flask_babel import gettext as _

from conference.domain.errors import Conflict, DomainError, NotFound
from conference.extensions import db
from conference.forms.seats import SeatForm
from conference.policies import Permission
from conference.queries.seats import delegates_without_address, seat_offers
from conference.services.cards import issue_together
from conference.services.seats import set_seat, take_seat_back
from conference.web.access import required_account, requires
from conference.web.cards import draw_card, printed_card
from conference.web.clock import now
from conference.web.errors import status_of
from conference.web.keys import key_for
from conference.web.locale import required_conference
from conference.web.pages import page, see
from conference.web.wording import error_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.seats import CardHolder, SeatOffer
    from conference.services.cards import CardSecrets
    from conference.web.cards import PrintedCard

blueprint = Blueprint("seats", __name__)

# A sheet that a printer takes at once; the next cards come with the next.
CARDS_AT_ONCE = 30


# -- seats -------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/seats")
@requires(Permission.MANAGE_DIRECTORY)
def listing() -> Response:
    """Show which organizations have a seat, and with how many votes."""
    return _listing()


def _offers() -> tuple[SeatOffer, ...]:
    return seat_offers(db.session(), conference_id=required_conference().id)


def _listing(
    *, status: int = 200, problem: str | None = None, sent: Mapping[str, SeatForm] | None = None
) -> Response:
    """`sent` is the form that somebody sent and has to correct, by the organization's key."""
    offers = _offers()
    forms = {offer.key: _form(offer, formdata=None) for offer in offers} | dict(sent or {})
    return page("seats/listing.html", status=status, offers=offers, forms=forms, problem=problem)


def _form(offer: SeatOffer, **values: object) -> SeatForm:
    return SeatForm(prefix=f"seat-{offer.key}", votes=offer.votes or 1, **values)


def _required(key: str) -> SeatOffer:
    for offer in _offers():
        if offer.key == key:
            return offer
    raise NotFound("organization_not_found")


@blueprint.post("/<lang>/<slug>/seats/<key>")
@requires(Permission.MANAGE_DIRECTORY)
def give(key: str) -> BaseResponse:
    """Give an organization its seat, or other votes."""
    offer = _required(key)
    form = _form(offer)
    if not form.validate_on_submit():
        return _listing(status=422, sent={key: form})
    return _done(
        lambda: set_seat(
            db.session(),
            conference_id=required_conference().id,
            organization_id=offer.organization_id,
            votes=form.votes.data or 0,
            by=required_account(),
            now=now(),
        ),
        _("%(organization)s has its seat.", organization=offer.name),
    )


@blueprint.post("/<lang>/<slug>/seats/<key>/taken-back")
@requires(Permission.MANAGE_DIRECTORY)
def take_back(key: str) -> BaseResponse:
    """Take a seat back that no question has counted."""
    offer = _required(key)
    return _done(
        lambda: take_seat_back(
            db.session(),
            conference_id=required_conference().id,
            organization_id=offer.organization_id,
            by=required_account(),
            now=now(),
        ),
        _("%(organization)s takes part with voice, without a seat.", organization=offer.name),
    )


def _done(act: Callable[[], object], said: str) -> BaseResponse:
    try:
        act()
    except DomainError as refused:
        db.session.rollback()
        return _listing(status=status_of(refused), problem=error_text(refused.code, **refused.data))
    db.session.commit()
    flash(said, "success")
    return see(url_for("seats.listing"))


# -- cards -------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/credentials/cards")
@requires(Permission.ISSUE_CARDS)
def cards() -> Response:
    """Show of which seats the people have no email, and who of them has a card."""
    return _cards()


def _cards(*, status: int = 200, problem: str | None = None) -> Response:
    return page("seats/cards.html", status=status, holders=_holders(), at_once=CARDS_AT_ONCE, problem=problem)


def _holders() -> tuple[CardHolder, ...]:
    return delegates_without_address(db.session(), conference_id=required_conference().id)


@blueprint.post("/<lang>/<slug>/credentials/cards")
@requires(Permission.PRINT_CARDS)
def print_cards() -> Response:
    """Issue a card to everybody who has none yet, and show them all to be printed, once."""
    waiting = [holder for holder in _holders() if not holder.has_card][:CARDS_AT_ONCE]
    drawn = {holder.registration_id: draw_card() for holder in waiting}
    try:
        numbers = issue_together(
            db.session(),
            conference_id=required_conference().id,
            secrets=drawn,
            key=key_for("cards"),
            lifetime=current_app.config["CARD_LIFETIME"],
            by=required_account(),
            now=now(),
        )
    except Conflict as refused:
        db.session.rollback()
        return _cards(status=409, problem=error_text(refused.code))
    db.session.commit()
    printed = [(holder, _printed(holder, drawn, numbers)) for holder in waiting]
    return page("seats/print_cards.html", printed=printed) if printed else _cards()


def _printed(holder: CardHolder, drawn: Mapping[int, CardSecrets], numbers: Mapping[int, int]) -> PrintedCard:
    number = numbers[holder.registration_id]
    return printed_card(drawn[holder.registration_id], number=number, language=holder.language)
