"""Registering, cancelling, and withdrawing a consent: the ticket's secret is all that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from conference.domain.accounts import canonical_email
from conference.domain.answers import checked_phone
from conference.domain.errors import Invalid
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
from conference.models import Account, Consent, Participation, Party, Registration
from conference.services.answers import book_services, keep_answers, keep_needs
from conference.services.giving_back import give_back, held_by_ticket, held_with_line
from conference.services.place_letters import withdraw_links, withdraw_reminders, write_to
from conference.services.places import offer_places, take_places

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import AccessNeed
    from conference.services.accounts import Words

NOTHING: Mapping[int, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A registration and the secret that opens its ticket, which is known here and derived again later."""

    registration_id: int
    token: str
    status: RegistrationStatus


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
    contact_phone: str | None = None,
    account_id: int | None = None,
    needs: Collection[AccessNeed] = (),
    answers: Mapping[int, Collection[str]] = NOTHING,
    bookings: Mapping[int, int] = NOTHING,
    letter: Words | None = None,
    pending_letter: Words | None = None,
    waiting_letter: Words | None = None,
    walk_in: bool = False,
) -> IssuedTicket:
    """Give a person a place, or a turn in the line, and a ticket. Nobody comes without consenting to it.

    `nonce` is 32 random hexadecimal digits, `key` the server's key for tickets. A signed-in person's place
    belongs to the account, and the account's address is the contact; another's address is only written to,
    and proves nothing until somebody signs in with it. `answers` are choices by question, `bookings` places
    by service. Of the letters one goes to the contact, if there is one: `letter` with the ticket to whoever
    has a place, the others to whoever waits for an answer, or in line. A `walk_in` stands before the desk.

    Raises NotFound("conference_not_found"), Conflict: "registration_closed", "category_closed",
    "service_full"; and Invalid: "consent_needed", "badge_name_needed", "badge_name_too_long",
    "language_unknown", "organization_not_taking_part", "delegate_without_organization",
    "reminders_need_an_address", "phone_wrong", "need_unknown", "answer_unknown", "service_unknown",
    "service_places_wrong".
    """
    contact = _contact(session, account_id, contact_email)
    check_consents(consents, contact)
    status = take_places(
        session, conference_id=conference_id, category=category, size=1, now=now, walk_in=walk_in
    )
    check_organization(session, conference_id, organization_id, category)
    party_id = None
    if status is RegistrationStatus.WAITING:
        party_id = begin_party(
            session,
            conference_id=conference_id,
            category=category,
            organization_id=organization_id,
            size=1,
            status=status,
            now=now,
        )
    registration = begin_registration(
        conference_id=conference_id,
        category=category,
        status=status,
        organization_id=organization_id,
        party_id=party_id,
        badge_name=checked_badge_name(badge_name),
        language=language,
        nonce=nonce,
        key=key,
        now=now,
    )
    registration.account_id = account_id
    registration.contact_email = contact
    registration.contact_phone = checked_phone(contact_phone) if contact_phone else None
    registration.spoken = list(checked_languages(spoken))
    registration.photo_preference = photo_preference
    session.add(registration)
    session.flush()
    note_consents(session, registration, consents, now)
    keep_needs(session, registration.id, needs)
    keep_answers(session, registration, answers)
    book_services(session, registration, bookings)
    words = {
        RegistrationStatus.CONFIRMED: letter,
        RegistrationStatus.PENDING: pending_letter,
        RegistrationStatus.WAITING: waiting_letter,
    }
    write_to(session, registration, words[status], now)
    return IssuedTicket(registration.id, ticket_token(nonce, key=key), status)


def begin_registration(
    *,
    conference_id: int,
    category: Category,
    status: RegistrationStatus,
    organization_id: int | None,
    party_id: int | None,
    badge_name: str,
    language: str,
    nonce: str,
    key: bytes,
    now: datetime,
) -> Registration:
    """Return a registration of which only what it cannot be without is known, and its ticket's digests."""
    token = ticket_token(nonce, key=key)
    return Registration(
        conference_id=conference_id,
        organization_id=organization_id,
        category=category,
        status=status,
        party_id=party_id,
        badge_name=badge_name,
        language=language,
        spoken=[],
        photo_preference=PhotoPreference.NO,
        token_digest=token_digest(token),
        code_digest=ticket_code_digest(ticket_code(token), key=key),
        ticket_nonce=nonce,
        registered_at=now,
    )


