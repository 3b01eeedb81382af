"""`flask purge`: forget whose period is over; once a day is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.extensions import db
from conference.services.purge import purge
from conference.web.clock import now
from conference.web.sign_ins import limits_of

if TYPE_CHECKING:
    from conference.services.purge import PurgeReport


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
    for line in _lines(report):
        click.echo(line)


def _lines(report: PurgeReport) -> tuple[str, ...]:
    return (
        _("Registrations emptied: %(count)s", count=report.registrations),
        _("Addresses of accounts emptied: %(count)s", count=report.accounts),
        _("Scans at doors deleted: %(count)s", count=report.scans),
        _("Presences in sittings deleted: %(count)s", count=report.presences),
        _("Votes that no longer lead to a delegate: %(count)s", count=report.electors),
        _("Sign-in codes deleted: %(count)s", count=report.sign_in_codes),
        _("Sign-ins that were over, deleted: %(count)s", count=report.sign_ins),
        _("Half-filled forms deleted: %(count)s", count=report.kept_forms),
        _("Unanswered passkey questions deleted: %(count)s", count=report.challenges),
        _("Requests for exports deleted: %(count)s", count=report.approvals),
        _("Mails that were given up, emptied: %(count)s", count=report.letters),
        _("Entries of the outbox deleted: %(count)s", count=report.messages),
    )
