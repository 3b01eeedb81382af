"""An organizer's answer: who is approved, who is not, whose turn is changed. Locks as in `places`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.registration import RefusalReason, RegistrationStatus
from conference.domain.waiting import checked_priority
from conference.models import Party, Registration
from conference.services.audit import actor_of, record
from conference.services.giving_back import give_back
from conference.services.place_letters import PlaceNews, draft_news, send_drafts
from conference.services.places import hold_line, hold_places, offer_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.place_letters import LetterWriter
    from conference.services.places import House


def approve(
    session: Session,
    *,
    conference_id: int,
    registration_id: int,
    by: int | None,
    now: datetime,
    letter: LetterWriter | None = None,
) -> int:
    """Confirm who waits for an answer, with the whole group where it is one; return how many they were.

    Raises NotFound("ticket_not_found") and Conflict("registration_decided").
    """
    members, _house = _undecided(session, conference_id, registration_id, (RegistrationStatus.PENDING,))
    for member in members:
        member.status = RegistrationStatus.CONFIRMED
    session.flush()
    drafts = draft_news(
        session,
        conference_id=conference_id,
        registrations=members,
        news=PlaceNews.APPROVED,
        letter=letter,
        cause=f"approved-{registration_id}",
    )
    send_drafts(session, drafts, now=now)
    # Neither category nor reason: whoever knows who asked would know whom the public log is about.
    event = {"kind": AuditKind.REGISTRATION_APPROVED.value}
    _note(session, conference_id, event, by=by, now=now)
    return len(members)


def reject(
    session: Session,
    *,
    conference_id: int,
    registration_id: int,
    reason: RefusalReason | None,
    by: int | None,
    now: datetime,
    letter: LetterWriter | None = None,
) -> int:
    """Turn down who waits for an answer or in line, with the whole group; return how many they were.

    They become tombstones, and their places go to the line. Raises Invalid("reason_needed"),
    NotFound("ticket_not_found") and Conflict("registration_decided").
    """
    if reason is None:
        raise Invalid("reason_needed")
    open_to = (RegistrationStatus.PENDING, RegistrationStatus.WAITING, RegistrationStatus.OFFERED)
    members, house = _undecided(session, conference_id, registration_id, open_to)
    drafts = draft_news(
        session,
        conference_id=conference_id,
        registrations=members,
        news=PlaceNews.REJECTED,
        letter=letter,
        cause=f"rejected-{registration_id}",
    )
    give_back(session, members, status=RegistrationStatus.REJECTED, refusal=reason, now=now)
    offer_places(session, house, now=now)
    send_drafts(session, drafts, now=now)
    event = {"kind": AuditKind.REGISTRATION_REJECTED.value}
    _note(session, conference_id, event, by=by, now=now)
    return len(members)


def _undecided(
    session: Session, conference_id: int, registration_id: int, open_to: Sequence[RegistrationStatus]
) -> tuple[Sequence[Registration], House]:
    """Return the registration and its group, held; Conflict where its place does not stand so any more."""
    own = select(Registration.party_id).where(Registration.id == registration_id).scalar_subquery()
    group = (Registration.id == registration_id) | (Registration.party_id == own)
    known = session.scalars(
        select(Registration.id).where(Registration.conference_id == conference_id, group)
    ).all()
    if registration_id not in known:
        raise NotFound("ticket_not_found")
    house = hold_places(session, conference_id)
    hold_line(session, conference_id, known)
    members = session.scalars(
        select(Registration)
        .where(Registration.id.in_(known), Registration.status.in_(open_to))
        .order_by(Registration.id)
        .execution_options(populate_existing=True)
    ).all()
    if registration_id not in {member.id for member in members}:
        raise Conflict("registration_decided")
    return members, house


def set_priority(
    session: Session, *, conference_id: int, party_id: int, priority: int, by: int | None, now: datetime
) -> None:
    """Have a party be served before those of a lower priority; it is logged, since others wait longer then.

    Raises NotFound("party_not_found"), Invalid("priority_wrong") and Conflict("not_in_line").
    """
    checked_priority(priority)
    house = hold_places(session, conference_id)
    hold_line(session, conference_id)
    party = session.get(Party, party_id, populate_existing=True)
    if party is None or party.conference_id != conference_id:
        raise NotFound("party_not_found")
    if party.waiting_since is None or party.offered_until is not None:
        raise Conflict("not_in_line")
    party.priority = priority
    session.flush()
    offer_places(session, house, now=now)
    event = {"kind": AuditKind.TURN_CHANGED.value, "priority": priority}
    _note(session, conference_id, event, by=by, now=now)


def _note(
    session: Session, conference_id: int, event: Mapping[str, object], *, by: int | None, now: datetime
) -> None:
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
