"""Organizers change what an organization is called; nobody else gets to the page."""

from __future__ import annotations

import pytest

from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource
from tests.factories import grant, make_conference, make_organization, sign_in
from tests.forms import form_of, submit


@pytest.fixture
def conference(client, session):
    """A conference, whose organizer the client is."""
    conference = make_conference(session)
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return conference


def test_an_organizer_changes_a_name_and_everybody_reads_the_new_one(client, session, conference, new_client):
    row = make_organization(session, conference, name="Club Yalalg")
    page = f"/en/{conference.slug}/organizations/{row.key}"
    assert f'href="{page}/name"' in client.get(page).text

    changed = submit(client, f"{page}/name", to="/name", name="Club Yalálag")

    assert (changed.status_code, changed.location) == (303, page)
    stranger = new_client().get(page).text
    assert ("Club Yalálag" in stranger, "Club Yalalg" in stranger, "/name" in stranger) == (
        True,
        False,
        False,
    )
    log = client.get(f"/en/{conference.slug}/audit").text
    assert f"changed the name of entry {row.id} of the directory" in log


@pytest.mark.parametrize(("typed", "status"), [("", 422), ("Club Propio", 422), ("COMITE TLAXIACO", 409)])
def test_a_name_that_is_refused_comes_back_as_it_was_typed(client, session, conference, typed, status):
    row = make_organization(session, conference, name="Club Propio")
    make_organization(session, conference, name="Comité Tlaxiaco")
    address = f"/en/{conference.slug}/organizations/{row.key}/name"

    refused = submit(client, address, to="/name", name=typed)

    field = form_of(refused, "/name").select_one("[name=name]")
    assert (refused.status_code, field["value"], field["aria-invalid"]) == (status, typed, "true")
    session.expire_all()
    assert row.name == "Club Propio"


def test_one_without_a_lead_is_named_from_the_list_of_those_that_wait(client, session, conference):
    row = make_organization(session, name="Club Halado", source=OrganizationSource.FOUND)
    listing = f"/en/{conference.slug}/directory/waiting"
    address = f"/en/{conference.slug}/organizations/{row.key}/name"
    assert f'href="{address}"' in client.get(listing).text

    changed = submit(client, address, to="/name", name="Club Hallado")

    assert (changed.status_code, changed.location) == (303, listing)
    assert "Club Hallado" in client.get(listing).text


def test_a_lead_does_not_get_there(client, session):
    conference = make_conference(session)
    row = make_organization(session, conference)
    sign_in(client, grant(session, conference, Role.ORGANIZATION_LEAD, organization=row))

    assert client.get(f"/en/{conference.slug}/organizations/{row.key}/name").status_code == 403
