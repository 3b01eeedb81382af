"""Naming delegates and alternates, and the committee's answer. The database decides every race."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from conference.domain.credentials import STANDING, CredentialStatus
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.registration import RegistrationStatus
from conference.models import Credential, Registration, Seat

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.credentials import Capacity, RejectionReason


def name_delegate(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    registration_id: int,
    capacity: Capacity,
    by: int | None,
    now: datetime,
) -> int:
    """Attest that a person of the organization holds its seat, and return the credential's id.

    A person holds one seat at most, in one capacity. Naming somebody else replaces whom the committee has
    not answered for yet; naming the same person twice changes nothing.

    Raises Invalid("organization_without_seat"), Invalid("registration_not_eligible") for a registration that
    is not confirmed, or of another organization or conference, Conflict("person_holds_seat") and
    Conflict("seat_is_held") where the committee has accepted somebody already.
    """
    _check_registration(session, conference_id, organization_id, registration_id)
    seat_id = _seat(session, conference_id, organization_id)
    held = _standing(session, Credential.registration_id == registration_id)
    if held is not None:
        if (held.seat_id, held.capacity) == (seat_id, capacity):
            return held.id
        raise Conflict("person_holds_seat")
    former = _standing(session, Credential.seat_id == seat_id, Credential.capacity == capacity)
    if former is not None:
        if former.status is CredentialStatus.ACCEPTED:
            raise Conflict("seat_is_held")
        _answer(session, former.id, {"status": CredentialStatus.WITHDRAWN}, by=by, now=now)
    return _attest(session, seat_id, registration_id, capacity, by=by, now=now)


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

    Raises NotFound("credential_not_found"), Invalid("reason_needed"), and Conflict("credential_decided") for
    one that was decided or withdrawn before.
    """
    if not accept and reason is None:
        raise Invalid("reason_needed")
    _check_credential(session, Seat.conference_id == conference_id, credential_id=credential_id)
    answer = {
        "status": CredentialStatus.ACCEPTED if accept else CredentialStatus.REJECTED,
        "reason": None if accept else reason,
    }
    _answer(session, credential_id, answer, by=by, now=now)


def withdraw_credential(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    credential_id: int,
    by: int | None,
    now: datetime,
) -> None:
    """Take back whom the organization has named, until the committee has answered.

    Raises NotFound("credential_not_found") for another organization's, and Conflict("credential_decided").
    """
    _check_credential(
        session,
        Seat.conference_id == conference_id,
        Seat.organization_id == organization_id,
        credential_id=credential_id,
    )
    _answer(session, credential_id, {"status": CredentialStatus.WITHDRAWN}, by=by, now=now)


def _check_registration(
    session: Session, conference_id: int, organization_id: int, registration_id: int
) -> None:
    # Held until the end of the transaction: a place that is given back takes its credential with it.
    eligible = (
        select(Registration.id)
        .where(
            Registration.id == registration_id,
            Registration.conference_id == conference_id,
            Registration.organization_id == organization_id,
            Registration.status == RegistrationStatus.CONFIRMED,
        )
        .with_for_update()
    )
    if session.scalar(eligible) is None:
        raise Invalid("registration_not_eligible")


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


def _attest(
    session: Session,
    seat_id: int,
    registration_id: int,
    capacity: Capacity,
    *,
    by: int | None,
    now: datetime,
) -> int:
    credential = Credential(
        seat_id=seat_id,
        registration_id=registration_id,
        capacity=capacity,
        status=CredentialStatus.PROPOSED,
        attested_at=now,
        attested_by_id=by,
    )
    try:
        with session.begin_nested():
            session.add(credential)
    except IntegrityError:
        # Somebody named another person, or this one elsewhere, at this very moment.
        raise Conflict("conflict") from None
    return credential.id


def _check_credential(session: Session, *conditions: ColumnElement[bool], credential_id: int) -> None:
    known = select(Credential.id).join(Seat, Seat.id == Credential.seat_id)
    if session.scalar(known.where(Credential.id == credential_id, *conditions)) is None:
        raise NotFound("credential_not_found")


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
