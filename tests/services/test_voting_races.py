"""What happens when people press at once: threads of one process, and processes of one machine."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agreements import Choice
from conference import models
from conference.domain.errors import Conflict, DomainError
from conference.domain.voting import AlreadyVoted, record_from_json
from conference.services.voting import cast_ballot, close_question, open_question
from tests.factories import NOW
from tests.halls import CLAUSE, make_hall
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.databases import Prepared
    from tests.halls import Hall

ROOT = Path(__file__).resolve().parents[2]

# One voter in a process of its own: gets ready, says so, waits for the word, votes, says what came of it.
VOTER = """
import sys
from datetime import UTC, datetime
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from agreements import Choice
from conference.domain.errors import DomainError
from conference.extensions import steady_sqlite
from conference.services.voting import cast_ballot

url, conference, number, account, choice = sys.argv[1:]
engine = create_engine(url)
steady_sqlite(engine)
with Session(engine) as session:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        cast_ballot(session, conference_id=int(conference), number=int(number), account_id=int(account),
                    choices=[Choice(choice)], now=datetime.now(UTC))
        session.commit()
        print("recorded")
    except DomainError as error:
        print(error.code)
"""


def at_once(prepared: Prepared, acts: Sequence[Callable[[Session], object]]) -> list[object]:
    """Run every act in a thread and a session of its own, all begun together; a refusal is its result."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> object:
        with Session(prepared.engine) as session:
            ready.wait()
            try:
                done = act(session)
                session.commit()
            except DomainError as error:
                return error
            return done

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def ballot(hall: Hall, number: int, account_id: int, choice: Choice) -> Callable[[Session], object]:
    conference_id = hall.conference.id

    def act(session: Session) -> object:
        return cast_ballot(
            session,
            conference_id=conference_id,
            number=number,
            account_id=account_id,
            choices=[choice],
            now=NOW,
        )

    return act


def cast_ballots(session: Session) -> list[tuple[int, Choice]]:
    session.rollback()
    rows = session.execute(select(models.Ballot.unit, models.Ballot.choice).order_by(models.Ballot.unit))
    return [tuple(row) for row in rows]


def test_of_eight_threads_that_vote_for_one_seat_one_is_recorded(
    session: Session, prepared: Prepared
) -> None:
    hall = make_hall(session, us=(3, 1, 1))
    number, account_id = hall.open(), hall.us[0].account.id
    choices = [Choice.YES, Choice.NO] * 4
    acts = [ballot(hall, number, account_id, choice) for choice in choices]
    session.commit()

    results = at_once(prepared, acts)

    recorded = [
        choice for choice, result in zip(choices, results, strict=True) if not isinstance(result, Conflict)
    ]
    assert [type(result) for result in results].count(AlreadyVoted) == 7
    assert cast_ballots(session) == [(unit, recorded[0]) for unit in (1, 2, 3)]


def test_of_two_processes_that_vote_for_one_seat_one_is_recorded(
    session: Session, prepared: Prepared
) -> None:
    hall = make_hall(session, us=(2, 1, 1))
    number = hall.open()
    url = prepared.engine.url.render_as_string(hide_password=False)
    common = [
        sys.executable,
        "-c",
        VOTER,
        url,
        str(hall.conference.id),
        str(number),
        str(hall.us[0].account.id),
    ]
    session.commit()
    voters = [
        subprocess.Popen(
            [*common, choice], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for choice in ("yes", "no")
    ]
    assert [voter.stdout.readline() for voter in voters if voter.stdout] == ["ready\n", "ready\n"]
    for voter in voters:
        assert voter.stdin
        voter.stdin.write("now\n")
        voter.stdin.flush()

    said = {choice: voter.communicate()[0].strip() for choice, voter in zip(Choice, voters, strict=False)}

    assert sorted(said.values()) == ["already_voted", "recorded"]
    winner = next(choice for choice, word in said.items() if word == "recorded")
    assert cast_ballots(session) == [(1, winner), (2, winner)]


def test_a_person_of_two_seats_who_votes_for_both_at_once_is_recorded_for_one(
    session: Session, prepared: Prepared
) -> None:
    hall = make_hall(session)
    number, one, two = hall.open(), hall.us[0], hall.mx[0]
    registration_id = hall.credential(two).registration_id
    session.get_one(models.Registration, registration_id).account_id = one.account.id
    account_id, presence_id = one.account.id, hall.presence(one).id
    session.commit()
    first_seat, second_seat = ballot(hall, number, account_id, Choice.YES), threading.Event()

    def in_the_first_seat(own: Session) -> object:
        receipt = first_seat(own)
        if own.get_bind().dialect.name == "postgresql":
            # Walks out at the other door, and votes in the second seat before this is committed.
            with Session(prepared.engine) as door:
                door.get_one(models.Presence, presence_id).left_at = NOW
                door.commit()
            second_seat.set()
            time.sleep(0.5)
        else:
            own.get_one(models.Presence, presence_id).left_at = NOW
            second_seat.set()
        return receipt

    def in_the_second_seat(own: Session) -> object:
        second_seat.wait(PATIENCE)
        return first_seat(own)

    results = at_once(prepared, [in_the_first_seat, in_the_second_seat])

    assert getattr(results[1], "code", None) == "voted_for_another_seat"
    assert cast_ballots(session) == [(1, Choice.YES)]


def test_every_ballot_that_was_taken_before_the_closing_is_counted(
    session: Session, prepared: Prepared
) -> None:
    hall = make_hall(session, us=[1] * 6, mx=[1] * 6)
    number, chair_id, conference_id = hall.open(), hall.chair.id, hall.conference.id
    acts = [ballot(hall, number, one.account.id, Choice.YES) for one in [*hall.us, *hall.mx]]
    session.commit()

    def close(of: Session) -> object:
        return close_question(of, conference_id=conference_id, number=number, by=chair_id, now=NOW)

    results = at_once(prepared, [*acts[:6], close, *acts[6:]])

    refused = [result.code for result in results if isinstance(result, DomainError)]
    record = record_from_json(hall.question(number).record)
    counted = sum(chamber.count.yes for chamber in record.values())
    assert set(refused) <= {"question_closed"}
    assert counted == len(cast_ballots(session)) == 12 - len(refused)


def test_of_two_chairs_who_open_the_same_clause_one_does(session: Session, prepared: Prepared) -> None:
    hall = make_hall(session)
    values = {
        "conference_id": hall.conference.id,
        "sitting_id": hall.sitting.id,
        "provision_key": CLAUSE,
        "rule": hall.conference.default_rule,
        "by": hall.chair.id,
        "now": NOW,
    }
    session.commit()

    results = at_once(prepared, [lambda of: open_question(of, **values)] * 4)

    assert [result for result in results if not isinstance(result, Conflict)] == [1]
    assert session.scalar(select(func.count(models.Question.id))) == 1
    assert session.scalar(select(func.count(models.Elector.id))) == 6
