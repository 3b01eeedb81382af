"""One seat an organization, one seat a person: who may be named, and what the committee decides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conference import models
from conference.domain.credentials import (
    STANDING,
    Attestation,
    Capacity,
    CredentialStatus,
    RejectionReason,
)
from conference.domain.directory import MembershipSide, MembershipState, OrganizationKind, RecordSource
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound
from conference.domain.registration import Category, RegistrationStatus
from conference.queries.delegations import delegations
from conference.services.credentials import decide_credential, name_delegate, withdraw_credential
from tests.factories import (
    NOW,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
)

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def conference(session):
    return make_conference(session)


@pytest.fixture
def seat(session, conference):
    return make_seat(session, conference)


def member(session, conference, seat, **values):
    return make_registration(session, conference, **{"organization_id": seat.organization_id} | values)


def name(session, conference, seat, person, capacity=Capacity.DELEGATE, **values):
    return name_delegate(
        session,
        **{
            "conference_id": conference.id,
            "organization_id": seat.organization_id,
            "registration_id": person.id,
            "capacity": capacity,
            "by": None,
            "now": NOW,
        }
        | values,
    )


def decide(session, conference, credential_id, *, accept=True, reason=None, by=None):
    decide_credential(
        session,
        conference_id=conference.id,
        credential_id=credential_id,
        accept=accept,
        reason=reason,
        by=by,
        now=LATER,
    )


def withdraw(session, conference, seat, credential_id, by=None):
    withdraw_credential(
        session,
        conference_id=conference.id,
        organization_id=seat.organization_id,
        credential_id=credential_id,
        by=by,
        now=LATER,
    )


def refusal(act, *args, **values):
    with pytest.raises(DomainError) as refused:
        act(*args, **values)
    return type(refused.value), refused.value.code


def statuses(session):
    rows = session.scalars(select(models.Credential).order_by(models.Credential.id))
    return [(row.registration_id, row.capacity, row.status) for row in rows]


def test_a_lead_names_and_the_committee_accepts(session, conference, seat):
    lead, committee = make_account(session), make_account(session)
    person = member(session, conference, seat)

    credential_id = name(session, conference, seat, person, by=lead.id)
    decide(session, conference, credential_id, by=committee.id)

    row = session.get_one(models.Credential, credential_id)
    assert (row.seat_id, row.registration_id, row.capacity) == (seat.id, person.id, Capacity.DELEGATE)
    assert (row.status, row.reason) == (CredentialStatus.ACCEPTED, None)
    assert (row.attested_at, row.attested_by_id) == (NOW, lead.id)
    assert (row.decided_at, row.decided_by_id) == (LATER, committee.id)


def test_a_rejection_says_why(session, conference, seat):
    credential_id = name(session, conference, seat, member(session, conference, seat))

    assert refusal(decide, session, conference, credential_id, accept=False) == (Invalid, "reason_needed")
    decide(session, conference, credential_id, accept=False, reason=RejectionReason.LETTER_MISSING)

    row = session.get_one(models.Credential, credential_id)
    assert (row.status, row.reason) == (CredentialStatus.REJECTED, RejectionReason.LETTER_MISSING)


def test_accepting_keeps_no_reason(session, conference, seat):
    credential_id = name(session, conference, seat, member(session, conference, seat))

    decide(session, conference, credential_id, reason=RejectionReason.LETTER_MISSING)

    assert session.get_one(models.Credential, credential_id).reason is None


def test_a_seat_has_a_delegate_and_an_alternate(session, conference, seat):
    one, two = member(session, conference, seat), member(session, conference, seat)

    name(session, conference, seat, one)
    name(session, conference, seat, two, Capacity.ALTERNATE)

    assert statuses(session) == [
        (one.id, Capacity.DELEGATE, CredentialStatus.PROPOSED),
        (two.id, Capacity.ALTERNATE, CredentialStatus.PROPOSED),
    ]


def test_naming_somebody_else_replaces_whom_nobody_has_accepted_yet(session, conference, seat):
    one, two = member(session, conference, seat), member(session, conference, seat)

    name(session, conference, seat, one)
    name(session, conference, seat, two)

    assert statuses(session) == [
        (one.id, Capacity.DELEGATE, CredentialStatus.WITHDRAWN),
        (two.id, Capacity.DELEGATE, CredentialStatus.PROPOSED),
    ]


def test_naming_the_same_person_twice_changes_nothing(session, conference, seat):
    person = member(session, conference, seat)

    assert name(session, conference, seat, person) == name(session, conference, seat, person)
    assert statuses(session) == [(person.id, Capacity.DELEGATE, CredentialStatus.PROPOSED)]


def test_whom_the_committee_accepted_stays(session, conference, seat):
    one, two = member(session, conference, seat), member(session, conference, seat)
    decide(session, conference, name(session, conference, seat, one))

    assert refusal(name, session, conference, seat, two) == (Conflict, "seat_is_held")
    assert statuses(session) == [(one.id, Capacity.DELEGATE, CredentialStatus.ACCEPTED)]


def test_a_person_is_not_delegate_and_alternate(session, conference, seat):
    person = member(session, conference, seat)
    name(session, conference, seat, person)

    again = refusal(name, session, conference, seat, person, Capacity.ALTERNATE)

    assert again == (Conflict, "person_holds_seat")


@pytest.mark.parametrize("ending", ["withdrawn", "rejected"])
def test_whoever_was_withdrawn_or_rejected_may_be_named_again(session, conference, seat, ending):
    person = member(session, conference, seat)
    first = name(session, conference, seat, person)
    if ending == "withdrawn":
        withdraw(session, conference, seat, first)
    else:
        decide(session, conference, first, accept=False, reason=RejectionReason.LETTER_MISSING)

    second = name(session, conference, seat, person, Capacity.ALTERNATE)

    assert [status for *_, status in statuses(session)] == [
        CredentialStatus(ending),
        CredentialStatus.PROPOSED,
    ]
    assert second != first


def test_only_confirmed_registrations_of_the_organization_in_this_conference_count(session, conference, seat):
    elsewhere = make_conference(session)
    foreign = make_seat(session, conference)
    make_seat(session, elsewhere, organization=session.get_one(models.Organization, seat.organization_id))
    not_eligible = [
        member(session, conference, seat, status=RegistrationStatus.CANCELLED, cancelled_at=NOW).id,
        member(session, elsewhere, seat).id,
        member(session, conference, foreign).id,
        make_registration(session, conference).id,
        10**9,
    ]

    answers = {
        refusal(name, session, conference, seat, seat, registration_id=number) for number in not_eligible
    }

    assert answers == {(Invalid, "registration_not_eligible")}
    assert statuses(session) == []


def test_an_organization_with_voice_only_names_nobody(session, conference):
    organization = make_organization(session, conference)
    make_seat(session, make_conference(session), organization=organization)
    person = make_registration(session, conference, organization_id=organization.id)

    answer = refusal(name, session, conference, person, person)

    assert answer == (Invalid, "organization_without_seat")


@pytest.mark.parametrize("ending", ["accepted", "rejected", "withdrawn"])
def test_only_what_is_proposed_is_decided_or_withdrawn(session, conference, seat, ending):
    credential_id = name(session, conference, seat, member(session, conference, seat))
    if ending == "withdrawn":
        withdraw(session, conference, seat, credential_id)
    else:
        decide(
            session,
            conference,
            credential_id,
            accept=ending == "accepted",
            reason=RejectionReason.LETTER_MISSING,
        )

    decided = (Conflict, "credential_decided")
    assert refusal(decide, session, conference, credential_id) == decided
    assert refusal(withdraw, session, conference, seat, credential_id) == decided
    assert [status for *_, status in statuses(session)] == [CredentialStatus(ending)]


def test_credentials_of_others_are_not_found(session, conference, seat):
    credential_id = name(session, conference, seat, member(session, conference, seat))
    other_seat, elsewhere = make_seat(session, conference), make_conference(session)

    unknown = (NotFound, "credential_not_found")
    assert refusal(decide, session, elsewhere, credential_id) == unknown
    assert refusal(withdraw, session, elsewhere, seat, credential_id) == unknown
    assert refusal(withdraw, session, conference, other_seat, credential_id) == unknown
    assert [status for *_, status in statuses(session)] == [CredentialStatus.PROPOSED]


def test_another_organizations_delegate_is_left_alone(session, conference, seat):
    make_delegate(session, conference)
    person = member(session, conference, seat)

    name(session, conference, seat, person)

    assert [status for *_, status in statuses(session)] == [
        CredentialStatus.ACCEPTED,
        CredentialStatus.PROPOSED,
    ]


# -- a person, however often registered --------------------------------------------------------


def twice_registered(session, conference, seat, other_seat, same):
    """Two registrations of one person, one for each seat's organization."""
    if same == "account":
        account = make_account(session)
        return [member(session, conference, one, account_id=account.id) for one in (seat, other_seat)]
    addresses = ("secreta@example.org", "Secreta@Example.ORG")
    return [
        member(session, conference, one, contact_email=address)
        for one, address in zip((seat, other_seat), addresses, strict=True)
    ]


