"""Bringing a table of organizations into the directory: sent, looked through, looked at, and confirmed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, make_response, request, url_for

from conference.domain.errors import Conflict, NotFound
from conference.domain.jobs import JobKind
from conference.domain.organization_columns import heading, headings_in
from conference.domain.organization_file import MAXIMUM_BYTES, file_columns
from conference.extensions import db
from conference.forms.base import Form
from conference.forms.organization_import import TableForm
from conference.policies import Permission
from conference.queries.jobs import own_job
from conference.queries.organization_import import sent_table
from conference.services.jobs import ask_for
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.job_wording import failure_of, progress_text
from conference.web.live import up_to_date
from conference.web.locale import current_language, required_conference
from conference.web.organization_columns import columns_explained
from conference.web.organization_import import look_through
from conference.web.pack_wording import problem_text
from conference.web.pages import go, page
from conference.web.uploads import accept_upload

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.domain.organization_file import Plan
    from conference.queries.jobs import JobView

blueprint = Blueprint("organization_import", __name__)

# A table, and the little that is sent with it; a longer one is read to its end, to be told so.
UPLOAD_LIMIT = MAXIMUM_BYTES + 64 * 1024
# More lines than anybody reads on a page; their number is told.
MOST_SHOWN = 200


@blueprint.url_value_preprocessor
def _accept_tables(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "organization_import.send" and request.method == "POST":
        accept_upload(UPLOAD_LIMIT, Permission.MANAGE_DIRECTORY)


def _table_page(form: TableForm, status: int = 200) -> Response:
    columns = columns_explained(required_conference().languages)
    return page("organization_import/table.html", status=status, form=form, columns=columns)


@blueprint.get("/<lang>/<slug>/import-organizations")
@requires(Permission.MANAGE_DIRECTORY)
def table() -> Response:
    """Ask for the table, and say what each of its columns may hold."""
    return _table_page(TableForm())


@blueprint.get("/<lang>/<slug>/import-organizations.csv")
@requires(Permission.MANAGE_DIRECTORY)
def empty_table() -> Response:
    """Give a table with the reader's names of the columns and no row, to be filled in."""
    columns = headings_in(current_language(), file_columns(required_conference().languages))
    response = make_response("\ufeff" + ",".join(columns) + "\r\n")
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="organizations.csv"'
    return response


@blueprint.post("/<lang>/<slug>/import-organizations")
@requires(Permission.MANAGE_DIRECTORY)
def send() -> BaseResponse:
    """Take the table to be looked through; nothing of it is written yet."""
    form = TableForm()
    if not form.validate_on_submit():
        return _table_page(form, 422)
    key = _asked(form.file.data.read(), preview=True)
    return go(url_for("organization_import.preview", key=key))


@blueprint.get("/<lang>/<slug>/import-organizations/<key>")
@requires(Permission.MANAGE_DIRECTORY)
def preview(key: str) -> Response:
    """Show what would come of the table, or everything that is wrong with it, by line."""
    job = _own(key)
    if job.unfinished:
        return up_to_date(job.version) or _preview(job, progress=progress_text(job))
    content = _content(key)
    return _outcome(job, None if content is None else look_through(content, required_conference().languages))


def _outcome(job: JobView, found: Plan | None, status: int = 200) -> Response:
    problems = () if found is None else found.problems
    return _preview(
        job,
        status=status,
        failure=failure_of(job),
        found=found,
        problems=[(problem.line, problem_text(problem)) for problem in problems[:MOST_SHOWN]],
        most=MOST_SHOWN,
        called=lambda column: heading(column, current_language()),
    )


@blueprint.post("/<lang>/<slug>/import-organizations/<key>")
@requires(Permission.MANAGE_DIRECTORY)
def confirm(key: str) -> BaseResponse:
    """Bring in the table as it was looked at; one that was not yet, or is not right, starts nothing."""
    job = _own(key)
    if job.unfinished:
        raise Conflict("table_not_looked_through")
    content = _content(key)
    if not Form().validate_on_submit() or content is None:
        raise NotFound("table_gone")
    found = look_through(content, required_conference().languages)
    if found.problems:
        return _outcome(job, found, 409)
    return go(url_for("jobs.detail", key=_asked(content, preview=False)))


def _own(key: str) -> JobView:
    job = own_job(db.session(), key=key, account_id=required_account())
    here = required_conference().slug
    if job is None or job.kind is not JobKind.IMPORT_ORGANIZATIONS or job.conference_slug != here:
        raise NotFound("job_not_found")
    return job


def _content(key: str) -> bytes | None:
    return sent_table(
        db.session(), key=key, account_id=required_account(), conference_id=required_conference().id
    )


def _preview(job: JobView, **shown: Any) -> Response:
    return page("organization_import/preview.html", "preview", job=job, **shown)


def _asked(content: bytes, *, preview: bool) -> str:
    key = secrets.token_urlsafe(32)
    conference = required_conference()
    parameters: dict[str, object] = {"languages": list(conference.languages)}
    ask_for(
        db.session(),
        kind=JobKind.IMPORT_ORGANIZATIONS,
        conference_id=conference.id,
        asked_by=required_account(),
        key=key,
        parameters=parameters | {"preview": True} if preview else parameters,
        upload=content,
        now=now(),
    )
    db.session.commit()
    return key
