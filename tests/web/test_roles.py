"""The page on which organizers give roles and withdraw them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.models import AccessCard, Account, Message, Passkey, RoleGrant
from conference.policies import Permission, everybody_may, everybody_signed_in_may, roles_allowed
from conference.web.rights_wording import RIGHTS
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    sign_in,
)
from tests.forms import HTMX, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable

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
    data = {"csrf_token": token["value"], "email": ANA, "role": "chair", "organization": "", "language": "es"}
    answers = [
        client.get("/es/muestra/roles"),
        client.get("/es/muestra/roles/card"),
        client.get(f"/es/muestra/roles/{number}/revoke"),
        client.post("/es/muestra/roles", data=data),
        client.post(f"/es/muestra/roles/{number}/revoke", data=data),
    ]
    expected = [200, 200, 200, 303, 303] if role is Role.ORGANIZER else [403] * 5
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
    asked = organizer.get(link_to(page, f"/roles/{number}/revoke"))
    assert "nueva@example.org" in asked.text
    assert session.get_one(RoleGrant, number).revoked_at is None
    withdrawn = send(organizer, form_of(asked, "/revoke"))
    assert withdrawn.status_code == 303
    assert "nueva@example.org" not in organizer.get("/es/muestra/roles").text
    assert organizer.get(f"/es/muestra/roles/{number}/revoke").status_code == 404


def link_to(page: TestResponse, address: str) -> str:
    """Return the only link whose address ends so."""
    found = [
        link["href"] for link in BeautifulSoup(page.text, "html5lib").select(f'main a[href$="{address}"]')
    ]
    assert len(found) == 1
    return str(found[0])


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
    named = give(organizer, email=ANA, role="organization_lead", organization=club.key)
    assert named.status_code == 303
    assert club.name in organizer.get("/es/muestra/roles").text


def test_whoever_leads_is_written_to_when_somebody_more_is_named_by_mail_or_by_card(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    club = make_organization(session, conference)
    first = make_account(session, language="en")
    grant(session, conference, Role.ORGANIZATION_LEAD, account=first, organization=club)
    by_card = {"role": "organization_lead", "organization": club.key, "language": "es"}
    give(organizer, email=ANA, role="organization_lead", organization=club.key)
    submit(organizer, "/es/muestra/roles/card", to="/roles/card", **by_card)
    told = session.scalars(select(Message).where(Message.recipient == first.email)).all()
    assert [(mail.language, mail.subject) for mail in told] == [("en", "Your entry")] * 2
    assert {"one more person answer for your organization" in mail.body for mail in told} == {True}
    assert {club.name in mail.body + mail.subject or ANA in mail.body for mail in told} == {False}


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


def test_who_is_named_gets_a_mail_in_the_language_chosen_and_enters_by_its_link_once(
    organizer: CheckedClient, session: Session, new_client: Callable[[], CheckedClient]
) -> None:
    give(organizer, email=ANA, role="rapporteur", language="en")
    session.commit()
    mail = session.scalars(select(Message)).one()
    assert (mail.recipient, mail.language, mail.subject) == (ANA, "en", "Your invitation")
    assert "have given you a role in it: Rapporteur." in mail.body
    assert "muestra" not in mail.body.replace("%2Fmuestra%2F", "").replace("/muestra/", "")
    link = re.search(r"http://localhost(/en/sign-in/link/\S+)", mail.body)
    assert link is not None
    invited = new_client()
    entered = send(invited, form_of(invited.get(link.group(1))))
    assert (entered.status_code, entered.location) == (303, "/en/muestra/now")
    assert invited.get("/en/muestra/now").status_code == 200
    # The role works after a second factor only.
    listed = BeautifulSoup(organizer.get("/es/muestra/roles").text, "html5lib")
    assert len(listed.select("#roles li .badge-warn")) == 2
    again = new_client()
    assert send(again, form_of(again.get(link.group(1)))).status_code == 404


@pytest.mark.parametrize("role", ["credentials_committee", "door_volunteer"])
@pytest.mark.parametrize("headers", [None, HTMX])
def test_an_organizer_gives_themselves_no_role_that_sees_names(
    client: CheckedClient,
    session: Session,
    conference: Conference,
    role: str,
    headers: dict[str, str] | None,
) -> None:
    account = grant(session, conference, Role.ORGANIZER)
    sign_in(client, account)
    answer = give(client, email=str(account.email), role=role, headers=headers)
    assert answer.status_code == 403
    assert BeautifulSoup(answer.text, "html5lib").select("#role-error")
    assert session.scalar(select(func.count(RoleGrant.id))) == 1


def test_giving_roles_needs_a_fresh_proof(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    sign_in(client, grant(session, conference, Role.ORGANIZER), proved_at=long_ago, assured_at=long_ago)
    answer = give(client, email=ANA, role="chair")
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/es/confirm")
    assert session.scalar(select(func.count(RoleGrant.id))) == 1


def test_somebody_without_email_gets_a_role_and_a_card_which_is_shown_once(
    organizer: CheckedClient, session: Session, new_client: Callable[[], CheckedClient]
) -> None:
    sheet = submit(organizer, "/es/muestra/roles/card", to="/roles/card", role="chair", language="es")
    assert sheet.status_code == 200
    held = session.execute(
        select(Account.email, AccessCard.number, RoleGrant.role)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(AccessCard, AccessCard.account_id == Account.id)
    ).one()
    assert held == (None, 1, Role.CHAIR)
    code = BeautifulSoup(sheet.text, "html5lib").select_one(".ticket-code")
    assert code is not None
    # The desk turns them away: only an organizer prints the card of a role.
    assert "Tell an organizer, who prints you another." in in_english(sheet)
    assert "desk" not in in_english(sheet)
    listed = organizer.get("/es/muestra/roles")
    assert code.text not in listed.text
    holder = new_client()
    entered = submit(holder, "/es/card", to="/es/card", code=code.text)
    assert (entered.status_code, entered.location) == (303, "/es/now")


def in_english(sheet: TestResponse) -> str:
    """Return the steps beside a card, as they stand there for whoever reads English."""
    (steps,) = BeautifulSoup(sheet.text, "html5lib").select(".card-steps [lang=en]")
    return steps.get_text(" ")


def test_the_card_of_a_role_that_sees_names_is_printed_by_another_organizer(
    organizer: CheckedClient,
    session: Session,
    conference: Conference,
    new_client: Callable[[], CheckedClient],
) -> None:
    granted = submit(
        organizer, "/en/muestra/roles/card", to="/roles/card", role="door_volunteer", language="es"
    )
    assert (granted.status_code, granted.location) == (303, "/en/muestra/roles")
    number = session.scalars(select(RoleGrant.id).where(RoleGrant.role == Role.DOOR_VOLUNTEER)).one()
    listed = organizer.get("/en/muestra/roles")
    assert f"/roles/{number}/card" not in listed.text
    assert "another organizer prints the card" in listed.text
    token = form_of(listed, "/muestra/roles").select_one("[name=csrf_token]")
    assert token is not None
    refused = organizer.post(f"/en/muestra/roles/{number}/card", data={"csrf_token": token["value"]})
    assert (refused.status_code, "You gave this role yourself" in refused.text) == (403, True)
    assert session.scalar(select(func.count(AccessCard.id))) == 0
    other = new_client()
    sign_in(other, grant(session, conference, Role.ORGANIZER))
    sheet = send(other, form_of(other.get("/en/muestra/roles"), f"/roles/{number}/card"))
    assert (sheet.status_code, "desk" in in_english(sheet)) == (200, False)
    assert BeautifulSoup(sheet.text, "html5lib").select_one(".ticket-code") is not None


def test_whose_role_is_withdrawn_is_told_in_their_language_and_not_which_conference(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    chair = grant(session, conference, Role.CHAIR, account=make_account(session, language="en"))
    number = session.scalars(select(RoleGrant.id).where(RoleGrant.account_id == chair.id)).one()
    send(organizer, form_of(organizer.get(f"/es/muestra/roles/{number}/revoke"), "/revoke"))
    mail = session.scalars(select(Message)).one()
    assert (mail.recipient, mail.language, mail.subject) == (chair.email, "en", "Your role has changed")
    assert "a role of yours was withdrawn: Chair." in mail.body
    assert "http://localhost/en/rights" in mail.body
    assert "muestra" not in mail.subject + mail.body


def test_a_lost_card_of_staff_is_printed_anew_and_the_old_one_opens_nothing(
    organizer: CheckedClient, session: Session, new_client: Callable[[], CheckedClient]
) -> None:
    submit(organizer, "/es/muestra/roles/card", to="/roles/card", role="chair", language="es")
    number = session.scalars(select(RoleGrant.id).where(RoleGrant.role == Role.CHAIR)).one()
    sheet = send(organizer, form_of(organizer.get("/es/muestra/roles"), f"/roles/{number}/card"))
    assert sheet.status_code == 200
    cards = session.execute(
        select(AccessCard.number, AccessCard.revoked_at.is_(None)).order_by(AccessCard.number)
    )
    assert [tuple(card) for card in cards] == [(1, False), (2, True)]


def test_an_organizer_without_email_is_offered_no_card_of_their_own(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = grant(session, conference, Role.ORGANIZER, account=make_account(session, email=None))
    grant(session, conference, Role.CHAIR, account=make_account(session, email=None))
    sign_in(client, account)
    own, chair = (
        session.scalars(select(RoleGrant.id).where(RoleGrant.role == role)).one()
        for role in (Role.ORGANIZER, Role.CHAIR)
    )
    listed = client.get("/en/muestra/roles")
    offered = [form["action"] for form in BeautifulSoup(listed.text, "html5lib").select("#roles li form")]
    assert offered == [f"/en/muestra/roles/{chair}/card"]
    assert listed.text.count("another organizer prints you another") == 1
    token = form_of(listed, "/en/muestra/roles").select_one("[name=csrf_token]")
    assert token is not None
    refused = client.post(f"/en/muestra/roles/{own}/card", data={"csrf_token": token["value"]})
    assert (refused.status_code, session.scalars(select(AccessCard)).all()) == (403, [])
    assert "flask conference create-organizer" in refused.text
    assert client.get("/en/muestra/roles").status_code == 200


def test_whoever_gets_in_by_mail_gets_no_card_from_the_roles(
    organizer: CheckedClient, session: Session
) -> None:
    give(organizer, email=ANA, role="chair")
    number = session.scalars(select(RoleGrant.id).where(RoleGrant.role == Role.CHAIR)).one()
    page = organizer.get("/es/muestra/roles")
    assert f"/roles/{number}/card" not in page.text
    token = form_of(page, "/muestra/roles").select_one("[name=csrf_token]")
    assert token is not None
    answer = organizer.post(f"/es/muestra/roles/{number}/card", data={"csrf_token": token["value"]})
    assert answer.status_code == 409
    assert session.scalar(select(func.count(AccessCard.id))) == 0


def test_the_list_tells_who_can_show_a_second_factor_and_nothing_of_people(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    chair = grant(session, conference, Role.CHAIR)
    session.add(Passkey(account_id=chair.id, credential=b"c", public_key=b"p", verifies=True, added_at=NOW))
    grant(session, conference, Role.RAPPORTEUR)
    official = grant(session, conference, Role.OFFICIAL)
    make_registration(session, conference, account_id=official.id, badge_name="Nombre Oculto")
    page = organizer.get("/es/muestra/roles")
    assert "Nombre Oculto" not in page.text
    badges = [
        (card.select_one("h3").text, [badge["class"][1] for badge in card.select(".badge")])
        for card in BeautifulSoup(page.text, "html5lib").select("#roles li.card")
    ]
    assert badges == [
        ("Presidencia de la mesa", ["badge-good"]),
        ("Funcionaria o funcionario", []),
        ("Organizadora u organizador", ["badge-warn"]),
        ("Relatoría", ["badge-warn"]),
    ]
    # Only what is known is said: whoever reads it has come in.
    said = organizer.get("/en/muestra/roles").text
    assert (said.count("No second proof yet"), "come in yet" in said) == (2, False)


# -- the map of rights -----------------------------------------------------------------------------


def test_every_permission_has_words_of_its_own() -> None:
    assert set(RIGHTS) == set(Permission)
    assert len({str(words) for words in RIGHTS.values()}) == len(Permission)


def test_the_page_of_rights_says_what_the_policies_say(client: CheckedClient) -> None:
    page = BeautifulSoup(client.get("/en/rights").text, "html5lib")
    rows = {
        str(row.select_one("th").contents[0]).strip(): [
            bool(cell.select(".icon")) for cell in row.select("td")
        ]
        for row in page.select("table tbody tr")
    }
    columns = [cell.text for cell in page.select("table thead th")[1:]]
    shown = {
        words: {role for role, ticked in zip(columns, ticks, strict=True) if ticked}
        for words, ticks in rows.items()
    }
    assert shown["Vote for the seat that one holds."] == {"Delegate"}
    assert shown["Accept or reject who was named for a seat."] == {"Credentials committee"}
    assert shown["Name who holds the seat of one's own organization."] == {"Organization lead"}
    assert shown["Check people in and out at the doors; the badge name appears."] == {
        "Organizer",
        "Credentials committee",
        "Door volunteer",
    }
    of_roles = [permission for permission in Permission if not everybody_signed_in_may(permission)]
    assert len(shown) == len(of_roles)
    listed = {item.contents[0].strip() for item in page.select("main section li")}
    assert listed == {str(RIGHTS[permission]) for permission in Permission}


def test_who_is_allowed_is_what_the_matrix_of_people_would_say() -> None:
    assert roles_allowed(Permission.GRANT_ROLES) == {Role.ORGANIZER}
    assert roles_allowed(Permission.SEE_CREDENTIALS) == {Role.CREDENTIALS_COMMITTEE, Role.ORGANIZATION_LEAD}
    assert roles_allowed(Permission.CAST_BALLOTS) == {Role.DELEGATE}
    assert roles_allowed(Permission.READ_PUBLIC) == frozenset(Role)
    assert [everybody_may(Permission.SIGN_IN), everybody_may(Permission.SEE_NOW)] == [True, False]
    assert everybody_signed_in_may(Permission.SEE_NOW)


def test_the_last_organizer_is_told_to_name_another(organizer: CheckedClient, session: Session) -> None:
    number = session.scalars(select(RoleGrant.id)).one()
    answer = send(organizer, form_of(organizer.get(f"/es/muestra/roles/{number}/revoke"), "/revoke"))
    assert answer.status_code == 409
    assert organizer.get("/es/muestra/roles").status_code == 200
