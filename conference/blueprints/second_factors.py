"""Confirming who acts: an app's codes, recovery codes, a mailed code; and setting the app up."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from conference.domain.errors import Conflict
from conference.domain.one_time_codes import (
    SECRET_BYTES,
    FactorChange,
    app_address,
    secret_text,
    shown_recovery_code,
)
from conference.exports.qr import link_qr_svg
from conference.extensions import db, limiter
from conference.forms.second_factors import AppCodeForm, MailedCodeForm, RecoveryCodeForm
from conference.policies import Permission
from conference.queries.second_factors import Means, begun_secret, means_of
from conference.services.second_factors import begin_app, enable_app, remove_app, renew_recovery_codes
from conference.web.access import (
    ProofNeeded,
    SignInNeeded,
    current_identity,
    freshly_proved,
    required_account,
    requires,
)
from conference.web.clock import now
from conference.web.mailed_codes import mail_code as mail_own_code
from conference.web.pages import local_address, page, see
from conference.web.second_factors import (
    drawn_recovery_codes,
    letter_about,
    recovery_digests,
    seal_of,
    try_app_code,
    try_mailed_code,
    try_recovery_code,
)
from conference.web.sign_ins import prove_session
from conference.web.wording import error_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("second_factors", __name__)


def _back() -> str | None:
    return local_address(request.args.get("next"))


def _means() -> Means:
    return means_of(db.session(), account_id=required_account())


def _required_sign_in() -> int:
    sign_in_id = current_identity().sign_in_id
    if sign_in_id is None:
        raise SignInNeeded
    return sign_in_id


# -- confirming who acts ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes that the page may ask for, each in a form of its own."""

    app: AppCodeForm
    recovery: RecoveryCodeForm
    mailed: MailedCodeForm


def _codes() -> _Codes:
    return _Codes(AppCodeForm(), RecoveryCodeForm(), MailedCodeForm())


def _nothing_to_prove(means: Means) -> bool:
    return freshly_proved(current_identity(), Permission.PROVE_ONESELF, staff=means.staff)


def _confirm_page(means: Means, codes: _Codes, status: int = 200) -> Response:
    identity = current_identity()
    return page(
        "second_factors/confirm.html",
        status=status,
        means=means,
        codes=codes,
        back=_back(),
        assured=identity.assured_at is not None,
        fresh=freshly_proved(identity, Permission.MANAGE_KEYS),
        mailed="mailed" in request.args,
        minutes=current_app.config["PROOF_LASTS"] // timedelta(minutes=1),
    )


def _proved(*, assured: bool, then: str | None) -> BaseResponse:
    prove_session(_required_sign_in(), assured=assured)
    db.session.commit()
    return see(then or url_for("now.start"))


@blueprint.get("/<lang>/confirm")
@requires(Permission.PROVE_ONESELF)
def confirm() -> BaseResponse:
    """Ask who acts to prove it, by what the account has."""
    means = _means()
    if _nothing_to_prove(means):
        return see(_back() or url_for("now.start"))
    return _confirm_page(means, _codes())


@blueprint.post("/<lang>/confirm")
@limiter.limit(lambda: current_app.config["LIMIT_CODE"])
@requires(Permission.PROVE_ONESELF)
def prove() -> BaseResponse:
    """Take a code of the app, from paper or from a mail."""
    means, codes = _means(), _codes()
    if codes.recovery.recovery_code.name in request.form:
        return _prove_by_recovery_code(means, codes)
    if codes.mailed.mailed_code.name in request.form:
        return _prove_by_mail(means, codes)
    return _prove_by_app(means, codes)


def _prove_by_app(means: Means, codes: _Codes) -> BaseResponse:
    if not codes.app.validate_on_submit():
        return _confirm_page(means, codes, 422)
    field = codes.app.app_code
    tried = try_app_code(required_account(), field.data or "")
    if tried.right:
        return _proved(assured=True, then=_back())
    db.session.commit()
    if tried.locked_until is not None:
        return _locked(means, codes, tried.locked_until)
    field.errors = [error_text("app_code_wrong")]
    return _confirm_page(means, codes, 422)


def _locked(means: Means, codes: _Codes, until: datetime) -> Response:
    seconds = max(1, math.ceil((until - now()).total_seconds()))
    codes.app.app_code.errors = [error_text("app_locked", minutes=math.ceil(seconds / 60))]
    answer = _confirm_page(means, codes, 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _prove_by_recovery_code(means: Means, codes: _Codes) -> BaseResponse:
    if not codes.recovery.validate_on_submit():
        return _confirm_page(means, codes, 422)
    field = codes.recovery.recovery_code
    if not try_recovery_code(required_account(), field.data or ""):
        field.errors = [error_text("recovery_code_wrong")]
        return _confirm_page(means, codes, 422)
    return _proved(assured=True, then=_back())


def _prove_by_mail(means: Means, codes: _Codes) -> BaseResponse:
    """A mailed code proves an address, and is no second factor: staff are led to set one up."""
    if means.email is None or not codes.mailed.validate_on_submit():
        return _confirm_page(means, codes, 422)
    field = codes.mailed.mailed_code
    if not try_mailed_code(required_account(), means.email, field.data or ""):
        field.errors = [error_text("code_wrong")]
        return _confirm_page(means, codes, 422)
    to_set_up = means.staff and not means.has_second_factor
    then = url_for("second_factors.overview", next=_back()) if to_set_up else _back()
    return _proved(assured=False, then=then)


@blueprint.post("/<lang>/confirm/mail")
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.PROVE_ONESELF)
def mail_code() -> BaseResponse:
    """Mail a code to the account's own address."""
    means = _means()
    if means.email is None:
        return _confirm_page(means, _codes(), 422)
    mail_own_code(means.email, _back())
    db.session.commit()
    return see(url_for("second_factors.confirm", next=_back(), mailed=1))


