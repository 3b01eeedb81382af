"""The groups of an organization, and registering another one."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Response, current_app, url_for
from sqlalchemy.exc import IntegrityError

from conference.blueprints.parties.room import blueprint, show_at_field
from conference.domain.errors import Conflict, Forbidden, Invalid
from conference.domain.registration import Category
from conference.domain.tickets import ticket_token
from conference.extensions import db, limiter
from conference.forms.parties import GroupForm
from conference.policies import Permission
from conference.queries.directory import organization_choices
from conference.queries.parties import group_of_ticket, groups
from conference.services.parties import register_group
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page
from conference.web.registration import left, nonces_of_form
from conference.web.wording import word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


@blueprint.get("/<lang>/<slug>/groups")
@requires(Permission.REGISTER_GROUPS)
def listing() -> Response:
    """List the groups of the organizations that whoever asks leads."""
    found = groups(
        db.session(), conference_id=required_conference().id, organization_ids=current_identity().leads
    )
    return page("parties/listing.html", groups=found)


@blueprint.get("/<lang>/<slug>/groups/new")
@requires(Permission.REGISTER_GROUPS)
def ask() -> Response:
    """Ask for how many places, and in which capacity."""
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
    organization_id = int(form.organization.data)
    if organization_id not in current_identity().leads:
        raise Forbidden(permission=Permission.REGISTER_GROUPS)
    nonces = nonces_of_form(form.form_key.data, form.size.data or 0)
    first = ticket_token(nonces[0], key=key_for("tickets"))
    if group_of_ticket(db.session(), token=first) is None:
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
    return go(url_for("parties.detail", party_id=party_id))


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
    organizations = organization_choices(db.session(), conference_id=required_conference().id)
    leads = current_identity().leads
    form.organization.choices = [(str(key), name) for key, name in organizations if key in leads]
    form.category.choices = [(category.value, word(category)) for category in Category]
    return form


def _group_page(form: GroupForm, status: int = 200) -> Response:
    free = left(required_conference().id)
    return page("parties/new.html", "form", status=status, form=form, free=free)
