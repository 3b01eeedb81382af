"""Bringing a table in: hidden until answered, nobody's word overwritten, all or nothing."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import (
    MembershipSide,
    MembershipState,
    OrganizationKind,
    OrganizationSource,
    OrganizationStatus,
)
from conference.domain.organization_file import OrganizationFileErrors, read_organization_file
from conference.queries.directory import organizations
from conference.queries.federations import memberships
from conference.queries.open_data import open_organizations
from conference.services.directory import claim_organization
from conference.services.organization_import import import_organizations, planned
from tests.factories import NOW, grant, make_account, make_conference, make_organization

HEAD = "key,name,kind,side,status,parents,source,funders\n"
TABLE = f"""{HEAD}fed,Federación Nueva,federation,us,active,,invited,
club,Club Nuevo,hta,us,active,fed vieja,,Fundación Secreta
"""


@pytest.fixture
def conference(session):
    return make_conference(session)


def read(text):
    rows, problems = read_organization_file(text.encode(), ("es", "en"), name="tabla.csv")
    assert problems == ()
    return rows


def bring_in(session, conference, text, by=None):
    return import_organizations(
        session, conference_id=conference.id, rows=read(text), name="tabla.csv", by=by, now=NOW
    )


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def entry(session, key):
    session.expire_all()
    return session.scalars(select(models.Organization).where(models.Organization.key == key)).one()


def test_what_is_brought_in_is_seen_by_nobody_until_it_has_answered(session, conference):
    old = make_organization(session, conference, key="vieja", kind=OrganizationKind.FEDERATION)
    organizer = grant(session, conference, Role.ORGANIZER)
    made = bring_in(session, conference, TABLE, by=organizer.id)
    assert made.counts == {"added": 2, "changed": 0, "kept": 0, "same": 0, "problems": 0}
    invited, found = entry(session, "fed"), entry(session, "club")
    assert (invited.source, invited.status) == (OrganizationSource.INVITED, OrganizationStatus.PROPOSED)
    assert (found.source, found.claimed_at) == (OrganizationSource.FOUND, None)
    # It takes no part, has no seat, and no list has it, not even the lead of a federation that it names.
    assert (count(session, models.Participation), count(session, models.Seat)) == (1, 0)
    assert [line.key for line in organizations(session, conference_id=conference.id)] == ["vieja"]
    assert [one.key for one in open_organizations(session, conference_id=conference.id)] == ["vieja"]
    assert memberships(session, organization_id=old.id) == ()
    (log,) = session.scalars(select(models.AuditEntry.entry))
    event = json.loads(log)["event"]
    assert (event["kind"], event["actor"]) == ("organizations_imported", "organizer-1")
    assert (event["added"], event["changed"], "Club Nuevo" in str(event)) == (2, 0, False)


def test_its_memberships_wait_for_both_sides_once_it_has_answered(session, conference):
    old = make_organization(session, conference, key="vieja", kind=OrganizationKind.FEDERATION)
    bring_in(session, conference, TABLE)
    links = session.scalars(select(models.FederationMembership)).all()
    assert {(link.state, link.asked_by) for link in links} == {
        (MembershipState.JOINING, MembershipSide.OTHERS)
    }
    lead = make_account(session)
    club = entry(session, "club")
    claim_organization(session, conference_id=conference.id, organization_id=club.id, by=lead.id, now=NOW)
    # To the one that has not answered itself there is nothing to see yet.
    assert [one.other.key for one in memberships(session, organization_id=club.id)] == ["vieja"]
    assert [one.other.key for one in memberships(session, organization_id=old.id)] == ["club"]
    (waiting,) = memberships(session, organization_id=old.id)
    assert waiting.waits_for_us
    assert bring_in(session, conference, TABLE).counts["kept"] == 1
    assert count(session, models.FederationMembership) == 2


def test_bringing_the_same_table_in_again_changes_nothing_and_a_corrected_one_what_differs(
    session, conference
):
    make_organization(session, conference, key="vieja", kind=OrganizationKind.FEDERATION)
    bring_in(session, conference, TABLE)
    assert bring_in(session, conference, TABLE).counts["same"] == 2
    corrected = TABLE.replace("Fundación Secreta", "Fundación Otra").replace(",fed vieja,,", ",fed,invited,")
    made = bring_in(session, conference, corrected)
    assert [(change.row.entry.key, change.columns) for change in made.changed] == [
        ("club", ("status", "source", "funders"))
    ]
    assert entry(session, "club").funders == "Fundación Otra"
    assert (count(session, models.Organization), count(session, models.FederationMembership)) == (3, 2)


@pytest.mark.parametrize(
    "values",
    [
        {"source": OrganizationSource.ENTERED},
        {"source": OrganizationSource.FOUND, "claimed_at": NOW},
        {"source": OrganizationSource.INVITED},
        {"source": OrganizationSource.FOUND, "withdrawn_at": NOW},
    ],
    ids=["entered", "claimed", "answered", "withdrawn"],
)
def test_an_entry_that_somebody_answers_for_stays_as_it_is(session, conference, values):
    make_organization(session, key="club", name="Club Nuevo", funders="Su propia palabra", **values)
    make_organization(session, conference, key="vieja", kind=OrganizationKind.FEDERATION)
    made = bring_in(session, conference, TABLE)
    assert [row.entry.key for row in made.kept] == ["club"]
    club = entry(session, "club")
    assert (club.funders, club.source) == ("Su propia palabra", values["source"])
    # Neither is it made to take part, nor to belong to anybody.
    assert (count(session, models.Participation), count(session, models.FederationMembership)) == (1, 0)


def test_with_anything_wrong_nothing_is_written(session, conference):
    make_organization(session, key="club", name="Otro Club")
    rows = read(TABLE.replace("vieja", "nadie"))
    with pytest.raises(OrganizationFileErrors) as refusal:
        import_organizations(
            session, conference_id=conference.id, rows=rows, name="tabla.csv", by=None, now=NOW
        )
    assert [(one.line, one.code) for one in refusal.value.problems] == [
        (3, "unknown_parent"),
        (3, "organization_taken"),
    ]
    assert (count(session, models.Organization), count(session, models.AuditEntry)) == (1, 0)


@pytest.mark.parametrize("number", [1, 3, 300])
def test_it_takes_as_many_statements_however_long_the_table_is(session, conference, count_queries, number):
    text = HEAD + "".join(f"club-{n},Club {n},hta,us,active,,,\n" for n in range(number))
    rows = read(text)
    with count_queries() as looked:
        planned(session, rows=rows, name="tabla.csv")
    with count_queries() as written:
        bring_in(session, conference, text)
    selects = [one for one in written if one.startswith("SELECT")]
    assert (len(looked), len(selects)) == (1, 5)
