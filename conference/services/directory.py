"""Organizations enter the directory, are answered, claimed, edited, withdrawn, and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from conference.domain.accounts import Role
from conference.domain.audit import AuditKind
from conference.domain.directory import OrganizationSource, OrganizationStatus
from conference.domain.entries import (
    ENTERED_BY_THEMSELVES,
    MOST_WAITING,
    OWN_STATUSES,
    Entry,
    EntryRefusal,
    check_entry,
)
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.slugs import slug_of
from conference.models import Account, Organization, Participation, RoleGrant
from conference.models.directory import awaits_its_lead
from conference.services.audit import actor_of, record
from conference.services.federations import record_all, release
from conference.services.notices import notify
from conference.services.proxies import drop_proxies
from conference.services.roles import lead_own_entry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.notices import Letter

# What a key is made of where no letter of a name can be kept.
_NAMELESS = "organization"
_LONGEST_STEM = 70


# -- entering ----------------------------------------------------------------------------------------


def enter_organization(session: Session, *, conference_id: int, entry: Entry, by: int, now: datetime) -> str:
    """Propose one's own organization, and answer for it from then on; return its key.

    It takes part once the organizers have accepted it; until then only they and its lead know of it. Raises
    Invalid as `check_entry` does, Invalid("government_by_invitation"), and Conflict("entries_waiting") for
    whoever has several entries without an answer.
    """
    check_entry(entry)
    if entry.kind not in ENTERED_BY_THEMSELVES:
        raise Invalid("government_by_invitation")
    _check_few_wait(session, conference_id, by)
    row = _added(session, entry, OrganizationSource.ENTERED)
    lead_own_entry(session, conference_id=conference_id, account_id=by, organization_id=row.id, now=now)
    return row.key


def enter_for_others(session: Session, *, entry: Entry, source: OrganizationSource) -> str:
    """Put an organization into the directory that others found or that is invited; return its key.

    It is shown to nobody but organizers until somebody of it has answered (`claim_organization`). Raises
    Invalid as `check_entry` does, and Invalid("organization_source") for one that entered itself.
    """
    check_entry(entry)
    if source is OrganizationSource.ENTERED:
        raise Invalid("organization_source")
    return _added(session, entry, source).key


def _check_few_wait(session: Session, conference_id: int, account_id: int) -> None:
    # Held until the end: of several entries sent at once, each sees those before it.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    if _waiting_of(session, conference_id, account_id) >= MOST_WAITING:
        raise Conflict("entries_waiting", most=MOST_WAITING)


def _waiting_of(session: Session, conference_id: int, account_id: int) -> int:
    count = (
        select(func.count(RoleGrant.id))
        .join(Organization, Organization.id == RoleGrant.organization_id)
        .where(
            RoleGrant.conference_id == conference_id,
            RoleGrant.account_id == account_id,
            RoleGrant.revoked_at.is_(None),
            Organization.source == OrganizationSource.ENTERED,
            Organization.status == OrganizationStatus.PROPOSED,
            Organization.withdrawn_at.is_(None),
        )
    )
    return session.scalar(count) or 0


def _added(session: Session, entry: Entry, source: OrganizationSource) -> Organization:
    row = Organization(
        key=_free_key(session, entry.name), source=source, status=OrganizationStatus.PROPOSED, **_said(entry)
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else entered one of the same name at this very moment.
        raise Conflict("entered_at_once") from error
    return row


def _said(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "side": entry.side,
        "municipality": entry.municipality,
        "us_state": entry.us_state,
        "us_city": entry.us_city,
        "languages": list(entry.languages),
        "description": {language: text for language, text in entry.description.items() if text},
        "website": entry.website,
        "legal_form": entry.legal_form,
        "funders": entry.funders,
        "affiliations": entry.affiliations,
        "visibility": {field.value: readers.value for field, readers in entry.visibility.items()},
    }


def _free_key(session: Session, name: str) -> str:
    stem = slug_of(name, maximum=_LONGEST_STEM) or _NAMELESS
    taken = set(session.scalars(select(Organization.key).where(Organization.key.like(f"{stem}%"))))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(key for key in numbered if key not in taken)


# -- the organizers' answer --------------------------------------------------------------------------


def accept_organization(
    session: Session, *, conference_id: int, organization_id: int, letter: Letter, by: int, now: datetime
) -> None:
    """Let a proposed organization take part, and tell its lead.

    Raises NotFound("entry_not_found") and Conflict("entry_answered") for one that waits for nobody any more.
    """
    row = _waiting(session, conference_id, organization_id)
    row.status = OrganizationStatus.ACTIVE
    _take_part(session, conference_id, row.id)
    _tell_leads(session, conference_id, row.id, letter, cause=f"entry-accepted-{row.id}", now=now)
    _note(session, conference_id, row.id, AuditKind.ORGANIZATION_ACCEPTED, by=by, now=now)


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

    The entry stays with its lead, who may correct it and ask once more. Raises as `accept_organization`.
    """
    row = _waiting(session, conference_id, organization_id)
    row.withdrawn_at = now
    _tell_leads(session, conference_id, row.id, letter, cause=f"entry-refused-{row.id}", now=now)
    event = {"reason": reason.value}
    _note(session, conference_id, row.id, AuditKind.ORGANIZATION_REFUSED, by=by, now=now, **event)


