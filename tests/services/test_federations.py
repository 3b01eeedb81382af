"""Federations: consent of both sides, circles refused in a race too, mandates, and who withdraws."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy import select

from conference import models
from conference.domain.accounts import Role
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import (
    MembershipSide,
    MembershipState,
    OrganizationKind,
    OrganizationSource,
    RecordSource,
)
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.registration import Category
from conference.services import federations
from conference.services.credentials import name_delegate
from conference.services.directory import withdraw_organization
from conference.services.mandates import give_mandate, revoke_mandate
from conference.services.proxies import give_proxy
from tests.factories import (
    NOW,
    grant,
    make_conference,
    make_organization,
    make_registration,
    make_seat,
    make_sign_in,
)
from tests.halls import make_hall
from tests.races import at_once

PARENT, MEMBER = MembershipSide.PARENT, MembershipSide.MEMBER


@pytest.fixture
def conference(session):
    return make_conference(session)


def federation(session, conference, **values):
    return make_organization(session, conference, kind=OrganizationKind.FEDERATION, **values)


def linked(session, parent, member, **values):
    row = models.FederationMembership(parent_id=parent.id, member_id=member.id, **values)
    session.add(row)
    session.flush()
    return row


def link(session, parent, member):
    session.expire_all()
    row = session.get(models.FederationMembership, (parent.id, member.id))
    return None if row is None else (row.state, row.asked_by, row.mandate)


def names(session, who, whose):
    """Tell whether one organization can name somebody of its own for a seat; nothing of it stays."""
    conference_id = session.scalars(
        select(models.Seat.conference_id).where(models.Seat.organization_id == whose.id)
    ).one()
    conference = session.get_one(models.Conference, conference_id)
    with session.begin_nested() as tried:
        person = make_registration(session, conference, organization_id=who.id, category=Category.DELEGATE)
        try:
            name_delegate(
                session,
                conference_id=conference_id,
                organization_id=whose.id,
                federation_id=None if who is whose else who.id,
                registration_id=person.id,
                capacity=Capacity.DELEGATE,
                by=None,
                now=NOW,
            )
        except Conflict as refusal:
            assert refusal.code == "mandate_missing"
            return False
        finally:
            tried.rollback()
    return True


def entries(session):
    rows = session.scalars(select(models.AuditEntry).order_by(models.AuditEntry.index))
    kept = ("kind", "actor", "federation", "organization")
    return [tuple(json.loads(row.entry)["event"].get(name) for name in kept) for row in rows]


def test_a_club_joins_when_both_have_agreed_and_leaves_when_both_have(session, conference):
    parent, club = federation(session, conference), make_organization(session, conference)
    lead = grant(session, conference, Role.ORGANIZATION_LEAD, organization=parent)
    pair = {"federation_id": parent.id, "member_id": club.id}
    signed = {"conference_id": conference.id, "by": lead.id, "now": NOW}

    federations.ask_to_join(session, **pair, side=MEMBER)
    assert link(session, parent, club) == (MembershipState.JOINING, MEMBER, None)
    with pytest.raises(Conflict) as refusal:
        federations.agree_to_join(session, **pair, **signed, side=MEMBER)
    assert refusal.value.code == "membership_changed"
    assert federations.agree_to_join(session, **pair, **signed, side=PARENT)
    assert link(session, parent, club) == (MembershipState.ACTIVE, None, None)

    federations.ask_to_leave(session, **pair, **signed, side=MEMBER)
    assert link(session, parent, club) == (MembershipState.LEAVING, MEMBER, None)
    federations.refuse(session, **pair, side=PARENT, leaving=True)
    assert link(session, parent, club) == (MembershipState.ACTIVE, None, None)
    federations.ask_to_leave(session, **pair, **signed, side=PARENT)
    federations.agree_to_leave(session, **pair, **signed, side=MEMBER)
    assert link(session, parent, club) is None
    assert entries(session) == [
        ("federation_joined", "person", parent.id, club.id),
        ("federation_left", "person", parent.id, club.id),
    ]


@pytest.mark.parametrize(("asking", "answering"), [(MEMBER, PARENT), (PARENT, MEMBER)])
def test_what_was_asked_is_refused_by_the_other_or_taken_back(session, conference, asking, answering):
    parent, club = federation(session, conference), make_organization(session, conference)
    pair = {"federation_id": parent.id, "member_id": club.id}
    federations.ask_to_join(session, **pair, side=asking)
    federations.refuse(session, **pair, side=answering)
    assert link(session, parent, club) is None
    federations.ask_to_join(session, **pair, side=asking)
    federations.take_back(session, **pair, side=asking)
    assert link(session, parent, club) is None
    with pytest.raises(NotFound) as gone:
        federations.take_back(session, **pair, side=asking)
    assert (gone.value.code, entries(session)) == ("membership_not_found", [])


def test_a_link_that_others_entered_takes_the_consent_of_both(session, conference):
    parent, club = federation(session, conference), make_organization(session, conference)
    linked(session, parent, club, state=MembershipState.JOINING, asked_by=MembershipSide.OTHERS)
    pair = {"federation_id": parent.id, "member_id": club.id, "conference_id": conference.id}
    signed = {"by": None, "now": NOW}
    assert not federations.agree_to_join(session, **pair, **signed, side=MEMBER)
    assert (link(session, parent, club), entries(session)) == ((MembershipState.JOINING, MEMBER, None), [])
    assert federations.agree_to_join(session, **pair, **signed, side=PARENT)
    assert link(session, parent, club) == (MembershipState.ACTIVE, None, None)


def test_nobody_is_asked_twice_nor_by_both(session, conference):
    parent, club = federation(session, conference), make_organization(session, conference)
    federations.ask_to_join(session, federation_id=parent.id, member_id=club.id, side=MEMBER)
    with pytest.raises(Conflict) as refusal:
        federations.ask_to_join(session, federation_id=parent.id, member_id=club.id, side=PARENT)
    assert refusal.value.code == "membership_exists"


def test_only_federations_have_members_and_nobody_belongs_to_itself(session, conference):
    parent, club = federation(session, conference), make_organization(session, conference)
    office = make_organization(session, conference, kind=OrganizationKind.GOVERNMENT_STATE)
    with pytest.raises(Invalid) as refusal:
        federations.ask_to_join(session, federation_id=office.id, member_id=club.id, side=PARENT)
    assert refusal.value.code == "not_a_federation"
    with pytest.raises(Invalid) as refusal:
        federations.ask_to_join(session, federation_id=parent.id, member_id=parent.id, side=PARENT)
    assert refusal.value.code == "federation_itself"


@pytest.mark.parametrize(
    "values", [{"source": OrganizationSource.FOUND}, {"withdrawn_at": NOW}], ids=["unclaimed", "withdrawn"]
)
def test_nobody_asks_or_agrees_with_an_organization_that_is_not_listed(session, conference, values):
    parent, club = federation(session, conference), make_organization(session, conference, **values)
    pair = {"federation_id": parent.id, "member_id": club.id}
    with pytest.raises(NotFound) as refusal:
        federations.ask_to_join(session, **pair, side=PARENT)
    assert refusal.value.code == "organization_not_found"
    linked(session, parent, club, state=MembershipState.JOINING, asked_by=MEMBER)
    with pytest.raises(NotFound):
        federations.agree_to_join(session, **pair, conference_id=conference.id, side=PARENT, by=None, now=NOW)


def test_a_circle_is_refused_when_asked_and_when_agreed_and_its_chain_is_named(session, conference):
    names = ["Confederación Mundo", "Federación Norte", "Federación Mixteca"]
    top, middle, low = (federation(session, conference, name=name) for name in names)
    linked(session, top, middle)
    # One that leaves is still joined.
    linked(session, middle, low, state=MembershipState.LEAVING, asked_by=MEMBER)
    with pytest.raises(Conflict) as refusal:
        federations.ask_to_join(session, federation_id=low.id, member_id=top.id, side=MEMBER)
    chain = "Federación Mixteca → Federación Norte → Confederación Mundo"
    assert (refusal.value.code, refusal.value.data["path"]) == ("federation_cycle", chain)
    # Asked for before the others joined.
    linked(session, low, top, state=MembershipState.JOINING, asked_by=MEMBER)
    with pytest.raises(Conflict) as refusal:
        federations.agree_to_join(
            session,
            conference_id=conference.id,
            federation_id=low.id,
            member_id=top.id,
            side=PARENT,
            by=None,
            now=NOW,
        )
    assert (refusal.value.code, refusal.value.data["path"]) == ("federation_cycle", chain)


def agreeing(conference_id, parent_id, member_id):
    """Agree for the federation, in a transaction of one's own."""

    def act(own):
        return federations.agree_to_join(
            own,
            conference_id=conference_id,
            federation_id=parent_id,
            member_id=member_id,
            side=PARENT,
            by=None,
            now=NOW,
        )

    return act


