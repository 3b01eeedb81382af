"""An organization comes to the next conference with the entry that it has; nothing is entered twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource, OrganizationStatus, RecordSource
from conference.domain.entries import EntryRefusal
from conference.domain.errors import Conflict, NotFound
from conference.queries.directory import organization, organizations
from conference.queries.earlier import earlier_organizations, entries_elsewhere
from conference.queries.entries import own_entry, unclaimed_entries, waiting_entries
from conference.queries.federations import mandates
from conference.services import admissions, directory
from conference.services.accounts import Words
from conference.services.roles import grant_role, revoke_role
from tests.factories import NOW, grant, identity_of, make_account, make_conference, make_organization

DAY, MOMENT = timedelta(days=1), timedelta(seconds=1)


def letter(language, words="Hello"):
    return Words(language, "Your entry", words)


def ask(session, conference, row, lead, now=NOW):
    directory.ask_to_take_part(
        session, conference_id=conference.id, organization_id=row.id, by=lead.id, now=now
    )


def answer(session, conference, row, service, **values):
    organizer = grant(session, conference, Role.ORGANIZER)
    moment = {"conference_id": conference.id, "by": organizer.id, "now": values.pop("now", NOW)}
    service(session, organization_id=row.id, **moment, **values)
    session.flush()


def invite(session, conference, row, email):
    organizer = grant(session, conference, Role.ORGANIZER)
    grant_role(
        session,
        conference_id=conference.id,
        email=email,
        role=Role.ORGANIZATION_LEAD,
        organization_id=row.id,
        language="es",
        by=organizer.id,
        now=NOW,
    )


def claim(session, conference, row, account):
    directory.claim_organization(
        session, conference_id=conference.id, organization_id=row.id, by=account.id, now=NOW
    )


def names(found):
    return [one.name for one in found]


def listed(session, conference):
    return names(organizations(session, conference_id=conference.id))


def test_a_lead_comes_with_the_same_entry_its_federation_and_its_mandate(session):
    first, second = make_conference(session), make_conference(session)
    federation = make_organization(session, first, name="Federación")
    club = make_organization(session, first, name="Club")
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    grant(session, first, Role.ORGANIZATION_LEAD, organization=federation, account=lead)
    session.add(
        models.FederationMembership(
            parent_id=federation.id, member_id=club.id, mandate=RecordSource.PAPER, mandated_at=NOW
        )
    )
    session.flush()
    offered = entries_elsewhere(session, conference_id=second.id, account_id=lead.id)
    assert names(offered) == ["Club", "Federación"]

    for row in (club, federation):
        ask(session, second, row, lead)
    assert [one.again for one in waiting_entries(session, conference_id=second.id)] == [True, True]
    assert listed(session, second) == []
    for row in (club, federation):
        answer(session, second, row, admissions.accept_organization, letter=letter)

    assert listed(session, second) == listed(session, first) == ["Club", "Federación"]
    assert identity_of(session, lead, second).leads == {club.id, federation.id}
    found = organization(session, conference_id=second.id, key=club.key)
    assert (names(branch.node for branch in found.parents), found.line.votes) == (["Federación"], None)
    assert [one.mandate for one in mandates(session, conference_id=second.id)] == [RecordSource.PAPER]
    assert entries_elsewhere(session, conference_id=second.id, account_id=lead.id) == ()
    assert session.query(models.Organization).count() == 2


def take_the_role(session, conference, lead):
    organizer = grant(session, conference, Role.ORGANIZER)
    held = select(models.RoleGrant).where(
        models.RoleGrant.account_id == lead.id,
        models.RoleGrant.conference_id == conference.id,
        models.RoleGrant.revoked_at.is_(None),
    )
    grant_id = session.scalars(held).one().id
    revoke_role(session, conference_id=conference.id, grant_id=grant_id, by=organizer.id, now=NOW)


def test_who_is_its_lead_no_more_does_not_ask_for_it_elsewhere(session):
    first, second, third = (make_conference(session) for _each in range(3))
    club = make_organization(session, first, name="Club")
    former = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    stays = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    for conference in (second, third):
        ask(session, conference, club, former)
    ask(session, second, club, stays)

    take_the_role(session, first, former)

    assert [identity_of(session, former, each).leads for each in (first, second, third)] == [frozenset()] * 3
    assert [identity_of(session, stays, each).leads for each in (first, second)] == [{club.id}] * 2
    assert waiting_entries(session, conference_id=third.id) == ()
    with pytest.raises(Conflict) as error:
        answer(session, third, club, admissions.accept_organization, letter=letter)
    assert error.value.code == "entry_answered"


def test_who_leads_it_in_another_conference_still_asks(session):
    first, second, third = (make_conference(session) for _each in range(3))
    club = make_organization(session, first, name="Club")
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    ask(session, second, club, lead)
    answer(session, second, club, admissions.accept_organization, letter=letter)
    ask(session, third, club, lead)

    take_the_role(session, first, lead)

    assert [identity_of(session, lead, each).leads for each in (first, second, third)] == [
        frozenset(),
        {club.id},
        {club.id},
    ]


def test_who_is_refused_stays_where_it_takes_part_and_may_ask_again(session):
    first, second = make_conference(session), make_conference(session)
    club = make_organization(session, first, name="Club")
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    ask(session, second, club, lead)

    answer(
        session,
        second,
        club,
        admissions.refuse_organization,
        reason=EntryRefusal.OTHER_PURPOSE,
        letter=partial(letter, words="other_purpose"),
    )

    assert (club.withdrawn_at, club.status) == (None, OrganizationStatus.ACTIVE)
    assert (listed(session, first), listed(session, second)) == (["Club"], [])
    assert [mail.body for mail in session.scalars(select(models.Message))] == ["other_purpose"]
    assert identity_of(session, lead, second).leads == frozenset()
    assert identity_of(session, lead, first).leads == {club.id}
    assert waiting_entries(session, conference_id=second.id) == ()
    ask(session, second, club, lead, NOW + DAY)
    assert [one.id for one in waiting_entries(session, conference_id=second.id)] == [club.id]


def refuse(session, conference, row, now=NOW):
    answer(
        session,
        conference,
        row,
        admissions.refuse_organization,
        reason=EntryRefusal.NOT_CONFIRMED,
        letter=letter,
        now=now,
    )


def test_who_is_refused_asks_again_a_day_after_each_refusal_and_no_sooner(session):
    first, second, third = (make_conference(session) for _each in range(3))
    club, other = make_organization(session, first), make_organization(session, first)
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    also = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    of_other = grant(session, first, Role.ORGANIZATION_LEAD, organization=other)
    for refused_at in (NOW, NOW + DAY):
        ask(session, second, club, lead, refused_at)
        refuse(session, second, club, refused_at)
        # It is the organization that was refused, whoever asks for it.
        for somebody in (lead, also):
            with pytest.raises(Conflict) as refusal:
                ask(session, second, club, somebody, refused_at + DAY - MOMENT)
            assert refusal.value.code == "asked_anew_too_soon"
            assert refusal.value.data == {"moment": refused_at + DAY}
    ask(session, third, club, lead, NOW + DAY)
    ask(session, second, other, of_other, NOW + DAY)
    ask(session, second, club, also, NOW + 2 * DAY)
    assert {one.id for one in waiting_entries(session, conference_id=second.id)} == {club.id, other.id}


def test_whoever_stopped_asking_themselves_was_not_refused(session):
    first, second = make_conference(session), make_conference(session)
    club = make_organization(session, first)
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    ask(session, second, club, lead)
    held = session.scalars(select(models.RoleGrant).where(models.RoleGrant.conference_id == second.id)).one()
    held.revoked_at, held.revoked_by_id = NOW, lead.id
    session.flush()
    ask(session, second, club, lead)
    assert [one.id for one in waiting_entries(session, conference_id=second.id)] == [club.id]


def test_only_its_lead_asks_and_once(session):
    first, second = make_conference(session), make_conference(session)
    club, other = make_organization(session, first), make_organization(session, first)
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)

    for somebody in (make_account(session), grant(session, first, Role.ORGANIZER)):
        with pytest.raises(NotFound):
            ask(session, second, club, somebody)
    with pytest.raises(NotFound):
        ask(session, second, other, lead)
    ask(session, second, club, lead)
    with pytest.raises(Conflict) as refusal:
        ask(session, second, club, lead)

    assert refusal.value.code == "organization_comes_already"


@pytest.mark.parametrize(
    "values",
    [
        {"withdrawn_at": NOW},
        {"source": OrganizationSource.FOUND},
        {"status": OrganizationStatus.PROPOSED},
        {"source": OrganizationSource.INVITED, "status": OrganizationStatus.PROPOSED},
    ],
)
def test_what_withdrew_or_nobody_has_answered_for_does_not_come_by_asking(session, values):
    first, second = make_conference(session), make_conference(session)
    club = make_organization(session, first, **values)
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)

    with pytest.raises(Conflict):
        ask(session, second, club, lead)

    assert entries_elsewhere(session, conference_id=second.id, account_id=lead.id) == ()
    assert earlier_organizations(session, conference_id=second.id) == ()


def test_organizers_invite_somebody_and_it_takes_part_once_that_person_says_so(session):
    first, second = make_conference(session), make_conference(session)
    club = make_organization(session, first, name="Club")
    before = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    make_organization(session, second, name="De aquí")
    somebody = make_account(session)
    # Its lead can still sign in, and asks for it.
    assert earlier_organizations(session, conference_id=second.id) == ()
    # When the first conference is over, addresses are forgotten.
    before.email = None
    session.flush()
    assert names(earlier_organizations(session, conference_id=second.id)) == ["Club"]

    invite(session, second, club, somebody.email)

    assert earlier_organizations(session, conference_id=second.id) == ()
    assert [(one.again, one.invited) for one in unclaimed_entries(session, conference_id=second.id)] == [
        (True, True)
    ]
    assert waiting_entries(session, conference_id=second.id) == ()
    own = own_entry(session, conference_id=second.id, key=club.key, leads={club.id})
    assert (own.invited, own.waits, own.listed) == (True, False, False)
    assert listed(session, second) == ["De aquí"]
    claim(session, second, club, somebody)
    assert listed(session, second) == ["Club", "De aquí"]
    assert unclaimed_entries(session, conference_id=second.id) == ()


def test_who_asks_does_not_accept_themselves(session):
    first, second = make_conference(session), make_conference(session)
    club = make_organization(session, first)
    lead = grant(session, first, Role.ORGANIZATION_LEAD, organization=club)
    ask(session, second, club, lead)
    own = own_entry(session, conference_id=second.id, key=club.key, leads={club.id})
    assert (own.waits, own.invited) == (True, False)

    with pytest.raises(Conflict) as refusal:
        claim(session, second, club, lead)

    assert (refusal.value.code, listed(session, second)) == ("organization_claimed", [])
