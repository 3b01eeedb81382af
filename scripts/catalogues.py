"""Bring the catalogues up to date with the code: `make catalogues`.

Entries are sorted by msgid, unwrapped and without line numbers, so that two branches which add different
strings merge calmly. English is the language of the msgids, so its catalogue fills itself; a translator
fills the others. What is no longer in the code leaves the catalogue; git remembers it.
"""

from __future__ import annotations

import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "en"
LANGUAGES = ("en", "es")
KEYWORDS: dict[str, Any] = DEFAULT_KEYWORDS | {
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def path_of(language: str, *, root: Path = ROOT) -> Path:
    """Return where the catalogue of a language lives."""
    return root / "conference" / "translations" / language / "LC_MESSAGES" / "messages.po"


def visited(folder: str) -> bool:
    """Tell whether a folder holds strings; Babel would leave out `_ui`, where half of our labels are."""
    return Path(folder).name not in {"static", "translations", "__pycache__"}


def mappings(root: Path) -> tuple[list[tuple[str, str]], dict[str, dict[str, Any]]]:
    """Read [tool.babel] of pyproject.toml: which files hold strings and how each kind is read."""
    with (root / "pyproject.toml").open("rb") as file:
        entries = tomllib.load(file)["tool"]["babel"]["mappings"]
    methods = [(entry["pattern"], entry["method"]) for entry in entries]
    options = {
        entry["pattern"]: {key: str(value).lower() for key, value in entry.items()} for entry in entries
    }
    return methods, options


def template(*, root: Path = ROOT) -> Catalog:
    """Return every translatable string of the code as a catalogue without translations."""
    methods, options = mappings(root)
    catalogue = Catalog(project="Asamblea", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        root / "conference",
        methods,
        options,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=visited,
    )
    for filename, line, message, comments, context in found:
        catalogue.add(message, None, [(filename, line)], auto_comments=comments, context=context)
    return catalogue


def read(language: str, *, root: Path = ROOT) -> Catalog:
    """Read the catalogue of a language; an empty one where there is none yet."""
    path = path_of(language, root=root)
    if not path.exists():
        return fresh(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def fresh(language: str) -> Catalog:
    """Return an empty catalogue whose header says only what we know."""
    return Catalog(
        locale=language,
        project="Asamblea",
        version="1",
        header_comment=f"# Asamblea in its language {language!r}. AGPL-3.0-or-later.",
        msgid_bugs_address="see CONTRIBUTING.md",
        last_translator="Asamblea",
        language_team="Asamblea",
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        revision_date=datetime(2026, 1, 1, tzinfo=UTC),
        charset="utf-8",
        fuzzy=False,
    )


def entries(catalogue: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue without its header."""
    return (message for message in catalogue if message.id)


def fill_from_source(catalogue: Catalog) -> None:
    """Say in English what the code says."""
    for message in entries(catalogue):
        message.string = message.id


def update(language: str, *, root: Path = ROOT) -> Catalog:
    """Bring one catalogue up to date with the code and write it."""
    catalogue = read(language, root=root)
    # The date of extraction would be a conflict in every merge.
    catalogue.update(template(root=root), no_fuzzy_matching=True, update_creation_date=False)
    if language == SOURCE:
        fill_from_source(catalogue)
    write(catalogue, path_of(language, root=root))
    return catalogue


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue in the one form that all of ours have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)


def empty(message: Message) -> bool:
    """Tell whether a message, or one of its plural forms, waits for a translator."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return not all(forms)


def main() -> int:
    """Update every catalogue and say how much each one lacks."""
    for language in LANGUAGES:
        catalogue = update(language)
        waiting = sum(map(empty, entries(catalogue)))
        print(f"{language}: {len(catalogue)} messages, {waiting} to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
