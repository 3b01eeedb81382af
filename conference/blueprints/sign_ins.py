"""Where one is signed in, and signing out there and everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from conference.extensions import db
from conference.policies import Permission
from conference.queries.sign_ins import address_of, by_card_alone, places, time_zone_of_latest
from conference.services.sign_ins import end_sign_in, end_sign_ins
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.pages import go, page
from conference.web.sign_ins import end_session, limits_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("sign_ins", __name__)


@blueprint.get("/<lang>/account")
@requires(Permission.SEE_ACCOUNT)
def account() -> Response:
    """Show whoever is signed in where else they are, and how they get in."""
    account_id, moment = required_account(), now()
    return page(
        "sign_ins/account.html",
        address=address_of(db.session(), account_id=account_id),
        places=places(
            db.session(),
            account_id=account_id,
            since=moment - limits_of(staff=False).absolute,
            staff_since=moment - limits_of(staff=True).absolute,
        ),
        here=current_identity().sign_in_id,
        # Outside of a conference no page knows the reader's zone.
        zone=time_zone_of_latest(db.session()) or "UTC",
        moment=moment,
        by_card_alone=by_card_alone(db.session(), account_id=account_id),
        leaving="leaving" in request.args,
    )


@blueprint.post("/<lang>/account/sign-ins/<int:sign_in_id>/end")
@requires(Permission.SEE_ACCOUNT)
def end(sign_in_id: int) -> BaseResponse:
    """Sign out in one browser; in this one it is the usual signing out."""
    end_sign_in(db.session(), account_id=required_account(), sign_in_id=sign_in_id)
    db.session.commit()
    if sign_in_id == current_identity().sign_in_id:
        return _out(_("You have signed out."))
    # The same where it had ended already: a second tap is no mistake.
    flash(_("You are signed out there."), "success")
    return go(url_for("sign_ins.account"))


@blueprint.post("/<lang>/account/sign-ins/end-others")
@requires(Permission.SEE_ACCOUNT)
def end_others() -> BaseResponse:
    """Sign out everywhere but here."""
    ended = end_sign_ins(db.session(), account_id=required_account(), but=current_identity().sign_in_id)
    db.session.commit()
    words = ngettext(
        "You are signed out in %(num)s other place.", "You are signed out in %(num)s other places.", ended
    )
    flash(words if ended else _("You were signed in nowhere else."), "success")
    return go(url_for("sign_ins.account"))


@blueprint.post("/<lang>/account/sign-ins/end-all")
@requires(Permission.SEE_ACCOUNT)
def end_all() -> BaseResponse:
    """Sign out everywhere, here too."""
    end_sign_ins(db.session(), account_id=required_account())
    db.session.commit()
    return _out(_("You are signed out everywhere."))


def _out(words: str) -> BaseResponse:
    end_session()
    flash(words, "success")
    return go(url_for("conference.home"))
