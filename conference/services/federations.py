"""Joining and leaving federations with both sides' consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from conference.domain.audit import AuditKind
from conference.domain.directory import MembershipSide, MembershipState
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.federations import FEDERATED, Act, Link, after, closed_cycle
from conference.models import FederationMembership, Organization
from conference.models.directory import is_drawn, is_listed
from conference.services.audit import record_all
from conference.services.seats import end_credentials_of_federation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.audit import Logged


# -- joining -----------------------------------------------------------------------------------------


def ask_to_join(session: Session, *, federation_id: int, member_id: int, side: MembershipSide) -> None:
    """Ask the other side for its consent: nothing is drawn, and nobody is bound, until it agrees.

    `side` is the one that asks; here as below the caller has checked that whoever acts speaks for it.
    Raises NotFound("organization_not_found") where one of them is not listed, Invalid("not_a_federation"),
    Conflict("federation_cycle") and, where they have a link or one of them has asked,
    Conflict("membership_exists").
    """
    _check_both(session, federation_id, member_id)
    _check_no_cycle(session, federation_id, member_id)
    if session.get(FederationMembership, (federation_id, member_id)) is not None:
        raise Conflict("membership_exists")
    row = FederationMembership(
        parent_id=federation_id, member_id=member_id, state=MembershipState.JOINING, asked_by=side
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # The other side asked at this very moment.
        raise Conflict("membership_exists") from None


def agree_to_join(
    session: Session,
    *,
    conference_id: int,
    federation_id: int,
    member_id: int,
    side: MembershipSide,
    by: int | None,
    now: datetime,
) -> bool:
    """Consent to what the other side asked for; return whether they belong together from now on.

    They do not yet where others entered the link: then the other side still has to agree. Raises as
    `ask_to_join` does, and Conflict("membership_changed") where nothing waits for this side.
    """
    _check_both(session, federation_id, member_id)
    _lock_all(session)
    _check_no_cycle(session, federation_id, member_id)
    row = locked_link(session, federation_id, member_id)
    change_link(session, row, side, Act.AGREE_TO_JOIN)
    joined = row.state is MembershipState.ACTIVE
    if joined:
        joining = logged(AuditKind.FEDERATION_JOINED, row, conference_id=conference_id)
        record_all(session, [joining], by=by, now=now)
    return joined


def _check_both(session: Session, federation_id: int, member_id: int) -> None:
    """Hold both as they are: who withdraws at this moment waits, and then lets go of the link as well.

    Organizations are locked before links, here and by whoever withdraws: nobody waits in a circle.
    """
    if federation_id == member_id:
        raise Invalid("federation_itself")
    rows = session.execute(
        select(Organization.id, Organization.kind)
        .where(Organization.id.in_((federation_id, member_id)), is_listed())
        .order_by(Organization.id)
        .with_for_update(read=True)
    ).all()
    kinds = {row.id: row.kind for row in rows}
    if set(kinds) != {federation_id, member_id}:
        raise NotFound("organization_not_found")
    if kinds[federation_id] not in FEDERATED:
        raise Invalid("not_a_federation")


def _check_no_cycle(session: Session, federation_id: int, member_id: int) -> None:
    pairs = select(FederationMembership.parent_id, FederationMembership.member_id).where(is_drawn())
    links = [(parent, member) for parent, member in session.execute(pairs)]
    if cycle := closed_cycle(links, federation_id, member_id):
        called = select(Organization.id, Organization.name).where(Organization.id.in_(cycle))
        names: dict[int, str] = dict(session.execute(called).all())
        raise Conflict("federation_cycle", path=" → ".join(names[each] for each in cycle))


def _lock_all(session: Session) -> None:
    """Let nobody else make a link meanwhile: a circle may be closed by two who do not know of each other.

    All links are locked in one order, and read by a later statement, which sees what those who were first
    have made of them.
    """
    keys = (FederationMembership.parent_id, FederationMembership.member_id)
    session.execute(select(*keys).order_by(*keys).with_for_update()).all()


# -- answering, leaving ------------------------------------------------------------------------------


def refuse(
    session: Session,
    *,
    federation_id: int,
    member_id: int,
    side: MembershipSide,
    leaving: bool = False,
) -> None:
    """Decline what the other side asked for: to join, which ends it, or to leave, which changes nothing.

    Raises NotFound("membership_not_found"), Conflict("membership_changed").
    """
    row = locked_link(session, federation_id, member_id)
    change_link(session, row, side, Act.REFUSE_TO_LEAVE if leaving else Act.REFUSE_TO_JOIN)


def take_back(session: Session, *, federation_id: int, member_id: int, side: MembershipSide) -> None:
    """Take back what one's own side asked for and nobody has answered. Raises as `refuse` does."""
    change_link(session, locked_link(session, federation_id, member_id), side, Act.TAKE_BACK)


