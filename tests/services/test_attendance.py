"""What the hall is told of its seats, and what leads and committee are told of people."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import update

from agreements import Chamber, Rule
from conference import models
from conference.domain.credentials import Capacity, CredentialStatus, RejectionReason
from conference.domain.registration import RegistrationStatus
from conference.queries.checkin import DoorLine, door_counts, present_seats
from conference.queries.credentials import (
    ChamberAttendance,
    SeatAttendance,
    attendance,
    roster_of,
    sitting_at,
    sittings,
)
from conference.queries.delegations import delegations, proposals
from conference.services.voting import open_question
from tests.factories import (
    NOW,
    make_account,
    make_agreement,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
    make_session,
    make_sitting,
)


def credential(session, seat, registration, status=CredentialStatus.PROPOSED, **values):
    defaults = {
        "seat_id": seat.id,
        "registration_id": registration.id,
        "capacity": Capacity.DELEGATE,
        "status": status,
        "attested_at": NOW,
        "decided_at": None if status is CredentialStatus.PROPOSED else NOW,
    }
    row = models.Credential(**defaults | values)
    session.add(row)
    session.flush()
    return row


def seat_of(session, conference, name, **values):
    organization = make_organization(session, conference, name=name, side=values.get("chamber", Chamber.US))
    return make_seat(session, conference, organization=organization, **values)


@pytest.mark.parametrize("status", [CredentialStatus.WITHDRAWN, CredentialStatus.PROPOSED])
def test_nobody_is_present_by_a_credential_that_is_no_longer_accepted(session, status):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    _, stays = make_delegate(session, conference, present_in=sitting)
    _, lost = make_delegate(session, conference, present_in=sitting)
    of_lost = update(models.Credential).where(models.Credential.seat_id == lost.id)
    session.execute(of_lost.values(status=status))
    # A second person of the seat, accepted as ever, does not make it present from outside.
    other = make_registration(session, conference, organization_id=lost.organization_id)
    credential(session, lost, other, CredentialStatus.ACCEPTED, capacity=Capacity.ALTERNATE)

    us, _ = attendance(session, conference_id=conference.id, sitting_id=sitting.id)
    counted, _ = door_counts(
        session, conference_id=conference.id, door=DoorLine(sitting.key, {}, None, sitting=True)
    ).chambers
    listed = present_seats(session, conference_id=conference.id, door=sitting.key)

    assert (us.present_seats, counted.present) == (1, 1)
    assert [seat.seat_id for seat in listed] == [stays.id]


def test_each_chamber_counts_its_seats_votes_and_presence(session):
    conference = make_conference(session)
    sitting, other = make_sitting(session, conference), make_sitting(session, conference)
    make_delegate(
        session, conference, seat=seat_of(session, conference, "Ámbar", votes=3), present_in=sitting
    )
    make_delegate(
        session, conference, seat=seat_of(session, conference, "Bejucos", votes=2), present_in=other
    )
    seat_of(session, conference, "Zaachila")
    mexico = seat_of(session, conference, "Comité", chamber=Chamber.MX)
    make_delegate(session, conference, seat=mexico)
    make_delegate(session, make_conference(session))

    us, mx = attendance(session, conference_id=conference.id, sitting_id=sitting.id)

    assert (us.chamber, mx.chamber) == (Chamber.US, Chamber.MX)
    assert us.seats == (
        SeatAttendance("Ámbar", votes=3, credentialed=True, present=True),
        SeatAttendance("Bejucos", votes=2, credentialed=True, present=False),
        SeatAttendance("Zaachila", votes=1, credentialed=False, present=False),
    )
    assert (us.entitled_seats, us.entitled_votes, us.credentialed_seats) == (3, 6, 2)
    assert (us.present_seats, us.present_votes) == (1, 3)
    assert (us.needed_seats, us.missing_seats, us.quorate) == (2, 1, False)
    assert mx.seats == (SeatAttendance("Comité", votes=1, credentialed=True, present=False),)


def test_who_has_left_is_absent(session):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    make_delegate(session, conference, present_in=sitting)
    session.query(models.Presence).one().left_at = NOW + timedelta(minutes=5)
    session.flush()

    us, _ = attendance(session, conference_id=conference.id, sitting_id=sitting.id)

    assert us.present_seats == 0


@pytest.mark.parametrize(("present", "quorate"), [(1, False), (2, False), (3, True), (4, True)])
def test_half_of_the_seats_is_no_quorum(session, present, quorate):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    for number in range(4):
        make_delegate(session, conference, present_in=sitting if number < present else None)

    us, _ = attendance(session, conference_id=conference.id, sitting_id=sitting.id)

    assert (us.quorate, us.missing_seats) == (quorate, max(3 - present, 0))


@pytest.mark.parametrize(
    ("present", "entitled", "told"),
    [
        # Fewer than five have come, or have not: a number that grows would tell who.
        *((present, 3, None) for present in range(4)),
        (0, 20, None),
        (4, 20, None),
        (4, 8, None),
        (5, 10, 1),
        (5, 20, 6),
        (10, 20, 1),
        # With a quorum there is nothing more to tell.
        (11, 20, None),
    ],
)
def test_everybody_is_told_how_many_are_missing_only_where_they_are_many(present, entitled, told):
    seats = tuple(
        SeatAttendance(f"Club {number}", votes=2, credentialed=True, present=number < present)
        for number in range(entitled)
    )

    roster = roster_of(ChamberAttendance(Chamber.US, seats))

    assert (roster.missing_seats, roster.quorate) == (told, 2 * present > entitled)
    assert {field.name for field in fields(roster) if "present" in field.name} == set()
    assert {field.name for field in fields(roster.seats[0])} == {
        "organization_name",
        "votes",
        "credentialed",
        "by_proxy",
    }


def test_a_chamber_without_seats_is_never_quorate(session):
    us, mx = attendance(session, conference_id=make_conference(session).id, sitting_id=None)

    assert ((us.quorate, us.entitled_seats), (mx.quorate, mx.entitled_seats)) == ((False, 0), (False, 0))


def test_without_a_sitting_nobody_is_present(session):
    conference = make_conference(session)
    make_delegate(session, conference, present_in=make_sitting(session, conference))

    us, _ = attendance(session, conference_id=conference.id, sitting_id=None)

    assert (us.present_seats, us.credentialed_seats) == (0, 1)


def test_sittings_are_the_voting_plenaries_that_are_held(session):
    conference = make_conference(session)
    day = conference.first_day
    second = make_sitting(session, conference, starts_local=datetime.combine(day, time(15)), minutes=60)
    first = make_sitting(session, conference, starts_local=datetime.combine(day, time(9)), minutes=60)
    make_sitting(session, conference, cancelled=True)
    make_session(session, conference)
    make_sitting(session, make_conference(session))

    held = sittings(session, conference_id=conference.id)

    assert [sitting.id for sitting in held] == [first.id, second.id]
    at = [sitting_at(held, datetime.combine(day, time(hour, 30))).id for hour in (7, 9, 10, 15, 20)]
    assert at == [first.id, first.id, second.id, second.id, second.id]
    assert sitting_at((), datetime.combine(day, time(9))) is None


def test_a_sitting_that_votes_comes_before_what_the_clock_says(session):
    conference = make_conference(session)
    morning = datetime.combine(conference.first_day, time(9))
    sitting = make_sitting(session, conference, starts_local=morning, minutes=60)
    make_sitting(session, conference, starts_local=morning + timedelta(days=1), minutes=60)
    make_agreement(session, conference)
    for chamber in Chamber:
        make_delegate(session, conference, chamber=chamber, present_in=sitting)
    open_question(
        session,
        conference_id=conference.id,
        sitting_id=sitting.id,
        provision_key="purpose-coalition",
        rule=Rule.SIMPLE,
        by=make_account(session).id,
        now=NOW,
    )
    held = sittings(session, conference_id=conference.id)
    assert sitting_at(held, morning + timedelta(hours=11)).id == sitting.id


def test_a_lead_is_shown_whom_the_organization_named_and_could_name(session):
    conference = make_conference(session)
    seat = seat_of(session, conference, "Club", votes=2)
    own = {"organization_id": seat.organization_id}
    accepted = make_registration(session, conference, badge_name="Zoila", **own)
    rejected = make_registration(session, conference, badge_name="Ángel", **own)
    make_registration(session, conference, badge_name="Beto", **own)
    cancelled = RegistrationStatus.CANCELLED
    make_registration(session, conference, badge_name="Fue", status=cancelled, cancelled_at=NOW, **own)
    make_registration(session, make_conference(session), badge_name="De otra conferencia", **own)
    make_registration(session, conference, badge_name="De nadie")
    make_delegate(session, conference)
    credential(session, seat, accepted, CredentialStatus.WITHDRAWN, capacity=Capacity.ALTERNATE)
    refused = credential(
        session,
        seat,
        rejected,
        CredentialStatus.REJECTED,
        capacity=Capacity.ALTERNATE,
        reason=RejectionReason.LETTER_MISSING,
    )
    stands = credential(session, seat, accepted, CredentialStatus.ACCEPTED)

    (found,) = delegations(session, conference_id=conference.id, organization_ids={seat.organization_id})

    assert (found.name, found.votes) == ("Club", 2)
    assert [(named.id, named.badge_name, named.reason) for named in found.named] == [
        (stands.id, "Zoila", None),
        (refused.id, "Ángel", RejectionReason.LETTER_MISSING),
    ]
    assert [candidate.badge_name for candidate in found.candidates] == ["Ángel", "Beto"]


def test_whoever_leads_nothing_is_shown_nothing(session):
    conference = make_conference(session)
    make_delegate(session, conference)
    elsewhere = make_organization(session, make_conference(session))

    assert delegations(session, conference_id=conference.id, organization_ids=frozenset()) == ()
    assert delegations(session, conference_id=conference.id, organization_ids={elsewhere.id}) == ()


def test_the_committee_is_shown_what_waits_and_nothing_else(session):
    conference = make_conference(session)
    seat = seat_of(session, conference, "Club")
    person = make_registration(session, conference, badge_name="Beto", organization_id=seat.organization_id)
    waiting = credential(session, seat, person)
    make_delegate(session, conference)
    elsewhere = make_conference(session)
    credential(session, seat_of(session, elsewhere, "Otro"), make_registration(session, elsewhere))

    found = proposals(session, conference_id=conference.id)

    assert [(proposal.id, proposal.organization_name, proposal.badge_name) for proposal in found] == [
        (waiting.id, "Club", "Beto")
    ]


@pytest.mark.parametrize("size", [1, 3, 30])
def test_the_number_of_statements_does_not_grow(session, count_queries, size):
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    leads = []
    for _ in range(size):
        _, seat = make_delegate(session, conference, present_in=sitting)
        leads.append(seat.organization_id)
        person = make_registration(session, conference, organization_id=seat.organization_id)
        credential(session, seat, person, capacity=Capacity.ALTERNATE)
    conference_id, sitting_id = conference.id, sitting.id
    session.expunge_all()

    counts = []
    for ask in (
        lambda: attendance(session, conference_id=conference_id, sitting_id=sitting_id),
        lambda: sittings(session, conference_id=conference_id),
        lambda: proposals(session, conference_id=conference_id),
        lambda: delegations(session, conference_id=conference_id, organization_ids=leads),
    ):
        with count_queries() as queries:
            ask()
        counts.append(len(queries))

    assert counts == [1, 1, 1, 4]
