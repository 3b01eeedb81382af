"""Long work on its pages: who may start it, what it says, what it hands out, and how often."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update

from agreements.ledger import read_entry
from conference.domain.accounts import Role
from conference.domain.jobs import ATTEMPTS, JobKind, JobState
from conference.domain.retention import HoldReason
from conference.domain.schedule_xml import SIZE_LIMIT
from conference.extensions import db
from conference.models import (
    Account,
    AuditEntry,
    Conference,
    Job,
    ProgramSession,
    Registration,
    RoleGrant,
    SignIn,
)
from conference.services.holds import begin_hold
from conference.services.jobs import Outcome, Work, step, take
from conference.web import jobs
from tests.factories import grant, make_account, make_conference, make_registration, sign_in
from tests.queues import do_due

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

EVENT = """
      <event id="{number}" guid="guid-{number}">
        <start>{hour:02}:00</start><duration>00:30</duration><title>Mesa {number}</title>
        <type>panel</type><language>es</language><persons><person id="1">Ponente Uno</person></persons>
      </event>"""


def schedule(events: int = 3, *, zone: str = "America/Mexico_City", faulty: str = "") -> bytes:
    rows = "".join(EVENT.format(number=number, hour=8 + number % 12) for number in range(1, events + 1))
    named = f"<time_zone_name>{zone}</time_zone_name>" if zone else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<schedule>
  <conference><title>Encuentro de prueba</title><acronym>encuentro-2027</acronym>{named}</conference>
  <day index="1" date="2027-07-10">
    <room name="Salón Mayor">{rows}{faulty}
    </room>
  </day>
</schedule>
""".encode()


@pytest.fixture
def conference(session: Session) -> Conference:
    # The server's clock is real: a conference of long ago would be forgotten, with whoever organizes it.
    return make_conference(session, slug="muestra", first_day=datetime.now(UTC).date())


@pytest.fixture
def organizer(session: Session, conference: Conference, client: CheckedClient) -> CheckedClient:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return client


def token(client: CheckedClient, address: str = "/es/muestra/jobs") -> str:
    text = client.get(address).get_data(as_text=True)
    return text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def upload(client: CheckedClient, content: bytes, **fields: str) -> TestResponse:
    data: dict[str, Any] = {"slug": "", "zone": "", "language": "es", "csrf_token": token(client)}
    data |= fields | {"file": (io.BytesIO(content), "schedule.xml")}
    return client.post("/es/muestra/jobs/import", data=data, content_type="multipart/form-data")


