"""Who belongs to which federation: for everybody, for both sides of a link, for whoever names delegates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from conference.domain.directory import (
    EntryField,
    MembershipSide,
    MembershipState,
    Reader,
    folded,
    found_by,
    shown_destination,
    visible_to,
)
from conference.domain.errors import NotFound
from conference.domain.federations import FEDERATED, Act, Link, open_acts, trees
from conference.domain.places_of_origin import known_municipality
from conference.models import FederationMembership, Organization, Participation
from conference.models.directory import is_drawn, is_listed, is_shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.directory import Branch, OrganizationKind, OrganizationStatus, RecordSource

# -- for the two sides of a link -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An organization as a list names it; of its origin only what it shows to everybody, else None or ""."""

    id: int
    key: str
    name: str
    kind: OrganizationKind
    municipality: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A link of one's own organization, seen from its `side`; `acts` are what it can do now."""

    other: Neighbour
    side: MembershipSide
    state: MembershipState
    asked_by: MembershipSide | None
    mandate: RecordSource | None
    mandated_at: datetime | None
    acts: frozenset[Act]

    @property
    def waits_for_us(self) -> bool:
        return self.asked_by is not None and Act.TAKE_BACK not in self.acts


def memberships(session: Session, *, organization_id: int) -> tuple[Membership, ...]:
    """Return an organization's links to those that are listed, by name. One statement."""
    is_member = FederationMembership.member_id == organization_id
    rows = session.execute(
        select(FederationMembership, Organization)
        .join(
            Organization,
            or_(
                and_(is_member, Organization.id == FederationMembership.parent_id),
                and_(
                    FederationMembership.parent_id == organization_id,
                    Organization.id == FederationMembership.member_id,
                ),
            ),
        )
        .where(is_listed())
    )
    found = (_membership(link, other, organization_id) for link, other in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.other.name), one.other.key)))


def membership(session: Session, *, organization_id: int, side: MembershipSide, other: str) -> Membership:
    """Return the link to the organization of that key; NotFound("membership_not_found") if there is none."""
    for one in memberships(session, organization_id=organization_id):
        if (one.other.key, one.side) == (other, side):
            return one
    raise NotFound("membership_not_found")


def _membership(link: FederationMembership, other: Organization, organization_id: int) -> Membership:
    side = MembershipSide.MEMBER if link.member_id == organization_id else MembershipSide.PARENT
    standing = Link(link.state, link.asked_by, mandated=link.mandate is not None)
    return Membership(
        other=_neighbour(other),
        side=side,
        state=link.state,
        asked_by=link.asked_by,
        mandate=link.mandate,
        mandated_at=link.mandated_at,
        acts=open_acts(standing, side),
    )


def _neighbour(row: Organization) -> Neighbour:
    if not _tells_origin(row):
        return Neighbour(row.id, row.key, row.name, row.kind)
    # What a pack wrote as a place stands in for a municipality that nobody has given.
    place = "" if row.municipality else row.place
    return Neighbour(row.id, row.key, row.name, row.kind, row.municipality, place)


def _tells_origin(row: Organization) -> bool:
    return visible_to(EntryField.ORIGIN, row.visibility, Reader.ANYBODY)


def led_organizations(
    session: Session, *, conference_id: int, leads: Collection[int]
) -> tuple[Neighbour, ...]:
    """Return the organizations taking part that somebody leads, by name."""
    rows = session.scalars(
        select(Organization)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(
            Participation.conference_id == conference_id,
            Organization.id.in_(leads),
            Organization.withdrawn_at.is_(None),
        )
    )
    return tuple(sorted(map(_neighbour, rows), key=lambda one: (folded(one.name), one.key)))


