"""Roles that organizers give and take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.models import Account, RoleGrant
from conference.services.roles import grant_role, revoke_role
from tests.factories import NOW, grant, identity_of, make_account, make_conference, make_organization
from tests.races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.databases import Prepared

ANA = "ana@example.org"


def give(session: Session, conference: Conference, role: Role, **values: Any) -> int:
    settings = {"email": ANA, "organization_id": None, "language": "es", "by": None, "now": NOW} | values
    return grant_role(session, conference_id=conference.id, role=role, **settings)


def roles_of(session: Session, conference: Conference, account_id: int) -> set[Role]:
    return set(identity_of(session, session.get_one(Account, account_id), conference).roles)


def test_a_role_is_held_in_its_conference_from_granting_to_revoking(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    number = give(session, conference, Role.CHAIR, by=organizer.id)
    row = session.get_one(RoleGrant, number)
    assert roles_of(session, conference, row.account_id) == {Role.CHAIR}
    assert roles_of(session, other, row.account_id) == set()
    revoke_role(session, conference_id=conference.id, grant_id=number, by=organizer.id, now=NOW)
    assert roles_of(session, conference, row.account_id) == set()
    assert (row.granted_by_id, row.revoked_by_id, row.revoked_at) == (organizer.id, organizer.id, NOW)


def test_a_role_is_held_once_and_may_be_given_again_after_revoking(session: Session) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    number = give(session, conference, Role.CHAIR)
    with pytest.raises(Conflict) as refused:
        give(session, conference, Role.CHAIR, email="  ANA@EXAMPLE.ORG")
    assert refused.value.code == "grant_exists"
    revoke_role(session, conference_id=conference.id, grant_id=number, by=organizer.id, now=NOW)
    assert give(session, conference, Role.CHAIR) != number


def test_a_role_given_twice_at_once_is_held_once(prepared: Prepared, session: Session) -> None:
    conference = make_conference(session)
    make_account(session, email=ANA)
    session.commit()
    conference_id = conference.id

    def name(own: Session) -> str:
        give(own, own.get_one(type(conference), conference_id), Role.CHAIR)
        return "granted"

    assert sorted(at_once(prepared, name, name)) == ["grant_exists", "granted"]


@pytest.mark.parametrize("role", [Role.DELEGATE, Role.ATTENDEE])
def test_roles_that_are_earned_are_not_given(session: Session, role: Role) -> None:
    with pytest.raises(Invalid) as refused:
        give(session, make_conference(session), role)
    assert refused.value.code == "role_not_granted"
    assert session.scalar(select(func.count(Account.id))) == 0


def test_a_lead_answers_for_an_organization_that_takes_part(session: Session) -> None:
    conference = make_conference(session)
    elsewhere = make_organization(session, make_conference(session))
    club, union = make_organization(session, conference), make_organization(session, conference)
    for organization_id in (None, elsewhere.id, 0):
        with pytest.raises(Invalid) as refused:
            give(session, conference, Role.ORGANIZATION_LEAD, organization_id=organization_id)
        assert refused.value.code == "organization_needed"
    for organization in (club, union):
        give(session, conference, Role.ORGANIZATION_LEAD, organization_id=organization.id)
    with pytest.raises(Conflict):
        give(session, conference, Role.ORGANIZATION_LEAD, organization_id=club.id)
    account_id = session.scalars(select(Account.id).where(Account.email == ANA)).one()
    found = identity_of(session, session.get_one(Account, account_id), conference)
    assert found.leads == {club.id, union.id}


def test_only_leads_have_an_organization(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    number = give(session, conference, Role.CHAIR, organization_id=club.id)
    assert session.get_one(RoleGrant, number).organization_id is None


def test_the_last_organizer_stays(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    grant(session, other, Role.ORGANIZER)
    first = give(session, conference, Role.ORGANIZER)
    second = give(session, conference, Role.ORGANIZER, email="beto@example.org")
    by = session.get_one(RoleGrant, first).account_id
    revoke_role(session, conference_id=conference.id, grant_id=second, by=by, now=NOW)
    with pytest.raises(Conflict) as refused:
        revoke_role(session, conference_id=conference.id, grant_id=first, by=by, now=NOW)
    assert refused.value.code == "last_organizer"


def test_two_organizers_who_revoke_each_other_at_once_leave_one(prepared: Prepared, session: Session) -> None:
    conference = make_conference(session)
    conference_id = conference.id
    numbers = [give(session, conference, Role.ORGANIZER, email=email) for email in (ANA, "beto@example.org")]
    by = session.get_one(RoleGrant, numbers[0]).account_id
    session.commit()

    def revoke(number: int) -> Callable[[Session], object]:
        return lambda own: revoke_role(own, conference_id=conference_id, grant_id=number, by=by, now=NOW)

    came = at_once(prepared, *map(revoke, numbers))
    assert sorted(map(str, came)) == ["None", "last_organizer"]


def test_a_role_is_revoked_once_and_in_its_own_conference(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    number = give(session, conference, Role.CHAIR)

    def revoke(where: Conference) -> None:
        revoke_role(session, conference_id=where.id, grant_id=number, by=organizer.id, now=NOW)

    with pytest.raises(NotFound):
        revoke(other)
    revoke(conference)
    with pytest.raises(NotFound) as refused:
        revoke(conference)
    assert refused.value.code == "grant_not_found"
