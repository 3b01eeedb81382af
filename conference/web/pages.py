"""One helper renders: the whole page, or the blocks of it that htmx asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, make_response, redirect, render_template
from htmx_flask import request
from jinja2_fragments.flask import render_blocks
from werkzeug.urls import iri_to_uri

from conference.web.locale import as_written

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


def wants_fragment() -> bool:
    """Tell whether htmx asks for a part of the page (a restored history entry needs it whole)."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def page(template: str, *blocks: str, status: int = 200, **context: object) -> Response:
    """Answer with the page, or with the named blocks of it to an htmx request."""
    if blocks and wants_fragment():
        text = render_blocks(template, list(blocks), **context)
    else:
        text = render_template(template, **context)
    response = make_response(text, status)
    response.vary.add("HX-Request")
    return response


def see(address: str) -> BaseResponse:
    """After a POST: 303 to the page that shows what came of it."""
    return redirect(address, code=303)


def go(address: str) -> BaseResponse:
    """Send the browser to another page: 303, or HX-Redirect with a 200 (htmx never sees a 3xx's headers)."""
    if not wants_fragment():
        return see(address)
    response = make_response("", 200)
    # A header holds no accented letters; a path may.
    response.headers["HX-Redirect"] = iri_to_uri(address)
    return response


def nothing_new() -> Response:
    """Answer a poll whose reader is up to date."""
    response = make_response("", 204)
    response.vary.add("HX-Request")
    return response


# What comes back in a mail's link: no room for somebody else's message.
LONGEST_ADDRESS = 500


def local_address(address: str | None) -> str | None:
    """Return the address if it is a path of this site, else None: a link cannot send people elsewhere."""
    if (
        not address
        or len(address) > LONGEST_ADDRESS
        or not address.startswith("/")
        or address.startswith(("//", "/\\"))
    ):
        return None
    if any(ord(letter) < 0x20 for letter in address):  # noqa: PLR2004
        return None
    return address


def this_address() -> str:
    """Return the path of this page with its query, to come back to."""
    query = request.query_string.decode()
    return as_written(request.path) + (f"?{query}" if query else "")
