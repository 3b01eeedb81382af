"""Naming delegates and alternates, and the committee's answer. The database decides every race."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from conference.domain.audit import AuditKind
from conference.domain.credentials import STANDING, CredentialStatus
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.models import Credential, Registration, Seat
from conference.services.audit import actor_of, record
from conference.services.eligibility import (
    check_mandate,
    check_no_other_seat,
    check_not_withdrawn,
    check_registration,
    person_behind,
)
from conference.services.notices import notify_leads
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.credentials import Attestation, Capacity, RejectionReason
    from conference.services.notices import Letter


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

    A person holds one seat at most, in one capacity, however often their account registered; the committee
    compares addresses as well. Naming somebody else replaces whom the committee has not answered for yet;
    naming the same person twice changes nothing. `attestation` is the sentence that the lead ticked, None for
    a letter on paper. A federation with the member's mandate (`federation_id`) names somebody of its own,
    and replaces nobody whom the member named itself.

    Raises what `_check_may_be_named` does, Invalid("organization_without_seat") and Conflict:
    "person_holds_seat", "person_holds_another_seat" by another registration of theirs, "seat_is_held" where
    the committee has accepted somebody already, "named_by_member".
    """
    of_account = _check_may_be_named(session, conference_id, registration_id, organization_id, federation_id)
    seat_id = _seat(session, conference_id, organization_id)
    if held := _held(session, registration_id, seat_id, capacity):
        return held
    # An address proves nobody, and an answer by it would tell whose organization has named it elsewhere.
    check_no_other_seat(session, of_account, "person_holds_another_seat")
    former = _replaceable(session, seat_id, capacity, of_member=organization_id, by_federation=federation_id)
    if former is not None:
        _answer(session, former, {"status": CredentialStatus.WITHDRAWN}, by=by, now=now)
    named = Credential(seat_id=seat_id, registration_id=registration_id, capacity=capacity)
    return _attest(session, named, attestation, by=by, now=now)


def decide_credential(
    session: Session,
    *,
    conference_id: int,
    credential_id: int,
    accept: bool,
    reason: RejectionReason | None,
    by: int | None,
    now: datetime,
    letter: Letter | None = None,
) -> None:
    """Accept or reject a proposed credential; whoever is rejected is told why, and their leads get `letter`.

    What allowed the naming must still hold when it is accepted. Nobody is accepted whose account is named by
    another registration too, or whose address holds another seat: that one is rejected, withdrawn or ended
    first.

    Raises NotFound("credential_not_found"), Invalid("reason_needed"), Invalid("registration_not_eligible"),
    and Conflict: "organization_withdrawn", "mandate_ended", "category_without_vote", "person_nameless",
    "person_named_elsewhere", "address_holds_seat", and "credential_decided" for one that was decided or
    withdrawn before.
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
    if letter is not None and not accept:
        _write_to_leads(session, conference_id, credential_id, letter, now=now)
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


def _check_may_be_named(
    session: Session,
    conference_id: int,
    registration_id: int,
    organization_id: int,
    federation_id: int | None,
) -> Sequence[int]:
    """Only who is registered, with a name, for the organization, or for a federation that has its mandate.

    Returns the person's other registrations, by their account. Raises Invalid("registration_not_eligible"),
    and Conflict: "organization_withdrawn", "mandate_missing", "category_without_vote" for officials and
    press, and "person_nameless" for a guest whose name nobody has written yet.
    """
    namer_id = organization_id if federation_id is None else federation_id
    check_not_withdrawn(session, {organization_id, namer_id})
    if federation_id is not None:
        check_mandate(session, federation_id, organization_id)
    of_account, _of_address = person_behind(session, registration_id)
    check_registration(session, conference_id, namer_id, registration_id)
    return of_account


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
    check_not_withdrawn(session, {seated_for})
    if comes_for != seated_for:
        check_mandate(session, comes_for, seated_for, code="mandate_ended")
    of_account, of_address = person_behind(session, registration_id)
    check_registration(session, conference_id, comes_for, registration_id)
    # Two registrations may have turned out to be one person's after both were named.
    check_no_other_seat(session, of_account, "person_named_elsewhere")
    # Whoever merely writes somebody's address into a registration keeps nobody from being accepted.
    accepted = (CredentialStatus.ACCEPTED,)
    check_no_other_seat(session, of_address, "address_holds_seat", statuses=accepted)


def _comes_for(session: Session, credential: Credential) -> int | None:
    """Return the organization with which whoever is named is registered."""
    return session.scalar(
        select(Registration.organization_id).where(Registration.id == credential.registration_id)
    )


def _seat(session: Session, conference_id: int, organization_id: int) -> int:
    seat_id = session.scalar(
        select(Seat.id).where(Seat.conference_id == conference_id, Seat.organization_id == organization_id)
    )
    if seat_id is None:
        raise Invalid("organization_without_seat")
    return seat_id


def _held(session: Session, registration_id: int, seat_id: int, capacity: Capacity) -> int | None:
    """Return the credential by which the person has this very seat already; Conflict where it is another."""
    held = _standing(session, Credential.registration_id == registration_id)
    if held is None:
        return None
    if (held.seat_id, held.capacity) != (seat_id, capacity):
        raise Conflict("person_holds_seat")
    return held.id


def _replaceable(
    session: Session, seat_id: int, capacity: Capacity, *, of_member: int, by_federation: int | None
) -> int | None:
    """Return the credential that a new naming replaces, if there is one; Conflict where it may not."""
    former = _standing(session, Credential.seat_id == seat_id, Credential.capacity == capacity)
    if former is None:
        return None
    if former.status is CredentialStatus.ACCEPTED:
        raise Conflict("seat_is_held")
    if by_federation is not None and _comes_for(session, former) == of_member:
        raise Conflict("named_by_member")
    return former.id


def _standing(session: Session, *conditions: ColumnElement[bool]) -> Credential | None:
    return session.scalars(
        select(Credential).where(Credential.status.in_(STANDING), *conditions)
    ).one_or_none()


def _attest(
    session: Session, named: Credential, attestation: Attestation | None, *, by: int | None, now: datetime
) -> int:
    named.status, named.attested_at, named.attested_by_id = CredentialStatus.PROPOSED, now, by
    if attestation is not None:
        named.attestation_version, named.attestation_language = attestation.version, attestation.language
    try:
        with session.begin_nested():
            session.add(named)
    except IntegrityError:
        # Somebody named another person, or this one elsewhere, at this very moment.
        raise Conflict("conflict") from None
    return named.id


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


def _write_to_leads(
    session: Session, conference_id: int, credential_id: int, letter: Letter, *, now: datetime
) -> None:
    """Tell those who answer for the seat that somebody is to be named anew, while there is time."""
    organization_id = session.scalars(
        select(Seat.organization_id)
        .join(Credential, Credential.seat_id == Seat.id)
        .where(Credential.id == credential_id)
    ).one()
    notify_leads(
        session,
        conference_id=conference_id,
        organization_id=organization_id,
        letter=letter,
        cause=f"credential-rejected-{credential_id}",
        now=now,
    )


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
