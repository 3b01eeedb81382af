"""Summaries of sessions: everybody reads the published ones, rapporteurs write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.summaries import Section
from conference.extensions import db
from conference.forms.summaries import SummaryForm
from conference.policies import Permission, may
from conference.queries.summaries import SummaryView, summaries, summary
from conference.services.summaries import publish_summary, save_summary
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.locale import NATIVE_NAMES, current_language, required_conference
from conference.web.pages import go, page, wants_fragment
from conference.web.wording import error_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("summaries", __name__)

TEMPLATE = "summaries/edit.html"


def _writes_summaries() -> bool:
    return may(current_identity(), Permission.WRITE_SUMMARIES)


def _required_summary(key: str) -> SummaryView:
    found = summary(db.session(), conference_id=required_conference().id, session_key=key)
    if found is None:
        raise NotFound("summary_not_found")
    return found


def _language_of_form() -> str:
    """Return the language that is written in: asked for by `?in=`, else the page's, else the conference's."""
    languages = required_conference().languages
    asked = request.args.get("in")
    if asked is not None and asked not in languages:
        raise NotFound("page_not_found")
    return asked or (current_language() if current_language() in languages else languages[0])


@blueprint.get("/<lang>/<slug>/summaries")
@requires(Permission.READ_PUBLIC)
def listing() -> Response:
    """List the published summaries by day; for rapporteurs also what is still to be written."""
    lines = summaries(db.session(), conference_id=required_conference().id, drafts=_writes_summaries())
    return page("summaries/listing.html", lines=lines)


@blueprint.get("/<lang>/<slug>/summaries/<key>")
@requires(Permission.READ_PUBLIC)
def detail(key: str) -> Response:
    """Show one summary; a draft is there for rapporteurs only."""
    found = _required_summary(key)
    if not found.published and not _writes_summaries():
        raise NotFound("summary_not_found")
    return page("summaries/detail.html", summary=found, sections=tuple(Section))


def _edit_page(
    form: SummaryForm, found: SummaryView, *blocks: str, status: int = 200, **context: object
) -> Response:
    settings = {"newer": None, "saved": False} | context
    return page(
        TEMPLATE,
        *blocks,
        status=status,
        form=form,
        summary=found,
        sections=tuple(Section),
        language=_language_of_form(),
        languages={code: NATIVE_NAMES.get(code, code) for code in required_conference().languages},
        **settings,
    )


@blueprint.get("/<lang>/<slug>/summaries/<key>/edit")
@requires(Permission.WRITE_SUMMARIES)
def edit(key: str) -> Response:
    """Show what is written in one language, to be changed, beside what the other says."""
    found = _required_summary(key)
    language = _language_of_form()
    texts = {section.value: "\n".join(found.items(section, language)) for section in Section}
    return _edit_page(SummaryForm(revision=str(found.revision), **texts), found)


@blueprint.post("/<lang>/<slug>/summaries/<key>/edit")
@requires(Permission.WRITE_SUMMARIES)
def save(key: str) -> BaseResponse:
    """Save what was written, and publish it if that button was pressed; nothing typed is ever lost."""
    form = SummaryForm()
    if not form.validate_on_submit():
        return _again(form, key, 422)
    try:
        revision = _store(form, key)
    except Invalid as error:
        return _refused(form, key, error)
    except Conflict:
        return _overtaken(form, key)
    db.session.commit()
    return _saved(form, key, revision)


def _store(form: SummaryForm, key: str) -> int:
    conference_id, by, moment = required_conference().id, required_account(), now()
    revision = save_summary(
        db.session(),
        conference_id=conference_id,
        session_key=key,
        language=_language_of_form(),
        sections=form.lines(),
        revision=int(form.revision.data or 0),
        by=by,
        now=moment,
    )
    if not form.publish.data:
        return revision
    return publish_summary(
        db.session(), conference_id=conference_id, session_key=key, revision=revision, by=by, now=moment
    )


def _again(form: SummaryForm, key: str, status: int, **context: object) -> Response:
    """Show the form as it was sent and what is wrong; here htmx replaces the editor, not the status line."""
    response = _edit_page(form, _required_summary(key), "editor", status=status, **context)
    response.headers["HX-Retarget"] = "#editor"
    return response


def _refused(form: SummaryForm, key: str, error: Invalid) -> Response:
    db.session.rollback()
    words = error_text(error.code, **error.data)
    section = error.data.get("section")
    if isinstance(section, Section):
        form.area(section).errors = [words]
    else:
        form.form_errors.append(words)
    return _again(form, key, 422)


def _overtaken(form: SummaryForm, key: str) -> Response:
    """Give back what was typed together with what was saved meanwhile; the next save is made against that."""
    db.session.rollback()
    newer = _required_summary(key)
    form.revision.data = str(newer.revision)
    return _again(form, key, 409, newer=newer)


def _saved(form: SummaryForm, key: str, revision: int) -> BaseResponse:
    found = _required_summary(key)
    if form.publish.data:
        flash(_("The summary is published."), "success")
        return go(url_for("summaries.detail", key=key))
    if wants_fragment():
        form.revision.data = str(revision)
        # Usually the status line alone; after a refusal the whole editor, which still showed it.
        block = "editor" if request.headers.get("HX-Target") == "editor" else "saved"
        return _edit_page(form, found, block, saved=True)
    flash(_("Saved."), "success")
    back: dict[str, Any] = {"key": key, "in": _language_of_form()}
    return go(url_for("summaries.edit", **back))
