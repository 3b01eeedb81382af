"""Changing one's own ticket, naming a guest, handing a place over: by the ticket's secret alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import Capacity, CredentialStatus, RejectionReason
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.mail import MessageKind, MessageState
from conference.domain.registration import (
    AccessNeed,
    Category,
    ConsentGiver,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
    ServiceKind,
)
from conference.domain.tickets import ticket_code, ticket_code_digest, ticket_token, token_digest
from conference.models import (
    AuditEntry,
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
from conference.queries.delegations import delegations
from conference.queries.parties import group as find_group
from conference.queries.parties import groups
from conference.queries.registration import details, seat_standing, ticket
from conference.services.accounts import SignInProof, Words, redeem_link, request_sign_in
from conference.services.consents import withdraw_consent
from conference.services.contacts import ContactChange
from conference.services.credentials import name_delegate
from conference.services.groups import register_group
from conference.services.hand_over import hand_over
from conference.services.mail import queue_message
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
from tests.places import set_places

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

KEY = b"key of the tests"
NAME, EMAIL, PHONE = "Nombre Reservado", "secreta@example.org", "+529511234567"
LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=1)


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


def guest(
    session: Session,
    conference: Conference,
    club: Organization,
    *,
    nonce: str = "9" * 32,
    category: Category = Category.ATTENDEE,
) -> str:
    """Return the token of a guest of the organization."""
    group = register_group(
        session,
        conference_id=conference.id,
        organization_id=club.id,
        category=category,
        size=1,
        nonces=[nonce],
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
        "needs": (),
        "forget_needs": False,
        "consents": {Purpose.NEEDS},
        "language": "en",
        "now": LATER,
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
        forget_needs=True,
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


def test_needs_come_to_those_said_before_until_these_are_forgotten(
    session: Session, conference: Conference
) -> None:
    issued = enrol(session, conference)
    needs = select(RegistrationNeed.need).order_by(RegistrationNeed.need)
    change(session, issued.token, needs=(AccessNeed.CAPTIONS, AccessNeed.STEP_FREE))
    assert session.scalars(needs).all() == [AccessNeed.CAPTIONS, AccessNeed.STEP_FREE]
    change(session, issued.token, forget_needs=True)
    assert session.scalars(needs).all() == []


def agreed_to_needs(session: Session) -> list[tuple[datetime, str, datetime | None]]:
    """When somebody agreed that their needs are kept, in which words, and when they took it back."""
    session.expire_all()
    given = select(Consent).where(Consent.purpose == Purpose.NEEDS).order_by(Consent.given_at)
    return [(each.given_at, each.language, each.withdrawn_at) for each in session.scalars(given)]


def test_nobodys_needs_are_kept_without_a_consent_to_just_that(
    session: Session, conference: Conference
) -> None:
    both = {Purpose.ATTEND, Purpose.REMINDERS}
    session.commit()
    with pytest.raises(Invalid) as error:
        enrol(session, conference, consents=both)
    assert error.value.code == "needs_consent_needed"
    session.rollback()
    issued = enrol(session, conference, needs=(), consents=set(Purpose))
    session.commit()
    # A box that is ticked for nothing is a consent to nothing.
    assert agreed_to_needs(session) == []
    # Also for what was said before: whoever has the link learns nothing from which box is asked for.
    for _time in range(2):
        with pytest.raises(Invalid) as error:
            change(session, issued.token, needs=(AccessNeed.CAPTIONS,), consents=())
        assert error.value.code == "needs_consent_needed"
        session.rollback()
        change(session, issued.token, needs=(AccessNeed.CAPTIONS,))
        session.commit()
    assert agreed_to_needs(session) == [(LATER, "en", None)]


def test_the_consent_to_needs_ends_with_the_last_of_them_and_they_with_it(
    session: Session, conference: Conference
) -> None:
    issued = enrol(session, conference)
    other = enrol(session, conference, 2, contact_email="b@example.org", bookings={})
    needs = select(RegistrationNeed.registration_id).order_by(RegistrationNeed.registration_id)
    assert agreed_to_needs(session) == [(NOW, "es", None)] * 2
    change(session, issued.token, needs=(AccessNeed.CAPTIONS,), forget_needs=True)
    assert agreed_to_needs(session) == [(NOW, "es", None), (LATER, "en", None)]
    # Nothing is left that would tell that there were any: neither when they go, nor when it is taken back.
    change(session, issued.token, forget_needs=True)
    assert agreed_to_needs(session) == [(NOW, "es", None)]
    assert session.scalars(needs).all() == [other.registration_id]
    change(session, issued.token, needs=(AccessNeed.CAPTIONS,))
    for _time in range(2):
        withdraw_consent(session, token=issued.token, purpose=Purpose.NEEDS, now=MUCH_LATER)
    assert agreed_to_needs(session) == [(NOW, "es", None)]
    assert session.scalars(needs).all() == [other.registration_id]


def contact(**values: Any) -> ContactChange:
    """What is said anew of how somebody is reached."""
    letters = {RegistrationStatus.CONFIRMED: Words("es", "Su boleto", "El enlace")}
    return ContactChange(**{"letters": letters, "now": LATER} | values)


def sent(session: Session) -> list[tuple[str, str, MessageState]]:
    session.expire_all()
    rows = session.scalars(select(Message).order_by(Message.id))
    return [(row.key.partition("-")[0], row.recipient, row.state) for row in rows]


def reminded(session: Session) -> bool:
    standing = select(Consent.id).where(Consent.purpose == Purpose.REMINDERS, Consent.withdrawn_at.is_(None))
    return session.scalar(standing) is not None


def test_who_gave_no_address_gives_one_and_gets_the_ticket_there(
    session: Session, conference: Conference
) -> None:
    consents = {Purpose.ATTEND, Purpose.NEEDS}
    issued = enrol(session, conference, contact_email=None, contact_phone=None, consents=consents)
    change(session, issued.token, contact=contact(email=" Nueva@Example.ORG ", phone="+52 951 000 0001"))
    row = row_of(session, issued)
    assert (row.contact_email, row.contact_phone, row.account_id) == (
        "nueva@example.org",
        "+529510000001",
        None,
    )
    assert sent(session) == [("contact", "nueva@example.org", MessageState.QUEUED)]
    assert not reminded(session)
    assert session.scalars(select(AuditEntry)).all() == []


def test_what_is_not_said_of_address_and_phone_stays(session: Session, conference: Conference) -> None:
    issued = enrol(session, conference)
    change(session, issued.token, contact=contact())
    change(session, issued.token, contact=contact(email=EMAIL.upper()))
    row = row_of(session, issued)
    assert (row.contact_email, row.contact_phone, reminded(session)) == (EMAIL, PHONE, True)
    assert sent(session) == [("ticket", EMAIL, MessageState.QUEUED)]


def test_nothing_more_goes_to_the_address_before(session: Session, conference: Conference) -> None:
    issued = enrol(session, conference)
    other = enrol(session, conference, 2, contact_email="vecina@example.org", bookings={})
    queue = {"kind": MessageKind.REMINDER, "language": "es", "subject": "", "body": "", "now": NOW}
    queue_message(session, key=f"tomorrow-{issued.registration_id}", recipient=EMAIL, **queue)
    queue_message(session, key=f"tomorrow-{other.registration_id}", recipient="vecina@example.org", **queue)
    session.flush()
    change(session, issued.token, contact=contact(email="nueva@example.org"))
    assert row_of(session, issued).contact_email == "nueva@example.org"
    assert sent(session) == [
        ("ticket", "", MessageState.WITHDRAWN),
        ("ticket", "vecina@example.org", MessageState.QUEUED),
        ("tomorrow", "", MessageState.WITHDRAWN),
        ("tomorrow", "vecina@example.org", MessageState.QUEUED),
        ("contact", "nueva@example.org", MessageState.QUEUED),
    ]
    # It was agreed to reminders, and not to one address.
    assert reminded(session)
    # There and back is two letters more, and no conflict of their keys.
    change(session, issued.token, contact=contact(email=EMAIL, now=LATER + timedelta(seconds=1)))
    assert sent(session)[-1] == ("contact", EMAIL, MessageState.QUEUED)


def test_a_forgotten_address_ends_letters_and_reminders(session: Session, conference: Conference) -> None:
    issued = enrol(session, conference)
    change(session, issued.token, contact=contact(forget_email=True, forget_phone=True))
    row = row_of(session, issued)
    assert (row.contact_email, row.contact_phone, reminded(session)) == (None, None, False)
    assert sent(session) == [("ticket", "", MessageState.WITHDRAWN)]


def test_who_signs_in_with_the_new_address_finds_the_ticket_and_with_the_old_one_nobody(
    session: Session, conference: Conference
) -> None:
    issued = enrol(session, conference)
    change(session, issued.token, contact=contact(email="nueva@example.org"))
    old, new = (make_account(session, email=address) for address in (EMAIL, "nueva@example.org"))
    owners = []
    for account in (old, new):
        proof = SignInProof(token=f"prueba-{account.id}", code=f"{account.id:08d}")
        request_sign_in(
            session,
            email=account.email or "",
            proof=proof,
            known=Words("es", "", ""),
            unknown=Words("es", "", ""),
            key=KEY,
            lifetime=timedelta(minutes=15),
            mails_per_hour=9,
            now=LATER,
        )
        redeem_link(session, token=proof.token, now=LATER)
        owners.append(row_of(session, issued).account_id)
    assert owners == [None, new.id]


@pytest.mark.parametrize("said", [{"email": "otra@example.org"}, {"phone": PHONE}, {"forget_email": True}])
def test_of_an_accounts_ticket_the_accounts_address_counts(
    session: Session, conference: Conference, said: dict[str, Any]
) -> None:
    account = make_account(session)
    issued = enrol(session, conference, account_id=account.id, contact_phone=None)
    with pytest.raises(Conflict) as error:
        change(session, issued.token, contact=contact(**said))
    assert error.value.code == "ticket_of_an_account"
    assert row_of(session, issued).contact_email == account.email


def test_whoever_has_the_link_of_a_delegate_gets_no_vote_by_an_address_of_theirs(
    session: Session, conference: Conference
) -> None:
    seat = make_seat(session, conference)
    delegate = {"category": Category.DELEGATE, "organization_id": seat.organization_id}
    issued = enrol(session, conference, **delegate)
    values = {"seat_id": seat.id, "registration_id": issued.registration_id, "capacity": Capacity.DELEGATE}
    session.add(Credential(**values, status=CredentialStatus.ACCEPTED, attested_at=NOW, decided_at=NOW))
    session.flush()
    # That of another is not told from the one that is known.
    for address in ("ladrona@example.org", EMAIL):
        with pytest.raises(Conflict) as error:
            change(session, issued.token, contact=contact(email=address))
        assert error.value.code == "address_of_a_delegate"
    change(session, issued.token, contact=contact(forget_email=True, phone="+1 503 555 0100"))
    row = row_of(session, issued)
    assert (row.contact_email, row.contact_phone) == (None, "+15035550100")


def test_who_has_a_ticket_gives_nobody_elses_their_own_address(
    session: Session, conference: Conference
) -> None:
    account = make_account(session)
    issued = enrol(session, conference)
    # Without a ticket of one's own it may be one's own.
    change(session, issued.token, contact=contact(email=account.email, by=account.id))
    change(session, issued.token, contact=contact(forget_email=True))
    enrol(session, conference, 2, account_id=account.id, contact_phone=None, bookings={})
    with pytest.raises(Invalid) as error:
        change(session, issued.token, contact=contact(email=account.email, by=account.id))
    assert error.value.code == "address_is_your_own"
    assert row_of(session, issued).contact_email is None


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


def claimed(session: Session, token: str, **values: Any) -> IssuedTicket:
    """Make a place the reader's own."""
    least: dict[str, Any] = {
        "badge_name": NAME,
        "photo_preference": PhotoPreference.NO,
        "consents": {Purpose.ATTEND},
        "contact_email": None,
        "language": "es",
        "nonce": "d" * 32,
        "key": KEY,
        "now": LATER,
    }
    return claim_place(session, token=token, **least | values)


