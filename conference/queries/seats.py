"""Who has a seat and who could have one; and for whom of the delegates a card is to be printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from agreements import Chamber
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import folded
from conference.domain.entries import VOICE_ONLY
from conference.domain.registration import RegistrationStatus
from conference.models import (
    AccessCard,
    Account,
    Credential,
    Elector,
    Organization,
    Participation,
    Registration,
    Seat,
)
from conference.models.accounts import holds_role
from conference.models.directory import is_shown

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.domain.directory import OrganizationKind


@dataclass(frozen=True, slots=True)
class SeatOffer:
    """An organization that takes part; `votes` is None where it has voice only.

    `shown`: nobody withdrew it, and an entry of others was claimed, so it can be given a seat, unless it is
    of a kind that has voice only. `counted`: a question has counted its seat, which stays.
    """

    organization_id: int
    key: str
    name: str
    kind: OrganizationKind
    side: Chamber
    votes: int | None
    shown: bool
    counted: bool

    @property
    def voice_only(self) -> bool:
        return self.kind in VOICE_ONLY


def seat_offers(session: Session, *, conference_id: int) -> tuple[SeatOffer, ...]:
    """Return the organizations that take part, by side and name. One statement."""
    counted = exists().where((Elector.seat_id == Seat.id) | (Elector.proxy_seat_id == Seat.id))
    rows = session.execute(
        select(
            Organization.id,
            Organization.key,
            Organization.name,
            Organization.kind,
            Organization.side,
            Seat.votes,
            is_shown(),
            counted,
        )
        .join(Participation, Participation.organization_id == Organization.id)
        .outerjoin(
            Seat,
            (Seat.organization_id == Organization.id) & (Seat.conference_id == Participation.conference_id),
        )
        .where(Participation.conference_id == conference_id)
    )
    offers = (SeatOffer(*row) for row in rows)
    return tuple(sorted(offers, key=lambda offer: (offer.side is Chamber.MX, folded(offer.name))))


@dataclass(frozen=True, slots=True)
class CardHolder:
    """An accepted delegate or alternate without address: by organization, not by name."""

    registration_id: int
    organization_name: str
    capacity: Capacity
    language: str
    has_card: bool


def delegates_without_address(session: Session, *, conference_id: int) -> tuple[CardHolder, ...]:
    """Return who sits by an accepted credential and has neither address nor role, and whether with a card.

    By organization and capacity. One statement.
    """
    in_force = exists().where(
        AccessCard.account_id == Registration.account_id,
        AccessCard.conference_id == conference_id,
        AccessCard.revoked_at.is_(None),
    )
    rows = session.execute(
        select(Registration.id, Organization.name, Credential.capacity, Registration.language, in_force)
        .join(Credential, Credential.registration_id == Registration.id)
        .join(Seat, Seat.id == Credential.seat_id)
        .join(Organization, Organization.id == Seat.organization_id)
        .outerjoin(Account, Account.id == Registration.account_id)
        .where(
            Seat.conference_id == conference_id,
            Credential.status == CredentialStatus.ACCEPTED,
            Registration.status == RegistrationStatus.CONFIRMED,
            func.coalesce(Registration.contact_email, Account.email).is_(None),
            ~holds_role(Registration.account_id),
        )
    )
    holders = (CardHolder(*row) for row in rows)
    return tuple(sorted(holders, key=lambda one: (folded(one.organization_name), one.capacity.value)))
