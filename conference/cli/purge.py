"""`flask purge`: forget whose period is over; once a day is right."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.extensions import db
from conference.web.job_wording import purge_counts
from conference.web.retention import purge_now, wipe_rest


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@with_appcontext
def purge_command(*, dry_run: bool) -> None:
    """Erase what is known of people whose conference was over long enough ago; votes and texts stay."""
    speak()
    with refusing():
        report = purge_now(db.session())
        if dry_run:
            db.session.rollback()
        else:
            db.session.commit()
            wipe_rest()
    if dry_run:
        click.echo(_("Nothing has been removed. This is what would be:"))
    for words, count in purge_counts(report):
        click.echo(f"{words}: {count}")
