"""Logs name routes, never people: no query strings, no tokens, no addresses."""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import PurePath

from flask import Flask, Response, g, request


def where(error: BaseException) -> str:
    """Return type and place of an error, never its message: that may quote a name or an address."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__}: {' < '.join(reversed(list(places)))}"


def init_app(app: Flask) -> None:
    """Write one line a request: method, route, status, milliseconds."""
    logger = logging.getLogger("asamblea.requests")
    if app.config["LOG_REQUESTS"] and not logger.handlers:
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(_plain_lines())

    @app.before_request
    def start() -> None:
        g.started = time.monotonic()

    @app.after_request
    def write(response: Response) -> Response:
        took = int((time.monotonic() - g.get("started", time.monotonic())) * 1000)
        logger.info("%s %s %s %sms", request.method, request.endpoint or "-", response.status_code, took)
        return response


def _plain_lines() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    return handler
