"""What the directory knows of organizations, and what it keeps to itself."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from agreements import Chamber, Choice, Outcome, Rule
from conference import models
from conference.domain.directory import Branch, OrganizationKind
from conference.domain.errors import NotFound
from conference.domain.voting import QuestionState, VotingMethod
from conference.queries.directory import Looked, organization, organizations
from tests.factories import (
    NOW,
    make_agreement,
    make_conference,
    make_delegate,
    make_organization,
    make_seat,
    make_session,
    make_sitting,
)


def join(session, parent, *members):
    for member in members:
        session.add(models.FederationMembership(parent_id=parent.id, member_id=member.id))
    session.flush()


def names(lines):
    return [line.name for line in lines]


def put_question(session, conference, seat, *, number, choices=(), state=QuestionState.CLOSED):
    """A roll call in which the seat cast these ballots."""
    draft = session.query(models.Draft).first() or make_agreement(session, conference)
    sitting = session.query(models.ProgramSession).filter_by(sitting=True).first() or make_sitting(
        session, conference
    )
    question = models.Question(
        conference_id=conference.id,
        number=number,
        sitting_id=sitting.id,
        draft_id=draft.id,
        provision_key="purpose-coalition",
        provision_number="1.1",
        rule=Rule.SIMPLE,
        method=VotingMethod.ROLL_CALL,
        state=state,
        texts={"es": {"heading": "", "body": "Se forma una coalición."}},
        text_hash="0" * 64,
        opened_at=NOW,
        closed_at=None if state is QuestionState.OPEN else NOW,
        outcome=Outcome.ADOPTED if state is QuestionState.CLOSED else None,
    )
    session.add(question)
    session.flush()
    elector = models.Elector(
        question_id=question.id,
        seat_id=seat.id,
        organization_id=seat.organization_id,
        organization_name="Club",
        chamber=seat.chamber,
        votes=max(len(choices), 1),
        present_at_opening=True,
    )
    session.add(elector)
    session.flush()
    for unit, choice in enumerate(choices, 1):
        session.add(
            models.Ballot(
                question_id=question.id, elector_id=elector.id, unit=unit, choice=choice, cast_at=NOW
            )
        )
    session.flush()
    return question


def test_those_taking_part_are_listed_by_name_with_seat_and_votes(session):
    conference, other = make_conference(session), make_conference(session)
    ambar = make_organization(session, conference, name="Ámbar")
    make_organization(session, conference, name="Zaachila")
    make_organization(session, conference, name="Bejucos")
    make_organization(session, other, name="Of another conference")
    make_organization(session, name="Of none")
    make_seat(session, conference, organization=ambar, votes=3)
    make_seat(session, other, organization=ambar, votes=7)

    lines = organizations(session, conference_id=conference.id)

    assert [(line.name, line.votes) for line in lines] == [
        ("Ámbar", 3),
        ("Bejucos", None),
        ("Zaachila", None),
    ]


def test_search_side_and_kind_narrow_the_list_together(session):
    conference = make_conference(session)
    mexico = {"side": Chamber.MX, "place": "Villa Hidalgo Yalálag, Oaxaca"}
    make_organization(session, conference, name="Comité de Yalálag", **mexico)
    make_organization(session, conference, name="Unión", kind=OrganizationKind.FEDERATION, **mexico)
    make_organization(session, conference, name="Club Yalálag")
    make_organization(session, conference, name="Club Tlaxiaco")

    def found(**choice):
        return names(organizations(session, conference_id=conference.id, looked=Looked(**choice)))

    assert found(search="YALALAG") == ["Club Yalálag", "Comité de Yalálag", "Unión"]
    assert found(search="yalalag", side=Chamber.MX) == ["Comité de Yalálag", "Unión"]
    assert found(search="yalalag", side=Chamber.MX, kind=OrganizationKind.FEDERATION) == ["Unión"]
    assert found(side=Chamber.US) == ["Club Tlaxiaco", "Club Yalálag"]
    assert found(search="50%_") == []


def test_federations_are_drawn_upwards_and_downwards_through_all_levels(session):
    conference = make_conference(session)
    club, federation, second, top = (
        make_organization(session, conference, name=name) for name in ("Club", "Fed A", "Fed B", "Top")
    )
    join(session, federation, club)
    join(session, second, club)
    join(session, top, federation, second)

    def drawn(branches):
        return [(branch.node.name, drawn(branch.branches)) for branch in branches]

    up = organization(session, conference_id=conference.id, key=club.key).parents
    down = organization(session, conference_id=conference.id, key=top.key).members

    assert drawn(up) == [("Fed A", [("Top", [])]), ("Fed B", [("Top", [])])]
    assert drawn(down) == [("Fed A", [("Club", [])]), ("Fed B", [("Club", [])])]


def test_a_federation_that_does_not_take_part_is_not_named(session):
    conference = make_conference(session)
    club = make_organization(session, conference)
    join(session, make_organization(session, make_conference(session)), club)
    join(session, club, make_organization(session))

    found = organization(session, conference_id=conference.id, key=club.key)

    assert (found.parents, found.members) == ((), ())


def test_a_cycle_in_the_data_is_no_trap(session):
    conference = make_conference(session)
    one, two = make_organization(session, conference), make_organization(session, conference)
    join(session, one, two)
    join(session, two, one)

    found = organization(session, conference_id=conference.id, key=one.key)

    line_two = organization(session, conference_id=conference.id, key=two.key).line
    assert found.members == (Branch(line_two, (Branch(found.line, continued=True),)),)


def test_only_the_sessions_of_this_conference_that_are_held_are_chaired(session):
    conference = make_conference(session)
    club = make_organization(session, conference)
    later = make_session(session, conference, starts_local=datetime.combine(conference.first_day, time(15)))
    first = make_session(session, conference)
    cancelled = make_session(session, conference, cancelled=True)
    elsewhere = make_session(session, make_conference(session))
    for row in (later, first, cancelled, elsewhere):
        session.add(models.CoChair(session_id=row.id, organization_id=club.id, position=1))
    session.flush()

    found = organization(session, conference_id=conference.id, key=club.key)

    assert [chaired.key for chaired in found.chairs] == [first.key, later.key]


def test_the_votes_of_closed_roll_calls_are_counted_and_those_of_open_ones_kept(session):
    conference = make_conference(session)
    seat, other = make_seat(session, conference, votes=3), make_seat(session, conference)
    yes, no, abstain = Choice.YES, Choice.NO, Choice.ABSTAIN
    put_question(session, conference, seat, number=1, choices=[yes, yes, abstain])
    put_question(session, conference, seat, number=2, choices=[no], state=QuestionState.OPEN)
    put_question(session, conference, seat, number=3)
    put_question(session, conference, other, number=4, choices=[no])
    key = session.get_one(models.Organization, seat.organization_id).key

    found = organization(session, conference_id=conference.id, key=key).votes

    assert [(vote.number, dict(vote.ballots)) for vote in found] == [
        (1, {yes: 2, no: 0, abstain: 1}),
        (3, {yes: 0, no: 0, abstain: 0}),
    ]


def test_an_organization_of_another_conference_is_not_found(session):
    conference = make_conference(session)
    elsewhere = make_organization(session, make_conference(session))

    with pytest.raises(NotFound) as refused:
        organization(session, conference_id=conference.id, key=elsewhere.key)

    assert refused.value.code == "organization_not_found"


@pytest.mark.parametrize("size", [1, 3, 30])
def test_the_number_of_statements_does_not_grow(session, count_queries, size):
    conference = make_conference(session)
    top = make_organization(session, conference)
    for _ in range(size):
        _, seat = make_delegate(session, conference)
        member = session.get_one(models.Organization, seat.organization_id)
        join(session, top, member)
        put_question(session, conference, seat, number=seat.id, choices=[Choice.YES])
    conference_id, key = conference.id, top.key
    session.expunge_all()

    with count_queries() as for_list:
        organizations(session, conference_id=conference_id)
    with count_queries() as for_page:
        organization(session, conference_id=conference_id, key=key)

    assert (len(for_list), len(for_page)) == (1, 4)
