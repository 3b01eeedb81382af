"""Showing a ticket at a door. Every scan is kept; the database admits a ticket once a door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference.domain.checkin import ENTRANCE, ScanOutcome, refusal
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.errors import NotFound
from conference.domain.registration import OVER, RegistrationStatus
from conference.domain.tickets import (
    TicketFault,
    TicketRefused,
    canonical_ticket_code,
    parse_ticket,
    ticket_code_digest,
    token_digest,
)
from conference.models import Conference, Credential, Presence, ProgramSession, Registration, Scan
from conference.services.substitution import log_substitution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What a door said of a ticket; `scan_id` is the scan's row, which the answer is shown from."""

    scan_id: int
    outcome: ScanOutcome


@dataclass(frozen=True, slots=True)
class _Door:
    """A door of a conference: its key, and the sitting behind it, if one is held there."""

    conference_id: int
    conference_slug: str
    key: str
    sitting_id: int | None


def check_in(
    session: Session,
    *,
    conference_id: int,
    door: str,
    text: str,
    by: int | None,
    keys: Sequence[bytes],
    now: datetime,
) -> CheckIn:
    """Let in whoever shows a ticket of this conference, once a door; every scan is kept, refusals too.

    `door` is "entrance" or the key of a session; `text` is what a scanner read off the QR code
    of a ticket or a badge, or the short code as somebody typed it. At the door of a sitting the holder of an
    accepted credential makes the seat present, again after having left; an alternate only while the delegate
    is not there.

    Raises NotFound("conference_not_found", "door_not_found"). A refusal is an outcome, not an error.
    """
    place = _door(session, conference_id, door)
    try:
        registration = _shown(session, place, text, keys)
    except TicketRefused as refused:
        return _kept(session, place, refusal(refused.fault), registration_id=None, by=by, now=now)
    if registration.status is not RegistrationStatus.CONFIRMED:
        over = registration.status in OVER
        outcome = ScanOutcome.CANCELLED if over else ScanOutcome.NOT_CONFIRMED
        return _kept(session, place, outcome, registration_id=registration.id, by=by, now=now)
    answer = _admitted_once(session, place, registration_id=registration.id, by=by, now=now)
    if place.sitting_id is not None:
        substituted = _take_seat(session, place.sitting_id, registration.id, now)
        if substituted is not None:
            # The alternate in the delegate's place, or the delegate back in it, as at the desk.
            log_substitution(
                session,
                conference_id=conference_id,
                seat_id=substituted.seat_id,
                capacity=substituted.capacity,
                by=by,
                now=now,
            )
    return answer


def _door(session: Session, conference_id: int, door: str) -> _Door:
    slug = session.scalar(select(Conference.slug).where(Conference.id == conference_id))
    if slug is None:
        raise NotFound("conference_not_found")
    if door == ENTRANCE:
        return _Door(conference_id, slug, door, None)
    found = session.execute(
        select(ProgramSession.id, ProgramSession.sitting).where(
            ProgramSession.conference_id == conference_id,
            ProgramSession.key == door,
            ProgramSession.cancelled.is_(False),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("door_not_found")
    return _Door(conference_id, slug, door, found.id if found.sitting else None)


def _shown(session: Session, place: _Door, text: str, keys: Sequence[bytes]) -> Registration:
    """Return the registration whose ticket was shown; TicketRefused where there is none.

    It is held until the end of the transaction: whoever gives the place back at this moment, and with it
    the seat, waits for the door, or the door waits and refuses.
    """
    typed = canonical_ticket_code(text)
    if typed is not None:
        return _by_code(session, place, typed, keys)
    read = parse_ticket(text, conference=place.conference_slug, keys=keys)
    if read.code is not None:
        return _by_code(session, place, read.code, keys)
    registration = _registration(session, place, Registration.token_digest == token_digest(read.token or ""))
    if registration is None:
        # Signed by us and yet unknown: re-issued since, or forgotten.
        raise TicketRefused(TicketFault.WRONG_FORM)
    return registration


def _by_code(session: Session, place: _Door, code: str, keys: Sequence[bytes]) -> Registration:
    digests = [ticket_code_digest(code, key=key) for key in keys]
    registration = _registration(session, place, Registration.code_digest.in_(digests))
    if registration is not None:
        return registration
    elsewhere = session.scalars(select(Registration.id).where(Registration.code_digest.in_(digests))).first()
    raise TicketRefused(TicketFault.WRONG_FORM if elsewhere is None else TicketFault.OTHER_CONFERENCE)


def _registration(session: Session, place: _Door, shown: ColumnElement[bool]) -> Registration | None:
    return session.scalars(
        select(Registration)
        .where(Registration.conference_id == place.conference_id, shown)
        # Shared, so that two doors do not wait for each other.
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _kept(
    session: Session,
    place: _Door,
    outcome: ScanOutcome,
    *,
    registration_id: int | None,
    by: int | None,
    now: datetime,
) -> CheckIn:
    scan = Scan(
        conference_id=place.conference_id,
        door=place.key,
        registration_id=registration_id,
        outcome=outcome,
        scanned_at=now,
        scanned_by_id=by,
    )
    session.add(scan)
    session.flush()
    return CheckIn(scan.id, outcome)


def _admitted_once(
    session: Session, place: _Door, *, registration_id: int, by: int | None, now: datetime
) -> CheckIn:
    # The unique index decides, not a look beforehand: two doors may scan one ticket at the same moment.
    try:
        with session.begin_nested():
            outcome = ScanOutcome.ADMITTED
            return _kept(session, place, outcome, registration_id=registration_id, by=by, now=now)
    except IntegrityError:
        outcome = ScanOutcome.ALREADY_ADMITTED
        return _kept(session, place, outcome, registration_id=registration_id, by=by, now=now)


def _take_seat(session: Session, sitting_id: int, registration_id: int, now: datetime) -> Credential | None:
    """Let the person sit in their seat; return their credential if that is a substitution.

    It is one where an alternate sits from now on, and where the delegate does whose alternate sat there.
    """
    credential = session.scalars(
        select(Credential)
        .where(Credential.registration_id == registration_id, Credential.status == CredentialStatus.ACCEPTED)
        # Whoever ends it at this moment waits, and finds who came in; or is seen.
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if credential is None:
        return None
    for _look in range(2):
        present = _present(session, sitting_id, credential.seat_id)
        if present is not None:
            if present.credential_id == credential.id or credential.capacity is Capacity.ALTERNATE:
                return None
            present.left_at = now
            session.flush()
        if _sits_down(session, sitting_id, credential, now):
            ordinary = credential.capacity is Capacity.DELEGATE and present is None
            return None if ordinary else credential
        # Somebody else of the seat came in at this very moment: look again, now that they are known.
    return None


def _sits_down(session: Session, sitting_id: int, credential: Credential, now: datetime) -> bool:
    """Tell whether the person sits now; False if the database knew of somebody new."""
    try:
        with session.begin_nested():
            session.add(
                Presence(
                    session_id=sitting_id,
                    seat_id=credential.seat_id,
                    credential_id=credential.id,
                    arrived_at=now,
                )
            )
    except IntegrityError:
        return False
    return True


def _present(session: Session, sitting_id: int, seat_id: int) -> Presence | None:
    return session.scalars(
        select(Presence)
        .where(Presence.session_id == sitting_id, Presence.seat_id == seat_id, Presence.left_at.is_(None))
        .with_for_update()
    ).one_or_none()
