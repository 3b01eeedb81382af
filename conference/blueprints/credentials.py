"""Credentials: organizations name their delegates, the committee accepts them; and the quorum in the hall."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.credentials import ATTESTATION_VERSION, Attestation, Capacity, RejectionReason
from conference.domain.errors import Conflict, Forbidden, Invalid, NotFound
from conference.extensions import db
from conference.forms.credentials import NameForm, RejectForm
from conference.policies import Permission, may
from conference.queries.credentials import attendance, roster_of, sitting_at, sittings
from conference.queries.delegations import delegations, holdings, proposals
from conference.services.credentials import decide_credential, name_delegate, withdraw_credential
from conference.services.seats import vacate_seat
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.directory_letters import credential_not_accepted
from conference.web.errors import status_of
from conference.web.etag import etag_of
from conference.web.live import up_to_date
from conference.web.locale import current_language, required_conference
from conference.web.pages import page, see, wants_fragment
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from werkzeug.wrappers import Response as BaseResponse

    from conference.domain.errors import DomainError
    from conference.forms.base import Form
    from conference.queries.credentials import ChamberAttendance, RosterChamber, Sitting
    from conference.queries.delegations import Delegation, Holding, Proposal

blueprint = Blueprint("credentials", __name__)


# -- naming and accepting ----------------------------------------------------------------------


def _delegations() -> tuple[Delegation, ...]:
    led = current_identity().people_of
    if not led:
        return ()
    return delegations(db.session(), conference_id=required_conference().id, organization_ids=led)


def _led(key: str) -> Delegation:
    """Return the organization of that key; Forbidden unless whoever asks leads it, or has its mandate."""
    for delegation in _delegations():
        if delegation.key == key:
            return delegation
    raise Forbidden


def _waiting() -> tuple[Proposal, ...]:
    if not may(current_identity(), Permission.ACCEPT_CREDENTIALS):
        return ()
    return proposals(db.session(), conference_id=required_conference().id)


def _held() -> tuple[Holding, ...]:
    if not may(current_identity(), Permission.ACCEPT_CREDENTIALS):
        return ()
    return holdings(db.session(), conference_id=required_conference().id)


def _name_form(delegation: Delegation, **values: object) -> NameForm:
    form = NameForm(prefix=delegation.key, **values)
    form.capacity.choices = [(capacity.value, word(capacity)) for capacity in Capacity]
    form.registration.choices = [
        ("", _("Choose a person")),
        *(
            (str(person.registration_id), f"{person.badge_name} ({word(person.category)})")
            for person in delegation.candidates
        ),
    ]
    return form


def _reject_form(credential_id: int, **values: object) -> RejectForm:
    form = RejectForm(prefix=f"credential-{credential_id}", **values)
    form.reason.choices = [(reason.value, word(reason)) for reason in RejectionReason]
    return form


def _overview(
    *,
    status: int = 200,
    said: str | None = None,
    problem: str | None = None,
    filled: Mapping[str | int, Form] | None = None,
) -> Response:
    """Show each role its part; `filled` is the form that somebody sent and has to correct, by its key."""
    led, waiting = _delegations(), _waiting()
    forms: dict[str | int, Form] = {
        **{delegation.key: _name_form(delegation, formdata=None) for delegation in led},
        **{proposal.id: _reject_form(proposal.id, formdata=None) for proposal in waiting},
        **(filled or {}),
    }
    return page(
        "credentials/overview.html",
        "credentials",
        status=status,
        delegations=led,
        proposals=waiting,
        holdings=_held(),
        forms=forms,
        chambers=attendance(db.session(), conference_id=required_conference().id, sitting_id=None),
        said=said,
        problem=problem,
    )


def _done(act: Callable[[], object], said: str) -> BaseResponse:
    """Do it and show the page as it is now, with what was said; a refusal is shown on it as well."""
    try:
        act()
    except (Conflict, Invalid, NotFound) as refused:
        db.session.rollback()
        return _refused(refused)
    db.session.commit()
    if wants_fragment():
        return _overview(said=said)
    flash(said, "success")
    return see(url_for("credentials.overview"))


def _refused(refused: DomainError) -> Response:
    return _overview(status=status_of(refused), problem=error_text(refused.code, **refused.data))


@blueprint.get("/<lang>/<slug>/credentials")
@requires(Permission.SEE_CREDENTIALS)
def overview() -> Response:
    """Show leads whom their organizations named, and the committee what waits for its answer."""
    return _overview()


@blueprint.post("/<lang>/<slug>/credentials/<key>/named")
@requires(Permission.NAME_DELEGATES)
def name(key: str) -> BaseResponse:
    """Name somebody for the seat of an organization that one leads, or that gave one its mandate."""
    delegation = _led(key)
    form = _name_form(delegation)
    if not form.validate_on_submit():
        return _overview(status=422, filled={key: form})
    return _done(
        lambda: name_delegate(
            db.session(),
            conference_id=required_conference().id,
            organization_id=delegation.organization_id,
            registration_id=int(form.registration.data),
            capacity=Capacity(form.capacity.data),
            by=required_account(),
            now=now(),
            attestation=Attestation(ATTESTATION_VERSION, current_language()),
            federation_id=delegation.federation_id,
        ),
        _("Named. The credentials committee will answer."),
    )


@blueprint.post("/<lang>/<slug>/credentials/<key>/<int:credential_id>/withdraw")
@requires(Permission.NAME_DELEGATES)
def withdraw(key: str, credential_id: int) -> BaseResponse:
    """Take back whom one's organization has named."""
    delegation = _led(key)
    return _done(
        lambda: withdraw_credential(
            db.session(),
            conference_id=required_conference().id,
            organization_id=delegation.organization_id,
            credential_id=credential_id,
            by=required_account(),
            now=now(),
            federation_id=delegation.federation_id,
        ),
        _("Withdrawn. You can name somebody else."),
    )


