"""Who is named for which seat: for leads of their own organizations, and for the committee that answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.orm import aliased

from conference.domain.credentials import NEVER_NAMED, STANDING, Capacity, CredentialStatus
from conference.domain.directory import MembershipState, folded
from conference.domain.registration import RegistrationStatus
from conference.models import (
    Credential,
    FederationMembership,
    Organization,
    Participation,
    Registration,
    Seat,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.domain.credentials import RejectionReason
    from conference.domain.registration import Category


# -- for the lead of an organization -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the organization named, and what the committee said.

    The name is for whoever leads the organization that the person is registered with: None for others, who
    see that organization's name in `comes_for`, empty once the registration was cancelled.
    """

    id: int
    capacity: Capacity
    status: CredentialStatus
    reason: RejectionReason | None
    badge_name: str | None
    comes_for: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody registered with the organization who holds no seat, and may. The name is for its lead only."""

    registration_id: int
    badge_name: str
    category: Category


@dataclass(frozen=True, slots=True)
class Delegation:
    """What the lead of one organization sees; `votes` is None where it takes part with voice only.

    `federation_id` and `federation`: it is seen by the lead of a federation that has its mandate; the
    candidates are the federation's own people.
    """

    organization_id: int
    key: str
    name: str
    votes: int | None
    named: tuple[Named, ...]
    candidates: tuple[Candidate, ...]
    federation_id: int | None = None
    federation: str = ""


def delegations(
    session: Session, *, conference_id: int, organization_ids: Collection[int]
) -> tuple[Delegation, ...]:
    """Return the delegates of these organizations, and of the members whose mandate they have.

    With them whom each could name: for the leads of these organizations, and nobody else. Four statements,
    whatever the number of organizations and people.
    """
    namers = _mandates(session, organization_ids)
    seen = {*organization_ids, *namers}
    rows = session.execute(
        select(Organization.id, Organization.key, Organization.name, Seat.votes)
        .join(Participation, Participation.organization_id == Organization.id)
        .outerjoin(
            Seat,
            (Seat.organization_id == Organization.id) & (Seat.conference_id == Participation.conference_id),
        )
        .where(
            Participation.conference_id == conference_id,
            or_(
                Organization.id.in_(organization_ids),
                Organization.id.in_(list(namers)) & Seat.id.is_not(None),
            ),
        )
    ).all()
    named = _named(session, conference_id, seen, known_to=organization_ids)
    candidates = _candidates(session, conference_id, organization_ids)
    found = (
        Delegation(
            id_,
            key,
            name,
            votes,
            tuple(named.get(id_, ())),
            tuple(candidates.get(namers[id_][0] if id_ in namers else id_, ())),
            *namers.get(id_, (None, "")),
        )
        for id_, key, name, votes in rows
    )
    return tuple(sorted(found, key=lambda one: (one.federation_id is not None, folded(one.name))))


def _mandates(session: Session, organization_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return the members that gave their mandate to one of these, which does not lead them itself."""
    rows = session.execute(
        select(FederationMembership.member_id, Organization.id, Organization.name)
        .join(Organization, Organization.id == FederationMembership.parent_id)
        .where(
            FederationMembership.parent_id.in_(organization_ids),
            FederationMembership.member_id.not_in(organization_ids),
            FederationMembership.state == MembershipState.ACTIVE,
            FederationMembership.mandate.is_not(None),
        )
        .order_by(Organization.id.desc())
    )
    return {member_id: (federation_id, name) for member_id, federation_id, name in rows}


def _named(
    session: Session, conference_id: int, organization_ids: Collection[int], *, known_to: Collection[int]
) -> dict[int, list[Named]]:
    """Return the latest of each capacity that was not withdrawn: the one that stands, or was rejected."""
    comes_for = aliased(Organization)
    rows = session.execute(
        select(
            Seat.organization_id,
            Credential.id,
            Credential.capacity,
            Credential.status,
            Credential.reason,
            case((comes_for.id.in_(known_to), Registration.badge_name)),
            func.coalesce(comes_for.name, ""),
        )
        .join(Credential, Credential.seat_id == Seat.id)
        .join(Registration, Registration.id == Credential.registration_id)
        .outerjoin(comes_for, comes_for.id == Registration.organization_id)
        .where(
            Seat.conference_id == conference_id,
            Seat.organization_id.in_(organization_ids),
            Credential.status != CredentialStatus.WITHDRAWN,
        )
        .order_by(Credential.id)
    )
    latest: dict[int, dict[Capacity, Named]] = {}
    for organization_id, *values in rows:
        named = Named(*values)
        latest.setdefault(organization_id, {})[named.capacity] = named
    return {
        organization_id: sorted(by_capacity.values(), key=lambda named: list(Capacity).index(named.capacity))
        for organization_id, by_capacity in latest.items()
    }


