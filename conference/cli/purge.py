"""`flask purge`: forget whose period is over; once a day is right."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.extensions import db
from conference.services.purge import purge
from conference.web.clock import now
from conference.web.job_wording import purge_counts
from conference.web.sign_ins import limits_of


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@with_appcontext
def purge_command(*, dry_run: bool) -> None:
    """Erase what is known of people whose conference was over long enough ago; votes and texts stay."""
    speak()
    with refusing():
        report = purge(
            db.session(),
            sign_ins=limits_of(staff=False).absolute,
            staff_sign_ins=limits_of(staff=True).absolute,
            now=now(),
        )
        if dry_run:
            db.session.rollback()
        else:
            db.session.commit()
    if dry_run:
        click.echo(_("Nothing has been removed. This is what would be:"))
    for words, count in purge_counts(report):
        click.echo(f"{words}: {count}")
