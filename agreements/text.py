"""An agreement as a tree of provisions in any number of languages."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING

from agreements.canonical import canonical
from agreements.frozen import FrozenMapping
from agreements.numbering import letters, roman
from agreements.wording import normalise_body, normalise_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agreements.canonical import Json

AGREEMENT_KEY = "agreement"
"""The key of the agreement's own heading; no provision may take it."""

MAXIMUM_DEPTH = 5
"""Provisions nest five deep at most: Markdown has six levels of heading, the agreement takes one."""

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Kind(StrEnum):
    """What a provision is."""

    PREAMBLE = "preamble"
    TITLE = "title"
    ARTICLE = "article"
    CLAUSE = "clause"
    ANNEX = "annex"


class ProblemCode(StrEnum):
    """Why a text is not an agreement. The keys of `Problem.data` stand behind each code."""

    MISSING_AGREEMENT_HEADING = "missing_agreement_heading"
    REPEATED_AGREEMENT_HEADING = "repeated_agreement_heading"  # first_line
    TEXT_OUTSIDE_PROVISIONS = "text_outside_provisions"  # text
    MALFORMED_HEADING = "malformed_heading"  # heading
    BAD_KEY = "bad_key"  # key
    DUPLICATE_KEY = "duplicate_key"  # key, first_line (0: not read from a file)
    UNKNOWN_KIND = "unknown_kind"  # key, kind
    SKIPPED_LEVEL = "skipped_level"  # key, level, deepest
    TOO_DEEP = "too_deep"  # key, depth, maximum
    UNKNOWN_LANGUAGE = "unknown_language"  # key, language
    NO_LANGUAGE = "no_language"
    REPEATED_LANGUAGE = "repeated_language"  # language


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a code, the line (from 1; 0 where no file was read), data to explain it."""

    code: ProblemCode
    line: int = 0
    data: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", FrozenMapping(self.data))


class InvalidText(ValueError):
    """The text is not an agreement; `problems` has everything that is wrong, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)


@dataclass(frozen=True, slots=True)
class Provision:
    """One node of the agreement; it keeps its key through all drafts.

    `headings` and `bodies` map a language to words and are normalised here, whatever way they came in. A
    language in either of them, even with no words, says that the provision is written in it, and is then in
    both.
    """

    key: str
    kind: Kind
    headings: Mapping[str, str]
    bodies: Mapping[str, str]
    children: tuple[Provision, ...] = ()

    def __post_init__(self) -> None:
        languages = {**self.headings, **self.bodies}
        headings = {language: normalise_heading(self.headings.get(language, "")) for language in languages}
        bodies = {language: normalise_body(self.bodies.get(language, "")) for language in languages}
        object.__setattr__(self, "kind", Kind(self.kind))
        object.__setattr__(self, "headings", FrozenMapping(headings))
        object.__setattr__(self, "bodies", FrozenMapping(bodies))
        object.__setattr__(self, "children", tuple(self.children))

    @property
    def languages(self) -> frozenset[str]:
        """The languages in which this provision is written, its children aside."""
        return frozenset(self.headings)

    def heading(self, language: str) -> str:
        """The heading in a language; empty where there is none."""
        return self.headings.get(language, "")

    def body(self, language: str) -> str:
        """The body in a language; empty where there is none."""
        return self.bodies.get(language, "")

    def text_hash(self, *languages: str) -> str:
        """SHA-256 (hex) of heading and body in these languages, in any order; without any, in all it has.

        Key, kind and children are not part of it: it changes if and only if the words do. A language in which
        the provision is missing hashes like one in which it has no words.
        """
        chosen = sorted(set(languages) or self.languages)
        return _sha256([[language, self.heading(language), self.body(language)] for language in chosen])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provision stands: its parent's key, depth (0 at the top), position among siblings, bare number.

    The number is empty for the preamble and whatever is in it.
    """

    provision: Provision
    parent_key: str | None
    depth: int
    position: int
    number: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A version of the agreement, never changed. The first language is the one others are compared with.

    `parent` is the content hash of the draft it was made from, None for the first; where a text comes from is
    no part of what it says, so neither equality nor `content_hash` looks at it. Raises InvalidText for a bad
    or repeated key, for nesting deeper than MAXIMUM_DEPTH, and for words in a language that the draft does
    not have.
    """

    titles: Mapping[str, str]
    provisions: tuple[Provision, ...]
    languages: tuple[str, ...]
    parent: str | None = field(default=None, compare=False)
    _places: Mapping[str, Place] = field(init=False, repr=False, compare=False)
    _content_hash: list[str] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        titles = dict.fromkeys(self.languages, "")
        titles |= {language: normalise_heading(text) for language, text in self.titles.items()}
        object.__setattr__(self, "titles", FrozenMapping(titles))
        object.__setattr__(self, "provisions", tuple(self.provisions))
        object.__setattr__(self, "languages", tuple(self.languages))
        places = list(_lay_out(self.provisions))
        if problems := [*_language_problems(self), *_place_problems(places, self.languages)]:
            raise InvalidText(problems)
        object.__setattr__(self, "_places", {place.provision.key: place for place in places})

    def walk(self) -> Iterator[Place]:
        """Every provision in document order, with parent, depth, position and number."""
        return iter(self._places.values())

    def find(self, key: str) -> Provision | None:
        """The provision with this key."""
        place = self.place(key)
        return place.provision if place else None

    def place(self, key: str) -> Place | None:
        """Where the provision with this key stands."""
        return self._places.get(key)

    def children(self, key: str | None) -> tuple[Provision, ...]:
        """What stands directly in the provision with this key; without a key, at the top."""
        if key is None:
            return self.provisions
        provision = self.find(key)
        return provision.children if provision else ()

    def missing_languages(self, provision: Provision) -> tuple[str, ...]:
        """Languages that lack this provision, or the heading or body that another language gives it.

        While there is one, the provision cannot be put to the vote (the bilingual gate).
        """
        return tuple(language for language in self.languages if self._lacks(provision, language))

    def _lacks(self, provision: Provision, language: str) -> bool:
        return (
            language not in provision.languages
            or (any(provision.headings.values()) and not provision.heading(language))
            or (any(provision.bodies.values()) and not provision.body(language))
        )

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of canonical JSON of everything; drafts are equal if and only if their hashes are."""
        if not self._content_hash:  # computed once: a draft never changes
            content: Json = {
                "format": "agreement-1",
                "languages": list(self.languages),
                "provisions": [provision_content(provision) for provision in self.provisions],
                "titles": dict(self.titles),
            }
            self._content_hash.append(_sha256(content))
        return self._content_hash[0]


def provision_content(provision: Provision) -> dict[str, Json]:
    """A provision and whatever is in it as JSON: what hashes are made of, and what files hold."""
    return {
        "bodies": dict(provision.bodies),
        "children": [provision_content(child) for child in provision.children],
        "headings": dict(provision.headings),
        "key": provision.key,
        "kind": provision.kind.value,
    }


def numbers(draft: Draft) -> Mapping[str, str]:
    """The bare number of every provision by key, computed from its place.

    Articles 1, 2, 3 through the whole agreement; clauses 1.1 in their article, A.1 in their annex; a clause
    outside both counts as an article; titles I, II; annexes A, B; "" for the preamble and whatever is in it.
    """
    return {place.provision.key: place.number for place in draft.walk()}


def valid_key(key: str) -> bool:
    """Lower-case letters a–z, digits and single hyphens between them; not the agreement's own key."""
    return bool(_KEY.fullmatch(key)) and key != AGREEMENT_KEY


