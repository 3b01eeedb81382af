"""`make bench`: Asamblea against a bare program doing the same necessary work, in one interleaved run.

Prints one line a goal and keeps all figures in bench/results/. See docs/performance.md for how to read them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import processor, servers, works
from bench.anchor.databases import count_rows
from bench.goals import load_goals
from bench.measure import Bench, Pair, interleaved
from bench.verdict import as_json, exit_code, judge, line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.goals import Goal
    from bench.verdict import Finding, Measured, Round

# Written by bench.prepare; not imported, since the harness stays small.
VISITOR = "visitor.json"
PROGRAMS = {"anchor": servers.ANCHOR, "asamblea": servers.ASAMBLEA}
RESULTS = Path(__file__).with_name("results")
DELEGATES = 400
SESSIONS = 1000
# Ballots are prepared for so many a second, at every number of connections and in every round.
BALLOTS_A_SECOND = 700


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="interleaved rounds (at least five for a verdict)"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measurement")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--only", default="", help="goals whose name begins so")
    parser.add_argument(
        "--quick", action="store_true", help="one short round: shows that it runs, proves nothing"
    )
    asked = parser.parse_args(given)
    if asked.quick:
        asked.rounds, asked.seconds = 1, 0.3
    return asked


def questions_for(asked: argparse.Namespace, pairs: Sequence[Pair]) -> int:
    """Return how many questions have to be open, so that no delegate must vote twice."""
    levels = sum(work == "ballot" for work, _, _ in pairs)
    ballots = BALLOTS_A_SECOND * asked.seconds * (asked.rounds * levels + 1)
    return 1 + int(ballots / DELEGATES) if levels else 1


def measured(
    asked: argparse.Namespace, goals: Sequence[Goal], folder: Path
) -> tuple[list[Finding], dict[str, Any]]:
    """Start everything, measure every pair in every round, and judge the goals."""
    kind = "postgresql" if asked.postgresql else "sqlite"
    pairs = list(dict.fromkeys((goal.work, goal.bare, goal.connections) for goal in goals))
    found: dict[Pair, list[Round]] = defaultdict(list)
    with ExitStack() as stack:
        address, roots = stack.enter_context(servers.database(kind, folder))
        settings = servers.environment(address, folder, secrets.token_hex(32))
        questions = questions_for(asked, pairs)
        prepare(settings, folder / "ballots.jsonl", questions)
        serving = {
            name: stack.enter_context(servers.serving(program, settings, folder / f"{name}.log"))
            for name, program in PROGRAMS.items()
        }
        ballots = folder / "ballots.jsonl"
        asked_for = asked_of(serving["asamblea"].port) | works.sign_in_works(ballots)
        asked_for |= works.register_works(ballots.with_name(VISITOR))
        bench = Bench(serving, asked_for, works.Stock(ballots, "127.0.0.1"), roots, settings=settings)
        for number, pair, both in interleaved(bench, pairs, rounds=asked.rounds, seconds=asked.seconds):
            found[pair].append(both)
            progress(number, asked.rounds, pair, both)
        lost = bench.acknowledged - count_rows(address, "ballot")
    findings = [judge(goal, found[goal.work, goal.bare, goal.connections]) for goal in goals]
    rounds = [
        {"work": work, "bare": bare, "connections": connections, "rounds": [asdict(one) for one in several]}
        for (work, bare, connections), several in found.items()
    ]
    kept = {"acknowledged": bench.acknowledged, "lost": lost}
    # Of a wrong answer the log knows more than the page that was sent.
    said_by_server = (folder / "asamblea.log").read_text(errors="replace")[-4000:] if bench.samples else ""
    seen = {"statuses": bench.statuses, "samples": bench.samples, "log": said_by_server}
    return findings, seen | {"ballots": kept, "rounds": rounds}


def prepare(settings: dict[str, str], path: Path, questions: int) -> None:
    """Fill the database in a process of its own: the harness itself stays small."""
    command = [
        sys.executable,
        "-m",
        "bench.prepare",
        str(path),
        str(DELEGATES),
        str(questions),
        str(SESSIONS),
    ]
    subprocess.run(command, cwd=servers.ROOT, env=settings, check=True)


def asked_of(port: int) -> dict[str, works.Work]:
    """Return all that can be asked; ballots come from the stock."""
    ballot = works.Work("asamblea", (), repeat=False)
    return works.anchor_works() | works.program_works(port) | {"ballot": ballot}


def progress(number: int, rounds: int, pair: Pair, both: Round) -> None:
    """Say on the error stream how far it is: standard output holds verdicts only."""
    work, bare, connections = pair
    print(
        f"round {number + 1}/{rounds} c={connections} {said(work, both.work)} · {said(bare, both.bare)}",
        file=sys.stderr,
    )


def said(name: str, found: Measured) -> str:
    """Return one measurement in a few words."""
    return f"{name} {found.rate:.0f}/s p99 {found.p99:.0f} ms cpu {found.cpu:.2f} ms"


def keep(asked: argparse.Namespace, findings: Sequence[Finding], figures: dict[str, Any]) -> Path:
    """Write everything that was measured; return where."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    kind = "postgresql" if asked.postgresql else "sqlite"
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}-{kind}.json"
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    kept = {"at": now.isoformat(), "database": kind, "machine": machine, "seconds": asked.seconds}
    kept["goals"] = [as_json(found) for found in findings]
    path.write_text(json.dumps(kept | figures, indent=1) + "\n")
    return path


def conclude(findings: Sequence[Finding], figures: dict[str, Any], path: Path) -> int:
    """Print the verdicts and what is still short of the project's own floors; return the exit code."""
    for found in findings:
        print(line(found))
    ballots, code = figures["ballots"], exit_code(findings)
    if ballots["acknowledged"]:
        kept = "FAIL" if ballots["lost"] else "PASS"
        print(f"{kept} ballots acknowledged {ballots['acknowledged']}, lost {ballots['lost']}")
        code = 1 if ballots["lost"] else code
    if short := [found for found in findings if found.misses_what_is_due]:
        print(f"{len(short)} of {len(findings)} goals are not yet where they are due: docs/performance.md")
    print(f"figures: {path}", file=sys.stderr)
    return code


def main() -> int:
    """Measure, print, keep."""
    asked = arguments()
    processor.require_linux()
    every = load_goals("postgresql" if asked.postgresql else "sqlite")
    goals = [goal for goal in every if goal.name.startswith(asked.only)]
    # Under the project, not in /tmp: that may be memory, where no commit waits for a disk.
    place = servers.ROOT / "instance"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="asamblea-bench-", dir=place) as folder:
        findings, figures = measured(asked, goals, Path(folder))
    return conclude(findings, figures, keep(asked, findings, figures))


if __name__ == "__main__":
    sys.exit(main())
