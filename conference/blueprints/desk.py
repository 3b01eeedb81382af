"""The desk: finding a registration, approving it, registering whoever walks in, replacing a lost ticket."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError

from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import (
    OVER,
    Category,
    PhotoPreference,
    RefusalReason,
    RegistrationStatus,
)
from conference.domain.tickets import shown_ticket_code, ticket_code, ticket_text, ticket_token
from conference.exports.badges import LABELS
from conference.exports.qr import qr_svg
from conference.extensions import db
from conference.forms.base import SelectChoice
from conference.forms.desk import PersonForm, ReissueForm, RejectForm, SearchForm, WalkInForm
from conference.forms.registration import CONSENT_TO_ATTEND
from conference.policies import Permission, may
from conference.queries import desk as queries
from conference.queries.directory import organization_choices
from conference.services.decisions import approve as approve_registration
from conference.services.decisions import reject as reject_registration
from conference.services.desk import register_at_desk, reissue_ticket
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.desk import SHEET_SECONDS, new_paper, nonce_of, reference, referred
from conference.web.keys import key_for, keys_for
from conference.web.limits import allow
from conference.web.line import place_letter
from conference.web.locale import NATIVE_NAMES, current_language, required_conference
from conference.web.pages import go, page
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.forms.base import Form
    from conference.queries.desk import AtDesk, Hits

blueprint = Blueprint("desk", __name__)

# The field at which an error of the service is shown.
FIELDS = {
    "badge_name_needed": "badge_name",
    "badge_name_too_long": "badge_name",
    "consent_needed": "agreed",
    "delegate_without_organization": "organization",
    "organization_not_taking_part": "organization",
}


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """What the desk saw of somebody stays in no browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


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


def _person(person: AtDesk, form: Form | None = None, refusal: Conflict | None = None) -> Response:
    status = 200 if form is None else 422
    return page(
        "desk/person.html",
        status=409 if refusal else status,
        person=person,
        reference=reference(person.registration_id),
        reject_form=_reject_form(form),
        problem=None if refusal is None else error_text(refusal.code, **refusal.data),
        label_paper=LABELS[0].value,
    )


def _reject_form(sent: Form | None = None) -> RejectForm:
    form = sent if isinstance(sent, RejectForm) else RejectForm(formdata=None)
    form.reason.choices = [
        SelectChoice("", _("Choose a reason")),
        *(SelectChoice(reason.value, word(reason)) for reason in RefusalReason),
    ]
    return form


def _referred(text: str | None) -> AtDesk:
    return queries.person(
        db.session(), conference_id=required_conference().id, registration_id=referred(text or "")
    )


@blueprint.post("/<lang>/<slug>/desk/person")
@requires(Permission.RUN_DESK)
def person() -> Response:
    """Show somebody who was found, and what can be done for them."""
    return _person(_referred(PersonForm().person.data))


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
    found = _referred(PersonForm().person.data)
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
        return _person(found, refusal=refusal)
    db.session.commit()
    flash(ngettext("%(num)s place is confirmed.", "%(num)s places are confirmed.", number), "success")
    return go(url_for("desk.pending"))


@blueprint.post("/<lang>/<slug>/desk/reject")
@requires(Permission.RUN_DESK)
def reject() -> BaseResponse:
    """Turn somebody down, for one of a few reasons; what was known of them is forgotten."""
    form = _reject_form(RejectForm())
    found = _referred(form.person.data)
    if not form.validate_on_submit():
        return _person(found, form)
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
        return _person(found, refusal=refusal)
    db.session.commit()
    flash(_("Not approved. What was known of the person is forgotten."), "success")
    return go(url_for("desk.pending"))


# -- tickets ---------------------------------------------------------------------------------------


@blueprint.post("/<lang>/<slug>/desk/reissue")
@requires(Permission.RUN_DESK)
def reissue() -> BaseResponse:
    """Issue another ticket for one that was lost; the old one opens nothing from now on."""
    form = ReissueForm()
    found = _referred(form.person.data)
    try:
        reissue_ticket(
            db.session(),
            conference_id=required_conference().id,
            registration_id=found.registration_id,
            replaces=form.replaces.data or "",
            nonce=secrets.token_hex(16),
            key=key_for("tickets"),
            by=required_account(),
            now=now(),
        )
    except Conflict as refusal:
        db.session.rollback()
        return _person(found, refusal=refusal)
    db.session.commit()
    return _to_ticket(found.registration_id)