class _Numbering:
    """Counts what is counted through the whole agreement; titles and clauses count within their parent."""

    def __init__(self) -> None:
        self.articles = count(1)
        self.annexes = count(1)

    def lay_out(self, siblings: Iterable[Provision], parent: Place | None) -> Iterator[Place]:
        titles, clauses = count(1), count(1)
        for position, provision in enumerate(siblings):
            number = self._number(provision.kind, parent, titles, clauses)
            parent_key, depth = (parent.provision.key, parent.depth + 1) if parent else (None, 0)
            place = Place(provision, parent_key, depth, position, number)
            yield place
            yield from self.lay_out(provision.children, place)

    def _number(self, kind: Kind, parent: Place | None, titles: count[int], clauses: count[int]) -> str:
        if kind is Kind.PREAMBLE or (parent and not parent.number):
            return ""
        if kind is Kind.TITLE:
            return roman(next(titles))
        if kind is Kind.ANNEX:
            return letters(next(self.annexes)).upper()
        if kind is Kind.CLAUSE and parent and parent.provision.kind is not Kind.TITLE:
            return f"{parent.number}.{next(clauses)}"
        return str(next(self.articles))


def _lay_out(provisions: Iterable[Provision]) -> Iterator[Place]:
    return _Numbering().lay_out(provisions, None)


def _language_problems(draft: Draft) -> Iterator[Problem]:
    if not draft.languages:
        yield Problem(ProblemCode.NO_LANGUAGE)
    for language in sorted({one for one in draft.languages if draft.languages.count(one) > 1}):
        yield Problem(ProblemCode.REPEATED_LANGUAGE, data={"language": language})
    for language in sorted(set(draft.titles) - set(draft.languages)):
        yield Problem(ProblemCode.UNKNOWN_LANGUAGE, data={"key": AGREEMENT_KEY, "language": language})


def _place_problems(places: Iterable[Place], languages: tuple[str, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place in places:
        key, depth = place.provision.key, place.depth + 1
        if not valid_key(key):
            yield Problem(ProblemCode.BAD_KEY, data={"key": key})
        if key in seen:
            yield Problem(ProblemCode.DUPLICATE_KEY, data={"key": key, "first_line": 0})
        if depth > MAXIMUM_DEPTH:
            yield Problem(ProblemCode.TOO_DEEP, data={"key": key, "depth": depth, "maximum": MAXIMUM_DEPTH})
        for language in sorted(place.provision.languages - set(languages)):
            yield Problem(ProblemCode.UNKNOWN_LANGUAGE, data={"key": key, "language": language})
        seen.add(key)


def _sha256(content: Json) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()
