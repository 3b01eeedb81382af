"""A table of organizations on its pages: sent, looked through, looked at, confirmed; by organizers only."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from conference.domain.accounts import Role
from conference.domain.organization_file import MAXIMUM_BYTES
from conference.models import Job, Organization
from conference.services.jobs import forget_jobs
from tests.factories import NOW, grant, make_conference, make_organization, sign_in
from tests.queues import do_due

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from conference.models import Conference
    from tests.clients import CheckedClient

ADDRESS = "/es/muestra/import-organizations"
HEAD = "key,name,kind,side,status\n"
TABLE = f"{HEAD}club-nuevo,Club Nuevo de Yalálag,hta,us,active\n".encode()


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra", first_day=datetime.now(UTC).date())


@pytest.fixture
def organizer(session: Session, conference: Conference, client: CheckedClient) -> CheckedClient:
    sign_in(client, grant(session, conference, Role.ORGANIZER))
    return client


def text(client: CheckedClient, address: str, **headers: str) -> str:
    return client.get(address, headers=headers).get_data(as_text=True)


def token(client: CheckedClient) -> str:
    return text(client, ADDRESS).split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def send(client: CheckedClient, content: bytes) -> TestResponse:
    data: dict[str, Any] = {"csrf_token": token(client), "file": (io.BytesIO(content), "tabla.csv")}
    return client.post(ADDRESS, data=data, content_type="multipart/form-data")


def send_bytes(client: CheckedClient, content: bytes) -> TestResponse:
    """Send a large table as a browser does: the test client would leave a file of its own behind."""
    fields = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token(client)}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\n'
    )
    return client.post(
        ADDRESS,
        data=fields.encode() + content + b"\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )


def work(app: Flask) -> int:
    with app.app_context():
        return do_due()


def names(session: Session) -> list[str]:
    session.rollback()
    return [row.name for row in session.query(Organization).order_by(Organization.id)]


def test_a_table_is_looked_through_looked_at_and_brought_in(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    answer = send(organizer, TABLE)
    address = answer.location
    assert (answer.status_code, address.startswith(f"{ADDRESS}/")) == (303, True)
    assert 'hx-trigger="every 2s"' in text(organizer, address)
    assert work(app) == 1
    shown = text(organizer, address)
    assert ("Club Nuevo de Yalálag" in shown, 'hx-trigger="every' in shown, names(session)) == (
        True,
        False,
        [],
    )
    job = session.query(Job).one()
    assert job.report == {"added": 1, "changed": 0, "kept": 0, "same": 0, "problems": 0}
    # The page of all work leads to it, too.
    assert f'href="{address}"' in text(organizer, address.replace("muestra/import-organizations", "jobs"))

    confirmed = organizer.post(address, data={"csrf_token": token(organizer)})
    assert (confirmed.status_code, confirmed.location.startswith("/es/jobs/")) == (303, True)
    assert names(session) == []
    assert work(app) == 1
    assert names(session) == ["Club Nuevo de Yalálag"]
    assert "Club Nuevo" not in text(organizer, "/es/muestra/organizations")
    assert organizer.get(confirmed.location).status_code == 200


def test_every_fault_is_named_with_its_line_and_nothing_can_be_confirmed(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    content = f"{HEAD}club,Uno,gremio,us,active\nClub Dos,Dos,hta,us,active\n".encode()
    address = send(organizer, content).location
    work(app)
    shown = text(organizer, address)
    assert [f"{number}:</strong>" in shown for number in (2, 3)] == [True, True]
    assert ("gremio" in shown, "Club Dos" in shown, f'action="{address}"' in shown) == (True, True, False)
    # Whoever confirms it all the same is told so by the work itself.
    confirmed = organizer.post(address, data={"csrf_token": token(organizer)})
    work(app)
    assert (names(session), session.query(Job).order_by(Job.id.desc()).first().failure) == (
        [],
        "organization_file_invalid",
    )
    assert organizer.get(confirmed.location).status_code == 200


def test_what_is_confirmed_is_held_against_the_directory_of_that_moment(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    address = send(organizer, TABLE).location
    work(app)
    make_organization(session, key="club-nuevo", name="Otro Club")
    session.commit()
    organizer.post(address, data={"csrf_token": token(organizer)})
    work(app)
    assert names(session) == ["Otro Club"]


def test_a_table_is_kept_for_a_day(app: Flask, organizer: CheckedClient, session: Session) -> None:
    address = send(organizer, TABLE).location
    work(app)
    session.query(Job).update({"ended_at": NOW})
    forget_jobs(session, now=datetime.now(UTC))
    session.commit()
    assert "Club Nuevo" not in text(organizer, address)
    assert organizer.post(address, data={"csrf_token": token(organizer)}).status_code == 404


def test_only_who_sent_a_table_sees_it(
    app: Flask,
    organizer: CheckedClient,
    session: Session,
    conference: Conference,
    new_client: Callable[[], CheckedClient],
) -> None:
    address = send(organizer, TABLE).location
    work(app)
    other = new_client()
    sign_in(other, grant(session, conference, Role.ORGANIZER))
    assert other.get(address).status_code == 404
    # Nor does it lead into another conference, or show other work as a table.
    elsewhere = make_conference(session, slug="otra")
    account = session.query(Job).one().asked_by_id
    grant(
        session,
        elsewhere,
        Role.ORGANIZER,
        account=session.get_one(type(grant(session, conference, Role.OFFICIAL)), account),
    )
    assert organizer.get(address.replace("muestra", "otra")).status_code == 404


def test_a_table_may_be_larger_than_a_form_and_a_larger_one_is_refused(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    rows = "".join(f"club-{n},{'C' * 150},hta,us,active\n" for n in range(2000))
    answer = send(organizer, (HEAD + rows).encode())
    assert answer.status_code == 303
    work(app)
    assert session.query(Job).one().report["added"] == 2000
    shown = text(organizer, answer.location)
    assert (shown.count("CCC</strong>"), "1800" in shown) == (200, True)
    assert send_bytes(organizer, b"x" * (MAXIMUM_BYTES + 1)).status_code == 303
    assert send_bytes(organizer, b"x" * (MAXIMUM_BYTES + 128 * 1024)).status_code == 413


@pytest.mark.parametrize("role", [Role.ORGANIZATION_LEAD, Role.OFFICIAL, Role.CREDENTIALS_COMMITTEE])
def test_a_large_body_is_read_from_organizers_only(
    session: Session, conference: Conference, client: CheckedClient, role: Role
) -> None:
    club = make_organization(session, conference)
    organization = club if role is Role.ORGANIZATION_LEAD else None
    sign_in(client, grant(session, conference, role, organization=organization))
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="t"\r\n\r\n'
        + b"x" * 400_000
        + b"\r\n--b--"
    )
    answer = client.post(ADDRESS, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in {400, 403, 413}
    assert session.query(Job).count() == 0


def test_no_file_is_said_beside_the_field(organizer: CheckedClient) -> None:
    answer = organizer.post(ADDRESS, data={"csrf_token": token(organizer)})
    assert (answer.status_code, 'id="file-error"' in answer.get_data(as_text=True)) == (422, True)


def test_the_empty_table_has_the_columns_and_can_be_sent_back(app: Flask, organizer: CheckedClient) -> None:
    empty = organizer.get(f"{ADDRESS}.csv")
    assert empty.get_data(as_text=True).startswith("\ufeffkey,name,kind,side,status,municipality,")
    address = send(organizer, empty.data).location
    work(app)
    assert 'class="notice notice-bad"' in text(organizer, address)
