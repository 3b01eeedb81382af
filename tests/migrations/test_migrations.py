"""The migration chain: its head is the models, and it goes up and down with data in it."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, String, bindparam, inspect, select, text
from sqlalchemy.orm import Session

from agreements import Chamber
from conference import create_app, models
from conference.domain.accounts import Role
from conference.domain.directory import OrganizationSource
from conference.domain.registration import (
    OVER,
    AccessNeed,
    ConsentGiver,
    Purpose,
    RefusalReason,
    RegistrationStatus,
)
from conference.extensions import db
from config import Testing
from tests.conftest import ROOT, lacking
from tests.factories import (
    NOW,
    grant,
    make_agreement,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_sitting,
)
from tests.servers import postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

MIGRATIONS = ROOT / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[Flask]:
    """An application on a database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        try:
            url = postgresql_url(f"migrations_{worker_id}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the database is not there
            lacking(f"no PostgreSQL: {error}")
    app = create_app(Testing(SQLALCHEMY_DATABASE_URI=url))
    with app.app_context():
        wipe()
        yield app
        wipe()
        db.engine.dispose()


def wipe() -> None:
    """Leave no table behind."""
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def differences() -> list[object]:
    """Return what autogeneration would still write."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, db.metadata))


def test_the_head_equals_the_models(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    assert differences() == []
    assert tables() == set(db.metadata.tables)


def test_the_constraints_of_the_head_are_those_of_the_models(unmigrated: Flask) -> None:
    def checks() -> dict[str, set[str | None]]:
        inspector = inspect(db.engine)
        return {
            table: {check["name"] for check in inspector.get_check_constraints(table)} for table in tables()
        }

    flask_migrate.upgrade()
    migrated = checks()
    wipe()
    db.create_all()
    assert migrated == checks()


def test_going_down_leaves_nothing_and_up_again_all(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    assert tables() == set(db.metadata.tables)


def test_every_step_keeps_the_rows_that_it_can(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    with Session(db.engine) as session:
        conference = make_conference(session)
        sitting = make_sitting(session, conference)
        make_agreement(session, conference)
        make_delegate(session, conference, chamber=Chamber.MX, present_in=sitting)
        grant(session, conference, Role.CHAIR)
        session.commit()
    before = rows()
    for revision in revisions()[1:]:
        flask_migrate.downgrade(revision=revision)
        flask_migrate.upgrade()
        assert rows() == before
    flask_migrate.downgrade(revision="base")
    assert tables() == set()


WRITTEN_BEFORE = {"sign-in-7": "queued", "sign-in-8": "sent", "ticket-3": "failed"}
SETTLED_SINCE = ("bounced", "uncertain", "expired", "withdrawn")


def write_before() -> None:
    """Put into the first revision's tables what a conference had there: mails, and a code under way."""
    moments = {"at": NOW, "later": NOW + timedelta(minutes=20)}
    with db.engine.begin() as connection:
        for key, state in WRITTEN_BEFORE.items():
            connection.execute(
                text(
                    "INSERT INTO message"
                    " (key, recipient, language, subject, body, state, attempts, queued_at, due_at)"
                    " VALUES (:key, 'ana@example.org', 'es', 'Asunto', 'Texto', :state, 1, :at, :at)"
                ).bindparams(bindparam("at", type_=DateTime(timezone=True))),
                {"key": key, "state": state, "at": moments["at"]},
            )
        connection.execute(
            text(
                "INSERT INTO sign_in_code"
                " (address_digest, link_digest, code_digest, issued_at, expires_at, failed_tries)"
                " VALUES ('a', 'l', 'c', :at, :later, 0)"
            ).bindparams(*(bindparam(name, type_=DateTime(timezone=True)) for name in moments)),
            moments,
        )


def selected(statement: str) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def messages_now() -> list[tuple[object, ...]]:
    return selected("SELECT key, kind, state, repeats, body FROM message ORDER BY key")


def drawn_references() -> set[object]:
    """What each message is known by outside: guessed by nobody."""
    found = [(str(key), str(reference)) for key, reference in selected("SELECT key, reference FROM message")]
    assert all(re.fullmatch("[0-9a-f]{32}", reference) for _key, reference in found)
    assert not [key for key, reference in found if hashlib.sha256(key.encode()).hexdigest()[:32] == reference]
    return {reference for _key, reference in found}


def as_upgraded(states: dict[str, str]) -> list[tuple[object, ...]]:
    return [
        (
            key,
            "sign_in" if key.startswith("sign-in-") else "ticket",
            states[key],
            0,
            "Texto",
        )
        for key in sorted(states)
    ]


def test_what_was_written_before_accounts_is_told_apart_and_outlives_going_down(unmigrated: Flask) -> None:
    flask_migrate.upgrade(revision="001")
    write_before()
    flask_migrate.upgrade(revision="002")
    assert messages_now() == as_upgraded(WRITTEN_BEFORE)
    assert len(drawn_references()) == len(WRITTEN_BEFORE)
    codes = selected("SELECT assured, grant_id FROM sign_in_code")
    assert [(bool(assured), grant_id) for assured, grant_id in codes] == [(False, None)]

    with db.engine.begin() as connection:
        for state in SETTLED_SINCE:
            connection.execute(
                text(
                    "INSERT INTO message (key, reference, kind, recipient, language, subject, body, state,"
                    " attempts, queued_at, due_at, repeats, trouble)"
                    " SELECT 'ticket-' || :state, :state, 'ticket', '', language, subject, body, :state,"
                    " 7, queued_at, due_at, 0, 'mailbox_unknown' FROM message WHERE key = 'ticket-3'"
                ).bindparams(bindparam("state", type_=String)),
                {"state": state},
            )
    flask_migrate.downgrade(revision="001")
    states = WRITTEN_BEFORE | {f"ticket-{state}": "failed" for state in SETTLED_SINCE}
    assert dict(selected("SELECT key, state FROM message")) == states  # type: ignore[arg-type]
    assert selected("SELECT code_digest FROM sign_in_code") == [("c",)]
    flask_migrate.upgrade(revision="002")
    assert messages_now() == as_upgraded(states)
    assert len(drawn_references()) == len(states)


def test_going_below_people_nobody_is_let_in_or_listed_who_was_not(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    with Session(db.engine) as session:
        conference = make_conference(session)
        for status in RegistrationStatus:
            made = make_registration(session, conference, badge_name=status.value)
            put_in_place(session, made, status)
        listed, found, left = (make_organization(session, conference) for _ in range(3))
        found.source = OrganizationSource.FOUND
        left.withdrawn_at = NOW
        shown = {listed.id}
        before = set(session.scalars(select(models.Participation.organization_id)))
        session.commit()
        unlisted = {found.id, left.id}
    flask_migrate.downgrade(revision="002")
    places = dict(selected("SELECT badge_name, status FROM registration"))  # type: ignore[arg-type]
    others = {status.value: "cancelled" for status in RegistrationStatus}
    assert places == others | {"confirmed": "confirmed"}
    taking_part = {row[0] for row in selected("SELECT organization_id FROM participation")}
    assert (taking_part, taking_part & shown) == (before - unlisted, shown)
    flask_migrate.upgrade()
    assert differences() == []


def test_a_consent_that_a_lead_answered_for_says_so_in_a_column(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    with Session(db.engine) as session:
        conference = make_conference(session)
        made = [make_registration(session, conference) for _giver in ConsentGiver]
        for registration, giver in zip(made, ConsentGiver, strict=True):
            consent = {"purpose": Purpose.ATTEND, "given_by": giver, "text_version": 1, "language": "es"}
            session.add(models.Consent(registration_id=registration.id, given_at=NOW, **consent))
        session.commit()
    given = "SELECT given_by, text_version FROM consent ORDER BY registration_id"
    assert selected(given) == [("person", 1), ("lead", 1)]
    flask_migrate.downgrade(revision="004")
    assert selected("SELECT text_version FROM consent ORDER BY registration_id") == [(1,), (1001,)]
    flask_migrate.upgrade()
    assert selected(given) == [("person", 1), ("lead", 1)]


def test_needs_that_were_kept_before_their_consent_had_a_box_of_its_own_stay(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    with Session(db.engine) as session:
        conference = make_conference(session)
        with_needs, without = (make_registration(session, conference) for _each in range(2))
        session.add(models.RegistrationNeed(registration_id=with_needs.id, need=AccessNeed.STEP_FREE))
        for registration in (with_needs, without):
            for purpose in (Purpose.ATTEND, Purpose.NEEDS):
                consent = {"purpose": purpose, "given_by": ConsentGiver.PERSON, "language": "es"}
                session.add(
                    models.Consent(registration_id=registration.id, given_at=NOW, text_version=1, **consent)
                )
        session.commit()
    given = "SELECT purpose, text_version, language FROM consent ORDER BY registration_id, purpose"
    attend, needs = ("attend", 1, "es"), ("needs", 1, "es")
    assert selected(given) == [attend, needs] * 2
    flask_migrate.downgrade(revision="006")
    assert selected(given) == [attend] * 2
    flask_migrate.upgrade()
    assert selected(given) == [attend, needs, attend]
    assert selected("SELECT need FROM registration_need") == [("step_free",)]


def put_in_place(session: Session, registration: models.Registration, status: RegistrationStatus) -> None:
    """Give a registration a status with what belongs to it."""
    if status in {RegistrationStatus.WAITING, RegistrationStatus.OFFERED}:
        party = models.Party(conference_id=registration.conference_id, category=registration.category, size=1)
        session.add(party)
        session.flush()
        registration.party_id = party.id
    registration.status = status
    registration.cancelled_at = NOW if status in OVER else None
    registration.refusal = RefusalReason.NO_PLACE if status is RegistrationStatus.REJECTED else None
    session.flush()


def revisions() -> list[str]:
    """Every revision below the head, the newest first."""
    chain = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return [script.revision for script in chain]


def rows() -> dict[str, int]:
    with Session(db.engine) as session:
        counted = (models.Presence, models.Seat, models.RoleGrant, models.ProvisionText, models.Conference)
        return {model.__tablename__: len(session.scalars(select(model)).all()) for model in counted}


def test_migrations_are_numbered_in_one_row_and_the_head_is_named() -> None:
    names = sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [name[:3] for name in names] == [f"{number:03d}" for number in range(1, len(names) + 1)]
    # Two branches that both add a migration collide in this file, instead of in the database.
    assert (MIGRATIONS / "HEAD").read_text().strip() == names[-1]
