"""Seats of organizations: who votes in which chamber, and with how many votes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from conference.domain.audit import AuditKind
from conference.domain.credentials import MOST_VOTES, STANDING, CredentialStatus
from conference.domain.directory import OrganizationSource
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
from conference.services.audit import actor_of, record
from conference.services.sign_ins import rights_changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.credentials import Capacity


def set_seat(
    session: Session, *, conference_id: int, organization_id: int, votes: int, by: int, now: datetime
) -> int:
    """Give an organization that takes part a seat in the chamber of its side, or other votes; return the id.

    An organization has one seat: setting it again changes its votes, from the next question on.

    Raises Invalid("seat_votes_out_of_range") with `most`, NotFound("organization_not_found"), and Conflict:
    "organization_withdrawn", "organization_unclaimed" for an entry of others that nobody of it has claimed,
    and "conflict" where another organizer set the seat at this very moment.
    """
    if not 1 <= votes <= MOST_VOTES:
        raise Invalid("seat_votes_out_of_range", most=MOST_VOTES)
    organization = _taking_part(session, conference_id, organization_id)
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
            # Whatever opened since we looked has counted the seat, and points at it.
            session.execute(delete(Seat).where(Seat.id == seat_id, ~_was_counted(seat_id)))
    except IntegrityError:
        raise Conflict("seat_has_voted") from None
    if session.scalar(select(Seat.id).where(Seat.id == seat_id)) is not None:
        raise Conflict("seat_has_voted")
    _log(session, conference_id, seat_id, 0, by=by, now=now)


def vacate_seat(session: Session, *, conference_id: int, credential_id: int, by: int, now: datetime) -> None:
    """End an accepted credential, so that the organization can name somebody else.

    Whoever held it votes no more from this moment on, in an open question neither; what was cast stands.
    Raises Conflict("credential_not_standing") where it is not accepted, or not of this conference.
    """
    ended = session.execute(
        update(Credential)
        .where(
            Credential.id == credential_id,
            Credential.status == CredentialStatus.ACCEPTED,
            Credential.seat_id.in_(select(Seat.id).where(Seat.conference_id == conference_id)),
        )
        .values(status=CredentialStatus.WITHDRAWN, decided_at=now, decided_by_id=by)
        .returning(Credential.seat_id, Credential.capacity)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if ended is None:
        raise Conflict("credential_not_standing")
    seat_id, capacity = ended
    _leave(session, [credential_id], now)
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    record(session, conference_id=conference_id, actor=actor, event=_ended(seat_id, capacity), at=now)


def end_credentials_of_federation(
    session: Session, *, federation_id: int, member_id: int, by: int | None, now: datetime
) -> list[tuple[int, dict[str, object]]]:
    """End whom a federation named for a member's seat, accepted or not, and have them leave the room.

    A federation neither seats nor votes for a member without its mandate. Only whom a question that is open
    has counted keeps the seat, since its electors are those of its opening. Returns what the log is told, as
    pairs of conference and event: it is written last, by whoever calls.
    """
    counted = (
        exists()
        .where(Elector.credential_id == Credential.id)
        .where(Question.id == Elector.question_id, Question.state == QuestionState.OPEN)
    )
    found = session.execute(
        select(Credential.id, Credential.status, Credential.capacity, Credential.seat_id)
        .add_columns(Seat.conference_id, Registration.account_id)
        .join(Seat, Seat.id == Credential.seat_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(
            Seat.organization_id == member_id,
            Registration.organization_id == federation_id,
            Credential.status.in_(STANDING),
            ~counted,
        )
        .order_by(Seat.conference_id, Credential.id)
        .with_for_update(of=Credential)
    ).all()
    ids = [row.id for row in found]
    session.execute(
        update(Credential)
        .where(Credential.id.in_(ids))
        .values(status=CredentialStatus.WITHDRAWN, decided_at=now, decided_by_id=by)
    )
    _leave(session, ids, now)
    for account_id in sorted({row.account_id for row in found if row.account_id is not None}):
        rights_changed(session, account_id=account_id, staff=False)
    accepted = [row for row in found if row.status is CredentialStatus.ACCEPTED]
    return [(row.conference_id, _ended(row.seat_id, row.capacity)) for row in accepted]


def _leave(session: Session, credential_ids: Sequence[int], now: datetime) -> None:
    session.execute(
        update(Presence)
        .where(Presence.credential_id.in_(credential_ids), Presence.left_at.is_(None))
        .values(left_at=now)
        .execution_options(synchronize_session=False)
    )


def _ended(seat_id: int, capacity: Capacity) -> dict[str, object]:
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
