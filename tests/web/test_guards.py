"""What must hold for every route, whoever added it."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import DDL, event, text

from conference import create_app
from conference.domain.accounts import Role
from conference.domain.slugs import RESERVED
from conference.extensions import db, network_of
from conference.models import Message
from conference.policies import POLICIES, Permission
from conference.web.csp import CONTENT_SECURITY_POLICY
from conference.web.transaction import begin_reads_lightly
from config import Demo, Production, Testing
from tests.factories import grant, make_account, make_conference, make_sitting, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.routing import Rule

    from tests.clients import CheckedClient


def rules_of(app: Flask) -> Iterator[Rule]:
    """Every route but Flask's own for files."""
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


@pytest.fixture(scope="module")
def demo_app() -> Flask:
    """The application with the pages of the demonstration."""
    return create_app(Testing(DEMO=True, SQLALCHEMY_DATABASE_URI="sqlite://"))


def test_every_route_declares_its_permission(demo_app: Flask) -> None:
    without = [
        rule.endpoint
        for rule in rules_of(demo_app)
        if not isinstance(getattr(demo_app.view_functions[rule.endpoint], "permission", None), Permission)
    ]
    assert without == []


def test_every_permission_has_a_policy_and_a_route(demo_app: Flask) -> None:
    used = {demo_app.view_functions[rule.endpoint].permission for rule in rules_of(demo_app)}
    assert set(POLICIES) == set(Permission)
    assert set(Permission) - used == set()


def test_routes_take_get_or_post_and_nothing_else(demo_app: Flask) -> None:
    methods = [(rule.endpoint, rule.methods - {"HEAD", "OPTIONS"}) for rule in rules_of(demo_app)]
    assert [endpoint for endpoint, taken in methods if len(taken) != 1] == []
    assert {method for _, taken in methods for method in taken} == {"GET", "POST"}


def test_pages_carry_their_language_in_the_address(demo_app: Flask) -> None:
    unlocalised = {
        rule.endpoint
        for rule in rules_of(demo_app)
        if not rule.rule.startswith("/<lang>/") and not rule.endpoint.startswith("dev.")
    }
    assert unlocalised == {"conference.root", "conference.health"}


def test_no_conference_can_be_called_like_a_page(app: Flask) -> None:
    words = {rule.rule.split("/")[2] for rule in rules_of(app) if rule.rule.startswith("/<lang>/")}
    assert words - {"", "<slug>"} == RESERVED


def test_the_demonstration_exists_in_the_demonstration_only(app: Flask) -> None:
    assert [rule.endpoint for rule in rules_of(app) if rule.endpoint.startswith("dev.")] == []


