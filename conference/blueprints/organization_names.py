"""What an organization is called, once it was accepted: its organizers change it, its lead does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _

from conference.domain.errors import Conflict, Invalid
from conference.extensions import db
from conference.forms.entries import NameForm
from conference.policies import Permission
from conference.queries.entries import NamedEntry, named_entry
from conference.services.admissions import rename_organization
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.directory_letters import entry_renamed
from conference.web.entries import show_refusal
from conference.web.locale import required_conference
from conference.web.pages import page, see

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("organization_names", __name__)


def _named(key: str) -> NamedEntry:
    return named_entry(db.session(), conference_id=required_conference().id, key=key)


def _page(named: NamedEntry, form: NameForm, status: int = 200) -> Response:
    return page("organization_names/rename.html", status=status, named=named, form=form, back=_back(named))


def _back(named: NamedEntry) -> str:
    return url_for("admissions.listing") if named.awaited else url_for("directory.detail", key=named.key)


@blueprint.get("/<lang>/<slug>/organizations/<key>/name")
@requires(Permission.MANAGE_DIRECTORY)
def ask(key: str) -> Response:
    """Ask what an organization is called from now on."""
    named = _named(key)
    return _page(named, NameForm(data={"name": named.name}))


@blueprint.post("/<lang>/<slug>/organizations/<key>/name")
@requires(Permission.MANAGE_DIRECTORY)
def rename(key: str) -> BaseResponse:
    """Call an organization otherwise; what was voted on keeps the name of then."""
    named, form = _named(key), NameForm()
    if not form.validate_on_submit():
        return _page(named, form, 422)
    try:
        rename_organization(
            db.session(),
            conference_id=required_conference().id,
            organization_id=named.id,
            name=form.name.data or "",
            letter=entry_renamed,
            by=required_account(),
            now=now(),
        )
    except (Conflict, Invalid) as refusal:
        db.session.rollback()
        return _page(named, form, show_refusal(form, refusal))
    db.session.commit()
    flash(_("The organization is called so from now on. Whoever answers for it is told by mail."), "success")
    return see(_back(named))
