"""Open data on their addresses: what is public and nothing else, and an answer that is not sent twice."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import (
    EntryField,
    MembershipSide,
    MembershipState,
    OrganizationKind,
    OrganizationSource,
)
from tests.factories import NOW, grant, make_conference, make_organization, make_registration, make_seat

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient

TABLE, DOCUMENT = "/es/muestra/organizations.csv", "/es/muestra/organizations.json"
EVERYTHING = {
    "municipality": "20067",
    "place": "Pueblo escrito a mano",
    "us_state": "OR",
    "us_city": "Ciudad de los Muchos",
    "languages": ["zap"],
    "description": {"es": "Lo que somos"},
    "website": "https://club.example",
    "legal_form": "us_nonprofit",
    "funders": "Quien paga",
    "affiliations": "A quien pertenece",
}


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


def rows(client: CheckedClient) -> list[dict[str, str]]:
    content = client.get(TABLE).get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def document(client: CheckedClient) -> dict[str, object]:
    return json.loads(client.get(DOCUMENT).data)


def test_what_is_public_is_there_and_what_is_kept_is_not(
    session: Session, conference: Conference, client: CheckedClient
) -> None:
    public = dict.fromkeys(EntryField, "public")
    make_organization(session, conference, key="a-abierta", name="Abierta", visibility=public, **EVERYTHING)
    make_organization(session, conference, key="b-normal", name="Normal", **EVERYTHING)
    for word in ("members", "private", "nonsense"):
        kept = dict.fromkeys(EntryField, word)
        make_organization(session, conference, key=f"c-{word}", name=word, visibility=kept, **EVERYTHING)
    by_key = {row["key"]: row for row in rows(client)}
    said = {key: {name for name, value in row.items() if value} for key, row in by_key.items()}
    always = {"key", "name", "kind", "side", "status"}
    origin = {"municipality", "municipality_name", "origin_state"}
    others = {"languages", "website", "funders", "affiliations", "description_es"}
    assert said == {
        "a-abierta": always | origin | others | {"us_state", "us_city", "legal_form"},
        "b-normal": always | origin | others | {"us_state"},
        # A state is too large to look for anybody in it.
        "c-members": always | {"us_state"},
        "c-private": always,
        "c-nonsense": always,
    }
    answers = client.get(TABLE).get_data(as_text=True) + client.get(DOCUMENT).get_data(as_text=True)
    assert answers.count("Ciudad de los Muchos") == 2


def test_nobody_is_in_the_data_who_is_not_shown_or_takes_no_part(
    session: Session, conference: Conference, client: CheckedClient
) -> None:
    shown = make_organization(session, conference, key="mostrada", kind=OrganizationKind.FEDERATION)
    hidden = [
        make_organization(session, conference, name="Oculta", source=OrganizationSource.FOUND),
        make_organization(session, conference, name="Oculta", withdrawn_at=NOW),
        make_organization(session, name="Oculta"),
        make_organization(session, make_conference(session), name="Oculta"),
    ]
    claimed = make_organization(
        session, conference, key="reclamada", source=OrganizationSource.FOUND, claimed_at=NOW
    )
    asking = make_organization(session, conference, key="pide")
    for one in (*hidden, claimed):
        session.add(models.FederationMembership(parent_id=shown.id, member_id=one.id))
        if one is not claimed:
            session.add(models.FederationMembership(parent_id=one.id, member_id=asking.id))
    session.add(
        models.FederationMembership(
            parent_id=shown.id,
            member_id=asking.id,
            state=MembershipState.JOINING,
            asked_by=MembershipSide.MEMBER,
        )
    )
    found = {row["key"]: row["federations"] for row in rows(client)}
    assert found == {"mostrada": "", "reclamada": "mostrada", "pide": ""}
    assert "Oculta" not in client.get(DOCUMENT).get_data(as_text=True)


def test_no_person_is_in_the_data(session: Session, conference: Conference, client: CheckedClient) -> None:
    seat = make_seat(session, conference, votes=3)
    club = session.get_one(models.Organization, seat.organization_id)
    lead = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    make_registration(session, conference, organization_id=club.id, account_id=lead.id, badge_name="Zenaida")
    secret = ("Zenaida", lead.email)
    for address in (TABLE, DOCUMENT, "/es/muestra/open-data"):
        answer = client.get(address).get_data(as_text=True)
        assert [word in answer for word in secret] == [False, False]
    assert [row["votes"] for row in rows(client)] == ["3"]


@pytest.mark.parametrize("address", [TABLE, DOCUMENT])
def test_what_has_not_changed_is_not_sent_again(
    session: Session, conference: Conference, client: CheckedClient, address: str
) -> None:
    club = make_organization(session, conference)
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    club.name = "Otro Nombre"
    changed = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, "Otro Nombre" in changed.get_data(as_text=True)) == (200, True)


def test_the_data_say_what_they_cover_in_each_language_and_how_they_may_be_used(
    session: Session, conference: Conference, client: CheckedClient
) -> None:
    found = document(client)
    assert found["coverage"].keys() == {"es", "en"}
    assert found["coverage"]["en"].startswith("This lists only associations that chose to be listed")
    assert found["license"]["url"] == "https://creativecommons.org/licenses/by/4.0/"
    assert document(client) == json.loads(client.get(DOCUMENT.replace("/es/", "/en/")).data) | {
        "conference": found["conference"],
        "documentation": found["documentation"],
    }
    for address in (TABLE, DOCUMENT):
        links = client.get(address).headers["Link"]
        assert '</es/muestra/open-data>; rel="describedby"' in links
    page = client.get("/en/muestra/open-data").get_data(as_text=True)
    assert found["coverage"]["en"] in page
    assert [f"<code>{name}</code>" in page for name in ("key", "us_city", "description_en")] == [True] * 3
