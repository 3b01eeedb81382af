"""Groups and the line: together or not at all, one after the other, held for a while and no longer."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound
from conference.domain.places import MOST_IN_GROUP
from conference.domain.registration import (
    Category,
    PhotoPreference,
    Purpose,
    RefusalReason,
    RegistrationStatus,
)
from conference.domain.retention import HoldReason
from conference.domain.tickets import ticket_token, token_digest
from conference.models import (
    Account,
    AuditEntry,
    Conference,
    Consent,
    Message,
    Party,
    Registration,
    RoleGrant,
)
from conference.queries.parties import group as find_group
from conference.queries.parties import groups
from conference.queries.places import position
from conference.services.accounts import Words
from conference.services.decisions import approve, reject, set_priority
from conference.services.groups import Group, register_group
from conference.services.hand_over import hand_over
from conference.services.holds import begin_hold, lift_hold
from conference.services.parties import (
    accept_group_offer,
    accept_offer,
    lapse_offers,
    leave_line,
    leave_line_together,
    offer_freed,
    shrink_party,
)
from conference.services.place_letters import OfferLetter, PlaceNews
from conference.services.registration import IssuedTicket, cancel_registration, register
from conference.services.tickets import name_guest
from tests.factories import FAR_AHEAD, NOW, grant, make_account, make_conference, make_organization
from tests.places import set_places

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.models import Organization

KEY = b"tickets" * 5
GUEST = Category.ATTENDEE
CONFIRMED, PENDING, WAITING, OFFERED, CANCELLED, REJECTED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.PENDING,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.CANCELLED,
    RegistrationStatus.REJECTED,
)
HOURS = timedelta(hours=48)
_nonces = count(1)


def nonce() -> str:
    return f"{next(_nonces):032x}"


def enrol(session: Session, conference: Conference, **values: Any) -> IssuedTicket:
    """Register one person."""
    least = {
        "badge_name": "Nombre Reservado",
        "category": GUEST,
        "language": "es",
        "consents": {Purpose.ATTEND},
        "nonce": nonce(),
        "key": KEY,
        "now": NOW,
    }
    return register(session, conference_id=conference.id, **least | values)


def group(
    session: Session, conference: Conference, organization: Organization, size: int, **values: Any
) -> Group:
    """Register a group."""
    least = {
        "category": GUEST,
        "nonces": [nonce() for _each in range(size)],
        "key": KEY,
        "language": "es",
        "by": None,
        "now": NOW,
    }
    return register_group(
        session, conference_id=conference.id, organization_id=organization.id, size=size, **least | values
    )


def limit(session: Session, conference: Conference, capacity: int | None, **values: Any) -> None:
    least = {"category": GUEST, "open": True, "approval": False, "by": None, "now": NOW}
    set_places(session, conference_id=conference.id, capacity=capacity, **least | values)


def standing(session: Session, *tickets: IssuedTicket) -> list[RegistrationStatus]:
    session.expire_all()
    return [session.get_one(Registration, ticket.registration_id).status for ticket in tickets]


def party_of(session: Session, ticket: IssuedTicket) -> Party:
    session.expire_all()
    return session.get_one(Party, session.get_one(Registration, ticket.registration_id).party_id)


class Post:
    """Writes letters that name what they are about, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[OfferLetter] = []

    def __call__(self, asked: OfferLetter) -> Words:
        self.asked.append(asked)
        return Words(asked.language, "Su registro", asked.news.value)


def letters(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Message.recipient, Message.body).order_by(Message.id))
    return [(row.recipient, row.body) for row in rows]


# -- groups ----------------------------------------------------------------------------------------


