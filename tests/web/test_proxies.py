"""Proxies, substitutions, seats, cards and the published roster, through pages that name nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agreements import Chamber
from conference import models
from conference.domain.accounts import Role
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import OrganizationKind, OrganizationSource, RecordSource
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
    sign_in,
)
from tests.forms import HTMX, filled_in, form_of, send, submit
from tests.halls import make_hall

# Everything that the factories give people begins with one of these.
PRIVATE = ("Nombre Reservado", "secreta-")


def leaks(response):
    return [words for words in PRIVATE if words in response.text]


def lead_of(hall, delegate):
    organization = hall.session.get_one(models.Organization, delegate.seat.organization_id)
    return grant(hall.session, hall.conference, Role.ORGANIZATION_LEAD, organization=organization)


def organization_of(hall, delegate):
    return hall.session.get_one(models.Organization, delegate.seat.organization_id)


def proxy(hall, principal, holder):
    row = models.Proxy(
        seat_id=principal.seat.id,
        holder_seat_id=holder.seat.id,
        source=RecordSource.SYSTEM,
        given_at=NOW,
    )
    hall.session.add(row)
    hall.session.flush()
    return row


def standing(session):
    session.expire_all()
    rows = session.query(models.Proxy).filter_by(revoked_at=None)
    return {(row.seat_id, row.holder_seat_id, row.source) for row in rows}


@pytest.fixture
def hall(session):
    return make_hall(session)


def at(hall, path):
    return f"/en/{hall.slug}/{path}"


# -- giving and revoking -----------------------------------------------------------------------


def test_a_lead_gives_the_proxy_of_its_seat_and_revokes_it(client, hall):
    one, two, _three = hall.us
    sign_in(client, lead_of(hall, one))
    key, holder = organization_of(hall, one).key, organization_of(hall, two)
    seats = one.seat.id, two.seat.id
    name = holder.name
    page = client.get(at(hall, "proxies"))
    # Seats of the other chamber, and the own one, are not offered.
    options = [option["value"] for option in form_of(page, "/given").select("option")]
    assert len(options) == 3

    given = submit(client, at(hall, "proxies"), to="/given", **{f"{key}-holder": holder.key})

    assert given.status_code == 303
    assert standing(hall.session) == {(*seats, RecordSource.SYSTEM)}
    shown = client.get(given.location)
    assert "It counts from the next question on." in shown.text
    assert (f"{name} votes for you by proxy" in shown.text, leaks(shown)) == (True, [])
    revoked = send(client, form_of(shown, f"/{key}/revoked"))
    assert (revoked.status_code, standing(hall.session)) == (303, set())
    assert "votes for itself again" in client.get(revoked.location).text


def test_a_proxy_without_a_holder_is_not_given_and_the_form_says_so(client, hall):
    sign_in(client, lead_of(hall, hall.us[0]))

    answer = submit(client, at(hall, "proxies"), to="/given")

    assert (answer.status_code, standing(hall.session)) == (422, set())
    assert "Choose an organization." in answer.text


def test_the_committee_records_a_letter_and_its_end(client, hall):
    one, two, _three = hall.us
    sign_in(client, grant(hall.session, hall.conference, Role.CREDENTIALS_COMMITTEE))
    giving, holding = organization_of(hall, one).key, organization_of(hall, two).key
    seats = one.seat.id, two.seat.id

    given = submit(
        client,
        at(hall, "proxies"),
        to="/recorded",
        **{"paper-principal": giving, "paper-holder": holding},
    )

    assert (given.status_code, standing(hall.session)) == (303, {(*seats, RecordSource.PAPER)})
    shown = client.get(given.location)
    assert ("On paper" in shown.text, leaks(shown)) == (True, [])
    ended = send(client, form_of(shown, f"/{giving}/revoked"))
    assert (ended.status_code, standing(hall.session)) == (303, set())


def test_a_letter_across_chambers_is_refused_on_the_page(client, hall):
    sign_in(client, grant(hall.session, hall.conference, Role.CREDENTIALS_COMMITTEE))

    answer = submit(
        client,
        at(hall, "proxies"),
        to="/recorded",
        **{
            "paper-principal": organization_of(hall, hall.us[0]).key,
            "paper-holder": organization_of(hall, hall.mx[0]).key,
        },
    )

    assert (answer.status_code, standing(hall.session)) == (422, set())
    assert "A proxy stays in its chamber." in answer.text


def test_a_lead_gives_and_revokes_for_no_other_organization(client, session):
    hall = make_hall(session, us=(1, 1, 1, 1))
    one, two, three, _four = hall.us
    proxy(hall, two, three)
    sign_in(client, lead_of(hall, one))
    token = form_of(client.get(at(hall, "proxies")), "/given").select_one("[name=csrf_token]")["value"]
    other = organization_of(hall, two).key

    given = client.post(
        at(hall, f"proxies/{other}/given"),
        data={"csrf_token": token, f"{other}-holder": organization_of(hall, one).key},
    )
    revoked = client.post(at(hall, f"proxies/{other}/revoked"), data={"csrf_token": token})

    assert (given.status_code, revoked.status_code, len(standing(hall.session))) == (403, 403, 1)


def test_while_a_vote_is_open_the_page_says_what_counts_when(client, hall):
    hall.open()
    sign_in(client, lead_of(hall, hall.us[0]))

    text = client.get(at(hall, "proxies")).text

    assert "It keeps the proxies that stood when it opened." in text


# -- voting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [None, HTMX])
def test_the_holder_votes_on_a_ballot_for_each_seat_and_the_roll_call_says_by_proxy(client, hall, headers):
    one, two, _three = hall.us
    proxy(hall, one, two)
    number = hall.open()
    names = organization_of(hall, one).name, organization_of(hall, two).name
    sign_in(client, two.account)
    address, principal = at(hall, f"votes/{number}"), one.seat.id
    page = client.get(address)
    assert f"By proxy of {names[0]}" in page.text
    # Without scripts each is sent by itself, and the page says so while more than one is to be filled in.
    assert page.text.count("<noscript>") == 2

    by_proxy = send(
        client, form_of(page, f"/ballot/{principal}"), headers=headers, **{f"seat-{principal}-choice": "no"}
    )
    own = send(client, form_of(page, f"{address}/ballot"), headers=headers, choice="yes")

    assert [answer.status_code for answer in (by_proxy, own)] == [200 if headers else 303] * 2
    if headers:
        # Each answer is its own ballot, and the other is left as it was.
        assert (f"By proxy of {names[0]}: " in by_proxy.text, "<form" in by_proxy.text) == (True, False)
        assert f"{names[1]}: " in own.text
    else:
        assert by_proxy.location.endswith(f"#ballot-{principal}")
    shown = client.get(address).text
    assert "<noscript>" not in shown
    assert shown.count("Your vote was recorded") == 2
    hall.close(number)
    hall.session.commit()
    result = client.get(address).text
    assert (f"by proxy through {names[1]}" in result, "Votes cast by proxy" in result) == (True, True)


def test_a_ballot_by_proxy_that_is_incomplete_comes_back_by_itself(client, hall):
    one, two, _three = hall.us
    proxy(hall, one, two)
    number = hall.open()
    sign_in(client, two.account)
    page = client.get(at(hall, f"votes/{number}"))
    form = form_of(page, f"/ballot/{one.seat.id}")

    fragment = send(client, form, headers=HTMX)
    whole = send(client, form)

    assert (fragment.status_code, whole.status_code) == (422, 422)
    assert ("Choose one of the answers." in fragment.text, "<h1" in fragment.text) == (True, False)
    # The own ballot of the page complains of nothing.
    assert whole.text.count("Please correct this and send it again:") == 1


def test_nobody_else_casts_by_the_proxy(client, hall):
    one, two, three = hall.us
    proxy(hall, one, two)
    number = hall.open()
    sign_in(client, three.account)
    form = form_of(client.get(at(hall, f"votes/{number}")), "/ballot")
    token = form.select_one("[name=csrf_token]")["value"]

    answer = client.post(
        at(hall, f"votes/{number}/ballot/{one.seat.id}"),
        data={"csrf_token": token, f"seat-{one.seat.id}-choice": "yes"},
    )

    assert answer.status_code == 403
    assert hall.session.query(models.Ballot).count() == 0


def test_the_principal_in_the_hall_is_told_who_votes(client, hall):
    one, two, _three = hall.us
    proxy(hall, one, two)
    number = hall.open()
    names = organization_of(hall, one).name, organization_of(hall, two).name
    sign_in(client, one.account)

    text = client.get(at(hall, f"votes/{number}")).text

    assert f"{names[0]} had given its proxy to {names[1]}" in text
    assert "Cast my vote" not in text


# -- substitution ------------------------------------------------------------------------------


def alternate_of(hall, delegate):
    registration = make_registration(
        hall.session,
        hall.conference,
        organization_id=delegate.seat.organization_id,
        account_id=make_account(hall.session).id,
    )
    row = models.Credential(
        seat_id=delegate.seat.id,
        registration_id=registration.id,
        capacity=Capacity.ALTERNATE,
        status=CredentialStatus.ACCEPTED,
        attested_at=NOW,
        decided_at=NOW,
    )
    hall.session.add(row)
    hall.session.flush()
    return row


def test_the_committee_seats_the_alternate_and_the_delegate_again(client, hall):
    one = hall.us[0]
    alternate_of(hall, one)
    number = hall.open()
    sign_in(client, grant(hall.session, hall.conference, Role.CREDENTIALS_COMMITTEE))
    key = organization_of(hall, one).key
    listing = client.get(at(hall, "substitutions"))
    assert ("Delegate in the hall" in listing.text, leaks(listing)) == (True, [])
    address = at(hall, f"substitutions/{key}?sitting={hall.sitting.key}")
    asked = client.get(address)
    assert ("Only whoever sat there when it opened votes on it." in asked.text, leaks(asked)) == (True, [])

    empty = send(client, form_of(asked, "/substitutions"))
    done = send(client, form_of(asked, "/substitutions"), sits="alternate")

    assert (empty.status_code, "Choose who sits." in empty.text) == (422, True)
    assert done.status_code == 303
    assert "Alternate in the hall" in client.get(done.location).text
    back = send(client, form_of(client.get(address), "/substitutions"), sits="delegate")
    assert (back.status_code, "Delegate in the hall" in client.get(back.location).text) == (303, True)
    log = client.get(at(hall, "audit")).text
    assert f"Alternate of seat {one.seat.id}" in log
    assert hall.question(number).number == number


# -- seats -------------------------------------------------------------------------------------


def test_organizers_give_a_seat_change_its_votes_and_take_it_back(client, session):
    hall = make_hall(session)
    club = make_organization(session, hall.conference, name="Club Yalálag", key="yalalag")
    make_organization(session, hall.conference, name="Club Retirado", withdrawn_at=NOW, key="retirado")
    club_id = club.id
    sign_in(client, grant(session, hall.conference, Role.ORGANIZER))
    address = at(hall, "seats")
    page = client.get(address)
    assert ("Not claimed, or withdrawn" in page.text, leaks(page)) == (True, [])

    given = submit(client, address, to="/seats/yalalag", **{"seat-yalalag-votes": "2"})
    wrong = submit(client, address, to=f"/en/{hall.slug}/seats/yalalag", **{"seat-yalalag-votes": "0"})
    more = submit(client, address, to=f"/en/{hall.slug}/seats/yalalag", **{"seat-yalalag-votes": "3"})
    seat = session.query(models.Seat).filter_by(organization_id=club_id).one()
    votes, chamber = seat.votes, seat.chamber
    taken = submit(client, address, to="/yalalag/taken-back")

    assert (given.status_code, more.status_code, taken.status_code) == (303, 303, 303)
    assert (wrong.status_code, "A seat has one vote at least" in wrong.text) == (422, True)
    assert (votes, chamber) == (3, Chamber.US)
    assert session.query(models.Seat).filter_by(organization_id=club_id).count() == 0
    log = client.get(at(hall, "audit")).text
    assert "set the votes of a seat." in log


def test_an_office_is_offered_no_seat_and_is_told_why(client, session):
    hall = make_hall(session)
    office = OrganizationKind.GOVERNMENT_FEDERAL
    consulate = make_organization(session, hall.conference, name="Oficina", key="oficina", kind=office)
    make_organization(session, hall.conference, name="Club Yalálag", key="yalalag")
    consulate_id = consulate.id
    sign_in(client, grant(session, hall.conference, Role.ORGANIZER))
    address = at(hall, "seats")
    page = client.get(address).text
    card = page.partition('id="seat-of-oficina"')[2].partition("</li>")[0]

    said = filled_in(form_of(client.get(address), "/seats/yalalag")) | {"seat-oficina-votes": "1"}
    refused = client.post(f"{address}/oficina", data=said)

    assert "Governments and academic institutions take part with voice and no vote." in card
    assert ("Voice only" in card, "<form" in card) == (True, False)
    assert (refused.status_code, 'role="alert"' in refused.text) == (409, True)
    assert session.query(models.Seat).filter_by(organization_id=consulate_id).count() == 0


# -- the published roster ----------------------------------------------------------------------


@pytest.mark.parametrize("who", ["stranger", "official", "attendee", "other_lead"])
def test_everybody_reads_organizations_and_numbers_and_nobody_who_is_in_the_hall(client, session, who):
    hall = make_hall(session, us=(2, 1, 1, 1))
    one, two, three, four = hall.us
    proxy(hall, one, two)
    hall.leave(three)
    hidden, withdrawn = organization_of(hall, three), organization_of(hall, four)
    hidden.name, hidden.source = "Club Hallado", OrganizationSource.FOUND
    withdrawn.name, withdrawn.withdrawn_at = "Club Retirado", NOW
    present, absent = organization_of(hall, two).name, organization_of(hall, one).name
    session.flush()
    if who == "official":
        sign_in(client, grant(session, hall.conference, Role.OFFICIAL))
    elif who == "attendee":
        account = make_account(session)
        make_registration(session, hall.conference, account_id=account.id)
        sign_in(client, account)
    elif who == "other_lead":
        club = make_organization(session, hall.conference)
        sign_in(client, grant(session, hall.conference, Role.ORGANIZATION_LEAD, organization=club))

    answer = client.get(at(hall, "accreditations"))

    assert (answer.status_code, leaks(answer)) == (200, [])
    assert [name in answer.text for name in (present, absent)] == [True, True]
    assert [name in answer.text for name in ("Club Hallado", "Club Retirado")] == [False, False]
    assert "1 more organization votes and is not listed." in answer.text
    assert ("By proxy" in answer.text, "by proxy through" in answer.text.lower()) == (True, False)
    # In the hall are two of three: neither how many nor which two is told, but that they are a quorum.
    assert answer.text.count(">Present<") == answer.text.count(">Absent<") == 0
    assert [word in answer.text for word in ("2 of 3", "Seats present", "Votes present")] == [False] * 3
    assert answer.text.count("Quorum reached") == 2


def test_the_roster_is_sent_again_only_when_it_changed(client, hall):
    live = client.get(at(hall, "accreditations"), headers=HTMX)
    refresh = live.text.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")

    unchanged = client.get(refresh, headers=HTMX)
    # Somebody goes out, and there is a quorum still: whoever watches is told nothing.
    hall.leave(hall.us[0])
    one_less = client.get(refresh, headers=HTMX)
    hall.leave(hall.us[1])
    none_left = client.get(refresh, headers=HTMX)

    assert [answer.status_code for answer in (unchanged, one_less, none_left)] == [204, 204, 200]
    assert ("No quorum" in none_left.text, "more needed" in none_left.text) == (True, False)


def test_which_of_two_seats_is_in_the_hall_changes_nothing_that_is_sent(client, session):
    hall = make_hall(session, us=(1, 1, 1, 1))
    hall.leave(hall.us[0])
    first = client.get(at(hall, "accreditations"), headers=HTMX).text
    gone = session.query(models.Presence).filter_by(seat_id=hall.us[0].seat.id).one()
    gone.left_at = None
    hall.leave(hall.us[1])

    assert client.get(at(hall, "accreditations"), headers=HTMX).text == first


# -- cards -------------------------------------------------------------------------------------


def test_printing_cards_that_vote_needs_a_fresh_proof(client, session):
    hall = make_hall(session)
    session.get_one(models.Registration, hall.credential(hall.us[0]).registration_id).account_id = None
    session.flush()
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    committee = grant(session, hall.conference, Role.CREDENTIALS_COMMITTEE)
    sign_in(client, committee, proved_at=long_ago, assured_at=long_ago)

    answer = submit(client, at(hall, "credentials/cards"), to="/credentials/cards")

    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/en/confirm")
    assert session.query(models.AccessCard).count() == 0


def test_cards_are_printed_for_all_delegates_without_email_at_once(client, new_client, session):
    hall = make_hall(session)
    for delegate in hall.us[:2]:
        registration = session.get_one(models.Registration, hall.credential(delegate).registration_id)
        registration.account_id = None
    session.flush()
    sign_in(client, grant(session, hall.conference, Role.CREDENTIALS_COMMITTEE))
    address = at(hall, "credentials/cards")
    assert leaks(client.get(address)) == []

    printed = submit(client, address, to="/credentials/cards")

    assert (printed.status_code, printed.text.count("ticket-code"), leaks(printed)) == (200, 2, [])
    again = client.get(address)
    assert (again.text.count("Has a card"), "Issue" in again.text) == (2, False)
    assert session.query(models.AccessCard).count() == 2
    code = printed.text.split('class="ticket-code">')[1].split("<")[0]
    phone = new_client()
    assert submit(phone, "/en/card", to="/card", code=code).status_code == 303


def test_a_delegate_with_an_address_gets_no_card(client, hall):
    sign_in(client, grant(hall.session, hall.conference, Role.CREDENTIALS_COMMITTEE))

    text = client.get(at(hall, "credentials/cards")).text

    assert "Every accepted delegate has an email address." in text


# -- a federation and its member ---------------------------------------------------------------


def test_a_federation_names_for_its_member_on_its_own_page_and_sees_no_name_of_theirs(
    client, new_client, session
):
    hall = make_hall(session)
    club = make_organization(session, hall.conference, name="Club Yalálag", key="yalalag")
    make_seat(session, hall.conference, organization=club)
    federation = make_organization(session, hall.conference, name="Federación Norte", key="norte")
    session.add(
        models.FederationMembership(
            parent_id=federation.id, member_id=club.id, mandate=RecordSource.PAPER, mandated_at=NOW
        )
    )
    theirs = make_registration(
        session, hall.conference, organization_id=federation.id, badge_name="Gente De Norte"
    )
    make_registration(session, hall.conference, organization_id=club.id)
    make_delegate(session, hall.conference)
    person = theirs.id
    leads = {
        key: grant(session, hall.conference, Role.ORGANIZATION_LEAD, organization=organization)
        for key, organization in (("club", club), ("federation", federation))
    }
    sign_in(client, leads["federation"])
    address = at(hall, "credentials")
    page = client.get(address)
    assert ("gave Federación Norte its mandate" in page.text, leaks(page)) == (True, [])

    named = submit(
        client,
        address,
        to="/yalalag/named",
        **{
            "yalalag-capacity": "delegate",
            "yalalag-registration": str(person),
            "yalalag-attested": "y",
        },
    )

    assert named.status_code == 303
    member = new_client()
    sign_in(member, leads["club"])
    seen = member.get(address).text
    assert ("A person of Federación Norte" in seen, "Gente De Norte" in seen) == (True, False)
