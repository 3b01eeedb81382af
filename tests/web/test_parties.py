"""Groups of an organization: places now, names later or never, one turn in the line for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.directory import OrganizationKind
from conference.domain.registration import Category, PhotoPreference, Purpose, RegistrationStatus
from conference.models import Account, Conference, Consent, Organization, Party, Places, Registration
from conference.services.groups import register_group
from conference.services.parties import offer_freed
from conference.services.registration import register
from conference.web.keys import key_for
from tests.factories import grant, make_conference, make_organization, make_registration, sign_in
from tests.forms import HTMX, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

GROUPS = "/en/muestra/groups"
NEW = f"{GROUPS}/new"
MOMENT = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference that is open for registration, and still to come: nothing is offered after it."""
    return make_conference(session, slug="muestra", first_day=datetime.now(UTC).date() + timedelta(days=30))


@pytest.fixture
def club(session: Session, conference: Conference) -> Organization:
    """The lead's organization."""
    return make_organization(session, conference, name="Club Ñuu Savi")


@pytest.fixture
def lead(session: Session, conference: Conference, club: Organization, client: CheckedClient) -> Account:
    """Whoever leads the organization, signed in."""
    account = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    sign_in(client, account)
    return account


def words(response: TestResponse) -> str:
    return " ".join(BeautifulSoup(response.text, "html.parser").get_text(" ").split())


def key_of(app: Flask) -> bytes:
    with app.app_context():
        return key_for("tickets")


def make_group(
    app: Flask, session: Session, conference: Conference, club: Organization, size: int = 3, **values: Any
) -> int:
    """Register a group with the application's key; return its number."""
    start = values.pop("start", 0)
    least = {
        "category": Category.ATTENDEE,
        "nonces": [f"{start + number:032x}" for number in range(size)],
        "key": key_of(app),
        "language": "es",
        "by": None,
        "now": MOMENT,
    }
    group = register_group(
        session, conference_id=conference.id, organization_id=club.id, size=size, **least | values
    )
    return group.party_id


def people(session: Session) -> list[Registration]:
    return list(session.scalars(select(Registration).order_by(Registration.id)))


# -- registering -----------------------------------------------------------------------------------


def test_a_lead_holds_places_for_guests_whom_nobody_has_named(
    client: CheckedClient, session: Session, lead: Account, club: Organization
) -> None:
    answer = submit(client, NEW, size="6", category="attendee")
    group = session.scalars(select(Party)).one()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{GROUPS}/{group.id}")
    assert {(row.badge_name, row.status, row.organization_id, row.account_id) for row in people(session)} == {
        ("", RegistrationStatus.CONFIRMED, club.id, None)
    }
    assert len(people(session)) == 6
    assert session.scalars(select(Consent)).all() == []
    shown = client.get(answer.headers["Location"])
    assert words(shown).count("Guest of Club Ñuu Savi") == 6
    assert shown.headers["Cache-Control"] == "no-store"


def test_an_institution_registers_no_group_of_delegates(
    client: CheckedClient, session: Session, club: Organization, lead: Account
) -> None:
    club.kind = OrganizationKind.ACADEMIC
    session.commit()
    answer = submit(client, NEW, size="2", category="alternate")
    assert (answer.status_code, people(session)) == (422, [])
    error = BeautifulSoup(answer.text, "html.parser").select_one("#category-error")
    assert error is not None
    assert "voice and no vote" in error.text