def _candidates(
    session: Session, conference_id: int, organization_ids: Collection[int]
) -> dict[int | None, list[Candidate]]:
    holds_seat = exists().where(
        Credential.registration_id == Registration.id, Credential.status.in_(STANDING)
    )
    rows = session.execute(
        select(
            Registration.organization_id, Registration.id, Registration.badge_name, Registration.category
        ).where(
            Registration.conference_id == conference_id,
            Registration.organization_id.in_(organization_ids),
            Registration.status == RegistrationStatus.CONFIRMED,
            # A guest of a group whose name nobody has written yet cannot be named.
            Registration.badge_name != "",
            Registration.category.not_in(NEVER_NAMED),
            ~holds_seat,
        )
    )
    found: dict[int | None, list[Candidate]] = {}
    for organization_id, id_, badge_name, category in sorted(rows, key=lambda row: (folded(row[2]), row[1])):
        found.setdefault(organization_id, []).append(Candidate(id_, badge_name, category))
    return found


def seat_awaits(session: Session, *, registration_id: int) -> bool:
    """Tell whether there is a seat that a registration's organization names somebody for. One statement.

    Its own, or that of a member whose mandate it has.
    """
    mandate = exists().where(
        FederationMembership.parent_id == Registration.organization_id,
        FederationMembership.member_id == Seat.organization_id,
        FederationMembership.state == MembershipState.ACTIVE,
        FederationMembership.mandate.is_not(None),
    )
    seat = exists().where(
        Seat.conference_id == Registration.conference_id,
        or_(Seat.organization_id == Registration.organization_id, mandate),
    )
    return session.scalar(select(seat).where(Registration.id == registration_id)) is True


# -- for the credentials committee -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """A credential that waits for an answer. The name is there to be compared with the letter.

    `category` is as what the person registered: the committee sees whether it fits a vote.
    """

    id: int
    organization_name: str
    chamber: Chamber
    votes: int
    capacity: Capacity
    badge_name: str
    category: Category
    attested_at: datetime


def proposals(session: Session, *, conference_id: int) -> tuple[Proposal, ...]:
    """Return what waits for the committee, the longest waiting first: for the committee, and nobody else."""
    rows = session.execute(
        select(
            Credential.id,
            Organization.name,
            Seat.chamber,
            Seat.votes,
            Credential.capacity,
            Registration.badge_name,
            Registration.category,
            Credential.attested_at,
        )
        .join(Seat, Seat.id == Credential.seat_id)
        .join(Organization, Organization.id == Seat.organization_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(Seat.conference_id == conference_id, Credential.status == CredentialStatus.PROPOSED)
        .order_by(Credential.attested_at, Credential.id)
    )
    return tuple(Proposal(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class Holding:
    """A seat that is held: by whom, the committee knew when it accepted, and needs to know no more.

    `comes_for` is the organization with which the person is registered, where that is another one.
    """

    id: int
    organization_name: str
    capacity: Capacity
    comes_for: str | None


def holdings(session: Session, *, conference_id: int) -> tuple[Holding, ...]:
    """Return the accepted credentials by organization and capacity: for the committee. One statement."""
    comes_for = aliased(Organization)
    rows = session.execute(
        select(
            Credential.id,
            Organization.name,
            Credential.capacity,
            case((comes_for.id != Organization.id, comes_for.name)),
        )
        .join(Seat, Seat.id == Credential.seat_id)
        .join(Organization, Organization.id == Seat.organization_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .outerjoin(comes_for, comes_for.id == Registration.organization_id)
        .where(Seat.conference_id == conference_id, Credential.status == CredentialStatus.ACCEPTED)
    )
    found = (Holding(*row) for row in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.organization_name), one.capacity != "delegate")))
