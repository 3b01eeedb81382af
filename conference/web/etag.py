"""Answers that have not changed are not sent again."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Response, make_response, request

# What pages are made of besides rows: a new version of the house shows the same rows differently.
_HOUSE = Path(__file__).resolve().parent.parent
_MADE_OF = {".py", ".html", ".mo", ".css", ".js", ".svg"}


@lru_cache(maxsize=1)
def release() -> str:
    """Return the fingerprint of this version of the house; part of every ETag."""
    files = sorted(path for path in _HOUSE.rglob("*") if path.suffix in _MADE_OF)
    return sha256(b"".join(sha256(path.read_bytes()).digest() for path in files)).hexdigest()[:12]


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
