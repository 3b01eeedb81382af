"""Entries of the directory as those see them who answer for them, and the organizers who answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select

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
from conference.models.directory import awaits_its_lead, comes_again, is_named_here, is_shown
from conference.models.leads import by_oneself, led_in, may_be_invited_again
from conference.models.ties import what_keeps_it

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Exists, Select
    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.domain.directory import EntryField, OrganizationKind


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry as its lead sees it.

    `awaited`: others entered it, and its lead has not yet said that it is theirs; `invited`: it takes part
    elsewhere, and organizers ask whether it comes here too. `listed`: everybody may read of it in this
    conference.
    """

    id: int
    key: str
    entry: Entry
    status: OrganizationStatus
    place: str
    awaited: bool
    invited: bool
    takes_part: bool
    withdrawn_at: datetime | None

    @property
    def listed(self) -> bool:
        return self.takes_part and not self.awaited and self.withdrawn_at is None

    @property
    def waits(self) -> bool:
        """The organizers have not answered it."""
        unanswered = self.status is OrganizationStatus.PROPOSED or not self.takes_part
        return unanswered and not (self.awaited or self.invited) and self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry that waits for the organizers: what members may read of it, and whose names are alike.

    `again`: it takes part in another conference, and asks to come to this one.
    """

    id: int
    again: bool
    entry: Entry
    shown: frozenset[EntryField]
    website: str | None
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnclaimedEntry:
    """An entry that others made; `invited`: somebody was named its lead here, and has not answered.

    `again`: it takes part in another conference.
    """

    id: int
    key: str
    name: str
    kind: OrganizationKind
    side: Chamber
    source: OrganizationSource
    municipality: str | None
    place: str
    invited: bool
    again: bool


@dataclass(frozen=True, slots=True)
class ErasableEntry:
    """An entry that organizers may erase, but for what keeps it: the code of that, or None.

    `invited`: somebody was named its lead here, and has not answered.
    """

    id: int
    name: str
    invited: bool
    kept_by: str | None


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """What an organization is called; `awaited`: nobody has answered for it yet, so it has no page."""

    id: int
    key: str
    name: str
    awaited: bool


def own_entries(session: Session, *, conference_id: int, leads: Collection[int]) -> tuple[OwnEntry, ...]:
    """Return the entries of the organizations that somebody answers for, by name. One statement."""
    rows = session.execute(_own(conference_id).where(Organization.id.in_(leads)))
    found = (_own_entry(*row) for row in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.entry.name), one.key)))


def own_entry(session: Session, *, conference_id: int, key: str, leads: Collection[int]) -> OwnEntry:
    """Return the entry of an organization that somebody answers for. One statement.

    Raises NotFound("entry_not_found") for any other: who asks learns nothing of what others have entered.
    """
    wanted = _own(conference_id).where(Organization.key == key, Organization.id.in_(leads))
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("entry_not_found")
    return _own_entry(*found)


def waiting_entries(session: Session, *, conference_id: int) -> tuple[WaitingEntry, ...]:
    """Return the entries that wait for the organizers of a conference, the oldest first. Two statements."""
    proposed = and_(
        Organization.source == OrganizationSource.ENTERED,
        Organization.status == OrganizationStatus.PROPOSED,
        Organization.withdrawn_at.is_(None),
        exists().where(
            RoleGrant.conference_id == conference_id, RoleGrant.organization_id == Organization.id
        ),
    )
    again = and_(comes_again(conference_id), _led_here(conference_id).where(by_oneself()))
    rows = session.scalars(select(Organization).where(or_(proposed, again)).order_by(Organization.id)).all()
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
    rows = session.execute(_unclaimed(conference_id).where(_waits_for_lead(conference_id)))
    found = (_unclaimed_entry(*row) for row in rows)
    return tuple(sorted(found, key=lambda one: (folded(one.name), one.id)))


def named_entry(session: Session, *, conference_id: int, key: str) -> NamedEntry:
    """Return an organization that organizers may call otherwise. Raises NotFound("entry_not_found")."""
    found = session.execute(
        select(Organization.id, Organization.key, Organization.name, awaits_its_lead()).where(
            Organization.key == key, is_named_here(conference_id)
        )
    ).one_or_none()
    if found is None:
        raise NotFound("entry_not_found")
    return NamedEntry(*found)


def erasable_entry(session: Session, *, conference_id: int, organization_id: int) -> ErasableEntry:
    """Return an entry that awaits its lead. One statement. Raises NotFound("entry_not_found")."""
    found = session.execute(
        select(
            Organization.id, Organization.name, _led_here(conference_id), what_keeps_it(conference_id)
        ).where(Organization.id == organization_id, awaits_its_lead())
    ).one_or_none()
    if found is None:
        raise NotFound("entry_not_found")
    return ErasableEntry(*found)


def unclaimed_entry(session: Session, *, conference_id: int, organization_id: int) -> UnclaimedEntry:
    """Return one of them. Raises NotFound("entry_not_found")."""
    wanted = _unclaimed(conference_id).where(
        Organization.id == organization_id,
        or_(awaits_its_lead(), may_be_invited_again(conference_id)),
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("entry_not_found")
    return _unclaimed_entry(*found)


def _own(conference_id: int) -> Select[Organization, bool, bool, bool]:
    takes_part = exists().where(
        Participation.conference_id == conference_id, Participation.organization_id == Organization.id
    )
    invited = and_(comes_again(conference_id), ~_led_here(conference_id).where(by_oneself()))
    return select(Organization, awaits_its_lead(), invited, takes_part)


def _unclaimed(conference_id: int) -> Select[Organization, bool, bool]:
    return select(Organization, _led_here(conference_id), comes_again(conference_id))


def _waits_for_lead(conference_id: int) -> ColumnElement[bool]:
    """Tell of a row whether it is for somebody of it to answer: others entered it, or it is invited again."""
    invited = _led_here(conference_id).where(~by_oneself())
    return or_(awaits_its_lead(), and_(comes_again(conference_id), invited))


def _led_here(conference_id: int) -> Exists:
    return exists().where(RoleGrant.organization_id == Organization.id, led_in(conference_id))


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


def _own_entry(row: Organization, awaited: bool, invited: bool, takes_part: bool) -> OwnEntry:  # noqa: FBT001 - a row, spread
    return OwnEntry(
        id=row.id,
        key=row.key,
        entry=_entry(row),
        status=row.status,
        place=row.place,
        awaited=awaited,
        invited=invited,
        takes_part=takes_part,
        withdrawn_at=row.withdrawn_at,
    )


def _waiting(row: Organization, alike: tuple[str, ...]) -> WaitingEntry:
    return WaitingEntry(
        id=row.id,
        again=row.status is not OrganizationStatus.PROPOSED,
        entry=_entry(row),
        shown=shown_fields(row.visibility, Reader.MEMBER),
        website=safe_website(row.website),
        alike=alike,
    )


def _unclaimed_entry(row: Organization, invited: bool, again: bool) -> UnclaimedEntry:  # noqa: FBT001 - a row, spread
    return UnclaimedEntry(
        id=row.id,
        key=row.key,
        name=row.name,
        kind=row.kind,
        side=row.side,
        source=row.source,
        municipality=row.municipality,
        place=row.place,
        invited=invited,
        again=again,
    )
