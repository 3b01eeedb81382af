"""Finding somebody who registered, and deciding about a place that waits for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from conference.blueprints.desk.room import blueprint, person_of, person_page, reject_form
from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import OVER, Category, RefusalReason, RegistrationStatus
from conference.extensions import db
from conference.forms.base import SelectChoice
from conference.forms.desk import PersonForm, RejectForm, SearchForm
from conference.policies import Permission
from conference.queries import desk as queries
from conference.services.decisions import approve as approve_registration
from conference.services.decisions import reject as reject_registration
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.desk import reference
from conference.web.keys import keys_for
from conference.web.limits import allow
from conference.web.line import place_letter
from conference.web.locale import required_conference
from conference.web.pages import go, page
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.desk import Hits

# -- finding ---------------------------------------------------------------------------------------


def _search_form() -> SearchForm:
    form = SearchForm()
    standing = [status for status in RegistrationStatus if status not in OVER]
    form.status.choices = [SelectChoice("", _("Any")), *(SelectChoice(s.value, word(s)) for s in standing)]
    form.category.choices = [SelectChoice("", _("Any")), *(SelectChoice(c.value, word(c)) for c in Category)]
    return form


def _desk(form: SearchForm, hits: Hits | None = None, status: int = 200) -> Response:
    found = () if hits is None else hits.people
    return page(
        "desk/desk.html",
        "results",
        status=status,
        form=form,
        hits=hits,
        references={person.registration_id: reference(person.registration_id) for person in found},
    )


@blueprint.get("/<lang>/<slug>/desk")
@requires(Permission.RUN_DESK)
def desk() -> Response:
    """Ask whom to look for; nobody is listed."""
    return _desk(_search_form())


@blueprint.post("/<lang>/<slug>/desk/find")
@requires(Permission.RUN_DESK)
def find() -> Response:
    """Show who was found; a name has no place in an address."""
    form, conference = _search_form(), required_conference()
    if not form.validate_on_submit():
        return _desk(form, status=422)
    # Whoever looks for one person after another stays below; whoever walks the alphabet does not.
    allow("desk_search", str(required_account()))
    try:
        hits = queries.find_people(
            db.session(),
            conference_id=conference.id,
            slug=conference.slug,
            text=form.text.data or "",
            keys=keys_for("tickets"),
            status=RegistrationStatus(form.status.data) if form.status.data else None,
            category=Category(form.category.data) if form.category.data else None,
        )
    except Invalid as refusal:
        form.text.errors = [error_text(refusal.code, **refusal.data)]
        return _desk(form, status=422)
    return _desk(form, hits)


# -- somebody --------------------------------------------------------------------------------------


@blueprint.post("/<lang>/<slug>/desk/person")
@requires(Permission.RUN_DESK)
def person() -> Response:
    """Show somebody who was found, and what can be done for them."""
    return person_page(person_of(PersonForm().person.data))


@blueprint.get("/<lang>/<slug>/desk/pending")
@requires(Permission.RUN_DESK)
def pending() -> Response:
    """Show who waits for an answer, the longest wait first: whoever decides must see whom about."""
    hits = queries.pending(db.session(), conference_id=required_conference().id)
    references = {person.registration_id: reference(person.registration_id) for person in hits.people}
    return page("desk/pending.html", hits=hits, references=references)


@blueprint.post("/<lang>/<slug>/desk/approve")
@requires(Permission.RUN_DESK)
def approve() -> BaseResponse:
    """Confirm the place of somebody who waits for it, with the group."""
    found = person_of(PersonForm().person.data)
    try:
        number = approve_registration(
            db.session(),
            conference_id=required_conference().id,
            registration_id=found.registration_id,
            by=required_account(),
            now=now(),
            letter=place_letter,
        )
    except Conflict as refusal:
        db.session.rollback()
        return person_page(found, refusal=refusal)
    db.session.commit()
    flash(ngettext("%(num)s place is confirmed.", "%(num)s places are confirmed.", number), "success")
    return go(url_for("desk.pending"))


@blueprint.post("/<lang>/<slug>/desk/reject")
@requires(Permission.RUN_DESK)
def reject() -> BaseResponse:
    """Turn somebody down, for one of a few reasons; what was known of them is forgotten."""
    form = reject_form(RejectForm())
    found = person_of(form.person.data)
    if not form.validate_on_submit():
        return person_page(found, form)
    try:
        reject_registration(
            db.session(),
            conference_id=required_conference().id,
            registration_id=found.registration_id,
            reason=RefusalReason(form.reason.data),
            by=required_account(),
            now=now(),
            letter=place_letter,
        )
    except Conflict as refusal:
        db.session.rollback()
        return person_page(found, refusal=refusal)
    db.session.commit()
    flash(_("Not approved. What was known of the person is forgotten."), "success")
    return go(url_for("desk.pending"))
