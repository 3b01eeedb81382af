"""Each test finds an empty database, on SQLite and on PostgreSQL, whatever the one before left there."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conference.extensions import db, limiter
from conference.models.accounts import Account
from tests.databases import prepare, sqlite_url


def add_account(session) -> None:
    """Add the smallest row there is."""
    session.add(Account(language="es", created_at=datetime(2026, 7, 11, 17, tzinfo=UTC)))
    session.flush()


def accounts(session) -> int:
    """Count the accounts."""
    return session.scalar(select(func.count()).select_from(Account))


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_commits_the_next_does_not_see(session, turn):
    before = accounts(session)
    add_account(session)
    session.commit()
    assert (before, accounts(session)) == (0, 1)


def test_a_test_runs_on_the_database_it_is_named_after(session, database_url):
    assert session.get_bind().dialect.name == database_url


def test_the_session_reads_without_holding_up_the_application(session, prepared):
    assert accounts(session) == 0
    with Session(prepared.engine) as other:
        add_account(other)
        other.commit()
    session.rollback()
    assert accounts(session) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rows_of_which_no_order_was_asked_come_backwards(session):
    add_account(session)
    add_account(session)
    session.commit()
    first, second = session.scalars(select(Account.id).order_by(Account.id))
    assert list(session.scalars(select(Account.id))) == [second, first]


def test_a_transaction_left_open_is_told_instead_of_waited_for(tmp_path):
    prepared = prepare(sqlite_url(tmp_path / "open.sqlite"))
    with Session(prepared.engine) as forgotten:
        add_account(forgotten)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            prepared.empty()
    prepared.empty()
    prepared.engine.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_test_may_choose_its_database(session):
    assert session.get_bind().dialect.name == "postgresql"


def test_settings_changed_by_a_test_are_put_back(app):
    assert app.config["PUBLIC_URL"] == "http://localhost"
    app.config["PUBLIC_URL"] = "http://elsewhere"


def test_settings_are_as_they_were(app):
    assert app.config["PUBLIC_URL"] == "http://localhost"


def test_another_application_shares_the_database(build_app, new_client, session):
    add_account(session)
    other = build_app(PUBLIC_URL="https://asamblea.example.org", RATELIMIT_ENABLED=True)
    assert new_client(other).get("/es/").status_code == 200
    with other.app_context():
        assert (accounts(db.session), other.config["PUBLIC_URL"]) == (1, "https://asamblea.example.org")


def test_no_limits_are_left_by_another_application(app):
    assert (limiter.enabled, app.config["RATELIMIT_ENABLED"]) == (False, False)