def begin_party(
    session: Session,
    *,
    conference_id: int,
    category: Category,
    organization_id: int | None,
    size: int,
    status: RegistrationStatus,
    now: datetime,
    grouped: bool = False,
) -> int:
    """Begin a party, which stands at the end of the line where it waits, and return its id."""
    party = Party(
        conference_id=conference_id,
        category=category,
        organization_id=organization_id,
        grouped=grouped,
        size=size,
        waiting_since=now if status is RegistrationStatus.WAITING else None,
    )
    session.add(party)
    session.flush()
    return party.id


def check_organization(
    session: Session, conference_id: int, organization_id: int | None, category: Category
) -> None:
    """Raise Invalid: "delegate_without_organization", "organization_not_taking_part"."""
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


def check_consents(consents: Collection[Purpose], contact: str | None) -> None:
    """Raise Invalid: "consent_needed", "reminders_need_an_address"."""
    if Purpose.ATTEND not in consents:
        raise Invalid("consent_needed")
    if Purpose.REMINDERS in consents and contact is None:
        raise Invalid("reminders_need_an_address")


def renew_ticket(session: Session, registration: Registration, *, nonce: str, key: bytes) -> str:
    """Give a registration a new ticket, and return its token; the old link, code and QR open nothing.

    No letter that leads to the old link is sent any more.
    """
    token = ticket_token(nonce, key=key)
    registration.ticket_nonce = nonce
    registration.token_digest = token_digest(token)
    registration.code_digest = ticket_code_digest(ticket_code(token), key=key)
    session.flush()
    withdraw_links(session, registration_id=registration.id)
    return token


def note_consents(
    session: Session,
    registration: Registration,
    consents: Collection[Purpose],
    now: datetime,
    *,
    version: int = CONSENT_VERSION,
) -> None:
    """Keep the consents that were given, each in the words of `version` and the registration's language."""
    for purpose in Purpose:
        if purpose in consents:
            session.add(
                Consent(
                    registration_id=registration.id,
                    purpose=purpose,
                    text_version=version,
                    language=registration.language,
                    given_at=now,
                )
            )
    session.flush()


def cancel_registration(session: Session, *, token: str, now: datetime) -> None:
    """Give a place back; its row becomes a tombstone that knows nothing of the person.

    The place goes to the line at once. A seat held with it is free again, and its delegate is no longer in
    any sitting; votes already cast keep counting. Whoever was in line has left it. The account that it
    belongs to, if nothing else needs it, forgets its address; a role, even one that was revoked, needs it.
    An account with the address that was only written to stays as it is.
    Raises NotFound("ticket_not_found") and Conflict("ticket_cancelled").
    """
    registration, house = held_with_line(session, token)
    give_back(session, [registration], status=RegistrationStatus.CANCELLED, now=now)
    offer_places(session, house, now=now)


def withdraw_consent(session: Session, *, token: str, purpose: Purpose, now: datetime) -> None:
    """Withdraw a consent without giving up the place; the consent to attend ends by cancelling only.

    Withdrawing twice changes nothing. Raises NotFound("ticket_not_found"), Conflict("ticket_cancelled") and
    Invalid("cancel_instead").
    """
    if purpose is Purpose.ATTEND:
        raise Invalid("cancel_instead")
    _withdraw(session, held_by_ticket(session, token).id, purpose, now)


def stop_reminders(session: Session, *, registration_id: int, now: datetime) -> None:
    """Withdraw the consent to reminders by the link in them; where there is none any more, change nothing."""
    _withdraw(session, registration_id, Purpose.REMINDERS, now)


def _withdraw(session: Session, registration_id: int, purpose: Purpose, now: datetime) -> None:
    if purpose is Purpose.REMINDERS:
        withdraw_reminders(session, registration_id=registration_id)
    session.execute(
        update(Consent)
        .where(
            Consent.registration_id == registration_id,
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