@pytest.mark.parametrize("size", [2, 3, 4])
def test_of_links_that_close_a_circle_together_one_is_refused_however_many_agree_at_once(
    session, prepared, conference, size
):
    ring = [federation(session, conference) for _ in range(size)]
    pairs = [(ring[place].id, ring[(place + 1) % size].id) for place in range(size)]
    for parent_id, member_id in pairs:
        session.add(
            models.FederationMembership(
                parent_id=parent_id, member_id=member_id, state=MembershipState.JOINING, asked_by=MEMBER
            )
        )
    conference_id = conference.id
    session.commit()
    came = at_once(prepared, *(agreeing(conference_id, *pair) for pair in pairs))
    assert sorted(map(str, came)) == ["True"] * (size - 1) + ["federation_cycle"]
    states = list(session.scalars(select(models.FederationMembership.state)))
    assert (states.count(MembershipState.ACTIVE), states.count(MembershipState.JOINING)) == (size - 1, 1)


def test_who_withdraws_while_the_other_agrees_keeps_no_link(session, prepared, conference):
    parent, club = federation(session, conference), make_organization(session, conference)
    linked(session, parent, club, state=MembershipState.JOINING, asked_by=MEMBER)
    conference_id, parent_id, club_id = conference.id, parent.id, club.id
    session.commit()

    def withdraw(own):
        own.get_one(models.Organization, club_id, with_for_update=True).withdrawn_at = NOW
        federations.release(own, conference_id=conference_id, organization_id=club_id, by=None, now=NOW)
        return "withdrawn"

    came = at_once(prepared, agreeing(conference_id, parent_id, club_id), withdraw)
    assert "withdrawn" in came
    assert {str(each) for each in came} <= {"withdrawn", "True", "organization_not_found"}
    assert list(session.scalars(select(models.FederationMembership))) == []


