"""The log on its page and as a file: for everybody, in plain words, and checkable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from agreements.ledger import resume
from conference.domain.accounts import Role
from conference.domain.audit import AuditKind
from conference.models import AuditHead
from conference.services.audit import record
from conference.services.roles import grant_role, revoke_role
from conference.web.audit_wording import GRANTS, SENTENCES, pseudonym
from tests.factories import NOW, grant, make_conference, sign_in
from tests.forms import HTMX

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


def write(session: Session, conference: Conference, number: int) -> None:
    for question in range(number):
        event = {"kind": "voting_opened", "question": question}
        record(session, conference_id=conference.id, actor="chair-1", event=event, at=NOW)


def sentences(client: CheckedClient, address: str = "/en/muestra/audit") -> list[str]:
    page = BeautifulSoup(client.get(address).text, "html5lib")
    return [line.text for line in page.select("main ol.rows li > p:first-child")]


def test_everybody_reads_what_was_done_and_nobody_who_it_was(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    organizer = grant(session, conference, Role.ORGANIZER)
    number = grant_role(
        session,
        conference_id=conference.id,
        email="lilia.secreta@example.org",
        role=Role.RAPPORTEUR,
        organization_id=None,
        language="es",
        by=organizer.id,
        now=NOW,
    )
    other = grant(session, conference, Role.ORGANIZER)
    revoke_role(session, conference_id=conference.id, grant_id=number, by=other.id, now=NOW)
    assert sentences(client) == [
        "Organizer 2 withdrew a role: Rapporteur 1.",
        "Organizer 1 gave a role: Rapporteur 1.",
    ]
    for address in ("/es/muestra/audit", "/en/muestra/audit", "/es/muestra/audit.jsonl"):
        text = client.get(address).text.lower()
        assert [word for word in ("lilia", "secreta", "@") if word in text] == []


def test_the_newest_entry_comes_first_and_pages_meet_without_gap(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    write(session, conference, 117)
    shown, address = [], "/en/muestra/audit"
    lengths = []
    while address:
        page = BeautifulSoup(client.get(address).text, "html5lib")
        lines = [line.text for line in page.select("main ol.rows li > p:first-child")]
        lengths.append(len(lines))
        shown += lines
        older = [link["href"] for link in page.select("main a") if "Older" in link.text]
        address = str(older[0]) if older else ""
    assert lengths == [50, 50, 17]
    assert shown == [f"Chair 1 opened the voting on question {number}." for number in reversed(range(117))]


def test_the_file_is_the_chain_and_the_page_shows_its_seal(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    write(session, conference, 7)
    write(session, make_conference(session), 2)
    answer = client.get("/es/muestra/audit.jsonl")
    assert answer.mimetype == "application/x-ndjson"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="muestra-audit.jsonl"'
    head = resume(answer.data.splitlines())
    assert (head.size, answer.data[-1:]) == (7, b"\n")
    page = BeautifulSoup(client.get("/es/muestra/audit").text, "html5lib")
    assert [each.get_text(strip=True) for each in page.select(".seal")] == [head.root.hex()]
    assert head.last_leaf == bytes(
        session.scalars(select(AuditHead.last_leaf).where(AuditHead.size == 7)).one()
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_long_log_is_read_in_parts(
    client: CheckedClient,
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    write(session, conference, 1001)
    with count_queries() as queries:
        answer = client.get("/es/muestra/audit.jsonl")
    assert resume(answer.data.splitlines()).size == 1001
    assert len([query for query in queries if "audit_entry" in query]) == 4


def test_an_empty_log_is_a_page_and_an_empty_file(client: CheckedClient, conference: Conference) -> None:
    assert client.get("/es/muestra/audit").status_code == 200
    answer = client.get("/es/muestra/audit.jsonl")
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize("before", ["0", "-1", "x", "99999999999999999999"])
def test_a_place_that_is_none_shows_the_newest(
    client: CheckedClient, session: Session, conference: Conference, before: str
) -> None:
    write(session, conference, 2)
    assert len(sentences(client, f"/en/muestra/audit?before={before}")) == 2


@pytest.mark.parametrize("headers", [None, HTMX])
def test_the_log_is_for_strangers_and_for_staff_alike(
    client: CheckedClient, session: Session, conference: Conference, headers: dict[str, str] | None
) -> None:
    write(session, conference, 1)
    assert client.get("/es/muestra/audit", headers=headers).status_code == 200
    sign_in(client, grant(session, conference, Role.OFFICIAL))
    assert client.get("/es/muestra/audit", headers=headers).status_code == 200


def test_every_kind_of_entry_and_every_role_that_is_granted_has_words(app: Flask) -> None:
    assert set(SENTENCES) == set(AuditKind)
    assert set(GRANTS) == set(Role) - {Role.DELEGATE, Role.ATTENDEE}
    with app.test_request_context("/en/"):
        called = [
            pseudonym(name) for name in ("organizer-2", "seat-12", "operator", "person", "elsewhere-1", "x")
        ]
    assert called == ["Organizer 2", "Seat 12", "Whoever runs the server", "A person", "elsewhere-1", "x"]


def test_an_entry_of_an_unknown_kind_is_named_as_it_stands(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    event = {"kind": "something_new"}
    record(session, conference_id=conference.id, actor="operator", event=event, at=NOW)
    assert sentences(client) == ["Whoever runs the server: something_new."]