def test_a_group_gets_all_of_its_places_and_nobody_is_named_or_has_consented(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, 6)
    registered = group(session, conference, club, 6)
    assert standing(session, *registered.tickets) == [CONFIRMED] * 6
    assert len({ticket.token for ticket in registered.tickets}) == 6
    rows = session.scalars(select(Registration)).all()
    assert {
        (row.badge_name, row.organization_id, row.party_id, row.contact_email, row.photo_preference)
        for row in rows
    } == {("", club.id, registered.party_id, None, PhotoPreference.NO)}
    assert {row.token_digest for row in rows} == {token_digest(one.token) for one in registered.tickets}
    assert session.scalars(select(Consent)).all() == []
    party = session.get_one(Party, registered.party_id)
    assert (party.size, party.waiting_since, party.offered_until) == (6, None, None)


def test_a_group_that_does_not_fit_waits_whole_and_nobody_passes_it(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, 8)
    first = [enrol(session, conference) for _each in range(5)]
    six = group(session, conference, club, 6)
    alone = enrol(session, conference)
    assert standing(session, *six.tickets, alone) == [WAITING] * 7
    for place, gone in enumerate(first, start=1):
        cancel_registration(session, token=gone.token, now=NOW)
        offered = place + 3 >= 6
        assert standing(session, *six.tickets) == [OFFERED if offered else WAITING] * 6
        assert standing(session, alone) == [OFFERED if place + 3 >= 7 else WAITING]


def test_a_group_with_approval_is_pending_whole(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, None, approval=True)
    assert standing(session, *group(session, conference, club, 3).tickets) == [PENDING] * 3


def test_a_group_is_of_an_organization_that_takes_part_and_of_a_size_that_could_come(
    session: Session,
) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    elsewhere = make_organization(session, make_conference(session))
    limit(session, conference, 5)
    for organization, size, code in (
        (elsewhere, 2, "organization_not_taking_part"),
        (club, 0, "group_size_wrong"),
        (club, MOST_IN_GROUP + 1, "group_size_wrong"),
        (club, 6, "group_larger_than_places"),
    ):
        with pytest.raises(Invalid) as refusal:
            group(session, conference, organization, size)
        assert refusal.value.code == code
    limit(session, conference, 5, open=False)
    with pytest.raises(Conflict) as closed:
        group(session, conference, club, 2)
    assert closed.value.code == "category_closed"
    assert session.scalars(select(Registration)).all() == []


@pytest.mark.parametrize("of_house", [False, True], ids=["of a category", "of the house"])
def test_one_organization_does_not_hold_all_places_for_people_whom_nobody_has_named(
    session: Session, *, of_house: bool
) -> None:
    conference = make_conference(session, capacity=48 if of_house else None)
    limit(session, conference, None if of_house else 48)
    club, other = make_organization(session, conference), make_organization(session, conference)
    held = group(session, conference, club, 8)
    group(session, conference, other, 12)
    enrol(session, conference, organization_id=club.id)
    with pytest.raises(Conflict) as refusal:
        group(session, conference, club, 5)
    assert (refusal.value.code, refusal.value.data) == ("too_many_unnamed", {"held": 8, "most": 12})
    group(session, conference, club, 4)
    for number, ticket in enumerate(held.tickets[:3]):
        name_guest(
            session,
            token=ticket.token,
            badge_name=f"Nombre {number}",
            photo_preference=PhotoPreference.NO,
            consents={Purpose.ATTEND},
            contact_email=None,
            language="es",
            now=NOW,
        )
    assert len(group(session, conference, club, 3).tickets) == 3


def test_organizers_who_approve_each_one_answer_for_how_many_come_without_a_name(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, 40, approval=True)
    assert standing(session, *group(session, conference, club, 40).tickets) == [PENDING] * 40


def test_a_smaller_group_keeps_its_turn_and_gets_the_places_that_fit_it(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, 4)
    taken = [enrol(session, conference) for _each in range(4)]
    four = group(session, conference, club, 4)
    behind = enrol(session, conference)
    for gone in taken[:3]:
        cancel_registration(session, token=gone.token, now=NOW)
    assert standing(session, *four.tickets, behind) == [WAITING] * 5
    given_back = shrink_party(session, party_id=four.party_id, organization_id=club.id, size=2, now=NOW)
    assert given_back == 2
    assert standing(session, *four.tickets, behind) == [OFFERED, OFFERED, CANCELLED, CANCELLED, OFFERED]


