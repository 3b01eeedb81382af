"""Errors of the domain become answers here, in one table, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, make_response, request, url_for
from flask.globals import request_ctx
from flask_babel import force_locale
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from conference.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
)
from conference.extensions import db
from conference.web.access import ProofNeeded, SecondFactorNeeded, SignInNeeded
from conference.web.kept_forms import keep_form, way_back, way_back_in_address
from conference.web.limits import seconds_left
from conference.web.locale import current_language
from conference.web.logs import where
from conference.web.pages import go, page, wants_fragment
from conference.web.wording import error_text, error_title

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}


def status_of(error: DomainError) -> int:
    """Return the status code of the nearest kind of error in the table."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


@dataclass(frozen=True, slots=True)
class Again:
    """Where to try it again, and whether what was typed will be there."""

    page: str | None = None
    kept: bool = False


NOWHERE = Again()


def error_page(status: int, code: str, again: Again = NOWHERE, /, **data: object) -> Response:
    """Answer with what happened and what to do now; an htmx request gets the notice alone."""
    if request_ctx.url_adapter is None:
        # A host that is not ours: no address of a page can be made for it.
        return make_response(error_text(code, **data), status, {"Content-Type": "text/plain; charset=utf-8"})
    template = "errors/notice.html" if wants_fragment() else "errors/error.html"
    response = page(
        template,
        status=status,
        title=error_title(status, code),
        text=error_text(code, **data),
        code=status,
        reason=code,
        again=again,
    )
    if status == HTTPStatus.TOO_MANY_REQUESTS and data.get("retry_after"):
        response.headers["Retry-After"] = str(data["retry_after"])
    if status == HTTPStatus.TOO_MANY_REQUESTS and wants_fragment():
        # Above the form, which stays as it was typed: it is sent again in a while.
        response.headers["HX-Reswap"] = "afterbegin show:top"
    return response


def _domain(error: DomainError) -> BaseResponse:
    db.session.rollback()
    if isinstance(error, SignInNeeded):
        return _ask_first("accounts.sign_in")
    if isinstance(error, SecondFactorNeeded | ProofNeeded):
        return _ask_first("second_factors.confirm")
    return error_page(status_of(error), error.code, **error.data)


def _ask_first(endpoint: str) -> BaseResponse:
    """Send whoever asks to prove who they are; then they come back to the page, with what they had typed."""
    keep_form()
    return go(url_for(endpoint, next=way_back_in_address()))


def _http(error: HTTPException) -> Response:
    db.session.rollback()
    status = error.code or 500
    response = error_page(status, f"http_{status}")
    if error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _limit(error: RateLimitExceeded) -> Response:  # noqa: ARG001
    return error_page(429, "too_many", retry_after=seconds_left())


def _csrf(error: CSRFError) -> Response:  # noqa: ARG001
    kept = keep_form()
    return error_page(403, "csrf", Again(way_back(), kept))


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    current_app.logger.error("in %s: %s", request.endpoint, where(error))
    try:
        return error_page(500, "http_500")
    except Exception:  # noqa: BLE001 - the error page itself failed; say it without any template
        with force_locale(current_language()):
            return make_response(error_text("http_500"), 500, {"Content-Type": "text/plain; charset=utf-8"})


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(RateLimitExceeded, _limit)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