@pytest.mark.parametrize("status", ["proposed", "accepted"])
def test_a_person_registered_twice_is_not_named_for_a_second_seat(session, conference, seat, status):
    other = make_seat(session, conference)
    one, two = twice_registered(session, conference, seat, other, "account")
    first = name(session, conference, seat, one)
    if status == "accepted":
        decide(session, conference, first)

    assert refusal(name, session, conference, other, two) == (Conflict, "person_holds_another_seat")
    assert statuses(session) == [(one.id, Capacity.DELEGATE, CredentialStatus(status))]


@pytest.mark.parametrize("status", ["proposed", "accepted"])
def test_naming_tells_nobody_of_whom_others_named_by_an_address_that_nobody_proved(
    session, conference, seat, status
):
    other = make_seat(session, conference)
    one, two = twice_registered(session, conference, seat, other, "address")
    first = name(session, conference, seat, one)
    if status == "accepted":
        decide(session, conference, first)

    second = name(session, conference, other, two)

    if status == "accepted":
        assert refusal(decide, session, conference, second) == (Conflict, "address_holds_seat")
        decide(session, conference, second, accept=False, reason=RejectionReason.ALREADY_SEATED)
    else:
        # A naming elsewhere, which anybody can bring about, keeps nobody from being accepted.
        decide(session, conference, second)
        assert refusal(decide, session, conference, first) == (Conflict, "address_holds_seat")
    assert [row[2] for row in statuses(session)].count(CredentialStatus.ACCEPTED) == 1