def test_two_who_ask_each_other_at_once_have_one_question(session, prepared, conference):
    parent, club = federation(session, conference), make_organization(session, conference)
    pair = {"federation_id": parent.id, "member_id": club.id}
    session.commit()
    acts = [
        lambda own, side=side: federations.ask_to_join(own, **pair, side=side) for side in (PARENT, MEMBER)
    ]
    assert sorted(map(str, at_once(prepared, *acts))) == ["None", "membership_exists"]


# -- mandates ----------------------------------------------------------------------------------------


def give(session, conference, parent, club):
    give_mandate(
        session,
        conference_id=conference.id,
        federation_id=parent.id,
        member_id=club.id,
        source=RecordSource.SYSTEM,
        by=None,
        now=NOW,
    )


def test_a_federation_names_for_a_member_only_by_its_mandate(session, conference):
    top, parent = federation(session, conference), federation(session, conference)
    given, silent, asking = (make_organization(session, conference) for _ in range(3))
    linked(session, top, parent, mandate=RecordSource.PAPER, mandated_at=NOW)
    linked(session, parent, given)
    linked(session, parent, silent)
    linked(session, parent, asking, state=MembershipState.JOINING, asked_by=MEMBER)
    give(session, conference, parent, given)
    assert link(session, parent, given) == (MembershipState.ACTIVE, None, RecordSource.SYSTEM)
    whose_seats = (parent, given, silent, asking)
    for whose in whose_seats:
        make_seat(session, conference, organization=whose)
    may = {
        (who.id, whose.id)
        for who in (top, parent, given)
        for whose in whose_seats
        if names(session, who, whose)
    }
    # What was given to the federation is not handed on to the confederation above it.
    assert may == {(top.id, parent.id), (parent.id, parent.id), (parent.id, given.id), (given.id, given.id)}


def test_a_mandate_on_paper_is_recorded_as_such_and_revoked_at_any_time(session, conference):
    parent, club = federation(session, conference), make_organization(session, conference)
    linked(session, parent, club)
    committee = grant(session, conference, Role.CREDENTIALS_COMMITTEE)
    signed = {"conference_id": conference.id, "by": committee.id, "now": NOW}
    pair = {"federation_id": parent.id, "member_id": club.id}
    give_mandate(session, **pair, **signed, source=RecordSource.PAPER)
    assert link(session, parent, club) == (MembershipState.ACTIVE, None, RecordSource.PAPER)
    with pytest.raises(Conflict):
        give_mandate(session, **pair, **signed, source=RecordSource.SYSTEM)
    revoke_mandate(session, **pair, **signed)
    assert link(session, parent, club) == (MembershipState.ACTIVE, None, None)
    assert [kind for kind, *_rest in entries(session)] == ["mandate_given", "mandate_revoked"]
    assert {actor for _kind, actor, *_rest in entries(session)} == {"credentials_committee-1"}


def seated_by(session, hall, parent, delegate):
    """Have the seat's delegate come for the federation, whose mandate the seat's organization gave."""
    credential = hall.credential(delegate)
    session.get_one(models.Registration, credential.registration_id).organization_id = parent.id
    linked(
        session,
        parent,
        session.get_one(models.Organization, delegate.seat.organization_id),
        mandate=RecordSource.SYSTEM,
        mandated_at=NOW,
    )
    return credential.id


def standing(session, credential_id):
    session.expire_all()
    here = select(models.Presence.id).where(
        models.Presence.credential_id == credential_id, models.Presence.left_at.is_(None)
    )
    return session.get_one(models.Credential, credential_id).status.value, len(session.scalars(here).all())


