"""Registering, cancelling, and withdrawing a consent: the ticket's secret is all that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from conference.domain.accounts import canonical_email
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.mail import MessageKind
from conference.domain.registration import (
    CONSENT_VERSION,
    ORGANIZATION_CATEGORIES,
    Category,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
    checked_badge_name,
    checked_languages,
)
from conference.domain.tickets import ticket_code, ticket_code_digest, ticket_token, token_digest
from conference.models import Account, Conference, Consent, Credential, Participation, Presence, Registration
from conference.services.forgetting import (
    ever_had_a_role,
    forget_accounts,
    forget_letters,
    forget_people,
    holds_a_place,
)
from conference.services.mail import forget_message, queue_message
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.accounts import Words


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A registration and the secret that opens its ticket, which is known here and derived again later."""

    registration_id: int
    token: str


def register(
    session: Session,
    *,
    conference_id: int,
    badge_name: str,
    category: Category,
    language: str,
    consents: Collection[Purpose],
    nonce: str,
    key: bytes,
    now: datetime,
    photo_preference: PhotoPreference = PhotoPreference.NO,
    spoken: tuple[str, ...] = (),
    organization_id: int | None = None,
    contact_email: str | None = None,
    account_id: int | None = None,
    letter: Words | None = None,
) -> IssuedTicket:
    """Give a person a place and a ticket. Nobody comes without consenting to it, and no consent is assumed.

    `nonce` is 32 random hexadecimal digits, `key` the server's key for tickets. A signed-in person's place
    belongs to the account, and the account's address is the contact; another's address is only written to,
    and proves nothing until somebody signs in with it. `letter` goes to the contact, if there is one.

    Raises NotFound("conference_not_found"), Conflict("registration_closed") and Invalid: "consent_needed",
    "badge_name_needed", "badge_name_too_long", "language_unknown", "organization_not_taking_part",
    "delegate_without_organization", "reminders_need_an_address".
    """
    _check_open(session, conference_id)
    _check_organization(session, conference_id, organization_id, category)
    contact = _contact(session, account_id, contact_email)
    _check_consents(consents, contact)
    token = ticket_token(nonce, key=key)
    registration = Registration(
        conference_id=conference_id,
        account_id=account_id,
        organization_id=organization_id,
        category=category,
        status=RegistrationStatus.CONFIRMED,
        badge_name=checked_badge_name(badge_name),
        contact_email=contact,
        language=language,
        spoken=list(checked_languages(spoken)),
        photo_preference=photo_preference,
        token_digest=token_digest(token),
        code_digest=ticket_code_digest(ticket_code(token), key=key),
        ticket_nonce=nonce,
        registered_at=now,
    )
    session.add(registration)
    session.flush()
    _note_consents(session, registration, consents, now)
    _write_to(session, registration, letter, now)
    return IssuedTicket(registration.id, token)


def _check_open(session: Session, conference_id: int) -> None:
    open_now = session.scalar(select(Conference.registration_open).where(Conference.id == conference_id))
    if open_now is None:
        raise NotFound("conference_not_found")
    if not open_now:
        raise Conflict("registration_closed")


def _check_organization(
    session: Session, conference_id: int, organization_id: int | None, category: Category
) -> None:
    if organization_id is None:
        if category in ORGANIZATION_CATEGORIES:
            raise Invalid("delegate_without_organization")
        return
    if session.get(Participation, (conference_id, organization_id)) is None:
        raise Invalid("organization_not_taking_part")


def _contact(session: Session, account_id: int | None, contact_email: str | None) -> str | None:
    if account_id is not None:
        return session.get_one(Account, account_id).email
    return canonical_email(contact_email) if contact_email else None


def _check_consents(consents: Collection[Purpose], contact: str | None) -> None:
    if Purpose.ATTEND not in consents:
        raise Invalid("consent_needed")
    if Purpose.REMINDERS in consents and contact is None:
        raise Invalid("reminders_need_an_address")


