"""The cookie: read and signed in our own way, by the keys in force and the former ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.sessions import SecureCookieSessionInterface

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

OLD, NEW, OTHER = "an old secret " * 3, "a new secret " * 3, "another secret " * 3
CONTENT = {"account": 7, "sign_in": "Ñuu Savi", "used": 1_783_789_200, "kept": [["success", "Guardado."]]}


def test_what_was_written_is_read_with_the_key_in_force_and_with_a_former_one(
    build_app: Callable[..., Flask],
) -> None:
    before = build_app(SECRET_KEY=OLD)
    after = build_app(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=(OLD,))
    written = before.session_interface.get_signing_serializer(before).dumps(CONTENT)
    assert before.session_interface.get_signing_serializer(before).loads(written) == CONTENT
    assert after.session_interface.get_signing_serializer(after).loads(written) == CONTENT


def test_a_cookie_of_another_key_or_with_one_letter_changed_speaks_for_nobody(
    build_app: Callable[..., Flask],
) -> None:
    app, other = build_app(SECRET_KEY=NEW), build_app(SECRET_KEY=OTHER)
    name = app.config["SESSION_COOKIE_NAME"]
    written = other.session_interface.get_signing_serializer(other).dumps(CONTENT)
    own = app.session_interface.get_signing_serializer(app).dumps(CONTENT)
    changed = ("f" if own[3] != "f" else "g").join((own[:3], own[4:]))

    def read(cookie: str) -> dict[str, object]:
        with app.test_request_context("/", headers={"Cookie": f"{name}={cookie}"}) as context:
            opened = app.session_interface.open_session(app, context.request)
        assert opened is not None
        return dict(opened)

    assert (read(own), read(written), read(changed)) == (CONTENT, {}, {})


def test_a_cookie_of_flask_s_own_way_is_not_taken(build_app: Callable[..., Flask]) -> None:
    app = build_app(SECRET_KEY=NEW)
    theirs = SecureCookieSessionInterface().get_signing_serializer(app)
    assert theirs is not None
    cookie = f"{app.config['SESSION_COOKIE_NAME']}={theirs.dumps(CONTENT)}"
    with app.test_request_context("/", headers={"Cookie": cookie}) as context:
        assert app.session_interface.open_session(app, context.request) == {}
