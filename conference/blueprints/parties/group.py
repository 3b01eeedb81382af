"""One group: where it stands in line, its tickets, and what becomes of its places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from conference.blueprints.parties.room import blueprint, own_group, show_at_field
from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import RegistrationStatus
from conference.extensions import db
from conference.forms.parties import ShrinkForm
from conference.policies import Permission
from conference.services.parties import accept_group_offer, leave_line_together, shrink_party
from conference.web.access import requires
from conference.web.clock import now
from conference.web.letters import absolute
from conference.web.live import up_to_date
from conference.web.locale import required_conference
from conference.web.pages import go, page, see, wants_fragment
from conference.web.registration import code_of, invitation_text, qr_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.parties import GroupView


def _version(found: GroupView) -> str:
    until = "" if found.offered_until is None else f"{found.offered_until:%Y%m%d%H%M}"
    return f"{found.status.value}-{found.position}-{until}"


@blueprint.get("/<lang>/<slug>/groups/<int:party_id>")
@requires(Permission.REGISTER_GROUPS)
def detail(party_id: int) -> Response:
    """Show where a group stands, and each of its tickets with what is sent to whoever comes."""
    found = own_group(party_id)
    sure = found.status is RegistrationStatus.CONFIRMED
    shares = {
        ticket.token: _invitation(ticket.token, sure=sure)
        for ticket in found.tickets
        if ticket.token is not None
    }
    return page(
        "parties/detail.html", group=found, shares=shares, version=_version(found), shrink=ShrinkForm()
    )


def _invitation(token: str, *, sure: bool) -> str:
    link = absolute(url_for("registration.ticket", token=token))
    return invitation_text(required_conference(), link=link, sure=sure)


@blueprint.get("/<lang>/<slug>/groups/<int:party_id>/line")
@requires(Permission.REGISTER_GROUPS)
def line(party_id: int) -> BaseResponse:
    """Answer the open page's poll: where the group stands, or nothing new, or: load the page again."""
    found = own_group(party_id)
    address = url_for("parties.detail", party_id=party_id)
    if not wants_fragment():
        return see(address)
    if found.status is RegistrationStatus.CONFIRMED:
        return go(address)
    current = up_to_date(_version(found))
    if current is not None:
        return current
    return page("parties/detail.html", "standing", group=found, version=_version(found))


@blueprint.get("/<lang>/<slug>/groups/<int:party_id>/print")
@requires(Permission.REGISTER_GROUPS)
def tickets(party_id: int) -> Response:
    """Show the tickets of a group to be printed, but for those that are somebody's own."""
    found = own_group(party_id)
    if found.status is not RegistrationStatus.CONFIRMED:
        raise Conflict("ticket_not_confirmed")
    slug = required_conference().slug
    sheets = [
        (ticket, qr_of(ticket.token, slug), code_of(ticket.token))
        for ticket in found.tickets
        if ticket.token is not None
    ]
    return page("parties/print.html", group=found, sheets=sheets)


# -- in line ---------------------------------------------------------------------------------------


@blueprint.post("/<lang>/<slug>/groups/<int:party_id>/accept")
@requires(Permission.REGISTER_GROUPS)
def accept(party_id: int) -> BaseResponse:
    """Take the places that are offered; a second tap finds them taken already."""
    found = own_group(party_id)
    if found.status is RegistrationStatus.OFFERED:
        organization_id = found.organization_id
        accept_group_offer(db.session(), party_id=party_id, organization_id=organization_id, now=now())
        db.session.commit()
        flash(_("The places are yours."), "success")
    return see(url_for("parties.detail", party_id=party_id))


@blueprint.get("/<lang>/<slug>/groups/<int:party_id>/leave")
@requires(Permission.REGISTER_GROUPS)
def ask_to_leave(party_id: int) -> Response:
    """Ask once more before a group gives up its turn."""
    return page("parties/leave.html", group=own_group(party_id))


@blueprint.post("/<lang>/<slug>/groups/<int:party_id>/leave")
@requires(Permission.REGISTER_GROUPS)
def leave(party_id: int) -> BaseResponse:
    """Leave the line with the whole group, or decline what is offered to it."""
    found = own_group(party_id)
    leave_line_together(db.session(), party_id=party_id, organization_id=found.organization_id, now=now())
    db.session.commit()
    flash(_("The group has left the line."), "success")
    return see(url_for("parties.listing"))


@blueprint.get("/<lang>/<slug>/groups/<int:party_id>/smaller")
@requires(Permission.REGISTER_GROUPS)
def ask_to_shrink(party_id: int) -> BaseResponse:
    """Say what becomes of whom before a group is made smaller."""
    found = own_group(party_id)
    size = request.args.get("size", type=int)
    if size is None or not 1 <= size < len(found.tickets):
        flash(_("Write a smaller number than the group has places now."), "error")
        return see(url_for("parties.detail", party_id=party_id))
    return page("parties/smaller.html", group=found, form=ShrinkForm(size=size), size=size)


@blueprint.post("/<lang>/<slug>/groups/<int:party_id>/smaller")
@requires(Permission.REGISTER_GROUPS)
def shrink(party_id: int) -> BaseResponse:
    """Give back places of a group; its turn in the line stays."""
    found = own_group(party_id)
    form = ShrinkForm()
    if not form.validate_on_submit():
        return page("parties/smaller.html", group=found, form=form, size=None, status=422)
    try:
        given_back = shrink_party(
            db.session(),
            party_id=party_id,
            organization_id=found.organization_id,
            size=form.size.data or 0,
            now=now(),
        )
    except (Invalid, Conflict) as error:
        show_at_field(form, error)
        return page("parties/smaller.html", group=found, form=form, size=None, status=422)
    db.session.commit()
    flash(ngettext("%(num)s place given back.", "%(num)s places given back.", given_back), "success")
    return see(url_for("parties.detail", party_id=party_id))