ENDINGS = {
    "revoked": revoke_mandate,
    "parted": partial(federations.ask_to_leave, side=MEMBER),
    "let go": partial(federations.ask_to_leave, side=PARENT),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_with_the_mandate_ends_whom_the_federation_seated_and_nobody_else(session, ending):
    hall = make_hall(session)
    parent = federation(session, hall.conference)
    theirs = [seated_by(session, hall, parent, delegate) for delegate in hall.us[:2]]
    member_id = hall.us[0].seat.organization_id
    own = make_registration(session, hall.conference, organization_id=member_id)
    alternate = models.Credential(
        seat_id=hall.us[0].seat.id,
        registration_id=own.id,
        capacity=Capacity.ALTERNATE,
        status=CredentialStatus.ACCEPTED,
        attested_at=NOW,
        decided_at=NOW,
    )
    session.add(alternate)
    sign_in_id = make_sign_in(session, hall.us[0].account)[0].id
    session.flush()

    ENDINGS[ending](
        session,
        conference_id=hall.conference.id,
        federation_id=parent.id,
        member_id=member_id,
        by=None,
        now=NOW,
    )

    assert [standing(session, each) for each in (*theirs, alternate.id)] == [
        ("withdrawn", 0),
        ("accepted", 1),
        ("accepted", 0),
    ]
    assert session.get_one(models.SignIn, sign_in_id).rights_changed
    assert [kind for kind, *_rest in entries(session)] == ["mandate_revoked", "credential_ended"]


def test_who_withdraws_revokes_the_proxies_it_gave_and_holds_and_gets_no_new_one(session):
    hall = make_hall(session, us=[1] * 5)
    one, two, three, four, five = (delegate.seat for delegate in hall.us)
    signed = {"conference_id": hall.conference.id, "by": hall.chair.id, "now": NOW}
    for giver, holder in ((one, two), (three, four)):
        organizations = {"organization_id": giver.organization_id, "holder_id": holder.organization_id}
        give_proxy(session, **organizations, **signed, source=RecordSource.SYSTEM)

    withdraw_organization(session, organization_id=two.organization_id, **signed)
    assert [row.revoked_at is None for row in proxies_of(session)] == [False, True]
    withdraw_organization(session, organization_id=three.organization_id, **signed)
    assert [row.revoked_at is None for row in proxies_of(session)] == [False, False]
    kinds = [kind for kind, *_rest in entries(session)]
    assert kinds[-6:] == ["organization_withdrawn", "credential_ended", "proxy_revoked"] * 2
    with pytest.raises(Conflict) as refusal:
        organizations = {"organization_id": five.organization_id, "holder_id": two.organization_id}
        give_proxy(session, **organizations, **signed, source=RecordSource.SYSTEM)
    assert refusal.value.code == "organization_withdrawn"


def proxies_of(session):
    session.expire_all()
    return session.scalars(select(models.Proxy).order_by(models.Proxy.id)).all()


@pytest.mark.parametrize("side", [PARENT, MEMBER])
def test_who_asks_to_part_ends_the_mandate_even_if_they_stay_together(session, conference, side):
    parent, club = federation(session, conference), make_organization(session, conference)
    linked(session, parent, club)
    give(session, conference, parent, club)
    pair = {"federation_id": parent.id, "member_id": club.id}
    federations.ask_to_leave(session, **pair, conference_id=conference.id, side=side, by=None, now=NOW)
    assert link(session, parent, club) == (MembershipState.LEAVING, side, None)
    with pytest.raises(Conflict):
        give(session, conference, parent, club)
    federations.take_back(session, **pair, side=side)
    assert link(session, parent, club) == (MembershipState.ACTIVE, None, None)
    assert [kind for kind, *_rest in entries(session)] == ["mandate_given", "mandate_revoked"]


def test_who_withdraws_lets_go_of_members_and_of_federations_and_of_nobody_elses_links(session, conference):
    parent, withdrawing, club = (federation(session, conference) for _ in range(3))
    linked(session, parent, withdrawing, mandate=RecordSource.SYSTEM, mandated_at=NOW)
    linked(session, withdrawing, club, state=MembershipState.JOINING, asked_by=PARENT)
    linked(session, parent, club)
    values = {"conference_id": conference.id, "organization_id": withdrawing.id, "by": None, "now": NOW}
    events = [
        (event["kind"], event["organization"])
        for _conference_id, event in federations.release(session, **values)
    ]
    # Who was only asked to join had joined nobody.
    assert events == [("mandate_revoked", withdrawing.id), ("federation_left", withdrawing.id)]
    left = session.execute(
        select(models.FederationMembership.parent_id, models.FederationMembership.member_id)
    )
    assert left.all() == [(parent.id, club.id)]
    assert federations.release(session, **values) == []
