"""What the operator types: `flask …` commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.cli import conference
from conference.cli.accounts import accounts
from conference.cli.demo import demo_command
from conference.cli.directory import directory
from conference.cli.hold import hold
from conference.cli.mail import mail
from conference.cli.program import program
from conference.cli.purge import purge_command
from conference.cli.serve import serve_command
from conference.cli.worker import worker_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from config import Configuration


def init_app(app: Flask, build: Callable[[Configuration | None], Flask]) -> None:
    """Register the commands; `build` makes the application once more, in another situation."""
    app.cli.add_command(conference.group)
    app.cli.add_command(demo_command(build))
    app.cli.add_command(directory)
    app.cli.add_command(program)
    app.cli.add_command(accounts)
    app.cli.add_command(mail)
    app.cli.add_command(purge_command)
    app.cli.add_command(hold)
    app.cli.add_command(serve_command(build))
    app.cli.add_command(worker_command)
