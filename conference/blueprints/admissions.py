"""The organizers' side of the directory: answering entries, and bringing in organizations themselves."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, url_for
from flask_babel import gettext as _

from conference.domain.accounts import Role
from conference.domain.directory import OrganizationKind, OrganizationSource
from conference.domain.entries import EntryRefusal
from conference.domain.errors import Conflict, Forbidden, Invalid
from conference.extensions import db
from conference.forms.entries import InviteByCardForm, InviteForm, OthersEntryForm, RefuseForm
from conference.policies import Permission
from conference.queries.earlier import earlier_organizations
from conference.queries.entries import (
    erasable_entry,
    unclaimed_entries,
    unclaimed_entry,
    waiting_entries,
    waiting_entry,
)
from conference.services.accounts import SignInProof
from conference.services.admissions import accept_organization, erase_entry, refuse_organization
from conference.services.directory import enter_for_others
from conference.services.invitations import Invitation
from conference.services.roles import grant_role
from conference.services.staff_cards import invite_cardholder
from conference.web import letters
from conference.web.access import required_account, requires
from conference.web.cards import draw_card
from conference.web.clock import now
from conference.web.directory_letters import entry_accepted, entry_refused, not_taken_in
from conference.web.directory_wording import SIDES
from conference.web.entries import (
    entry_of,
    key_suffix,
    offer_places,
    settle_place,
    show_refusal,
    with_choices,
)
from conference.web.keys import key_for
from conference.web.locale import NATIVE_NAMES, current_language, required_conference
from conference.web.pages import page, see
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.entries import UnclaimedEntry

blueprint = Blueprint("admissions", __name__)

_BY_OTHERS = (OrganizationSource.INVITED, OrganizationSource.FOUND)


# -- answering ---------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/directory/waiting")
@requires(Permission.MANAGE_DIRECTORY)
def listing() -> Response:
    """List the entries that wait for an answer, and those that nobody has answered for yet."""
    conference_id = required_conference().id
    return page(
        "admissions/listing.html",
        waiting=waiting_entries(db.session(), conference_id=conference_id),
        unclaimed=unclaimed_entries(db.session(), conference_id=conference_id),
        sides=SIDES,
    )


@blueprint.post("/<lang>/<slug>/directory/waiting/<int:organization_id>/accept")
@requires(Permission.MANAGE_DIRECTORY)
def accept(organization_id: int) -> BaseResponse:
    """Let an organization take part, and tell its lead."""
    accept_organization(
        db.session(),
        conference_id=required_conference().id,
        organization_id=organization_id,
        letter=entry_accepted,
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    flash(_("The organization takes part, and its lead has been told."), "success")
    return see(url_for("admissions.listing"))


def _refuse_page(organization_id: int, form: RefuseForm, status: int = 200) -> Response:
    found = waiting_entry(
        db.session(), conference_id=required_conference().id, organization_id=organization_id
    )
    return page("admissions/refuse.html", status=status, waiting=found, form=form)


def _refuse_form() -> RefuseForm:
    form = RefuseForm()
    form.reason.choices = [(reason.value, word(reason)) for reason in EntryRefusal]
    return form


@blueprint.get("/<lang>/<slug>/directory/waiting/<int:organization_id>/refuse")
@requires(Permission.MANAGE_DIRECTORY)
def ask_to_refuse(organization_id: int) -> Response:
    """Ask why an entry is not accepted."""
    return _refuse_page(organization_id, _refuse_form())


@blueprint.post("/<lang>/<slug>/directory/waiting/<int:organization_id>/refuse")
@requires(Permission.MANAGE_DIRECTORY)
def refuse(organization_id: int) -> BaseResponse:
    """Do not let an organization take part, and tell its lead why."""
    form = _refuse_form()
    if not form.validate_on_submit():
        return _refuse_page(organization_id, form, 422)
    reason = EntryRefusal(form.reason.data)
    waiting = waiting_entries(db.session(), conference_id=required_conference().id)
    again = organization_id in {one.id for one in waiting if one.again}
    refuse_organization(
        db.session(),
        conference_id=required_conference().id,
        organization_id=organization_id,
        reason=reason,
        letter=partial(not_taken_in if again else entry_refused, reason),
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    flash(_("The entry was not accepted, and its lead has been told why."), "success")
    return see(url_for("admissions.listing"))


# -- bringing in -------------------------------------------------------------------------------------


def _others_form() -> OthersEntryForm:
    form = OthersEntryForm()
    with_choices(form, kinds=OrganizationKind, sides=SIDES)
    form.source.choices = [(source.value, word(source)) for source in _BY_OTHERS]
    return form


def _add_page(form: OthersEntryForm, status: int = 200) -> Response:
    return page("admissions/add.html", status=status, form=form, count=offer_places(form))


@blueprint.get("/<lang>/<slug>/directory/add")
@requires(Permission.MANAGE_DIRECTORY)
def add() -> Response:
    """Ask what there is to know of an organization that was found or is invited."""
    return _add_page(_others_form())


@blueprint.post("/<lang>/<slug>/directory/add")
@requires(Permission.MANAGE_DIRECTORY)
def send() -> BaseResponse:
    """Bring an organization in; nobody else sees it until somebody of it has said that it is theirs."""
    form = _others_form()
    if not (form.validate_on_submit() & settle_place(form)):
        return _add_page(form, 422)
    try:
        enter_for_others(
            db.session(),
            entry=entry_of(form),
            source=OrganizationSource(form.source.data),
            suffix=key_suffix(),
        )
    except (Conflict, Invalid) as refusal:
        db.session.rollback()
        return _add_page(form, show_refusal(form, refusal))
    db.session.commit()
    flash(_("Entered. Now name somebody of it: nobody else sees it until they have confirmed."), "success")
    return see(url_for("admissions.listing"))


@blueprint.get("/<lang>/<slug>/directory/earlier")
@requires(Permission.MANAGE_DIRECTORY)
def earlier() -> Response:
    """List the organizations of other conferences, of whom somebody may be invited to come to this one."""
    found = earlier_organizations(db.session(), conference_id=required_conference().id)
    return page("admissions/earlier.html", found=found, sides=SIDES)


# -- erasing -----------------------------------------------------------------------------------------


def _erase_page(organization_id: int, status: int = 200) -> Response:
    found = erasable_entry(
        db.session(), conference_id=required_conference().id, organization_id=organization_id
    )
    kept_by = error_text(found.kept_by) if found.kept_by else ""
    return page("admissions/erase.html", status=status, entry=found, kept_by=kept_by)


@blueprint.get("/<lang>/<slug>/directory/waiting/<int:organization_id>/erase")
@requires(Permission.MANAGE_DIRECTORY)
def ask_to_erase(organization_id: int) -> Response:
    """Ask whether an entry that nobody has answered for is to be erased, or say what keeps it."""
    return _erase_page(organization_id)


@blueprint.post("/<lang>/<slug>/directory/waiting/<int:organization_id>/erase")
@requires(Permission.MANAGE_DIRECTORY)
def erase(organization_id: int) -> BaseResponse:
    """Erase an entry that nobody has answered for, for good."""
    conference_id, account_id = required_conference().id, required_account()
    try:
        erase_entry(
            db.session(),
            conference_id=conference_id,
            organization_id=organization_id,
            by=account_id,
            now=now(),
        )
    except Conflict:
        db.session.rollback()
        return _erase_page(organization_id, 409)
    db.session.commit()
    flash(_("Erased. Nothing of the entry is left but its number in the log."), "success")
    return see(url_for("admissions.listing"))


# -- naming who answers for it -----------------------------------------------------------------------


def _languages() -> list[tuple[str, str]]:
    return [(code, NATIVE_NAMES[code]) for code in current_app.config["LANGUAGES"]]


def _invite_form() -> InviteForm:
    form = InviteForm()
    form.language.choices = _languages()
    form.language.data = form.language.data or current_language()
    return form


def _card_form() -> InviteByCardForm:
    form = InviteByCardForm()
    form.card_language.choices = _languages()
    form.card_language.data = form.card_language.data or current_language()
    return form


def _unclaimed(organization_id: int) -> UnclaimedEntry:
    conference_id = required_conference().id
    return unclaimed_entry(db.session(), conference_id=conference_id, organization_id=organization_id)


def _invite_page(
    organization_id: int,
    form: InviteForm | None = None,
    card_form: InviteByCardForm | None = None,
    status: int = 200,
) -> Response:
    return page(
        "admissions/invite.html",
        status=status,
        unclaimed=_unclaimed(organization_id),
        form=form or _invite_form(),
        card_form=card_form or _card_form(),
    )


@blueprint.get("/<lang>/<slug>/directory/add/<int:organization_id>/invite")
@requires(Permission.MANAGE_DIRECTORY)
def invite(organization_id: int) -> Response:
    """Ask who answers for an organization that others entered."""
    return _invite_page(organization_id)


@blueprint.post("/<lang>/<slug>/directory/add/<int:organization_id>/invite")
@requires(Permission.GRANT_ROLES)
def send_invitation(organization_id: int) -> BaseResponse:
    """Name its lead by address, and write to them."""
    form = _invite_form()
    if not form.validate_on_submit():
        return _invite_page(organization_id, form, status=422)
    try:
        _name_lead(_unclaimed(organization_id).id, form.email.data or "", str(form.language.data))
    except (Conflict, Forbidden) as refusal:
        db.session.rollback()
        form.email.errors = [error_text(refusal.code, **refusal.data)]
        return _invite_page(organization_id, form, status=422)
    db.session.commit()
    flash(_("Invited. The mail has a link that lets them in."), "success")
    return see(url_for("admissions.listing"))


def _name_lead(organization_id: int, email: str, language: str) -> None:
    token, lifetime = secrets.token_urlsafe(32), current_app.config["INVITATION_LIFETIME"]
    back = url_for("entries.mine", lang=language)
    words = letters.invitation(
        role=Role.ORGANIZATION_LEAD,
        path=url_for("accounts.link", lang=language, token=token, next=back),
        days=lifetime.days,
        language=language,
    )
    # The code is mailed to nobody, so it may be one that nobody could type.
    proof = SignInProof(token=token, code=secrets.token_urlsafe(32))
    grant_role(
        db.session(),
        conference_id=required_conference().id,
        email=email,
        role=Role.ORGANIZATION_LEAD,
        organization_id=organization_id,
        language=language,
        by=required_account(),
        now=now(),
        invitation=Invitation(words, proof, key_for("sign-in"), lifetime),
    )


@blueprint.post("/<lang>/<slug>/directory/add/<int:organization_id>/card")
@requires(Permission.GRANT_ROLES)
def invite_by_card(organization_id: int) -> BaseResponse:
    """Name a lead without email; another organizer prints their card, on the page of roles."""
    form = _card_form()
    if not form.validate_on_submit():
        return _invite_page(organization_id, card_form=form, status=422)
    invite_cardholder(
        db.session(),
        conference_id=required_conference().id,
        role=Role.ORGANIZATION_LEAD,
        organization_id=_unclaimed(organization_id).id,
        language=str(form.card_language.data),
        secrets=draw_card(),
        key=key_for("cards"),
        lifetime=current_app.config["CARD_LIFETIME"],
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    flash(_("Named. Another organizer prints the card, on the page of roles."), "success")
    return see(url_for("admissions.listing"))
