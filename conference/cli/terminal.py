"""How commands speak: in the operator's language, and of a fault by file, line and remedy."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app, g
from sqlalchemy.exc import DatabaseError

from conference.domain.accounts import canonical_email
from conference.domain.errors import DomainError
from conference.domain.pack import PackErrors
from conference.extensions import db
from conference.web.pack_wording import problem_line
from conference.web.wording import error_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = ("ASAMBLEA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def speak(language: str | None = None) -> None:
    """Use this language from now on; else that of the terminal's settings, and in the end our first one."""
    languages: tuple[str, ...] = current_app.config["LANGUAGES"]
    named = (language, *map(os.environ.get, SETTINGS))
    codes = ((name or "")[:2].lower() for name in named)
    g.language = next((code for code in codes if code in languages), languages[0])


def typed_address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Return a typed email address as it is compared; a command that is given none ends."""
    try:
        return validate_email(canonical_email(value), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise click.BadParameter(str(error)) from error


@contextmanager
def refusing(file: Path | None = None) -> Iterator[None]:
    """End the command with code 1 where something fails within: one line a fault, and nothing kept.

    Every command works inside of one. `file` is what the command reads, and stands before its faults.
    """
    try:
        yield
    except (DomainError, DatabaseError, OSError) as error:
        db.session.rollback()
        for line in _faults(error, file):
            click.echo(line, err=True)
        raise click.exceptions.Exit(1) from error


def _faults(error: DomainError | DatabaseError | OSError, file: Path | None) -> Iterator[str]:
    if isinstance(error, PackErrors):
        yield from map(problem_line, error.problems)
    elif isinstance(error, DomainError):
        yield _place(file, error.data.get("line")) + error_text(error.code, **error.data)
    elif isinstance(error, DatabaseError):
        yield error_text("database_not_ready", reason=_first_line(str(error.orig)))
    elif error.filename is None:
        yield error_text("system_refused", reason=_reason(error))
    else:
        yield error_text("file_not_usable", path=error.filename, reason=_reason(error))


def _place(file: Path | None, line: object) -> str:
    if file is None:
        return ""
    return f"{file}:{line}: " if line else f"{file}: "


def _first_line(text: str) -> str:
    # What follows may quote the row: a name, an address.
    return text.partition("\n")[0].strip().rstrip(".")


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
