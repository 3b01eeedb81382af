"""Changing one's own ticket, naming a guest, handing a place over: by the ticket's secret alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.mail import MessageKind, MessageState
from conference.domain.registration import (
    AccessNeed,
    Category,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
    ServiceKind,
)
from conference.domain.tickets import ticket_code, ticket_code_digest, ticket_token, token_digest
from conference.models import (
    Conference,
    Consent,
    Credential,
    Message,
    OfferedService,
    Organization,
    Presence,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    Scan,
    ServiceBooking,
)
from conference.queries.parties import group as find_group
from conference.queries.parties import groups
from conference.queries.registration import details, seat_standing, ticket
from conference.services.accounts import Words
from conference.services.credentials import name_delegate
from conference.services.hand_over import hand_over
from conference.services.mail import queue_message
from conference.services.parties import register_group
from conference.services.places import set_places
from conference.services.registration import IssuedTicket, cancel_registration, register
from conference.services.tickets import change_ticket, claim_place, name_guest
from tests.factories import (
    NOW,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    make_seat,
    make_sitting,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEY = b"key of the tests"
NAME, EMAIL, PHONE = "Nombre Reservado", "secreta@example.org", "+529511234567"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference with a question and two services, childcare for three children."""
    conference = make_conference(session)
    session.add_all(
        [
            RegistrationQuestion(
                conference_id=conference.id,
                key="taller",
                position=1,
                label={"es": "¿Qué taller?"},
                choices=[{"key": "agua", "label": {"es": "Agua"}}, {"key": "maiz", "label": {"es": "Maíz"}}],
            ),
            OfferedService(
                conference_id=conference.id,
                key="ninos",
                position=1,
                kind=ServiceKind.CHILDCARE,
                label={"es": "Cuidado"},
                capacity=3,
            ),
        ]
    )
    session.flush()
    return conference


@pytest.fixture
def club(session: Session, conference: Conference) -> Organization:
    """An organization that takes part."""
    return make_organization(session, conference)


def question(session: Session) -> int:
    return session.scalars(select(RegistrationQuestion.id)).one()


def childcare(session: Session) -> int:
    return session.scalars(select(OfferedService.id)).one()


def enrol(session: Session, conference: Conference, number: int = 1, **values: Any) -> IssuedTicket:
    """Register somebody who has said all that can be said."""
    least = {
        "badge_name": NAME,
        "category": Category.ATTENDEE,
        "language": "es",
        "consents": set(Purpose),
        "contact_email": EMAIL,
        "contact_phone": PHONE,
        "spoken": ("spa", "mix"),
        "needs": (AccessNeed.STEP_FREE,),
        "answers": {question(session): ["agua"]},
        "bookings": {childcare(session): 2},
        "nonce": f"{number:032x}",
        "key": KEY,
        "now": NOW,
        "letter": Words("es", "Su boleto", "Su lugar"),
    }
    return register(session, conference_id=conference.id, **least | values)


def guest(session: Session, conference: Conference, club: Organization) -> str:
    """Return the token of a guest of the organization."""
    group = register_group(
        session,
        conference_id=conference.id,
        organization_id=club.id,
        category=Category.ATTENDEE,
        size=1,
        nonces=["9" * 32],
        key=KEY,
        language="es",
        by=None,
        now=NOW,
    )
    return group.tickets[0].token


def row_of(session: Session, issued: IssuedTicket) -> Registration:
    session.expire_all()
    return session.get_one(Registration, issued.registration_id)


def change(session: Session, token: str, **values: Any) -> None:
    """Change a ticket; what is not said is as a form sends it empty."""
    least: dict[str, Any] = {
        "badge_name": None,
        "photo_preference": PhotoPreference.NO,
        "spoken": (),
        "needs": None,
        "answers": {},
        "bookings": {},
    }
    change_ticket(session, token=token, **least | values)


# -- changing --------------------------------------------------------------------------------------


def test_all_that_was_said_is_said_anew(session: Session, conference: Conference) -> None:
    issued = enrol(session, conference)
    change(
        session,
        issued.token,
        badge_name="  Doña\u00a0 Chayo ",
        photo_preference=PhotoPreference.YES,
        spoken=("eng", "zap"),
        needs=(AccessNeed.CAPTIONS,),
        answers={question(session): ["maiz"]},
        bookings={childcare(session): 3},
    )
    row = row_of(session, issued)
    assert (row.badge_name, row.photo_preference, row.spoken) == (
        "Doña Chayo",
        PhotoPreference.YES,
        ["eng", "zap"],
    )
    said = details(session, token=issued.token, reader=None)
    assert (said.answers, said.bookings) == ({question(session): ("maiz",)}, {childcare(session): 3})
    assert session.scalars(select(RegistrationNeed.need)).all() == [AccessNeed.CAPTIONS]
    assert (row.token_digest, row.contact_email) == (token_digest(issued.token), EMAIL)


