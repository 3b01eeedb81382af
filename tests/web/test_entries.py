"""An organization's own pages: entering, changing field by field, claiming, withdrawing; and who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from conference import models
from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource, OrganizationStatus
from conference.web.content import day_and_time
from tests.factories import NOW, grant, make_account, make_conference, make_organization, sign_in
from tests.forms import HTMX, form_of, send, submit

ENTERED = {
    "name": "Club Yalálag de Salem",
    "kind": "hta",
    "side": "us",
    "origin": "yalalag",
    "us_state": "OR",
    "us_city": "Salem",
    "languages": ["spa", "zpu"],
    "description_es": "Bailamos la danza de los Negritos.",
    "website": "https://example.org/club",
    "funders": "Fondo Inventado",
    "destination_readers": "private",
}


def organization_called(session, name):
    session.expire_all()
    return session.scalars(select(models.Organization).filter_by(name=name)).one()


def led(client, session, **values):
    """A conference, an organization, and its lead signed in."""
    conference = make_conference(session)
    row = make_organization(session, conference, name="Club Propio", **values)
    sign_in(client, grant(session, conference, Role.ORGANIZATION_LEAD, organization=row))
    return conference, row


def fields_with_errors(response):
    soup = BeautifulSoup(response.text, "html5lib")
    return sorted(error["id"].removesuffix("-error") for error in soup.select(".error-text"))


# -- entering ----------------------------------------------------------------------------------------


def test_a_signed_in_person_enters_their_organization(client, session):
    conference = make_conference(session)
    sign_in(client, make_account(session))
    address = f"/en/{conference.slug}/directory/enter"

    sent = submit(client, address, to="/directory/enter", **ENTERED)
    row = organization_called(session, "Club Yalálag de Salem")

    assert (sent.status_code, sent.location) == (303, f"/en/{conference.slug}/organizations/{row.key}/entry")
    assert (row.municipality, row.us_state, row.us_city, row.languages) == (
        "20038",
        "OR",
        "Salem",
        ["spa", "zpu"],
    )
    assert (row.status, row.visibility["destination"]) == (OrganizationStatus.PROPOSED, "private")
    page = client.get(sent.location)
    assert (page.status_code, "Waiting for the organizers" in page.text) == (200, True)
    assert "Club Yalálag de Salem" not in client.get(f"/en/{conference.slug}/organizations").text


def test_a_stranger_is_asked_to_sign_in_and_comes_back(client, session):
    conference = make_conference(session)

    answer = client.get(f"/en/{conference.slug}/directory/enter")

    assert answer.status_code == 303
    assert answer.location.startswith("/en/sign-in?next=")


def test_not_incorporated_is_the_first_choice_and_chosen(client, session):
    conference = make_conference(session)
    sign_in(client, make_account(session))

    soup = BeautifulSoup(client.get(f"/en/{conference.slug}/directory/enter").text, "html5lib")
    options = soup.select("input[name=legal_form]")

    assert (options[0]["value"], options[0].has_attr("checked")) == ("unincorporated", True)
    assert not [option for option in soup.select("#kind option") if option["value"].startswith("gov")]


def test_a_name_that_two_places_have_asks_which_one_and_keeps_what_was_typed(client, session):
    conference = make_conference(session)
    sign_in(client, make_account(session))
    address = f"/en/{conference.slug}/directory/enter"
    typed = ENTERED | {"origin": "San Juan Mixtepec", "origin_state": "20"}

    asked = submit(client, address, to="/directory/enter", **typed)

    assert (asked.status_code, fields_with_errors(asked)) == (422, ["municipality"])
    soup = BeautifulSoup(asked.text, "html5lib")
    assert [option["value"] for option in soup.select("input[name=municipality]")] == ["20208", "20209", ""]
    assert "San Juan Mixtepec (district of Miahuatlán), Oaxaca" in asked.text
    form = form_of(asked, "/directory/enter")
    assert form.select_one("#description_es").text.strip() == ENTERED["description_es"]
    assert [box["value"] for box in form.select("[name=languages][checked]")] == ["spa", "zpu"]
    sent = send(client, form, municipality="20209", languages=["spa", "zpu"])
    assert sent.status_code == 303
    assert organization_called(session, "Club Yalálag de Salem").municipality == "20209"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": ""}, ["name"]),
        ({"kind": ""}, ["kind"]),
        ({"kind": "government_state"}, ["kind"]),
        ({"origin": "no hay tal pueblo"}, ["origin"]),
        ({"origin": "san"}, ["origin"]),
        ({"us_state": "ZZ"}, ["us_state"]),
        ({"us_city": ""}, ["us_city"]),
        ({"website": "javascript:alert(1)"}, ["website"]),
        ({"description_en": "x" * 1001}, ["description_en"]),
        ({"funders_readers": "nobody"}, ["funders_readers"]),
    ],
)
def test_what_cannot_be_taken_comes_back_filled_in_with_the_reason(client, session, change, wrong):
    conference = make_conference(session)
    sign_in(client, make_account(session))
    address = f"/en/{conference.slug}/directory/enter"

    answer = submit(client, address, to="/directory/enter", **ENTERED | change)

    assert (answer.status_code, fields_with_errors(answer)) == (422, wrong)
    assert 'value="Salem"' in answer.text or "us_city" in change
    assert session.scalars(select(models.Organization)).all() == []


def test_two_of_one_name_that_draw_one_key_lose_nothing_that_was_typed(client, session, monkeypatch):
    conference = make_conference(session)
    sign_in(client, make_account(session))
    address = f"/en/{conference.slug}/directory/enter"
    # The draw is what nobody can wait for.
    monkeypatch.setattr("conference.blueprints.entries.key_suffix", lambda: "f00d")

    answers = [submit(client, address, to="/directory/enter", **ENTERED) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "Another organization of this name was entered just now." in answers[1].text
    assert all(f'value="{ENTERED[field]}"' in answers[1].text for field in ("name", "us_city"))


def test_a_fourth_entry_is_refused_in_words(client, session):
    conference = make_conference(session)
    sign_in(client, make_account(session))
    address = f"/en/{conference.slug}/directory/enter"

    answers = [submit(client, address, to="/directory/enter", **ENTERED) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 409]
    assert "You have 3 entries that wait for an answer." in answers[-1].text
    assert 'value="Club Yalálag de Salem"' in answers[-1].text


# -- finding a place ---------------------------------------------------------------------------------


def test_places_are_found_by_name_on_a_page_of_its_own_and_below_the_field(client, session):
    conference = make_conference(session)
    address = f"/en/{conference.slug}/directory/places?origin=mixtepec&origin_state=20"

    whole, part = client.get(address), client.get(address, headers=HTMX)

    assert "San Juan Mixtepec (district of Juxtlahuaca), Oaxaca" in whole.text
    assert (">20208</strong>" in whole.text, "<html" in part.text) == (True, False)
    options = BeautifulSoup(part.text, "html5lib").select("input[name=municipality]")
    assert "20208" in [option["value"] for option in options]


def test_the_place_that_was_chosen_stays_chosen_while_another_is_typed(client, session):
    conference = make_conference(session)
    address = f"/en/{conference.slug}/directory/places?origin=tlaxiaco&municipality=20209"

    soup = BeautifulSoup(client.get(address, headers=HTMX).text, "html5lib")

    assert [option["value"] for option in soup.select("input[checked]")] == ["20209"]


@pytest.mark.parametrize("query", ["", "?origin=", "?origin=%25&origin_state=99", "?municipality=99999"])
def test_a_search_for_no_place_finds_none(client, session, query):
    conference = make_conference(session)

    answers = [
        client.get(f"/es/{conference.slug}/directory/places{query}", headers=headers)
        for headers in ({}, HTMX)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "municipality-0" not in answers[1].text


# -- changing ----------------------------------------------------------------------------------------


def test_a_lead_changes_the_entry_and_who_may_read_it(client, session, new_client):
    conference, row = led(client, session, municipality="20208", website="https://example.org")
    address = f"/en/{conference.slug}/organizations/{row.key}/entry"

    saved = submit(
        client,
        address,
        to=f"{row.key}/entry",
        description_en="We dance.",
        website_readers="members",
        more_language_1="nhx",
    )

    assert (saved.status_code, saved.location) == (303, address)
    # The name is told and not asked for, and whoever sends one all the same changes nothing.
    assert client.get(address).text.count("The name stays as it was accepted") == 1
    assert form_of(client.get(address), f"{row.key}/entry").select("[name=name]") == []
    changed = organization_called(session, "Club Propio")
    assert (changed.municipality, changed.languages, changed.kind) == ("20208", ["spa", "nhx"], row.kind)
    everybody = new_client().get(f"/en/{conference.slug}/organizations/{row.key}").text
    own = client.get(f"/en/{conference.slug}/organizations/{row.key}").text
    assert ("We dance." in everybody, "https://example.org" in everybody) == (True, False)
    assert ("https://example.org" in own, "Change your entry" in own) == (True, True)
    assert "San Juan Mixtepec (district of Juxtlahuaca), Oaxaca" in everybody


def test_a_place_of_origin_can_be_taken_away(client, session):
    conference, row = led(client, session, municipality="20208")

    submit(client, f"/en/{conference.slug}/organizations/{row.key}/entry", to="/entry", municipality="")

    session.expire_all()
    assert session.get_one(models.Organization, row.id).municipality is None


def test_a_change_that_cannot_be_taken_changes_nothing(client, session):
    conference, row = led(client, session)
    address = f"/en/{conference.slug}/organizations/{row.key}/entry"

    answer = submit(client, address, to="/entry", website="ftp://example.org", funders="Fondo")

    assert (answer.status_code, fields_with_errors(answer)) == (422, ["website"])
    assert form_of(answer, "/entry").select_one("#funders").text.strip() == "Fondo"
    session.expire_all()
    assert session.get_one(models.Organization, row.id).funders == ""


def test_how_an_organization_is_doing_is_said_by_its_lead(client, session):
    conference, row = led(client, session)
    address = f"/en/{conference.slug}/organizations/{row.key}/entry"

    answers = [submit(client, address, to="/status", status=status) for status in ("dormant", "proposed")]

    assert [answer.status_code for answer in answers] == [303, 422]
    assert "Dormant" in client.get(f"/en/{conference.slug}/organizations").text


def test_nobody_changes_the_entry_of_another_organization(client, session):
    conference, _row = led(client, session)
    other = make_organization(session, conference, name="Club Ajeno", funders="Fondo Reservado")
    base = f"/en/{conference.slug}/organizations/{other.key}"
    token = form_of(client.get(f"/en/{conference.slug}/directory/enter"), "enter").select_one("input")[
        "value"
    ]

    answers = [client.get(f"{base}/{page}") for page in ("entry", "withdraw")]
    answers += [
        client.post(f"{base}/{page}", data={"csrf_token": token})
        for page in ("entry", "status", "claim", "withdraw", "return")
    ]

    assert [(answer.status_code, "Fondo Reservado" in answer.text) for answer in answers] == [
        (404, False)
    ] * 7
    session.expire_all()
    assert session.get_one(models.Organization, other.id).withdrawn_at is None


def test_a_role_that_was_withdrawn_opens_the_entry_no_more(client, session):
    conference, row = led(client, session)
    granted = session.scalars(select(models.RoleGrant)).one()
    granted.revoked_at, granted.revoked_by_id = NOW, granted.account_id
    session.commit()

    assert client.get(f"/en/{conference.slug}/organizations/{row.key}/entry").status_code == 403


# -- claiming, withdrawing, returning ----------------------------------------------------------------


def test_a_lead_says_that_a_found_organization_is_theirs(client, session):
    conference = make_conference(session)
    row = make_organization(session, name="Club Hallado", source=OrganizationSource.FOUND)
    sign_in(client, grant(session, conference, Role.ORGANIZATION_LEAD, organization=row))
    listing = f"/en/{conference.slug}/organizations"
    assert "Club Hallado" not in client.get(listing).text

    mine = client.get(f"/en/{conference.slug}/directory/mine")
    claimed = send(client, form_of(mine, "/claim"))

    assert ("Is this your organization?" in mine.text, claimed.status_code) == (True, 303)
    assert "Club Hallado" in client.get(listing).text


def test_an_organization_withdraws_after_one_question_and_returns(client, session, new_client):
    conference, row = led(client, session)
    base = f"/en/{conference.slug}/organizations"

    withdrawn = submit(client, f"{base}/{row.key}/withdraw", to="/withdraw")
    listed = new_client().get(base).text
    answers = [visitor.get(f"{base}/{row.key}").status_code for visitor in (new_client(), client)]
    entry = client.get(withdrawn.location)
    send(client, form_of(entry, "/return"))

    assert (withdrawn.status_code, "Club Propio" in listed, answers) == (303, False, [404, 404])
    assert "listed nowhere" in entry.text
    assert "Club Propio" in new_client().get(base).text


def test_whoever_answers_for_none_is_shown_the_way(client, session):
    conference = make_conference(session)
    sign_in(client, make_account(session))

    assert client.get(f"/en/{conference.slug}/directory/mine").status_code == 403
    assert "Enter your organization" in client.get(f"/en/{conference.slug}/organizations").text


# -- one more conference -----------------------------------------------------------------------------


def test_an_organization_comes_to_one_more_conference_with_its_entry(client, session, new_client):
    first, row = led(client, session)
    second = make_conference(session)
    enter = f"/en/{second.slug}/directory/enter"
    page = client.get(enter)
    assert "Ask to take part: Club Propio" in page.text

    asked = send(client, form_of(page, f"/again/{row.key}"))

    assert (asked.status_code, asked.location) == (303, f"/en/{second.slug}/organizations/{row.key}/entry")
    assert "Where it takes part already, nothing changes." in client.get(asked.location).text
    assert "Ask to take part" not in client.get(enter).text
    organizer = new_client()
    sign_in(organizer, grant(session, second, Role.ORGANIZER))
    waiting = organizer.get(f"/en/{second.slug}/directory/waiting")
    assert "Takes part in another conference" in waiting.text
    assert send(organizer, form_of(waiting, "/accept")).status_code == 303
    for conference in (first, second):
        assert "Club Propio" in new_client().get(f"/en/{conference.slug}/organizations").text


def test_who_was_refused_reads_from_when_on_they_can_ask_again(client, session, new_client):
    _first, row = led(client, session)
    second = make_conference(session, time_zone="America/Los_Angeles")
    enter = f"/en/{second.slug}/directory/enter"
    send(client, form_of(client.get(enter), f"/again/{row.key}"))
    organizer = new_client()
    sign_in(organizer, grant(session, second, Role.ORGANIZER))
    refusing = f"/en/{second.slug}/directory/waiting/{row.id}/refuse"
    assert submit(organizer, refusing, to="/refuse", reason="not_confirmed").status_code == 303

    again = send(client, form_of(client.get(enter), f"/again/{row.key}"))

    refused_at = session.scalars(select(func.max(models.RoleGrant.revoked_at))).one()
    with client.application.test_request_context("/en/"):
        moment = day_and_time(refused_at + timedelta(days=1), "America/Los_Angeles")
    said = BeautifulSoup(again.text, "html5lib").select_one("[role=alert]").text
    assert (again.status_code, f"from {moment} on, Pacific" in said, "(Los Angeles)" in said) == (
        409,
        True,
        True,
    )
    assert "Ask to take part" in again.text


def test_who_leads_nothing_elsewhere_is_offered_nothing_and_asks_for_nobody(client, session):
    first, second = make_conference(session), make_conference(session)
    row = make_organization(session, first, name="Club Ajeno")
    sign_in(client, make_account(session))
    page = client.get(f"/en/{second.slug}/directory/enter")
    token = form_of(page, "/directory/enter").select_one("[name=csrf_token]")["value"]

    answer = client.post(f"/en/{second.slug}/directory/again/{row.key}", data={"csrf_token": token})

    assert ("Club Ajeno" in page.text, answer.status_code) == (False, 404)