def test_a_person_registered_twice_is_not_delegate_and_alternate_of_one_seat(session, conference, seat):
    one, two = twice_registered(session, conference, seat, seat, "account")
    name(session, conference, seat, one)

    answer = refusal(name, session, conference, seat, two, Capacity.ALTERNATE)

    assert answer == (Conflict, "person_holds_another_seat")


@pytest.mark.parametrize("same", ["account", "address"])
def test_a_person_may_hold_a_seat_in_each_of_two_conferences(session, conference, seat, same):
    elsewhere = make_conference(session)
    other = make_seat(session, elsewhere)
    one, two = twice_registered(session, conference, seat, other, same)
    two.conference_id = elsewhere.id
    session.flush()

    for place, chair, person in ((conference, seat, one), (elsewhere, other, two)):
        decide(session, place, name(session, place, chair, person))

    assert [status for *_, status in statuses(session)] == [CredentialStatus.ACCEPTED] * 2


@pytest.mark.parametrize("address", [None, ""])
def test_people_without_account_and_address_are_not_one_person(session, conference, seat, address):
    other = make_seat(session, conference)
    for chair in (seat, other):
        name(session, conference, chair, member(session, conference, chair, contact_email=address))

    assert [status for *_, status in statuses(session)] == [CredentialStatus.PROPOSED] * 2


def test_whose_other_seat_was_given_up_may_be_named(session, conference, seat):
    other = make_seat(session, conference)
    one, two = twice_registered(session, conference, seat, other, "account")
    withdraw(session, conference, seat, name(session, conference, seat, one))

    decide(session, conference, name(session, conference, other, two))

    assert [status for *_, status in statuses(session)] == [
        CredentialStatus.WITHDRAWN,
        CredentialStatus.ACCEPTED,
    ]


@pytest.mark.parametrize("same", ["account"])
def test_two_namings_that_turn_out_to_be_one_persons_are_not_both_accepted(session, conference, seat, same):
    other = make_seat(session, conference)
    people = [member(session, conference, chair) for chair in (seat, other)]
    first, second = (
        name(session, conference, chair, person) for chair, person in zip((seat, other), people, strict=True)
    )
    account = make_account(session)
    for person, address in zip(people, ("secreta@example.org", "SECRETA@example.org"), strict=True):
        person.account_id = account.id if same == "account" else None
        person.contact_email = address if same == "address" else None
    session.flush()

    for credential_id in (first, second):
        answer = refusal(decide, session, conference, credential_id)
        assert answer == (Conflict, "person_named_elsewhere")
    decide(session, conference, second, accept=False, reason=RejectionReason.ALREADY_SEATED)
    decide(session, conference, first)

    assert [status for *_, status in statuses(session)] == [
        CredentialStatus.ACCEPTED,
        CredentialStatus.REJECTED,
    ]


