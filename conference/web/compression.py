"""Text goes over the wire compressed; files are compressed once and kept."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

SMALLEST = 600
TEXT = (
    *("text/", "application/json", "application/javascript", "image/svg+xml", "application/xml"),
    "application/wasm",
)


@lru_cache(maxsize=64)
def _kept(_etag: str, body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def _worth_it(response: Response) -> bool:
    return (
        bool(request.accept_encodings["gzip"])
        and response.status_code not in {204, 206, 304}
        and "Content-Encoding" not in response.headers
        and (response.mimetype or "").startswith(TEXT)
    )


def init_app(app: Flask) -> None:
    """Compress textual answers for whoever accepts gzip."""

    @app.after_request
    def compress(response: Response) -> Response:
        if not _worth_it(response):
            return response
        is_file = request.endpoint == "static"
        response.direct_passthrough = False
        body = response.get_data()
        response.vary.add("Accept-Encoding")
        if len(body) < SMALLEST:
            return response
        # Level 5 for pages: level 9 costs three times as much for two per cent.
        packed = _kept(request.path, body) if is_file else gzip.compress(body, 5, mtime=0)
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
        etag, weak = response.get_etag()
        if etag is not None and not weak:
            response.set_etag(etag, weak=True)
        return response
