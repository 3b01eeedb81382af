"""At the same moment: the last places, the offer that runs out while it is taken, two who go at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference.domain.registration import HOLDING, Category, Purpose, RegistrationStatus, ServiceKind
from conference.domain.waiting import next_offers
from conference.models import OfferedService, Party, Registration, ServiceBooking
from conference.services.groups import register_group
from conference.services.parties import accept_offer, lapse_offers, leave_line
from conference.services.places import count_taken, read_house, read_line, room_in
from conference.services.registration import cancel_registration, register
from tests.conftest import ROOT
from tests.factories import NOW, make_conference, make_organization
from tests.places import set_capacity, set_places
from tests.races import at_once
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.databases import Prepared

KEY = b"tickets" * 5
GUEST = Category.ATTENDEE
CONFIRMED, WAITING, OFFERED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
)
_nonces = count(1)
PEOPLE, PLACES, PROCESSES = 200, 50, 4
# One of several processes that register people one after the other, each in its own transaction.
REGISTRAR = """
import sys
from datetime import datetime

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from conference.domain.registration import Category, Purpose
from conference.extensions import steady_sqlite
from conference.services.registration import register

url, conference_id, first, last, moment = sys.argv[1:]
engine = create_engine(url)
steady_sqlite(engine)
with Session(engine) as session:
    session.connection()
    session.rollback()
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(first), int(last)):
        register(
            session,
            conference_id=int(conference_id),
            badge_name="Nombre Reservado",
            category=Category.ATTENDEE,
            language="es",
            consents={Purpose.ATTEND},
            nonce=f"{number:032x}",
            key=b"k" * 32,
            now=datetime.fromisoformat(moment),
        )
        session.commit()
