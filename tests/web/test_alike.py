"""Who asks for a sign-in mail cannot tell by bytes, statements or time whether the address is known."""

from __future__ import annotations

import gc
import re
import time
from statistics import median
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference.models import Message
from tests.factories import make_account, make_conference, make_registration
from tests.forms import form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.clients import CheckedClient

# As long as each other: what was typed is shown again, and kept in the cookie.
KNOWN, UNKNOWN, REGISTERED = "anaaa@example.org", "nadie@example.org", "berta@example.org"
PAIRS = 60
# Of the work of one answer: far more than a busy machine makes of what is alike, and far less than writing
# a mail for one of them only. That the database does the same is told by its statements.
TOLERANCE = 0.50


@pytest.fixture
def people(session: Session) -> None:
    """Somebody with an account, and somebody who registered and has none yet."""
    make_account(session, email=KNOWN)
    make_registration(session, make_conference(session), contact_email=REGISTERED)


def ask(client: CheckedClient, email: str) -> tuple[int, dict[str, str], bytes]:
    answer = submit(client, "/en/sign-in", to="/en/sign-in", email=email)
    headers = {name: value for name, value in answer.headers if name != "Set-Cookie"}
    return answer.status_code, headers, answer.data


def without_what_differs(text: str, email: str) -> str:
    """Leave out the address that was typed, and tokens, of which each browser has its own."""
    return re.sub(r'(name="csrf_token"[^>]* value=")[^"]+', r"\1…", text).replace(email, "…")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("email", [KNOWN, REGISTERED])
def test_the_answer_is_the_same_to_the_byte(
    new_client: Callable[[], CheckedClient], session: Session, email: str
) -> None:
    clients = {address: new_client() for address in (email, UNKNOWN)}
    answers = {address: ask(client, address) for address, client in clients.items()}
    assert answers[email] == answers[UNKNOWN]
    pages = {}
    for address, client in clients.items():
        opened = client.get("/en/sign-in/code")
        pages[address] = without_what_differs(opened.text, address)
    assert pages[email] == pages[UNKNOWN]
    # Both were written to: only whoever reads the mail knows more.
    assert set(session.scalars(select(Message.recipient))) == {email, UNKNOWN}


@pytest.mark.usefixtures("people")
def test_a_wrong_code_is_answered_the_same(new_client: Callable[[], CheckedClient]) -> None:
    told = {}
    for email in (KNOWN, UNKNOWN):
        client = new_client()
        ask(client, email)
        form = form_of(client.get("/en/sign-in/code"), "/code")
        answer = send(client, form, code="0000 0000")
        told[email] = (answer.status_code, without_what_differs(answer.text, email))
    assert told[KNOWN] == told[UNKNOWN]
    assert told[KNOWN][0] == 422


@pytest.mark.usefixtures("people")
def test_the_database_is_asked_the_same(
    app: Flask,
    new_client: Callable[[], CheckedClient],
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    asked = {}
    for email in (KNOWN, UNKNOWN):
        client = new_client()
        with count_queries() as queries:
            client.post("/en/sign-in", data={"email": email})
        asked[email] = list(queries)
    assert asked[KNOWN] == asked[UNKNOWN]
    assert len(asked[KNOWN]) > 3


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_takes_the_same_time(app: Flask, session: Session) -> None:
    app.config.update(WTF_CSRF_ENABLED=False, SIGN_IN_MAILS_PER_HOUR=100_000)
    session.commit()
    client = app.test_client()

    def seconds(email: str) -> float:
        # Of the processor, in this thread: others on the machine are not measured.
        begun = time.thread_time()
        client.post("/en/sign-in", data={"email": email})
        return time.thread_time() - begun

    for email in (KNOWN, UNKNOWN) * 5:
        seconds(email)
    gc.collect()
    gc.disable()
    try:
        # Who goes first alternates, so that neither gains by its place.
        pairs = [
            (seconds(KNOWN), seconds(UNKNOWN)) if number % 2 else (seconds(UNKNOWN), seconds(KNOWN))[::-1]
            for number in range(PAIRS)
        ]
    finally:
        gc.enable()
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert abs(known - unknown) < TOLERANCE * unknown, f"{1000 * known:.3f} ms and {1000 * unknown:.3f}"