def test_a_guest_is_named_with_their_consent(
    session: Session, conference: Conference, club: Organization
) -> None:
    token = guest(session, conference, club)
    assert ticket(session, token=token, reader=None).guest_of == club.name
    # Whoever leads an organization answers for nobody's needs: it names none.
    named(session, token, consents=set(Purpose), contact_email=EMAIL.upper())
    view = ticket(session, token=token, reader=None)
    assert (view.guest, view.guest_of, view.reminders, view.badge_name) == (False, None, True, None)
    row = session.scalars(select(Registration)).one()
    assert (row.badge_name, row.contact_email, row.language) == (NAME, EMAIL, "en")
    given = [(one.purpose, one.given_by, one.given_at) for one in session.scalars(select(Consent))]
    assert set(given) == {
        (purpose, ConsentGiver.LEAD, LATER) for purpose in (Purpose.ATTEND, Purpose.REMINDERS)
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
    new = claimed(session, old)
    row = row_of(session, new)
    assert (row.badge_name, row.ticket_nonce, row.token_digest) == (NAME, "d" * 32, token_digest(new.token))
    assert row.code_digest == ticket_code_digest(ticket_code(new.token), key=KEY)
    with pytest.raises(NotFound):
        ticket(session, token=old, reader=None)
    (after,) = find_group(session, party_id=line.party_id, keys=(KEY,), **whose).tickets
    assert (before.token, after.token, after.badge_name) == (old, None, NAME)


def test_a_ticket_that_the_lead_can_open_takes_no_answers(
    session: Session, conference: Conference, club: Organization
) -> None:
    token = guest(session, conference, club)
    named(session, token)
    assert ticket(session, token=token, reader=None).unclaimed
    with pytest.raises(Conflict) as error:
        change(session, token, badge_name=None)
    assert error.value.code == "ticket_answered_for"
    assert session.scalars(select(RegistrationAnswer)).all() == []


def test_whom_the_lead_named_agrees_in_person_and_keeps_the_name_or_writes_another(
    session: Session, conference: Conference, club: Organization
) -> None:
    tokens = [guest(session, conference, club, nonce=digit * 32) for digit in "89"]
    for token in tokens:
        named(session, token)
    kept, renamed = (
        claimed(session, token, badge_name=name, nonce=digit * 32)
        for token, name, digit in zip(tokens, (None, "Doña Chayo"), "de", strict=True)
    )
    assert [row_of(session, issued).badge_name for issued in (kept, renamed)] == [NAME, "Doña Chayo"]
    given = session.execute(select(Consent.purpose, Consent.given_by)).all()
    assert [tuple(row) for row in given] == [(Purpose.ATTEND, ConsentGiver.PERSON)] * 2
    assert not ticket(session, token=kept.token, reader=None).unclaimed
    for line in groups(session, conference_id=conference.id, organization_ids={club.id}):
        whose = {"conference_id": conference.id, "organization_ids": {club.id}, "keys": (KEY,)}
        shown = find_group(session, party_id=line.party_id, **whose).tickets
        assert [each.token for each in shown] == [None]
    with pytest.raises(Conflict) as error:
        claimed(session, kept.token, nonce="f" * 32)
    assert error.value.code == "ticket_has_name"


def test_whom_the_lead_named_for_a_seat_makes_the_ticket_theirs_under_that_name_only(
    session: Session, conference: Conference
) -> None:
    seat = make_seat(session, conference)
    club = session.get_one(Organization, seat.organization_id)
    token = guest(session, conference, club, category=Category.DELEGATE)
    named(session, token)
    (registration_id,) = session.scalars(select(Registration.id)).all()
    session.add(
        Credential(
            seat_id=seat.id,
            registration_id=registration_id,
            capacity=Capacity.DELEGATE,
            status=CredentialStatus.PROPOSED,
            attested_at=NOW,
        )
    )
    session.flush()
    with pytest.raises(Conflict) as error:
        claimed(session, token, badge_name="Otra")
    assert error.value.code == "name_of_a_delegate"
    claimed(session, token, badge_name=None)
    assert session.scalars(select(Registration.badge_name)).all() == [NAME]


def test_the_new_link_goes_to_the_address_of_each_holder_and_the_old_letter_to_nobody(
    session: Session, conference: Conference, club: Organization
) -> None:
    letters = {RegistrationStatus.CONFIRMED: Words("es", "Su boleto", "enlace nuevo")}
    first = claimed(session, guest(session, conference, club), contact_email=EMAIL, letters=letters)
    passed = handed_over(session, first)
    others = {"contact_email": "otra@example.org", "letters": letters}
    claimed(session, passed.token, nonce="f" * 32, **others)
    sent = session.execute(select(Message.recipient, Message.state).order_by(Message.id)).all()
    assert [state for _recipient, state in sent] == [MessageState.WITHDRAWN, MessageState.QUEUED]
    assert sent[1].recipient == "otra@example.org"


def test_without_an_address_no_letter_is_written(
    session: Session, conference: Conference, club: Organization
) -> None:
    letters = {RegistrationStatus.CONFIRMED: Words("es", "Su boleto", "enlace nuevo")}
    claimed(session, guest(session, conference, club), letters=letters)
    assert session.scalars(select(Message)).all() == []


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
            outcome=ScanOutcome.NOT_CONFIRMED,
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
    (entry,) = (json.loads(each)["event"] for each in session.scalars(select(AuditEntry.entry)))
    assert (entry["kind"], entry["actor"], entry["sits"]) == (
        "credential_ended",
        f"seat-{seat.id}",
        f"delegate-{seat.id}",
    )


def test_why_the_committee_did_not_accept_somebody_is_not_told_to_the_next_person(
    session: Session, conference: Conference
) -> None:
    seat = make_seat(session, conference)
    issued = enrol(session, conference, category=Category.DELEGATE, organization_id=seat.organization_id)
    refused = Credential(
        seat_id=seat.id,
        registration_id=issued.registration_id,
        capacity=Capacity.DELEGATE,
        status=CredentialStatus.REJECTED,
        reason=RejectionReason.LETTER_MISSING,
        attested_at=NOW,
        decided_at=NOW,
    )
    session.add(refused)
    session.flush()
    assert seat_standing(session, registration_id=issued.registration_id).reason is not None
    new = handed_over(session, issued)
    row = row_of(session, new)
    row.badge_name = "Otra Persona"
    session.flush()
    session.expire_all()
    assert seat_standing(session, registration_id=row.id) is None
    led = {seat.organization_id}
    (own,) = delegations(session, conference_id=conference.id, organization_ids=led)
    assert own.named == ()


def test_where_a_category_needs_an_answer_the_next_person_waits_for_theirs(
    session: Session, conference: Conference, club: Organization
) -> None:
    issued = enrol(session, conference, organization_id=club.id)
    setting = {"open": True, "approval": True, "capacity": None, "by": None, "now": NOW}
    set_places(session, conference_id=conference.id, category=Category.ATTENDEE, **setting)
    new = handed_over(session, issued)
    assert (new.status, row_of(session, issued).status) == (RegistrationStatus.PENDING,) * 2


@pytest.mark.parametrize("door", ["entrance", "taller-de-agua"])
def test_a_ticket_that_was_let_in_is_handed_to_nobody(
    session: Session, conference: Conference, club: Organization, door: str
) -> None:
    issued = enrol(session, conference, organization_id=club.id)
    scan = {"conference_id": conference.id, "door": door, "scanned_at": NOW}
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