def test_only_guests_without_a_name_are_taken_away_and_only_by_their_own_organization(
    session: Session,
) -> None:
    conference = make_conference(session)
    club, other = make_organization(session, conference), make_organization(session, conference)
    three = group(session, conference, club, 3)
    named = session.get_one(Registration, three.tickets[2].registration_id)
    named.badge_name = "Nombre Reservado"
    session.flush()
    for organization, size, error, code in (
        (other, 2, NotFound, "party_not_found"),
        (club, 0, Invalid, "group_size_wrong"),
        (club, 4, Invalid, "group_size_wrong"),
    ):
        with pytest.raises(error) as refusal:
            shrink_party(
                session, party_id=three.party_id, organization_id=organization.id, size=size, now=NOW
            )
        assert refusal.value.code == code
    shrink_party(session, party_id=three.party_id, organization_id=club.id, size=1, now=NOW)
    assert standing(session, *three.tickets) == [CANCELLED, CANCELLED, CONFIRMED]
    named.badge_name = "Otro"
    session.flush()
    two = group(session, conference, club, 2)
    for ticket in two.tickets:
        session.get_one(Registration, ticket.registration_id).badge_name = "Nombre"
    session.flush()
    with pytest.raises(Conflict) as refusal:
        shrink_party(session, party_id=two.party_id, organization_id=club.id, size=1, now=NOW)
    assert refusal.value.code == "guests_are_named"


def test_a_guest_who_cancels_makes_the_group_smaller_and_the_last_one_ends_it(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, 2)
    taken = [enrol(session, conference) for _each in range(2)]
    two = group(session, conference, club, 2)
    cancel_registration(session, token=taken[0].token, now=NOW)
    assert standing(session, *two.tickets) == [WAITING, WAITING]
    leave_line(session, token=two.tickets[0].token, now=NOW)
    assert standing(session, *two.tickets) == [CANCELLED, OFFERED]
    cancel_registration(session, token=two.tickets[1].token, now=NOW)
    session.expire_all()
    assert session.get(Party, two.party_id) is None
    gone = session.get_one(Registration, two.tickets[1].registration_id)
    assert (gone.party_id, gone.organization_id, gone.badge_name) == (None, None, "")


def test_a_place_in_line_that_is_handed_over_keeps_its_turn(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, 1)
    enrol(session, conference)
    ahead = enrol(session, conference, organization_id=club.id)
    enrol(session, conference)
    anew = hand_over(session, token=ahead.token, nonce=nonce(), key=KEY, now=NOW)
    assert anew.status is WAITING
    party_id = party_of(session, ahead).id
    # Nobody leads whoever registered alone: the lead sees no group, and has no link of theirs.
    whose = {"conference_id": conference.id, "organization_ids": {club.id}}
    assert groups(session, **whose) == ()
    with pytest.raises(NotFound):
        find_group(session, party_id=party_id, keys=(KEY,), **whose)
    with pytest.raises(NotFound):
        leave_line_together(session, party_id=party_id, organization_id=club.id, now=NOW)
    assert position(session, party_id=party_of(session, ahead).id) == 1


