"""Entries of the directory as those see them who answer for them, and the organizers who answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from conference.domain.accounts import Role
from conference.domain.directory import (
    OrganizationSource,
    OrganizationStatus,
    Reader,
    decided,
    folded,
    safe_website,
    shown_fields,
)
from conference.domain.entries import Entry
from conference.domain.errors import NotFound
from conference.models import Organization, Participation, RoleGrant
from conference.models.directory import awaits_its_lead, is_shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.domain.directory import EntryField, OrganizationKind


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry as its lead sees it.

    `awaited`: others entered it, and its lead has not yet said that it is theirs. `listed`: everybody may
    read of it in this conference.
    """

    id: int
    key: str
    entry: Entry
    status: OrganizationStatus
    place: str
    awaited: bool
    takes_part: bool
    withdrawn_at: datetime | None

    @property
    def listed(self) -> bool:
        return self.takes_part and not self.awaited and self.withdrawn_at is None

    @property
    def waits(self) -> bool:
        """The organizers have not answered it."""
        return self.status is OrganizationStatus.PROPOSED and not self.awaited and self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry that waits for the organizers: what members may read of it, and whose names are alike."""

    id: int
    entry: Entry
    shown: frozenset[EntryField]
    website: str | None
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnclaimedEntry:
    """An entry that others made; `invited`: somebody was named its lead here, and has not answered."""

    id: int
    name: str
    kind: OrganizationKind
    side: Chamber
    source: OrganizationSource
    municipality: str | None
    place: str
    invited: bool


def own_entries(session: Session, *, conference_id: int, leads: Collection[int]) -> tuple[OwnEntry, ...]:
    """Return the entries of the organizations that somebody answers for, by name. One statement."""
    rows = session.execute(_own(conference_id).where(Organization.id.in_(leads)))
    found = (_own_entry(row, takes_part=takes_part, awaited=awaited) for row, takes_part, awaited in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.entry.name), one.key)))


def own_entry(session: Session, *, conference_id: int, key: str, leads: Collection[int]) -> OwnEntry:
    """Return the entry of an organization that somebody answers for. One statement.

    Raises NotFound("entry_not_found") for any other: who asks learns nothing of what others have entered.
    """
    wanted = _own(conference_id).where(Organization.key == key, Organization.id.in_(leads))
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("entry_not_found")
    row, takes_part, awaited = found
    return _own_entry(row, takes_part=takes_part, awaited=awaited)


def waiting_entries(session: Session, *, conference_id: int) -> tuple[WaitingEntry, ...]:
    """Return the entries that wait for the organizers of a conference, the oldest first. Two statements."""
    rows = session.scalars(
        select(Organization)
        .where(
            Organization.source == OrganizationSource.ENTERED,
            Organization.status == OrganizationStatus.PROPOSED,
            Organization.withdrawn_at.is_(None),
            _led_here(conference_id, in_force=False),
        )
        .order_by(Organization.id)
    ).all()
    listed = _names(session, conference_id)
    return tuple(_waiting(row, listed.get(folded(row.name), ())) for row in rows)


def waiting_entry(session: Session, *, conference_id: int, organization_id: int) -> WaitingEntry:
    """Return one of them. Raises NotFound("entry_not_found")."""
    waiting = waiting_entries(session, conference_id=conference_id)
    found = next((one for one in waiting if one.id == organization_id), None)
    if found is None:
        raise NotFound("entry_not_found")
    return found


def unclaimed_entries(session: Session, *, conference_id: int) -> tuple[UnclaimedEntry, ...]:
    """Return the entries that others made and nobody has answered for, by name. One statement."""
    rows = session.execute(_unclaimed(conference_id))
    found = (_unclaimed_entry(row, invited=invited) for row, invited in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.name), one.id)))


def unclaimed_entry(session: Session, *, conference_id: int, organization_id: int) -> UnclaimedEntry:
    """Return one of them. Raises NotFound("entry_not_found")."""
    wanted = _unclaimed(conference_id).where(Organization.id == organization_id)
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("entry_not_found")
    row, invited = found
    return _unclaimed_entry(row, invited=invited)


def _own(conference_id: int) -> Select[Organization, bool, bool]:
    takes_part = exists().where(
        Participation.conference_id == conference_id, Participation.organization_id == Organization.id
    )
    return select(Organization, takes_part, awaits_its_lead())


def _unclaimed(conference_id: int) -> Select[Organization, bool]:
    return select(Organization, _led_here(conference_id, in_force=True)).where(awaits_its_lead())


def _led_here(conference_id: int, *, in_force: bool) -> ColumnElement[bool]:
    grants = exists().where(
        RoleGrant.conference_id == conference_id,
        RoleGrant.organization_id == Organization.id,
        RoleGrant.role == Role.ORGANIZATION_LEAD,
    )
    return grants.where(RoleGrant.revoked_at.is_(None)) if in_force else grants


def _names(session: Session, conference_id: int) -> Mapping[str, tuple[str, ...]]:
    """Names of those that are listed, by what two spellings of them have in common."""
    listed: dict[str, tuple[str, ...]] = {}
    names = session.scalars(
        select(Organization.name)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id, is_shown())
        .order_by(Organization.name)
    )
    for name in names:
        listed[folded(name)] = (*listed.get(folded(name), ()), name)
    return listed


def _entry(row: Organization) -> Entry:
    return Entry(
        name=row.name,
        kind=row.kind,
        side=row.side,
        municipality=row.municipality,
        us_state=row.us_state,
        us_city=row.us_city,
        languages=tuple(row.languages),
        description=row.description,
        website=row.website,
        legal_form=row.legal_form,
        funders=row.funders,
        affiliations=row.affiliations,
        visibility=decided(row.visibility),
    )


def _own_entry(row: Organization, *, takes_part: bool, awaited: bool) -> OwnEntry:
    return OwnEntry(
        id=row.id,
        key=row.key,
        entry=_entry(row),
        status=row.status,
        place=row.place,
        awaited=awaited,
        takes_part=takes_part,
        withdrawn_at=row.withdrawn_at,
    )


def _waiting(row: Organization, alike: tuple[str, ...]) -> WaitingEntry:
    return WaitingEntry(
        id=row.id,
        entry=_entry(row),
        shown=shown_fields(row.visibility, Reader.MEMBER),
        website=safe_website(row.website),
        alike=alike,
    )


def _unclaimed_entry(row: Organization, *, invited: bool) -> UnclaimedEntry:
    return UnclaimedEntry(
        id=row.id,
        name=row.name,
        kind=row.kind,
        side=row.side,
        source=row.source,
        municipality=row.municipality,
        place=row.place,
        invited=invited,
    )