@pytest.mark.parametrize(
    "address", ["/es/", "/es/sign-in", "/en/nothing/here/at/all", "/static/css/asamblea.css"]
)
def test_every_answer_carries_the_guarding_headers(client: CheckedClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert re.findall(r"https?:|\*", CONTENT_SECURITY_POLICY) == []


def test_over_https_cookies_are_secure_and_browsers_stay_there() -> None:
    app = create_app(Testing(HTTPS=True))
    answer = app.test_client().get("/es/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-asamblea=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


def test_production_does_not_start_without_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASAMBLEA_SECRET_KEY", raising=False)
    with pytest.raises(RuntimeError, match="ASAMBLEA_SECRET_KEY"):
        Production()


def test_a_post_without_a_token_is_refused_with_words(client: CheckedClient) -> None:
    answer = client.post("/es/sign-in", data={"email": "alguien@example.org"})
    assert answer.status_code == 403
    assert "Ábrala otra vez" in answer.text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/es/no-existe/programa/nada", "No encontramos esa página"),
        ("/en/no/such/thing", "We could not find that page"),
    ],
)
def test_errors_speak_the_language_of_the_address(client: CheckedClient, address: str, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert words in answer.text


def test_an_unknown_language_is_a_page_not_found(client: CheckedClient) -> None:
    assert client.get("/fr/sign-in").status_code == 404


def test_the_start_page_follows_the_browser_and_prefers_spanish(client: CheckedClient) -> None:
    assert client.get("/").headers["Location"] == "/es/"
    assert client.get("/", headers={"Accept-Language": "en-US,en"}).headers["Location"] == "/en/"
    assert client.get("/", headers={"Accept-Language": "de"}).headers["Location"] == "/es/"


def test_the_language_switch_stays_on_the_page(client: CheckedClient, session: Session) -> None:
    conference = make_conference(session)
    answer = client.get(f"/es/{conference.slug}/?desde=correo")
    assert f'href="/en/{conference.slug}/?desde=correo"' in answer.text


def test_too_large_a_body_is_refused_with_words(client: CheckedClient) -> None:
    answer = client.post("/es/sign-in", data={"email": "a" * 300_000})
    assert answer.status_code == 413
    assert "más grande de lo que aceptamos" in answer.text


def test_a_wrong_method_is_answered_with_words_and_what_is_allowed(client: CheckedClient) -> None:
    answer = client.post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Esta página no funciona así" in answer.text


def test_static_files_are_kept_for_good_once_named_by_content(client: CheckedClient) -> None:
    page = client.get("/es/")
    address = re.search(r'href="(/static/css/asamblea\.css\?v=[0-9a-f]{12})"', page.text)
    assert address is not None
    assert client.get(address.group(1)).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert page.headers["Cache-Control"] == "private, no-cache"


def test_an_htmx_request_for_a_missing_page_gets_the_notice_alone(client: CheckedClient) -> None:
    answer = client.get("/es/nada/de/nada", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "<html" not in answer.text


def test_an_unexpected_fault_is_told_without_details(
    app: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(**_: object) -> str:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setitem(app.view_functions, "conference.home", burst)
    answer = client.get("/es/")
    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.text
    assert "secret detail" not in answer.text


def test_a_fault_is_logged_by_place_and_never_by_what_somebody_typed(
    app: Flask, client: CheckedClient, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    # As a full disk would: the mail cannot be written, and the database's message quotes it.
    session.execute(DDL("DROP TABLE message"))
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = client.post("/es/sign-in", data={"email": "secreta@example.org"})
    finally:
        with app.app_context():
            Message.__table__.create(db.engine)
    assert answer.status_code == 500
    assert "in accounts.ask_for_code: " in caplog.text
    assert "secreta" not in caplog.text
    assert "sign-in/link" not in caplog.text


def test_what_somebody_signed_in_has_seen_is_kept_nowhere(client: CheckedClient, session: Session) -> None:
    conference = make_conference(session)
    address = f"/es/{conference.slug}/program"
    assert client.get(address).headers["Cache-Control"] == "private, no-cache"
    sign_in(client, make_account(session))
    assert client.get(address).headers["Cache-Control"] == "no-store"
    assert client.get("/es/sign-in/code").headers["Cache-Control"] == "no-store"


def test_addresses_that_no_row_can_have_are_not_found(client: CheckedClient, session: Session) -> None:
    conference = make_conference(session)
    volunteer = grant(session, conference, Role.DOOR_VOLUNTEER)
    make_sitting(session, conference)
    sign_in(client, volunteer)
    door = f"/es/{conference.slug}/door"
    assert client.get(f"{door}?door=%00").status_code == 404
    for scan in ("99999999999999999999", "2147483648", "-3000000000"):
        assert client.get(f"{door}?scan={scan}").status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_one_network_is_one_client(address: str, network: str) -> None:
    assert network_of(address) == network


def test_production_knows_its_own_names_and_refuses_weak_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "ASAMBLEA_SECRET_KEY": "k" * 64,
        "ASAMBLEA_DATABASE": "sqlite://",
        "ASAMBLEA_MAIL": "smtp://localhost:25",
        "ASAMBLEA_MAIL_SENDER": "a@example.org",
        "ASAMBLEA_URL": "https://asamblea.example.org",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    client = create_app(Production()).test_client()
    assert client.get("/es/sign-in", base_url="https://asamblea.example.org").status_code == 200
    assert client.get("/es/sign-in", base_url="https://evil.example").status_code == 400
    monkeypatch.setenv("ASAMBLEA_SECRET_KEY", "x")
    with pytest.raises(RuntimeError, match="32 characters"):
        Production()


def test_the_demonstration_is_for_this_machine_alone(demo_app: Flask) -> None:
    elsewhere = demo_app.test_client().get("/dev/style", environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    assert elsewhere.status_code == 404
    assert demo_app.test_client().get("/dev/style").status_code == 200
    with pytest.raises(RuntimeError, match="this machine alone"):
        Demo(PUBLIC_URL="https://asamblea.example.org")


def test_a_request_is_logged_by_its_route_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("asamblea.requests")
    logger.handlers.clear()
    client = create_app(Testing(LOG_REQUESTS=True)).test_client()
    try:
        client.get("/es/sign-in?next=/secreta", headers={"User-Agent": "secreta"})
    finally:
        logger.handlers.clear()
        logger.propagate = True
    assert re.fullmatch(r"\S+ \S+ GET accounts\.sign_in 200 \d+ms\n", capfd.readouterr().err)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_what_writes_takes_the_write_lock(app: Flask) -> None:
    begun: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    with app.test_request_context("/es/", method="POST"):
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            db.session.execute(text("SELECT 1"))
            db.session.rollback()
            begin_reads_lightly()
            db.session.execute(text("SELECT 1"))
            db.session.rollback()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
    assert begun == ["BEGIN IMMEDIATE", "BEGIN"]
