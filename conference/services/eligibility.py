"""What allows somebody to be named for a seat; asked when they are named, and anew when they are accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from conference.domain.credentials import NEVER_NAMED, STANDING
from conference.domain.directory import MembershipState
from conference.domain.errors import Conflict, Invalid
from conference.domain.registration import RegistrationStatus
from conference.models import Credential, FederationMembership, Organization, Registration

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from conference.domain.credentials import CredentialStatus


def check_not_withdrawn(session: Session, organization_ids: Collection[int]) -> None:
    """Nobody is named, accepted or given a proxy for who has withdrawn: Conflict("organization_withdrawn").

    The organizations are held as they are: whoever withdraws at this moment waits, or is seen.
    """
    withdrawn_at = session.scalars(
        select(Organization.withdrawn_at)
        .where(Organization.id.in_(organization_ids))
        .order_by(Organization.id)
        .with_for_update(read=True)
    ).all()
    if any(withdrawn_at):
        raise Conflict("organization_withdrawn")


def check_mandate(
    session: Session, federation_id: int | None, member_id: int, *, code: str = "mandate_missing"
) -> None:
    """A federation seats nobody for a member without its mandate: Conflict, with that code."""
    mandate = (
        select(FederationMembership.member_id)
        .where(
            FederationMembership.parent_id == federation_id,
            FederationMembership.member_id == member_id,
            FederationMembership.state == MembershipState.ACTIVE,
            FederationMembership.mandate.is_not(None),
        )
        # Whoever revokes it at this moment waits, or is seen.
        .with_for_update(read=True)
    )
    if session.scalar(mandate) is None:
        raise Conflict(code)


def person_behind(session: Session, registration_id: int) -> tuple[Sequence[int], Sequence[int]]:
    """Return the person's other registrations there: those of the account, and those of the address only.

    An account has proved its address; what is written into a registration proves nothing. All are held until
    the end of the transaction: a place that is given back takes its credential with it, and of two seats
    given to one person at the same moment the second waits, and sees the first.
    """
    named = aliased(Registration)
    same_account = Registration.account_id == named.account_id
    rows = session.execute(
        select(Registration.id, func.coalesce(same_account, False))
        .join(named, named.conference_id == Registration.conference_id)
        .where(
            named.id == registration_id,
            (Registration.id == named.id)
            | same_account
            | (
                (Registration.contact_email != "")
                & (func.lower(Registration.contact_email) == func.lower(named.contact_email))
            ),
        )
        # Always taken in this order, so that nobody waits in a circle.
        .order_by(Registration.id)
        .with_for_update(of=Registration)
    ).all()
    others = [(id_, bool(proved)) for id_, proved in rows if id_ != registration_id]
    return [id_ for id_, proved in others if proved], [id_ for id_, proved in others if not proved]


def check_no_other_seat(
    session: Session,
    registration_ids: Sequence[int],
    code: str,
    *,
    statuses: Collection[CredentialStatus] = STANDING,
) -> None:
    """Nobody is named for two seats: Conflict, with that code, where one of the registrations has another."""
    others = select(Credential.id).where(
        Credential.registration_id.in_(registration_ids), Credential.status.in_(statuses)
    )
    if session.scalars(others).first() is not None:
        raise Conflict(code)


def check_registration(
    session: Session, conference_id: int, organization_id: int | None, registration_id: int
) -> None:
    """Only who has a place, with the organization that names them, and a name, is named for a seat.

    Raises Invalid("registration_not_eligible"), and Conflict: "category_without_vote" for officials and
    press, "person_nameless" for a guest without a name.
    """
    eligible = select(Registration.badge_name, Registration.category).where(
        Registration.id == registration_id,
        Registration.conference_id == conference_id,
        Registration.organization_id == organization_id,
        Registration.status == RegistrationStatus.CONFIRMED,
    )
    named = session.execute(eligible).one_or_none()
    if named is None:
        raise Invalid("registration_not_eligible")
    if named.category in NEVER_NAMED:
        raise Conflict("category_without_vote")
    if not named.badge_name:
        # Whoever compares the naming with the letter has nothing to compare.
        raise Conflict("person_nameless")