def test_a_group_without_a_nonce_for_each_place_is_none(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    with pytest.raises(ValueError, match="1 nonces for 2 places"):
        group(session, conference, club, 2, nonces=[nonce()])
    assert session.scalars(select(Registration)).all() == []


# -- offers ----------------------------------------------------------------------------------------


def line_of(
    session: Session, waiting: int, **values: Any
) -> tuple[Conference, IssuedTicket, list[IssuedTicket]]:
    """A conference far ahead with one place, who holds it, and so many in line."""
    conference = make_conference(session, first_day=FAR_AHEAD)
    limit(session, conference, 1)
    holder = enrol(session, conference)
    return conference, holder, [enrol(session, conference, **values) for _each in range(waiting)]


def test_a_freed_place_is_held_for_the_head_of_the_line_who_takes_it(session: Session) -> None:
    conference, holder, (first, second) = line_of(session, 2)
    cancel_registration(session, token=holder.token, now=NOW)
    assert standing(session, first, second) == [OFFERED, WAITING]
    party = party_of(session, first)
    assert (party.offered_until, position(session, party_id=party.id)) == (NOW + HOURS, 0)
    assert position(session, party_id=party_of(session, second).id) == 1
    assert enrol(session, conference).status is WAITING
    accept_offer(session, token=first.token, now=NOW + HOURS - timedelta(seconds=1))
    assert standing(session, first, second) == [CONFIRMED, WAITING]
    party = party_of(session, first)
    assert (party.waiting_since, party.offered_until) == (None, None)


def test_the_ticket_is_mailed_to_whoever_takes_the_place(session: Session) -> None:
    _conference, holder, (first,) = line_of(session, 1, contact_email="secreta@example.org")
    cancel_registration(session, token=holder.token, now=NOW)
    accept_offer(session, token=first.token, now=NOW, letter=Words("es", "Su boleto", "boleto"))
    assert letters(session) == [("secreta@example.org", "boleto")]


def test_a_place_that_needs_an_answer_is_pending_once_it_is_taken(session: Session) -> None:
    conference, holder, (first,) = line_of(session, 1)
    limit(session, conference, 1, approval=True)
    cancel_registration(session, token=holder.token, now=NOW)
    accept_offer(session, token=first.token, now=NOW, letter=Words("es", "Su boleto", "boleto"))
    assert standing(session, first) == [PENDING]
    assert letters(session) == []


def test_nothing_is_taken_that_is_not_offered_or_no_longer(session: Session) -> None:
    _conference, holder, (first, second) = line_of(session, 2)
    cancel_registration(session, token=holder.token, now=NOW)
    for token, now, code in (
        (second.token, NOW, "no_offer"),
        (holder.token, NOW, "ticket_cancelled"),
        ("A" * 26, NOW, "ticket_not_found"),
        (first.token, NOW + HOURS, "offer_over"),
    ):
        with pytest.raises(DomainError) as refusal:
            accept_offer(session, token=token, now=now)
        assert refusal.value.code == code
    accept_offer(session, token=first.token, now=NOW)
    with pytest.raises(Conflict) as refusal:
        accept_offer(session, token=first.token, now=NOW)
    assert refusal.value.code == "no_offer"
    with pytest.raises(Conflict) as refusal:
        leave_line(session, token=first.token, now=NOW)
    assert refusal.value.code == "not_in_line"


def test_whoever_declines_leaves_a_tombstone_and_the_next_is_offered_the_place(session: Session) -> None:
    _conference, holder, (first, second) = line_of(session, 2, contact_email="secreta@example.org")
    cancel_registration(session, token=holder.token, now=NOW)
    leave_line(session, token=first.token, now=NOW)
    assert standing(session, first, second) == [CANCELLED, OFFERED]
    gone = session.get_one(Registration, first.registration_id)
    assert (gone.badge_name, gone.contact_email, gone.party_id) == ("", None, None)


def test_a_group_takes_its_places_or_leaves_the_line_together_and_only_for_its_organization(
    session: Session,
) -> None:
    conference = make_conference(session)
    club, other = make_organization(session, conference), make_organization(session, conference)
    limit(session, conference, 2)
    holders = [enrol(session, conference) for _each in range(2)]
    first, second = group(session, conference, club, 2), group(session, conference, other, 2)
    for each in holders:
        cancel_registration(session, token=each.token, now=NOW)
    with pytest.raises(NotFound) as refusal:
        accept_group_offer(session, party_id=first.party_id, organization_id=other.id, now=NOW)
    assert refusal.value.code == "party_not_found"
    leave_line_together(session, party_id=first.party_id, organization_id=club.id, now=NOW)
    assert standing(session, *first.tickets, *second.tickets) == [CANCELLED, CANCELLED, OFFERED, OFFERED]
    accept_group_offer(session, party_id=second.party_id, organization_id=other.id, now=NOW)
    assert standing(session, *second.tickets) == [CONFIRMED, CONFIRMED]
    with pytest.raises(Conflict) as over:
        leave_line_together(session, party_id=second.party_id, organization_id=other.id, now=NOW)
    assert over.value.code == "not_in_line"


# -- what time does --------------------------------------------------------------------------------


def test_who_does_not_answer_goes_to_the_end_of_the_line_and_the_second_time_out_of_it(
    session: Session,
) -> None:
    _conference, holder, (first, second) = line_of(session, 2)
    cancel_registration(session, token=holder.token, now=NOW)
    assert lapse_offers(session, letter=None, now=NOW + HOURS - timedelta(seconds=1)) == 0
    assert lapse_offers(session, letter=None, now=NOW + HOURS) == 1
    assert standing(session, first, second) == [WAITING, OFFERED]
    assert party_of(session, first).waiting_since == NOW + HOURS
    assert lapse_offers(session, letter=None, now=NOW + 2 * HOURS) == 1
    assert standing(session, first, second) == [OFFERED, WAITING]
    assert lapse_offers(session, letter=None, now=NOW + 3 * HOURS) == 1
    assert standing(session, first, second) == [CANCELLED, OFFERED]
    assert session.get_one(Registration, first.registration_id).badge_name == ""
    assert lapse_offers(session, letter=None, now=NOW + 4 * HOURS) == 1
    assert standing(session, second) == [CANCELLED]
    assert session.scalars(select(Party)).all() == []


def test_under_a_legal_hold_nobody_leaves_the_line_by_not_answering(session: Session) -> None:
    conference, holder, (first,) = line_of(session, 1, badge_name="Ndika")
    _other, other_holder, (elsewhere,) = line_of(session, 1)
    begin_hold(session, conference_id=conference.id, reason=HoldReason.LEGAL_DEMAND, by=None, now=NOW)
    for each in (holder, other_holder):
        cancel_registration(session, token=each.token, now=NOW)
    lapse_offers(session, letter=None, now=NOW + HOURS)
    assert lapse_offers(session, letter=None, now=NOW + 2 * HOURS) == 2
    # Nobody else waits: from the end of the line it is offered the place again.
    assert standing(session, first, elsewhere) == [OFFERED, CANCELLED]
    assert session.get_one(Registration, first.registration_id).badge_name == "Ndika"
    assert (party_of(session, first).lapsed, party_of(session, first).waiting_since) == (2, NOW + 2 * HOURS)
    lift_hold(session, conference_id=conference.id, by=None, now=NOW + 2 * HOURS)
    lapse_offers(session, letter=None, now=NOW + 3 * HOURS)
    assert standing(session, first) == [CANCELLED]


def test_offers_of_one_conference_can_be_taken_back_by_themselves(session: Session) -> None:
    conference, holder, (first,) = line_of(session, 1)
    _other, other_holder, (elsewhere,) = line_of(session, 1)
    for each in (holder, other_holder):
        cancel_registration(session, token=each.token, now=NOW)
    assert lapse_offers(session, letter=None, now=NOW + HOURS, conference_id=conference.id) == 1
    assert [party_of(session, each).lapsed for each in (first, elsewhere)] == [1, 0]


def test_whoever_is_offered_a_place_is_written_to_once_with_the_way_to_the_own_ticket(
    session: Session,
) -> None:
    conference, holder, (first, _second) = line_of(session, 2, contact_email="secreta@example.org")
    post = Post()
    assert offer_freed(session, conference_id=conference.id, letter=post, now=NOW) == 0
    assert letters(session) == []
    cancel_registration(session, token=holder.token, now=NOW)
    for _sweep in range(3):
        assert offer_freed(session, conference_id=conference.id, letter=post, now=NOW) == 0
    assert letters(session) == [("secreta@example.org", "offered")]
    (asked,) = post.asked
    assert asked.ticket_nonce is not None
    assert ticket_token(asked.ticket_nonce, key=KEY) == first.token
    assert (asked.news, asked.language, asked.offered_until) == (PlaceNews.OFFERED, "es", NOW + HOURS)
    (message,) = session.scalars(select(Message))
    assert (message.useless_after, message.conference_id) == (NOW + HOURS, conference.id)


def test_of_a_group_without_names_those_who_lead_its_organization_are_written_to(session: Session) -> None:
    conference = make_conference(session)
    club, other = make_organization(session, conference), make_organization(session, conference)
    lead = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    grant(session, conference, Role.ORGANIZATION_LEAD, organization=other)
    grant(session, make_conference(session), Role.ORGANIZATION_LEAD, organization=club)
    former = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    ended = session.scalars(select(RoleGrant).where(RoleGrant.account_id == former.id)).one()
    ended.revoked_at, ended.revoked_by_id = NOW, former.id
    limit(session, conference, 2)
    holders = [enrol(session, conference) for _each in range(2)]
    two = group(session, conference, club, 2)
    named = session.get_one(Registration, two.tickets[0].registration_id)
    named.badge_name, named.contact_email, named.language = "Nombre", "persona@example.org", "en"
    session.flush()
    for each in holders:
        cancel_registration(session, token=each.token, now=NOW)
    post = Post()
    offer_freed(session, conference_id=conference.id, letter=post, now=NOW)
    assert set(letters(session)) == {("persona@example.org", "offered"), (lead.email, "offered")}
    assert {(asked.language, asked.ticket_nonce is None) for asked in post.asked} == {
        ("en", False),
        ("es", True),
    }


def test_nobody_who_leads_is_written_to_about_a_place_that_one_person_handed_over(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    limit(session, conference, 1, approval=True)
    asked, waiting = (enrol(session, conference, organization_id=club.id) for _each in range(2))
    for each in (asked, waiting):
        hand_over(session, token=each.token, nonce=nonce(), key=KEY, now=NOW)
    post = Post()
    approve(
        session,
        conference_id=conference.id,
        registration_id=asked.registration_id,
        by=None,
        now=NOW,
        letter=post,
    )
    limit(session, conference, 2)
    offer_freed(session, conference_id=conference.id, letter=post, now=NOW)
    assert standing(session, asked, waiting) == [CONFIRMED, OFFERED]
    assert (post.asked, letters(session)) == ([], [])


def test_the_last_letter_to_somebody_who_is_taken_out_still_goes_out(session: Session) -> None:
    _conference, holder, (first,) = line_of(session, 1, contact_email="secreta@example.org")
    cancel_registration(session, token=holder.token, now=NOW)
    post = Post()
    lapse_offers(session, letter=post, now=NOW + HOURS)
    lapse_offers(session, letter=post, now=NOW + 2 * HOURS)
    assert standing(session, first) == [CANCELLED]
    assert [asked.news for asked in post.asked] == [PlaceNews.LAPSED, PlaceNews.TAKEN_OUT]
    assert letters(session)[-1] == ("secreta@example.org", "taken_out")
    assert session.scalars(select(Registration.contact_email)).all() == [None, None]


# -- an organizer's answer -------------------------------------------------------------------------


def test_who_is_approved_has_a_place_and_is_told_so(session: Session) -> None:
    conference = make_conference(session)
    limit(session, conference, None, approval=True)
    asking = enrol(session, conference, contact_email="secreta@example.org")
    by = grant(session, conference, Role.ORGANIZER)
    post = Post()
    answered = approve(
        session,
        conference_id=conference.id,
        registration_id=asking.registration_id,
        by=by.id,
        now=NOW,
        letter=post,
    )
    assert (answered, standing(session, asking)) == (1, [CONFIRMED])
    assert letters(session) == [("secreta@example.org", "approved")]
    *_places, entry = session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))
    assert b'"kind":"registration_approved"' in bytes(entry)
    assert b"organizer-1" in bytes(entry)


