"""Forgetting people: one who cancels, and everybody once a conference has been over for long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, or_, select, update

from conference.domain.registration import PhotoPreference
from conference.models import (
    AccessCard,
    Account,
    Authenticator,
    Challenge,
    Consent,
    Message,
    Passkey,
    RecoveryCode,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RoleGrant,
    Scan,
    ServiceBooking,
    SignIn,
    SignInCode,
)
from conference.services.mail import withdraw

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

# Whatever signs somebody in, or shows who they are. Sign-ins come before the cards that opened them.
WAYS_IN = (SignInCode, SignIn, Passkey, Challenge, Authenticator, RecoveryCode, AccessCard)
# Whatever is known of a registration in a row of its own.
OF_A_PERSON = (Scan, Consent, RegistrationNeed, RegistrationAnswer, ServiceBooking)
# What stands in the place of a digest, with the row's id: no digest looks like it, so no secret opens it.
FORGOTTEN = "forgotten-"


def forget_people(session: Session, registrations: Sequence[Registration], *, language: str) -> set[str]:
    """Make tombstones of the registrations, and return the addresses that they knew.

    What stays of each: that there was one, in which category and when, why it was not approved, if it was
    not, and the digest by which a ticket's link still answers that the ticket was cancelled. The party
    stays, since a place that is handed over keeps its turn: whoever ends a place parts it from its party.
    `language` is the conference's, for all of them. Votes keep counting: they are a seat's, and the seat's
    organization's.
    """
    ids = [registration.id for registration in registrations]
    addresses = {row.contact_email for row in registrations if row.contact_email is not None}
    for known in OF_A_PERSON:
        session.execute(delete(known).where(known.registration_id.in_(ids)))
    for registration in registrations:
        _empty(registration, language)
    session.flush()
    return addresses


def _empty(registration: Registration, language: str) -> None:
    registration.badge_name = ""
    registration.contact_email = None
    registration.contact_phone = None
    registration.account_id = None
    registration.organization_id = None
    registration.language = language
    registration.spoken = []
    registration.photo_preference = PhotoPreference.NO
    registration.code_digest = f"{FORGOTTEN}{registration.id}"
    registration.ticket_nonce = ""
    registration.printed_digest = None
    registration.service_lost = False


def holds_a_place() -> ColumnElement[bool]:
    """Tell of an account that somebody is registered with it, or with its address still to be proved."""
    return exists().where(
        or_(Registration.account_id == Account.id, Registration.contact_email == Account.email)
    )


def ever_had_a_role() -> ColumnElement[bool]:
    """Tell of an account that it holds or held a role in any conference."""
    return exists().where(RoleGrant.account_id == Account.id)


def forget_accounts(session: Session, *conditions: ColumnElement[bool]) -> set[str]:
    """Empty the addresses of the accounts that meet the conditions, and return them.

    The rows stay, so that no cookie ever opens somebody else's account. Nobody is signed in with them any
    more, and no mail, passkey, app, code or card opens them.
    """
    opened = or_(*(exists().where(way_in.account_id == Account.id) for way_in in WAYS_IN))
    found = session.execute(
        select(Account.id, Account.email)
        .where(or_(Account.email.is_not(None), opened), *conditions)
        .order_by(Account.id)
        .with_for_update(of=Account)
    ).all()
    ids = [account_id for account_id, _address in found]
    for way_in in WAYS_IN:
        session.execute(delete(way_in).where(way_in.account_id.in_(ids)))
    session.execute(update(Account).where(Account.id.in_(ids)).values(email=None))
    return {address for _id, address in found if address is not None}


def forget_letters(session: Session, addresses: Collection[str]) -> None:
    """Withdraw what waits to be sent to addresses that nobody is registered or signs in with any more."""
    known = or_(
        exists().where(Registration.contact_email == Message.recipient),
        exists().where(Account.email == Message.recipient),
    )
    withdraw(session, Message.recipient.in_(addresses), ~known)
