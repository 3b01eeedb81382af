"""Entering one's own organization, and what its lead decides about its entry."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _

from conference.domain.directory import OrganizationStatus
from conference.domain.entries import ENTERED_BY_THEMSELVES, OWN_STATUSES
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.extensions import db
from conference.forms.entries import EntryForm, StatusForm
from conference.policies import Permission
from conference.queries.earlier import entries_elsewhere
from conference.queries.entries import OwnEntry, own_entries, own_entry
from conference.services.directory import (
    ask_to_take_part,
    change_entry,
    claim_organization,
    enter_organization,
    return_organization,
    set_own_status,
    withdraw_organization,
)
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.content import day_and_time, zone_name
from conference.web.directory_wording import SIDES
from conference.web.entries import (
    entry_of,
    key_suffix,
    offer_places,
    said_by,
    settle_place,
    show_refusal,
    with_choices,
)
from conference.web.locale import required_conference
from conference.web.pages import page, see
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as BaseResponse

    # What a lead decides about an organization, by a service that takes nothing else.
    Decision = Callable[..., None]

blueprint = Blueprint("entries", __name__)


def _own(key: str) -> OwnEntry:
    """Return the entry of an organization that whoever asks answers for; NotFound for any other."""
    leads, conference_id = current_identity().leads, required_conference().id
    return own_entry(db.session(), conference_id=conference_id, key=key, leads=leads)


# -- entering ----------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/directory/enter")
@requires(Permission.ENTER_ORGANIZATIONS)
def enter() -> Response:
    """Ask what there is to know of the organization that somebody enters."""
    return _enter_page(with_choices(EntryForm(), kinds=ENTERED_BY_THEMSELVES, sides=SIDES))


def _enter_page(form: EntryForm, status: int = 200, problem: str | None = None) -> Response:
    elsewhere = entries_elsewhere(
        db.session(), conference_id=required_conference().id, account_id=required_account()
    )
    return page(
        "entries/enter.html",
        status=status,
        form=form,
        count=offer_places(form),
        elsewhere=elsewhere,
        problem=problem,
    )


@blueprint.post("/<lang>/<slug>/directory/enter")
@requires(Permission.ENTER_ORGANIZATIONS)
def send() -> BaseResponse:
    """Propose the organization; whoever enters it answers for it from then on."""
    form = with_choices(EntryForm(), kinds=ENTERED_BY_THEMSELVES, sides=SIDES)
    # Both are looked at, so that all that needs correcting is said at once.
    if not (form.validate_on_submit() & settle_place(form)):
        return _enter_page(form, 422)
    try:
        key = enter_organization(
            db.session(),
            conference_id=required_conference().id,
            entry=entry_of(form),
            suffix=key_suffix(),
            by=required_account(),
            now=now(),
        )
    except (Conflict, Invalid) as refusal:
        db.session.rollback()
        return _enter_page(form, show_refusal(form, refusal))
    db.session.commit()
    flash(_("Thank you. The organizers look at your entry, and you hear from them by mail."), "success")
    return see(url_for("entries.entry", key=key))


@blueprint.post("/<lang>/<slug>/directory/again/<key>")
@requires(Permission.ENTER_ORGANIZATIONS)
def ask_again(key: str) -> BaseResponse:
    """Ask to take part with the entry of another conference, whose lead asks."""
    conference_id, account_id = required_conference().id, required_account()
    elsewhere = entries_elsewhere(db.session(), conference_id=conference_id, account_id=account_id)
    wanted = next((one.id for one in elsewhere if one.key == key), None)
    if wanted is None:
        raise NotFound("entry_not_found")
    try:
        ask_to_take_part(
            db.session(), conference_id=conference_id, organization_id=wanted, by=account_id, now=now()
        )
    except Conflict as refusal:
        return _not_asked(refusal)
    db.session.commit()
    flash(_("Thank you. The organizers look at your entry, and you hear from them by mail."), "success")
    return see(url_for("entries.entry", key=key))


def _not_asked(refusal: Conflict) -> Response:
    """Say above the form why nobody was asked, and by which clock one can ask again."""
    db.session.rollback()
    said, zone = dict(refusal.data), required_conference().time_zone
    if isinstance(moment := said.get("moment"), datetime):
        said |= {"moment": day_and_time(moment, zone), "zone": zone_name(zone, moment.date())}
    form = with_choices(EntryForm(formdata=None), kinds=ENTERED_BY_THEMSELVES, sides=SIDES)
    return _enter_page(form, 409, error_text(refusal.code, **said))


# -- one's own ---------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/directory/mine")
@requires(Permission.MANAGE_ORGANIZATION)
def mine() -> Response:
    """List the organizations that whoever asks answers for, and what each waits for."""
    leads, conference_id = current_identity().leads, required_conference().id
    found = own_entries(db.session(), conference_id=conference_id, leads=leads)
    return page("entries/mine.html", entries=found, sides=SIDES)


def _form(own: OwnEntry) -> EntryForm:
    form = EntryForm(data=said_by(own.entry))
    with_choices(form, kinds=[own.entry.kind], sides=SIDES, before=own.entry)
    # With kind and side go chamber and seat: they stay as the organizers accepted them.
    del form.kind, form.side
    if own.status is not OrganizationStatus.PROPOSED:
        # Under its name it was accepted, and votes are published.
        del form.name
    return form


def _status_form(own: OwnEntry) -> StatusForm:
    form = StatusForm(data={"status": own.status.value})
    form.status.choices = [(status.value, word(status)) for status in OWN_STATUSES]
    return form


def _entry_page(own: OwnEntry, form: EntryForm, status_form: StatusForm, status: int = 200) -> Response:
    return page(
        "entries/entry.html",
        status=status,
        count=offer_places(form),
        own=own,
        form=form,
        status_form=status_form,
        side=SIDES[own.entry.side],
    )


@blueprint.get("/<lang>/<slug>/organizations/<key>/entry")
@requires(Permission.MANAGE_ORGANIZATION)
def entry(key: str) -> Response:
    """Show an entry to its lead, with all that can be decided about it."""
    own = _own(key)
    return _entry_page(own, _form(own), _status_form(own))


@blueprint.post("/<lang>/<slug>/organizations/<key>/entry")
@requires(Permission.MANAGE_ORGANIZATION)
def save(key: str) -> BaseResponse:
    """Change what an organization says of itself, and who may read it."""
    own = _own(key)
    form = _form(own)
    if not (form.validate_on_submit() & settle_place(form)):
        return _entry_page(own, form, _status_form(own), 422)
    try:
        change_entry(db.session(), organization_id=own.id, entry=entry_of(form, before=own.entry))
    except Invalid as refusal:
        db.session.rollback()
        status = show_refusal(form, refusal)
        return _entry_page(own, form, _status_form(own), status)
    db.session.commit()
    flash(_("Saved. It is shown so from now on."), "success")
    return see(url_for("entries.entry", key=key))


@blueprint.post("/<lang>/<slug>/organizations/<key>/status")
@requires(Permission.MANAGE_ORGANIZATION)
def set_status(key: str) -> BaseResponse:
    """Say how an organization is doing."""
    own = _own(key)
    form = _status_form(own)
    if not form.validate_on_submit():
        return _entry_page(own, _form(own), form, 422)
    status = OrganizationStatus(form.status.data)
    set_own_status(db.session(), organization_id=own.id, status=status)
    db.session.commit()
    flash(_("Saved. It is shown so from now on."), "success")
    return see(url_for("entries.entry", key=key))


# -- claiming, withdrawing, returning ----------------------------------------------------------------


def _decided(key: str, decide: Decision, said: str) -> BaseResponse:
    """Have a lead's decision done about their own entry, and say so on its page."""
    decide(
        db.session(),
        conference_id=required_conference().id,
        organization_id=_own(key).id,
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    flash(said, "success")
    return see(url_for("entries.entry", key=key))


@blueprint.post("/<lang>/<slug>/organizations/<key>/claim")
@requires(Permission.MANAGE_ORGANIZATION)
def claim(key: str) -> BaseResponse:
    """Say that an organization which others entered is one's own, and takes part."""
    said = _("It is your organization, and it is listed now. Look over what it says.")
    return _decided(key, claim_organization, said)


@blueprint.get("/<lang>/<slug>/organizations/<key>/withdraw")
@requires(Permission.MANAGE_ORGANIZATION)
def ask_to_withdraw(key: str) -> Response:
    """Ask once before an organization is taken out of every list."""
    return page("entries/withdraw.html", own=_own(key))


@blueprint.post("/<lang>/<slug>/organizations/<key>/withdraw")
@requires(Permission.MANAGE_ORGANIZATION)
def withdraw(key: str) -> BaseResponse:
    """Take an organization out of every list; its votes stay where they were published."""
    said = _("The organization is listed nowhere any more. You can return at any time.")
    return _decided(key, withdraw_organization, said)


@blueprint.post("/<lang>/<slug>/organizations/<key>/return")
@requires(Permission.MANAGE_ORGANIZATION)
def come_back(key: str) -> BaseResponse:
    """Undo a withdrawal, or ask the organizers once more."""
    return _decided(key, return_organization, _("The organization is back, as it was before."))
