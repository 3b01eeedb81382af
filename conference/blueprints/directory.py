"""The directory: which organizations take part, and what is public of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _

from agreements import Chamber
from conference.domain.directory import OrganizationKind
from conference.extensions import db
from conference.forms.directory import FilterForm
from conference.policies import Permission
from conference.queries.directory import organization, organizations
from conference.web.access import requires
from conference.web.locale import required_conference
from conference.web.pages import page
from conference.web.wording import word

if TYPE_CHECKING:
    from flask_babel.speaklater import LazyString

blueprint = Blueprint("directory", __name__)

SIDES: dict[Chamber, LazyString] = {
    Chamber.US: _("United States side"),
    Chamber.MX: _("Mexico side"),
}


def _filter_form() -> FilterForm:
    form = FilterForm(request.args)
    form.side.choices = [("", _("Both sides")), *((side.value, SIDES[side]) for side in Chamber)]
    form.kind.choices = [("", _("All kinds")), *((kind.value, word(kind)) for kind in OrganizationKind)]
    return form


@blueprint.get("/<lang>/<slug>/organizations")
@requires(Permission.READ_PUBLIC)
def listing() -> Response:
    """List the organizations taking part, by side; a search or a filter leaves some of them."""
    form = _filter_form()
    side, kind = form.chosen("side"), form.chosen("kind")
    found = organizations(
        db.session(),
        conference_id=required_conference().id,
        search=form.search,
        side=Chamber(side) if side else None,
        kind=OrganizationKind(kind) if kind else None,
    )
    return page(
        "directory/listing.html",
        "organizations",
        form=form,
        found=found,
        by_side=[(SIDES[side], [line for line in found if line.side is side]) for side in Chamber],
        filtered=bool(form.search or side or kind),
    )


@blueprint.get("/<lang>/<slug>/organizations/<key>")
@requires(Permission.READ_PUBLIC)
def detail(key: str) -> Response:
    """Show one organization: what it says of itself, its federations, its part in the conference."""
    found = organization(db.session(), conference_id=required_conference().id, key=key)
    return page("directory/detail.html", organization=found, side=SIDES[found.line.side])
