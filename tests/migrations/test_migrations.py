"""The migration chain: its head is the models, and it goes up and down with data in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from agreements import Chamber
from conference import create_app, models
from conference.domain.accounts import Role
from conference.extensions import db
from config import Testing
from tests.conftest import ROOT, lacking
from tests.factories import grant, make_agreement, make_conference, make_delegate, make_sitting
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
