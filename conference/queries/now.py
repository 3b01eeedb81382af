"""What somebody can do at this moment: the first page that signed-in people see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, func, join, or_, select, union

from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.program import SessionKind
from conference.domain.registration import RegistrationStatus
from conference.domain.summaries import SummaryStatus
from conference.domain.voting import QuestionState
from conference.models import (
    Account,
    Approval,
    Ballot,
    Conference,
    Credential,
    Elector,
    Message,
    Organization,
    Party,
    Presence,
    ProgramSession,
    Question,
    Registration,
    RoleGrant,
    Room,
    Seat,
    Summary,
)
from conference.models.checkin import in_the_room
from conference.models.mail import in_sight, may_be_retried
from conference.models.second_factors import has_second_factor
from conference.policies import Permission, may

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from conference.policies import Identity
    from conference.queries.conference import ConferenceView

# What begins within this time is announced as coming up next.
SOON = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class SessionNow:
    """A session that is going on or about to begin, in the venue's time."""

    key: str
    kind: SessionKind
    title: Mapping[str, str]
    room: Mapping[str, str]
    starts_local: datetime
    going_on: bool


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question being voted on; `to_vote` counts the votes it awaits from whoever asks.

    Of the two people of a seat it awaits only the one who held it when the question opened.
    """

    number: int
    provision_number: str
    to_vote: int


@dataclass(frozen=True, slots=True)
class LedSeat:
    """A seat of an organization that whoever asks answers for, and whether it has its delegate."""

    organization: str
    named: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """Places that are held for a group of such an organization until it answers."""

    party_id: int
    places: int
    until: datetime


@dataclass(frozen=True, slots=True)
class House:
    """What organizers look after; nothing of it is looked up for anybody else.

    `badges_asked` and `exports_asked`: what other organizers asked for and await an answer to.
    """

    mails_given_up: int = 0
    organizers: int = 0
    has_program: bool = False
    badges_asked: int = 0
    exports_asked: int = 0


@dataclass(frozen=True, slots=True)
class Now:
    """What matters to one person at this moment.

    `has_second_factor`: so can be shown by whoever holds a role and has not shown it; True for others.
    """

    sessions: tuple[SessionNow, ...]
    questions: tuple[OpenQuestion, ...]
    absent_seats: tuple[str, ...]
    led_seats: tuple[LedSeat, ...]
    offers: tuple[Offer, ...]
    credentials_waiting: int
    summaries_waiting: int
    house: House
    has_second_factor: bool


def conferences_of(session: Session, *, account_id: int) -> tuple[str, ...]:
    """Return the conferences in which the account has a role or a ticket; all of them if it has none."""
    granted = select(RoleGrant.conference_id).where(
        RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
    )
    registered = select(Registration.conference_id).where(Registration.account_id == account_id)
    own = select(Conference.slug).where(Conference.id.in_(union(granted, registered)))
    return tuple(session.scalars(own)) or tuple(session.scalars(select(Conference.slug)))


def what_matters_now(
    session: Session, *, identity: Identity, conference: ConferenceView, now: datetime
) -> Now:
    """Return what whoever asks, signed in, can do now. At most eight statements, whatever the roles."""
    return Now(
        sessions=_sessions(session, conference, now),
        questions=_questions(session, conference.id, identity),
        absent_seats=_absent_seats(session, conference, identity, now),
        led_seats=_led_seats(session, conference.id, identity),
        offers=_offers(session, conference.id, identity, now),
        credentials_waiting=_credentials_waiting(session, conference.id),
        summaries_waiting=_summaries_waiting(session, conference, now),
        house=_house(session, conference.id, identity, now),
        has_second_factor=_has_second_factor(session, identity),
    )


def _local(conference: ConferenceView, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(conference.time_zone)).replace(tzinfo=None)


def _sessions(session: Session, conference: ConferenceView, now: datetime) -> tuple[SessionNow, ...]:
    local = _local(conference, now)
    rows = session.execute(
        select(ProgramSession, Room.name)
        .outerjoin(Room, Room.id == ProgramSession.room_id)
        .where(
            ProgramSession.conference_id == conference.id,
            ProgramSession.starts_local > local - timedelta(days=1),
            ProgramSession.starts_local <= local + SOON,
            ProgramSession.cancelled.is_(False),
        )
        .order_by(ProgramSession.starts_local, ProgramSession.position)
    )
    return tuple(
        SessionNow(row.key, row.kind, row.title, room or {}, row.starts_local, row.starts_local <= local)
        for row, room in rows
        if row.starts_local + timedelta(minutes=row.minutes) > local
    )


def _questions(session: Session, conference_id: int, identity: Identity) -> tuple[OpenQuestion, ...]:
    voted = exists().where(Ballot.elector_id == Elector.id)
    own = join(Elector, Credential, Credential.id == Elector.credential_id).join(
        Registration, Registration.id == Credential.registration_id
    )
    rows = session.execute(
        select(Question.number, Question.provision_number, func.count(Elector.id))
        .select_from(Question)
        .outerjoin(
            own,
            (Elector.question_id == Question.id)
            & (Registration.account_id == identity.account_id)
            & (Registration.status == RegistrationStatus.CONFIRMED)
            & (Credential.status == CredentialStatus.ACCEPTED)
            & ~voted,
        )
        .where(Question.conference_id == conference_id, Question.state == QuestionState.OPEN)
        .group_by(Question.id, Question.number, Question.provision_number)
        .order_by(Question.number)
    )
    return tuple(OpenQuestion(number, provision, to_vote) for number, provision, to_vote in rows)


def _absent_seats(
    session: Session, conference: ConferenceView, identity: Identity, now: datetime
) -> tuple[str, ...]:
    awaited = _awaited_in(conference, now)
    present = exists().where(Presence.seat_id == Seat.id, Presence.session_id.in_(awaited), in_the_room())
    rows = session.scalars(
        select(Organization.name)
        .join(Seat, Seat.organization_id == Organization.id)
        .where(
            Seat.conference_id == conference.id,
            Seat.id.in_(identity.seat_ids),
            awaited.exists(),
            ~present,
        )
        .order_by(Organization.name)
    )
    return tuple(rows)


def _awaited_in(conference: ConferenceView, now: datetime) -> Select[int]:
    """Sittings in which seats are awaited: where a vote is being taken, else those of the venue's today."""
    today = datetime.combine(_local(conference, now).date(), time())
    voting = select(Question.sitting_id).where(
        Question.conference_id == conference.id, Question.state == QuestionState.OPEN
    )
    of_today = and_(
        ~voting.exists(),
        ProgramSession.sitting.is_(True),
        ProgramSession.cancelled.is_(False),
        ProgramSession.starts_local >= today,
        ProgramSession.starts_local < today + timedelta(days=1),
    )
    return select(ProgramSession.id).where(
        ProgramSession.conference_id == conference.id, or_(ProgramSession.id.in_(voting), of_today)
    )


