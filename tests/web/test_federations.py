"""The pages of federations: what leads ask and answer, what the committee records, what everybody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import (
    MembershipSide,
    MembershipState,
    OrganizationKind,
    OrganizationSource,
    RecordSource,
)
from tests.factories import NOW, grant, make_conference, make_organization, sign_in
from tests.forms import form_of, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from conference.models import Conference, Organization
    from tests.clients import CheckedClient

FEDERATION = OrganizationKind.FEDERATION


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


@pytest.fixture
def club(session: Session, conference: Conference) -> Organization:
    return make_organization(session, conference, key="club", name="Club Yalálag", municipality="20559")


@pytest.fixture
def federation(session: Session, conference: Conference) -> Organization:
    return make_organization(
        session, conference, key="federacion", name="Federación Norte", kind=FEDERATION, municipality="20067"
    )


@pytest.fixture
def pair(federation: Organization, club: Organization) -> tuple[Organization, Organization]:
    return federation, club


@pytest.fixture
def of_club(
    session: Session, conference: Conference, club: Organization, new_client: Callable[[], CheckedClient]
) -> CheckedClient:
    client = new_client()
    sign_in(client, grant(session, conference, Role.ORGANIZATION_LEAD, organization=club))
    return client


@pytest.fixture
def of_federation(
    session: Session,
    conference: Conference,
    federation: Organization,
    new_client: Callable[[], CheckedClient],
) -> CheckedClient:
    client = new_client()
    sign_in(client, grant(session, conference, Role.ORGANIZATION_LEAD, organization=federation))
    return client


def linked(session: Session, parent: Organization, member: Organization, **values: object) -> None:
    session.add(models.FederationMembership(parent_id=parent.id, member_id=member.id, **values))
    session.flush()


def post(client: CheckedClient, address: str, **fields: str):
    page = client.get(address).get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return client.post(address, data=fields | {"csrf_token": token})


def text(client: CheckedClient, address: str, **options: object) -> str:
    return client.get(address, **options).get_data(as_text=True)


def standing(session: Session) -> list[tuple[object, ...]]:
    session.rollback()
    rows = session.query(models.FederationMembership).all()
    return [(row.state, row.asked_by, row.mandate) for row in rows]


HOME = "/es/muestra/organizations/{}/federations"
OF_CLUB, OF_FEDERATION = HOME.format("club"), HOME.format("federacion")


def test_a_club_asks_the_federation_agrees_and_the_club_gives_and_ends_its_mandate(
    session: Session, of_club: CheckedClient, of_federation: CheckedClient, client: CheckedClient
) -> None:
    found = text(of_club, f"{OF_CLUB}/ask?q=norte")
    assert 'value="federacion"' in found
    answer = post(of_club, f"{OF_CLUB}/ask", other="federacion", side="member")
    assert (answer.status_code, answer.location) == (303, OF_CLUB)
    assert standing(session) == [(MembershipState.JOINING, MembershipSide.MEMBER, None)]
    # Nobody else sees a request.
    assert "Yalálag" not in text(client, "/es/muestra/federations")
    assert "Federación Norte" not in text(client, "/es/muestra/organizations/club")

    agree = f"{OF_FEDERATION}/parent/club/agree-to-join"
    assert f'href="{agree}"' in text(of_federation, OF_FEDERATION)
    assert post(of_federation, agree).status_code == 303
    assert "Yalálag" in text(client, "/es/muestra/federations")

    for act, mandate in (("give-mandate", RecordSource.SYSTEM), ("revoke-mandate", None)):
        address = f"{OF_CLUB}/member/federacion/{act}"
        assert f'href="{address}"' in text(of_club, OF_CLUB)
        assert post(of_club, address).status_code == 303
        assert standing(session) == [(MembershipState.ACTIVE, None, mandate)]


def test_parting_takes_both_and_can_be_refused_or_taken_back(
    session: Session, of_club: CheckedClient, of_federation: CheckedClient, pair
) -> None:
    linked(session, *pair)
    mine, theirs = f"{OF_CLUB}/member/federacion", f"{OF_FEDERATION}/parent/club"
    acts = [
        (of_club, f"{mine}/ask-to-leave", MembershipState.LEAVING),
        (of_federation, f"{theirs}/refuse-to-leave", MembershipState.ACTIVE),
        (of_federation, f"{theirs}/ask-to-leave", MembershipState.LEAVING),
        (of_federation, f"{theirs}/take-back", MembershipState.ACTIVE),
        (of_federation, f"{theirs}/ask-to-leave", MembershipState.LEAVING),
    ]
    for who, address, state in acts:
        assert post(who, address).status_code == 303
        assert [row[0] for row in standing(session)] == [state]
    assert post(of_club, f"{mine}/agree-to-leave").status_code == 303
    assert standing(session) == []


def test_what_others_entered_takes_the_agreement_of_both(
    session: Session, of_club: CheckedClient, of_federation: CheckedClient, pair
) -> None:
    linked(session, *pair, state=MembershipState.JOINING, asked_by=MembershipSide.OTHERS)
    assert post(of_club, f"{OF_CLUB}/member/federacion/agree-to-join").status_code == 303
    assert standing(session) == [(MembershipState.JOINING, MembershipSide.MEMBER, None)]
    assert post(of_federation, f"{OF_FEDERATION}/parent/club/agree-to-join").status_code == 303
    assert standing(session) == [(MembershipState.ACTIVE, None, None)]


def test_a_circle_is_refused_with_its_chain_and_the_page_stays(
    session: Session, conference: Conference, of_federation: CheckedClient, federation
) -> None:
    low = make_organization(session, conference, key="baja", name="Federación Mixteca", kind=FEDERATION)
    linked(session, federation, low)
    session.query(models.FederationMembership).delete()
    middle = make_organization(session, conference, key="media", name="Federación Media", kind=FEDERATION)
    linked(session, federation, middle)
    linked(session, middle, low)
    answer = post(of_federation, f"{OF_FEDERATION}/ask", other="baja", side="member")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Federación Mixteca → Federación Media → Federación Norte" in page
    assert 'name="q"' in page


@pytest.mark.parametrize(
    "address",
    [
        OF_FEDERATION,
        f"{OF_FEDERATION}/ask",
        f"{OF_FEDERATION}/parent/club/agree-to-join",
        HOME.format("nobody"),
    ],
)
def test_another_organizations_lead_gets_nothing(
    session: Session, of_club: CheckedClient, pair, address: str
) -> None:
    linked(session, *pair, state=MembershipState.JOINING, asked_by=MembershipSide.MEMBER)
    answer = of_club.get(address)
    assert (answer.status_code, "Federación Norte" in answer.get_data(as_text=True)) == (403, False)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{OF_CLUB}/member/federacion/agree-to-join", 409),  # one's own request
        (f"{OF_CLUB}/member/federacion/give-mandate", 409),  # not joined yet
        (f"{OF_CLUB}/parent/federacion/take-back", 404),  # the other way round
        (f"{OF_CLUB}/others/federacion/take-back", 404),
        (f"{OF_CLUB}/member/federacion/ask-to-join", 409),
        (f"{OF_CLUB}/member/federacion/dance", 404),
        (f"{OF_CLUB}/member/nobody/take-back", 404),
    ],
)
def test_what_is_not_open_is_refused(
    session: Session, of_club: CheckedClient, pair, address: str, status: int
) -> None:
    linked(session, *pair, state=MembershipState.JOINING, asked_by=MembershipSide.MEMBER)
    assert of_club.get(address).status_code == status


def test_who_is_not_listed_is_neither_found_nor_shown_nor_asked(
    session: Session, conference: Conference, of_club: CheckedClient, club, client: CheckedClient
) -> None:
    hidden = {
        "found": make_organization(
            session,
            conference,
            name="Hallada en secreto",
            key="hallada",
            kind=FEDERATION,
            source=OrganizationSource.FOUND,
        ),
        "withdrawn": make_organization(
            session, conference, name="Retirada en secreto", key="retirada", kind=FEDERATION, withdrawn_at=NOW
        ),
    }
    for one in hidden.values():
        linked(session, one, club, state=MembershipState.JOINING, asked_by=MembershipSide.PARENT)
    pages = [
        text(of_club, OF_CLUB),
        text(of_club, f"{OF_CLUB}/ask?q=secreto"),
        text(of_club, f"{OF_CLUB}/member/hallada/agree-to-join"),
        text(client, "/es/muestra/federations"),
    ]
    assert [("en secreto" in page or "hallada" in page) for page in pages[:2]] == [False, False]
    assert [("en secreto" in page) for page in pages] == [False] * 4
    assert post(of_club, f"{OF_CLUB}/ask", other="hallada", side="member").status_code == 409


def test_a_tree_is_grouped_by_origin_or_destination_as_far_as_everybody_may_know(
    session: Session, conference: Conference, pair, client: CheckedClient
) -> None:
    federation, club = pair
    top = make_organization(session, conference, name="Confederación Mundo", kind=FEDERATION)
    shy = make_organization(
        session,
        conference,
        name="Club Reservado",
        municipality="21114",
        us_state="OR",
        us_city="Pueblo Pequeño",
        visibility={"origin": "private", "destination": "private"},
    )
    club.us_state, club.us_city = "WA", "Ciudad Reservada"
    linked(session, top, federation)
    linked(session, federation, club)
    linked(session, federation, shy)
    by_origin = text(client, "/es/muestra/federations")
    # Who shows no origin stands among those that do not say, never under its state.
    assert [name in by_origin for name in ("<h2>Oaxaca</h2>", "<h2>Puebla</h2>")] == [True, False]
    assert "Club Reservado" in by_origin
    by_destination = text(client, "/es/muestra/federations?by=destination")
    assert "<h2>Washington</h2>" in by_destination
    assert [
        name in by_destination for name in ("Oregón", "Oregon", "Pueblo Pequeño", "Ciudad Reservada")
    ] == [False] * 4
    only = text(client, "/es/muestra/federations?by=destination&state=WA", headers={"HX-Request": "true"})
    assert ("Club Yalálag" in only, "Club Reservado" in only, "<html" in only) == (True, False, False)
    # What is not offered filters nothing.
    assert "Club Reservado" in text(client, "/es/muestra/federations?state=99")


def test_the_committee_records_what_came_on_paper(
    session: Session, conference: Conference, client: CheckedClient, pair, of_club: CheckedClient
) -> None:
    linked(session, *pair)
    sign_in(client, grant(session, conference, Role.CREDENTIALS_COMMITTEE))
    fields = {"federation": "federacion", "member": "club"}
    assert post(client, "/es/muestra/mandates", act="give-mandate", **fields).status_code == 303
    assert standing(session) == [(MembershipState.ACTIVE, None, RecordSource.PAPER)]
    # Its lead sees that it was recorded, and can end it.
    assert f"{OF_CLUB}/member/federacion/revoke-mandate" in text(of_club, OF_CLUB)
    assert post(client, "/es/muestra/mandates", act="revoke-mandate", **fields).status_code == 303
    assert standing(session) == [(MembershipState.ACTIVE, None, None)]
    for wrong in ({"act": "ask-to-leave"}, {"act": "give-mandate", "member": "nobody"}):
        assert post(client, "/es/muestra/mandates", **fields | wrong).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["Club Yalálag", "Comité Ñuu Savi"]),
        ("YALALAG", ["Club Yalálag"]),
        ("nuu comite", ["Comité Ñuu Savi"]),
        ("federacion", ["Club Yalálag", "Comité Ñuu Savi"]),
        ("Tlaxiaco", []),
    ],
)
def test_a_mandate_is_found_by_the_name_of_either_side_however_it_is_spelled(
    session: Session,
    conference: Conference,
    client: CheckedClient,
    pair,
    *,
    search: str,
    found: list[str],
    headers: dict[str, str],
) -> None:
    federation, _club = pair
    linked(session, *pair)
    linked(session, federation, make_organization(session, conference, name="Comité Ñuu Savi"))
    sign_in(client, grant(session, conference, Role.CREDENTIALS_COMMITTEE))
    address = f"/es/muestra/mandates?q={search}"
    shown = BeautifulSoup(text(client, address, headers=headers), "html5lib")
    assert [name.text for name in shown.select(".rows h2")] == found
    assert (shown.select_one("header") is None) == bool(headers)
    assert bool(shown.select("a[href='/es/muestra/mandates']")) == (not found)


def test_whoever_records_a_mandate_comes_back_to_what_they_looked_for(
    session: Session, conference: Conference, client: CheckedClient, pair
) -> None:
    linked(session, *pair)
    sign_in(client, grant(session, conference, Role.CREDENTIALS_COMMITTEE))
    page = client.get("/es/muestra/mandates?q=yalalag")
    answer = send(client, form_of(page, "/mandates?q=yalalag"))
    assert (answer.status_code, answer.location) == (303, "/es/muestra/mandates?q=yalalag")
    assert standing(session) == [(MembershipState.ACTIVE, None, RecordSource.PAPER)]
