"""Who still votes, and which seats count, after an organization withdrew or took its mandate back."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import timedelta

import pytest
from sqlalchemy import select

from agreements import Chamber, Choice, Outcome
from conference import models
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import MembershipState, OrganizationKind, RecordSource
from conference.domain.errors import Conflict, DomainError, Forbidden
from conference.domain.tickets import token_digest
from conference.domain.voting import record_from_json
from conference.queries.checkin import DoorLine, door_counts
from conference.queries.credentials import attendance
from conference.queries.voting import question, roll_call
from conference.services.credentials import decide_credential
from conference.services.directory import return_organization, withdraw_organization
from conference.services.federations import ask_to_leave
from conference.services.mandates import revoke_mandate
from conference.services.proxies import give_proxy
from conference.services.registration import cancel_registration
from conference.services.voting import cast_ballot
from tests.factories import NOW, make_organization, make_registration, make_sign_in
from tests.halls import make_hall
from tests.races import at_once

YES, NO = Choice.YES, Choice.NO
LATER = NOW + timedelta(minutes=10)


def refusal(act, *args, **values):
    with pytest.raises(DomainError) as refused:
        act(*args, **values)
    return type(refused.value), refused.value.code


def withdraw(hall, delegate):
    withdraw_organization(
        hall.session,
        conference_id=hall.conference.id,
        organization_id=delegate.seat.organization_id,
        by=hall.chair.id,
        now=LATER,
    )
    hall.session.expire_all()


def come_back(hall, delegate):
    return_organization(
        hall.session,
        conference_id=hall.conference.id,
        organization_id=delegate.seat.organization_id,
        by=hall.chair.id,
        now=LATER,
    )


def seat_by_mandate(hall, delegate):
    """Have the seat's delegate come for a federation that has the mandate; return the federation's id."""
    parent = make_organization(hall.session, hall.conference, kind=OrganizationKind.FEDERATION)
    person = hall.session.get_one(models.Registration, hall.credential(delegate).registration_id)
    person.organization_id = parent.id
    hall.session.add(
        models.FederationMembership(
            parent_id=parent.id,
            member_id=delegate.seat.organization_id,
            state=MembershipState.ACTIVE,
            mandate=RecordSource.SYSTEM,
            mandated_at=NOW,
        )
    )
    hall.session.flush()
    return parent.id


def revoke(hall, delegate, parent_id):
    """The member takes its mandate back."""
    revoke_mandate(
        hall.session,
        conference_id=hall.conference.id,
        federation_id=parent_id,
        member_id=delegate.seat.organization_id,
        by=hall.chair.id,
        now=LATER,
    )
    hall.session.expire_all()


def mandate_revoked(hall, *delegates):
    for delegate in delegates:
        revoke(hall, delegate, seat_by_mandate(hall, delegate))


def organizations_withdrawn(hall, *delegates):
    for delegate in delegates:
        withdraw(hall, delegate)


def kinds(session):
    found = session.scalars(select(models.AuditEntry.entry).order_by(models.AuditEntry.index))
    return [json.loads(entry)["event"]["kind"] for entry in found]


# -- a question that is open -------------------------------------------------------------------


@pytest.mark.parametrize("ending", [mandate_revoked, organizations_withdrawn])
def test_a_ballot_that_was_cast_stays_and_one_that_was_not_is_cast_no_more(session, ending):
    hall = make_hall(session, us=[2] * 5)
    voted, silent, *others = hall.us
    number = hall.open()
    hall.cast(number, voted, YES)

    ending(hall, voted, silent)

    answers = [refusal(hall.cast, number, delegate, NO) for delegate in (voted, silent)]
    assert answers == [(Forbidden, "credential_not_accepted")] * 2
    hall.vote(number, us=[], mx=[YES] * 3)
    for delegate in others:
        hall.cast(number, delegate, YES)
    assert hall.close(number) is Outcome.ADOPTED
    count = record_from_json(hall.question(number).record)[Chamber.US].count
    # What was frozen at the opening is what is decided on: five seats, ten votes.
    assert (count.entitled_seats, count.entitled_votes) == (5, 10)
    assert (count.yes, count.no, count.present_votes) == (8, 0, 8)
    assert (count.present_seats_at_opening, count.present_seats_at_closing) == (5, 3)
    view = question(session, conference_id=hall.conference.id, number=number)
    tallies = {
        line.organization_name: astuple(line.tally) for line in roll_call(session, question_id=view.id)
    }
    names = [session.get_one(models.Organization, each.seat.organization_id).name for each in (voted, silent)]
    assert [tallies[name] for name in names] == [(2, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize("ending", [mandate_revoked, organizations_withdrawn])
def test_who_lost_the_seat_in_an_open_question_casts_for_the_proxies_it_held_no_more(session, ending):
    hall = make_hall(session, us=[1] * 4)
    holder, principal, *_others = hall.us
    give_proxy(
        session,
        conference_id=hall.conference.id,
        organization_id=principal.seat.organization_id,
        holder_id=holder.seat.organization_id,
        source=RecordSource.SYSTEM,
        by=hall.chair.id,
        now=NOW,
    )
    number = hall.open()

    ending(hall, holder)

    answer = refusal(hall.cast, number, holder, NO, principal_id=principal.seat.id)
    assert answer == (Forbidden, "credential_not_accepted")


def test_without_its_mandate_a_federation_votes_for_a_member_no_more_but_its_own_people_do(session):
    hall = make_hall(session, us=[1] * 4)
    delegate = hall.us[0]
    parent_id = seat_by_mandate(hall, delegate)
    own = make_registration(session, hall.conference, organization_id=delegate.seat.organization_id)
    alternate = models.Credential(
        seat_id=delegate.seat.id,
        registration_id=own.id,
        capacity=Capacity.ALTERNATE,
        status=CredentialStatus.ACCEPTED,
        attested_at=NOW,
        decided_at=NOW,
    )
    session.add(alternate)
    session.flush()
    first = hall.open()

    revoke(hall, delegate, parent_id)
    second = hall.open("preamble")

    electors = session.execute(
        select(models.Elector.credential_id)
        .join(models.Question, models.Question.id == models.Elector.question_id)
        .where(models.Elector.seat_id == delegate.seat.id)
        .order_by(models.Question.number)
    ).scalars()
    assert (first, second) == (1, 2)
    assert [each == alternate.id for each in electors] == [False, True]


def test_parting_ends_it_in_an_open_question_as_revoking_does(session):
    hall = make_hall(session)
    delegate = hall.us[0]
    parent_id = seat_by_mandate(hall, delegate)
    number = hall.open()
    pair = {"federation_id": parent_id, "member_id": delegate.seat.organization_id}

    ask_to_leave(
        session, **pair, conference_id=hall.conference.id, side="member", by=hall.chair.id, now=LATER
    )

    session.expire_all()
    assert refusal(hall.cast, number, delegate, YES)[1] == "credential_not_accepted"


def test_who_withdraws_loses_the_rights_of_its_seat_and_the_log_says_it_by_seat(session):
    hall = make_hall(session)
    delegate = hall.us[0]
    sign_in_id = make_sign_in(session, delegate.account)[0].id
    other_id = make_sign_in(session, hall.us[1].account)[0].id

    withdraw(hall, delegate)

    renewed = [session.get_one(models.SignIn, each).rights_changed for each in (sign_in_id, other_id)]
    assert renewed == [True, False]
    assert [hall.credential(each).status.value for each in hall.us] == ["withdrawn", "accepted", "accepted"]
    assert kinds(session) == ["organization_withdrawn", "credential_ended"]


# -- one person, two seats ---------------------------------------------------------------------


TOKEN = "A" * 26


def two_seats_of_one_person(hall):
    """Let the first seats of both chambers turn out to be one person's; the first of them has a ticket."""
    one, two = hall.us[0], hall.mx[0]
    people = hall.session
    first = people.get_one(models.Registration, hall.credential(one).registration_id)
    first.token_digest = token_digest(TOKEN)
    people.get_one(models.Registration, hall.credential(two).registration_id).account_id = one.account.id
    people.flush()
    return one, type(two)(one.account, two.seat)


