"""A ticket is admitted once a door, however often it is scanned; delegates make their seats present."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from agreements import Chamber
from agreements.ledger import read_entry
from conference.domain import tickets
from conference.domain.accounts import Role
from conference.domain.checkin import ENTRANCE, ScanOutcome
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import Category, Purpose, RegistrationStatus
from conference.models import (
    AuditEntry,
    Conference,
    Credential,
    Organization,
    Presence,
    ProgramSession,
    Registration,
    Scan,
    Seat,
)
from conference.queries.checkin import (
    ChamberPresence,
    DoorCounts,
    PresentSeat,
    ShownScan,
    door_counts,
    doors,
    present_seats,
    shown_scan,
)
from conference.queries.conference import ConferenceView, conference_by_slug
from conference.services.checkin import check_in
from conference.services.leaving import mark_left, take_leaving_back
from conference.services.registration import cancel_registration, register
from conference.services.seats import vacate_seat
from conference.services.substitution import substitute
from tests.factories import (
    FIRST_DAY,
    NOW,
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_seat,
    make_session,
    make_sitting,
)

if TYPE_CHECKING:
    from tests.databases import Prepared

KEY = b"tickets" * 5
LATER = NOW + timedelta(minutes=5)


def enrol(session: Session, conference: Conference, number: int = 1, **values: Any) -> str:
    """Register somebody, and return the token of the ticket."""
    least = {
        "badge_name": f"Nombre Reservado {number}",
        "category": Category.ATTENDEE,
        "language": "es",
        "consents": {Purpose.ATTEND},
        "nonce": f"{number:032x}",
        "key": KEY,
        "now": NOW,
    }
    return register(session, conference_id=conference.id, **least | values).token


def seated(
    session: Session, conference: Conference, seat: Seat, number: int = 1, **values: Any
) -> tuple[str, Credential]:
    """Register somebody who holds the seat; return the token and the credential."""
    token = enrol(session, conference, number)
    row = session.scalars(
        select(Registration).where(Registration.token_digest == tickets.token_digest(token))
    ).one()
    defaults = {"capacity": Capacity.DELEGATE, "status": CredentialStatus.ACCEPTED}
    credential = Credential(
        seat_id=seat.id, registration_id=row.id, attested_at=NOW, decided_at=NOW, **defaults | values
    )
    session.add(credential)
    session.flush()
    return token, credential


def qr(conference: Conference, token: str) -> str:
    return tickets.ticket_text(token, conference=conference.slug, key=KEY)


def badge(conference: Conference, token: str) -> str:
    return tickets.badge_text(tickets.ticket_code(token), conference=conference.slug, key=KEY)


def code(token: str) -> str:
    return tickets.shown_ticket_code(tickets.ticket_code(token))


def scan(session: Session, conference: Conference, text: str, **values: Any) -> ScanOutcome:
    least = {"door": ENTRANCE, "by": None, "keys": (KEY,), "now": NOW}
    return check_in(session, conference_id=conference.id, text=text, **least | values).outcome


def kept(session: Session) -> list[tuple[str, ScanOutcome, bool]]:
    found = session.scalars(select(Scan).order_by(Scan.id))
    return [(one.door, one.outcome, one.registration_id is not None) for one in found]


def view(session: Session, conference: Conference) -> ConferenceView:
    found = conference_by_slug(session, conference.slug)
    assert found is not None
    return found


def test_a_badge_is_admitted_as_its_ticket_is_and_only_here(session: Session) -> None:
    conference, elsewhere = make_conference(session), make_conference(session)
    token = enrol(session, conference)
    forged = badge(conference, token)[:-1] + "2"
    shown = [badge(elsewhere, token), forged, badge(conference, token), qr(conference, token)]
    assert [scan(session, conference, text) for text in shown] == [
        ScanOutcome.OTHER_CONFERENCE,
        ScanOutcome.UNKNOWN,
        ScanOutcome.ADMITTED,
        ScanOutcome.ALREADY_ADMITTED,
    ]
    of_old_key = enrol(session, conference, 2)
    assert (
        scan(session, conference, badge(conference, of_old_key), keys=(b"new", KEY)) is ScanOutcome.ADMITTED
    )


def test_a_badge_of_a_ticket_that_was_issued_anew_admits_nobody(session: Session) -> None:
    conference = make_conference(session)
    token = enrol(session, conference)
    row = session.scalars(select(Registration)).one()
    row.code_digest = tickets.ticket_code_digest("0123456789", key=KEY)
    session.flush()
    assert scan(session, conference, badge(conference, token)) is ScanOutcome.UNKNOWN
    assert [(one.outcome, one.registration_id) for one in session.scalars(select(Scan))] == [
        (ScanOutcome.UNKNOWN, None)
    ]


def test_a_scanned_and_a_typed_ticket_are_admitted(session: Session) -> None:
    conference = make_conference(session)
    first, second = enrol(session, conference, 1), enrol(session, conference, 2)
    outcomes = [scan(session, conference, qr(conference, first)), scan(session, conference, code(second))]
    assert outcomes == [ScanOutcome.ADMITTED, ScanOutcome.ADMITTED]


def test_a_ticket_is_admitted_once_a_door_and_every_scan_is_kept(session: Session) -> None:
    conference = make_conference(session)
    workshop = make_session(session, conference)
    token = enrol(session, conference)
    for text in (qr(conference, token), code(token), code(token).lower()):
        scan(session, conference, text)
    scan(session, conference, code(token), door=workshop.key)
    assert kept(session) == [
        (ENTRANCE, ScanOutcome.ADMITTED, True),
        (ENTRANCE, ScanOutcome.ALREADY_ADMITTED, True),
        (ENTRANCE, ScanOutcome.ALREADY_ADMITTED, True),
        (workshop.key, ScanOutcome.ADMITTED, True),
    ]


def test_a_scan_notes_who_made_it_and_when(session: Session) -> None:
    conference, volunteer = make_conference(session), make_account(session)
    scan(session, conference, code(enrol(session, conference)), by=volunteer.id, now=LATER)
    row = session.scalars(select(Scan)).one()
    assert (row.scanned_by_id, row.scanned_at) == (volunteer.id, LATER)


def test_refusals_are_kept_without_anybody(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    token, elsewhere = enrol(session, conference), enrol(session, other, 2)
    forged = qr(conference, token)[:-1] + ("A" if qr(conference, token)[-1] != "A" else "B")
    never_issued = tickets.ticket_token("9" * 32, key=KEY)
    outcomes = [
        scan(session, conference, text)
        for text in (
            "https://example.org/",
            forged,
            qr(conference, never_issued),
            code(never_issued),
            qr(other, elsewhere),
            code(elsewhere),
        )
    ]
    assert outcomes == [ScanOutcome.UNKNOWN] * 4 + [ScanOutcome.OTHER_CONFERENCE] * 2
    assert kept(session) == [(ENTRANCE, outcome, False) for outcome in outcomes]


def test_a_cancelled_ticket_is_refused(session: Session) -> None:
    conference = make_conference(session)
    token = enrol(session, conference)
    cancel_registration(session, token=token, now=NOW)
    assert scan(session, conference, qr(conference, token)) is ScanOutcome.CANCELLED


def test_who_waits_for_an_answer_is_sent_to_the_desk_and_sits_nowhere(session: Session) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    token = enrol(session, conference)
    row = session.query(Registration).one()
    row.status = RegistrationStatus.PENDING
    session.flush()
    for door in (ENTRANCE, sitting.key):
        assert scan(session, conference, qr(conference, token), door=door) is ScanOutcome.NOT_CONFIRMED
    assert session.query(Presence).count() == 0


@pytest.mark.parametrize("door", ["", "no-such-door", "cancelled", "elsewhere"])
def test_a_door_is_the_entrance_or_a_session_that_is_held_here(session: Session, door: str) -> None:
    conference = make_conference(session)
    make_session(session, conference, key="cancelled", cancelled=True)
    make_session(session, make_conference(session), key="elsewhere")
    with pytest.raises(NotFound) as error:
        scan(session, conference, code(enrol(session, conference)), door=door)
    assert (error.value.code, kept(session)) == ("door_not_found", [])


def test_a_conference_that_is_not_there_has_no_door(session: Session) -> None:
    with pytest.raises(NotFound) as error:
        check_in(session, conference_id=0, door=ENTRANCE, text="", by=None, keys=(KEY,), now=NOW)
    assert error.value.code == "conference_not_found"


# -- the race --------------------------------------------------------------------------------------


def together(prepared: Prepared, work: Any, times: int = 8) -> list[Any]:
    """Run the work in as many threads at once, each in a transaction of its own."""
    ready, answers = threading.Barrier(times), []

    def one(number: int) -> None:
        with Session(prepared.engine) as own:
            ready.wait()
            answer = work(own, number)
            own.commit()
            answers.append(answer)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_eight_scans_at_once_admit_one(session: Session, prepared: Prepared) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    token, credential = seated(session, conference, make_seat(session, conference))
    conference_id, text, door = conference.id, qr(conference, token), sitting.key
    session.commit()

    def work(own: Session, _number: int) -> ScanOutcome:
        return check_in(
            own, conference_id=conference_id, door=door, text=text, by=None, keys=(KEY,), now=NOW
        ).outcome

    answers = together(prepared, work)
    assert sorted(answers) == [ScanOutcome.ADMITTED] + [ScanOutcome.ALREADY_ADMITTED] * 7
    assert sorted(outcome for _, outcome, _ in kept(session)) == sorted(answers)
    assert [row.credential_id for row in session.scalars(select(Presence))] == [credential.id]


def test_delegate_and_alternate_at_once_leave_the_delegate_in_the_seat(
    session: Session, prepared: Prepared
) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    seat = make_seat(session, conference)
    delegate, credential = seated(session, conference, seat, 1)
    alternate, _ = seated(session, conference, seat, 2, capacity=Capacity.ALTERNATE)
    texts = [qr(conference, delegate), qr(conference, alternate)]
    conference_id, door = conference.id, sitting.key
    session.commit()

    def work(own: Session, number: int) -> ScanOutcome:
        text = texts[number % 2]
        return check_in(
            own, conference_id=conference_id, door=door, text=text, by=None, keys=(KEY,), now=NOW
        ).outcome

    together(prepared, work)
    present = select(Presence.credential_id).where(Presence.left_at.is_(None))
    assert list(session.scalars(present)) == [credential.id]


@pytest.mark.parametrize("first", [Capacity.DELEGATE, Capacity.ALTERNATE])
def test_whoever_is_a_moment_earlier_the_delegate_sits_in_the_seat(
    session: Session, prepared: Prepared, first: Capacity
) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    seat = make_seat(session, conference)
    delegate, credential = seated(session, conference, seat, 1)
    alternate, _ = seated(session, conference, seat, 2, capacity=Capacity.ALTERNATE)
    queue = [delegate, alternate] if first is Capacity.DELEGATE else [alternate, delegate]
    conference_id, door = conference.id, sitting.key
    session.commit()

    def enters(own: Session, token: str) -> None:
        check_in(own, conference_id=conference_id, door=door, text=code(token), by=None, keys=(KEY,), now=NOW)

    def second() -> None:
        with Session(prepared.engine) as own:
            enters(own, queue[1])
            own.commit()

    with Session(prepared.engine) as own:
        enters(own, queue[0])
        behind = threading.Thread(target=second)
        behind.start()
        # Time enough to have looked for somebody in the seat, and to wait for the commit below.
        behind.join(timeout=0.5)
        own.commit()
    behind.join()
    present = select(Presence.credential_id).where(Presence.left_at.is_(None))
    assert list(session.scalars(present)) == [credential.id]


@pytest.mark.parametrize(
    ("shown", "outcome"),
    # A place that was given back keeps no code to be typed.
    [("scanned", ScanOutcome.CANCELLED), ("typed", ScanOutcome.UNKNOWN)],
)
def test_a_place_that_is_given_back_at_this_moment_is_refused_at_the_door(
    session: Session, prepared: Prepared, shown: str, outcome: ScanOutcome
) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    token, _ = seated(session, conference, make_seat(session, conference))
    conference_id, door = conference.id, sitting.key
    text = qr(conference, token) if shown == "scanned" else code(token)
    session.commit()
    outcomes = []

    def enters() -> None:
        with Session(prepared.engine) as own:
            answer = check_in(
                own, conference_id=conference_id, door=door, text=text, by=None, keys=(KEY,), now=NOW
            )
            own.commit()
            outcomes.append(answer.outcome)

    with Session(prepared.engine) as own:
        cancel_registration(own, token=token, now=NOW)
        behind = threading.Thread(target=enters)
        behind.start()
        # Time enough to have read the place as it was, and to wait for the commit below.
        behind.join(timeout=0.5)
        own.commit()
    behind.join()
    assert outcomes == [outcome]
    assert presences(session) == []


def test_whoever_gives_the_place_back_while_entering_is_in_no_sitting(
    session: Session, prepared: Prepared
) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    token, credential = seated(session, conference, make_seat(session, conference))
    conference_id, door = conference.id, sitting.key
    session.commit()

    def gives_back() -> None:
        with Session(prepared.engine) as own:
            cancel_registration(own, token=token, now=LATER)
            own.commit()

    with Session(prepared.engine) as own:
        check_in(own, conference_id=conference_id, door=door, text=code(token), by=None, keys=(KEY,), now=NOW)
        behind = threading.Thread(target=gives_back)
        behind.start()
        behind.join(timeout=0.5)
        own.commit()
    behind.join()
    assert presences(session) == [(credential.id, NOW, LATER)]


@pytest.mark.parametrize("act", ["comes in", "is put back", "is seated at the desk"])
@pytest.mark.parametrize("first", ["the delegate", "the committee"])
def test_nobody_sits_by_a_credential_that_the_committee_ends_at_this_moment(
    session: Session, prepared: Prepared, act: str, first: str
) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    seat = make_seat(session, conference)
    token, credential = seated(session, conference, seat)
    if act == "is put back":
        left = {"session_id": sitting.id, "seat_id": seat.id, "credential_id": credential.id}
        session.add(Presence(arrived_at=NOW, left_at=NOW, **left))
    here: dict[str, Any] = {"conference_id": conference.id, "by": None, "now": NOW}
    at_door = here | {"door": sitting.key}
    sits = {
        "comes in": partial(check_in, text=code(token), keys=(KEY,), **at_door),
        "is put back": partial(take_leaving_back, seat_id=seat.id, **at_door),
        "is seated at the desk": partial(
            substitute,
            sitting_id=sitting.id,
            organization_id=seat.organization_id,
            capacity=Capacity.DELEGATE,
            **here,
        ),
    }[act]
    ends = partial(vacate_seat, credential_id=credential.id, **here | {"by": make_account(session).id})
    session.commit()
    earlier, later = (sits, ends) if first == "the delegate" else (ends, sits)

    def behind() -> None:
        with Session(prepared.engine) as own, suppress(Conflict):
            later(own)
            own.commit()

    with Session(prepared.engine) as own:
        earlier(own)
        waiting = threading.Thread(target=behind)
        waiting.start()
        waiting.join(timeout=0.5)
        own.commit()
    waiting.join()
    session.expire_all()
    assert session.get_one(Credential, credential.id).status is CredentialStatus.WITHDRAWN
    assert [left_at for _id, _arrived, left_at in presences(session) if left_at is None] == []


# -- sittings --------------------------------------------------------------------------------------


def presences(session: Session) -> list[tuple[int, datetime, datetime | None]]:
    found = session.scalars(select(Presence).order_by(Presence.id))
    return [(one.credential_id, one.arrived_at, one.left_at) for one in found]


def sitting_with_seat(session: Session) -> tuple[Conference, ProgramSession, Seat]:
    conference = make_conference(session)
    return conference, make_sitting(session, conference), make_seat(session, conference)


def test_a_delegate_makes_the_seat_present_at_the_door_of_a_sitting_only(session: Session) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    workshop = make_session(session, conference)
    token, credential = seated(session, conference, seat)
    for door in (ENTRANCE, workshop.key):
        scan(session, conference, code(token), door=door)
    assert presences(session) == []
    for _ in range(2):
        scan(session, conference, code(token), door=sitting.key)
    assert presences(session) == [(credential.id, NOW, None)]


@pytest.mark.parametrize(
    "status", [CredentialStatus.PROPOSED, CredentialStatus.WITHDRAWN, CredentialStatus.REJECTED]
)
def test_a_credential_that_is_not_accepted_makes_nobody_present(
    session: Session, status: CredentialStatus
) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    reason = "letter_missing" if status is CredentialStatus.REJECTED else None
    token, _ = seated(session, conference, seat, status=status, reason=reason)
    assert scan(session, conference, code(token), door=sitting.key) is ScanOutcome.ADMITTED
    assert presences(session) == []


def test_an_alternate_sits_in_while_the_delegate_is_not_there(session: Session) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    delegate, first = seated(session, conference, seat, 1)
    alternate, second = seated(session, conference, seat, 2, capacity=Capacity.ALTERNATE)
    scan(session, conference, code(alternate), door=sitting.key)
    scan(session, conference, code(delegate), door=sitting.key, now=LATER)
    scan(session, conference, code(alternate), door=sitting.key, now=LATER)
    assert presences(session) == [(second.id, NOW, LATER), (first.id, LATER, None)]


def test_whoever_left_and_comes_back_is_present_again(session: Session) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    token, credential = seated(session, conference, seat)
    scan(session, conference, code(token), door=sitting.key)
    mark_left(session, conference_id=conference.id, door=sitting.key, seat_id=seat.id, by=None, now=LATER)
    with pytest.raises(Conflict) as error:
        mark_left(session, conference_id=conference.id, door=sitting.key, seat_id=seat.id, by=None, now=LATER)
    assert error.value.code == "seat_not_present"
    again = scan(session, conference, code(token), door=sitting.key, now=LATER)
    assert again is ScanOutcome.ALREADY_ADMITTED
    assert presences(session) == [(credential.id, NOW, LATER), (credential.id, LATER, None)]


def log(session: Session) -> list[dict[str, object]]:
    found = session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))
    return [dict(read_entry(bytes(entry)).event) for entry in found]


def test_who_takes_somebody_out_of_a_sitting_or_an_alternate_into_it_is_in_the_log_by_seat(
    session: Session,
) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    volunteer = grant(session, conference, Role.DOOR_VOLUNTEER).id
    delegate, _first = seated(session, conference, seat, 1)
    alternate, _second = seated(session, conference, seat, 2, capacity=Capacity.ALTERNATE)
    scan(session, conference, code(delegate), door=sitting.key, by=volunteer)
    scan(session, conference, code(alternate), door=sitting.key, by=volunteer)
    assert log(session) == []
    gone = {"conference_id": conference.id, "door": sitting.key, "seat_id": seat.id, "by": volunteer}
    mark_left(session, **gone, now=LATER)
    with pytest.raises(Conflict):
        mark_left(session, **gone, now=LATER)
    for token in (alternate, alternate, delegate):
        scan(session, conference, code(token), door=sitting.key, by=volunteer, now=LATER)
    by = {"actor": "door_volunteer-1"}
    name = f"seat-{seat.id}"
    expected = [
        {"kind": "left_sitting", "seat": name},
        {"kind": "substituted", "seat": name, "sits": f"alternate-{seat.id}"},
        {"kind": "substituted", "seat": name, "sits": f"delegate-{seat.id}"},
    ]
    told = ("kind", "seat", "sits", "actor")
    assert [{one: entry[one] for one in told if one in entry} for entry in log(session)] == [
        each | by for each in expected
    ]
    assert "Reservado" not in str(log(session))


@pytest.mark.parametrize("act", [mark_left, take_leaving_back])
def test_only_seats_of_this_conference_leave_only_its_sittings(session: Session, act: Any) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    elsewhere = make_seat(session, make_conference(session))
    for door, seat_id in ((ENTRANCE, seat.id), (sitting.key, elsewhere.id), ("none", seat.id)):
        with pytest.raises(NotFound) as error:
            act(session, conference_id=conference.id, door=door, seat_id=seat_id, by=None, now=NOW)
        assert error.value.code == "door_not_found"


def test_a_leaving_noted_by_mistake_is_taken_back_and_both_are_in_the_log(session: Session) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    volunteer = grant(session, conference, Role.DOOR_VOLUNTEER).id
    others, first = seated(session, conference, make_seat(session, conference), 1)
    token, second = seated(session, conference, seat, 2)
    for one in (others, token):
        scan(session, conference, code(one), door=sitting.key)
    gone = {"conference_id": conference.id, "door": sitting.key, "by": volunteer}
    mark_left(session, **gone, seat_id=first.seat_id, now=LATER)
    mark_left(session, **gone, seat_id=seat.id, now=LATER)
    take_leaving_back(session, **gone, seat_id=seat.id, now=LATER + timedelta(minutes=14))
    assert presences(session) == [(first.id, NOW, LATER), (second.id, NOW, None)]
    assert [(entry["kind"], entry["seat"]) for entry in log(session)] == [
        ("left_sitting", f"seat-{first.seat_id}"),
        ("left_sitting", f"seat-{seat.id}"),
        ("leaving_taken_back", f"seat-{seat.id}"),
    ]


@pytest.mark.parametrize("why", ["never_left", "long_ago", "somebody_sits", "credential_ended"])
def test_a_leaving_is_taken_back_only_just_now_and_while_the_seat_is_empty(
    session: Session, why: str
) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    token, credential = seated(session, conference, seat, 1)
    alternate, _second = seated(session, conference, seat, 2, capacity=Capacity.ALTERNATE)
    scan(session, conference, code(token), door=sitting.key)
    seat_of = {"conference_id": conference.id, "door": sitting.key, "seat_id": seat.id, "by": None}
    if why != "never_left":
        mark_left(session, **seat_of, now=NOW)
    if why == "somebody_sits":
        scan(session, conference, code(alternate), door=sitting.key, now=NOW)
    if why == "credential_ended":
        credential.status = CredentialStatus.WITHDRAWN
    session.flush()
    before, logged = presences(session), log(session)
    minutes = 15 if why == "long_ago" else 1
    with pytest.raises(Conflict) as error:
        take_leaving_back(session, **seat_of, now=NOW + timedelta(minutes=minutes))
    assert error.value.code == "leaving_not_taken_back"
    assert (presences(session), log(session)) == (before, logged)


# -- what a door shows -----------------------------------------------------------------------------


def local(hour: int, day: int = 0) -> datetime:
    return datetime.combine(FIRST_DAY, time(hour)) + timedelta(days=day)


def test_the_doors_are_those_of_today(session: Session) -> None:
    conference = make_conference(session)
    make_sitting(session, conference, key="tarde", starts_local=local(18))
    make_sitting(session, conference, key="manana", starts_local=local(9))
    make_session(session, conference, key="pausa", starts_local=local(11), kind="break")
    make_session(session, conference, key="suspendida", cancelled=True)
    make_session(session, conference, key="otro-dia", starts_local=local(9, day=1))
    make_session(session, make_conference(session), key="ajena")
    # 17:00 UTC is ten in the morning at the venue.
    found = doors(session, conference=view(session, conference), door=None, now=NOW)
    assert [door.key for door in found.choices] == [ENTRANCE, "manana", "tarde"]
    assert found.chosen.key == "manana"
    entrance = doors(session, conference=view(session, conference), door=ENTRANCE, now=NOW)
    assert entrance.chosen.key == ENTRANCE
    tomorrow = doors(session, conference=view(session, conference), door="otro-dia", now=NOW)
    assert tomorrow.chosen.key == "otro-dia"
    before = doors(session, conference=view(session, conference), door=None, now=NOW - timedelta(days=9))
    assert [door.key for door in before.choices] == [ENTRANCE]
    with pytest.raises(NotFound):
        doors(session, conference=view(session, conference), door="suspendida", now=NOW)


@pytest.mark.parametrize("people", [1, 3, 30])
def test_a_door_counts_people_and_seats_in_three_statements(
    session: Session, people: int, count_queries: Any
) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    other = make_sitting(session, conference)
    make_delegate(session, make_conference(session), chamber=Chamber.MX)
    make_seat(session, conference, chamber=Chamber.MX)
    for number in range(people):
        token, _ = seated(session, conference, make_seat(session, conference), number + 1)
        for door in (sitting.key, sitting.key, other.key):
            scan(session, conference, code(token), door=door)
    scan(session, conference, "nobody", door=sitting.key)
    mark_left(
        session,
        conference_id=conference.id,
        door=other.key,
        seat_id=session.scalars(select(Presence.seat_id)).all()[0],
        by=None,
        now=LATER,
    )
    conference_view, door = view(session, conference), sitting.key
    session.commit()
    with count_queries() as queries:
        place = doors(session, conference=conference_view, door=door, now=NOW)
        counts = door_counts(session, conference_id=conference_view.id, door=place.chosen)
    assert counts == DoorCounts(
        people, (ChamberPresence(Chamber.US, people, people), ChamberPresence(Chamber.MX, 0, 1))
    )
    assert len(queries) == 3


def test_the_entrance_counts_no_chambers(session: Session) -> None:
    conference = make_conference(session)
    scan(session, conference, code(enrol(session, conference)))
    place = doors(session, conference=view(session, conference), door=ENTRANCE, now=NOW)
    assert door_counts(session, conference_id=conference.id, door=place.chosen) == DoorCounts(1, ())


def test_a_scan_is_shown_for_a_while_to_whoever_made_it(session: Session) -> None:
    conference, volunteer, other = make_conference(session), make_account(session), make_account(session)
    token = enrol(session, conference)
    answer = check_in(
        session,
        conference_id=conference.id,
        door=ENTRANCE,
        text=code(token),
        by=volunteer.id,
        keys=(KEY,),
        now=NOW,
    )

    def shown(**values: Any) -> ShownScan | None:
        least = {"conference_id": conference.id, "scan_id": answer.scan_id, "by": volunteer.id, "now": LATER}
        return shown_scan(session, **least | values)

    found = shown()
    assert found is not None
    assert (found.outcome, found.badge_name) == (ScanOutcome.ADMITTED, "Nombre Reservado 1")
    assert shown(by=other.id) is None
    assert shown(conference_id=make_conference(session).id) is None
    assert shown(now=NOW + timedelta(minutes=15)) is None


def test_a_second_scan_says_since_when_and_a_delegate_which_seat(session: Session) -> None:
    conference, sitting, seat = sitting_with_seat(session)
    volunteer = make_account(session)
    organization = make_organization(session, conference, name="Club Ajeno")
    make_seat(session, conference, organization=organization)
    token, _ = seated(session, conference, seat)
    scan(session, conference, code(token), door=sitting.key)
    answer = check_in(
        session,
        conference_id=conference.id,
        door=sitting.key,
        text=code(token),
        by=volunteer.id,
        keys=(KEY,),
        now=LATER,
    )
    found = shown_scan(
        session, conference_id=conference.id, scan_id=answer.scan_id, by=volunteer.id, now=LATER
    )
    assert found is not None
    assert (found.outcome, found.first_at) == (ScanOutcome.ALREADY_ADMITTED, NOW)
    assert found.seat_of == seat_name(session, seat)
    assert present_seats(session, conference_id=conference.id, door=sitting.key) == (
        PresentSeat(seat.id, seat_name(session, seat), Chamber.US),
    )


def seat_name(session: Session, seat: Seat) -> str:
    return session.get_one(Organization, seat.organization_id).name


def test_a_refused_scan_names_nobody(session: Session) -> None:
    conference, volunteer = make_conference(session), make_account(session)
    token = enrol(session, conference)
    cancel_registration(session, token=token, now=NOW)
    answer = check_in(
        session,
        conference_id=conference.id,
        door=ENTRANCE,
        text=qr(conference, token),
        by=volunteer.id,
        keys=(KEY,),
        now=NOW,
    )
    shown = shown_scan(session, conference_id=conference.id, scan_id=answer.scan_id, by=volunteer.id, now=NOW)
    assert shown == ShownScan(ScanOutcome.CANCELLED)
