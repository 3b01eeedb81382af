"""`flask directory …`: a table of organizations is looked through, and brought in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.domain.errors import NotFound
from conference.domain.jobs import JobKind
from conference.domain.organization_file import MAXIMUM_BYTES, OrganizationFileErrors
from conference.extensions import db
from conference.queries.conference import conference_by_slug
from conference.web.job_wording import counted
from conference.web.organization_import import look_through, store_table

if TYPE_CHECKING:
    from conference.domain.organization_file import Plan

directory = AppGroup("directory", help="Bring organizations into the directory.")


@directory.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--conference", "slug", required=True, help="Name of the conference in addresses.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and write nothing.")
@click.option("--language", help="Language of what the command says: es or en.")
def import_table(file: Path, slug: str, *, dry_run: bool, language: str | None) -> None:
    """Bring in the table FILE (CSV), whole or not at all. Each fault is named, with its remedy."""
    speak(language)
    with refusing():
        made = _import(file, slug, dry_run=dry_run)
        db.session.commit()
    if dry_run:
        click.echo(_("Nothing has been written. This is what would come of it:"))
    for label, count in counted(JobKind.IMPORT_ORGANIZATIONS, made.counts):
        click.echo(f"{label}: {count}")


def _import(file: Path, slug: str, *, dry_run: bool) -> Plan:
    with file.open("rb") as opened:
        content = opened.read(MAXIMUM_BYTES + 1)  # one more than is read: enough to be refused
    conference = conference_by_slug(db.session(), slug)
    if conference is None:
        raise NotFound("conference_unknown", slug=slug)
    if not dry_run:
        return store_table(
            content, conference.languages, conference_id=conference.id, by=None, name=file.name
        )
    found = look_through(content, conference.languages, name=file.name)
    if found.problems:
        raise OrganizationFileErrors(found.problems)
    return found