def cast_in(hall, number):
    hall.session.expire_all()
    return len(
        hall.session.scalars(
            select(models.Ballot.id).where(models.Ballot.question_id == hall.question(number).id)
        ).all()
    )


def test_who_has_voted_and_gives_that_ticket_back_does_not_vote_for_another_seat(session):
    hall = make_hall(session, us=[1] * 4, mx=[1] * 4)
    one, two = two_seats_of_one_person(hall)
    first, second = hall.open(), hall.open("preamble")
    hall.cast(first, one, YES)

    cancel_registration(session, token=TOKEN, now=LATER)

    session.expire_all()
    assert refusal(hall.cast, first, two, YES) == (Forbidden, "not_an_elector")
    assert cast_in(hall, first) == 1
    # Where nobody has voted yet the person votes for the seat that they still have; others as ever.
    assert hall.cast(second, two, NO).chamber is Chamber.MX
    assert hall.cast(first, hall.mx[1], YES).chamber is Chamber.MX
    hall.close(first)
    count = record_from_json(hall.question(first).record)[Chamber.MX].count
    assert (count.entitled_seats, count.yes) == (4, 1)


def test_who_gives_a_ticket_back_and_votes_for_another_seat_at_once_is_counted_once(session, prepared):
    hall = make_hall(session)
    one, _two = two_seats_of_one_person(hall)
    number = hall.open()
    hall.cast(number, one, YES)
    hall.leave(one)
    settings = {"conference_id": hall.conference.id, "number": number, "account_id": one.account.id}
    session.commit()

    came = at_once(
        prepared,
        lambda own: cancel_registration(own, token=TOKEN, now=LATER),
        *[lambda own: cast_ballot(own, choices=[NO], now=LATER, **settings)] * 2,
    )

    assert came.count(None) == 1
    assert set(came) <= {None, "voted_for_another_seat", "not_an_elector", "not_present"}
    assert cast_in(hall, number) == 1