# -- at the same moment ------------------------------------------------------------------------


def at_once(prepared, session, *acts):
    """Let each act run in a transaction of its own at the same moment; return what each came to."""
    session.commit()
    barrier = Barrier(len(acts))

    def run(act):
        with Session(prepared.engine) as own:
            barrier.wait(10)
            try:
                act(own)
                own.commit()
            except DomainError as refused:
                return refused.code
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


class Ids:
    """What the threads need to know of rows that belong to the test's own session."""

    def __init__(self, row, organization_id=None):
        self.id = row.id
        self.organization_id = organization_id


def test_of_many_named_at_once_one_stands(session, conference, seat, prepared):
    people = [Ids(member(session, conference, seat)) for _ in range(8)]
    place, chair = Ids(conference), Ids(seat, seat.organization_id)

    at_once(
        prepared, session, *(lambda own, person=person: name(own, place, chair, person) for person in people)
    )

    standing = [person for person, _, status in statuses(session) if status in STANDING]
    assert len(standing) == 1


def test_a_person_named_at_once_in_both_capacities_has_one(session, conference, seat, prepared):
    person, place, chair = (
        Ids(member(session, conference, seat)),
        Ids(conference),
        Ids(seat, seat.organization_id),
    )

    answers = at_once(
        prepared,
        session,
        *(lambda own, capacity=capacity: name(own, place, chair, person, capacity) for capacity in Capacity),
    )

    assert sorted(answers) == ["done", "person_holds_seat"]
    assert len(statuses(session)) == 1


def test_a_person_registered_twice_and_named_at_once_for_both_seats_has_one(
    session, conference, seat, prepared
):
    other = make_seat(session, conference)
    people = twice_registered(session, conference, seat, other, "account")
    place = Ids(conference)
    pairs = [
        (Ids(chair, chair.organization_id), Ids(person))
        for chair, person in zip((seat, other), people, strict=True)
    ] * 3

    answers = at_once(
        prepared,
        session,
        *(lambda own, chair=chair, person=person: name(own, place, chair, person) for chair, person in pairs),
    )

    # Naming the same person for the same seat again changes nothing, and succeeds.
    assert sorted(answers) == ["done"] * 3 + ["person_holds_another_seat"] * 3
    assert len(statuses(session)) == 1


def test_accepting_and_withdrawing_at_once_never_both_succeed(session, conference, seat, prepared):
    place, chair = Ids(conference), Ids(seat, seat.organization_id)
    credential_id = name(session, conference, seat, member(session, conference, seat))

    answers = at_once(
        prepared,
        session,
        lambda own: decide(own, place, credential_id),
        lambda own: withdraw(own, place, chair, credential_id),
    )

    final = CredentialStatus.ACCEPTED if answers[0] == "done" else CredentialStatus.WITHDRAWN
    assert sorted(answers) == ["credential_decided", "done"]
    assert [status for *_, status in statuses(session)] == [final]


def test_an_index_that_refuses_is_a_conflict_and_leaves_the_transaction_usable(
    session, conference, seat, monkeypatch
):
    one, two = member(session, conference, seat), member(session, conference, seat)
    name(session, conference, seat, one)
    # As when the other's row is committed between our look and our insert.
    monkeypatch.setattr("conference.services.credentials._standing", lambda *_: None)

    assert refusal(name, session, conference, seat, two) == (Conflict, "conflict")
    assert statuses(session) == [(one.id, Capacity.DELEGATE, CredentialStatus.PROPOSED)]


# -- the attestation, who withdrew, and mandates -----------------------------------------------


def test_the_sentence_that_was_ticked_is_kept_with_its_version_and_language(session, conference, seat):
    person = member(session, conference, seat)
    credential_id = name(session, conference, seat, person, attestation=Attestation(1, "es"))
    on_paper = name(session, conference, seat, member(session, conference, seat), capacity=Capacity.ALTERNATE)

    rows = [session.get_one(models.Credential, id_) for id_ in (credential_id, on_paper)]
    assert [(row.attestation_version, row.attestation_language) for row in rows] == [(1, "es"), (None, None)]
    assert rows[0].attested_at == NOW


