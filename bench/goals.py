"""The goals of `targets.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TARGETS = Path(__file__).with_name("targets.toml")
MEASURES = frozenset({"rate", "p50", "p99", "kilobytes", "failures", "added-cpu"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound on our work measured against a bare program's, at one number of connections.

    `bound` is what the code must keep today: a floor, or a ceiling where `at_most`. `due` is the floor the
    project has set itself and may not reach yet; `aim` is where it wants to be.
    """

    name: str
    work: str
    bare: str
    connections: int
    measure: str
    bound: float
    at_most: bool
    due: float | None = None
    aim: float | None = None
    database: str = "sqlite"

    @property
    def title(self) -> str:
        return self.name if self.measure == "rate" else f"{self.name} {self.measure}"


def goal_of(table: dict[str, Any]) -> Goal:
    """Return one goal; ValueError if it has not exactly one bound, or measures what nobody knows."""
    values = dict(table)
    if ("floor" in values) == ("ceiling" in values):
        raise ValueError(f"{values.get('name')}: a goal has a floor or a ceiling")
    at_most = "ceiling" in values
    bound = float(values.pop("ceiling" if at_most else "floor"))
    goal = Goal(bound=bound, at_most=at_most, measure=values.pop("measure", "rate"), **values)
    if goal.measure not in MEASURES:
        raise ValueError(f"{goal.name}: no such measure: {goal.measure}")
    return goal


def load_goals(database: str, path: Path = TARGETS) -> tuple[Goal, ...]:
    """Return the goals of one kind of database, in the order of the file."""
    with path.open("rb") as file:
        tables = tomllib.load(file)["goal"]
    return tuple(goal for goal in map(goal_of, tables) if goal.database == database)
