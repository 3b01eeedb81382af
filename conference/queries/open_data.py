"""What organizations made public, as data: never a person, never a field that is kept for members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.directory import (
    EntryField,
    Reader,
    folded,
    safe_website,
    shown_destination,
    shown_fields,
)
from conference.domain.places_of_origin import known_municipality, states
from conference.models import FederationMembership, Organization, Participation, Seat
from conference.models.directory import is_drawn, is_shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.domain.directory import LegalForm, OrganizationKind, OrganizationStatus


@dataclass(frozen=True, slots=True)
class OpenOrganization:
    """An organization as everybody may know it. What is None or empty it does not say, or not to everybody.

    `votes` is None for those with voice only; `federations` are the keys of those it belongs to here.
    """

    key: str
    name: str
    kind: OrganizationKind
    side: Chamber
    status: OrganizationStatus
    votes: int | None
    federations: tuple[str, ...]
    municipality: str | None
    municipality_name: str
    origin_state: str
    place: str
    us_state: str | None
    us_city: str
    languages: tuple[str, ...]
    description: Mapping[str, str]
    website: str
    legal_form: LegalForm | None
    funders: str
    affiliations: str


def open_organizations(session: Session, *, conference_id: int) -> tuple[OpenOrganization, ...]:
    """Return those that are shown and take part, by name. Two statements, however many there are."""
    rows = session.execute(
        select(Organization, Seat.votes)
        .join(Participation, Participation.organization_id == Organization.id)
        .outerjoin(
            Seat,
            (Seat.organization_id == Organization.id) & (Seat.conference_id == Participation.conference_id),
        )
        .where(Participation.conference_id == conference_id, is_shown())
    ).all()
    parents = _parents(session, {row.id: row.key for row, _votes in rows})
    found = (_open(row, votes, parents.get(row.id, ())) for row, votes in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.name), one.key)))


def _parents(session: Session, keys: Mapping[int, str]) -> Mapping[int, tuple[str, ...]]:
    """Return the keys of each one's federations, of those that are in the data too."""
    pairs = select(FederationMembership.parent_id, FederationMembership.member_id).where(is_drawn())
    found: dict[int, list[str]] = {}
    for parent, member in session.execute(pairs):
        if parent in keys and member in keys:
            found.setdefault(member, []).append(keys[parent])
    return {member: tuple(sorted(above)) for member, above in found.items()}


def _open(row: Organization, votes: int | None, federations: tuple[str, ...]) -> OpenOrganization:
    seen = shown_fields(row.visibility, Reader.ANYBODY)
    us_state, us_city = shown_destination(row.us_state, row.us_city, row.visibility, Reader.ANYBODY)
    origin = known_municipality(row.municipality) if EntryField.ORIGIN in seen else None
    told = EntryField.ORIGIN in seen and row.municipality is None
    return OpenOrganization(
        key=row.key,
        name=row.name,
        kind=row.kind,
        side=row.side,
        status=row.status,
        votes=votes,
        federations=federations,
        municipality=None if origin is None else origin.key,
        municipality_name="" if origin is None else origin.name,
        origin_state="" if origin is None else states()[origin.state],
        place=row.place if told else "",
        us_state=us_state,
        us_city=us_city,
        languages=tuple(row.languages) if EntryField.LANGUAGES in seen else (),
        description=dict(row.description) if EntryField.DESCRIPTION in seen else {},
        website=(safe_website(row.website) or "") if EntryField.WEBSITE in seen else "",
        legal_form=row.legal_form if EntryField.LEGAL_FORM in seen else None,
        funders=row.funders if EntryField.FUNDERS in seen else "",
        affiliations=row.affiliations if EntryField.AFFILIATIONS in seen else "",
    )
