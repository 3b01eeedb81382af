"""The organizers' side of the directory: what they answer to entries, and what organizations are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from conference.domain.audit import AuditKind
from conference.domain.directory import LegalForm, OrganizationSource, OrganizationStatus, folded
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.models import FederationMembership, Organization, RoleGrant
from conference.models.directory import awaits_its_lead, comes_again, is_listed, is_named_here
from conference.models.leads import by_oneself, led_in
from conference.models.ties import what_keeps_it
from conference.services.directory import locked, note, take_part
from conference.services.notices import notify_leads
from conference.services.roles import end_asking, end_leading

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.entries import EntryRefusal
    from conference.services.notices import Letter

# What is left of an entry that was erased. Its kind and side tell nobody which one it was.
_ERASED: dict[str, object] = {
    "name": "",
    "status": OrganizationStatus.PROPOSED,
    "municipality": None,
    "place": "",
    "languages": [],
    "description": {},
    "website": "",
    "us_state": None,
    "us_city": "",
    "legal_form": LegalForm.UNINCORPORATED,
    "funders": "",
    "affiliations": "",
    "visibility": {},
}


def accept_organization(
    session: Session, *, conference_id: int, organization_id: int, letter: Letter, by: int, now: datetime
) -> None:
    """Let an organization take part that was proposed, or asks to come again, and tell its lead.

    Raises NotFound("entry_not_found") and Conflict("entry_answered") for one that waits for nobody any more.
    """
    row = _waiting(session, conference_id, organization_id)
    if row.status is OrganizationStatus.PROPOSED:
        row.status = OrganizationStatus.ACTIVE
    take_part(session, conference_id, row.id)
    notify_leads(
        session,
        conference_id=conference_id,
        organization_id=row.id,
        letter=letter,
        cause=f"entry-accepted-{row.id}",
        now=now,
    )
    note(session, conference_id, row.id, AuditKind.ORGANIZATION_ACCEPTED, by=by, now=now)


def refuse_organization(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    reason: EntryRefusal,
    letter: Letter,
    by: int,
    now: datetime,
) -> None:
    """Do not let a proposed organization take part, and tell its lead why.

    The entry stays with its lead, who may correct it and ask once more. Of one that asks to come again only
    the asking ends: where it takes part it stays as it is. Raises as `accept_organization`.
    """
    row = _waiting(session, conference_id, organization_id)
    if row.status is OrganizationStatus.PROPOSED:
        row.withdrawn_at = now
    notify_leads(
        session,
        conference_id=conference_id,
        organization_id=row.id,
        letter=letter,
        cause=f"entry-refused-{row.id}",
        now=now,
    )
    if row.status is not OrganizationStatus.PROPOSED:
        end_asking(session, conference_id=conference_id, organization_id=row.id, by=by, now=now)
    event = {"reason": reason.value}
    note(session, conference_id, row.id, AuditKind.ORGANIZATION_REFUSED, by=by, now=now, **event)


def _waiting(session: Session, conference_id: int, organization_id: int) -> Organization:
    """Return an entry of this conference that waits; entered here means: its lead was granted here."""
    entered_here = select(RoleGrant.organization_id).where(
        RoleGrant.conference_id == conference_id, RoleGrant.organization_id == organization_id
    )
    row = locked(session, organization_id)
    asks = (
        select(RoleGrant.id)
        .join(Organization)
        .where(Organization.id == row.id, comes_again(conference_id), led_in(conference_id), by_oneself())
    )
    if session.scalars(asks).first() is not None:
        return row
    if row.source is not OrganizationSource.ENTERED or session.scalars(entered_here).first() is None:
        raise NotFound("entry_not_found")
    if row.status is not OrganizationStatus.PROPOSED or row.withdrawn_at is not None:
        raise Conflict("entry_answered")
    return row


def rename_organization(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    name: str,
    letter: Letter,
    by: int,
    now: datetime,
) -> None:
    """Call an organization otherwise from now on, and tell its lead. Its key, and so its addresses, stay.

    What was put to the vote keeps the name of then: electorates hold it. Raises NotFound("entry_not_found")
    for one that organizers here do not name (`is_named_here`), Invalid("organization_name_needed"),
    Invalid("organization_name_unchanged"), and Conflict("organization_name_taken") where another is called
    so, whatever its accents and capitals.
    """
    if not name:
        raise Invalid("organization_name_needed")
    row = locked(session, organization_id)
    named_here = select(Organization.id).where(Organization.id == row.id, is_named_here(conference_id))
    if session.scalar(named_here) is None:
        raise NotFound("entry_not_found")
    if name == row.name:
        raise Invalid("organization_name_unchanged")
    others = select(Organization.name).where(Organization.id != row.id, or_(is_listed(), awaits_its_lead()))
    if folded(name) in set(map(folded, session.scalars(others))):
        raise Conflict("organization_name_taken")
    row.name = name
    notify_leads(
        session,
        conference_id=conference_id,
        organization_id=row.id,
        letter=letter,
        cause=f"entry-renamed-{row.id}",
        now=now,
    )
    note(session, conference_id, row.id, AuditKind.ORGANIZATION_RENAMED, by=by, now=now)


def erase_entry(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Erase for good what is known of an organization that others entered and nobody answered for.

    With it go the memberships that waited for consent, and the roles and invitations of whoever was named to
    answer for it. An empty row stays, listed nowhere: the log calls it by its number, which no other
    organization may bear, and so do the grants, which are counted.

    Raises NotFound("entry_not_found") for one that awaits no lead, and Conflict with the code of what keeps
    it (`what_keeps_it`).
    """
    row = locked(session, organization_id)
    waits = select(what_keeps_it(conference_id)).where(Organization.id == row.id, awaits_its_lead())
    found = session.execute(waits).one_or_none()
    if found is None:
        raise NotFound("entry_not_found")
    if (kept_by := found[0]) is not None:
        raise Conflict(kept_by)
    waiting = or_(FederationMembership.parent_id == row.id, FederationMembership.member_id == row.id)
    session.execute(delete(FederationMembership).where(waiting))
    for column, nothing in _ERASED.items():
        setattr(row, column, nothing)
    # What no entry and no table can be called.
    row.key, row.withdrawn_at = f"~{row.id}", now
    session.flush()
    end_leading(session, conference_id=conference_id, organization_id=row.id, by=by, now=now)
    note(session, conference_id, row.id, AuditKind.ORGANIZATION_ERASED, by=by, now=now)
