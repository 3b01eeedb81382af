"""Giving places back: whose ticket it is, what its going touches, and the tombstone that it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import OVER, RegistrationStatus
from conference.domain.tickets import token_digest
from conference.models import Account, Conference, Message, Party, Registration
from conference.services.audit import record
from conference.services.electorate import keep_to_one_seat
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
from conference.services.seats import end_credentials_of_registrations
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import RefusalReason
    from conference.services.audit import Logged
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
) -> list[Logged]:
    """Make tombstones of registrations of one conference. The caller holds them, and offers what is free.

    Returns what the log is told of seats that became free, see `log_freed`; who is in line has none.
    """
    if not registrations:
        return []
    parties = {row.party_id for row in registrations if row.party_id is not None}
    for registration in registrations:
        registration.status, registration.refusal = status, refusal
        registration.cancelled_at = now
        # An organization is known by its party: the tombstone is of nobody's.
        registration.party_id = None
    session.flush()
    left = exists().where(Registration.party_id == Party.id)
    session.execute(delete(Party).where(Party.id.in_(parties), ~left))
    return forget_persons(session, registrations, now=now)


def forget_persons(session: Session, registrations: Sequence[Registration], *, now: datetime) -> list[Logged]:
    """Forget whose registrations these are, with their letters and seats; their places stay.

    The caller holds them; afterwards each is of no organization, and its ticket has no code. Returns what
    the log is told of seats that became free: it is written last, by whoever calls.
    """
    ids = [registration.id for registration in registrations]
    withdraw(session, Message.key.in_([key for number in ids for key in letter_keys(number).values()]))
    keep_to_one_seat(session, registration_ids=ids)
    freed = end_credentials_of_registrations(session, registration_ids=ids, now=now)
    _forget(session, registrations)
    return freed


def log_freed(session: Session, freed: Iterable[Logged], *, now: datetime) -> None:
    """Write into the log which credentials ended with a ticket, by whoever held it: called by the seat."""
    for conference_id, event in freed:
        record(session, conference_id=conference_id, actor=str(event["seat"]), event=event, at=now)


def _forget(session: Session, registrations: Sequence[Registration]) -> None:
    conference = session.get_one(Conference, registrations[0].conference_id)
    accounts = {row.account_id for row in registrations if row.account_id is not None}
    for account_id in sorted(accounts):
        # With the ticket goes what is shown to those who are registered.
        rights_changed(session, account_id=account_id, staff=False)
    addresses = forget_people(session, registrations, language=conference.languages[0])
    # An address that was only typed proves nothing: whose account it is may have nothing to do with it.
    addresses |= forget_accounts(session, Account.id.in_(accounts), ~holds_a_place(), ~ever_had_a_role())
    forget_letters(session, addresses)
