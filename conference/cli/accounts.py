"""`flask accounts …`: give an address a role from the server's console."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from conference.cli.terminal import refusing, speak, typed_address
from conference.domain.accounts import Role
from conference.domain.errors import NotFound
from conference.extensions import db
from conference.queries.conference import conference_by_slug
from conference.queries.roles import organization_id
from conference.services.roles import EARNED_ROLES, grant_role
from conference.web.clock import now
from conference.web.wording import word

accounts = AppGroup("accounts", help="Who may do what.")

ROLES = [role.value for role in Role if role not in EARNED_ROLES]


@accounts.command("grant")
@click.argument("email", callback=typed_address)
@click.argument("role", type=click.Choice(ROLES))
@click.option("--conference", "slug", required=True, help="Name of the conference in addresses.")
@click.option("--organization", "key", help="Key of the organization that an organization_lead answers for.")
def grant(email: str, role: str, slug: str, key: str | None) -> None:
    """Give an address a role in a conference. Its first organizer is for `conference create-organizer`."""
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
