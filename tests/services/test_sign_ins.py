"""Sign-ins: begun under a key, renewed by proofs and changes of right, ended one by one or all at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference.domain.accounts import STAFF_ROLES, Role, link_digest
from conference.domain.directory import OrganizationKind
from conference.domain.sign_ins import SignInWay
from conference.models import RoleGrant, SignIn
from conference.policies import Permission, may
from conference.queries.sign_ins import address_of, places, signed_in
from conference.services.sign_ins import (
    begin_sign_in,
    end_sign_in,
    end_sign_ins,
    prove,
    rights_changed,
    use_sign_in,
)
from tests.factories import (
    NOW,
    grant,
    identity_of,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_sign_in,
)
from tests.races import at_once
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from conference.models import Account
    from tests.databases import Prepared

LATER = NOW + timedelta(minutes=5)


def begin(session: Session, account: Account, *, assured: bool = False) -> SignIn:
    return begin_sign_in(
        session, account_id=account.id, key="a key", way=SignInWay.EMAIL, assured=assured, now=NOW
    )


def test_a_sign_in_begun_while_its_account_is_made_staff_is_that_of_staff(
    session: Session, prepared: Prepared
) -> None:
    account, conference = make_account(session), make_conference(session)
    account_id, conference_id = account.id, conference.id
    session.commit()
    granted, came = threading.Event(), threading.Event()

    def grant_role(own: Session) -> None:
        own.add(
            RoleGrant(
                account_id=account_id, conference_id=conference_id, role=Role.RAPPORTEUR, granted_at=NOW
            )
        )
        own.flush()
        rights_changed(own, account_id=account_id, staff=True)
        granted.set()
        # Long enough for the other to come as far as it can.
        came.wait(1)

    def sign_in(own: Session) -> None:
        granted.wait(PATIENCE)
        begin_sign_in(own, account_id=account_id, key="k", way=SignInWay.EMAIL, assured=False, now=NOW)
        came.set()

    at_once(prepared, grant_role, sign_in)
    assert session.scalars(select(SignIn.staff)).all() == [True]


def test_a_role_granted_while_its_account_signs_in_finds_the_sign_in(
    session: Session, prepared: Prepared
) -> None:
    account, conference = make_account(session), make_conference(session)
    account_id, conference_id = account.id, conference.id
    session.commit()
    begun, granted = threading.Event(), threading.Event()

    def sign_in(own: Session) -> None:
        begin_sign_in(own, account_id=account_id, key="k", way=SignInWay.EMAIL, assured=False, now=NOW)
        begun.set()
        granted.wait(1)

    def grant_role(own: Session) -> None:
        begun.wait(PATIENCE)
        own.add(
            RoleGrant(
                account_id=account_id, conference_id=conference_id, role=Role.RAPPORTEUR, granted_at=NOW
            )
        )
        own.flush()
        rights_changed(own, account_id=account_id, staff=True)
        granted.set()

    at_once(prepared, sign_in, grant_role)
    assert session.scalars(select(SignIn.staff)).all() == [True]


def test_a_sign_in_is_found_by_its_key_of_which_only_a_digest_is_stored(session: Session) -> None:
    account = make_account(session)
    make_sign_in(session, make_account(session))
    row = begin(session, account)
    assert "a key" not in row.key_digest
    found = signed_in(session, key_digest=link_digest("a key"), conference_id=None)
    assert found is not None
    assert (found.identity.account_id, found.identity.proved_at, found.identity.assured_at) == (
        account.id,
        NOW,
        None,
    )
    # What stands in the database is no key.
    assert signed_in(session, key_digest=link_digest(row.key_digest), conference_id=None) is None


@pytest.mark.parametrize("role", Role)
def test_staff_of_any_conference_are_signed_in_for_a_shorter_time(session: Session, role: Role) -> None:
    account = make_account(session)
    conference = make_conference(session)
    club = make_organization(session, conference) if role is Role.ORGANIZATION_LEAD else None
    grant(session, conference, role, account=account, organization=club)
    assert begin(session, account).staff is (role in STAFF_ROLES)


def test_a_role_that_was_revoked_makes_no_staff(session: Session) -> None:
    account = grant(session, make_conference(session), Role.ORGANIZER)
    row = session.scalars(select(RoleGrant)).one()
    row.revoked_at, row.revoked_by_id = NOW, account.id
    assert begin(session, account).staff is False


def test_the_first_act_confirms_a_generation_and_the_next_change_nothing(session: Session) -> None:
    row = begin(session, make_account(session))
    for moment in (NOW, LATER):
        assert use_sign_in(session, sign_in_id=row.id, generation=1, now=moment) == 1
    assert (row.generation, row.confirmed_at) == (1, NOW)


def test_a_proof_begins_a_generation(session: Session) -> None:
    row = begin(session, make_account(session))
    use_sign_in(session, sign_in_id=row.id, generation=1, now=NOW)
    assert prove(session, sign_in_id=row.id, assured=False, now=LATER) == 2
    assert (row.proved_at, row.assured_at, row.confirmed_at) == (LATER, None, None)
    assert prove(session, sign_in_id=row.id, assured=True, now=LATER) == 3
    assert row.assured_at == LATER


def test_a_change_of_rights_begins_a_generation_with_the_next_act(session: Session) -> None:
    account = make_account(session)
    row, other = begin(session, account, assured=True), make_sign_in(session, make_account(session))[0]
    use_sign_in(session, sign_in_id=row.id, generation=1, now=NOW)
    rights_changed(session, account_id=account.id, staff=False)
    session.expire_all()
    assert (row.generation, row.assured_at, row.staff) == (1, NOW, False)
    assert use_sign_in(session, sign_in_id=row.id, generation=1, now=LATER) == 2
    assert (row.rights_changed, row.confirmed_at, other.rights_changed) == (False, None, False)


def test_a_change_of_staff_roles_asks_for_every_proof_again_and_shortens_for_good(session: Session) -> None:
    account = make_account(session)
    row = begin(session, account, assured=True)
    rights_changed(session, account_id=account.id, staff=True)
    session.expire_all()
    assert (row.rights_changed, row.assured_at, row.staff) == (True, None, True)
    rights_changed(session, account_id=account.id, staff=False)
    session.expire_all()
    assert row.staff is True


def test_who_is_slower_leaves_the_generation_alone(session: Session) -> None:
    account = make_account(session)
    row = begin(session, account)
    prove(session, sign_in_id=row.id, assured=False, now=NOW)
    rights_changed(session, account_id=account.id, staff=False)
    assert use_sign_in(session, sign_in_id=row.id, generation=1, now=LATER) == 1
    assert use_sign_in(session, sign_in_id=row.id + 1000, generation=1, now=LATER) == 1
    session.expire_all()
    assert (row.generation, row.confirmed_at, row.rights_changed) == (2, None, True)


def test_two_acts_at_once_after_a_change_of_rights_begin_one_generation(
    prepared: Prepared, session: Session
) -> None:
    account = make_account(session)
    number = begin(session, account).id
    rights_changed(session, account_id=account.id, staff=False)
    session.commit()
    came = at_once(prepared, *[lambda own: use_sign_in(own, sign_in_id=number, generation=1, now=NOW)] * 4)
    assert sorted(map(str, came)) == ["1", "1", "1", "2"]
    assert session.get_one(SignIn, number, populate_existing=True).generation == 2


def test_one_ends_sign_ins_of_ones_own_only(session: Session) -> None:
    ana, beto = make_account(session), make_account(session)
    own, here, others = (make_sign_in(session, account)[0].id for account in (ana, ana, beto))
    assert end_sign_in(session, account_id=ana.id, sign_in_id=others) is False
    assert end_sign_in(session, account_id=ana.id, sign_in_id=own) is True
    assert end_sign_in(session, account_id=ana.id, sign_in_id=own) is False
    assert set(session.scalars(select(SignIn.id))) == {here, others}


def test_signing_out_everywhere_may_spare_where_one_is(session: Session) -> None:
    ana, beto = make_account(session), make_account(session)
    here, *_others = (make_sign_in(session, ana)[0].id for _ in range(3))
    others = make_sign_in(session, beto)[0].id
    assert end_sign_ins(session, account_id=ana.id, but=here) == 2
    assert set(session.scalars(select(SignIn.id))) == {here, others}
    assert end_sign_ins(session, account_id=ana.id) == 1
    assert set(session.scalars(select(SignIn.id))) == {others}


def test_where_one_is_signed_in_is_listed_while_it_can_be_true(session: Session) -> None:
    ana = make_account(session)
    make_sign_in(session, make_account(session), signed_in_at=NOW)
    since, staff_since = NOW - timedelta(days=30), NOW - timedelta(hours=14)
    for way, at, staff in (
        (SignInWay.EMAIL, since, False),
        (SignInWay.CARD, since + timedelta(seconds=1), False),
        (SignInWay.EMAIL, staff_since, True),
        (SignInWay.PASSKEY, staff_since + timedelta(seconds=1), True),
    ):
        make_sign_in(session, ana, way=way, signed_in_at=at, staff=staff)
    found = places(session, account_id=ana.id, since=since, staff_since=staff_since)
    assert [place.way for place in found] == [SignInWay.PASSKEY, SignInWay.CARD]
    assert address_of(session, account_id=ana.id) == ana.email


def test_who_somebody_is_takes_one_statement_whatever_their_roles(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    conference, other = make_conference(session), make_conference(session)
    account, seat = make_delegate(session, conference)
    make_registration(session, conference, account_id=account.id)
    club = make_organization(session, conference)
    grant(session, conference, Role.CHAIR, account=account)
    grant(session, conference, Role.ORGANIZATION_LEAD, account=account, organization=club)
    grant(session, other, Role.ORGANIZER, account=account)
    make_delegate(session, conference)
    _row, key = make_sign_in(session, account)
    with count_queries() as queries:
        found = signed_in(session, key_digest=link_digest(key), conference_id=conference.id)
    assert len(queries) == 1
    assert found is not None
    assert found.identity.roles == {Role.CHAIR, Role.ORGANIZATION_LEAD, Role.DELEGATE, Role.ATTENDEE}
    assert (found.identity.leads, found.identity.people_of) == ({club.id}, {club.id})
    assert found.identity.seat_ids == {seat.id}
    assert identity_of(session, account).roles == frozenset()
    assert identity_of(session, account, other).roles == {Role.ORGANIZER}


@pytest.mark.parametrize("kind", OrganizationKind)
def test_who_leads_an_office_of_a_government_answers_for_it_and_not_for_its_people(
    session: Session, kind: OrganizationKind
) -> None:
    conference = make_conference(session)
    club, office = make_organization(session, conference), make_organization(session, conference, kind=kind)
    account = grant(session, conference, Role.ORGANIZATION_LEAD, organization=office)
    alone = identity_of(session, account, conference)
    grant(session, conference, Role.ORGANIZATION_LEAD, account=account, organization=club)
    found = identity_of(session, account, conference)
    of_office = set() if kind.value.startswith("government") else {office.id}
    assert (alone.leads, found.leads) == ({office.id}, {office.id, club.id})
    assert (alone.people_of, found.people_of) == (of_office, of_office | {club.id})
    for permission in (
        Permission.SEE_CREDENTIALS,
        Permission.NAME_DELEGATES,
        Permission.REGISTER_GROUPS,
        Permission.GIVE_PROXIES,
    ):
        assert (may(alone, permission), may(found, permission)) == (bool(of_office), True)
    assert may(alone, Permission.MANAGE_ORGANIZATION)
