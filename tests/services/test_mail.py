"""The outbox: written with its cause, sent once, forgotten afterwards."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conference.domain.mail import MessageKind, MessageState
from conference.models import Message
from conference.queries.mail import outbox
from conference.services.mail import (
    BACK_OFF,
    LEASE,
    Letter,
    lease_message,
    queue_message,
    record_failure,
    record_sent,
)
from tests.factories import NOW

if TYPE_CHECKING:
    from tests.databases import Prepared

MOMENT = timedelta(seconds=1)


def queue(session: Session, key: str = "aviso-1", **values: Any) -> None:
    words = {
        "recipient": "secreta@example.org",
        "language": "es",
        "subject": "Su código",
        "body": "https://localhost/enlace-secreto\n",
        "now": NOW,
    }
    queue_message(session, kind=MessageKind.NOTICE, key=key, **words | values)
    session.commit()


def the_message(session: Session) -> Message:
    session.expire_all()
    return session.scalars(select(Message)).one()


def leased(session: Session, now: Any = NOW) -> Letter:
    letter = lease_message(session, now=now)
    session.commit()
    assert letter is not None
    return letter


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
    assert leased(session).key == "aviso-1"
    assert lease_message(session, now=NOW) is None


def test_one_cause_writes_one_mail(session: Session) -> None:
    queue(session)
    with pytest.raises(IntegrityError):
        queue(session)


def test_a_letter_is_what_was_queued(session: Session) -> None:
    queue(session)
    letter = leased(session)
    assert letter == Letter(
        id=the_message(session).id,
        key="aviso-1",
        recipient="secreta@example.org",
        language="es",
        subject="Su código",
        body="https://localhost/enlace-secreto\n",
    )


def test_mails_leave_in_the_order_they_were_due(session: Session) -> None:
    queue(session, "tercero", now=NOW - MOMENT)
    queue(session, "primero", now=NOW - 3 * MOMENT)
    queue(session, "segundo", now=NOW - 2 * MOMENT)
    queue(session, "mañana", now=NOW + timedelta(days=1))
    assert [leased(session).key for _ in range(3)] == ["primero", "segundo", "tercero"]
    assert lease_message(session, now=NOW) is None


def test_what_was_sent_forgets_to_whom_and_what(session: Session) -> None:
    queue(session)
    record_sent(session, message_id=leased(session).id, now=NOW)
    session.commit()
    sent = the_message(session)
    assert (sent.state, sent.sent_at, sent.recipient, sent.subject, sent.body) == (
        MessageState.SENT,
        NOW,
        "",
        "",
        "",
    )
    assert lease_message(session, now=NOW + timedelta(days=365)) is None


def test_a_lease_keeps_others_away_and_runs_out(session: Session) -> None:
    queue(session)
    leased(session)
    assert lease_message(session, now=NOW + LEASE - MOMENT) is None
    assert leased(session, NOW + LEASE).key == "aviso-1"


def test_failures_are_tried_again_later_and_later_and_then_given_up(session: Session) -> None:
    queue(session)
    now = NOW
    for pause in BACK_OFF:
        record_failure(session, message_id=leased(session, now).id, now=now)
        session.commit()
        assert lease_message(session, now=now + pause - MOMENT) is None
        now += pause
    assert the_message(session).state is MessageState.QUEUED
    record_failure(session, message_id=leased(session, now).id, now=now)
    session.commit()
    failed = the_message(session)
    assert (failed.state, failed.attempts) == (MessageState.FAILED, len(BACK_OFF) + 1)
    assert (failed.recipient, failed.subject, failed.body) == ("", "", "")
    assert lease_message(session, now=now + timedelta(days=365)) is None


def test_a_failure_told_too_late_leaves_a_sent_mail_sent(session: Session) -> None:
    queue(session)
    slow = leased(session)
    quick = leased(session, NOW + LEASE)
    record_sent(session, message_id=quick.id, now=NOW + LEASE)
    record_failure(session, message_id=slow.id, now=NOW + LEASE + MOMENT)
    session.commit()
    assert the_message(session).state is MessageState.SENT


def test_two_postmen_at_once_take_each_mail_once(prepared: Prepared, session: Session) -> None:
    keys = [f"aviso-{number:02}" for number in range(20)]
    for key in keys:
        queue(session, key)
    taken: list[str] = []
    ready = threading.Barrier(2, timeout=10)

    def work() -> None:
        ready.wait()
        with Session(prepared.engine) as own:
            while (letter := lease_message(own, now=NOW)) is not None:
                own.commit()
                taken.append(letter.key)
                record_sent(own, message_id=letter.id, now=NOW)
                own.commit()

    postmen = [threading.Thread(target=work) for _ in range(2)]
    for postman in postmen:
        postman.start()
    for postman in postmen:
        postman.join(30)
    assert sorted(taken) == keys
    assert outbox(session) == {MessageState.QUEUED: 0, MessageState.SENT: 20, MessageState.FAILED: 0}
