"""Organizers erase what others entered and nobody answered for; what is tied to it keeps the rest."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from agreements import Chamber
from conference import models
from conference.domain.accounts import Role
from conference.domain.audit import AuditKind
from conference.domain.directory import (
    MembershipSide,
    MembershipState,
    OrganizationKind,
    OrganizationSource,
    OrganizationStatus,
    RecordSource,
)
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.retention import HoldReason
from conference.queries.audit import log_page
from conference.queries.entries import erasable_entry, unclaimed_entries
from conference.services import admissions
from conference.services.accounts import SignInProof, Words
from conference.services.directory import claim_organization
from conference.services.invitations import Invitation
from conference.services.roles import grant_role
from tests.factories import (
    NOW,
    grant,
    make_conference,
    make_organization,
    make_registration,
    make_seat,
)
from tests.races import at_once

SAID = {
    "name": "Club Hallado",
    "key": "club-hallado",
    "municipality": "20038",
    "place": "Salem",
    "languages": ["zap"],
    "description": {"es": "Bailamos."},
    "website": "https://example.org",
    "us_state": "OR",
    "us_city": "Salem",
    "funders": "Fondo Inventado",
    "affiliations": "Red Inventada",
    "visibility": {"funders": "public"},
}
FOUND = {"source": OrganizationSource.FOUND}
INVITED = {"source": OrganizationSource.INVITED, "status": OrganizationStatus.PROPOSED}


def make_found(session, conference=None, **values):
    return make_organization(session, conference, **SAID | FOUND | values)


def erase(session, conference, row, by=None):
    by = by or grant(session, conference, Role.ORGANIZER)
    admissions.erase_entry(session, conference_id=conference.id, organization_id=row.id, by=by.id, now=NOW)


def events(session, conference):
    entries = log_page(session, conference_id=conference.id, before=None, length=99).entries
    return [entry.event for entry in reversed(entries)]


@pytest.mark.parametrize("source", [FOUND, INVITED], ids=["found", "invited"])
def test_nothing_of_an_erased_entry_is_left_but_its_number_in_the_log(session, source):
    conference = make_conference(session)
    row = make_found(session, **source)

    erase(session, conference, row)

    session.expire_all()
    left = {column.key: getattr(row, column.key) for column in models.Organization.__table__.columns}
    assert {name: value for name, value in left.items() if value} == {
        "id": row.id,
        "key": f"~{row.id}",
        "kind": OrganizationKind.HTA,
        "side": Chamber.US,
        "status": OrganizationStatus.PROPOSED,
        "source": source["source"],
        "legal_form": row.legal_form,
        "withdrawn_at": row.withdrawn_at,
    }
    assert unclaimed_entries(session, conference_id=conference.id) == ()
    (event,) = events(session, conference)
    assert {name: event[name] for name in ("kind", "actor", "organization")} == {
        "kind": "organization_erased",
        "actor": "organizer-1",
        "organization": row.id,
    }
    assert "hallado" not in str(event).casefold()


def test_a_table_may_bring_in_anew_what_was_erased(session):
    conference = make_conference(session)
    row = make_found(session)
    number = row.id

    erase(session, conference, row)

    again = make_found(session)
    assert (again.key, again.id == number) == ("club-hallado", False)


def test_whoever_was_named_loses_role_and_invitation_and_can_claim_nothing(session):
    conference = make_conference(session)
    row = make_found(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    name_lead(session, conference, row, organizer, "prima@example.org")
    (named,) = session.scalars(select(models.RoleGrant).filter_by(role=Role.ORGANIZATION_LEAD))

    erase(session, conference, row, by=organizer)

    assert (named.revoked_at, named.revoked_by_id) == (NOW, organizer.id)
    assert session.scalars(select(models.SignInCode)).all() == []
    assert [(mail.recipient, mail.body) for mail in session.scalars(select(models.Message))] == [("", "")]
    with pytest.raises(Conflict):
        claim_organization(
            session, conference_id=conference.id, organization_id=row.id, by=named.account_id, now=NOW
        )
    kinds = [event["kind"] for event in events(session, conference)]
    assert kinds[-2:] == [AuditKind.ROLE_REVOKED, AuditKind.ORGANIZATION_ERASED]


def name_lead(session, conference, row, by, email):
    words = Words("es", "Invitación", "Hola")
    proof = SignInProof(token="t" * 43, code="c" * 43)
    grant_role(
        session,
        conference_id=conference.id,
        email=email,
        role=Role.ORGANIZATION_LEAD,
        organization_id=row.id,
        language="es",
        by=by.id,
        now=NOW,
        invitation=Invitation(words, proof, b"k" * 32, timedelta(days=3)),
    )


def test_nobody_is_named_for_an_entry_that_was_erased(session):
    conference = make_conference(session)
    row = make_found(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    erase(session, conference, row, by=organizer)

    with pytest.raises(Invalid) as refusal:
        name_lead(session, conference, row, organizer, "prima@example.org")

    assert refusal.value.code == "organization_needed"


def test_whoever_is_named_at_the_moment_of_erasing_leads_nothing(session, prepared):
    for _turn in range(4):
        conference = make_conference(session)
        row = make_found(session, key=f"club-{conference.id}")
        organizer = grant(session, conference, Role.ORGANIZER)
        named = grants_of(row)
        session.commit()
        numbers = {"conference_id": conference.id, "organization_id": row.id, "by": organizer.id, "now": NOW}
        naming = {"email": "prima@example.org", "role": Role.ORGANIZATION_LEAD, "language": "es"}

        came = at_once(
            prepared,
            partial(admissions.erase_entry, **numbers),
            lambda own, said=naming | numbers: str(grant_role(own, **said)),
        )

        session.rollback()
        assert [each for each in came if each != "organization_needed" and not str(each).isdigit()] == [None]
        assert session.scalars(named).all() == []


def grants_of(row):
    in_force = models.RoleGrant.revoked_at.is_(None)
    return select(models.RoleGrant.id).where(models.RoleGrant.organization_id == row.id, in_force)


def test_memberships_that_wait_go_with_it_and_those_of_others_stay(session):
    conference = make_conference(session)
    row = make_found(session, kind=OrganizationKind.FEDERATION)
    member, parent = make_organization(session, conference), make_organization(session, conference)
    waiting = {"state": MembershipState.JOINING, "asked_by": MembershipSide.OTHERS}
    pairs = [(row.id, member.id), (parent.id, row.id), (parent.id, member.id)]
    session.add_all(
        models.FederationMembership(parent_id=one, member_id=two, **waiting) for one, two in pairs
    )
    session.flush()

    erase(session, conference, row)

    left = session.execute(
        select(models.FederationMembership.parent_id, models.FederationMembership.member_id)
    )
    assert [tuple(each) for each in left] == [(parent.id, member.id)]


def seat(session, conference, row):
    make_seat(session, conference, organization=row)


def registration(session, conference, row):
    make_registration(session, conference, organization_id=row.id)


def participation(session, conference, row):
    session.add(models.Participation(conference_id=conference.id, organization_id=row.id, position=9))


def membership(session, conference, row):
    parent = make_organization(session, conference)
    session.add(models.FederationMembership(parent_id=parent.id, member_id=row.id))


def mandate(session, conference, row):
    member = make_organization(session, conference)
    session.add(
        models.FederationMembership(
            parent_id=row.id,
            member_id=member.id,
            state=MembershipState.JOINING,
            asked_by=MembershipSide.OTHERS,
            mandate=RecordSource.PAPER,
            mandated_at=NOW,
        )
    )


def lead(session, conference, row):
    grant(session, conference, Role.ORGANIZATION_LEAD, organization=row)


def test_while_a_legal_hold_stands_in_any_conference_nothing_is_erased(session):
    conference, other = make_conference(session), make_conference(session)
    row, organizer = make_found(session), grant(session, conference, Role.ORGANIZER)
    began = {"reason": HoldReason.LEGAL_DEMAND, "begun_at": NOW}
    hold = models.LegalHold(conference_id=other.id, **began)
    session.add(hold)
    session.flush()

    with pytest.raises(Conflict) as refusal:
        erase(session, conference, row, by=organizer)

    assert (refusal.value.code, row.name) == ("entry_under_hold", "Club Hallado")
    hold.lifted_at = NOW
    session.flush()
    erase(session, conference, row, by=organizer)
    assert row.name == ""


@pytest.mark.parametrize(
    ("tie", "code"),
    [
        (seat, "entry_takes_part"),
        (registration, "entry_takes_part"),
        (participation, "entry_takes_part"),
        (membership, "entry_federated"),
        (mandate, "entry_federated"),
        (lead, "entry_led_elsewhere"),
    ],
)
def test_what_is_tied_to_an_entry_keeps_it_wherever_that_is(session, tie, code):
    conference, other = make_conference(session), make_conference(session)
    row, free = make_found(session), make_found(session, key="libre")
    tie(session, other, row)
    session.flush()

    with pytest.raises(Conflict) as refusal:
        erase(session, conference, row)

    kept = [
        erasable_entry(session, conference_id=conference.id, organization_id=one.id).kept_by
        for one in (row, free)
    ]
    assert (refusal.value.code, kept, row.name) == (code, [code, None], "Club Hallado")


@pytest.mark.parametrize(
    "values",
    [
        {"source": OrganizationSource.ENTERED, "status": OrganizationStatus.PROPOSED},
        {"source": OrganizationSource.ENTERED},
        {"source": OrganizationSource.FOUND, "claimed_at": NOW},
        {"source": OrganizationSource.INVITED},
        {"source": OrganizationSource.FOUND, "withdrawn_at": NOW},
    ],
)
def test_what_somebody_of_it_entered_or_answered_is_not_erased(session, values):
    conference = make_conference(session)
    row = make_found(session, **values)

    with pytest.raises(NotFound):
        erase(session, conference, row)
    with pytest.raises(NotFound):
        erasable_entry(session, conference_id=conference.id, organization_id=row.id)

    assert row.name == "Club Hallado"