def test_the_same_form_sent_twice_makes_one_group(
    client: CheckedClient, session: Session, lead: Account
) -> None:
    form = form_of(client.get(NEW))
    first = send(client, form, size="3", category="attendee")
    again = send(client, form, size="3", category="attendee")
    assert (first.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert len(people(session)) == 3
    assert "as you first asked" not in words(client.get(again.location))
    # Changed and sent again it makes no other group, and the page says so.
    other = send(client, form, size="2", category="attendee")
    assert (other.location, len(people(session))) == (first.location, 3)
    assert "the group was registered as you first asked" in words(client.get(other.location))


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"size": "0"}, "size", "Write a whole number between 1 and 40."),
        ({"size": "41"}, "size", "Write a whole number between 1 and 40."),
        ({"size": ""}, "size", "Write how many places."),
        ({"size": "6"}, "size", "There are 5 places in all. Make the group smaller."),
        ({"category": "press"}, "category", "Nobody can register as this any more."),
        (
            {"category": "speaker", "size": "13"},
            "size",
            "Your organization may hold 12 places without a name",
        ),
    ],
)
@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_what_cannot_be_comes_back_filled_in(
    *,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    lead: Account,
    typed: dict[str, str],
    field: str,
    error: str,
    headers: dict[str, str] | None,
) -> None:
    session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=5))
    session.add(Places(conference_id=conference.id, category=Category.PRESS, open=False))
    session.add(Places(conference_id=conference.id, category=Category.SPEAKER, capacity=50))
    answer = submit(client, NEW, headers=headers, **{"size": "3", "category": "attendee"} | typed)
    soup = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert error in soup.select_one(f"#{field}-error").get_text(" ", strip=True)
    assert soup.select_one("#size")["value"] == typed.get("size", "3")
    assert soup.select_one("#errors")["tabindex"] == "-1"
    assert people(session) == []


def test_a_lead_registers_for_their_own_organization_only(
    client: CheckedClient, session: Session, conference: Conference, lead: Account, club: Organization
) -> None:
    other = make_organization(session, conference)
    form = form_of(client.get(NEW))
    assert [option["value"] for option in form.select("#organization option")] == [club.key]
    assert send(client, form, size="2", category="attendee", organization=other.key).status_code == 422
    assert people(session) == []


def test_once_the_conference_is_over_no_places_are_held(
    client: CheckedClient, session: Session, conference: Conference, lead: Account
) -> None:
    form = form_of(client.get(NEW))
    assert f'href="{NEW}"' in client.get(GROUPS).text
    conference.first_day = datetime.now(UTC).date() - timedelta(days=4)
    late = send(client, form, size="3", category="attendee")
    page = BeautifulSoup(late.text, "html.parser")
    said = "The conference is over, so nobody can register any more."
    assert (late.status_code, said in page.select_one("#category").text) == (422, True)  # type: ignore[union-attr]
    assert (said in words(client.get(NEW)), f'href="{NEW}"' in client.get(GROUPS).text) == (True, False)
    assert people(session) == []


# -- whose it is -----------------------------------------------------------------------------------


def test_another_lead_sees_and_changes_nothing(
    *,
    app: Flask,
    new_client: Callable[[], CheckedClient],
    session: Session,
    conference: Conference,
    club: Organization,
) -> None:
    group = make_group(app, session, conference, club)
    people(session)[0].badge_name = "Nombre Reservado"
    elsewhere = grant(
        session, conference, Role.ORGANIZATION_LEAD, organization=make_organization(session, conference)
    )
    client = new_client()
    sign_in(client, elsewhere)
    app.config["WTF_CSRF_ENABLED"] = False
    assert "No group is registered yet" in words(client.get(GROUPS))
    number = people(session)[0].id
    pages = ["", "/line", "/print", "/leave", "/smaller", f"/tickets/{number}/name"]
    read = [client.get(f"{GROUPS}/{group}{page}") for page in pages]
    acts = ["/accept", "/leave", "/smaller", f"/tickets/{number}/name"]
    done = [client.post(f"{GROUPS}/{group}{page}", data={"size": "1", "badge_name": "X"}) for page in acts]
    assert {answer.status_code for answer in read + done} == {404}
    assert [answer for answer in read + done if "Reservado" in answer.text] == []
    assert len(people(session)) == 3


def test_who_registered_alone_is_in_no_list_of_their_lead(
    *,
    app: Flask,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    club: Organization,
    lead: Account,
) -> None:
    session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=0))
    session.flush()
    register(
        session,
        conference_id=conference.id,
        badge_name="Nombre Reservado",
        category=Category.ATTENDEE,
        language="es",
        consents={Purpose.ATTEND},
        organization_id=club.id,
        nonce="f" * 32,
        key=key_of(app),
        now=MOMENT,
    )
    party = session.scalars(select(Party)).one()
    assert party.organization_id == club.id
    assert "No group is registered yet" in words(client.get(GROUPS))
    assert client.get(f"{GROUPS}/{party.id}").status_code == 404


