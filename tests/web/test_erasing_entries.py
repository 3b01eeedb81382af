"""Organizers erase an entry that nobody has answered for: asked once more, and without scripts."""

from __future__ import annotations

import pytest

from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource
from tests.factories import grant, make_conference, make_organization, make_seat, sign_in
from tests.forms import submit


@pytest.fixture
def conference(client, session):
    """A conference, whose organizer the client is."""
    conference = make_conference(session)
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return conference


def test_an_entry_is_erased_from_the_list_after_being_asked_once_more(client, session, conference):
    row = make_organization(session, name="Club Hallado", source=OrganizationSource.FOUND)
    listing = f"/en/{conference.slug}/directory/waiting"
    address = f"{listing}/{row.id}/erase"
    assert f'href="{address}"' in client.get(listing).text
    assert "Club Hallado" in client.get(address).text
    assert "Club Hallado" in client.get(listing).text

    erased = submit(client, address, to="/erase")

    assert (erased.status_code, erased.location) == (303, listing)
    assert "Club Hallado" not in client.get(listing).text
    log = client.get(f"/en/{conference.slug}/audit").text
    assert (f"erased entry {row.id} of the directory" in log, "Club Hallado" in log) == (True, False)
    assert client.get(address).status_code == 404


def test_what_keeps_an_entry_is_said_in_place_of_the_button(client, session, conference):
    row = make_organization(session, name="Club Hallado", source=OrganizationSource.FOUND)
    address = f"/en/{conference.slug}/directory/waiting/{row.id}/erase"
    token = client.get(address).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    make_seat(session, conference, organization=row)
    session.commit()

    shown = client.get(address)
    refused = client.post(address, data={"csrf_token": token})

    assert (shown.status_code, refused.status_code) == (200, 409)
    for answer in (shown, refused):
        assert ("cannot be erased" in answer.text, f'action="{address}"' in answer.text) == (True, False)
    session.expire_all()
    assert row.name == "Club Hallado"


def test_without_the_token_of_the_page_nothing_is_erased(client, session, conference):
    row = make_organization(session, name="Club Hallado", source=OrganizationSource.FOUND)

    answer = client.post(f"/en/{conference.slug}/directory/waiting/{row.id}/erase")

    session.expire_all()
    assert (answer.status_code, row.name) == (403, "Club Hallado")
