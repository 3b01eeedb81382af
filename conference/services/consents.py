"""What somebody agreed to, purpose by purpose: given, given again, and withdrawn at the ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from conference.domain.errors import Invalid
from conference.domain.registration import CONSENT_VERSION, LEAD_CONSENT_VERSION, ConsentGiver, Purpose
from conference.models import Consent, Registration
from conference.services.answers import keep_needs
from conference.services.giving_back import held_by_ticket
from conference.services.place_letters import withdraw_reminders

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.mail import StopLink
    from conference.domain.registration import AccessNeed


def check_consents(consents: Collection[Purpose], contact: str | None) -> None:
    """Raise Invalid: "consent_needed", "reminders_need_an_address"."""
    if Purpose.ATTEND not in consents:
        raise Invalid("consent_needed")
    if Purpose.REMINDERS in consents and contact is None:
        raise Invalid("reminders_need_an_address")


def note_consents(
    session: Session,
    registration: Registration,
    consents: Collection[Purpose],
    now: datetime,
    *,
    given_by: ConsentGiver = ConsentGiver.PERSON,
) -> None:
    """Keep the consents, each in today's words for whoever gave it, and the registration's language.

    One to keep needs is kept with them, and by `keep_agreed_needs` only.
    """
    for purpose in Purpose:
        if purpose in consents and purpose is not Purpose.NEEDS:
            _note(session, registration, purpose, language=registration.language, now=now, given_by=given_by)
    session.flush()


def keep_agreed_needs(
    session: Session,
    registration: Registration,
    needs: Collection[AccessNeed],
    *,
    consents: Collection[Purpose],
    language: str,
    now: datetime,
) -> None:
    """Have somebody's needs be these, by a consent to just that, given in `language`, which ends with them.

    Without needs nothing stands that would tell that there were any.
    Raises Invalid: "needs_consent_needed", "need_unknown".
    """
    if needs and Purpose.NEEDS not in consents:
        raise Invalid("needs_consent_needed")
    keep_needs(session, registration.id, needs)
    session.execute(
        delete(Consent).where(Consent.registration_id == registration.id, Consent.purpose == Purpose.NEEDS)
    )
    if needs:
        _note(session, registration, Purpose.NEEDS, language=language, now=now)
        session.flush()


def _note(
    session: Session,
    registration: Registration,
    purpose: Purpose,
    *,
    language: str,
    now: datetime,
    given_by: ConsentGiver = ConsentGiver.PERSON,
) -> None:
    session.add(
        Consent(
            registration_id=registration.id,
            purpose=purpose,
            given_by=given_by,
            text_version=CONSENT_VERSION if given_by is ConsentGiver.PERSON else LEAD_CONSENT_VERSION,
            language=language,
            given_at=now,
        )
    )


def withdraw_consent(session: Session, *, token: str, purpose: Purpose, now: datetime) -> None:
    """Withdraw a consent without giving up the place; the consent to attend ends by cancelling only.

    With the one to keep needs these are forgotten. Withdrawing twice changes nothing.
    Raises NotFound("ticket_not_found"), Conflict("ticket_cancelled") and Invalid("cancel_instead").
    """
    if purpose is Purpose.ATTEND:
        raise Invalid("cancel_instead")
    registration = held_by_ticket(session, token)
    if purpose is Purpose.NEEDS:
        keep_agreed_needs(session, registration, (), consents=(), language=registration.language, now=now)
    else:
        end_reminders(session, registration.id, now)


def agree_to_reminders(session: Session, *, token: str, language: str, now: datetime) -> None:
    """Agree once more to be reminded, in the words of `language`, where an address is known.

    Agreeing twice to the same words changes nothing.
    Raises NotFound("ticket_not_found"), Conflict("ticket_cancelled"), Invalid("reminders_need_an_address").
    """
    registration = held_by_ticket(session, token)
    if registration.contact_email is None:
        raise Invalid("reminders_need_an_address")
    standing = session.scalars(
        select(Consent).where(
            Consent.registration_id == registration.id, Consent.purpose == Purpose.REMINDERS
        )
    ).one_or_none()
    if standing is not None:
        if standing.withdrawn_at is None and standing.text_version == CONSENT_VERSION:
            return
        session.delete(standing)
        session.flush()
    _note(session, registration, Purpose.REMINDERS, language=language, now=now)
    session.flush()


def stop_reminders(session: Session, *, link: StopLink, key: bytes, now: datetime) -> None:
    """Withdraw the consent to reminders by the link in them, which was read with `key`.

    Where there is none any more, and where the place has become somebody else's, nothing changes.
    """
    email = session.scalar(select(Registration.contact_email).where(Registration.id == link.registration_id))
    if link.is_for(email, key=key):
        end_reminders(session, link.registration_id, now)


def end_reminders(session: Session, registration_id: int, now: datetime) -> None:
    """Withdraw the consent to reminders, if it was given; none that waits to be sent goes out without it."""
    withdraw_reminders(session, registration_id=registration_id)
    session.execute(
        update(Consent)
        .where(
            Consent.registration_id == registration_id,
            Consent.purpose == Purpose.REMINDERS,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
