"""Long work: what can be started, how far it has come, and what came of it."""

from __future__ import annotations

import io
import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, send_file, url_for
from flask_babel import gettext as _

from conference.domain.errors import NotFound
from conference.domain.jobs import JobKind
from conference.domain.schedule_xml import SIZE_LIMIT
from conference.domain.set_up import TIME_ZONES
from conference.domain.slugs import valid_conference_slug
from conference.extensions import db
from conference.forms.base import SelectChoice
from conference.forms.jobs import ImportForm, PurgeForm
from conference.policies import Permission
from conference.queries.conference import conference_by_slug
from conference.queries.jobs import JobView, own_job, recent_jobs
from conference.services.jobs import ask_for, ask_to_forget, cancel, hand_out
from conference.web.access import check, required_account, requires
from conference.web.clock import now
from conference.web.content import zone_name
from conference.web.etag import etag_of
from conference.web.job_wording import (
    counts_of,
    failure_of,
    failure_text,
    held_text,
    kept_of,
    progress_text,
    try_text,
)
from conference.web.live import up_to_date
from conference.web.locale import NATIVE_NAMES, current_language, enter_conference, required_conference
from conference.web.pages import go, page, see, wants_fragment
from conference.web.uploads import accept_upload

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("jobs", __name__)

# What is full of names is handed out only to whoever may still ask for it.
NAMES_PEOPLE = {
    JobKind.EXPORT_PEOPLE: Permission.EXPORT_PEOPLE,
    JobKind.PRINT_BADGES: Permission.PRINT_BADGES,
}
# A schedule, and the little that is sent with it.
UPLOAD_LIMIT = SIZE_LIMIT + 64 * 1024


@blueprint.url_value_preprocessor
def _accept_schedules(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "jobs.start_import" and request.method == "POST":
        accept_upload(UPLOAD_LIMIT, Permission.RUN_JOBS)


# -- starting --------------------------------------------------------------------------------------


def _import_form() -> ImportForm:
    form = ImportForm()
    day = required_conference().first_day
    form.zone.choices = [
        SelectChoice("", _("As the file says")),
        *(SelectChoice(zone, zone_name(zone, day)) for zone in TIME_ZONES),
    ]
    form.language.choices = [SelectChoice(code, name) for code, name in NATIVE_NAMES.items()]
    return form


def _listing(form: ImportForm, *blocks: str, status: int = 200) -> Response:
    jobs = recent_jobs(db.session(), conference_id=required_conference().id, account_id=required_account())
    version = etag_of(*jobs)
    if blocks and wants_fragment() and (current := up_to_date(version)):
        return current
    return page(
        "jobs/listing.html",
        *blocks,
        status=status,
        form=form,
        version=version,
        under_way=any(job.unfinished for job in jobs),
        jobs=[(job, progress_text(job), counts_of(job), failure_of(job), held_text(job)) for job in jobs],
    )


@blueprint.get("/<lang>/<slug>/jobs")
@requires(Permission.RUN_JOBS)
def listing() -> Response:
    """List what can be started, and what ran lately; how far it is by now, while anything is under way."""
    form = _import_form()
    form.language.data = current_language()
    return _listing(form, "lately")


@blueprint.post("/<lang>/<slug>/jobs/purge")
@requires(Permission.FORGET_NOW)
def start_purge() -> BaseResponse:
    """Forget whose period is over, or count them first."""
    form = PurgeForm()
    if not form.validate_on_submit():
        raise NotFound("page_not_found")
    key = secrets.token_urlsafe(32)
    ask_to_forget(
        db.session(),
        conference_id=required_conference().id,
        key=key,
        dry_run=form.dry_run.data,
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    return go(url_for("jobs.detail", key=key))


@blueprint.post("/<lang>/<slug>/jobs/import")
@requires(Permission.RUN_JOBS)
def start_import() -> BaseResponse:
    """Read a schedule that was made elsewhere, as a conference of its own."""
    form = _import_form()
    if not (form.validate_on_submit() and _slug_is_free(form)):
        return _listing(form, status=422)
    parameters = {name: form[name].data for name in ("slug", "zone", "language")}
    return _started(JobKind.IMPORT_PROGRAM, parameters, upload=form.file.data.read())


def _slug_is_free(form: ImportForm) -> bool:
    slug = form.slug.data
    if not slug:
        return True
    if not valid_conference_slug(slug):
        form.slug.errors = [failure_text("slug_invalid", {"slug": slug})]
    elif conference_by_slug(db.session(), slug) is not None:
        form.slug.errors = [failure_text("slug_taken", {"slug": slug})]
    return not form.slug.errors


def _started(kind: JobKind, parameters: dict[str, object], upload: bytes | None = None) -> BaseResponse:
    key = secrets.token_urlsafe(32)
    ask_for(
        db.session(),
        kind=kind,
        conference_id=required_conference().id,
        asked_by=required_account(),
        key=key,
        parameters=parameters,
        upload=upload,
        now=now(),
    )
    db.session.commit()
    return go(url_for("jobs.detail", key=key))


# -- watching --------------------------------------------------------------------------------------


def _own(key: str) -> JobView:
    job = own_job(db.session(), key=key, account_id=required_account())
    if job is None:
        raise NotFound("job_not_found")
    if job.conference_slug is not None:
        enter_conference(job.conference_slug)
    return job


def _detail(job: JobView) -> Response:
    return page(
        "jobs/detail.html",
        "progress",
        job=job,
        counts=counts_of(job),
        held=held_text(job),
        failure=failure_of(job),
        kept=kept_of(job),
        again=try_text(job),
        progress=progress_text(job),
    )


@blueprint.get("/<lang>/jobs/<key>")
@requires(Permission.SEE_JOBS)
def detail(key: str) -> Response:
    """Show a job to whoever asked for it; to everybody else there is none."""
    return _detail(_own(key))


@blueprint.get("/<lang>/jobs/<key>/progress")
@requires(Permission.SEE_JOBS)
def progress(key: str) -> Response:
    """Show how far it has come since the reader's version; the last answer asks for no other."""
    job = _own(key)
    return up_to_date(job.version) or _detail(job)


@blueprint.post("/<lang>/jobs/<key>/cancel")
@requires(Permission.SEE_JOBS)
def stop(key: str) -> BaseResponse:
    """End a job that is not done; what is left of it, the page says."""
    cancel(db.session(), key=key, account_id=required_account(), now=now())
    db.session.commit()
    return see(url_for("jobs.detail", key=key))


@blueprint.post("/<lang>/jobs/<key>/result")
@requires(Permission.SEE_JOBS)
def result(key: str) -> Response:
    """Hand out the file that a job made, once; one with names only to whoever may still ask for it."""
    needed = NAMES_PEOPLE.get(_own(key).kind)
    if needed is not None:
        check(needed)
    name, content = hand_out(db.session(), key=key, account_id=required_account())
    db.session.commit()
    response = send_file(
        io.BytesIO(content), as_attachment=True, download_name=name, mimetype="application/octet-stream"
    )
    # It is said to be gone from here: it stays in no cache either.
    response.headers["Cache-Control"] = "no-store"
    return response
