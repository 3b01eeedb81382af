"""One seat an organization, in the chamber of its side; and who of its two people sits in it."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from agreements import Chamber, Choice
from conference import models
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import OrganizationKind, OrganizationSource, RecordSource
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound
from conference.domain.registration import RegistrationStatus
from conference.domain.tickets import ticket_code, ticket_code_digest
from conference.queries.proxies import seats_with_alternates
from conference.queries.seats import delegates_without_address, seat_offers
from conference.services.checkin import check_in
from conference.services.credentials import name_delegate
from conference.services.proxies import give_proxy
from conference.services.seats import set_seat, take_seat_back, vacate_seat
from conference.services.substitution import substitute
from conference.services.voting import open_question
from tests.factories import (
    NOW,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    make_seat,
    make_sign_in,
    make_sitting,
)
from tests.halls import CLAUSE, make_hall
from tests.races import at_once

LATER = NOW + timedelta(minutes=10)
KEYS = [b"k" * 32]


def refusal(act, *args, **values):
    with pytest.raises(DomainError) as refused:
        act(*args, **values)
    return type(refused.value), refused.value.code


def seat(session, conference, organization, votes=1, **values):
    settings = {"conference_id": conference.id, "organization_id": organization.id, "votes": votes}
    return set_seat(session, **settings | {"by": None, "now": NOW} | values)


def take_back(session, conference, organization_id):
    take_seat_back(session, conference_id=conference.id, organization_id=organization_id, by=None, now=LATER)


def events(session):
    found = session.scalars(select(models.AuditEntry.entry).order_by(models.AuditEntry.index))
    return [json.loads(entry)["event"] for entry in found]


def entries(session, kind):
    found = session.scalars(select(models.AuditEntry.entry).order_by(models.AuditEntry.index))
    return [str(entry) for entry in found if kind in str(entry)]


# -- seats -------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Chamber)
def test_a_seat_is_of_the_organizations_side_and_setting_it_again_changes_its_votes(session, side):
    conference = make_conference(session)
    club = make_organization(session, conference, side=side)

    first = seat(session, conference, club, 2)
    second = seat(session, conference, club, 3)
    third = seat(session, conference, club, 3)

    row = session.scalars(select(models.Seat)).one()
    assert (first, second, third) == (row.id, row.id, row.id)
    assert (row.chamber, row.votes) == (side, 3)
    # What changed nothing is not written down.
    assert len(entries(session, "seat_set")) == 2


@pytest.mark.parametrize("votes", [0, -1, 100])
def test_a_seat_has_at_least_one_vote_and_not_too_many(session, votes):
    conference = make_conference(session)
    club = make_organization(session, conference)
    assert refusal(seat, session, conference, club, votes) == (Invalid, "seat_votes_out_of_range")


def test_only_who_takes_part_and_is_claimed_and_has_not_withdrawn_has_a_seat(session):
    conference = make_conference(session)
    elsewhere = make_organization(session, make_conference(session))
    found = make_organization(session, conference, source=OrganizationSource.FOUND)
    claimed = make_organization(session, conference, source=OrganizationSource.FOUND, claimed_at=NOW)
    withdrawn = make_organization(session, conference, withdrawn_at=NOW)

    assert refusal(seat, session, conference, elsewhere) == (NotFound, "organization_not_found")
    assert refusal(seat, session, conference, found) == (Conflict, "organization_unclaimed")
    assert refusal(seat, session, conference, withdrawn) == (Conflict, "organization_withdrawn")
    seat(session, conference, claimed)
    offered = {offer.organization_id: offer for offer in seat_offers(session, conference_id=conference.id)}
    assert {id_: offer.shown for id_, offer in offered.items()} == {
        found.id: False,
        claimed.id: True,
        withdrawn.id: False,
    }


@pytest.mark.parametrize("kind", OrganizationKind)
def test_government_and_academia_take_part_with_voice_and_get_no_seat(session, kind):
    conference = make_conference(session)
    organization = make_organization(session, conference, kind=kind)
    [offer] = seat_offers(session, conference_id=conference.id)

    voice_only = kind.value.startswith("government") or kind is OrganizationKind.ACADEMIC
    assert offer.voice_only is voice_only
    if voice_only:
        assert refusal(seat, session, conference, organization) == (Conflict, "organization_voice_only")
    else:
        seat(session, conference, organization)
    assert len(session.scalars(select(models.Seat)).all()) == (0 if voice_only else 1)
    assert len(entries(session, "seat_set")) == (0 if voice_only else 1)


def test_a_seat_that_no_question_counted_is_taken_back_with_its_proxies_and_credentials(session):
    hall = make_hall(session)
    one, two, _three = (delegate.seat.organization_id for delegate in hall.us)
    give_proxy(
        session,
        conference_id=hall.conference.id,
        organization_id=one,
        holder_id=two,
        source=RecordSource.PAPER,
        by=None,
        now=NOW,
    )

    two_id = hall.us[1].seat.id
    one_id = hall.us[0].seat.id
    sign_ins = [make_sign_in(session, delegate.account)[0].id for delegate in hall.us]

    take_back(session, hall.conference, two)

    session.expire_all()
    assert session.scalars(select(models.Proxy)).all() == []
    # Whoever sat there may do less from now on; the log has what was ended and revoked, by seats.
    assert [session.get_one(models.SignIn, each).rights_changed for each in sign_ins] == [False, True, False]
    assert [
        (event["kind"], event["seat"], event.get("sits"), event.get("holder")) for event in events(session)
    ] == [
        ("proxy_given", f"seat-{one_id}", None, f"seat-{two_id}"),
        ("seat_set", f"seat-{two_id}", None, None),
        ("credential_ended", f"seat-{two_id}", f"delegate-{two_id}", None),
        ("proxy_revoked", f"seat-{one_id}", None, f"seat-{two_id}"),
    ]
    assert len(session.scalars(select(models.Seat)).all()) == 5
    assert len(session.scalars(select(models.Credential)).all()) == 5
    assert refusal(take_back, session, hall.conference, two) == (NotFound, "seat_not_found")


def test_a_seat_stays_while_a_vote_is_open_and_once_it_was_counted(session):
    hall = make_hall(session)
    organization_id = hall.us[0].seat.organization_id
    number = hall.open()

    assert refusal(take_back, session, hall.conference, organization_id) == (Conflict, "question_open")
    hall.close(number)
    assert refusal(take_back, session, hall.conference, organization_id) == (Conflict, "seat_has_voted")
    # Nothing ended by the attempt.
    session.expire_all()
    assert hall.credential(hall.us[0]).status is CredentialStatus.ACCEPTED
    # Other votes count from the next question on.
    organization = session.get_one(models.Organization, organization_id)
    seat(session, hall.conference, organization, 4)
    assert [offer.counted for offer in seat_offers(session, conference_id=hall.conference.id)] == [True] * 6


def test_a_seat_set_twice_at_once_is_one(session, prepared):
    conference = make_conference(session)
    club = make_organization(session, conference)
    values = {"conference_id": conference.id, "organization_id": club.id, "by": None, "now": NOW}
    session.commit()

    came = at_once(
        prepared, *(lambda own, votes=votes: set_seat(own, votes=votes, **values) for votes in (2, 3, 4))
    )

    assert set(map(type, came)) <= {int, str}
    assert len(session.scalars(select(models.Seat)).all()) == 1


def test_a_seat_taken_back_while_a_question_opens_is_in_it_or_gone_and_nothing_breaks(session, prepared):
    # Several times: what two transactions do to each other (once, a deadlock) depends on who comes first.
    for _ in range(8):
        hall = make_hall(session, us=(1, 1, 1, 1, 1))
        conference_id, organization_id = hall.conference.id, hall.us[0].seat.organization_id
        opening = {
            "conference_id": conference_id,
            "sitting_id": hall.sitting.id,
            "provision_key": CLAUSE,
            "rule": hall.conference.default_rule,
            "by": hall.chair.id,
            "now": NOW,
        }
        session.commit()

        came = at_once(
            prepared,
            partial(open_question, **opening),
            partial(
                take_seat_back, conference_id=conference_id, organization_id=organization_id, by=None, now=NOW
            ),
        )

        assert len(came) == 2
        assert {answer for answer in came if isinstance(answer, str)} <= {
            "conflict",
            "question_open",
            "seat_has_voted",
        }
        seats = session.scalars(
            select(models.Seat.id).where(models.Seat.conference_id == conference_id)
        ).all()
        opened = select(models.Question.id).where(models.Question.conference_id == conference_id)
        counted = session.scalars(
            select(models.Elector.seat_id).where(models.Elector.question_id.in_(opened))
        ).all()
        assert set(counted) in (set(), set(seats))


# -- substitution ------------------------------------------------------------------------------


def alternate_of(hall, delegate, **values):
    registration = make_registration(
        hall.session,
        hall.conference,
        organization_id=delegate.seat.organization_id,
        account_id=make_account(hall.session).id,
    )
    credential = models.Credential(
        **{
            "seat_id": delegate.seat.id,
            "registration_id": registration.id,
            "capacity": Capacity.ALTERNATE,
            "status": CredentialStatus.ACCEPTED,
            "attested_at": NOW,
            "decided_at": NOW,
        }
        | values
    )
    hall.session.add(credential)
    hall.session.flush()
    return registration, credential


def exchange(hall, delegate, capacity, **values):
    settings = {"conference_id": hall.conference.id, "sitting_id": hall.sitting.id}
    settings |= {"organization_id": delegate.seat.organization_id, "capacity": capacity}
    substitute(hall.session, **settings | {"by": hall.chair.id, "now": LATER} | values)


def presences(session, seat_id):
    rows = session.scalars(
        select(models.Presence).where(models.Presence.seat_id == seat_id).order_by(models.Presence.id)
    )
    return [(row.credential_id, row.left_at is None) for row in rows]


def test_the_alternate_takes_the_place_and_the_delegate_comes_back(session):
    hall = make_hall(session)
    delegate = hall.us[0]
    own = hall.credential(delegate).id
    _registration, alternate = alternate_of(hall, delegate)

    exchange(hall, delegate, Capacity.ALTERNATE)
    (line,) = seats_with_alternates(session, conference_id=hall.conference.id, sitting_id=hall.sitting.id)
    exchange(hall, delegate, Capacity.DELEGATE)

    assert (line.sits, line.has_delegate) == (Capacity.ALTERNATE, True)
    assert presences(session, delegate.seat.id) == [(own, False), (alternate.id, False), (own, True)]
    log = entries(session, "substituted")
    assert [f"alternate-{delegate.seat.id}" in log[0], f"delegate-{delegate.seat.id}" in log[1]] == [True] * 2
    assert all("chair-1" in entry for entry in log)


def test_whoever_takes_the_place_votes_from_the_next_question_on(session):
    hall = make_hall(session)
    delegate = hall.us[0]
    registration, _credential = alternate_of(hall, delegate)
    alternate = session.get_one(models.Account, registration.account_id)
    first = hall.open()

    exchange(hall, delegate, Capacity.ALTERNATE)

    voter = type(delegate)(alternate, delegate.seat)
    assert refusal(hall.cast, first, voter, Choice.YES)[1] == "not_an_elector"
    assert refusal(hall.cast, first, delegate, Choice.YES)[1] == "not_present"
    second = hall.open("preamble")
    assert hall.cast(second, voter, Choice.NO).choices == (Choice.NO,)
    assert refusal(hall.cast, second, delegate, Choice.YES)[1] == "not_an_elector"


def test_only_people_whom_the_committee_accepted_take_a_place(session):
    hall = make_hall(session)
    one, two, three = hall.us
    alternate_of(hall, one, status=CredentialStatus.PROPOSED, decided_at=None)
    registration, _credential = alternate_of(hall, two)
    registration.status, registration.cancelled_at = RegistrationStatus.CANCELLED, NOW
    session.flush()

    for delegate in (one, two, three):
        answer = refusal(exchange, hall, delegate, Capacity.ALTERNATE)
        assert answer == (Conflict, "nobody_accepted")
    assert refusal(exchange, hall, one, Capacity.DELEGATE) == (Conflict, "sits_already")
    lines = seats_with_alternates(session, conference_id=hall.conference.id, sitting_id=hall.sitting.id)
    assert lines == ()


def test_a_place_is_taken_in_a_sitting_of_this_conference(session):
    hall, other = make_hall(session), make_hall(session)
    delegate = hall.us[0]
    alternate_of(hall, delegate)
    cancelled = make_sitting(session, hall.conference, cancelled=True)

    for sitting in (other.sitting, cancelled):
        answer = refusal(exchange, hall, delegate, Capacity.ALTERNATE, sitting_id=sitting.id)
        assert answer == (NotFound, "sitting_not_found")
    assert refusal(exchange, hall, other.us[0], Capacity.ALTERNATE) == (NotFound, "seat_not_found")


def test_of_two_desks_that_seat_the_alternate_at_once_one_does(session, prepared):
    hall = make_hall(session)
    delegate = hall.us[0]
    alternate_of(hall, delegate)
    values = {
        "conference_id": hall.conference.id,
        "sitting_id": hall.sitting.id,
        "organization_id": delegate.seat.organization_id,
        "capacity": Capacity.ALTERNATE,
        "by": None,
        "now": LATER,
    }
    seat_id = delegate.seat.id
    session.commit()

    came = at_once(prepared, *[lambda own: substitute(own, **values)] * 4)

    assert came.count(None) == 1
    assert set(came) <= {None, "sits_already", "conflict"}
    assert [there for _credential, there in presences(session, seat_id)].count(True) == 1


def test_at_the_door_the_delegate_takes_the_place_back_and_the_log_says_so(session):
    hall = make_hall(session)
    delegate = hall.us[0]
    own = hall.credential(delegate)
    registration, alternate = alternate_of(hall, delegate)
    codes = {"delegate": ticket_code("a"), "alternate": ticket_code("b")}
    of_delegate = session.get_one(models.Registration, own.registration_id)
    of_delegate.code_digest = ticket_code_digest(codes["delegate"], key=KEYS[0])
    registration.code_digest = ticket_code_digest(codes["alternate"], key=KEYS[0])
    session.flush()

    def scan(who):
        settings = {"conference_id": hall.conference.id, "door": hall.sitting.key, "keys": KEYS}
        check_in(session, text=codes[who], by=hall.chair.id, now=LATER, **settings)

    # Both are scanned: the alternate changes nothing while the delegate is there.
    scan("alternate")
    assert presences(session, delegate.seat.id) == [(own.id, True)]
    assert entries(session, "substituted") == []
    exchange(hall, delegate, Capacity.ALTERNATE)
    scan("delegate")
    scan("delegate")

    assert presences(session, delegate.seat.id) == [(own.id, False), (alternate.id, False), (own.id, True)]
    assert [f"delegate-{delegate.seat.id}" in entry for entry in entries(session, "substituted")] == [
        False,
        True,
    ]


# -- ending a credential -----------------------------------------------------------------------


def test_a_credential_that_ended_votes_no_more_and_leaves_the_seat_to_another(session):
    hall = make_hall(session)
    delegate = hall.us[0]
    own = hall.credential(delegate)
    registration_id, credential_id = own.registration_id, own.id
    number = hall.open()
    sign_ins = [make_sign_in(session, each.account)[0].id for each in hall.us[:2]]
    values = {"conference_id": hall.conference.id, "credential_id": credential_id, "by": hall.chair.id}

    vacate_seat(session, now=LATER, **values)

    session.expire_all()
    row = session.get_one(models.Credential, credential_id)
    assert (row.status, row.decided_at, row.decided_by_id) == (
        CredentialStatus.WITHDRAWN,
        LATER,
        hall.chair.id,
    )
    assert presences(session, delegate.seat.id) == [(credential_id, False)]
    assert [session.get_one(models.SignIn, each).rights_changed for each in sign_ins] == [True, False]
    assert refusal(hall.cast, number, delegate, Choice.YES)[1] == "credential_not_accepted"
    assert len(entries(session, "credential_ended")) == 1
    assert refusal(vacate_seat, session, now=LATER, **values) == (Conflict, "credential_not_standing")
    elsewhere = values | {"conference_id": make_conference(session).id}
    elsewhere["credential_id"] = hall.credential(hall.us[1]).id
    assert refusal(vacate_seat, session, now=LATER, **elsewhere)[1] == "credential_not_standing"
    # The same person may be named again.
    again = name_delegate(
        session,
        conference_id=hall.conference.id,
        organization_id=delegate.seat.organization_id,
        registration_id=registration_id,
        capacity=Capacity.ALTERNATE,
        by=None,
        now=LATER,
    )
    assert again != credential_id


# -- cards -------------------------------------------------------------------------------------


def test_cards_are_for_accepted_people_without_address_by_organization(session):
    hall = make_hall(session)
    one, two, three = hall.us
    registration = session.get_one(models.Registration, hall.credential(one).registration_id)
    registration.account_id = None
    written = session.get_one(models.Registration, hall.credential(two).registration_id)
    written.account_id, written.contact_email = None, "secreta@example.org"
    waiting = session.get_one(models.Registration, hall.credential(three).registration_id)
    waiting.account_id = None
    hall.credential(three).status = CredentialStatus.PROPOSED
    session.flush()

    found = delegates_without_address(session, conference_id=hall.conference.id)

    assert [(one_.registration_id, one_.capacity, one_.has_card) for one_ in found] == [
        (registration.id, Capacity.DELEGATE, False)
    ]


@pytest.mark.parametrize("size", [1, 3, 30])
def test_lists_of_seats_and_cards_take_one_statement_each(session, count_queries, size):
    conference = make_conference(session)
    for _ in range(size):
        make_seat(session, conference)
    counts = []
    for ask in (seat_offers, delegates_without_address):
        with count_queries() as queries:
            ask(session, conference_id=conference.id)
        counts.append(len(queries))
    assert counts == [1, 1]
