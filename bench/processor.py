"""How much of the machine others take while we measure: the kernel's count of busy time less our own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

PROC = Path("/proc")
TICK = 1 / os.sysconf("SC_CLK_TCK")
# Fields of a process's line after its name (proc(5)): its parent, and its own and its children's time.
PARENT, USER, CHILDREN_END = 1, 11, 15


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds of processor time since the start of the machine, and since ours."""

    moment: float
    busy: float
    own: float


def busy_seconds(first_line: str) -> float:
    """Return the busy time in the first line of /proc/stat: all but idle and waiting for the disk.

    Stolen time counts: another machine on the same processor took it. Guests are in the user's time already.
    """
    user, nice, system, _idle, _waiting, interrupts, soft, stolen = map(int, first_line.split()[1:9])
    return (user + nice + system + interrupts + soft + stolen) * TICK


def process_line(text: str) -> tuple[int, float]:
    """Return parent and processor seconds (with those of children waited for) of one /proc/PID/stat."""
    fields = text.rpartition(")")[2].split()
    return int(fields[PARENT]), sum(map(int, fields[USER:CHILDREN_END])) * TICK


def own_seconds(roots: set[int]) -> float:
    """Return the processor time of these processes and all below them."""
    lines: dict[int, tuple[int, float]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                lines[int(entry.name)] = process_line((entry / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return sum(seconds for process, (_, seconds) in lines.items() if _descends(process, roots, lines))


def _descends(process: int, roots: set[int], lines: dict[int, tuple[int, float]]) -> bool:
    while process in lines:
        if process in roots:
            return True
        process = lines[process][0]
    return False


def read(roots: set[int]) -> Reading:
    """Read the clocks; `roots` are the processes that are ours, with all below them."""
    with (PROC / "stat").open() as file:
        busy = busy_seconds(file.readline())
    return Reading(monotonic(), busy, own_seconds(roots))


def foreign_cores(before: Reading, after: Reading) -> float:
    """Return the cores that others used between two readings; coarse clocks never make it negative."""
    seconds = after.moment - before.moment
    taken = (after.busy - before.busy) - (after.own - before.own)
    return max(0.0, taken / seconds) if seconds > 0 else 0.0


def require_linux() -> None:
    """Stop where the kernel does not tell what others use: a ratio could not be trusted."""
    if not (PROC / "stat").exists():
        raise SystemExit("make bench reads /proc: it needs Linux · make bench lee /proc: necesita Linux")
