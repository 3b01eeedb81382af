"""Writing to those who come: looked at before it is sent, done by a worker, and once only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.jobs import JobKind, JobState
from conference.domain.registration import Category, Purpose
from conference.domain.tickets import ticket_token, token_digest
from conference.extensions import db
from conference.models import Consent, Job, Message, RoleGrant
from conference.services.jobs import release, take
from conference.services.notices_to_people import BATCH
from conference.web import jobs
from conference.web.keys import key_for
from conference.web.notices import write_to_people
from conference.web.queue import sweep
from tests.factories import NOW, grant, make_conference, make_registration, sign_in
from tests.forms import form_of, send, submit

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Conference, Registration
    from tests.clients import CheckedClient

NOTICES = "/en/muestra/notices"
WORDS = {"text_es": "Traiga su taza.\n\nGracias.", "text_en": "Bring your cup.\n\nThanks."}


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


@pytest.fixture
def organizer(client: CheckedClient, session: Session, conference: Conference) -> CheckedClient:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return client


def make_readers(
    session: Session, conference: Conference, number: int, **values: object
) -> list[Registration]:
    rows = []
    for _each in range(number):
        row = make_registration(session, conference, **values)
        row.contact_email = f"secreta-{row.id}@example.org"
        consent = {"purpose": Purpose.REMINDERS, "text_version": 1, "language": "es", "given_at": NOW}
        session.add(Consent(registration_id=row.id, **consent))
        rows.append(row)
    session.flush()
    return rows


def look(client: CheckedClient, **values: str) -> TestResponse:
    return submit(client, NOTICES, to="/notices/preview", **WORDS | values)


def send_it(client: CheckedClient, previewed: TestResponse, **values: str) -> TestResponse:
    """Press the second button of the form, which sends it elsewhere."""
    form = form_of(previewed, "/notices/preview")
    button = form.select_one("button[formaction]")
    assert button is not None
    form["action"] = button["formaction"]
    return send(client, form, **values)


def work(app: Flask, session: Session) -> Job:
    """Do what was asked for, as a worker does."""
    session.commit()
    with app.app_context():
        for job_id in db.session.scalars(select(Job.id)).all():
            jobs.run(job_id)
    session.rollback()
    return session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()


def letters(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.id)))


def test_the_letters_are_shown_in_both_languages_before_anything_is_sent(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 6)
    answer = look(organizer)
    page = BeautifulSoup(answer.text, "html5lib")
    assert [each["lang"] for each in page.select("article")] == ["es", "en"]
    assert ("Bring your cup." in answer.text, "Traiga su taza." in answer.text) == (True, True)
    assert "To 6 people" in answer.text
    assert "secreta" not in answer.text
    assert session.scalars(select(Job)).all() == []


def test_each_reader_gets_one_letter_in_their_language_with_a_way_out(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 4)
    make_readers(session, conference, 2, language="en")
    make_registration(session, conference, contact_email="no-dijo-si@example.org")
    sent = send_it(organizer, look(organizer))
    assert sent.status_code == 303
    job = work(app, session)
    assert (job.state, job.report, job.total) == (JobState.DONE, {"letters": 6}, 6)
    assert organizer.get(sent.location).status_code == 200
    found = letters(session)
    assert [(each.language, each.subject) for each in found] == [
        *[("es", found[0].subject)] * 4,
        *[("en", "A message for you")] * 2,
    ]
    assert ("Traiga su taza." in found[0].body, "Bring your cup." in found[5].body) == (True, True)
    assert all(each.unsubscribe and each.unsubscribe in each.body for each in found)
    client_stop = organizer.get(found[0].unsubscribe or "")
    assert client_stop.status_code == 200
    # Neither the conference nor any other reader is in a letter.
    for each in found:
        others = [other.recipient for other in found if other is not each]
        assert not any(name in each.subject + each.body for name in (*others, "Conference", "Salem"))


def test_a_second_tap_and_a_second_worker_write_nothing_more(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 5)
    previewed = look(organizer)
    first, second = send_it(organizer, previewed), send_it(organizer, previewed)
    assert first.location == second.location
    job = work(app, session)
    # As if the worker had died after the letters, and before it was noted that they are written.
    job.state, job.ended_at, job.due_at = JobState.QUEUED, None, NOW
    assert work(app, session).state is JobState.DONE
    assert len(letters(session)) == 5
    log = organizer.get("/en/muestra/audit").text
    assert log.count("wrote to those who come: everybody together") == 1


def test_a_job_that_is_stopped_half_way_writes_to_the_others_later(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 2 * BATCH + 50)
    send_it(organizer, look(organizer))
    stopping = app.extensions["queue"].stopping
    session.commit()

    def stop_after_the_first_batch(done: int, _total: int | None = None) -> None:
        if done:
            raise jobs.Stopped

    with app.app_context():
        job_id = db.session.scalars(select(Job.id)).one()
        work_in_hand = take(db.session(), job_id=job_id, now=datetime.now(UTC))
        db.session.commit()
        assert work_in_hand is not None
        with pytest.raises(jobs.Stopped):
            write_to_people(work_in_hand, stop_after_the_first_batch)  # type: ignore[arg-type]
        db.session.rollback()
        release(db.session(), work=work_in_hand, now=datetime.now(UTC))
        db.session.commit()
    assert (len(letters(session)), stopping.is_set()) == (BATCH, False)
    job = work(app, session)
    assert (job.state, job.report) == (JobState.DONE, {"letters": 2 * BATCH + 50})
    found = letters(session)
    assert len({letter.recipient for letter in found}) == len(found) == 2 * BATCH + 50


def test_what_was_changed_after_the_look_is_looked_at_first(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 5)
    answer = send_it(organizer, look(organizer), text_en="Something else.")
    assert (answer.status_code, "Look at the letters once more" in answer.text) == (409, True)
    assert send_it(organizer, answer).status_code == 303


def test_a_few_are_not_written_to_and_not_counted(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 6)
    make_readers(session, conference, 3, category=Category.PRESS)
    previewed = look(organizer, group="category:press")
    assert "To how many is not shown" in previewed.text
    answer = send_it(organizer, previewed)
    assert (answer.status_code, "Fewer than 5 people would get this" in answer.text) == (409, True)
    assert session.scalars(select(Job)).all() == []


def test_where_nobody_agreed_to_be_written_to_nothing_is_offered_to_be_sent(
    organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_registration(session, conference)
    previewed = look(organizer)
    assert "nothing can be sent yet" in previewed.text
    assert form_of(previewed, "/notices/preview").select_one("button[formaction]") is None


@pytest.mark.parametrize("lacking", ["text_es", "text_en"])
def test_words_are_needed_in_both_languages(organizer: CheckedClient, lacking: str) -> None:
    answer = look(organizer, **{lacking: ""})
    page = BeautifulSoup(answer.text, "html5lib")
    other = "text_en" if lacking == "text_es" else "text_es"
    assert answer.status_code == 422
    assert page.select_one(f"#{other}").text.strip() == WORDS[other]  # type: ignore[union-attr]


def test_an_old_proof_is_renewed_first_and_the_words_are_kept(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    earlier = datetime.now(UTC) - timedelta(hours=1)
    sign_in(client, grant(session, conference, Role.ORGANIZER), proved_at=earlier, assured_at=earlier)
    answer = look(client)
    assert (answer.status_code, answer.location.startswith("/en/confirm")) == (303, True)
    assert "Bring your cup." in client.get(f"{NOTICES}/preview").text


def test_whoever_organizes_no_more_writes_to_nobody(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 5)
    send_it(organizer, look(organizer))
    session.delete(session.scalars(select(RoleGrant)).one())
    job = work(app, session)
    assert (job.state, job.failure, letters(session)) == (JobState.FAILED, "asker_withdrawn", [])


def facts(answer: TestResponse) -> dict[str, str]:
    """Return what a page says in its list of facts."""
    shown = BeautifulSoup(answer.text, "html5lib").select(".facts div")
    return {each.dt.text.strip(): each.dd.text.strip() for each in shown}  # type: ignore[union-attr]


def test_the_work_tells_the_number_of_everybody_and_of_no_part_of_them(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 9)
    make_readers(session, conference, 6, category=Category.DELEGATE)
    make_readers(session, conference, 2, category=Category.PRESS)
    to_delegates = send_it(organizer, look(organizer, group="category:delegate")).location
    job = session.scalars(select(Job)).one()
    job.state, job.attempts, job.done, job.total = JobState.RUNNING, 2, 3, 6
    running = organizer.get(to_delegates)
    polled = BeautifulSoup(running.text, "html5lib").select_one("[hx-get]")["hx-get"]  # type: ignore[index]
    assert ("50 %" in running.text, "of 6" in running.text, str(polled).endswith("running-2-50-100-0")) == (
        True,
        False,
        True,
    )
    assert "Nobody is written to twice." in running.text
    job.state, job.attempts, job.done, job.total = JobState.QUEUED, 0, 0, None
    assert work(app, session).report == {"letters": 6}
    # Together with the seventeen of everybody the six would tell of the two.
    assert facts(organizer.get(to_delegates)) == {"Letters written": "not shown"}
    assert "Letters written: not shown" in words(organizer.get("/en/muestra/jobs"))
    to_all = send_it(organizer, look(organizer)).location
    work(app, session)
    assert facts(organizer.get(to_all)) == {"Letters written": "17"}


def words(answer: TestResponse) -> str:
    return " ".join(BeautifulSoup(answer.text, "html5lib").get_text(" ").split()).replace(" : ", ": ")


def test_whoever_stops_a_notice_reads_that_what_was_written_is_sent(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    make_readers(session, conference, 5)
    page = send_it(organizer, look(organizer)).location
    stopped = send(organizer, form_of(organizer.get(page), "/cancel"))
    told = words(organizer.get(stopped.location))
    assert "letters that were written by then are sent all the same" in told
    assert "Nothing of it was kept" not in told
    assert (work(app, session).failure, letters(session)) == ("job_cancelled", [])


def test_a_reminder_to_a_few_is_listed_without_their_number(
    app: Flask, organizer: CheckedClient, session: Session, conference: Conference
) -> None:
    session.add(
        Job(
            key="r" * 43,
            kind=JobKind.WRITE_TO_PEOPLE,
            conference_id=conference.id,
            state=JobState.DONE,
            parameters={"reminder": 1},
            asked_at=NOW,
            due_at=NOW,
            ended_at=NOW,
            report={"letters": 4},
            done=4,
            total=4,
        )
    )
    session.flush()
    listed = words(organizer.get("/en/muestra/jobs"))
    assert ("Letters written: not shown" in listed, "Letters written: 4" in listed) == (True, False)


# -- reminders -------------------------------------------------------------------------------------


@pytest.fixture
def near(session: Session) -> Conference:
    """A conference that begins tomorrow; the hour of its last reminder has come."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    # Whatever the hour is now, it is after nine, and before midnight, in one of these.
    hour = datetime.now(UTC).hour
    zone = "UTC" if hour >= 9 else "Asia/Tokyo" if hour < 6 else "Asia/Karachi"
    return make_conference(session, first_day=tomorrow, time_zone=zone, slug="cerca")


def test_a_reminder_goes_out_by_itself_once_with_the_ticket(
    app: Flask, session: Session, near: Conference, client: CheckedClient
) -> None:
    app.config["QUEUE"] = ""
    with app.app_context():
        key = key_for("tickets")
    token = ticket_token(f"{5:032x}", key=key)
    registered_at = datetime.now(UTC) - timedelta(days=9)
    row, other = make_readers(session, near, 2, registered_at=registered_at)
    row.ticket_nonce, row.token_digest = f"{5:032x}", token_digest(token)
    session.commit()
    for _sweep in range(2):
        with app.app_context():
            sweep()
        work(app, session)
    found = letters(session)
    assert [each.key.rsplit("-", 1)[1] for each in found] == [str(row.id), str(other.id)]
    assert f"/es/tickets/{token}" in found[0].body
    assert "/es/tickets/" not in found[1].body
    assert found[0].useless_after is not None
    assert client.get(f"/es/tickets/{token}").status_code == 200