# -- setting up ------------------------------------------------------------------------------------


@blueprint.get("/<lang>/account/second-factor")
@requires(Permission.SEE_ACCOUNT)
def overview() -> Response:
    """Show what the account proves itself with, and what can be changed."""
    return page("second_factors/overview.html", means=_means(), back=_back())


@blueprint.post("/<lang>/account/second-factor/begin")
@requires(Permission.MANAGE_KEYS)
def begin() -> BaseResponse:
    """Draw a secret for an app; what was in force stays so until the new app has shown a code."""
    begin_app(
        db.session(),
        account_id=required_account(),
        secret=secrets.token_bytes(SECRET_BYTES),
        seal=seal_of(required_account()),
        now=now(),
    )
    db.session.commit()
    return see(url_for("second_factors.app", next=_back()))


@blueprint.get("/<lang>/account/second-factor/app")
@requires(Permission.MANAGE_KEYS)
def app() -> BaseResponse:
    """Show the secret that was begun, to who has just proved that it is theirs."""
    if not freshly_proved(current_identity(), Permission.MANAGE_KEYS):
        raise ProofNeeded
    return _app_page(AppCodeForm())


def _app_page(form: AppCodeForm, status: int = 200) -> BaseResponse:
    sealed = begun_secret(db.session(), account_id=required_account(), now=now())
    if sealed is None:
        return _begin_anew()
    secret = seal_of(required_account()).open(sealed)
    drawn = link_qr_svg(app_address(secret), label=_("QR code for the app"))
    return page(
        "second_factors/app.html",
        status=status,
        form=form,
        secret=secret_text(secret),
        address=app_address(secret),
        qr=Markup(drawn),  # noqa: S704 - drawn by us, its label escaped
        back=_back(),
    )


def _begin_anew() -> BaseResponse:
    flash(error_text("app_not_begun"), "warning")
    return see(url_for("second_factors.overview", next=_back()))


@blueprint.post("/<lang>/account/second-factor/enable")
@requires(Permission.MANAGE_KEYS)
def enable() -> BaseResponse:
    """Put the app in force with its first code, which is a proof as well, and show recovery codes."""
    form = AppCodeForm()
    if not form.validate_on_submit():
        return _app_page(form, 422)
    earlier, drawn = _means().recovery_codes > 0, drawn_recovery_codes()
    try:
        right = _enable(form.app_code.data or "", drawn)
    except Conflict as refusal:
        if refusal.code != "app_not_begun":
            raise
        db.session.rollback()
        return _begin_anew()
    if not right:
        form.app_code.errors = [error_text("first_code_wrong")]
        return _app_page(form, 422)
    prove_session(_required_sign_in(), assured=True)
    return _recovery_codes_page(drawn, earlier=earlier)


def _enable(code: str, drawn: Sequence[str]) -> bool:
    return enable_app(
        db.session(),
        account_id=required_account(),
        sign_in_id=_required_sign_in(),
        code=code,
        seal=seal_of(required_account()),
        recovery=recovery_digests(drawn, required_account()),
        letter=letter_about(FactorChange.APP_SET_UP),
        now=now(),
    )


def _recovery_codes_page(drawn: Sequence[str], *, earlier: bool) -> Response:
    # Not 303 to a page that shows them: nothing of the server's can show them a second time.
    db.session.commit()
    shown = [shown_recovery_code(code) for code in drawn]
    return page("second_factors/recovery_codes.html", shown=shown, earlier=earlier, back=_back())


@blueprint.post("/<lang>/account/second-factor/recovery")
@requires(Permission.MANAGE_KEYS)
def recovery() -> Response:
    """Make new recovery codes, and show them once."""
    earlier, drawn = _means().recovery_codes > 0, drawn_recovery_codes()
    renew_recovery_codes(
        db.session(),
        account_id=required_account(),
        recovery=recovery_digests(drawn, required_account()),
        letter=letter_about(FactorChange.CODES_RENEWED),
        now=now(),
    )
    return _recovery_codes_page(drawn, earlier=earlier)


@blueprint.post("/<lang>/account/second-factor/remove")
@requires(Permission.MANAGE_KEYS)
def remove() -> BaseResponse:
    """End the app."""
    remove_app(
        db.session(),
        account_id=required_account(),
        sign_in_id=_required_sign_in(),
        letter=letter_about(FactorChange.APP_REMOVED),
        now=now(),
    )
    db.session.commit()
    flash(_("The app has been removed. Its codes work no more."), "success")
    return see(url_for("second_factors.overview"))
