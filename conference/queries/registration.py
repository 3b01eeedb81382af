"""Tickets as their holders see them. A name is shown to its owner only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from conference.domain.credentials import CredentialStatus
from conference.domain.errors import NotFound
from conference.domain.registration import (
    HOLDING,
    ORGANIZATION_CATEGORIES,
    OVER,
    Purpose,
    RegistrationStatus,
)
from conference.domain.tickets import token_digest
from conference.models import (
    Conference,
    Consent,
    Credential,
    OfferedService,
    Organization,
    Party,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.models.registration import is_answered_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from conference.domain.credentials import RejectionReason
    from conference.domain.registration import (
        AccessNeed,
        Category,
        PhotoPreference,
        RefusalReason,
        ServiceKind,
    )


@dataclass(frozen=True, slots=True)
class Venue:
    """Where exactly the conference is held: for people with a place only."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the committee said of the seat that a ticket's person is named for."""

    status: CredentialStatus
    reason: RejectionReason | None


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as whoever holds its link sees it; name and contact are None for everybody but its owner.

    `guest_of` names the organization of somebody whom nobody has named (yet), and of nobody else; of one who
    is `answered_for` its lead wrote the name. `own`: it belongs to the account of its reader.
    `reachable`: there is an address to which reminders could be sent; it is the account's where the ticket is
    `of_account`.
    `service_lost`: something booked in line was full when the place was offered.
    `in_group` tells whether more than one place was asked for together.
    """

    registration_id: int
    conference_id: int
    slug: str
    status: RegistrationStatus
    refusal: RefusalReason | None
    category: Category
    photo_preference: PhotoPreference
    reminders: bool
    own: bool
    of_account: bool
    reachable: bool
    has_phone: bool
    guest: bool
    guest_of: str | None
    answered_for: bool
    has_organization: bool
    party_id: int | None
    in_group: bool
    offered_until: datetime | None
    service_lost: bool
    venue: Venue | None
    badge_name: str | None
    contact_email: str | None
    contact_phone: str | None

    @property
    def unclaimed(self) -> bool:
        """Whether whoever comes has agreed to nothing yet, and the organization's lead has the link too."""
        return self.guest or self.answered_for

    @property
    def cancelled(self) -> bool:
        return self.status is RegistrationStatus.CANCELLED

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def confirmed(self) -> bool:
        return self.status is RegistrationStatus.CONFIRMED

    @property
    def sits(self) -> bool:
        """Whether the person comes to sit for their organization, which names them for it."""
        return self.category in ORGANIZATION_CATEGORIES


