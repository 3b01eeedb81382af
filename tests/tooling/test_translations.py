"""The check of the translations finds each way in which a catalogue can fall short."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CODE = """
from flask_babel import gettext as _, lazy_gettext, ngettext

def greet(name, count):
    return _("Good morning, %(name)s", name=name), lazy_gettext("Program"), _("Club Mixteco")

def counted(count):
    return ngettext("%(num)s delegate", "%(num)s delegates", count)
"""
TEMPLATE = """{% trans %}
  Two lines
  are one.
{% endtrans %}<p>{{ _("Sign in") }}</p>"""

SPANISH = {
    "Good morning, %(name)s": "Buenos días, %(name)s",
    "Program": "Programa",
    "Two lines are one.": "Dos renglones son uno.",
    "Sign in": "Entrar",
}


@pytest.fixture
def tree(tmp_path):
    """A small project whose catalogues are complete."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    labels = tmp_path / "conference" / "templates" / "_ui"
    labels.mkdir(parents=True)
    (labels / "labels.html").write_text(TEMPLATE)
    (tmp_path / "conference" / "greeting.py").write_text(CODE)
    run(tmp_path, "catalogues")
    for english, spanish in SPANISH.items():
        change(tmp_path, f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{spanish}"')
    change(
        tmp_path,
        'msgid "Club Mixteco"\nmsgstr ""',
        '# same in Spanish\nmsgid "Club Mixteco"\nmsgstr "Club Mixteco"',
    )
    change(
        tmp_path, 'msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%(num)s delegada"\nmsgstr[1] "%(num)s delegadas"'
    )
    return tmp_path


def run(tree: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts in a tree."""
    command = [sys.executable, "-W", "error", tree / "scripts" / f"{script}.py"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def path_of(tree: Path, language: str = "es") -> Path:
    """Return the catalogue of a language."""
    return tree / "conference" / "translations" / language / "LC_MESSAGES" / "messages.po"


def change(tree: Path, old: str, new: str, *, language: str = "es") -> None:
    """Change a text in a catalogue."""
    text = path_of(tree, language).read_text()
    assert old in text
    path_of(tree, language).write_text(text.replace(old, new))


def test_complete_catalogues_pass(tree):
    answer = run(tree, "check_translations")
    assert (answer.returncode, answer.stdout) == (0, "6 messages, complete in en and es\n")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"Programa"', '""', "es: 'Program': empty"),
        ('"Programa"', '"Program"', "es: 'Program': left in English"),
        ('msgid "Program"', '#, fuzzy\nmsgid "Program"', "es: 'Program': fuzzy"),
        ('msgid "Program"\nmsgstr "Programa"\n', "", "es: 'Program': missing"),
        (
            'msgid "Program"',
            'msgid "Gone"\nmsgstr "Ido"\n\nmsgid "Program"',
            "es: 'Gone': no longer in the code",
        ),
        ('msgid "Program"', '#~ msgid "Old"\n#~ msgstr "Viejo"\n\nmsgid "Program"', "es: 'Old': obsolete"),
        ("días, %(name)s", "días, %(nombre)s", "es: 'Good morning, %(name)s': placeholders differ"),
        ('"%(num)s delegadas"', '""', "es: '%(num)s delegate': empty"),
        ('"%(num)s delegadas"', '"delegadas"', "es: '%(num)s delegate': placeholders differ"),
        ("# same in Spanish\n", "", "es: 'Club Mixteco': left in English"),
    ],
)
def test_a_fault_is_named_with_its_language_and_message(tree, old, new, fault):
    change(tree, old, new)
    answer = run(tree, "check_translations")
    assert answer.returncode == 1
    assert [line for line in answer.stdout.splitlines() if line.startswith(fault)] != [], answer.stdout


def test_english_fills_itself(tree):
    change(tree, '"Program"\nmsgstr "Program"', '"Program"\nmsgstr "Programme"', language="en")
    run(tree, "catalogues")
    assert run(tree, "check_translations").returncode == 0


def test_updating_twice_changes_nothing(tree):
    before = path_of(tree).read_text()
    run(tree, "catalogues")
    assert path_of(tree).read_text() == before


def test_a_translation_survives_that_its_string_moves(tree):
    code = tree / "conference" / "greeting.py"
    (tree / "conference" / "elsewhere.py").write_text(code.read_text())
    code.unlink()
    before = path_of(tree).read_text()
    run(tree, "catalogues")
    assert path_of(tree).read_text() == before