def _waiting(session: Session, conference_id: int, organization_id: int) -> Organization:
    """Return an entry of this conference that waits; entered here means: its lead was granted here."""
    entered_here = select(RoleGrant.organization_id).where(
        RoleGrant.conference_id == conference_id, RoleGrant.organization_id == organization_id
    )
    row = _locked(session, organization_id)
    if row.source is not OrganizationSource.ENTERED or session.scalars(entered_here).first() is None:
        raise NotFound("entry_not_found")
    if row.status is not OrganizationStatus.PROPOSED or row.withdrawn_at is not None:
        raise Conflict("entry_answered")
    return row


# -- what its lead does ------------------------------------------------------------------------------


def claim_organization(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Say, as its lead, that an organization which others entered is one's own, and takes part.

    Raises Conflict("organization_claimed") for one that somebody has answered for.
    """
    row = _locked(session, organization_id)
    waits = select(Organization.id).where(Organization.id == organization_id, awaits_its_lead())
    if session.scalar(waits) is None:
        raise Conflict("organization_claimed")
    if row.source is OrganizationSource.FOUND:
        row.claimed_at = now
    if row.status is OrganizationStatus.PROPOSED:
        row.status = OrganizationStatus.ACTIVE
    _take_part(session, conference_id, row.id)
    _note(session, conference_id, row.id, AuditKind.ORGANIZATION_CLAIMED, by=by, now=now)


def change_entry(session: Session, *, organization_id: int, entry: Entry) -> None:
    """Say anew what an organization says of itself. Raises Invalid as `check_entry` does.

    Neither its kind nor its side changes by itself: with them go its chamber and its seat. Nor, once it was
    accepted, its name: under it the organizers looked at it, and its votes are published for good.
    """
    row = _locked(session, organization_id)
    check_entry(entry, said_before=row.languages)
    kept = {"kind", "side"} if row.status is OrganizationStatus.PROPOSED else {"kind", "side", "name"}
    for name, value in _said(entry).items():
        if name not in kept:
            setattr(row, name, value)
    session.flush()


def set_own_status(session: Session, *, organization_id: int, status: OrganizationStatus) -> None:
    """Say that an accepted organization is active, rests, or has dissolved; it may change its mind.

    Raises Conflict("entry_waits") for one that was not accepted yet, Invalid("organization_status").
    """
    if status not in OWN_STATUSES:
        raise Invalid("organization_status")
    row = _locked(session, organization_id)
    if row.status is OrganizationStatus.PROPOSED:
        raise Conflict("entry_waits")
    row.status = status
    session.flush()


def withdraw_organization(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Take an organization out of every list, at once. Its votes stay where they were published.

    Its links and mandates end, and the proxies that it gave or holds: nobody votes for who is not here.
    Raises Conflict("organization_withdrawn") for one that has withdrawn before.
    """
    row = _locked(session, organization_id)
    if row.withdrawn_at is not None:
        raise Conflict("organization_withdrawn")
    row.withdrawn_at = now
    session.flush()
    events = release(session, conference_id=conference_id, organization_id=row.id, by=by, now=now)
    events += drop_proxies(session, organization_id=row.id, by=by, now=now)
    _note(session, conference_id, row.id, AuditKind.ORGANIZATION_WITHDRAWN, by=by, now=now)
    record_all(session, events, by=by, now=now)


def return_organization(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Undo a withdrawal; an entry that was refused waits for the organizers once more.

    Raises Conflict("organization_not_withdrawn"), and Conflict("entries_waiting") as on entering one.
    """
    row = _locked(session, organization_id)
    if row.withdrawn_at is None:
        raise Conflict("organization_not_withdrawn")
    if row.status is OrganizationStatus.PROPOSED:
        _check_few_wait(session, conference_id, by)
    row.withdrawn_at = None
    _note(session, conference_id, row.id, AuditKind.ORGANIZATION_RETURNED, by=by, now=now)


# -- shared ------------------------------------------------------------------------------------------


def _locked(session: Session, organization_id: int) -> Organization:
    row = session.scalars(
        select(Organization)
        .where(Organization.id == organization_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("entry_not_found")
    return row


def _take_part(session: Session, conference_id: int, organization_id: int) -> None:
    place = (conference_id, organization_id)
    if session.get(Participation, place) is not None:
        return
    last = select(func.max(Participation.position)).where(Participation.conference_id == conference_id)
    position = (session.scalar(last) or 0) + 1
    session.add(
        Participation(conference_id=conference_id, organization_id=organization_id, position=position)
    )
    session.flush()


def _tell_leads(
    session: Session, conference_id: int, organization_id: int, letter: Letter, *, cause: str, now: datetime
) -> None:
    leads = session.scalars(
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.conference_id == conference_id,
            RoleGrant.organization_id == organization_id,
            RoleGrant.role == Role.ORGANIZATION_LEAD,
            RoleGrant.revoked_at.is_(None),
        )
        .order_by(Account.id)
    )
    for account in leads:
        notify(session, account=account, letter=letter, cause=f"{cause}-{account.id}", now=now)


def _note(
    session: Session,
    conference_id: int,
    organization_id: int,
    kind: AuditKind,
    *,
    by: int,
    now: datetime,
    **event: object,
) -> None:
    # By its number: what was refused, or has withdrawn, must not stay named in a log that is for ever.
    said = {"kind": kind.value, "organization": organization_id, **event}
    session.flush()
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    record(session, conference_id=conference_id, actor=actor, event=said, at=now)