def post_bytes(client: CheckedClient, content: bytes) -> TestResponse:
    """Send a file as a browser does, without a token: how much is read of it is decided first."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="s.xml"\r\n\r\n'
    return client.post(
        "/es/muestra/jobs/import",
        data=head + content + b"\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )


def start_purge(client: CheckedClient, **fields: str) -> str:
    answer = client.post("/es/muestra/jobs/purge", data={"csrf_token": token(client)} | fields)
    assert answer.status_code == 303
    return answer.location


def work(app: Flask) -> int:
    with app.app_context():
        return do_due()


def text(client: CheckedClient, address: str, **headers: str) -> str:
    return client.get(address, headers=headers).get_data(as_text=True)


def test_a_schedule_becomes_a_conference_that_whoever_asked_organizes(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    answer = upload(organizer, schedule(3))
    address = answer.location
    assert (answer.status_code, address.startswith("/es/jobs/")) == (303, True)
    waiting = text(organizer, address)
    assert ('hx-trigger="every 2s"' in waiting, f'href="{address}"' in waiting) == (True, True)

    assert work(app) == 1
    done = text(organizer, address)
    assert 'hx-trigger="every' not in done
    assert 'href="/es/encuentro-2027/program"' in done
    brought = session.query(Conference).filter_by(slug="encuentro-2027").one()
    assert session.query(ProgramSession).filter_by(conference_id=brought.id).count() == 3
    job = session.query(Job).one()
    assert job.report == {"slug": "encuentro-2027", "sessions": 3, "rooms": 1, "tracks": 0, "speakers": 1}
    assert (job.done, job.total, job.upload) == (3, 3, None)
    granted = session.query(RoleGrant).filter_by(conference_id=brought.id).one()
    assert (granted.account_id, granted.role) == (job.asked_by_id, Role.ORGANIZER)
    (entry,) = session.query(AuditEntry).filter_by(conference_id=brought.id)
    event = json.loads(entry.entry)["event"]
    assert {name: event[name] for name in ("kind", "role", "grant", "actor")} == {
        "kind": "role_granted",
        "role": "organizer",
        "grant": "organizer-1",
        # Nobody had a role there before.
        "actor": "person",
    }
    # A change of rights asks for a new proof; until then this is nobody's.
    assert organizer.get("/es/encuentro-2027/jobs").headers["Location"].startswith("/es/confirm")
    sign_in(organizer, session.get_one(Account, job.asked_by_id))
    assert organizer.get("/es/encuentro-2027/jobs").status_code == 200


def test_a_fault_of_the_file_is_told_with_its_line_and_nothing_is_kept(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    faulty = '\n<event id="9"><title>Sin hora</title></event>'
    address = upload(organizer, schedule(40, faulty=faulty)).location
    work(app)
    job = session.query(Job).one()
    line = (
        schedule(40, faulty=faulty)
        .decode()
        .splitlines()
        .index('<event id="9"><title>Sin hora</title></event>')
    )
    assert (job.state, job.failure, job.report["line"]) == (JobState.FAILED, "schedule_missing", line + 1)
    page = text(organizer, address)
    assert f" {line + 1} " in page
    assert "&lt;event&gt;" in page
    assert (session.query(Conference).count(), session.query(ProgramSession).count()) == (1, 0)
    assert job.upload is None


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (schedule(1, zone=""), "schedule_zone_needed"),
        (b"<html/>", "schedule_not_a_schedule"),
        (b"\x00\xff", "schedule_not_utf8"),
        (schedule(1).replace(b"encuentro-2027", b"muestra"), "slug_taken"),
        (schedule(1).replace(b"encuentro-2027", b"jobs"), "slug_invalid"),
    ],
)
def test_every_refusal_speaks_of_the_page_and_of_no_command(
    app: Flask,
    organizer: CheckedClient,
    session: Session,
    content: bytes,
    failure: str,
) -> None:
    address = upload(organizer, content).location
    work(app)
    assert session.query(Job).one().failure == failure
    page = text(organizer, address)
    assert "--as" not in page
    assert "--zone" not in page
    assert session.query(Conference).count() == 1


@pytest.mark.parametrize("slug", ["muestra", "jobs", "Con Espacios"])
def test_a_name_that_cannot_be_is_refused_before_anything_is_asked_for(
    organizer: CheckedClient, session: Session, slug: str
) -> None:
    answer = upload(organizer, schedule(1), slug=slug)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'value="{slug}"' in page
    assert "--as" not in page
    assert session.query(Job).count() == 0


def test_only_organizers_may_send_a_large_file_and_nobody_one_that_is_too_large(
    organizer: CheckedClient, new_client: Callable[[], CheckedClient], session: Session
) -> None:
    large = schedule(2) + b"\n" * (400 * 1024)
    assert upload(organizer, large).status_code == 303
    assert post_bytes(organizer, b" " * (SIZE_LIMIT + 100 * 1024)).status_code == 413

    someone = new_client()
    sign_in(someone, make_account(session))
    unproved = new_client()
    sign_in(unproved, grant(session, session.query(Conference).one(), Role.ORGANIZER), assured_at=None)
    for client in (new_client(), someone, unproved):
        assert post_bytes(client, large).status_code == 413
    assert session.query(Job).count() == 1


def test_a_dry_run_counts_and_removes_nothing_and_then_it_is_done(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    over = make_conference(session, slug="pasada", first_day=datetime.now(UTC).date() - timedelta(days=90))
    make_registration(session, over)
    address = start_purge(organizer, dry_run="1")
    work(app)
    page = text(organizer, address)
    assert session.query(Registration).one().badge_name.startswith("Nombre Reservado")
    assert "Nombre Reservado" not in page
    counted = session.query(Job).one().report
    assert counted["registrations"] == 1
    assert 'action="/es/muestra/jobs/purge"' in page

    done = start_purge(organizer)
    work(app)
    session.expire_all()
    assert not session.query(Registration).one().badge_name.startswith("Nombre Reservado")
    assert 'action="/es/muestra/jobs/purge"' not in text(organizer, done)
    listed = text(organizer, "/es/muestra/jobs")
    assert (address in listed, done in listed) == (True, True)
    # What was erased is gone: the log says who had it done. Counting says nothing.
    entries = [read_entry(bytes(entry)).event for entry in session.scalars(select(AuditEntry.entry))]
    assert [(entry["kind"], entry["actor"]) for entry in entries] == [("forgetting_asked", "organizer-1")]


def test_nothing_is_erased_at_once_by_a_phone_that_was_left_on_a_table(
    organizer: CheckedClient, session: Session
) -> None:
    field = token(organizer)
    later = datetime.now(UTC) - timedelta(hours=2)
    session.execute(update(SignIn).values(proved_at=later, assured_at=later))
    session.commit()
    answer = organizer.post("/es/muestra/jobs/purge", data={"csrf_token": field})
    assert "/es/confirm" in answer.location
    assert session.query(Job).all() == []


def test_what_a_legal_hold_keeps_is_said_apart_and_nothing_is_offered_to_be_erased(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    over = make_conference(session, slug="pasada", first_day=datetime.now(UTC).date() - timedelta(days=90))
    make_registration(session, over)
    begin_hold(session, conference_id=over.id, reason=HoldReason.LEGAL_DEMAND, by=None, now=datetime.now(UTC))
    address = start_purge(organizer, dry_run="1").replace("/es/", "/en/")
    work(app)
    page = BeautifulSoup(text(organizer, address), "html5lib")
    kept = "A legal hold keeps 1 conference as it is: nothing of it is erased."
    assert (kept in page.text, "There was nothing to do." in page.text) == (True, True)
    assert (page.select("form[action$='/jobs/purge']"), page.select("main dl")) == ([], [])
    assert "This is what would be" not in page.text
    assert kept in text(organizer, "/en/muestra/jobs")


def test_a_job_is_shown_to_whoever_asked_for_it_alone(
    app: Flask,
    organizer: CheckedClient,
    conference: Conference,
    new_client: Callable[[], CheckedClient],
    session: Session,
) -> None:
    address = start_purge(organizer)
    colleague, stranger = new_client(), new_client()
    sign_in(colleague, grant(session, conference, Role.ORGANIZER))
    app.config["WTF_CSRF_ENABLED"] = False
    for path in ("", "/progress"):
        assert colleague.get(address + path).status_code == 404
        assert stranger.get(address + path).headers["Location"].startswith("/es/sign-in?")
    for path in ("/cancel", "/result"):
        assert colleague.post(address + path).status_code == 404
    # That something ran is no secret among organizers; the way to it is.
    assert address not in text(colleague, "/es/muestra/jobs")
    assert organizer.get(address).status_code == 200


def test_whoever_watches_is_answered_only_when_something_is_new(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    address = upload(organizer, schedule(3)).location

    def poll() -> str:
        fragment = text(organizer, address, **{"HX-Request": "true"})
        return fragment.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")

    asked = poll()
    headers = {"HX-Request": "true"}
    assert organizer.get(asked, headers=headers).status_code == 204
    assert organizer.get(asked).status_code == 204
    work(app)
    last = organizer.get(asked, headers=headers)
    assert (last.status_code, "hx-get" in last.get_data(as_text=True)) == (200, False)


def test_the_list_shows_how_far_each_job_is_while_one_is_under_way_and_sends_only_what_is_new(
    app: Flask,
    organizer: CheckedClient,
    conference: Conference,
    new_client: Callable[[], CheckedClient],
    session: Session,
) -> None:
    def lately(client: CheckedClient, address: str = "/en/muestra/jobs") -> BeautifulSoup:
        return BeautifulSoup(text(client, address, **{"HX-Request": "true"}), "html5lib")

    assert lately(organizer).select("[hx-get]") == []
    own = start_purge(organizer, dry_run="1").replace("/es/", "/en/")
    colleague = new_client()
    sign_in(colleague, grant(session, conference, Role.ORGANIZER))
    session.commit()
    asks = lately(organizer).select_one("[hx-get]")["hx-get"]
    headers = {"HX-Request": "true"}
    assert organizer.get(asks, headers=headers).status_code == 204

    job = session.query(Job).one()
    taken = take(session, job_id=job.id, now=datetime.now(UTC))
    assert taken is not None
    step(session, work=taken, done=120, total=943, now=datetime.now(UTC))
    session.commit()
    for client, link in ((organizer, [own]), (colleague, [])):
        fragment = lately(client, asks)
        assert fragment.select("h1, form") == []
        assert [found.get_text() for found in fragment.select(".progress .number")] == ["120 of 943"]
        assert [found["href"] for found in fragment.select("a")] == link
    # Without scripts the same address is the page, and shows it too.
    whole = BeautifulSoup(text(organizer, asks), "html5lib")
    assert [found.get_text() for found in whole.select("#lately .progress .number")] == ["120 of 943"]
    assert len(whole.select("h1")) == 1

    session.query(Job).update({"due_at": datetime.now(UTC) - timedelta(seconds=1)})
    session.commit()
    work(app)
    last = lately(organizer, asks)
    assert (last.select("[hx-get]"), last.select(".progress")) == ([], [])
    assert "There was nothing to do." in last.get_text()


def test_a_rejected_file_is_answered_with_its_whole_form_while_something_runs(
    organizer: CheckedClient, session: Session
) -> None:
    start_purge(organizer, dry_run="1")
    data = {"csrf_token": token(organizer), "slug": "muestra"}
    answer = organizer.post("/es/muestra/jobs/import", data=data, headers={"HX-Request": "true"})
    assert (answer.status_code, 'value="muestra"' in answer.get_data(as_text=True)) == (422, True)


def test_a_job_that_waits_can_be_stopped_and_is_not_done(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    address = upload(organizer, schedule(3)).location
    answer = organizer.post(f"{address}/cancel", data={"csrf_token": token(organizer, address)})
    assert (answer.status_code, answer.location) == (303, address)
    assert work(app) == 0
    assert (session.query(Job).one().failure, session.query(Conference).count()) == ("job_cancelled", 1)
    again = organizer.post(f"{address}/cancel", data={"csrf_token": token(organizer)})
    assert again.status_code == 409


def asked_for_people(session: Session, conference: Conference, account_id: int) -> str:
    session.add(
        Job(
            key="exportacion",
            kind=JobKind.EXPORT_PEOPLE,
            conference_id=conference.id,
            asked_by_id=account_id,
            state=JobState.QUEUED,
            parameters={"language": "es"},
            asked_at=datetime.now(UTC),
            due_at=datetime.now(UTC),
            report={},
        )
    )
    session.commit()
    return "/es/jobs/exportacion"


def test_a_file_of_people_is_handed_out_once_to_whoever_may_still_have_it(
    app: Flask, client: CheckedClient, conference: Conference, session: Session
) -> None:
    account = grant(session, conference, Role.ORGANIZER)
    sign_in(client, account)
    registration = make_registration(session, conference)
    address = asked_for_people(session, conference, account.id)
    work(app)
    page = text(client, address)
    assert registration.badge_name not in page
    app.config["WTF_CSRF_ENABLED"] = False
    file = client.post(f"{address}/result")
    assert (file.status_code, registration.badge_name in file.get_data(as_text=True)) == (200, True)
    assert "attachment" in file.headers["Content-Disposition"]
    assert file.headers["Cache-Control"] == "no-store"
    assert client.post(f"{address}/result").status_code == 404
    assert session.query(Job).one().result is None


def test_whoever_is_an_organizer_no_longer_gets_no_file_of_people(
    app: Flask, client: CheckedClient, conference: Conference, session: Session
) -> None:
    account = grant(session, conference, Role.ORGANIZER)
    sign_in(client, account)
    make_registration(session, conference)
    address = asked_for_people(session, conference, account.id)
    work(app)
    granted = session.query(RoleGrant).filter_by(account_id=account.id).one()
    granted.revoked_at, granted.revoked_by_id = datetime.now(UTC), account.id
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post(f"{address}/result").status_code == 403
    assert session.query(Job).one().result is not None


@pytest.mark.parametrize("kind", list(JobKind))
def test_what_a_former_organizer_asked_for_is_not_done(
    app: Flask, client: CheckedClient, conference: Conference, session: Session, kind: JobKind
) -> None:
    account = grant(session, conference, Role.ORGANIZER)
    sign_in(client, account)
    address = asked_for_people(session, conference, account.id)
    job = session.query(Job).one()
    job.kind, job.upload = kind, schedule()
    job.parameters = {"slug": "", "zone": "", "language": "es"}
    granted = session.query(RoleGrant).one()
    granted.revoked_at, granted.revoked_by_id = datetime.now(UTC), account.id
    grant(session, make_conference(session, slug="otra"), Role.ORGANIZER, account=account)
    grant(session, conference, Role.CHAIR, account=account)
    before = session.query(RoleGrant).count(), session.query(Conference).count()
    session.commit()
    work(app)
    session.expire_all()
    job = session.query(Job).one()
    assert (job.state, job.failure, job.result) == (JobState.FAILED, "asker_withdrawn", None)
    assert (session.query(RoleGrant).count(), session.query(Conference).count()) == before
    assert "asker_withdrawn" not in text(client, address)


def test_whoever_is_withdrawn_while_their_schedule_is_read_organizes_nothing(
    app: Flask, organizer: CheckedClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(organizer, schedule())
    do = jobs.DO[JobKind.IMPORT_PROGRAM]

    def withdrawn_meanwhile(work: Work, progress: jobs.Progress) -> Outcome:
        granted = db.session.query(RoleGrant).one()
        granted.revoked_at, granted.revoked_by_id = datetime.now(UTC), granted.account_id
        db.session.commit()
        return do(work, progress)

    monkeypatch.setitem(jobs.DO, JobKind.IMPORT_PROGRAM, withdrawn_meanwhile)
    work(app)
    session.expire_all()
    assert session.query(Job).one().failure == "asker_withdrawn"
    assert (session.query(Conference).count(), session.query(RoleGrant).count()) == (1, 1)


def test_a_fault_of_ours_is_said_without_its_words_and_tried_again(
    app: Flask,
    organizer: CheckedClient,
    session: Session,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down(work: object, progress: object) -> None:
        raise RuntimeError("secreta@example.org")

    monkeypatch.setitem(jobs.DO, JobKind.PURGE, break_down)
    address = start_purge(organizer)
    for _attempt in range(ATTEMPTS):
        work(app)
        session.query(Job).update({"due_at": datetime.now(UTC) - timedelta(seconds=1)})
        session.commit()
    session.expire_all()
    assert (session.query(Job).one().failure, session.query(Job).one().attempts) == ("job_broken", ATTEMPTS)
    assert "RuntimeError" in caplog.text
    assert "secreta" not in caplog.text
    assert "secreta" not in text(organizer, address)


def test_a_job_that_somebody_works_on_is_left_alone(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    start_purge(organizer)
    job = session.query(Job).one()
    assert take(session, job_id=job.id, now=datetime.now(UTC)) is not None
    session.commit()
    assert work(app) == 0
    with app.app_context():
        jobs.run(job.id)
        db.session.remove()
    session.expire_all()
    assert (session.query(Job).one().state, session.query(Job).one().attempts) == (JobState.RUNNING, 1)
