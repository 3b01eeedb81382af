"""The queue carries numbers of rows, after the commit; it may lose them, and can run nothing else."""

from __future__ import annotations

import os
import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from conference.domain.jobs import JobKind, JobState
from conference.domain.mail import MessageKind
from conference.extensions import db
from conference.models import Job, Message
from conference.services.jobs import ask_for
from conference.services.mail import queue_message
from conference.web import queue
from conference.web.carriers import Numbers, connect
from conference.web.queue import JOB, MESSAGE, current_queue, enqueue_after_commit, sweep
from tests.queues import KINDS, queue_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.web.carriers import Carrier

NOTHING_DUE_YET = timedelta(hours=1)


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with queue_address(request.param, tmp_path) as address:
        yield address


def carried(carrier: Carrier) -> list[tuple[str, int]]:
    """Take everything off the queue, as a worker does, without doing it."""
    found = []
    while carrier.length():
        task = carrier.huey.dequeue()
        found.append((task.name, task.args[0]))
    return found


def test_numbers_come_out_as_they_went_in_on_every_kind_of_queue(address: str) -> None:
    done: list[tuple[str, int]] = []
    carrier = connect(address, lambda kind, row: done.append((kind, row)), (MESSAGE, JOB))
    for kind, row in ((MESSAGE, 7), (JOB, 7), (MESSAGE, 2**40)):
        carrier.put(kind, row)
    assert carrier.length() == 3
    assert [bytes(item) for item in carrier.huey.storage.enqueued_items()][:1] != [pickle.dumps(7)]
    items = {bytes(item) for item in carrier.huey.storage.enqueued_items()}
    assert b'{"row": 7, "task": "job"}' in items
    while carrier.length():
        carrier.huey.dequeue().execute()
    assert done == [(MESSAGE, 7), (JOB, 7), (MESSAGE, 2**40)]
    carrier.huey.storage.close()