def test_an_organization_that_withdrew_names_nobody_new_and_nobody_is_accepted_for_it(
    session, conference, seat
):
    credential_id = name(session, conference, seat, member(session, conference, seat))
    session.get_one(models.Organization, seat.organization_id).withdrawn_at = NOW
    session.flush()

    answer = refusal(name, session, conference, seat, member(session, conference, seat), Capacity.ALTERNATE)

    assert answer == (Conflict, "organization_withdrawn")
    assert refusal(decide, session, conference, credential_id) == (Conflict, "organization_withdrawn")
    assert [status for *_, status in statuses(session)] == [CredentialStatus.PROPOSED]
    decide(session, conference, credential_id, accept=False, reason=RejectionReason.LETTER_MISSING)
    assert [status for *_, status in statuses(session)] == [CredentialStatus.REJECTED]


@pytest.mark.parametrize("category", Category)
def test_officials_and_press_are_neither_offered_nor_named_nor_accepted(session, conference, seat, category):
    guest = member(session, conference, seat, category=category)
    seen = {"conference_id": conference.id, "organization_ids": {seat.organization_id}}

    [offered] = delegations(session, **seen)
    if category in {Category.OFFICIAL, Category.PRESS}:
        assert offered.candidates == ()
        assert refusal(name, session, conference, seat, guest) == (Conflict, "category_without_vote")
        assert statuses(session) == []
        guest.category = Category.ATTENDEE
    else:
        assert [one.registration_id for one in offered.candidates] == [guest.id]
    credential_id = name(session, conference, seat, guest)
    guest.category = category
    session.flush()
    if category in {Category.OFFICIAL, Category.PRESS}:
        refused = refusal(decide, session, conference, credential_id)
        assert refused == (Conflict, "category_without_vote")
        assert statuses(session) == [(guest.id, Capacity.DELEGATE, CredentialStatus.PROPOSED)]
    else:
        decide(session, conference, credential_id)
        assert statuses(session) == [(guest.id, Capacity.DELEGATE, CredentialStatus.ACCEPTED)]


def test_a_guest_without_a_name_is_neither_offered_nor_named_nor_accepted(session, conference, seat):
    guest = member(session, conference, seat, badge_name="")
    organization_ids = [seat.organization_id]

    (delegation,) = delegations(session, conference_id=conference.id, organization_ids=organization_ids)
    assert delegation.candidates == ()
    assert refusal(name, session, conference, seat, guest) == (Conflict, "person_nameless")
    guest.badge_name = "Nombre Reservado"
    credential_id = name(session, conference, seat, guest)
    guest.badge_name = ""
    session.flush()
    assert refusal(decide, session, conference, credential_id) == (Conflict, "person_nameless")
    assert statuses(session) == [(guest.id, Capacity.DELEGATE, CredentialStatus.PROPOSED)]


def federation_of(session, conference, seat, **values):
    federation = make_organization(session, conference, kind=OrganizationKind.FEDERATION)
    link = models.FederationMembership(
        **{
            "parent_id": federation.id,
            "member_id": seat.organization_id,
            "mandate": RecordSource.PAPER,
            "mandated_at": NOW,
        }
        | values
    )
    session.add(link)
    session.flush()
    return federation, link


def of_federation(session, conference, federation):
    return make_registration(session, conference, organization_id=federation.id)


def test_a_federation_names_somebody_of_its_own_for_a_member_that_gave_its_mandate(session, conference, seat):
    federation, _link = federation_of(session, conference, seat)
    person = of_federation(session, conference, federation)

    credential_id = name(session, conference, seat, person, federation_id=federation.id)

    row = session.get_one(models.Credential, credential_id)
    assert (row.seat_id, row.registration_id) == (seat.id, person.id)
    # The federation knows its own people, not the member's.
    theirs = member(session, conference, seat)
    answer = refusal(name, session, conference, seat, theirs, Capacity.ALTERNATE, federation_id=federation.id)
    assert answer == (Invalid, "registration_not_eligible")


def test_whom_a_federation_named_is_accepted_only_while_its_mandate_stands(session, conference, seat):
    federation, link = federation_of(session, conference, seat)
    person = of_federation(session, conference, federation)
    credential_id = name(session, conference, seat, person, federation_id=federation.id)
    link.mandate = link.mandated_at = None
    session.flush()

    assert refusal(decide, session, conference, credential_id) == (Conflict, "mandate_ended")
    link.mandate, link.mandated_at = RecordSource.PAPER, NOW
    session.flush()
    decide(session, conference, credential_id)

    assert statuses(session) == [(person.id, Capacity.DELEGATE, CredentialStatus.ACCEPTED)]


