"""Registering and cancelling: the ticket's secret is all that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select

from conference.domain.accounts import canonical_email
from conference.domain.answers import checked_phone
from conference.domain.entries import VOICE_ONLY
from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import (
    ORGANIZATION_CATEGORIES,
    OVER,
    Category,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
    checked_badge_name,
    checked_languages,
)
from conference.domain.tickets import ticket_code, ticket_code_digest, ticket_token, token_digest
from conference.models import Account, Organization, Participation, Party, Registration
from conference.services.answers import book_services, keep_answers
from conference.services.consents import check_consents, keep_agreed_needs, note_consents
from conference.services.giving_back import give_back, held_with_line, log_freed
from conference.services.place_letters import withdraw_links, write_to
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


@dataclass(frozen=True, slots=True)
class Place:
    """A place, or a turn in the line, as it is taken: where, in which capacity, for whom, and since when."""

    conference_id: int
    category: Category
    organization_id: int | None
    status: RegistrationStatus
    since: datetime


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
    registered_by: int | None = None,
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
    belongs to the account, and the account's address is the contact; an account registers itself once, and
    everybody else as `registered_by`: their place is nobody's account's, and its address is not the asking
    account's. Another's address is only written to, and proves nothing until somebody signs in with it.
    `answers` are choices by question, `bookings` places by service. Of the letters one goes to the contact,
    if there is one: `letter` with the ticket to whoever has a place, the others to whoever waits for an
    answer, or in line. A `walk_in` stands before the desk.

    Raises NotFound("conference_not_found"), Conflict: "conference_over", "registration_closed",
    "category_closed", "service_full", "registered_already"; and Invalid: "address_is_your_own",
    "consent_needed", "needs_consent_needed", "badge_name_needed", "badge_name_too_long", "language_unknown",
    "organization_not_taking_part", "delegate_without_organization", "delegate_of_voice_only",
    "reminders_need_an_address", "phone_wrong", "need_unknown", "answer_unknown", "service_unknown",
    "service_places_wrong".
    """
    contact = _contact(session, account_id, contact_email, registered_by)
    check_consents(consents, contact)
    status = take_places(
        session, conference_id=conference_id, category=category, size=1, now=now, walk_in=walk_in
    )
    check_organization(session, conference_id, organization_id, category)
    place = Place(conference_id, category, organization_id, status, now)
    name = checked_badge_name(badge_name)
    registration = begin_registration(place, badge_name=name, language=language, nonce=nonce, key=key)
    if status is RegistrationStatus.WAITING:
        registration.party_id = begin_party(session, place, size=1)
    registration.contact_email = contact
    registration.contact_phone = checked_phone(contact_phone) if contact_phone else None
    registration.spoken = list(checked_languages(spoken))
    registration.photo_preference = photo_preference
    session.add(registration)
    session.flush()
    note_consents(session, registration, consents, now)
    if needs:
        keep_agreed_needs(session, registration, needs, consents=consents, language=language, now=now)
    if answers:
        keep_answers(session, registration, answers)
    if bookings:
        book_services(session, registration, bookings)
    if account_id is not None:
        _give_to_account(session, registration, account_id)
    words = {
        RegistrationStatus.CONFIRMED: letter,
        RegistrationStatus.PENDING: pending_letter,
        RegistrationStatus.WAITING: waiting_letter,
    }
    write_to(session, registration, words[status], now)
    return IssuedTicket(registration.id, ticket_token(nonce, key=key), status)


def begin_registration(
    place: Place, *, badge_name: str, language: str, nonce: str, key: bytes, party_id: int | None = None
) -> Registration:
    """Return a registration of which only what it cannot be without is known, and its ticket's digests."""
    token = ticket_token(nonce, key=key)
    return Registration(
        conference_id=place.conference_id,
        organization_id=place.organization_id,
        category=place.category,
        status=place.status,
        party_id=party_id,
        badge_name=badge_name,
        language=language,
        spoken=[],
        photo_preference=PhotoPreference.NO,
        token_digest=token_digest(token),
        code_digest=ticket_code_digest(ticket_code(token), key=key),
        ticket_nonce=nonce,
        registered_at=place.since,
    )


def begin_party(session: Session, place: Place, *, size: int, grouped: bool = False) -> int:
    """Begin a party, which stands at the end of the line where it waits, and return its id."""
    party = Party(
        conference_id=place.conference_id,
        category=place.category,
        organization_id=place.organization_id,
        grouped=grouped,
        size=size,
        waiting_since=place.since if place.status is RegistrationStatus.WAITING else None,
    )
    session.add(party)
    session.flush()
    return party.id


def check_organization(
    session: Session, conference_id: int, organization_id: int | None, category: Category
) -> None:
    """Delegates and alternates come for an organization that may have a seat; others for any, or for none.

    Raises Invalid: "delegate_without_organization", "organization_not_taking_part", "delegate_of_voice_only".
    """
    if organization_id is None:
        if category in ORGANIZATION_CATEGORIES:
            raise Invalid("delegate_without_organization")
        return
    if session.get(Participation, (conference_id, organization_id)) is None:
        raise Invalid("organization_not_taking_part")
    if category not in ORGANIZATION_CATEGORIES:
        return
    if session.get_one(Organization, organization_id).kind in VOICE_ONLY:
        raise Invalid("delegate_of_voice_only")


def _contact(
    session: Session, account_id: int | None, contact_email: str | None, registered_by: int | None
) -> str | None:
    if account_id is not None:
        return session.get_one(Account, account_id).email
    if not contact_email:
        return None
    contact = canonical_email(contact_email)
    if registered_by is not None and contact == session.get_one(Account, registered_by).email:
        # Whoever signs in with an address gets what was registered with it: it would be their own again.
        raise Invalid("address_is_your_own")
    return contact


def _give_to_account(session: Session, registration: Registration, account_id: int) -> None:
    """Have a place be the account's, which has no other in the conference; Conflict("registered_already")."""
    # Held last, as accounts are: of two forms sent at once the second waits, and sees the first. FOR NO KEY
    # UPDATE: whoever writes a row that refers to the account does not wait.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
    if is_registered(session, conference_id=registration.conference_id, account_id=account_id):
        raise Conflict("registered_already")
    registration.account_id = account_id
    session.flush()


def is_registered(session: Session, *, conference_id: int, account_id: int) -> bool:
    """Tell whether the account has a place in a conference, or waits for one."""
    own = exists().where(
        Registration.conference_id == conference_id,
        Registration.account_id == account_id,
        Registration.status.not_in(OVER),
    )
    return bool(session.scalar(select(own)))


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


def cancel_registration(session: Session, *, token: str, now: datetime) -> None:
    """Give a place back; its row becomes a tombstone that knows nothing of the person.

    The place goes to the line at once. A seat held with it is free again, and its delegate is no longer in
    any sitting; votes already cast keep counting. Whoever was in line has left it. The account that it
    belongs to, if nothing else needs it, forgets its address; a role, even one that was revoked, needs it.
    An account with the address that was only written to stays as it is.
    Raises NotFound("ticket_not_found") and Conflict("ticket_cancelled").
    """
    registration, house = held_with_line(session, token)
    freed = give_back(session, [registration], status=RegistrationStatus.CANCELLED, now=now)
    offer_places(session, house, now=now)
    log_freed(session, freed, now=now)