class Bomb:
    """What runs as soon as pickle reads it."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("this-must-not-exist",)


@pytest.mark.parametrize(
    "planted",
    [
        pickle.dumps(Bomb()),
        b"",
        b"[]",
        b"7",
        b'{"row": 7}',
        b'{"row": 7, "task": "os.system"}',
        b'{"row": "7", "task": "job"}',
        b'{"row": true, "task": "job"}',
        b'{"row": -1, "task": "job"}',
        b'{"row": 9223372036854775808, "task": "job"}',
        b'{"row": 7, "task": "job", "kwargs": {}}',
        b"\xff\xfe",
    ],
)
def test_whoever_can_write_to_the_queue_can_run_nothing(planted: bytes) -> None:
    with pytest.raises(ValueError):
        Numbers({"job": "conference.job"}).deserialize(planted)
    assert not os.path.exists("this-must-not-exist")  # noqa: PTH110


def test_an_address_of_no_queue_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="QUEUE: use") as refused:
        connect("amqp://u:geheim@mail.example.org", lambda kind, row: None, (JOB,))
    assert "geheim" not in str(refused.value)


# -- after the commit ------------------------------------------------------------------------------


@pytest.fixture
def queueing(build_app: Callable[..., Flask], tmp_path: Path) -> Iterator[Flask]:
    app = build_app(QUEUE=f"sqlite:///{tmp_path / 'queue.sqlite'}", MAIL_SERVER=f"file://{tmp_path}/mail")
    with app.app_context():
        yield app
        current_queue().carrier.huey.storage.close()


def write(session: Session, number: int, *, at: datetime | None = None) -> None:
    moment = at or datetime.now(UTC)
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key=f"aviso-{number}",
        recipient="secreta@example.org",
        language="es",
        subject="Aviso",
        body="Hola\n",
        now=moment,
    )
    ask_for(
        session,
        kind=JobKind.PURGE,
        conference_id=None,
        asked_by=None,
        key=f"trabajo-{number}",
        parameters={"dry_run": True},
        now=moment,
    )


def ids(kind: type[Message] | type[Job]) -> list[int]:
    found = [row.id for row in db.session.query(kind).order_by(kind.id)]
    db.session.rollback()
    return found


def waiting() -> set[tuple[str, int]]:
    return set(carried(current_queue().carrier))


def test_what_a_transaction_writes_is_on_the_queue_once_it_has_committed(queueing: Flask) -> None:
    write(db.session(), 1)
    db.session.flush()
    assert waiting() == set()
    db.session.commit()
    assert waiting() == {(MESSAGE, ids(Message)[0]), (JOB, ids(Job)[0])}
    db.session.commit()
    assert waiting() == set()


def test_what_was_taken_back_is_not(queueing: Flask) -> None:
    write(db.session(), 1)
    db.session.flush()
    db.session.rollback()
    write(db.session(), 2)
    db.session.commit()
    assert waiting() == {(MESSAGE, ids(Message)[0]), (JOB, ids(Job)[0])}


def test_releasing_a_savepoint_is_no_commit(queueing: Flask) -> None:
    with db.session.begin_nested():
        write(db.session(), 1)
    assert waiting() == set()
    db.session.commit()
    assert len(waiting()) == 2


def test_a_row_that_was_there_before_can_be_put_on_it_once_more(queueing: Flask) -> None:
    write(db.session(), 1)
    db.session.commit()
    waiting()
    message = db.session.query(Message).one()
    enqueue_after_commit(MESSAGE, message.id)
    assert waiting() == set()
    db.session.commit()
    assert waiting() == {(MESSAGE, ids(Message)[0])}


def test_the_queue_holds_no_word_about_anybody(queueing: Flask, tmp_path: Path) -> None:
    write(db.session(), 1)
    db.session.commit()
    current_queue().carrier.huey.storage.close()
    files = b"".join(path.read_bytes() for path in tmp_path.glob("queue.sqlite*"))
    assert b'"task": "message"' in files
    assert b"secreta" not in files
    assert b"Aviso" not in files


def test_without_a_queue_nothing_is_carried_and_nothing_does_itself(app: Flask) -> None:
    with app.app_context():
        write(db.session(), 1)
        db.session.commit()
        assert not current_queue().put(JOB, 1)


@pytest.mark.parametrize(
    "address", ["redis://127.0.0.1:1/0", "postgresql://nobody@127.0.0.1:1/none", "sqlite:////proc/no/queue"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_queue_that_is_away_costs_no_answer_and_the_sweep_does_the_work(
    build_app: Callable[..., Flask], tmp_path: Path, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    app = build_app(QUEUE=address, MAIL_SERVER=f"file://{tmp_path}/mail")
    with app.app_context():
        write(db.session(), 1)
        db.session.commit()
        assert "the queue took nothing" in caplog.text
        assert "secreta" not in caplog.text
        # Ours, and the purge of today where its hour has come.
        assert sweep() in {2, 3}
        assert db.session.query(Job).filter_by(key="trabajo-1").one().state is JobState.DONE
        assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
        db.session.rollback()


# -- the sweep -------------------------------------------------------------------------------------


def test_what_the_queue_lost_is_put_on_it_again(queueing: Flask) -> None:
    write(db.session(), 1)
    write(db.session(), 2, at=datetime.now(UTC) + NOTHING_DUE_YET / 60)
    db.session.commit()
    assert len(waiting()) == 4
    sweep()
    found = waiting()
    assert {(MESSAGE, ids(Message)[0]), (JOB, min(ids(Job)))} <= found
    assert (MESSAGE, ids(Message)[1]) not in found


def test_a_queue_that_is_full_does_not_grow_with_every_sweep(
    queueing: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "BATCH", 4)
    for number in range(3):
        write(db.session(), number)
    db.session.commit()
    carrier = current_queue().carrier
    for _sweep in range(3):
        sweep()
    # Six rows of this test, and at most the purge of today.
    assert 6 <= carrier.length() <= 7
    carried(carrier)
    assert sweep() >= 4
    assert carrier.length() <= 8


def test_a_row_that_is_on_the_queue_twice_is_done_once(queueing: Flask, tmp_path: Path) -> None:
    write(db.session(), 1)
    db.session.commit()
    sweep()
    sweep()
    carrier = current_queue().carrier
    while carrier.length():
        carrier.huey.dequeue().execute()
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
    assert db.session.query(Job).filter_by(key="trabajo-1").one().attempts == 1
    db.session.rollback()


def test_a_number_of_no_row_does_nothing(queueing: Flask, caplog: pytest.LogCaptureFixture) -> None:
    for kind in (MESSAGE, JOB):
        current_queue().do(kind, 999_999)
    assert caplog.text == ""