# -- names -----------------------------------------------------------------------------------------


def test_a_lead_names_a_guest_whom_they_have_asked(
    *,
    app: Flask,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    club: Organization,
    lead: Account,
) -> None:
    group = make_group(app, session, conference, club)
    number = people(session)[1].id
    address = f"{GROUPS}/{group}/tickets/{number}/name"
    refused = submit(client, address, badge_name="Doña Chayo")
    assert (refused.status_code, people(session)[1].badge_name) == (422, "")
    assert "Ask the person first." in words(refused)
    assert submit(client, address, badge_name="Doña Chayo", attend="y").status_code == 303
    row = people(session)[1]
    assert (row.badge_name, row.photo_preference) == ("Doña Chayo", PhotoPreference.NO)
    consent = session.scalars(select(Consent)).one()
    assert (consent.registration_id, consent.purpose) == (number, Purpose.ATTEND)
    shown = words(client.get(f"{GROUPS}/{group}"))
    assert (shown.count("Doña Chayo"), shown.count("Guest of Club Ñuu Savi")) == (1, 2)
    assert client.get(address).status_code == 303


def test_each_place_has_a_link_to_send_that_names_nobody(
    *,
    app: Flask,
    client: CheckedClient,
    session: Session,
    conference: Conference,
    club: Organization,
    lead: Account,
) -> None:
    group = make_group(app, session, conference, club, 2)
    soup = BeautifulSoup(client.get(f"{GROUPS}/{group}").text, "html.parser")
    texts = [area.text for area in soup.select("textarea[readonly]")]
    links = [text.strip().splitlines()[-1] for text in texts]
    assert len(set(links)) == 2
    assert {link.rsplit("/", 1)[0] for link in links} == {"http://localhost/en/tickets"}
    for link in links:
        shown = client.get(link.removeprefix("http://localhost"))
        assert "This place has no name yet" in words(shown)
    app.config["WTF_CSRF_ENABLED"] = False
    own = client.post(
        f"{links[0].removeprefix('http://localhost')}/name",
        data={"badge_name": "Doña Chayo", "photo_preference": "no", "attend": "y"},
    ).headers["Location"]
    told = client.get(f"{GROUPS}/{group}")
    # Whose name is their own has a ticket of their own: neither the new link nor the old one is here.
    token = own.rsplit("/", 1)[1]
    hidden = [text in told.text for text in (token, links[0].rsplit("/", 1)[1], links[1].rsplit("/", 1)[1])]
    assert ("Named by themselves" in words(told), hidden) == (True, [False, False, True])


# -- the line --------------------------------------------------------------------------------------


@pytest.fixture
def waiting(app: Flask, session: Session, conference: Conference, club: Organization) -> int:
    """A group of six in line behind nobody, with places for six of which one is taken."""
    session.add(Places(conference_id=conference.id, category=Category.ATTENDEE, capacity=6))
    make_registration(session, conference)
    return make_group(app, session, conference, club, 6)


def test_a_group_in_line_sees_its_turn_and_nothing_new_is_said_twice(
    client: CheckedClient, session: Session, lead: Account, waiting: int
) -> None:
    page = client.get(f"{GROUPS}/{waiting}")
    assert "Your group is number 1 in line" in words(page)
    assert client.get(f"{GROUPS}/{waiting}/print").status_code == 409
    poll = BeautifulSoup(page.text, "html.parser").select_one("[hx-get]")["hx-get"]
    assert client.get(poll, headers=HTMX).status_code == 204
    assert client.get(poll).headers["Location"] == f"{GROUPS}/{waiting}"
    stale = client.get(f"{GROUPS}/{waiting}/line?version=old", headers=HTMX)
    assert (stale.status_code, "number 1 in line" in words(stale)) == (200, True)


