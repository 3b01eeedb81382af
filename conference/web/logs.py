"""Logs name routes, never people: no query strings, no tokens, no addresses."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request

from conference.web.clock import now


def init_app(app: Flask) -> None:
    """Write one line a request: method, route, status, milliseconds."""
    logger = logging.getLogger("asamblea.requests")

    @app.before_request
    def start() -> None:
        g.started_at = now()

    @app.after_request
    def write(response: Response) -> Response:
        started = g.get("started_at")
        took = 0 if started is None else int((now() - started).total_seconds() * 1000)
        logger.info("%s %s %s %sms", request.method, request.endpoint or "-", response.status_code, took)
        return response
