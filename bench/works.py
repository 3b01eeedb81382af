"""What is asked of each program: every kind of work as the bytes of its requests."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-07-11"
PROGRAM = f"/es/grande/program?day={DAY}"
# What a phone sends: it takes compressed pages.
PHONE = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "es-MX,es;q=0.9"}
# Rendering alone is measured against rendering alone: neither program compresses.
PLAIN = {"Accept": "text/html", "Accept-Language": "es-MX,es;q=0.9"}
# The "program" of works that no server answers.
ALONE = "alone"
# Routes of bench.checked; not imported, since the harness stays small.
UNCHECKED, CHECKED = "/es/votacion/bench/unchecked", "/es/votacion/bench/checked"
ROWS = f"/program?slug=grande&day={DAY}"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class StockEmpty(Exception):
    """Every prepared ballot has been cast; prepare more, or measure for a shorter time."""


@dataclass(frozen=True, slots=True)
class Work:
    """Requests of one kind: repeated for ever, or each used once."""

    program: str
    requests: tuple[str, ...]
    expected: int = 200
    repeat: bool = True


@dataclass(slots=True)
class Stock:
    """Ballots that may still be cast; each measurement takes its share and returns what it left."""

    path: Path
    host: str
    position: int = 0
    lines: list[str] = field(default_factory=list)

    def take(self, count: int) -> tuple[str, ...]:
        """Return the next ballots as requests; StockEmpty when there is none."""
        if not self.lines:
            self.lines = self.path.read_text().splitlines()
        chosen = self.lines[self.position : self.position + count]
        if not chosen:
            raise StockEmpty
        return tuple(ballot_request(json.loads(line), self.host) for line in chosen)


def request(method: str, path: str, headers: dict[str, str], body: str = "") -> str:
    """Return one HTTP/1.1 request."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    length = f"Content-Length: {len(body.encode())}\r\n" if method == "POST" else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}{length}\r\n{body}"


def ballot_request(ballot: dict[str, Any], host: str) -> str:
    """Return the POST of a delegate's phone with JavaScript: session, token, choice."""
    headers = FORM | PHONE | {"Cookie": ballot["cookie"], "HX-Request": "true", "Referer": f"http://{host}/"}
    body = urlencode({"csrf_token": ballot["token"], "choice": "yes"})
    return request("POST", f"/es/votacion/votes/{ballot['number']}/ballot", headers, body)


def anchor_works() -> dict[str, Work]:
    """Return what the bare program is asked."""
    insert = request("POST", "/insert", FORM, urlencode({"question": "1", "choice": "yes"}))
    return {
        "hello": Work("anchor", (request("GET", "/hello", PLAIN),)),
        "rows": Work("anchor", (request("GET", ROWS, PLAIN),)),
        "insert": Work("anchor", (insert,)),
    }


def sign_in_works(ballots: Path) -> dict[str, Work]:
    """Return a page that says nothing, asked by nobody, and asked by a delegate who must be one to see it."""
    with ballots.open() as lines:
        delegate = json.loads(next(lines))
    return {
        "unchecked": alone(UNCHECKED, PLAIN),
        "checked": alone(CHECKED, PLAIN | {"Cookie": delegate["cookie"]}),
    }


def register_works(visitor: Path) -> dict[str, Work]:
    """Return a registration: another one each time, since the form has no key that makes two the same."""
    opened = json.loads(visitor.read_text())
    body = {
        "csrf_token": opened["token"],
        "badge_name": "Ana Ñuu Savi",
        "category": "attendee",
        "organization": "",
        "spoken": "mix",
        "photo_preference": "no",
        "needs": "step_free",
        "attend": "y",
    }
    headers = FORM | PHONE | {"Cookie": opened["cookie"], "Referer": "http://127.0.0.1/"}
    return {
        "register": Work(
            "asamblea", (request("POST", "/es/votacion/register", headers, urlencode(body)),), expected=303
        )
    }


def alone(path: str, headers: dict[str, str]) -> Work:
    """Return a page asked without a server: see bench.alone."""
    return Work(ALONE, (json.dumps({"path": path, "base": "http://127.0.0.1/", "headers": headers}),))


def program_works(port: int) -> dict[str, Work]:
    """Return what Asamblea is asked of its program; the page's ETag is fetched once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", PROGRAM, headers=PHONE)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    known = PHONE | {"If-None-Match": answer.headers.get("ETag", '"none"')}
    return {
        "program": Work("asamblea", (request("GET", PROGRAM, PLAIN),)),
        "program-phone": Work("asamblea", (request("GET", PROGRAM, PHONE),)),
        "program-304": Work("asamblea", (request("GET", PROGRAM, known),), expected=304),
    }
