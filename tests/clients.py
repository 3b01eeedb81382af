"""A test client that holds every answer against the rules of the house."""

from __future__ import annotations

import gzip
from contextvars import Context
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient

from tests import markup, observation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse


class CheckedClient(FlaskClient):
    """Checks each answer: valid markup, nothing written by a GET, nothing left uncommitted.

    Before a request it commits the test's own session: what the test has prepared is there for the view,
    and what the view has changed is read afresh afterwards.
    """

    prepared: Session | None = None
    # False where the same pages are checked elsewhere: reading each as HTML takes most of a walk's time.
    reads_markup = True

    def open(
        self, *args: Any, buffered: bool = True, follow_redirects: bool = False, **kwargs: Any
    ) -> TestResponse:
        """Send a request and check what it did and what it answered."""
        if self.prepared is not None:
            self.prepared.commit()
        # In a context of its own, as a server does it: nothing of the test's leaks into the request.
        response = Context().run(
            super().open, *args, buffered=buffered, follow_redirects=follow_redirects, **kwargs
        )
        if found := observation.breaches() + (faults(response) if self.reads_markup else []):
            asked = f"{response.request.method} {response.request.path} → {response.status_code}"
            raise AssertionError("\n  ".join((asked, *found)))
        return response

    def __enter__(self) -> CheckedClient:
        """Refuse: a request kept open after its answer is not what a server does."""
        raise TypeError("use the client without `with`; read `response` instead of flask.request")


def faults(response: TestResponse) -> list[str]:
    """Return what is wrong with the markup of an answer; nothing where it shows no HTML of ours."""
    shows = response.data and response.request.method != "HEAD" and not 300 <= response.status_code < 400
    if response.mimetype != "text/html" or not shows:
        return []
    body = gzip.decompress(response.data) if response.content_encoding == "gzip" else response.data
    return list(markup.faults(body.decode()))
