"""Giving places back: whose ticket it is, what its going touches, and the tombstone that it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select, update

from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import OVER, RegistrationStatus
from conference.domain.tickets import token_digest
from conference.models import Account, Conference, Credential, Message, Party, Presence, Registration
from conference.services.forgetting import (
    ever_had_a_role,
    forget_accounts,
    forget_letters,
    forget_people,
    holds_a_place,
)
from conference.services.mail import withdraw
from conference.services.place_letters import letter_keys
from conference.services.places import hold_line, hold_places
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import RefusalReason
    from conference.services.places import House


def held_by_ticket(session: Session, token: str) -> Registration:
    """Return the place whose ticket the token opens, held until the end of the transaction.

    Raises NotFound("ticket_not_found") and Conflict("ticket_cancelled").
    """
    registration = session.scalars(
        select(Registration)
        .where(Registration.token_digest == token_digest(token))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if registration is None:
        raise NotFound("ticket_not_found")
    if registration.status in OVER:
        raise Conflict("ticket_cancelled")
    return registration


def held_with_line(session: Session, token: str) -> tuple[Registration, House]:
    """Return the place whose ticket the token opens, held with everything that its going touches.

    Raises as `held_by_ticket` does.
    """
    known = session.execute(
        select(Registration.id, Registration.conference_id).where(
            Registration.token_digest == token_digest(token)
        )
    ).one_or_none()
    if known is None:
        raise NotFound("ticket_not_found")
    house = hold_places(session, known.conference_id)
    hold_line(session, known.conference_id, [known.id])
    return held_by_ticket(session, token), house


def give_back(
    session: Session,
    registrations: Sequence[Registration],
    *,
    status: RegistrationStatus,
    now: datetime,
    refusal: RefusalReason | None = None,
) -> None:
    """Make tombstones of registrations of one conference. The caller holds them, and offers what is free."""
    if not registrations:
        return
    parties = {row.party_id for row in registrations if row.party_id is not None}
    for registration in registrations:
        registration.status, registration.refusal = status, refusal
        registration.cancelled_at = now
        # An organization is known by its party: the tombstone is of nobody's.
        registration.party_id = None
    session.flush()
    left = exists().where(Registration.party_id == Party.id)
    session.execute(delete(Party).where(Party.id.in_(parties), ~left))
    forget_persons(session, registrations, now=now)


def forget_persons(session: Session, registrations: Sequence[Registration], *, now: datetime) -> None:
    """Forget whose registrations these are, with their letters and seats; their places stay.

    The caller holds them; afterwards each is of no organization, and its ticket has no code.
    """
    ids = [registration.id for registration in registrations]
    withdraw(session, Message.key.in_([key for number in ids for key in letter_keys(number).values()]))
    _free_seats(session, ids, now)
    _forget(session, registrations)


def _forget(session: Session, registrations: Sequence[Registration]) -> None:
    conference = session.get_one(Conference, registrations[0].conference_id)
    accounts = {row.account_id for row in registrations if row.account_id is not None}
    for account_id in sorted(accounts):
        # With the ticket goes the seat that it held.
        rights_changed(session, account_id=account_id, staff=False)
    addresses = forget_people(session, registrations, language=conference.languages[0])
    # An address that was only typed proves nothing: whose account it is may have nothing to do with it.
    addresses |= forget_accounts(session, Account.id.in_(accounts), ~holds_a_place(), ~ever_had_a_role())
    forget_letters(session, addresses)


def _free_seats(session: Session, registration_ids: Sequence[int], now: datetime) -> None:
    credentials = session.scalars(
        select(Credential).where(
            Credential.registration_id.in_(registration_ids),
            Credential.status.in_((CredentialStatus.PROPOSED, CredentialStatus.ACCEPTED)),
        )
    ).all()
    if not credentials:
        return
    for credential in credentials:
        credential.status = CredentialStatus.WITHDRAWN
        credential.decided_at = credential.decided_at or now
    session.execute(
        update(Presence)
        .where(Presence.credential_id.in_([each.id for each in credentials]), Presence.left_at.is_(None))
        .values(left_at=now)
    )
