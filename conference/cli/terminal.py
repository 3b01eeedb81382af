"""How commands speak: in the language of the terminal, and of a fault by file, line and remedy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import click
from flask import current_app, g

from conference.web.wording import error_text

if TYPE_CHECKING:
    from pathlib import Path

    from conference.domain.errors import DomainError

FALLBACK = "en"


def speak_as_the_terminal() -> None:
    """Use the language of LC_ALL, LC_MESSAGES or LANG from now on, English where we do not speak it."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    code = next(filter(None, settings), "")[:2]
    g.language = code if code in current_app.config["LANGUAGES"] else FALLBACK


def refuse(file: Path, error: DomainError) -> NoReturn:
    """End the command with code 1: which file, which line if one is at fault, what to do."""
    line = error.data.get("line")
    where = f"{file}:{line}" if line else str(file)
    raise click.ClickException(f"{where}: {error_text(error.code, **error.data)}") from error
