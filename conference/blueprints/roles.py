"""Who may do what: granting and withdrawing, and the map of rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Invalid
from conference.extensions import db
from conference.forms.roles import GrantForm
from conference.policies import Permission
from conference.queries.directory import organization_choices
from conference.queries.roles import grants
from conference.services.roles import EARNED_ROLES, grant_role, revoke_role
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.locale import current_language, required_conference
from conference.web.pages import go, page
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse
    from wtforms import Field

blueprint = Blueprint("roles", __name__)


def _grant_form() -> GrantForm:
    form = GrantForm()
    conference = required_conference()
    granted = [role for role in Role if role not in EARNED_ROLES]
    # Nothing is chosen beforehand: a careless tap must not make an organizer.
    form.role.choices = [
        SelectChoice("", _("Choose…")),
        *(SelectChoice(role.value, word(role)) for role in granted),
    ]
    organizations = organization_choices(db.session(), conference_id=conference.id)
    names = (("", _("None")), *((str(key), name) for key, name in organizations))
    form.organization.choices = [SelectChoice(value, name) for value, name in names]
    return form


def _roles_page(form: GrantForm, status: int = 200) -> Response:
    conference = required_conference()
    return page(
        "roles/listing.html",
        "roles",
        status=status,
        form=form,
        grants=grants(db.session(), conference_id=conference.id),
    )


@blueprint.get("/<lang>/<slug>/roles")
@requires(Permission.GRANT_ROLES)
def listing() -> Response:
    """List who holds which role, and offer to name somebody."""
    return _roles_page(_grant_form())


@blueprint.post("/<lang>/<slug>/roles")
@requires(Permission.GRANT_ROLES)
def grant() -> BaseResponse:
    """Give an address a role in this conference."""
    form = _grant_form()
    if not form.validate_on_submit():
        return _roles_page(form, 422)
    try:
        _grant(form)
    except (Invalid, Conflict) as refusal:
        db.session.rollback()
        _field_at_fault(form, refusal.code).errors = [error_text(refusal.code, **refusal.data)]
        return _roles_page(form, 409 if isinstance(refusal, Conflict) else 422)
    db.session.commit()
    flash(_("The role has been granted."), "success")
    return go(url_for("roles.listing"))


def _field_at_fault(form: GrantForm, code: str) -> Field:
    fields: dict[str, Field] = {"organization_needed": form.organization, "role_not_granted": form.role}
    return fields.get(code, form.email)


def _grant(form: GrantForm) -> None:
    grant_role(
        db.session(),
        conference_id=required_conference().id,
        email=form.email.data or "",
        role=Role(form.role.data),
        organization_id=int(form.organization.data) if form.organization.data else None,
        language=current_language(),
        by=required_account(),
        now=now(),
    )


@blueprint.post("/<lang>/<slug>/roles/<int:grant_id>/revoke")
@requires(Permission.GRANT_ROLES)
def revoke(grant_id: int) -> BaseResponse:
    """Withdraw a role."""
    revoke_role(
        db.session(),
        conference_id=required_conference().id,
        grant_id=grant_id,
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    flash(_("The role has been withdrawn."), "success")
    return go(url_for("roles.listing"))
