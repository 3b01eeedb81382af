"""Access cards: printed at the desk, used on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.errors import Conflict, DomainError, NotFound
from conference.domain.sign_ins import SignInWay
from conference.extensions import db, network_of
from conference.forms.cards import CardForm, DeskForm, FindAgainForm, FindForm
from conference.policies import Permission
from conference.queries.cards import PersonAtDesk, person_at_desk
from conference.services.cards import UsedCard, issue_at_desk, revoke_card, use_card_code, use_card_link
from conference.web.access import check as check_right
from conference.web.access import required_account, requires
from conference.web.cards import card_sheet, draw_card
from conference.web.clock import now
from conference.web.keys import key_for, keys_for
from conference.web.limits import allow, check
from conference.web.locale import required_conference
from conference.web.pages import go, local_address, page, see
from conference.web.sign_ins import begin_session
from conference.web.wording import error_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("cards", __name__)

# Tickets are theirs; a card's code has a key of its own.
KEY = "cards"


@blueprint.get("/<lang>/card")
@requires(Permission.SIGN_IN)
def scan() -> Response:
    """Ask for the code on a card, or for a look at it through the camera."""
    return page("cards/scan.html", "form", form=CardForm(next=local_address(request.args.get("next"))))


@blueprint.post("/<lang>/card")
@requires(Permission.SIGN_IN)
def enter() -> BaseResponse:
    """Sign in whoever types the code of a card that was not used yet."""
    form = CardForm()
    if not form.validate_on_submit():
        return page("cards/scan.html", "form", status=422, form=form)
    try:
        used = _tried(
            lambda: use_card_code(db.session(), code=form.code.data or "", keys=keys_for(KEY), now=now())
        )
    except (NotFound, Conflict) as refusal:
        db.session.rollback()
        was_used = isinstance(refusal, Conflict)
        form.code.errors = [error_text(refusal.code if was_used else "card_code_wrong")]
        return page("cards/scan.html", "form", status=409 if was_used else 422, form=form)
    return _let_in(used, form.next.data)


@blueprint.get("/<lang>/card/<token>")
@requires(Permission.SIGN_IN)
def card(token: str) -> Response:
    """Ask once more before the card is used up: looking at a link opens nothing."""
    return page("cards/card.html", token=token, back=local_address(request.args.get("next")))


@blueprint.post("/<lang>/card/<token>")
@requires(Permission.SIGN_IN)
def use(token: str) -> BaseResponse:
    """Sign in whoever holds a card that was not used yet. Nobody guesses 256 bits: nothing is counted."""
    used = use_card_link(db.session(), token=token, now=now())
    return _let_in(used, request.form.get("next"))


def _tried(attempt: Callable[[], UsedCard]) -> UsedCard:
    """Wrong codes are counted by the network they come from: nobody knows whose card was guessed at."""
    network = network_of(request.remote_addr or "unknown")
    check("card", network)
    try:
        return attempt()
    except DomainError:
        allow("card", network)
        raise


def _let_in(used: UsedCard, back: str | None) -> BaseResponse:
    begin_session(used.account_id, way=SignInWay.CARD, card_id=used.card_id)
    db.session.commit()
    return go(local_address(back) or url_for("now.start"))


@blueprint.get("/<lang>/<slug>/cards")
@requires(Permission.ISSUE_CARDS)
def desk() -> Response:
    """Ask for the ticket of whoever stands at the desk."""
    return page("cards/desk.html", form=FindForm(formdata=None), person=None)


@blueprint.post("/<lang>/<slug>/cards/find")
@requires(Permission.ISSUE_CARDS)
def find() -> Response:
    """Show whose ticket it is and whether they have a card; a ticket's code has no place in an address."""
    form = FindForm()
    if not form.validate_on_submit():
        return page("cards/desk.html", status=422, form=form, person=None)
    try:
        person = _person(form.text.data or "")
    except (NotFound, Conflict) as refusal:
        form.text.errors = [error_text(refusal.code, **refusal.data)]
        return page("cards/desk.html", status=422, form=form, person=None)
    return _found(person, form.text.data or "")


@blueprint.get("/<lang>/<slug>/cards/find")
@requires(Permission.ISSUE_CARDS)
def find_again() -> Response:
    """Have the ticket ready that somebody had before them when they were asked who they are."""
    return page("cards/desk.html", form=FindAgainForm(), person=None)


def _person(text: str) -> PersonAtDesk:
    conference = required_conference()
    return person_at_desk(
        db.session(),
        conference_id=conference.id,
        slug=conference.slug,
        text=text,
        keys=keys_for("tickets"),
        card_keys=keys_for(KEY),
        now=now(),
    )


def _found(person: PersonAtDesk, text: str, refused: str | None = None) -> Response:
    refusal = refused or person.refusal
    return page(
        "cards/desk.html",
        status=200 if refused is None else 409,
        form=FindForm(formdata=None),
        person=person,
        ticket=text,
        refusal=None if refusal is None else error_text(refusal),
    )


@blueprint.post("/<lang>/<slug>/cards/issue")
@requires(Permission.ISSUE_CARDS)
def issue() -> Response:
    """Issue a card, instead of the one before if there is one, and show it to be printed, once.

    Whoever prints the card of somebody who votes has proved lately who they are.
    """
    form = DeskForm()
    if not form.validate_on_submit():
        return page("cards/desk.html", status=422, form=FindForm(formdata=None), person=None)
    text = form.text.data or ""
    person, drawn = _person(text), draw_card()
    if person.votes:
        check_right(Permission.PRINT_CARDS)
    try:
        number = issue_at_desk(
            db.session(),
            conference_id=required_conference().id,
            registration_id=person.registration_id,
            replaces=form.card.data,
            secrets=drawn,
            key=key_for(KEY),
            lifetime=current_app.config["CARD_LIFETIME"],
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return _found(_person(text), text, refusal.code)
    db.session.commit()
    return card_sheet(drawn, number=number, language=person.language, form=FindForm(formdata=None))


@blueprint.post("/<lang>/<slug>/cards/revoke")
@requires(Permission.ISSUE_CARDS)
def revoke() -> BaseResponse:
    """Take a card back: it was lost, or the phone was, and no new one is wanted now."""
    form = DeskForm()
    if not form.validate_on_submit() or form.card.data is None:
        return page("cards/desk.html", status=422, form=FindForm(formdata=None), person=None)
    text, number = form.text.data or "", form.card.data
    try:
        revoke_card(
            db.session(),
            conference_id=required_conference().id,
            registration_id=_person(text).registration_id,
            number=number,
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return _found(_person(text), text, refusal.code)
    db.session.commit()
    flash(
        _(
            "Card %(number)s opens nothing any more, and everything that was opened with it is closed.",
            number=number,
        ),
        "success",
    )
    return see(url_for("cards.desk"))