def test_name_and_needs_stay_where_nothing_is_said_of_them(session: Session, conference: Conference) -> None:
    issued = enrol(session, conference)
    change(session, issued.token)
    row = row_of(session, issued)
    assert (row.badge_name, row.spoken) == (NAME, [])
    assert session.scalars(select(RegistrationNeed.need)).all() == [AccessNeed.STEP_FREE]
    assert session.scalars(select(RegistrationAnswer)).all() == []
    assert session.scalars(select(ServiceBooking)).all() == []


def test_a_service_holds_no_more_than_it_has_room_for(session: Session, conference: Conference) -> None:
    enrol(session, conference)
    other = enrol(session, conference, 2, bookings={childcare(session): 1})
    with pytest.raises(Conflict) as error:
        change(session, other.token, bookings={childcare(session): 2})
    assert (error.value.code, error.value.data) == ("service_full", {"service_id": childcare(session)})
    change(session, other.token, bookings={childcare(session): 1})


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"badge_name": "…"}, "badge_name_needed"),
        ({"badge_name": "x" * 81}, "badge_name_too_long"),
        ({"spoken": ("klingon",)}, "language_unknown"),
        ({"needs": ("wings",)}, "need_unknown"),
        ({"answers": {999: ["agua"]}}, "answer_unknown"),
        ({"bookings": {999: 1}}, "service_unknown"),
    ],
)
def test_only_what_is_offered_is_kept(
    session: Session, conference: Conference, values: dict[str, Any], code: str
) -> None:
    issued = enrol(session, conference)
    with pytest.raises(Invalid) as error:
        change(session, issued.token, **values)
    assert error.value.code == code


def test_a_ticket_that_is_over_is_not_changed(session: Session, conference: Conference) -> None:
    issued = enrol(session, conference)
    cancel_registration(session, token=issued.token, now=LATER)
    with pytest.raises(Conflict) as error:
        change(session, issued.token, badge_name="Otra")
    assert error.value.code == "ticket_cancelled"
    with pytest.raises(NotFound):
        change(session, "A" * 26)


def test_needs_are_shown_to_the_owner_of_the_ticket_only(session: Session, conference: Conference) -> None:
    owner, stranger = make_account(session), make_account(session)
    issued = enrol(session, conference, account_id=owner.id)
    seen = {
        reader: details(session, token=issued.token, reader=reader).needs
        for reader in (owner.id, stranger.id)
    }
    assert seen == {owner.id: (AccessNeed.STEP_FREE,), stranger.id: None}
    assert details(session, token=issued.token, reader=None).needs is None


# -- guests ----------------------------------------------------------------------------------------


def named(session: Session, token: str, **values: Any) -> None:
    """Give a guest a name."""
    least: dict[str, Any] = {
        "badge_name": NAME,
        "photo_preference": PhotoPreference.ASK,
        "consents": {Purpose.ATTEND},
        "contact_email": None,
        "language": "en",
        "now": LATER,
    }
    name_guest(session, token=token, **least | values)


def test_a_guest_is_named_with_their_consent(
    session: Session, conference: Conference, club: Organization
) -> None:
    token = guest(session, conference, club)
    assert ticket(session, token=token, reader=None).guest_of == club.name
    named(session, token, consents=set(Purpose), contact_email=EMAIL.upper())
    view = ticket(session, token=token, reader=None)
    assert (view.guest, view.guest_of, view.reminders, view.badge_name) == (False, None, True, None)
    row = session.scalars(select(Registration)).one()
    assert (row.badge_name, row.contact_email, row.language) == (NAME, EMAIL, "en")
    assert {(one.purpose, one.given_at) for one in session.scalars(select(Consent))} == {
        (Purpose.ATTEND, LATER),
        (Purpose.REMINDERS, LATER),
    }


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"consents": set()}, "consent_needed"),
        ({"consents": {Purpose.REMINDERS}}, "consent_needed"),
        ({"consents": set(Purpose)}, "reminders_need_an_address"),
        ({"badge_name": " \u200b "}, "badge_name_needed"),
    ],
)
def test_without_name_and_consent_a_guest_stays_one(
    session: Session, conference: Conference, club: Organization, values: dict[str, Any], code: str
) -> None:
    token = guest(session, conference, club)
    with pytest.raises(Invalid) as error:
        named(session, token, **values)
    assert error.value.code == code
    assert session.scalars(select(Registration.badge_name)).all() == [""]
    assert session.scalars(select(Consent)).all() == []


