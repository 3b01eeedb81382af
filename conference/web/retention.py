"""Forgetting as this server is set up to: its periods, one purge, and what only looks like gone after it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from conference.domain.retention import Periods
from conference.extensions import PRAGMAS, db
from conference.queries.retention import is_any_held
from conference.services.purge import purge
from conference.web.clock import now
from conference.web.sign_ins import limits_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.purge import PurgeReport

IN_FOLDER = "file://"
# Milliseconds to wait for others who read; the next purge tries again.
PATIENCE = 2000


def periods() -> Periods:
    """Return how long what is kept, as the settings KEEP_… say."""
    return Periods(
        **{field.name: current_app.config[f"KEEP_{field.name.upper()}"] for field in fields(Periods)}
    )


def purge_now(session: Session) -> PurgeReport:
    """Forget whose period is over by now; the caller commits, and wipes the rest, or takes it back."""
    return purge(
        session,
        sign_ins=limits_of(staff=False).absolute,
        staff_sign_ins=limits_of(staff=True).absolute,
        now=now(),
        periods=periods(),
    )


def wipe_rest() -> None:
    """Forget the second versions: old mails kept in a folder, and pages in the journal of SQLite.

    Mails know no conference, so that all are left while a legal hold stands anywhere.
    """
    if not is_any_held(db.session()):
        forget_old_mails(before=now() - periods().messages)
    db.session.rollback()
    empty_journal()


def forget_old_mails(*, before: datetime) -> int:
    """Delete the mails that MAIL_SERVER kept in a folder before a moment; return how many."""
    server: str = current_app.config["MAIL_SERVER"]
    if not server.startswith(IN_FOLDER):
        return 0
    old = [
        path
        for path in Path(server.removeprefix(IN_FOLDER)).glob("*.eml")
        if path.stat().st_mtime < before.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def empty_journal() -> bool:
    """Write SQLite's journal back and cut it to nothing: pages of before are in it until then.

    False where somebody was reading. Other databases see to it themselves (docs/privacy.md).
    """
    if db.engine.dialect.name != "sqlite":
        return True
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE}")
        busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        for pragma in PRAGMAS:
            if pragma.startswith("busy_timeout"):
                cursor.execute(f"PRAGMA {pragma}")
    finally:
        connection.close()
    return not busy
