"""The lock files name exactly what is installed: every requirement hashed, no index, nothing left out."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pinned(lock: str) -> dict[str, str]:
    """Return each requirement of a lock with the lines that belong to it."""
    entries: dict[str, str] = {}
    name = ""
    for line in (ROOT / lock).read_text().splitlines():
        if start := re.match(r"([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==", line):
            name = normal(start[1])
            entries[name] = ""
        if name:
            entries[name] += line + "\n"
    return entries


def normal(name: str) -> str:
    """Return a package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements: list[str]) -> set[str]:
    """Return the packages that a list of requirements asks for."""
    return {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def wanted() -> tuple[set[str], set[str]]:
    """Return what pyproject.toml asks for: at run time, and for development."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    extras = project["project"]["optional-dependencies"].values()
    runtime = named([*project["project"]["dependencies"], *chain(*extras)])
    return runtime, runtime | named(project["dependency-groups"]["dev"])


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_holds_the_address_of_an_index(lock):
    text = (ROOT / lock).read_text()
    assert re.findall(r"https?://\S+|^--(?:extra-)?index-url.*|^--find-links.*", text, re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_a_hash(lock):
    requirements = pinned(lock)
    assert len(requirements) > 20
    assert [name for name, lines in requirements.items() if "--hash=sha256:" not in lines] == []


def test_everything_that_the_project_asks_for_is_locked():
    runtime, development = wanted()
    assert runtime - pinned("requirements.lock").keys() == set()
    assert development - pinned("requirements-dev.lock").keys() == set()


def test_both_locks_agree_on_what_runs():
    runtime, development = (versions(lock) for lock in LOCKS)
    assert {name: version for name, version in development.items() if name in runtime} == runtime


def versions(lock: str) -> dict[str, str]:
    """Return the version of each requirement."""
    return {name: re.search(r"==([^\s;]+)", lines)[1] for name, lines in pinned(lock).items()}
