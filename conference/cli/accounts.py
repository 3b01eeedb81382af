"""`flask accounts …`: name the first organizer, who names everybody else."""

from __future__ import annotations

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak
from conference.domain.accounts import Role, canonical_email
from conference.domain.errors import NotFound
from conference.extensions import db
from conference.queries.conference import conference_by_slug
from conference.queries.roles import organization_id
from conference.services.roles import EARNED_ROLES, grant_role
from conference.web.clock import now
from conference.web.wording import word

accounts = AppGroup("accounts", help="Who may do what.")

ROLES = [role.value for role in Role if role not in EARNED_ROLES]


def typed_address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Return a typed email address as it is compared; a command that is given none ends."""
    try:
        return validate_email(canonical_email(value), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise click.BadParameter(str(error)) from error


@accounts.command("grant")
@click.argument("email", callback=typed_address)
@click.argument("role", type=click.Choice(ROLES))
@click.option("--conference", "slug", required=True, help="Name of the conference in addresses.")
@click.option("--organization", "key", help="Key of the organization that an organization_lead answers for.")
def grant(email: str, role: str, slug: str, key: str | None) -> None:
    """Give an address a role in a conference: the first organizer is named so."""
    speak()
    with refusing():
        _grant(email, Role(role), slug, key)
        db.session.commit()
    click.echo(_("%(role)s: %(email)s", role=word(Role(role)), email=email))


def _grant(email: str, role: Role, slug: str, key: str | None) -> None:
    conference = conference_by_slug(db.session(), slug)
    if conference is None:
        raise NotFound("conference_not_found")
    grant_role(
        db.session(),
        conference_id=conference.id,
        email=email,
        role=role,
        organization_id=organization_id(db.session(), conference_id=conference.id, key=key) if key else None,
        language=conference.languages[0],
        by=None,
        now=now(),
    )
