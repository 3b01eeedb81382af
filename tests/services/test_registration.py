"""Registering, cancelling, withdrawing: what is stored of a person, and what is no longer."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from conference.domain import tickets
from conference.domain.accounts import Role
from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.entries import VOICE_ONLY
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.mail import MessageKind, MessageState
from conference.domain.registration import (
    CONSENT_VERSION,
    Category,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
)
from conference.models import (
    Account,
    AuditEntry,
    Conference,
    Consent,
    Credential,
    Message,
    Presence,
    Registration,
    RoleGrant,
    Scan,
    SignIn,
    SignInCode,
)
from conference.queries.own_tickets import own_tickets
from conference.queries.registration import TicketView, ticket
from conference.services.accounts import Words
from conference.services.consents import agree_to_reminders, withdraw_consent
from conference.services.mail import queue_message
from conference.services.registration import (
    cancel_registration,
    register,
)
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_sign_in,
    make_sitting,
)
from tests.races import at_once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.domain.directory import OrganizationKind
    from tests.databases import Prepared

KEY = b"tickets" * 5
NONCE = "0f" * 16
LETTER = Words("es", "Su boleto", "https://example.org/secreto")
LATER = NOW + timedelta(hours=1)
BOTH = frozenset({Purpose.ATTEND, Purpose.REMINDERS})


def enrol(session: Session, conference: Conference, **values: Any) -> Registration:
    """Register somebody with as little as possible, and return the row."""
    least = {
        "badge_name": "Nombre Reservado",
        "category": Category.ATTENDEE,
        "language": "es",
        "consents": {Purpose.ATTEND},
        "nonce": NONCE,
        "key": KEY,
        "now": NOW,
    }
    issued = register(session, conference_id=conference.id, **least | values)
    return session.get_one(Registration, issued.registration_id)


def rows(session: Session, model: type[Any]) -> list[Any]:
    return list(session.scalars(select(model)))


def test_a_registration_stores_digests_and_what_was_chosen(session: Session) -> None:
    conference = make_conference(session)
    organization = make_organization(session, conference)
    row = enrol(
        session,
        conference,
        badge_name="  Ñuu\u0301  Savi ",
        category=Category.DELEGATE,
        organization_id=organization.id,
        spoken=("mix", "spa"),
        photo_preference=PhotoPreference.ASK,
        contact_email=" Secreta@Example.ORG ",
    )
    token = tickets.ticket_token(NONCE, key=KEY)
    stored = {name: getattr(row, name) for name in Registration.__table__.columns.keys() if name != "id"}  # noqa: SIM118
    assert stored == {
        "conference_id": conference.id,
        "account_id": None,
        "organization_id": organization.id,
        "category": Category.DELEGATE,
        "status": RegistrationStatus.CONFIRMED,
        "party_id": None,
        "refusal": None,
        "badge_name": "Ñuú Savi",
        "contact_email": "secreta@example.org",
        "contact_phone": None,
        "language": "es",
        "spoken": ["spa", "mix"],
        "photo_preference": PhotoPreference.ASK,
        "token_digest": tickets.token_digest(token),
        "code_digest": tickets.ticket_code_digest(tickets.ticket_code(token), key=KEY),
        "ticket_nonce": NONCE,
        "printed_digest": None,
        "service_lost": False,
        "registered_at": NOW,
        "cancelled_at": None,
    }
    assert token not in str(stored)


def test_photos_are_refused_unless_somebody_says_otherwise(session: Session) -> None:
    assert enrol(session, make_conference(session)).photo_preference is PhotoPreference.NO


def test_each_consent_is_kept_with_version_language_and_time(session: Session) -> None:
    row = enrol(session, make_conference(session), consents=BOTH, contact_email="a@example.org")
    kept = {
        (one.purpose, one.text_version, one.language, one.given_at, one.withdrawn_at)
        for one in rows(session, Consent)
    }
    assert kept == {(purpose, CONSENT_VERSION, "es", row.registered_at, None) for purpose in BOTH}


def test_no_consent_is_assumed(session: Session) -> None:
    enrol(session, make_conference(session), contact_email="a@example.org")
    assert [one.purpose for one in rows(session, Consent)] == [Purpose.ATTEND]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"consents": set()}, "consent_needed"),
        ({"consents": {Purpose.REMINDERS}, "contact_email": "a@example.org"}, "consent_needed"),
        ({"consents": BOTH}, "reminders_need_an_address"),
        ({"badge_name": " \u200b "}, "badge_name_needed"),
        ({"badge_name": "x" * 81}, "badge_name_too_long"),
        ({"spoken": ("spa", "texto libre")}, "language_unknown"),
        ({"category": Category.DELEGATE}, "delegate_without_organization"),
        ({"category": Category.ALTERNATE}, "delegate_without_organization"),
        ({"organization_id": 0}, "organization_not_taking_part"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    session: Session, values: dict[str, Any], code: str
) -> None:
    conference = make_conference(session)
    with pytest.raises(Invalid) as error:
        enrol(session, conference, **values)
    assert error.value.code == code
    session.commit()
    assert (rows(session, Registration), rows(session, Consent), rows(session, Message)) == ([], [], [])


def test_an_organization_of_another_conference_does_not_take_part(session: Session) -> None:
    elsewhere = make_organization(session, make_conference(session))
    with pytest.raises(Invalid) as error:
        enrol(session, make_conference(session), organization_id=elsewhere.id)
    assert error.value.code == "organization_not_taking_part"


@pytest.mark.parametrize("kind", sorted(VOICE_ONLY))
@pytest.mark.parametrize("category", Category)
def test_nobody_comes_as_delegate_or_alternate_for_who_has_voice_only(
    session: Session, kind: OrganizationKind, category: Category
) -> None:
    conference = make_conference(session)
    office = make_organization(session, conference, kind=kind)
    if category in {Category.DELEGATE, Category.ALTERNATE}:
        with pytest.raises(Invalid) as error:
            enrol(session, conference, category=category, organization_id=office.id)
        assert error.value.code == "delegate_of_voice_only"
        session.commit()
        assert rows(session, Registration) == []
    else:
        assert enrol(session, conference, category=category, organization_id=office.id).category is category


def test_a_closed_registration_admits_nobody(session: Session) -> None:
    with pytest.raises(Conflict) as error:
        enrol(session, make_conference(session, registration_open=False))
    assert error.value.code == "registration_closed"


def test_a_conference_that_is_not_there_admits_nobody(session: Session) -> None:
    conference = make_conference(session)
    session.delete(conference)
    session.flush()
    with pytest.raises(NotFound) as error:
        enrol(session, conference)
    assert error.value.code == "conference_not_found"


def test_a_place_of_a_signed_in_person_is_written_to_at_the_proved_address(session: Session) -> None:
    account = make_account(session)
    row = enrol(session, make_conference(session), account_id=account.id, contact_email="otra@example.org")
    assert (row.account_id, row.contact_email) == (account.id, account.email)


def test_an_account_registers_itself_once_in_each_conference(session: Session) -> None:
    account = make_account(session)
    conference, other = make_conference(session), make_conference(session)
    enrol(session, conference, account_id=account.id)
    enrol(session, other, account_id=account.id, nonce="1f" * 16)
    session.commit()
    with pytest.raises(Conflict) as error:
        enrol(session, conference, account_id=account.id, nonce="2f" * 16)
    assert error.value.code == "registered_already"
    session.rollback()
    kept = [row.conference_id for row in rows(session, Registration)]
    assert sorted(kept) == sorted([conference.id, other.id])


def test_who_has_given_a_place_back_registers_again(session: Session) -> None:
    account, conference = make_account(session), make_conference(session)
    grant(session, conference, Role.CHAIR, account=account)
    enrol(session, conference, account_id=account.id)
    cancel_registration(session, token=tickets.ticket_token(NONCE, key=KEY), now=LATER)
    assert enrol(session, conference, account_id=account.id, nonce="1f" * 16).account_id == account.id


def test_of_two_forms_of_an_account_sent_at_once_one_makes_a_place(
    session: Session, prepared: Prepared
) -> None:
    for number in range(6):
        account, conference = make_account(session), make_conference(session)
        account_id, conference_id = account.id, conference.id
        session.commit()
        acts = [
            partial(
                register,
                conference_id=conference_id,
                badge_name=name,
                category=Category.ATTENDEE,
                language="es",
                consents={Purpose.ATTEND},
                account_id=account_id,
                nonce=f"{number:016x}{turn:016x}",
                key=KEY,
                now=NOW,
            )
            for turn, name in enumerate(("Chayo", "Beto"))
        ]
        came = at_once(prepared, *acts)
        assert [one for one in came if isinstance(one, str)] == ["registered_already"]
        of_account = select(func.count()).where(Registration.account_id == account_id)
        assert session.scalar(of_account) == 1
        session.commit()


def test_whom_an_account_registers_is_nobodys_and_has_an_address_of_their_own(session: Session) -> None:
    account, conference = make_account(session), make_conference(session)
    enrol(session, conference, account_id=account.id)
    theirs = {"registered_by": account.id, "contact_email": "otra@example.org"}
    row = enrol(session, conference, nonce="1f" * 16, **theirs)
    assert (row.account_id, row.contact_email) == (None, "otra@example.org")
    assert enrol(session, conference, nonce="2f" * 16, registered_by=account.id).contact_email is None


def test_an_account_gives_its_own_address_to_nobody_else(session: Session) -> None:
    account, conference = make_account(session), make_conference(session)
    enrol(session, conference, account_id=account.id)
    session.commit()
    assert account.email is not None
    typed = f" {account.email.upper()} "
    with pytest.raises(Invalid) as error:
        enrol(session, conference, nonce="1f" * 16, registered_by=account.id, contact_email=typed)
    assert error.value.code == "address_is_your_own"
    session.rollback()
    assert [row.account_id for row in rows(session, Registration)] == [account.id]


def test_a_typed_address_proves_nothing(session: Session) -> None:
    account = make_account(session)
    row = enrol(session, make_conference(session), contact_email=account.email)
    assert (row.account_id, row.contact_email) == (None, account.email)


def test_the_ticket_is_mailed_to_the_address(session: Session) -> None:
    row = enrol(session, make_conference(session), contact_email="a@example.org", letter=LETTER)
    sent = [(m.key, m.recipient, m.subject, m.body, m.state, m.due_at) for m in rows(session, Message)]
    assert sent == [
        (f"ticket-{row.id}", "a@example.org", LETTER.subject, LETTER.body, MessageState.QUEUED, NOW)
    ]


def test_without_an_address_nothing_is_mailed(session: Session) -> None:
    enrol(session, make_conference(session), letter=LETTER)
    assert rows(session, Message) == []


# -- the ticket ------------------------------------------------------------------------------------


def shown(view: TicketView) -> str:
    return " ".join(str(getattr(view, field.name)) for field in fields(view))


def test_only_the_account_that_owns_a_ticket_sees_its_name(session: Session) -> None:
    conference = make_conference(session)
    owner, stranger = make_account(session), make_account(session)
    enrol(session, conference, account_id=owner.id)
    token = tickets.ticket_token(NONCE, key=KEY)
    names = [
        ticket(session, token=token, reader=reader).badge_name for reader in (owner.id, stranger.id, None)
    ]
    assert names == ["Nombre Reservado", None, None]
    assert "Reservado" not in shown(ticket(session, token=token, reader=None))


def test_a_ticket_without_account_shows_nobody_a_name(session: Session) -> None:
    enrol(session, make_conference(session), contact_email="secreta@example.org")
    view = ticket(session, token=tickets.ticket_token(NONCE, key=KEY), reader=None)
    assert view.badge_name is None
    assert "secreta" not in shown(view)


def test_a_conference_without_a_venue_shows_none(session: Session) -> None:
    enrol(session, make_conference(session, venue_name="", venue_address=""))
    assert ticket(session, token=tickets.ticket_token(NONCE, key=KEY), reader=None).venue is None


def test_own_tickets_are_derived_again(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    owner = make_account(session)
    enrol(session, conference, account_id=owner.id)
    enrol(session, conference, account_id=make_account(session).id, nonce="1f" * 16)
    enrol(session, other, account_id=owner.id, nonce="2f" * 16)
    found = own_tickets(session, conference_id=conference.id, account_id=owner.id, keys=(KEY,))
    assert [own.token for own in found] == [tickets.ticket_token(NONCE, key=KEY)]


def test_an_unknown_token_opens_nothing(session: Session) -> None:
    make_registration(session, make_conference(session))
    with pytest.raises(NotFound) as error:
        ticket(session, token="A" * 26, reader=None)
    assert error.value.code == "ticket_not_found"


# -- cancelling and withdrawing --------------------------------------------------------------------


def test_a_cancelled_place_is_a_tombstone_that_knows_nobody(session: Session) -> None:
    conference = make_conference(session)
    organization = make_organization(session, conference)
    row = enrol(
        session,
        conference,
        account_id=make_account(session).id,
        organization_id=organization.id,
        spoken=("mix",),
        photo_preference=PhotoPreference.YES,
        consents=BOTH,
        letter=LETTER,
    )
    other = enrol(session, conference, nonce="1f" * 16)
    token = tickets.ticket_token(NONCE, key=KEY)
    cancel_registration(session, token=token, now=LATER)
    session.expire_all()
    assert (row.status, row.cancelled_at) == (RegistrationStatus.CANCELLED, LATER)
    assert (row.badge_name, row.contact_email, row.account_id, row.organization_id) == ("", None, None, None)
    assert (row.spoken, row.photo_preference) == ([], PhotoPreference.NO)
    assert [one.registration_id for one in rows(session, Consent)] == [other.id]
    assert [(m.state, m.recipient, m.subject, m.body) for m in rows(session, Message)] == [
        (MessageState.WITHDRAWN, "", "", "")
    ]
    assert (other.status, other.badge_name) == (RegistrationStatus.CONFIRMED, "Nombre Reservado")
    view = ticket(session, token=token, reader=None)
    assert (view.cancelled, view.venue, view.reminders) == (True, None, False)


def cancel(session: Session) -> None:
    cancel_registration(session, token=tickets.ticket_token(NONCE, key=KEY), now=LATER)
    session.expire_all()


def test_a_cancelled_place_keeps_nothing_that_opens_a_door(session: Session) -> None:
    conference = make_conference(session, languages=["en", "es"])
    row = enrol(session, conference, contact_email="secreta@example.org")
    other = enrol(session, conference, nonce="1f" * 16)
    for of in (row, other):
        scan = {"door": "entrance", "outcome": ScanOutcome.ADMITTED, "scanned_at": NOW}
        session.add(Scan(conference_id=conference.id, registration_id=of.id, **scan))
    token = tickets.ticket_token(NONCE, key=KEY)
    cancel(session)
    assert (row.ticket_nonce, row.code_digest) == ("", f"forgotten-{row.id}")
    assert (row.token_digest, row.language) == (tickets.token_digest(token), "en")
    assert [one.registration_id for one in rows(session, Scan)] == [other.id]


def sign_in_code(session: Session, account: Account) -> SignInCode:
    mailed = SignInCode(
        account_id=account.id,
        address_digest="a" * 64,
        link_digest=f"{account.id:064}",
        code_digest="c" * 64,
        issued_at=NOW,
        expires_at=LATER + timedelta(hours=1),
    )
    session.add(mailed)
    session.flush()
    return mailed


def waiting(session: Session, recipient: str) -> Message:
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key="sign-in-1",
        recipient=recipient,
        language="es",
        subject="S",
        body="B",
        now=NOW,
    )
    return session.scalars(select(Message).where(Message.key == "sign-in-1")).one()


def test_an_account_that_nothing_else_needs_forgets_its_address(session: Session) -> None:
    conference = make_conference(session)
    account, other = make_account(session), make_account(session)
    address = account.email
    enrol(session, conference, account_id=account.id)
    sign_in_code(session, account)
    kept = sign_in_code(session, other)
    letter = waiting(session, str(address))
    cancel(session)
    assert (account.email, other.email is None) == (None, False)
    assert rows(session, SignInCode) == [kept]
    assert (letter.state, letter.recipient, letter.body) == (MessageState.WITHDRAWN, "", "")


def test_who_cancels_with_the_address_of_a_stranger_takes_nothing_of_theirs(session: Session) -> None:
    conference = make_conference(session)
    stranger = make_account(session)
    address = str(stranger.email)
    enrol(session, conference, contact_email=address, letter=Words("es", "Su boleto", "Su lugar"))
    code = sign_in_code(session, stranger)
    signed_in, _key = make_sign_in(session, stranger)
    own = waiting(session, address)
    cancel(session)
    assert stranger.email == address
    assert (rows(session, SignInCode), rows(session, SignIn)) == ([code], [signed_in])
    assert (own.state, own.recipient) == (MessageState.QUEUED, address)
    ticket = session.scalars(select(Message).where(Message.key.like("ticket-%"))).one()
    assert (ticket.state, ticket.recipient, ticket.body) == (MessageState.WITHDRAWN, "", "")


@pytest.mark.parametrize("need", ["role", "revoked role", "place elsewhere", "place still to be proved"])
def test_an_account_that_is_needed_keeps_its_address(session: Session, need: str) -> None:
    conference = make_conference(session)
    account = make_account(session)
    address = account.email
    if need.endswith("role"):
        grant(session, conference, Role.RAPPORTEUR, account=account)
        if need == "revoked role":
            session.execute(update(RoleGrant).values(revoked_at=NOW, revoked_by_id=account.id))
    else:
        whose = {"account_id": account.id} if "elsewhere" in need else {"contact_email": address}
        make_registration(session, make_conference(session), **whose)
    enrol(session, conference, account_id=account.id)
    mailed = sign_in_code(session, account)
    letter = waiting(session, str(address))
    cancel(session)
    assert (account.email, rows(session, SignInCode)) == (address, [mailed])
    assert (letter.state, letter.recipient) == (MessageState.QUEUED, address)


def test_a_delegate_who_cancels_frees_the_seat_and_leaves_the_sitting(session: Session) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    make_delegate(session, conference, present_in=sitting)
    account, seat = make_delegate(session, conference, present_in=sitting)
    row = session.scalars(select(Registration).where(Registration.account_id == account.id)).one()
    row.token_digest = tickets.token_digest("A" * 26)
    session.flush()
    cancel_registration(session, token="A" * 26, now=LATER)
    session.expire_all()
    standing = {c.seat_id: c.status for c in rows(session, Credential)}
    left = {p.seat_id: p.left_at for p in rows(session, Presence)}
    assert (standing.pop(seat.id), left.pop(seat.id)) == (CredentialStatus.WITHDRAWN, LATER)
    assert (list(standing.values()), list(left.values())) == ([CredentialStatus.ACCEPTED], [None])
    # Whoever gave the place back is called by the seat, as in all of the log.
    (entry,) = rows(session, AuditEntry)
    assert json.loads(entry.entry)["event"] == {
        "kind": "credential_ended",
        "actor": f"seat-{seat.id}",
        "seat": f"seat-{seat.id}",
        "sits": f"delegate-{seat.id}",
        "at": f"{LATER.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def test_a_named_delegate_who_cancels_before_the_committee_answers_frees_the_seat(session: Session) -> None:
    conference = make_conference(session)
    _account, seat = make_delegate(session, conference)
    row = enrol(session, conference)
    credential = Credential(
        seat_id=seat.id,
        registration_id=row.id,
        capacity=Capacity.ALTERNATE,
        status=CredentialStatus.PROPOSED,
        attested_at=NOW,
    )
    session.add(credential)
    session.flush()
    cancel_registration(session, token=tickets.ticket_token(NONCE, key=KEY), now=LATER)
    session.expire_all()
    assert (credential.status, credential.decided_at) == (CredentialStatus.WITHDRAWN, LATER)
    # Nobody had accepted it, so nothing has ended that the log knows of.
    assert rows(session, AuditEntry) == []


def test_a_place_is_cancelled_once(session: Session) -> None:
    enrol(session, make_conference(session))
    token = tickets.ticket_token(NONCE, key=KEY)
    cancel_registration(session, token=token, now=LATER)
    for attempt in (
        lambda: cancel_registration(session, token=token, now=LATER),
        lambda: withdraw_consent(session, token=token, purpose=Purpose.REMINDERS, now=LATER),
    ):
        with pytest.raises(Conflict) as error:
            attempt()
        assert error.value.code == "ticket_cancelled"


def test_an_unknown_token_cancels_nothing(session: Session) -> None:
    row = enrol(session, make_conference(session))
    with pytest.raises(NotFound):
        cancel_registration(session, token="A" * 26, now=LATER)
    assert row.status is RegistrationStatus.CONFIRMED


def test_reminders_are_withdrawn_and_the_place_stays(session: Session) -> None:
    conference = make_conference(session)
    enrol(session, conference, consents=BOTH, contact_email="a@example.org")
    other = enrol(session, conference, consents=BOTH, contact_email="b@example.org", nonce="1f" * 16)
    token = tickets.ticket_token(NONCE, key=KEY)
    for moment in (LATER, LATER + timedelta(days=1)):
        withdraw_consent(session, token=token, purpose=Purpose.REMINDERS, now=moment)
    session.expire_all()
    assert {
        (one.purpose, one.withdrawn_at) for one in rows(session, Consent) if one.registration_id != other.id
    } == {(Purpose.ATTEND, None), (Purpose.REMINDERS, LATER)}
    assert {one.withdrawn_at for one in rows(session, Consent) if one.registration_id == other.id} == {None}
    assert ticket(session, token=token, reader=None).reminders is False
    agreed = LATER + timedelta(days=2)
    for moment in (agreed, agreed + timedelta(days=1)):
        agree_to_reminders(session, token=token, language="en", now=moment)
    given = [
        (one.given_at, one.language, one.withdrawn_at)
        for one in rows(session, Consent)
        if one.registration_id != other.id and one.purpose is Purpose.REMINDERS
    ]
    assert given == [(agreed, "en", None)]


def test_without_an_address_nobody_is_reminded(session: Session) -> None:
    enrol(session, make_conference(session))
    with pytest.raises(Invalid) as error:
        agree_to_reminders(session, token=tickets.ticket_token(NONCE, key=KEY), language="en", now=LATER)
    assert error.value.code == "reminders_need_an_address"


def test_the_consent_to_attend_ends_by_cancelling(session: Session) -> None:
    enrol(session, make_conference(session))
    with pytest.raises(Invalid) as error:
        withdraw_consent(
            session, token=tickets.ticket_token(NONCE, key=KEY), purpose=Purpose.ATTEND, now=LATER
        )
    assert error.value.code == "cancel_instead"
