"""Answers to our own scripts, where an exchange is no form: JSON, with refusals in the reader's language.

A script asks for `application/json` and gets what it asked for, or `{"text": words}` with the status that a
page would have; where something is to be done first, `"go"` is the address of the page for it. Whoever asks
for anything else gets the pages that everybody gets.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from flask import Response, jsonify, request, url_for
from flask_limiter import RateLimitExceeded

from conference.domain.errors import DomainError, TooMany
from conference.extensions import db
from conference.web.access import ProofNeeded, SecondFactorNeeded, SignInNeeded
from conference.web.errors import error_page, status_of
from conference.web.limits import seconds_left
from conference.web.pages import local_address
from conference.web.wording import error_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_wtf.csrf import CSRFError
    from werkzeug.wrappers import Response as BaseResponse

Parameters = ParamSpec("Parameters")


def answers_script(view: Callable[Parameters, BaseResponse]) -> Callable[Parameters, BaseResponse]:
    """Answer a script with JSON when the view refuses, or when it is asked too often."""

    @wraps(view)
    def answered(*args: Parameters.args, **kwargs: Parameters.kwargs) -> BaseResponse:
        try:
            return view(*args, **kwargs)
        except (DomainError, RateLimitExceeded) as refusal:
            if not _wants_json():
                raise
            db.session.rollback()
            return _refused(refusal)

    return answered


def csrf_refused(error: CSRFError) -> Response:  # noqa: ARG001 - an error handler's signature
    """Answer a script, or a page, whose token is not of this session: a blueprint's error handler."""
    if not _wants_json():
        return error_page(403, "csrf")
    return _said(403, {"text": error_text("csrf")})


def sent() -> dict[str, Any]:
    """Return the mapping that a script sent; an empty one for anything else."""
    try:
        content = request.get_json(silent=True)
    except RecursionError:
        return {}
    return content if isinstance(content, dict) else {}


def sent_next() -> str | None:
    """Return the page of ours to which the script wants to go afterwards."""
    back = sent().get("next")
    return local_address(back) if isinstance(back, str) else None


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _refused(refusal: DomainError | RateLimitExceeded) -> Response:
    if isinstance(refusal, RateLimitExceeded):
        refusal = TooMany(retry_after=seconds_left())
    said = {"text": error_text(refusal.code, **refusal.data)}
    if isinstance(refusal, SignInNeeded):
        said["go"] = url_for("accounts.sign_in", next=sent_next())
    if isinstance(refusal, (ProofNeeded, SecondFactorNeeded)):
        said["go"] = url_for("second_factors.confirm", next=sent_next())
    answer = _said(status_of(refusal), said)
    if "retry_after" in refusal.data:
        answer.headers["Retry-After"] = str(refusal.data["retry_after"])
    return answer


def _said(status: int, content: dict[str, str]) -> Response:
    answer = jsonify(content)
    answer.status_code = status
    return answer