def ask_to_leave(
    session: Session,
    *,
    conference_id: int,
    federation_id: int,
    member_id: int,
    side: MembershipSide,
    by: int | None,
    now: datetime,
) -> None:
    """Ask to part; the link is drawn until the other side agrees, and a mandate ends at once.

    With it ends whom the federation named (see `revoke_mandate`). Raises as `refuse` does.
    """
    row = locked_link(session, federation_id, member_id)
    mandated = row.mandate is not None
    change_link(session, row, side, Act.ASK_TO_LEAVE)
    ended = end_named(session, row, by=by, now=now)
    revoked = [logged(AuditKind.MANDATE_REVOKED, row, conference_id=conference_id)] if mandated else []
    record_all(session, [*revoked, *ended], by=by, now=now)


def agree_to_leave(
    session: Session,
    *,
    conference_id: int,
    federation_id: int,
    member_id: int,
    side: MembershipSide,
    by: int | None,
    now: datetime,
) -> None:
    """Consent to parting: from now on they have no link, and whom the one named for the other sits no more.

    Raises as `refuse` does.
    """
    row = locked_link(session, federation_id, member_id)
    change_link(session, row, side, Act.AGREE_TO_LEAVE)
    ended = end_named(session, row, by=by, now=now)
    left = logged(AuditKind.FEDERATION_LEFT, row, conference_id=conference_id)
    record_all(session, [left, *ended], by=by, now=now)


def release(
    session: Session, *, conference_id: int, organization_id: int, by: int | None, now: datetime
) -> list[Logged]:
    """Let go of every link of an organization that withdraws, and end whom mandates of it had seated.

    Nobody's consent is asked: who is no longer here can neither answer nor be spoken for. Called with the
    organization's own row locked, in the transaction that withdraws it, which writes what is returned into
    the log last (`record_all`).
    """
    own = or_(
        FederationMembership.parent_id == organization_id, FederationMembership.member_id == organization_id
    )
    keys = (FederationMembership.parent_id, FederationMembership.member_id)
    found = session.scalars(
        select(FederationMembership)
        .where(own)
        .order_by(*keys)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    events: list[Logged] = []
    for row in found:
        if row.mandate is not None:
            events.append(logged(AuditKind.MANDATE_REVOKED, row, conference_id=conference_id))
        if row.state is not MembershipState.JOINING:
            events.append(logged(AuditKind.FEDERATION_LEFT, row, conference_id=conference_id))
        events += end_named(session, row, by=by, now=now)
    session.execute(delete(FederationMembership).where(own))
    return events


# -- what they share ---------------------------------------------------------------------------------


def locked_link(session: Session, federation_id: int, member_id: int) -> FederationMembership:
    """Return the link of the two, held until the end of the transaction; NotFound("membership_not_found")."""
    row = session.scalars(
        select(FederationMembership)
        .where(FederationMembership.parent_id == federation_id, FederationMembership.member_id == member_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("membership_not_found")
    return row


def change_link(session: Session, row: FederationMembership, side: MembershipSide, act: Act) -> None:
    """Make of the link what the rules make of the act; Conflict("membership_changed") if they refuse it."""
    link = after(Link(row.state, row.asked_by, mandated=row.mandate is not None), side, act)
    if link is None:
        session.delete(row)
    else:
        row.state, row.asked_by = link.state, link.asked_by
        if not link.mandated:
            row.mandate = row.mandated_at = None
    session.flush()


def logged(kind: AuditKind, row: FederationMembership, *, conference_id: int) -> Logged:
    """Return what the log is told of a link: it is written last, by whoever calls.

    Organizations are called by number: the log is for good, and one that withdraws is named no more.
    """
    return conference_id, {"kind": kind.value, "federation": row.parent_id, "organization": row.member_id}


def end_named(session: Session, row: FederationMembership, *, by: int | None, now: datetime) -> list[Logged]:
    """End whom the federation named for the member, and return what the log is told of them."""
    return end_credentials_of_federation(
        session, federation_id=row.parent_id, member_id=row.member_id, by=by, now=now
    )