def test_who_is_not_approved_is_told_forgotten_and_the_place_goes_on(session: Session) -> None:
    conference = make_conference(session)
    limit(session, conference, 1, approval=True)
    asking = enrol(session, conference, contact_email="secreta@example.org")
    behind = enrol(session, conference)
    post = Post()
    reject(
        session,
        conference_id=conference.id,
        registration_id=asking.registration_id,
        reason=RefusalReason.TWICE,
        by=None,
        now=NOW,
        letter=post,
    )
    assert standing(session, asking, behind) == [REJECTED, OFFERED]
    row = session.get_one(Registration, asking.registration_id)
    assert (row.refusal, row.badge_name, row.contact_email) == (RefusalReason.TWICE, "", None)
    assert letters(session) == [("secreta@example.org", "rejected")]
    *_places, entry = session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))
    assert b"twice" not in bytes(entry)
    with pytest.raises(Conflict) as refusal:
        cancel_registration(session, token=asking.token, now=NOW)
    assert refusal.value.code == "ticket_cancelled"


def test_a_group_is_answered_whole_and_once(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    limit(session, conference, None, approval=True)
    accepted, refused = (group(session, conference, club, size) for size in (2, 3))
    common = {"conference_id": conference.id, "by": None, "now": NOW}
    number = approve(session, registration_id=accepted.tickets[1].registration_id, **common)
    assert (number, standing(session, *accepted.tickets)) == (2, [CONFIRMED] * 2)
    reason = RefusalReason.NO_PLACE
    number = reject(session, registration_id=refused.tickets[0].registration_id, reason=reason, **common)
    assert (number, standing(session, *refused.tickets)) == (3, [REJECTED] * 3)
    for ticket in (accepted.tickets[0], refused.tickets[1]):
        for again in (
            lambda one=ticket: approve(session, registration_id=one.registration_id, **common),
            lambda one=ticket: reject(session, registration_id=one.registration_id, reason=reason, **common),
        ):
            with pytest.raises(Conflict) as refusal:
                again()
            assert refusal.value.code == "registration_decided"


def test_nobody_answers_for_another_conference_or_without_a_reason(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    limit(session, conference, None, approval=True)
    asking = enrol(session, conference)
    elsewhere = {
        "conference_id": other.id,
        "registration_id": asking.registration_id,
        "by": None,
        "now": NOW,
    }
    for act in (
        lambda: approve(session, **elsewhere),
        lambda: reject(session, reason=RefusalReason.TWICE, **elsewhere),
    ):
        with pytest.raises(NotFound) as refusal:
            act()
        assert refusal.value.code == "ticket_not_found"
    with pytest.raises(Invalid) as needed:
        reject(session, reason=None, **elsewhere | {"conference_id": conference.id})
    assert needed.value.code == "reason_needed"
    assert standing(session, asking) == [PENDING]


def test_a_turn_that_is_changed_is_in_the_log_and_counts_at_once(session: Session) -> None:
    conference, holder, (first, second) = line_of(session, 2)
    number = party_of(session, second).id
    set_priority(session, conference_id=conference.id, party_id=number, priority=1, by=None, now=NOW)
    assert position(session, party_id=number) == 1
    cancel_registration(session, token=holder.token, now=NOW)
    assert standing(session, first, second) == [WAITING, OFFERED]
    entry = bytes(session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index)).all()[-1])
    assert b'"kind":"turn_changed"' in entry
    assert b'"priority":1' in entry
    with pytest.raises(Conflict) as refusal:
        set_priority(session, conference_id=conference.id, party_id=number, priority=2, by=None, now=NOW)
    assert refusal.value.code == "not_in_line"
    other = make_conference(session)
    with pytest.raises(NotFound) as missing:
        set_priority(session, conference_id=other.id, party_id=number, priority=2, by=None, now=NOW)
    assert missing.value.code == "party_not_found"


def test_an_account_that_only_waited_forgets_its_address_with_the_line(session: Session) -> None:
    account = make_account(session, email="secreta@example.org")
    _conference, _holder, (first,) = line_of(session, 1, account_id=account.id)
    leave_line(session, token=first.token, now=NOW)
    session.expire_all()
    assert session.get_one(Account, account.id).email is None
