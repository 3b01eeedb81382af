"""Who may name, accept and count; and that nobody else learns a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from agreements import Chamber
from conference import models
from conference.domain.accounts import Role
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.registration import Category
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
    make_sitting,
    sign_in,
)
from tests.forms import HTMX, form_of, send

# Everything that the factories give people begins with one of these.
PRIVATE = ("Nombre Reservado", "secreta-")


@dataclass
class Hall:
    """A conference in which somebody is named and waits, and others sit already."""

    session: Any
    conference: models.Conference
    sitting: models.ProgramSession
    club: models.Organization
    seat: models.Seat
    proposed: models.Credential
    candidate: models.Registration
    people: dict[str, models.Account]

    def at(self, path):
        return f"/en/{self.conference.slug}/{path}"

    @property
    def waiting_name(self):
        return self.session.get_one(models.Registration, self.proposed.registration_id).badge_name

    def status(self):
        self.session.expire_all()
        return self.session.get_one(models.Credential, self.proposed.id).status


@pytest.fixture
def hall(session):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    club = make_organization(session, conference, name="Club Yalálag")
    seat = make_seat(session, conference, organization=club, votes=2)
    named, candidate = (make_registration(session, conference, organization_id=club.id) for _ in range(2))
    proposed = models.Credential(
        seat_id=seat.id,
        registration_id=named.id,
        capacity=Capacity.DELEGATE,
        status=CredentialStatus.PROPOSED,
        attested_at=NOW,
    )
    session.add(proposed)
    delegate, _ = make_delegate(session, conference, chamber=Chamber.MX, present_in=sitting)
    other = make_organization(session, conference, name="Club Tlaxiaco")
    make_seat(session, conference, organization=other)
    people = {role.value: grant(session, conference, role) for role in Role if role not in NOT_GRANTED}
    attendee = make_account(session)
    make_registration(session, conference, account_id=attendee.id)
    people |= {
        "organization_lead": grant(session, conference, Role.ORGANIZATION_LEAD, organization=club),
        "other_lead": grant(session, conference, Role.ORGANIZATION_LEAD, organization=other),
        "lead_elsewhere": grant(session, make_conference(session), Role.ORGANIZATION_LEAD, organization=club),
        "committee_elsewhere": grant(session, make_conference(session), Role.CREDENTIALS_COMMITTEE),
        "delegate": delegate,
        "attendee": attendee,
        "nobody_in_particular": make_account(session),
    }
    return Hall(session, conference, sitting, club, seat, proposed, candidate, people)


NOT_GRANTED = {Role.ORGANIZATION_LEAD, Role.DELEGATE, Role.ATTENDEE}
STRANGER = "stranger"
EVERYBODY = [
    STRANGER,
    *(role.value for role in Role),
    "other_lead",
    "lead_elsewhere",
    "committee_elsewhere",
    "nobody_in_particular",
]


def enter(client, hall, who):
    if who != STRANGER:
        sign_in(client, hall.people[who])
    return client


def post(client, address, **data):
    """Send what our pages would not offer, with the token that every page of ours carries."""
    page = client.get("/en/")
    token = form_of(page if page.text.count("csrf_token") else client.get("/en/sign-in"))
    return client.post(address, data=data | {"csrf_token": token.select_one("[name=csrf_token]")["value"]})


def leaks(response):
    return [words for words in PRIVATE if words in response.text]


# -- who may what ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_names_are_for_the_committee_and_the_lead_of_their_organization(client, hall, who, headers):
    enter(client, hall, who)

    answer = client.get(hall.at("credentials"), headers=headers)

    sees_names = who in {"credentials_committee", "organization_lead"}
    gets_page = sees_names or who == "other_lead"
    refused = 303 if who == STRANGER and not headers else 200 if who == STRANGER else 403
    assert answer.status_code == (200 if gets_page else refused)
    assert leaks(answer) == (["Nombre Reservado"] if sees_names else [])


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_quorum_is_for_the_hall_and_names_nobody(client, hall, who, headers):
    enter(client, hall, who)

    answer = client.get(hall.at("quorum"), headers=headers)

    counts = who in {"organizer", "secretariat", "credentials_committee", "chair", "delegate"}
    refused = 303 if who == STRANGER and not headers else 200 if who == STRANGER else 403
    assert answer.status_code == (200 if counts else refused)
    assert ("Club Yalálag" in answer.text, leaks(answer)) == (counts, [])


@pytest.mark.parametrize("who", [name for name in EVERYBODY if name != "credentials_committee"])
@pytest.mark.parametrize("action", ["accept", "reject"])
def test_only_the_committee_decides(client, hall, who, action):
    enter(client, hall, who)

    answer = post(
        client,
        hall.at(f"credentials/{hall.proposed.id}/{action}"),
        **{f"credential-{hall.proposed.id}-reason": "letter_missing"},
    )

    assert answer.status_code == (303 if who == STRANGER else 403)
    assert (hall.status(), leaks(answer)) == (CredentialStatus.PROPOSED, [])


@pytest.mark.parametrize("who", [name for name in EVERYBODY if name != "organization_lead"])
@pytest.mark.parametrize("action", ["named", "withdraw"])
def test_only_its_lead_acts_for_an_organization(client, hall, who, action):
    enter(client, hall, who)
    path = "named" if action == "named" else f"{hall.proposed.id}/withdraw"

    answer = post(
        client,
        hall.at(f"credentials/{hall.club.key}/{path}"),
        **{
            f"{hall.club.key}-capacity": "alternate",
            f"{hall.club.key}-registration": hall.candidate.id,
            f"{hall.club.key}-attested": "y",
        },
    )

    assert answer.status_code == (303 if who == STRANGER else 403)
    assert (hall.status(), leaks(answer)) == (CredentialStatus.PROPOSED, [])
    assert hall.session.query(models.Credential).count() == 2


def test_a_lead_cannot_name_or_withdraw_through_an_organization_of_their_own(client, hall):
    enter(client, hall, "other_lead")
    other = hall.session.query(models.Organization).filter_by(name="Club Tlaxiaco").one()
    make_registration(hall.session, hall.conference, organization_id=other.id, badge_name="Propia")

    named = post(
        client,
        hall.at(f"credentials/{other.key}/named"),
        **{
            f"{other.key}-capacity": "delegate",
            f"{other.key}-registration": hall.candidate.id,
            f"{other.key}-attested": "y",
        },
    )
    withdrawn = post(client, hall.at(f"credentials/{other.key}/{hall.proposed.id}/withdraw"))

    assert (named.status_code, withdrawn.status_code) == (422, 404)
    assert (hall.status(), leaks(named), leaks(withdrawn)) == (CredentialStatus.PROPOSED, [], [])


# -- naming ------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_lead_names_an_alternate(client, hall, headers):
    enter(client, hall, "organization_lead")
    form = form_of(client.get(hall.at("credentials")), "/named")
    key = hall.club.key

    answer = send(
        client,
        form,
        headers=headers,
        **{
            f"{key}-capacity": "alternate",
            f"{key}-registration": str(hall.candidate.id),
            f"{key}-attested": "y",
        },
    )

    assert answer.status_code == (200 if headers else 303)
    shown = answer if headers else client.get(answer.location)
    assert "Named. The credentials committee will answer." in shown.text
    assert shown.text.count("Waiting for the committee") == 2
    row = hall.session.query(models.Credential).filter_by(registration_id=hall.candidate.id).one()
    lead = hall.people["organization_lead"]
    assert (row.capacity, row.attested_by_id) == (Capacity.ALTERNATE, lead.id)
    assert (row.attestation_version, row.attestation_language) == (1, "en")


def test_what_is_missing_is_said_in_the_form(client, hall):
    enter(client, hall, "organization_lead")

    answer = send(client, form_of(client.get(hall.at("credentials")), "/named"), headers=HTMX)

    assert answer.status_code == 422
    assert "Choose delegate or alternate." in answer.text
    assert "Choose a person." in answer.text
    assert "Tick this if your assembly or your board named this person." in answer.text


def test_a_lead_withdraws_whom_the_committee_has_not_answered_for(client, hall):
    enter(client, hall, "organization_lead")
    form = form_of(client.get(hall.at("credentials")), "/withdraw")

    answer = send(client, form)

    assert answer.status_code == 303
    assert "Nobody is named yet" in client.get(answer.location).text
    assert hall.status() is CredentialStatus.WITHDRAWN


def test_a_lead_who_is_late_is_told_so_on_the_page(client, hall):
    enter(client, hall, "organization_lead")
    form = form_of(client.get(hall.at("credentials")), "/withdraw")
    hall.proposed.status, hall.proposed.decided_at = CredentialStatus.ACCEPTED, NOW

    answer = send(client, form, headers=HTMX)

    assert answer.status_code == 409
    assert "This credential has been decided or withdrawn already." in answer.text
    assert "Club Yalálag" in answer.text
    assert hall.status() is CredentialStatus.ACCEPTED


def test_an_organization_with_voice_only_is_told_so(client, hall):
    office = make_organization(hall.session, hall.conference, name="Oficina")
    make_registration(hall.session, hall.conference, organization_id=office.id)
    sign_in(client, grant(hall.session, hall.conference, Role.ORGANIZATION_LEAD, organization=office))

    answer = client.get(hall.at("credentials"))

    assert "takes part with voice and without a seat" in answer.text
    assert leaks(answer) == []


def test_a_lead_is_offered_no_official_and_no_press(client, hall):
    club_id, key = hall.club.id, hall.club.key
    official, reporter = (
        make_registration(hall.session, hall.conference, organization_id=club_id, category=category)
        for category in (Category.OFFICIAL, Category.PRESS)
    )
    guests = {str(official.id), str(reporter.id)}
    enter(client, hall, "organization_lead")
    form = form_of(client.get(hall.at("credentials")), "/named")
    offered = {option["value"] for option in form.select(f'select[name="{key}-registration"] option')}

    answer = send(
        client,
        form,
        **{f"{key}-capacity": "alternate", f"{key}-registration": min(guests), f"{key}-attested": "y"},
    )

    assert offered == {"", str(hall.candidate.id)}
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert hall.session.query(models.Credential).filter_by(capacity=Capacity.ALTERNATE).count() == 0


# -- accepting ---------------------------------------------------------------------------------


def test_the_committee_sees_as_what_somebody_registered_and_accepts_no_official(client, hall):
    registration = hall.session.get_one(models.Registration, hall.proposed.registration_id)
    registration.category = Category.OFFICIAL
    hall.session.flush()
    enter(client, hall, "credentials_committee")
    page = client.get(hall.at("credentials"))
    card = page.text.partition(f'id="proposal-{hall.proposed.id}"')[2].partition("</article>")[0]

    answer = send(client, form_of(page, "/accept"), headers=HTMX)

    assert ("Registered as" in card, "Official" in card) == (True, True)
    assert (answer.status_code, "Whoever is registered as official or press" in answer.text) == (409, True)
    assert hall.status() is CredentialStatus.PROPOSED


@pytest.mark.parametrize("headers", [None, HTMX])
def test_the_committee_accepts(client, hall, headers):
    enter(client, hall, "credentials_committee")
    page = client.get(hall.at("credentials"))
    assert hall.waiting_name in page.text

    answer = send(client, form_of(page, "/accept"), headers=headers)

    assert answer.status_code == (200 if headers else 303)
    shown = answer if headers else client.get(answer.location)
    assert "Nothing is waiting" in shown.text
    # Once it is decided there is nothing left to compare.
    assert leaks(shown) == []
    row = hall.session.get_one(models.Credential, hall.proposed.id)
    assert (hall.status(), row.decided_by_id) == (
        CredentialStatus.ACCEPTED,
        hall.people["credentials_committee"].id,
    )


def test_the_committee_does_not_accept_and_the_lead_sees_why(client, hall, new_client):
    enter(client, hall, "credentials_committee")
    form = form_of(client.get(hall.at("credentials")), "/reject")

    without_reason = send(client, form, headers=HTMX)
    answer = send(client, form, **{f"credential-{hall.proposed.id}-reason": "letter_missing"})

    assert (without_reason.status_code, "Choose a reason." in without_reason.text) == (422, True)
    assert "<details open" in without_reason.text
    assert (answer.status_code, hall.status()) == (303, CredentialStatus.REJECTED)
    lead = enter(new_client(), hall, "organization_lead")
    assert "Reason: The organization&#39;s letter is missing" in lead.get(hall.at("credentials")).text
    # Who answers for the seat hears of it in time; the mail names nobody, and no reason.
    (letter,) = hall.session.query(models.Message).all()
    assert letter.recipient == hall.people["organization_lead"].email
    said = f"{letter.subject} {letter.body}"
    assert [word in said for word in (hall.candidate.badge_name, "Yalálag", "letter is missing")] == [
        False
    ] * 3
    assert hall.at("credentials") in letter.body.replace("/es/", "/en/")


def test_the_committee_cannot_decide_for_another_conference(client, hall):
    enter(client, hall, "committee_elsewhere")
    grants = hall.session.query(models.RoleGrant).filter_by(account_id=hall.people["committee_elsewhere"].id)
    own = hall.session.get_one(models.Conference, grants.one().conference_id)

    answer = post(client, f"/en/{own.slug}/credentials/{hall.proposed.id}/accept")

    assert (answer.status_code, hall.status()) == (404, CredentialStatus.PROPOSED)


def test_somebody_with_both_roles_has_both_parts_on_one_page(client, hall):
    lead = hall.people["organization_lead"]
    grant(hall.session, hall.conference, Role.CREDENTIALS_COMMITTEE, account=lead)
    sign_in(client, lead)

    answer = client.get(hall.at("credentials"))

    assert [form_of(answer, part).name for part in ("/accept", "/reject", "/named", "/withdraw")] == [
        "form"
    ] * 4


def test_the_committee_ends_a_credential_by_organization_without_seeing_the_name(client, hall):
    enter(client, hall, "credentials_committee")
    hall.proposed.status, hall.proposed.decided_at = CredentialStatus.ACCEPTED, NOW
    hall.session.flush()
    page = client.get(hall.at("credentials"))
    assert ("Club Yalálag, Delegate…" in page.text, leaks(page)) == (True, [])

    # One tap ends nothing: whose seat it is, and what comes of it, is said first.
    asked = client.get(hall.at(f"credentials/{hall.proposed.id}/ended"))
    assert ("Club Yalálag" in asked.text, leaks(asked), hall.status()) == (
        True,
        [],
        CredentialStatus.ACCEPTED,
    )
    answer = send(client, form_of(asked, f"/{hall.proposed.id}/ended"))

    assert (answer.status_code, hall.status()) == (303, CredentialStatus.WITHDRAWN)
    assert "The credential for the seat of Club Yalálag has ended." in client.get(answer.location).text
    assert client.get(hall.at(f"credentials/{hall.proposed.id}/ended")).status_code == 404


# -- quorum ------------------------------------------------------------------------------------


def test_the_quorum_is_told_chamber_by_chamber(client, hall):
    enter(client, hall, "chair")

    text = client.get(hall.at("quorum")).text

    us, mx = text.split("United States chamber</h2>")[1], text.split("Mexico chamber</h2>")[1]
    assert "2 more needed for quorum" in us.split("Mexico chamber</h2>")[0]
    assert "Quorum reached" in mx
    assert "Club Yalálag" in text.split("United States chamber</h2>")[2]


def test_nothing_is_sent_again_until_somebody_comes(client, hall):
    enter(client, hall, "chair")
    live = client.get(hall.at("quorum"), headers=HTMX)
    refresh = live.text.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert f"sitting={hall.sitting.key}" in refresh

    unchanged = client.get(refresh, headers=HTMX)
    make_delegate(hall.session, hall.conference, present_in=hall.sitting)
    changed = client.get(refresh, headers=HTMX)

    assert (unchanged.status_code, unchanged.data) == (204, b"")
    assert (changed.status_code, "1 of 3" in changed.text) == (200, True)
    # Opened as a page, the same address is a page.
    assert "<h1>" in client.get(refresh).text


def test_another_sitting_has_its_own_presence(client, hall):
    enter(client, hall, "secretariat")
    other = make_sitting(hall.session, hall.conference, title={"es": "Clausura", "en": "Closing"})

    text = client.get(hall.at(f"quorum?sitting={other.key}")).text

    assert ("Quorum reached" in text, "Closing" in text) == (False, True)


def test_a_sitting_of_another_conference_is_not_found(client, hall):
    enter(client, hall, "chair")
    elsewhere = make_sitting(hall.session, make_conference(hall.session))

    assert client.get(hall.at(f"quorum?sitting={elsewhere.key}")).status_code == 404


def test_a_conference_without_a_sitting_says_so(client, session):
    conference = make_conference(session)
    sign_in(client, grant(session, conference, Role.CHAIR))

    text = client.get(f"/en/{conference.slug}/quorum").text

    assert "No voting session in the program" in text
    assert text.count("No seats") == 2
