"""Where organizations come from and where their people live: municipalities, states, languages.

A municipality is its five-digit key (INEGI): names repeat, within a state too. The catalogues lie beside this
module, made by `scripts/places.py`; each is read when it is first needed, and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from conference.domain.directory import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

_CATALOGUES = Path(__file__).parent / "catalogues"
# The first two digits of a municipality's key are its state's.
STATE_DIGITS = 2
# More places than anybody reads: who finds so many types another word of the name.
MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality of Mexico. `district` tells it from another of the same name in its state, else "".

    `formerly` is the name by which some still look for it.
    """

    key: str
    name: str
    district: str = ""
    formerly: str = ""

    @property
    def state(self) -> str:
        """The key of its state: two digits."""
        return self.key[:STATE_DIGITS]


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its ISO 639-3 code; `own_name` is what its speakers call it, where that is known."""

    code: str
    english: str
    spanish: str
    own_name: str
    family: str


def _rows(name: str) -> list[list[str]]:
    text = (_CATALOGUES / f"{name}.tsv").read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()]


@cache
def states() -> Mapping[str, str]:
    """Return the names of Mexico's 32 states by their keys of two digits."""
    return MappingProxyType({row[0]: row[1] for row in _rows("states")})


@cache
def municipalities() -> Mapping[str, Municipality]:
    """Return all municipalities by their keys, in the order of the keys."""
    return MappingProxyType({row[0]: Municipality(*row) for row in _rows("municipalities")})


@cache
def us_states() -> Mapping[str, Mapping[str, str]]:
    """Return the names of the United States' states by their codes, each in English and in Spanish."""
    return MappingProxyType({code: {"en": en, "es": es} for code, en, es in _rows("us_states")})


@cache
def languages() -> Mapping[str, Language]:
    """Return the languages of the region by their codes; families stay together."""
    return MappingProxyType({row[0]: Language(*row) for row in _rows("languages")})


def known_municipality(key: str | None) -> Municipality | None:
    """Return the municipality of a key, or None where there is none."""
    return None if key is None else municipalities().get(key)


@cache
def _searched() -> Mapping[str, tuple[str, str]]:
    """Name and everything that a search may find, folded, by key."""
    return {
        one.key: (folded(one.name), folded(f"{one.name} {one.district} {one.formerly} {one.key}"))
        for one in municipalities().values()
    }


def find_municipalities(search: str, *, state: str | None = None) -> tuple[Municipality, ...]:
    """Return those whose name, district, former name or key has every word of the search.

    However either is spelled; whose name is just that comes first, then those that begin so. An empty search
    finds none.
    """
    words = folded(search).split()
    if not words:
        return ()
    wanted = " ".join(words)
    found = [
        key
        for key, (_name, text) in _searched().items()
        if (state is None or key.startswith(state)) and all(word in text for word in words)
    ]
    found.sort(key=lambda key: (_distance(_searched()[key][0], wanted), key))
    return tuple(municipalities()[key] for key in found)


def _distance(name: str, wanted: str) -> int:
    if name == wanted:
        return 0
    return 1 if name.startswith(wanted) else 2


def meant(search: str, *, state: str | None = None) -> Municipality | None:
    """Return the municipality that a search means without a doubt: the only one found, or so named."""
    found = find_municipalities(search, state=state)
    if len(found) == 1:
        return found[0]
    exact = [one for one in found if folded(one.name) == folded(search)]
    return exact[0] if len(exact) == 1 else None


def same_place(search: str, key: str) -> bool:
    """Tell whether a search finds the municipality of the key, among others or alone."""
    return any(one.key == key for one in find_municipalities(search))
