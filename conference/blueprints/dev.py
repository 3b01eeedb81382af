"""The demonstration's own pages: its cast, its mailbox, its style guide. Registered in the demo only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from conference.domain.errors import NotFound
from conference.domain.sign_ins import SignInWay
from conference.extensions import db
from conference.forms.dev import SampleForm
from conference.policies import Permission
from conference.queries.demo import cast as find_cast
from conference.web.access import requires
from conference.web.mailbox import mails, sealed_html
from conference.web.pages import page, see
from conference.web.sign_ins import begin_session

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("dev", __name__, url_prefix="/dev")


@blueprint.before_request
def on_this_machine_only() -> None:
    """Anybody can become anybody here, so nobody from elsewhere is let in."""
    if request.remote_addr not in {"127.0.0.1", "::1"}:
        raise NotFound("page_not_found")


@blueprint.get("/mail")
@requires(Permission.USE_DEMO)
def mail() -> Response:
    """Show the mails that the demonstration sent."""
    return page("dev/mail.html", mails=mails())


@blueprint.get("/mail/<name>")
@requires(Permission.USE_DEMO)
def mail_html(name: str) -> Response:
    """Show the HTML form of one of them."""
    return sealed_html(name)


@blueprint.get("/style")
@requires(Permission.USE_DEMO)
def style() -> Response:
    """Show every token, macro and state of the design system."""
    return page("dev/style.html", sample_form=SampleForm())


@blueprint.get("/cast")
@requires(Permission.USE_DEMO)
def cast() -> Response:
    """List the sample people, to try the conference as one of them."""
    return page("dev/cast.html", cast=find_cast(db.session()))


@blueprint.post("/cast/<int:account_id>")
@requires(Permission.USE_DEMO)
def become(account_id: int) -> BaseResponse:
    """Sign in as one of the cast."""
    if account_id not in {member.account_id for member in find_cast(db.session())}:
        raise NotFound
    begin_session(account_id, way=SignInWay.CONSOLE, assured=True)
    db.session.commit()
    return see(url_for("now.start", lang="es"))
