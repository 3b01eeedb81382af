"""Without a browser or PostgreSQL their tests skip and say why; in CI they fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Not inherited: what ties a test run to the one that starts it here.
OURS = re.compile(r"PYTEST_|ASAMBLEA_|CI$|CHROMIUM$|COV_")

LACKING = [
    pytest.param(
        "tests/tooling/test_databases.py::test_a_test_may_choose_its_database",
        {"PGSERVER_POSTGRES_VERSION": "1"},
        "no PostgreSQL: Unsupported Postgres version: 1",
        id="PostgreSQL",
    ),
    pytest.param(
        "tests/tooling/test_browser_rules.py::test_scripts_do_not_run_where_they_are_off",
        {"PATH": "/nowhere", "PLAYWRIGHT_BROWSERS_PATH": "/nowhere"},
        "no Chromium; `make test` installs one",
        id="browser",
    ),
]


def run(test: str, environment: dict[str, str]) -> str:
    """Run one test in a machine that lacks something; gives what pytest says."""
    inherited = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test]
    return subprocess.run(
        command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.parametrize(("test", "environment", "reason"), LACKING)
def test_what_is_missing_is_skipped_with_its_reason(test, environment, reason):
    said = run(test, environment)
    assert (reason in said, re.findall(r"= (.*) in ", said)) == (True, ["1 skipped"]), said


@pytest.mark.parametrize(("test", "environment", "reason"), LACKING)
def test_what_is_missing_fails_in_ci(test, environment, reason):
    said = run(test, environment | {"CI": "true"})
    assert (reason in said, re.findall(r"= (.*) in ", said)) == (True, ["1 error"]), said
