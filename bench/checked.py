"""Asamblea with two pages that say nothing: one as anybody sees it, one that asks who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference import create_app
from conference.policies import Permission
from conference.web import sign_ins
from conference.web.access import requires

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def create() -> Flask:
    """Build the application, and add both pages; each knows its conference, as every page does."""
    # A browser takes the renewed cookie and is given no other for a while; the load would get one each time.
    sign_ins.REFRESH_SECONDS = 24 * 3600
    app = create_app()
    _page(app, "unchecked", lambda: "hello")
    _page(app, "checked", requires(Permission.CAST_BALLOTS)(lambda: "hello"))
    return app


def _page(app: Flask, name: str, view: Callable[[], str]) -> None:
    app.add_url_rule(f"/<lang>/<slug>/bench/{name}", f"bench.{name}", view)
