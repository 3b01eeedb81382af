"""Seats of organizations: who votes in which chamber, and with how many votes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from conference.domain.audit import AuditKind
from conference.domain.credentials import MOST_VOTES, STANDING, CredentialStatus
from conference.domain.directory import OrganizationSource
from conference.domain.entries import VOICE_ONLY
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.voting import QuestionState
from conference.models import (
    Conference,
    Credential,
    Elector,
    Organization,
    Participation,
    Presence,
    Question,
    Registration,
    Seat,
)
from conference.services.audit import actor_of, record, record_all
from conference.services.proxies import drop_proxies
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.credentials import Capacity
    from conference.services.audit import Logged


def set_seat(
    session: Session, *, conference_id: int, organization_id: int, votes: int, by: int, now: datetime
) -> int:
    """Give an organization that takes part a seat in the chamber of its side, or other votes; return the id.

    An organization has one seat: setting it again changes its votes, from the next question on.

    Raises Invalid("seat_votes_out_of_range") with `most`, NotFound("organization_not_found"), and Conflict:
    "organization_voice_only" for government and academia, "organization_withdrawn", "organization_unclaimed"
    for an entry of others that nobody of it has claimed, and "conflict" where another organizer set the seat
    at this very moment.
    """
    if not 1 <= votes <= MOST_VOTES:
        raise Invalid("seat_votes_out_of_range", most=MOST_VOTES)
    organization = _taking_part(session, conference_id, organization_id)
    if organization.kind in VOICE_ONLY:
        raise Conflict("organization_voice_only")
    if organization.withdrawn_at is not None:
        raise Conflict("organization_withdrawn")
    if organization.source is OrganizationSource.FOUND and organization.claimed_at is None:
        raise Conflict("organization_unclaimed")
    seat = _seat(session, conference_id, organization_id)
    if seat is not None and seat.votes == votes:
        return seat.id
    if seat is None:
        seat = Seat(conference_id=conference_id, organization_id=organization_id, chamber=organization.side)
    seat.votes = votes
    try:
        with session.begin_nested():
            session.add(seat)
    except IntegrityError:
        raise Conflict("conflict") from None
    _log(session, conference_id, seat.id, votes, by=by, now=now)
    return seat.id


def take_seat_back(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Let an organization take part with voice only; who was named for its seat is named no longer.

    The proxies that it gave or held are revoked; the log has each of them, and each credential that ended.
    What was voted stays published, so a seat that a question has counted keeps standing. Raises
    NotFound("seat_not_found"), and Conflict: "question_open", "seat_has_voted".
    """
    # Nobody gives this seat a proxy in the meantime.
    session.execute(
        select(Conference.id).where(Conference.id == conference_id).with_for_update(key_share=True)
    )
    seat = _seat(session, conference_id, organization_id)
    if seat is None:
        raise NotFound("seat_not_found")
    seat_id = seat.id
    open_now = exists().where(Question.conference_id == conference_id, Question.state == QuestionState.OPEN)
    if session.scalar(select(open_now)):
        raise Conflict("question_open")
    try:
        with session.begin_nested():
            ended = _end(session, Seat.id == seat_id, by=by, now=now)
            ended += drop_proxies(
                session, organization_id=organization_id, conference_id=conference_id, by=by, now=now
            )
            # Whatever opened since we looked has counted the seat, and points at it.
            gone = delete(Seat).where(Seat.id == seat_id, ~_was_counted(seat_id)).returning(Seat.id)
            if session.scalar(gone) is None:
                raise Conflict("seat_has_voted")
    except IntegrityError:
        raise Conflict("seat_has_voted") from None
    _log(session, conference_id, seat_id, 0, by=by, now=now)
    record_all(session, ended, by=by, now=now)


def vacate_seat(session: Session, *, conference_id: int, credential_id: int, by: int, now: datetime) -> None:
    """End an accepted credential, so that the organization can name somebody else.

    Whoever held it votes no more from this moment on, in an open question neither; what was cast stands.
    Raises Conflict("credential_not_standing") where it is not accepted, or not of this conference.
    """
    ended = _end(
        session,
        Credential.id == credential_id,
        Credential.status == CredentialStatus.ACCEPTED,
        Seat.conference_id == conference_id,
        by=by,
        now=now,
    )
    if not ended:
        raise Conflict("credential_not_standing")
    record_all(session, ended, by=by, now=now)


