"""Signing in by a link or a code from a mail, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.accounts import address_digest
from conference.domain.sign_ins import SignInWay
from conference.extensions import db, limiter
from conference.forms.accounts import CodeForm, SignInForm
from conference.policies import Permission
from conference.queries.sign_ins import by_card_alone
from conference.services.accounts import redeem_link
from conference.services.sign_ins import end_sign_in
from conference.web.access import current_identity, requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.limits import from_here
from conference.web.mailed_codes import address_asked_for, mail_code, proved_by_code
from conference.web.pages import go, local_address, page, see
from conference.web.sign_ins import begin_session, end_session, told_of_end, waits_for_sign_in
from conference.web.wording import error_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.services.accounts import Proved

blueprint = Blueprint("accounts", __name__)


def _enter(proved: Proved) -> None:
    way = SignInWay.CONSOLE if proved.assured else SignInWay.EMAIL
    begin_session(proved.account_id, way=way, assured=proved.assured)
    db.session.commit()


def _landing(address: str | None) -> str:
    return local_address(address) or url_for("now.start")


@blueprint.get("/<lang>/sign-in")
@requires(Permission.SIGN_IN)
def sign_in() -> BaseResponse:
    """Ask for an address."""
    if current_identity().signed_in:
        return see(_landing(request.args.get("next")))
    form = SignInForm(next=local_address(request.args.get("next")))
    return _sign_in_page(form, ended=told_of_end())


def _sign_in_page(form: SignInForm, status: int = 200, *, ended: bool = False) -> Response:
    kept = waits_for_sign_in()
    return page("accounts/sign_in.html", "form", status=status, form=form, ended=ended, kept=kept)


@blueprint.post("/<lang>/sign-in")
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.SIGN_IN)
def ask_for_code() -> BaseResponse:
    """Mail a link and a code; the answer is the same for every address."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422)
    mail_code(form.email.data or "", local_address(form.next.data))
    db.session.commit()
    return go(url_for("accounts.code", next=local_address(form.next.data)))


@blueprint.get("/<lang>/sign-in/code")
@requires(Permission.SIGN_IN)
def code() -> Response:
    """Ask for the code; the address is remembered in this browser, and may be typed in another."""
    form = CodeForm(email=address_asked_for(), next=local_address(request.args.get("next")))
    return _code_page(form)


def _code_page(form: CodeForm, status: int = 200, *, refused: bool = False) -> Response:
    # Who opens the page without having asked is promised no mail.
    asked = address_asked_for() is not None
    return page("accounts/code.html", "form", status=status, form=form, asked=asked, refused=refused)


@blueprint.post("/<lang>/sign-in/code")
@limiter.limit(lambda: current_app.config["LIMIT_CODE"])
@requires(Permission.SIGN_IN)
def use_code() -> BaseResponse:
    """Sign in whoever types the code that was mailed to the address."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(form, 422)
    email = form.email.data or ""
    subject = from_here(address_digest(email, key=key_for("sign-in")))
    proved = proved_by_code(email, form.code.data or "", subject=subject)
    if proved is None:
        form.code.errors = [error_text("code_wrong")]
        return _code_page(form, 422, refused=True)
    _enter(proved)
    return go(_landing(form.next.data))


@blueprint.get("/<lang>/sign-in/link/<token>")
@requires(Permission.SIGN_IN)
def link(token: str) -> Response:
    """Ask once more before the link is used up: mail programs open links by themselves."""
    return page("accounts/link.html", token=token, back=local_address(request.args.get("next")))


@blueprint.post("/<lang>/sign-in/link/<token>")
@requires(Permission.SIGN_IN)
def use_link(token: str) -> BaseResponse:
    """Sign in whoever holds the link. It is not limited: nobody guesses 256 bits."""
    _enter(redeem_link(db.session(), token=token, now=now()))
    return go(_landing(request.form.get("next")))


@blueprint.post("/<lang>/sign-out")
@requires(Permission.SIGN_OUT)
def sign_out() -> BaseResponse:
    """Forget who was signed in, here; whoever could come back by card alone is asked first."""
    identity = current_identity()
    if identity.account_id is not None and identity.sign_in_id is not None:
        if by_card_alone(db.session(), account_id=identity.account_id):
            return go(url_for("sign_ins.account", leaving=1))
        end_sign_in(db.session(), account_id=identity.account_id, sign_in_id=identity.sign_in_id)
        db.session.commit()
    end_session()
    flash(_("You have signed out."), "success")
    return go(url_for("conference.home"))
