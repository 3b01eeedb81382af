"""A table of organizations on its pages: sent, looked through, looked at, confirmed; by organizers only."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from flask_babel import force_locale

from agreements import Chamber
from conference.domain.accounts import Role
from conference.domain.directory import (
    OrganizationSource,
    OrganizationStatus,
    folded,
)
from conference.domain.organization_file import MAXIMUM_BYTES
from conference.models import Job, Organization
from conference.services.jobs import forget_jobs
from conference.web.organization_columns import columns_explained, words_for_codes
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
    # Whoever confirms it all the same is shown them again, and starts nothing.
    refused = organizer.post(address, data={"csrf_token": token(organizer)})
    assert (refused.status_code, refused.text.count("gremio"), f'action="{address}"' in refused.text) == (
        409,
        1,
        False,
    )
    assert (work(app), session.query(Job).count(), names(session)) == (0, 1, [])


def test_a_table_that_is_still_looked_through_is_not_brought_in(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    address = send(organizer, TABLE).location.replace("/es/", "/en/")
    early = organizer.post(address, data={"csrf_token": token(organizer)})
    assert (early.status_code, "still being looked through" in early.text) == (409, True)
    assert (work(app), session.query(Job).count(), names(session)) == (1, 1, [])
    assert organizer.post(address, data={"csrf_token": token(organizer)}).status_code == 303


def test_what_has_come_to_be_wrong_since_it_was_looked_at_starts_nothing(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    address = send(organizer, TABLE).location
    work(app)
    make_organization(session, key="club-nuevo", name="Otro Club")
    session.commit()
    refused = organizer.post(address, data={"csrf_token": token(organizer)})
    assert (refused.status_code, "Otro Club" in refused.text) == (409, True)
    assert (work(app), session.query(Job).count(), names(session)) == (0, 1, ["Otro Club"])


def test_a_row_that_is_there_twice_is_said_without_a_word_of_seats(
    app: Flask, organizer: CheckedClient
) -> None:
    address = send(organizer, f"{HEAD}club,Uno,hta,us,active\nclub,Dos,hta,us,active\n".encode()).location
    work(app)
    page = BeautifulSoup(text(organizer, address.replace("/es/", "/en/")), "html5lib")
    (told,) = (" ".join(each.text.split()) for each in page.select("main ol.rows li"))
    assert told == "Line 3: “club” stands in line 2 already — remove one, or give it a key of its own"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "Parte de Estados Unidos (us), Parte de México (mx)"),
        ("en", "United States side (us), Mexico side (mx)"),
    ],
)
def test_a_word_that_means_none_is_answered_with_the_words_and_codes_there_are(
    app: Flask, organizer: CheckedClient, language: str, said: str
) -> None:
    content = f"{HEAD}club,Uno,gremio,norte,quizá\n".encode()
    address = send(organizer, content).location
    work(app)
    page = BeautifulSoup(text(organizer, address.replace("/es/", f"/{language}/")), "html5lib")
    told = [" ".join(each.text.split()) for each in page.select("main ol.rows li")]
    assert ([line.count("(hta)") for line in told], len(told)) == ([1, 0, 0], 3)
    assert said in told[1]
    assert "…" not in "".join(told)


@pytest.mark.parametrize(
    ("taken", "said"),
    [(1, "1 thing in the table needs correcting"), (2, "2 things in the table need correcting")],
)
def test_what_is_confirmed_is_held_against_the_directory_of_that_moment(
    app: Flask, organizer: CheckedClient, session: Session, taken: int, said: str
) -> None:
    content = TABLE + b"club-viejo,Club Viejo,hta,us,active\n"
    address = send(organizer, content).location
    work(app)
    confirmed = organizer.post(address, data={"csrf_token": token(organizer)})
    for key in ("club-nuevo", "club-viejo")[:taken]:
        make_organization(session, key=key, name=f"Otro {key}")
    session.commit()
    work(app)
    assert names(session) == ["Otro club-nuevo", "Otro club-viejo"][:taken]
    told = text(organizer, confirmed.location.replace("/es/", "/en/"))
    assert f"Nothing was brought in: {said}." in told


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
    english = organizer.get(f"{ADDRESS}.csv".replace("/es/", "/en/"))
    assert english.get_data(as_text=True).startswith("\ufeffkey,name,kind,side,status,municipality,")
    empty = organizer.get(f"{ADDRESS}.csv")
    assert empty.get_data(as_text=True).startswith("\ufeffclave,nombre,tipo,parte,situación,municipio,")
    address = send(organizer, empty.data).location
    work(app)
    assert 'class="notice notice-bad"' in text(organizer, address)


def test_a_table_in_spanish_words_as_the_pages_show_them_is_brought_in(
    app: Flask, organizer: CheckedClient, session: Session
) -> None:
    content = (
        "Clave,Nombre,Tipo,Parte,Situacion,Fuente,Forma legal,"
        "Estado en Estados Unidos,Ciudad en Estados Unidos\n"
        "club,Club Ñuu,club de oriundos,Parte de Estados Unidos,EN PAUSA,La encontramos nosotros,"
        "Asociación civil (A.C.) en México,Oregón,Salem\n"
    )
    address = send(organizer, content.encode()).location
    work(app)
    organizer.post(address, data={"csrf_token": token(organizer)})
    work(app)
    session.rollback()
    row = session.query(Organization).one()
    assert (row.name, row.kind.value, row.side.value, row.status.value) == (
        "Club Ñuu",
        "hta",
        "us",
        "dormant",
    )
    assert (row.source.value, row.legal_form.value, row.us_state) == ("found", "mx_civil_association", "OR")


@pytest.mark.parametrize("language", ["es", "en"])
def test_beside_the_form_stands_what_each_column_may_hold(organizer: CheckedClient, language: str) -> None:
    page = BeautifulSoup(text(organizer, ADDRESS.replace("/es/", f"/{language}/")), "html5lib")
    headings = [each.text for each in page.select("main dt strong")]
    empty = organizer.get(f"{ADDRESS}.csv".replace("/es/", f"/{language}/")).get_data(as_text=True)
    assert headings == empty.strip("\ufeff\r\n").split(",")
    said = [" ".join(each.text.split()) for each in page.select("main dd")]
    assert [each for each in said if not each] == []
    shown = [" ".join(each.text.split()) for each in page.select("main dd li")]
    assert {"es": "Federación federation", "en": "Federation federation"}[language] in shown


def test_no_word_of_our_pages_stands_for_two_codes(app: Flask) -> None:
    with app.app_context():
        words = words_for_codes()
        for language in app.config["LANGUAGES"]:
            with force_locale(language):
                for column in columns_explained(("es", "en")):
                    found = [words[column.code][folded(shown)] for shown, _code in column.words]
                    assert found == [code for _shown, code in column.words]
    assert (words["us_state"]["oregon"], words["us_state"]["nueva york"]) == ("OR", "NY")


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "situación, lugar, lenguas, descripción"), ("en", "status, place, languages, description")],
)
def test_what_would_change_is_called_as_the_reader_calls_it(
    app: Flask, organizer: CheckedClient, session: Session, language: str, said: str
) -> None:
    values = {"side": Chamber.US, "source": OrganizationSource.FOUND, "place": "Salem", "languages": ["spa"]}
    make_organization(session, key="club", name="Club", status=OrganizationStatus.ACTIVE, **values)
    content = f"{HEAD.strip()},description_es\nclub,Club,hta,us,dormant,Hola\n"
    address = send(organizer, content.encode()).location
    work(app)
    page = BeautifulSoup(text(organizer, address.replace("/es/", f"/{language}/")), "html5lib")
    (named,) = (each.text.split(": ", 1)[-1] for each in page.select("main li .soft"))
    assert " ".join(named.split()) == said
