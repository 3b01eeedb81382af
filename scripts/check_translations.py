"""Fail when a catalogue does not say everything that the code says: part of `make check`.

Nothing missing, empty, fuzzy or obsolete; the same placeholders on both sides; every plural form there.
A Spanish text equal to the English one is a leftover, unless a translator's comment above it says
`# same in Spanish` (names, loan words).
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from catalogues import LANGUAGES, SOURCE, empty, entries, read, template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages import Catalog, Message

SAME = "same in Spanish"
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}")


def placeholders(text: str) -> frozenset[str]:
    """Return the names of what is filled into a text."""
    return frozenset(match.group() for match in PLACEHOLDER.finditer(text))


def forms(value: object) -> tuple[str, ...]:
    """Return a text as its plural forms; a text without them is its own only form."""
    return tuple(value) if isinstance(value, (tuple, list)) else (str(value or ""),)


def shown(message: Message) -> str:
    """Return the beginning of a message, as a person finds it in the file."""
    return repr(forms(message.id)[0][:90])


def in_words(text: str) -> bool:
    """Tell whether anything is left to translate once the placeholders are gone."""
    return any(character.isalpha() for character in PLACEHOLDER.sub("", text))


def key(message: Message) -> tuple[str | None, str]:
    """Return what makes a message the same one in two catalogues."""
    return message.context, forms(message.id)[0]


def faults_of(message: Message, catalogue: Catalog, language: str) -> Iterator[str]:
    """Yield what is wrong with one translation."""
    if message.fuzzy:
        yield "fuzzy"
    if empty(message):
        yield "empty"
        return
    translated = forms(message.string)
    if len(forms(message.id)) > 1 and len(translated) != catalogue.num_plurals:
        yield f"has {len(translated)} plural forms instead of {catalogue.num_plurals}"
    legal = {placeholders(form) for form in forms(message.id)}
    for form in translated:
        if placeholders(form) not in legal:
            yield f"placeholders differ in {form[:90]!r}"
    if language == SOURCE or SAME in " ".join(message.user_comments):
        return
    if translated[0] == forms(message.id)[0] and in_words(translated[0]):
        yield f"left in English (if it must be so: a comment `# {SAME}` above it)"


def faults(language: str, wanted: Catalog) -> Iterator[str]:
    """Yield what a catalogue lacks, has too much of, or has wrong; one line each."""
    catalogue = read(language)
    here = {key(message): message for message in entries(catalogue)}
    there = {key(message): message for message in entries(wanted)}
    for missing in there.keys() - here.keys():
        yield f"{shown(there[missing])}: missing; run `make catalogues`"
    for superfluous in here.keys() - there.keys():
        yield f"{shown(here[superfluous])}: no longer in the code; run `make catalogues`"
    for message in catalogue.obsolete.values():
        yield f"{shown(message)}: obsolete; run `make catalogues`"
    for name in here.keys() & there.keys():
        yield from (f"{shown(here[name])}: {fault}" for fault in faults_of(here[name], catalogue, language))


def main() -> int:
    """Print every fault of every catalogue; 1 when there is one."""
    wanted = template()
    found = [f"{language}: {fault}" for language in LANGUAGES for fault in sorted(faults(language, wanted))]
    print("\n".join(found) or f"{len(wanted)} messages, complete in {' and '.join(LANGUAGES)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