def test_what_is_sent_for_a_group_that_waits_promises_no_place(
    client: CheckedClient, session: Session, lead: Account, waiting: int
) -> None:
    page = client.get(f"{GROUPS}/{waiting}")
    texts = [area.text for area in BeautifulSoup(page.text, "html.parser").select("textarea[readonly]")]
    assert len(texts) == 6
    assert all("It is not certain yet" in text and "There is a place for you" not in text for text in texts)
    assert ("not certain yet" in words(page), "ticket is valid as it is" in words(page)) == (True, False)
    link = texts[0].strip().splitlines()[-1].removeprefix("http://localhost")
    naming = client.get(f"{link}/name")
    assert ("It is not certain yet" in words(naming), "holds a place" in words(naming)) == (True, False)


def test_a_smaller_group_is_offered_the_places_and_takes_them(
    client: CheckedClient, session: Session, lead: Account, waiting: int
) -> None:
    asked = client.get(f"{GROUPS}/{waiting}/smaller?size=5")
    assert "From 6 places to 5." in words(asked)
    assert send(client, form_of(asked)).status_code == 303
    shown = client.get(f"{GROUPS}/{waiting}")
    assert "There are places for all of you" in words(shown)
    assert "1 place given back." in words(shown)
    assert send(client, form_of(shown, "/accept")).status_code == 303
    assert "These places are yours." in words(client.get(f"{GROUPS}/{waiting}"))
    statuses = sorted(row.status.value for row in people(session) if row.badge_name == "")
    assert statuses == ["cancelled", *["confirmed"] * 5]
    poll = client.get(f"{GROUPS}/{waiting}/line?version=old", headers=HTMX)
    assert poll.headers["HX-Redirect"] == f"{GROUPS}/{waiting}"


def test_places_with_a_name_are_not_given_back_by_making_a_group_smaller(
    client: CheckedClient, session: Session, lead: Account, waiting: int
) -> None:
    for row in people(session)[1:]:
        row.badge_name = "Nombre"
    app_form = client.get(f"{GROUPS}/{waiting}/smaller?size=5")
    answer = send(client, form_of(app_form))
    assert answer.status_code == 422
    assert "Only guests without a name can be taken away." in words(answer)
    assert len([row for row in people(session) if row.status is RegistrationStatus.WAITING]) == 6


@pytest.mark.parametrize("size", ["", "0", "6", "x", "99999999999999999999"])
def test_a_size_that_is_not_smaller_is_asked_again(
    client: CheckedClient, lead: Account, waiting: int, size: str
) -> None:
    answer = client.get(f"{GROUPS}/{waiting}/smaller?size={size}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{GROUPS}/{waiting}")


def test_a_group_leaves_the_line_after_being_asked(
    client: CheckedClient, session: Session, lead: Account, waiting: int
) -> None:
    asked = client.get(f"{GROUPS}/{waiting}/leave")
    assert "Leave the line with the whole group?" in words(asked)
    assert len([row for row in people(session) if row.status is RegistrationStatus.WAITING]) == 6
    assert send(client, form_of(asked)).headers["Location"] == GROUPS
    assert len([row for row in people(session) if row.status is RegistrationStatus.CANCELLED]) == 6
    assert client.get(f"{GROUPS}/{waiting}").status_code == 404


def test_an_offer_that_is_over_is_not_taken(
    session: Session, client: CheckedClient, conference: Conference, lead: Account, waiting: int
) -> None:
    (gone, *_group) = people(session)
    gone.status, gone.cancelled_at = RegistrationStatus.CANCELLED, MOMENT
    session.flush()
    assert offer_freed(session, conference_id=conference.id, letter=None, now=MOMENT) == 1
    shown = client.get(f"{GROUPS}/{waiting}")
    assert session.get_one(Party, waiting).offered_until == MOMENT + timedelta(hours=48)
    # The clock of the page is today's, long after the offer.
    answer = send(client, form_of(shown, "/accept"))
    assert (answer.status_code, "The time to answer was over" in words(answer)) == (409, True)
