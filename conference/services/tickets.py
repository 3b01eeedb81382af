"""What whoever holds a ticket changes about it, without an account: the ticket's secret is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.accounts import canonical_email
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict
from conference.domain.registration import ANSWERED_FOR_VERSION, checked_badge_name, checked_languages
from conference.models import Credential
from conference.services.answers import book_services, keep_answers, keep_needs
from conference.services.giving_back import held_by_ticket
from conference.services.registration import IssuedTicket, check_consents, note_consents, renew_ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import AccessNeed, PhotoPreference, Purpose
    from conference.models import Registration


def change_ticket(
    session: Session,
    *,
    token: str,
    badge_name: str | None,
    photo_preference: PhotoPreference,
    spoken: tuple[str, ...],
    needs: Collection[AccessNeed] | None,
    answers: Mapping[int, Collection[str]],
    bookings: Mapping[int, int],
) -> None:
    """Have a ticket say this from now on; what its page does not show stays unless it is said anew.

    `badge_name` and `needs` None: as before. Answers and bookings are all that there are; a service gives
    back what is not booked any more.

    Raises NotFound("ticket_not_found"), Conflict: "ticket_cancelled", "ticket_without_name" for a guest, who
    agrees to something first, "name_of_a_delegate" for a new name of somebody whom an organization has named
    for its seat, "service_full"; and Invalid as `register` does.
    """
    registration = held_by_ticket(session, token)
    if not registration.badge_name:
        raise Conflict("ticket_without_name")
    if badge_name is not None:
        anew = checked_badge_name(badge_name)
        if anew != registration.badge_name and _is_named_for_a_seat(session, registration.id):
            # The organization named a person, whom the committee knows by this name: another one would sit.
            raise Conflict("name_of_a_delegate")
        registration.badge_name = anew
    registration.photo_preference = photo_preference
    registration.spoken = list(checked_languages(spoken))
    session.flush()
    if needs is not None:
        keep_needs(session, registration.id, needs)
    keep_answers(session, registration, answers)
    book_services(session, registration, bookings)


def _is_named_for_a_seat(session: Session, registration_id: int) -> bool:
    standing = exists().where(
        Credential.registration_id == registration_id,
        Credential.status.in_((CredentialStatus.PROPOSED, CredentialStatus.ACCEPTED)),
    )
    return bool(session.scalar(select(standing)))


def name_guest(
    session: Session,
    *,
    token: str,
    badge_name: str,
    photo_preference: PhotoPreference,
    consents: Collection[Purpose],
    contact_email: str | None,
    language: str,
    now: datetime,
) -> None:
    """Write a guest's name for them, with the consent that whoever leads their organization answers for.

    The ticket stays the same: it is the lead's to print, or to pass on. Raises NotFound("ticket_not_found"),
    Conflict: "ticket_cancelled", "ticket_has_name"; and Invalid: "consent_needed", "badge_name_needed",
    "reminders_need_an_address", "badge_name_too_long".
    """
    registration = _named(
        session,
        token=token,
        badge_name=badge_name,
        photo_preference=photo_preference,
        consents=consents,
        contact_email=contact_email,
        language=language,
    )
    note_consents(session, registration, consents, now, version=ANSWERED_FOR_VERSION)


def claim_place(
    session: Session,
    *,
    token: str,
    badge_name: str,
    photo_preference: PhotoPreference,
    consents: Collection[Purpose],
    contact_email: str | None,
    language: str,
    nonce: str,
    key: bytes,
    now: datetime,
) -> IssuedTicket:
    """Make a guest's place one's own, with a name and the consent without which nobody's name is kept.

    The ticket is a new one from now on: whoever passed the old link on, or led the guest here, has no key to
    it any more. `nonce` and `key` as in `hand_over`. Raises as `name_guest` does.
    """
    registration = _named(
        session,
        token=token,
        badge_name=badge_name,
        photo_preference=photo_preference,
        consents=consents,
        contact_email=contact_email,
        language=language,
    )
    issued = renew_ticket(session, registration, nonce=nonce, key=key)
    note_consents(session, registration, consents, now)
    return IssuedTicket(registration.id, issued, registration.status)


def _named(
    session: Session,
    *,
    token: str,
    badge_name: str,
    photo_preference: PhotoPreference,
    consents: Collection[Purpose],
    contact_email: str | None,
    language: str,
) -> Registration:
    contact = canonical_email(contact_email) if contact_email else None
    check_consents(consents, contact)
    registration = held_by_ticket(session, token)
    if registration.badge_name:
        # Whoever has the link changes the name on the ticket's own form; this one was named meanwhile.
        raise Conflict("ticket_has_name")
    registration.badge_name = checked_badge_name(badge_name)
    registration.photo_preference = photo_preference
    registration.contact_email = contact
    registration.language = language
    session.flush()
    return registration
