"""The outbox as counts, and ending mails of a sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, url_for
from flask_babel import ngettext

from conference.domain.errors import NotFound
from conference.domain.mail import StopLink, stop_link
from conference.extensions import csrf, db, limiter
from conference.policies import Permission
from conference.queries.mail import mail_counts
from conference.services.consents import stop_reminders
from conference.services.mail import hasten
from conference.services.mail import retry as retry_messages
from conference.web.access import requires
from conference.web.clock import now
from conference.web.etag import etag_of
from conference.web.keys import keys_for
from conference.web.live import up_to_date
from conference.web.locale import required_conference
from conference.web.pages import page, see, wants_fragment
from conference.web.queue import BATCH, MESSAGE, enqueue_after_commit

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("mail", __name__)


@blueprint.get("/<lang>/<slug>/mail")
@requires(Permission.SEE_MAIL)
def overview() -> Response:
    """Show how much mail waits, went out, and did not: numbers only."""
    conference = required_conference()
    counts = mail_counts(db.session(), conference_id=conference.id, time_zone=conference.time_zone, now=now())
    version = etag_of(counts)
    if wants_fragment() and (current := up_to_date(version)):
        return current
    oldest = min((kind.oldest for kind in counts if kind.oldest is not None), default=None)
    return page("mail/overview.html", "outbox", counts=counts, oldest=oldest, version=version)


@blueprint.post("/<lang>/<slug>/mail/retry")
@requires(Permission.SEE_MAIL)
def retry() -> BaseResponse:
    """Have what was given up, or is late, tried once more, at once; the sweep finds what is left of many."""
    conference_id = required_conference().id
    late = hasten(db.session(), conference_id=conference_id, now=now())
    again = (*retry_messages(db.session(), conference_id=conference_id, now=now()), *late)
    for message_id in again[:BATCH]:
        enqueue_after_commit(MESSAGE, message_id)
    db.session.commit()
    flash(ngettext("%(num)s mail is tried again.", "%(num)s mails are tried again.", len(again)), "success")
    return see(url_for("mail.overview"))


# -- ending reminders, by the link in them ---------------------------------------------------------


def _read(token: str) -> tuple[StopLink, bytes]:
    for key in keys_for("unsubscribe"):
        if link := stop_link(token, key=key):
            return link, key
    raise NotFound("stop_link_wrong")


@blueprint.get("/<lang>/mail/stop/<token>")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.STOP_MAILS)
def stopping(token: str) -> Response:
    """Ask once more before reminders end: mail programs open links by themselves."""
    _read(token)
    return page("mail/stop.html", token=token, stopped=False)


@blueprint.post("/<lang>/mail/stop/<token>")
@limiter.limit(lambda: current_app.config["LIMIT_TICKET"])
@requires(Permission.STOP_MAILS)
def stop(token: str) -> Response:
    """End the reminders: the button of the page, or of a mail program (RFC 8058).

    A mail program knows no form of ours and follows no redirect; whoever holds the link may do just this.
    """
    link, key = _read(token)
    stop_reminders(db.session(), link=link, key=key, now=now())
    db.session.commit()
    return page("mail/stop.html", token=token, stopped=True)


# The one view that takes a POST from elsewhere.
csrf.exempt(stop)