def _led_seats(session: Session, conference_id: int, identity: Identity) -> tuple[LedSeat, ...]:
    if not identity.people_of:
        return ()
    named = exists().where(
        Credential.seat_id == Seat.id,
        Credential.capacity == Capacity.DELEGATE,
        or_(Credential.status == CredentialStatus.PROPOSED, Credential.status == CredentialStatus.ACCEPTED),
    )
    rows = session.execute(
        select(Organization.name, named)
        .join(Seat, Seat.organization_id == Organization.id)
        .where(Seat.conference_id == conference_id, Organization.id.in_(identity.people_of))
        .order_by(Organization.name)
    )
    return tuple(LedSeat(*row) for row in rows)


def _offers(session: Session, conference_id: int, identity: Identity, now: datetime) -> tuple[Offer, ...]:
    if not identity.people_of:
        return ()
    rows = session.execute(
        select(Party.id, func.count(Registration.id), Party.offered_until)
        .join(Registration, Registration.party_id == Party.id)
        .where(
            Party.conference_id == conference_id,
            Party.grouped,
            Party.organization_id.in_(identity.people_of),
            Party.offered_until > now,
            Registration.status == RegistrationStatus.OFFERED,
        )
        .group_by(Party.id, Party.offered_until)
        .order_by(Party.offered_until, Party.id)
    )
    return tuple(Offer(number, places, until) for number, places, until in rows if until is not None)


def _credentials_waiting(session: Session, conference_id: int) -> int:
    waiting = (
        select(func.count(Credential.id))
        .join(Seat, Seat.id == Credential.seat_id)
        .where(Seat.conference_id == conference_id, Credential.status == CredentialStatus.PROPOSED)
    )
    return session.scalar(waiting) or 0


def _house(session: Session, conference_id: int, identity: Identity, now: datetime) -> House:
    if not (may(identity, Permission.SEE_MAIL) and may(identity, Permission.GRANT_ROLES)):
        return House()
    given_up = select(func.count(Message.id)).where(in_sight(conference_id), may_be_retried())
    organizers = select(func.count(RoleGrant.account_id.distinct())).where(
        RoleGrant.conference_id == conference_id,
        RoleGrant.role == Role.ORGANIZER,
        RoleGrant.revoked_at.is_(None),
    )
    program = exists().where(ProgramSession.conference_id == conference_id)
    badges = _asked_by_others(ApprovalKind.PRINT_BADGES, conference_id, identity, now)
    exports = _asked_by_others(ApprovalKind.EXPORT_PEOPLE, conference_id, identity, now)
    row = session.execute(
        select(
            given_up.scalar_subquery(),
            organizers.scalar_subquery(),
            program,
            badges.scalar_subquery(),
            exports.scalar_subquery(),
        )
    ).one()
    return House(*row)


def _asked_by_others(
    kind: ApprovalKind, conference_id: int, identity: Identity, now: datetime
) -> Select[int]:
    return select(func.count(Approval.id)).where(
        Approval.conference_id == conference_id,
        Approval.kind == kind,
        Approval.asked_by_id != identity.account_id,
        Approval.decided_at.is_(None),
        Approval.expires_at > now,
    )


def _has_second_factor(session: Session, identity: Identity) -> bool:
    if identity.roles <= identity.usable_roles:
        return True
    able = select(Account.id).where(Account.id == identity.account_id, has_second_factor(Account.id))
    return session.scalar(able) is not None


def _summaries_waiting(session: Session, conference: ConferenceView, now: datetime) -> int:
    published = exists().where(
        Summary.session_id == ProgramSession.id, Summary.status == SummaryStatus.PUBLISHED
    )
    held = select(func.count(ProgramSession.id)).where(
        ProgramSession.conference_id == conference.id,
        ProgramSession.kind.in_((SessionKind.WORKSHOP, SessionKind.ROUNDTABLE)),
        ProgramSession.starts_local <= _local(conference, now),
        ~published,
    )
    return session.scalar(held) or 0
