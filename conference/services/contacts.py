"""How the person of a ticket is reached: an address and a telephone, added, corrected or forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.accounts import canonical_email
from conference.domain.answers import checked_phone
from conference.domain.credentials import CredentialStatus
from conference.domain.errors import Conflict, Invalid
from conference.domain.mail import MessageKind
from conference.models import Account, Credential
from conference.services.consents import end_reminders
from conference.services.forgetting import forget_letters
from conference.services.mail import queue_message
from conference.services.place_letters import withdraw_links
from conference.services.registration import is_registered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import RegistrationStatus
    from conference.models import Registration
    from conference.services.accounts import Words


@dataclass(frozen=True, slots=True)
class ContactChange:
    """What is said anew of how a person is reached; None is as before, unless that is to be forgotten.

    Of `letters`, by where the place stands, a new address gets one. `by` is the account that asks, if any.
    """

    letters: Mapping[RegistrationStatus, Words]
    now: datetime
    email: str | None = None
    phone: str | None = None
    forget_email: bool = False
    forget_phone: bool = False
    by: int | None = None


def change_contact(session: Session, registration: Registration, change: ContactChange) -> None:
    """Have a person be reached so from now on; the caller holds the registration.

    A new address is only written to, and proves nothing until somebody signs in with it. What waits to be
    sent to the one before is withdrawn, and without an address nobody is reminded.

    Raises Conflict: "ticket_of_an_account", which is written to where its holder signs in, and
    "address_of_a_delegate" for a new address of whoever sits: who signs in with it would vote; Invalid:
    "address_is_your_own" as `register` does, "phone_wrong".
    """
    if not (change.email or change.phone or change.forget_email or change.forget_phone):
        return
    if registration.account_id is not None:
        raise Conflict("ticket_of_an_account")
    if change.phone:
        registration.contact_phone = checked_phone(change.phone)
    elif change.forget_phone:
        registration.contact_phone = None
    if change.email:
        _write_to(session, registration, _checked_address(session, registration, change), change)
    elif change.forget_email:
        _part_from_address(session, registration, None)
        end_reminders(session, registration.id, change.now)
    session.flush()


def _checked_address(session: Session, registration: Registration, change: ContactChange) -> str:
    # Whatever address it is: who has the link is not told whether it is the one that is known.
    if _sits(session, registration.id):
        raise Conflict("address_of_a_delegate")
    address = canonical_email(change.email or "")
    if change.by is not None and _would_be_theirs(session, registration, address, change.by):
        raise Invalid("address_is_your_own")
    return address


def _would_be_theirs(session: Session, registration: Registration, address: str, account_id: int) -> bool:
    """Tell whether the ticket would become the second of an account that asks for somebody else."""
    if session.get_one(Account, account_id).email != address:
        return False
    return is_registered(session, conference_id=registration.conference_id, account_id=account_id)


def _sits(session: Session, registration_id: int) -> bool:
    accepted = exists().where(
        Credential.registration_id == registration_id, Credential.status == CredentialStatus.ACCEPTED
    )
    return bool(session.scalar(select(accepted)))


def _write_to(session: Session, registration: Registration, address: str, change: ContactChange) -> None:
    """Send a new address the letter with the ticket, as whoever registers with it gets one."""
    if address == registration.contact_email:
        return
    _part_from_address(session, registration, address)
    letter = change.letters.get(registration.status)
    if letter is None:
        return
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        conference_id=registration.conference_id,
        # Told from the letters to other addresses by the moment: nothing of an address is kept in a key.
        key=f"contact-{change.now:%Y%m%d%H%M%S%f}-r{registration.id}",
        recipient=address,
        language=letter.language,
        subject=letter.subject,
        body=letter.body,
        now=change.now,
    )


def _part_from_address(session: Session, registration: Registration, address: str | None) -> None:
    """Put an address in the place of the one before, to which nothing is sent any more."""
    before, registration.contact_email = registration.contact_email, address
    session.flush()
    if before is not None:
        withdraw_links(session, registration_id=registration.id)
        forget_letters(session, {before})
