"""The purge: nothing of a person is left anywhere, and nothing of a decision is lost."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, inspect, select, update

from agreements import Choice, Outcome
from conference.domain.accounts import Role, link_digest
from conference.domain.approvals import ApprovalKind
from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import CredentialStatus
from conference.domain.directory import RecordSource
from conference.domain.errors import NotFound
from conference.domain.mail import MessageKind, MessageState
from conference.domain.passkeys import Ceremony
from conference.domain.registration import (
    AccessNeed,
    Category,
    ConsentGiver,
    Purpose,
    RefusalReason,
    RegistrationStatus,
    ServiceKind,
)
from conference.domain.retention import Periods
from conference.extensions import Base
from conference.models import (
    AccessCard,
    Account,
    Approval,
    AuditEntry,
    Authenticator,
    Ballot,
    Challenge,
    Consent,
    Credential,
    DoorTotal,
    Elector,
    KeptForm,
    Message,
    OfferedService,
    Party,
    Passkey,
    Presence,
    Proxy,
    Question,
    RecoveryCode,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    Resolution,
    Scan,
    ServiceBooking,
    SignIn,
    SignInCode,
)
from conference.queries.registration import ticket
from conference.queries.resolutions import resolutions
from conference.queries.voting import questions, roll_call
from conference.services.accounts import redeem_link
from conference.services.approvals import ask_for_approval, decide_approval
from conference.services.forgetting import WAYS_IN
from conference.services.kept_forms import keep_form
from conference.services.mail import queue_message
from conference.services.purge import PurgeReport
from conference.services.purge import purge as forget_what_is_over
from conference.services.registration import cancel_registration, register
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_registration,
    make_sign_in,
    make_sitting,
    sign_in,
)
from tests.halls import make_hall

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient
    from tests.halls import Hall

KEY = b"tickets" * 5
NONCE = "0f" * 16
YES, NO = Choice.YES, Choice.NO
# The conference's last day is July 12; these are noons at its venue.
LAST_KEPT_DAY = datetime(2026, 8, 11, 19, 0, tzinfo=UTC)
DUE = LAST_KEPT_DAY + timedelta(days=1)
NOTHING = PurgeReport(**dict.fromkeys((field.name for field in fields(PurgeReport)), 0))
PRIVATE = ("Nombre Reservado", "secreta", "Enlace Privado")
SIGN_INS, STAFF_SIGN_INS = timedelta(days=30), timedelta(hours=14)


def purge(session: Session, *, now: datetime) -> PurgeReport:
    return forget_what_is_over(session, sign_ins=SIGN_INS, staff_sign_ins=STAFF_SIGN_INS, now=now)


def everything(session: Session) -> list[str]:
    """Return every value of every column of every table, as text."""
    session.flush()
    return [
        f"{table.name}.{column.name}: {value}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for value in session.scalars(select(column).order_by(*table.primary_key))
    ]


def known(session: Session) -> list[str]:
    return [value for value in everything(session) if any(words in value for words in PRIVATE)]


def rows(session: Session, model: type[Any]) -> list[Any]:
    session.expire_all()
    # PostgreSQL gives a row that was changed after those that were not.
    return list(session.scalars(select(model).order_by(*inspect(model).primary_key)))


def amount(session: Session, *models: type[Any]) -> list[int]:
    return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def scan(session: Session, conference: Conference, registration: Registration | None, **values: Any) -> Scan:
    defaults = {"door": "entrance", "outcome": ScanOutcome.ADMITTED, "scanned_at": NOW}
    row = Scan(
        conference_id=conference.id,
        registration_id=None if registration is None else registration.id,
        **defaults | values,
    )
    session.add(row)
    session.flush()
    return row


# How long a code that somebody asked for works.
MINUTES = timedelta(minutes=20)


def sign_in_code(
    session: Session, account: Account | None, issued_at: datetime, lifetime: timedelta = MINUTES
) -> None:
    number = amount(session, SignInCode)[0]
    session.add(
        SignInCode(
            account_id=account and account.id,
            address_digest="a" * 64,
            link_digest=f"{number:064}",
            code_digest="c" * 64,
            issued_at=issued_at,
            expires_at=issued_at + lifetime,
        )
    )
    session.flush()


def ways_in(session: Session, conference: Conference, account: Account) -> None:
    """Give somebody everything that opens an account; it is in use until long after the conference."""
    number = f"{account.id:064}"
    card = AccessCard(
        conference_id=conference.id,
        number=account.id,
        account_id=account.id,
        token_digest=number,
        code_digest=number,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=21),
    )
    session.add_all(
        [
            card,
            Passkey(
                account_id=account.id,
                credential=number.encode(),
                public_key=b"key",
                verifies=True,
                added_at=NOW,
            ),
            Challenge(
                account_id=account.id,
                digest=number,
                ceremony=Ceremony.ADD,
                expires_at=DUE + timedelta(days=99),
            ),
            Authenticator(account_id=account.id, sealed_secret=b"sealed", begun_at=NOW),
            RecoveryCode(account_id=account.id, digest=number),
        ]
    )
    session.flush()
    make_sign_in(session, account, card_id=card.id)


def ask_for_export(session: Session, conference: Conference, asked_at: datetime) -> int:
    asker = grant(session, conference, Role.ORGANIZER)
    return ask_for_approval(
        session,
        conference_id=conference.id,
        kind=ApprovalKind.EXPORT_PEOPLE,
        reason="Lo pide Nombre Reservado",
        by=asker.id,
        now=asked_at,
    )


def attend(session: Session, conference: Conference, account: Account, **values: Any) -> Registration:
    """Register somebody with all that can be said of a person."""
    issued = register(
        session,
        conference_id=conference.id,
        badge_name="Nombre Reservado",
        category=Category.ATTENDEE,
        language="en",
        consents=frozenset(Purpose),
        nonce=NONCE,
        key=KEY,
        now=NOW,
        spoken=("mix",),
        account_id=account.id,
        **values,
    )
    return session.get_one(Registration, issued.registration_id)


@pytest.fixture
def hall(session: Session) -> Hall:
    """A conference that decided, with people in every table that can know any."""
    hall = make_hall(session)
    hall.decide(us=[YES, YES, NO], mx=[YES, YES])
    account = make_account(session)
    row = attend(session, hall.conference, account)
    scan(session, hall.conference, row)
    scan(session, hall.conference, None, outcome=ScanOutcome.UNKNOWN, scanned_by_id=hall.chair.id)
    sign_in_code(session, account, NOW)
    sign_in_code(session, None, NOW)
    ways_in(session, hall.conference, account)
    keep_form(session, sealed=b"sealed", key_digest="0" * 64, lifetime=timedelta(minutes=45), now=NOW)
    ask_for_export(session, hall.conference, NOW)
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key="ticket-1",
        recipient=str(account.email),
        language="es",
        subject="Su boleto",
        body="Enlace Privado",
        now=NOW,
    )
    session.flush()
    return hall


def decisions(session: Session, hall: Hall) -> list[Any]:
    session.expire_all()
    return [
        questions(session, conference_id=hall.conference.id),
        resolutions(session, conference_id=hall.conference.id),
        [(row.outcome, row.record, row.text_hash) for row in session.scalars(select(Question))],
        [roll_call(session, question_id=id_) for id_ in session.scalars(select(Question.id))],
        amount(session, Ballot, Elector, Resolution),
    ]


def test_nothing_of_a_person_is_left_in_any_table(session: Session, hall: Hall) -> None:
    assert len(known(session)) > 10
    report = purge(session, now=DUE)
    assert report == replace(
        NOTHING,
        registrations=7,
        accounts=9,
        scans=2,
        presences=6,
        electors=6,
        sign_in_codes=2,
        kept_forms=1,
        approvals=1,
        messages=1,
    )
    assert known(session) == []
    assert amount(session, Scan, Presence, Consent, SignInCode, Message) == [0, 0, 0, 0, 0]
    assert amount(session, *WAYS_IN, KeptForm) == [0] * 8
    assert {row.credential_id for row in rows(session, Elector)} == {None}
    held = {
        (row.account_id, row.organization_id, row.language, tuple(row.spoken), row.ticket_nonce)
        for row in rows(session, Registration)
    }
    assert held == {(None, None, "es", (), "")}
    assert {row.status for row in rows(session, Registration)} == {RegistrationStatus.CONFIRMED}


def test_what_was_decided_stays_as_it_was(session: Session, hall: Hall) -> None:
    before = decisions(session, hall)
    assert before[-1] == [5, 6, 1]
    purge(session, now=DUE)
    assert decisions(session, hall) == before


def test_the_pages_of_votes_and_resolutions_stay_as_they_were(
    session: Session, client: CheckedClient, hall: Hall
) -> None:
    pages = [
        f"/{language}/{hall.slug}/{page}/1" for language in ("es", "en") for page in ("votes", "resolutions")
    ]
    before = [client.get(page).text for page in pages]
    purge(session, now=DUE)
    assert [client.get(page).text for page in pages] == before


def test_a_former_delegate_reads_what_everybody_reads(
    session: Session, client: CheckedClient, hall: Hall
) -> None:
    purge(session, now=DUE)
    sign_in(client, hall.us[0].account)
    assert client.get(f"/en/{hall.slug}/votes/1").status_code == 200


def test_on_the_last_day_of_the_period_people_are_still_known(session: Session, hall: Hall) -> None:
    names = [row.badge_name for row in rows(session, Registration)]
    report = purge(session, now=LAST_KEPT_DAY)
    assert report == replace(NOTHING, scans=2, sign_in_codes=2, kept_forms=1, approvals=1, messages=1)
    assert [row.badge_name for row in rows(session, Registration)] == names


def test_the_day_is_that_of_the_venue(session: Session) -> None:
    row = make_registration(session, make_conference(session))
    # The night in Oregon when it is August 12 already in universal time.
    purge(session, now=datetime(2026, 8, 12, 6, 59, tzinfo=UTC))
    assert row.badge_name.startswith("Nombre Reservado")
    purge(session, now=datetime(2026, 8, 12, 7, 0, tzinfo=UTC))
    assert row.badge_name == ""


def test_a_second_purge_removes_nothing_more(session: Session, hall: Hall) -> None:
    purge(session, now=DUE)
    before = everything(session)
    assert purge(session, now=DUE + timedelta(days=1)) == NOTHING
    assert everything(session) == before


def test_attendees_scans_go_after_a_week_and_delegates_stay(session: Session) -> None:
    conference = make_conference(session)
    attendee = make_registration(session, conference)
    delegate = make_registration(session, conference, category=Category.ALTERNATE)
    for registration in (attendee, delegate, None):
        scan(session, conference, registration)
    running = make_conference(session, first_day=NOW.date() + timedelta(days=8))
    expected = {delegate.id, make_registration(session, running).id}
    scan(session, running, rows(session, Registration)[-1])
    assert purge(session, now=NOW + timedelta(days=8)) == NOTHING
    assert purge(session, now=NOW + timedelta(days=9)).scans == 2
    assert {row.registration_id for row in rows(session, Scan)} == expected


def test_whoever_is_needed_in_another_conference_keeps_the_address(session: Session) -> None:
    over = make_conference(session)
    running = make_conference(session, first_day=DUE.date())
    attendee, organizer, unproved, former, gone = (make_account(session) for _ in range(5))
    for account in (attendee, organizer, unproved, gone):
        make_registration(session, over, account_id=account.id, contact_email=account.email)
    grant(session, over, Role.ORGANIZER, account=former)
    grant(session, running, Role.ORGANIZER, account=organizer)
    make_registration(session, running, account_id=attendee.id)
    make_registration(session, running, contact_email=unproved.email)
    names = {row.badge_name for row in rows(session, Registration) if row.conference_id == running.id}
    report = purge(session, now=DUE)
    assert (report.registrations, report.accounts) == (4, 2)
    assert [account.email is None for account in (attendee, organizer, unproved, former, gone)] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert {row.badge_name for row in rows(session, Registration)} == {"", *names}


def test_an_invitation_opens_until_its_last_day_and_is_then_forgotten(session: Session) -> None:
    account = make_account(session)
    make_registration(session, make_conference(session, first_day=DUE.date()), account_id=account.id)
    three_days, moment = timedelta(days=3), timedelta(seconds=1)
    sign_in_code(session, account, NOW, lifetime=three_days)
    session.scalars(select(SignInCode)).one().link_digest = link_digest("invited")
    session.flush()
    assert purge(session, now=NOW + three_days - moment).sign_in_codes == 0
    assert redeem_link(session, token="invited", now=NOW + three_days - moment).account_id == account.id
    assert purge(session, now=NOW + three_days + timedelta(days=1)).sign_in_codes == 0
    assert purge(session, now=NOW + three_days + timedelta(days=1) + moment).sign_in_codes == 1


def test_codes_and_mails_go_by_their_own_age(session: Session) -> None:
    account = make_account(session)
    make_registration(session, make_conference(session, first_day=DUE.date()), account_id=account.id)
    day, month = timedelta(days=1), timedelta(days=30)
    for moment in (DUE - day, DUE - day - timedelta(seconds=1)):
        sign_in_code(session, account, moment - MINUTES)
    for number, moment in enumerate((DUE - month, DUE - month - timedelta(seconds=1))):
        queue_message(
            session,
            kind=MessageKind.NOTICE,
            key=str(number),
            recipient="secreta",
            language="es",
            subject="",
            body="",
            now=moment,
        )
    report = purge(session, now=DUE)
    assert (report.sign_in_codes, report.messages) == (1, 1)
    assert [row.expires_at for row in rows(session, SignInCode)] == [DUE - day]
    assert [(row.queued_at, row.state) for row in rows(session, Message)] == [
        (DUE - month, MessageState.QUEUED)
    ]


def test_what_still_waits_for_somebody_forgotten_is_not_sent(session: Session) -> None:
    row = make_registration(session, make_conference(session), contact_email="secreta@example.org")
    for number, recipient in enumerate(("secreta@example.org", "stranger@example.org")):
        queue_message(
            session,
            kind=MessageKind.NOTICE,
            key=str(number),
            recipient=recipient,
            language="es",
            subject="S",
            body="B",
            now=DUE,
        )
    purge(session, now=DUE)
    assert (row.contact_email, known(session)) == (None, [])
    assert {(row.state, row.recipient) for row in rows(session, Message)} == {
        (MessageState.WITHDRAWN, ""),
        (MessageState.QUEUED, "stranger@example.org"),
    }


def test_a_question_left_open_is_decided_by_the_seats_that_were_there(session: Session) -> None:
    hall = make_hall(session)
    other = make_sitting(session, hall.conference)
    number = hall.open()
    hall.vote(number, us=[YES, YES, YES], mx=[YES, YES, YES])
    seat = hall.us[0].seat
    session.add(
        Presence(
            session_id=other.id,
            seat_id=seat.id,
            credential_id=hall.credential(hall.us[0]).id,
            arrived_at=NOW,
        )
    )
    session.flush()
    assert purge(session, now=DUE).presences == 1
    assert hall.close(number, now=DUE) is Outcome.ADOPTED


def test_credentials_stay_without_the_person(session: Session, hall: Hall) -> None:
    purge(session, now=DUE)
    assert {row.status for row in rows(session, Credential)} == {CredentialStatus.ACCEPTED}


def test_after_the_purge_a_ticket_opens_nothing(session: Session) -> None:
    conference = make_conference(session)
    for nonce, cancels in (("0f" * 16, False), ("1f" * 16, True)):
        issued = register(
            session,
            conference_id=conference.id,
            badge_name="Nombre Reservado",
            category=Category.PRESS,
            language="es",
            consents={Purpose.ATTEND},
            nonce=nonce,
            key=KEY,
            now=NOW,
        )
        if cancels:
            cancel_registration(session, token=issued.token, now=NOW)
            assert ticket(session, token=issued.token, reader=None).cancelled
        purge(session, now=DUE)
        with pytest.raises(NotFound):
            ticket(session, token=issued.token, reader=None)
    assert [(row.status, row.category) for row in rows(session, Registration)] == [
        (RegistrationStatus.CONFIRMED, Category.PRESS),
        (RegistrationStatus.CANCELLED, Category.PRESS),
    ]


def test_a_role_that_was_revoked_keeps_no_address(session: Session) -> None:
    running = make_conference(session, first_day=DUE.date())
    former = grant(session, running, Role.ORGANIZER)
    session.execute(
        update(Base.metadata.tables["role_grant"]).values(revoked_at=NOW, revoked_by_id=former.id)
    )
    assert (purge(session, now=DUE).accounts, former.email) == (1, None)


def test_whoever_came_with_a_card_is_forgotten_as_who_came_by_mail(session: Session) -> None:
    over, running = make_conference(session), make_conference(session, first_day=DUE.date())
    gone, needed = make_account(session, email=None), make_account(session, email=None)
    for account in (gone, needed):
        make_registration(session, over, account_id=account.id)
        ways_in(session, over, account)
    make_registration(session, running, account_id=needed.id)
    assert purge(session, now=DUE).accounts == 0
    held = {model: {row.account_id for row in rows(session, model)} for model in WAYS_IN}
    # The card led to the conference that is over, and so does the sign-in that it opened.
    assert held == {
        model: set() if model in {SignInCode, AccessCard, SignIn} else {needed.id} for model in WAYS_IN
    }


def test_what_leads_nowhere_any_more_goes_by_its_own_age(session: Session) -> None:
    account = make_account(session)
    make_registration(session, make_conference(session, first_day=DUE.date()), account_id=account.id)
    moment = timedelta(seconds=1)
    for number, at in enumerate((DUE + moment, DUE)):
        session.add(Challenge(digest=str(number), ceremony=Ceremony.SIGN_IN, expires_at=at))
        keep_form(
            session,
            sealed=b"sealed",
            key_digest=str(number) * 64,
            lifetime=timedelta(hours=1),
            now=at - timedelta(hours=1),
        )
    assert purge(session, now=DUE) == replace(NOTHING, kept_forms=1, challenges=1)


def test_a_sign_in_goes_when_no_cookie_opens_it_any_more(session: Session) -> None:
    account = make_account(session)
    make_registration(session, make_conference(session, first_day=DUE.date()), account_id=account.id)
    moment = timedelta(seconds=1)
    expected = [
        make_sign_in(session, account, signed_in_at=DUE - at_most + moment, staff=staff)[0].id
        for staff, at_most in ((False, SIGN_INS), (True, STAFF_SIGN_INS))
    ]
    for staff, at_most in ((False, SIGN_INS), (True, STAFF_SIGN_INS)):
        make_sign_in(session, account, signed_in_at=DUE - at_most, staff=staff)
    assert purge(session, now=DUE) == replace(NOTHING, sign_ins=2)
    assert [row.id for row in rows(session, SignIn)] == expected


def test_why_an_export_was_asked_for_goes_and_that_it_was_stays(session: Session) -> None:
    running = make_conference(session, first_day=DUE.date())
    month = timedelta(days=30)
    old, new = (
        ask_for_export(session, running, at) for at in (DUE - month - timedelta(seconds=1), DUE - month)
    )
    decide_approval(
        session,
        conference_id=running.id,
        approval_id=old,
        kind=ApprovalKind.EXPORT_PEOPLE,
        approve=False,
        by=grant(session, running, Role.ORGANIZER).id,
        now=DUE - month,
    )
    log = amount(session, AuditEntry)
    assert purge(session, now=DUE) == replace(NOTHING, approvals=1)
    assert [row.id for row in rows(session, Approval)] == [new]
    assert (log, amount(session, AuditEntry)) == ([3], [3])


def test_needs_go_after_a_week_and_answers_with_the_people(session: Session) -> None:
    conference = make_conference(session)
    row = make_registration(session, conference, contact_phone="+525512345678")
    question = RegistrationQuestion(
        conference_id=conference.id, key="comida", position=1, label={"es": "¿Qué come?"}, choices=[]
    )
    service = OfferedService(
        conference_id=conference.id,
        key="ninos",
        position=1,
        kind=ServiceKind.CHILDCARE,
        label={"es": "Juegos"},
    )
    session.add_all([question, service])
    session.flush()
    session.add_all(
        [
            RegistrationNeed(registration_id=row.id, need=AccessNeed.STEP_FREE),
            *(
                Consent(
                    registration_id=row.id,
                    purpose=purpose,
                    given_by=ConsentGiver.PERSON,
                    text_version=2,
                    language="es",
                    given_at=NOW,
                )
                for purpose in Purpose
            ),
            RegistrationAnswer(registration_id=row.id, question_id=question.id, chosen=["todo"]),
            ServiceBooking(registration_id=row.id, service_id=service.id, places=2),
        ]
    )
    session.flush()
    agreed = select(Consent.purpose).where(Consent.registration_id == row.id).order_by(Consent.purpose)
    assert purge(session, now=NOW + timedelta(days=8)).needs == 0
    assert session.scalars(agreed).all() == sorted(Purpose)
    assert purge(session, now=NOW + timedelta(days=9)) == replace(NOTHING, needs=1)
    # The consent to keep them would tell that there were any.
    assert session.scalars(agreed).all() == [Purpose.ATTEND, Purpose.REMINDERS]
    assert amount(session, RegistrationNeed, RegistrationAnswer, ServiceBooking) == [0, 1, 1]
    assert row.contact_phone == "+525512345678"
    assert purge(session, now=DUE) == replace(NOTHING, registrations=1, answers=1, bookings=1)
    assert amount(session, RegistrationNeed, RegistrationAnswer, ServiceBooking) == [0, 0, 0]
    assert row.contact_phone is None


def test_a_door_keeps_the_sum_of_those_it_let_in(session: Session) -> None:
    conference = make_conference(session)
    people = [make_registration(session, conference) for _ in range(3)]
    people.append(make_registration(session, conference, category=Category.ALTERNATE))
    for door in ("entrance", "taller"):
        for registration in people:
            scan(session, conference, registration, door=door)
    scan(session, conference, people[0], outcome=ScanOutcome.ALREADY_ADMITTED)
    scan(session, conference, None, outcome=ScanOutcome.UNKNOWN)

    def admitted() -> dict[str, int]:
        kept = {row.door: row.admitted for row in rows(session, DoorTotal)}
        for row in rows(session, Scan):
            kept[row.door] = kept.get(row.door, 0) + (row.outcome is ScanOutcome.ADMITTED)
        return kept

    both = {"entrance": 4, "taller": 4}
    assert admitted() == both
    for moment, totals in ((NOW + timedelta(days=9), 3), (NOW + timedelta(days=9), 3), (DUE, 4), (DUE, 4)):
        purge(session, now=moment)
        assert (admitted(), {row.admitted for row in rows(session, DoorTotal)}) == (both, {totals})
    assert amount(session, Scan) == [0]


def test_a_scan_that_comes_late_is_added_to_the_sum(session: Session) -> None:
    conference = make_conference(session)
    scan(session, conference, make_registration(session, conference))
    purge(session, now=NOW + timedelta(days=9))
    scan(session, conference, make_registration(session, conference))
    purge(session, now=NOW + timedelta(days=10))
    assert [row.admitted for row in rows(session, DoorTotal)] == [2]


def test_whoever_waited_until_the_end_had_no_place(session: Session) -> None:
    conference = make_conference(session)
    party = Party(conference_id=conference.id, category=Category.ATTENDEE, size=1, waiting_since=NOW)
    session.add(party)
    session.flush()
    states = (RegistrationStatus.WAITING, RegistrationStatus.OFFERED, RegistrationStatus.PENDING)
    for status in states:
        make_registration(session, conference, status=status, party_id=party.id)
    refused = make_registration(
        session,
        conference,
        status=RegistrationStatus.REJECTED,
        refusal=RefusalReason.TWICE,
        cancelled_at=NOW,
        party_id=party.id,
    )
    report = purge(session, now=DUE)
    assert (report.registrations, report.parties, amount(session, Party)) == (4, 1, [0])
    kept = [(row.status, row.party_id, row.cancelled_at) for row in rows(session, Registration)]
    assert kept == [
        *[(RegistrationStatus.CANCELLED, None, DUE)] * 3,
        (RegistrationStatus.REJECTED, None, NOW),
    ]
    assert refused.refusal is RefusalReason.TWICE


def test_who_spoke_for_an_organization_goes_and_that_somebody_did_stays(session: Session, hall: Hall) -> None:
    giver, holder = hall.us[0].seat, hall.us[1].seat
    session.add(
        Proxy(
            seat_id=giver.id,
            holder_seat_id=holder.id,
            source=RecordSource.SYSTEM,
            given_at=NOW,
            given_by_id=hall.chair.id,
            revoked_at=NOW,
            revoked_by_id=hall.chair.id,
        )
    )
    session.execute(update(Credential).values(attested_by_id=hall.chair.id))
    assert purge(session, now=DUE).attestations == 1 + amount(session, Credential)[0]
    assert {(row.attested_by_id, row.decided_by_id) for row in rows(session, Credential)} == {(None, None)}
    proxy = rows(session, Proxy)[0]
    assert (proxy.given_by_id, proxy.revoked_by_id, proxy.given_at) == (None, None, NOW)


def test_periods_are_those_that_are_passed_in(session: Session) -> None:
    row = make_registration(session, make_conference(session))
    shorter = Periods(people=timedelta(days=2))
    after = NOW + timedelta(days=4)
    report = forget_what_is_over(
        session, sign_ins=SIGN_INS, staff_sign_ins=STAFF_SIGN_INS, now=after, periods=shorter
    )
    assert (report.registrations, row.badge_name) == (1, "")
