"""The directory: which organizations take part, and what each lets the reader know of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from agreements import Chamber
from conference.domain.directory import OrganizationKind
from conference.domain.places_of_origin import MOST_FOUND
from conference.extensions import db
from conference.forms.directory import FilterForm
from conference.forms.entries import PlaceForm
from conference.policies import Permission
from conference.queries.directory import (
    Audience,
    Looked,
    audience_of,
    organization,
    organizations,
    spoken_languages,
)
from conference.web.access import current_identity, requires
from conference.web.directory_wording import SIDES
from conference.web.entries import (
    language_choices,
    offer_places,
    origin_states,
    us_state_choices,
)
from conference.web.locale import required_conference
from conference.web.pages import page, wants_fragment
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Iterable

blueprint = Blueprint("directory", __name__)


def _filter_form(languages: Iterable[str]) -> FilterForm:
    form = FilterForm(request.args)
    form.side.choices = [("", _("Both sides")), *((side.value, SIDES[side]) for side in Chamber)]
    form.kind.choices = [("", _("All kinds")), *((kind.value, word(kind)) for kind in OrganizationKind)]
    form.origin_state.choices = origin_states(_("All of Mexico"))
    form.us_state.choices = us_state_choices(_("All states"))
    form.language.choices = language_choices(_("All languages"), languages)
    return form


def _looked(form: FilterForm) -> Looked:
    side, kind = form.chosen("side"), form.chosen("kind")
    return Looked(
        search=form.search,
        side=Chamber(side) if side else None,
        kind=OrganizationKind(kind) if kind else None,
        origin_state=form.chosen("origin_state"),
        us_state=form.chosen("us_state"),
        language=form.chosen("language"),
    )


def _audience() -> Audience:
    return audience_of(db.session(), conference_id=required_conference().id, identity=current_identity())


@blueprint.get("/<lang>/<slug>/organizations")
@requires(Permission.READ_PUBLIC)
def listing() -> Response:
    """List the organizations taking part, by side; a search or a filter leaves some of them."""
    audience, conference_id = _audience(), required_conference().id
    everything = organizations(db.session(), conference_id=conference_id, audience=audience)
    form = _filter_form(spoken_languages(everything))
    looked = _looked(form)
    found = [line for line in everything if line.fits(looked)]
    return page(
        "directory/listing.html",
        "organizations",
        form=form,
        found=found,
        by_side=[(SIDES[side], [line for line in found if line.side is side]) for side in Chamber],
        filtered=looked != Looked(),
        narrowed=bool(looked.origin_state or looked.us_state or looked.language),
    )


@blueprint.get("/<lang>/<slug>/organizations/<key>")
@requires(Permission.READ_PUBLIC)
def detail(key: str) -> Response:
    """Show one organization: what it says of itself, its federations, its part in the conference."""
    found = organization(db.session(), conference_id=required_conference().id, key=key, audience=_audience())
    return page("directory/detail.html", organization=found, side=SIDES[found.line.side])


@blueprint.get("/<lang>/<slug>/directory/places")
@requires(Permission.READ_PUBLIC)
def places() -> Response:
    """Find a municipality and its key by name: by itself, and below the field of an entry's form."""
    form = PlaceForm(request.args)
    form.origin_state.choices = origin_states(_("All states"))
    count = offer_places(form)
    if wants_fragment():
        return page("entries/form.html", "places", form=form, count=count)
    return page("directory/places.html", form=form, count=count, most=MOST_FOUND)