def to_join(
    session: Session, *, conference_id: int, organization: Neighbour, search: str
) -> tuple[Neighbour, ...]:
    """Return who takes part and could be asked: by a federation anybody, by others only federations.

    Nobody with whom there is a link or an unanswered question already. Two statements.
    """
    standing = {one.other.id for one in memberships(session, organization_id=organization.id)}
    rows = session.scalars(
        select(Organization)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id, is_shown())
    )
    found = (
        _neighbour(row)
        for row in rows
        if row.id not in standing | {organization.id}
        and (row.kind in FEDERATED or organization.kind in FEDERATED)
    )
    matching = (one for one in found if found_by(search, one.name, one.place, _origin(one)))
    return tuple(sorted(matching, key=lambda one: (folded(one.name), one.key)))


def _origin(one: Neighbour) -> str:
    origin = known_municipality(one.municipality)
    return "" if origin is None else f"{origin.name} {origin.district}"


# -- for the committee ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mandate:
    """A link between two that take part, and whether the member gave its mandate."""

    federation: Neighbour
    member: Neighbour
    mandate: RecordSource | None
    mandated_at: datetime | None


def mandates(session: Session, *, conference_id: int, search: str = "") -> tuple[Mandate, ...]:
    """Return the links of those that take part, by federation and member. One statement.

    With a search only those whose two names hold each of its words, however either is spelled.
    """
    federation = aliased(Organization)
    taking_part = select(Participation.organization_id).where(Participation.conference_id == conference_id)
    rows = session.execute(
        select(FederationMembership, federation, Organization)
        .join(federation, federation.id == FederationMembership.parent_id)
        .join(Organization, Organization.id == FederationMembership.member_id)
        .where(
            FederationMembership.state == MembershipState.ACTIVE,
            is_shown(),
            federation.id.in_(taking_part),
            Organization.id.in_(taking_part),
        )
    )
    found = (
        Mandate(_neighbour(upper), _neighbour(lower), link.mandate, link.mandated_at)
        for link, upper, lower in rows
        if found_by(search, upper.name, lower.name)
    )
    return tuple(sorted(found, key=lambda one: (folded(one.federation.name), folded(one.member.name))))


# -- for everybody -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """An organization in a drawn tree; `state` is that of the grouping, None where it does not say."""

    key: str
    name: str
    kind: OrganizationKind
    status: OrganizationStatus
    state: str | None


@dataclass(frozen=True, slots=True)
class Grove:
    """The trees that lead to organizations of one state; None: of those that do not say which."""

    state: str | None
    trees: tuple[Branch[Leaf], ...]
    count: int


def groves(session: Session, *, conference_id: int, by: EntryField) -> tuple[Grove, ...]:
    """Return the federations of those that take part, by state; those that do not say come last.

    States are the two digits of INEGI (`by` ORIGIN) or two letters of the United States (DESTINATION); who
    does not show theirs to everybody is among those that do not say. Two statements.
    """
    rows = session.scalars(
        select(Organization)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id, is_shown())
    ).all()
    leaves = {row.id: _leaf(row, by) for row in rows}
    pairs = select(FederationMembership.parent_id, FederationMembership.member_id).where(is_drawn())
    links = {
        (leaves[parent], leaves[member])
        for parent, member in session.execute(pairs)
        if parent in leaves and member in leaves
    }
    linked = {leaf for link in links for leaf in link}
    nodes = sorted(linked, key=lambda leaf: (folded(leaf.name), leaf.key))
    in_order = sorted({leaf.state for leaf in nodes}, key=lambda one: (one is None, one or ""))
    return tuple(_grove(nodes, links, each) for each in in_order)


def _leaf(row: Organization, by: EntryField) -> Leaf:
    return Leaf(row.key, row.name, row.kind, row.status, _state(row, by))


def _state(row: Organization, by: EntryField) -> str | None:
    if by is EntryField.DESTINATION:
        return shown_destination(row.us_state, row.us_city, row.visibility, Reader.ANYBODY)[0]
    origin = known_municipality(row.municipality)
    return origin.state if origin is not None and _tells_origin(row) else None


def _grove(nodes: Sequence[Leaf], links: Collection[tuple[Leaf, Leaf]], state: str | None) -> Grove:
    wanted = [leaf for leaf in nodes if leaf.state == state]
    return Grove(state, trees(nodes, links, wanted), len(wanted))
