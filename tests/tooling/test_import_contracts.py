"""The walls of the house hold: each contract is broken by the import that it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"
FORBIDDEN = [
    pytest.param(
        "agreements/__init__.py",
        "import flask",
        "Agreements know nothing of the conference or of any framework",
        id="agreements import flask",
    ),
    pytest.param(
        "agreements/__init__.py",
        "import conference.domain",
        "Agreements know nothing of the conference or of any framework",
        id="agreements import the conference",
    ),
    pytest.param(
        "conference/domain/__init__.py",
        "import sqlalchemy",
        "The domain of the conference imports no framework",
        id="domain imports sqlalchemy",
    ),
    pytest.param(
        "conference/domain/__init__.py",
        "import conference.models",
        "A floor imports only the floors below it",
        id="domain imports models",
    ),
    pytest.param(
        "conference/services/__init__.py",
        "import conference.queries",
        "A floor imports only the floors below it",
        id="services import queries beside them",
    ),
    pytest.param(
        "conference/models/__init__.py",
        "def late():\n    import conference.services",
        "A floor imports only the floors below it",
        id="models import services inside a function",
    ),
    pytest.param(
        "conference/queries/__init__.py",
        "from conference import create_app",
        "A floor imports only the floors below it",
        id="queries import the factory",
    ),
    pytest.param(
        "conference/services/__init__.py",
        "from flask import g",
        "Services, queries, models, policies and exports do not know the web",
        id="services import flask",
    ),
    pytest.param(
        "conference/exports/__init__.py",
        "import jinja2",
        "Services, queries, models, policies and exports do not know the web",
        id="exports import jinja2",
    ),
    pytest.param(
        "conference/blueprints/first_island.py",
        "import conference.blueprints.second_island",
        "Blueprints are islands",
        id="a blueprint imports another",
    ),
    pytest.param(
        "conference/attic/__init__.py",
        "",
        "A floor imports only the floors below it",
        id="a package without a floor",
    ),
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run lint-imports in a tree; whichever answer it gives."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of what the contracts speak of, with two more blueprints."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for package in ("agreements", "conference"):
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda _, names: {name for name in names if "." in name and not name.endswith(".py")},
        )
    for island in ("first_island", "second_island"):
        (tmp_path / "conference" / "blueprints" / f"{island}.py").write_text("")
    return tmp_path


def test_the_house_as_it_stands_keeps_every_contract(tree):
    answer = lint(tree)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(("module", "statement", "contract"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(tree, module, statement, contract):
    path = tree / module
    path.parent.mkdir(exist_ok=True)
    text = path.read_text() if path.exists() else ""
    path.write_text(f"{text}\n{statement}\n")

    answer = lint(tree)

    assert (answer.returncode, f"{contract} BROKEN" in answer.stdout) == (1, True), answer.stdout


@pytest.mark.parametrize(
    ("package", "allowed"),
    [("agreements", {"agreements"}), ("conference.domain", {"agreements", "conference.domain"})],
)
def test_pure_packages_import_the_standard_library_and_the_ground_alone(package, allowed):
    graph = grimp.build_graph("agreements", "conference", include_external_packages=True, cache_dir=None)
    # verify_audit.py checks signatures where it finds cryptography, and does without where it does not.
    graph.remove_import(importer="agreements.verify_audit", imported="cryptography")
    modules = {package} | graph.find_descendants(package)
    imported = set().union(*map(graph.find_modules_directly_imported_by, modules))
    foreign = {
        name
        for name in imported
        if name not in sys.stdlib_module_names
        and not any(name == known or name.startswith(f"{known}.") for known in allowed)
    }
    assert foreign == set()
