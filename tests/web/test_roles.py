"""The page on which organizers give roles and withdraw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.models import Account, RoleGrant
from tests.factories import (
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    sign_in,
)
from tests.forms import HTMX, form_of, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Conference
    from tests.clients import CheckedClient

ANA = "ana@example.org"


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


@pytest.fixture
def organizer(client: CheckedClient, session: Session, conference: Conference) -> CheckedClient:
    """An organizer, signed in."""
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return client


def somebody(session: Session, conference: Conference, role: Role) -> Account:
    """Return somebody who has the role, granted or earned."""
    if role is Role.DELEGATE:
        return make_delegate(session, conference)[0]
    if role is Role.ATTENDEE:
        account = make_account(session)
        make_registration(session, conference, account_id=account.id)
        return account
    leads = role is Role.ORGANIZATION_LEAD
    return grant(
        session, conference, role, organization=make_organization(session, conference) if leads else None
    )


@pytest.mark.parametrize("role", Role)
def test_only_organizers_see_and_give_roles(
    client: CheckedClient, session: Session, conference: Conference, role: Role
) -> None:
    hidden = grant(session, conference, Role.CHAIR)
    number = session.scalars(select(RoleGrant.id).where(RoleGrant.account_id == hidden.id)).one()
    sign_in(client, somebody(session, conference, role))
    form = client.get("/es/")
    token = BeautifulSoup(form.text, "html5lib").select_one("[name=csrf_token]")
    assert token is not None
    data = {"csrf_token": token["value"], "email": ANA, "role": "chair", "organization": ""}
    answers = [
        client.get("/es/muestra/roles"),
        client.post("/es/muestra/roles", data=data),
        client.post(f"/es/muestra/roles/{number}/revoke", data=data),
    ]
    expected = [200, 303, 303] if role is Role.ORGANIZER else [403, 403, 403]
    assert [answer.status_code for answer in answers] == expected
    assert any(hidden.email in answer.text for answer in answers) is (role is Role.ORGANIZER)
    revoked = session.get_one(RoleGrant, number).revoked_at
    assert (revoked is not None) is (role is Role.ORGANIZER)


def test_an_organizer_of_another_conference_has_no_say_here(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    sign_in(client, grant(session, make_conference(session), Role.ORGANIZER))
    assert client.get("/es/muestra/roles").status_code == 403


def test_a_role_is_given_and_withdrawn(organizer: CheckedClient, session: Session) -> None:
    given = give(organizer, email="Nueva@example.org", role="rapporteur")
    assert (given.status_code, given.location) == (303, "/es/muestra/roles")
    page = organizer.get("/es/muestra/roles")
    assert "nueva@example.org" in page.text
    number = session.scalars(select(RoleGrant.id).where(RoleGrant.role == Role.RAPPORTEUR)).one()
    withdrawn = send(organizer, form_of(page, f"/roles/{number}/revoke"))
    assert withdrawn.status_code == 303
    assert "nueva@example.org" not in organizer.get("/es/muestra/roles").text


def give(client: CheckedClient, headers: dict[str, str] | None = None, **values: str) -> TestResponse:
    page = BeautifulSoup(client.get("/es/muestra/roles").text, "html5lib")
    form = page.select_one('main form[action="/es/muestra/roles"]')
    assert form is not None
    return send(client, form, headers=headers, **values)


def test_the_same_role_again_is_refused_beside_the_address(
    organizer: CheckedClient, session: Session
) -> None:
    give(organizer, email=ANA, role="chair")
    for headers in (None, HTMX):
        again = give(organizer, email=ANA, role="chair", headers=headers)
        assert again.status_code == 409
        soup = BeautifulSoup(again.text, "html5lib")
        assert soup.select("#email-error")
        field = soup.select_one("#email")
        assert field is not None
        assert field["value"] == ANA
    assert session.scalar(select(func.count(RoleGrant.id))) == 2


@pytest.mark.parametrize("role", ["delegate", "attendee", "king", ""])
def test_earned_and_unknown_roles_are_not_offered(
    organizer: CheckedClient, session: Session, role: str
) -> None:
    assert give(organizer, email=ANA, role=role).status_code == 422
    assert session.scalar(select(func.count(Account.id)).where(Account.email == ANA)) == 0


def test_a_lead_needs_an_organization_of_this_conference(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    club = make_organization(session, conference)
    elsewhere = make_organization(session, make_conference(session), name="Club Ajeno")
    assert "Club Ajeno" not in organizer.get("/es/muestra/roles").text
    for organization in ("", str(elsewhere.id), "x"):
        answer = give(organizer, email=ANA, role="organization_lead", organization=organization)
        assert answer.status_code == 422
        assert BeautifulSoup(answer.text, "html5lib").select("#organization-error")
        assert not BeautifulSoup(answer.text, "html5lib").select("#email-error")
    named = give(organizer, email=ANA, role="organization_lead", organization=str(club.id))
    assert named.status_code == 303
    assert club.name in organizer.get("/es/muestra/roles").text


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_lead_without_organization_is_asked_for_it_in_the_form_as_it_was_filled_in(
    organizer: CheckedClient, session: Session, headers: dict[str, str] | None
) -> None:
    answer = give(organizer, email=ANA, role="organization_lead", organization="", headers=headers)
    page = BeautifulSoup(answer.text, "html5lib")
    assert answer.status_code == 422
    said = page.select_one("#organization-error")
    assert said is not None
    assert "Elija la organización por la que responde esta persona." in said.text
    assert [field["value"] for field in page.select("#email, #role [selected]")] == [ANA, "organization_lead"]
    assert session.scalar(select(func.count(Account.id)).where(Account.email == ANA)) == 0


def test_the_last_organizer_is_told_to_name_another(organizer: CheckedClient, session: Session) -> None:
    number = session.scalars(select(RoleGrant.id)).one()
    answer = send(organizer, form_of(organizer.get("/es/muestra/roles"), f"/{number}/revoke"))
    assert answer.status_code == 409
    assert organizer.get("/es/muestra/roles").status_code == 200


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_list_of_roles_takes_the_same_statements_whatever_its_length(
    organizer: CheckedClient,
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
    number: int,
) -> None:
    for _ in range(number):
        grant(session, conference, Role.CHAIR)
    session.commit()
    with count_queries() as queries:
        page = organizer.get("/es/muestra/roles")
    assert len(BeautifulSoup(page.text, "html5lib").select("#roles li")) == number + 1
    assert len(queries) == 5
