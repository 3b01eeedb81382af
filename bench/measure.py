"""One measurement: a load in a process of its own against one server, with an eye on who else was at work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench import processor
from bench.servers import ROOT
from bench.verdict import Measured, Round
from bench.works import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.servers import Server
    from bench.works import Stock, Work

# A stock is handed out for at most so many answers a second; beyond it a measurement ends early.
FASTEST = 2500
# Long enough to bring code, statements and pages of the database into memory.
WARM_SECONDS = 0.5

Pair = tuple[str, str, int]


def ask(port: int, work: Work, *, connections: int, seconds: float) -> dict[str, Any]:
    """Run the load and return its report."""
    order = {
        "port": port,
        "requests": work.requests,
        "repeat": work.repeat,
        "expected": work.expected,
        "connections": connections,
        "seconds": seconds,
    }
    # -S: no site-packages; it starts in half the time.
    command = [sys.executable, "-S", str(ROOT / "bench" / "load.py")]
    load = subprocess.run(command, input=json.dumps(order), stdout=subprocess.PIPE, text=True, check=True)
    report: dict[str, Any] = json.loads(load.stdout)
    return report


@dataclass(slots=True)
class Bench:
    """The servers, what can be asked of them, and the processes that are ours."""

    servers: Mapping[str, Server]
    works: Mapping[str, Work]
    stock: Stock | None = None
    foreign_roots: set[int] = field(default_factory=set)
    acknowledged: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)

    def measure(self, name: str, *, connections: int, seconds: float) -> Measured:
        """Measure one kind of work once."""
        work = self._work(name, seconds)
        roots = {os.getpid()} | self.foreign_roots
        server = self.servers[work.program]
        before, worked = processor.read(roots), processor.own_seconds({server.process})
        report = ask(server.port, work, connections=connections, seconds=seconds)
        foreign = processor.foreign_cores(before, processor.read(roots))
        worked = processor.own_seconds({server.process}) - worked
        self._note(name, work, report)
        return Measured(
            rate=report["rate"],
            p50=report["p50"],
            p99=report["p99"],
            size=report["size"],
            seconds=report["seconds"],
            answers=report["answers"],
            failures=report["failures"],
            foreign=foreign,
            cpu=1000 * worked / max(1, report["answers"]),
        )

    def _work(self, name: str, seconds: float) -> Work:
        work = self.works[name]
        if work.repeat or self.stock is None:
            return work
        requests = self.stock.take(int(FASTEST * seconds) + 1)
        return type(work)(work.program, requests, work.expected, repeat=False)

    def _note(self, name: str, work: Work, report: dict[str, Any]) -> None:
        self.statuses.setdefault(name, Counter()).update(report["statuses"])
        if report["sample"]:
            self.samples.setdefault(name, report["sample"])
        if not work.repeat and self.stock is not None:
            self.stock.position += report["used"]
            self.acknowledged += report["statuses"].get(str(work.expected), 0)

    def round(self, pair: Pair, *, seconds: float, bare_first: bool) -> Round:
        """Measure both programs, one right after the other."""
        work, bare, connections = pair
        if self.works[work].program == ALONE:
            return self._alone(work, bare, seconds)
        measured: dict[str, Measured] = {}
        for name in (bare, work) if bare_first else (work, bare):
            measured[name] = self.measure(name, connections=connections, seconds=seconds)
        return Round(work=measured[work], bare=measured[bare])

    def _alone(self, work: str, bare: str, seconds: float) -> Round:
        """Have both pages asked by turns in one process, without servers."""
        pages = [json.loads(self.works[name].requests[0]) for name in (work, bare)]
        roots = {os.getpid()}
        before = processor.read(roots)
        ran = subprocess.run(
            [sys.executable, "-m", "bench.alone"],
            input=json.dumps({"pages": pages, "seconds": 2 * seconds}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
            env=dict(self.settings),
        )
        foreign = processor.foreign_cores(before, processor.read(roots))
        ours, bares = (Measured(foreign=foreign, **one) for one in json.loads(ran.stdout))
        return Round(work=ours, bare=bares)


def interleaved(
    bench: Bench, pairs: Sequence[Pair], *, rounds: int, seconds: float
) -> Iterator[tuple[int, Pair, Round]]:
    """Measure every pair once a round; who goes first alternates, so that neither gains by its place."""
    for name in dict.fromkeys(name for work, bare, _ in pairs for name in (bare, work)):
        if bench.works[name].program != ALONE:
            bench.measure(name, connections=4, seconds=min(seconds, WARM_SECONDS))
    for number in range(rounds):
        for pair in pairs:
            yield number, pair, bench.round(pair, seconds=seconds, bare_first=number % 2 == 0)
