"""What the desk does for whoever stands before it: a place on the spot, and a ticket for a lost one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import OVER, PhotoPreference, Purpose, RegistrationStatus
from conference.models import Party, Registration
from conference.services.audit import actor_of, record
from conference.services.parties import accept_offer
from conference.services.registration import register, renew_ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category
    from conference.services.registration import IssuedTicket


def register_at_desk(
    session: Session,
    *,
    conference_id: int,
    badge_name: str,
    category: Category,
    organization_id: int | None,
    photo_preference: PhotoPreference,
    language: str,
    agreed: bool,
    over_capacity: bool,
    in_line: bool = False,
    nonce: str,
    key: bytes,
    by: int,
    now: datetime,
) -> IssuedTicket:
    """Give a place to whoever stands at the desk and has `agreed` to what was read to them in their language.

    Nothing is closed for them, and nobody else approves them. Where all places are taken, or others wait for
    one, only with `over_capacity`: an organizer takes that on themselves, and it is in the log. With
    `in_line` they wait like everybody else, though they may have no telephone.

    Raises Conflict("category_full") without either, and Invalid as `register` does.
    """
    issued = register(
        session,
        conference_id=conference_id,
        badge_name=badge_name,
        category=category,
        organization_id=organization_id,
        photo_preference=photo_preference,
        language=language,
        consents={Purpose.ATTEND} if agreed else (),
        nonce=nonce,
        key=key,
        walk_in=True,
        now=now,
    )
    full = issued.status is RegistrationStatus.WAITING
    if full and not (over_capacity or in_line):
        raise Conflict("category_full")
    passes = full and not in_line
    if passes:
        _let_in(session, issued.registration_id)
    kind = AuditKind.LET_IN_OVER_CAPACITY if passes else AuditKind.REGISTERED_AT_DESK
    _record(session, conference_id, kind, by=by, now=now)
    return issued


def _let_in(session: Session, registration_id: int) -> None:
    registration = session.get_one(Registration, registration_id)
    party_id = registration.party_id
    registration.status, registration.party_id = RegistrationStatus.CONFIRMED, None
    session.flush()
    # It was this person's alone, a moment ago.
    session.delete(session.get_one(Party, party_id))
    session.flush()


def accept_at_desk(session: Session, *, conference_id: int, token: str, by: int, now: datetime) -> None:
    """Take the place that is offered to whoever stands at the desk and says yes.

    It is in the log: the desk sees the ticket then, and nobody takes a place for others unseen. Raises as
    `accept_offer` does.
    """
    accept_offer(session, token=token, now=now)
    _record(session, conference_id, AuditKind.OFFER_TAKEN_AT_DESK, by=by, now=now)


def reissue_ticket(
    session: Session,
    *,
    conference_id: int,
    registration_id: int,
    replaces: str,
    nonce: str,
    key: bytes,
    by: int,
    now: datetime,
) -> str:
    """Issue another ticket for one that was lost, and return its token; the old one opens nothing any more.

    `replaces` is the digest of the code that the desk saw: a second tap issues no second ticket. Neither the
    place changes nor what else opens: who is signed in stays so. No letter with the old link is sent.

    Raises NotFound("person_gone"), Conflict("ticket_changed").
    """
    registration = session.scalars(
        select(Registration)
        .where(
            Registration.id == registration_id,
            Registration.conference_id == conference_id,
            Registration.status.not_in(OVER),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if registration is None:
        raise NotFound("person_gone")
    if registration.code_digest != replaces:
        raise Conflict("ticket_changed")
    token = renew_ticket(session, registration, nonce=nonce, key=key)
    _record(session, conference_id, AuditKind.TICKET_REISSUED, by=by, now=now)
    return token


def _record(session: Session, conference_id: int, kind: AuditKind, *, by: int, now: datetime) -> None:
    # Without category or number: whoever watched the desk would know whom an entry is about.
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    record(session, conference_id=conference_id, actor=actor, event={"kind": kind.value}, at=now)
