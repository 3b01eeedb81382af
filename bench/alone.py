"""Two pages asked in turn inside one process: what one takes of the processor more than the other.

Behind a server the same page takes half as much again: load and server turn each other's work out of the
processor's caches, and that would be counted as ours. Reads an order from standard input and writes figures.
"""

from __future__ import annotations

import json
import sys
from statistics import median
from time import monotonic, process_time
from typing import TYPE_CHECKING, Any

from werkzeug.test import create_environ, run_wsgi_app

from bench.checked import create

if TYPE_CHECKING:
    from flask import Flask

# Until code, statements and pages of the database are in memory.
WARM_ANSWERS = 100
# One page is asked so often before it is the other's turn, as a server does that many read at once.
RUN = 25


def answer(app: Flask, page: dict[str, Any]) -> tuple[float, int, int]:
    """Ask once; return processor seconds, status and size."""
    environ = create_environ(page["path"], base_url=page["base"], headers=page["headers"])
    before = process_time()
    body, status, _headers = run_wsgi_app(app, environ, buffered=True)
    return process_time() - before, int(status.split()[0]), len(b"".join(body))


def figures(taken: list[tuple[float, int, int]]) -> dict[str, Any]:
    """Return one page's figures. Its processor time is what nine of ten answers exceeded.

    Whoever shares the processor and its caches makes every answer dearer, and none cheaper: the least of them
    tell what the code costs, and the lowest tenth does not hang on a single one.
    """
    times = sorted(seconds for seconds, _, _ in taken)
    return {
        "rate": len(times) / sum(times),
        "p50": 1000 * median(times),
        "p99": 1000 * times[int(0.99 * (len(times) - 1))],
        "size": taken[-1][2],
        "answers": len(taken),
        "failures": sum(status != 200 for _, status, _ in taken),  # noqa: PLR2004 - the status itself
        "cpu": 1000 * times[len(times) // 10],
    }


def main() -> None:
    """Ask the pages by turns for as long as was ordered."""
    order = json.load(sys.stdin)
    app, pages = create(), order["pages"]
    for page in pages * WARM_ANSWERS:
        answer(app, page)
    taken: list[list[tuple[float, int, int]]] = [[] for _ in pages]
    deadline = monotonic() + order["seconds"]
    while monotonic() < deadline:
        for page, answers in zip(pages, taken, strict=True):
            answers.extend(answer(app, page) for _ in range(RUN))
    json.dump([figures(answers) for answers in taken], sys.stdout)


if __name__ == "__main__":
    main()
