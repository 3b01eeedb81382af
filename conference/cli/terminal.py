"""How commands speak: in the operator's language, and of a fault by file, line and remedy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import click
from flask import current_app, g

from conference.web.wording import error_text

if TYPE_CHECKING:
    from pathlib import Path

    from conference.domain.errors import DomainError

SETTINGS = ("ASAMBLEA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def speak(language: str | None = None) -> None:
    """Use this language from now on; else that of the terminal's settings, and in the end our first one."""
    languages: tuple[str, ...] = current_app.config["LANGUAGES"]
    named = (language, *map(os.environ.get, SETTINGS))
    codes = ((name or "")[:2].lower() for name in named)
    g.language = next((code for code in codes if code in languages), languages[0])


def refuse(file: Path, error: DomainError) -> NoReturn:
    """End the command with code 1: which file, which line if one is at fault, what to do."""
    line = error.data.get("line")
    where = f"{file}:{line}" if line else str(file)
    raise click.ClickException(f"{where}: {error_text(error.code, **error.data)}") from error
