"""Handing a place to another person of the organization: the place stays, its person is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select, update

from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict
from conference.domain.places import granted
from conference.domain.registration import RegistrationStatus
from conference.models import Credential, Scan
from conference.services.giving_back import forget_persons, held_by_ticket, log_freed
from conference.services.places import read_house
from conference.services.registration import IssuedTicket, renew_ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def hand_over(session: Session, *, token: str, nonce: str, key: bytes, now: datetime) -> IssuedTicket:
    """Give a place a new ticket, and forget whose it was; until it is named it is a guest's.

    Category, organization and turn in the line stay, and so does the status: but where the category needs an
    answer, it was given for a person, and the next one waits for theirs with the place held. The old link,
    code and QR open nothing any more; a seat held with the place is free again, since the organization named
    a person and not a place. `nonce` is 32 random hexadecimal digits, `key` the server's key for tickets.

    Raises NotFound("ticket_not_found"), Conflict: "ticket_cancelled"; "no_organization_to_hand_over_in" for
    somebody who comes for no organization, since nobody answers for whom they would send; and
    "ticket_was_admitted" for one who has come in at any door, since one place would admit a queue.
    """
    registration = held_by_ticket(session, token)
    organization_id = registration.organization_id
    if organization_id is None:
        raise Conflict("no_organization_to_hand_over_in")
    if _was_admitted(session, registration.id):
        raise Conflict("ticket_was_admitted")
    freed = forget_persons(session, [registration], now=now)
    if registration.status is RegistrationStatus.CONFIRMED:
        house = read_house(session, registration.conference_id)
        registration.status = granted(house.setting(registration.category))
    registration.organization_id = organization_id
    _part_from_refusals(session, registration.id)
    issued = renew_ticket(session, registration, nonce=nonce, key=key)
    log_freed(session, freed, now=now)
    return IssuedTicket(registration.id, issued, registration.status)


def _part_from_refusals(session: Session, registration_id: int) -> None:
    """Whom the committee did not accept, and why, is nothing that the next person is told, or called."""
    session.execute(
        update(Credential)
        .where(Credential.registration_id == registration_id, Credential.status == CredentialStatus.REJECTED)
        .values(status=CredentialStatus.WITHDRAWN, reason=None)
    )


def _was_admitted(session: Session, registration_id: int) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(Scan.registration_id == registration_id, Scan.outcome == ScanOutcome.ADMITTED)
            )
        )
    )
