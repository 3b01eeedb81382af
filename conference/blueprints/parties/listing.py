"""The groups of an organization, and registering another one."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Response, current_app, flash, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from conference.blueprints.parties.room import blueprint, own_group, show_at_field
from conference.domain.errors import Conflict, Forbidden, Invalid
from conference.domain.registration import Category
from conference.domain.tickets import ticket_token
from conference.extensions import db, limiter
from conference.forms.parties import GroupForm
from conference.policies import Permission
from conference.queries.directory import chosen_organization, organization_choices
from conference.queries.parties import group_of_ticket, groups
from conference.services.groups import register_group
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page
from conference.web.registration import left, nonces_of_form, registering
from conference.web.wording import word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


@blueprint.get("/<lang>/<slug>/groups")
@requires(Permission.REGISTER_GROUPS)
def listing() -> Response:
    """List the groups of the organizations that whoever asks leads."""
    found = groups(
        db.session(), conference_id=required_conference().id, organization_ids=current_identity().people_of
    )
    return page("parties/listing.html", groups=found)


@blueprint.get("/<lang>/<slug>/groups/new")
@requires(Permission.REGISTER_GROUPS)
def ask() -> Response:
    """Ask for how many places, and in which capacity."""
    if not registering():
        return page("registration/closed.html")
    form = _group_form()
    form.form_key.data = form.form_key.data or secrets.token_hex(16)
    return _group_page(form)


@blueprint.post("/<lang>/<slug>/groups/new")
@limiter.limit(lambda: current_app.config["LIMIT_REGISTER"])
@requires(Permission.REGISTER_GROUPS)
def register() -> BaseResponse:
    """Hold the places at once, or have the group wait in line for all of them."""
    form = _group_form()
    if not form.validate_on_submit():
        return _group_page(form, 422)
    organization_id = chosen_organization(
        db.session(), conference_id=required_conference().id, key=form.organization.data
    )
    if organization_id is None or organization_id not in current_identity().people_of:
        raise Forbidden(permission=Permission.REGISTER_GROUPS)
    nonces = nonces_of_form(form.form_key.data, form.size.data or 0)
    first = ticket_token(nonces[0], key=key_for("tickets"))
    before = group_of_ticket(db.session(), token=first)
    if before is None:
        try:
            _register(form, organization_id, nonces)
            db.session.commit()
        except (Invalid, Conflict) as error:
            show_at_field(form, error)
            return _group_page(form, 422)
        except IntegrityError:
            # The other tap of two was faster: its group is this one.
            db.session.rollback()
    party_id = group_of_ticket(db.session(), token=first)
    if party_id is None:
        raise Conflict("conflict")
    if before is not None:
        _say_what_counts(form, organization_id, before)
    return go(url_for("parties.detail", party_id=party_id))


def _say_what_counts(form: GroupForm, organization_id: int, party_id: int) -> None:
    """Tell whoever changed a form and sent it again that there is one group, as it was asked for first."""
    found = own_group(party_id)
    stands = found.organization_id, found.category.value, len(found.tickets)
    if stands != (organization_id, form.category.data, form.size.data):
        flash(_("This form had come already, and the group was registered as you first asked."), "info")


def _register(form: GroupForm, organization_id: int, nonces: list[str]) -> None:
    register_group(
        db.session(),
        conference_id=required_conference().id,
        organization_id=organization_id,
        category=Category(form.category.data),
        size=form.size.data or 0,
        nonces=nonces,
        key=key_for("tickets"),
        language=current_language(),
        by=required_account(),
        now=now(),
    )


def _group_form() -> GroupForm:
    form = GroupForm()
    form.organization.choices = list(
        organization_choices(
            db.session(), conference_id=required_conference().id, among=current_identity().people_of
        )
    )
    form.category.choices = [(category.value, word(category)) for category in Category]
    return form


def _group_page(form: GroupForm, status: int = 200) -> Response:
    free = left(required_conference().id)
    return page("parties/new.html", "form", status=status, form=form, free=free)
