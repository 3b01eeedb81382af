"""The audit log, for everybody's eyes."""

from __future__ import annotations

from flask import Blueprint, Response, request

from conference.extensions import db
from conference.policies import Permission
from conference.queries.audit import log_page
from conference.web.access import requires
from conference.web.audit import log_lines
from conference.web.audit_wording import audit_sentence
from conference.web.locale import required_conference, row_number
from conference.web.pages import page

blueprint = Blueprint("audit", __name__)

PAGE_LENGTH = 50


@blueprint.get("/<lang>/<slug>/audit")
@requires(Permission.READ_PUBLIC)
def log() -> Response:
    """List what people with rights did, the newest first, and the hash that stands for the whole log."""
    shown = log_page(
        db.session(), conference_id=required_conference().id, before=_before(), length=PAGE_LENGTH
    )
    return page(
        "audit/log.html",
        log=shown,
        lines=[(entry, audit_sentence(entry.event)) for entry in shown.entries],
        newest=request.args.get("before") is None,
    )


def _before() -> int | None:
    try:
        return row_number(request.args.get("before", ""))
    except ValueError:
        return None


@blueprint.get("/<lang>/<slug>/audit.jsonl")
@requires(Permission.READ_PUBLIC)
def download() -> Response:
    """Hand out the log as it was hashed, an entry a line, so that anybody can check the chain."""
    conference = required_conference()
    # Not a type that is compressed: a long log goes out as it is read.
    response = Response(log_lines(conference.id), mimetype="application/x-ndjson")
    response.headers["Content-Disposition"] = f'attachment; filename="{conference.slug}-audit.jsonl"'
    return response
