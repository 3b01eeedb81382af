"""The outbox: written with its cause, handed out under a lease, forgotten afterwards."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conference.domain.mail import (
    BACK_OFF,
    LEASE,
    NO_ANSWER,
    MessageKind,
    MessageState,
    Outcome,
)
from conference.domain.retention import PERIODS
from conference.models import Message
from conference.queries.mail import mail_counts, outbox
from conference.services.mail import (
    Letter,
    catch_up_with_clock,
    forget_message,
    hand_over,
    hasten,
    lease_message,
    queue_message,
    record_bounce,
    record_outcome,
    retry,
)
from conference.services.purge import purge
from tests.factories import NOW, make_conference
from tests.letters import made_reference
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from datetime import datetime

    from tests.databases import Prepared

MOMENT = timedelta(seconds=1)
EMPTY = ("", "", "", None)


def queue(session: Session, key: str = "aviso-1", **values: Any) -> None:
    words = {
        "kind": MessageKind.NOTICE,
        "recipient": "secreta@example.org",
        "language": "es",
        "subject": "Su código",
        "body": "https://localhost/enlace-secreto\n",
        "unsubscribe": "/es/mail/stop/enlace-secreto",
        "now": NOW,
    }
    queue_message(session, key=key, **words | values)
    session.commit()


def row(session: Session, key: str = "aviso-1") -> Message:
    session.expire_all()
    return session.scalars(select(Message).where(Message.key == key)).one()


def words(message: Message) -> tuple[str, str, str, str | None]:
    return message.recipient, message.subject, message.body, message.unsubscribe


def leased(session: Session, now: datetime = NOW, **which: Any) -> Letter:
    letter = lease_message(session, now=now, **which)
    session.commit()
    assert letter is not None
    return letter


def given(session: Session, now: datetime = NOW) -> Letter:
    """A message whose words are given to a server from now on."""
    letter = hand_over(session, letter=leased(session, now), now=now)
    session.commit()
    assert letter is not None
    return letter


def tell(session: Session, letter: Letter, outcome: Outcome, now: datetime = NOW, **values: Any) -> None:
    record_outcome(session, letter=letter, outcome=outcome, now=now, **values)
    session.commit()


def key_of(session: Session, letter: Letter) -> str:
    return session.scalars(select(Message.key).where(Message.reference == letter.reference)).one()


# -- one message -----------------------------------------------------------------------------------


def test_a_rolled_back_cause_sends_nothing(session: Session) -> None:
    queue(session)
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key="aviso-2",
        recipient="otra@example.org",
        language="es",
        subject="",
        body="",
        now=NOW,
    )
    session.flush()
    session.rollback()
    assert key_of(session, leased(session)) == "aviso-1"
    assert lease_message(session, now=NOW) is None


def test_one_cause_writes_one_mail(session: Session) -> None:
    queue(session)
    with pytest.raises(IntegrityError):
        queue(session)


def test_a_letter_is_what_was_queued(session: Session) -> None:
    queue(session)
    assert leased(session) == Letter(
        id=row(session).id,
        reference=row(session).reference,
        recipient="secreta@example.org",
        language="es",
        subject="Su código",
        body="https://localhost/enlace-secreto\n",
        attempt=1,
        until=NOW + LEASE,
        unsubscribe="/es/mail/stop/enlace-secreto",
    )


def test_what_a_mail_is_known_by_outside_is_drawn_and_stays_with_it(session: Session) -> None:
    keys = [f"ticket-{number}" for number in range(1, 21)]
    for key in keys:
        queue(session, key)
    drawn = {key: row(session, key).reference for key in keys}
    assert len(set(drawn.values())) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", reference) for reference in drawn.values())
    # Nobody works it out from the key, which counts registrations.
    assert not {made_reference(key) for key in keys} & set(drawn.values())
    letter = given(session)
    again = leased(session, NOW + LEASE, message_id=letter.id)
    assert (again.reference, again.attempt) == (drawn["ticket-1"], 2)


def test_mails_leave_in_the_order_they_were_due(session: Session) -> None:
    keys = ("tercero", "primero", "segundo")
    for key, seconds in zip(keys, (1, 3, 2), strict=True):
        queue(session, key, now=NOW - seconds * MOMENT)
    queue(session, "mañana", now=NOW + timedelta(days=1))
    assert [key_of(session, leased(session)) for _ in range(3)] == ["primero", "segundo", "tercero"]
    assert lease_message(session, now=NOW) is None


def test_one_message_is_asked_for_by_its_number(session: Session) -> None:
    queue(session, "uno")
    queue(session, "dos")
    second = row(session, "dos").id
    assert key_of(session, leased(session, message_id=second)) == "dos"
    assert lease_message(session, message_id=second, now=NOW) is None
    assert lease_message(session, message_id=second + 1000, now=NOW) is None


def test_what_was_sent_forgets_to_whom_and_what(session: Session) -> None:
    queue(session)
    tell(session, given(session), Outcome.SENT)
    sent = row(session)
    assert (sent.state, sent.sent_at, sent.repeats, words(sent)) == (MessageState.SENT, NOW, 0, EMPTY)
    assert lease_message(session, now=NOW + timedelta(days=365)) is None


def test_a_lease_keeps_others_away_and_runs_out(session: Session) -> None:
    queue(session)
    leased(session)
    assert lease_message(session, now=NOW + LEASE - MOMENT) is None
    assert leased(session, NOW + LEASE).attempt == 2


def test_whose_lease_ran_out_gives_no_words_to_a_server(session: Session) -> None:
    queue(session)
    slow = leased(session)
    quick = leased(session, NOW + LEASE)
    assert hand_over(session, letter=slow, now=NOW + LEASE) is None
    assert hand_over(session, letter=quick, now=NOW + LEASE) is not None
    session.commit()
    assert row(session).repeats == 0


def test_what_was_withdrawn_while_it_was_leased_is_given_to_nobody(session: Session) -> None:
    queue(session)
    letter = leased(session)
    forget_message(session, key="aviso-1")
    session.commit()
    assert hand_over(session, letter=letter, now=NOW) is None
    assert (row(session).state, words(row(session))) == (MessageState.WITHDRAWN, EMPTY)


def test_failures_are_tried_again_later_and_later_and_then_given_up(session: Session) -> None:
    queue(session)
    now = NOW
    for pause in BACK_OFF:
        tell(session, leased(session, now), Outcome.UNREACHED, now, trouble="451")
        assert lease_message(session, now=now + pause - MOMENT) is None
        now += pause
    assert row(session).state is MessageState.QUEUED
    tell(session, leased(session, now), Outcome.UNREACHED, now, trouble="451")
    failed = row(session)
    assert (failed.state, failed.attempts, failed.trouble) == (MessageState.FAILED, len(BACK_OFF) + 1, "451")
    assert failed.recipient == "secreta@example.org"
    assert lease_message(session, now=now + timedelta(days=365)) is None


def test_whose_recipient_is_unknown_comes_back_at_once(session: Session) -> None:
    queue(session)
    tell(session, leased(session), Outcome.UNKNOWN_RECIPIENT, trouble="550")
    assert (row(session).state, words(row(session))) == (MessageState.BOUNCED, EMPTY)


def test_words_without_an_answer_are_given_once_more_and_counted(session: Session) -> None:
    queue(session)
    tell(session, given(session), Outcome.UNANSWERED, trouble="TimeoutError")
    assert (row(session).state, row(session).repeats) == (MessageState.QUEUED, 0)
    later = NOW + BACK_OFF[0]
    tell(session, given(session, later), Outcome.SENT, later)
    assert (row(session).state, row(session).repeats) == (MessageState.SENT, 1)


def test_who_dies_after_giving_the_words_is_followed_by_one_other_at_most(session: Session) -> None:
    queue(session)
    given(session)
    assert row(session).trouble == NO_ANSWER
    given(session, NOW + LEASE)
    assert lease_message(session, now=NOW + 2 * LEASE) is None
    session.commit()
    uncertain = row(session)
    assert (uncertain.state, uncertain.repeats) == (MessageState.UNCERTAIN, 1)
    assert uncertain.recipient == "secreta@example.org"


def test_what_was_sent_after_all_is_believed_however_late(session: Session) -> None:
    queue(session)
    slow = given(session)
    quick = leased(session, NOW + LEASE)
    tell(session, slow, Outcome.SENT, NOW + LEASE)
    assert hand_over(session, letter=quick, now=NOW + LEASE) is None
    tell(session, quick, Outcome.UNREACHED, NOW + LEASE)
    assert (row(session).state, row(session).repeats) == (MessageState.SENT, 0)


def test_a_failure_told_too_late_changes_nothing(session: Session) -> None:
    queue(session)
    slow = given(session)
    given(session, NOW + LEASE)
    tell(session, slow, Outcome.REFUSED, NOW + LEASE + MOMENT)
    assert (row(session).repeats, row(session).trouble) == (1, NO_ANSWER)


def test_a_code_that_is_too_old_is_not_sent(session: Session) -> None:
    queue(session, "viejo", useless_after=NOW + LEASE)
    queue(session, "vigente", useless_after=NOW + 2 * LEASE)
    late = NOW + LEASE + MOMENT
    assert key_of(session, leased(session, late)) == "vigente"
    assert (row(session, "viejo").state, words(row(session, "viejo"))) == (MessageState.EXPIRED, EMPTY)


# -- by hand ---------------------------------------------------------------------------------------


def change(session: Session, key: str, **values: Any) -> None:
    message = row(session, key)
    for name, value in values.items():
        setattr(message, name, value)
    session.commit()


def give_up(session: Session, key: str, **values: Any) -> None:
    queue(session, key, **values)
    change(session, key, state=MessageState.FAILED, attempts=7, trouble="451")


def test_what_is_late_is_tried_at_once_and_what_is_in_hand_is_left_alone(session: Session) -> None:
    own, other = make_conference(session), make_conference(session)
    for key, conference in (("tarde", own), ("ajena", other)):
        queue(session, key, conference_id=conference.id)
        tell(session, leased(session), Outcome.UNREACHED, trouble="ConnectionRefusedError")
    queue(session, "en-mano", conference_id=own.id)
    in_hand = leased(session)
    (notices,) = mail_counts(session, conference_id=own.id, time_zone="UTC", now=NOW)
    assert (notices.unreached, notices.next_try) == (1, NOW + timedelta(minutes=1))
    assert hasten(session, conference_id=own.id, now=NOW) == (row(session, "tarde").id,)
    assert row(session, "tarde").due_at == NOW
    assert row(session, "en-mano").due_at == in_hand.until
    assert row(session, "ajena").due_at == NOW + timedelta(minutes=1)
    assert hasten(session, conference_id=own.id, now=NOW) == ()


def test_what_was_given_up_is_tried_again_for_the_conference_that_asks(session: Session) -> None:
    own, other = make_conference(session), make_conference(session)
    give_up(session, "propia", conference_id=own.id)
    give_up(session, "ajena", conference_id=other.id)
    give_up(session, "entrada", kind=MessageKind.SIGN_IN)
    # What happened to an account, which belongs to no conference.
    give_up(session, "llave", kind=MessageKind.NOTICE)
    queue(session, "incierta", conference_id=own.id)
    change(session, "incierta", state=MessageState.UNCERTAIN, repeats=1)
    later = NOW + timedelta(hours=1)
    assert len(retry(session, conference_id=own.id, now=later)) == 4
    session.commit()
    found = {message.key: (message.state, message.attempts) for message in session.scalars(select(Message))}
    again = (MessageState.QUEUED, 0)
    assert found == dict.fromkeys(("propia", "entrada", "llave", "incierta"), again) | {
        "ajena": (MessageState.FAILED, 7)
    }
    assert row(session, "incierta").repeats == 1
    assert retry(session, conference_id=own.id, now=later) == ()


def test_what_was_given_up_is_forgotten_after_three_days(session: Session) -> None:
    conference = make_conference(session)
    give_up(session, "vieja", conference_id=conference.id)
    give_up(session, "nueva", conference_id=conference.id, now=NOW + MOMENT)
    report = purge(
        session,
        sign_ins=timedelta(days=30),
        staff_sign_ins=timedelta(hours=14),
        now=NOW + PERIODS.given_up + MOMENT,
    )
    session.commit()
    assert report.letters == 1
    assert words(row(session, "vieja")) == EMPTY
    assert row(session, "nueva").recipient == "secreta@example.org"
    assert len(retry(session, conference_id=conference.id, now=NOW)) == 1


@pytest.mark.parametrize("state", list(MessageState))
def test_only_what_was_given_to_a_server_comes_back(session: Session, state: MessageState) -> None:
    queue(session)
    queue(session, "otra")
    change(session, "aviso-1", state=state)
    back = record_bounce(session, reference=row(session).reference, now=NOW)
    session.commit()
    given_away = state in {MessageState.SENT, MessageState.UNCERTAIN}
    assert back == int(given_away)
    assert row(session).state is (MessageState.BOUNCED if given_away else state)
    assert row(session, "otra").state is MessageState.QUEUED
    assert (words(row(session)) == EMPTY) is given_away


def test_what_came_back_while_nobody_knew_whether_it_was_sent_is_not_sent_again(session: Session) -> None:
    queue(session)
    given(session)
    assert record_bounce(session, reference=row(session).reference, now=NOW) == 1
    session.commit()
    assert lease_message(session, now=NOW + LEASE) is None


def test_nothing_comes_back_that_was_not_ours(session: Session) -> None:
    queue(session)
    assert record_bounce(session, reference="0" * 32, now=NOW) == 0


# -- the clock -------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [1, 24, 24 * 400])
def test_a_clock_that_was_set_back_strands_nothing(session: Session, hours: int) -> None:
    queue(session, "nueva")
    queue(session, "tomada", now=NOW - MOMENT)
    queue(session, "entregada", now=NOW - 2 * MOMENT)
    queue(session, "fallida", now=NOW - 3 * MOMENT)
    tell(session, leased(session), Outcome.UNREACHED, trouble="451")
    given(session)
    leased(session)
    back = NOW - timedelta(hours=hours)
    assert lease_message(session, now=back) is None
    assert catch_up_with_clock(session, now=back) == 4
    session.commit()
    keys = {key_of(session, leased(session, back)) for _ in range(4)}
    assert keys == {"nueva", "tomada", "entregada", "fallida"}


def test_a_clock_that_is_right_hurries_nothing(session: Session) -> None:
    for attempts in range(1, len(BACK_OFF) + 1):
        queue(session, f"aviso-{attempts}")
        due = NOW + BACK_OFF[attempts - 1]
        change(session, f"aviso-{attempts}", attempts=attempts, trouble="451", due_at=due)
    queue(session, "tomada")
    change(session, "tomada", due_at=NOW + LEASE)
    assert catch_up_with_clock(session, now=NOW) == 0


# -- counts ----------------------------------------------------------------------------------------


def test_counts_tell_how_many_and_never_to_whom(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    give_up(session, "fallida", conference_id=conference.id)
    give_up(session, "ajena", conference_id=other.id)
    queue(session, "tarde", conference_id=conference.id, now=NOW - timedelta(hours=1))
    tell(session, leased(session), Outcome.UNREACHED, trouble="451")
    queue(session, "nueva", conference_id=conference.id)
    for key, sent in (("hoy", NOW), ("ayer", NOW - timedelta(days=1))):
        queue(session, key, kind=MessageKind.SIGN_IN)
        change(session, key, state=MessageState.SENT, sent_at=sent, repeats=1)
    sign_in, notices = mail_counts(
        session, conference_id=conference.id, time_zone="America/Los_Angeles", now=NOW
    )
    nothing = dict.fromkeys(("bounced", "uncertain", "expired", "withdrawn"), 0)
    assert vars_of(notices) == nothing | {
        "kind": MessageKind.NOTICE,
        "queued": 2,
        "due": 1,
        "failing": 1,
        "attempts": 1,
        "sent": 0,
        "sent_today": 0,
        "failed": 1,
        "repeated": 0,
        "retriable": 1,
        "oldest": NOW - timedelta(hours=1),
        "unreached": 0,
        "next_try": NOW + timedelta(minutes=1),
    }
    assert vars_of(sign_in) == nothing | {
        "kind": MessageKind.SIGN_IN,
        "queued": 0,
        "due": 0,
        "failing": 0,
        "attempts": 0,
        "sent": 2,
        "sent_today": 1,
        "failed": 0,
        "repeated": 2,
        "retriable": 0,
        "oldest": None,
        "unreached": 0,
        "next_try": None,
    }


def vars_of(counts: Any) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in counts.__dataclass_fields__}


def test_two_senders_at_once_take_each_mail_once(prepared: Prepared, session: Session) -> None:
    keys = [f"aviso-{number:02}" for number in range(20)]
    for key in keys:
        queue(session, key)
    taken: list[str] = []
    ready = threading.Barrier(2, timeout=PATIENCE)

    def work() -> None:
        ready.wait()
        with Session(prepared.engine) as own:
            while (letter := lease_message(own, now=NOW)) is not None:
                own.commit()
                letter = hand_over(own, letter=letter, now=NOW) or replace(letter, reference="lost")
                own.commit()
                taken.append(letter.reference)
                record_outcome(own, letter=letter, outcome=Outcome.SENT, now=NOW)
                own.commit()

    senders = [threading.Thread(target=work) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(PATIENCE)
    assert sorted(taken) == sorted(row(session, key).reference for key in keys)
    assert outbox(session) == dict.fromkeys(MessageState, 0) | {MessageState.SENT: 20}
