"""`flask program …`: a timetable made elsewhere becomes a conference here."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup

from conference.cli.terminal import refusing, speak
from conference.domain.schedule_xml import SIZE_LIMIT, parse_schedule
from conference.domain.slugs import slug_of
from conference.extensions import db
from conference.web.letters import absolute
from conference.web.locale import current_language
from conference.web.schedules import store_schedule

if TYPE_CHECKING:
    from conference.domain.schedule_digest import ScheduleCounts

program = AppGroup("program", help="Bring in the program of a conference.")


@program.command("import-schedule")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "--slug", "slug", help="Name in addresses, instead of the file's acronym or title.")
@click.option("--zone", help="Time zone, as America/Mexico_City, where the file names none.")
@click.option("--language", default="en", show_default=True, help="Language of events that name none.")
def import_one(file: Path, slug: str | None, zone: str | None, language: str) -> None:
    """Make a conference of a schedule in XML, whole or not at all, and count what was stored."""
    speak()
    with refusing(file):
        schedule = parse_schedule(_read(file), zone=zone)
        name = slug or slug_of(schedule.acronym or schedule.title)
        found = store_schedule(schedule, slug=name, language=language)
        db.session.commit()
    _report(found)
    click.echo(_page_of(name))


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(SIZE_LIMIT + 1)  # one more than is read: enough to be refused


def _report(found: ScheduleCounts) -> None:
    for name, value in asdict(found).items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        click.echo(f"{name}: {text}")


def _page_of(slug: str) -> str:
    pages = current_app.url_map.bind("localhost")
    return absolute(pages.build("program.days", {"lang": current_language(), "slug": slug}))
