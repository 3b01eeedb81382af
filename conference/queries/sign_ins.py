"""Who is behind a cookie, in one statement; and where an account is signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, case, exists, literal, select

from conference.domain.accounts import Role
from conference.domain.credentials import CredentialStatus
from conference.domain.entries import GOVERNMENTS
from conference.domain.registration import RegistrationStatus
from conference.models import (
    AccessCard,
    Account,
    Conference,
    Credential,
    Organization,
    Passkey,
    Registration,
    RoleGrant,
    SignIn,
)
from conference.models.columns import Moment
from conference.policies import Identity
from conference.queries.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter
    from sqlalchemy.orm import Session

    from conference.domain.directory import OrganizationKind
    from conference.domain.sign_ins import SignInWay


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in as its cookie is held against it, and who its account is in the conference."""

    id: int
    signed_in_at: datetime
    staff: bool
    generation: int
    confirmed_at: datetime | None
    rights_changed: bool
    identity: Identity

    def without_proof(self) -> SignedIn:
        """The same, as a cookie of an earlier generation may use it."""
        return replace(self, identity=replace(self.identity, proved_at=None, assured_at=None))


@dataclass(frozen=True, slots=True)
class Place:
    """One browser in which an account is signed in, as its own page lists it; by which card, if by one."""

    id: int
    way: SignInWay
    signed_in_at: datetime
    card: int | None


class _Row(NamedTuple):
    """A row of `_SIGNED_IN`: the sign-in, and one of the things that give it rights, or none."""

    id: int
    account_id: int
    signed_in_at: datetime
    staff: bool
    generation: int
    confirmed_at: datetime | None
    rights_changed: bool
    proved_at: datetime | None
    assured_at: datetime | None
    role: Role | None
    organization_id: int | None
    kind: OrganizationKind | None
    registration_id: int | None
    seat_id: int | None


_OF_SIGN_IN = (
    SignIn.id,
    SignIn.account_id,
    SignIn.signed_in_at,
    SignIn.staff,
    SignIn.generation,
    SignIn.confirmed_at,
    SignIn.rights_changed,
    SignIn.proved_at,
    SignIn.assured_at,
)
_KEY: BindParameter[str] = bindparam("key_digest")
_CONFERENCE: BindParameter[int | None] = bindparam("conference_id")

# Asked with every page: what was granted, beside what seat and ticket earn. Almost always it is one row.
_SIGNED_IN = Prepared(
    select(*_OF_SIGN_IN, RoleGrant.role, RoleGrant.organization_id, Organization.kind)
    .add_columns(Registration.id, Credential.seat_id)
    .outerjoin(
        RoleGrant,
        (RoleGrant.account_id == SignIn.account_id)
        & (RoleGrant.conference_id == _CONFERENCE)
        & RoleGrant.revoked_at.is_(None),
    )
    .outerjoin(Organization, Organization.id == RoleGrant.organization_id)
    .outerjoin(
        Registration,
        (Registration.account_id == SignIn.account_id)
        & (Registration.conference_id == _CONFERENCE)
        & (Registration.status == RegistrationStatus.CONFIRMED),
    )
    .outerjoin(
        Credential,
        (Credential.registration_id == Registration.id) & (Credential.status == CredentialStatus.ACCEPTED),
    )
    .where(SignIn.key_digest == _KEY)
)


def signed_in(session: Session, *, key_digest: str, conference_id: int | None) -> SignedIn | None:
    """Return the sign-in of a cookie's key, and who its account is: granted roles, and those earned.

    Without a conference nobody has any role. One statement, whatever the roles.
    """
    values = {"key_digest": key_digest, "conference_id": conference_id}
    rows = [_Row._make(row) for row in _SIGNED_IN.rows(session.connection(), values)]
    if not rows:
        return None
    first = rows[0]
    return SignedIn(
        first.id,
        first.signed_in_at,
        first.staff,
        first.generation,
        first.confirmed_at,
        first.rights_changed,
        _identity(rows, conference_id),
    )


def _identity(rows: Sequence[_Row], conference_id: int | None) -> Identity:
    first = rows[0]
    roles = {row.role for row in rows if row.role is not None}
    if any(row.registration_id is not None for row in rows):
        roles.add(Role.ATTENDEE)
    leads = {row.organization_id: row.kind for row in rows if row.organization_id is not None}
    seats = frozenset(row.seat_id for row in rows if row.seat_id is not None)
    if seats:
        roles.add(Role.DELEGATE)
    return Identity(
        account_id=first.account_id,
        conference_id=conference_id,
        roles=frozenset(roles),
        leads=frozenset(leads),
        people_of=frozenset(id_ for id_, kind in leads.items() if kind not in GOVERNMENTS),
        seat_ids=seats,
        sign_in_id=first.id,
        proved_at=first.proved_at,
        assured_at=first.assured_at,
    )


def places(session: Session, *, account_id: int, since: datetime, staff_since: datetime) -> tuple[Place, ...]:
    """Return where an account is signed in, the newest first; since when it can be, at the earliest."""
    earliest = case((SignIn.staff, literal(staff_since, Moment())), else_=literal(since, Moment()))
    rows = session.execute(
        select(SignIn.id, SignIn.way, SignIn.signed_in_at, AccessCard.number)
        .outerjoin(AccessCard, AccessCard.id == SignIn.card_id)
        .where(SignIn.account_id == account_id, SignIn.signed_in_at > earliest)
        .order_by(SignIn.signed_in_at.desc(), SignIn.id.desc())
    )
    return tuple(Place(*row) for row in rows)


def by_card_alone(session: Session, *, account_id: int) -> bool:
    """Tell whether nothing but another card lets the account in again: it has neither address nor passkey.

    An app that shows codes confirms who is in, and lets nobody in.
    """
    passkey = exists().where(Passkey.account_id == Account.id)
    found = select(Account.id).where(Account.id == account_id, Account.email.is_(None), ~passkey)
    return session.scalar(found) is not None


def time_zone_of_latest(session: Session) -> str | None:
    """Return the time zone of the latest conference; None where there is no conference."""
    return session.scalar(select(Conference.time_zone).order_by(Conference.first_day.desc()).limit(1))


def address_of(session: Session, *, account_id: int) -> str | None:
    """Return the address with which an account signs in; one that came with a card has none."""
    return session.scalar(select(Account.email).where(Account.id == account_id))
