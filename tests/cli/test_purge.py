from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.factories import make_conference, make_registration

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.models import Registration

REPORT = """Registrations emptied: 1
Addresses of accounts emptied: 0
Scans at doors deleted: 0
Access needs deleted: 0
Answers to the organizers’ questions deleted: 0
Bookings of services deleted: 0
Groups and turns in line deleted: 0
Presences in sittings deleted: 0
Votes that no longer lead to a delegate: 0
Credentials and proxies that no longer say who gave them: 0
Sign-in codes deleted: 0
Sign-ins that were over, deleted: 0
Half-filled forms deleted: 0
Unanswered passkey questions deleted: 0
Requests for exports deleted: 0
Mails that were given up, emptied: 0
Entries of the outbox deleted: 0
Files of long tasks deleted: 0
Long tasks of long ago deleted: 0
Conferences that a legal hold keeps as they are: 0
"""


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def row(session: Session) -> Registration:
    row = make_registration(session, make_conference(session, first_day=date(2020, 2, 28)))
    session.commit()
    return row


def test_the_purge_says_what_it_removed(app: Flask, row: Registration) -> None:
    result = app.test_cli_runner().invoke(args=["purge"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, REPORT, "")
    assert row.badge_name == ""


def test_a_dry_run_says_the_same_and_removes_nothing(app: Flask, row: Registration) -> None:
    name = row.badge_name
    result = app.test_cli_runner().invoke(args=["purge", "--dry-run"])
    said = "Nothing has been removed. This is what would be:\n" + REPORT
    assert (result.exit_code, result.stdout, result.stderr) == (0, said, "")
    assert row.badge_name == name
