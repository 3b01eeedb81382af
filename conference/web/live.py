"""Live parts of a page re-fetch one small address, which answers 204 while nothing is new."""

from __future__ import annotations

from flask import Response, request

from conference.web.pages import nothing_new, wants_fragment


def asks_by_itself() -> bool:
    """Tell whether an open page asks, and nobody who sits before it: nobody uses their sign-in by that."""
    return "version" in request.args and wants_fragment()


def up_to_date(version: str) -> Response | None:
    """Return the 204 for a reader whose `?version=` is current, else None."""
    if request.args.get("version") == version:
        return nothing_new()
    return None