@pytest.mark.parametrize(
    "values",
    [
        {"mandate": None, "mandated_at": None},
        {"state": MembershipState.JOINING, "asked_by": MembershipSide.PARENT},
        {"state": MembershipState.LEAVING, "asked_by": MembershipSide.MEMBER},
    ],
)
def test_without_a_mandate_a_federation_seats_nobody(session, conference, seat, values):
    federation, _link = federation_of(session, conference, seat, **values)
    person = of_federation(session, conference, federation)

    answer = refusal(name, session, conference, seat, person, federation_id=federation.id)

    assert answer == (Conflict, "mandate_missing")
    assert statuses(session) == []


def test_another_federation_has_no_part_in_a_mandate(session, conference, seat):
    federation_of(session, conference, seat)
    other, _link = federation_of(session, conference, make_seat(session, conference))

    answer = refusal(
        name, session, conference, seat, of_federation(session, conference, other), federation_id=other.id
    )

    assert answer == (Conflict, "mandate_missing")


def test_a_federation_does_not_seat_one_person_twice(session, conference, seat):
    federation, _link = federation_of(session, conference, seat)
    second = make_seat(session, conference)
    session.add(
        models.FederationMembership(
            parent_id=federation.id,
            member_id=second.organization_id,
            mandate=RecordSource.SYSTEM,
            mandated_at=NOW,
        )
    )
    own = make_seat(session, conference, organization=federation)
    person = of_federation(session, conference, federation)
    name(session, conference, seat, person, federation_id=federation.id)

    assert refusal(name, session, conference, second, person, federation_id=federation.id) == (
        Conflict,
        "person_holds_seat",
    )
    assert refusal(name, session, conference, own, person) == (Conflict, "person_holds_seat")
    assert len(statuses(session)) == 1


def test_a_federation_replaces_nobody_whom_the_member_named_and_the_member_replaces_its(
    session, conference, seat
):
    federation, _link = federation_of(session, conference, seat)
    first = of_federation(session, conference, federation)
    name(session, conference, seat, first, federation_id=federation.id)
    own = member(session, conference, seat)
    name(session, conference, seat, own)

    answer = refusal(
        name,
        session,
        conference,
        seat,
        of_federation(session, conference, federation),
        federation_id=federation.id,
    )

    assert answer == (Conflict, "named_by_member")
    assert [(who, status) for who, _capacity, status in statuses(session)] == [
        (first.id, CredentialStatus.WITHDRAWN),
        (own.id, CredentialStatus.PROPOSED),
    ]


def test_a_federation_takes_back_only_whom_it_named(session, conference, seat):
    federation, _link = federation_of(session, conference, seat)
    of_member = name(session, conference, seat, member(session, conference, seat), Capacity.ALTERNATE)
    of_theirs = name(
        session,
        conference,
        seat,
        of_federation(session, conference, federation),
        federation_id=federation.id,
    )
    values = {
        "conference_id": conference.id,
        "organization_id": seat.organization_id,
        "federation_id": federation.id,
        "by": None,
        "now": LATER,
    }

    answer = refusal(withdraw_credential, session, credential_id=of_member, **values)
    withdraw_credential(session, credential_id=of_theirs, **values)

    assert answer == (NotFound, "credential_not_found")
    assert [status for *_, status in statuses(session)] == [
        CredentialStatus.PROPOSED,
        CredentialStatus.WITHDRAWN,
    ]


def test_each_lead_learns_the_names_of_its_own_people_only(session, conference, seat):
    federation, _link = federation_of(session, conference, seat)
    theirs = of_federation(session, conference, federation)
    name(session, conference, seat, theirs, federation_id=federation.id)
    own = member(session, conference, seat)
    name(session, conference, seat, own, Capacity.ALTERNATE)
    spare = of_federation(session, conference, federation)

    (seen_by_member,) = delegations(
        session, conference_id=conference.id, organization_ids=[seat.organization_id]
    )
    of_itself, for_member = delegations(
        session, conference_id=conference.id, organization_ids=[federation.id]
    )

    assert [named.badge_name for named in seen_by_member.named] == [None, own.badge_name]
    assert [named.comes_for == federation.name for named in seen_by_member.named] == [True, False]
    assert seen_by_member.candidates == ()
    assert [named.badge_name for named in for_member.named] == [theirs.badge_name, None]
    assert [person.badge_name for person in for_member.candidates] == [spare.badge_name]
    assert (for_member.federation_id, for_member.federation) == (federation.id, federation.name)
    assert (of_itself.votes, of_itself.federation_id) == (None, None)