@dataclass(frozen=True, slots=True)
class Question:
    """What the organizers ask, with its choices by key, in all languages."""

    id: int
    label: Mapping[str, str]
    several: bool
    choices: tuple[tuple[str, Mapping[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What the conference offers beside the program; how many places are left is nobody's business."""

    id: int
    kind: ServiceKind
    language: str | None
    label: Mapping[str, str]
    full: bool


@dataclass(frozen=True, slots=True)
class Details:
    """What somebody has said on the form; their needs are for the owner of the ticket only."""

    spoken: tuple[str, ...]
    photo_preference: PhotoPreference
    answers: Mapping[int, tuple[str, ...]]
    bookings: Mapping[int, int]
    needs: tuple[AccessNeed, ...] | None


def ticket_exists(session: Session, *, token: str) -> bool:
    """Tell whether the token opens a ticket. One statement."""
    found = session.scalar(select(Registration.id).where(Registration.token_digest == token_digest(token)))
    return found is not None


def ticket(session: Session, *, token: str, reader: int | None) -> TicketView:
    """Return the ticket that the token opens, for the account `reader`; a stranger learns no name from it.

    The venue is told to those only whose place is confirmed. Raises NotFound("ticket_not_found"). One
    statement.
    """
    row = session.execute(
        select(
            Registration,
            Conference,
            Organization.name,
            Party.size,
            Party.offered_until,
            _reminded(),
            is_answered_for(),
        )
        .join(Conference, Conference.id == Registration.conference_id)
        .outerjoin(Organization, Organization.id == Registration.organization_id)
        .outerjoin(Party, Party.id == Registration.party_id)
        .where(Registration.token_digest == token_digest(token))
    ).one_or_none()
    if row is None:
        raise NotFound("ticket_not_found")
    registration, conference, organization, size, offered_until, reminders, answered_for = row
    guest = registration.badge_name == "" and registration.status not in OVER
    own = reader is not None and registration.account_id == reader
    return TicketView(
        registration_id=registration.id,
        conference_id=conference.id,
        slug=conference.slug,
        status=registration.status,
        refusal=registration.refusal,
        category=registration.category,
        photo_preference=registration.photo_preference,
        reminders=reminders,
        own=own,
        of_account=registration.account_id is not None,
        reachable=registration.contact_email is not None,
        has_phone=registration.contact_phone is not None,
        guest=guest,
        guest_of=organization if guest else None,
        answered_for=answered_for,
        has_organization=registration.organization_id is not None,
        party_id=registration.party_id,
        in_group=(size or 1) > 1,
        offered_until=offered_until if registration.status is RegistrationStatus.OFFERED else None,
        service_lost=registration.service_lost,
        venue=_venue(conference) if registration.status is RegistrationStatus.CONFIRMED else None,
        badge_name=registration.badge_name if own else None,
        contact_email=registration.contact_email if own else None,
        contact_phone=registration.contact_phone if own else None,
    )


def _reminded() -> ColumnElement[bool]:
    return exists().where(
        Consent.registration_id == Registration.id,
        Consent.purpose == Purpose.REMINDERS,
        Consent.withdrawn_at.is_(None),
    )


def _venue(conference: Conference) -> Venue | None:
    if not conference.venue_name and not conference.venue_address:
        return None
    return Venue(conference.venue_name, conference.venue_address)


def seat_standing(session: Session, *, registration_id: int) -> Standing | None:
    """Return what became of the seat the person was named for last; None where nobody named them."""
    row = session.execute(
        select(Credential.status, Credential.reason)
        .where(Credential.registration_id == registration_id, Credential.status != CredentialStatus.WITHDRAWN)
        .order_by(Credential.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Standing(row.status, row.reason)


def details(session: Session, *, token: str, reader: int | None) -> Details:
    """Return what somebody said on the form, to be changed. Raises NotFound. Three statements, or four."""
    row = session.scalars(
        select(Registration).where(Registration.token_digest == token_digest(token))
    ).one_or_none()
    if row is None:
        raise NotFound("ticket_not_found")
    answers = session.execute(
        select(RegistrationAnswer.question_id, RegistrationAnswer.chosen).where(
            RegistrationAnswer.registration_id == row.id
        )
    )
    bookings = session.execute(
        select(ServiceBooking.service_id, ServiceBooking.places).where(
            ServiceBooking.registration_id == row.id
        )
    )
    own = reader is not None and row.account_id == reader
    return Details(
        spoken=tuple(row.spoken),
        photo_preference=row.photo_preference,
        answers={question_id: tuple(chosen) for question_id, chosen in answers},
        bookings={row.service_id: row.places for row in bookings},
        needs=_needs(session, row.id) if own else None,
    )


def _needs(session: Session, registration_id: int) -> tuple[AccessNeed, ...]:
    return tuple(
        session.scalars(
            select(RegistrationNeed.need)
            .where(RegistrationNeed.registration_id == registration_id)
            .order_by(RegistrationNeed.need)
        )
    )


def questions(session: Session, *, conference_id: int) -> tuple[Question, ...]:
    """Return what the organizers ask, in their order. One statement."""
    rows = session.scalars(
        select(RegistrationQuestion)
        .where(RegistrationQuestion.conference_id == conference_id)
        .order_by(RegistrationQuestion.position, RegistrationQuestion.id)
    )
    return tuple(
        Question(
            row.id,
            row.label,
            row.several,
            tuple((choice["key"], choice["label"]) for choice in row.choices),
        )
        for row in rows
    )


def services(session: Session, *, conference_id: int) -> tuple[Service, ...]:
    """Return what is offered beside the program, in its order. One statement."""
    taken = (
        select(func.coalesce(func.sum(ServiceBooking.places), 0))
        .join(Registration, Registration.id == ServiceBooking.registration_id)
        .where(ServiceBooking.service_id == OfferedService.id, Registration.status.in_(HOLDING))
        .scalar_subquery()
    )
    rows = session.execute(
        select(OfferedService, taken)
        .where(OfferedService.conference_id == conference_id)
        .order_by(OfferedService.position, OfferedService.id)
    )
    return tuple(
        Service(
            row.id,
            row.kind,
            row.language,
            row.label,
            full=row.capacity is not None and places >= row.capacity,
        )
        for row, places in rows
    )