def test_a_guest_is_named_once_and_says_nothing_before(
    session: Session, conference: Conference, club: Organization
) -> None:
    token = guest(session, conference, club)
    with pytest.raises(Conflict) as error:
        change(session, token)
    assert error.value.code == "ticket_without_name"
    named(session, token)
    with pytest.raises(Conflict) as error:
        named(session, token, badge_name="Otra")
    assert error.value.code == "ticket_has_name"


def test_who_writes_their_own_name_has_the_only_key_to_the_ticket(
    session: Session, conference: Conference, club: Organization
) -> None:
    old = guest(session, conference, club)
    whose = {"conference_id": conference.id, "organization_ids": {club.id}}
    (line,) = groups(session, **whose)
    (before,) = find_group(session, party_id=line.party_id, keys=(KEY,), **whose).tickets
    new = claim_place(
        session,
        token=old,
        badge_name=NAME,
        photo_preference=PhotoPreference.NO,
        consents={Purpose.ATTEND},
        contact_email=None,
        language="es",
        nonce="d" * 32,
        key=KEY,
        now=LATER,
    )
    row = row_of(session, new)
    assert (row.badge_name, row.ticket_nonce, row.token_digest) == (NAME, "d" * 32, token_digest(new.token))
    assert row.code_digest == ticket_code_digest(ticket_code(new.token), key=KEY)
    with pytest.raises(NotFound):
        ticket(session, token=old, reader=None)
    (after,) = find_group(session, party_id=line.party_id, keys=(KEY,), **whose).tickets
    assert (before.token, after.token, after.badge_name) == (old, None, NAME)


def test_a_guest_named_by_the_lead_keeps_the_ticket_that_the_lead_passes_on(
    session: Session, conference: Conference, club: Organization
) -> None:
    token = guest(session, conference, club)
    named(session, token)
    whose = {"conference_id": conference.id, "organization_ids": {club.id}}
    (line,) = groups(session, **whose)
    (shown,) = find_group(session, party_id=line.party_id, keys=(KEY,), **whose).tickets
    assert (shown.token, shown.badge_name) == (token, NAME)


# -- handing over ----------------------------------------------------------------------------------

NEW_NONCE = "e" * 32


def handed_over(session: Session, issued: IssuedTicket) -> IssuedTicket:
    return hand_over(session, token=issued.token, nonce=NEW_NONCE, key=KEY, now=LATER)


def test_no_letter_with_the_old_link_leaves_once_a_place_is_handed_over(
    session: Session, conference: Conference, club: Organization
) -> None:
    issued = enrol(session, conference, organization_id=club.id)
    others = make_registration(session, conference, contact_email="otra@example.org")
    readers = {issued.registration_id: EMAIL, others.id: "otra@example.org"}
    assert session.scalars(select(Message.key)).all() == [f"ticket-{issued.registration_id}"]
    for number, address in readers.items():
        queue_message(
            session,
            kind=MessageKind.REMINDER,
            key=f"people-7-{number}",
            recipient=address,
            language="es",
            subject="s",
            body="b",
            now=NOW,
        )
    hand_over(session, token=issued.token, nonce=NEW_NONCE, key=KEY, now=LATER)
    waiting = session.scalars(select(Message.key).where(Message.state == MessageState.QUEUED)).all()
    assert waiting == [f"people-7-{others.id}"]


def test_a_place_handed_over_keeps_the_place_and_forgets_the_person(
    session: Session, conference: Conference, club: Organization
) -> None:
    account = make_account(session)
    issued = enrol(session, conference, organization_id=club.id, account_id=account.id)
    session.add(
        Scan(
            conference_id=conference.id,
            door="taller-de-agua",
            registration_id=issued.registration_id,
            outcome=ScanOutcome.ADMITTED,
            scanned_at=NOW,
        )
    )
    new = handed_over(session, issued)
    row = row_of(session, issued)
    assert (new.registration_id, new.token, new.status) == (
        issued.registration_id,
        ticket_token(NEW_NONCE, key=KEY),
        RegistrationStatus.CONFIRMED,
    )
    assert (row.organization_id, row.category, row.status) == (
        club.id,
        Category.ATTENDEE,
        RegistrationStatus.CONFIRMED,
    )
    assert (row.badge_name, row.contact_email, row.contact_phone, row.account_id, row.spoken) == (
        "",
        None,
        None,
        None,
        [],
    )
    assert row.code_digest == ticket_code_digest(ticket_code(new.token), key=KEY)
    for table in (Scan, Consent, RegistrationNeed, RegistrationAnswer, ServiceBooking):
        assert session.scalars(select(table)).all() == []
    assert [
        one.recipient for one in session.scalars(select(Message).where(Message.key.like("ticket-%")))
    ] == [""]