def _note_consents(
    session: Session, registration: Registration, consents: Collection[Purpose], now: datetime
) -> None:
    for purpose in Purpose:
        if purpose in consents:
            session.add(
                Consent(
                    registration_id=registration.id,
                    purpose=purpose,
                    text_version=CONSENT_VERSION,
                    language=registration.language,
                    given_at=now,
                )
            )
    session.flush()


def _letter_key(registration: Registration) -> str:
    return f"ticket-{registration.id}"


def _write_to(session: Session, registration: Registration, letter: Words | None, now: datetime) -> None:
    if letter is None or registration.contact_email is None:
        return
    queue_message(
        session,
        kind=MessageKind.TICKET,
        conference_id=registration.conference_id,
        key=_letter_key(registration),
        recipient=registration.contact_email,
        language=letter.language,
        subject=letter.subject,
        body=letter.body,
        now=now,
    )
    session.flush()


def _held(session: Session, token: str) -> Registration:
    """Return the place whose ticket the token opens, held until the end of the transaction."""
    registration = session.scalars(
        select(Registration).where(Registration.token_digest == token_digest(token)).with_for_update()
    ).one_or_none()
    if registration is None:
        raise NotFound("ticket_not_found")
    if registration.status is RegistrationStatus.CANCELLED:
        raise Conflict("ticket_cancelled")
    return registration


def cancel_registration(session: Session, *, token: str, now: datetime) -> None:
    """Give a place back; its row becomes a tombstone that knows nothing of the person.

    A seat held with it is free again at once, and its delegate is no longer in any sitting; votes already
    cast keep counting. An account that nothing else needs forgets its address; a role, even one that was
    revoked, needs it. Raises NotFound("ticket_not_found") and Conflict("ticket_cancelled").
    """
    registration = _held(session, token)
    registration.status = RegistrationStatus.CANCELLED
    registration.cancelled_at = now
    forget_message(session, key=_letter_key(registration))
    _free_seat(session, registration.id, now)
    _forget(session, registration)


def _forget(session: Session, registration: Registration) -> None:
    conference = session.get_one(Conference, registration.conference_id)
    account_id = registration.account_id
    if account_id is not None:
        # With the ticket goes the seat that it held.
        rights_changed(session, account_id=account_id, staff=False)
    addresses = forget_people(session, [registration], language=conference.languages[0])
    own = or_(Account.id == account_id, Account.email.in_(addresses))
    addresses |= forget_accounts(session, own, ~holds_a_place(), ~ever_had_a_role())
    forget_letters(session, addresses)


def _free_seat(session: Session, registration_id: int, now: datetime) -> None:
    credential = session.scalars(
        select(Credential).where(
            Credential.registration_id == registration_id,
            Credential.status.in_((CredentialStatus.PROPOSED, CredentialStatus.ACCEPTED)),
        )
    ).one_or_none()
    if credential is None:
        return
    credential.status = CredentialStatus.WITHDRAWN
    credential.decided_at = credential.decided_at or now
    session.execute(
        update(Presence)
        .where(Presence.credential_id == credential.id, Presence.left_at.is_(None))
        .values(left_at=now)
    )


def withdraw_consent(session: Session, *, token: str, purpose: Purpose, now: datetime) -> None:
    """Withdraw a consent without giving up the place; the consent to attend ends by cancelling only.

    Withdrawing twice changes nothing. Raises NotFound("ticket_not_found"), Conflict("ticket_cancelled") and
    Invalid("cancel_instead").
    """
    if purpose is Purpose.ATTEND:
        raise Invalid("cancel_instead")
    _withdraw(session, _held(session, token).id, purpose, now)


def stop_reminders(session: Session, *, registration_id: int, now: datetime) -> None:
    """Withdraw the consent to reminders by the link in them; where there is none any more, change nothing."""
    _withdraw(session, registration_id, Purpose.REMINDERS, now)


def _withdraw(session: Session, registration_id: int, purpose: Purpose, now: datetime) -> None:
    session.execute(
        update(Consent)
        .where(
            Consent.registration_id == registration_id,
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
