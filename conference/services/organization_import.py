"""Bringing a table of organizations into the directory: all of it, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, select

from conference.domain.audit import AuditKind
from conference.domain.directory import MembershipSide, MembershipState
from conference.domain.organization_file import Known, OrganizationFileErrors, Plan, plan
from conference.models import FederationMembership, Organization
from conference.models.directory import awaits_its_lead
from conference.services.audit import actor_of, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.organization_file import FileOrganization

# What of an entry a table may say; the rest is the organization's own.
_COLUMNS = (
    *("kind", "status", "source", "municipality", "place", "languages", "description", "website"),
    *("us_state", "us_city", "legal_form", "funders", "affiliations"),
)


def planned(session: Session, *, rows: Sequence[FileOrganization], name: str) -> Plan:
    """Return what would come of a table now; nothing is written. One statement, however many rows."""
    return plan(rows, _known(session, rows), name=name)


def import_organizations(
    session: Session,
    *,
    conference_id: int,
    rows: Sequence[FileOrganization],
    name: str,
    by: int | None,
    now: datetime,
) -> Plan:
    """Write what a table says of organizations that nobody answers for yet; return what came of it.

    New ones are shown to nobody, take no part and have no seat until somebody of them has answered. What
    they belong to waits for the consent of both sides. An entry that somebody answers for stays as it is.

    Raises OrganizationFileErrors where anything is wrong: then nothing is written.
    """
    known = _known(session, rows, lock=True)
    made = plan(rows, known, name=name)
    if made.problems:
        raise OrganizationFileErrors(made.problems)
    entries = _written(session, made)
    _ask_for_links(session, [*made.added, *(change.row for change in made.changed), *made.same], entries)
    record(
        session,
        conference_id=conference_id,
        actor=actor_of(session, conference_id=conference_id, account_id=by),
        event={
            "kind": AuditKind.ORGANIZATIONS_IMPORTED.value,
            "added": len(made.added),
            "changed": len(made.changed),
        },
        at=now,
    )
    return made


def _known(session: Session, rows: Sequence[FileOrganization], *, lock: bool = False) -> Mapping[str, Known]:
    """Return those that the table names and that are here; locked, so that nobody claims one meanwhile."""
    keys = {row.entry.key for row in rows} | {parent for row in rows for parent in row.entry.parents}
    unanswered = case((awaits_its_lead(), True), else_=False)
    found = (
        select(Organization, unanswered)
        .where(Organization.key.in_(keys))
        .order_by(Organization.id)
        .execution_options(populate_existing=True)
    )
    rows_found = session.execute(found.with_for_update(of=Organization) if lock else found)
    return {
        row.key: Known(
            name=row.name,
            side=row.side,
            kind=row.kind,
            own_word=not waits,
            values={column: getattr(row, column) for column in _COLUMNS},
        )
        for row, waits in rows_found
    }


def _written(session: Session, made: Plan) -> Mapping[str, int]:
    """Write new entries and changed ones; return the ids of all that the table names, by key."""
    session.add_all(
        Organization(key=row.entry.key, name=row.entry.name, side=row.entry.side, **row.values)
        for row in made.added
    )
    session.flush()
    changes = {change.row.entry.key: change for change in made.changed}
    for entry in session.scalars(select(Organization).where(Organization.key.in_(changes))):
        change = changes[entry.key]
        for column in change.columns:
            setattr(entry, column, change.row.values[column])
    session.flush()
    named = [*made.added, *(change.row for change in made.changed), *made.same]
    keys = {row.entry.key for row in named} | {parent for row in named for parent in row.entry.parents}
    found = session.execute(select(Organization.key, Organization.id).where(Organization.key.in_(keys)))
    ids: dict[str, int] = dict(found.all())
    return ids


def _ask_for_links(session: Session, rows: Iterable[FileOrganization], ids: Mapping[str, int]) -> None:
    """Note the memberships that the table names; each side still has to agree."""
    wanted = {(ids[parent], ids[row.entry.key]) for row in rows for parent in row.entry.parents}
    keys = (FederationMembership.parent_id, FederationMembership.member_id)
    members = {member for _parent, member in wanted}
    standing = session.execute(select(*keys).where(FederationMembership.member_id.in_(members)))
    session.add_all(
        FederationMembership(
            parent_id=parent, member_id=member, state=MembershipState.JOINING, asked_by=MembershipSide.OTHERS
        )
        for parent, member in sorted(wanted - {tuple(row) for row in standing})
    )
    session.flush()
