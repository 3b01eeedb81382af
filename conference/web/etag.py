"""Answers that have not changed are not sent again."""

from __future__ import annotations

from hashlib import sha256

from flask import Response, make_response, request


def etag_of(*parts: object) -> str:
    """Return an ETag for whatever these parts determine."""
    return sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:24]


def not_modified(etag: str) -> Response | None:
    """Return the 304 for a reader who has this version already, else None."""
    if not request.if_none_match.contains_weak(etag):
        return None
    response = make_response("", 304)
    response.set_etag(etag, weak=True)
    return response
