"""Runs the migrations on the application's own engine, on SQLite without losing rows to foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import context
from flask import current_app

from conference.models.columns import Json, Moment

if TYPE_CHECKING:
    from sqlalchemy import Connection

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as what they are in the database; a migration must not import the models."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Json):
        return "sa.JSON()"
    return False


def migrate(connection: Connection) -> None:
    """Run in one transaction, so that a migration that fails half-way leaves nothing behind."""
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def foreign_keys(connection: Connection, state: str) -> None:
    # A batch migration drops and renames tables, which would delete what refers to them; and inside of a
    # transaction this PRAGMA does nothing, so it is given to the driver itself.
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={state}")


with database.engine.connect() as connection:
    foreign_keys(connection, "OFF")
    try:
        migrate(connection)
        connection.commit()
    finally:
        foreign_keys(connection, "ON")
