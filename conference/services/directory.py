"""Organizations enter the directory, are claimed, edited, withdrawn, and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from conference.domain.accounts import Role
from conference.domain.audit import AuditKind
from conference.domain.directory import OrganizationSource, OrganizationStatus
from conference.domain.entries import (
    ENTERED_BY_THEMSELVES,
    MOST_WAITING,
    OWN_STATUSES,
    Entry,
    check_asked_anew,
    check_entry,
)
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.slugs import slug_of
from conference.models import Account, Organization, Participation, RoleGrant
from conference.models.directory import awaits_its_lead, comes_again
from conference.models.leads import by_oneself, led_in
from conference.services.audit import actor_of, record, record_all
from conference.services.electorate import end_votes_by_proxy
from conference.services.federations import release
from conference.services.proxies import drop_proxies
from conference.services.roles import lead_own_entry
from conference.services.seats import end_credentials_of_organization

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

# What a key is made of where no letter of a name can be kept.
_NAMELESS = "organization"
_LONGEST_STEM = 70


# -- entering ----------------------------------------------------------------------------------------


def enter_organization(
    session: Session, *, conference_id: int, entry: Entry, suffix: str, by: int, now: datetime
) -> str:
    """Propose one's own organization, and answer for it from then on; return its key.

    It takes part once the organizers have accepted it; until then only they and its lead know of it. The
    random `suffix` ends the key of every entry: where only a second one of its name had a key of its own, it
    would tell whoever enters it that there is a first, which may be hidden. Raises
    Invalid as `check_entry` does, Invalid("government_by_invitation"), and Conflict("entries_waiting") for
    whoever has several entries without an answer.
    """
    check_entry(entry)
    if entry.kind not in ENTERED_BY_THEMSELVES:
        raise Invalid("government_by_invitation")
    _check_few_wait(session, conference_id, by)
    row = _added(session, entry, OrganizationSource.ENTERED, suffix)
    lead_own_entry(session, conference_id=conference_id, account_id=by, organization_id=row.id, now=now)
    return row.key


def enter_for_others(session: Session, *, entry: Entry, source: OrganizationSource, suffix: str) -> str:
    """Put an organization into the directory that others found or that is invited; return its key.

    It is shown to nobody but organizers until somebody of it has answered (`claim_organization`). Raises
    Invalid as `check_entry` does, and Invalid("organization_source") for one that entered itself.
    """
    check_entry(entry)
    if source is OrganizationSource.ENTERED:
        raise Invalid("organization_source")
    return _added(session, entry, source, suffix).key


def ask_to_take_part(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Ask to take part with the entry of another conference; whoever leads it there answers for it here.

    Its federations and their mandates are its own, and stand; seats are given anew. The organizers answer, as
    they do to a new entry. Raises NotFound("entry_not_found") for one that somebody else leads, and Conflict:
    "organization_comes_already" where it takes part or has withdrawn, or this was asked before,
    "asked_anew_too_soon" less than a day after they have refused it.
    """
    row = locked(session, organization_id)
    led = (
        select(RoleGrant.id)
        .where(
            RoleGrant.account_id == by,
            RoleGrant.organization_id == row.id,
            RoleGrant.conference_id != conference_id,
            RoleGrant.revoked_at.is_(None),
        )
        # Whoever takes the role away at this moment waits, or is seen.
        .with_for_update(read=True)
    )
    if session.scalars(led).first() is None:
        raise NotFound("entry_not_found")
    led_here = select(RoleGrant.id).where(RoleGrant.organization_id == row.id, led_in(conference_id))
    free = select(Organization.id).where(Organization.id == row.id, comes_again(conference_id))
    if session.scalar(free) is None or session.scalars(led_here.where(RoleGrant.account_id == by)).first():
        raise Conflict("organization_comes_already")
    check_asked_anew(_refused_at(session, conference_id, row.id), now=now)
    lead_own_entry(session, conference_id=conference_id, account_id=by, organization_id=row.id, now=now)


def _refused_at(session: Session, conference_id: int, organization_id: int) -> datetime | None:
    """Return when organizers here last refused it: they ended the role by which somebody asked."""
    organizer = aliased(RoleGrant)
    organizes = exists().where(
        organizer.conference_id == conference_id,
        organizer.role == Role.ORGANIZER,
        organizer.account_id == RoleGrant.revoked_by_id,
    )
    return session.scalar(
        select(func.max(RoleGrant.revoked_at)).where(
            RoleGrant.organization_id == organization_id,
            RoleGrant.conference_id == conference_id,
            RoleGrant.role == Role.ORGANIZATION_LEAD,
            RoleGrant.revoked_by_id != RoleGrant.account_id,
            by_oneself(),
            organizes,
        )
    )


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


