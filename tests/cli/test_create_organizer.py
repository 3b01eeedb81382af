"""`flask conference create-organizer`: the way in for whoever runs the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.sign_ins import SignInWay
from conference.models import Message, RoleGrant, SignIn
from tests.factories import make_conference
from tests.forms import submit

if TYPE_CHECKING:
    from click.testing import Result
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.clients import CheckedClient

ANA = "ana@example.org"


def create(app: Flask, *arguments: str, language: str = "en") -> Result:
    words = ["conference", "create-organizer", *arguments, "--language", language]
    return app.test_cli_runner().invoke(args=words)


def link_in(result: Result) -> str:
    found = re.fullmatch(r"http://localhost(/\S+)", result.stdout.splitlines()[-1])
    assert found is not None
    return found.group(1)


def test_its_link_signs_an_organizer_in_once_without_mail_or_second_factor(
    app: Flask, session: Session, client: CheckedClient
) -> None:
    make_conference(session, slug="nuestra")
    session.commit()
    result = create(app, ANA, "--conference", "nuestra", language="es")
    assert (result.exit_code, result.stderr) == (0, "")
    link = link_in(result)
    assert urlsplit(link).path.startswith("/es/sign-in/link/")
    entered = submit(client, link, to="/link/")
    assert (entered.status_code, entered.location) == (303, "/es/account/second-factor")
    assert session.scalars(select(SignIn.way)).all() == [SignInWay.CONSOLE]
    assert client.get("/es/nuestra/roles").status_code == 200
    assert submit(client, link, to="/link/").status_code == 404
    assert session.scalars(select(Message)).all() == []


def test_it_rescues_an_organizer_without_naming_them_again(app: Flask, session: Session) -> None:
    make_conference(session, slug="nuestra")
    session.commit()
    links = {link_in(create(app, ANA, "--conference", "nuestra")) for _ in range(2)}
    session.rollback()
    assert len(links) == 2
    assert session.scalars(select(RoleGrant.role)).all() == [Role.ORGANIZER]


def test_a_conference_that_is_not_here_and_an_address_that_is_none_are_refused(app: Flask) -> None:
    unknown = create(app, ANA, "--conference", "nuestra")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert unknown.stderr == "There is no conference at this address.\n"
    mistyped = create(app, "ana", "--conference", "nuestra")
    assert (mistyped.exit_code, mistyped.stdout) == (2, "")
