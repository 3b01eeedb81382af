"""`flask hold …`: begin and lift legal holds from the server's console, where no organizer can."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.domain.errors import NotFound
from conference.domain.retention import HoldReason
from conference.extensions import db
from conference.queries.conference import conference_by_slug
from conference.queries.retention import every_hold
from conference.services.holds import begin_hold, lift_hold
from conference.web.clock import now
from conference.web.content import long_date
from conference.web.wording import word

hold = AppGroup("hold", help="Legal holds: while one stands, nothing of a conference is forgotten.")


def _number(slug: str) -> int:
    conference = conference_by_slug(db.session(), slug)
    if conference is None:
        raise NotFound("conference_not_found")
    return conference.id


@hold.command("begin")
@click.argument("slug")
@click.option("--reason", type=click.Choice([reason.value for reason in HoldReason]), required=True)
def begin(slug: str, reason: str) -> None:
    """Keep a conference as it is until the hold is lifted; its audit log says so."""
    speak()
    with refusing():
        begin_hold(db.session(), conference_id=_number(slug), reason=HoldReason(reason), by=None, now=now())
        db.session.commit()
    click.echo(_("Nothing of %(slug)s is forgotten on schedule until you lift the hold.", slug=slug))


@hold.command("lift")
@click.argument("slug")
def lift(slug: str) -> None:
    """Let a conference forget in time again: the next purge forgets what is due."""
    speak()
    with refusing():
        lift_hold(db.session(), conference_id=_number(slug), by=None, now=now())
        db.session.commit()
    click.echo(_("%(slug)s forgets in time again. The next purge removes what is due.", slug=slug))


@hold.command("list")
def listing() -> None:
    """List every hold there ever was, the latest first."""
    speak()
    holds = every_hold(db.session())
    if not holds:
        click.echo(_("There was never a legal hold."))
    for each in holds:
        values = {
            "slug": each.slug,
            "reason": word(each.reason),
            "begun": long_date(each.begun_at.date()),
            "lifted": each.lifted_at and long_date(each.lifted_at.date()),
        }
        if each.lifted_at is None:
            click.echo(_("%(slug)s: since %(begun)s. %(reason)s", **values))
        else:
            click.echo(_("%(slug)s: from %(begun)s until %(lifted)s. %(reason)s", **values))