def end_credentials_of_federation(
    session: Session, *, federation_id: int, member_id: int, by: int | None, now: datetime
) -> list[Logged]:
    """End whom a federation named for a member's seat, accepted or not, and have them leave the room.

    A federation neither seats nor votes for a member without its mandate, in an open question neither: what
    was cast stands, and nobody casts for the seat what was not. Returns what the log is told: it is written
    last, by whoever calls.
    """
    named = (Seat.organization_id == member_id, Registration.organization_id == federation_id)
    return _end(session, *named, by=by, now=now)


def end_credentials_of_organization(
    session: Session, *, organization_id: int, by: int | None, now: datetime
) -> list[Logged]:
    """End whoever is named for an organization's seats, by itself or by a mandate: it withdraws.

    Nobody votes for who is not here, in an open question neither; what was cast stands. Called with the
    organization's own row locked, so that nobody is accepted meanwhile. Returns what the log is told, as
    `end_credentials_of_federation` does.
    """
    return _end(session, Seat.organization_id == organization_id, by=by, now=now)


def end_credentials_of_registrations(
    session: Session, *, registration_ids: Collection[int], now: datetime
) -> list[Logged]:
    """End whom these tickets' places are named for, by their own hand: they give the places back or on.

    Returns what the log is told, as `end_credentials_of_federation` does.
    """
    return _end(session, Credential.registration_id.in_(registration_ids), by=None, now=now)


def _end(session: Session, *conditions: ColumnElement[bool], by: int | None, now: datetime) -> list[Logged]:
    """End the credentials that stand and meet the conditions; return what the log is told of the accepted.

    Who held them is no longer in any room, and has their cookie renewed: it spoke for a seat.
    """
    found = session.execute(
        select(Credential.id, Credential.status, Credential.capacity, Credential.seat_id)
        .add_columns(Seat.conference_id, Registration.account_id)
        .join(Seat, Seat.id == Credential.seat_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(Credential.status.in_(STANDING), *conditions)
        .order_by(Seat.conference_id, Credential.id)
        # FOR NO KEY UPDATE: a question that opens just now points at them, and neither waits for the other.
        .with_for_update(of=Credential, key_share=True)
    ).all()
    ids = [row.id for row in found]
    session.execute(
        update(Credential)
        .where(Credential.id.in_(ids))
        .values(status=CredentialStatus.WITHDRAWN, decided_at=now, decided_by_id=by)
    )
    _leave(session, ids, now)
    accepted = [row for row in found if row.status is CredentialStatus.ACCEPTED]
    for account_id in sorted({row.account_id for row in accepted if row.account_id is not None}):
        rights_changed(session, account_id=account_id, staff=False)
    return [(row.conference_id, credential_ended(row.seat_id, row.capacity)) for row in accepted]


def _leave(session: Session, credential_ids: Sequence[int], now: datetime) -> None:
    session.execute(
        update(Presence)
        .where(Presence.credential_id.in_(credential_ids), Presence.left_at.is_(None))
        .values(left_at=now)
        .execution_options(synchronize_session=False)
    )


def credential_ended(seat_id: int, capacity: Capacity) -> dict[str, object]:
    """Return what the log is told of an accepted credential that has ended: by seat, never by name."""
    sits = f"{capacity.value}-{seat_id}"
    return {"kind": AuditKind.CREDENTIAL_ENDED.value, "seat": f"seat-{seat_id}", "sits": sits}


def _was_counted(seat_id: int) -> ColumnElement[bool]:
    return exists().where((Elector.seat_id == seat_id) | (Elector.proxy_seat_id == seat_id))


def _taking_part(session: Session, conference_id: int, organization_id: int) -> Organization:
    organization = session.scalars(
        select(Organization)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id, Organization.id == organization_id)
    ).one_or_none()
    if organization is None:
        raise NotFound("organization_not_found")
    return organization


def _seat(session: Session, conference_id: int, organization_id: int) -> Seat | None:
    return session.scalars(
        select(Seat)
        .where(Seat.conference_id == conference_id, Seat.organization_id == organization_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _log(session: Session, conference_id: int, seat_id: int, votes: int, *, by: int, now: datetime) -> None:
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    event = {"kind": AuditKind.SEAT_SET.value, "seat": f"seat-{seat_id}", "votes": votes}
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
