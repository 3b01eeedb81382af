"""Who may do what: granting and withdrawing, and the map of rights."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, url_for
from flask_babel import gettext as _

from conference.domain.accounts import STAFF_ROLES, Role
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid
from conference.extensions import db
from conference.forms.base import SelectChoice
from conference.forms.roles import CardholderForm, GrantForm
from conference.policies import (
    FRESHLY_PROVED,
    Permission,
    everybody_may,
    everybody_signed_in_may,
    roles_allowed,
)
from conference.queries.directory import chosen_organization, organization_choices
from conference.queries.roles import grant_in_force, grants
from conference.services.accounts import SignInProof
from conference.services.invitations import Invitation
from conference.services.roles import (
    EARNED_ROLES,
    ROLES_THAT_SEE_NAMES,
    grant_role,
    revoke_role,
)
from conference.services.staff_cards import invite_cardholder, reissue_for_staff
from conference.web import letters
from conference.web.access import required_account, requires
from conference.web.cards import card_sheet, draw_card
from conference.web.clock import now
from conference.web.directory_letters import lead_named
from conference.web.keys import key_for
from conference.web.locale import NATIVE_NAMES, current_language, required_conference
from conference.web.pages import go, page
from conference.web.rights_wording import RIGHTS
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response as BaseResponse
    from wtforms import Field

    from conference.queries.roles import Grant

blueprint = Blueprint("roles", __name__)

_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, Forbidden: 403}


# -- naming ----------------------------------------------------------------------------------------


def _with_choices(form: GrantForm | CardholderForm) -> None:
    granted = [role for role in Role if role not in EARNED_ROLES]
    # Nothing is chosen beforehand: a careless tap must not make an organizer.
    form.role.choices = [
        SelectChoice("", _("Choose…")),
        *(SelectChoice(role.value, word(role)) for role in granted),
    ]
    organizations = organization_choices(db.session(), conference_id=required_conference().id)
    names = (("", _("None")), *organizations)
    form.organization.choices = [SelectChoice(key, name) for key, name in names]
    form.language.choices = [(code, NATIVE_NAMES[code]) for code in current_app.config["LANGUAGES"]]
    # Read when the form was made, which knew no choices yet.
    form.language.data = form.language.data or current_language()


def _grant_form() -> GrantForm:
    form = GrantForm()
    _with_choices(form)
    return form


def _cardholder_form() -> CardholderForm:
    form = CardholderForm()
    _with_choices(form)
    return form


def _roles_page(form: GrantForm, status: int = 200) -> Response:
    held = grants(db.session(), conference_id=required_conference().id)
    return page(
        "roles/listing.html",
        "roles",
        status=status,
        form=form,
        grants=held,
        indispensable=_indispensable(held),
        staff=STAFF_ROLES,
        see_names=ROLES_THAT_SEE_NAMES,
        account_id=required_account(),
    )


def _indispensable(held: Sequence[Grant]) -> int | None:
    """Return the grant by which whoever asks organizes, if no other organizer could get in."""
    able = [grant for grant in held if grant.role is Role.ORGANIZER and grant.second_factor]
    own = [grant for grant in held if grant.role is Role.ORGANIZER and grant.account_id == required_account()]
    return own[0].id if own and all(grant in own for grant in able) else None


@blueprint.get("/<lang>/<slug>/roles")
@requires(Permission.GRANT_ROLES)
def listing() -> Response:
    """List who holds which role, and offer to name somebody."""
    return _roles_page(_grant_form())


@blueprint.post("/<lang>/<slug>/roles")
@requires(Permission.GRANT_ROLES)
def grant() -> BaseResponse:
    """Give an address a role in this conference, and write to whoever is given it for the first time."""
    form = _grant_form()
    if not form.validate_on_submit():
        return _roles_page(form, 422)
    try:
        _grant(form)
    except (Invalid, Conflict, Forbidden) as refusal:
        return _roles_page(form, _show_refusal(form, refusal))
    db.session.commit()
    flash(_("The role has been granted."), "success")
    return go(url_for("roles.listing"))


def _show_refusal(form: GrantForm | CardholderForm, refusal: DomainError) -> int:
    """Say what was refused beside the field that it is about; return the status to answer with."""
    db.session.rollback()
    about: dict[str, Field] = {
        "organization_needed": form.organization,
        "organization_not_taking_part": form.organization,
    }
    if isinstance(form, GrantForm):
        about["grant_exists"] = form.email
    about.get(refusal.code, form.role).errors = [error_text(refusal.code, **refusal.data)]
    return next(status for kind, status in _STATUS.items() if isinstance(refusal, kind))


def _organization_id(form: GrantForm | CardholderForm) -> int | None:
    return chosen_organization(
        db.session(), conference_id=required_conference().id, key=form.organization.data
    )


def _grant(form: GrantForm) -> None:
    role, language = Role(form.role.data), str(form.language.data)
    grant_role(
        db.session(),
        conference_id=required_conference().id,
        email=form.email.data or "",
        role=role,
        organization_id=_organization_id(form),
        language=language,
        by=required_account(),
        now=now(),
        invitation=_invitation(role, language),
        to_leads=lead_named,
    )


def _invitation(role: Role, language: str) -> Invitation:
    token, lifetime = secrets.token_urlsafe(32), current_app.config["INVITATION_LIFETIME"]
    back = url_for("now.page", lang=language)
    return Invitation(
        words=letters.invitation(
            role=role,
            path=url_for("accounts.link", lang=language, token=token, next=back),
            days=lifetime.days,
            language=language,
        ),
        # The code is mailed to nobody, so it may be one that nobody could type.
        proof=SignInProof(token=token, code=secrets.token_urlsafe(32)),
        key=key_for("sign-in"),
        lifetime=lifetime,
    )


# -- by card ---------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/roles/card")
@requires(Permission.GRANT_ROLES)
def cardholder() -> Response:
    """Ask for which role somebody without email gets a card."""
    return page("roles/cardholder.html", form=_cardholder_form())


@blueprint.post("/<lang>/<slug>/roles/card")
@requires(Permission.GRANT_ROLES)
def grant_by_card() -> BaseResponse:
    """Give a role to somebody without email, and show their card to be printed, once.

    The card of a role that sees names is printed by another organizer, on the page of roles.
    """
    form = _cardholder_form()
    if not form.validate_on_submit():
        return page("roles/cardholder.html", status=422, form=form)
    drawn = draw_card()
    try:
        card = invite_cardholder(
            db.session(),
            conference_id=required_conference().id,
            role=Role(form.role.data),
            organization_id=_organization_id(form),
            language=str(form.language.data),
            secrets=drawn,
            key=key_for("cards"),
            lifetime=current_app.config["CARD_LIFETIME"],
            by=required_account(),
            now=now(),
            to_leads=lead_named,
        )
    except Invalid as refusal:
        return page("roles/cardholder.html", status=_show_refusal(form, refusal), form=form)
    db.session.commit()
    if card is None:
        flash(_("The role has been granted. Another organizer prints the card, on this page."), "success")
        return go(url_for("roles.listing"))
    return card_sheet(drawn, number=card.number, language=card.language, of_role=True)


@blueprint.post("/<lang>/<slug>/roles/<int:grant_id>/card")
@requires(Permission.GRANT_ROLES)
def new_card(grant_id: int) -> Response:
    """Print another card for somebody of the staff who lost theirs; the one before opens nothing any more."""
    drawn = draw_card()
    card = reissue_for_staff(
        db.session(),
        conference_id=required_conference().id,
        grant_id=grant_id,
        secrets=drawn,
        key=key_for("cards"),
        lifetime=current_app.config["CARD_LIFETIME"],
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    return card_sheet(drawn, number=card.number, language=card.language, of_role=True)


# -- withdrawing -----------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/roles/<int:grant_id>/revoke")
@requires(Permission.GRANT_ROLES)
def ask_to_revoke(grant_id: int) -> Response:
    """Ask once more before a role is withdrawn."""
    held = grant_in_force(db.session(), conference_id=required_conference().id, grant_id=grant_id)
    return page("roles/revoke.html", grant=held, own=held.account_id == required_account())


@blueprint.post("/<lang>/<slug>/roles/<int:grant_id>/revoke")
@requires(Permission.GRANT_ROLES)
def revoke(grant_id: int) -> BaseResponse:
    """Withdraw a role, and tell whoever worked here with it."""
    conference_id = required_conference().id
    held = grant_in_force(db.session(), conference_id=conference_id, grant_id=grant_id)
    path = url_for("roles.rights", lang=held.language)
    revoke_role(
        db.session(),
        conference_id=conference_id,
        grant_id=grant_id,
        by=required_account(),
        now=now(),
        notice=letters.role_withdrawn(role=held.role, path=path, language=held.language),
    )
    db.session.commit()
    flash(_("The role has been withdrawn. To undo it, name the same person again."), "success")
    return go(url_for("roles.listing"))


# -- the map of rights -----------------------------------------------------------------------------


@blueprint.get("/<lang>/rights")
@requires(Permission.READ_PUBLIC)
def rights() -> Response:
    """Show who may do what, as the policies themselves answer."""
    of_roles = [permission for permission in Permission if not everybody_signed_in_may(permission)]
    return page(
        "roles/rights.html",
        words=RIGHTS,
        everybody=[permission for permission in Permission if everybody_may(permission)],
        signed_in=[
            permission
            for permission in Permission
            if everybody_signed_in_may(permission) and not everybody_may(permission)
        ],
        allowed={permission: roles_allowed(permission) for permission in of_roles},
        roles=[role for role in Role if any(role in roles_allowed(each) for each in of_roles)],
        without=[role for role in Role if not any(role in roles_allowed(each) for each in of_roles)],
        fresh=FRESHLY_PROVED,
        staff=STAFF_ROLES,
    )
