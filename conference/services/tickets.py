"""What whoever holds a ticket changes about it, without an account: the ticket's secret is enough."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from conference.domain.accounts import canonical_email
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict
from conference.domain.mail import MessageKind
from conference.domain.registration import ConsentGiver, checked_badge_name, checked_languages
from conference.models import Consent, Credential, Registration
from conference.models.registration import is_answered_for
from conference.services.answers import book_services, keep_answers, needs_of
from conference.services.consents import check_consents, keep_agreed_needs, note_consents
from conference.services.contacts import ContactChange, change_contact
from conference.services.giving_back import held_by_ticket
from conference.services.mail import queue_message
from conference.services.registration import IssuedTicket, renew_ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import AccessNeed, PhotoPreference, Purpose, RegistrationStatus
    from conference.services.accounts import Words

NO_LETTERS: Mapping[RegistrationStatus, Words] = MappingProxyType({})


def change_ticket(
    session: Session,
    *,
    token: str,
    badge_name: str | None,
    photo_preference: PhotoPreference,
    spoken: tuple[str, ...],
    needs: Collection[AccessNeed],
    forget_needs: bool,
    consents: Collection[Purpose],
    language: str,
    now: datetime,
    answers: Mapping[int, Collection[str]],
    bookings: Mapping[int, int],
    contact: ContactChange | None = None,
) -> None:
    """Have a ticket say this from now on; what its page does not show stays unless it is said anew.

    `badge_name` None: as before. Needs come to those said before, unless these are forgotten; who names any
    consents to that anew, in the words of `language`. Answers and bookings are all that there are; a service
    gives back what is not booked any more.

    Raises NotFound("ticket_not_found"), Conflict: "ticket_cancelled", "ticket_without_name" for a guest, and
    "ticket_answered_for" for one whom their lead named: the lead has the link too, so whoever comes makes the
    ticket theirs before it holds anything of them; "name_of_a_delegate" for a new name of somebody whom an
    organization has named for its seat, "service_full"; and Invalid as `register` does. Of the `contact` also
    what `change_contact` raises.
    """
    registration = held_by_ticket(session, token)
    if not registration.badge_name:
        raise Conflict("ticket_without_name")
    if _is_answered_for(session, registration.id):
        raise Conflict("ticket_answered_for")
    if badge_name is not None:
        _rename(session, registration, badge_name)
    registration.photo_preference = photo_preference
    registration.spoken = list(checked_languages(spoken))
    session.flush()
    if needs or forget_needs:
        kept = needs if forget_needs else {*needs_of(session, registration.id), *needs}
        keep_agreed_needs(session, registration, kept, consents=consents, language=language, now=now)
    keep_answers(session, registration, answers)
    book_services(session, registration, bookings)
    if contact is not None:
        change_contact(session, registration, contact)


def _rename(session: Session, registration: Registration, badge_name: str) -> None:
    anew = checked_badge_name(badge_name)
    if anew != registration.badge_name and _is_named_for_a_seat(session, registration.id):
        # The organization named a person, whom the committee knows by this name: another one would sit.
        raise Conflict("name_of_a_delegate")
    registration.badge_name = anew


def _is_answered_for(session: Session, registration_id: int) -> bool:
    asked = select(Registration.id).where(Registration.id == registration_id, is_answered_for())
    return session.scalar(asked) is not None


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

    The ticket stays the same: it is the lead's to print, or to pass on, until its person makes it theirs.
    Raises NotFound("ticket_not_found"), Conflict: "ticket_cancelled", "ticket_has_name"; and Invalid:
    "consent_needed", "badge_name_needed", "reminders_need_an_address", "badge_name_too_long".
    """
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
    note_consents(session, registration, consents, now, given_by=ConsentGiver.LEAD)


def claim_place(
    session: Session,
    *,
    token: str,
    badge_name: str | None,
    photo_preference: PhotoPreference,
    consents: Collection[Purpose],
    contact_email: str | None,
    language: str,
    nonce: str,
    key: bytes,
    now: datetime,
    letters: Mapping[RegistrationStatus, Words] = NO_LETTERS,
) -> IssuedTicket:
    """Make a place one's own that nobody has agreed to in person yet, with a consent of one's own.

    That is a guest's, or one whose lead answered for it: its name stays where `badge_name` is None. The
    ticket is a new one from now on: whoever passed the old link on, or led the guest here, has no key to it
    any more. Of `letters` the one for where the place stands brings the new link to the address, if there is
    one. `nonce` and `key` as in `hand_over`.

    Raises NotFound("ticket_not_found"), Conflict: "ticket_cancelled", "ticket_has_name",
    "name_of_a_delegate"; and Invalid as `name_guest` does.
    """
    contact = canonical_email(contact_email) if contact_email else None
    check_consents(consents, contact)
    registration = held_by_ticket(session, token)
    answered_for = _is_answered_for(session, registration.id)
    if registration.badge_name and not answered_for:
        raise Conflict("ticket_has_name")
    if badge_name is not None or not answered_for:
        _rename(session, registration, badge_name or "")
    registration.photo_preference = photo_preference
    registration.contact_email = contact
    registration.language = language
    session.execute(delete(Consent).where(Consent.registration_id == registration.id))
    issued = renew_ticket(session, registration, nonce=nonce, key=key)
    note_consents(session, registration, consents, now)
    _send(session, registration, letters.get(registration.status), now)
    return IssuedTicket(registration.id, issued, registration.status)


def _send(session: Session, registration: Registration, letter: Words | None, now: datetime) -> None:
    if letter is None or registration.contact_email is None:
        return
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        conference_id=registration.conference_id,
        # Whoever had the place before may have been written to: each holder's letter is another one.
        key=f"claimed-{registration.token_digest[:16]}-r{registration.id}",
        recipient=registration.contact_email,
        language=letter.language,
        subject=letter.subject,
        body=letter.body,
        now=now,
    )
    session.flush()
