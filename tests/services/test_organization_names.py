"""What an organization is called: changed by organizers, and kept where it was voted on."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agreements import Choice
from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource, OrganizationStatus
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.queries.audit import log_page
from conference.queries.directory import organization
from conference.services.accounts import Words
from conference.services.admissions import rename_organization
from tests.factories import NOW, grant, make_conference, make_organization, make_seat
from tests.services.test_directory import put_question


def rename(session, conference, row, name):
    organizer = grant(session, conference, Role.ORGANIZER)
    rename_organization(
        session,
        conference_id=conference.id,
        organization_id=row.id,
        name=name,
        letter=lambda language: Words(language, "Your entry", "Called otherwise"),
        by=organizer.id,
        now=NOW,
    )


def test_an_organization_is_called_otherwise_its_lead_is_told_and_the_log_names_neither(session):
    conference = make_conference(session)
    row = make_organization(session, conference, name="Club Yalalg")
    lead = grant(session, conference, Role.ORGANIZATION_LEAD, organization=row)
    key = row.key

    rename(session, conference, row, "Club Yalálag")

    assert (row.name, row.key) == ("Club Yalálag", key)
    assert [(mail.recipient, mail.body) for mail in session.scalars(select(models.Message))] == [
        (lead.email, "Called otherwise")
    ]
    (entry,) = log_page(session, conference_id=conference.id, before=None, length=9).entries
    assert {name: entry.event[name] for name in ("kind", "actor", "organization")} == {
        "kind": "organization_renamed",
        "actor": "organizer-1",
        "organization": row.id,
    }
    assert "yal" not in str(entry.event).casefold()


def test_what_was_voted_on_keeps_the_name_of_then(session):
    conference = make_conference(session)
    row = make_organization(session, conference, name="Club")
    seat = make_seat(session, conference, organization=row)
    put_question(session, conference, seat, number=1, choices=[Choice.YES])

    rename(session, conference, row, "Club de Hoy")

    found = organization(session, conference_id=conference.id, key=row.key)
    assert (found.line.name, [vote.cast_as for vote in found.votes]) == ("Club de Hoy", ["Club"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "organization_name_needed"),
        ("Club Yalálag", "organization_name_unchanged"),
        ("COMITE TLAXIACO", "organization_name_taken"),
        ("club hallado", "organization_name_taken"),
    ],
)
def test_a_name_that_says_nothing_or_is_another_s_is_refused(session, name, code):
    conference = make_conference(session)
    row = make_organization(session, conference, name="Club Yalálag")
    make_organization(session, conference, name="Comité Tlaxiaco")
    make_organization(session, name="Club Hallado", source=OrganizationSource.FOUND)

    with pytest.raises((Invalid, Conflict)) as refusal:
        rename(session, conference, row, name)

    assert (refusal.value.code, row.name) == (code, "Club Yalálag")


def test_only_its_own_accents_may_change_and_what_nobody_shows_takes_no_name(session):
    conference = make_conference(session)
    row = make_organization(session, conference, name="Club Yalalag")
    make_organization(session, conference, name="Club Retirado", withdrawn_at=NOW)
    make_organization(session, name="Club Propuesto", status=OrganizationStatus.PROPOSED)

    for name in ("Club Yalálag", "Club Retirado", "Club Propuesto"):
        rename(session, conference, row, name)
        assert row.name == name


def test_organizers_name_what_takes_part_here_or_has_no_lead_yet_and_nothing_else(session):
    conference, other = make_conference(session), make_conference(session)
    found = make_organization(session, source=OrganizationSource.FOUND)
    elsewhere = make_organization(session, other)
    gone = make_organization(session, conference, withdrawn_at=NOW)
    waiting = make_organization(session, status=OrganizationStatus.PROPOSED)
    grant(session, conference, Role.ORGANIZATION_LEAD, organization=waiting)

    rename(session, conference, found, "Club Hallado")
    for row in (elsewhere, gone, waiting):
        with pytest.raises(NotFound):
            rename(session, conference, row, "Club Ajeno")

    assert found.name == "Club Hallado"
