"""Writing to those who come: words in both languages, a look at them, and one letter a person."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from agreements import Chamber
from conference.domain.errors import Conflict
from conference.domain.registration import Category
from conference.domain.suppression import LEAST
from conference.extensions import db
from conference.forms.base import SelectChoice
from conference.forms.notices import NoticeForm
from conference.policies import Permission
from conference.queries.notices import readers_counted
from conference.services.notices_to_people import Group, ask_to_write
from conference.web import letters
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.locale import NATIVE_NAMES, required_conference
from conference.web.notices import group_of
from conference.web.pages import go, page
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.services.accounts import Words

blueprint = Blueprint("notices", __name__)


def _form() -> NoticeForm:
    form = NoticeForm()
    form.group.choices = [
        SelectChoice("", _("Everybody who comes")),
        *(SelectChoice(f"category:{each.value}", word(each)) for each in Category),
        *(SelectChoice(f"side:{each.value}", word(each)) for each in Chamber),
    ]
    return form


def _group(form: NoticeForm) -> Group:
    axis, _colon, value = (form.group.data or "").partition(":")
    return group_of({axis: value} if axis else {})


def _texts(form: NoticeForm) -> dict[str, str]:
    return {language: form[f"text_{language}"].data or "" for language in NATIVE_NAMES}


def _digest(form: NoticeForm) -> str:
    """Return what stands for the notice as it was looked at."""
    said = json.dumps([_texts(form), form.group.data], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _page(
    form: NoticeForm, status: int = 200, *, preview: bool = False, problem: str | None = None
) -> Response:
    counted = readers_counted(db.session(), conference_id=required_conference().id)
    group = _group(form) if preview else Group()
    if preview:
        form.seen.data = _digest(form)
    return page(
        "notices/write.html",
        status=status,
        form=form,
        words=_words(form) if preview else (),
        count=counted.of(group.category, group.side),
        total=counted.total,
        least=LEAST,
        problem=problem,
    )


def _words(form: NoticeForm) -> list[Words]:
    texts = _texts(form)
    return [letters.notice(text=texts[code], way_out="/…", language=code) for code in NATIVE_NAMES]


def _job_key(form: NoticeForm) -> str:
    """Return the key of the job's page: a second tap is led to the same one, and nobody guesses it."""
    once = hmac.new(key_for("notices"), (form.once.data or "").encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(once).decode().rstrip("=")


@blueprint.get("/<lang>/<slug>/notices")
@requires(Permission.WRITE_TO_PEOPLE)
def write() -> Response:
    """Ask for the words, and whom they are for."""
    form = _form()
    form.once.data = form.once.data or secrets.token_hex(16)
    return _page(form)


@blueprint.get("/<lang>/<slug>/notices/preview")
@requires(Permission.WRITE_TO_PEOPLE)
def again() -> Response:
    """Show the form where the letters were looked at: who had to prove themselves comes back here."""
    return write()


@blueprint.post("/<lang>/<slug>/notices/preview")
@requires(Permission.WRITE_TO_PEOPLE)
def preview() -> Response:
    """Show the letters as they would be sent, and to how many."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form, 422)
    return _page(form, preview=True)


@blueprint.post("/<lang>/<slug>/notices")
@requires(Permission.WRITE_TO_PEOPLE)
def send() -> BaseResponse:
    """Have the letters written that were looked at; their page shows how far that is."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form, 422)
    if form.seen.data != _digest(form):
        changed = _("You have changed something. Look at the letters once more before they are sent.")
        return _page(form, 409, preview=True, problem=changed)
    key = _job_key(form)
    try:
        ask_to_write(
            db.session(),
            conference_id=required_conference().id,
            group=_group(form),
            texts=_texts(form),
            cause=f"notice-{form.once.data}",
            key=key,
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return _page(form, 409, preview=True, problem=error_text(refusal.code, **refusal.data))
    db.session.commit()
    return go(url_for("jobs.detail", key=key))