def test_nobody_votes_by_proxy_for_who_has_withdrawn(session):
    hall = make_hall(session, us=[1] * 6)
    hall.conference.proxy_cap = 2
    voted, silent, holder, *_others = hall.us
    for principal in (voted, silent):
        give_proxy(
            session,
            conference_id=hall.conference.id,
            organization_id=principal.seat.organization_id,
            holder_id=holder.seat.organization_id,
            source=RecordSource.SYSTEM,
            by=hall.chair.id,
            now=NOW,
        )
        hall.leave(principal)
    number = hall.open()
    hall.cast(number, holder, YES, principal_id=voted.seat.id)

    organizations_withdrawn(hall, voted, silent)

    again = refusal(hall.cast, number, holder, NO, principal_id=silent.seat.id)
    assert again == (Forbidden, "not_an_elector")
    hall.cast(number, holder, NO)
    hall.close(number)
    count = record_from_json(hall.question(number).record)[Chamber.US].count
    assert (count.yes, count.no, count.entitled_votes, count.present_votes) == (1, 1, 6, 5)


# -- the questions after it --------------------------------------------------------------------


def test_a_seat_of_who_has_withdrawn_is_entitled_to_nothing_in_later_questions(session):
    hall = make_hall(session, us=[1] * 4)
    gone = hall.us[3]
    # Two of four are no quorum, two of three are.
    hall.leave(hall.us[2])
    hall.leave(gone)
    assert refusal(hall.open) == (Conflict, "not_quorate")

    withdraw(hall, gone)
    number = hall.open()

    counted = session.scalars(
        select(models.Elector.seat_id).where(models.Elector.chamber == Chamber.US)
    ).all()
    assert sorted(counted) == sorted(each.seat.id for each in hall.us[:3])
    us, _mx = attendance(session, conference_id=hall.conference.id, sitting_id=hall.sitting.id)
    assert (us.entitled_seats, us.needed_seats, us.present_seats, us.quorate) == (3, 2, 2, True)
    at_door, _mx = door_counts(
        session,
        conference_id=hall.conference.id,
        door=DoorLine(hall.sitting.key, {}, None, sitting=True),
    ).chambers
    assert (at_door.present, at_door.seats) == (2, 3)
    hall.close(number)


def test_who_returns_is_counted_from_the_next_question_on_and_names_anew(session):
    hall = make_hall(session)
    delegate = hall.us[0]
    withdraw(hall, delegate)
    first = hall.open()

    come_back(hall, delegate)
    second = hall.open("preamble")

    def elector(number):
        return session.execute(
            select(models.Elector.credential_id, models.Elector.present_at_opening).where(
                models.Elector.question_id == hall.question(number).id,
                models.Elector.seat_id == delegate.seat.id,
            )
        ).one_or_none()

    assert (elector(first), elector(second)) == (None, (None, False))


def test_a_chamber_that_everybody_left_has_no_quorum(session):
    hall = make_hall(session)
    for delegate in hall.us:
        withdraw(hall, delegate)

    assert refusal(hall.open) == (Conflict, "not_quorate")
    us, _mx = attendance(session, conference_id=hall.conference.id, sitting_id=hall.sitting.id)
    assert (us.entitled_seats, us.quorate) == (0, False)


def test_nobody_is_accepted_for_who_withdraws_at_this_moment(session, prepared):
    hall = make_hall(session)
    organization_id = hall.us[0].seat.organization_id
    waiting = hall.credential(hall.us[0])
    waiting.status, waiting.decided_at = CredentialStatus.PROPOSED, None
    conference_id, credential_id, chair_id = hall.conference.id, waiting.id, hall.chair.id
    signed = {"conference_id": conference_id, "by": chair_id, "now": LATER}
    session.commit()

    came = at_once(
        prepared,
        lambda own: withdraw_organization(own, organization_id=organization_id, **signed),
        lambda own: decide_credential(own, credential_id=credential_id, accept=True, reason=None, **signed),
    )

    assert came.count(None) in {1, 2}
    assert set(came) <= {None, "organization_withdrawn", "credential_decided"}
    session.expire_all()
    row = session.get_one(models.Credential, credential_id)
    assert row.status is CredentialStatus.WITHDRAWN
