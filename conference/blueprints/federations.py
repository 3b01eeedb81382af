"""Federations: joining and leaving with both sides' consent, mandates, and the trees for everybody."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.directory import EntryField, MembershipSide, RecordSource
from conference.domain.errors import Conflict, Forbidden, Invalid, NotFound
from conference.domain.federations import FEDERATED, Act
from conference.domain.places_of_origin import states
from conference.extensions import db
from conference.forms.base import Form, SelectChoice
from conference.forms.federations import AskForm, GroupingForm, MandatesForm, PaperForm, SearchForm
from conference.policies import Permission
from conference.queries.federations import (
    Membership,
    Neighbour,
    groves,
    led_organizations,
    mandates,
    membership,
    memberships,
    to_join,
)
from conference.services import federations as services
from conference.services.mandates import give_mandate, revoke_mandate
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.errors import status_of
from conference.web.federation_wording import ORDER, WORDS
from conference.web.locale import required_conference
from conference.web.pages import go, page
from conference.web.places_of_origin import us_state_name
from conference.web.wording import error_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from conference.queries.federations import Grove

blueprint = Blueprint("federations", __name__)

Word = TypeVar("Word", bound=StrEnum)

# What is asked for on a page of its own; a confirmation follows for everything else.
CONFIRMED = frozenset(Act) - {Act.ASK_TO_JOIN}
ON_PAPER = {Act.GIVE_MANDATE, Act.REVOKE_MANDATE}


# -- for everybody -------------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/federations")
@requires(Permission.READ_PUBLIC)
def tree() -> Response:
    """Show who belongs to whom, by the state that people come from or the one that they live in."""
    destination = request.args.get("by") == EntryField.DESTINATION
    by = EntryField.DESTINATION if destination else EntryField.ORIGIN
    found = groves(db.session(), conference_id=required_conference().id, by=by)
    named = [(grove, _state_name(by, grove)) for grove in found]
    form = GroupingForm(request.args)
    form.by.data = by.value
    form.state.choices = [
        SelectChoice("", _("All states")),
        *(SelectChoice(grove.state, name) for grove, name in named if grove.state is not None),
    ]
    chosen = form.state_chosen
    shown = [(grove, name) for grove, name in named if chosen in {None, grove.state}]
    return page("federations/tree.html", "trees", form=form, by=by, groves=shown)


def _state_name(by: EntryField, grove: Grove) -> str:
    if grove.state is None:
        return _("State not given")
    return us_state_name(grove.state) if by is EntryField.DESTINATION else states()[grove.state]


# -- for an organization's lead ------------------------------------------------------------------------


def _own(key: str) -> Neighbour:
    """Return the organization of that key; Forbidden unless whoever asks answers for it."""
    led = led_organizations(
        db.session(), conference_id=required_conference().id, leads=current_identity().leads
    )
    for organization in led:
        if organization.key == key:
            return organization
    raise Forbidden


@blueprint.get("/<lang>/<slug>/organizations/<key>/federations")
@requires(Permission.MANAGE_ORGANIZATION)
def overview(key: str) -> Response:
    """Show a lead what their organization belongs to, who belongs to it, and what waits for an answer."""
    own = _own(key)
    found = memberships(db.session(), organization_id=own.id)
    return page(
        "federations/overview.html",
        own=own,
        waiting=[one for one in found if one.waits_for_us],
        above=[one for one in found if one.side is MembershipSide.MEMBER and not one.waits_for_us],
        below=[one for one in found if one.side is MembershipSide.PARENT and not one.waits_for_us],
        federated=own.kind in FEDERATED,
        words=WORDS,
        order=ORDER,
    )


@blueprint.get("/<lang>/<slug>/organizations/<key>/federations/ask")
@requires(Permission.MANAGE_ORGANIZATION)
def look(key: str) -> Response:
    """Look for a federation to join or, as a federation, for somebody to invite."""
    return _look_page(_own(key))


def _look_page(own: Neighbour, *, status: int = 200, problem: str | None = None) -> Response:
    form = SearchForm(request.args)
    found = to_join(
        db.session(), conference_id=required_conference().id, organization=own, search=form.search
    )
    return page(
        "federations/ask.html",
        "found",
        status=status,
        own=own,
        form=form,
        found=found,
        federated=FEDERATED,
        problem=problem,
    )


@blueprint.post("/<lang>/<slug>/organizations/<key>/federations/ask")
@requires(Permission.MANAGE_ORGANIZATION)
def ask(key: str) -> BaseResponse:
    """Ask somebody to take us in, or to join us; they answer on their own page."""
    own, form = _own(key), AskForm()
    if not form.validate_on_submit():
        return _look_page(own, status=422)
    side = _word(MembershipSide, form.side.data)
    try:
        other = _other(own, form.other.data or "")
        services.ask_to_join(db.session(), **_pair(own, other.id, side), side=side)
    except (Conflict, Invalid) as refusal:
        db.session.rollback()
        problem = error_text(refusal.code, **refusal.data)
        return _look_page(own, status=status_of(refusal), problem=problem)
    db.session.commit()
    flash(_("You have asked. The answer will be on this page."), "success")
    return go(url_for("federations.overview", key=key))


def _other(own: Neighbour, key: str) -> Neighbour:
    found = to_join(db.session(), conference_id=required_conference().id, organization=own, search="")
    for other in found:
        if other.key == key:
            return other
    raise Conflict("membership_exists")


def _pair(own: Neighbour, other_id: int, side: MembershipSide) -> dict[str, Any]:
    if side is MembershipSide.MEMBER:
        return {"federation_id": other_id, "member_id": own.id}
    return {"federation_id": own.id, "member_id": other_id}


def _word(words: type[Word], value: str | None) -> Word:
    """Return the word that an address or a button names; there is no page for another one."""
    if value not in set(words) or value == MembershipSide.OTHERS:
        raise NotFound("page_not_found")
    return words(value)


# -- answering, leaving, mandates ------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/organizations/<key>/federations/<side>/<other>/<act>")
@requires(Permission.MANAGE_ORGANIZATION)
def confirm(key: str, side: str, other: str, act: str) -> Response:
    """Ask once more, and say what it means."""
    own, standing, chosen = _standing(key, side, other, act)
    return page(
        "federations/confirm.html", own=own, membership=standing, act=chosen.value, words=WORDS[chosen]
    )


@blueprint.post("/<lang>/<slug>/organizations/<key>/federations/<side>/<other>/<act>")
@requires(Permission.MANAGE_ORGANIZATION)
def do(key: str, side: str, other: str, act: str) -> BaseResponse:
    """Do what was confirmed."""
    if not Form().validate_on_submit():
        raise NotFound("page_not_found")
    own, standing, chosen = _standing(key, side, other, act)
    done = _do(chosen, standing.side, _pair(own, standing.other.id, standing.side))
    db.session.commit()
    flash(
        str(WORDS[chosen].done) if done else _("You have agreed. The other side still has to agree."),
        "success",
    )
    return go(url_for("federations.overview", key=key))


def _standing(key: str, side: str, other: str, act: str) -> tuple[Neighbour, Membership, Act]:
    own, chosen = _own(key), _word(Act, act)
    standing = membership(db.session(), organization_id=own.id, side=_word(MembershipSide, side), other=other)
    if chosen not in standing.acts & CONFIRMED:
        raise Conflict("membership_changed")
    return own, standing, chosen


def _do(act: Act, side: MembershipSide, pair: dict[str, Any]) -> bool:
    """Do an act of one side; return whether it is settled by it."""
    session = db.session()
    signed: dict[str, Any] = {
        "conference_id": required_conference().id,
        "by": required_account(),
        "now": now(),
    }
    if act is Act.AGREE_TO_JOIN:
        return services.agree_to_join(session, **pair, **signed, side=side)
    if act is Act.ASK_TO_LEAVE:
        services.ask_to_leave(session, **pair, **signed, side=side)
    elif act is Act.AGREE_TO_LEAVE:
        services.agree_to_leave(session, **pair, **signed, side=side)
    elif act is Act.GIVE_MANDATE:
        give_mandate(session, **pair, **signed, source=RecordSource.SYSTEM)
    elif act is Act.REVOKE_MANDATE:
        revoke_mandate(session, **pair, **signed)
    elif act is Act.TAKE_BACK:
        services.take_back(session, **pair, side=side)
    else:
        services.refuse(session, **pair, side=side, leaving=act is Act.REFUSE_TO_LEAVE)
    return True


# -- for the committee -----------------------------------------------------------------------------------


@blueprint.get("/<lang>/<slug>/mandates")
@requires(Permission.RECORD_PROXIES)
def paper() -> Response:
    """Show the committee which federations may name for whom, to record what came on paper."""
    form = MandatesForm(request.args)
    found = mandates(db.session(), conference_id=required_conference().id, search=form.search)
    return page("federations/mandates.html", "found", form=form, mandates=found)


@blueprint.post("/<lang>/<slug>/mandates")
@requires(Permission.RECORD_PROXIES)
def record() -> BaseResponse:
    """Record a mandate that a member signed on paper, or that it took back on paper."""
    form = PaperForm()
    act = _word(Act, form.act.data)
    if not form.validate_on_submit() or act not in ON_PAPER:
        raise NotFound("page_not_found")
    pair = _pair_on_paper(form)
    signed: dict[str, Any] = {
        "conference_id": required_conference().id,
        "by": required_account(),
        "now": now(),
    }
    if act is Act.GIVE_MANDATE:
        give_mandate(db.session(), **pair, **signed, source=RecordSource.PAPER)
    else:
        revoke_mandate(db.session(), **pair, **signed)
    db.session.commit()
    flash(_("It has been recorded."), "success")
    return go(url_for("federations.paper", q=MandatesForm(request.args).search or None))


def _pair_on_paper(form: PaperForm) -> dict[str, Any]:
    """Return the two that the form names, of those that take part here."""
    for one in mandates(db.session(), conference_id=required_conference().id):
        if (one.federation.key, one.member.key) == (form.federation.data, form.member.data):
            return {"federation_id": one.federation.id, "member_id": one.member.id}
    raise NotFound("membership_not_found")
