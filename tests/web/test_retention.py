"""What is forgotten when, told to everybody; and the hold that an organizer begins and lifts."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from conference.domain.accounts import Role
from conference.domain.jobs import JobKind, JobState
from conference.domain.registration import Category, Purpose
from conference.domain.retention import HoldReason
from conference.models import Job
from conference.queries.retention import standing_hold
from conference.services.holds import begin_hold, lift_hold
from conference.services.registration import register
from conference.web.keys import key_for
from conference.web.retention import empty_journal, forget_old_mails, periods, wipe_rest
from conference.web.retention_wording import period_text
from tests.factories import FAR_AHEAD, NOW, grant, make_conference, sign_in
from tests.forms import HTMX, submit

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient

PAGE = "/en/muestra/forgetting"


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra", first_day=date(2026, 7, 11), days=2)


def begin(session: Session, conference: Conference) -> None:
    begin_hold(session, conference_id=conference.id, reason=HoldReason.DISPUTED_RESULT, by=None, now=NOW)


def stands(session: Session, conference: Conference) -> bool:
    session.expire_all()
    return standing_hold(session, conference_id=conference.id) is not None


@pytest.mark.usefixtures("conference")
def test_everybody_reads_on_which_day_things_are_erased(client: CheckedClient) -> None:
    said = client.get(PAGE).text
    # The last day is July 12: seven days after it, and the night that follows; then thirty.
    days = ("Monday, July 20, 2026", "Wednesday, August 12, 2026")
    assert [said.count(f"Erased on {day}.") for day in days] == [2, 2]
    assert "Begin a legal hold" not in said


def test_the_page_says_what_the_settings_say(
    app: Flask, client: CheckedClient, conference: Conference
) -> None:
    app.config["KEEP_NEEDS"] = timedelta(days=2)
    assert "Erased on Wednesday, July 15, 2026" in client.get(f"/en/{conference.slug}/forgetting").text
    with app.app_context():
        assert periods().needs == timedelta(days=2)


def test_everybody_reads_that_a_hold_stands_and_why(
    session: Session, client: CheckedClient, conference: Conference
) -> None:
    begin(session, conference)
    said = client.get(PAGE).text
    assert "A legal hold stands" in said
    assert "The result of a vote is disputed" in said
    assert "You can still erase yourself with your ticket" in said


def test_an_organizer_begins_a_hold_and_lifts_it(
    session: Session, client: CheckedClient, conference: Conference
) -> None:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    begun = submit(client, PAGE, to="/hold", reason="legal_demand")
    assert (begun.status_code, stands(session, conference)) == (303, True)
    assert "A court or an authority has asked for records" in client.get(PAGE).text
    page = BeautifulSoup(client.get(PAGE).text, "html5lib")
    # One step more than a button: what would be erased is read first.
    assert page.select("form[action$='/lift']") == []
    assert [link["href"] for link in page.select("#hold a")] == [f"{PAGE}/lift"]
    lifted = submit(client, f"{PAGE}/lift", to="/lift")
    assert (lifted.status_code, stands(session, conference)) == (303, False)
    log = client.get("/en/muestra/audit").text
    assert "Organizer 1 began a legal hold. A court or an authority has asked for records." in log
    assert "Organizer 1 lifted the legal hold." in log


@pytest.mark.parametrize(
    ("since_the_last_day", "said"),
    [(0, ["On", "On", "On", "On"]), (8, ["In", "In", "On", "On"]), (31, ["In", "In", "In", "In"])],
)
def test_before_a_hold_is_lifted_one_reads_what_is_erased_and_from_when(
    session: Session, client: CheckedClient, since_the_last_day: int, said: list[str]
) -> None:
    today = datetime.now(UTC).date()
    conference = make_conference(
        session, slug="muestra", first_day=today - timedelta(days=since_the_last_day), days=1, time_zone="UTC"
    )
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    assert client.get(f"{PAGE}/lift").headers["Location"] == PAGE
    begin(session, conference)
    page = BeautifulSoup(client.get(f"{PAGE}/lift").text, "html5lib")
    assert [line.text.split()[0] for line in page.select("main li strong")] == said
    assert stands(session, conference)


def test_a_hold_needs_one_of_the_reasons(
    session: Session, client: CheckedClient, conference: Conference
) -> None:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    answer = submit(client, PAGE, to="/hold", reason="curiosity")
    assert (answer.status_code, stands(session, conference)) == (422, False)


def test_who_comes_second_is_told_what_happened_meanwhile(
    app: Flask, session: Session, client: CheckedClient, conference: Conference
) -> None:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    app.config["WTF_CSRF_ENABLED"] = False
    late = client.post(f"{PAGE}/lift", headers=HTMX)
    assert (late.status_code, "No legal hold stands" in late.text) == (409, True)
    begin(session, conference)
    again = client.post(f"{PAGE}/hold", data={"reason": "legal_demand"}, headers=HTMX)
    assert (again.status_code, "A legal hold stands already" in again.text) == (409, True)


def test_organizers_read_what_was_forgotten_of_late(
    session: Session, client: CheckedClient, conference: Conference
) -> None:
    for number, report in enumerate(({"registrations": 41, "scans": 0}, {})):
        session.add(
            Job(
                key=f"purge-{number}",
                cause=f"purge-{number}",
                kind=JobKind.PURGE,
                state=JobState.DONE,
                parameters={},
                report=report,
                asked_at=NOW,
                due_at=NOW,
                ended_at=NOW + timedelta(days=number),
            )
        )
    session.flush()
    assert "Registrations emptied" not in client.get(PAGE).text
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    said = client.get(PAGE).text
    assert (said.count("Registrations emptied"), said.count("Nothing was due")) == (1, 1)
    assert [each.get_text(strip=True) for each in BeautifulSoup(said, "html5lib").select("dd")].count(
        "41"
    ) == 1
    assert "Scans at doors deleted" not in said


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (timedelta(days=1), "24 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=30), "30 hours"),
        (timedelta(days=7), "7 days"),
    ],
)
def test_periods_are_said_in_days_or_hours(app: Flask, period: timedelta, words: str) -> None:
    with app.test_request_context("/en/"):
        assert period_text(period) == words


def old_mail(folder: Path, name: str, age: timedelta) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("To: secreta@example.org")
    moment = (datetime.now(UTC) - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_mails_in_a_folder_go_when_the_outbox_forgets_them_and_no_hold_stands(
    app: Flask, session: Session, conference: Conference, tmp_path: Path
) -> None:
    folder = tmp_path / "mail"
    app.config["MAIL_SERVER"] = f"file://{folder}"
    old, new = (old_mail(folder, name, timedelta(days=days)) for name, days in (("1.eml", 31), ("2.eml", 29)))
    begin(session, conference)
    session.commit()
    with app.app_context():
        wipe_rest()
    assert (old.exists(), new.exists()) == (True, True)
    lift_hold(session, conference_id=conference.id, by=None, now=NOW)
    session.commit()
    with app.app_context():
        wipe_rest()
    assert (old.exists(), new.exists()) == (False, True)


def test_mails_that_are_sent_leave_nothing_to_delete(app: Flask) -> None:
    app.config["MAIL_SERVER"] = "smtp://localhost"
    with app.app_context():
        assert forget_old_mails(before=datetime.now(UTC)) == 0


def test_the_journal_is_cut_to_nothing(app: Flask) -> None:
    with app.app_context():
        assert empty_journal()


def test_whoever_is_about_to_erase_themselves_is_told_that_a_hold_stands(
    app: Flask, session: Session, client: CheckedClient, conference: Conference
) -> None:
    with app.app_context():
        key = key_for("tickets")
    issued = register(
        session,
        conference_id=conference.id,
        badge_name="Nombre Reservado",
        category=Category.ATTENDEE,
        language="en",
        consents={Purpose.ATTEND},
        nonce="0f" * 16,
        key=key,
        now=NOW,
    )
    asking = f"/en/tickets/{issued.token}/cancel"
    assert "A legal hold stands" not in client.get(asking).text
    begin(session, conference)
    assert "A legal hold stands" in client.get(asking).text


def test_registering_promises_what_the_settings_say(
    app: Flask, client: CheckedClient, conference: Conference
) -> None:
    app.config["KEEP_PEOPLE"] = timedelta(days=3)
    conference.first_day = FAR_AHEAD
    said = client.get(f"/en/{conference.slug}/register").text
    assert "What you write here is kept until Monday, July 15, 2097." in said
