"""The text being made: the whole of it, and each provision by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from conference.domain.errors import NotFound
from conference.extensions import db
from conference.policies import Permission
from conference.queries.agreement import agreement
from conference.web.access import requires
from conference.web.locale import required_conference
from conference.web.pages import page

if TYPE_CHECKING:
    from conference.queries.agreement import AgreementView

blueprint = Blueprint("agreement", __name__)

BOTH = "both"


def _current() -> AgreementView | None:
    return agreement(db.session(), conference_id=required_conference().id)


@blueprint.get("/<lang>/<slug>/agreement")
@requires(Permission.READ_PUBLIC)
def text() -> Response:
    """Show the current draft; on a narrow screen the other language is there when it is asked for."""
    return page("agreement/text.html", agreement=_current(), both=request.args.get("languages") == BOTH)


@blueprint.get("/<lang>/<slug>/agreement/<key>")
@requires(Permission.READ_PUBLIC)
def provision(key: str) -> Response:
    """Show one provision in every language, with its hash and what was decided of it."""
    found = _current()
    if found is None:
        raise NotFound("agreement_not_found")
    shown = found.find(key)
    if shown is None:
        raise NotFound("provision_not_found")
    return page("agreement/provision.html", agreement=found, provision=shown)