def test_the_old_ticket_opens_nothing_and_the_new_one_a_guests_place(
    session: Session, conference: Conference, club: Organization
) -> None:
    issued = enrol(session, conference, organization_id=club.id)
    new = handed_over(session, issued)
    with pytest.raises(NotFound):
        ticket(session, token=issued.token, reader=None)
    assert ticket(session, token=new.token, reader=None).guest_of == club.name
    named(session, new.token, badge_name="Otra Persona")
    assert row_of(session, issued).badge_name == "Otra Persona"
    with pytest.raises(NotFound):
        handed_over(session, issued)


def test_a_seat_is_not_handed_over_with_the_place(session: Session, conference: Conference) -> None:
    seat = make_seat(session, conference)
    issued = enrol(session, conference, category=Category.DELEGATE, organization_id=seat.organization_id)
    name_delegate(
        session,
        conference_id=conference.id,
        organization_id=seat.organization_id,
        registration_id=issued.registration_id,
        capacity=Capacity.DELEGATE,
        by=None,
        now=NOW,
    )
    credential = session.scalars(select(Credential)).one()
    credential.status, credential.decided_at = CredentialStatus.ACCEPTED, NOW
    sitting = make_sitting(session, conference)
    session.add(Presence(session_id=sitting.id, seat_id=seat.id, credential_id=credential.id, arrived_at=NOW))
    session.flush()
    assert seat_standing(session, registration_id=issued.registration_id).status is CredentialStatus.ACCEPTED
    handed_over(session, issued)
    session.expire_all()
    assert session.scalars(select(Credential.status)).all() == [CredentialStatus.WITHDRAWN]
    assert session.scalars(select(Presence.left_at)).all() == [LATER]
    assert seat_standing(session, registration_id=issued.registration_id) is None


def test_where_a_category_needs_an_answer_the_next_person_waits_for_theirs(
    session: Session, conference: Conference, club: Organization
) -> None:
    issued = enrol(session, conference, organization_id=club.id)
    setting = {"open": True, "approval": True, "capacity": None, "by": None, "now": NOW}
    set_places(session, conference_id=conference.id, category=Category.ATTENDEE, **setting)
    new = handed_over(session, issued)
    assert (new.status, row_of(session, issued).status) == (RegistrationStatus.PENDING,) * 2


def test_a_ticket_that_was_let_in_is_handed_to_nobody(
    session: Session, conference: Conference, club: Organization
) -> None:
    issued = enrol(session, conference, organization_id=club.id)
    scan = {"conference_id": conference.id, "door": "entrance", "scanned_at": NOW}
    session.add(Scan(registration_id=issued.registration_id, outcome=ScanOutcome.ADMITTED, **scan))
    session.flush()
    with pytest.raises(Conflict) as error:
        handed_over(session, issued)
    assert error.value.code == "ticket_was_admitted"
    assert (row_of(session, issued).badge_name, len(session.scalars(select(Scan)).all())) == (NAME, 1)


@pytest.mark.parametrize("status", [CredentialStatus.PROPOSED, CredentialStatus.ACCEPTED])
def test_whoever_is_named_for_a_seat_keeps_the_name_and_changes_the_rest(
    session: Session, conference: Conference, status: CredentialStatus
) -> None:
    seat = make_seat(session, conference)
    issued = enrol(session, conference, category=Category.DELEGATE, organization_id=seat.organization_id)
    name_delegate(
        session,
        conference_id=conference.id,
        organization_id=seat.organization_id,
        registration_id=issued.registration_id,
        capacity=Capacity.DELEGATE,
        by=None,
        now=NOW,
    )
    credential = session.scalars(select(Credential)).one()
    credential.status = status
    credential.decided_at = NOW if status is CredentialStatus.ACCEPTED else None
    session.flush()
    with pytest.raises(Conflict) as error:
        change(session, issued.token, badge_name="Otra Persona")
    assert error.value.code == "name_of_a_delegate"
    change(session, issued.token, badge_name=NAME, spoken=("eng",))
    assert (row_of(session, issued).badge_name, row_of(session, issued).spoken) == (NAME, ["eng"])
    credential.status, credential.decided_at = CredentialStatus.WITHDRAWN, NOW
    change(session, issued.token, badge_name="Otra Persona")
    assert row_of(session, issued).badge_name == "Otra Persona"


def test_who_comes_for_no_organization_hands_nothing_over(session: Session, conference: Conference) -> None:
    issued = enrol(session, conference)
    with pytest.raises(Conflict) as error:
        handed_over(session, issued)
    assert error.value.code == "no_organization_to_hand_over_in"
    assert row_of(session, issued).badge_name == NAME
