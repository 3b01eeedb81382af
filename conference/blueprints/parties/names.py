"""The names of guests, written by whoever leads their organization and has asked them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, url_for

from conference.blueprints.parties.room import blueprint, own_group, show_at_field
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.registration import PhotoPreference, Purpose
from conference.extensions import db
from conference.forms.parties import NamedByLeadForm
from conference.policies import Permission
from conference.services.tickets import name_guest
from conference.web.access import requires
from conference.web.clock import now
from conference.web.locale import current_language
from conference.web.pages import go, page, see
from conference.web.wording import word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.parties import GroupTicket, GroupView


def _guest(party_id: int, registration_id: int) -> tuple[GroupView, GroupTicket]:
    found = own_group(party_id)
    mine = [ticket for ticket in found.tickets if ticket.registration_id == registration_id]
    if not mine:
        raise NotFound("ticket_not_found")
    return found, mine[0]


@blueprint.get("/<lang>/<slug>/groups/<int:party_id>/tickets/<int:registration_id>/name")
@requires(Permission.REGISTER_GROUPS)
def name(party_id: int, registration_id: int) -> BaseResponse:
    """Ask for a guest's name, where nobody has written one yet."""
    found, ticket = _guest(party_id, registration_id)
    if ticket.badge_name:
        return see(url_for("parties.detail", party_id=party_id))
    return _name_page(found, ticket, _name_form())


@blueprint.post("/<lang>/<slug>/groups/<int:party_id>/tickets/<int:registration_id>/name")
@requires(Permission.REGISTER_GROUPS)
def keep_name(party_id: int, registration_id: int) -> BaseResponse:
    """Write a guest's name on their ticket, with their consent that the lead answers for."""
    found, ticket = _guest(party_id, registration_id)
    if ticket.token is None:
        raise Conflict("ticket_has_name")
    form = _name_form()
    if not form.validate_on_submit():
        return _name_page(found, ticket, form, 422)
    try:
        name_guest(
            db.session(),
            token=ticket.token,
            badge_name=form.badge_name.data or "",
            photo_preference=PhotoPreference(form.photo_preference.data),
            consents=frozenset({Purpose.ATTEND}),
            contact_email=None,
            language=current_language(),
            now=now(),
        )
    except Invalid as error:
        show_at_field(form, error)
        return _name_page(found, ticket, form, 422)
    db.session.commit()
    return go(url_for("parties.detail", party_id=party_id, _anchor=f"place-{ticket.number}"))


def _name_form() -> NamedByLeadForm:
    form = NamedByLeadForm()
    form.photo_preference.choices = [(choice.value, word(choice)) for choice in PhotoPreference]
    return form


def _name_page(found: GroupView, ticket: GroupTicket, form: NamedByLeadForm, status: int = 200) -> Response:
    return page("parties/name.html", "form", status=status, group=found, ticket=ticket, form=form)
