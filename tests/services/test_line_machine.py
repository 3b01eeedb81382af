"""Whoever comes, goes, answers or does not, in whatever order: no place is sold twice, none is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from conference.domain.errors import DomainError
from conference.domain.registration import HOLDING, OVER, Category, Purpose, RefusalReason, RegistrationStatus
from conference.domain.waiting import MOST_LAPSES, in_order, next_offers
from conference.extensions import Base
from conference.models import Party, Registration
from conference.services.decisions import approve, reject, set_priority
from conference.services.groups import register_group
from conference.services.parties import (
    accept_offer,
    lapse_offers,
    leave_line,
    offer_freed,
    shrink_party,
)
from conference.services.places import count_taken, read_house, read_line, room_in
from conference.services.registration import cancel_registration, register
from tests.factories import NOW, make_conference, make_organization
from tests.places import set_capacity, set_places

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = b"tickets" * 5
CATEGORIES = (Category.ATTENDEE, Category.PRESS)
IN_LINE = (RegistrationStatus.WAITING, RegistrationStatus.OFFERED)
numbers = st.none() | st.integers(min_value=0, max_value=6)


class Line(RuleBasedStateMachine):
    """A conference with few places, and everything that can be done about them."""

    def __init__(self) -> None:
        super().__init__()
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        self.session = Session(engine)
        conference = make_conference(self.session, days=4000, offer_hours=1)
        self.conference_id = conference.id
        self.organization_id = make_organization(self.session, conference).id
        self.session.commit()
        self.nonces = count(1)
        self.now: datetime = NOW
        self.tokens: dict[int, str] = {}
        # How many places were held a moment ago, by category, and of all.
        self.before: dict[Category | None, int] = {}

    def teardown(self) -> None:
        self.session.close()

    def act(self, do: Callable[[], object]) -> None:
        """Do something, or be refused; and let a moment pass, so that nobody comes at the same time."""
        self.now += timedelta(seconds=1)
        try:
            do()
            self.session.commit()
        except DomainError:
            self.session.rollback()

    def nonce(self) -> str:
        return f"{next(self.nonces):032x}"

    def standing(self, *states: RegistrationStatus) -> list[Registration]:
        return list(
            self.session.scalars(
                select(Registration).where(Registration.status.in_(states)).order_by(Registration.id)
            )
        )

    def some(self, data: st.DataObject, *states: RegistrationStatus) -> Registration | None:
        found = self.standing(*states)
        return data.draw(st.sampled_from(found)) if found else None

    # -- who comes --

    @rule(category=st.sampled_from(CATEGORIES))
    def come(self, category: Category) -> None:
        def enrol() -> None:
            issued = register(
                self.session,
                conference_id=self.conference_id,
                badge_name="Nombre Reservado",
                category=category,
                language="es",
                consents={Purpose.ATTEND},
                nonce=self.nonce(),
                key=KEY,
                now=self.now,
            )
            self.tokens[issued.registration_id] = issued.token

        self.act(enrol)

    @rule(category=st.sampled_from(CATEGORIES), size=st.integers(min_value=1, max_value=4))
    def come_together(self, category: Category, size: int) -> None:
        def enrol() -> None:
            registered = register_group(
                self.session,
                conference_id=self.conference_id,
                organization_id=self.organization_id,
                category=category,
                size=size,
                nonces=[self.nonce() for _each in range(size)],
                key=KEY,
                language="es",
                by=None,
                now=self.now,
            )
            assert len({ticket.status for ticket in registered.tickets}) == 1
            self.tokens |= {ticket.registration_id: ticket.token for ticket in registered.tickets}

        self.act(enrol)

    # -- who goes --

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        gone = self.some(data, *HOLDING, RegistrationStatus.WAITING)
        if gone is not None:
            self.act(lambda: cancel_registration(self.session, token=self.tokens[gone.id], now=self.now))

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        gone = self.some(data, *IN_LINE)
        if gone is not None:
            self.act(lambda: leave_line(self.session, token=self.tokens[gone.id], now=self.now))

    @rule(data=st.data(), size=st.integers(min_value=1, max_value=3))
    def shrink(self, data: st.DataObject, size: int) -> None:
        parties = self.session.scalars(select(Party.id).order_by(Party.id)).all()
        if parties:
            party_id = data.draw(st.sampled_from(parties))
            self.act(
                lambda: shrink_party(
                    self.session,
                    party_id=party_id,
                    organization_id=self.organization_id,
                    size=size,
                    now=self.now,
                )
            )

    # -- who answers --

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        offered = self.some(data, RegistrationStatus.OFFERED)
        if offered is not None:
            self.act(lambda: accept_offer(self.session, token=self.tokens[offered.id], now=self.now))

    @rule(data=st.data(), yes=st.booleans())
    def answer(self, data: st.DataObject, yes: bool) -> None:
        asking = self.some(data, RegistrationStatus.PENDING)
        if asking is None:
            return
        common = {
            "conference_id": self.conference_id,
            "registration_id": asking.id,
            "by": None,
            "now": self.now,
        }
        if yes:
            self.act(lambda: approve(self.session, **common))
        else:
            self.act(lambda: reject(self.session, reason=RefusalReason.TWICE, **common))

    @rule(data=st.data(), priority=st.integers(min_value=0, max_value=2))
    def change_turn(self, data: st.DataObject, priority: int) -> None:
        waiting = self.some(data, RegistrationStatus.WAITING)
        if waiting is not None and waiting.party_id is not None:
            party_id = waiting.party_id
            self.act(
                lambda: set_priority(
                    self.session,
                    conference_id=self.conference_id,
                    party_id=party_id,
                    priority=priority,
                    by=None,
                    now=self.now,
                )
            )

    # -- who decides --

    @rule(category=st.sampled_from(CATEGORIES), capacity=numbers, approval=st.booleans())
    def decide(self, category: Category, capacity: int | None, approval: bool) -> None:
        self.act(
            lambda: set_places(
                self.session,
                conference_id=self.conference_id,
                category=category,
                open=True,
                approval=approval,
                capacity=capacity,
                by=None,
                now=self.now,
            )
        )

    @rule(capacity=numbers)
    def decide_for_all(self, capacity: int | None) -> None:
        self.act(
            lambda: set_capacity(
                self.session, conference_id=self.conference_id, capacity=capacity, by=None, now=self.now
            )
        )

    # -- what time does --

    @rule(minutes=st.sampled_from((1, 59, 61)))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.standing(RegistrationStatus.OFFERED))
    @rule()
    def sweep(self) -> None:
        self.act(lambda: lapse_offers(self.session, letter=None, now=self.now))
        # Whatever freed a place has offered it already.
        assert offer_freed(self.session, conference_id=self.conference_id, letter=None, now=self.now) == 0
        self.session.commit()

    # -- what always holds --

    def held(self, category: Category | None) -> int:
        holds = [Registration.status.in_(HOLDING)]
        if category is not None:
            holds.append(Registration.category == category)
        return self.session.scalar(select(func.count()).select_from(Registration).where(*holds)) or 0

    @invariant()
    def no_place_is_sold_twice(self) -> None:
        house = read_house(self.session, self.conference_id)
        limits: dict[Category | None, int | None] = {None: house.capacity}
        limits |= {category: house.setting(category).capacity for category in CATEGORIES}
        for category, capacity in limits.items():
            held = self.held(category)
            if capacity is not None:
                # Over a number that was lowered it only ever becomes less.
                assert held <= max(capacity, self.before.get(category, held))
            self.before[category] = held

    @invariant()
    def no_place_is_free_that_somebody_waits_for(self) -> None:
        house = read_house(self.session, self.conference_id)
        room = room_in(house, count_taken(self.session, self.conference_id))
        assert next_offers(read_line(self.session, self.conference_id), room) == ()

    @invariant()
    def a_party_stands_as_one(self) -> None:
        rows = self.session.execute(
            select(Party, Registration.status).join(Registration, Registration.party_id == Party.id)
        )
        states: dict[Party, set[RegistrationStatus]] = {}
        for party, status in rows:
            states.setdefault(party, set()).add(status)
        for party, (status,) in ((party, tuple(found)) for party, found in states.items()):
            assert status not in OVER
            waits = status in IN_LINE
            assert (party.waiting_since is not None, party.offered_until is not None) == (
                waits,
                status is RegistrationStatus.OFFERED,
            )
            assert not waits or party.lapsed < MOST_LAPSES
        known = set(self.session.scalars(select(Party.id)))
        assert known == {party.id for party in states}

    @invariant()
    def who_is_gone_is_forgotten(self) -> None:
        for row in self.standing(*OVER):
            assert (row.badge_name, row.party_id, row.organization_id) == ("", None, None)

    @invariant()
    def the_order_is_one(self) -> None:
        line = in_order(read_line(self.session, self.conference_id))
        assert len({(party.priority, party.since, party.party_id) for party in line}) == len(line)


def test_whatever_happens_no_place_is_sold_twice_and_none_is_lost() -> None:
    run_state_machine_as_test(Line, settings=settings(max_examples=15, stateful_step_count=40, deadline=None))
