"""A seat lends its vote: given, frozen into a question, cast apart, counted, published; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from agreements import Chamber, Choice, Outcome, Rule
from conference import models
from conference.domain.audit import AuditKind
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import OrganizationSource, RecordSource
from conference.domain.errors import Conflict, DomainError, Forbidden, NotFound
from conference.domain.voting import AlreadyVoted, record_from_json
from conference.queries.ballots import standings, voted_for_by_proxy
from conference.queries.credentials import attendance, roster_of
from conference.queries.proxies import seat_lines
from conference.queries.voting import question, roll_call
from conference.services.proxies import give_proxy, revoke_proxy
from conference.services.voting import open_question
from tests.factories import NOW, make_conference, make_organization, make_seat
from tests.halls import CLAUSE, make_hall
from tests.races import at_once

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN
LATER = NOW + timedelta(minutes=10)


def give(hall, principal, holder, **values):
    return give_proxy(
        hall.session,
        **{
            "conference_id": hall.conference.id,
            "organization_id": principal.seat.organization_id,
            "holder_id": holder.seat.organization_id,
            "source": RecordSource.SYSTEM,
            "by": hall.chair.id,
            "now": NOW,
        }
        | values,
    )


def revoke(hall, principal, **values):
    revoke_proxy(
        hall.session,
        **{
            "conference_id": hall.conference.id,
            "organization_id": principal.seat.organization_id,
            "by": hall.chair.id,
            "now": LATER,
        }
        | values,
    )


def refusal(act, *args, **values):
    with pytest.raises(DomainError) as refused:
        act(*args, **values)
    return type(refused.value), refused.value.code


def name_of(hall, delegate):
    return hall.session.get_one(models.Organization, delegate.seat.organization_id).name


def logged(session):
    entries = session.scalars(select(models.AuditEntry.entry).order_by(models.AuditEntry.index))
    return [entry for entry in entries if "proxy" in str(entry)]


# -- giving and revoking -----------------------------------------------------------------------


@pytest.mark.parametrize("source", RecordSource)
def test_a_proxy_is_given_with_its_source_and_stands_in_the_log(session, source):
    hall = make_hall(session)
    one, two = hall.us[:2]

    give(hall, one, two, source=source)

    row = session.scalars(select(models.Proxy)).one()
    assert (row.seat_id, row.holder_seat_id) == (one.seat.id, two.seat.id)
    assert (row.source, row.given_at, row.given_by_id, row.revoked_at) == (source, NOW, hall.chair.id, None)
    (entry,) = logged(session)
    for part in (AuditKind.PROXY_GIVEN.value, f"seat-{one.seat.id}", f"seat-{two.seat.id}", "chair-1"):
        assert part in str(entry)


def test_a_revoked_proxy_stays_written_down_and_another_may_be_given(session):
    hall = make_hall(session)
    one, two, three = hall.us
    give(hall, one, two)

    revoke(hall, one)
    give(hall, one, three)

    rows = session.scalars(select(models.Proxy).order_by(models.Proxy.id)).all()
    assert [(row.holder_seat_id, row.revoked_at) for row in rows] == [
        (two.seat.id, LATER),
        (three.seat.id, None),
    ]
    assert len(logged(session)) == 3


def test_only_seats_of_this_conference_give_and_hold(session):
    hall, other = make_hall(session), make_hall(session)

    assert refusal(give, hall, hall.us[0], other.us[0]) == (NotFound, "seat_not_found")
    assert refusal(give, hall, other.us[0], hall.us[0]) == (NotFound, "seat_not_found")
    assert refusal(give, hall, hall.us[0], hall.us[1], conference_id=0) == (NotFound, "conference_not_found")
    assert refusal(revoke, hall, hall.us[0]) == (Conflict, "proxy_not_given")


def test_rules_of_level_cap_and_chamber_hold_in_the_database(session):
    hall = make_hall(session, us=(1, 1, 1, 1))
    one, two, three, four = hall.us
    give(hall, one, two)

    assert refusal(give, hall, one, three) == (Conflict, "proxy_given_already")
    assert refusal(give, hall, three, one) == (Conflict, "proxy_of_a_proxy")
    assert refusal(give, hall, two, three) == (Conflict, "proxy_of_a_proxy")
    assert refusal(give, hall, three, two) == (Conflict, "proxies_at_cap")
    assert refusal(give, hall, three, hall.mx[0])[1] == "proxy_to_other_chamber"
    hall.conference.proxy_cap = 2
    session.flush()
    give(hall, three, two)
    assert refusal(give, hall, four, two) == (Conflict, "proxies_at_cap")


def test_who_withdrew_gives_none_and_without_a_delegate_none_is_held(session):
    hall = make_hall(session)
    one, two, three = hall.us
    session.get_one(models.Organization, one.seat.organization_id).withdrawn_at = NOW
    hall.credential(three).status = CredentialStatus.WITHDRAWN
    session.flush()

    assert refusal(give, hall, one, two) == (Conflict, "organization_withdrawn")
    assert refusal(give, hall, two, three) == (Conflict, "holder_without_delegate")


def test_an_organization_that_sends_nobody_may_give_its_proxy(session):
    hall = make_hall(session)
    alone = make_seat(session, hall.conference)

    give(hall, hall.us[0], hall.us[1], organization_id=alone.organization_id)

    number = hall.open()
    assert hall.cast(number, hall.us[1], YES, principal_id=alone.id).choices == (YES,)


# -- at the same moment ------------------------------------------------------------------------


def test_of_many_given_to_one_holder_at_once_the_cap_lets_one_through(session, prepared):
    hall = make_hall(session, us=[1] * 6)
    holder, *givers = hall.us
    ids = [giver.seat.organization_id for giver in givers]
    values = {
        "conference_id": hall.conference.id,
        "holder_id": holder.seat.organization_id,
        "source": RecordSource.SYSTEM,
        "by": None,
        "now": NOW,
    }
    session.commit()

    came = at_once(
        prepared, *(lambda own, id_=id_: give_proxy(own, organization_id=id_, **values) for id_ in ids)
    )

    assert came.count("proxies_at_cap") == len(ids) - 1
    assert len(session.scalars(select(models.Proxy)).all()) == 1


def test_two_that_give_to_each_other_at_once_do_not_both_succeed(session, prepared):
    hall = make_hall(session)
    one, two = (delegate.seat.organization_id for delegate in hall.us[:2])
    values = {"conference_id": hall.conference.id, "source": RecordSource.PAPER, "by": None, "now": NOW}
    session.commit()

    came = at_once(
        prepared,
        lambda own: give_proxy(own, organization_id=one, holder_id=two, **values),
        lambda own: give_proxy(own, organization_id=two, holder_id=one, **values),
    )

    assert came.count("proxy_of_a_proxy") == 1
    assert len(session.scalars(select(models.Proxy)).all()) == 1


def test_a_proxy_revoked_while_a_question_opens_is_in_it_or_not_and_never_half(session, prepared):
    hall = make_hall(session)
    one, two = hall.us[:2]
    give(hall, one, two)
    opening = {
        "conference_id": hall.conference.id,
        "sitting_id": hall.sitting.id,
        "provision_key": CLAUSE,
        "rule": Rule.SIMPLE,
        "by": hall.chair.id,
        "now": NOW,
    }
    conference_id, organization_id = hall.conference.id, one.seat.organization_id
    principal, own, held = one.seat.id, hall.credential(one).id, hall.credential(two).id
    session.commit()

    came = at_once(
        prepared,
        lambda of: open_question(of, **opening),
        lambda of: revoke_proxy(
            of, conference_id=conference_id, organization_id=organization_id, by=None, now=LATER
        ),
    )

    assert sorted(came, key=str) == [1, None]
    elector = session.scalars(select(models.Elector).where(models.Elector.seat_id == principal)).one()
    assert (elector.proxy_seat_id, elector.credential_id) in [(two.seat.id, held), (None, own)]


# -- frozen and cast ---------------------------------------------------------------------------


def test_opening_freezes_who_casts_and_whose_seat_is_present(session):
    hall = make_hall(session, us=(3, 1, 1))
    one, two, _three = hall.us
    give(hall, one, two)
    hall.leave(one)

    hall.open()

    electors = session.scalars(select(models.Elector).order_by(models.Elector.seat_id)).all()
    frozen = {row.seat_id: (row.proxy_seat_id, row.credential_id, row.present_at_opening) for row in electors}
    holder = hall.credential(two).id
    # A proxy does not make its principal present.
    assert frozen[one.seat.id] == (two.seat.id, holder, False)
    assert frozen[two.seat.id] == (None, holder, True)


def test_a_proxy_makes_no_quorum(session):
    hall = make_hall(session, us=(1, 1))
    give(hall, hall.us[0], hall.us[1])
    hall.leave(hall.us[0])

    assert refusal(hall.open) == (Conflict, "not_quorate")


def test_the_holder_votes_twice_and_each_ballot_by_itself(session):
    hall = make_hall(session, us=(3, 1, 1))
    one, two, _three = hall.us
    give(hall, one, two)
    number = hall.open()

    own = hall.cast(number, two, YES)
    session.commit()
    by_proxy = hall.cast(number, two, NO, NO, ABSTAIN, principal_id=one.seat.id)
    session.commit()

    assert (own.organization_name, own.choices) == (name_of(hall, two), (YES,))
    assert (by_proxy.organization_name, by_proxy.choices) == (name_of(hall, one), (NO, NO, ABSTAIN))
    with pytest.raises(AlreadyVoted):
        hall.cast(number, two, YES, principal_id=one.seat.id)


def test_the_principal_who_is_present_does_not_vote_until_it_is_revoked(session):
    hall = make_hall(session)
    one, two, _three = hall.us
    give(hall, one, two)
    first = hall.open()

    assert refusal(hall.cast, first, one, YES) == (Forbidden, "not_an_elector")
    revoke(hall, one)
    # What opened keeps the electorate that it opened with.
    assert refusal(hall.cast, first, one, YES) == (Forbidden, "not_an_elector")
    assert hall.cast(first, two, YES, principal_id=one.seat.id).choices == (YES,)
    second = hall.open("preamble")
    assert hall.cast(second, one, NO).choices == (NO,)
    assert refusal(hall.cast, second, two, NO, principal_id=one.seat.id) == (Forbidden, "not_an_elector")


def test_a_proxy_given_while_a_question_is_open_counts_from_the_next(session):
    hall = make_hall(session)
    one, two, _three = hall.us
    first = hall.open()
    give(hall, one, two)

    assert refusal(hall.cast, first, two, YES, principal_id=one.seat.id) == (Forbidden, "not_an_elector")
    assert hall.cast(first, one, YES).choices == (YES,)
    second = hall.open("preamble")
    assert hall.cast(second, two, YES, principal_id=one.seat.id).choices == (YES,)


def test_nobody_casts_for_a_seat_whose_proxy_another_holds(session):
    hall = make_hall(session)
    one, two, three = hall.us
    give(hall, one, two)
    number = hall.open()

    for stranger in (three, hall.mx[0]):
        answer = refusal(hall.cast, number, stranger, YES, principal_id=one.seat.id)
        assert answer == (Forbidden, "not_an_elector")
    # A seat that gave none is not voted for by this way either.
    assert refusal(hall.cast, number, two, YES, principal_id=two.seat.id) == (Forbidden, "not_an_elector")


def test_a_holder_who_left_casts_for_nobody(session):
    hall = make_hall(session)
    one, two, _three = hall.us
    give(hall, one, two)
    number = hall.open()
    hall.leave(two)

    assert refusal(hall.cast, number, two, YES, principal_id=one.seat.id) == (Forbidden, "not_present")


def test_a_person_of_two_credentials_does_not_vote_by_the_other_ones_proxy(session):
    hall = make_hall(session, us=(1, 1, 1))
    one, two, three = hall.us
    give(hall, one, two)
    number = hall.open()
    # The holder turns out to be the third delegate as well, and has voted in that seat.
    hall.cast(number, three, YES)
    registration = session.get_one(models.Registration, hall.credential(two).registration_id)
    registration.account_id = three.account.id
    session.flush()

    answer = refusal(hall.cast, number, three, NO, principal_id=one.seat.id)

    assert answer == (Forbidden, "voted_for_another_seat")


def test_whoever_sits_in_the_holders_place_at_the_opening_casts_by_proxy(session):
    hall = make_hall(session)
    one, two, _three = hall.us
    give(hall, one, two)
    alternate = models.Credential(
        seat_id=two.seat.id,
        registration_id=hall.credential(hall.us[2]).registration_id,
        capacity=Capacity.ALTERNATE,
        status=CredentialStatus.ACCEPTED,
        attested_at=NOW,
        decided_at=NOW,
    )
    hall.credential(hall.us[2]).status = CredentialStatus.WITHDRAWN
    hall.leave(hall.us[2])
    presence = hall.presence(two)
    session.add(alternate)
    session.flush()
    presence.credential_id = alternate.id
    session.flush()

    number = hall.open()

    assert hall.cast(number, hall.us[2], YES, principal_id=one.seat.id).choices == (YES,)
    assert refusal(hall.cast, number, two, YES, principal_id=one.seat.id) == (Forbidden, "not_an_elector")


# -- counted and published ---------------------------------------------------------------------


def test_present_votes_are_those_that_can_be_cast_with_the_proxies(session):
    hall = make_hall(session, us=(5, 1, 1), mx=(1, 1, 1))
    one, two, three = hall.us
    give(hall, one, two)
    hall.leave(one)
    number = hall.open(rule=Rule.PRESENT)
    hall.vote(number, us=[], mx=[YES] * 3)
    hall.cast(number, two, YES)
    hall.cast(number, three, YES)

    # Two of seven present votes: the five of the proxy could have been cast, and were not.
    assert hall.close(number) is Outcome.CHAMBERS_DISAGREE
    record = record_from_json(hall.question(number).record)
    us = record[Chamber.US]
    assert (us.count.present_votes, us.count.present_seats_at_closing, us.by_proxy) == (7, 2, 0)


def test_the_record_and_the_roll_call_say_what_was_cast_by_proxy(session):
    hall = make_hall(session, us=(3, 1, 1))
    one, two, three = hall.us
    give(hall, one, two)
    number = hall.open()
    hall.cast(number, two, NO)
    hall.cast(number, two, YES, principal_id=one.seat.id)
    hall.cast(number, three, YES)
    hall.vote(number, us=[], mx=[YES] * 3)
    revoke(hall, one)

    assert hall.close(number) is Outcome.ADOPTED

    record = hall.question(number).record
    assert (record["us"]["by_proxy"], record["mx"]["by_proxy"]) == (3, 0)
    assert record["us"]["count"]["yes"] == 4
    lines = {
        line.organization_name: (line.proxy_of, line.tally.yes, line.tally.no)
        for line in roll_call(session, question_id=hall.question(number).id)
    }
    assert lines[name_of(hall, one)] == (name_of(hall, two), 3, 0)
    assert lines[name_of(hall, two)] == (None, 0, 1)
    assert lines[name_of(hall, three)] == (None, 1, 0)


def test_a_record_of_before_proxies_is_read_as_one_without(session):
    hall = make_hall(session)
    number = hall.decide(us=[YES] * 3, mx=[YES] * 3)
    stored = hall.question(number).record
    del stored["us"]["by_proxy"]

    assert record_from_json(stored)[Chamber.US].by_proxy == 0


def test_the_page_has_a_ballot_for_each_seat_in_the_same_number_of_statements(session, count_queries):
    hall = make_hall(session, us=[1] * 8)
    hall.conference.proxy_cap = 9
    session.flush()
    holder, *givers = hall.us
    for giver in givers[:6]:
        give(hall, giver, holder)
    number = hall.open()
    hall.cast(number, holder, YES, principal_id=givers[0].seat.id)
    view = question(session, conference_id=hall.conference.id, number=number)

    counts = []
    for voter in (holder, givers[6]):
        with count_queries() as queries:
            found = standings(session, question=view, account_id=voter.account.id)
        counts.append((len(queries), len(found)))

    assert counts == [(1, 7), (1, 1)]
    own, *proxies = standings(session, question=view, account_id=holder.account.id)
    assert (own.principal_id, own.may_vote) == (None, True)
    assert {paper.principal_id for paper in proxies} == {giver.seat.id for giver in givers[:6]}
    assert [paper.receipt.choices for paper in proxies if paper.receipt] == [(YES,)]


def test_a_delegate_is_told_who_votes_for_the_organization(session):
    hall = make_hall(session)
    one, two, three = hall.us
    give(hall, one, two)
    number = hall.open()
    id_ = hall.question(number).id

    told = voted_for_by_proxy(session, question_id=id_, seat_ids=[one.seat.id, three.seat.id])

    assert told == ((name_of(hall, one), name_of(hall, two)),)


def test_the_hall_counts_proxies_among_the_votes_and_never_for_the_quorum(session):
    hall = make_hall(session, us=(5, 1, 1))
    one, two, three = hall.us
    give(hall, one, two)
    hall.leave(one)
    hall.leave(three)
    found = make_organization(session, hall.conference, source=OrganizationSource.FOUND)
    make_seat(session, hall.conference, organization=found)
    session.get_one(models.Organization, three.seat.organization_id).withdrawn_at = NOW
    session.flush()

    us, mx = attendance(session, conference_id=hall.conference.id, sitting_id=hall.sitting.id)

    assert (us.present_seats, us.present_votes, us.proxies, us.quorate) == (1, 6, 1, False)
    assert (mx.present_seats, mx.present_votes, mx.proxies) == (3, 3, 0)
    shown = roster_of(us)
    # Whoever withdrew is not counted; an entry that nobody has claimed would be, and is listed nowhere.
    assert {seat.organization_name for seat in shown.seats} == {name_of(hall, one), name_of(hall, two)}
    assert (shown.unlisted, shown.entitled_seats, shown.proxies, shown.quorate) == (1, 3, 1, False)


@pytest.mark.parametrize("size", [1, 3, 30])
def test_the_list_of_seats_takes_one_statement(session, count_queries, size):
    hall = make_hall(session, us=[1] * size)
    make_hall(session)
    with count_queries() as queries:
        lines = seat_lines(session, conference_id=hall.conference.id)
    assert (len(queries), len(lines)) == (1, size + 3)


def test_what_a_seat_may_do_is_told_beside_it(session):
    hall = make_hall(session, us=(1, 1, 1))
    one, two, three = hall.us
    make_seat(session, make_conference(session))
    give(hall, one, two)

    lines = {line.organization_id: line for line in seat_lines(session, conference_id=hall.conference.id)}

    def told(delegate):
        line = lines[delegate.seat.organization_id]
        return line.holder, line.held, line.may_give, line.may_hold

    assert told(one) == (name_of(hall, two), 0, False, False)
    assert told(two) == (None, 1, False, False)
    assert told(three) == (None, 0, True, True)
    assert len(lines) == 6
