"""Extensions are created once here and bound to the application in `conference.application`."""

from __future__ import annotations

import ipaddress
import sqlite3
from typing import TYPE_CHECKING, Any

from flask_babel import Babel
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import MetaData, event
from sqlalchemy.orm import DeclarativeBase

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# Every constraint has a name, so that migrations can drop it on every database.
NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the house."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


def _client_address() -> str:
    # Read late: the limiter is created before there is a request.
    from flask import request  # noqa: PLC0415

    return network_of(request.remote_addr or "unknown")


def network_of(address: str) -> str:
    """Return what is counted as one client: an IPv4 address, or the /64 that one IPv6 customer is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False)) if parsed.version == 6 else address  # noqa: PLR2004


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()
babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(key_func=_client_address)
htmx = Htmx()

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


PRAGMAS = (
    "journal_mode=WAL",
    # A ballot that was acknowledged survives a power cut.
    "synchronous=FULL",
    # Milliseconds to wait for the write lock; SQLite does not queue fairly, so the unlucky wait long.
    "busy_timeout=30000",
    "foreign_keys=ON",
    # What is forgotten is overwritten, not only unlinked.
    "secure_delete=ON",
)


def _on_connect(dbapi_connection: Any, _record: object) -> None:
    # The driver's own transactions start late and silently lose updates; we emit BEGIN ourselves.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A unit of work takes the write lock at once unless it says that it only reads: a deferred
    # transaction that writes after reading fails under load ("database is locked").
    reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def steady_sqlite(engine: Engine) -> None:
    """Make an SQLite engine keep every acknowledged write (WAL, FULL, IMMEDIATE); others are left alone."""
    if engine.dialect.name != "sqlite":
        return
    if not issubclass(getattr(engine.dialect.dbapi, "Connection", object), sqlite3.Connection):
        raise RuntimeError("SQLite is used through the standard library's driver")
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