@blueprint.post("/<lang>/<slug>/credentials/<int:credential_id>/accept")
@requires(Permission.ACCEPT_CREDENTIALS)
def accept(credential_id: int) -> BaseResponse:
    """Accept a credential: its holder may vote from now on."""
    return _decided(credential_id, None, _("Accepted. The seat has its holder."))


@blueprint.post("/<lang>/<slug>/credentials/<int:credential_id>/reject")
@requires(Permission.ACCEPT_CREDENTIALS)
def reject(credential_id: int) -> BaseResponse:
    """Do not accept a credential, and tell its organization why."""
    form = _reject_form(credential_id)
    if not form.validate_on_submit():
        return _overview(status=422, filled={credential_id: form})
    reason = RejectionReason(form.reason.data)
    return _decided(credential_id, reason, _("Not accepted. The organization sees the reason."))


def _decided(credential_id: int, reason: RejectionReason | None, said: str) -> BaseResponse:
    return _done(
        lambda: decide_credential(
            db.session(),
            conference_id=required_conference().id,
            credential_id=credential_id,
            accept=reason is None,
            reason=reason,
            by=required_account(),
            now=now(),
            letter=credential_not_accepted,
        ),
        said,
    )


def _holding(credential_id: int) -> Holding:
    for held in _held():
        if held.id == credential_id:
            return held
    raise NotFound("credential_not_found")


@blueprint.get("/<lang>/<slug>/credentials/<int:credential_id>/ended")
@requires(Permission.ACCEPT_CREDENTIALS)
def ending(credential_id: int) -> Response:
    """Ask once more before a delegate loses the vote: whose it is, and what comes of it."""
    return page("credentials/ending.html", held=_holding(credential_id))


@blueprint.post("/<lang>/<slug>/credentials/<int:credential_id>/ended")
@requires(Permission.ACCEPT_CREDENTIALS)
def end(credential_id: int) -> BaseResponse:
    """End an accepted credential: the organization names somebody else, or nobody."""
    names = {held.id: held.organization_name for held in _held()}
    return _done(
        lambda: vacate_seat(
            db.session(),
            conference_id=required_conference().id,
            credential_id=credential_id,
            by=required_account(),
            now=now(),
        ),
        _(
            "The credential for the seat of %(organization)s has ended. It can name somebody else.",
            organization=names.get(credential_id, ""),
        ),
    )


# -- quorum and accreditations -----------------------------------------------------------------


def _sitting(held: tuple[Sitting, ...], key: str | None) -> Sitting | None:
    if key is None:
        zone = ZoneInfo(required_conference().time_zone)
        return sitting_at(held, now().astimezone(zone).replace(tzinfo=None))
    for sitting in held:
        if sitting.key == key:
            return sitting
    raise NotFound("sitting_not_found")


@blueprint.get("/<lang>/<slug>/quorum")
@requires(Permission.SEE_QUORUM)
def quorum() -> Response:
    """Show who is present in a sitting, organization by organization, and whether that is a quorum."""
    sitting, held, chambers = _attendance()
    return _counted("credentials/quorum.html", sitting, held, chambers)


@blueprint.get("/<lang>/<slug>/accreditations")
@requires(Permission.READ_PUBLIC)
def roster() -> Response:
    """Show everybody which organizations have an accepted delegate, and whether a chamber has a quorum.

    Who is in the hall is for the hall: a seat's presence is one person's, and so is a count that grows.
    """
    sitting, held, chambers = _attendance()
    return _counted("credentials/roster.html", sitting, held, [roster_of(chamber) for chamber in chambers])


def _attendance() -> tuple[Sitting | None, tuple[Sitting, ...], tuple[ChamberAttendance, ...]]:
    conference_id = required_conference().id
    held = sittings(db.session(), conference_id=conference_id)
    sitting = _sitting(held, request.args.get("sitting"))
    chambers = attendance(
        db.session(), conference_id=conference_id, sitting_id=None if sitting is None else sitting.id
    )
    return sitting, held, chambers


def _counted(
    template: str,
    sitting: Sitting | None,
    held: Sequence[Sitting],
    chambers: Sequence[ChamberAttendance | RosterChamber],
) -> Response:
    # Of what is shown, and of nothing else: a version tells whoever guesses that they guessed right.
    version = etag_of(sitting, *chambers)
    if wants_fragment() and (current := up_to_date(version)):
        return current
    return page(
        template,
        "attendance",
        sittings=held,
        sitting=sitting,
        chambers=chambers,
        version=version,
    )
