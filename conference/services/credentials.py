"""Naming delegates and alternates, and the committee's answer. The database decides every race."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from conference.domain.audit import AuditKind
from conference.domain.credentials import STANDING, CredentialStatus
from conference.domain.directory import MembershipState
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.registration import RegistrationStatus
from conference.models import Credential, FederationMembership, Organization, Registration, Seat
from conference.services.audit import actor_of, record
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.credentials import Attestation, Capacity, RejectionReason


def name_delegate(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    registration_id: int,
    capacity: Capacity,
    by: int | None,
    now: datetime,
    attestation: Attestation | None = None,
    federation_id: int | None = None,
) -> int:
    """Attest that a person of the organization holds its seat, and return the credential's id.

    A person holds one seat at most, in one capacity, however often their account registered, so nobody sits
    twice through a federation; the committee compares addresses as well when it accepts. Naming somebody else
    replaces whom the committee has not answered for yet; naming the same person twice changes nothing.
    `attestation` is the sentence that the lead ticked, None where the organization's word came on paper. A
    federation that has the member's mandate (`federation_id`) names somebody of its own, and replaces nobody
    whom the member named itself.

    Raises Conflict("organization_withdrawn"), Conflict("mandate_missing"),
    Invalid("organization_without_seat"), Invalid("registration_not_eligible") for a registration that is not
    confirmed, or of another organization or conference, Conflict("person_nameless") for a guest whose name
    nobody has written yet, Conflict("person_holds_seat"), the same by another
    registration ("person_holds_another_seat"), Conflict("seat_is_held") where the committee has accepted
    somebody already, and Conflict("named_by_member").
    """
    namer_id = organization_id if federation_id is None else federation_id
    _check_not_withdrawn(session, {organization_id, namer_id})
    if federation_id is not None:
        _check_mandate(session, federation_id, organization_id)
    of_account, _of_address = _person(session, registration_id)
    _check_registration(session, conference_id, namer_id, registration_id)
    seat_id = _seat(session, conference_id, organization_id)
    held = _standing(session, Credential.registration_id == registration_id)
    if held is not None:
        if (held.seat_id, held.capacity) == (seat_id, capacity):
            return held.id
        raise Conflict("person_holds_seat")
    # An address proves nobody, and an answer by it would tell whose organization has named it elsewhere.
    _check_no_other_seat(session, of_account, "person_holds_another_seat")
    former = _standing(session, Credential.seat_id == seat_id, Credential.capacity == capacity)
    if former is not None:
        if former.status is CredentialStatus.ACCEPTED:
            raise Conflict("seat_is_held")
        if federation_id is not None and _comes_for(session, former) == organization_id:
            raise Conflict("named_by_member")
        _answer(session, former.id, {"status": CredentialStatus.WITHDRAWN}, by=by, now=now)
    named = Credential(
        seat_id=seat_id,
        registration_id=registration_id,
        capacity=capacity,
        status=CredentialStatus.PROPOSED,
        attested_at=now,
        attested_by_id=by,
        attestation_version=None if attestation is None else attestation.version,
        attestation_language=None if attestation is None else attestation.language,
    )
    return _attest(session, named)


def decide_credential(
    session: Session,
    *,
    conference_id: int,
    credential_id: int,
    accept: bool,
    reason: RejectionReason | None,
    by: int | None,
    now: datetime,
) -> None:
    """Accept or reject a proposed credential; whoever is rejected is told why.

    What allowed the naming must still hold when it is accepted. Nobody is accepted whose account is named by
    another registration too, or whose address holds another seat: that one is rejected, withdrawn or ended
    first.

    Raises NotFound("credential_not_found"), Invalid("reason_needed"), Invalid("registration_not_eligible"),
    and Conflict: "organization_withdrawn", "mandate_ended", "person_nameless", "person_named_elsewhere",
    "address_holds_seat", and "credential_decided" for one that was decided or withdrawn before.
    """
    if not accept and reason is None:
        raise Invalid("reason_needed")
    registration_id = _check_credential(
        session, Seat.conference_id == conference_id, credential_id=credential_id
    )
    if accept:
        _check_may_be_accepted(session, conference_id, credential_id, registration_id)
    answer = {
        "status": CredentialStatus.ACCEPTED if accept else CredentialStatus.REJECTED,
        "reason": None if accept else reason,
    }
    _answer(session, credential_id, answer, by=by, now=now)
    _tell_of_decision(session, conference_id, credential_id, accept=accept, by=by, now=now)


def withdraw_credential(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    credential_id: int,
    by: int | None,
    now: datetime,
    federation_id: int | None = None,
) -> None:
    """Take back whom the organization has named, until the committee has answered.

    A federation takes back whom it named for a member. Raises NotFound("credential_not_found") for another
    organization's, and Conflict("credential_decided").
    """
    of_federation = Registration.organization_id == federation_id
    _check_credential(
        session,
        Seat.conference_id == conference_id,
        Seat.organization_id == organization_id,
        *([] if federation_id is None else [of_federation]),
        credential_id=credential_id,
    )
    _answer(session, credential_id, {"status": CredentialStatus.WITHDRAWN}, by=by, now=now)


def _check_may_be_accepted(
    session: Session, conference_id: int, credential_id: int, registration_id: int
) -> None:
    """Check anew what allowed the naming: days may lie between it and the committee's answer."""
    seated_for, comes_for = session.execute(
        select(Seat.organization_id, Registration.organization_id)
        .join(Credential, Credential.seat_id == Seat.id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(Credential.id == credential_id)
    ).one()
    _check_not_withdrawn(session, {seated_for})
    if comes_for != seated_for:
        _check_mandate(session, comes_for, seated_for, code="mandate_ended")
    of_account, of_address = _person(session, registration_id)
    _check_registration(session, conference_id, comes_for, registration_id)
    # Two registrations may have turned out to be one person's after both were named.
    _check_no_other_seat(session, of_account, "person_named_elsewhere")
    # Whoever merely writes somebody's address into a registration keeps nobody from being accepted.
    accepted = (CredentialStatus.ACCEPTED,)
    _check_no_other_seat(session, of_address, "address_holds_seat", statuses=accepted)


def _check_not_withdrawn(session: Session, organization_ids: Collection[int]) -> None:
    """Hold the organizations as they are: whoever withdraws at this moment waits, or is seen."""
    withdrawn_at = session.scalars(
        select(Organization.withdrawn_at)
        .where(Organization.id.in_(organization_ids))
        .order_by(Organization.id)
        .with_for_update(read=True)
    ).all()
    if any(withdrawn_at):
        raise Conflict("organization_withdrawn")


def _check_mandate(
    session: Session, federation_id: int | None, member_id: int, *, code: str = "mandate_missing"
) -> None:
    mandate = (
        select(FederationMembership.member_id)
        .where(
            FederationMembership.parent_id == federation_id,
            FederationMembership.member_id == member_id,
            FederationMembership.state == MembershipState.ACTIVE,
            FederationMembership.mandate.is_not(None),
        )
        # Whoever revokes it at this moment waits, or is seen.
        .with_for_update(read=True)
    )
    if session.scalar(mandate) is None:
        raise Conflict(code)


def _comes_for(session: Session, credential: Credential) -> int | None:
    """Return the organization with which whoever is named is registered."""
    return session.scalar(
        select(Registration.organization_id).where(Registration.id == credential.registration_id)
    )


def _person(session: Session, registration_id: int) -> tuple[Sequence[int], Sequence[int]]:
    """Return the person's other registrations there: those of the account, and those of the address only.

    An account has proved its address; what is written into a registration proves nothing. All are held until
    the end of the transaction: a place that is given back takes its credential with it, and of two seats
    given to one person at the same moment the second waits, and sees the first.
    """
    named = aliased(Registration)
    same_account = Registration.account_id == named.account_id
    rows = session.execute(
        select(Registration.id, func.coalesce(same_account, False))
        .join(named, named.conference_id == Registration.conference_id)
        .where(
            named.id == registration_id,
            (Registration.id == named.id)
            | same_account
            | (
                (Registration.contact_email != "")
                & (func.lower(Registration.contact_email) == func.lower(named.contact_email))
            ),
        )
        # Always taken in this order, so that nobody waits in a circle.
        .order_by(Registration.id)
        .with_for_update(of=Registration)
    ).all()
    others = [(id_, bool(proved)) for id_, proved in rows if id_ != registration_id]
    return [id_ for id_, proved in others if proved], [id_ for id_, proved in others if not proved]


def _check_no_other_seat(
    session: Session,
    registration_ids: Sequence[int],
    code: str,
    *,
    statuses: Collection[CredentialStatus] = STANDING,
) -> None:
    others = select(Credential.id).where(
        Credential.registration_id.in_(registration_ids), Credential.status.in_(statuses)
    )
    if session.scalars(others).first() is not None:
        raise Conflict(code)


def _check_registration(
    session: Session, conference_id: int, organization_id: int | None, registration_id: int
) -> None:
    eligible = select(Registration.badge_name).where(
        Registration.id == registration_id,
        Registration.conference_id == conference_id,
        Registration.organization_id == organization_id,
        Registration.status == RegistrationStatus.CONFIRMED,
    )
    badge_name = session.scalar(eligible)
    if badge_name is None:
        raise Invalid("registration_not_eligible")
    if not badge_name:
        # Whoever compares the naming with the letter has nothing to compare.
        raise Conflict("person_nameless")


def _seat(session: Session, conference_id: int, organization_id: int) -> int:
    seat_id = session.scalar(
        select(Seat.id).where(Seat.conference_id == conference_id, Seat.organization_id == organization_id)
    )
    if seat_id is None:
        raise Invalid("organization_without_seat")
    return seat_id


def _standing(session: Session, *conditions: ColumnElement[bool]) -> Credential | None:
    return session.scalars(
        select(Credential).where(Credential.status.in_(STANDING), *conditions)
    ).one_or_none()


def _attest(session: Session, credential: Credential) -> int:
    try:
        with session.begin_nested():
            session.add(credential)
    except IntegrityError:
        # Somebody named another person, or this one elsewhere, at this very moment.
        raise Conflict("conflict") from None
    return credential.id


def _check_credential(session: Session, *conditions: ColumnElement[bool], credential_id: int) -> int:
    known = (
        select(Credential.registration_id)
        .join(Seat, Seat.id == Credential.seat_id)
        .join(Registration, Registration.id == Credential.registration_id)
    )
    registration_id = session.scalar(known.where(Credential.id == credential_id, *conditions))
    if registration_id is None:
        raise NotFound("credential_not_found")
    return registration_id


def _answer(
    session: Session, credential_id: int, values: dict[str, Any], *, by: int | None, now: datetime
) -> None:
    """Change a credential if it is proposed at this moment, whatever was read of it before."""
    answered = session.execute(
        update(Credential)
        .where(Credential.id == credential_id, Credential.status == CredentialStatus.PROPOSED)
        .values(**values, decided_at=now, decided_by_id=by)
        .returning(Credential.id)
    ).scalar()
    if answered is None:
        raise Conflict("credential_decided")


def _tell_of_decision(
    session: Session, conference_id: int, credential_id: int, *, accept: bool, by: int | None, now: datetime
) -> None:
    """Have the person's sign-ins renewed, who may vote from now on, and write the decision into the log."""
    seat_id, account_id = session.execute(
        select(Credential.seat_id, Registration.account_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(Credential.id == credential_id)
    ).one()
    if accept and account_id is not None:
        rights_changed(session, account_id=account_id, staff=False)
    kind = AuditKind.CREDENTIAL_ACCEPTED if accept else AuditKind.CREDENTIAL_REJECTED
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    event = {"kind": kind.value, "seat": f"seat-{seat_id}"}
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
