from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference.models import LegalHold
from tests.factories import make_conference

if TYPE_CHECKING:
    from click.testing import Result
    from flask import Flask
    from sqlalchemy.orm import Session


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def hold(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["hold", *arguments])


def test_a_hold_is_begun_and_lifted_on_the_server(app: Flask, session: Session) -> None:
    make_conference(session, slug="muestra")
    session.commit()
    assert hold(app, "list").output == "There was never a legal hold.\n"
    begun = hold(app, "begin", "muestra", "--reason", "security_incident")
    said = "Nothing of muestra is forgotten on schedule until you lift the hold.\n"
    assert (begun.exit_code, begun.output) == (0, said)
    listed = hold(app, "list").output
    assert listed.startswith("muestra: since ")
    assert listed.endswith(" A security incident is being looked into\n")
    lifted = hold(app, "lift", "muestra")
    said = "muestra forgets in time again. The next purge removes what is due.\n"
    assert (lifted.exit_code, lifted.output) == (0, said)
    assert hold(app, "list").output.startswith("muestra: from ")
    assert session.scalars(select(LegalHold.begun_by_id)).all() == [None]


def test_what_cannot_be_held_is_said_in_one_line(app: Flask, session: Session) -> None:
    make_conference(session, slug="muestra")
    session.commit()
    nowhere = hold(app, "begin", "otra", "--reason", "legal_demand")
    free = hold(app, "lift", "muestra")
    assert [(result.exit_code, len(result.output.splitlines())) for result in (nowhere, free)] == [
        (1, 1),
        (1, 1),
    ]
