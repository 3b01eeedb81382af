"""Handing a place to another person of the organization: the place stays, its person is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.checkin import ENTRANCE, ScanOutcome
from conference.domain.errors import Conflict
from conference.domain.places import granted
from conference.domain.registration import RegistrationStatus
from conference.models import Scan
from conference.services.giving_back import forget_persons, held_by_ticket
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
    "ticket_was_admitted" for one who has come in, since one place would admit a queue.
    """
    registration = held_by_ticket(session, token)
    organization_id = registration.organization_id
    if organization_id is None:
        raise Conflict("no_organization_to_hand_over_in")
    if _was_admitted(session, registration.id):
        raise Conflict("ticket_was_admitted")
    forget_persons(session, [registration], now=now)
    if registration.status is RegistrationStatus.CONFIRMED:
        house = read_house(session, registration.conference_id)
        registration.status = granted(house.setting(registration.category))
    registration.organization_id = organization_id
    issued = renew_ticket(session, registration, nonce=nonce, key=key)
    return IssuedTicket(registration.id, issued, registration.status)


def _was_admitted(session: Session, registration_id: int) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    Scan.registration_id == registration_id,
                    Scan.door == ENTRANCE,
                    Scan.outcome == ScanOutcome.ADMITTED,
                )
            )
        )
    )
