"""Passkeys: to add, to sign in with, to confirm with. The script gets what to ask, then where to go."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, flash, jsonify, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError

from conference.domain.errors import Conflict, DomainError, Invalid, NotFound
from conference.domain.passkeys import label, user_handle
from conference.domain.sign_ins import SignInWay
from conference.extensions import db, limiter
from conference.policies import Permission
from conference.queries.passkeys import passkeys_of
from conference.services.passkey_proofs import (
    begin_confirming,
    begin_signing_in,
    confirm_by_passkey,
    sign_in_by_passkey,
)
from conference.services.passkeys import add_passkey, begin_adding, remove_passkey
from conference.web import letters
from conference.web.access import (
    SignInNeeded,
    current_identity,
    freshly_proved,
    required_account,
    requires,
)
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.pages import go, local_address, page
from conference.web.passkeys import passkeys_site
from conference.web.script_answers import answers_script, csrf_refused, sent, sent_next
from conference.web.sign_ins import begin_session, prove_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response as BaseResponse

    from conference.domain.passkeys import RelyingParty
    from conference.services.accounts import Words

blueprint = Blueprint("passkeys", __name__)
blueprint.register_error_handler(CSRFError, csrf_refused)

CHALLENGE_BYTES = 32


def _site() -> RelyingParty:
    site = passkeys_site()
    if site is None:
        raise NotFound("page_not_found")
    return site


# -- what the script sends ------------------------------------------------------------------------------


def _answer() -> dict[str, Any]:
    answer = sent().get("answer")
    if not isinstance(answer, dict):
        raise Invalid("passkey_unreadable")
    return answer


def _challenge() -> bytes:
    return secrets.token_bytes(CHALLENGE_BYTES)


@contextmanager
def challenge_used_up() -> Iterator[None]:
    """Keep with a refusal, too, that its challenge has been answered."""
    try:
        yield
    except DomainError:
        db.session.commit()
        raise


# -- one's own passkeys --------------------------------------------------------------------------------


@blueprint.get("/<lang>/account/passkeys")
@requires(Permission.SEE_ACCOUNT)
def listing() -> Response:
    """List one's passkeys, and offer to add and to remove."""
    _site()
    account_id = required_account()
    return page(
        "passkeys/listing.html",
        back=local_address(request.args.get("next")),
        passkeys=passkeys_of(db.session(), account_id=account_id),
        label=label(user_handle(account_id, key=key_for("passkeys"))),
    )


@blueprint.post("/<lang>/account/passkeys/options")
@answers_script
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.MANAGE_KEYS)
def add_options() -> BaseResponse:
    """Say what a new passkey is to be like."""
    options = begin_adding(
        db.session(),
        account_id=required_account(),
        site=_site(),
        key=key_for("passkeys"),
        challenge=_challenge(),
        now=now(),
    )
    db.session.commit()
    return jsonify(options)


@blueprint.post("/<lang>/account/passkeys")
@answers_script
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.MANAGE_KEYS)
def add() -> BaseResponse:
    """Keep a new passkey; having made it proves as much as signing in with it."""
    with challenge_used_up():
        added = add_passkey(
            db.session(),
            account_id=required_account(),
            answer=_answer(),
            site=_site(),
            letter=_letter_added,
            now=now(),
        )
    _prove(assured=added.assured)
    flash(_("Your passkey has been added. Next time, sign in with it."), "success")
    return jsonify(go=sent_next() or url_for("passkeys.listing"))


def _letter_added(language: str) -> Words:
    return letters.passkey_added(path=url_for("passkeys.listing", lang=language), language=language)


def _letter_removed(language: str) -> Words:
    return letters.passkey_removed(path=url_for("passkeys.listing", lang=language), language=language)


@blueprint.post("/<lang>/account/passkeys/<int:passkey_id>/remove")
@requires(Permission.MANAGE_KEYS)
def remove(passkey_id: int) -> BaseResponse:
    """Forget a passkey."""
    remove_passkey(
        db.session(),
        account_id=required_account(),
        sign_in_id=current_identity().sign_in_id,
        passkey_id=passkey_id,
        letter=_letter_removed,
        now=now(),
    )
    db.session.commit()
    flash(_("The passkey has been removed. It no longer opens anything here."), "success")
    return go(url_for("passkeys.listing"))


# -- signing in ----------------------------------------------------------------------------------------


@blueprint.post("/<lang>/sign-in/passkey/options")
@answers_script
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.SIGN_IN)
def sign_in_options() -> BaseResponse:
    """Ask for a passkey of this site, whosever it is."""
    options = begin_signing_in(db.session(), site=_site(), challenge=_challenge(), now=now())
    db.session.commit()
    return jsonify(options)


@blueprint.post("/<lang>/sign-in/passkey")
@answers_script
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.SIGN_IN)
def sign_in() -> BaseResponse:
    """Sign in whoever holds the passkey."""
    with challenge_used_up():
        answered = sign_in_by_passkey(db.session(), answer=_answer(), site=_site(), now=now())
    begin_session(answered.account_id, way=SignInWay.PASSKEY, assured=answered.assured)
    db.session.commit()
    return jsonify(go=sent_next() or url_for("now.start"))


# -- confirming ----------------------------------------------------------------------------------------


@blueprint.post("/<lang>/confirm/passkey/options")
@answers_script
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.PROVE_ONESELF)
def confirm_options() -> BaseResponse:
    """Ask for one of one's own passkeys."""
    options = begin_confirming(
        db.session(), account_id=required_account(), site=_site(), challenge=_challenge(), now=now()
    )
    db.session.commit()
    return jsonify(options)


@blueprint.post("/<lang>/confirm/passkey")
@answers_script
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.PROVE_ONESELF)
def confirm() -> BaseResponse:
    """Note that whoever is signed in holds a passkey of theirs; unlocked, it counts as a second factor."""
    with challenge_used_up():
        answered = confirm_by_passkey(
            db.session(), account_id=required_account(), answer=_answer(), site=_site(), now=now()
        )
    _prove(assured=answered.assured)
    if not freshly_proved(current_identity(), Permission.PROVE_ONESELF):
        # Of staff a second factor is asked; what asked for this page would only lead here again.
        raise Conflict("passkey_without_lock")
    return jsonify(go=sent_next() or url_for("now.start"))


def _prove(*, assured: bool) -> None:
    sign_in_id = current_identity().sign_in_id
    if sign_in_id is None:
        raise SignInNeeded
    prove_session(sign_in_id, assured=assured)
    db.session.commit()
