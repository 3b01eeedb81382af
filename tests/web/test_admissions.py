"""The organizers answer entries of the directory, bring organizations in, and name who leads them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource, OrganizationStatus
from tests.factories import NOW, grant, make_account, make_conference, make_organization, sign_in
from tests.forms import form_of, send, submit


@pytest.fixture
def conference(client, session):
    """A conference, whose organizer the client is."""
    conference = make_conference(session)
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return conference


def entered(session, conference, **values):
    """An entry that waits, and its lead."""
    defaults = {"name": "Club que Espera", "status": OrganizationStatus.PROPOSED, "website": ""}
    row = make_organization(session, **defaults | values)
    return row, grant(session, conference, Role.ORGANIZATION_LEAD, organization=row)


def mails(session):
    session.expire_all()
    return session.scalars(select(models.Message).order_by(models.Message.id)).all()


def test_an_entry_is_accepted_and_listed_and_its_lead_is_told(client, session, conference):
    _row, lead = entered(session, conference)
    page = client.get(f"/en/{conference.slug}/directory/waiting")
    assert "Club que Espera" in page.text

    accepted = send(client, form_of(page, "/accept"))

    assert accepted.status_code == 303
    assert "Club que Espera" in client.get(f"/en/{conference.slug}/organizations").text
    (mail,) = mails(session)
    assert (mail.recipient, mail.language) == (lead.email, "es")
    assert ("Club que Espera" in mail.subject + mail.body, conference.name["es"] in mail.body) == (
        False,
        False,
    )
    assert f"/es/{conference.slug}/directory/mine" in mail.body


def test_an_entry_is_refused_for_a_reason_that_its_lead_reads(client, session, conference):
    row, _lead = entered(session, conference)
    address = f"/en/{conference.slug}/directory/waiting/{row.id}/refuse"

    without = submit(client, address, to="/refuse")
    refused = submit(client, address, to="/refuse", reason="not_confirmed")

    assert (without.status_code, refused.status_code) == (422, 303)
    assert len(mails(session)) == 1
    assert "Club que Espera" not in client.get(f"/en/{conference.slug}/directory/waiting").text
    assert client.get(address).status_code == 404


def test_what_only_the_organization_may_read_is_not_shown_to_organizers_either(client, session, conference):
    entered(
        session,
        conference,
        funders="Fondo Reservado",
        affiliations="Red Abierta",
        visibility={"funders": "private"},
    )

    text = client.get(f"/en/{conference.slug}/directory/waiting").text

    assert ("Red Abierta" in text, "Fondo Reservado" in text) == (True, False)


def test_a_waiting_entry_is_seen_by_organizers_and_its_lead_alone(client, session, conference, new_client):
    row, lead = entered(session, conference)
    other_lead = grant(
        session,
        conference,
        Role.ORGANIZATION_LEAD,
        organization=make_organization(session, conference),
    )
    seen = {}
    for name, account in {
        "lead": lead,
        "other lead": other_lead,
        "official": grant(session, conference, Role.OFFICIAL),
        "signed in": make_account(session),
        "stranger": None,
    }.items():
        visitor = new_client()
        if account is not None:
            sign_in(visitor, account)
        pages = (
            "organizations",
            f"organizations/{row.key}",
            "directory/mine",
            "directory/waiting",
            "register",
        )
        texts = [visitor.get(f"/en/{conference.slug}/{page}").text for page in pages]
        seen[name] = ["Club que Espera" in text for text in texts]

    assert seen.pop("lead") == [False, False, True, False, False]
    assert seen == dict.fromkeys(seen, [False] * 5)


FOUND = {"source": "found", "name": "Club Hallado", "kind": "hta", "side": "us", "origin": "tlaxiaco"}


def test_a_found_organization_is_entered_and_its_lead_invited_by_mail(
    client, session, conference, new_client
):
    added = submit(client, f"/en/{conference.slug}/directory/add", to="/directory/add", **FOUND)
    assert (added.status_code, added.location) == (303, f"/en/{conference.slug}/directory/waiting")
    row = session.scalars(select(models.Organization)).one()
    assert (row.source, row.municipality) == (OrganizationSource.FOUND, "20397")
    address = f"/en/{conference.slug}/directory/add/{row.id}/invite"

    wrong = submit(client, address, to="/invite", email="nobody")
    invited = submit(client, address, to="/invite", email="nueva@example.org", language="es")
    again = submit(client, address, to="/invite", email="nueva@example.org")

    assert [answer.status_code for answer in (wrong, invited, again)] == [422, 303, 422]
    (mail,) = mails(session)
    assert (mail.recipient, mail.language, "Club Hallado" in mail.body) == ("nueva@example.org", "es", False)
    assert "Club Hallado" not in new_client().get(f"/en/{conference.slug}/organizations").text
    assert "has not answered" in client.get(f"/en/{conference.slug}/directory/waiting").text


def test_a_lead_without_email_is_named_and_another_organizer_prints_the_card(client, session, conference):
    row = make_organization(session, source=OrganizationSource.FOUND)

    named = submit(client, f"/en/{conference.slug}/directory/add/{row.id}/invite", to="/card")

    assert named.status_code == 303
    granted = session.scalars(select(models.RoleGrant).filter_by(organization_id=row.id)).one()
    assert session.get_one(models.Account, granted.account_id).email is None
    assert session.scalars(select(models.AccessCard)).all() == []


def test_an_entry_of_others_that_cannot_be_taken_comes_back_filled_in(client, session, conference):
    answer = submit(
        client, f"/en/{conference.slug}/directory/add", to="/directory/add", **FOUND | {"website": "x:y"}
    )

    assert (answer.status_code, 'value="Club Hallado"' in answer.text) == (422, True)
    assert session.scalars(select(models.Organization)).all() == []


def test_a_government_is_invited_by_the_organizers(client, session, conference):
    office = {"source": "invited", "kind": "government_municipal", "name": "Ayuntamiento Inventado"}

    added = submit(client, f"/en/{conference.slug}/directory/add", to="/directory/add", **FOUND | office)

    assert added.status_code == 303
    assert session.scalars(select(models.Organization.source)).one() is OrganizationSource.INVITED


def test_what_was_claimed_is_no_longer_invited_to(client, session, conference):
    row = make_organization(session, conference)

    assert client.get(f"/en/{conference.slug}/directory/add/{row.id}/invite").status_code == 404


def test_empty_pages_say_what_will_appear_there(client, session, conference):
    text = client.get(f"/en/{conference.slug}/directory/waiting").text

    assert ("Nothing waits" in text, "Bring an organization in" in text) == (True, True)


def test_somebody_of_an_earlier_conference_is_invited_and_says_that_it_takes_part(
    client, session, conference, new_client
):
    row = make_organization(session, make_conference(session), name="Club de Antes")
    lead = make_account(session)
    earlier = client.get(f"/en/{conference.slug}/directory/earlier")
    assert "Club de Antes" in earlier.text

    address = f"/en/{conference.slug}/directory/add/{row.id}/invite"
    invited = submit(client, address, to="/invite", email=lead.email, language="es")

    assert invited.status_code == 303
    assert "Club de Antes" not in client.get(f"/en/{conference.slug}/directory/earlier").text
    assert "has not answered" in client.get(f"/en/{conference.slug}/directory/waiting").text
    theirs = new_client()
    sign_in(theirs, lead)
    entry = theirs.get(f"/en/{conference.slug}/organizations/{row.key}/entry")
    assert send(theirs, form_of(entry, "/claim")).status_code == 303
    assert "Club de Antes" in new_client().get(f"/en/{conference.slug}/organizations").text


def test_who_asked_to_come_again_and_is_refused_reads_that_nothing_has_changed(client, session, conference):
    row = make_organization(session, make_conference(session))
    lead = make_account(session)
    session.add(
        models.RoleGrant(
            account_id=lead.id,
            conference_id=conference.id,
            role=Role.ORGANIZATION_LEAD,
            organization_id=row.id,
            granted_at=NOW,
            granted_by_id=lead.id,
        )
    )
    address = f"/en/{conference.slug}/directory/waiting/{row.id}/refuse"

    refused = submit(client, address, to="/refuse", reason="other_purpose")

    assert refused.status_code == 303
    (mail,) = mails(session)
    assert ("/directory/mine" in mail.body, "https://" in mail.body) == (False, False)
    assert row.withdrawn_at is None