def _added(session: Session, entry: Entry, source: OrganizationSource, suffix: str) -> Organization:
    stem = slug_of(entry.name, maximum=_LONGEST_STEM) or _NAMELESS
    row = Organization(
        key=f"{stem}-{suffix}", source=source, status=OrganizationStatus.PROPOSED, **_said(entry)
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        # Of one name and one suffix: chance, or a tap that came twice.
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


# -- what its lead does ------------------------------------------------------------------------------


def claim_organization(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Say, as its lead, that an organization which others entered is one's own, and takes part.

    So is one answered for that organizers invited from another conference. Raises
    Conflict("organization_claimed") for one that somebody has answered for.
    """
    row = locked(session, organization_id)
    invited = exists().where(
        RoleGrant.organization_id == Organization.id,
        RoleGrant.account_id == by,
        led_in(conference_id),
        ~by_oneself(),
    )
    waits = select(Organization.id).where(
        Organization.id == organization_id, or_(awaits_its_lead(), and_(comes_again(conference_id), invited))
    )
    if session.scalar(waits) is None:
        raise Conflict("organization_claimed")
    if row.source is OrganizationSource.FOUND:
        row.claimed_at = now
    if row.status is OrganizationStatus.PROPOSED:
        row.status = OrganizationStatus.ACTIVE
    take_part(session, conference_id, row.id)
    note(session, conference_id, row.id, AuditKind.ORGANIZATION_CLAIMED, by=by, now=now)


def change_entry(session: Session, *, organization_id: int, entry: Entry) -> None:
    """Say anew what an organization says of itself. Raises Invalid as `check_entry` does.

    Neither its kind nor its side changes by itself: with them go its chamber and its seat. Nor, once it was
    accepted, its name: under it the organizers looked at it, and its votes are published for good.
    """
    row = locked(session, organization_id)
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
    row = locked(session, organization_id)
    if row.status is OrganizationStatus.PROPOSED:
        raise Conflict("entry_waits")
    row.status = status
    session.flush()


def withdraw_organization(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Take an organization out of every list, at once. The votes that it cast stay, and count.

    Its links and mandates end, whoever sits for it, and the proxies that it gave or holds: nobody votes for
    who is not here, in an open question neither. That one keeps the seats that it opened with; later ones do
    not count it.
    Raises Conflict("organization_withdrawn") for one that has withdrawn before.
    """
    row = locked(session, organization_id)
    if row.withdrawn_at is not None:
        raise Conflict("organization_withdrawn")
    row.withdrawn_at = now
    session.flush()
    events = release(session, conference_id=conference_id, organization_id=row.id, by=by, now=now)
    events += end_credentials_of_organization(session, organization_id=row.id, by=by, now=now)
    events += drop_proxies(session, organization_id=row.id, by=by, now=now)
    end_votes_by_proxy(session, organization_id=row.id)
    withdrawn = (conference_id, _event(row.id, AuditKind.ORGANIZATION_WITHDRAWN))
    record_all(session, [withdrawn, *events], by=by, now=now)


def return_organization(
    session: Session, *, conference_id: int, organization_id: int, by: int, now: datetime
) -> None:
    """Undo a withdrawal; an entry that was refused waits for the organizers once more.

    Its seat counts from the next question on; who sits in it is named anew.

    Raises Conflict("organization_not_withdrawn"), and Conflict("entries_waiting") as on entering one.
    """
    row = locked(session, organization_id)
    if row.withdrawn_at is None:
        raise Conflict("organization_not_withdrawn")
    if row.status is OrganizationStatus.PROPOSED:
        _check_few_wait(session, conference_id, by)
    row.withdrawn_at = None
    note(session, conference_id, row.id, AuditKind.ORGANIZATION_RETURNED, by=by, now=now)


# -- shared ------------------------------------------------------------------------------------------


def locked(session: Session, organization_id: int) -> Organization:
    """Return an organization as it stands now, held until the end. Raises NotFound("entry_not_found")."""
    row = session.scalars(
        select(Organization)
        .where(Organization.id == organization_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("entry_not_found")
    return row


def take_part(session: Session, conference_id: int, organization_id: int) -> None:
    """Put an organization at the end of those that take part; one that does already stays where it is."""
    place = (conference_id, organization_id)
    if session.get(Participation, place) is not None:
        return
    last = select(func.max(Participation.position)).where(Participation.conference_id == conference_id)
    position = (session.scalar(last) or 0) + 1
    session.add(
        Participation(conference_id=conference_id, organization_id=organization_id, position=position)
    )
    session.flush()


def note(
    session: Session,
    conference_id: int,
    organization_id: int,
    kind: AuditKind,
    *,
    by: int,
    now: datetime,
    **event: object,
) -> None:
    """Write into the log what became of an organization."""
    session.flush()
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    said = _event(organization_id, kind) | event
    record(session, conference_id=conference_id, actor=actor, event=said, at=now)


def _event(organization_id: int, kind: AuditKind) -> dict[str, object]:
    # By its number: what was refused, or has withdrawn, must not stay named in a log that is for ever.
    return {"kind": kind.value, "organization": organization_id}
