"""Adopted texts, published for good: everybody reads them, without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, url_for

from conference.domain.errors import NotFound
from conference.extensions import db
from conference.policies import Permission
from conference.queries.resolutions import resolution, resolutions
from conference.queries.voting import question, roll_call
from conference.web.access import current_identity, requires
from conference.web.etag import etag_of, not_modified, release
from conference.web.letters import absolute
from conference.web.locale import current_language, required_conference
from conference.web.pages import page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("resolutions", __name__)


@blueprint.get("/<lang>/<slug>/resolutions")
@requires(Permission.READ_PUBLIC)
def listing() -> BaseResponse:
    """List what was adopted, in the order of its numbers."""
    listed = resolutions(db.session(), conference_id=required_conference().id)
    return page("resolutions/listing.html", resolutions=listed)


@blueprint.get("/<lang>/<slug>/resolutions/<int:number>")
@requires(Permission.READ_PUBLIC)
def detail(number: int) -> BaseResponse:
    """Show one adopted text with the record of its vote; strangers who have it already get a 304."""
    conference = required_conference()
    found = resolution(db.session(), conference_id=conference.id, number=number)
    if found is None:
        raise NotFound("resolution_not_found")
    # Nothing in a resolution ever changes; what surrounds it does with the conference and the release.
    etag = etag_of(release(), current_language(), conference, found)
    if not current_identity().signed_in and (kept := not_modified(etag)):
        return kept
    vote = question(db.session(), conference_id=conference.id, number=found.question_number)
    assert vote is not None  # noqa: S101 - a foreign key says so
    response = page(
        "resolutions/detail.html",
        resolution=found,
        question=vote,
        roll=roll_call(db.session(), question_id=vote.id),
        address=absolute(url_for("resolutions.detail", number=number)),
    )
    if not current_identity().signed_in:
        response.set_etag(etag, weak=True)
    return response
