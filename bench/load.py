"""The load: a process of its own that asks over kept connections, each one request at a time.

Reads one job as JSON from standard input and writes what it saw as JSON to standard output. It parses only
what it must of an answer, so that one core of it outruns the server it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length: "
WITHOUT_BODY = frozenset({204, 304})
# Past the end of the job, answers already asked for are waited for this long (seconds).
PATIENCE = 60.0


class Job:
    """What is to be asked, until when, and what came of it."""

    def __init__(self, order: dict[str, Any]) -> None:
        texts: list[str] = order["requests"]
        # A vote is cast once: a stock is used up, everything else is asked again and again.
        self.requests: Iterator[bytes] = iter([text.encode() for text in texts])
        if order["repeat"]:
            self.requests = cycle([text.encode() for text in texts])
        self.port: int = order["port"]
        self.connections: int = order["connections"]
        self.seconds: float = order["seconds"]
        self.expected: int = order["expected"]
        self.deadline = 0.0
        self.used = 0
        self.latencies: list[float] = []
        self.in_time = 0
        self.last_in_time = 0.0
        self.exhausted = False
        self.statuses: Counter[str] = Counter()
        self.size = 0
        self.sample = ""

    def next_request(self) -> bytes | None:
        """Return what to ask next; None when the time or the stock is over."""
        if time.perf_counter() >= self.deadline:
            return None
        request = next(self.requests, None)
        self.exhausted = self.exhausted or request is None
        self.used += request is not None
        return request

    def answered(self, status: int, size: int, asked_at: float, answer: bytes) -> None:
        """Count one answer; late ones count for latency, not for the rate."""
        moment = time.perf_counter()
        self.latencies.append(moment - asked_at)
        if moment <= self.deadline:
            self.in_time += 1
            self.last_in_time = moment
        self.statuses[str(status)] += 1
        if status == self.expected:
            self.size = size
        elif not self.sample:
            self.sample = answer[:2000].decode(errors="replace")

    def report(self, started: float) -> dict[str, Any]:
        """Return the figures. Where the stock ran out, the rate is that of the time until then."""
        end = self.last_in_time if self.exhausted else self.deadline
        seconds = max(end - started, 1e-9)
        ordered = sorted(self.latencies) or [0.0]
        failures = sum(count for status, count in self.statuses.items() if status != str(self.expected))
        return {
            "rate": self.in_time / seconds,
            "seconds": seconds,
            "p50": 1000 * quantile(ordered, 0.50),
            "p99": 1000 * quantile(ordered, 0.99),
            "answers": len(self.latencies),
            "used": self.used,
            "failures": failures,
            "statuses": dict(self.statuses),
            "size": self.size,
            "sample": self.sample,
        }


def quantile(ordered: list[float], share: float) -> float:
    """Return the value that this share of an ordered list does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, job: Job, done: asyncio.Future[None]) -> None:
        self.job = job
        self.done = done
        self.received = bytearray()
        self.expected_end = 0
        self.status = 0
        self.body_size = 0
        self.asked_at = 0.0
        self.waiting = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing is asked until every connection is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self.transport = transport

    def ask(self) -> None:
        """Send the next request, or be done."""
        request = self.job.next_request()
        if request is None:
            self._finish()
            return
        self.waiting = True
        self.asked_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.expected_end and not self._read_head():
            return
        if len(self.received) < self.expected_end:
            return
        answer = bytes(self.received[:4000])
        self.received.clear()
        self.expected_end = 0
        self.waiting = False
        self.job.answered(self.status, self.body_size, self.asked_at, answer)
        self.ask()

    def _read_head(self) -> bool:
        end = self.received.find(HEAD_END)
        if end < 0:
            return False
        head = bytes(self.received[:end]).lower()
        self.status = int(head[9:12])
        start = head.find(LENGTH)
        if start < 0 and self.status not in WITHOUT_BODY:
            self._lost("answer without a length")
            return False
        self.body_size = 0 if start < 0 else int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0])
        self.expected_end = end + len(HEAD_END) + self.body_size
        return True

    def connection_lost(self, error: Exception | None) -> None:
        if self.waiting:
            self._lost(str(error or "connection lost"))
        self._finish()

    def _lost(self, why: str) -> None:
        self.waiting = False
        self.job.statuses[why] += 1
        self.transport.close()

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def run(job: Job) -> dict[str, Any]:
    """Do the job: connect, ask until the deadline, wait for what is still to be answered."""
    loop = asyncio.get_running_loop()
    connections: list[Connection] = []
    for _ in range(job.connections):
        made = partial(Connection, job, loop.create_future())
        connections.append((await loop.create_connection(made, "127.0.0.1", job.port))[1])
    started = time.perf_counter()
    job.deadline = started + job.seconds
    for connection in connections:
        connection.ask()
    waiting = [connection.done for connection in connections]
    _, late = await asyncio.wait(waiting, timeout=job.seconds + PATIENCE)
    job.statuses["no answer"] += len(late)
    report = job.report(started)
    for connection in connections:
        connection.transport.close()
    return report


def main() -> None:
    """Do the job given on standard input."""
    json.dump(asyncio.run(run(Job(json.load(sys.stdin)))), sys.stdout)


if __name__ == "__main__":
    main()