def _to_ticket(registration_id: int) -> BaseResponse:
    return go(url_for("desk.ticket", issued=reference(registration_id, use="sheet")))


@blueprint.get("/<lang>/<slug>/desk/ticket/<issued>")
@requires(Permission.RUN_DESK)
def ticket(issued: str) -> Response:
    """Show a ticket that was just issued, large and to be printed; for a quarter of an hour."""
    conference = required_conference()
    sheet = queries.ticket_sheet(
        db.session(),
        conference_id=conference.id,
        registration_id=referred(issued, use="sheet", seconds=SHEET_SECONDS),
        keys=keys_for("tickets"),
    )
    text = ticket_text(sheet.token, conference=conference.slug, key=key_for("tickets"))
    return page(
        "desk/ticket.html",
        person=sheet.person,
        reference=reference(sheet.person.registration_id),
        label_paper=LABELS[0].value,
        qr=Markup(qr_svg(text, label=_("QR code of the ticket"))),  # noqa: S704 - our own drawing
        code=shown_ticket_code(ticket_code(sheet.token)),
        token=sheet.token,
    )


# -- walking in ------------------------------------------------------------------------------------


def _walk_in_form() -> WalkInForm:
    form = WalkInForm()
    form.category.choices = [(category.value, word(category)) for category in Category]
    form.photo_preference.choices = [(choice.value, word(choice)) for choice in PhotoPreference]
    form.language.choices = list(NATIVE_NAMES.items())
    organizations = organization_choices(db.session(), conference_id=required_conference().id)
    form.organization.choices = [("", _("None, or not in the list"))]
    form.organization.choices += [(str(number), name) for number, name in organizations]
    return form


def _walk_in(form: WalkInForm, status: int = 200, *, full: bool = False) -> Response:
    return page(
        "desk/walk_in.html",
        "form",
        status=status,
        form=form,
        consents=[(language, _consent(language)) for language in NATIVE_NAMES],
        full=full,
        may_exceed=may(current_identity(), Permission.MANAGE_PLACES),
    )


def _consent(language: str) -> str:
    with force_locale(language):
        return str(CONSENT_TO_ATTEND)


@blueprint.get("/<lang>/<slug>/desk/walk-in")
@requires(Permission.RUN_DESK)
def walk_in() -> Response:
    """Ask for what the badge says, and say what is to be read aloud."""
    form = _walk_in_form()
    form.once.data, form.language.data = new_paper(), current_language()
    return _walk_in(form)


@blueprint.post("/<lang>/<slug>/desk/walk-in")
@requires(Permission.RUN_DESK)
def register() -> BaseResponse:
    """Register whoever stands at the desk, and show the ticket; a second tap shows the same one."""
    form = _walk_in_form()
    if not form.validate_on_submit():
        return _walk_in(form, 422)
    try:
        registration_id = _registered_before(form) or _register(form)
    except Invalid as refusal:
        db.session.rollback()
        form[FIELDS[refusal.code]].errors = [error_text(refusal.code, **refusal.data)]
        return _walk_in(form, 422)
    except Conflict:
        db.session.rollback()
        return _walk_in(form, 409, full=True)
    except IntegrityError:
        # The two taps came at once.
        db.session.rollback()
        registration_id = _registered_before(form) or 0
    return _to_ticket(registration_id)


def _registered_before(form: WalkInForm) -> int | None:
    token = ticket_token(nonce_of(form.once.data or ""), key=key_for("tickets"))
    return queries.issued_with(db.session(), conference_id=required_conference().id, token=token)


def _register(form: WalkInForm) -> int:
    issued = register_at_desk(
        db.session(),
        conference_id=required_conference().id,
        badge_name=form.badge_name.data or "",
        category=Category(form.category.data),
        organization_id=int(form.organization.data) if form.organization.data else None,
        photo_preference=PhotoPreference(form.photo_preference.data),
        language=form.language.data or current_language(),
        agreed=form.agreed.data,
        over_capacity=form.over_capacity.data and may(current_identity(), Permission.MANAGE_PLACES),
        nonce=nonce_of(form.once.data or ""),
        key=key_for("tickets"),
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    return issued.registration_id