print("done", flush=True)
"""


def enrol(session: Session, conference_id: int, *, now: datetime = NOW, **bookings: dict[int, int]) -> str:
    return register(
        session,
        conference_id=conference_id,
        badge_name="Nombre Reservado",
        category=GUEST,
        language="es",
        consents={Purpose.ATTEND},
        nonce=f"{next(_nonces):032x}",
        key=KEY,
        now=now,
        **bookings,
    ).token


def with_places(session: Session, capacity: int, *, of_house: bool) -> Conference:
    conference = make_conference(session, days=20, capacity=capacity if of_house else None)
    if not of_house:
        set_places(
            session,
            conference_id=conference.id,
            category=GUEST,
            open=True,
            approval=False,
            capacity=capacity,
            by=None,
            now=NOW,
        )
    return conference


def check(session: Session, conference_id: int, *, places: int) -> None:
    """No more places are held than there are, and none is free that the head of the line could take."""
    session.rollback()
    session.expire_all()
    states = Counter(session.scalars(select(Registration.status)))
    assert sum(states[state] for state in HOLDING) <= places
    house = read_house(session, conference_id)
    room = room_in(house, count_taken(session, conference_id))
    assert next_offers(read_line(session, conference_id), room) == ()


@pytest.mark.parametrize("of_house", [False, True], ids=["of a category", "of the house"])
def test_two_hundred_who_come_at_once_by_several_processes_get_the_fifty_places_there_are(
    session: Session, prepared: Prepared, of_house: bool
) -> None:
    conference = with_places(session, PLACES, of_house=of_house)
    session.commit()
    url = prepared.engine.url.render_as_string(hide_password=False)
    share = PEOPLE // PROCESSES
    workers = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", REGISTRAR, url, str(conference.id)),
                *(str(share * place + 1), str(share * (place + 1) + 1), NOW.isoformat()),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in range(PROCESSES)
    ]
    try:
        assert [worker.stdout.readline() for worker in workers if worker.stdout] == ["ready\n"] * PROCESSES
        begun = time.monotonic()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        said = [worker.communicate(timeout=PATIENCE)[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    print(f"{PEOPLE} registrations in {time.monotonic() - begun:.1f} s")
    assert said == ["done\n"] * PROCESSES
    session.rollback()
    held = Counter(session.scalars(select(Registration.status)))
    assert held == {CONFIRMED: PLACES, WAITING: PEOPLE - PLACES}
    line = session.scalars(select(Party.size).where(Party.waiting_since.is_not(None))).all()
    assert line == [1] * (PEOPLE - PLACES)


@pytest.mark.parametrize("of_house", [False, True], ids=["of a category", "of the house"])
def test_an_offer_that_is_taken_while_it_runs_out_and_others_come_and_go_is_given_once(
    session: Session, prepared: Prepared, of_house: bool
) -> None:
    conference = with_places(session, 3, of_house=of_house)
    club_id = make_organization(session, conference).id
    number = conference.id
    holders = [enrol(session, number) for _each in range(3)]
    line = [enrol(session, number) for _each in range(3)]
    for holder in holders[:2]:
        cancel_registration(session, token=holder, now=NOW)
    session.commit()
    late = NOW + timedelta(hours=48)

    def group(own: Session) -> object:
        return register_group(
            own,
            conference_id=number,
            organization_id=club_id,
            category=GUEST,
            size=2,
            nonces=[f"{next(_nonces):032x}" for _each in range(2)],
            key=KEY,
            language="es",
            by=None,
            now=late,
        )

    # Nobody registers by an earlier clock than the one by which an offer has run out.
    acts: list[Callable[[Session], object]] = [
        lambda own: accept_offer(own, token=line[0], now=NOW),
        lambda own: accept_offer(own, token=line[0], now=NOW),
        lambda own: lapse_offers(own, letter=None, now=late),
        lambda own: lapse_offers(own, letter=None, now=late),
        lambda own: leave_line(own, token=line[1], now=NOW),
        lambda own: cancel_registration(own, token=holders[2], now=NOW),
        lambda own: enrol(own, number, now=late),
        group,
    ]
    came = at_once(prepared, *acts)
    assert len(came) == len(acts)
    check(session, number, places=3)
    parties = session.execute(
        select(Party.id, Registration.status).join(Registration, Registration.party_id == Party.id)
    ).all()
    states: dict[int, set[RegistrationStatus]] = {}
    for party_id, status in parties:
        states.setdefault(party_id, set()).add(status)
    assert {len(found) for found in states.values()} == {1}


@pytest.mark.parametrize("of_house", [False, True], ids=["of a category", "of the house"])
def test_groups_of_one_organization_at_once_hold_no_more_places_without_names_than_it_may(
    session: Session, prepared: Prepared, of_house: bool
) -> None:
    conference = with_places(session, 40, of_house=of_house)
    number, club_id = conference.id, make_organization(session, conference).id
    session.commit()

    def group(own: Session) -> object:
        return register_group(
            own,
            conference_id=number,
            organization_id=club_id,
            category=GUEST,
            size=4,
            nonces=[f"{next(_nonces):032x}" for _each in range(4)],
            key=KEY,
            language="es",
            by=None,
            now=NOW,
        )

    came = at_once(prepared, *[group] * 6)
    assert came.count("too_many_unnamed") == 4
    session.rollback()
    assert session.scalars(select(Registration.status)).all() == [CONFIRMED] * 8


def test_two_who_hold_places_and_two_turns_and_go_at_once_do_not_wait_in_a_circle(
    session: Session, prepared: Prepared
) -> None:
    conference = with_places(session, 4, of_house=True)
    number = conference.id
    holders = [enrol(session, number) for _each in range(4)]
    line = [enrol(session, number) for _each in range(4)]
    session.commit()
    gone = (*holders, *line[:2])
    came = at_once(
        prepared,
        *(lambda own, one=each: cancel_registration(own, token=one, now=NOW) for each in gone),
        lambda own: set_capacity(own, conference_id=number, capacity=3, by=None, now=NOW),
    )
    assert came == [None] * 7
    session.rollback()
    session.expire_all()
    states = Counter(session.scalars(select(Registration.status)))
    assert states == {RegistrationStatus.CANCELLED: 6, OFFERED: 2}


def test_the_last_place_of_a_service_is_booked_once(session: Session, prepared: Prepared) -> None:
    conference = make_conference(session)
    service = OfferedService(
        conference_id=conference.id, key="c", position=1, kind=ServiceKind.CHILDCARE, label={}, capacity=3
    )
    session.add(service)
    session.commit()
    number, booked = conference.id, {service.id: 2}
    session.rollback()
    came = at_once(prepared, *(lambda own: enrol(own, number, bookings=booked) for _each in range(4)))
    assert came.count("service_full") == 3
    session.rollback()
    assert session.scalars(select(ServiceBooking.places)).all() == [2]


def test_an_offer_and_whoever_comes_meanwhile_book_no_more_of_a_service_than_there_is(
    session: Session, prepared: Prepared
) -> None:
    conference = with_places(session, 2, of_house=False)
    number = conference.id
    service = OfferedService(
        conference_id=number, key="c", position=1, kind=ServiceKind.CHILDCARE, label={}, capacity=3
    )
    session.add(service)
    session.flush()
    wish = {service.id: 2}
    holders = [enrol(session, number) for _each in range(2)]
    for _each in range(2):
        enrol(session, number, bookings=wish)
    session.commit()

    def press(own: Session) -> object:
        return register(
            own,
            conference_id=number,
            badge_name="Nombre Reservado",
            category=Category.PRESS,
            language="es",
            consents={Purpose.ATTEND},
            nonce=f"{next(_nonces):032x}",
            key=KEY,
            now=NOW,
            bookings=wish,
        )

    at_once(
        prepared,
        *(lambda own, one=each: cancel_registration(own, token=one, now=NOW) for each in holders),
        *[press] * 3,
    )
    session.rollback()
    assert session.scalars(select(ServiceBooking.places)).all() == [2]
    states = Counter(session.scalars(select(Registration.status).where(Registration.category == GUEST)))
    assert states == {RegistrationStatus.CANCELLED: 2, OFFERED: 2}


def test_a_group_without_names_is_measured_by_the_number_that_is_decided_at_this_moment(
    session: Session, prepared: Prepared
) -> None:
    conference = make_conference(session, capacity=100)
    group = {
        "conference_id": conference.id,
        "organization_id": make_organization(session, conference).id,
        "category": GUEST,
        "size": 12,
        "nonces": [f"{next(_nonces):032x}" for _each in range(12)],
        "key": KEY,
        "language": "es",
        "by": None,
        "now": NOW,
    }
    number = conference.id
    session.commit()
    decided = threading.Event()

    def lower(own: Session) -> None:
        set_capacity(own, conference_id=number, capacity=20, by=None, now=NOW)
        decided.set()
        time.sleep(0.3)

    def come_meanwhile(own: Session) -> None:
        decided.wait(PATIENCE)
        register_group(own, **group)

    assert sorted(map(str, at_once(prepared, lower, come_meanwhile))) == ["None", "too_many_unnamed"]
