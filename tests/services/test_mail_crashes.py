"""The outbox under crashes at any moment, in any order, with a clock that jumps: held against a model.

The model is the world outside: how often each mail really arrived. Nothing is lost, no mail arrives more
often than the outbox counts, and what it calls sent has arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from conference.domain.mail import (
    BACK_OFF,
    LEASE,
    STILL_KNOWN,
    MessageKind,
    MessageState,
    Outcome,
    pause,
)
from conference.extensions import Base
from conference.models import Conference, Message
from conference.services.mail import (
    Letter,
    catch_up_with_clock,
    forget_message,
    hand_over,
    lease_message,
    queue_message,
    record_outcome,
    retry,
)
from tests.factories import NOW

ENGINE = create_engine("sqlite://")
TABLES = [Conference.__table__, Message.__table__]
CONFERENCE = 1
STEPS = (timedelta(seconds=1), LEASE, *BACK_OFF, timedelta(days=2))


@dataclass
class Flight:
    """What one sender has in hand; it may die at any moment."""

    letter: Letter
    given: bool = False
    arrived: bool = False


@dataclass
class Truth:
    """What really happened to one mail."""

    arrivals: int = 0
    by_hand: int = 0
    useless: bool = False
    withdrawn: bool = False


class Outbox(RuleBasedStateMachine):
    """Senders, a server, a clock, and people who withdraw and retry."""

    def __init__(self) -> None:
        super().__init__()
        Base.metadata.drop_all(ENGINE, tables=TABLES)
        Base.metadata.create_all(ENGINE, tables=TABLES)
        self.session = Session(ENGINE)
        self.now = NOW
        self.truth: dict[str, Truth] = {}
        self.flights: list[Flight] = []

    def teardown(self) -> None:
        """Once nothing crashes any more, every mail comes to an end, and to its recipient."""
        self.drain()
        for message in self.messages():
            truth = self.truth[message.key]
            assert message.state is not MessageState.QUEUED
            # Nothing else than these ends a mail unsent: crashes do not.
            excused = truth.useless or truth.withdrawn or message.state is MessageState.UNCERTAIN
            failed = message.state in {MessageState.FAILED, MessageState.BOUNCED}
            assert truth.arrivals or excused or failed
        self.session.close()

    def drain(self) -> None:
        for _try in range(20):
            catch_up_with_clock(self.session, now=self.now)
            while (letter := lease_message(self.session, now=self.now)) is not None:
                given = hand_over(self.session, letter=letter, now=self.now)
                assert given is not None
                self.truth[self.key_of(given)].arrivals += 1
                record_outcome(self.session, letter=given, outcome=Outcome.SENT, now=self.now)
                self.session.commit()
            self.session.commit()
            self.now += timedelta(days=1)

    def messages(self) -> list[Message]:
        self.session.expire_all()
        return list(self.session.scalars(select(Message)))

    def key_of(self, letter: Letter) -> str:
        return self.session.scalars(select(Message.key).where(Message.reference == letter.reference)).one()

    # -- causes --

    # Two are enough to get into each other's way, and few enough to come far.
    @precondition(lambda self: len(self.truth) < 2)
    @rule(minutes=st.none() | st.integers(min_value=1, max_value=60))
    def queue(self, minutes: int | None) -> None:
        key = f"aviso-{len(self.truth)}"
        self.truth[key] = Truth(useless=minutes is not None)
        queue_message(
            self.session,
            kind=MessageKind.NOTICE,
            key=key,
            conference_id=CONFERENCE,
            recipient="secreta@example.org",
            language="es",
            subject="Su código",
            body="Hola\n",
            now=self.now,
            useless_after=None if minutes is None else self.now + timedelta(minutes=minutes),
        )
        self.session.commit()

    @precondition(lambda self: self.truth)
    @rule(data=st.data(), meant=st.sampled_from((False,) * 9 + (True,)))
    def withdraw(self, data: st.DataObject, meant: bool) -> None:
        key = f"aviso-{data.draw(st.integers(min_value=0, max_value=len(self.truth) - 1))}"
        if meant:
            self.truth[key].withdrawn = True
            forget_message(self.session, key=key)
            self.session.commit()

    @rule()
    def retry_by_hand(self) -> None:
        for message in self.messages():
            if message.state in {MessageState.FAILED, MessageState.UNCERTAIN} and message.recipient:
                self.truth[message.key].by_hand += 1
        retry(self.session, conference_id=CONFERENCE, now=self.now)
        self.session.commit()

    # -- senders --

    @precondition(lambda self: self.truth)
    @rule()
    def lease(self) -> None:
        letter = lease_message(self.session, now=self.now)
        self.session.commit()
        if letter is not None:
            self.flights.append(Flight(letter))

    def one_of(self, data: st.DataObject, *, given: bool | None = None) -> Flight | None:
        """Choose one of the senders: of those who have given their words or have not, if asked."""
        fit = [flight for flight in self.flights if given in {None, flight.given}]
        return data.draw(st.sampled_from(fit)) if fit else None

    @precondition(lambda self: any(not flight.given for flight in self.flights))
    @rule(data=st.data())
    def give(self, data: st.DataObject) -> None:
        flight = self.one_of(data, given=False)
        assert flight is not None
        self.hand(flight)

    def hand(self, flight: Flight) -> None:
        letter = hand_over(self.session, letter=flight.letter, now=self.now)
        self.session.commit()
        if letter is None:
            self.flights.remove(flight)
        else:
            flight.given, flight.letter = True, letter

    @precondition(lambda self: any(flight.given and not flight.arrived for flight in self.flights))
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        waiting = [flight for flight in self.flights if flight.given and not flight.arrived]
        self.let_arrive(data.draw(st.sampled_from(waiting)))

    def let_arrive(self, flight: Flight) -> None:
        flight.arrived = True
        self.truth[self.key_of(flight.letter)].arrivals += 1

    @precondition(lambda self: self.flights)
    @rule(data=st.data(), heard=st.booleans(), unknown=st.booleans())
    def tell(self, data: st.DataObject, heard: bool, unknown: bool) -> None:
        flight = self.one_of(data)
        assert flight is not None
        self.say(flight, heard=heard, unknown=unknown)

    def say(self, flight: Flight, *, heard: bool, unknown: bool) -> None:
        self.flights.remove(flight)
        record_outcome(
            self.session,
            letter=flight.letter,
            outcome=self.outcome(flight, heard=heard, unknown=unknown),
            now=self.now,
            trouble="trouble",
        )
        self.session.commit()

    @precondition(lambda self: self.truth)
    @rule(steps=st.integers(min_value=1, max_value=3), heard=st.sampled_from((None, True, False)))
    def go_far(self, steps: int, heard: bool | None) -> None:
        """Somebody takes what is due next, comes as far as `steps`, and tells of it, or dies (None)."""
        self.wait()
        before = len(self.flights)
        self.lease()
        if len(self.flights) == before:
            return
        flight = self.flights[-1]
        if steps > 1:
            self.hand(flight)
        if steps > 2 and flight.given:
            self.let_arrive(flight)
        if heard is not None and flight in self.flights:
            self.say(flight, heard=heard, unknown=False)
        elif flight in self.flights:
            self.flights.remove(flight)

    def wait(self) -> None:
        """Let time pass until something is due."""
        due = [message.due_at for message in self.messages() if message.state is MessageState.QUEUED]
        self.now = max(self.now, min(due, default=self.now))

    @staticmethod
    def outcome(flight: Flight, *, heard: bool, unknown: bool) -> Outcome:
        if flight.given and not heard:
            return Outcome.UNANSWERED
        if flight.arrived:
            return Outcome.SENT
        if unknown and flight.letter.attempt > 2:
            return Outcome.UNKNOWN_RECIPIENT
        return Outcome.REFUSED if flight.given else Outcome.UNREACHED

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def kill(self, data: st.DataObject) -> None:
        """Nobody hears of this sender again; whether its mail arrived was decided before."""
        flight = self.one_of(data)
        assert flight is not None
        self.flights.remove(flight)

    # -- the clock --

    @rule(step=st.sampled_from(STEPS))
    def time_passes(self, step: timedelta) -> None:
        self.now += step

    @rule(step=st.sampled_from(STEPS))
    def clock_is_set_back(self, step: timedelta) -> None:
        self.now -= step

    @rule()
    def sweep(self) -> None:
        catch_up_with_clock(self.session, now=self.now)
        self.session.commit()
        for message in self.messages():
            if message.state is MessageState.QUEUED:
                assert message.due_at <= self.now + pause(len(BACK_OFF), jitter=1.0)

    # -- what always holds --

    @invariant()
    def no_mail_arrives_more_often_than_is_counted(self) -> None:
        for message in self.messages():
            truth = self.truth[message.key]
            assert truth.arrivals <= 1 + message.repeats
            assert message.repeats <= 1 + truth.by_hand

    @invariant()
    def what_is_called_sent_has_arrived_and_what_failed_has_not(self) -> None:
        for message in self.messages():
            truth = self.truth[message.key]
            if message.state is MessageState.SENT:
                assert truth.arrivals >= 1
            if message.state is MessageState.FAILED:
                assert truth.arrivals == 0

    @invariant()
    def words_are_known_as_long_as_somebody_may_send_them(self) -> None:
        for message in self.messages():
            assert (message.recipient != "") is (message.state in STILL_KNOWN)


def test_whoever_dies_whenever_nothing_is_lost_and_repeats_are_counted() -> None:
    run_state_machine_as_test(Outbox, settings=settings(max_examples=60, stateful_step_count=40))
